"""The store: one transaction for each file, nothing twice, nothing overwritten, an ordinary DuckDB file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from depr.checks import check
from depr.errors import Refused
from depr.fleet.facts import Imported, import_files
from depr.intake import read_facts
from depr.ledger import seal
from depr.ledger.known import known
from depr.ledger.store import Ledger
from depr.ledger.tables import GENESIS
from tests.ledger.samples import GENERATIONS, RECORDED, ledger, lot, record, write

COUNTS = ("read", "accepted", "rejected", "duplicates")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ledger(tmp_path / "fleet.duckdb")


def counts(imported: Imported) -> tuple[int, ...]:
    numbers = tuple(getattr(imported.batch, name) for name in COUNTS)
    assert numbers[0] == sum(numbers[1:])
    return numbers


def taken(path: Path, *rows: dict[str, str], partial: bool = False, name: str = "p.csv") -> Imported:
    [imported] = import_files(path, [write(path.with_name(name), *rows)], RECORDED, partial=partial)
    return imported


def held(path: Path) -> list[str]:
    with Ledger.open(path) as opened:
        return opened.lots()["lot_id"].to_list()


# One transaction for each file


def test_a_file_is_one_batch(path: Path) -> None:
    imported = taken(path, lot(), lot(lot_id="L2"))
    assert counts(imported) == (2, 2, 0, 0)
    with Ledger.open(path) as opened:
        assert opened.batches() == [imported.batch]
        assert opened.head() == imported.batch.hash != GENESIS
        assert imported.batch.previous == GENESIS
        assert opened.events()["batch"].to_list() == [1] * 4
        assert not opened.verify()


def test_the_same_file_again_changes_nothing(path: Path) -> None:
    first = taken(path, lot(), lot(lot_id="L2"))
    before = path.read_bytes()
    again = taken(path, lot(), lot(lot_id="L2"), name="renamed.csv")
    assert counts(again) == (2, 0, 0, 2)
    assert again.batch.hash == first.batch.hash
    with Ledger.open(path) as opened:
        assert len(opened.batches()) == 1
    assert path.read_bytes() == before


def test_a_lot_of_two_files_is_one_lot(path: Path) -> None:
    taken(path, lot(), lot(lot_id="L2"))
    assert counts(taken(path, lot(lot_id="L2"), lot(lot_id="L3"), name="two.csv")) == (2, 1, 0, 1)
    assert held(path) == ["L1", "L2", "L3"]
    with Ledger.open(path) as opened:
        one, two = opened.batches()
        assert two.previous == one.hash
        assert opened.events()["seq"].to_list() == [1, 2, 3, 4, 5, 6]
        assert not opened.verify()


@pytest.mark.parametrize("partial", [False, True])
def test_other_content_under_one_name_is_refused(partial: bool, path: Path) -> None:
    taken(path, lot())
    rows = [lot(lot_id="L2"), lot(cost="1000.01")]
    if partial:
        imported = taken(path, *rows, partial=True)
        assert counts(imported) == (2, 1, 1, 0)
        assert [(f.file, f.row, f.code) for f in imported.findings] == [("p.csv", 3, "conflict")]
        assert held(path) == ["L1", "L2"]
    else:
        with pytest.raises(Refused, match=r"p\.csv:3: lot 'L1' is in the ledger with other content"):
            taken(path, *rows)
        assert held(path) == ["L1"]


def test_a_rejected_row_refuses_the_file_unless_partial(path: Path) -> None:
    rows = [lot(), lot(lot_id="L2", units="0"), lot(lot_id="L3", cost="1e6"), lot(lot_id="L4")]
    before = path.read_bytes()
    with pytest.raises(Refused) as refused:
        taken(path, *rows)
    assert [finding.row for finding in refused.value.findings] == [3, 4]
    assert path.read_bytes() == before
    assert counts(taken(path, *rows, partial=True)) == (4, 2, 2, 0)
    assert held(path) == ["L1", "L4"]
    assert counts(taken(path, *rows, partial=True)) == (4, 0, 2, 2)
    assert counts(taken(path, lot(lot_id="L2"), lot(lot_id="L3"), name="corrected.csv")) == (2, 2, 0, 0)


def test_files_before_a_refused_one_stay(path: Path) -> None:
    files = [write(path.with_name(f"{n}.csv"), lot(lot_id=f"L{n}", units=str(2 - n))) for n in (1, 2)]
    with pytest.raises(Refused, match=r"2\.csv:2: units is 0"):
        import_files(path, files, RECORDED)
    assert held(path) == ["L1"]


def test_facts_do_not_depend_on_how_the_file_looked(tmp_path: Path) -> None:
    """Columns in another order: other bytes, the same facts."""
    rows = [lot(), lot(lot_id="L2", location="x")]
    one, two = (ledger(tmp_path / f"{name}.duckdb") for name in "ab")
    a = taken(one, *rows)
    b = taken(two, *[dict(reversed(row.items())) for row in rows])
    assert a.batch.file_sha256 != b.batch.file_sha256
    assert a.batch.facts_sha256 == b.batch.facts_sha256


def test_the_same_imports_give_the_same_head(tmp_path: Path) -> None:
    heads = set()
    for name in "ab":
        path = ledger(tmp_path / f"{name}.duckdb", [lot()], [lot(lot_id="L2")])
        with Ledger.open(path) as opened:
            heads.add(opened.head())
    assert len(heads) == 1


def test_recording_times_are_kept_in_utc(path: Path) -> None:
    there = RECORDED.astimezone(timezone(timedelta(hours=8)))
    file = write(path.with_name("p.csv"), lot())
    [imported] = import_files(path, [file], there)
    assert imported.batch.recorded_at == RECORDED.replace(tzinfo=None)


# Two times: effective and recorded


def test_what_was_known_and_what_was_effective(path: Path) -> None:
    write(path.with_name("p.csv"), lot())
    later = RECORDED + timedelta(days=30)
    import_files(path, [path.with_name("p.csv")], RECORDED)
    import_files(path, [write(path.with_name("q.csv"), lot(lot_id="L2", purchase_date="2022-06-01"))], later)
    with Ledger.open(path) as opened:

        def lots(**when: object) -> list[str]:
            return opened.lots(**when)["lot_id"].to_list()  # type: ignore[arg-type]

        assert lots() == lots(known_at=later) == ["L1", "L2"]
        assert lots(known_at=RECORDED) == lots(known_at=later - timedelta(microseconds=1)) == ["L1"]
        assert lots(known_at=RECORDED - timedelta(microseconds=1)) == []
        assert lots(as_of=date(2022, 12, 31)) == ["L2"]
        assert lots(as_of=date(2022, 12, 31), known_at=RECORDED) == []
        assert lots(known_at=RECORDED.astimezone(timezone(timedelta(hours=-9)))) == ["L1"]


# The file


def test_the_file_is_plain_duckdb_that_older_clients_open(path: Path) -> None:
    taken(path, lot())
    with duckdb.connect(str(path), read_only=True) as plain:
        [(tags,)] = plain.sql("SELECT tags FROM duckdb_databases() WHERE database_name = 'fleet'").fetchall()
        assert tags["storage_version"].startswith("v1.4.0")
        assert plain.sql("SELECT lot_id, cost FROM lots").fetchall() == [("L1", 1000)]
        tables = "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
        assert plain.sql(tables).fetchall() == [(0,)]


def test_a_ledger_is_never_overwritten(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(Refused, match="already exists"):
        Ledger.create(path)
    folder = path.with_name("folder")
    folder.mkdir()
    with pytest.raises(Refused, match="already exists"):
        Ledger.create(folder)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "data", [b"", b"x" * 5000, b"SQLite format 3\x00"], ids=["nothing", "text", "another-database"]
)
def test_a_file_that_is_no_ledger(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "f.duckdb").write_bytes(data)
    for read_only in (True, False):
        with pytest.raises(Refused, match=r"f\.duckdb: this is not a ledger"):
            Ledger.open(tmp_path / "f.duckdb", read_only=read_only)
    assert (tmp_path / "f.duckdb").read_bytes() == data


def test_a_database_that_is_no_ledger(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "f.duckdb")).execute("CREATE TABLE t (a INT)").close()
    with pytest.raises(Refused, match="this is not a ledger"):
        Ledger.open(tmp_path / "f.duckdb")


@pytest.mark.parametrize(("change", "said"), [("SET value = '9'", "9"), ("SET key = 'x'", "none")])
def test_a_ledger_of_another_version(change: str, said: str, path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute(f"UPDATE meta {change} WHERE key = 'schema_version'")
    with pytest.raises(Refused, match=f"ledger schema {said}"):
        Ledger.open(path)
    duckdb.connect(str(path)).close()  # and the file is let go


def test_a_name_with_quotes_is_a_name(tmp_path: Path) -> None:
    assert held(ledger(tmp_path / "it's; DROP--.duckdb", [lot()])) == ["L1"]


# Who else is at it


HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.send_signal(signal.SIGKILL)


def test_a_process_that_holds_the_file_is_named(holder: subprocess.Popen[str], path: Path) -> None:
    for read_only in (True, False):
        with pytest.raises(Refused, match="the ledger is held by another process") as refused:
            Ledger.open(path, read_only=read_only)
        assert f"(PID {holder.pid})" in refused.value.findings[0].why


def test_this_process_holding_the_file_is_said(path: Path) -> None:
    with Ledger.open(path), pytest.raises(Refused, match="the ledger is held by this process"):
        Ledger.open(path, read_only=False)


def test_readers_share_the_file(path: Path) -> None:
    with Ledger.open(path) as one, Ledger.open(path) as two:
        assert one.head() == two.head() == GENESIS


# Where it cannot be written


def test_a_folder_that_takes_no_file_is_named() -> None:
    nowhere = Path("/proc/fleet.duckdb")  # not even for root
    with pytest.raises(Refused, match=r"/proc/fleet\.duckdb: cannot be written"):
        Ledger.create(nowhere)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(path: Path) -> None:
    taken(path, lot())
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert held(path) == ["L1"]
        with pytest.raises(Refused, match=r"fleet\.duckdb: the ledger cannot be opened"):
            Ledger.open(path, read_only=False)
        with pytest.raises(Refused, match="cannot be written"):
            Ledger.create(path.with_name("new.duckdb"))
    finally:
        path.parent.chmod(0o700)


FULL = """
import resource, signal, sys
from pathlib import Path
from depr.errors import Refused
from depr.fleet.facts import import_files, init
from depr.fleet.restating import restate
from depr.errors import Refused
from tests.ledger.samples import RECORDED
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
folder = Path(sys.argv[1])
ledger = folder / "fleet.duckdb"
steps = (
    lambda: import_files(ledger, [folder / "more.csv"], RECORDED),
    lambda: restate(ledger, save="a"),
    lambda: init(folder / "new.duckdb"),
)
for step in steps:
    try:
        step()
    except Refused as refused:
        print(refused.findings[0].what)
