"""The index: effects in percent with their ranges on one scale, in order, on one calendar; who is missing and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser

from depr.report import standing
from depr.report.build import render_index
from depr.report.charts import Path as Line
from depr.report.charts import Picture
from depr.report.context import IssuerReport, index_context, issuer_context
from depr.report.facts import Facts
from depr.report.language import Language
from depr.report.standing import Plot, Standing
from depr.report.words import Label

EPS, AFTER = "eps_diluted_reported_micro", "eps_diluted_restated_micro"


def said(label: Label) -> str:
    """A label in English."""
    return str(Language(None, "US$").say(label).unescape()).replace("\u00a0", " ")


def plots(*reports: IssuerReport) -> dict[str, Plot]:
    """The plots of an index by their name."""
    return {plot.id: plot for plot in index_context(reports)["plots"]}


def rows(plot: Plot) -> dict[str, Standing]:
    """The rows by issuer."""
    return {said(row.name): row for row in plot.rows}


def fall(report: IssuerReport, book: str, bound: str = "mid") -> Fraction:
    """The fall of earnings per share of the last fiscal year, in percent."""
    own = report.restated.filter(book=book, bound=bound, period_type="FY", fiscal_year=2025)
    return Fraction(100 * (own[EPS].item() - own[AFTER].item()), own[EPS].item())


def smaller(report: IssuerReport) -> IssuerReport:
    """The same issuer under another name with a tenth of the fleet's effect."""
    less = pl.col(EPS) - (pl.col(EPS) - pl.col(AFTER)) // 10
    issuer = {**report.issuer, "id": "TENT", "name": "Tenth"}
    return replace(report, issuer=issuer, restated=report.restated.with_columns(less.alias(AFTER)))


def test_effects_are_what_the_frames_give(profit: IssuerReport) -> None:
    plot = plots(profit)["fiscal"]
    row = rows(plot)["Harbour Compute"]
    falls = [round(fall(profit, f"life-{n}y") * 10) for n in (6, 3, 1)]
    expected = [f"({-tenths / 10:.1f})" if tenths < 0 else f"{tenths / 10:.1f}" for tenths in falls]
    assert [str(cell) for cell in row.effects] == expected
    assert (said(row.own_life), said(row.ended)) == ("5.5 years", "Dec 2025")
    assert str(row.priced) == str(round(Fraction(98_400_000, 1_004_888)))


def test_ranges_are_the_ends_of_all_readings(profit: IssuerReport) -> None:
    facts = Facts(profit)
    for life in facts.lives:
        readings = [fall(profit, life.book, bound) * 10_000 for bound in ("mid", "low", "high")]
        own = standing.per_share(facts, life)
        assert own == (round(readings[0]), round(min(readings)), round(max(readings)))


def test_the_greatest_fall_comes_first_and_a_loss_says_what_it_is(profit: IssuerReport, loss: IssuerReport) -> None:
    plot = plots(loss, smaller(profit), profit)["fiscal"]
    assert [said(row.name) for row in plot.rows] == [
        "Harbour Compute",
        "Tenth",
        "Loss Cloud",
        "Peer Compute",
        "Twin Cloud",
    ]
    last = rows(plot)["Loss Cloud"]
    assert last.picture is None
    assert said(last.note) == "If Loss Cloud’s GPUs last three years, the FY2025 loss is $3.76 a share, not $0.37"
    assert not [cell for cell in last.effects if not cell.missing]


def test_who_is_not_in_the_ledger_is_named_with_the_life_it_uses(profit: IssuerReport) -> None:
    row = rows(plots(profit)["fiscal"])["Peer Compute"]
    assert (row.page, said(row.own_life)) == ("", "four years")
    assert said(row.note) == "No purchase of it is in the ledger, so nothing can be restated."


def ranges(picture: Picture) -> list[tuple[float, float]]:
    """The ends of the ranges of a row."""
    drawn = [mark.d for mark in picture.marks if isinstance(mark, Line) and mark.css == "range"]
    ends = [[float(part.split()[0]) for part in d[1:].split("L")] for d in drawn]
    return [(min(own), max(own)) for own in ends]


def test_all_rows_are_on_one_scale(profit: IssuerReport) -> None:
    """A tenth of the effect is a tenth of the distance from zero, to the tenth of a unit that is drawn."""
    plot = plots(profit, smaller(profit))["fiscal"]
    whole, tenth = (rows(plot)[name].picture for name in ("Harbour Compute", "Tenth"))
    assert whole
    assert tenth
    [zero] = {mark.d for mark in whole.marks if isinstance(mark, Line) and mark.css == "base"}
    nought = float(zero[1:].split()[0])
    for (_, far), (_, near) in zip(ranges(whole), ranges(tenth), strict=True):
        assert abs((far - nought) / 10 - (near - nought)) <= 0.2


