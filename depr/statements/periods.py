"""Which fiscal quarters a duration covers, by its first and last day and nothing else.

A filer of 52 or 53 weeks ends its periods near the ends of months, so that one rule serves calendars of months and of
weeks: a day belongs to the nearest month end of the calendar, and the days between are those of whole quarters.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from depr.kernel.calendar import FIRST, LAST, FiscalCalendar

DAY = timedelta(days=1)
DAYS_PER_WEEK = 7
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
    before = _quarter_end(start - DAY, calendar)
    last = _quarter_end(end, calendar)
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


@dataclass(frozen=True)
class Era:
    """The fiscal years of one calendar, from the first day of the first to the last of the last; None without end."""

    calendar: FiscalCalendar
    begin: date | None = None
    end: date | None = None

    def span(self, start: date, end: date) -> Span | None:
        """The whole quarters from `start` to `end`, where both are of this era."""
        inside = (self.begin is None or start >= self.begin - DRIFT) and (self.end is None or end <= self.end + DRIFT)
        return span(start, end, self.calendar) if inside else None

    def at_end(self, day: date) -> tuple[Span, ...]:
        """The periods of this era that end on `day`."""
        inside = (self.begin is None or day > self.begin + DRIFT) and (self.end is None or day <= self.end + DRIFT)
        return at_end(day, self.calendar) if inside else ()


def eras(years: Collection[tuple[date, date]], calendar: FiscalCalendar) -> tuple[Era, ...]:
    """The calendars of a filer, in order: `calendar`, and before its first year those of the years that end otherwise.

    `years` are the first and last days of what its annual reports call a year. What lies between two eras is a
    transition period: it is of neither. Years that overlap one of `calendar` make no era.
    """
    fits = [year for year in years if _is_year(year, calendar)]
    first = min((start for start, _ in fits), default=None)
    older = [year for year in years if first is not None and year[1] < first and _is_year(year, _ending(year[1]))]
    if not older:
        return (Era(calendar),)
    last = max(end for _, end in older)
    *before, latest = eras(older, _ending(last))
    return (*before, replace(latest, end=last), Era(calendar, first))


def _is_year(year: tuple[date, date], calendar: FiscalCalendar) -> bool:
    covered = span(*year, calendar)
    return covered is not None and covered.period_type == "FY"


def _ending(day: date) -> FiscalCalendar:
    return FiscalCalendar(year_end_month(day))


def year_end_month(day: date) -> int:
    """The month whose end is nearest to a day: what a calendar is called by whose year ends there."""
    before = day.replace(day=1) - DAY
    near_end = (day.replace(day=monthrange(day.year, day.month)[1]) - day) <= day - before
    return day.month if near_end else before.month


def listed(spans: Iterable[Span]) -> str:
    """Years, then quarters, then longer spans, those that follow each other drawn together: FY2013 to FY2015."""
    runs: list[list[Span]] = []
    for one in sorted(set(spans), key=lambda s: (s.period_type or "to date", s)):
        if runs and _follows(runs[-1][-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _follows(one: Span, other: Span) -> bool:
    if one.period_type != other.period_type:
        return False
    if one.period_type == "FY":
        return other.fiscal_year == one.fiscal_year + 1
    return one.period_type == "Q" and _count(other) == _count(one) + 1


def _count(quarter: Span) -> int:
    return quarter.fiscal_year * QUARTERS + quarter.first
