"""A ledger of schema 2, made by the program that wrote that schema, becomes one of this schema with the same facts.

data/version2.duckdb.gz and its seal were made by the commands of depr 0.1.0: purchases of two issuers (an estimated
cost, a residual value, quotes, other scripts, a lot under construction), a file of five kinds of events, one with a
rejected row and a duplicate, a disposal that a correction takes back, a closed period, what macros read with a book
that a date makes, and two saved restatements, one of them in all four modes.
"""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from depr.errors import Refused
from depr.fleet.facts import close, import_files, migrate, source
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql
from depr.fleet.restating import drop_saved, restate, saved
from depr.ledger import seal
from depr.ledger.known import known
from depr.ledger.store import Ledger
from depr.sql.published.copies import publish
from depr.sql.verified import verify
from tests.command import run
from tests.faults.children import Child, command
from tests.ledger.samples import lot, write

DATA = Path(__file__).parent / "data"
HEAD = "54d22fdcf8a84685b3826311acec93e22e18bc7158848499625d862c7bf7c59a"
"""As the old program printed it."""

CHANGE = date(2025, 1, 1)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
FACTS = ("events", "batches", "sources")
RESULTS = ("restatement_saved", "rollup_saved", "made_from", "statements", "issuers")
STOPS = 12
"""Moments at which it is killed."""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema2")
    file = folder / "fleet.duckdb"
    file.write_bytes(gzip.decompress((DATA / "version2.duckdb.gz").read_bytes()))
    shutil.copy(DATA / "version2.duckdb.seal", folder / "fleet.duckdb.seal")
    return folder


@pytest.fixture
def path(stored: Path, tmp_path: Path) -> Path:
    shutil.copytree(stored, tmp_path, dirs_exist_ok=True)
    return tmp_path / "fleet.duckdb"


@pytest.fixture(scope="module")
def once(stored: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger when it was migrated, for reading alone."""
    folder = tmp_path_factory.mktemp("migrated")
    shutil.copytree(stored, folder, dirs_exist_ok=True)
    migrate(folder / "fleet.duckdb", NOW)
    return folder / "fleet.duckdb"


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What plain DuckDB answers."""
    with duckdb.connect(str(path), read_only=True) as plain:
        return plain.execute(query).fetchall()


def state(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir()) if not each.name.endswith(".lock")}


def test_the_file_is_of_schema_2_and_of_the_version_that_wrote_it(stored: Path) -> None:
    told = dict(rows(stored / "fleet.duckdb", "SELECT key, value FROM meta"))
    assert (told["schema_version"], told["made_by"]) == ("2", "0.1.0")
    assert seal.broken(stored / "fleet.duckdb") == []
    assert (DATA / "version2.duckdb.gz").stat().st_size < 1_500_000


@pytest.mark.parametrize("table", [*FACTS, *RESULTS])
def test_facts_and_results_are_the_same_row_by_row(table: str, stored: Path, once: Path) -> None:
    before = rows(stored / "fleet.duckdb", f"FROM {table} ORDER BY ALL")
    assert rows(once, f"FROM {table} ORDER BY ALL") == before
    assert before


def test_the_head_is_the_same_and_the_ledger_is_proven(stored: Path, once: Path) -> None:
    with Ledger.open(once) as ledger:
        assert ledger.head() == HEAD
        assert len(ledger.batches()) == 6
        assert ledger.closed() == {"META": date(2025, 6, 30)}
    told, found = verify(once, HEAD)
    assert (found, told.head) == ([], HEAD)
    assert "every byte is as depr left it" in told.seal
    assert not [line for line in told.unproven if "no one knows" in line]


def test_imported_originals_come_along(path: Path) -> None:
    migrate(path, NOW)
    kept = source(path, 1, path.with_name("one.csv")).read_text("utf-8")
    assert "發票 9" in kept
    assert '"Altoona, ""east"""' in kept


def test_what_was_known_then_is_known_still(once: Path) -> None:
    moment = known(once).batches[3].recorded_at.replace(tzinfo=UTC)
    assert "META-3" not in set(known(once, known_at=moment).events.filter(kind="correction")["lot_id"])
    assert known(once).events.filter(lot_id="META-3")["kind"].to_list() == ["acquisition", "placed_in_service"]


