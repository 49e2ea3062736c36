"""What may be asked: texts of which every statement reads, judged by what would run and not by how it begins.

This is the first of two locks. The second holds whatever passes it: the engine that answers can open no file at all
(depr/sql/query.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

import duckdb
from duckdb import StatementType

from depr.errors import refuse

NAMING = (["SET", "VARIABLE"], ["RESET", "VARIABLE"])
"""What may be set besides USE, the ledger that unqualified names mean: variables of the session such as as_of."""

WRITING = {"COPY", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"}
"""Statements that DuckDB runs inside of a SELECT, as the body of a WITH; a name like it is written in quotes."""

LEADING = 40
"""Tokens within which the statement begins that an EXPLAIN explains: it has few options."""


def questions(connection: duckdb.DuckDBPyConnection, sql: str) -> list[duckdb.Statement]:
    """The statements of a text. Raises `Refused` when one does more than read."""
    statements = list(connection.extract_statements(sql))
    for statement in statements:
        if said := _other(connection, statement):
            why = "a ledger is read here, and nothing is set but USE and SET VARIABLE"
            do = "ask with SELECT, FROM, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN"
            raise refuse("query", f"{said} is not a question", why, do)
    return statements


def _other(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> str:
    """What a statement is when it is no question; blank for a question."""
    kind = _kind(statement)
    text = statement.query
    words = [word for _, word in _tokens(text)]
    for before, word in pairwise(words):
        if before in ("(", ")") and word in WRITING:
            return f"{word} within a question"
    if words[:1] == ["EXPLAIN"]:
        kind, text = _explained(connection, text)
    if kind == StatementType.SELECT or (kind == StatementType.SET and (words[0] == "USE" or words[:2] in NAMING)):
        return ""
    if kind == StatementType.MULTI:  # a PIVOT is somewhere in it: a question is what a FROM can hold
        inner = text.rstrip().rstrip(";")
        return "" if _parsed(connection, f"FROM (\n{inner}\n)") else next(word for _, word in _tokens(text))
    return "this statement" if kind is None else kind.name.replace("_", " ")


def _explained(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[StatementType | None, str]:
    """Kind and text of what an EXPLAIN explains: the longest end of it that is a statement of its own."""
    data = text.encode()
    for start, _ in islice(_tokens(text), 1, LEADING):
        if statement := _parsed(connection, data[start:].decode()):
            return _kind(statement), statement.query
    return None, text


def _parsed(connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement | None:
    """The one statement that a text is, if it is one."""
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error:
        return None
    return statements[0] if len(statements) == 1 else None


def _kind(statement: duckdb.Statement) -> StatementType | None:
    try:
        return statement.type
    except ValueError:  # of a kind that has no name in Python
        return None


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """At which byte each token of a text begins, and the token in capitals; without comments."""
    data = text.encode()
    found = duckdb.tokenize(text)
    ends = [*(start for start, _ in found[1:]), len(data)]
    for (start, kind), end in zip(found, ends, strict=True):
        if kind != duckdb.token_type.comment:
            yield start, data[start:end].decode().strip().upper()
