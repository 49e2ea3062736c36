"""Fiscal calendars: which day belongs to which fiscal month, quarter and year.

A period is a fiscal month. In a calendar of months it is numbered from January 1900 = 0, so that adding months is
adding integers; in a calendar of weeks (52/53) it is numbered by fiscal year times twelve, with the same effect. A
fiscal year is named by the calendar year it ends in (Microsoft's year to 30 June 2025 is 2025, NVIDIA's year to
26 January 2025 is 2025).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import dataframely as dy
import polars as pl

from depr.contract import Calendar
from depr.errors import refuse, unknown

EPOCH_YEAR = 1900
FIRST = date(1900, 1, 1)
LAST = date(2199, 12, 31)
"""Dates the calendar knows; anything outside is refused before a figure is computed."""

PERIODS = 12
PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
"""Weeks in the months of a quarter."""

ENDINGS = ("last", "nearest")
"""A year of weeks ends on the last such weekday of its month, or on the one nearest to the month's end."""


def period_of(day: date) -> int:
    """Number of the month that holds `day`."""
    return (day.year - EPOCH_YEAR) * 12 + day.month - 1


def period_column(day: pl.Expr) -> pl.Expr:
    """`period_of` for a column of dates."""
    return ((day.dt.year().cast(pl.Int32) - EPOCH_YEAR) * 12 + day.dt.month().cast(pl.Int32) - 1).cast(pl.Int32)


def first_day(period: int) -> date:
    """First day of a month by its number."""
    return date(EPOCH_YEAR + period // 12, period % 12 + 1, 1)


def last_day(period: int) -> date:
    """Last day of a month by its number."""
    start = first_day(period)
    return start.replace(day=monthrange(start.year, start.month)[1])


@dataclass(frozen=True)
class FiscalCalendar:
    """Periods of an entity whose fiscal year ends with `year_end_month` (1-12).

    With `weeks` (a key of PATTERNS) the year has 52 or 53 weeks and ends on `weekday` (Monday is 0) as `ending` says;
    the 53rd week belongs to the last period. Raises `Refused` for a name or number that does not exist.
    """

    year_end_month: int = 12
    weeks: str = ""
    weekday: int = 6
    ending: str = "last"

    def __post_init__(self) -> None:
        if not 1 <= self.year_end_month <= 12:
            raise refuse("fiscal calendar", f"year end month {self.year_end_month}", do="give 1 to 12")
        if self.weeks and self.weeks not in PATTERNS:
            raise unknown("pattern of weeks", self.weeks, PATTERNS)
        if self.ending not in ENDINGS:
            raise unknown("ending", self.ending, ENDINGS)
        if not 0 <= self.weekday <= 6:
            raise refuse("fiscal calendar", f"weekday {self.weekday}", do="give 0 (Monday) to 6 (Sunday)")

    def period(self, day: date) -> int:
        """Number of the period that holds a day."""
        if not self.weeks:
            return period_of(day)
        year = day.year + (day > self._year_end(day.year)) - (day <= self._year_end(day.year - 1))
        start = self._year_end(year - 1) + timedelta(days=1)
        week = (day - start).days // 7
        return (year - EPOCH_YEAR) * PERIODS + sum(week >= end for end in self._week_ends()[:-1])

    def first_day(self, period: int) -> date:
        """First day of a period."""
        return self.last_day(period - 1) + timedelta(days=1) if self.weeks else first_day(period)

    def last_day(self, period: int) -> date:
        """Last day of a period."""
        if not self.weeks:
            return last_day(period)
        year, month = divmod(period, PERIODS)
        if month == PERIODS - 1:
            return self._year_end(EPOCH_YEAR + year)
        return self._year_end(EPOCH_YEAR + year - 1) + timedelta(weeks=self._week_ends()[month])

    def month_of_year(self, period: int) -> int:
        """Position of a period in its fiscal year, 0 to 11."""
        return period % PERIODS if self.weeks else (period - self.year_end_month) % PERIODS

    def year_of(self, period: int) -> int:
        """Fiscal year of a period, named by the calendar year it ends in."""
        shift = 0 if self.weeks else PERIODS - self.year_end_month
        return EPOCH_YEAR + (period + shift) // PERIODS

    def first_of(self, fiscal_year: int) -> int:
        """First period of a fiscal year: what `year_of` is turned round."""
        return (fiscal_year - EPOCH_YEAR) * PERIODS - (0 if self.weeks else PERIODS - self.year_end_month)

    def year_start(self, period: int) -> int:
        """First period of the fiscal year that holds `period`."""
        return period - self.month_of_year(period)

    def quarter_start(self, period: int) -> int:
        """First period of the fiscal quarter that holds `period`."""
        return period - self.month_of_year(period) % 3

    def frame(self, first: int, last: int) -> dy.DataFrame[Calendar]:
        """The periods `first` to `last`, both included, as a table (contract.Calendar)."""
        return _frame(self, first, last)

    def numbered(self, frame: pl.DataFrame, day: str) -> pl.DataFrame:
        """A frame with `period`, the number of the period that holds the date in the column `day`."""
        if not self.weeks:
            return frame.with_columns(period=period_column(pl.col(day)))
        days = {d: self.period(d) for d in frame[day].drop_nulls().unique()}
        return frame.with_columns(period=pl.col(day).replace_strict(days, default=None, return_dtype=pl.Int32))

    def _week_ends(self) -> tuple[int, ...]:
        """Weeks from the start of the year to the end of each period."""
        weeks = PATTERNS[self.weeks] * 4
        return tuple(sum(weeks[: n + 1]) for n in range(PERIODS))

    def _year_end(self, year: int) -> date:
        """Last day of the fiscal year of weeks that ends in (or next to) the year end month of `year`."""
        month_end = last_day((year - EPOCH_YEAR) * 12 + self.year_end_month - 1)
        back = (month_end.weekday() - self.weekday) % 7
        nearest = self.ending == "nearest" and back > 3
        return month_end + timedelta(days=7 - back if nearest else -back)


@lru_cache(maxsize=64)
def _frame(calendar: FiscalCalendar, first: int, last: int) -> dy.DataFrame[Calendar]:
    periods = range(first, last + 1)
    return Calendar.validate(
        pl.DataFrame(
            {
                "period": periods,
                "period_start": [calendar.first_day(p) for p in periods],
                "period_end": [calendar.last_day(p) for p in periods],
                "fiscal_year": [calendar.year_of(p) for p in periods],
                "fiscal_quarter": [calendar.month_of_year(p) // 3 + 1 for p in periods],
            }
        ),
        cast=True,
    )
