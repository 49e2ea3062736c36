"""What a page claims of its figures is so, on every page: readings, ticks, what was reported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from depr.report.context import IssuerReport, index_context, issuer_context
from depr.report.facts import Facts
from depr.report.tables import Table
from depr.report.words import Words


def said(label: Any) -> str:
    """A label in English."""
    return label.text % dict(label.values) if isinstance(label, Words) else str(label)


def named(table: Table, label: str) -> list[str]:
    """The figures of the line with this label."""
    [found] = [row for row in table.rows if said(row.label) == label]
    return [str(cell) for cell in found.cells]


def sums(report: IssuerReport, book: str, bound: str) -> dict[int, int]:
    """Understatement of each fiscal year by a book at one reading, from the quarters of the fleet."""
    own = report.rollup.filter(pl.col("bound") == bound).group_by("book", "fiscal_year")
    charges = {
        (book, year): minor
        for book, year, minor in own.agg(pl.col("depreciation_minor").sum()).select(pl.all()).iter_rows()
    }
    reported = str(report.reported_book["id"])
    return {year: charges[book, year] - charges[reported, year] for name, year in charges if name == book}


def test_low_and_high_are_two_whole_readings(profit: IssuerReport, loss: IssuerReport) -> None:
    """Each sums to nothing over the run-off, as every reading does; sorted cell by cell neither would."""
    for report in (profit, loss):
        facts, path = Facts(report), issuer_context(report)["tables"]["path"]
        money = issuer_context(report)["money"]
        for place, bound in enumerate(("low", "high")):
            expected = sums(report, facts.focus.book, bound)
            own = [facts.readings(facts.focus.book, (year,))[place] for year in facts.path_years]
            assert own == [expected[year] for year in facts.path_years]
            assert sum(own) == 0
            shown = named(path, f"{bound.capitalize()} reading")
            assert shown == [str(money.show(expected[year])) for year in facts.path_years]
        assert min(own) < 0 < max(own)


def exact(report: IssuerReport) -> IssuerReport:
    """The same where every cost is known."""
    return replace(
        report, restated=report.restated.filter(bound="mid"), rollup=report.rollup.filter(pl.col("bound") == "mid")
    )


def test_lots_without_bounds_are_exact(profit: IssuerReport, loss: IssuerReport) -> None:
    for report in (exact(profit), exact(loss)):
        context = issuer_context(report)
        head = context["headline"]
        assert not head.ranged
        assert (head.whole.between, head.alone.between) == (None, None)
        labels = {said(row.label) for table in context["tables"].values() for row in table.rows}
        assert not [label for label in labels if "reading" in label]
        notes = {said(note) for table in context["tables"].values() for note in table.notes}
        assert not [note for note in notes if "reading" in note]


@pytest.mark.parametrize("both", [True, False])
def test_the_index_gives_a_range_where_there_is_one(profit: IssuerReport, loss: IssuerReport, both: bool) -> None:
    context = index_context([exact(profit), exact(loss) if both else loss])
    assert (context["lead"][0].between is None) is both
    first, *_ = context["table"].groups
    assert [cell.empty for cell in first.rows[0].cells[:4]] == [False, True, True, False]
