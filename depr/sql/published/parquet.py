"""Tables of a ledger as Parquet files, partitioned by issuer and fiscal year where they have both."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow.parquet as pq

from depr.ledger.tables import literal
from depr.share.files import sha256
from depr.sql.published.aggregates import columns, meaning, names, quoted, said
from depr.sql.published.manifest import Column, File, Table

PARTITIONS = ("issuer", "fiscal_year")
OF_THE_DATABASE = {"help", "examples", "understatement_prepared"}
"""Tables that speak of the database they lie in, as the manifest does of the files, or that a view shows."""

FORM = "FORMAT parquet, COMPRESSION zstd"


def write(
    connection: duckdb.DuckDBPyConnection, database: str, folder: Path, progress: Callable[[str], None]
) -> tuple[list[Table], list[File], dict[str, str]]:
    """Each table and view of an attached database as a folder of Parquet files.

    Returns what was written, for the manifest, and the views that would not answer, each with what it said.
    """
    connection.execute("SET threads = 1").fetchall()  # more would write a partition in as many files, in any order
    connection.execute(f"USE {database}").fetchall()
    tables = []
    files = []
    left_out = {}
    for name in sorted({*names(connection, database, "table"), *names(connection, database, "view")} - OF_THE_DATABASE):
        progress(f"write {name}")
        typed = columns(connection, database, name)
        partitions = PARTITIONS if set(PARTITIONS) <= typed.keys() else ()
        own = folder / safe(name)
        try:
            _copy(connection, name, own, partitions)
        except duckdb.InvalidInputException as fault:
            shutil.rmtree(own, ignore_errors=True)
            left_out[name] = said(fault)
            continue
        written = [_file(folder, path, name) for path in sorted(own.rglob("*.parquet"))]
        kind, comment = meaning(connection, database, name)
        described = tuple(Column(column, type_, text) for column, (type_, text) in typed.items())
        tables.append(Table(name, kind, comment, sum(file.rows for file in written), partitions, described))
        files += written
    return tables, files, left_out


def safe(name: str) -> str:
    """A name as that of a folder: what a path would take for something else is written %XX, as in a URL."""
    return re.sub(r"^\.", "%2E", quote(name, safe=""))


def _copy(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, partitions: tuple[str, ...]) -> None:
    target = folder
    form = FORM
    if partitions:
        form += f", PARTITION_BY ({', '.join(partitions)})"
    else:
        folder.mkdir()
        target = folder / "data_0.parquet"
    connection.execute(f"COPY (FROM {quoted(name)}) TO {literal(target)} ({form})").fetchall()
    if partitions and not folder.is_dir():  # a table without rows has no partition
        _copy(connection, name, folder, ())


def _file(folder: Path, path: Path, table: str) -> File:
    rows = pq.read_metadata(path).num_rows
    return File(path.relative_to(folder).as_posix(), table, rows, path.stat().st_size, sha256(path))
