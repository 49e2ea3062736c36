"""Every convention, day count and reset of the years equals the independent checker on every cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from depr.errors import Refused
from depr.kernel.calendar import FIRST, FiscalCalendar, period_of
from depr.kernel.conventions import CONVENTIONS, MonthClock
from depr.kernel.daycounts import DAY_COUNTS
from tests.engines import Engine
from tests.kernel.fleets import Case, assert_every_cell, book_of, lots_of, schedule_of
from tests.oracle import Asset, Rule, clock, month_number, year_end_of

YEAR_ENDS = (12, 6, 5, 1)
BY_MONTH = ("following_month", "nearest_month", "mid_quarter", "full_year")
COUNTS = ("actual_actual", "actual_life", "actual_365", "no_leap_365", "30_360_eu", "30_360_us")
ALL = (*BY_MONTH, "full_month", "mid_month", "half_year")
METHODS = {
    "straight line": Rule(0),
    "sum of the years' digits": Rule(0, "sum_of_years_digits"),
    "200% declining": Rule(0, "declining_balance"),
    "150% declining to a floor": Rule(0, "declining_balance", factor=Fraction(3, 2), residual_as="floor"),
}
TENTH = Fraction(1, 10)
EDGES = [
    date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 16), date(2024, 1, 31), date(2024, 2, 1),
    date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 1),
    date(2024, 6, 30), date(2024, 7, 1), date(2023, 2, 28), date(2023, 3, 31), date(2024, 8, 15), date(2024, 11, 16),
]  # fmt: skip


def fleet(rng: Random, keys: list[str], size: int) -> list[Case]:
    """Assets placed in service at the edges of months and years and on any day, each under every key in turn."""
    days = EDGES + [date(2019, 1, 1) + timedelta(rng.randint(0, 2_500)) for _ in range(size)]
    costs = [1, 99_999, 1_000_000, rng.randint(1, 10**12)]
    return [Case(Asset(rng.choice(costs), day), rng.choice(keys)) for day in days]


def tracks(rule: Rule, lives: tuple[int, ...]) -> dict[str, list[Rule]]:
    rules = (replace(rule, life_months=n, residual_rate=rate) for n, rate in product(lives, (Fraction(0), TENTH)))
    return {f"{r.life_months} {r.residual_rate}": [r] for r in rules}


@pytest.mark.parametrize("year_end", YEAR_ENDS)
@pytest.mark.parametrize("name", BY_MONTH)
def test_the_clock_of_every_day(name: str, year_end: int) -> None:
    calendar, epoch = FiscalCalendar(year_end), month_number(FIRST)
    point = CONVENTIONS[name].point
    assert point is not None
    days = [date(2023, 1, 1) + timedelta(n) for n in range(4 * 365 + 1)]
    assert [point(day, calendar) for day in days] == [clock(name, day, year_end) - epoch for day in days]


@pytest.mark.parametrize("convention", BY_MONTH)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_by_month(engine: Engine, method: str, convention: str) -> None:
    rng = Random(f"{method} {convention}")
    curves = tracks(replace(METHODS[method], convention=convention), (1, 12, 36, 54, 60))
    for year_end in YEAR_ENDS:
        assert_every_cell(engine, fleet(rng, list(curves), 80), curves, year_end)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_by_day(engine: Engine, method: str, count: str) -> None:
    rng = Random(f"{method} {count}")
    rule = replace(METHODS[method], convention="daily", day_count=count)
    curves = tracks(rule, (1, 12, 36, 54))
    for year_end in YEAR_ENDS if count == "actual_actual" else (12,):
        assert_every_cell(engine, fleet(rng, list(curves), 15), curves, year_end)


@pytest.mark.parametrize("convention", ALL)
@pytest.mark.parametrize("method", list(METHODS)[1:])
def test_years_that_are_fiscal_years(engine: Engine, method: str, convention: str) -> None:
    """The rate of an accelerated method changes with the fiscal year; the first year is the part that is left of it."""
    rng = Random(f"reset {method} {convention}")
    curves = tracks(replace(METHODS[method], convention=convention, reset="fiscal_year"), (6, 36, 60))
    for year_end in YEAR_ENDS:
        assert_every_cell(engine, fleet(rng, list(curves), 20), curves, year_end)


@pytest.mark.parametrize("method", list(METHODS)[1:])
def test_fiscal_years_by_day(engine: Engine, method: str) -> None:
    rule = replace(METHODS[method], convention="daily", day_count="30_360_eu", reset="fiscal_year")
    curves = tracks(rule, (36, 60))
    for year_end in YEAR_ENDS:
        assert_every_cell(engine, fleet(Random(method), list(curves), 20), curves, year_end)


@pytest.mark.parametrize("convention", [*ALL, "daily"])
@pytest.mark.parametrize("reset", ["asset_year", "fiscal_year"])
def test_a_change_in_estimate_under_every_clock(engine: Engine, convention: str, reset: str) -> None:
    """The age reached is that of the clock, before it starts nothing; years begin anew at the change."""
    opening = Rule(36, "sum_of_years_digits", convention, reset=reset)
    later = [
        replace(opening, life_months=60, effective=date(2024, 8, 1)),
        replace(opening, life_months=48, method="declining_balance", effective=date(2025, 2, 28)),
    ]
    cases = fleet(Random(convention), ["*"], 40)
    for year_end in (12, 5):
        assert_every_cell(engine, cases, {"*": [opening, *later]}, year_end)


def test_half_a_year_that_is_placed_late_or_early(engine: Engine) -> None:
    """Sum of digits, 3 years, 600 a digit, half-year: 900 in the first fiscal year, then 300 + 600 less."""
    rule = Rule(36, "sum_of_years_digits", "half_year", reset="asset_year")
    got = by_fiscal_year(engine, rule, date(2024, 11, 3))
    assert got == {2024: 900, 2025: 900 + 600, 2026: 600 + 300, 2027: 300}
    reset = by_fiscal_year(engine, replace(rule, reset="fiscal_year"), date(2024, 11, 3))
    weights = [Fraction(3, 2), Fraction(5, 2), Fraction(3, 2), Fraction(1, 4)]
    assert reset == {2024 + n: round(3600 * w / sum(weights)) for n, w in enumerate(weights)}


def test_declining_balance_of_fiscal_years(engine: Engine) -> None:
    """40 percent a year of 100,000 from October: 3/12 of it is 10,000, then 36,000, 21,600, 12,960, and the rest."""
    rule = Rule(60, "declining_balance", "full_month", switch="none", reset="fiscal_year")
    got = by_fiscal_year(engine, rule, date(2024, 10, 1), cost=100_000)
    assert got == {2024: 10_000, 2025: 36_000, 2026: 21_600, 2027: 12_960, 2028: 7_776, 2029: 11_664}


def by_fiscal_year(engine: Engine, rule: Rule, in_service: date, cost: int = 3600) -> dict[int, int]:
    rows = schedule_of(engine, lots_of([Case(Asset(cost, in_service))]), book_of({"*": [rule]}))
    years: dict[int, int] = {}
    for period, charge in rows["period", "depreciation_minor"].rows():
        years[1900 + period // 12] = years.get(1900 + period // 12, 0) + charge
    return years


# Disposals by the mirror of the convention


MIRRORS = [
    # placed in service 2024-02-20, disposed of on a day: months charged in all, fiscal year to December
    ("full_month", "2024-02-25", "0"), ("full_month", "2024-05-31", "3"), ("full_month", "2024-06-01", "4"),
    ("following_month", "2024-02-25", "0"), ("following_month", "2024-05-31", "3"),
    ("nearest_month", "2024-05-15", "2"), ("nearest_month", "2024-05-16", "3"),
    ("mid_month", "2024-02-29", "0"), ("mid_month", "2024-05-01", "3"),
    ("mid_quarter", "2024-03-31", "0"), ("mid_quarter", "2024-04-01", "3"), ("mid_quarter", "2025-12-31", "21"),
    ("half_year", "2024-12-31", "0"), ("half_year", "2025-01-01", "12"), ("half_year", "2026-03-31", "24"),
    ("full_year", "2024-12-31", "0"), ("full_year", "2025-06-30", "12"),
    ("daily", "2024-02-20", "0"), ("daily", "2024-02-21", "12/366"), ("daily", "2025-02-20", "12*316/366+12*50/365"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "day", "months"), MIRRORS)
def test_a_disposal_stops_the_clock(name: str, day: str, months: str) -> None:
    calendar, convention = FiscalCalendar(), CONVENTIONS[name]
    clock = convention.clock(date(2024, 2, 20), calendar, Fraction(60), "actual_actual")
    assert convention.age_at_disposal(clock, date.fromisoformat(day), calendar) == _sum(months)


def _sum(text: str) -> Fraction:
    """12*316/366+12*50/365 as an exact fraction."""
    total = Fraction(0)
    for term in text.split("+"):
        *times, last = term.split("*")
        product = Fraction(last)
        for factor in times:
            product *= Fraction(factor)
        total += product
    return total


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_clock_seen_from_later_is_the_same_clock(name: str) -> None:
    calendar = FiscalCalendar(6)
    clock = CONVENTIONS[name].clock(date(2024, 2, 29), calendar, Fraction(36), "actual_life")
    first = period_of(date(2024, 2, 29))
    later = clock.relative(first, Fraction(0)).relative(7, Fraction(5, 3))
    assert [later.age(n) for n in range(40)] == [clock.age(first + 7 + n) - Fraction(5, 3) for n in range(40)]


def test_an_unknown_day_count_is_refused() -> None:
    with pytest.raises(Refused) as fault:
        CONVENTIONS["daily"].clock(FIRST, FiscalCalendar(), Fraction(1), "lunar")
    assert str(fault.value) == f"input: unknown day count 'lunar'\n  do: use one of: {', '.join(sorted(DAY_COUNTS))}"


def test_a_month_of_weeks_is_near_by_its_own_days() -> None:
    """A period that begins on 27 January: its 15th day is 10 February."""
    calendar, nearest = FiscalCalendar(1, "4-4-5"), CONVENTIONS["nearest_month"]
    clocks = [nearest.clock(day, calendar, Fraction(12), "") for day in _around(date(2025, 2, 10))]
    first = calendar.period(date(2025, 1, 27))
    assert calendar.first_day(first) == date(2025, 1, 27)
    assert clocks == [MonthClock(Fraction(first)), MonthClock(Fraction(first)), MonthClock(Fraction(first + 1))]


def _around(day: date) -> Iterator[date]:
    return (day + timedelta(n) for n in (-1, 0, 1))


def test_quarters_and_years_of_weeks() -> None:
    """NVIDIA's fiscal 2025: 29 January 2024 to 26 January 2025."""
    calendar, day = FiscalCalendar(1, "4-4-5"), date(2024, 10, 30)
    first = calendar.period(date(2024, 1, 29))
    points = {name: CONVENTIONS[name].point for name in ALL}
    got = {name: point(day, calendar) - first for name, point in points.items() if point}
    assert got == {
        "full_month": 9, "following_month": 10, "nearest_month": 9, "mid_month": Fraction(19, 2),
        "mid_quarter": Fraction(21, 2), "half_year": 6, "full_year": 0,
    }  # fmt: skip
    assert year_end_of(day, 1) == date(2025, 1, 31)
