"""Calendars of weeks: every year, period and day equals one built week by week from the definition."""

from __future__ import annotations

from calendar import monthcalendar, monthrange
from datetime import date, timedelta
from functools import cache
from itertools import pairwise, product

import polars as pl
import pytest

from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar

YEARS = range(1999, 2102)
SPLITS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
KINDS = list(product(SPLITS, ("last", "nearest")))


@cache
def year_end(year: int, month: int, weekday: int, ending: str) -> date:
    """The last such weekday of a month, or of all such weekdays the one nearest to the month's end."""
    if ending == "last":
        return date(year, month, max(week[weekday] for week in monthcalendar(year, month)))
    end = date(year, month, monthrange(year, month)[1])
    near = (end + timedelta(n) for n in sorted(range(-6, 7), key=abs))
    return next(day for day in near if day.weekday() == weekday)


def built(year: int, month: int, weekday: int, pattern: str, ending: str) -> list[tuple[date, date]]:
    """First and last day of the twelve periods of a year; a 53rd week is the last period's."""
    start = year_end(year - 1, month, weekday, ending) + timedelta(1)
    end = year_end(year, month, weekday, ending)
    lengths = [7 * weeks for _ in range(4) for weeks in SPLITS[pattern]]
    lengths[-1] += (end - start).days + 1 - sum(lengths)
    periods = []
    for length in lengths:
        periods.append((start, start + timedelta(length - 1)))
        start += timedelta(length)
    return periods


@pytest.mark.parametrize(("pattern", "ending"), KINDS)
@pytest.mark.parametrize(("month", "weekday"), [(1, 6), (12, 5), (9, 5), (8, 3), (2, 4), (12, 6)])
def test_every_year_of_a_century(month: int, weekday: int, pattern: str, ending: str) -> None:
    calendar = FiscalCalendar(month, pattern, weekday, ending)
    for year in YEARS:
        numbers = range((year - 1900) * 12, (year - 1899) * 12)
        periods = built(year, month, weekday, pattern, ending)
        assert [(calendar.first_day(n), calendar.last_day(n)) for n in numbers] == periods
        weeks = ((periods[-1][1] - periods[0][0]).days + 1) / 7
        assert weeks in (52, 53)
        assert {calendar.year_of(n) for n in numbers} == {year}
        assert [calendar.month_of_year(n) for n in numbers] == list(range(12))
        assert {calendar.year_start(n) for n in numbers} == {numbers[0]} == {calendar.first_of(year)}
        assert [calendar.quarter_start(n) - numbers[0] for n in numbers] == [0] * 3 + [3] * 3 + [6] * 3 + [9] * 3


@pytest.mark.parametrize(("pattern", "ending"), KINDS)
@pytest.mark.parametrize(("month", "weekday"), [(1, 6), (12, 5)])
def test_every_day_is_in_its_period(month: int, weekday: int, pattern: str, ending: str) -> None:
    calendar = FiscalCalendar(month, pattern, weekday, ending)
    days, periods = [], []
    for year in YEARS:
        for number, (start, end) in enumerate(built(year, month, weekday, pattern, ending), (year - 1900) * 12):
            count = (end - start).days + 1
            days += [start + timedelta(n) for n in range(count)]
            periods += [number] * count
    assert (days[-1] - days[0]).days == len(days) - 1
    assert [calendar.period(day) for day in days] == periods


def test_every_weekday_and_month_has_years_in_a_row() -> None:
    """However a year of weeks ends, one begins the day after the other, and the periods of 1999 to 2101 never break."""
    for month, weekday, (pattern, ending) in product(range(1, 13), range(7), KINDS[:2]):
        ends = [year_end(year, month, weekday, ending) for year in YEARS]
        assert {(after - before).days for before, after in pairwise(ends)} == {364, 371}
        calendar = FiscalCalendar(month, pattern, weekday, ending)
        assert [calendar.last_day((year - 1900) * 12 + 11) for year in YEARS] == ends
        for day in ends:
            period = calendar.period(day)
            assert (calendar.last_day(period), calendar.period(day + timedelta(1))) == (day, period + 1)


NVIDIA = FiscalCalendar(1, "4-4-5")


