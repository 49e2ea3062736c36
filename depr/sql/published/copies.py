"""A copy of a ledger that does not change: one DuckDB file, or a folder of Parquet with a manifest.

It is there whole or not at all: it is built in a hidden folder beside its place and renamed when all of it is on disk.
The file is under a seal (depr/ledger/seal.py), the folder under its manifest (manifest.py), so that a byte that was
changed is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from depr.errors import Finding, refuse
from depr.ledger import contents, seal
from depr.ledger.database import database
from depr.ledger.kin import true_name
from depr.ledger.opening import connect
from depr.ledger.tables import SCHEMA_VERSION, STORAGE_VERSION, literal
from depr.ledger.version import VERSION
from depr.share.files import check_place
from depr.sql.proof import answering, compare
from depr.sql.published import aggregates, manifest, parquet, places
from depr.sql.published.aggregates import quoted

FILE = ".duckdb"
MARK = "published_"
"""How the keys begin that a copy has in its table `meta` and a ledger has not."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """A copy: where it lies, the head of the ledger it was made of, without what it is, and its tables and rows.

    `results_head` is the head that the result tables were made from; blank when there are none. `left_out` are views
    that would not answer, each with what it said; `unproven` says what of the ledger could not be compared.
    """

    path: Path
    head: str
    results_head: str
    without: str
    tables: int
    rows: int
    left_out: Mapping[str, str]
    unproven: tuple[str, ...]


def publish(
    ledger: Path,
    out: Path,
    *,
    without_lots: bool = False,
    least_lots: int = 0,
    overwrite: bool = False,
    progress: Progress = lambda step: None,
) -> Published:
    """A copy of a ledger that is proven first: OUT.duckdb is one file, any other name a folder of Parquet.

    Without lots it holds aggregates alone (published/aggregates.py). Raises `Refused`; what lay at `out` is then as it
    was.
    """
    if least_lots and not without_lots:
        raise refuse("--least-lots", "counts only where lots are left out", do="give --without-lots as well")
    _check_place(ledger, out, overwrite=overwrite)
    progress("prove the ledger")
    with answering(ledger, anew=True) as (opened, unproven), _refusing(out), places.beside(out) as part:
        with _attached(ledger, part) as connection:
            database = "ledger"
            head = opened.head()
            left_out = {}
            _check_prepared(ledger, connection, head)
            if without_lots:
                progress("leave the lots out")
                left_out = aggregates.draft(connection, least_lots)
                database = "memory"
            said: dict[str, Any] = {"version": VERSION, "schema_version": SCHEMA_VERSION, "head": head}
            said |= {"results_head": _results_head(connection), "without": "lots" if without_lots else ""}
            said |= {"least_lots": least_lots, "left_out": left_out}
            made = part / out.name
            write = _file if out.suffix == FILE else _folder
            tables, rows = write(connection, database, made, said, progress)
        places.put(made, out)
    return Published(out, head, said["results_head"], said["without"], tables, rows, said["left_out"], unproven)


def _check_prepared(ledger: Path, connection: duckdb.DuckDBPyConnection, head: str) -> None:
    """What its macros read is of all its facts, or nothing was ever prepared: a copy cannot be prepared later."""
    if "prepared_from" not in aggregates.names(connection, "ledger", "table"):
        return
    [(prepared,)] = connection.execute("SELECT max(head) FROM ledger.prepared_from").fetchall()
    if prepared not in (None, head):
        why = "its macros would refuse to answer, and a copy cannot be prepared later"
        raise refuse(str(ledger), "facts were recorded since it was prepared", why, f"depr prepare {ledger}")


def _check_place(ledger: Path, out: Path, *, overwrite: bool) -> None:
    if not out.parent.is_dir():
        raise refuse(str(out), f"there is no folder {out.parent}", do="create it first")
    if not (out.exists() or out.is_symlink()):
        for place in (out, seal.place(out)):
            check_place(place)
        return
    if not overwrite:
        raise refuse(str(out), "already exists", do="choose another name, or give --overwrite")
    ours = out.is_dir() == (out.suffix != FILE) and not out.is_symlink() and made_with(out)
    if not ours or out.samefile(ledger):
        why = "only a copy of the same form is overwritten"
        raise refuse(str(out), "is no copy that depr published", why, "choose another name, or remove it yourself")
    if out.is_dir() and (added := manifest.added(out, manifest.read(out))):
        raise refuse(str(added[0]), "was not published", "it would be gone with the copy it lies in", "move it away")


@contextmanager
def _refusing(out: Path) -> Iterator[None]:
    """What the disk or DuckDB refuse, in words."""
    try:
        yield
    except (duckdb.Error, OSError) as fault:
        why = f"{str(fault).splitlines()[0]}; what was there is as it was"
        raise refuse(str(out), "cannot be written", why, "free space, or choose another folder") from None


@contextmanager
def _attached(ledger: Path, part: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the ledger attached; what does not fit into memory is put aside in `part`."""
    with database(settings={"temp_directory": str(part / "aside")}) as connection:
        connection.execute(f"ATTACH {literal(true_name(ledger))} AS ledger (READ_ONLY)").fetchall()
        yield connection


