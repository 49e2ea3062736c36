"""What can be shared of a ledger without its lots: aggregates alone, in a database in memory that lots never enter.

The names below are kept, and the macros of depr that answer from them alone; everything else is left out, also what a
later version, or someone else, has added to the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import duckdb

from depr.ledger import contents
from depr.sql.help import describe_table, write_help
from depr.sql.placing import place

KEPT = (
    "alternatives",
    "backtest",
    "books",
    "calendar",
    "contents",
    "currencies",
    "curves",
    "fleet",
    "fleets",
    "function_splits",
    "issuers",
    "made_from",
    "meta",
    "modes",
    "restatement",
    "rollforward",
    "rollup",
    "statements",
    "tax_rates",
    "understatement",
)
"""Tables, and views that become tables, which hold no line of a single lot."""

TELLING = {
    "bytes",
    "document",
    "file",
    "file_sha256",
    "location",
    "lot",
    "lot_id",
    "reason",
    "seq",
    "serial",
    "source_file",
    "source_row",
}
"""A table with a column of such a name is left out whatever it is called."""

AS_REPORTED = {"backtest", "books", "function_splits", "issuers", "statements", "tax_rates"}
"""What is no sum of lots: an issuer with few of them keeps its rows here."""

MAIN = "schema_name = 'main' AND NOT internal"
OTHERS = """
    SELECT 'SCHEMA', schema_name FROM duckdb_schemas() WHERE database_name = 'memory' AND schema_name <> 'main'
        AND NOT internal
    UNION ALL SELECT 'SEQUENCE', sequence_name FROM duckdb_sequences() WHERE database_name = 'memory'
        AND schema_name = 'main'
    UNION ALL SELECT 'TYPE', type_name FROM duckdb_types() WHERE database_name = 'memory' AND schema_name = 'main'
        AND NOT internal
"""
"""What someone may have added beside tables, views and macros; a type can list names of lots."""

ADDED = ("BIGINT", "HUGEINT", "DECIMAL(28,2)", "DECIMAL(38,2)", "DECIMAL(28,3)", "DECIMAL(38,3)")
"""Types of counts and amounts."""

POOLED = "pooled"
"""What stands for the generations of an issuer that have few lots."""

Key = tuple[str, str]
Thing = TypeVar("Thing")


def draft(connection: duckdb.DuckDBPyConnection, least_lots: int) -> dict[str, str]:
    """Fill the memory of a connection with the aggregates of the database `ledger` that is attached to it.

    What a view would not answer is returned: its name, and why.

    Generations of an issuer with fewer than `least_lots` lots are pooled, and with them the next smallest until the
    pool has as many; an issuer with fewer altogether is left out of every sum.
    """
    connection.execute("COPY FROM DATABASE ledger TO memory (SCHEMA)").fetchall()
    for kind, name in connection.execute(OTHERS).fetchall():
        connection.execute(f"DROP {kind} memory.{quoted(name)} CASCADE").fetchall()
    _place_macros(connection)
    for table in sorted({*names(connection, "memory", "table")} - {"contents"}):  # whose rows name what is left out
        if table in KEPT and not TELLING & columns(connection, "memory", table).keys():
            connection.execute(f"INSERT INTO memory.{table} FROM ledger.{table}").fetchall()
        else:
            connection.execute(f"DROP TABLE memory.{quoted(table)}").fetchall()
    for view in _until_stable(connection, _unanswered_views):
        connection.execute(f"DROP VIEW memory.{quoted(view)}").fetchall()
    for macro, kind in _until_stable(connection, _unanswered_macros):
        connection.execute(f"DROP {kind} memory.{macro}").fetchall()
    left_out = {}
    for view in sorted(set(KEPT) & set(names(connection, "ledger", "view")) - set(names(connection, "memory", "view"))):
        if not TELLING & columns(connection, "ledger", view).keys():
            try:
                _as_table(connection, view)
            except duckdb.InvalidInputException as fault:
                left_out[view] = said(fault)
    if least_lots > 1:
        _pool(connection, least_lots)
    _explain(connection)
    contents.record(connection, sorted({*names(connection, "memory", "table")} - {"contents"}))
    return left_out


def names(connection: duckdb.DuckDBPyConnection, database: str, kind: str) -> list[str]:
    """The tables or views (`kind`) of a database."""
    listed = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE database_name = ? AND {MAIN} ORDER BY 1"
    return [name for (name,) in connection.execute(listed, [database]).fetchall()]


def said(fault: duckdb.InvalidInputException) -> str:
    """What a macro says when it refuses to answer."""
    return str(fault).splitlines()[0].removeprefix("Invalid Input Error: ")


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def columns(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> dict[str, tuple[str, str]]:
    """The columns of a table or view, in order: name -> its type in SQL, and its comment."""
    described = connection.execute(
        "SELECT column_name, data_type, coalesce(comment, '') FROM duckdb_columns() "
        f"WHERE database_name = ? AND table_name = ? AND {MAIN} ORDER BY column_index",
        [database, table],
    ).fetchall()
    return {name: (kind, comment) for name, kind, comment in described}


def meaning(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> tuple[str, str]:
    """Whether it is a table or a view, and its comment."""
    [(kind, comment)] = connection.execute(
        "SELECT 'table', coalesce(comment, '') FROM duckdb_tables() "
        f"WHERE database_name = $1 AND table_name = $2 AND {MAIN} UNION ALL "
        "SELECT 'view', coalesce(comment, '') FROM duckdb_views() "
        f"WHERE database_name = $1 AND view_name = $2 AND {MAIN}",
        [database, table],
    ).fetchall()
    return kind, comment


def _until_stable(
    connection: duckdb.DuckDBPyConnection, unanswered: Callable[[duckdb.DuckDBPyConnection], Iterator[Thing]]
) -> Iterator[Thing]:
    """What cannot answer any more, then what asked of that, and so on; the caller drops it."""
    while gone := list(unanswered(connection)):
        yield from gone


def _answers(connection: duckdb.DuckDBPyConnection, question: str) -> bool:
    """Whether all that a question names is there; an argument that it refuses is not missing."""
    try:
        connection.execute(question).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    except duckdb.Error:
        return True
    return True


def _unanswered_views(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for view in names(connection, "memory", "view"):
        if view not in KEPT or not _answers(connection, f"FROM memory.{quoted(view)} LIMIT 0"):
            yield view


def _unanswered_macros(connection: duckdb.DuckDBPyConnection) -> Iterator[Key]:
    for name, kind, arguments in _macros(connection):
        call = f"{name}({', '.join(['NULL'] * arguments)})"
        if not _answers(connection, f"{'FROM' if kind == 'MACRO TABLE' else 'SELECT'} {call} LIMIT 0"):
            yield name, kind


def _place_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """The macros of depr and no other, which could name a lot in its text."""
    for macro, kind, _ in _macros(connection):
        connection.execute(f"DROP {kind} memory.{macro}").fetchall()
    place(connection)


def _macros(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int]]:
    """Macros under their schema, each with its kind and how many arguments it takes."""
    listed = connection.execute(
        "SELECT schema_name, function_name, function_type, len(parameters) FROM duckdb_functions() "
        "WHERE database_name = 'memory' AND NOT internal ORDER BY ALL"
    ).fetchall()
    return [
        (f"{quoted(schema)}.{quoted(name)}", "MACRO TABLE" if kind == "table_macro" else "MACRO", arguments)
        for schema, name, kind, arguments in listed
    ]


def _as_table(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """The rows of a view as a table of its name, with its comments."""
    _, comment = meaning(connection, "ledger", view)
    connection.execute(f"CREATE TABLE memory.{view} AS FROM ledger.{view} ORDER BY ALL").fetchall()
    meanings = {name: said for name, (_, said) in columns(connection, "ledger", view).items()}
    describe_table(connection, f"memory.{view}", comment, meanings)


def _explain(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables `help` and `examples` of what is there; an example that asks for more is left out."""
    write_help(connection)
    for number, sql in connection.execute("SELECT number, sql FROM memory.examples").fetchall():
        try:
            connection.execute(f"EXPLAIN {sql}").fetchall()
        except duckdb.Error:
            connection.execute("DELETE FROM memory.examples WHERE number = ?", [number]).fetchall()


