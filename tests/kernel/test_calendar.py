"""Periods and fiscal years, for every month the calendar knows and every month a fiscal year can end with."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from depr.errors import Refused
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar, first_day, last_day, period_column, period_of
from tests.oracle import month_number, year_end_of

MONTHS = range(period_of(LAST) + 1)


def test_every_day_has_its_period() -> None:
    days = pl.DataFrame({"day": pl.date_range(FIRST, LAST, eager=True)})
    periods = days.with_columns(period=period_column(pl.col("day")))
    assert periods.height == (LAST - FIRST).days + 1 == 109_573
    assert periods["period"].to_list() == [month_number(day) - month_number(FIRST) for day in days["day"]]
    assert periods["period"].to_list() == [period_of(day) for day in days["day"]]


def test_periods_are_whole_months_in_a_row() -> None:
    assert first_day(0) == FIRST
    assert last_day(MONTHS[-1]) == LAST
    assert [last_day(p) + timedelta(1) for p in MONTHS[:-1]] == [first_day(p) for p in MONTHS[1:]]
    assert [period_of(first_day(p)) for p in MONTHS] == [period_of(last_day(p)) for p in MONTHS] == list(MONTHS)


@pytest.mark.parametrize("year_end", range(1, 13))
def test_fiscal_years_and_quarters(year_end: int) -> None:
    """Named by the calendar year they end in; quarters of three months, the fourth ending with the year."""
    calendar = FiscalCalendar(year_end)
    frame = calendar.frame(MONTHS[0], MONTHS[-1])
    ends = [year_end_of(first_day(p), year_end) for p in MONTHS]
    to_go = [month_number(end) - month_number(FIRST) - p for p, end in zip(MONTHS, ends, strict=True)]
    assert [calendar.period(first_day(p)) for p in MONTHS] == list(MONTHS)
    assert [(calendar.first_day(p), calendar.last_day(p)) for p in MONTHS] == [
        (first_day(p), last_day(p)) for p in MONTHS
    ]
    assert frame["period"].to_list() == list(MONTHS)
    assert frame["period_start"].to_list() == [first_day(p) for p in MONTHS]
    assert frame["period_end"].to_list() == [last_day(p) for p in MONTHS]
    assert frame["fiscal_year"].to_list() == [end.year for end in ends]
    assert frame["fiscal_quarter"].to_list() == [4 - months // 3 for months in to_go]
    assert [calendar.month_of_year(p) for p in MONTHS] == [11 - months for months in to_go]
    assert [calendar.year_start(p) for p in MONTHS] == [
        p - 11 + months for p, months in zip(MONTHS, to_go, strict=True)
    ]
    assert all(calendar.first_of(calendar.year_of(p)) == calendar.year_start(p) for p in MONTHS)


def test_published_fiscal_years() -> None:
    """Microsoft's fiscal 2025 ran from July 2024 to June 2025, Oracle's from June 2024 to May 2025 (their 10-K)."""
    microsoft, oracle = FiscalCalendar(6), FiscalCalendar(5)
    assert [microsoft.year_of(period_of(day)) for day in (date(2024, 6, 30), date(2024, 7, 1))] == [2024, 2025]
    assert [oracle.year_of(period_of(day)) for day in (date(2024, 5, 31), date(2024, 6, 1))] == [2024, 2025]


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_year_ends_with_a_month(month: int) -> None:
    with pytest.raises(Refused, match=f"^fiscal calendar: year end month {month}\n  do: give 1 to 12$"):
        FiscalCalendar(month)
