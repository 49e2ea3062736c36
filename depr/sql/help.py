"""The file explains itself: tables `help` (what there is, with its meaning) and `examples` (what can be asked)."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl

from depr.ledger.tables import comments
from depr.sql.examples import examples
from depr.sql.hints import signatures

HERE = "NOT internal AND database_name = current_database()"
HELP = (
    "What the file holds: its views, macros, tables, and the columns of views and tables",
    {
        "kind": "view, macro, table or column",
        "name": "name; of a column, that of its view or table",
        "column_name": "name of the column; null for a view, macro or table",
        "type": "type of a column; arguments of a macro, with types and defaults",
        "meaning": "meaning and unit",
    },
)
EXAMPLES = (
    "Questions that can be asked of the file, each with SQL that runs",
    {
        "number": "number",
        "title": "title",
        "question": "question in words",
        "sql": "statement that answers it",
    },
)
TABLES = """
    CREATE OR REPLACE TABLE help
        (kind VARCHAR, name VARCHAR, column_name VARCHAR, type VARCHAR, meaning VARCHAR);
    CREATE OR REPLACE TABLE examples (number INTEGER, title VARCHAR, question VARCHAR, sql VARCHAR)
"""
THERE = f"""
    SELECT 'view' AS kind, view_name AS name, NULL AS column_name, NULL AS type, comment AS meaning, 0 AS number
    FROM duckdb_views() WHERE {HERE}
    UNION ALL
    SELECT DISTINCT
        'macro', function_name, NULL, function_name || '(' || array_to_string(parameters, ', ') || ')', comment, 0
    FROM duckdb_functions() WHERE {HERE} AND function_type IN ('macro', 'table_macro')
    UNION ALL
    SELECT 'table', table_name, NULL, NULL, comment, 0 FROM duckdb_tables() WHERE {HERE}
    UNION ALL
    SELECT 'column', table_name, column_name, data_type, comment, column_index FROM duckdb_columns() WHERE {HERE}
    ORDER BY name, number
"""
ORDER = ("view", "macro", "table", "column")


def describe_table(
    connection: duckdb.DuckDBPyConnection, table: str, meaning: str, columns: Mapping[str, str], kind: str = "TABLE"
) -> None:
    """Say in the file what a table, or a view, and its columns mean."""
    for statement in comments(table, meaning, columns, kind):
        connection.execute(statement).fetchall()


def write_help(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the tables `help` and `examples`, from what the file now holds and says of it."""
    for statement in TABLES.split(";"):
        connection.execute(statement).fetchall()
    describe_table(connection, "help", *HELP)
    describe_table(connection, "examples", *EXAMPLES)
    for each in examples():
        row = [each.number, each.title, each.question, each.sql]
        connection.execute("INSERT INTO examples VALUES (?, ?, ?, ?)", row).fetchall()
    arguments = signatures(connection)
    rows = [
        (kind, name, column, arguments.get(name, type_) if kind == "macro" else type_, meaning)
        for kind, name, column, type_, meaning, _ in connection.execute(THERE).fetchall()
    ]
    rows.sort(key=lambda row: (ORDER.index(row[0]), row[0] == "macro" and row[1] not in arguments))
    connection.register(
        "written", pl.DataFrame(rows, schema=dict.fromkeys(HELP[1], pl.String), orient="row").to_arrow()
    )
    connection.execute("INSERT INTO help FROM written").fetchall()
    connection.unregister("written")
