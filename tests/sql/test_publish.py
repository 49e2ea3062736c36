"""Copies for others to read: the same to the cent, nothing of the lots where they are left out, whole or not there."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.fleet import facts
from depr.fleet.facts import record
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql as ask
from depr.ledger import contents, seal
from depr.ledger.store import Ledger
from depr.sql.published import manifest, parquet, places
from depr.sql.published.aggregates import KEPT, TELLING, pools, quoted
from depr.sql.published.copies import publish
from depr.sql.published.parquet import safe
from depr.sql.published.verified import verify_copy
from depr.sql.verified import reseal, verify
from tests.command import run
from tests.daily import sampled
from tests.faults import disks
from tests.faults.children import Child, command
from tests.faults.disks import full, limited, may_mount, read_only
from tests.ledger.samples import RECORDED, lot
from tests.ledger.samples import ledger as filled
from tests.sql.copied import SECRETS, restated

KINDS = {"copy.duckdb": "file", "copy": "folder"}
PUBLISH = {
    "publish FILE": (["publish", "fleet.duckdb", "copy.duckdb"], "copy.duckdb"),
    "publish FOLDER": (["publish", "fleet.duckdb", "copy"], "copy"),
    "publish --without-lots": (["publish", "fleet.duckdb", "few.duckdb", "--without-lots"], "few.duckdb"),
}
MACROS = """
CREATE MACRO doubled(x) AS 2 * x;
CREATE MACRO bought(least INTEGER := 0) AS TABLE (SELECT lot_id, units FROM lots WHERE units >= least);
CREATE MACRO bought_more(least INTEGER := 5) AS TABLE (FROM bought(least := least));
CREATE MACRO gaps(over DECIMAL(28,2) := 0) AS TABLE (
    SELECT issuer, doubled(cash_gap_restated) AS twice FROM restatement WHERE cash_gap_restated >= over
);
CREATE MACRO telling() AS 'Zebra-1';
COMMENT ON MACRO doubled IS 'twice';
COMMENT ON MACRO TABLE gaps IS 'cash gaps';
CREATE VIEW yearly AS SELECT issuer, fiscal_year, sum(depreciation) AS charge FROM rollup GROUP BY ALL;
COMMENT ON VIEW yearly IS 'charges';
COMMENT ON COLUMN yearly.charge IS 'sum';
CREATE VIEW secret AS SELECT * FROM facts;
CREATE VIEW "odd ""view" AS SELECT lot_id FROM lots;
CREATE TABLE "../up" AS SELECT lot_id FROM lots;
CREATE TABLE ".." AS SELECT 1 AS n;
CREATE SCHEMA other;
CREATE TABLE other.rollup AS SELECT lot_id FROM lots;
CREATE VIEW other.yearly AS SELECT lot_id FROM main.lots;
CREATE TYPE kinds AS ENUM ('Zebra-1', 'Zebra-2');
CREATE TABLE typed AS SELECT 'Zebra-1'::kinds AS kind;
CREATE SEQUENCE zebra_numbers;
"""


COLUMNS = """
SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main'
ORDER BY column_index
"""
ADDED = {"secret", 'odd "view', "../up", "..", "typed"}
"""What has no comment."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = restated(tmp_path_factory.mktemp("publish"))
    with Ledger.open(path, read_only=False) as opened:
        opened.connection.execute(MACROS).fetchall()
    assert not reseal(path)[1]
    return path


@pytest.fixture(scope="module")
def copies(ledger: Path) -> dict[str, Path]:
    """Both forms, with lots and without."""
    folder = ledger.with_name("copies")
    folder.mkdir()
    for name in KINDS:
        publish(ledger, folder / name)
        publish(ledger, folder / f"few-{name}", without_lots=True)
    return {path.name: path for path in folder.iterdir() if path.suffix != ".seal"}


