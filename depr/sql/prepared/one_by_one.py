"""Lots that something befell, estimated one by one as of every date on which more of it was known."""

from __future__ import annotations

from datetime import date

import polars as pl

from depr.books.book import Book
from depr.books.estimates import estimates
from depr.contract import CHANGE_KINDS, prepared
from depr.kernel.calendar import FIRST, FiscalCalendar
from depr.ledger.positions import readings
from depr.pipeline import Reported, estimated
from depr.sql.prepared.changed import Befalls
from depr.sql.prepared.curves import Curves

EVER = date(9999, 12, 31)


class OneByOne:
    """Segments and movements (contract.prepared.SingleSegments, Moved) of any number of books and fleets."""

    def __init__(self, curves: Curves) -> None:
        self._curves = curves
        self._segments: list[pl.DataFrame] = [prepared.SingleSegments.create_empty()]
        self._movements: list[pl.DataFrame] = [prepared.Moved.create_empty()]

    def add(
        self,
        book: Book,
        lots: pl.DataFrame,
        events: pl.DataFrame,
        calendar: FiscalCalendar,
        befalls: Befalls | None = None,
        reported: Reported | None = None,
    ) -> None:
        """Estimate lots (contract.Lots) in service under a book. Raises `Refused` as depr.books.estimates does.

        `befalls` says what befalls them, where it is not what the kind of the book says (depr.ledger.positions);
        `reported` are the books by which their issuers report.
        """
        if lots.is_empty():
            return
        parts, happened = _parts(lots, events)
        if befalls is None:
            made = estimated(parts, book, calendar, happened, reported)
        else:
            made = estimates(parts, book, calendar, befalls(happened, parts))
        names = parts.select("lot", "bound", "known_from", "known_until", "number", book=pl.lit(book.id))
        numbers = self._curves.add(made.shares)
        numbered = made.segments.with_columns(pl.col("share_id").replace_strict(numbers, return_dtype=pl.Int32))
        for stack, frame in ((self._segments, numbered), (self._movements, made.movements)):
            named = frame.join(names, on="lot").drop("lot").rename({"number": "lot"})
            stack.append(named.select(stack[0].columns))

    def segments(self) -> pl.DataFrame:
        """What is depreciated."""
        return pl.concat(self._segments)

    def movements(self) -> pl.DataFrame:
        """What changes moved."""
        return pl.concat(self._movements)


def _parts(lots: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lots once for each bound of their cost and each span of dates on which as much was known, and what it was.

    Each goes by a name of its own; `number` is that of its lot. A lot of a known cost has the middle bound alone.
    """
    own = events.join(lots.select("lot_id"), on="lot_id", how="semi", maintain_order="left")
    days = own.filter(pl.col("kind").is_in(CHANGE_KINDS)).select("lot_id", known_from="effective_date").unique()
    spans = (
        pl.concat([lots.select("lot_id", known_from=pl.lit(FIRST)), days])
        .sort("lot_id", "known_from")
        .with_columns(
            known_until=pl.col("known_from").shift(-1).over("lot_id").fill_null(EVER),
            part=pl.format("{} {}", "lot_id", pl.int_range(pl.len()).over("lot_id")),
        )
    )
    spanned = own.join(spans, on="lot_id", maintain_order="left").filter(
        pl.col("effective_date") < pl.col("known_until")
    )
    ranged = pl.any_horizontal(pl.col("cost_low_minor", "cost_high_minor").is_not_null())
    read = pl.concat(readings(part) for part in (lots.filter(ranged), lots.filter(~ranged)) if not part.is_empty())
    numbered = read.drop("lot").join(lots.select("lot_id", number="lot"), on="lot_id", maintain_order="left")
    parts = numbered.join(spans, on="lot_id", maintain_order="left").with_row_index("lot").cast({"lot": pl.Int64})
    return parts.with_columns(lot_id="part"), spanned.with_columns(lot_id="part").select(events.columns)
