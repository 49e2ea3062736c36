"""Day counts: the age in months of a lot between two days, for the clocks that count days.

Each takes the first day, the day after the last, the life in months and the fiscal calendar, and returns months as an
exact fraction. Both ends are days, so a first day counts whole.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from depr.kernel.calendar import FiscalCalendar, last_day, period_of

YEAR = 12
DAYS_365 = 365


def actual_actual(start: date, end: date, life_months: Fraction, calendar: FiscalCalendar) -> Fraction:
    """Days of each fiscal year over the days of that year, in years of 12 months."""
    if end <= start:
        return Fraction(0)
    first = calendar.year_start(calendar.period(start))
    last = calendar.year_start(calendar.period(end - timedelta(days=1)))
    opens, days = _year(calendar, first)
    if first == last:
        return Fraction((end - start).days * YEAR, days)
    until, own = _year(calendar, last)
    begun = Fraction((opens - start).days * YEAR, days) + last - first  # whole years are 12 months each
    return begun + Fraction((end - until).days * YEAR, own)


@lru_cache(maxsize=1024)
def _year(calendar: FiscalCalendar, first: int) -> tuple[date, int]:
    """The first day of the fiscal year that begins with a period, and its days."""
    opens = calendar.first_day(first)
    return opens, (calendar.last_day(first + YEAR - 1) - opens).days + 1


def actual_life(start: date, end: date, life_months: Fraction, calendar: FiscalCalendar) -> Fraction:
    """Days over the total days of the life: every day of the life is charged the same."""
    return life_months * Fraction((end - start).days, (add_months(start, life_months) - start).days)


def actual_365(start: date, end: date, life_months: Fraction, calendar: FiscalCalendar) -> Fraction:
    """Days over 365, in years of 12 months."""
    return Fraction((end - start).days * YEAR, DAYS_365)


def no_leap_365(start: date, end: date, life_months: Fraction, calendar: FiscalCalendar) -> Fraction:
    """Days over 365 without 29 February (NL/365)."""
    leaps = sum(start <= date(y, 2, 29) < end for y in range(start.year, end.year + 1) if isleap(y))
    return Fraction(((end - start).days - leaps) * YEAR, DAYS_365)


def thirty_360_eu(start: date, end: date, life_months: Fraction, calendar: FiscalCalendar) -> Fraction:
    """Months of 30 days: the 31st is the 30th (30E/360)."""
    return _thirty(start, min(start.day, 30), end - timedelta(days=1), 0)


def thirty_360_us(start: date, end: date, life_months: Fraction, calendar: FiscalCalendar) -> Fraction:
    """Months of 30 days: an end on the 31st is the 30th only when the start is on the 30th or 31st (30U/360)."""
    last = end - timedelta(days=1)
    late = int(last.day == 31 and start.day < 30)
    return _thirty(start, min(start.day, 30), last, late)


def _thirty(start: date, day: int, last: date, late: int) -> Fraction:
    """Months from `day` of the month of `start` to `last`, both days included; a February's last day is its 30th."""
    if last < start:
        return Fraction(0)
    ends = 30 if last == last_day(period_of(last)) else last.day
    days = (period_of(last) - period_of(start)) * 30 + ends + late - day + 1
    return Fraction(days, 30)


def add_months(day: date, months: Fraction) -> date:
    """The day so many months later; a part of a month is taken of that month's days, rounded half to even."""
    whole = int(months)
    target = last_day(period_of(day) + whole)
    moved = target.replace(day=min(day.day, target.day))
    part = months - whole
    return moved + timedelta(days=round(part * (last_day(period_of(moved)).day))) if part else moved


@dataclass(frozen=True)
class DayCount:
    """A named day count with its rule and where it is published."""

    name: str
    formula: str
    source: str
    months: Callable[[date, date, Fraction, FiscalCalendar], Fraction]


DAY_COUNTS: dict[str, DayCount] = {
    d.name: d
    for d in (
        DayCount("actual_actual", "days / days of the fiscal year", "ISDA 2006 4.16(b), by fiscal year", actual_actual),
        DayCount("actual_life", "days / days of the whole life", "straight line by day", actual_life),
        DayCount("actual_365", "days / 365", "ISDA 2006 4.16(d)", actual_365),
        DayCount("no_leap_365", "days without 29 February / 365", "NL/365", no_leap_365),
        DayCount("30_360_eu", "months of 30 days, 30E/360", "ISDA 2006 4.16(g)", thirty_360_eu),
        DayCount("30_360_us", "months of 30 days, 30U/360", "ISDA 2006 4.16(f)", thirty_360_us),
    )
}
