"""Where the clock of a lot starts."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from depr.kernel.calendar import FIRST, FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from tests.oracle import clock, month_number

DAYS = [date(2023, 1, 1) + timedelta(n) for n in range(4 * 365 + 1)]


@pytest.mark.parametrize("year_end", range(1, 13))
@pytest.mark.parametrize("name", ["full_month", "mid_month", "half_year"])
def test_the_clock_of_every_day(name: str, year_end: int) -> None:
    calendar, epoch = FiscalCalendar(year_end), month_number(FIRST)
    point = CONVENTIONS[name].point
    assert point is not None
    assert [point(day, calendar) for day in DAYS] == [clock(name, day, year_end) - epoch for day in DAYS]


def test_every_convention_says_what_it_is() -> None:
    assert [name for name, c in CONVENTIONS.items() if not (c.name == name and c.formula and c.source)] == []
    assert len(set(CONVENTIONS.values())) == len(CONVENTIONS)
    of_the_irs = {
        name for name, c in CONVENTIONS.items() if re.fullmatch("IRS Publication 946, .* convention", c.source)
    }
    assert of_the_irs == {"mid_month", "mid_quarter", "half_year"}
    assert set(CONVENTIONS) == {
        "full_month", "following_month", "nearest_month", "mid_month", "mid_quarter", "half_year", "full_year", "daily",
    }  # fmt: skip
