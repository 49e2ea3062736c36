"""Estimates: the segments of each lot under the dated policies of a book."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from depr.books.book import Book
from depr.books.estimates import estimates
from depr.books.stages import Stages
from depr.contract import Segments, Shares
from depr.errors import Refused
from depr.intake import read_book
from depr.kernel.calendar import FiscalCalendar, period_of
from depr.share import find
from tests.engines import Engine
from tests.kernel.fleets import Case, assert_every_cell, book_of, lots_of, schedule_of
from tests.oracle import Asset, Rule

CALENDAR = FiscalCalendar()
JANUARY = date(2022, 1, 10)
CHANGED = date(2023, 1, 1)
P22, P23 = period_of(JANUARY), period_of(CHANGED)


def segments_of(cases: list[Case], book: Book) -> list[tuple[int, int, int, int, int | None]]:
    """lot, base, opening, first and last period."""
    columns = ("lot", "base_minor", "opening_minor", "first_period", "last_period")
    return estimates(lots_of(cases), book, CALENDAR)[0].select(columns).sort("lot", "first_period").rows()


def track(*rules: Rule) -> Book:
    return book_of({"*": rules})


def lifes(book: Book, in_service: date) -> list[tuple[int, int | None, Fraction]]:
    """first period, last period and share used of each stage."""
    found = Stages(CALENDAR).walk(book.track("*"), in_service)
    return [(stage.first_period, stage.last_period, stage.used) for stage in found]


def test_one_policy_is_one_segment() -> None:
    assert segments_of([Case(Asset(120_00, JANUARY))], track(Rule(12))) == [(0, 120_00, 0, P22, None)]


def test_a_change_begins_a_segment_on_the_carrying_amount(engine: Engine) -> None:
    """A third of 36 months is used up when the life becomes 60: two thirds over the 48 months that remain."""
    book = track(Rule(36), Rule(60, effective=CHANGED))
    assert segments_of([Case(Asset(900, JANUARY))], book) == [(0, 900, 0, P22, P23 - 1), (0, 600, 300, P23, None)]
    rows = schedule_of(engine, lots_of([Case(Asset(900, JANUARY))]), book)
    assert rows["depreciation_minor"].to_list()[12:14] == [12, 13]
    assert rows["period"].max() == P22 + 59


def test_a_life_shorter_than_the_age_charges_all_in_the_first_period(engine: Engine) -> None:
    book = track(Rule(36), Rule(6, effective=CHANGED))
    rows = schedule_of(engine, lots_of([Case(Asset(900, JANUARY))]), book)
    assert rows.filter(period=P23)["depreciation_minor"].to_list() == [600]
    assert rows["period"].max() == P23


def test_a_change_in_or_before_the_month_of_service_is_in_force_from_the_start(engine: Engine) -> None:
    book = track(Rule(36), Rule(60, effective=date(2022, 1, 31)))
    assert lifes(book, JANUARY) == [(P22, None, Fraction(1))]
    assert schedule_of(engine, lots_of([Case(Asset(900, JANUARY))]), book).height == 60
    assert schedule_of(engine, lots_of([Case(Asset(900, date(2024, 5, 1)))]), book).height == 60


def test_a_change_after_the_end_changes_nothing() -> None:
    book = track(Rule(12), Rule(60, effective=CHANGED))
    assert lifes(book, JANUARY) == [(P22, None, Fraction(1))]


def test_a_change_within_a_first_year_that_is_spread(engine: Engine) -> None:
    """Half-year: 6 months of age over the 12 months of the first year, so a life changed in March meets an age of 1.

    1/36 of 6,000 is 167; the other 5,833 go over 59 months, 5 of them until December and then one a month.
    """
    half_year = Rule(36, convention="half_year")
    book = track(half_year, replace(half_year, life_months=60, effective=date(2022, 3, 1)))
    rows = schedule_of(engine, lots_of([Case(Asset(6_000, JANUARY))]), book)
    ages = [*(Fraction(n, 2) for n in range(1, 11)), *range(6, 60)]
    assert rows["accumulated_minor"].to_list() == [83, 167, *(167 + round(Fraction(5_833, 59) * age) for age in ages)]


def test_the_clock_is_that_of_the_first_policy(engine: Engine) -> None:
    book = track(Rule(36, convention="mid_month"), Rule(60, effective=CHANGED))
    assert lifes(book, JANUARY)[0][2] == Fraction(23, 72)
    assert schedule_of(engine, lots_of([Case(Asset(900, JANUARY))]), book)["period"].max() == P22 + 60


def test_meta_as_it_changed_its_mind() -> None:
    """In service in January 2022: 48 months, then 54, 60 and 66, each over what remains of the new life."""
    book = read_book(find("books", "meta-reported"))
    dates = [JANUARY, date(2022, 4, 1), date(2022, 10, 1), date(2025, 1, 1)]
    firsts = [period_of(day) for day in dates]
    used = [Fraction(3, 48), Fraction(6, 51), Fraction(27, 51), Fraction(1)]
    lasts = [*(p - 1 for p in firsts[1:]), None]
    assert lifes(book, JANUARY) == list(zip(firsts, lasts, used, strict=True))


def test_a_floor_is_measured_on_the_carrying_amount(engine: Engine) -> None:
    """10 percent of cost is a larger share of what is left after two years: 40 percent of 36 is charged in the third.

    Cost 100, residual value 10, 200 percent of 5 years: 40, 24; from then on 5 years remain: 14.40, 8.64, then to 10.
    """
    rule = Rule(60, "declining_balance", residual_rate=Fraction("0.1"), switch="none", residual_as="floor")
    book = track(rule, replace(rule, life_months=84, effective=date(2024, 1, 1)))
    rows = schedule_of(engine, lots_of([Case(Asset(100_00, JANUARY))]), book)["depreciation_minor"].to_list()
    assert [sum(rows[n : n + 12]) for n in range(0, 84, 12)] == [4_000, 2_400, 1_440, 864, 296, 0, 0]


def test_a_floor_above_the_carrying_amount_leaves_nothing_to_charge() -> None:
    rule = Rule(60, "declining_balance", residual_rate=Fraction("0.1"), residual_as="floor")
    book = track(rule, replace(rule, residual_rate=Fraction("0.9"), effective=CHANGED))
    assert segments_of([Case(Asset(100_00, JANUARY))], book)[1] == (0, 0, 40_00, P23, None)


# Residual values


def test_the_lots_own_residual_value_goes_before_the_books() -> None:
    book = track(Rule(12, residual_rate=Fraction("0.1")))
    cases = [Case(Asset(1_000, JANUARY, residual)) for residual in (None, 0, 250, 1_000)]
    assert [base for _, base, *_ in segments_of(cases, book)] == [900, 1_000, 750, 0]


@pytest.mark.parametrize(("cost", "base"), [(5, 5), (10, 9), (15, 13), (25, 23), (35, 31)])
def test_a_residual_rate_is_rounded_half_to_even(cost: int, base: int) -> None:
    """10 percent of 5, 15, 25 and 35 cents is half a cent more than 0, 1, 2 and 3: 0, 2, 2 and 4."""
    book = track(Rule(12, residual_rate=Fraction("0.1")))
    assert segments_of([Case(Asset(cost, JANUARY))], book)[0][1] == base


def test_a_residual_value_raised_above_the_carrying_amount_stops_depreciation(engine: Engine) -> None:
    book = track(Rule(12), Rule(24, residual_rate=Fraction("0.9"), effective=date(2022, 7, 1)))
    rows = schedule_of(engine, lots_of([Case(Asset(1_200, JANUARY))]), book)["depreciation_minor"].to_list()
    assert rows == [100] * 6 + [0] * 18


def test_own_residual_values_shape_the_curve_of_a_floor() -> None:
    """The same date, two ratios, two curves; a lot that leaves it to the book has a third."""
    book = track(Rule(60, "declining_balance", residual_rate=Fraction("0.05"), residual_as="floor"))
    cases = [Case(Asset(1_000, JANUARY, residual)) for residual in (100, 200, 200, None)]
    segments, shares, _ = estimates(lots_of(cases), book, CALENDAR)
    ids = segments.sort("lot")["share_id"].to_list()
    assert (len(set(ids)), ids[1], shares["share_id"].n_unique()) == (3, ids[2], 3)


def test_a_lot_that_cost_nothing_has_a_schedule_of_nothing(engine: Engine) -> None:
    book = track(Rule(12, "declining_balance", residual_rate=Fraction("0.1"), residual_as="floor"))
    rows = schedule_of(engine, lots_of([Case(Asset(0, JANUARY)), Case(Asset(0, JANUARY, 0))]), book)
    assert rows["depreciation_minor"].to_list() == [0] * 24


# Which lots


def test_lots_under_construction_have_no_segment() -> None:
    lots = lots_of([Case(Asset(1_000, JANUARY)), Case(Asset(2_000, JANUARY))])
    waiting = lots.with_columns(in_service_date=pl.when(pl.col("lot") == 0).then("in_service_date"))
    assert estimates(waiting, track(Rule(12)), CALENDAR)[0]["lot"].to_list() == [0]


def test_no_lots_in_service_have_no_segments() -> None:
    for lots in (lots_of([]), lots_of([Case(Asset(1, JANUARY))]).with_columns(in_service_date=pl.lit(None, pl.Date))):
        segments, shares, _ = estimates(lots, track(Rule(12)), CALENDAR)
        assert (segments.height, shares.height) == (0, 0)
        assert segments.schema == Segments.create_empty().schema
        assert shares.schema == Shares.create_empty().schema


def test_many_lots_share_few_curves() -> None:
    """Curves are worked out once for a date of service, and dates with the same age at a change share them."""
    cases = [Case(Asset(cost, date(2022, month, day))) for cost in (1, 2) for month in (1, 2) for day in (1, 28)]
    segments, shares, _ = estimates(lots_of(cases), track(Rule(36), Rule(60, effective=CHANGED)), CALENDAR)
    assert (segments.height, shares["share_id"].n_unique()) == (16, 3)


# Refusals


def refused(cases: list[Case], book: Book) -> str:
    with pytest.raises(Refused) as fault:
        estimates(lots_of(cases), book, CALENDAR)
    return str(fault.value)


def test_a_generation_without_a_policy_is_refused() -> None:
    book = book_of({"H100": [Rule(60)], "B200": [Rule(60)]})
    text = "book made-up: unknown generation 'V100'\n  do: use one of: B200, H100"
    assert refused([Case(Asset(1, JANUARY), "H100"), Case(Asset(1, JANUARY), "V100")], book) == text


def test_dates_that_the_calendar_does_not_know_are_refused(engine: Engine) -> None:
    """Every one of them is named; the first and the last day it knows are good."""
    days = [date(1899, 12, 31), date(1900, 1, 1), date(2199, 12, 31), date(2200, 1, 1)]
    why = "\n  why: dates run from 1900-01-01 to 2199-12-31\n  do: correct the year"
    assert refused([Case(Asset(1, day)) for day in days], track(Rule(12))) == (
        "lots: lot L000000: in_service_date 1899-12-31 is out of range\n"
        f"lots: lot L000003: in_service_date 2200-01-01 is out of range{why}"
    )
    assert schedule_of(engine, lots_of([Case(Asset(12, day)) for day in days[1:3]]), track(Rule(12))).height == 24


def test_curves_whose_fractions_outgrow_the_table_are_exact_too(engine: Engine) -> None:
    """Twenty years of declining balance need 67 bits and more: every cell is the oracle's, also after a change."""
    never = Rule(240, "declining_balance", switch="none")
    odd = replace(never, life_months=228, factor=Fraction("1.37"))
    later = replace(odd, life_months=240, effective=date(2037, 1, 1))
    cases = [Case(Asset(cost, JANUARY)) for cost in (0, 1, 7, 99_999, 10**9 + 7, 10**17)]
    for rules in ([never], [odd, later], [replace(odd, residual_as="floor", residual_rate=Fraction("0.07"))]):
        assert assert_every_cell(engine, cases, {"*": rules}) >= 228 * len(cases)


def test_a_residual_rate_with_too_many_decimals_is_refused() -> None:
    rate = "0.1234567890123456789"
    text = f"residual_rate: {Fraction(rate)}\n  why: its decimals leave 62 bits\n  do: give at most 18 decimals"
    assert refused([Case(Asset(1, JANUARY))], track(Rule(12, residual_rate=Fraction(rate)))) == text
    with pytest.raises(Refused, match=r"^residual_rate: 1/7450580596923828125\n"):  # between 2**62 and 2**63
        estimates(lots_of([Case(Asset(1, JANUARY))]), track(Rule(12, residual_rate=Fraction(1, 5**27))), CALENDAR)
    eighteen = Rule(12, residual_rate=Fraction("0.333333333333333333"))
    assert segments_of([Case(Asset(10**17, JANUARY))], track(eighteen))[0][1] == 66_666_666_666_666_667


def test_a_factor_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match=r"policy\.0\.factor: Input should be greater than 0"):
        track(Rule(12, "declining_balance", factor=Fraction(0)))
