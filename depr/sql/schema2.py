"""What a ledger of schema 2 holds beside its facts becomes what this version reads (depr/ledger/migrate.py).

Saved restatements stay as they were saved. Their books are given what schema 2 had in the name of a book alone: the
alternative, the mode and the date of the change, which the rows of the restatement say. Those that were saved with
other columns than today's are not made up: they are named, to be made anew. What the macros read is of another form,
and empty until it is prepared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from depr.books.modes import MODES
from depr.contract import Books, Restated, Rollup
from depr.contract.names import bare
from depr.ledger import contents
from depr.ledger.tables import literal
from depr.sql.install import describe_result, install, moved
from depr.sql.saved import BEFORE, HELD, SAVED, saved_runs, tables_there

BOOKS = SAVED["books"]
ROWS = SAVED["restatement"]
CHANGED = {"alternative", "mode", "change_date"}


def from_schema_2(connection: duckdb.DuckDBPyConnection) -> tuple[Sequence[str], Sequence[str]]:
    """Bring it up, within a transaction of the caller. Raises `Refused`.

    Answers with the names of the restatements that came along, and of those that are to be made anew. Tables that are
    not as they were written are refused: what is written anew would vouch for them.
    """
    contents.adopt(connection)
    there = tables_there(connection)
    contents.record(connection, moved(connection, there), added=True)
    anew: Sequence[str] = ()
    if _as_today(there):
        contents.vouch(connection, (BOOKS, ROWS))
        _fill(connection, run="run" in there[BOOKS])
    else:
        anew = _names(connection, there)
    install(connection)
    if anew:
        for table in HELD:
            connection.execute(f"DELETE FROM {table}").fetchall()
        contents.record(connection, HELD, added=True)
    return saved_runs(connection)["run"].to_list(), anew


def _as_today(there: Mapping[str, set[str]]) -> bool:
    """Whether saved results have the columns that they have today, but for the change of a book."""
    wanted = {"restatement": Restated.column_names(), "rollup": Rollup.column_names()}
    wanted["books"] = [name for name in Books.column_names() if name not in CHANGED]
    return all(there.get(SAVED[name], set()) - {"run"} == set(map(bare, columns)) for name, columns in wanted.items())


def _names(connection: duckdb.DuckDBPyConnection, there: Mapping[str, set[str]]) -> list[str]:
    """What was saved, by name; what was before there were names has one."""
    name = "run" if "run" in there.get("made_from", set()) else f"'{BEFORE}'"
    if "made_from" not in there:
        return []
    return [run for (run,) in connection.execute(f"SELECT DISTINCT {name} FROM made_from ORDER BY 1").fetchall()]


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
