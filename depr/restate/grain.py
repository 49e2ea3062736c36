"""The schedule by month, fiscal quarter or fiscal year: a coarse grain is the sum of the fine one."""

from __future__ import annotations

import polars as pl

from depr.book import LONGEST_LIFE_MONTHS
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar

GRAINS: dict[str, tuple[str, ...]] = {
    "month": ("fiscal_year", "fiscal_quarter", "period"),
    "quarter": ("fiscal_year", "fiscal_quarter"),
    "year": ("fiscal_year",),
}
NAMES = ("lot_id", "issuer", "generation", "currency")


def by_grain(schedule: pl.LazyFrame, lots: pl.DataFrame, calendar: FiscalCalendar, grain: str) -> pl.LazyFrame:
    """schemas.Schedule -> one row a lot and period: names, fiscal period, period_end, depreciation, accumulated."""
    first = lots.select(pl.col("in_service_date").min()).item() or FIRST
    months = calendar.frame(calendar.period(first), calendar.period(LAST) + LONGEST_LIFE_MONTHS).lazy()
    named = schedule.join(months, on="period").join(lots.lazy().select("lot", *NAMES), on="lot")
    keys = GRAINS[grain]
    summed = named.group_by(*NAMES, *keys).agg(
        pl.col("period_end").max(),
        pl.col("depreciation_minor").sum(),
        pl.col("accumulated_minor").sort_by("period").last(),
    )
    columns = (*NAMES, *keys[:2], "period_end", "depreciation_minor", "accumulated_minor")
    return summed.select(columns).sort("lot_id", "period_end")