"""


def test_a_full_disk_loses_nothing(path: Path) -> None:
    """No file may grow beyond 1,000 bytes: every write fails, the ledger is as it was and goes on."""
    taken(path, lot())
    before, rows = path.read_bytes(), [lot(lot_id=f"M{n}") for n in range(1000)]
    write(path.with_name("more.csv"), *rows)
    ran = subprocess.run([sys.executable, "-c", FULL, str(path.parent)], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == [
        "cannot be written; nothing was recorded",
        "the results cannot be written",
        "cannot be written; nothing was recorded",
    ], ran.stderr
    assert path.read_bytes() == before
    assert not path.with_name("new.duckdb").exists()
    assert held(path) == ["L1"]
    assert not check(path)
    assert counts(taken(path, *rows)) == (1000, 1000, 0, 0)


KILLED = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.begin()
connection.execute("INSERT INTO events BY NAME SELECT * REPLACE (seq + 100 AS seq) FROM events")
os.kill(os.getpid(), 9)
"""


def test_an_import_killed_before_its_end_has_not_been(path: Path) -> None:
    taken(path, lot())
    died = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert held(path) == ["L1"]
    assert not check(path)
    assert counts(taken(path, lot(lot_id="L2"), name="q.csv")) == (1, 1, 0, 0)


def test_programmers_errors_are_not_refusals(path: Path) -> None:
    """A reader cannot record, and nothing is left begun."""
    purchases = read_facts(write(path.with_name("p.csv"), lot()), GENERATIONS)
    with Ledger.open(path) as opened:
        with pytest.raises((Refused, duckdb.Error)):
            record(opened, purchases)
        assert opened.lots().is_empty()
    with Ledger.open(path, read_only=False) as opened:
        record(opened, purchases)
        assert opened.lots()["lot_id"].to_list() == ["L1"]


def test_what_is_known_bears_the_time_of_its_last_batch(tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    later = RECORDED + timedelta(days=1)
    import_files(path, [write(tmp_path / "two.csv", lot(lot_id="L2"))], later)
    assert known(path).moment == later.replace(tzinfo=None).isoformat() + "Z"
    assert known(path, known_at=RECORDED).moment == RECORDED.replace(tzinfo=None).isoformat() + "Z"


def test_the_seal_says_what_was_changed(tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    [found] = seal.broken(path)
    assert found.why.startswith("it has other bytes since it was sealed")
    path.with_name("fleet.duckdb.wal").write_bytes(b"more")
    [found] = seal.broken(path)
    assert found.why.startswith("fleet.duckdb.wal beside it holds changes")
