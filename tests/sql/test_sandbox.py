"""Every way out of a question is closed: files, networks, extensions, secrets, settings, writes, memory and time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl
import pytest

from depr.errors import Refused
from depr.sql.query import Session, query, session
from tests.daily import sampled
from tests.ledger.samples import ledger, lot

frame_of_the_module = pl.DataFrame({"secret": [1]})

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
    "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
    "SELECT * FROM read_csv('s3://bucket/x.csv')",
    "SELECT * FROM sqlite_scan('{folder}/x.db', 't')",
    "COPY events FROM '{folder}/beside.csv'",
    "IMPORT DATABASE '{folder}'",
    "SELECT * FROM frame_of_the_caller",
    "SELECT * FROM read_csv('{folder}/*.csv', union_by_name := true)",
    "SELECT * FROM read_ndjson('{folder}/beside.json')",
    "SELECT * FROM read_json_objects('{folder}/beside.json')",
    "FROM parquet_schema('{folder}/beside.parquet')",
    "FROM parquet_kv_metadata('{folder}/beside.parquet')",
    "FROM parquet_file_metadata('{folder}/beside.parquet')",
    "FROM parquet_scan('{folder}/beside.parquet')",
    "FROM '{folder}/beside.parquet'",
    "FROM '{folder}/beside.json'",
    "FROM '{folder}/other.duckdb'",
    "FROM read_duckdb('{folder}/other.duckdb')",
    "FROM read_blob('{folder}/fleet.duckdb.seal')",
    "FROM read_text('/etc/passwd')",
    "FROM read_csv('/dev/stdin')",
    "FROM read_text('/proc/self/cmdline')",
    "FROM glob('/etc/*')",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SET VARIABLE x = (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "WITH stolen AS MATERIALIZED (FROM read_text('/etc/passwd')) FROM stolen",
    "EXPLAIN ANALYZE FROM read_text('/etc/passwd')",
    "DESCRIBE FROM read_csv('{folder}/beside.csv')",
    "SUMMARIZE FROM read_csv('{folder}/beside.csv')",
    "PIVOT '{folder}/beside.csv' ON secret",
    "PIVOT (FROM read_csv('{folder}/beside.csv')) ON secret USING count(*)",
    "UNPIVOT (FROM read_csv('{folder}/beside.csv')) ON secret",
    "FROM query('FROM query(''FROM read_text(/etc/passwd)'')')",
    "FROM query_table(['{folder}/beside.csv', '{folder}/beside.csv'])",
    "FROM query('SELECT 1; FROM lots')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''/etc/passwd'')'))",
    "PRAGMA json_execute_serialized_sql('{{}}')",
    "FROM 'https://127.0.0.1:1/x.parquet'",
    "FROM read_parquet('hf://datasets/a/b.parquet')",
    "FROM read_text('file:///etc/passwd')",
    "FROM read_csv('azure://c/x.csv')",
    "FROM postgres_scan('host=127.0.0.1', 'public', 't')",
    "FROM mysql_scan('', '', 't')",
    "FROM delta_scan('{folder}')",
    "FROM iceberg_scan('{folder}')",
    "FROM st_read('{folder}/beside.json')",
    "FROM dbgen(sf := 1)",
    "FROM sql_auto_complete('SEL')",
    "FROM load_aws_credentials()",
    "FROM duckdb_extensions()",
    "FROM frame_of_the_module",
    "FROM pandas_scan(0)",
    "FROM arrow_scan(0, 0, 0)",
    "FROM arrow_scan_dumb(0, 0, 0)",
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
    "COPY (SELECT 1) TO '/dev/stdout'",
    "COPY (SELECT 1) TO '{folder}/out' (FORMAT csv, PARTITION_BY a)",
    "COPY FROM DATABASE fleet TO memory",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPLAIN ANALYZE DELETE FROM events",
    "ATTACH '{folder}/fleet.duckdb' AS again (READ_WRITE)",
    "ATTACH IF NOT EXISTS '{folder}/fleet.duckdb' AS again",
    "CREATE TEMP TABLE t AS FROM lots",
    "CREATE TEMP VIEW t AS FROM lots",
    "CREATE TEMP MACRO t() AS TABLE FROM lots",
    "CREATE OR REPLACE TEMP MACRO sum(x) AS 1",
    "CREATE TABLE temp.main.t (a INT)",
    "CREATE INDEX i ON events (seq)",
    "CREATE PERSISTENT SECRET s (TYPE s3)",
    "WITH gone AS (DELETE FROM events RETURNING *) FROM gone",
    "WITH new AS (INSERT INTO events FROM events RETURNING *) FROM new",
    "MERGE INTO events USING events AS e ON false WHEN NOT MATCHED THEN INSERT",
    "INSERT OR REPLACE INTO meta VALUES ('schema_version', '9')",
    "ALTER DATABASE fleet RENAME TO other",
    "ALTER VIEW lots RENAME TO other",
    "DROP MACRO schedule",
    "DROP SECRET s",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "PREPARE p AS DELETE FROM events",
    "PREPARE p AS SELECT 1; EXECUTE p",
    "EXECUTE p",
    "DEALLOCATE p",
    "CALL force_checkpoint()",
    "UPDATE EXTENSIONS",
    "FROM lots; COPY lots TO '{folder}/out.csv'",
    "/* SELECT */ DELETE FROM events",
    "-- SELECT\nDELETE FROM events",
    "DELETE FROM events -- SELECT",
    "SELECT nextval('s')",
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
    "FORCE INSTALL httpfs FROM 'http://127.0.0.1:1'",
    "INSTALL '{folder}/evil.duckdb_extension'",
    "SET GLOBAL enable_external_access = true",
    "SET SESSION memory_limit = '100GB'",
    "SET LOCAL threads = 64",
    "/* USE */ SET threads = 64",
    "SET allow_unsigned_extensions = true",
    "SET autoinstall_known_extensions = true",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['/etc/passwd']",
    "SET disabled_filesystems = ''",
    "SET home_directory = '/'",
    "SET secret_directory = '/'",
    "SET extension_directory = '{folder}'",
    "SET log_query_path = '{folder}/log'",
    "SET profiling_output = '{folder}/log'",
    "SET enable_logging = true",
    "SET max_temp_directory_size = '1TB'",
    "SET max_expression_depth = 1000000000",
    "SET python_enable_replacements = true",
    "SET search_path = 'temp'",
    "SET schema = 'temp'",
    "RESET enable_external_access",
    "RESET ALL",
    "PRAGMA threads = 64",
    "PRAGMA enable_external_access = true",
    "PRAGMA database_list",
    "PRAGMA enable_verification",
    "PRAGMA enable_checkpoint_on_shutdown",
    "PRAGMA force_checkpoint",
    "CALL disable_logging()",
    "CALL truncate_duckdb_logs()",
    "FROM enable_logging()",
    "FROM enable_logging('QueryLog', storage := 'file', storage_path := '{folder}')",
    "FROM enable_profiling()",
    "EXPLAIN ANALYZE SET threads = 64",
    "FROM query('SET threads = 64')",
    "USE temp",
    "USE system",
]
SHAPES = [
    "COPY (SELECT 1) TO '{path}' (FORMAT csv, USE_TMP_FILE false)",
    "COPY (SELECT 1 AS a, 2 AS b) TO '{path}' (FORMAT csv, PARTITION_BY (a), OVERWRITE true)",
    "COPY (PIVOT lots ON generation USING count(*)) TO '{path}' (FORMAT csv, USE_TMP_FILE false)",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
    "EXPLAIN /* ANALYZE */ ANALYZE -- SELECT\n COPY lots TO '{path}' (FORMAT parquet, USE_TMP_FILE false)",
    "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
    "EXPLAIN ANALYZE COPY (PIVOT lots ON generation USING count(*)) TO '{path}' (FORMAT csv, USE_TMP_FILE false)",
    "WITH x AS (COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)) FROM x",
    "EXPLAIN ANALYZE WITH x AS (COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)) FROM x",
    "WITH x AS (COPY lots TO '{path}' (USE_TMP_FILE false)), y AS (PIVOT lots ON generation USING count(*)) FROM y",
    "SET VARIABLE x = (WITH x AS (COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)) SELECT 1 FROM x)",
    "FROM query('WITH x AS (COPY (SELECT 1) TO ''{path}'' (USE_TMP_FILE false)) FROM x')",
    "PREPARE p AS COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
    "FROM read_blob('{path}')",
    "FROM read_text(['{path}'])",
    "FROM read_csv('{path}', header := false)",
    "FROM glob('{path}*')",
    "FROM '{path}'",
    "ATTACH '{path}' AS again (READ_ONLY)",
]
"""How a statement names a file; one that DuckDB learns belongs here."""

SHORT = (SHAPES[0], SHAPES[7], "FROM read_blob('{path}')")

OWN = [
    *(f"{name}.duckdb{end}" for name in ("fleet", "beside") for end in (".wal", ".wal.recovery", ".wal.checkpoint")),
    "fleet.duckdb.tmp/x",
    "fleet.duckdb.seal",
    ".fleet.duckdb.lock",
    "./../{name}/fleet.duckdb",
    "link.duckdb",
    "hard.duckdb",
]
"""Files of a ledger and of one beside it, under any name: the engine alone lets the first of them be written."""

ITS_OWN = [
    *(shape.replace("{path}", "{folder}/" + file) for file in ("fleet.duckdb", "beside.duckdb") for shape in SHAPES),
    *(shape.replace("{path}", "file://{folder}/fleet.duckdb") for shape in SHAPES),
    *(shape.replace("{path}", "{folder}/" + file) for file in OWN for shape in SHAPES if shape in SHORT),
]

KINDS = {
    "ALTER": "ALTER TABLE events ADD COLUMN z INT",
    "ATTACH": "ATTACH ':memory:' AS other",
    "CALL": "CALL pragma_version()",
    "COPY": "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY_DATABASE": "COPY FROM DATABASE fleet TO memory (SCHEMA)",
    "CREATE": "CREATE TABLE t AS SELECT 1 AS a",
    "DELETE": "DELETE FROM events",
    "DETACH": "DETACH fleet",
    "DROP": "DROP TABLE events",
    "EXECUTE": "EXECUTE p",
    "EXPORT": "EXPORT DATABASE '{folder}/out'",
    "INSERT": "INSERT INTO events FROM events RETURNING *",
    "LOAD": "LOAD httpfs",
    "MERGE_INTO": "MERGE INTO events USING events AS e ON false WHEN NOT MATCHED THEN INSERT",
    "PRAGMA": "PRAGMA version",
    "PREPARE": "PREPARE p AS SELECT 1",
    "SET": "SET threads = 1",
    "TRANSACTION": "BEGIN",
    "UPDATE": "UPDATE events SET units = 1 RETURNING *",
    "VACUUM": "VACUUM",
}
"""A statement of every kind that DuckDB parses and that is no question (test_there_are_enough_of_them)."""

WITHIN = (
    "EXPLAIN {it}",
    "EXPLAIN ANALYZE {it}",
    "EXPLAIN (ANALYZE) {it}",
    "WITH x AS ({it}) FROM x",
    "WITH x AS MATERIALIZED (WITH y AS (SELECT 1) {it}) FROM x",
    "FROM lots; {it}",
)
WRAPPED = [within.replace("{it}", statement) for statement in KINDS.values() for within in ("{it}", *WITHIN)]
ESCAPES = list(dict.fromkeys([*READING, *WRITING, *SETTING, *ITS_OWN, *WRAPPED]))
"""Each is tried at the prompt, and past it on the engine itself."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("sandbox"))


