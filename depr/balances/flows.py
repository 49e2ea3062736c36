"""Flows: everything that moves the balances of a lot, so that a balance is the sum of what came before it."""

from __future__ import annotations

import polars as pl

from depr.contract import Flows
from depr.kernel.calendar import FiscalCalendar

AMOUNTS = (
    "construction_units",
    "units",
    "construction_minor",
    "cost_minor",
    "accumulated_minor",
    "impairment_minor",
    "proceeds_minor",
)


def flows(
    lots: pl.DataFrame, schedule: pl.LazyFrame, movements: pl.DataFrame, calendar: FiscalCalendar
) -> pl.LazyFrame:
    """Lots, their schedule and the movements of their changes (depr/books/estimates.py) -> contract.Flows, lazily."""
    charged = schedule.select(
        "lot", "period", kind=pl.lit("depreciation"), accumulated_minor=pl.col("depreciation_minor")
    )
    return pl.concat([event_flows(lots, movements, calendar).lazy(), _filled(charged)])


def event_flows(lots: pl.DataFrame, movements: pl.DataFrame, calendar: FiscalCalendar) -> pl.DataFrame:
    """The flows of events alone: a lot is under construction from its purchase until it is placed in service."""
    units = pl.col("units")
    cost = pl.col("cost_minor")
    bought = calendar.numbered(lots, "purchase_date").select(
        "lot", "period", kind=pl.lit("acquisition"), construction_units=units, construction_minor=cost
    )
    served = calendar.numbered(lots.filter(pl.col("in_service_date").is_not_null()), "in_service_date").select(
        "lot",
        "period",
        kind=pl.lit("placed_in_service"),
        construction_units=-units,
        units=units,
        construction_minor=-cost,
        cost_minor=cost,
    )
    moving = pl.any_horizontal(pl.col(name) != 0 for name in AMOUNTS if name in movements.columns)
    moved = movements.filter(moving | (pl.col("kind") == "opening"))  # of nothing too: it says that the lot came along
    return pl.concat([_filled(part.lazy()) for part in (bought, served, moved)]).collect()


def _filled(part: pl.LazyFrame) -> pl.LazyFrame:
    """With every column of contract.Flows; what a flow does not name, it does not move."""
    given = part.collect_schema().names()
    absent = [pl.lit(0, pl.Int64).alias(name) for name in AMOUNTS if name not in given]
    return part.with_columns(pl.col("period").cast(pl.Int32), *absent).select(Flows.column_names())
