"""The first screen: the finding in a sentence, its chart, its figures, the life that tips it, worked out again."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser

from depr import share
from depr.books.issuers import parse_issuer
from depr.intake import issuers
from depr.report.build import render_issuer
from depr.report.charts import Path as Line
from depr.report.charts import Text
from depr.report.context import IssuerReport, issuer_context
from depr.report.facts import Facts
from depr.report.finding import Finding
from depr.report.language import Language
from depr.report.money import money_of

BILLION = 10**11  # cents


def words(html: str) -> str:
    """What a person reads of a piece of a page, blanks drawn together."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<svg.*?</svg>|</?bdi>", "", html, flags=re.S))).split())


def screen(report: IssuerReport, templates: Path, folder: Path) -> str:
    """What a person reads before the contents."""
    html = render_issuer(report, folder, templates).read_text("utf-8")
    return (
        words(html[html.index('<header class="first">') : html.index("<main>")]).replace(" ;", ";").replace(" .", ".")
    )


def finding(report: IssuerReport) -> Finding:
    """What the first screen is made from."""
    facts = Facts(report)
    return Finding(facts, money_of(facts))


def said(report: IssuerReport) -> str:
    """The headline in English."""
    return str(Language(None, "US$").say(finding(report).headline).unescape())


def column(report: IssuerReport, name: str, bound: str = "mid", book: str = "life-3y") -> int:
    """A figure of the last fiscal year."""
    rows = report.restated.filter(book=book, bound=bound, period_type="FY", fiscal_year=2025)
    return int(rows[name].item())


def tenths(value: Fraction) -> str:
    """Rounded to one decimal."""
    return f"{round(value * 10) / 10:.1f}"


def billions(*minors: int) -> str:
    """Billions of dollars; two are a range."""
    return f"US${' to '.join(tenths(Fraction(minor, BILLION)) for minor in minors)} billion"


def shares(report: IssuerReport) -> dict[int, Fraction]:
    """By life in months, its charge beyond what is reported as a share of income before tax."""
    assert report.beside is not None
    rows = report.beside.lives.filter(bound="mid").select("life_months", MORE, "pretax_income_reported_minor").rows()
    return {months: Fraction(more, income) for months, more, income in rows}


def tipped(report: IssuerReport) -> tuple[int, Fraction]:
    """The longest life in months whose charge is 5% of income before tax or more; what a year less takes a share."""
    assert report.beside is not None
    reached = [months for months, share in shares(report).items() if share >= Fraction(1, 20)]
    eps = dict(report.beside.lives.filter(bound="mid").select("life_months", RESTATED).rows())
    return max(reached), Fraction(eps[max(reached)] - eps[max(reached) - 12], 10**6)


def test_every_figure_of_the_first_screen(profit: IssuerReport, templates: Path, tmp_path: Path) -> None:
    more, low, high = (column(profit, "understatement_minor", bound) for bound in ("mid", "low", "high"))
    gap = column(profit, "cash_gap_reported_minor")
    eps = Fraction(column(profit, "eps_diluted_reported_micro"), 10**6)
    one, three, six = (
        Fraction(column(profit, "eps_diluted_restated_micro", book=f"life-{n}y"), 10**6) for n in (1, 3, 6)
    )
    modelled = Fraction(
        100 * column(profit, "depreciation_modelled_minor"), column(profit, "depreciation_reported_minor")
    )
    priced = round(Fraction(98_400_000, 1_004_888))
    months, less = tipped(profit)
    life = f"{round(Fraction(months, 12) * 100) / 100:.2f}".rstrip("0").rstrip(".")
    expected = f"""HARB · FY2025, ended 31 December 2025 Analysis, not a GAAP restatement All issuers
        If Harbour Compute’s GPUs last three years, 2025 earnings are ${float(three):.2f} a share, not ${float(eps):.2f}
        Harbour Compute uses 5.5 years; six years would give ${float(six):.2f}, one year ${float(one):.2f};
        the fleet modelled is {round(modelled)}% of its depreciation.
        Diluted earnings per share by useful life, 2025.
        Dark band: range of units and prices; light band: all assumptions.
        Charge {billions(more)} more {billions(low, high)} by units and prices
        Earnings per share ${float(three):.2f} {tenths((1 - three / eps) * 100)}% less; ${float(eps):.2f} as reported
        Cash gap {billions(gap - more)} capital expenditure less depreciation; {billions(gap)} as reported
        Confidence 11% off median error of 16 backtests, nothing fitted; {priced}% of units
        priced; {round(modelled)}% of depreciation modelled
        At {life} years the effect reaches 5% of income before tax;
        the next year less takes ${float(less):.2f} a share."""
    shown = screen(profit, templates, tmp_path)
    assert shown.startswith(" ".join(expected.split()))
    assert re.search(r"\d+ figures checked; all agree ledger 5e5e5e5e5e5e all inputs [0-9a-f]{12} ", shown)
    assert shown.endswith("depr verify harb.html LEDGER")


