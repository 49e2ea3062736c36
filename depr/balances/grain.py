"""The schedule by month, fiscal quarter or fiscal year: a coarse grain is the sum of the fine one."""

from __future__ import annotations

import polars as pl

from depr.books.book import LONGEST_LIFE_MONTHS
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar

GRAINS: dict[str, tuple[str, ...]] = {
    "month": ("fiscal_year", "fiscal_quarter", "period"),
    "quarter": ("fiscal_year", "fiscal_quarter"),
    "year": ("fiscal_year",),
}
NAMES = ("lot_id", "issuer", "generation", "currency")
BOUNDS = ("period_start", "period_end")


def by_grain(schedule: pl.LazyFrame, lots: pl.DataFrame, calendar: FiscalCalendar, grain: str) -> pl.LazyFrame:
    """schemas.Schedule -> one row a lot and period: names, fiscal period with its bounds, depreciation, accumulated.

    The bounds are those of the fiscal period, also where only a part of it is charged.
    """
    first = lots.select(pl.col("in_service_date").min()).item() or FIRST
    begin = calendar.year_start(calendar.period(first))
    months = calendar.frame(begin, calendar.period(LAST) + LONGEST_LIFE_MONTHS)
    keys = GRAINS[grain]
    bounds = months.group_by(keys).agg(pl.col("period_start").min(), pl.col("period_end").max())
    named = schedule.join(months.lazy(), on="period").join(lots.lazy().select("lot", *NAMES), on="lot")
    summed = named.group_by(*NAMES, *keys).agg(
        pl.col("depreciation_minor").sum(), pl.col("accumulated_minor").sort_by("period").last()
    )
    columns = (*NAMES, *keys[:2], *BOUNDS, "depreciation_minor", "accumulated_minor")
    return summed.join(bounds.lazy(), on=keys).select(columns).sort("lot_id", "period_end")
