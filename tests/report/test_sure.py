"""Below the first screen: the bridge for every life, run-off apart, what moves the finding, the screen of 5%."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.report.build import render_issuer
from depr.report.charts import Path as Line
from depr.report.charts import Rect, Text
from depr.report.context import IssuerReport, issuer_context
from depr.report.facts import Facts
from depr.report.finding import Finding
from depr.report.inputs import Beside
from depr.report.inputs import Tested as Score
from depr.report.language import Language
from depr.report.money import money_of
from depr.report.pictures import lanes, understatement
from depr.report.sure import against_disclosed, changes, share, swings, trials, within
from depr.report.words import Label

EPS = "eps_diluted_restated_micro"


def said(label: Label) -> str:
    """A label in English."""
    return str(Language(None, "US$").say(label).unescape())


def of(report: IssuerReport) -> Finding:
    """The finding of a report."""
    facts = Facts(report)
    return Finding(facts, money_of(facts))


def beside(report: IssuerReport, **other: Any) -> IssuerReport:
    """A report whose finding is set beside something else."""
    assert report.beside is not None
    return replace(report, beside=replace(report.beside, **other))


def moved(report: IssuerReport, **by: tuple[int, int]) -> IssuerReport:
    """A report with assumptions whose ends move earnings per share under three years by so many cents."""
    own = report.beside
    assert isinstance(own, Beside)
    three = own.lives.filter(life_months=36, bound="mid")
    parts = [
        three.with_columns(pl.col(EPS) + cents * 10_000, assumption=pl.lit(name), end=pl.lit(end))
        for name, ends in by.items()
        for end, cents in zip(("low", "high"), ends, strict=True)
    ]
    return beside(report, assumed=pl.concat(parts))


def test_the_bridge_has_every_life_down_to_earnings_per_share(profit: IssuerReport) -> None:
    table = issuer_context(profit)["tables"]["bridge"]
    assert [said(group.label) for group in table.groups] == ["6-year life", "3-year life", "1-year life"]
    for group in table.groups:
        lines = {said(row.label): row for row in group.rows}
        assert lines["Net income, restated"].ticks == ("R",)
        assert lines["Diluted earnings per share"].ticks == ("E",)
        assert all("E" in cell.ticks for cell in lines["Diluted earnings per share"].cells)
    assert [str(group.rows[-1 if n != 1 else -2].cells[-1]) for n, group in enumerate(table.groups)] == [
        "17.37", "12.56", "9.41",
    ]  # fmt: skip


def test_swings_are_in_order_with_the_ends_that_were_restated(profit: IssuerReport) -> None:
    """Each from the lowest to the highest of its ends and the mid reading, the widest first."""
    own = of(moved(profit, tax_rate=(-5, 30), method=(-200, -100)))
    found = swings(own)
    mid = own.under(own.facts.focus)
    assert mid is not None
    assert [said(swing.label) for swing in found] == [
        "Units and prices", "Sum of the years' digits", "Tax at the effective rate of the year",
    ]  # fmt: skip
    assert [(swing.low[0] - mid, swing.high[0] - mid) for swing in found[1:]] == [(-2_000_000, 0), (-50_000, 300_000)]
    assert [swing.width for swing in found] == sorted((swing.width for swing in found), reverse=True)


def test_a_tornado_has_a_bar_for_each_swing_through_the_finding(profit: IssuerReport) -> None:
    context = issuer_context(moved(profit, tax_rate=(-5, 30)))
    picture, table = context["charts"]["tornado"], context["tables"]["tornado"]
    bars = [mark for mark in picture.marks if isinstance(mark, Rect)]
    [rule] = [mark for mark in picture.marks if isinstance(mark, Line) and mark.css == "management"]
    x = float(rule.d[1:].split()[0])
    assert len(bars) == len(table.rows) == 2
    assert all(float(each.x) - 0.1 <= x <= float(each.x) + float(each.width) + 0.1 for each in bars)
    assert all(str(row.cells[0]) < str(row.cells[1]) for row in table.rows)


def test_shares_of_income_are_those_of_the_frames(profit: IssuerReport) -> None:
    rows = profit.restated.filter(book="life-1y", bound="mid", period_type="FY").sort("fiscal_year")
    columns = ("fiscal_year", "understatement_minor", "losses_minor", "pretax_income_reported_minor")
    expected = {year: Fraction(more + lost, income) for year, more, lost, income in rows.select(columns).iter_rows()}
    facts = Facts(profit)
    for year, ratio in expected.items():
        assert share(facts, "life-1y", year) == round(ratio * 10**6)
    assert max(expected.values()) > Fraction(1, 10)
    picture = issuer_context(profit)["charts"]["screen"]
    labels = [said(mark.label) for mark in picture.marks if isinstance(mark, Text)]
    assert {"0%", "5%", "10%"} <= set(labels)
    assert any(re.fullmatch(r"FY\d{4}: [\d.]+%", label) for label in labels), "what is beyond a tenth says by how much"


def test_run_off_is_outlined_and_generations_stand_on_one_scale(profit: IssuerReport) -> None:
    facts = Facts(profit)
    every = lanes(facts)
    assert [said(name) for name, _ in every] == ["All", *facts.generations]
    assert [sum(column) for column in zip(*(values for _, values in every[1:]), strict=True)] == list(every[0][1])
    bars = [
        mark
        for mark in understatement(facts, money_of(facts)).marks
        if isinstance(mark, Rect) and "dot" not in mark.css
    ]
    solid = [mark for mark in bars if mark.css == "bar life1"]
    known = sum(
        bool(v)
        for _, values in every
        for y, v in zip(facts.path_years, values, strict=True)
        if (y, 4) <= facts.data_end
    )
    assert len(solid) == known
    assert {mark.css for mark in bars} == {"bar life1", "bar gap"}
    values = [value for _, own in every for value in own if value]
    sizes = [
        float(mark.height) * 10**12 / abs(value)
        for mark, value in zip(bars, values, strict=True)
        if abs(value) > 10**11
    ]
    assert max(sizes) - min(sizes) <= max(sizes) / 50, "a bar is as high as its value, whatever its lane"


def test_many_generations_share_a_lane(profit: IssuerReport) -> None:
    """Sixty of them: eight lanes at most, which add up to the fleet all the same."""
    many = [
        profit.rollup.with_columns(pl.col("generation") + f"-{n}", *(pl.col(c) // 15 for c in ("depreciation_minor",)))
        for n in range(15)
    ]
    facts = Facts(replace(profit, rollup=pl.concat(many)))
    every = lanes(facts)
    assert len(facts.generations) >= 60
    assert len(every) == 9
    assert said(every[-1][0]) == "Others"
    assert [sum(column) for column in zip(*(values for _, values in every[1:]), strict=True)] == list(every[0][1])


def test_changes_of_the_life_with_their_direction(profit: IssuerReport) -> None:
    found = changes(Facts(profit))
    assert [(said(c.day), said(c.before), said(c.after)) for c in found] == [
        ("1 January 2025", "five years", "5.5 years"),
        ("1 January 2023", "four years", "five years"),
    ]
    assert {said(change.direction) for change in found} == {"longer: less is charged"}


@pytest.mark.parametrize(("days", "place"), [(1_900, "outside"), (2_200, "within")])
def test_management_among_what_is_seen(profit: IssuerReport, days: int, place: str) -> None:
    assert profit.beside is not None
    ages = tuple(replace(each, days=days) for each in profit.beside.retired)
    sentence = within(of(beside(profit, retired=ages)))
    assert sentence
    assert said(sentence).startswith(
        f"Management's 5.5 years is {place} the range of what is seen: peers use 4 to 4 years"
    )
    assert within(of(beside(profit, peers=()))) is None


PREDICTED = {
    "case_id": ["A", "B", "C"],
    "period": ["FY2021", "FY2022", "FY2023"],
    "disclosed_minor": [-10_000_000_000, 20_000_000_000, 500_000_000],
    "model_minor": [-12_000_000_000, 20_000_000_000, -500_000_000],
    "relative_error_ppm": [200_000, 0, 2_000_000],
}


def test_predictions_stand_over_what_was_disclosed(profit: IssuerReport) -> None:
    """A dot on the line where the model was right, above it where it gave too much; another sign is no dot."""
    own = beside(profit, tested=Score(3, 200_000, 0, pl.DataFrame(PREDICTED))).beside
    assert [(t.name, t.disclosed, t.model, t.error) for t in trials(own)] == [
        ("A FY2021", "(100.0)", "(120.0)", "20.0"),
        ("B FY2022", "200.0", "200.0", "—"),
        ("C FY2023", "5.0", "(5.0)", "200.0"),
    ]  # fmt: skip
    picture = against_disclosed(own)
    assert picture
    dots = [mark.d for mark in picture.marks if isinstance(mark, Line) and mark.css == "dot"]
    assert len(dots) == 2
    assert against_disclosed(beside(profit, tested=None).beside) is None


def test_no_section_is_empty(profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path) -> None:
    """What has nothing to say is left out, from the page and from its contents."""
    bare = replace(loss, assumptions=(), beside=None)
    for report, gone in ((profit, {"in-modes"}), (bare, {"in-modes", "assumptions", "screen"})):
        html = render_issuer(report, tmp_path, templates).read_text("utf-8")
        sections = set(re.findall(r'<section class="part[^"]*" id="([^"]+)"', html))
        listed = set(
            re.findall(r'<li><a href="#([^"]+)">', html[html.index('<nav class="contents"') : html.index("</nav>")])
        )
        assert sections == listed
        assert sections.isdisjoint(gone)
