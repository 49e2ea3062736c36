"""Conventions: when the clock of a lot starts and stops.

A convention turns a date into the point on the calendar where age is zero, counted in periods: 10.5 is the middle of
period 10. Periods are charged from the one placed in service; what the clock puts before it (half-year, placed in
service late) is charged in it. A disposal stops the clock where a lot placed in service that day would start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from depr.errors import unknown
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.daycounts import DAY_COUNTS

HALF = Fraction(1, 2)
MID_MONTH_DAY = 15


def full_month(day: date, calendar: FiscalCalendar) -> Fraction:
    """The month placed in service counts whole."""
    return Fraction(calendar.period(day))


def following_month(day: date, calendar: FiscalCalendar) -> Fraction:
    """The month after the one placed in service is the first."""
    return Fraction(calendar.period(day) + 1)


def nearest_month(day: date, calendar: FiscalCalendar) -> Fraction:
    """Placed in service by the 15th day of the month it counts whole, later not at all."""
    period = calendar.period(day)
    return Fraction(period + ((day - calendar.first_day(period)).days >= MID_MONTH_DAY))


def mid_month(day: date, calendar: FiscalCalendar) -> Fraction:
    """Half a month in the month placed in service, and half a month at the end."""
    return calendar.period(day) + HALF


def mid_quarter(day: date, calendar: FiscalCalendar) -> Fraction:
    """Half a quarter in the fiscal quarter placed in service."""
    return calendar.quarter_start(calendar.period(day)) + 3 * HALF


def half_year(day: date, calendar: FiscalCalendar) -> Fraction:
    """Half a year in the fiscal year placed in service: the clock starts at its middle."""
    return Fraction(calendar.year_start(calendar.period(day)) + 6)


def full_year(day: date, calendar: FiscalCalendar) -> Fraction:
    """A whole year in the fiscal year placed in service, none in the year of disposal."""
    return Fraction(calendar.year_start(calendar.period(day)))


@dataclass(frozen=True)
class MonthClock:
    """Age counted in periods from a point of the calendar."""

    begin: Fraction

    def age(self, period: int) -> Fraction:
        """Age in months at the end of a period; negative before the clock starts."""
        return period + 1 - self.begin

    def relative(self, first: int, since: Fraction) -> MonthClock:
        """The same clock seen from period `first` on, at which `since` months of age are already used."""
        return MonthClock(self.begin - first + since)


@dataclass(frozen=True)
class DayClock:
    """Age counted in days from the day placed in service."""

    start: date
    day_count: str
    life_months: Fraction
    calendar: FiscalCalendar
    first: int = 0
    since: Fraction = Fraction(0)

    def age(self, period: int) -> Fraction:
        """Age in months at the end of a period."""
        return self.age_at(self.calendar.last_day(self.first + period) + timedelta(days=1))

    def age_at(self, day: date) -> Fraction:
        """Age in months at the beginning of a day."""
        counted = DAY_COUNTS[self.day_count].months(self.start, max(day, self.start), self.life_months, self.calendar)
        return counted - self.since

    def relative(self, first: int, since: Fraction) -> DayClock:
        """The same clock seen from period `first` on, at which `since` months of age are already used."""
        return DayClock(
            self.start, self.day_count, self.life_months, self.calendar, self.first + first, self.since + since
        )


Clock = MonthClock | DayClock


@dataclass(frozen=True)
class Convention:
    """A named clock with its rule and where it is published; `point` is None for the one that counts days."""

    name: str
    formula: str
    source: str
    point: Callable[[date, FiscalCalendar], Fraction] | None

    def clock(self, day: date, calendar: FiscalCalendar, life_months: Fraction, day_count: str) -> Clock:
        """The clock of a lot placed in service on a day. Raises `Refused` for an unknown day count."""
        if self.point is not None:
            return MonthClock(self.point(day, calendar))
        if day_count not in DAY_COUNTS:
            raise unknown("day count", day_count, DAY_COUNTS)
        return DayClock(day, day_count, life_months, calendar)

    def age_at_disposal(self, clock: Clock, day: date, calendar: FiscalCalendar) -> Fraction:
        """Age at which a disposal on a day stops the clock, by the mirror of the convention."""
        if isinstance(clock, DayClock):
            return clock.age_at(day)
        assert self.point is not None
        return self.point(day, calendar) - clock.begin


_PUB = "IRS Publication 946, "
CONVENTIONS: dict[str, Convention] = {
    c.name: c
    for c in (
        Convention(
            "full_month", "the month placed in service is the first", "Oracle Assets, prorate by month", full_month
        ),
        Convention(
            "following_month", "the month after is the first", "Oracle Assets, following month", following_month
        ),
        Convention(
            "nearest_month", "by the 15th this month, later the next", "Oracle Assets, nearest month", nearest_month
        ),
        Convention("mid_month", "age at the end of month k is k - 1/2", _PUB + "mid-month convention", mid_month),
        Convention(
            "mid_quarter", "age is zero in the middle of the quarter", _PUB + "mid-quarter convention", mid_quarter
        ),
        Convention("half_year", "age is zero in the middle of the year", _PUB + "half-year convention", half_year),
        Convention("full_year", "age is zero at the start of the year", "SAP, full year at acquisition", full_year),
        Convention("daily", "age by day, as the day count says", "IAS 16.55: from when it is available for use", None),
    )
}
