"""Conventions: when the clock of a lot starts.

A convention turns the date placed in service into the point on the calendar where age is zero, counted in months
from January 1900: 10.5 is the middle of November 1900. Periods are charged from the month placed in service; what
the clock puts before that month (half-year, placed in service late) is charged in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from depr.kernel.calendar import FiscalCalendar, period_of

HALF = Fraction(1, 2)


def full_month(in_service: date, calendar: FiscalCalendar) -> Fraction:
    """The month placed in service counts whole."""
    return Fraction(period_of(in_service))


def mid_month(in_service: date, calendar: FiscalCalendar) -> Fraction:
    """Half a month in the month placed in service, and half a month at the end."""
    return period_of(in_service) + HALF


def half_year(in_service: date, calendar: FiscalCalendar) -> Fraction:
    """Half a year in the fiscal year placed in service: the clock starts at its middle."""
    return Fraction(calendar.year_start(period_of(in_service)) + 6)


@dataclass(frozen=True)
class Convention:
    """A named clock with its rule and where it is published."""

    name: str
    formula: str
    source: str
    begin: Callable[[date, FiscalCalendar], Fraction]


CONVENTIONS: dict[str, Convention] = {
    c.name: c
    for c in (
        Convention(
            "full_month",
            "age at the end of month k = k months, the month placed in service being 1",
            "Oracle Assets, prorate convention 'following month' and its full-month sibling",
            full_month,
        ),
        Convention(
            "mid_month",
            "age at the end of month k = k - 1/2 months",
            "IRS Publication 946, mid-month convention",
            mid_month,
        ),
        Convention(
            "half_year",
            "age is zero at the middle of the fiscal year placed in service",
            "IRS Publication 946, half-year convention",
            half_year,
        ),
    )
}
