"""A ledger file opened: whether it is one, of which schema, and whether its amounts have the decimals of today."""

from __future__ import annotations

from pathlib import Path

import duckdb

from depr.contract.currencies import read_with_others
from depr.errors import refuse
from depr.ledger import faults, kin, seal
from depr.ledger.database import database
from depr.ledger.tables import DECIMALS, SCHEMA_VERSION


def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A ledger file of any schema, open in DuckDB. Raises `Refused` when it is held, out of reach or something else."""
    faults.check_name(path)
    check_kind(path)
    try:
        given = read_only and not seal.log(path).exists()  # for questions a file is called as it was named
        return database(path if given else kin.true_name(path), read_only=read_only)
    except duckdb.Error as fault:
        raise faults.cannot_open(path, fault) from None


def connect_ledger(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A ledger file of this schema, open in DuckDB. Raises `Refused` for one of another, saying what reads it."""
    connection = connect(path, read_only=read_only)
    try:
        _check_version(path, connection)
    except BaseException:
        connection.close()  # else the file stays held
        raise
    return connection


def check_kind(path: Path) -> None:
    """DuckDB would make a database of an empty file, and fetch an extension for a file of another one."""
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as fault:
        raise faults.cannot_open(path, fault) from None
    if start[8:] != b"DUCK":
        raise faults.cannot_open(path, ValueError("the file does not begin as a DuckDB file does"))


def _check_version(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    said = schema_version(path, connection)
    if connection.execute("SELECT 1 FROM meta WHERE key = 'published_without' AND value <> ''").fetchall():
        why = "a copy published without lots holds no facts"
        raise refuse(str(path), "is no ledger", why, f"ask it in plain DuckDB: duckdb -readonly {path}")
    if said == str(SCHEMA_VERSION):
        check_decimals(path, connection)
        return
    older = said.isdecimal() and int(said) < SCHEMA_VERSION
    do = f"depr migrate {path}" if older else f"use {_made_by(connection)}"
    raise refuse(str(path), f"ledger schema {said}", f"this version reads {SCHEMA_VERSION}", do)


def check_decimals(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Raises `Refused` for a ledger whose amounts were written with other decimals than their currencies have now."""
    kept = connection.execute(f"SELECT value FROM meta WHERE key = '{DECIMALS}'").fetchall()
    if others := read_with_others(kept[0][0] if kept else None):
        asked = "SELECT DISTINCT currency FROM events WHERE currency IN (SELECT unnest(?))"
        try:
            used = connection.execute(asked, [list(others)]).fetchall()
        except duckdb.Error as fault:
            raise faults.damaged(path, fault) from None
        if used:
            raise faults.other_decimals(path, {code: others[code] for (code,) in sorted(used)})


def schema_version(path: Path, connection: duckdb.DuckDBPyConnection) -> str:
    """The schema of an open file, as it says itself. Raises `Refused` when it is no ledger."""
    try:
        version = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchall()
    except duckdb.Error as fault:
        raise faults.cannot_open(path, fault) from None
    return ", ".join(value for (value,) in version) or "none"


def _made_by(connection: duckdb.DuckDBPyConnection) -> str:
    """Which depr reads a file of another schema."""
    made = connection.execute("SELECT value FROM meta WHERE key = 'made_by'").fetchall()
    return f"depr {made[0][0]} or newer" if made else "a newer depr"
