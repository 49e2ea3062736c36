"""Which fiscal quarters two days enclose, in every calendar of months and of weeks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from depr.kernel.calendar import ENDINGS, FiscalCalendar
from depr.statements.periods import Span, at_end, listed, span

YEARS = range(2000, 2031)
PARTS = [(1, 4), (1, 1), (2, 2), (3, 3), (4, 4), (1, 2), (1, 3)]


def bounds(calendar: FiscalCalendar, year: int, first: int, last: int) -> tuple[date, date]:
    """First and last day of some quarters of a fiscal year, by the calendar itself."""
    period = calendar.period(date(year, calendar.year_end_month, 10))
    start = calendar.year_start(period)
    return calendar.first_day(start + 3 * (first - 1)), calendar.last_day(start + 3 * last - 1)


@pytest.mark.parametrize("month", range(1, 13))
def test_calendars_of_months(month: int) -> None:
    calendar = FiscalCalendar(month)
    for year, (first, last) in product(YEARS, PARTS):
        assert span(*bounds(calendar, year, first, last), calendar) == Span(year, first, last)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("month", [1, 2, 6, 9, 12])
def test_weeks_are_read_alike_by_a_calendar_of_weeks_and_by_one_of_months(
    month: int, weekday: int, ending: str
) -> None:
    """A filer's calendar need not be known to the week."""
    weeks, months = FiscalCalendar(month, "4-4-5", weekday, ending), FiscalCalendar(month)
    for year, (first, last) in product(YEARS, PARTS):
        days = bounds(weeks, year, first, last)
        assert span(*days, weeks) == Span(year, first, last)
        assert span(*days, months) == Span(year, first, last)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2024, 1, 1), date(2024, 3, 24)),  # twelve weeks
        (date(2024, 4, 1), date(2025, 3, 31)),  # a year that is no fiscal year
        (date(2024, 1, 1), date(2024, 1, 31)),  # a month
        (date(2024, 2, 1), date(2024, 4, 30)),  # three months that are no quarter
        (date(2023, 1, 1), date(2024, 12, 31)),  # two years
        (date(2024, 3, 31), date(2024, 3, 31)),  # a day
        (date(1900, 1, 1), date(1900, 3, 31)),  # at the edge of the calendar
    ],
)
def test_other_durations_are_none(start: date, end: date) -> None:
    assert span(start, end, FiscalCalendar(12)) is None


def test_a_year_by_its_last_day_and_a_fiscal_year_by_its_own() -> None:
    """Oracle's fiscal 2025 ends on 31 May 2025, Microsoft's on 30 June."""
    assert span(date(2024, 6, 1), date(2025, 5, 31), FiscalCalendar(5)) == Span(2025, 1, 4)
    assert span(date(2024, 7, 1), date(2025, 6, 30), FiscalCalendar(6)) == Span(2025, 1, 4)
    assert span(date(2024, 12, 1), date(2025, 2, 28), FiscalCalendar(5)) == Span(2025, 3, 3)


def test_balances_belong_to_the_period_they_end() -> None:
    december = FiscalCalendar(12)
    assert at_end(date(2024, 12, 31), december) == (Span(2024, 4, 4), Span(2024, 1, 4))
    assert at_end(date(2024, 9, 30), december) == (Span(2024, 3, 3),)
    assert at_end(date(2024, 8, 31), december) == ()


def test_how_a_span_is_called() -> None:
    spans = [Span(2025, 1, 4), Span(2025, 2, 2), Span(2025, 1, 3)]
    assert [str(s) for s in spans] == ["FY2025", "Q2 FY2025", "Q1-Q3 FY2025"]
    assert [(s.period_type, s.fiscal_quarter) for s in spans] == [("FY", None), ("Q", 2), (None, None)]


def test_spans_that_follow_each_other_are_drawn_together() -> None:
    years, quarters = [Span(year, 1, 4) for year in (2013, 2015, 2014)], [Span(2013, 4, 4), Span(2014, 1, 1)]
    assert listed([*years, *quarters]) == "FY2013 to FY2015, Q4 FY2013 to Q1 FY2014"
    assert listed([Span(2014, 1, 2), Span(2014, 2, 3)]) == "Q1-Q2 FY2014, Q2-Q3 FY2014"
    assert listed([Span(2013, 1, 4), Span(2015, 1, 4)]) == "FY2013, FY2015"


def test_a_week_off_is_another_period() -> None:
    """91 and 92 days are a quarter, and so are 13 and 14 weeks; 12 and 15 are none."""
    december = FiscalCalendar(12)
    lengths = [84, 85, 91, 92, 98, 99]
    ends = [date(2024, 1, 1) + timedelta(days=days - 1) for days in lengths]
    assert [span(date(2024, 1, 1), end, december) is not None for end in ends] == [False, True, True, True, True, False]
