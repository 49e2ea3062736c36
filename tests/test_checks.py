"""Checks of a ledger, and that no stored value changes unnoticed."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from depr.checks import CHECKS, check, meanings
from depr.contract import Events
from depr.errors import Refused
from depr.fleet.facts import close, import_files, init, record, reopen
from depr.ledger import seal
from depr.ledger.chain import Batch
from tests.ledger.samples import RECORDED, event, foreign, ledger, lot, write

WHOLE = lot(residual="1", cost_low="900", cost_high="1100", location="x", document="y", serial="z")
BATCH_COLUMNS = tuple(Batch.__dataclass_fields__)


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
    return [finding.what for finding in check(path, ["chain"])]


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
    assert check(original) == []


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
    said = noticed(changed(original, tmp_path, *statements))
    kept = [what for what in said if what.startswith("the table sources keeps a file that no batch came from")]
    assert [what for what in said if what not in kept] == found
    assert bool(kept) == ("batch dropped" in case)


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
    import_files(path, [write(path.with_name("p.csv"), lot(lot_id="L4"))], RECORDED)


def test_every_check_runs_on_a_journal_without_sense(original: Path, tmp_path: Path) -> None:
    path = changed(original, tmp_path, "UPDATE events SET issuer = NULL WHERE seq = 1")
    said = [finding.what for finding in check(path)]
    assert said[:2] == ["there is no seal fleet.duckdb.seal", *BATCH_ONE]
    assert "the journal does not keep its form" in said


# The other checks


def found(path: Path, *names: str) -> list[str]:
    return [finding.what for finding in check(path, names)]


def test_counts_that_do_not_add_up(original: Path, tmp_path: Path) -> None:
    for column in ("read", "accepted", "rejected", "duplicates"):
        path = changed(original, tmp_path, f"UPDATE batches SET {column} = {column} + 1 WHERE batch = 2")
        assert [what.partition(":")[0] for what in found(path, "counts")] == ["batch 2"]
    path = changed(original, tmp_path, "DELETE FROM events WHERE batch = 2")
    assert [str(finding) for finding in check(path, ["counts"])] == [
        "two.csv: batch 2: read 1, accepted 1, rejected 0, duplicates 0, rows in the journal 0\n"
        "  why: the counts do not add up\n"
        "  do: restore the ledger from a copy and import the file again"
    ]


def test_lots_in_two_currencies_are_found(tmp_path: Path) -> None:
    rows = [lot(), lot(lot_id="L2", currency="EUR"), lot(lot_id="L3", issuer="MSFT", currency="JPY", cost="1000")]
    assert found(foreign(tmp_path / "f.duckdb", *rows), "currencies") == ["lots of META are in EUR, USD"]


# The seal


def test_a_ledger_without_its_seal_is_found(original: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copy(original, tmp_path / "fleet.duckdb"))
    assert found(bare, "seal") == ["there is no seal fleet.duckdb.seal"]
    shutil.copy(seal.place(original), seal.place(bare))
    assert not found(bare, "seal")


def test_a_seal_left_open_is_found(original: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(original, tmp_path / "fleet.duckdb"))
    seal.write(path, seal.Seal(open=True, head="", process=77))
    assert [str(finding) for finding in check(path, ["seal"])] == [
        "fleet.duckdb: the seal fleet.duckdb.seal is open: process 77 began to write and did not end\n"
        "  why: what was recorded is whole, but the bytes are not proven\n"
        "  do: write again, or: depr verify --seal"
    ]


def test_bytes_that_do_not_fit_the_seal_are_found(original: Path, tmp_path: Path) -> None:
    path = changed(original, tmp_path, "CREATE VIEW mine AS SELECT 1")
    shutil.copy(seal.place(original), seal.place(path))
    assert found(path, "seal") == ["the ledger file was changed"]
    assert not found(path, "chain")


def test_a_damaged_seal_is_found(original: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(original, tmp_path / "fleet.duckdb"))
    seal.place(path).write_text("{")
    assert found(path, "seal") == ["the seal of the ledger is damaged"]


# Purchases after the close


def reopened(folder: Path, *rows: dict[str, str]) -> Path:
    """META is closed through 2025-02 and opened again from 2025-02; then the rows are imported."""
    folder.mkdir(exist_ok=True)
    path = ledger(folder / "fleet.duckdb", [lot(), lot(lot_id="L9", issuer="MSFT")])
    close(path, "META", "2025-02", RECORDED)
    reopen(path, "META", "2025-02", "invoice 4711 came late", RECORDED)
    import_files(path, [write(folder / "later.csv", *rows)], RECORDED)
    return path


def test_a_purchase_dated_into_a_closed_period_is_listed_once(tmp_path: Path) -> None:
    late = lot(lot_id="L2", purchase_date="2025-02-10", in_service_date="2025-02-20")
    in_time = lot(lot_id="L3", purchase_date="2025-03-01", in_service_date="2025-03-01")
    other = lot(lot_id="L4", issuer="MSFT", purchase_date="2025-02-10", in_service_date="2025-02-20")
    path = reopened(tmp_path, late, in_time, other)
    [finding] = check(path, ["after_close"])
    assert str(finding) == (
        "later.csv:2: event 7 (acquisition of lot 'L2' on 2025-02-10) was recorded after the days to 2025-02-28 had "
        "been closed\n"
        "  why: event 6 reopened them: invoice 4711 came late\n"
        "  do: see that the figures reported for the period were restated, or that the effect is immaterial"
    )
    assert not found_as_of(path, date(2025, 2, 9))


def found_as_of(path: Path, day: date) -> list[str]:
    return [finding.what for finding in check(path, ["after_close"], as_of=day)]


def test_any_event_and_any_correction_dated_into_a_closed_period_is_listed(tmp_path: Path) -> None:
    loss = event("impairment", "2025-02-15", amount="10.00", currency="USD")
    back = event("correction", "2023-02-01", reverses="2", reason="not in service")
    assert reopened_refuses(tmp_path / "a", back) == "closed"
    path = reopened(tmp_path / "b", loss)
    assert [what.partition(" (")[0] for what in found(path, "after_close")] == ["event 7"]


def reopened_refuses(folder: Path, row: dict[str, str]) -> str:
    with pytest.raises(Refused) as refused:
        reopened(folder, row)
    return refused.value.findings[0].code


# How checks are run


def test_checks_run_by_name(original: Path) -> None:
    assert list(meanings()) == list(CHECKS)
    assert len(set(meanings().values()) - {""}) == len(CHECKS)
    for name in set(CHECKS) - {"physical"}:
        assert not found(original, name)
    with pytest.raises(Refused, match="unknown check 'spelling'"):
        check(original, ["chain", "spelling"])


def test_findings_come_in_the_order_asked_for(tmp_path: Path) -> None:
    path = foreign(tmp_path / "f.duckdb", lot(in_service_date=""), lot(lot_id="L2", currency="EUR"))
    codes = {"currencies": "currencies", "in_service": "in_service"}
    for names in (["currencies", "in_service"], ["in_service", "currencies"]):
        assert [finding.code for finding in check(path, names)] == [codes[name] for name in names]


def test_checks_look_at_what_was_known_and_effective(tmp_path: Path) -> None:
    waiting = lot(lot_id="L2", purchase_date="2024-06-01", in_service_date="")
    path = ledger(tmp_path / "f.duckdb", [lot()], [waiting])
    second = RECORDED + timedelta(days=1)
    record(path, "placed_in_service", "L2", date(2024, 9, 1), second)
    assert not found(path)
    assert len(check(path, ["in_service"], known_at=RECORDED)) == 1
    assert len(check(path, ["in_service"], as_of=date(2024, 8, 31))) == 1
    assert not check(path, ["in_service"], as_of=date(2024, 5, 31))


def test_an_issuer_without_an_entry_has_no_book_to_compare_with(tmp_path: Path) -> None:
    story = [
        event("acquisition", "2010-01-01", issuer="ACME", generation="h100", units="1", cost="1000", currency="USD"),
        event("placed_in_service", "2010-01-01"),
        event("estimate", "2011-01-01", life_months="1"),
    ]
    path = foreign(tmp_path / "f.duckdb", *story)
    for name in ("balances", "fully_depreciated", "life"):
        assert not check(path, [name], as_of=date(2030, 1, 1))


def test_a_damaged_book_is_a_finding_of_the_checks_that_need_it(original: Path, tmp_path: Path) -> None:
    books = tmp_path / "own" / "books"
    books.mkdir(parents=True)
    (books / "meta-reported.toml").write_text("id = 1")
    for name in ("balances", "fully_depreciated", "life"):
        assert "meta-reported.toml" in check(original, [name], schedules=tmp_path / "own")[0].file


def test_an_empty_ledger_has_no_findings(tmp_path: Path) -> None:
    assert not found(init(tmp_path / "f.duckdb"))
