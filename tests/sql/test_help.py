"""The file explains itself: everything in a prepared ledger has a comment, every example runs, in older clients too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from depr.fleet import questions
from depr.fleet.preparing import prepare
from depr.fleet.restating import restate
from depr.ledger.store import Ledger
from depr.sql.examples import examples
from depr.sql.help import write_help
from tests.ledger.samples import event, ledger, lot

OURS = "NOT internal AND database_name = 'fleet'"
EXAMPLES = examples()
CLIENT = Path(sys.executable).with_name("duckdb")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two owners, a lot that something befell, a cost that is estimated, one under construction; prepared, restated."""
    bought = [
        lot(lot_id="A", units="1000", cost="34641000.00", cost_low="30000000.00", cost_high="40000000.01"),
        lot(lot_id="B", generation="a100", purchase_date="2024-01-31", in_service_date="2024-02-01", document="memo"),
        lot(lot_id="C", in_service_date=""),
        lot(lot_id="D", issuer="MSFT", cost="99999.99"),
    ]
    path = tmp_path_factory.mktemp("help") / "fleet.duckdb"
    ledger(path, bought, [event("impairment", "2024-06-30", "B", amount="10.00", currency="USD")])
    restate(path, lives=["1y", "3y", "6y"], save="three lives")
    prepare(path)
    with Ledger.open(path, read_only=False) as opened:
        write_help(opened.connection)
    return path


@pytest.fixture
def plain(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file in plain DuckDB, without the engine."""
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


CATALOG = {
    "tables": f"SELECT table_name, comment FROM duckdb_tables() WHERE {OURS}",
    "views": f"SELECT view_name, comment FROM duckdb_views() WHERE {OURS}",
    "columns": f"SELECT table_name || '.' || column_name, comment FROM duckdb_columns() WHERE {OURS}",
    "macros": f"SELECT function_name, comment FROM duckdb_functions() WHERE {OURS}",
}


@pytest.mark.parametrize("kind", CATALOG)
def test_everything_has_a_comment(kind: str, plain: duckdb.DuckDBPyConnection) -> None:
    found = plain.sql(CATALOG[kind]).fetchall()
    assert found
    assert not [name for name, comment in found if not (comment or "").strip()]


def test_columns_of_every_view_are_among_them(plain: duckdb.DuckDBPyConnection) -> None:
    views = [name for name, _ in plain.sql(CATALOG["views"]).fetchall()]
    assert {"facts", "lots", "fleet"} <= set(views)
    for view in views:
        told = {name for name, _ in plain.sql(CATALOG["columns"]).fetchall()}
        assert {f"{view}.{name}" for name, *_ in plain.sql(f'DESCRIBE "{view}"').fetchall()} <= told


def test_help_names_everything_there_is(plain: duckdb.DuckDBPyConnection) -> None:
    rows = plain.sql("FROM help").fetchall()
    assert all(meaning for *_, meaning in rows)
    for kind in ("tables", "views", "macros"):
        there = {name for name, _ in plain.sql(CATALOG[kind]).fetchall()}
        assert {name for what, name, *_ in rows if what == kind.removesuffix("s")} == there
    columns = {name for name, _ in plain.sql(CATALOG["columns"]).fetchall()}
    assert {f"{name}.{column}" for what, name, column, *_ in rows if what == "column"} == columns
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=["view", "macro", "table", "column"].index)


def test_help_says_which_arguments_a_macro_takes(plain: duckdb.DuckDBPyConnection) -> None:
    [(arguments,)] = plain.sql("SELECT type FROM help WHERE kind = 'macro' AND name = 'schedule'").fetchall()
    assert arguments.startswith("schedule(life_years := NULL, method VARCHAR := 'default', convention VARCHAR := ")


def test_help_written_twice_is_the_same(path: Path) -> None:
    with Ledger.open(path, read_only=False) as opened:
        before = opened.connection.sql("FROM help").fetchall(), opened.connection.sql("FROM examples").fetchall()
        write_help(opened.connection)
        after = opened.connection.sql("FROM help").fetchall(), opened.connection.sql("FROM examples").fetchall()
    assert after == before


def test_there_are_ten_questions(plain: duckdb.DuckDBPyConnection) -> None:
    rows = plain.sql("FROM examples").fetchall()
    assert rows == [(each.number, each.title, each.question, each.sql) for each in EXAMPLES]
    assert [number for number, *_ in rows] == list(range(1, 11))
    assert all(question.endswith("?") for _, _, question, _ in rows)


@pytest.mark.parametrize("number", range(1, len(EXAMPLES) + 1))
def test_an_example_runs_and_answers(number: int, plain: duckdb.DuckDBPyConnection) -> None:
    [(sql,)] = plain.sql(f"SELECT sql FROM examples WHERE number = {number}").fetchall()
    answer = plain.sql(sql)
    assert answer.fetchall()
    assert not {"DOUBLE", "FLOAT"} & {str(kind) for kind in answer.types}


@pytest.mark.parametrize("number", range(1, len(EXAMPLES) + 1))
def test_an_example_runs_in_the_command_line_of_duckdb(number: int, path: Path) -> None:
    if not CLIENT.is_file():
        pytest.skip("duckdb-cli is not installed")
    sql = EXAMPLES[number - 1].sql
    ran = subprocess.run([CLIENT, "-readonly", "-json", path, "-c", sql], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    with duckdb.connect(str(path), read_only=True) as plain:
        assert len(json.loads(ran.stdout)) == len(plain.sql(sql).fetchall())


@pytest.mark.parametrize("number", range(1, len(EXAMPLES) + 1))
def test_an_example_runs_in_depr_sql(number: int, path: Path) -> None:
    assert questions.sql(path, EXAMPLES[number - 1].sql).height