def test_the_tipping_life_is_exact_to_the_month(profit: IssuerReport) -> None:
    """A month longer the effect is below the share, whatever the half-years beside it say."""
    months, _ = tipped(profit)
    assert shares(profit)[months] >= Fraction(1, 20) > shares(profit)[months + 1]
    assert months % 6, "the case says nothing where a half-year tips it"


def test_few_words_before_the_chart(profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path) -> None:
    for report in (profit, loss):
        html = render_issuer(report, tmp_path, templates).read_text("utf-8")
        before = words(html[html.index('<header class="first">') : html.index("<figure")])
        assert len(before.split()) <= 60
        assert len(said(report).split()) <= 16


def test_headlines_of_all_issuers_that_ship_are_short(profit: IssuerReport) -> None:
    for issuer in issuers(None).values():
        own = {"name": issuer.name, "short": issuer.short, "fiscal_year_end_month": issuer.fiscal_year_end_month}
        assert len(said(replace(profit, issuer={**profit.issuer, **own})).split()) <= 16


def moved(report: IssuerReport, **to: int | None) -> IssuerReport:
    """The last fiscal year with other figures under each life."""
    here = (pl.col("fiscal_year") == 2025) & pl.col("fiscal_quarter").is_null()
    changed = [pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in to.items()]
    return replace(report, restated=report.restated.with_columns(changed))


REPORTED, RESTATED = "eps_diluted_reported_micro", "eps_diluted_restated_micro"
MORE = "understatement_minor"
NET, NET_RESTATED = "net_income_reported_minor", "net_income_restated_minor"
SAID = (
    ({REPORTED: 23_490_000, RESTATED: 22_190_964}, "2025 earnings are $22.19 a share, not $23.49"),
    ({REPORTED: 23_490_000, RESTATED: 23_487_179}, "2025 earnings are $23.487 a share, not $23.490"),
    ({REPORTED: 23_490_000, RESTATED: 23_490_000}, "2025 earnings stay at $23.49 a share"),
    ({REPORTED: -370_000, RESTATED: -3_760_000}, "the 2025 loss is $3.76 a share, not $0.37"),
    ({REPORTED: -370_000, RESTATED: -370_000}, "the 2025 loss stays at $0.37 a share"),
    ({REPORTED: 370_000, RESTATED: -110_000}, "2025 earnings of $0.37 a share are a loss of $0.11"),
    ({REPORTED: -370_000, RESTATED: 110_000}, "the 2025 loss of $0.37 a share is a profit of $0.11"),
    ({RESTATED: None, NET: -117_000_000_000, NET_RESTATED: -274_500_000_000},
     "the 2025 net loss is US$2.7 billion, not US$1.2 billion"),
    ({RESTATED: None, NET: 117_000_000_000, NET_RESTATED: -274_500_000_000},
     "2025 net income of US$1.2 billion is a loss of US$2.7 billion"),
    ({RESTATED: None, NET_RESTATED: None, "depreciation_reported_minor": 245_400_000_000,
      "depreciation_restated_minor": 402_900_000_000}, "2025 depreciation is US$4.0 billion, not US$2.5 billion"),
    ({RESTATED: None, NET_RESTATED: None, "depreciation_reported_minor": None, MORE: 157_500_000_000},
     "2025 depreciation is US$1.6 billion more than reported"),
    ({RESTATED: None, NET_RESTATED: None, "depreciation_reported_minor": None, MORE: -157_500_000_000},
     "2025 depreciation is US$1.6 billion less than reported"),
)  # fmt: skip


