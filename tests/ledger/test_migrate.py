"""A ledger of schema 1, made by the program that wrote that schema, becomes one of this schema with the same facts.

data/version1.duckdb.gz holds two imports, one with a rejected row and a duplicate: an estimated cost, a residual value,
yen, names in other scripts, quotes, a line end and a backslash in a document.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from depr.errors import Refused
from depr.fleet.facts import import_files, init, migrate, source
from depr.fleet.questions import sql
from depr.fleet.restating import restate
from depr.ledger import seal
from depr.ledger.known import known as read_known
from depr.ledger.migrate import old_head
from depr.ledger.store import Ledger
from depr.ledger.tables import GENESIS
from depr.sql.verified import verify
from tests.command import run
from tests.ledger.samples import lot, write

STORED = Path(__file__).parent / "data" / "version1.duckdb.gz"
OLD_HEAD = "aac34fd8cf5b128c790815ae1020a55d98014c8f6d2bba87f6e5726decc7aadb"
"""As the old program printed it."""

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.duckdb"
    path.write_bytes(gzip.decompress(STORED.read_bytes()))
    return path


def state(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if not each.name.endswith(".lock")}


def test_the_facts_are_the_same(path: Path) -> None:
    with duckdb.connect(str(path), read_only=True) as plain:
        columns = "seq, batch, kind, lot_id, units, cost_minor, cost_low_minor, residual_minor, currency, document"
        before = plain.sql(f"SELECT {columns}, effective_date, location FROM events ORDER BY seq").fetchall()
    made = migrate(path, NOW)
    assert (made.events, made.batches, made.old_head) == (len(before), 2, OLD_HEAD)
    with duckdb.connect(str(path), read_only=True) as plain:
        assert plain.sql(f"SELECT {columns}, effective_date, location FROM events ORDER BY seq").fetchall() == before
    lots = sql(path, "SELECT lot_id, units, cost, residual, document FROM lots ORDER BY 1").rows()
    assert lots == [
        ("META-1", 1000, Decimal("34641000.00"), Decimal("100000.00"), "invoice 17"),
        ("META-2", 500, Decimal("19843000.00"), None, 'invoice "42", page 2'),
        ("META-3", 8, Decimal("280000.00"), None, "a\\b\nsecond line"),
        ("YEN-1", 7, Decimal("1000.00"), None, "=1+1"),
    ]


def test_the_new_file_is_proven_and_tied_to_the_old_head(path: Path) -> None:
    made = migrate(path, NOW)
    told, found = verify(path)
    assert (found, told.head) == ([], made.head)
    assert "every byte is as depr left it" in told.seal
    assert made.head != OLD_HEAD
    with Ledger.open(path) as ledger:
        *old, tie = ledger.batches()
        assert old_head(ledger) == OLD_HEAD
    assert tie.file == f"batches of schema 1, head {OLD_HEAD}.json"
    assert [(b.file, b.read, b.accepted, b.rejected, b.duplicates) for b in old] == [
        ("purchases.csv", 3, 3, 0, 0),
        ("more.csv", 3, 1, 1, 1),
    ]
    original = json.loads(source(path, tie.batch, path.with_name("old.json")).read_bytes())
    assert original[-1]["hash"] == OLD_HEAD


def test_an_event_that_was_changed_later_no_longer_ties_to_the_old_head(path: Path) -> None:
    migrate(path, NOW)
    with duckdb.connect(str(path)) as plain:
        plain.execute("UPDATE events SET units = units + 1 WHERE seq = 1")
    with Ledger.open(path) as ledger:
        assert old_head(ledger) != OLD_HEAD


def test_the_old_file_is_kept_and_nothing_else_is_left(path: Path) -> None:
    before = path.read_bytes()
    made = migrate(path, NOW)
    assert made.kept.read_bytes() == before
    assert set(state(path.parent)) == {"fleet.duckdb", "fleet.duckdb.seal", "fleet.duckdb.v1"}


def test_what_was_known_then_is_known_still(path: Path) -> None:
    migrate(path, NOW)
    known = read_known(path, known_at=datetime(2026, 4, 1, tzinfo=UTC))
    assert known.lots["lot_id"].to_list() == ["META-1", "META-2", "YEN-1"]
    assert known.moment == "2026-03-31T18:00:00Z"


def test_it_goes_on_as_any_ledger(path: Path) -> None:
    migrate(path, NOW)
    [again] = import_files(
        path,
        [
            write(
                path.with_name("new.csv"),
                lot(),
                lot(
                    lot_id="META-3",
                    units="8",
                    cost="280000.00",
                    purchase_date="2025-02-01",
                    in_service_date="",
                    document="a\\b\nsecond line",
                ),
            )
        ],
        NOW,
    )
    assert (again.batch.batch, again.batch.accepted, again.batch.duplicates) == (4, 1, 1)
    assert verify(path)[1] == []
    assert restate(path, issuers=["META"], lives=["3y"])


def test_the_command_says_what_it_made(path: Path) -> None:
    refused = run(path.parent, "check", "fleet.duckdb")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "fleet.duckdb: ledger schema 1\n  why: this version reads 3\n  do: depr migrate fleet.duckdb\n"
    )
    done = run(path.parent, "migrate", "fleet.duckdb")
    assert done.code == 0, done.err
    assert done.out.splitlines()[:2] == [
        "fleet.duckdb: 7 events of 2 batches; the old file is fleet.duckdb.v1",
        f"old head {OLD_HEAD}",
    ]
    assert run(path.parent, "verify", "fleet.duckdb").code == 0


def refused(path: Path, said: str) -> None:
    """It is refused, and everything is as it was."""
    before = state(path.parent)
    with pytest.raises(Refused, match=said):
        migrate(path, NOW)
    assert state(path.parent) == before


def test_no_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.duckdb", "no such ledger")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET units = 1001 WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
        "UPDATE batches SET rejected = 0",
        "DELETE FROM batches WHERE batch = 1",
        "DELETE FROM batches WHERE batch = 2",
    ],
)
def test_a_chain_that_does_not_hold_is_not_carried_over(change: str, path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute(change)
    refused(path, "does not match its hash|belongs to no batch")


def test_a_table_that_is_not_there(path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute("ALTER TABLE events RENAME TO other")
    refused(path, "the journal does not keep its form")


def test_the_newest_schema_stays_as_it_is(path: Path) -> None:
    migrate(path, NOW)
    refused(path, "ledger schema 3")


def test_a_newer_schema_names_the_program_that_reads_it(path: Path) -> None:
    migrate(path, NOW)
    with duckdb.connect(str(path)) as plain:
        plain.execute("UPDATE meta SET value = '4' WHERE key = 'schema_version'")
        plain.execute("UPDATE meta SET value = '7.0.0' WHERE key = 'made_by'")
    with pytest.raises(Refused, match=r"ledger schema 4\n  why: this version reads 3\n  do: use depr 7\.0\.0 or newer"):
        Ledger.open(path)
    refused(path, "ledger schema 4")


def test_an_old_file_that_was_kept_before_is_not_lost(path: Path) -> None:
    path.with_name("fleet.duckdb.v1").write_text("mine")
    refused(path, "already exists")


def test_a_try_that_ended_before_the_swap_is_gone_on_with(path: Path) -> None:
    path.with_name("fleet.duckdb.v1").hardlink_to(path)
    path.with_name(".fleet.duckdb.migrating").write_text("half made")
    assert migrate(path, NOW).old_head == OLD_HEAD


def test_a_swap_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    before = path.read_bytes()
    with pytest.raises(Refused, match="cannot be replaced: No space left on device"):
        migrate(path, NOW)
    assert path.read_bytes() == before
    monkeypatch.undo()
    assert migrate(path, NOW).old_head == OLD_HEAD


def test_what_a_log_beside_it_holds_is_part_of_it(path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute("PRAGMA disable_checkpoint_on_shutdown")
        plain.execute("CREATE TABLE note AS SELECT 1 AS a")
    assert seal.log(path).stat().st_size > 0
    assert migrate(path, NOW).old_head == OLD_HEAD
    assert not seal.log(path).exists()


def test_a_ledger_that_holds_nothing_yet(path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute("DELETE FROM events")
        plain.execute("DELETE FROM batches")
    made = migrate(path, NOW)
    assert (made.events, made.batches, made.old_head) == (0, 0, GENESIS)
    assert verify(path)[1] == []


def test_a_ledger_that_was_not_migrated_has_no_old_head(tmp_path: Path) -> None:
    init(tmp_path / "new.duckdb")
    with Ledger.open(tmp_path / "new.duckdb") as ledger, pytest.raises(Refused, match="it was not migrated"):
        old_head(ledger)


HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


def test_a_file_that_is_held_names_who_holds_it(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            refused(path, rf"the ledger is held by another process\n  why: .*PID {holder.pid}")
        finally:
            holder.kill()