def asked(path: Path, question: str, *values: object) -> list[tuple[Any, ...]]:
    """The answer of plain DuckDB to a question to a file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(question, values).fetchall()


def read(question: str) -> list[tuple[Any, ...]]:
    """The answer of DuckDB to a question to files."""
    with duckdb.connect() as connection:
        return connection.execute(question).fetchall()


def tables(path: Path, kind: str = "table") -> set[str]:
    named = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE schema_name = 'main' AND NOT internal"
    return {name for (name,) in asked(path, named)}


# One file


def test_the_file_says_what_the_ledger_says(ledger: Path, copies: dict[str, Path]) -> None:
    copy = copies["copy.duckdb"]
    for kind in ("table", "view"):
        assert tables(copy, kind) == tables(ledger, kind) != set()
        for name in tables(copy, kind):
            rows, expected = (Counter(map(str, asked(path, f"FROM {quoted(name)}"))) for path in (copy, ledger))
            assert name == "contents" or not expected - rows
            assert rows == expected or name in ("meta", "contents")  # the copy says what it is


@pytest.mark.parametrize(
    "question",
    [
        "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal",
        "SELECT view_name, comment, sql FROM duckdb_views() WHERE NOT internal",
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal",
        "SELECT function_name, function_type, parameters, parameter_types, comment FROM duckdb_functions() "
        "WHERE NOT internal",
        r"SELECT function_name, list_sort(regexp_extract_all(macro_definition, '\w+')) FROM duckdb_functions() "
        "WHERE NOT internal",  # the words: what EXCLUDE names has no order
        "SELECT table_name, constraint_text FROM duckdb_constraints()",
        "FROM bought()",
        "FROM bought_more()",
        "FROM gaps(over := 1.50)",
    ],
)
def test_the_file_explains_itself_as_the_ledger_does(question: str, ledger: Path, copies: dict[str, Path]) -> None:
    expected = sorted(asked(ledger, question), key=str)
    assert expected
    assert sorted(asked(copies["copy.duckdb"], question), key=str) == expected


def test_the_file_is_a_sealed_ledger_for_reading(copies: dict[str, Path]) -> None:
    copy = copies["copy.duckdb"]
    told, found = verify(copy)
    assert not found
    assert told.seal.startswith("every byte is as depr left it")
    assert len(ask(copy, "FROM lots")) == 5
    assert {oct(path.stat().st_mode & 0o777) for path in (copy, seal.place(copy))} == {"0o444"}
    [(tags,)] = asked(copy, "SELECT tags FROM duckdb_databases() WHERE NOT internal")
    assert tags["storage_version"].startswith("v1.4.0")


# Without lots


def test_no_secret_is_in_any_byte(ledger: Path, copies: dict[str, Path]) -> None:
    assert all(word.encode() in b"".join(bytes_of(copies["copy.duckdb"])) for word in SECRETS)  # the search finds them
    for name in KINDS:
        files = bytes_of(copies[f"few-{name}"])
        assert files
        assert not [word for word in [*SECRETS, ledger.name] for data in files if word.encode() in data]


def bytes_of(copy: Path) -> list[bytes]:
    return [path.read_bytes() for path in ([copy] if copy.is_file() else sorted(copy.rglob("*.*")))]


def test_no_secret_is_in_any_cell(copies: dict[str, Path]) -> None:
    copy = copies["few-copy.duckdb"]
    cells = [str(row) for name in tables(copy) | tables(copy, "view") for row in asked(copy, f"FROM {quoted(name)}")]
    cells += map(str, asked(copy, "FROM duckdb_columns()") + asked(copy, "FROM duckdb_functions() WHERE NOT internal"))
    cells += map(str, asked(copy, "FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'"))
    cells += map(str, [*asked(copy, "FROM duckdb_types() WHERE NOT internal"), *asked(copy, "FROM duckdb_sequences()")])
    assert len(cells) > 100
    assert not [cell for cell in cells for word in SECRETS if word in cell]


def test_what_is_left_are_aggregates(ledger: Path, copies: dict[str, Path]) -> None:
    copy = copies["few-copy.duckdb"]
    assert tables(copy) == set(KEPT) & (tables(ledger) | tables(ledger, "view")) | {"help", "examples"}
    assert tables(copy, "view") == set()
    columns = asked(copy, "SELECT column_name FROM duckdb_columns() WHERE NOT internal")
    assert not TELLING & {name for (name,) in columns}
    for name in ("fleet", "rollup", "restatement", "rollforward", "understatement"):
        assert Counter(asked(copy, f"FROM {quoted(name)}")) == Counter(asked(ledger, f"FROM {quoted(name)}"))
    comments = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'fleet' ORDER BY 1"
    assert asked(copy, comments) == asked(ledger, comments)


def test_macros_that_need_lots_are_left_out(copies: dict[str, Path]) -> None:
    copy = copies["few-copy.duckdb"]
    names = {name for (name,) in asked(copy, "SELECT function_name FROM duckdb_functions() WHERE NOT internal")}
    assert {"in_units", "divide_half_even"} <= names
    assert not {"understatement", "schedule", "rollforward", "prepared_book"} & names
    assert not {"bought", "bought_more", "doubled", "gaps", "telling"} & names  # they are no part of depr


def test_help_and_examples_say_what_is_there(copies: dict[str, Path]) -> None:
    copy = copies["few-copy.duckdb"]
    said = {name for (name,) in asked(copy, "SELECT name FROM help WHERE kind IN ('table', 'view', 'macro')")}
    macros = {name for (name,) in asked(copy, "SELECT function_name FROM duckdb_functions() WHERE NOT internal")}
    assert said == tables(copy) | tables(copy, "view") | macros
    questions = [sql for (sql,) in asked(copy, "SELECT sql FROM examples")]
    assert questions
    assert all(isinstance(asked(copy, sql), list) for sql in questions)


# Few lots


COUNTS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("uvwxyz"), st.integers(1, 30)), unique_by=lambda row: row[:2]
)


@given(COUNTS, st.integers(2, 20))
def test_no_sum_is_of_few_lots(counted: list[tuple[str, str, int]], least: int) -> None:
    small, few = pools(counted, least)
    shown: Counter[tuple[str, str]] = Counter()
    for issuer, generation, lots in counted:
        if issuer not in few:
            shown[issuer, "" if (issuer, generation) in small else generation] += lots
    assert all(lots >= least for lots in shown.values())
    whole = Counter({issuer: 0 for issuer, _, _ in counted})
    for issuer, _, lots in counted:
        whole[issuer] += lots
    assert set(few) == {issuer for issuer, lots in whole.items() if lots < least}
    for issuer in whole.keys() - set(few):  # the last that is pooled is too small, or those before it are
        pooled = sorted(lots for owner, generation, lots in counted if (owner, generation) in small and owner == issuer)
        assert not pooled or pooled[-1] < least or 0 < sum(pooled[:-1]) < least
    for issuer, _ in small:  # nothing is pooled without need
        assert any(lots < least for owner, _, lots in counted if owner == issuer)


def test_small_generations_are_pooled(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pooled.duckdb"
    publish(ledger, copy, without_lots=True, least_lots=3)
    fleet = "SELECT issuer, generation, lots, units, cost, first_purchase, last_purchase FROM fleet ORDER BY ALL"
    [(issuer, generation, lots, *told)] = asked(copy, fleet)
    assert (issuer, generation, lots) == ("META", "pooled", 4)
    bought = "sum(units), sum(cost), min(purchase_date), max(purchase_date)"
    assert [tuple(told)] == asked(ledger, f"SELECT {bought} FROM lots WHERE issuer = 'META'")
    sums = "SELECT book, bound, period_end, sum(depreciation), sum(cost), sum(carrying), sum(units) FROM rollup"
    sums += " WHERE issuer = 'META' GROUP BY ALL ORDER BY ALL"
    assert asked(copy, sums) == asked(ledger, sums) != []
    assert asked(copy, "SELECT DISTINCT generation FROM rollup") == [("pooled",)]
    assert asked(copy, "SELECT DISTINCT issuer FROM restatement") == [("META",)]
    assert asked(copy, "SELECT DISTINCT issuer FROM issuers ORDER BY 1") == [("META",), ("MSFT",)]


def test_least_lots_counts_only_without_lots(ledger: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="give --without-lots as well"):
        publish(ledger, tmp_path / "x", least_lots=3)


# Parquet


@pytest.mark.parametrize("name", ["copy", "few-copy"])
def test_parquet_says_what_the_file_says(name: str, copies: dict[str, Path]) -> None:
    file, folder = copies[f"{name}.duckdb"], copies[name]
    there = (tables(file) | tables(file, "view")) - parquet.OF_THE_DATABASE
    assert {path.name for path in folder.iterdir()} == {*map(safe, there), manifest.NAME}
    assert {path for path in folder.parent.iterdir() if path.suffix != ".seal"} == set(copies.values())
    for table in there - {"meta", "contents"}:
        names = [row[0] for row in asked(file, f"DESCRIBE {quoted(table)}")]
        question = f"SELECT {', '.join(names)} FROM "
        again = read(f"{question} read_parquet('{folder}/{safe(table)}/**/*.parquet', hive_partitioning = true)")
        assert Counter(map(str, again)) == Counter(map(str, asked(file, question + quoted(table))))


@pytest.mark.parametrize("name", ["copy", "few-copy"])
def test_the_manifest_describes_every_file_and_column(name: str, copies: dict[str, Path]) -> None:
    folder, file = copies[name], copies[f"{name}.duckdb"]
    said = manifest.read(folder)
    assert said["head"] == said["results_head"] == facts.head(copies["copy.duckdb"]).split()[1]
    assert said["without"] == ("lots" if name == "few-copy" else "")
    described = {table["name"]: table for table in said["tables"]}
    for table in said["tables"]:
        told = asked(file, COLUMNS, table["name"])
        assert [(c["name"], c["type"], c["meaning"] or None) for c in table["columns"]] == told
        assert table["meaning"] or table["name"] in ADDED
        assert table["rows"] == sum(each["rows"] for each in said["files"] if each["table"] == table["name"])
    for each in said["files"]:
        path = folder / each["path"]
        assert (path.stat().st_size, path.stat().st_mode & 0o777) == (each["bytes"], 0o444)
        partitions = described[each["table"]]["partitioned_by"]
        assert len(path.relative_to(folder).parts) == 2 + len(partitions)
        assert pl.read_parquet(path, hive_partitioning=False).height == each["rows"]
    assert {t["name"] for t in said["tables"] if t["partitioned_by"]} >= {"rollup", "restatement"}


def test_the_same_ledger_gives_the_same_parquet(ledger: Path, copies: dict[str, Path], tmp_path: Path) -> None:
    publish(ledger, tmp_path / "again")
    assert (tmp_path / "again" / manifest.NAME).read_bytes() == (copies["copy"] / manifest.NAME).read_bytes()


def test_names_of_issuers_stay_inside_the_folder(tmp_path: Path) -> None:
    names = ["../../up", "/root", "a/b", "..", ".", "=", "%2F", "a\\b", "\u202eabc", "x" * 200, "NULL", " "]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (issuer VARCHAR, fiscal_year INTEGER, n INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?, 2025, ?)", [[name, n] for n, name in enumerate(names)])
        own = tmp_path / "deep" / "own"
        own.mkdir(parents=True)
        [table], files, _ = parquet.write(connection, "memory", own, lambda step: None)
    assert table.rows == len(names) == sum(file.rows for file in files)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {own / file.path for file in files}
    again = read(f"SELECT n, issuer FROM read_parquet('{own}/t/**/*.parquet', hive_types = {{issuer: VARCHAR}})")
    assert dict(again) == dict(enumerate(names))


# Whole or not there


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def own(ledger: Path, tmp_path: Path) -> Path:
    """A ledger in a folder of its own."""
    for path in (ledger, seal.place(ledger)):
        shutil.copy(path, tmp_path)
    return Path(tmp_path / ledger.name)


@pytest.mark.parametrize("name", KINDS)
def test_a_copy_is_replaced_only_when_asked_to(name: str, own: Path) -> None:
    copy = own.with_name(name)
    publish(own, copy, without_lots=True)
    before = state(own.parent)
    with pytest.raises(Refused, match="already exists"):
        publish(own, copy)
    assert state(own.parent) == before
    assert publish(own, copy, overwrite=True).without == ""
    assert not verify_copy(copy)[1]
    assert not [path for path in own.parent.iterdir() if path.name.startswith(".")]


def test_only_a_copy_is_replaced(own: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    (tmp_path / "text.duckdb").write_text("DUCK", encoding="utf-8")
    (tmp_path / "link.duckdb").symlink_to(own)
    (tmp_path / "folder.duckdb").mkdir()
    publish(own, tmp_path / "copy.duckdb")
    before = state(tmp_path)
    for name in (own.name, "mine", "text.duckdb", "link.duckdb", "folder.duckdb"):
        with pytest.raises(Refused, match="is no copy that depr published"):
            publish(own, tmp_path / name, overwrite=True)
    with pytest.raises(Refused, match="is no copy that depr published"):
        publish(tmp_path / "copy.duckdb", tmp_path / "copy.duckdb", overwrite=True)
    with pytest.raises(Refused, match="there is no folder"):
        publish(own, tmp_path / "none" / "copy")
    assert state(tmp_path) == before


@pytest.mark.parametrize("name", KINDS)
def test_a_ledger_that_was_changed_is_not_published(name: str, own: Path) -> None:
    data = bytearray(own.read_bytes())
    data[len(data) // 2] ^= 1
    own.write_bytes(data)
    with pytest.raises(Refused, match="the ledger file was changed"):
        publish(own, own.with_name(name))
    assert {path.name for path in own.parent.iterdir()} <= {own.name, seal.place(own).name}


@pytest.mark.parametrize("name", KINDS)
def test_what_fails_leaves_all_as_it_was(name: str, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = own.with_name(name)
    publish(own, copy)
    before = state(own.parent)

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    for module, function in ((manifest, "write"), (seal, "write"), (places, "_put_folder")):
        monkeypatch.setattr(module, function, broken)
    with pytest.raises(Refused, match="Input/output error"):
        publish(own, copy, overwrite=True)
    assert state(own.parent) == before


@pytest.mark.parametrize("name", KINDS)
def test_what_was_prepared_before_the_last_facts_is_not_published(name: str, own: Path) -> None:
    record(own, "transfer", "Zebra-1", date(2025, 6, 30), RECORDED, location="Narvik 3")
    with pytest.raises(Refused, match=r"facts were recorded since it was prepared[\s\S]*do: depr prepare"):
        publish(own, own.with_name(name))
    assert {path.suffix for path in own.parent.iterdir()} <= {".duckdb", ".seal", ".lock"}


@pytest.mark.parametrize("options", [[], ["--without-lots"]])
def test_a_view_that_does_not_answer_is_left_out_and_named(options: list[str], tmp_path: Path) -> None:
    path = filled(tmp_path / "fleet.duckdb", [lot()])  # nothing is prepared
    ran = run(tmp_path, "publish", path.name, "copy", *options)
    assert ran.code == 0
    assert "left out: rollforward: " in ran.err
    assert not (tmp_path / "copy" / "rollforward").exists()
    assert "rollforward" in manifest.read(tmp_path / "copy")["left_out"]
    assert not verify_copy(tmp_path / "copy")[1]


def test_two_at_once_are_refused(own: Path) -> None:
    copy = own.with_name("copy")
    with places.beside(copy):
        ended = command(own.parent, "publish", own.name, copy.name)
    assert ended.ran
    assert (ended.code, "copy: is being published by another process" in ended.ran.err) == (1, True)
    publish(own, copy)


@pytest.mark.parametrize("name", sampled(KINDS, 2, 1))
def test_a_kill_leaves_a_whole_copy_or_none(name: str, own: Path) -> None:
    words = ["publish", own.name, name]
    whole = command(own.parent, *words, count=True)
    assert (whole.code, whole.steps > 50) == (0, True)
    ends = Counter[bool]()
    random = Random(7)
    steps = [*random.sample(range(1, whole.steps), 4), *range(whole.steps - 60, whole.steps, 15)]
    for step in steps:
        _remove(own.with_name(name))
        assert Child(own.parent, *words, stop_at=step).go().end().code != 0
        there = own.with_name(name).exists()
        ends[there] += 1
        assert not there or not (verify_copy(own.with_name(name))[1])
    assert ends[False]
    _remove(own.with_name(name))
    assert command(own.parent, *words).code == 0
    assert not verify_copy(own.with_name(name))[1]
    assert not own.with_name(f".{name}.part").exists()


def _remove(copy: Path) -> None:
    if copy.is_dir():
        shutil.rmtree(copy)
    for path in (copy, seal.place(copy)):
        path.unlink(missing_ok=True)


@pytest.fixture
def _ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is closed last is prepared too: else nothing would be published."""
    made = disks.prepared

    def ready(folder: Path) -> Path:
        path = made(folder)
        prepare(path)
        return path

    monkeypatch.setattr(disks, "prepared", ready)


