"""A published folder read back: its facts under the chain, its tables under their digests, its views worked out again.

The manifest says which bytes were published, and whoever rewrites a file can rewrite the manifest with it. What the
files say has proofs of its own, which came with them from the ledger: the chain of the batches ends in the head, the
table `contents` holds a digest of the rows of every other table, and a view follows from tables. A head, or the hash of
the contents, that was noted elsewhere ends the circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from depr.errors import Finding, Refused
from depr.ledger import contents, faults
from depr.ledger.database import database
from depr.ledger.store import Ledger
from depr.ledger.tables import literal
from depr.sql.install import VIEWS, texts
from depr.sql.placing import place
from depr.sql.published import manifest
from depr.sql.published.aggregates import quoted
from depr.sql.published.parquet import OF_THE_DATABASE, safe
from depr.sql.texts import text

JOURNAL = {"events", "batches", "sources"}
SHOWN = {"understatement": "understatement_prepared"}
"""Views that show a table whole, which is published as that view: its digest came along."""

READ = "hive_partitioning = true, hive_types_autocast = false"


@dataclass(frozen=True)
class ReadBack:
    """What a folder says against its own proofs; the hashes of its contents and of its chain; and what is left."""

    findings: tuple[Finding, ...]
    contents: str
    hashes: tuple[str, ...]
    unproven: tuple[str, ...]


def read_back(folder: Path, said: Mapping[str, Any]) -> ReadBack:
    """The proofs that a folder carries beside its manifest. Raises `Refused` when it cannot be read."""
    named = {table["name"]: table for table in said["tables"]}
    try:
        with TemporaryDirectory() as own, database(Path(own) / "again.duckdb") as connection:
            for table in said["tables"]:
                connection.execute(f"CREATE TABLE {quoted(_name(table))} AS {_rows(folder, table)}").fetchall()
            return _proven(folder, said, named, connection)
    except duckdb.Error as fault:
        why = str(fault).splitlines()[0]
        raise Refused(Finding(str(folder), 0, "its files cannot be read", why, manifest.AGAIN, "published")) from None


def _name(table: Mapping[str, Any]) -> str:
    """Under which a table is kept while it is compared: a view makes way for the one that is worked out again."""
    return table["name"] if table["kind"] == "table" else f"{table['name']} as published"


def _rows(folder: Path, table: Mapping[str, Any]) -> str:
    """The query that reads a table as it was, each column of its type; what is in names of folders is text there."""
    kinds = {column["name"]: column["type"] for column in table["columns"]}
    own = folder / safe(table["name"])
    if not any(own.rglob("*.parquet")):  # a table without rows may have no file
        return f"SELECT {', '.join(f'NULL::{kind} AS {quoted(name)}' for name, kind in kinds.items())} LIMIT 0"
    read = f"read_parquet({literal(own / '**' / '*.parquet')}, "
    read += f"{READ if any(own.glob('*/**/*.parquet')) else 'hive_partitioning = false'})"
    cells = ", ".join(f"{quoted(name)}::{kind} AS {quoted(name)}" for name, kind in kinds.items())
    return f"SELECT {cells} FROM {read}"


def _proven(
    folder: Path, said: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]], connection: duckdb.DuckDBPyConnection
) -> ReadBack:
    whole = set(named) >= JOURNAL
    found = []
    hashes = [str(said["head"])]
    head = str(said["head"])
    if whole:
        ledger = Ledger(folder, connection, None)
        found += ledger.verify()
        hashes = [batch.hash for batch in ledger.batches()]
        if (head := ledger.head()) != said["head"]:
            found.append(faults.other_history(folder, str(said["head"])))
    digests = contents.recorded(connection)
    tables = [name for name, table in named.items() if table["kind"] == "table" and name not in contents.WITHOUT_ROWS]
    unknown = [name for name in tables if ("table", contents.full("main", name)) not in digests]
    for name in sorted(set(tables) - set(unknown)):
        key = contents.full("main", name)
        if digests["table", key].rows != contents.rows_sha256(connection, key):
            found.append(_other(folder, name, "they are not those of the digest that came with them"))
    there = {contents.full("main", name) for name in {*named, *OF_THE_DATABASE}}
    gone = [name for kind, name in digests if kind == "table" and name not in there]
    found += [
        _missing(folder, name) for name in gone if "." not in name or name.startswith('"main"')
    ]  # no other schema
    for view, name in SHOWN.items():
        if view in named and (digest := digests.get(("table", key := contents.full("main", name)))):
            connection.execute(f"CREATE TABLE {quoted(name)} AS FROM {quoted(_name(named[view]))}").fetchall()
            if digest.rows != contents.rows_sha256(connection, key):
                found.append(_other(folder, view, "they are not those of the digest that came with them"))
    views = [name for name, table in named.items() if table["kind"] != "table"]
    unknown += _views(folder, connection, views, digests, found)
    mark = contents.fingerprint(connection, head)
    unproven = [f"{'table' if name in tables else 'view'} {name}: nothing says its rows" for name in unknown]
    unproven += contents.of_unknown_making(connection)
    return ReadBack(tuple(found), mark, tuple(hashes), tuple(unproven))


def _views(
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    views: list[str],
    digests: Mapping[contents.Key, contents.Digest],
    found: list[Finding],
) -> Iterator[str]:
    """Compare views with what follows from the tables; those that this version does not make are given back."""
    same = contents.DEFINITIONS in digests and digests[contents.DEFINITIONS].definition == texts()
    if same:
        with suppress(duckdb.CatalogException, duckdb.BinderException):  # what they read was left out
            place(connection)
    for name in VIEWS if same else ():
        for statement in connection.extract_statements(text(f"views/{name}.sql")):
            with suppress(duckdb.CatalogException, duckdb.BinderException):
                connection.execute(statement).fetchall()
    for name in views:
        answers = same and ("view", name) in contents.definitions(connection, ("view",))
        if not answers:
            yield name
        elif contents.rows_sha256(connection, name) != contents.rows_sha256(connection, f"{name} as published"):
            found.append(_other(folder, name, "they do not follow from the facts and tables that came with them"))


def _other(folder: Path, name: str, why: str) -> Finding:
    return Finding(str(folder / safe(name)), 0, f"the rows of {name} were changed", why, manifest.AGAIN, "published")


def _missing(folder: Path, name: str) -> Finding:
    return Finding(str(folder), 0, f"table {name} is missing", "its digest came along", manifest.AGAIN, "published")