def test_saved_books_have_alternative_mode_and_change_date(once: Path) -> None:
    asked = "SELECT DISTINCT run, book, alternative, mode, change_date FROM books ORDER BY ALL"
    nothing = (None, None, None)
    assert sql(once, asked).rows() == [
        ("changed", "life-3y", *nothing),
        ("changed", "life-3y-caught-up-2025-01-01", "life-3y", "catch_up", CHANGE),
        ("changed", "life-3y-from-2025-01-01", "life-3y", "prospective", CHANGE),
        ("changed", "meta-reported", *nothing),
        ("plain lives", "coreweave-reported", *nothing),
        ("plain lives", "life-1y", *nothing),
        ("plain lives", "life-6y", *nothing),
        ("plain lives", "meta-reported", *nothing),
    ]
    assert saved(once)["run"].to_list() == ["changed", "plain lives"]


def test_saved_books_are_else_as_they_were(stored: Path, once: Path) -> None:
    query = "SELECT {} FROM books_saved ORDER BY ALL"
    before = rows(stored / "fleet.duckdb", query.format("*"))
    assert rows(once, query.format("* EXCLUDE (alternative, mode, change_date)")) == before


def test_saved_restatements_are_what_is_restated_today(path: Path) -> None:
    """And are written in the same form."""
    migrate(path, NOW)
    modes = ("as_if", "prospective", "retrospective", "catch_up")
    restate(path, issuers=["META"], lives=["3y"], modes=modes, changes_on=[CHANGE], years=(2024, 2025), save="today")
    for table in ("restatement", "rollup", "books"):
        before, today = (
            sql(path, f"SELECT * EXCLUDE (run) FROM {table} WHERE run = '{name}' ORDER BY ALL").rows()
            for name in ("changed", "today")
        )
        assert today == before
    drop_saved(path, "changed")
    assert saved(path)["run"].to_list() == ["plain lives", "today"]
    assert verify(path)[1] == []


def test_what_macros_read_is_prepared_anew(path: Path) -> None:
    migrate(path, NOW)
    assert rows(path, "SELECT count(*) FROM alternatives") == [(0,)]
    assert rows(path, "SELECT count(*) FROM understatement") == [(0,)]
    with pytest.raises(Refused, match="depr prepare"):
        sql(path, "FROM restate(life_years := 3)")
    name = f"life-3y-from-{CHANGE}"
    prepare(path, lives=["3y"], methods=["straight_line"], books=[name], evidence=False)
    asked = f"SELECT alternative, mode, change_date FROM alternatives WHERE book = '{name}'"
    assert sql(path, asked).rows() == [("life-3y", "prospective", CHANGE)]
    options = f"mode := 'prospective', grain := 'year', change_date := DATE '{CHANGE}'"
    of_macro = f"SELECT fiscal_year, understatement FROM restate(life_years := 3, {options})"
    of_saved = "SELECT fiscal_year, understatement FROM restatement WHERE run = 'changed' AND mode = 'prospective'"
    told = " AND issuer = 'META' AND fiscal_year IN (2024, 2025) ORDER BY 1"
    expected = sql(path, f"{of_saved} AND period_type = 'FY' AND bound = 'mid'{told}").rows()
    assert sql(path, f"{of_macro} WHERE true{told}").rows() == expected
    assert len(expected) == 2
    assert verify(path)[1] == []


def test_the_old_file_is_kept_with_its_seal_and_nothing_else_is_left(path: Path) -> None:
    before = state(path.parent)
    made = migrate(path, NOW)
    after = state(path.parent)
    assert set(after) == {"fleet.duckdb", "fleet.duckdb.seal", "fleet.duckdb.v2", "fleet.duckdb.v2.seal"}
    assert made.kept == path.with_name("fleet.duckdb.v2")
    assert (after["fleet.duckdb.v2"], after["fleet.duckdb.v2.seal"]) == tuple(before.values())
    assert seal.broken(made.kept) == []