@pytest.mark.usefixtures("_ready")
def test_no_file_may_grow(tmp_path: Path) -> None:
    for tally in limited(tmp_path, 1, 1, PUBLISH):
        tally.prove()


@pytest.mark.release
@pytest.mark.usefixtures("_ready")
@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")
def test_a_full_disk_and_a_read_only_one(tmp_path: Path) -> None:
    for tally in (*full(tmp_path, 1, 1, PUBLISH), *read_only(tmp_path, PUBLISH)):
        tally.prove()


# Proof of a copy


def flip(path: Path, at: int) -> bytes:
    """Another byte in a file; what was there."""
    before = path.read_bytes()
    data = bytearray(before)
    data[at] ^= 1 << at % 8
    path.chmod(0o644)
    path.write_bytes(data)
    return before


PARTS = 4
"""The files of a copy in so many parts: one is damaged each run, all for a release."""


@pytest.fixture
def folder(copies: dict[str, Path], tmp_path: Path) -> Path:
    """A copy in Parquet that may be damaged."""
    return Path(shutil.copytree(copies["few-copy"], tmp_path / "damaged"))


@pytest.mark.parametrize("part", sampled(range(PARTS), PARTS))
def test_a_flipped_byte_names_its_file(part: int, folder: Path) -> None:
    random = Random(11 + part)
    assert run(folder.parent, "verify", folder.name).code == 0
    for path in sorted(folder.rglob("*.*"))[part::PARTS]:
        before = flip(path, random.randrange(path.stat().st_size))
        ran = run(folder.parent, "verify", folder.name)
        assert (ran.code, str(path.relative_to(folder)) in ran.err) == (1, True)
        path.write_bytes(before)
    assert run(folder.parent, "verify", folder.name).code == 0


