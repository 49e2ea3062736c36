"""Where the macros of a ledger lie, so that they answer from their own file or not at all.

DuckDB looks up the names in a macro where the question stands: with two ledgers attached, g.understatement(3) would
read the one in use. So what a macro asks for lies in a schema that is named by what the file holds, and that no ledger
with other figures has: it is found where its own file is in use, and nowhere else. A macro that one asks is a line in
main which asks for a part named `FIRST`, so that the error of any client says what to do. Tables are named with their
schema: no WITH of a question stands in for them.
"""

from __future__ import annotations

import hashlib
import re

import duckdb

from depr.sql.hints import FIRST
from depr.sql.prepared.tables import TABLES
from depr.sql.texts import text

MACROS = ("schedule", "estimates", "questions", "modes", "statements", "per_share", "cash")
"""In order: each may ask for those before it. Each is depr/sql/macros/NAME.sql with its COMMENT ON."""

FOLLOW = {"acquired", "segments", "movements"}
"""Large tables that follow from the facts and from what the others hold."""

STAND = ("batches", "prepared_from", "statements", "currencies", *(name for name in TABLES if name not in FOLLOW))
"""What the name of the schema stands for."""

READ = (*TABLES, "prepared_from", "statements", "currencies", "batches")
"""Tables that macros read."""

FORMER = ("one_book", "prepared_book", "prepared_books")
"""Names that an older version gave macros."""

DEFINED = re.compile(r"^CREATE OR REPLACE MACRO (\w+)\(([^()]*)\) AS( TABLE)?", re.MULTILINE)
TOLD = re.compile(r"^COMMENT ON MACRO TABLE (\w+) IS ('(?:[^']|'')*');", re.MULTILINE)
ARGUMENT = re.compile(r"(?:^|,)\s*(\w+)")
OWN = r"ledger_[0-9a-f]{12}"
HERE = "database_name = current_database()"
SCHEMAS = f"SELECT schema_name FROM duckdb_schemas() WHERE {HERE} AND regexp_full_match(schema_name, '{OWN}')"
TABLES_HERE = f"SELECT table_name FROM duckdb_tables() WHERE {HERE} AND schema_name = 'main'"
PARTS = f"""
    SELECT function_name, function_type FROM duckdb_functions()
    WHERE {HERE} AND schema_name = 'main' AND NOT internal AND list_contains(?, function_name)
"""


def place(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the macros in the database in use."""
    own = schema(connection)
    written = script()
    for (name,) in connection.execute(SCHEMAS).fetchall():
        connection.execute(f"DROP SCHEMA {name} CASCADE").fetchall()
    former = [*macros(written), *FORMER]  # an older version had them in main
    for name, kind in connection.execute(PARTS, [former]).fetchall():
        connection.execute(f"DROP MACRO {'TABLE ' if kind == 'table_macro' else ''}main.{name}").fetchall()
    connection.execute(f"CREATE SCHEMA {own}; {placed(written, own)}").fetchall()


def renew(connection: duckdb.DuckDBPyConnection) -> None:
    """Place the macros anew when what they read is no longer what it was; with new facts too, before they are prepared.

    Else a copy of the file from before would answer for it. A file without macros stays without.
    """
    there = connection.execute(SCHEMAS).fetchall()
    if there and (schema(connection),) not in there:
        place(connection)


def answer(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what the macros answer for every plain alternative: what the view `understatement` reads."""
    [(own,)] = connection.execute(SCHEMAS).fetchall()
    connection.execute(placed(text("results/understatement.sql"), own, script())).fetchall()


def schema(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of the schema for what the database in use holds now.

    Before anything is prepared no macro has figures, whatever is recorded: facts do not stand in the name.
    """
    there = {name for (name,) in connection.execute(TABLES_HERE).fetchall()}
    if not ("prepared_from" in there and connection.execute("FROM main.prepared_from LIMIT 1").fetchall()):
        there.discard("batches")
    sums = [
        connection.execute(f"SELECT count(*), sum(hash(t)) FROM main.{name} AS t").fetchall()
        for name in STAND
        if name in there
    ]
    return f"ledger_{hashlib.sha256(repr(sums).encode()).hexdigest()[:12]}"


def script() -> str:
    """The macros as they are written: names without a schema."""
    return "".join(text(f"macros/{name}.sql") for name in MACROS)


def macros(written: str) -> dict[str, str]:
    """The names that a script defines, each with its arguments."""
    return {name: arguments for name, arguments, _ in DEFINED.findall(written)}


def placed(written: str, own: str, defined: str | None = None) -> str:
    """A script with every name of `defined` (itself, when None) and of a table under its schema."""
    known = macros(written if defined is None else defined)
    asked = {name: arguments for name, arguments in known.items() if ":=" in arguments}
    part = {name: f'{own}."{FIRST}{name}"' if name in asked else f"{own}.{name}" for name in known}
    names = "|".join(sorted(known, key=len, reverse=True))
    found = re.compile(
        rf"'(?:[^']|'')*'|--[^\n]*|(?<![\w.\"])(?P<call>{names})(?=\()|(?P<on>ON MACRO (?:TABLE )?)(?P<of>{names})\b"
        rf"|\b(?P<from>FROM|JOIN) (?P<table>{'|'.join(READ)})\b(?!\()"
    )

    def under(match: re.Match[str]) -> str:
        if match["call"]:
            return part[match["call"]]
        if match["of"]:
            return match["on"] + part[match["of"]]
        return f"{match['from']} main.{match['table']}" if match["table"] else match[0]

    lines = [found.sub(under, written)]
    for name, arguments, _ in DEFINED.findall(written):
        if name in asked:
            passed = ", ".join(ARGUMENT.findall(arguments))
            lines.append(f"CREATE OR REPLACE MACRO main.{name}({arguments}) AS TABLE FROM {part[name]}({passed});")
    lines += [f"COMMENT ON MACRO TABLE main.{name} IS {said};" for name, said in TOLD.findall(written) if name in asked]
    return "\n".join(lines)
