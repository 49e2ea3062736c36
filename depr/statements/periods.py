"""Which fiscal quarters a duration covers, by its first and last day and nothing else.

A filer of 52 or 53 weeks ends its periods near the ends of months, so that one rule serves calendars of months and of
weeks: a day belongs to the nearest month end of the calendar, and the days between are those of whole quarters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from depr.kernel.calendar import FIRST, LAST, FiscalCalendar

DAY, DAYS_PER_WEEK = timedelta(days=1), 7
DRIFT = timedelta(days=8)
"""How far 13 weeks take a quarter's end from the month's: a year that ends on the last such weekday of its month ends
up to 6 days early, and three quarters of it are 273 days where nine months may have 275."""

QUARTERS = 4
FOUR_YEARS = 4 * 365 + 1
"""Days; a sixteenth of them is a quarter."""


@dataclass(frozen=True, order=True)
class Span:
    """The fiscal quarters `first` to `last` (1 to 4, both included) of one fiscal year."""

    fiscal_year: int
    first: int
    last: int

    @property
    def period_type(self) -> str | None:
        """FY for the whole year, Q for one quarter, None for anything between."""
        if (self.first, self.last) == (1, QUARTERS):
            return "FY"
        return "Q" if self.first == self.last else None

    @property
    def fiscal_quarter(self) -> int | None:
        """The quarter, None for a longer span."""
        return self.first if self.period_type == "Q" else None

    def __str__(self) -> str:
        if self.period_type == "FY":
            return f"FY{self.fiscal_year}"
        quarters = f"Q{self.first}" if self.first == self.last else f"Q{self.first}-Q{self.last}"
        return f"{quarters} FY{self.fiscal_year}"


@lru_cache(maxsize=4096)
def span(start: date, end: date, calendar: FiscalCalendar) -> Span | None:
    """The whole quarters of one fiscal year from `start` to `end`, both included; None if it is no such duration.

    Never by the fiscal year and period a filing is filed under: a report carries earlier periods beside its own.
    """
    before, last = _quarter_end(start - DAY, calendar), _quarter_end(end, calendar)
    if before is None or last is None:
        return None
    first = before + 1
    year, quarter = divmod(last, QUARTERS)
    days = (end - start).days + 1
    whole = abs(16 * days - (last - before) * FOUR_YEARS) < 16 * DAYS_PER_WEEK
    same_year = first <= last and whole and first // QUARTERS == year
    return Span(year, first % QUARTERS + 1, quarter + 1) if same_year else None


def at_end(day: date, calendar: FiscalCalendar) -> tuple[Span, ...]:
    """The periods whose balance sheet date `day` is: the quarter, and after the fourth the year."""
    last = _quarter_end(day, calendar)
    if last is None:
        return ()
    year, quarter = divmod(last, QUARTERS)
    one = Span(year, quarter + 1, quarter + 1)
    return (one, Span(year, 1, QUARTERS)) if quarter + 1 == QUARTERS else (one,)


def _quarter_end(day: date, calendar: FiscalCalendar) -> int | None:
    """Fiscal year x 4 + quarter (0 to 3) whose last day is nearest to `day`, if it is near."""
    if not FIRST + DRIFT <= day <= LAST - DRIFT:
        return None
    here = calendar.period(day)
    period = min((here - 1, here), key=lambda p: abs(calendar.last_day(p) - day))
    month = calendar.month_of_year(period)
    if abs(calendar.last_day(period) - day) > DRIFT or month % 3 != 2:
        return None
    return calendar.year_of(period) * QUARTERS + month // 3
