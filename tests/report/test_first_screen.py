"""The words of the first screen: every amount, percentage and range of it, worked out again from the frames."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from depr.report.build import render_issuer
from depr.report.context import IssuerReport

BILLION = 10**11  # cents


def screen(report: IssuerReport, templates: Path, folder: Path) -> str:
    """What a person reads before the contents."""
    html = render_issuer(report, folder, templates).read_text("utf-8")
    start = html.index("</h2>", html.index('id="highlights"'))
    bare = re.sub(r"<svg.*?</svg>|</?b>", "", html[start : html.index("<nav", start)], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", bare)).split())


def column(report: IssuerReport, name: str, bound: str = "mid", book: str = "life-3y") -> list[int]:
    """A figure of the fiscal years, in their order."""
    found = report.restated.filter(book=book, bound=bound, period_type="FY").sort("fiscal_year")[name]
    return [int(value) for value in found]


def tenths(value: Fraction) -> str:
    """Rounded to one decimal."""
    return f"{round(value * 10) / 10:.1f}"


def said(*minors: int) -> str:
    """Billions of dollars; two are a range."""
    return f"US${' to '.join(tenths(Fraction(minor, BILLION)) for minor in minors)} billion"


def test_every_figure_of_the_first_screen(profit: IssuerReport, templates: Path, tmp_path: Path) -> None:
    mid, low, high = (column(profit, "understatement_minor", bound) for bound in ("mid", "low", "high"))
    capex, gap = column(profit, "capex_minor")[-1], column(profit, "cash_gap_reported_minor")[-1]
    after = gap - mid[-1]
    eps = Fraction(column(profit, "eps_diluted_reported_micro")[-1], 10**6)
    others = {
        n: Fraction(column(profit, "eps_diluted_restated_micro", book=f"life-{n}y")[-1], 10**6) for n in (6, 3, 1)
    }
    changes = {n: (other / eps - 1) * 100 for n, other in others.items()}
    signed = {n: f"{'+' if change > 0 else '−'}{tenths(abs(change))}%" for n, change in changes.items()}
    covered = column(profit, "depreciation_modelled_minor")[-1], column(profit, "depreciation_reported_minor")[-1]
    explains = f"{round(Fraction(100 * covered[0], covered[1]))}%"
    priced = f"{tenths(Fraction(100 * 984_000, 1_004_888))}%"
    below, above = (round(Fraction(100 * abs(sum(each) - sum(mid)), sum(mid))) for each in (low, high))
    lives = "\n".join(f"{n}-year life ${float(others[n]):.2f} {signed[n]}" for n in (6, 3, 1))
    expected = f"""Against a 3-year life, depreciation reported for FY2022 to FY2025 is understated by {said(sum(mid))}
        ({said(sum(low), sum(high))}), {said(mid[-1])} ({said(low[-1], high[-1])}) of it in FY2025.
        Diluted earnings per share of ${float(eps):.2f} in FY2025 become ${float(others[6]):.2f},
        ${float(others[3]):.2f} and ${float(others[1]):.2f} under lives of 6, 3 and 1 years.
        Capital expenditure of {said(capex)} leaves a cash gap of {said(gap)} over reported depreciation and
        {said(after)} over restated. The range runs from the low to the high reading of units and prices;
        the modelled fleet explains {explains} of the depreciation (as reported), and
        {priced} of its units carry a sourced price.
        Understated {said(sum(mid))} 3-year life, FY2022 to FY2025 Range {said(sum(low), sum(high))}
        In FY2025 {said(mid[-1])} Range {said(low[-1], high[-1])}
        Diluted EPS, FY2025 ${float(eps):.2f} as reported; restated, with its change: {lives}
        Cash gap, FY2025 {said(gap)} capital expenditure less depreciation, as reported
        3-year life {said(after)} Capital expenditure {said(capex)}
        How sure −{below}% to +{above}% around the median: the low and the high reading of units and prices
        Units with a sourced price {priced} Depreciation, as reported, that the fleet explains, FY2025 {explains}"""
    assert screen(profit, templates, tmp_path) == " ".join(expected.split())


def test_a_loss_in_words(loss: IssuerReport, templates: Path, tmp_path: Path) -> None:
    """A change per share where a percentage of a loss says nothing; a loss stands in parentheses."""
    shown = screen(loss, templates, tmp_path)
    assert "per share of ($0.37) in FY2025 become $0.11, ($3.76) and ($8.17) under lives of 6, 3 and 1 years" in shown
    assert "6-year life $0.11 +0.48 3-year life ($3.76) −3.39 1-year life ($8.17) −7.79 Cash gap" in shown
    assert "cash gap of US$906 million over reported depreciation and US$634 million over restated" in shown


@pytest.mark.parametrize(
    ("before", "last", "words"),
    [
        (
            -1,
            -1,
            "is overstated by US$6.2 billion (US$4.4 to 9.0 billion), US$3.7 billion (US$2.6 to 5.3 billion) of it",
        ),
        (
            1,
            -1,
            "is overstated by US$1.2 billion (US$810 million to ",
        ),
        (2, -1, "though for FY2025 alone it is overstated by US$3.7 billion (US$2.6 to 5.3 billion)."),
        (-2, 1, "though for FY2025 alone it is understated by US$3.7 billion (US$2.6 to 5.3 billion)."),
    ],
)
def test_over_and_under(
    profit: IssuerReport, templates: Path, tmp_path: Path, before: int, last: int, words: str
) -> None:
    """The years before the last and the last one as many times what they are: 2.5 and 3.7 billion. No sign is said."""
    times = pl.when(pl.col("fiscal_year") == 2025).then(last).otherwise(before)
    turned = profit.restated.with_columns(pl.col("understatement_minor") * times)
    assert words in screen(replace(profit, restated=turned), templates, tmp_path)


def test_what_is_not_sourced_is_said(profit: IssuerReport, templates: Path, tmp_path: Path) -> None:
    blank = [f"cash_gap_{kind}_minor" for kind in ("reported", "restated")]
    some = profit.restated.with_columns(pl.lit(None, pl.Int64).alias(name) for name in ("capex_minor", *blank))
    shown = screen(replace(profit, restated=some), templates, tmp_path)
    assert "of 6, 3 and 1 years. The cash gap of FY2025 is not sourced. The range" in shown
    assert "Cash gap, FY2025 not sourced capital expenditure less depreciation 3-year life not sourced" in shown
    assert "Capital expenditure not sourced How sure" in shown
