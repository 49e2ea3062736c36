"""What to do about a question that DuckDB cannot answer: names that exist and are near the one that was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

import duckdb

NEAR = 3
NAMED = 12
"""How many near names, and how many of all, are said."""

OVERVIEW = "FROM help says what there is, FROM examples what can be asked"
OUTSIDE = "files, networks and extensions are out of reach here: attach a ledger, or open the file in plain DuckDB"
FIRST = "first USE its database, then "
"""How the name of a part begins that a macro asks for (depr/sql/placing.py): an error of DuckDB says what to do."""

OURS = "NOT internal AND database_name NOT IN ('system', 'temp')"
TABLES = f"""
    SELECT database_name, table_name FROM duckdb_tables() WHERE {OURS}
    UNION ALL SELECT database_name, view_name FROM duckdb_views() WHERE {OURS}
"""


def hint(connection: duckdb.DuckDBPyConnection, fault: str, sql: str) -> str:
    """What to do about a fault that DuckDB reports of a question."""
    if found := re.search(r"Macro (\w+)\(\) does not support the supplied arguments", fault):
        return _arguments(_candidates(fault) or [found[1]], sql)
    for pattern, advise in ADVICE:
        if found := re.search(pattern, fault):
            return advise(connection, found)
    return OVERVIEW


def signatures(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The table macros that one asks, each with its arguments: name(argument TYPE := default, ...).

    Those whose arguments have no defaults are parts of others.
    """
    rows = connection.execute(
        f"SELECT DISTINCT function_name FROM duckdb_functions() "
        f"WHERE {OURS} AND function_type = 'table_macro' ORDER BY 1"
    ).fetchall()
    written = {name: _signature(connection, name) for (name,) in rows}
    return {name: signature for name, signature in written.items() if ":=" in signature}


def _signature(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """DuckDB writes types and defaults only where it refuses an argument, so it is given one to refuse."""
    try:
        connection.sql(f'FROM "{name}"(no_such_argument := 1)')
    except duckdb.Error as fault:
        if listed := _candidates(str(fault)):
            return listed[0]
    return name


def _candidates(fault: str) -> list[str]:
    return re.findall(r"^\s+(\w+\(.*\))$", fault.partition("Candidate macros:")[2], re.MULTILINE)


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables, views, macros and columns of the ledgers, in order."""
    columns = f"SELECT DISTINCT column_name FROM duckdb_columns() WHERE {OURS}"
    tables = f"SELECT DISTINCT table_name FROM ({TABLES})"
    rows = connection.execute(f"{tables} UNION {columns} ORDER BY 1").fetchall()
    return sorted({*(name for (name,) in rows), *signatures(connection)})


def _tables(connection: duckdb.DuckDBPyConnection, found: re.Match[str]) -> str:
    [here] = connection.execute("SELECT current_database()").fetchall()
    all_names = connection.execute(TABLES).fetchall()
    written = found[1].replace('"', "").rpartition(".")[2]
    if elsewhere := sorted({database for database, name in all_names if name == written} - {here[0]}):
        return f"it is in {', '.join(elsewhere)}: write {elsewhere[0]}.{written}, or first USE {elsewhere[0]}"
    names = sorted({name for _, name in all_names})
    if written in signatures(connection):
        return f"it is a macro: FROM {written}()"
    return _near(written, names, "tables and views")


def _columns(connection: duckdb.DuckDBPyConnection, found: re.Match[str]) -> str:
    listed = re.search(r"Candidate bindings:(.*)", found.string)
    candidates = re.findall(r'"([^"]+)"', listed[1]) if listed else []
    rows = connection.execute(f"SELECT DISTINCT column_name FROM duckdb_columns() WHERE {OURS}").fetchall()
    return _near(found[1], candidates or sorted(name for (name,) in rows), "columns near it") + "; DESCRIBE lists them"


def _macros(connection: duckdb.DuckDBPyConnection, found: re.Match[str]) -> str:
    known = signatures(connection)
    near = get_close_matches(found[1].lower(), known, NEAR)
    listed = [known[name] for name in near] or list(known.values())
    return f"did you mean {' or '.join(listed)}?" if near else f"macros: {'; '.join(listed) or 'none'}"


def _arguments(candidates: list[str], sql: str) -> str:
    known = re.findall(r"[(,] ?(\w+)", " ".join(candidates))
    wrong = sorted({name for name in re.findall(r"(\w+)\s*(?::=|=>)", sql) if name.lower() not in known})
    near = [f"{name}: did you mean {match}?" for name in wrong for match in get_close_matches(name.lower(), known, 1)]
    days = ["a date is written DATE '2025-01-31'"] if re.search(r"'\d{4}-\d\d-\d\d'", sql) else []
    return "; ".join([*near, *days, f"ask FROM {' or '.join(candidates)}"])


def _as_table(connection: duckdb.DuckDBPyConnection, found: re.Match[str]) -> str:
    return f"ask FROM {signatures(connection).get(found[1], found[1] + '()')}"


def _near(written: str, names: Iterable[str], kind: str) -> str:
    known = list(names)
    folded = {name.lower(): name for name in known}
    near = [folded[name] for name in get_close_matches(written.lower(), folded, NEAR)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return f"{kind}: {', '.join(known[:NAMED])}{more}"


def _elsewhere(connection: duckdb.DuckDBPyConnection, found: re.Match[str]) -> str:
    """A macro of a ledger that is not in use."""
    question = f"SELECT DISTINCT database_name FROM duckdb_functions() WHERE {OURS} AND function_name = ? ORDER BY 1"
    there = [database for (database,) in connection.execute(question, [found[1]]).fetchall()]
    [(here,)] = connection.execute("SELECT current_database()").fetchall()
    return f"a macro answers from the ledger in use, which is {here}: first USE {' or '.join({*there} - {here})}"


ADVICE: tuple[tuple[str, Callable[[duckdb.DuckDBPyConnection, re.Match[str]], str]], ...] = (
    (r"Table with name (\S+) does not exist", _tables),
    (r'Referenced table "([^"]+)" not found', _tables),
    (rf"(?i){FIRST}(\w+) does not exist", _elsewhere),
    (r"Table Function with name (\S+) does not exist", _macros),
    (r"Scalar Function with name (\S+) does not exist", _macros),
    (r'Function "(\w+)" is a table function but it was used as a scalar', _as_table),
    (r'Referenced column "([^"]+)" not found', _columns),
    (r'does not have a column named "([^"]+)"', _columns),
    (r'Column "([^"]+)" does not exist', _columns),
    (r"Permission Error|automatically install", lambda *_: OUTSIDE),
    (r"configuration has been locked", lambda *_: "settings are those of the command: --memory, --seconds"),
    (r"Out of Memory", lambda *_: "aggregate it, or allow more with --memory"),
    (r"Invalid Input Error: (?:unknown|facts were|say )", lambda *_: ""),  # our macros say what to do themselves
    (r"Parser Error", lambda *_: "FROM examples shows questions that run"),
)
"""What DuckDB says, and who advises."""
