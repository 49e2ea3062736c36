"""From frames to what the page says: signs, blanks, the crossing, the ticks, the names of files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from depr.errors import Refused
from depr.report.context import IssuerReport, index_context, issuer_context, page_name
from depr.report.facts import Facts
from depr.report.format import Figure
from depr.report.tables import Row, Table
from depr.report.words import Words


def row(table: Table, label: str) -> Row:
    """The line with this label."""

    def words(value: Any) -> str:
        return value.text % dict(value.values) if isinstance(value, Words) else str(value)

    found = [line for line in table.rows if words(line.label) == label]
    assert len(found) == 1, label
    return found[0]


def said(label: Any) -> str:
    """A label in English."""
    return label.text % dict(label.values) if isinstance(label, Words) else str(label)


def millions(cell: Figure) -> int:
    """A figure of a table as a number."""
    return 0 if cell.zero else int(cell.digits.replace(",", "")) * (-1 if cell.negative else 1)


def test_a_loss_has_a_change_and_no_compression(loss: IssuerReport) -> None:
    context = issuer_context(loss)
    table = context["tables"]["eps"]
    groups = [None if g.label is None else g.label.text for g in table.groups]
    assert groups == [None, "Change from reported", "Weighted shares, millions"]
    assert any("a percentage of a loss" in note.text for note in table.notes)
    assert row(table, "As reported").cells[-1].negative


def test_missing_statements_leave_blanks_and_keep_the_understatement(loss: IssuerReport) -> None:
    line = issuer_context(loss)["tables"]["quarters"].groups[1].rows[0]
    assert [cell.missing for cell in line.cells] == [True, False, False, False, True, True, True, True, True, True]
    assert line.has_gap


def test_the_path_foots_and_ends_at_nothing(profit: IssuerReport) -> None:
    facts, table = Facts(profit), issuer_context(profit)["tables"]["path"]
    assert facts.cumulative[-1] == 0
    assert facts.path_years[0] == 2022
    assert facts.path_years[-1] > facts.years[-1]
    assert row(table, "Understatement").ticks == ("F", "T")
    assert row(table, "Cumulative").cells[-1].zero


def test_the_crossing_is_the_quarter_after_the_peak(profit: IssuerReport) -> None:
    facts = Facts(profit)
    assert facts.crossing is not None
    place = facts.path_quarters.index(facts.crossing)
    assert facts.cumulative[place - 1] == max(facts.cumulative)
    assert facts.cumulative[place] < facts.cumulative[place - 1]
    assert facts.data_end == (2026, 1)


def test_a_tick_goes_when_its_check_fails(profit: IssuerReport) -> None:
    wrong = profit.restated.with_columns(pl.col("net_income_restated_minor") + 1)
    context = issuer_context(replace(profit, restated=wrong))
    of_focus = context["tables"]["bridge"].groups[1].rows
    assert [line.ticks for line in of_focus if said(line.label) == "Net income, restated"] == [()]
    assert {tally.tick: tally.failed > 0 for tally in context["checks"]} == {
        "E": False,
        "F": False,
        "R": True,
        "T": False,
        "Y": False,
    }


def test_every_tick_ran(profit: IssuerReport) -> None:
    context = issuer_context(profit)
    assert all(tally.ran > 0 and tally.failed == 0 for tally in context["checks"])
    used = {tick for table in context["tables"].values() for tick in table.ticks}
    assert used == {tally.tick for tally in context["checks"]}


def test_names_of_generations_and_one_decimal_for_small_issuers(loss: IssuerReport) -> None:
    context = issuer_context(replace(loss, generation_names={"H100": "NVIDIA H100"}))
    assert row(context["tables"]["path"], "NVIDIA H100").cells
    assert context["money"].places == 1


def test_books_keep_their_dates(profit: IssuerReport) -> None:
    books = issuer_context(profit)["books"]
    assert [policy.years for policy in books[0].policies] == ["4", "5", "5.5"]
    assert [book.title for book in books[1:]] == ["6-year life", "3-year life", "1-year life"]


def test_index_adds_what_adds_up(profit: IssuerReport, loss: IssuerReport) -> None:
    context = index_context([profit, loss])
    for table in context["tables"]:
        *lines, total = table.rows
        assert [cell.empty for cell in total.cells] == [False] * 4 + [True] * 4 + [False] * 2
        for place in (0, 1, 2, 3, 8, 9):
            own = [millions(line.cells[place]) for line in lines]
            assert abs(sum(own) - millions(total.cells[place])) <= len(lines)  # each is rounded once
    other = replace(loss, issuer={**loss.issuer, "currency": "EUR"})
    mixed = index_context([profit, other])
    assert [len(table.rows) for table in mixed["tables"]] == [2, 2, 2]
    assert "Loss Cloud, FY2025, EUR" in [said(row.label) for row in mixed["tables"][0].rows]


def test_nothing_to_report_is_refused(profit: IssuerReport) -> None:
    with pytest.raises(Refused, match="nothing to report for Harbour Compute"):
        issuer_context(replace(profit, restated=profit.restated.clear()))
    with pytest.raises(Refused, match="no issuer to compare"):
        index_context([])


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "\u202e", "", "x" * 300, "CON:", "a\x00b", ".."])
def test_file_names_stay_in_their_folder(name: str) -> None:
    page = page_name({"id": name})
    assert "/" not in page
    assert page.strip("abcdefghijklmnopqrstuvwxyz0123456789-") == "."
    assert len(page) < 64


def test_file_names_of_different_ids_differ() -> None:
    assert page_name({"id": "META"}) == "meta.html"
    assert page_name({"id": "Me/Ta"}).startswith("me-ta-")
    assert page_name({"id": "?!"}).startswith("issuer-")
    assert len({page_name({"id": name}) for name in ("META", "me/ta", "me-ta", "me:ta")}) == 4
