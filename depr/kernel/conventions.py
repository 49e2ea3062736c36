"""Conventions: when the clock of a lot starts and stops.

A convention turns a date into the point on the calendar where age is zero, counted in periods: 10.5 is the middle of
period 10. Periods are charged from the one placed in service; what the clock puts before it (full year, placed in
service late) is charged in it. What goes out of service stops its clock where a lot placed in service that day would
start. Half-year and mid-quarter say what a year is charged, not what a month is: the amount of the first year, and of
the year in which something goes, is spread evenly over the months of that year in service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from depr.errors import unknown
from depr.kernel.calendar import PERIODS, FiscalCalendar
from depr.kernel.daycounts import DAY_COUNTS, add_months

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
    """Half a quarter in the fiscal quarter placed in service; by month the first year is spread (YearClock)."""
    return calendar.quarter_start(calendar.period(day)) + 3 * HALF


def half_year(day: date, calendar: FiscalCalendar) -> Fraction:
    """Half a year in the fiscal year placed in service: the clock starts at its middle, by month spread (YearClock)."""
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
class YearClock:
    """Age counted in periods from a point of the first year, which is spread over the months of the year in service.

    age(p) = (close + 1 - begin) (p + 1 - served) / (close + 1 - served) to the last period of the first year, `close`.
    """

    begin: Fraction
    served: int
    close: int
    since: Fraction = Fraction(0)

    def age(self, period: int) -> Fraction:
        """Age in months at the end of a period; negative before the clock starts."""
        whole = self.close + 1 - self.begin
        months = period + 1 - self.served
        if period >= self.close:
            return period + 1 - self.begin - self.since
        return whole * Fraction(months, self.close + 1 - self.served) - self.since

    def relative(self, first: int, since: Fraction) -> MonthClock | YearClock:
        """The same clock seen from period `first` on, at which `since` months of age are already used."""
        if self.close < first:
            return MonthClock(self.begin - first + self.since + since)
        return YearClock(self.begin - first, self.served - first, self.close - first, self.since + since)


@dataclass(frozen=True)
class ExitClock:
    """The clock of what goes in period `last`: from `opened` to `stop` months of age, evenly from period `first` on."""

    clock: MonthClock | YearClock
    first: int
    last: int
    opened: Fraction
    stop: Fraction

    def age(self, period: int) -> Fraction:
        """Age in months at the end of a period."""
        if period < self.first:
            return self.clock.age(period)
        months = min(period, self.last) - self.first + 1
        return self.opened + (self.stop - self.opened) * Fraction(months, self.last - self.first + 1)

    def relative(self, first: int, since: Fraction) -> ExitClock:
        """The same clock seen from period `first` on, at which `since` months of age are already used."""
        opened = self.opened - since
        stop = self.stop - since
        return ExitClock(self.clock.relative(first, since), self.first - first, self.last - first, opened, stop)


@dataclass(frozen=True)
class DayClock:
    """Age counted in days from the day placed in service; no less than `life` from the day on which a life `ends`."""

    start: date
    day_count: str
    life_months: Fraction
    calendar: FiscalCalendar
    first: int = 0
    since: Fraction = Fraction(0)
    ends: date = date.max
    life: Fraction = Fraction(0)

    def age(self, period: int) -> Fraction:
        """Age in months at the end of a period."""
        return self.age_at(self.calendar.last_day(self.first + period) + timedelta(days=1))

    def age_at(self, day: date) -> Fraction:
        """Age in months at the beginning of a day."""
        counted = DAY_COUNTS[self.day_count].months(self.start, max(day, self.start), self.life_months, self.calendar)
        return (max(counted, self.life) if day >= self.ends else counted) - self.since

    def until(self, life: Fraction) -> DayClock:
        """The same clock of a life so long: on its last day it is over, whatever the day count has reached by then."""
        return replace(self, ends=add_months(self.start, life), life=life)

    def relative(self, first: int, since: Fraction) -> DayClock:
        """The same clock seen from period `first` on, at which `since` months of age are already used."""
        return replace(self, first=self.first + first, since=self.since + since)


Clock = MonthClock | YearClock | DayClock


@dataclass(frozen=True)
class Convention:
    """A named clock with its rule and where it is published; `point` is None for the one that counts days.

    `by_year` conventions say what a year is charged: what goes in a year is told by the whole of it. Of these, `spread`
    ones say so of the first year too.
    """

    name: str
    formula: str
    source: str
    point: Callable[[date, FiscalCalendar], Fraction] | None
    by_year: bool = False
    spread: bool = False

    def clock(self, day: date, calendar: FiscalCalendar, life_months: Fraction, day_count: str) -> Clock:
        """The clock of a lot placed in service on a day. Raises `Refused` for an unknown day count."""
        if self.point is not None:
            begin = self.point(day, calendar)
            served = calendar.period(day)
            close = calendar.year_start(served) + PERIODS - 1
            return YearClock(begin, served, close) if self.spread else MonthClock(begin)
        if day_count not in DAY_COUNTS:
            raise unknown("day count", day_count, DAY_COUNTS)
        return DayClock(day, day_count, life_months, calendar)

    def age_at_disposal(self, clock: Clock, day: date, calendar: FiscalCalendar) -> Fraction:
        """Age at which a disposal on a day stops the clock, by the mirror of the convention."""
        if isinstance(clock, DayClock):
            return clock.age_at(day)
        assert self.point is not None
        return self.point(day, calendar) - clock.begin

    def exit_clock(self, clock: Clock, served: int, day: date, calendar: FiscalCalendar) -> ExitClock | None:
        """The clock of what goes on a day where its whole year is told by that; None where the past is not moved."""
        if not self.by_year or isinstance(clock, DayClock):
            return None
        last = calendar.period(day)
        first = max(calendar.year_start(last), served)
        opened = clock.age(first - 1) if first > served else Fraction(0)
        return ExitClock(clock, first, last, opened, max(self.age_at_disposal(clock, day, calendar), Fraction(0)))


_SPREAD = "what the first and the last year are charged is spread over their months in service"
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
            "mid_quarter",
            f"age is zero in the middle of the quarter; {_SPREAD}",
            _PUB + "mid-quarter convention",
            mid_quarter,
            by_year=True,
            spread=True,
        ),
        Convention(
            "half_year",
            f"age is zero in the middle of the year; {_SPREAD}",
            _PUB + "half-year convention",
            half_year,
            by_year=True,
            spread=True,
        ),
        Convention(
            "full_year",
            "age is zero at the start of the year",
            "SAP, full year at acquisition",
            full_year,
            by_year=True,
        ),
        Convention("daily", "age by day, as the day count says", "IAS 16.55: from when it is available for use", None),
    )
}
