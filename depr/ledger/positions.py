"""Positions: events -> lots. Pure; every answer is what was effective on a date."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl

from depr.schemas import BOUNDS, Events, Lots

CARRIED = ("issuer", "generation", "units", "cost_minor", "cost_low_minor", "cost_high_minor", "residual_minor")


def positions(events: dy.DataFrame[Events], as_of: date | None = None) -> dy.DataFrame[Lots]:
    """What the events effective by `as_of` (all, when None) add up to: schemas.Lots, in order of lot_id."""
    known = events if as_of is None else events.filter(pl.col("effective_date") <= as_of)
    bought = known.filter(pl.col("kind") == "acquisition")
    served = known.filter(pl.col("kind") == "placed_in_service").select("lot_id", in_service_date="effective_date")
    lots = (
        bought.select("lot_id", *CARRIED, "currency", "location", "document", purchase_date=pl.col("effective_date"))
        .join(served, on="lot_id", how="left")
        .sort("lot_id")
        .with_row_index("lot")
    )
    return Lots.validate(lots.select(Lots.column_names()), cast=True)


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
