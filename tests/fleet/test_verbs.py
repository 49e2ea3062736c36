"""What verbs pass on, refuse and say, where no command shows it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import depr
from depr.books.book import parse_book
from depr.errors import Refused
from depr.fleet.questions import write_answer
from depr.rows.asset_changes import check_story
from depr.statements import documents
from depr.statements.depreciation import depreciation_of
from tests.ledger.samples import event, foreign, ledger, lot

LOTS = [lot(), lot(lot_id="L2", cost="60000.00")]
JUDGED = [event("estimate", "2024-06-30", life_months="60")]


class GivenError(Exception):
    """What a stand-in was called with."""


@pytest.mark.parametrize("option", ["split_adjusted", "accept_breaks"])
def test_each_option_of_statements_is_passed_on_under_its_name(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stand_in(*_: Any, **given: Any) -> None:
        raise GivenError(given)

    monkeypatch.setattr(documents, "statements", stand_in)
    with pytest.raises(GivenError) as called:
        depr.read_statements("mine.csv", **{option: True})  # type: ignore[arg-type]
    [given] = called.value.args
    assert {name: given[name] for name in ("split_adjusted", "accept_breaks")} == {
        "split_adjusted": option == "split_adjusted",
        "accept_breaks": option == "accept_breaks",
    }


def test_a_head_that_is_another_is_refused(tmp_path: Path) -> None:
    fleet = depr.open(ledger(tmp_path / "f.duckdb", LOTS))
    with pytest.raises(Refused, match="0000"):
        fleet.verify("0" * 64)
    assert len(fleet.verify(fleet.verify().head).batches) == 1


def test_a_table_in_a_file_is_as_wide_as_its_words(tmp_path: Path) -> None:
    """Nobody's terminal cuts it."""
    path, words = ledger(tmp_path / "f.duckdb", LOTS), "word " * 60 + "end"
    with depr.open(path).session() as asked:
        out = write_answer(asked, f"SELECT '{words}' AS said, lot_id FROM lots", tmp_path / "a.txt", "table")
    assert words in out.read_text("utf-8")


def test_an_answer_is_no_folder(tmp_path: Path) -> None:
    words = r"is a folder\n  do: name a file with --out$"
    with depr.open(ledger(tmp_path / "f.duckdb", LOTS)).session() as asked, pytest.raises(Refused, match=words):
        write_answer(asked, "SELECT lot_id FROM lots", tmp_path, "csv")


def test_what_was_judged_before_a_change_is_not_left_out_of_it(tmp_path: Path) -> None:
    """A life estimated in June stands until the change of 2025: only what is judged from then on is left out."""
    fleet = depr.open(ledger(tmp_path / "f.duckdb", LOTS, JUDGED))
    said = {
        mode: " ".join(fleet.restate(lives=["3y"], modes=[mode], changes_on=days, years=(2024, 2025)).notes)
        for mode, days in (("as_if", []), ("prospective", [date(2025, 1, 1)]))
    }
    assert "(here 1 change of estimate)" in said["as_if"]
    assert "(here none)" in said["prospective"]


def test_parts_of_an_asset_whose_denominators_leave_62_bits_are_refused() -> None:
    parts = pl.DataFrame({"part_den": [2**31, 2**31, 3]})
    with pytest.raises(Refused, match="the parts leave 62 bits"):
        check_story(parts, 10**6, None, date(2025, 1, 1), "USD")


def test_statements_without_a_line_of_depreciation_name_none() -> None:
    rows = pl.DataFrame({"issuer": ["A", "B"], "depreciation_line": ["depreciation", None]})
    assert depreciation_of(rows) == "depreciation: depreciation"
    assert depreciation_of(rows.tail(1)) == ""


PERCENTS = ["20", "32", "19.20", "11.52", "11.52", "5.76"]
"""Property of five years, half-year convention: IRS Publication 946, table A-1."""


@pytest.mark.parametrize(
    ("told", "said"), [({"method": "macrs", "percents": PERCENTS}, True), ({"life_months": 60}, False)]
)
def test_that_tax_law_leaves_residual_values_out_is_said_where_it_does(
    told: dict[str, Any], said: bool, tmp_path: Path
) -> None:
    """Of two lots one has a residual value of its own; under macrs the whole cost is recovered."""
    fleet = depr.open(ledger(tmp_path / "f.duckdb", [lot(residual="1.00"), lot(lot_id="L2", residual="0.00")]))
    policy = {"effective": "opening", "method": "straight_line", "convention": "half_year", "source": "a test"}
    book = parse_book({"id": "t", "title": "t", "kind": "scenario", "source": "a test", "policy": [policy | told]})
    notes = " ".join(fleet.schedule(book).notes)
    assert ("no residual value under macrs, 1 left out (26 U.S.C. 168(b)(4))" in notes) == said


def test_lots_in_another_currency_than_their_issuer_are_not_restated(tmp_path: Path) -> None:
    fleet = depr.open(foreign(tmp_path / "f.duckdb", lot(), lot(lot_id="E", currency="EUR")))
    with pytest.raises(Refused, match="lots of META are in EUR, its statements in USD"):
        fleet.restate(lives=["3y"])


def test_one_life_where_several_are_compared_is_called_so(tmp_path: Path) -> None:
    """Not read letter by letter."""
    fleet = depr.open(ledger(tmp_path / "f.duckdb", LOTS))
    with pytest.raises(Refused, match="'3y' is one life"):
        fleet.restate(lives="3y")


def test_a_saved_restatement_says_a_time_only_where_one_was_asked_for(tmp_path: Path) -> None:
    fleet = depr.open(ledger(tmp_path / "f.duckdb", LOTS))
    fleet.restate(lives=["3y"], years=(2024, 2025), save="now")
    assert "--known-at" not in str(fleet.saved().rows())
    fleet.restate(lives=["3y"], years=(2024, 2025), known_at="2100-01-01T00:00+00:00", save="then")  # type: ignore[arg-type]
    assert str(fleet.saved().rows()).count("--known-at") == 1
