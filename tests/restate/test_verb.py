"""The verb: modes and dates from outside, what is saved, what is printed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.books.modes import MODES
from depr.console.summary import shown, title
from depr.datasets import statements
from depr.errors import Refused
from depr.fleet.questions import sql
from depr.fleet.restating import restate
from tests.ledger.samples import ledger, lot

CHANGE = date(2024, 7, 1)
MADE: dict[str, Any] = {"lives": ["3y"], "years": (2024, 2025), "changes_on": [CHANGE], "modes": list(MODES)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    one = lot(lot_id="one", units="100", cost="3600000.00", purchase_date="2023-12-01", in_service_date="2024-01-01")
    return ledger(tmp_path / "fleet.duckdb", [one, one | {"lot_id": "two", "generation": "a100"}])


def test_all_modes_in_one_call(path: Path) -> None:
    [made] = restate(path, **MADE, save="all modes")
    rows = made.restated.filter(period_type="FY")
    assert {(r["mode"], r["fiscal_year"]) for r in rows.iter_rows(named=True)} == {
        (mode, year) for mode in MODES for year in (2024, 2025)
    }
    stored = sql(path, "SELECT mode, called, change_date, count(*) AS n FROM restatement GROUP BY ALL ORDER BY ALL")
    assert stored.select("mode", "called").rows() == sorted((mode.name, mode.called) for mode in MODES.values())
    assert stored["change_date"].to_list() == [None, CHANGE, CHANGE, None]
    books = sql(path, "SELECT DISTINCT book FROM books ORDER BY book")["book"].to_list()
    names = ["life-3y", f"life-3y-caught-up-{CHANGE}", f"life-3y-from-{CHANGE}"]
    assert books == sorted([*names, "meta-reported"])
    rolled = sql(path, "SELECT DISTINCT book FROM rollup")["book"]
    assert set(books) == set(rolled)


def test_the_parts_of_a_fleet(path: Path) -> None:
    [made] = restate(path, by="lot", lives=["3y"], years=(2024, 2025))
    assert set(made.parts["part"]) == {"one", "two"}
    table = shown([made], "FY", parts=True, all_columns=False)
    assert table.filter(pl.col("part") == "one", period="FY2024")["modelled_minor"].to_list() == [720_000_00]


def test_what_is_printed_says_what_it_may_be_called(path: Path) -> None:
    done = restate(path, **MADE)
    assert [line.split(":")[0] for line in title(done).splitlines()[:-1]] == sorted(MODES)
    assert title(done).splitlines()[2] == "prospective: change in accounting estimate"
    assert set(shown(done, "FY", parts=False, all_columns=False)["mode"]) == set(MODES)
    alone = restate(path, lives=["3y"], years=(2024, 2025))
    assert title(alone).startswith("As if, millions")
    assert "mode" not in shown(alone, "FY", parts=False, all_columns=False).columns
    assert "mode" in shown(alone, "FY", parts=False, all_columns=True).columns


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"modes": ["prospective"]}, "needs a change date"),
        ({"changes_on": [CHANGE]}, "knows no change date"),
        ({"modes": ["maybe"]}, "unknown mode"),
        ({"tax": "average"}, "unknown tax rate"),
        ({"by": "colour"}, "unknown group"),
    ],
)
def test_what_does_not_go_together(path: Path, options: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what):
        restate(path, lives=["3y"], **options)


def test_statements_of_ones_own(path: Path) -> None:
    [made] = restate(path, lives=["3y"], years=(2024, 2024))
    row = made.restated.filter(period_type="FY").row(0, named=True)
    own = statements().filter(issuer="META", fiscal_year=2024).with_columns(equity_minor=pl.lit(10**14))
    [again] = restate(path, lives=["3y"], statements=own)
    assert row["equity_restated_minor"] is None
    assert again.restated.filter(period_type="FY")["equity_reported_minor"].item() == 10**14