def test_one_calendar(profit: IssuerReport, loss: IssuerReport) -> None:
    """Years that end in December and June meet in the last quarter that both have; net income is of those four."""
    turned = loss.restated.with_columns(pl.col("net_income_reported_minor").abs() * 1000)
    gain = replace(
        loss, restated=turned.with_columns(net_income_restated_minor=pl.col("net_income_reported_minor") // 2)
    )
    plot = plots(profit, gain)["calendar"]
    assert said(plot.caption) == "The same twelve months, to about Jun 2025"
    assert {said(row.ended) for row in plot.rows if row.page} == {"Jun 2025"}
    own = profit.restated.filter(period_type="Q", bound="mid", book="life-3y")
    four = own.filter(pl.col("period_end").is_between(dt.date(2024, 7, 1), dt.date(2025, 6, 30)))
    before, after = (int(four[f"net_income_{kind}_minor"].sum()) for kind in ("reported", "restated"))
    assert len(four) == 4
    shown = rows(plot)["Harbour Compute"].effects[1]
    assert str(shown) == f"{round(Fraction(1000 * (before - after), before)) / 10:.1f}"
    assert str(rows(plot)["Loss Cloud"].effects[1]) == "50.0"


def test_a_quarter_that_is_not_sourced_has_no_effect(profit: IssuerReport) -> None:
    gone = pl.when(pl.col("fiscal_quarter") == 3).then(None).otherwise(pl.col("net_income_restated_minor"))
    blank = replace(profit, restated=profit.restated.with_columns(net_income_restated_minor=gone))
    row = rows(plots(blank)["calendar"])["Harbour Compute"]
    assert row.picture is None
    assert "a percentage of it would say nothing" in said(row.note)


def with_effect(report: IssuerReport, name: str, share: int) -> IssuerReport:
    """An issuer of whose earnings per share so many hundredths fall away, under every life."""
    changed = pl.col(EPS) - pl.col(EPS) * share // 100
    issuer = {**report.issuer, "id": name, "name": name}
    return replace(report, issuer=issuer, restated=report.restated.with_columns(changed.alias(AFTER)))


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ((10, 5), "If GPUs last three years, earnings fall 5.0% to 10.0%; 33% to 33% of depreciation modelled"),
        ((-10, -5), "If GPUs last three years, earnings rise 5.0% to 10.0%; 33% to 33% of depreciation modelled"),
        (
            (-10, 5),
            "If GPUs last three years, earnings rise 10.0% or fall up to 5.0%; 33% to 33% of depreciation modelled",
        ),
        ((10,), "If GPUs last three years, A0’s earnings fall 10.0%; 33% of depreciation modelled"),
        ((-10,), "If GPUs last three years, A0’s earnings rise 10.0%; 33% of depreciation modelled"),
    ],
)
def test_the_headline_carries_what_is_modelled(profit: IssuerReport, shares: tuple[int, ...], text: str) -> None:
    third = profit.restated.with_columns(coverage_ppm=pl.lit(330_000))
    made = [with_effect(replace(profit, restated=third), f"A{n}", share) for n, share in enumerate(shares)]
    assert said(index_context(made)["headline"]) == text


def test_nothing_but_losses_has_a_headline_too(loss: IssuerReport) -> None:
    assert said(index_context([loss])["headline"]) == "If GPUs last three years: what changes at each issuer"


def test_each_life_has_a_table_with_its_own_total(profit: IssuerReport) -> None:
    context = index_context([profit, smaller(profit)])
    assert len(context["tables"]) == 3
    assert len({table.id for table in context["tables"]}) == 3
    for table, years in zip(context["tables"], ("6", "3", "1"), strict=True):
        assert said(table.caption) == f"Every issuer under a {years}-year life"
        assert said(table.rows[-1].label) == f"All, {years}-year life"
        assert said(table.notes[-1]) == "The total adds fiscal years that end on 31 December 2025."


def test_an_issuers_page_is_linked_and_links_back(
    profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    html = render_index([profit, loss], tmp_path, templates).read_text("utf-8")
    assert html.count('href="harb.html"') == html.count('href="loss.html"') == 5
    assert issuer_context(profit)["screen"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_marks_stand_under_their_ticks(
    chromium: Browser, profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path, width: int
) -> None:
    """The axis in the head and the rows are drawn to one width, so that zero is over zero."""
    path = render_index([profit, smaller(profit), loss], tmp_path, templates)
    with chromium.new_page(viewport={"width": width, "height": 800}) as page:
        page.goto(path.as_uri())
        wide = page.evaluate("[...document.querySelectorAll('#fiscal svg.chart')].map(s => s.getBoundingClientRect())")
        assert len(wide) == 3
        assert max(own["x"] for own in wide) - min(own["x"] for own in wide) <= 0.5
        assert max(own["width"] for own in wide) - min(own["width"] for own in wide) <= 0.5
