"""Checks of a ledger, and that no stored value changes unnoticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from depr import api
from depr.errors import Refused
from depr.ledger.checks import CHECKS
from depr.ledger.store import BATCH_COLUMNS
from depr.schemas import Events
from tests.ledger.samples import RECORDED, ledger, lot, write

WHOLE = lot(residual="1", cost_low="900", cost_high="1100", location="x", document="y")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two imports, three lots; every cell of the first lot is filled."""
    folder = tmp_path_factory.mktemp("ledger")
    return ledger(folder / "fleet.duckdb", [WHOLE, lot(lot_id="L2")], [lot(lot_id="L3")])


def changed(original: Path, folder: Path, *statements: str) -> Path:
    """The ledger after somebody opened it in plain DuckDB."""
    path = Path(shutil.copy(original, folder / "fleet.duckdb"))
    with duckdb.connect(str(path)) as plain:
        for statement in statements:
            plain.execute(statement)
    return path


def noticed(path: Path) -> list[str]:
    return [finding.what for finding in api.check(path, ["chain"])]


OTHER = {
    "BIGINT": "coalesce({0}, 0) + 1000",
    "VARCHAR": "coalesce({0}, '') || ' '",
    "DATE": "{0} + 1",
    "TIMESTAMP": "{0} + INTERVAL 1 MICROSECOND",
}
CELLS = [
    *(("events", name, "seq") for name in Events.column_names()),
    *(("batches", name, "batch") for name in BATCH_COLUMNS),
]


def test_the_ledger_as_made_has_no_findings(original: Path) -> None:
    assert api.check(original) == []


def test_every_column_is_tried(original: Path) -> None:
    with duckdb.connect(str(original), read_only=True) as plain:
        stored = plain.sql(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE table_name IN ('events', 'batches')"
        ).fetchall()
    assert {(table, name) for table, name, _ in CELLS} == set(stored)


@pytest.mark.parametrize(("table", "column", "key"), CELLS, ids=str)
def test_a_changed_cell_is_noticed(table: str, column: str, key: str, original: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(original), read_only=True) as plain:
        [(kind,)] = plain.sql(
            f"SELECT data_type FROM duckdb_columns() WHERE table_name = '{table}' AND column_name = '{column}'"
        ).fetchall()
        [(first, last)] = plain.sql(f"SELECT min({key}), max({key}) FROM {table}").fetchall()
    for row in (first, last):
        path = changed(
            original, tmp_path, f"UPDATE {table} SET {column} = {OTHER[kind].format(column)} WHERE {key} = {row}"
        )
        assert noticed(path), (table, column, row)


@pytest.mark.parametrize("column", [name for name, column in Events.columns().items() if column.nullable])
def test_an_erased_cell_is_noticed(column: str, original: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(original), read_only=True) as plain:
        filled = plain.sql(f"SELECT count(*) FROM events WHERE seq = 1 AND {column} IS NOT NULL").fetchall()
    path = changed(original, tmp_path, f"UPDATE events SET {column} = NULL WHERE seq = 1")
    assert bool(noticed(path)) == bool(filled[0][0])