def _results_head(connection: duckdb.DuckDBPyConnection) -> str:
    if "made_from" not in aggregates.names(connection, "ledger", "table"):
        return ""
    heads = connection.execute("SELECT DISTINCT head FROM ledger.made_from ORDER BY head").fetchall()
    return ", ".join(head for (head,) in heads)


def _file(
    connection: duckdb.DuckDBPyConnection, database: str, made: Path, said: dict[str, Any], progress: Progress
) -> tuple[int, int]:
    """One DuckDB file that clients from 1.4 on open, under a seal: how many tables and rows it has."""
    progress("copy the tables")
    connection.execute(f"ATTACH {literal(made)} AS copied (STORAGE_VERSION '{STORAGE_VERSION}')").fetchall()
    connection.execute(f"COPY FROM DATABASE {database} TO copied").fetchall()
    for key, value in said.items():
        text = value if isinstance(value, str) else json.dumps(value)
        connection.execute("INSERT INTO copied.meta VALUES (?, ?)", [MARK + key, text]).fetchall()
    tables = aggregates.names(connection, "copied", "table")
    counts = [connection.execute(f"SELECT count(*) FROM copied.{quoted(table)}").fetchall()[0][0] for table in tables]
    connection.execute("DETACH copied").fetchall()
    progress("seal the copy")
    with connect(made, read_only=False) as copied:  # opened again: definitions are compared as a file says them
        contents.record(copied, ["meta"] if database == "ledger" else tables)
        if database != "ledger":
            contents.take_in(copied)
        digest = contents.fingerprint(copied, said["head"])
    seal.write(made, seal.sealed(made, said["head"], digest))
    return len(tables), sum(counts)


def _folder(
    connection: duckdb.DuckDBPyConnection, database: str, made: Path, said: dict[str, Any], progress: Progress
) -> tuple[int, int]:
    """A folder of Parquet with a manifest: how many tables and rows it has."""
    made.mkdir()
    tables, files, left_out = parquet.write(connection, database, made, progress)
    said["left_out"] |= left_out
    manifest.write(made, said, tables, files)
    return len(tables), sum(table.rows for table in tables)


def made_with(copy: Path) -> dict[str, Any]:
    """What a published copy says of itself: version, schema_version, head ...; nothing when it is none."""
    if copy.is_dir():
        with suppress(Exception):
            return {key: value for key, value in manifest.read(copy).items() if not isinstance(value, list)}
        return {}
    try:
        with copy.open("rb") as file:
            if file.read(12)[8:] != b"DUCK":
                return {}
        with database(copy, read_only=True) as connection:
            rows = connection.execute("SELECT key, value FROM meta").fetchall()
    except (duckdb.Error, OSError):
        return {}
    return {key.removeprefix(MARK): value for key, value in rows if key.startswith(MARK)}


def differing(copy: Path) -> list[Finding]:
    """What of a published copy is not as it was published, each file by name. Raises `Refused` when it is no copy."""
    if copy.is_dir():
        return manifest.differing(copy, manifest.read(copy))
    if found := seal.broken(copy):
        return found
    with connect(copy, read_only=True) as connection:
        return compare(copy, connection).findings
