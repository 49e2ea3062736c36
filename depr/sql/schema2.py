"""What a ledger of schema 2 holds beside its facts becomes what this version reads (depr/ledger/migrate.py).

Saved restatements stay as they were saved. Their books are given what schema 2 had in the name of a book alone: the
alternative, the mode and the date of the change, which the rows of the restatement say. What the macros read is of
another form, and empty until it is prepared.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from depr.books.modes import MODES
from depr.contract import Books
from depr.contract.names import bare
from depr.ledger import contents
from depr.ledger.tables import literal
from depr.sql.install import describe_result, install, moved
from depr.sql.saved import SAVED, saved_runs, tables_there

BOOKS, ROWS = SAVED["books"], SAVED["restatement"]
CHANGED = ("alternative", "mode", "change_date")


def from_schema_2(connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    """Bring it up, within a transaction of the caller; the names of the restatements that are saved. Raises `Refused`.

    Tables that are not as they were written are refused: what is written anew would vouch for them.
    """
    contents.adopt(connection)
    there = tables_there(connection)
    contents.record(connection, moved(connection, there), added=True)
    if {BOOKS, ROWS} <= there.keys() and not set(CHANGED) <= there[BOOKS]:
        contents.vouch(connection, (BOOKS, ROWS))
        _fill(connection, run="run" in there[BOOKS])
    install(connection)
    return saved_runs(connection)["run"].to_list()


def _fill(connection: duckdb.DuckDBPyConnection, *, run: bool) -> None:
    """Give saved books, of runs or of a time before runs, the change that makes each; null where no date does."""
    names = [*(["run"] if run else []), *map(bare, Books.column_names())]
    key = "book, run" if run else "book"
    words = " ".join(f"WHEN {literal(mode.name)} THEN {literal(mode.word)}" for mode in MODES.values() if mode.dated)
    name = f"'-' || CASE r.mode {words} END || '-' || r.change_date"
    made = f"SELECT DISTINCT {key}, mode, change_date, left(book, length(book) - length({name})) AS alternative"
    connection.execute(
        f"CREATE OR REPLACE TABLE {BOOKS} AS SELECT {', '.join(names)} FROM {BOOKS} "
        f"LEFT JOIN ({made} FROM {ROWS} AS r WHERE change_date IS NOT NULL) USING ({key})"
    ).fetchall()
    if run:  # else the columns of a result, its run among them, are described when it is given one
        describe_result(connection, "books")
    contents.record(connection, [BOOKS], added=True)
