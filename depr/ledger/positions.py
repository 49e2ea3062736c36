"""Positions: events -> lots, what befalls them, what is held. Pure; every answer is what was effective on a date."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl

from depr.contract import BOUNDS, CHANGE_KINDS, CONTROL_KINDS, Changes, Events, Holdings, Lots
from depr.kernel.calendar import FiscalCalendar

CARRIED = ("issuer", "generation", "units", "cost_minor", "cost_low_minor", "cost_high_minor", "residual_minor")
JUDGED = ("opening", "estimate")
"""Kinds that are a judgement of what is reported: a scenario asks what another one would have made of the facts."""


def standing(events: pl.DataFrame, as_of: date | None = None) -> pl.DataFrame:
    """Events of lots that stand (no correction took them back) and were effective on a date (all, when None)."""
    wrong = events.filter(pl.col("reverses").is_not_null())["reverses"]
    stands = ~pl.col("kind").is_in(CONTROL_KINDS) & ~pl.col("seq").is_in(wrong.implode())
    return events.filter(stands if as_of is None else stands & (pl.col("effective_date") <= as_of))


def effective(events: pl.DataFrame, as_of: date | None = None) -> dy.DataFrame[Events]:
    """The events that stand, in the order in which they happened: by date, those of a day as they were recorded."""
    return Events.cast(standing(events, as_of).sort(*ORDER))


FRAME = {"acquisition": 0, "placed_in_service": 1, "disposal": 3}
"""What begins the life of a lot comes first on its day, what ends it last, whenever it was recorded."""

ORDER = ("effective_date", pl.col("kind").replace_strict(FRAME, default=2, return_dtype=pl.Int8), "seq")


def unpriced(events: pl.DataFrame) -> pl.DataFrame:
    """Units whose cost is not known, by events that stand: lot_id, issuer, generation, units and why.

    A lot that was acquired since has its cost, and is not among them.
    """
    waiting = events.filter(kind="unpriced").join(events.filter(kind="acquisition"), on="lot_id", how="anti")
    return waiting.select("lot_id", "issuer", "generation", "units", "reason").sort("lot_id")


def positions(events: pl.DataFrame, as_of: date | None = None) -> dy.DataFrame[Lots]:
    """What the events effective by `as_of` (all, when None) say was acquired: contract.Lots, in order of lot_id."""
    return acquired(effective(events, as_of))


def acquired(events: pl.DataFrame) -> dy.DataFrame[Lots]:
    """Lots of events that stand."""
    bought = events.filter(kind="acquisition")
    served = events.filter(kind="placed_in_service").select("lot_id", in_service_date="effective_date")
    lots = (
        bought.select("lot_id", *CARRIED, "currency", "location", "document", purchase_date=pl.col("effective_date"))
        .join(served, on="lot_id", how="left")
        .sort("lot_id")
        .with_row_index("lot")
    )
    return Lots.validate(lots.select(Lots.column_names()), cast=True)


HELD = ("seq", "kind", "lot_id", "effective_date", "issuer", "generation", "units", "location", "reverses")
"""The columns of events that say what is held."""


def holdings(events: pl.DataFrame, as_of: date | None = None) -> dy.DataFrame[Holdings]:
    """Status, units and site of every lot on a date (after all events, when None), in order of lot_id.

    `events` need the columns HELD.
    """
    known = standing(events, as_of)
    kind = pl.col("kind")
    bought = known.filter(kind == "acquisition").select("lot_id", "issuer", "generation", "units", site="location")
    served = known.filter(kind == "placed_in_service").select("lot_id", in_service_date="effective_date")
    since = known.filter(kind.is_in(["transfer", "held_for_sale", "back_in_use", "partial_disposal", "disposal"]))
    moves = (
        since.sort(*ORDER)
        .group_by("lot_id")
        .agg(
            sold=pl.col("units").filter(kind == "partial_disposal").sum(),
            moved=pl.col("location").filter(kind == "transfer").last(),
            disposal_date=pl.col("effective_date").filter(kind == "disposal").first(),
            sale=kind.filter(kind.is_in(["held_for_sale", "back_in_use"])).last(),
        )
    )
    lots = bought.join(served, on="lot_id", how="left").join(moves, on="lot_id", how="left")
    left = pl.col("units") - pl.col("sold").fill_null(0)
    gone = pl.col("disposal_date").is_not_null() | (left == 0)
    status = (
        pl.when(gone)
        .then(pl.lit("disposed"))
        .when(pl.col("in_service_date").is_null())
        .then(pl.lit("under_construction"))
        .when((pl.col("sale") == "held_for_sale").fill_null(False))
        .then(pl.lit("held_for_sale"))
        .otherwise(pl.lit("in_service"))
    )
    held = lots.with_columns(
        status=status, units=pl.when(gone).then(0).otherwise(left), location=pl.coalesce("moved", "site")
    )
    return Holdings.validate(held.sort("lot_id").select(Holdings.column_names()), cast=True)


def lived(events: pl.DataFrame, last: date) -> pl.DataFrame:
    """How long units were in service until they went, or until `last`: the columns of depr.evidence.survival.LIVES.

    One row for what is left of each lot, and one for each part of it that went; none for what was in service for no
    day. `events` are those that stand.
    """
    bought = events.filter(kind="acquisition").select("lot_id", "generation", acquired="units")
    served = events.filter(kind="placed_in_service").select("lot_id", in_service_date="effective_date")
    lots = bought.join(served, on="lot_id")
    parts = events.filter(kind="partial_disposal").select("lot_id", "units", end_date="effective_date")
    ends = events.filter(kind="disposal").select("lot_id", end_date="effective_date")
    sold = parts.group_by("lot_id").agg(sold=pl.col("units").sum())
    rest = lots.join(sold, on="lot_id", how="left").join(ends, on="lot_id", how="left")
    left = rest.with_columns(
        units=pl.col("acquired") - pl.col("sold").fill_null(0),
        retired=pl.col("end_date").is_not_null(),
        end_date=pl.col("end_date").fill_null(last),
    )
    gone = lots.join(parts, on="lot_id").with_columns(retired=pl.lit(True))
    columns = ("lot_id", "generation", "in_service_date", "end_date", "units", "retired")
    both = pl.concat([left.select(columns), gone.select(columns)]).filter(pl.col("units") > 0)
    seen = both.filter(pl.col("in_service_date") < pl.col("end_date"))
    return seen.rename({"lot_id": "lot"}).with_columns(observed_from="in_service_date").sort("lot", "end_date")


def _counts_in(book: str, *, as_reported: bool) -> pl.Expr:
    open_to_all = pl.lit(True) if as_reported else ~pl.col("kind").is_in(JUDGED)
    return pl.when(pl.col("book").is_null()).then(open_to_all).otherwise(pl.col("book") == book)


def counted(events: pl.DataFrame, book: str, *, as_reported: bool) -> pl.DataFrame:
    """The events that befall lots and count in a book, in their order; `changes` says by which rule."""
    return events.filter(pl.col("kind").is_in(CHANGE_KINDS) & _counts_in(book, as_reported=as_reported))


def left_out(events: pl.DataFrame, lots: pl.DataFrame, book: str, *, as_reported: bool) -> pl.DataFrame:
    """The events that befall lots and do not count in a book, in their order."""
    befalls = pl.col("kind").is_in(CHANGE_KINDS) & ~_counts_in(book, as_reported=as_reported)
    return events.filter(befalls).join(lots.select("lot_id"), on="lot_id", how="semi", maintain_order="left")


WORTH = ("impairment", "reversal")


def changes(
    events: pl.DataFrame, lots: pl.DataFrame, book: str, *, as_reported: bool, recoverable: pl.DataFrame | None = None
) -> dy.DataFrame[Changes]:
    """What befalls lots (contract.Lots) in a book, by events that stand.

    An event that names a book counts in that one. Of those that name none, facts count in every book, impairments too;
    opening balances and changes in estimate count in books as reported, since another book replaces that judgement.
    `recoverable` says what was so at impairments and reversals that name no book: lot, seq, recoverable_minor.
    """
    rows = counting_rows(events, lots, book, as_reported=as_reported)
    if recoverable is not None:
        known = rows.drop("recoverable_minor").join(recoverable, on=["lot", "seq"], how="left", maintain_order="left")
        rows = known.with_columns(pl.when(pl.col("book").is_null()).then("recoverable_minor"))
    return Changes.validate(rows.select(Changes.column_names()), cast=True)


def counting_rows(events: pl.DataFrame, lots: pl.DataFrame, book: str, *, as_reported: bool) -> pl.DataFrame:
    """The events that count in a book, in the columns of contract.Changes, with their seq and the book they name."""
    counting = counted(events, book, as_reported=as_reported)
    if counting.is_empty():
        return pl.DataFrame(schema={**Changes.create_empty().schema, "seq": pl.Int64, "book": pl.String})
    sold = pl.when(pl.col("kind") == "partial_disposal").then("units")
    before = sold.fill_null(0).cum_sum().over("lot") - sold.fill_null(0)
    rows = (
        counting.join(lots.select("lot", "lot_id", acquired="units"), on="lot_id", maintain_order="left")
        .sort("lot", maintain_order=True)
        .with_columns(part_num=sold, part_den=pl.when(sold.is_not_null()).then(pl.col("acquired") - before))
    )
    return rows.select(
        "lot",
        "effective_date",
        "kind",
        "amount_minor",
        "life_months",
        new_residual_minor="residual_minor",
        part_num="part_num",
        part_den="part_den",
        recoverable_minor=pl.lit(None, pl.Int64),
        seq="seq",
        book="book",
    )


def transfers(events: pl.DataFrame, lots: pl.DataFrame, calendar: FiscalCalendar) -> pl.DataFrame:
    """Where lots went: lot, period and location, in order, by events that stand."""
    moved = events.filter(kind="transfer").join(lots.select("lot", "lot_id"), on="lot_id", maintain_order="left")
    return calendar.numbered(moved, "effective_date").select("lot", "period", "location")


def readings(lots: pl.DataFrame) -> pl.DataFrame:
    """Lots once for each bound of their cost (column `bound`), renumbered; `mid` alone when no cost is estimated.

    A lot of known cost counts the same in every bound, so the bounds of a mixed fleet add up.
    """
    estimated = lots.select(pl.any_horizontal(pl.col("cost_low_minor", "cost_high_minor").is_not_null()).any()).item()
    parts = [_reading(lots, bound) for bound in (BOUNDS if estimated else ("mid",))]
    return pl.concat(parts).drop("lot").with_row_index("lot").cast({"lot": pl.Int64})


def _reading(lots: pl.DataFrame, bound: str) -> pl.DataFrame:
    cost = pl.col("cost_minor") if bound == "mid" else pl.coalesce(f"cost_{bound}_minor", "cost_minor")
    return lots.with_columns(cost_minor=cost, bound=pl.lit(bound)).with_columns(
        residual_minor=pl.min_horizontal("residual_minor", "cost_minor").pipe(_where_given)
    )


def _where_given(capped: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("residual_minor").is_not_null()).then(capped)
