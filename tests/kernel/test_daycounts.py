"""Day counts: known stretches by hand, and every day of a decade against sums of days."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product

import pytest

from depr.kernel.calendar import FiscalCalendar
from depr.kernel.daycounts import DAY_COUNTS, add_months
from tests.oracle import days_as_months

COUNTS = ("actual_actual", "actual_life", "actual_365", "no_leap_365", "30_360_eu", "30_360_us")
STARTS = [
    date(2023, 1, 1), date(2023, 1, 15), date(2023, 1, 30), date(2023, 1, 31), date(2023, 2, 28), date(2024, 2, 28),
    date(2024, 2, 29), date(2024, 3, 1), date(2023, 4, 30), date(2023, 12, 31), date(2024, 5, 31), date(2024, 6, 1),
]  # fmt: skip


def months(name: str, start: date, end: date, life: int = 36, year_end: int = 12) -> Fraction:
    return DAY_COUNTS[name].months(start, end, Fraction(life), FiscalCalendar(year_end))


@pytest.mark.parametrize("year_end", [12, 6, 5, 2, 1])
@pytest.mark.parametrize("name", COUNTS)
def test_every_day_equals_the_sum_of_the_days(name: str, year_end: int) -> None:
    for start in STARTS:
        ends = [start + timedelta(n) for n in [*range(430), *range(1_000, 1_600, 37)]]
        got = [months(name, start, end, 36, year_end) for end in ends]
        assert got == [days_as_months(name, start, end, Fraction(36), year_end) for end in ends]


@pytest.mark.parametrize("name", COUNTS)
def test_age_never_falls(name: str) -> None:
    for start in STARTS:
        ages = [months(name, start, start + timedelta(n)) for n in range(1_200)]
        assert ages[0] == 0
        assert ages == sorted(ages)


HAND = [
    ("actual_actual", "2024-01-01", "2025-01-01", "12"),
    ("actual_actual", "2024-07-01", "2025-07-01", "12*184/366+12*181/365"),
    ("actual_365", "2024-01-01", "2025-01-01", "12*366/365"),
    ("no_leap_365", "2024-01-01", "2025-01-01", "12"),
    ("no_leap_365", "2024-02-29", "2024-03-01", "0"),
    ("actual_life", "2024-02-29", "2027-02-28", "36"),
    ("actual_life", "2024-01-01", "2025-01-01", "36*366/1096"),
    ("30_360_eu", "2024-01-01", "2024-02-01", "1"),
    ("30_360_eu", "2024-02-01", "2024-03-01", "1"),
    ("30_360_eu", "2024-01-31", "2024-02-01", "1/30"),
    ("30_360_eu", "2024-02-15", "2024-03-01", "16/30"),
    ("30_360_eu", "2024-01-15", "2024-02-01", "16/30"),
    ("30_360_us", "2024-01-15", "2024-02-01", "17/30"),
    ("30_360_us", "2024-01-30", "2024-04-01", "61/30"),
    ("30_360_us", "2024-01-30", "2024-02-01", "1/30"),
]


@pytest.mark.parametrize(("name", "start", "end", "text"), HAND)
def test_stretches_by_hand(name: str, start: str, end: str, text: str) -> None:
    want = sum((_product(term) for term in text.split("+")), Fraction(0))
    assert months(name, date.fromisoformat(start), date.fromisoformat(end)) == want


def _product(term: str) -> Fraction:
    first, *more = term.split("*")
    value = Fraction(first)
    for factor in more:
        value *= Fraction(factor)
    return value


YEARS = list(product(("actual_actual", "no_leap_365", "30_360_eu"), (12, 6, 5, 1)))


@pytest.mark.parametrize(("name", "year_end"), YEARS)
def test_a_fiscal_year_is_a_year(name: str, year_end: int) -> None:
    """However many days it has; four in a row, one of them with a leap day."""
    calendar = FiscalCalendar(year_end)
    starts = [calendar.first_day(calendar.year_start(calendar.period(date(year, 6, 15)))) for year in range(2022, 2028)]
    for before, after in pairwise(starts):
        assert months(name, before, after, 60, year_end) == 12


@pytest.mark.parametrize("life", [1, 7, 36, 60])
def test_a_life_of_days_is_the_life(life: int) -> None:
    for start in STARTS:
        assert months("actual_life", start, add_months(start, Fraction(life)), life) == life


def test_days_of_weeks() -> None:
    """A fiscal year of 53 weeks, NVIDIA's 2027, is a year of 371 days."""
    calendar = FiscalCalendar(1, "4-4-5")
    count = DAY_COUNTS["actual_actual"].months
    assert count(date(2026, 1, 26), date(2027, 2, 1), Fraction(36), calendar) == 12
    assert count(date(2026, 1, 26), date(2026, 2, 23), Fraction(36), calendar) == Fraction(12 * 28, 371)


@pytest.mark.parametrize(
    ("day", "later", "want"),
    [
        ("2024-01-31", "1", "2024-02-29"),
        ("2024-02-29", "12", "2025-02-28"),
        ("2023-12-31", "0", "2023-12-31"),
        ("2024-01-15", "3/2", "2024-02-29"),  # 14.5 days of February's 29: the even 14
        ("2024-04-10", "1/2", "2024-04-25"),
        ("2024-01-01", "25/2", "2025-01-17"),  # 15.5 days of January's 31: the even 16
    ],
)
def test_adding_months(day: str, later: str, want: str) -> None:
    assert add_months(date.fromisoformat(day), Fraction(later)) == date.fromisoformat(want)


def test_every_count_says_what_it_is() -> None:
    assert [name for name, d in DAY_COUNTS.items() if not (d.name == name and d.formula and d.source)] == []
    assert len(set(DAY_COUNTS.values())) == len(DAY_COUNTS)
    assert set(COUNTS) == set(DAY_COUNTS)