def test_every_byte_of_the_manifest_counts(folder: Path) -> None:
    path = folder / manifest.NAME
    size = path.stat().st_size
    for at in [*range(0, size, max(size // 300, 1)), *range(size - 90, size)]:
        before = flip(path, at)
        with pytest.raises(Refused, match=re.escape(str(path))):
            verify_copy(folder)
        path.write_bytes(before)
    assert not verify_copy(folder)[1]


def test_missing_swapped_cut_and_added_files_are_named(folder: Path) -> None:
    first, second, third, fourth = sorted(folder.rglob("*.parquet"))[:4]
    other, cut = second.read_bytes(), third.read_bytes()[:-1]
    for path in (second, third):
        path.chmod(0o644)
    second.write_bytes(fourth.read_bytes())
    third.write_bytes(cut)
    first.unlink()
    added = folder / "added.parquet"
    added.write_bytes(other)
    _, found = verify_copy(folder)
    assert {finding.file: finding.what for finding in found} == {
        str(first): "is missing",
        str(second): "was changed",
        str(third): "was changed",
        str(added): "is not in the manifest",
    }


def test_a_flipped_byte_of_the_file_names_it(copies: dict[str, Path], tmp_path: Path) -> None:
    random = Random(13)
    for name in ("copy.duckdb", "few-copy.duckdb"):
        path = tmp_path / name
        for each in (copies[name], seal.place(copies[name])):
            shutil.copy(each, tmp_path)
        assert run(tmp_path, "verify", name).code == 0
        for at in [0, 9, 4096, 8200, *(random.randrange(path.stat().st_size) for _ in range(6))]:
            before = flip(path, at)
            ran = run(tmp_path, "verify", name)
            assert (ran.code, f"{name}: " in ran.err) == (1, True)
            path.write_bytes(before)
        seal.place(path).unlink()
        assert "seal" in run(tmp_path, "verify", name).out


def test_a_head_noted_elsewhere_must_be_the_copys(copies: dict[str, Path]) -> None:
    head = manifest.read(copies["copy"])["head"]
    assert not verify_copy(copies["copy"], head[:8].upper())[1]
    [finding] = verify_copy(copies["copy"], "beef")[1]
    assert finding.what == "no batch has the hash beef"


def _rewritten(folder: Path, table: str, change: str, only: Path | None = None) -> str:
    """The rows of a table changed, its file written again, and the manifest made to fit: what one does who knows how.

    Returns the digest of the changed rows.
    """
    [file] = [only] if only else (folder / table).rglob("*.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {table} AS FROM read_parquet('{file}', hive_partitioning = false)").fetchall()
        connection.execute(change).fetchall()
        file.chmod(0o644)
        connection.execute(f"COPY {table} TO '{file}' (FORMAT parquet, COMPRESSION zstd)").fetchall()
        rows = contents.rows_sha256(connection, table)
    said = manifest.read(folder)
    for each in said["files"]:
        if each["path"] == str(file.relative_to(folder)):
            each |= {"bytes": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    said[manifest.SEAL] = manifest.UNSEALED
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    (folder / manifest.NAME).chmod(0o644)
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / manifest.NAME).write_text(text.replace(manifest.UNSEALED, digest), "utf-8")
    return rows


def test_rewritten_with_its_manifest_it_is_found(copies: dict[str, Path], tmp_path: Path) -> None:
    """By the digests that came along; and rewritten with those too, by the hash of the contents noted elsewhere."""
    folder = Path(shutil.copytree(copies["copy"], tmp_path / "rewritten"))
    told, found = verify_copy(folder)
    head = str(manifest.read(folder)["head"])
    assert not found
    assert any("that it is the copy that was published" in said for said in told.unproven)
    rows = _rewritten(folder, "issuers", "UPDATE issuers SET name = name || ' (audited)'")
    assert not manifest.differing(folder, manifest.read(folder))
    ran = run(tmp_path, "verify", folder.name)
    assert (ran.code, "the rows of issuers were changed" in ran.err) == (1, True)
    _rewritten(folder, "contents", f"UPDATE contents SET rows = '{rows}' WHERE name = 'issuers'")
    silent = run(tmp_path, "verify", folder.name)
    assert silent.code == 0
    assert "one rewritten with all its digests looks the same" in silent.err
    by_facts = run(tmp_path, "verify", folder.name, "--head", head)
    assert by_facts.code == 0
    assert "not proven: all but facts" in by_facts.err
    noted = run(tmp_path, "verify", folder.name, "--head", told.contents)
    assert (noted.code, "no batch has the hash" in noted.err) == (1, True)


def test_facts_rewritten_with_their_manifest_are_found_by_the_chain(copies: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(copies["copy"], tmp_path / "rewritten"))
    _rewritten(folder, "batches", "UPDATE batches SET file = 'other.csv' WHERE batch = 1")
    ran = run(tmp_path, "verify", folder.name)
    assert (ran.code, "batch 1" in ran.err) == (1, True)


def test_every_table_and_view_of_a_folder_is_proven_or_named(copies: dict[str, Path]) -> None:
    told, found = verify_copy(copies["copy"])
    assert not found
    unproven = [said.split(":")[0] for said in told.unproven if "nothing says its rows" in said]
    assert set(unproven) <= {'view odd "view', "view secret", "view yearly"}, "only what others made"


FOLLOWING = {
    "curves": "UPDATE curves SET num = num + 1 WHERE month = 1",
    "positions": "UPDATE positions SET cost = cost + 1",
    "understatement": "UPDATE understatement SET losses = losses + 1",
}
"""Views that follow from tables beside them, each with a change."""


@pytest.mark.parametrize("view", sampled(FOLLOWING, 3))
def test_a_view_rewritten_with_its_manifest_is_found(view: str, tmp_path: Path) -> None:
    path = filled(tmp_path / "fleet.duckdb", [lot(), lot(lot_id="L2", in_service_date="2023-05-01")])
    prepare(path)
    publish(path, tmp_path / "copy")
    files = sorted((tmp_path / "copy" / view).rglob("*.parquet"))
    whole = run(tmp_path, "verify", "copy", "fleet.duckdb")
    assert (whole.code, whole.err) == (0, "")
    _rewritten(tmp_path / "copy", view, FOLLOWING[view], files[0])
    assert not manifest.differing(tmp_path / "copy", manifest.read(tmp_path / "copy"))
    ran = run(tmp_path, "verify", "copy")
    assert (ran.code, f"the rows of {view} were changed" in ran.err) == (1, True), ran


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no manifest"):
        verify_copy(tmp_path)
    (tmp_path / manifest.NAME).write_text(json.dumps({"files": []}), encoding="utf-8")
    with pytest.raises(Refused, match="the manifest was changed"):
        verify_copy(tmp_path)


# The command


def test_the_command_says_what_it_made(own: Path) -> None:
    ran = run(own.parent, "publish", own.name, "shared.duckdb", "--without-lots", "--least-lots", "2")
    assert ran.code == 0
    assert re.fullmatch(r"published shared\.duckdb: \d+ tables, [\d,]+ rows, without lots; head \w{64}\n", ran.out)
    assert "published by depr" in run(own.parent, "verify", "shared.duckdb").out
    with Ledger.open(own, read_only=False) as opened:
        opened.connection.execute("DROP SCHEMA other CASCADE").fetchall()
    assert not reseal(own)[1]
    record(own, "transfer", "Zebra-1", date(2025, 6, 30), RECORDED, location="Narvik 3")
    prepare(own)
    ran = run(own.parent, "publish", own.name, "late")
    assert "facts were recorded since the results were made" in ran.err
    assert manifest.read(own.with_name("late"))["head"] != manifest.read(own.with_name("late"))["results_head"]
