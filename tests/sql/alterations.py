"""What another program can do to a ledger file: each alteration with the name of what it alters. Add to the list.

Rows: every table of the file, a cell changed, a row taken away, a row added. Definitions: every view and macro made
anew with another text, every comment changed, everything dropped. And what nobody but depr should add.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import duckdb

HERE = "NOT internal AND database_name = current_database() AND schema_name = 'main'"


class Alteration(NamedTuple):
    """Statements in plain DuckDB, and words that the finding must hold."""

    statements: str
    named: str


OTHERS = [
    Alteration("CREATE VIEW cheaper AS SELECT lot_id, cost / 2 AS cost FROM lots", "view cheaper was added"),
    Alteration("CREATE TABLE more AS SELECT 1 AS n", "table more was added"),
    Alteration("CREATE MACRO twice(x) AS 2 * x", "macro twice was added"),
    Alteration("CREATE MACRO sum(x) AS 0", "macro sum was added"),
    Alteration("CREATE MACRO getvariable(x) AS NULL", "macro getvariable was added"),
    Alteration("CREATE SCHEMA shadow", "schema shadow was added"),
    Alteration("CREATE SCHEMA s; CREATE VIEW s.lots AS SELECT 1 AS n", "view s.lots was added"),
    Alteration("CREATE TYPE size AS ENUM ('a', 'b')", "type size was added"),
    Alteration("CREATE SEQUENCE numbers", "sequence numbers was added"),
    Alteration("CREATE INDEX by_issuer ON rollup_saved (issuer)", "index by_issuer was added"),
    Alteration("ALTER TABLE events ADD COLUMN note VARCHAR", "the definition of table events was changed"),
    Alteration(
        "ALTER TABLE restatement_saved ALTER eps_change SET DEFAULT 0", "the definition of table restatement_saved"
    ),
    Alteration(
        "ALTER TABLE rollup_saved RENAME COLUMN cost TO price", "the definition of table rollup_saved was changed"
    ),
    Alteration(
        "ALTER TABLE rollup_saved ALTER depreciation TYPE DOUBLE", "the definition of table rollup_saved was changed"
    ),
    Alteration("ALTER TABLE help RENAME TO hints", "table help is missing"),
    Alteration(
        "UPDATE contents SET rows = definition WHERE name = 'rollup_saved'",
        "the rows of table rollup_saved were changed",
    ),
    Alteration("DELETE FROM contents WHERE name = 'rollup_saved'", "table rollup_saved was added"),
    Alteration("DELETE FROM contents", "nothing says what depr wrote"),
    Alteration("DROP TABLE contents", "nothing says what depr wrote"),
    Alteration(
        "UPDATE rollup_saved SET cost = cost + 1; UPDATE rollup_saved SET cost = cost - 1 WHERE issuer <> 'META'",
        "the rows of table rollup_saved were changed",
    ),
]


def of_rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Alteration]:
    """Each table: a cell changed, a row taken away, a row added."""
    tables = connection.execute(f"SELECT table_name FROM duckdb_tables() WHERE {HERE} ORDER BY 1").fetchall()
    for table in (name for (name,) in tables if name != "contents"):
        yield Alteration(f"INSERT INTO {table} {_row(connection, table)}", table)
        if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():
            yield Alteration(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})", table)
            columns = connection.execute(f"DESCRIBE {table}").fetchall()
            for column, kind, *_ in (columns[0], *columns[3::7], columns[-1]):
                yield Alteration(f"UPDATE {table} SET {column} = {_other(column, kind)} WHERE rowid = 0", table)


def _row(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A row that the table takes: one that is there with another number, or whatever fits the types."""
    told = connection.execute(f"DESCRIBE {table}").fetchall()
    cells = ", ".join(_some(kind, key) for _, kind, _, key, *_ in told)
    return f"SELECT {cells}"


def _some(kind: str, key: object) -> str:
    texts = {"DATE": "DATE '2001-01-01'", "TIMESTAMP": "TIMESTAMP '2001-01-01'", "BLOB": "'x'::BLOB"}
    if kind == "VARCHAR":
        return "'other'"
    return texts.get(kind) or (f"'[]'::{kind}" if kind.endswith("[]") else f"1::{kind}" if not key else f"99::{kind}")


def _other(column: str, kind: str) -> str:
    """Another value of a cell, whatever it is."""
    if kind == "VARCHAR":
        return f"coalesce({column} || 'x', 'x')"
    if kind in ("DATE", "TIMESTAMP"):
        return f"coalesce({column} + INTERVAL 1 DAY, {kind} '2001-01-01')::{kind}"
    if kind == "BOOLEAN":
        return f"NOT coalesce({column}, false)"
    if kind == "BLOB":
        return f"{column} || 'x'::BLOB"
    if kind.endswith("[]"):
        return f"CASE WHEN {column} IS NULL THEN []::{kind} ELSE NULL END"
    return f"CASE WHEN {column} IS NULL OR {column} <> 0 THEN 0 ELSE 1 END::{kind}"


def of_definitions(connection: duckdb.DuckDBPyConnection) -> Iterator[Alteration]:
    """Each view and macro with another text, each comment changed, each dropped."""
    views = connection.execute(f"SELECT view_name FROM duckdb_views() WHERE {HERE} ORDER BY 1").fetchall()
    macros = connection.execute(
        "SELECT DISTINCT schema_name, function_name, function_type FROM duckdb_functions() WHERE NOT internal "
        "AND database_name = current_database() ORDER BY ALL"
    ).fetchall()
    tables = connection.execute(f"SELECT table_name FROM duckdb_tables() WHERE {HERE} ORDER BY 1").fetchall()
    for (view,) in views:
        yield Alteration(f"CREATE OR REPLACE VIEW {view} AS SELECT 1 AS n", f"view {view}")
        yield Alteration(f"COMMENT ON VIEW {view} IS 'other'", f"view {view}")
        yield Alteration(f"DROP VIEW {view}", f"view {view} is missing")
    for schema, name, kind in macros:
        macro = f'{schema}."{name}"'
        table = kind == "table_macro"
        body = "TABLE (SELECT 1 AS n)" if table else "1"
        yield Alteration(f"CREATE OR REPLACE MACRO {macro}() AS {body}", name)
        if name[0] not in "aru":  # the rest is of one kind
            continue
        yield Alteration(f"COMMENT ON MACRO {'TABLE ' * table}{macro} IS 'other'", name)
        yield Alteration(f"DROP MACRO {'TABLE ' * table}{macro}", name)
    for (table_name,) in tables:
        yield Alteration(f"COMMENT ON TABLE {table_name} IS 'other'", f"table {table_name}")
        column = connection.execute(f"DESCRIBE {table_name}").fetchall()[-1][0]
        yield Alteration(f"COMMENT ON COLUMN {table_name}.{column} IS 'other'", f"table {table_name}")
        yield Alteration(f"DROP TABLE {table_name} CASCADE", table_name)