def _pool(connection: duckdb.DuckDBPyConnection, least: int) -> None:
    counted = connection.execute("SELECT issuer, generation, sum(lots)::BIGINT FROM memory.fleet GROUP BY ALL")
    small, few = pools(counted.fetchall(), least)
    connection.execute("CREATE TEMP TABLE small (issuer VARCHAR, generation VARCHAR)").fetchall()
    for key in small:
        connection.execute("INSERT INTO small VALUES (?, ?)", key).fetchall()
    for table in names(connection, "memory", "table"):
        present = columns(connection, "memory", table)
        if "issuer" in present and table not in AS_REPORTED:
            for issuer in few:
                connection.execute(f"DELETE FROM memory.{table} WHERE issuer = ?", [issuer]).fetchall()
            if "generation" in present:
                _pool_table(connection, table, {name: kind for name, (kind, _) in present.items()})
    connection.execute("DROP TABLE small").fetchall()


def pools(counted: Iterable[tuple[str, str, int]], least: int) -> tuple[list[Key], list[str]]:
    """Of (issuer, generation, lots): each (issuer, generation) to pool, and the issuers that have too few lots."""
    by_issuer: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for issuer, generation, lots in counted:
        by_issuer[issuer].append((lots, generation))
    few = [issuer for issuer, rows in by_issuer.items() if sum(lots for lots, _ in rows) < least]
    small = []
    for issuer in by_issuer.keys() - set(few):
        held = 0
        for lots, generation in sorted(by_issuer[issuer]):
            if lots >= least and (held == 0 or held >= least):
                break
            held += lots
            small.append((issuer, generation))
    return sorted(small), sorted(few)


def _pool_table(connection: duckdb.DuckDBPyConnection, table: str, kinds: dict[str, str]) -> None:
    """Sums over what is pooled: amounts and counts added up, the first of first dates and the last of last ones."""
    name = f"CASE WHEN (issuer, generation) IN (FROM small) THEN '{POOLED}' ELSE generation END AS generation"
    cells = [name if column == "generation" else _summed(column, kind) for column, kind in kinds.items()]
    connection.execute(
        f"CREATE TEMP TABLE sums AS SELECT {', '.join(cells)} FROM memory.{table} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    connection.execute(f"DELETE FROM memory.{table}").fetchall()
    connection.execute(f"INSERT INTO memory.{table} FROM sums").fetchall()
    connection.execute("DROP TABLE sums").fetchall()


def _summed(column: str, kind: str) -> str:
    if column.startswith(("first_", "last_")):
        return f"{'min' if column.startswith('first_') else 'max'}({column}) AS {column}"
    added = kind in ADDED and not column.startswith("life_")
    return f"sum({column})::{kind} AS {column}" if added else column
