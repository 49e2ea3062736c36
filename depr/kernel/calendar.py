"""Fiscal calendars: which month belongs to which fiscal quarter and year.

A period is a month, numbered from January 1900 = 0, so that adding months is adding integers. A fiscal year is named
by the calendar year it ends in (Microsoft's year to 30 June 2025 is 2025).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import dataframely as dy
import polars as pl

from depr.schemas import Calendar

EPOCH_YEAR = 1900
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Dates the calendar knows; anything outside is refused before a figure is computed."""


def period_of(day: date) -> int:
    """Number of the month that holds `day`."""
    return (day.year - EPOCH_YEAR) * 12 + day.month - 1


def period_column(day: pl.Expr) -> pl.Expr:
    """`period_of` for a column of dates."""
    return ((day.dt.year().cast(pl.Int32) - EPOCH_YEAR) * 12 + day.dt.month().cast(pl.Int32) - 1).cast(pl.Int32)


def first_day(period: int) -> date:
    """First day of a period."""
    return date(EPOCH_YEAR + period // 12, period % 12 + 1, 1)


def last_day(period: int) -> date:
    """Last day of a period."""
    start = first_day(period)
    return start.replace(day=monthrange(start.year, start.month)[1])


@dataclass(frozen=True)
class FiscalCalendar:
    """Months of an entity whose fiscal year ends with `year_end_month` (1-12)."""

    year_end_month: int = 12

    def __post_init__(self) -> None:
        if not 1 <= self.year_end_month <= 12:
            raise ValueError(f"fiscal year end month {self.year_end_month} is not 1 to 12")

    def month_of_year(self, period: int) -> int:
        """Position of a period in its fiscal year, 0 to 11."""
        return (period - self.year_end_month) % 12

    def year_of(self, period: int) -> int:
        """Fiscal year of a period, named by the calendar year it ends in."""
        return EPOCH_YEAR + (period + 12 - self.year_end_month) // 12

    def year_start(self, period: int) -> int:
        """First period of the fiscal year that holds `period`."""
        return period - self.month_of_year(period)

    def frame(self, first: int, last: int) -> dy.DataFrame[Calendar]:
        """The periods `first` to `last`, both included, as a table (schemas.Calendar)."""
        return _frame(self, first, last)


@lru_cache(maxsize=64)
def _frame(calendar: FiscalCalendar, first: int, last: int) -> dy.DataFrame[Calendar]:
    periods = range(first, last + 1)
    return Calendar.validate(
        pl.DataFrame(
            {
                "period": periods,
                "period_start": [first_day(p) for p in periods],
                "period_end": [last_day(p) for p in periods],
                "fiscal_year": [calendar.year_of(p) for p in periods],
                "fiscal_quarter": [calendar.month_of_year(p) // 3 + 1 for p in periods],
            }
        ),
        cast=True,
    )