def test_it_goes_on_as_any_ledger(path: Path) -> None:
    migrate(path, NOW)
    fresh = write(path.with_name("new.csv"), lot(purchase_date="2025-08-01", in_service_date=""))
    [done] = import_files(path, [fresh], NOW)
    assert (done.batch.batch, done.batch.accepted) == (7, 1)
    with pytest.raises(Refused, match="closed"):
        import_files(path, [write(path.with_name("late.csv"), lot(lot_id="L2"))], NOW)
    close(path, "META", "2025-07", NOW)
    assert verify(path)[1] == []


def test_the_commands_say_what_to_do_and_what_was_made(path: Path) -> None:
    refused = run(path.parent, "check", "fleet.duckdb")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "fleet.duckdb: ledger schema 2\n  why: this version reads 3\n  do: depr migrate fleet.duckdb\n"
    )
    done = run(path.parent, "migrate", "fleet.duckdb")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "fleet.duckdb: 21 events of 6 batches; the old file is fleet.duckdb.v2",
        f"head {HEAD}, as before",
        "saved restatements came along: changed, plain lives",
        "what the SQL macros read is made anew by depr prepare fleet.duckdb",
    ]
    assert run(path.parent, "verify", "fleet.duckdb", "--head", HEAD[:12]).code == 0
    assert run(path.parent, "restate", "fleet.duckdb", "--issuer", "META").code == 0
    again = run(path.parent, "migrate", "fleet.duckdb")
    assert again.code == 1
    assert again.err.startswith("fleet.duckdb: ledger schema 3\n  why: it is the newest that this version knows")


def test_every_kill_leaves_the_old_file_or_the_new_one_whole(stored: Path, tmp_path: Path) -> None:
    """And the same command then goes on, or says that it is done."""
    whole = command(shutil.copytree(stored, tmp_path / "whole"), "migrate", "fleet.duckdb", count=True)
    assert whole.code == 0, whole
    ends = []
    for n in range(STOPS):
        folder = shutil.copytree(stored, tmp_path / str(n))
        late = n >= STOPS // 2  # half of them among the last steps, where the new file takes the place of the old
        at = whole.steps - (STOPS - n) * 4 if late else 1 + whole.steps * n // (STOPS // 2)
        assert Child(folder, "migrate", "fleet.duckdb", stop_at=at).go().end().code == -9
        path = folder / "fleet.duckdb"
        ends.append(rows(path, "SELECT value FROM meta WHERE key = 'schema_version'"))
        if (kept := folder / "fleet.duckdb.v2").exists():
            assert kept.read_bytes() == (stored / "fleet.duckdb").read_bytes()
        again = command(folder, "migrate", "fleet.duckdb")
        assert again.code == 0 or "it is the newest" in (again.ran.err if again.ran else "")
        assert verify(path)[1] == []
        with Ledger.open(path) as ledger:
            assert ledger.head() == HEAD
    assert ends[0] == [("2",)]


def refused(path: Path, said: str) -> None:
    """It is refused, and everything is as it was."""
    before = state(path.parent)
    with pytest.raises(Refused, match=said):
        migrate(path, NOW)
    assert state(path.parent) == before


@pytest.mark.parametrize("room", [1000, 5_000_000, 9_900_000])
def test_no_room(room: int, path: Path) -> None:
    before = state(path.parent)
    ended = command(path.parent, "migrate", "fleet.duckdb", file_bytes=room)
    assert ended.code == 1
    assert ended.ran is not None
    assert ended.ran.err.startswith("fleet.duckdb: cannot be written; nothing was recorded\n  why: ")
    assert state(path.parent) == before
    assert migrate(path, NOW).head == HEAD


