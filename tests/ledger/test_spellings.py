"""A ledger whose ids were recorded as they were typed: what looks the same is one lot for all that comes later."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import polars as pl
import pytest

from depr.contract import Entries
from depr.fleet.facts import init
from depr.fleet.questions import sql
from depr.ledger.store import Ledger
from tests.command import run
from tests.daily import sampled
from tests.ledger.samples import RECORDED, event, lot, read, write

SPELLINGS = ("cafe\u0301-1", "\uff43\uff41\uff46\u00e9-1", "caf\u00e9-\u2460", "caf\u00e9\u200b-1", " caf\u00e9-1")
ONE = "caf\u00e9-1"
"""The id that all of them spell."""


def recorded(path: Path, *ids: str) -> Path:
    """A ledger in which ids stand as they are given."""
    init(path)
    for number, name in enumerate(ids):
        file = path.with_name(f"old-{number}.csv")
        taken = read(file, lot(lot_id=f"plain-{number}"))
        entries = taken.entries.with_columns(lot_id=pl.lit(name))
        with Ledger.open(path, read_only=False) as opened:
            opened.record(taken.file, taken.sha256, Entries.cast(entries), RECORDED, read=taken.read, source=file)
    return path


def ids(path: Path) -> list[str]:
    """The lots that there are."""
    return [str(name) for name in sql(path, "SELECT lot_id FROM lots ORDER BY 1")["lot_id"]]


@pytest.mark.parametrize(("new", "old"), sampled(product([ONE, SPELLINGS[1]], SPELLINGS), 3))
def test_a_purchase_in_another_spelling_is_a_duplicate_or_a_conflict(new: str, old: str, tmp_path: Path) -> None:
    path = recorded(tmp_path / "fleet.duckdb", old)
    write(tmp_path / "same.csv", lot(lot_id=new))
    write(tmp_path / "other.csv", lot(lot_id=new, cost="7.00"))
    same, other = (run(tmp_path, "import", path.name, name) for name in ("same.csv", "other.csv"))
    assert (same.code, other.code) == (0, 1), (same, other)
    assert "is in the ledger with other content" in other.err
    assert ids(path) == [old]


@pytest.mark.parametrize("old", sampled(SPELLINGS, 2))
def test_an_event_in_another_spelling_is_of_the_same_lot(old: str, tmp_path: Path) -> None:
    path = recorded(tmp_path / "fleet.duckdb", old)
    write(tmp_path / "told.csv", event("impairment", "2024-06-30", lot_id=ONE, amount="1.00", currency="USD"))
    assert run(tmp_path, "import", path.name, "told.csv").code == 0
    done = run(tmp_path, "record", path.name, "transfer", ONE, "2024-05-01", "--location", "x")
    assert done.code == 0, done
    assert ids(path) == [old]
    assert run(tmp_path, "verify", path.name).code == 0


def test_two_lots_of_one_id_are_told_apart_by_no_file(tmp_path: Path) -> None:
    path = recorded(tmp_path / "fleet.duckdb", ONE)
    with Ledger.open(path, read_only=False) as opened:  # as a version that compared bytes has left it
        opened.connection.execute(
            f"INSERT INTO events BY NAME SELECT * REPLACE ('{SPELLINGS[0]}' AS lot_id, seq + 10 AS seq) FROM events"
        ).fetchall()
        told = read(tmp_path / "more.csv", lot(lot_id=ONE, cost="7.00"))
        sorted_out = opened.sort_out(told.file, told.entries, read=1, partial=True)
    assert (sorted_out.accepted, sorted_out.rejected) == (0, 1)
    assert "2 spellings of one id" in str(sorted_out.findings)
