"""The journal's grammar: what a purchases file becomes, and the hash that makes a change visible."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import dataframely as dy
import polars as pl

from depr.schemas import EVENT_KINDS, Events, Lots, Purchases

CONTENT = [name for name in Purchases.column_names() if name != "source_row"]
"""What makes two purchases of one lot the same."""


def purchase_events(purchases: pl.DataFrame, batch: int, first_seq: int) -> dy.DataFrame[Events]:
    """Purchases (schemas.Purchases) -> acquisition and placed-in-service events, numbered in order of source row."""
    bought = purchases.with_columns(kind=pl.lit("acquisition"), effective_date="purchase_date")
    served = purchases.filter(pl.col("in_service_date").is_not_null()).select(
        "lot_id", "source_row", "document", kind=pl.lit("placed_in_service"), effective_date="in_service_date"
    )
    both = pl.concat([bought, served], how="diagonal").sort("source_row", pl.col("kind").cast(pl.Enum(EVENT_KINDS)))
    absent = [pl.lit(None, pl.String).alias("reason"), pl.lit(None, pl.Int64).alias("reverses")]
    numbered = both.with_columns(
        *absent, seq=pl.int_range(pl.len(), dtype=pl.Int64) + first_seq, batch=pl.lit(batch, pl.Int64)
    )
    return Events.validate(numbered.select(Events.column_names()), cast=True)


def compare(purchases: dy.DataFrame[Purchases], lots: dy.DataFrame[Lots]) -> pl.DataFrame:
    """Purchases with `known` (the ledger holds the lot) and `same` (with the same content)."""
    held = lots.select(CONTENT)
    joined = purchases.join(held, on="lot_id", how="left", suffix="_held", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_held")) for name in CONTENT if name != "lot_id")
    known = pl.col("issuer_held").is_not_null()
    return joined.select(*Purchases.column_names(), known=known, same=known & same)


def facts_sha256(events: pl.DataFrame) -> str:
    """SHA-256 over the rows in order of seq, in canonical text: a line a row, cells quoted, null as \\N, \\ as \\\\."""
    escaped = pl.col(pl.String).str.replace_all("\\", "\\\\", literal=True)
    ordered = events.select(Events.column_names()).sort("seq").with_columns(escaped)
    text = ordered.write_csv(include_header=False, null_value="\\N", quote_style="always")
    return hashlib.sha256(text.encode()).hexdigest()


def chain(previous: str, recorded: Iterable[object]) -> str:
    """Hash of a batch: SHA-256 over the hash of the batch before and what was recorded of it, in canonical text."""
    cells = (str(cell) for cell in recorded)
    text = "\n".join((previous, *(cell.replace("\\", "\\\\").replace("\n", "\\n") for cell in cells)))
    return hashlib.sha256(text.encode()).hexdigest()
