"""Cohorts against the schedule of every lot: the same to the minor unit, whatever the books and the calendar."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.balances.by_book import Plan, rolled_up
from depr.balances.cohorts import Cohorts
from depr.balances.remainders import BINS, OutOfRangeError, Share, rounded_products
from depr.balances.rollup import Grid
from depr.books.book import Book, parse_book, scenario
from depr.books.modes import prospective
from depr.contract import Changes, Lots
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.ledger.positions import readings
from tests.kernel.fleets import Case, lots_of
from tests.oracle import Asset
from tests.size import examples

COSTS = st.one_of(st.integers(0, 10**4), st.integers(0, 10**12))
DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))
METHODS = st.sampled_from(["straight_line", "sum_of_years_digits", "declining_balance"])
MONTHLY = st.sampled_from([name for name, convention in CONVENTIONS.items() if convention.point])
CALENDARS = st.sampled_from([FiscalCalendar(), FiscalCalendar(5), FiscalCalendar(1, "4-4-5"), FiscalCalendar(6)])
RATES = st.sampled_from(["0", "0.1", "1/3"])


def fleet(*lots: tuple[int, date], residual: int | None = None) -> pl.DataFrame:
    cases = [Case(Asset(cost, day), ("h100", "a100")[number % 2]) for number, (cost, day) in enumerate(lots)]
    frame = lots_of(cases).with_columns(purchase_date=pl.lit(date(2017, 1, 1)))
    own = pl.min_horizontal("cost_minor", pl.lit(residual)) if residual is not None else pl.lit(None)
    return readings(Lots.validate(frame.with_columns(residual_minor=own), cast=True))


@st.composite
def books(draw: st.DrawFn, name: str) -> Book:
    """Up to three dated policies, perhaps one of a single generation."""
    days = sorted(draw(st.sets(DAYS, max_size=2)))
    policies = [
        {
            "effective": day,
            "method": draw(METHODS),
            "convention": draw(MONTHLY),
            "life_months": draw(st.integers(1, 90)),
            "residual_rate": draw(RATES),
            "residual_as": draw(st.sampled_from(["deduction", "floor"])),
            "reset": draw(st.sampled_from(["asset_year", "fiscal_year"])),
            "generations": draw(st.sampled_from([["*"], ["*"], ["h100", "*"]])),
            "source": "a test",
        }
        for day in ("opening", *days)
    ]
    return parse_book({"id": name, "title": name, "kind": "scenario", "source": "a test", "policy": policies})


def plans(*made: Book) -> list[Plan]:
    return [Plan(book, Changes.create_empty()) for book in made]


def cohorts_of(lots: pl.DataFrame) -> Cohorts:
    return Cohorts(lots, Grid.of(lots, ["any"], FiscalCalendar()))


@examples(50)
@given(st.lists(st.tuples(COSTS, DAYS), min_size=1, max_size=12), st.data(), CALENDARS, DAYS)
def test_cohorts_are_the_schedules_of_their_lots(
    lots: list[tuple[int, date]], data: st.DataObject, calendar: FiscalCalendar, change: date
) -> None:
    own = data.draw(st.one_of(st.none(), st.integers(0, 10**6)))
    one, two = (data.draw(books(name)) for name in ("one", "two"))
    frame, asked = fleet(*lots, residual=own), plans(one, two, prospective(one, two, change))
    quick, slow = (rolled_up(frame, asked, calendar, in_cohorts=way) for way in (True, False))
    assert quick.rollup.equals(slow.rollup)
    assert quick.losses.equals(slow.losses)


@pytest.mark.parametrize("life", [12, 37, 60, 120])
def test_plain_lives_do_go_in_cohorts(life: int) -> None:
    frame = fleet((100_07, date(2023, 5, 3)), (999_99, date(2023, 5, 30)), (1, date(2021, 2, 28)))
    cohorts, reported = cohorts_of(frame), scenario(48)
    other = scenario(life).model_copy(update={"id": "other"})
    for book in (reported, other, prospective(reported, other, date(2024, 1, 1))):
        charges = cohorts.charges(book)
        assert charges is not None
        assert charges.sum() == 100_07 + 999_99 + 1


def test_a_sole_policy_meets_lots_that_were_there_before_it() -> None:
    """A book whose first policy is dated stands for what came before it, and meets it when its date comes."""
    policy = {"effective": date(2024, 1, 1), "method": "straight_line", "convention": "mid_month", "life_months": 36}
    book = {"id": "x", "title": "x", "kind": "scenario", "source": "a test", "policy": [{**policy, "source": "a test"}]}
    frame, asked = fleet(*[(999_99, date(year, 5, 3)) for year in (2022, 2023, 2024, 2025)]), plans(parse_book(book))
    quick, slow = (rolled_up(frame, asked, FiscalCalendar(), in_cohorts=way) for way in (True, False))
    assert cohorts_of(frame).charges(asked[0].book) is not None
    assert quick.rollup.equals(slow.rollup)


OUTSIDE = [
    ({"convention": "daily"}, {}, (10**6, 10**7)),
    ({"method": "declining_balance", "residual_as": "floor"}, {"residual": 10}, (10**6, 10**7)),
    ({"method": "declining_balance", "factor": Fraction(137, 100)}, {}, (10**6, 10**7)),
    ({}, {}, (2**61, 2**61)),
]


def test_a_residual_rate_of_many_decimals_goes_in_cohorts() -> None:
    """cost x rate leaves 64 bits, and is exact all the same."""
    frame = fleet((10**9, date(2023, 5, 3)), (10**7, date(2023, 5, 3)))
    asked = plans(scenario(60, residual_rate="0.0123456789012"), scenario(36))
    quick, slow = (rolled_up(frame, asked, FiscalCalendar(), in_cohorts=way) for way in (True, False))
    assert cohorts_of(frame).charges(asked[0].book) is not None
    assert quick.rollup.equals(slow.rollup)


@pytest.mark.parametrize(("policy", "options", "costs"), OUTSIDE)
def test_what_is_out_of_range_goes_by_the_schedule(
    policy: dict[str, Any], options: dict[str, Any], costs: tuple[int, int]
) -> None:
    frame = fleet(*[(cost, date(2023, 5, 3)) for cost in costs], **options)
    asked = plans(scenario(60, **policy), scenario(36))
    assert cohorts_of(frame).charges(asked[0].book) is None
    quick, slow = (rolled_up(frame, asked, FiscalCalendar(), in_cohorts=way) for way in (True, False))
    assert quick.rollup.equals(slow.rollup)


def test_dates_out_of_the_calendar_are_refused_all_the_same() -> None:
    frame = fleet((100, date(1899, 12, 31)))
    assert cohorts_of(frame).charges(scenario(12)) is None
    with pytest.raises(Refused, match="out of range"):
        rolled_up(frame, plans(scenario(12)), FiscalCalendar())


def test_a_generation_without_a_policy_is_refused() -> None:
    with pytest.raises(Refused, match="unknown generation 'a100'"):
        rolled_up(
            fleet((1, date(2023, 1, 1)), (1, date(2023, 1, 1))),
            plans(scenario(12, generations=("h100",))),
            FiscalCalendar(),
        )


def test_a_lot_with_a_change_goes_by_its_schedule_beside_the_others() -> None:
    frame, calendar = (
        fleet((100_00, date(2023, 5, 3)), (300_00, date(2023, 6, 3)), (7, date(2020, 1, 1))),
        FiscalCalendar(),
    )
    row = {"lot": 1, "effective_date": date(2024, 2, 1), "kind": "disposal", "amount_minor": 50_00}
    told = Changes.validate(pl.DataFrame([row], schema=Changes.create_empty().schema), cast=True)
    asked = [Plan(scenario(60), told), Plan(scenario(24), told)]
    quick, slow = (rolled_up(frame, asked, calendar, in_cohorts=way) for way in (True, False))
    assert quick.rollup.equals(slow.rollup)
    assert quick.losses.equals(slow.losses)
    assert quick.losses["losses_minor"].to_list() == [300_00 - 100_00, 300_00 - 40_00]


# The arithmetic


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=50), st.integers(1, 100), st.data())
def test_sums_from_remainders(bases: list[int], den: int, data: st.DataObject) -> None:
    """Every base rounded by itself, in exact fractions, and added."""
    nums = sorted({0, den, *data.draw(st.lists(st.integers(0, den), max_size=5))})
    share = Share.of([Fraction(num, den) for num in nums])
    seen = np.bincount([base % (2 * share.den) for base in bases], minlength=2 * share.den).astype(float)
    found = share.accumulated(seen[None, :], np.array([sum(bases)]))[0]
    assert found.tolist() == [sum(round(Fraction(base * num, den)) for base in bases) for num in nums]
    assert all(a <= b for a, b in pairwise(found))


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=20), st.integers(1, 2**20), st.data())
def test_products_are_rounded_half_to_even(amounts: list[int], den: int, data: st.DataObject) -> None:
    nums = [data.draw(st.integers(0, den)) for _ in amounts]
    arrays = (np.array(each, np.int64) for each in (amounts, nums, [den] * len(amounts)))
    expected = [round(Fraction(amount * num, den)) for amount, num in zip(amounts, nums, strict=True)]
    assert rounded_products(*arrays).tolist() == expected


def test_more_remainders_than_are_counted() -> None:
    assert Share.of([Fraction(0), Fraction(1, BINS // 2)]).den == BINS // 2
    with pytest.raises(OutOfRangeError):
        Share.of([Fraction(0), Fraction(1, BINS // 2 + 1)])
