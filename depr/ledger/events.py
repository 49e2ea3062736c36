"""The journal's grammar: what a purchases file becomes, and what makes an event new."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.contract import EVENT_KINDS, Entries, Events

CONTENT = [name for name in Entries.column_names() if name != "source_row"]
"""What makes two events the same."""

ONCE = ("unpriced", "acquisition", "placed_in_service", "opening", "disposal")
"""What happens to a lot once; an opening balance once a book."""

KEY = ("kind", "lot_id", "book")


def purchase_entries(purchases: pl.DataFrame) -> dy.DataFrame[Entries]:
    """Purchases (contract.Purchases) -> acquisition, placed_in_service, opening and estimate, in order of source row.

    A life of its own is an estimate of the day of service.
    """
    apart = ("accumulated_minor", "accumulated_date", "in_service_date", "life_months")
    bought = purchases.drop(apart).with_columns(kind=pl.lit("acquisition"), effective_date="purchase_date")
    same = ("lot_id", "source_row", "document")
    served = purchases.filter(pl.col("in_service_date").is_not_null()).select(
        *same, kind=pl.lit("placed_in_service"), effective_date="in_service_date"
    )
    brought = purchases.filter(pl.col("accumulated_date").is_not_null()).select(
        *same,
        "currency",
        kind=pl.lit("opening"),
        effective_date="accumulated_date",
        amount_minor="accumulated_minor",
    )
    judged = purchases.filter(pl.col("life_months").is_not_null()).select(
        *same, "life_months", kind=pl.lit("estimate"), effective_date="in_service_date"
    )
    rows = pl.concat([bought, served, brought, judged], how="diagonal").sort("source_row", _rank())
    missing = [n for n in Entries.column_names() if n not in rows.columns]
    absent = [pl.lit(None, Entries.columns()[name].dtype).alias(name) for name in missing]
    return Entries.validate(rows.with_columns(absent).select(Entries.column_names()), cast=True)


def alone(**cells: object) -> dy.DataFrame[Entries]:
    """One event that a command tells, by its columns."""
    types = {name: column.dtype for name, column in Entries.columns().items()}
    return Entries.validate(pl.DataFrame([{"source_row": 1, **cells}], schema=types))


def numbered(entries: pl.DataFrame, batch: int, first_seq: int) -> dy.DataFrame[Events]:
    """Entries as events of a batch, numbered in order of source row and of what happens first."""
    rows = entries.sort("source_row", _rank(), maintain_order=True)
    seq = pl.int_range(pl.len(), dtype=pl.Int64) + first_seq
    return Events.cast(rows.with_columns(seq=seq, batch=pl.lit(batch, pl.Int64)).select(Events.column_names()))


def _rank() -> pl.Expr:
    return pl.col("kind").cast(pl.Enum(EVENT_KINDS))


def compare(entries: pl.DataFrame, journal: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Entries with `same` (the journal holds it) and `taken` (it holds another in its place, which still stands).

    What was recorded and taken back since counts as held: it does not come back by importing the same file again.
    """
    if journal.is_empty():
        return entries.with_columns(same=pl.lit(False), taken=pl.lit(False))
    held = journal.select(CONTENT).unique().with_columns(same=pl.lit(True))
    placed = standing.filter(pl.col("kind").is_in(ONCE)).select(KEY).unique().with_columns(taken=pl.lit(True))
    joined = entries.join(held, on=CONTENT, how="left", nulls_equal=True, maintain_order="left")
    return joined.join(placed, on=KEY, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("same", "taken").fill_null(False)
    )
