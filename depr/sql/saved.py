"""Restatements that a ledger keeps: each under its own name, beside the others, listed and dropped by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import duckdb
import polars as pl

from depr.errors import refuse
from depr.ledger import contents
from depr.ledger.tables import literal
from depr.sql.prepared.tables import HEAD_COLUMNS

SAVED = {name: f"{name}_saved" for name in ("restatement", "rollup", "books")}
"""Views of what was saved under a name, their column `run`, each with the table it shows: every run beside others."""

HELD = (*SAVED.values(), "made_from")

RUN_MEANS = "name under which it was saved (made_from.run)"
BEFORE = "unnamed"
"""The name of what was saved before results had names."""

MADE_FROM = "The restatements that were saved, and what each was made from; an old head says that facts came since"
MADE_FROM_COLUMNS = {
    "run": "name under which it was saved",
    "asked": "options of depr restate that give the same",
    **HEAD_COLUMNS,
}


class Run(NamedTuple):
    """A restatement that is saved: its name, the options that give the same, the head of the facts behind it."""

    name: str
    asked: str
    head: str


THERE = """
    SELECT c.table_name, list(c.column_name)
    FROM duckdb_columns() AS c SEMI JOIN duckdb_tables() AS t USING (database_oid, schema_oid, table_oid)
    WHERE c.schema_name = 'main' AND c.database_name = current_database() GROUP BY ALL
"""


@contextmanager
def whole(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing; what the disk refuses, in words."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException as fault:
        with suppress(duckdb.Error):  # a full disk has ended the transaction already
            connection.rollback()
        if isinstance(fault, duckdb.IOException | duckdb.TransactionException):
            why = str(fault).splitlines()[0]
            raise refuse("ledger", "the results cannot be written", why, "free space, or ask for access") from None
        raise


LONGEST_NAME = 60


def check_name(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        why = f"a name is 1 to {LONGEST_NAME} characters that can be printed"
        raise refuse("--save", f"{name[:LONGEST_NAME]!r} is no name", why, "write one such as three-years")
    if name in saved_runs(connection)["run"]:
        why = "nothing that was saved is overwritten"
        do = f"choose another name, or drop it first: depr saved --drop {name}"
        raise refuse("--save", f"a restatement named {name} is saved already", why, do)


def saved_runs(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The restatements that were saved, in order of name: run, issuers, asked, version, head."""
    columns = dict.fromkeys(("run", "issuers", *list(MADE_FROM_COLUMNS)[1:]), pl.String)
    if "run" not in tables_there(connection).get("made_from", set()):
        return pl.DataFrame(schema=columns)
    return pl.DataFrame(connection.execute(LISTED).fetchall(), schema=columns, orient="row")


LISTED = """
    SELECT m.run, string_agg(DISTINCT r.issuer, ', ' ORDER BY r.issuer), m.asked, m.version, m.head
    FROM made_from AS m LEFT JOIN restatement_saved AS r ON r.run = m.run
    GROUP BY ALL ORDER BY m.run
"""


def drop_run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Take out what was saved under a name. Raises `Refused` when nothing was."""
    names = saved_runs(connection)["run"].to_list()
    if name not in names:
        raise refuse("--drop", f"nothing is saved as {name!r}", do=f"use one of: {', '.join(names)}" if names else "")
    with whole(connection):
        contents.adopt(connection)
        contents.vouch(connection, HELD)
        for table in HELD:
            connection.execute(f"DELETE FROM {table} WHERE run = ?", [name]).fetchall()
        contents.record(connection, HELD, added=True)


STILL = (*SAVED, "made_from", "backtest", "checks", "statements", "issuers")
"""What holds what was written, and follows no variable of a session."""

MEANT = re.compile(rf"\b({'|'.join(STILL)})\b(?!\s*\()", re.IGNORECASE)
MOVED = ("as_of", "known_at")
MADE_AT = """
    SELECT m.run, m.head, (SELECT hash FROM batches ORDER BY batch DESC LIMIT 1)
    FROM main.made_from AS m ORDER BY m.run
"""


def as_written(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """What to say beside an answer from tables that stay as they were written, when the facts asked for are others."""
    named = sorted({name.lower() for name in MEANT.findall(sql)})
    if not named:
        return []
    [moved] = connection.execute(f"SELECT {', '.join(f'getvariable({literal(name)})' for name in MOVED)}").fetchall()
    by = [name for name, value in zip(MOVED, moved, strict=True) if value is not None]
    said = (
        [f"{', '.join(named)}: as written; {' and '.join(by)} move facts, and not what was made of them"] if by else []
    )
    runs: list[tuple[str, str, str]] = []
    with suppress(duckdb.Error):  # a copy without lots has no batches
        runs = connection.execute(MADE_AT).fetchall() if set(named) & {*SAVED, "made_from"} else []
    return said + [f"run {run} was made from head {head}" for run, head, now in runs if by or head != now]


def tables_there(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The tables that there are, and their columns."""
    return {name: set(columns) for name, columns in connection.execute(THERE).fetchall()}
