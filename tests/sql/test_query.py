"""Questions to a ledger: answered exactly, read-only, closed to files, network and settings, and ended in time."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from depr.errors import Refused
from depr.sql.query import query
from tests.ledger.samples import ledger, lot

HOSTILE = ["'; DROP TABLE events; --", "=1+1", "<script>", "\u202eabc", "a\x00b", "a\nb", '"', "[/]", "NULL", "🙂"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query")
    for name in ("beside.csv", "beside.json"):
        (folder / name).write_text("secret\n1\n", encoding="utf-8")
    pl.DataFrame({"secret": [1]}).write_parquet(folder / "beside.parquet")
    return ledger(folder / "fleet.duckdb", [lot(), *(lot(lot_id=f"<{t}>", document=t) for t in HOSTILE)])


@pytest.fixture(autouse=True)
def _unchanged(path: Path) -> object:
    """Whatever is asked, the folder is as it was."""

    def state() -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in path.parent.iterdir()}

    before = state()
    yield
    assert state() == before
    return None


READING = [
    "SELECT * FROM read_csv('{folder}/beside.csv')",
    "SELECT * FROM read_csv_auto(['{folder}/beside.csv'])",
    "SELECT * FROM '{folder}/beside.csv'",
    "FROM sniff_csv('{folder}/beside.csv')",
    "SELECT * FROM read_text('{folder}/beside.csv')",
    "SELECT * FROM read_blob('{folder}/beside.csv')",
    "SELECT * FROM read_parquet('{folder}/beside.parquet')",
    "FROM parquet_metadata('{folder}/beside.parquet')",
    "SELECT * FROM read_json('{folder}/beside.json')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM query('SELECT * FROM read_csv(''{folder}/beside.csv'')')",
    "SELECT * FROM query_table('{folder}/beside.csv')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT getenv('HOME')",
    "FROM duckdb_secrets()",
    "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
    "SELECT * FROM read_csv('s3://bucket/x.csv')",
    "SELECT * FROM sqlite_scan('{folder}/x.db', 't')",
    "COPY events FROM '{folder}/beside.csv'",
    "IMPORT DATABASE '{folder}'",
    "SELECT * FROM frame_of_the_caller",
]
WRITING = [
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY lots TO '{folder}/out.parquet' (FORMAT parquet)",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/other.duckdb' AS other",
    "ATTACH ':memory:' AS other",
    "CREATE TABLE t (a INT)",
    "CREATE OR REPLACE VIEW lots AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "CREATE SCHEMA s",
    "CREATE SEQUENCE s",
    "CREATE TYPE t AS ENUM ('a')",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO events SELECT * FROM events",
    "UPDATE events SET units = 1",
    "DELETE FROM events",
    "TRUNCATE events",
    "DROP TABLE events",
    "DROP VIEW lots",
    "ALTER TABLE events ADD COLUMN z INT",
    "COMMENT ON TABLE events IS 'x'",
    "BEGIN; DELETE FROM events; COMMIT",
    "SELECT 1; DELETE FROM events",
    "DETACH fleet",
]
SETTING = [
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{folder}/evil.duckdb_extension'",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "SET threads = 64",
    "SET temp_directory = '{folder}/tmp'",
    "SET lock_configuration = false",
    "RESET memory_limit",
    "PRAGMA memory_limit = '100GB'",
    "PRAGMA enable_profiling = 'json'",
    "PRAGMA profiling_output = '{folder}/out.json'",
    "CALL enable_logging()",
]


@pytest.mark.parametrize("statement", [*READING, *WRITING, *SETTING])
def test_a_way_out_is_closed(statement: str, path: Path) -> None:
    frame_of_the_caller = pl.DataFrame({"secret": [1]})
    assert len(frame_of_the_caller) == 1
    with pytest.raises(Refused) as refused:
        query(path, statement.format(folder=path.parent), seconds=20)
    [finding] = refused.value.findings
    assert finding.file == "query"
    assert "stopped" not in finding.what


@pytest.mark.parametrize("statement", ["SELECT", "not sql", "SELECT 1 WHERE", "SELECT * FROM nowhere", "SELECT 1/'a'"])
def test_a_fault_is_told_in_duckdbs_words(statement: str, path: Path) -> None:
    with pytest.raises(Refused, match="Error: "):
        query(path, statement)


def test_an_answer_is_exact(path: Path) -> None:
    assert query(path, "SELECT lot_id, units, cost FROM lots WHERE lot_id = 'L1'").rows() == [
        ("L1", 10, Decimal("1000.00"))
    ]
    assert query(path, "SELECT 99999999999999999999999999.01::DECIMAL(28,2) AS x")["x"].to_list() == [
        Decimal("99999999999999999999999999.01")
    ]


def test_hostile_text_stays_text(path: Path) -> None:
    found = query(path, "SELECT document FROM lots WHERE document IS NOT NULL")["document"]
    assert sorted(found) == sorted(HOSTILE)
    quoted = HOSTILE[0].replace("'", "''")
    assert query(path, f"SELECT count(*) AS n FROM lots WHERE document = '{quoted}'")["n"].to_list() == [1]


def test_the_last_of_several_statements_is_answered(path: Path) -> None:
    assert query(path, "SELECT 1 AS a; SELECT 2 AS b").rows(named=True) == [{"b": 2}]


@pytest.mark.parametrize("statement", ["", "  ", "-- a comment"])
def test_no_statement_is_no_answer(statement: str, path: Path) -> None:
    assert query(path, statement).is_empty()


def test_columns_of_one_name_are_told_apart(path: Path) -> None:
    assert query(path, "SELECT 1 AS x, 2 AS x, 3 AS x_1, 4 AS x").columns == ["x", "x_2", "x_1", "x_3"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("INTERVAL 1 DAY", "1 day"),
        ("'a'::BLOB", "a"),
        ("'101'::BIT", "101"),
        ("union_value(k := 1)", "1"),
        ("340282366920938463463374607431768211455::UHUGEINT", "340282366920938463463374607431768211455"),
    ],
)
def test_types_without_a_form_of_ours_are_shown_as_text(value: str, shown: str, path: Path) -> None:
    assert query(path, f'SELECT {value} AS "a ""b""", 1 AS c').rows() == [(shown, 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM range(1000000000000)",
        "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    ],
)
def test_a_query_without_end_is_ended(statement: str, path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(Refused, match=r"stopped after 0\.2 seconds"):
        query(path, statement, seconds=0.2)
    assert time.monotonic() - begun < 10
    assert query(path, "SELECT 1 AS a")["a"].to_list() == [1]


def test_an_answer_without_end_is_ended(path: Path) -> None:
    with pytest.raises(Refused, match="the answer is larger than 64 MiB"):
        query(path, "SELECT * FROM range(1000000000000)", memory_mib=64)


def test_a_sort_without_end_fills_neither_memory_nor_disk(path: Path) -> None:
    sort = "SELECT count(*) FROM (SELECT range, hash(range) AS h FROM range(50000000) ORDER BY h)"
    with pytest.raises(Refused, match="Out of Memory"):
        query(path, sort, memory_mib=48, seconds=60)
