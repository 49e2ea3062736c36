"""The schedule summed by generation and fiscal quarter: what reports, SQL and restatement read."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.kernel.calendar import FiscalCalendar
from depr.restate.sums import running, summed
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
    first = calendar.period(lots.select(pl.col("purchase_date").min()).item())
    months = calendar.frame(calendar.year_start(first), calendar.year_start(last) + 11)
    charged = schedule.join(served.lazy().select("lot", *KEYS), on="lot").join(
        months.lazy().select("period", *QUARTER), on="period"
    )
    charges = charged.group_by(*KEYS, *QUARTER).agg(summed("depreciation_minor")).collect()
    joined = calendar.numbered(served, "in_service_date").join(months, on="period")
    additions = joined.group_by(*KEYS, *QUARTER).agg(summed("units"), summed("cost_minor"))
    quarters = months.group_by(*QUARTER).agg(pl.col("period_end").max())
    grid = served.select(KEYS).unique().join(quarters, how="cross")
    flows = grid.join(additions, on=[*KEYS, *QUARTER], how="left").join(charges, on=[*KEYS, *QUARTER], how="left")
    return _balances(flows.with_columns(pl.col(FLOWS).fill_null(0)), book)


def _balances(flows: pl.DataFrame, book: str) -> dy.DataFrame[Rollup]:
    """Additions and charges, quarter by quarter, to the balances they leave."""
    table = (
        flows.sort(*KEYS, "period_end")
        .with_columns(
            running("units", *KEYS),
            running("cost_minor", *KEYS),
            accumulated_minor=running("depreciation_minor", *KEYS),
        )
        .with_columns(carrying_minor=pl.col("cost_minor") - pl.col("accumulated_minor"), book=pl.lit(book))
    )
    return Rollup.validate(table.select(Rollup.column_names()), cast=True)