@pytest.mark.parametrize("step", ["hardlink_to", "replace"])
def test_a_folder_that_takes_no_name(step: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    before = state(path.parent)
    monkeypatch.setattr(Path, step, fails)
    with pytest.raises(Refused, match="cannot be replaced: Read-only file system"):
        migrate(path, NOW)
    monkeypatch.undo()
    after = state(path.parent)
    assert {name: after[name] for name in before} == before
    assert migrate(path, NOW).head == HEAD


def test_a_file_that_was_changed_since_it_was_sealed(path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute("CREATE TABLE mine AS SELECT 1 AS a")
    refused(path, "the ledger file was changed")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE events SET units = 1001 WHERE seq = 1", "does not match its hash"),
        ("DELETE FROM batches WHERE batch = 6", "belongs to no batch"),
        ("DELETE FROM sources", "original"),
        ("UPDATE books_saved SET life_months = 37", "the rows of table books_saved were changed"),
        ("UPDATE restatement_saved SET change_date = NULL", "the rows of table restatement_saved were changed"),
        ("ALTER TABLE events RENAME TO other", "the journal does not keep its form"),
    ],
)
def test_what_does_not_hold_is_not_vouched_for(change: str, said: str, path: Path) -> None:
    with duckdb.connect(str(path)) as plain:
        plain.execute(change)
    seal.place(path).unlink()
    refused(path, said)


def test_what_someone_added_comes_along_and_is_told(path: Path) -> None:
    seal.place(path).unlink()
    with duckdb.connect(str(path)) as plain:
        plain.execute("CREATE TABLE mine AS SELECT 42 AS a")
    migrate(path, NOW)
    assert rows(path, "FROM mine") == [(42,)]
    assert [finding.what for finding in verify(path)[1]] == ["table mine was added"]


def test_tables_that_were_named_before_runs_come_along(path: Path) -> None:
    """As files of schema 2 had them at first: without a run, and under the names that are views now."""
    seal.place(path).unlink()
    with duckdb.connect(str(path)) as plain:
        plain.execute("DROP VIEW restatement; DROP VIEW rollup; DROP VIEW books; DROP TABLE contents")
        for name in ("restatement", "rollup", "books"):
            plain.execute(f"CREATE TABLE {name} AS SELECT * EXCLUDE (run) FROM {name}_saved WHERE run = 'changed'")
            plain.execute(f"DROP TABLE {name}_saved")
        plain.execute("CREATE OR REPLACE TABLE made_from AS SELECT version, head FROM made_from WHERE run = 'changed'")
    assert migrate(path, NOW).saved == ("unnamed",)
    asked = "SELECT DISTINCT alternative, mode FROM books WHERE change_date IS NOT NULL ORDER BY 2"
    assert sql(path, asked).rows() == [("life-3y", "catch_up"), ("life-3y", "prospective")]
    assert verify(path)[1] == []


def test_what_was_saved_with_other_columns_is_named_to_be_made_anew(path: Path) -> None:
    seal.place(path).unlink()
    with duckdb.connect(str(path)) as plain:
        plain.execute("DROP VIEW restatement; ALTER TABLE restatement_saved DROP COLUMN quarters_of_cash")
        plain.execute("DROP TABLE contents")
    done = run(path.parent, "migrate", "fleet.duckdb")
    said = "saved restatements of an older form, to be made anew (depr restate --save): changed, plain lives"
    assert done.out.splitlines()[2] == said
    assert (saved(path).height, sql(path, "SELECT count(*) FROM books").item()) == (0, 0)
    restate(path, issuers=["META"], save="changed")
    assert saved(path)["run"].to_list() == ["changed"]
    assert verify(path)[1] == []


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(path)
    assert migrate(link, NOW).kept == path.with_name("fleet.duckdb.v2")
    assert link.is_symlink()
    assert verify(link)[1] == []


def test_a_published_copy_is_published_anew(path: Path) -> None:
    migrate(path, NOW)
    prepare(path, lives=["3y"], methods=["straight_line"], evidence=False)
    copy = path.with_name("copy.duckdb")
    publish(path, copy)
    assert rows(copy, "SELECT DISTINCT mode FROM books_saved ORDER BY 1")[:2] == [("catch_up",), ("prospective",)]
    with duckdb.connect(str(copy)) as plain:
        plain.execute("UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    refused(copy, "is a published copy\n  why: a copy does not change\n  do: migrate the ledger")


def test_the_old_version_is_told_which_one_reads_it(once: Path) -> None:
    told = dict(rows(once, "SELECT key, value FROM meta"))
    assert told["schema_version"] == "3"
    assert told["made_by"] != "0.1.0"
