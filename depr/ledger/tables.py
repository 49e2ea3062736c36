"""The tables of a ledger file, each column with its meaning."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from depr.contract import Events, describe
from depr.contract.currencies import other_than_two
from depr.ledger.version import VERSION

SCHEMA_VERSION = 3
STORAGE_VERSION = "v1.4.0"
DECIMALS = "currency_decimals"
"""Key in meta of the decimals of the currencies in which amounts were written."""

GENESIS = "0" * 64

TYPES = {pl.Int64: "BIGINT", pl.String: "VARCHAR", pl.Date: "DATE"}


BATCHES = """CREATE TABLE batches (
    batch BIGINT PRIMARY KEY, recorded_at TIMESTAMP NOT NULL, file VARCHAR NOT NULL, file_sha256 VARCHAR NOT NULL,
    read BIGINT NOT NULL, accepted BIGINT NOT NULL, rejected BIGINT NOT NULL, duplicates BIGINT NOT NULL,
    facts_sha256 VARCHAR NOT NULL, previous VARCHAR NOT NULL, hash VARCHAR NOT NULL)"""

CONTENTS = """CREATE TABLE IF NOT EXISTS contents (
    kind VARCHAR NOT NULL, name VARCHAR NOT NULL, definition VARCHAR NOT NULL, rows VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL)"""

COMMENTS = {
    "meta": "What the file is: its schema version, the depr that made it, decimals of currencies (2 if none)",
    "batches": "Imports, one transaction each, chained by hash (read = accepted + rejected + duplicates)",
    "events": "The journal of facts; append-only; amounts in minor units",
    "sources": "The imported files, unchanged, in pieces: depr source LEDGER BATCH puts one together",
    "contents": "What depr wrote beside the journal: depr verify compares tables, views and macros with it",
}

SOURCE_COLUMNS = {
    "file_sha256": "SHA-256 of the whole file, which the batch that it came with bears",
    "piece": "number of the piece, from 0",
    "bytes": "its bytes",
}
BATCH_COLUMNS = {
    "batch": "number of the import, from 1",
    "recorded_at": "when it was recorded, UTC",
    "file": "name of the file",
    "file_sha256": "SHA-256 of the file; blank where there is none",
    "read": "rows read",
    "accepted": "rows recorded",
    "rejected": "rows refused",
    "duplicates": "rows that the ledger held already, with the same content",
    "facts_sha256": "SHA-256 of the events of the batch",
    "previous": "hash of the batch before; zeros for the first",
    "hash": "hash of this batch: SHA-256 over the columns above and the hash before",
}
CONTENTS_COLUMNS = {
    "kind": "table, view, macro ...; definitions stands for the views and macros of depr",
    "name": "name",
    "definition": "SHA-256 of the definition: columns, types, constraints and comments; of a view or macro, its text",
    "rows": "SHA-256 over the rows, in any order; blank for what has none, and where the chain proves them",
    "made_by": "versions of depr and DuckDB that wrote it",
}


def tables() -> list[str]:
    """The statements that make them."""
    columns = Events.columns()
    body = ", ".join(
        f"{name} {TYPES[type(col.dtype)]}{'' if col.nullable else ' NOT NULL'}" for name, col in columns.items()
    )
    said = {"events": describe(Events), "batches": BATCH_COLUMNS, "meta": {"key": "name", "value": "value"}}
    said["sources"] = SOURCE_COLUMNS
    return [
        "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)",
        f"INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}'), ('made_by', '{VERSION}')",
        f"INSERT INTO meta VALUES ('{DECIMALS}', '{other_than_two()}')",
        BATCHES,
        f"CREATE TABLE events ({body})",
        "CREATE TABLE sources (file_sha256 VARCHAR NOT NULL, piece BIGINT NOT NULL, bytes BLOB NOT NULL)",
        *contents(),
        *(line for name, columns_said in said.items() for line in comments(name, COMMENTS[name], columns_said)),
    ]


def contents() -> list[str]:
    """The statements that make the table `contents`, where it is not there yet."""
    return [CONTENTS, *comments("contents", COMMENTS["contents"], CONTENTS_COLUMNS)]


def comments(table: str, meaning: str, columns: Mapping[str, str], kind: str = "TABLE") -> list[str]:
    """The statements that say what a table, or a view, and its columns mean."""
    whole = f"COMMENT ON {kind} {table} IS {literal(meaning)}"
    return [whole, *(f"COMMENT ON COLUMN {table}.{name} IS {literal(text)}" for name, text in columns.items())]


def literal(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"
