"""The schedule summed by generation and fiscal quarter: what reports, SQL and restatement read."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.kernel.calendar import FiscalCalendar, period_column
from depr.schemas import Rollup

KEYS = ("issuer", "bound", "generation")
QUARTER = ("fiscal_year", "fiscal_quarter")
FLOWS = ("units", "cost_minor", "depreciation_minor")


def rollup(
    lots: pl.DataFrame, schedule: pl.LazyFrame, book: str, calendar: FiscalCalendar, last: int
) -> dy.DataFrame[Rollup]:
    """Lots with `bound` and their schedule (schemas.Schedule) -> schemas.Rollup, to the fiscal year end after `last`.

    Every generation has every quarter from the year of the first purchase, so that lines have no holes. Sums are
    taken in 128 bits and refused (an error, never a wrap) beyond 64.
    """
    served = lots.filter(pl.col("in_service_date").is_not_null())
    if served.is_empty():
        return Rollup.create_empty()
    first = lots.select(period_column(pl.col("purchase_date")).min()).item()
    months = calendar.frame(calendar.year_start(first), calendar.year_start(last) + 11)
    charged = schedule.join(served.lazy().select("lot", *KEYS), on="lot").join(
        months.lazy().select("period", *QUARTER), on="period"
    )
    charges = charged.group_by(*KEYS, *QUARTER).agg(_sum("depreciation_minor")).collect()
    joined = served.with_columns(period=period_column(pl.col("in_service_date"))).join(months, on="period")
    additions = joined.group_by(*KEYS, *QUARTER).agg(_sum("units"), _sum("cost_minor"))
    quarters = months.group_by(*QUARTER).agg(pl.col("period_end").max())
    grid = served.select(KEYS).unique().join(quarters, how="cross")
    flows = grid.join(additions, on=[*KEYS, *QUARTER], how="left").join(charges, on=[*KEYS, *QUARTER], how="left")
    return _balances(flows.with_columns(pl.col(FLOWS).fill_null(0)), book)


def _sum(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int128).sum().cast(pl.Int64)


def _running(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int128).cum_sum().over(KEYS).cast(pl.Int64)


def _balances(flows: pl.DataFrame, book: str) -> dy.DataFrame[Rollup]:
    """Additions and charges, quarter by quarter, to the balances they leave."""
    table = (
        flows.sort(*KEYS, "period_end")
        .with_columns(_running("units"), _running("cost_minor"), accumulated_minor=_running("depreciation_minor"))
        .with_columns(carrying_minor=pl.col("cost_minor") - pl.col("accumulated_minor"), book=pl.lit(book))
    )
    return Rollup.validate(table.select(Rollup.column_names()), cast=True)