@pytest.mark.parametrize(("figures", "end"), SAID)
def test_the_finding_in_words(profit: IssuerReport, figures: dict[str, int | None], end: str) -> None:
    """Conditional in every case, whatever is known: of a scenario nothing is said to be understated."""
    shown = said(moved(profit, **figures)).replace("\u00a0", " ")
    assert shown == f"If Harbour Compute’s GPUs last three years, {end}"


def test_a_fiscal_year_that_is_not_the_calendars_is_called_so(loss: IssuerReport) -> None:
    assert said(loss) == "If Loss Cloud’s GPUs last three years, the FY2025 loss is $3.76 a share, not $0.37"


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({"pretax_income_reported_minor": None}, "Income before tax of 2025 is not sourced, so no life can be said to"),
        (
            {"pretax_income_reported_minor": -1},
            "Income before tax of 2025 is a loss, of which a share would say nothing.",
        ),
        (
            {"pretax_income_reported_minor": 10**17},
            "At no life from one to ten years does the effect reach 5% of income",
        ),
        ({"cash_gap_reported_minor": None}, "Cash gap not sourced capital expenditure less depreciation Confidence"),
        ({"coverage_ppm": None}, "one year $9.41. Diluted"),
    ],
)
def test_what_cannot_be_said_is_said_to_be_so(
    profit: IssuerReport, templates: Path, tmp_path: Path, figures: dict[str, Any], text: str
) -> None:
    assert text in screen(moved(profit, **figures), templates, tmp_path)


def test_nothing_is_said_to_be_understated(
    profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    for report in (profit, loss):
        assert "understated" not in screen(report, templates, tmp_path)


def test_the_curve_goes_through_what_the_engine_restated(profit: IssuerReport) -> None:
    """Every point of the line is a life that was restated; labels give the cents of the lives compared."""
    assert profit.beside is not None
    own = finding(profit)
    mid = profit.beside.lives.filter(bound="mid").select("life_months", RESTATED).sort("life_months").rows()
    assert [(point.months, point.mid) for point in own.points] == mid
    picture = issuer_context(profit)["screen"].picture
    [line] = [mark for mark in picture.marks if isinstance(mark, Line) and mark.css == "running"]
    assert line.d.count("L") == len(mid) - 1
    labels = [str(Language(None, "US$").say(mark.label)) for mark in picture.marks if isinstance(mark, Text)]
    for text in ("six years $17.37", "three years $12.56", "one year $9.41", "Harbour Compute: 5.5 years", "PEER TWIN"):
        assert text in labels


def test_ranges_hold_the_line(profit: IssuerReport) -> None:
    for point in finding(profit).points:
        assert point.low <= point.mid <= point.high
        if point.months % 12 == 0:
            assert point.widest
            assert point.widest[0] == point.low - 4_000_000
            assert point.widest[1] == point.high + 4_000_000


def test_without_other_lives_the_chart_holds_those_of_the_page(
    profit: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    alone = replace(profit, beside=None)
    assert [point.months for point in finding(alone).points] == [12, 36, 72]
    picture = issuer_context(alone)["screen"].picture
    assert not [mark for mark in picture.marks if isinstance(mark, Line) and mark.css in ("running", "band-dark")]
    assert "Other lives were not restated for this page." in screen(alone, templates, tmp_path)


@pytest.mark.browser
def test_the_first_screen_fits_a_laptop(
    chromium: Browser, profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    """Everything up to the evidence is on a screen of 1280 by 800; the chart takes three fifths of the width."""
    with chromium.new_page(viewport={"width": 1280, "height": 800}) as page:
        for report in (profit, loss):
            page.goto(render_issuer(report, tmp_path, templates).as_uri())
            assert page.evaluate("document.querySelector('.strip').getBoundingClientRect().bottom") <= 800
            wide = page.evaluate(
                "['figure', '.finding'].map(n => document.querySelector(n).getBoundingClientRect().width)"
            )
            assert 0.55 <= wide[0] / wide[1] <= 0.65


def test_a_short_name_is_of_the_issuer() -> None:
    document = tomllib.loads(share.find("issuers", "meta").read_text("utf-8"))
    assert parse_issuer(document).short == "Meta"