def _made(folder: Path) -> Path:
    """A ledger among files that no question may read or write."""
    for name in ("beside.csv", "beside.json"):
        (folder / name).write_text("secret\n1\n", encoding="utf-8")
    frame_of_the_module.write_parquet(folder / "beside.parquet")
    duckdb.connect(str(folder / "other.duckdb")).execute("CREATE TABLE t AS SELECT 1 AS secret").close()
    ledger(folder / "beside.duckdb", [lot()])
    made = ledger(folder / "fleet.duckdb", [lot()])
    (folder / "link.duckdb").symlink_to(made)
    (folder / "hard.duckdb").hardlink_to(made)
    return made


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that no session holds: those of one process share the limits of the first."""
    return ledger(tmp_path_factory.mktemp("alone") / "fleet.duckdb", [lot()])


@pytest.fixture(scope="module")
def asked(path: Path) -> Iterator[Session]:
    with session(path, attach={"beside": path.with_name("beside.duckdb")}) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _unchanged(path: Path) -> Iterator[None]:
    """Whatever is asked, the folder is as it was."""
    before = _state(path.parent)
    yield
    assert _state(path.parent) == before


def _state(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def test_there_are_enough_of_them() -> None:
    assert len(ESCAPES) >= 400
    questions = {"SELECT", "EXPLAIN", "MULTI"}
    internal = {"ANALYZE", "INVALID", "CREATE_FUNC", "EXTENSION", "LOGICAL_PLAN", "RELATION", "VARIABLE_SET"}
    assert {kind for kind in dir(duckdb.StatementType) if kind.isupper()} == questions | internal | set(KINDS)
    for kind, statement in KINDS.items():
        assert [each.type.name for each in duckdb.extract_statements(statement)] == [kind]


@pytest.mark.parametrize("statement", ESCAPES)
def test_a_way_out_is_closed(statement: str, path: Path, asked: Session) -> None:
    """Refused at once, for what it is; and the ledger answers the next question as before."""
    frame_of_the_caller = pl.DataFrame({"secret": [1]})
    assert len(frame_of_the_caller) == 1
    with pytest.raises(Refused) as refused:
        asked.frame(_filled(statement, path), seconds=20)
    [finding] = refused.value.findings
    assert finding.file == "query"
    assert finding.do
    assert "stopped" not in finding.what
    assert "secret\n" not in str(finding)
    assert asked.frame("SELECT lot_id FROM lots").rows() == [("L1",)]


def _filled(statement: str, path: Path) -> str:
    return statement.replace("{folder}", str(path.parent)).replace("{name}", path.parent.name)


def test_the_engine_itself_opens_no_file(tmp_path: Path) -> None:
    """What would pass the judgement of statements meets an engine that can open nothing, whoever runs it."""
    path = _made(tmp_path)
    before = _state(tmp_path)
    with session(path, attach={"beside": path.with_name("beside.duckdb")}) as opened:
        connection = opened.connection
        for statement in ESCAPES:
            told = ""
            with suppress(duckdb.Error):
                told = str(connection.execute(_filled(statement, path)).fetchall())
            assert "secret" not in told or "'secret'" in statement, statement
            assert "root:" not in told, statement
            for again in ("ROLLBACK", "USE fleet"):
                with suppress(duckdb.Error):
                    connection.execute(again).fetchall()
    assert _state(tmp_path) == before
    with session(path) as opened:
        assert opened.frame("SELECT lot_id FROM lots").rows() == [("L1",)]


def test_no_secret_is_known(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / ".duckdb" / "stored_secrets" / "s.duckdb_secret"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"read")
    monkeypatch.setenv("HOME", str(tmp_path))
    with session(alone) as opened:
        assert opened.frame("FROM duckdb_secrets()").is_empty()
        assert opened.frame("FROM which_secret('s3://x', 's3')").is_empty()


QUESTIONS = [
    "EXPLAIN FROM lots",
    "EXPLAIN ANALYZE (SELECT 1)",
    "EXPLAIN (ANALYZE, FORMAT json) SELECT 1",
    "/* why */ EXPLAIN -- this\n SELECT 1",
    "EXPLAIN WITH x AS (SELECT 1) FROM x",
    "EXPLAIN DESCRIBE lots",
    "EXPLAIN SUMMARIZE lots",
    "EXPLAIN PIVOT lots ON generation USING count(*)",
    "PIVOT lots ON generation USING count(*);",
    "PIVOT lots ON generation USING count(*) -- by generation",
    "FROM (PIVOT lots ON generation USING count(*))",
    "WITH x AS (PIVOT lots ON generation USING count(*)) SELECT count(*) FROM x",
    "SELECT * FROM (SELECT 1 AS a) UNION ALL (SELECT 2) ORDER BY 1",
    "UNPIVOT lots ON units",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "DESCRIBE lots",
    "SUMMARIZE lots",
    "VALUES (1), (2)",
    "TABLE lots",
    "FROM query('SELECT 1')",
    "FROM query_table('lots')",
    "SELECT 'COPY (SELECT 1) TO x' AS \"copy\"",
    'SELECT "delete" FROM (SELECT 1 AS "delete")',
    "SELECT replace('a', 'b', 'c'), $$(DELETE$$ /* (COPY */ -- (UPDATE",
    "SET VARIABLE x = 3; SELECT getvariable('x')",
    "set /* a */ variable x = 3; reset variable x; select 1",
    "-- mine\nUSE beside; FROM lots",
]


@pytest.mark.parametrize("statement", QUESTIONS)
def test_a_question_is_answered(statement: str, asked: Session) -> None:
    assert not asked.frame(statement).is_empty()
    asked.frame("USE fleet")


def test_an_attached_ledger_opens_no_other_file(alone: Path, tmp_path: Path) -> None:
    other = ledger(tmp_path / "b.duckdb", [lot()])
    (tmp_path / "beside.csv").write_text("secret\n1\n", encoding="utf-8")
    with session(alone, attach={"b": other}) as opened:
        for statement in (
            f"FROM read_csv('{tmp_path}/beside.csv')",
            f"FROM glob('{tmp_path}/*')",
            "DROP TABLE b.events",
            "INSERT INTO b.events FROM b.events",
            "DETACH b",
            "CREATE TABLE b.t (a INT)",
        ):
            with pytest.raises(Refused):
                opened.frame(statement)
        assert opened.frame("SELECT count(*) AS n FROM b.lots").rows() == [(1,)]


def test_a_second_session_of_a_process_is_as_closed_as_the_first(path: Path, asked: Session) -> None:
    with session(path) as second:
        assert second.frame("SELECT lot_id FROM lots").rows() == asked.frame("SELECT lot_id FROM lots").rows()
        with pytest.raises(Refused, match="disabled by configuration"):
            second.frame(f"FROM read_csv('{path.parent}/beside.csv')")
    assert asked.frame("SELECT lot_id FROM lots").rows() == [("L1",)]


ENDLESS = [
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION SELECT n + 1 FROM t) FROM t",
    "PIVOT (SELECT range AS r FROM range(1000000000000)) ON r USING count(*)",
]


@pytest.mark.parametrize("statement", ENDLESS)
def test_a_query_without_end_is_ended(statement: str, alone: Path) -> None:
    with session(alone) as opened:
        with pytest.raises(Refused, match=r"stopped after 0\.2 seconds"):
            opened.frame(statement, seconds=0.2)
        assert not opened.stuck
        assert opened.frame("SELECT 1 AS a")["a"].to_list() == [1]


LARGE = [
    "SELECT list(range) FROM range(10000000000)",
    "SELECT string_agg(range::VARCHAR, ',') FROM range(100000000000)",
    "SELECT count(*) FROM (SELECT range, hash(range) AS h FROM range(50000000) ORDER BY h)",
    "SELECT repeat('x', 100000000000)",
    "SELECT len(range(100000000000))",
    "SELECT a FROM (SELECT 1 AS a FROM range(2)) GROUP BY CUBE (" + ", ".join(f"a + {n}" for n in range(20)) + ")",
    "FROM range(1000000000000)",
]


@pytest.mark.parametrize("statement", LARGE)
def test_what_is_too_large_fills_neither_memory_nor_disk(statement: str, alone: Path) -> None:
    said = "Out of Memory|larger than|maximum|Maximum|Out of Range|exceeded"
    with pytest.raises(Refused, match=said):
        query(alone, statement, memory_mib=48, seconds=60)


DEEP = {
    "parentheses": "SELECT " + "(" * 20000 + "1" + ")" * 20000,
    "NOT": "SELECT " + "NOT " * 20000 + "true",
    "subqueries": "SELECT * FROM " + "(SELECT * FROM " * 5000 + "(SELECT 1)" + ")" * 5000,
    "CASE": "SELECT " + "CASE WHEN true THEN " * 20000 + "1" + " END" * 20000,
    "lists": "SELECT " + "[" * 20000 + "]" * 20000,
}


@pytest.mark.parametrize("kind", DEEP)
def test_what_is_too_deep_is_refused(kind: str, asked: Session) -> None:
    with pytest.raises(Refused, match="depth"):
        asked.frame(DEEP[kind])


DOUBLED = "SELECT 1 AS a0" + "".join(f", a{n - 1} + a{n - 1} AS a{n}" for n in range(1, 60))
"""Each column is written with the one before it twice: a plan that no computer can make, in 1.2 kB."""

STUBBORN = {
    "a plan without end": (DOUBLED, "stopped after 1 seconds"),
    "a value that grows beyond its limit": (
        "SELECT list_transform(range(1000000000), lambda x: x)",
        "stopped",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sampled(STUBBORN, 2))
def test_what_obeys_no_interrupt_ends_with_its_process(kind: str, alone: Path) -> None:
    statement, said = STUBBORN[kind]
    program = "from depr.cli import main; main()"
    words = ["sql", alone.name, statement, "--seconds", "1", "--memory", "64"]
    ended = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=alone.parent, capture_output=True, text=True, timeout=100
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
