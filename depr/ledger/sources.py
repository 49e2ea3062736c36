"""The files that were imported, kept in the ledger unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from depr.errors import refuse

PIECE_BYTES = 1 << 23


def keep(connection: duckdb.DuckDBPyConnection, path: Path, sha256: str) -> None:
    """Put a file into the table `sources`, piece by piece. Raises `Refused` when it is not the one that was read."""
    held = connection.execute("SELECT count(*) FROM sources WHERE file_sha256 = ?", [sha256]).fetchall()
    if held != [(0,)]:
        return
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for number, piece in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
            digest.update(piece)
            row = {"file_sha256": [sha256], "piece": [number], "bytes": pa.array([piece], pa.binary())}
            connection.register("piece", pa.table(row))
            connection.execute("INSERT INTO sources BY NAME SELECT * FROM piece").fetchall()
            connection.unregister("piece")
    if digest.hexdigest() != sha256:
        raise refuse(path.name, "the file changed while it was imported", do="import it again when it is complete")


def pieces(connection: duckdb.DuckDBPyConnection, sha256: str) -> Iterator[bytes]:
    """A kept file in pieces, in order."""
    numbers = connection.execute("SELECT piece FROM sources WHERE file_sha256 = ? ORDER BY piece", [sha256]).fetchall()
    for (number,) in numbers:
        query = "SELECT bytes FROM sources WHERE file_sha256 = ? AND piece = ?"
        [(piece,)] = connection.execute(query, [sha256, number]).fetchall()
        yield piece


def content(connection: duckdb.DuckDBPyConnection, sha256: str) -> bytes | None:
    """A kept file in one piece; None where it is not the one with that SHA-256."""
    whole = b"".join(pieces(connection, sha256))
    return whole if hashlib.sha256(whole).hexdigest() == sha256 else None


def intact(connection: duckdb.DuckDBPyConnection, sha256: str) -> bool:
    """Whether a kept file is the one with that SHA-256."""
    numbers = connection.execute("SELECT piece FROM sources WHERE file_sha256 = ? ORDER BY 1", [sha256]).fetchall()
    if [number for (number,) in numbers] != list(range(len(numbers))):
        return False
    digest = hashlib.sha256()
    for piece in pieces(connection, sha256):
        digest.update(piece)
    return digest.hexdigest() == sha256


def kept(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The SHA-256 of all files that are kept."""
    return {digest for (digest,) in connection.execute("SELECT DISTINCT file_sha256 FROM sources").fetchall()}
