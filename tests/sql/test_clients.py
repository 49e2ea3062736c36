"""The same questions through every client: to the ledger and to a published copy, equal to the cent.

Also tried by hand, with equal answers: DuckDB 1.4.5 of Python, and harlequin 2.17 through its DuckDB adapter.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import _duckdb
import adbc_driver_manager.dbapi as adbc
import duckdb
import polars as pl
import pytest
import sqlalchemy

from depr.fleet.questions import sql
from depr.sql.examples import examples
from depr.sql.published.copies import publish
from tests.sql.copied import restated

DRIVER = _duckdb.__file__
Rows = list[tuple[Any, ...]]
Client = Callable[[Path | None, list[str]], Iterable[Iterable[Any]]]
"""Opens a file for reading, or nothing, and answers the last of some statements."""

AFTER_ATTACH = "SELECT issuer, generation, lots, units, cost, cost_low, first_purchase FROM {name}.fleet ORDER BY ALL"
BY_A_MACRO = """
SELECT issuer, generation, period_end, movement, units, cost, accumulated, carrying FROM {name}.rollforward
ORDER BY ALL
"""
EXAMPLE = """
SELECT book, generation, fiscal_year, sum(depreciation) AS depreciation FROM rollup WHERE bound = 'mid'
GROUP BY ALL ORDER BY ALL
"""
MACRO = """
SELECT issuer, generation, bound, period_end, understatement, understatement_cumulative
FROM understatement(life_years := 3, grain := 'year') ORDER BY ALL
"""


def command_line(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """The command line of DuckDB 1.5."""
    program = Path(sys.executable).with_name("duckdb")
    opened = ["-readonly", str(path)] if path else [":memory:"]
    asked = [part for statement in statements for part in ("-c", statement)]
    ran = subprocess.run([program, "-json", *opened, *asked], capture_output=True, text=True, check=True)
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return [[_exact(cell) for cell in row.values()] for row in rows]


def _exact(cell: Any) -> Any:
    """It writes a DECIMAL as text, so that no digit is lost."""
    return Decimal(cell) if isinstance(cell, str) and re.fullmatch(r"-?\d+\.\d+", cell) else cell


def _connected(path: Path | None, statements: list[str]) -> tuple[duckdb.DuckDBPyConnection, str]:
    connection = duckdb.connect(str(path), read_only=True) if path else duckdb.connect()
    *before, question = statements
    for statement in before:
        connection.execute(statement).fetchall()
    return connection, question


def relation(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """The relations of DuckDB in Python."""
    connection, question = _connected(path, statements)
    with connection:
        asked = connection.sql(question)
        assert asked is not None
        return asked.project("*").limit(10**6).fetchall()


def _arrow_table(connection: duckdb.DuckDBPyConnection, question: str) -> Any:
    asked = connection.sql(question)
    assert asked is not None
    return asked.to_arrow_table()


def _values(table: Any) -> Iterable[Iterable[Any]]:
    return [row.values() for row in table.to_pylist()]


def arrow(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """A table of pyarrow."""
    connection, question = _connected(path, statements)
    with connection:
        return _values(_arrow_table(connection, question))


def polars_of_arrow(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """A frame of polars made of the Arrow table."""
    connection, question = _connected(path, statements)
    with connection:
        frame = pl.from_arrow(_arrow_table(connection, question))
        assert isinstance(frame, pl.DataFrame)
        return frame.rows()


def polars_of_database(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """polars asks the connection itself."""
    connection, question = _connected(path, statements)
    with connection:
        return pl.read_database(question, connection).rows()


def through_adbc(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """ADBC, the driver of which is the library that the Python package loads."""
    opened = {"path": str(path), "access_mode": "read_only"} if path else {}
    driver = adbc.connect(driver=DRIVER, entrypoint="duckdb_adbc_init", db_kwargs=opened, autocommit=True)
    with driver as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return _values(cursor.fetch_arrow_table())


def sql_alchemy(path: Path | None, statements: list[str]) -> Iterable[Iterable[Any]]:
    """SQLAlchemy, as BI tools reach DuckDB (duckdb-engine)."""
    opened = {"read_only": True} if path else {}
    engine = sqlalchemy.create_engine(f"duckdb:///{path or ':memory:'}", connect_args=opened)
    try:
        with engine.connect() as connection:
            rows: Rows = []
            for statement in statements:
                answer = connection.exec_driver_sql(statement)
                rows = [tuple(row) for row in answer] if answer.returns_rows else []
            return rows
    finally:
        engine.dispose()


CLIENTS: Mapping[str, Client] = {
    client.__name__: client
    for client in (
        command_line,
        relation,
        arrow,
        polars_of_arrow,
        polars_of_database,
        through_adbc,
        sql_alchemy,
    )
}


def plain(rows: Iterable[Iterable[Any]]) -> Rows:
    """Cells of one form: numbers exact, dates and times as text; a date may come as its midnight."""
    return [tuple(map(_plain, row)) for row in rows]


def _plain(cell: Any) -> Any:
    assert not isinstance(cell, float)
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() > time.min else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return Decimal(cell) if isinstance(cell, int) else cell


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = restated(tmp_path_factory.mktemp("clients"))
    publish(path, path.with_name("copy.duckdb"))
    publish(path, path.with_name("parquet"))
    return path


@pytest.fixture(scope="module")
def expected(ledger: Path) -> dict[str, Rows]:
    """The answers of depr itself."""
    questions = {"after_attach": AFTER_ATTACH.format(name="main"), "example": EXAMPLE, "macro": MACRO}
    questions["by_a_macro"] = BY_A_MACRO.format(name="main")
    return {name: plain(sql(ledger, question).rows()) for name, question in questions.items()}


@pytest.fixture(params=["fleet.duckdb", "copy.duckdb"])
def file(request: pytest.FixtureRequest, ledger: Path) -> Path:
    """The ledger, and a copy of it."""
    return ledger.with_name(request.param)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    return CLIENTS[request.param]


def test_a_view_is_asked_after_attach(client: Client, file: Path, expected: dict[str, Rows]) -> None:
    attach = f"ATTACH '{file}' AS theirs (READ_ONLY)"
    answer = client(None, [attach, AFTER_ATTACH.format(name="theirs")])
    assert plain(answer) == expected["after_attach"] != []


def test_a_view_that_asks_a_macro_is_asked_after_attach(client: Client, file: Path, expected: dict[str, Rows]) -> None:
    attach = f"ATTACH '{file}' AS theirs (READ_ONLY)"
    assert plain(client(None, [attach, BY_A_MACRO.format(name="theirs")])) == expected["by_a_macro"] != []


def test_an_example_is_asked_of_the_file(client: Client, file: Path, expected: dict[str, Rows]) -> None:
    assert plain(client(file, [EXAMPLE])) == expected["example"] != []


def test_a_macro_is_asked_of_the_file(client: Client, file: Path, expected: dict[str, Rows]) -> None:
    assert plain(client(file, [MACRO])) == expected["macro"] != []


@pytest.mark.parametrize(
    "client", [c for c in CLIENTS.values() if c is not polars_of_database], ids=lambda c: c.__name__
)
def test_a_macro_is_asked_after_use(client: Client, file: Path, expected: dict[str, Rows]) -> None:
    """Not with pl.read_database: it asks through a cursor of its own, which does not know of USE."""
    statements = [f"ATTACH '{file}' AS theirs (READ_ONLY)", "USE theirs", MACRO]
    assert plain(client(None, statements)) == expected["macro"]


def test_every_example_answers_alike_in_the_older_command_line(file: Path) -> None:
    asked = examples()
    assert len(asked) >= 10
    for each in asked:
        older, newer = (Counter(map(str, plain(ask(file, [each.sql])))) for ask in (command_line, relation))
        assert older == newer, each.title


def test_sql_alchemy_sees_tables_views_and_columns(file: Path) -> None:
    engine = sqlalchemy.create_engine(f"duckdb:///{file}", connect_args={"read_only": True})
    seen = sqlalchemy.inspect(engine)
    assert {"restatement_saved", "statements"} <= set(seen.get_table_names())
    assert {"lots", "fleet", "restatement", "rollup"} <= set(seen.get_view_names())
    assert {"understatement", "eps_diluted_restated"} <= {c["name"] for c in seen.get_columns("restatement")}
    engine.dispose()


def test_polars_scans_the_parquet_by_its_folders(ledger: Path, expected: dict[str, Rows]) -> None:
    rollup = pl.scan_parquet(ledger.with_name("parquet") / "rollup", hive_partitioning=True).filter(bound="mid")
    keys = ["book", "generation", "fiscal_year"]
    summed = rollup.group_by(keys).agg(pl.col("depreciation").sum()).sort(keys).collect()
    assert plain(summed.rows()) == expected["example"]
    of_a_year = rollup.filter(issuer="META", fiscal_year=2024)
    [read] = re.findall(r"Parquet SCAN \[(.*)\]", of_a_year.explain())
    assert read.endswith("rollup/issuer=META/fiscal_year=2024/data_0.parquet")  # the one file that it reads
    fleet = pl.read_parquet(ledger.with_name("parquet") / "fleet" / "*.parquet").sort("issuer", "generation")
    columns = ["issuer", "generation", "lots", "units", "cost", "cost_low", "first_purchase"]
    assert plain(fleet.select(columns).rows()) == expected["after_attach"]