BATCH_ONE = ["batch 1 (one.csv) does not match its hash"]
BATCH_TWO = ["batch 2 (two.csv) does not match its hash"]
TAMPERED = {
    "an event deleted": (["DELETE FROM events WHERE seq = 2"], BATCH_ONE),
    "the last event deleted": (["DELETE FROM events WHERE seq = 6"], BATCH_TWO),
    "an event copied": (["INSERT INTO events SELECT * REPLACE (7 AS seq) FROM events WHERE seq = 1"], BATCH_ONE),
    "two events swapped": (
        [f"UPDATE events SET seq = {t} WHERE seq = {f}" for f, t in ((1, 9), (2, 1), (9, 2))],
        BATCH_ONE,
    ),
    "an event moved to the other batch": (["UPDATE events SET batch = 2 WHERE seq = 1"], [*BATCH_ONE, *BATCH_TWO]),
    "an event of no batch": (
        ["INSERT INTO events SELECT * REPLACE (7 AS seq, 3 AS batch) FROM events WHERE seq = 1"],
        ["event 7 belongs to no batch"],
    ),
    "the first batch dropped": (
        ["DELETE FROM batches WHERE batch = 1"],
        [*BATCH_TWO, *(f"event {n} belongs to no batch" for n in (1, 2, 3, 4))],
    ),
    "the first batch dropped with its events": (
        ["DELETE FROM batches WHERE batch = 1", "DELETE FROM events WHERE batch = 1"],
        BATCH_TWO,
    ),
    "the last batch dropped": (
        ["DELETE FROM batches WHERE batch = 2"],
        ["event 5 belongs to no batch", "event 6 belongs to no batch"],
    ),
    "a batch copied": (
        ["INSERT INTO batches SELECT * REPLACE (3 AS batch) FROM batches WHERE batch = 2"],
        ["batch 3 (two.csv) does not match its hash"],
    ),
    "a blank made text": (["UPDATE events SET location = '\\N' WHERE seq = 3"], BATCH_ONE),
    "amounts as floats": (["ALTER TABLE events ALTER cost_minor TYPE DOUBLE"], [*BATCH_ONE, *BATCH_TWO]),
    "an unknown kind": (["UPDATE events SET kind = 'gift' WHERE seq = 1"], BATCH_ONE),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_named(case: str, original: Path, tmp_path: Path) -> None:
    statements, found = TAMPERED[case]
    assert noticed(changed(original, tmp_path, *statements)) == found


def test_rows_in_another_place_of_the_file_are_the_same_journal(original: Path, tmp_path: Path) -> None:
    path = changed(
        original,
        tmp_path,
        "CREATE TABLE moved AS FROM events ORDER BY seq DESC",
        "DELETE FROM events",
        "INSERT INTO events FROM moved",
        "DROP TABLE moved",
    )
    assert not noticed(path)


@pytest.mark.parametrize(
    "statement", ["DROP TABLE batches", "ALTER TABLE events DROP COLUMN reason", "ALTER TABLE batches DROP COLUMN file"]
)
def test_a_journal_without_its_form_is_named(statement: str, original: Path, tmp_path: Path) -> None:
    path = changed(original, tmp_path, statement)
    assert noticed(path) == ["the journal does not keep its form"]
    with pytest.raises(Refused, match="the journal does not keep its form"):
        taken(path)


def taken(path: Path) -> None:
    api.import_files(path, [write(path.with_name("p.csv"), lot(lot_id="L4"))], RECORDED)


def test_every_check_runs_on_a_journal_without_sense(original: Path, tmp_path: Path) -> None:
    path = changed(original, tmp_path, "UPDATE events SET issuer = NULL WHERE seq = 1")
    said = [finding.what for finding in api.check(path)]
    assert said[0] == BATCH_ONE[0]
    assert "the journal does not keep its form" in said


# The other checks


def found(path: Path, *names: str) -> list[str]:
    return [finding.what for finding in api.check(path, names)]


def test_counts_that_do_not_add_up(original: Path, tmp_path: Path) -> None:
    for column in ("read", "accepted", "rejected", "duplicates"):
        path = changed(original, tmp_path, f"UPDATE batches SET {column} = {column} + 1 WHERE batch = 2")
        assert [what.partition(":")[0] for what in found(path, "counts")] == ["batch 2"]
    path = changed(original, tmp_path, "DELETE FROM events WHERE seq = 5")
    assert found(path, "counts") == ["batch 2: read 1, accepted 1, rejected 0, duplicates 0, lots in the journal 0"]


def test_a_lot_under_construction_is_found(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot(), lot(lot_id="L2", in_service_date="")])
    assert found(path) == found(path, "in_service") == ["lot 'L2' bought 2023-01-15 has no date placed in service"]


def test_lots_in_two_currencies_are_found(tmp_path: Path) -> None:
    rows = [lot(), lot(lot_id="L2", currency="EUR"), lot(lot_id="L3", issuer="MSFT", currency="JPY")]
    assert found(ledger(tmp_path / "f.duckdb", rows), "currencies") == ["lots of META are in EUR, USD"]


def test_checks_run_by_name(original: Path) -> None:
    assert list(CHECKS) == ["chain", "counts", "in_service", "currencies"]
    for name in CHECKS:
        assert not found(original, name)
    with pytest.raises(Refused, match="unknown check 'spelling'"):
        api.check(original, ["chain", "spelling"])