def test_published_years_of_weeks() -> None:
    """NVIDIA's years end on the last Sunday of January; fiscal 2022 to 2025 had 52 weeks (its 10-K)."""
    ends = [date(2021, 1, 31), date(2022, 1, 30), date(2023, 1, 29), date(2024, 1, 28), date(2025, 1, 26)]
    assert [NVIDIA.last_day((day.year - 1900) * 12 + 11) for day in ends] == ends
    assert [(after - before).days // 7 for before, after in pairwise(ends)] == [52] * 4


def test_years_of_53_weeks() -> None:
    """52 weeks fall a day or two short of a year, so a week is added where another Sunday fits in January."""
    ends = {year: year_end(year, 1, 6, "last") for year in range(2000, 2030)}
    long = [year for year in range(2001, 2030) if (ends[year] - ends[year - 1]).days == 371]
    assert long == [2005, 2010, 2016, 2021, 2027]
    quarters = [7 * weeks for weeks in (13, 13, 13, 14)]
    frame = NVIDIA.frame((2027 - 1900) * 12, (2027 - 1900) * 12 + 11)
    days = frame.group_by("fiscal_quarter", maintain_order=True).agg(
        n=((pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1).sum()
    )
    assert days["n"].to_list() == quarters


def test_quarters_of_nvidia() -> None:
    """Fiscal 2025: quarters ended 28 April, 28 July and 27 October 2024 and 26 January 2025 (its reports)."""
    frame = NVIDIA.frame((2025 - 1900) * 12, (2025 - 1900) * 12 + 11)
    ends = frame.group_by("fiscal_quarter", maintain_order=True).agg(pl.col("period_end").max())
    assert ends["period_end"].to_list() == [date(2024, 4, 28), date(2024, 7, 28), date(2024, 10, 27), date(2025, 1, 26)]
    assert frame["fiscal_year"].unique().to_list() == [2025]


def test_a_year_that_ends_after_new_year() -> None:
    """The Saturday nearest to 31 December 2020 is 2 January 2021: the year is 2020 all the same."""
    calendar = FiscalCalendar(12, "4-4-5", 5, "nearest")
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2021, 1, 2), date(2021, 1, 3)]
    assert [calendar.year_of(calendar.period(day)) for day in days] == [2020, 2020, 2020, 2021]


def test_a_column_of_days() -> None:
    days = [date(2024, 1, 28), None, date(2024, 1, 29), date(2025, 1, 26), date(2024, 1, 28)]
    first = (2025 - 1900) * 12
    frame = NVIDIA.numbered(pl.DataFrame({"day": days}), "day")
    assert frame["period"].to_list() == [first - 1, None, first, first + 11, first - 1]
    assert frame.schema["period"] == FiscalCalendar().numbered(frame, "day").schema["period"] == pl.Int32
    assert FiscalCalendar().numbered(frame, "day")["period"].to_list() == [1488, None, 1488, 1500, 1488]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"weeks": "3-5-5"}, "input: unknown pattern of weeks '3-5-5'\n  do: use one of: 4-4-5, 4-5-4, 5-4-4"),
        ({"ending": "first"}, "input: unknown ending 'first'\n  do: use one of: last, nearest"),
        ({"weekday": 7}, "fiscal calendar: weekday 7\n  do: give 0 (Monday) to 6 (Sunday)"),
        ({"weekday": -1}, "fiscal calendar: weekday -1\n  do: give 0 (Monday) to 6 (Sunday)"),
    ],
)
def test_refusals(fields: dict[str, int | str], text: str) -> None:
    with pytest.raises(Refused) as fault:
        FiscalCalendar(1, **{"weeks": "4-4-5", **fields})  # type: ignore[arg-type]
    assert str(fault.value) == text


@pytest.mark.parametrize(("weekday", "end"), [(0, date(2025, 1, 27)), (5, date(2025, 1, 25)), (6, date(2025, 1, 26))])
def test_a_year_may_end_on_any_weekday(weekday: int, end: date) -> None:
    """January 2025 ends on a Friday: its last Monday, Saturday and Sunday."""
    assert FiscalCalendar(1, "4-4-5", weekday).last_day((2025 - 1900) * 12 + 11) == end
