"""Rows of a ledger: what holds for any asset under any options, and each clock against days counted one by one."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import METHODS
from depr.rows.accounts import Account, shifted
from depr.rows.choices import Choices
from depr.rows.clocks import CLOCKS, ROW_CLOCKS, Timing, ticks
from depr.rows.rows import PERCENT_OF_COST, ROW_METHODS, Booking, changed, disposed, rows
from tests.oracle import half_even
from tests.size import examples

DAYS = st.dates(date(1999, 1, 1), date(2060, 12, 31))
RATES = st.fractions(Fraction(1, 20), Fraction(9, 10), max_denominator=20)
CHOICES = {
    option.name: st.sampled_from(sorted(option.metadata["choices"]))
    for option in fields(Booking)
    if option.metadata["choices"] and option.name not in ("rate_rule", "opening")
}
BOOKINGS = st.builds(Booking, **CHOICES)


@st.composite
def accounts(draw: st.DrawFn, *, life: bool = True) -> Account:
    cost = draw(st.integers(1, 10**13))
    return Account(
        method=draw(st.sampled_from(sorted({*ROW_METHODS} - {"table"}))),
        cost_minor=cost,
        residual_minor=draw(st.integers(0, cost)),
        life_months=Fraction(draw(st.integers(1, 120))) if life else None,
        in_service=draw(DAYS),
        row_months=draw(st.sampled_from([1, 3, 6, 12])),
        year_end=draw(st.sampled_from([(12, 31), (6, 30), (2, 28), (5, 1), (1, 31)])),
        rate=draw(RATES),
    )


@examples(300)
@given(accounts(), BOOKINGS)
def test_rows_sum_to_the_base_and_lie_one_after_the_other(account: Account, booking: Booking) -> None:
    table = rows(account, booking)
    charges = [row.depreciation_minor for row in table]
    assert [row.accumulated_minor for row in table] == list(accumulate(charges))
    assert sum(charges) == account.base_minor
    assert all(row.opens <= row.ends for row in table)
    assert all(after.opens > before.ends for before, after in pairwise(table))
    if booking.true_up == "life":
        assert min(charges) >= 0


@examples(100)
@given(accounts(), BOOKINGS, st.integers(0, 40), st.integers(0, 10**12))
def test_a_change_leaves_the_rows_before_it(account: Account, booking: Booking, number: int, more: int) -> None:
    before = rows(account, booking)
    kept = before[:number]
    assume(len(kept) < len(before))
    after = replace(account, cost_minor=account.cost_minor + more, life_months=account.life + 24)
    found = changed(account, booking, after, kept)
    assert found[: len(kept)] == kept
    assert found[-1].accumulated_minor == after.base_minor


@examples(100)
@given(accounts(), BOOKINGS, st.integers(0, 4000))
def test_a_disposal_ends_the_rows(account: Account, booking: Booking, days: int) -> None:
    table, day = rows(account, booking), account.in_service + timedelta(days=days)
    found = disposed(account, booking, table, day)
    whole = [row for row in found if row in table]
    assert found[: len(whole)] == table[: len(whole)]
    assert len(found) - len(whole) in (0, 1)
    assert all(row.ends <= day for row in found)
    assert 0 <= sum(row.depreciation_minor for row in found) <= max(account.base_minor, 0) or (
        booking.true_up == "fiscal_year"
    )


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@examples(60)
@given(DAYS, st.sampled_from([1, 3, 12]), st.sampled_from([(12, 31), (6, 30)]), st.integers(13, 40))
def test_clocks_count_days_one_by_one(day: date, row_months: int, year_end: tuple[int, int], life: int) -> None:
    """The age after each row but the last, by every day of it asked for its row and its fiscal year."""
    account = Account("straight_line", 1, 0, Fraction(life), day, row_months, year_end)
    for name in ROW_CLOCKS.keys() - {"first_year"}:
        for tick in ticks(account, Timing(clock=name))[:-1]:
            whole = days_between(tick.opens, tick.ends)
            served = [d for d in whole if d >= day]
            common = [[d for d in span if (d.month, d.day) != (2, 29)] for span in (served, whole)]
            year = days_between(*account.year_bounds(tick.year))
            want = {
                "period_ends": row_months * Fraction(len(served), len(whole)),
                "both_ends": row_months * Fraction(len(common[0]), len(common[1])),
                "row_days": Fraction(12 * len(served), len(year)),
            }[name]
            assert tick.step == want
            assert tick.year == account.fiscal_year(tick.ends)


def test_the_first_year_by_its_days_and_whole_rows_back_from_its_end() -> None:
    """In service on 7 July 2023: 178 of 365 days of the year, of which five whole months are August to December."""
    account = Account("straight_line", 333_300, 0, Fraction(60), date(2023, 7, 7))
    steps = [tick.step for tick in ticks(account, Timing(clock="first_year"))]
    assert steps[:3] == [Fraction(178 * 12, 365) - 5, 1, 1]
    assert sum(steps) >= 60
    late = [tick.step for tick in ticks(replace(account, in_service=date(2023, 7, 30)), Timing(clock="first_year"))]
    assert late[:2] == [Fraction(155 * 12, 365) - 5, 1]


def test_a_year_that_ends_within_a_month() -> None:
    account = Account("straight_line", 1, 0, Fraction(48), date(2010, 8, 2), 12, (5, 1))
    assert account.year_bounds(2011) == (date(2010, 5, 2), date(2011, 5, 1))
    assert [account.fiscal_year(day) for day in (date(2011, 5, 1), date(2011, 5, 2))] == [2011, 2012]
    assert account.calendar.year_end_month == 4
    assert replace(account, year_end=(1, 1)).calendar.year_end_month == 12


@pytest.mark.parametrize(
    ("clock", "ends"), [("following_month", date(2025, 1, 1)), ("full_month", date(2024, 12, 31)), ("full_year", None)]
)
def test_the_last_row_is_dated_within_its_period(clock: str, ends: date | None) -> None:
    """A convention may charge on after the life by the day has ended, or end before it has."""
    account = Account("straight_line", 12_000, 0, Fraction(12), date(2024, 1 if ends else 7, 1))
    assert rows(account, Booking(clock=clock, last_row="last_day"))[-1].ends == (ends or date(2024, 12, 31))


def test_a_first_row_set_apart() -> None:
    """Rows that follow one ending on 15 March; by day the age reached before it counts, and is charged with it."""
    account = Account("straight_line", 36_600, 0, Fraction(12), date(2024, 1, 1), 1, first_row=date(2024, 3, 15))
    table = rows(account, Booking(clock="daily"))
    assert [row.ends for row in table[:2]] == [date(2024, 3, 15), date(2024, 4, 15)]
    assert table[0].depreciation_minor == half_even(36_600 * 29, 366 - 46)
    assert shifted(date(2024, 1, 31), 1) == date(2024, 2, 29)


def test_a_rate_that_never_ends() -> None:
    """Where no life is known a declining method runs on until nothing is left, or its last row takes the rest."""
    account = Account("declining_balance", 1_000, 0, None, date(2024, 1, 1), 12, rate=Fraction(1, 2))
    charges = [row.depreciation_minor for row in rows(account, Booking(declining_from="booked", switch="none"))]
    assert charges[:4] == [500, 250, 125, 62]
    assert len(charges) == 100
    assert sum(charges) == 1_000


def test_the_yearly_rate_compounded() -> None:
    """A quarter a year in two halves: 1 - (3 / 4) ^ (1 / 2) of what is left, the same at each year's end."""
    account = Account("declining_balance", 10_000_000, 0, None, date(2010, 1, 1), 6, rate=Fraction(1, 4))
    booking = Booking(clock="daily", day_count="30_360_eu", declining_from="booked", declining="exponential")
    assert [row.depreciation_minor for row in rows(account, booking)[:4]] == [1_339_746, 1_160_254, 1_004_809, 870_191]


def test_an_account_without_a_rate() -> None:
    account = Account("declining_balance", 1_000, 125, Fraction(36), date(2024, 1, 1), 12)
    for rule, want in (("double", [667]), ("root", [500])):
        walked = Booking(declining_from="booked", residual_as="floor", switch="none", rate_rule=rule)
        assert [row.depreciation_minor for row in rows(account, walked)][:1] == want
    rounded = Booking(declining_from="booked", rate_rule="double", rate_places=0, residual_as="floor", switch="none")
    assert rows(account, rounded)[0].depreciation_minor == 670
    for refused in (replace(account, life_months=None), replace(account, method="percent_of_cost")):
        with pytest.raises(Refused, match="no rate"):
            rows(refused, Booking(rate_rule="double"))
    assert rows(account, Booking(rate_rule="double"))[-1].accumulated_minor == 875


def test_what_is_booked_whole_leaves_no_row() -> None:
    account = Account("declining_balance", 1_000, 0, Fraction(24), date(2024, 1, 1), 12, rate=Fraction(1, 2))
    for booking in (Booking(), Booking(declining_from="booked"), Booking(opening="theoretical")):
        assert rows(replace(account, opening_minor=400, opening_date=date(2025, 12, 31)), booking) == []
        spent = rows(replace(account, opening_minor=1_100, opening_date=date(2024, 1, 1)), booking)
        assert spent[0].depreciation_minor == (
            0 if booking.opening == "remaining" else spent[0].accumulated_minor - 1_100
        )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"row_months": 5}, "rows of 5 months"),
        ({"row_months": 0}, "rows of 0 months"),
        ({"first_row": date(2023, 12, 31)}, "a first row of 2023-12-31"),
        ({"rate": Fraction(0)}, "a rate of 0"),
        ({"life_months": Fraction(0)}, "a life of 0 months"),
        ({"life_months": Fraction(1201)}, "a life of 1201 months"),
        ({"in_service": date(2200, 1, 1)}, "in service on 2200-01-01"),
    ],
    ids=str,
)
def test_an_impossible_account(change: dict[str, Any], what: str) -> None:
    account = Account("straight_line", 1_000, 0, Fraction(24), date(2024, 1, 1))
    with pytest.raises(Refused, match=what):
        replace(account, **change)
    fives = replace(account, first_row=date(2024, 5, 31), row_months=5)
    assert [row.ends for row in rows(fives, Booking())][:2] == [date(2024, 5, 31), date(2024, 10, 31)]


@pytest.mark.parametrize(("day", "charge"), [(date(2024, 1, 30), 0), (date(2024, 1, 31), 0)])
def test_a_disposal_on_the_day_in_service(day: date, charge: int) -> None:
    account = Account("straight_line", 1_000, 0, Fraction(10), day)
    booking = Booking(clock="period_ends", disposal_row="day_before", first_day="excluded")
    [row] = disposed(account, booking, rows(account, booking), day)
    assert (row.ends, row.depreciation_minor) == (day - timedelta(days=1), charge)


def test_a_disposal_within_the_first_row() -> None:
    """17 of 31 days of 3,100 make the first row of January; out on the 20th, 6 of its 17 days."""
    account = Account("straight_line", 31_000, 0, Fraction(10), date(2024, 1, 15))
    booking = Booking(clock="period_ends")
    [row] = disposed(account, booking, rows(account, booking), date(2024, 1, 20))
    assert (row.ends, row.depreciation_minor) == (date(2024, 1, 20), 600)


def test_the_annuity_is_kept_only_after_an_opening_balance() -> None:
    account = Account("sum_of_years_digits", 6_000, 0, Fraction(36), date(2024, 1, 1), 12)
    assert [row.depreciation_minor for row in rows(account, Booking(opening="annuity"))] == [3_000, 2_000, 1_000]


def test_a_first_year_whose_last_months_are_short() -> None:
    """Years to February: from 31 August 182 of 365 days, less than six months, so that August adds nothing."""
    account = Account("straight_line", 36_000, 0, Fraction(36), date(2022, 8, 31), year_end=(2, 28))
    steps = [tick.step for tick in ticks(account, Timing(clock="first_year"))]
    assert steps[:3] == [0, Fraction(182 * 12, 365) - 5, 1]


def test_a_life_by_rows_at_both_ends() -> None:
    """A month from 31 January is a day of 31 and 27 of 28: what the rows add up to is the life."""
    account = Account("straight_line", 100_000, 0, Fraction(1), date(2023, 1, 31))
    want = half_even(100_000 * 28, 28 + 27 * 31)  # 1/31 over 1/31 + 27/28
    assert [row.depreciation_minor for row in rows(account, Booking(clock="both_ends"))] == [want, 100_000 - want]


def test_a_residual_value_taken_off_each_year_as_booked() -> None:
    """40 percent of what is above 100: 360 of 900, 216 of 540, and the rest in the last year."""
    account = Account("declining_balance", 1_000, 100, Fraction(36), date(2024, 1, 1), 12, rate=Fraction(2, 5))
    booking = Booking(declining_from="booked", switch="none")
    assert [row.depreciation_minor for row in rows(account, booking)] == [360, 216, 324]


def test_each_fiscal_year_made_good_in_its_last_row() -> None:
    """Only in the year that an asset begins within a row does the first row take the rounding."""
    account = Account("straight_line", 100_000, 0, Fraction(36), date(2024, 1, 16), year_end=(1, 31))
    yearly, plain = (
        rows(account, Booking(clock="row_days", rounding="per_period", true_up=each))
        for each in ("fiscal_year", "life")
    )
    moved = [
        row.ends for row, other in zip(yearly, plain, strict=True) if row.depreciation_minor != other.depreciation_minor
    ]
    assert moved
    assert all(day.month == 1 for day in moved)


def test_every_choice_is_described() -> None:
    told = Booking.described()
    assert {line["option"] for line in told} == {option.name for option in fields(Booking)}
    assert all(line["decides"] and line["choice"] and line["rule"] for line in told)
    assert [line["choice"] for line in told if line["option"] == "rounding"] == ["cumulative", "per_period"]
    assert CLOCKS.keys() == {*ROW_CLOCKS, *CONVENTIONS}
    assert all(clock.source for clock in ROW_CLOCKS.values())
    assert {*ROW_METHODS} - METHODS.keys() == {PERCENT_OF_COST.name}


def test_options_by_name() -> None:
    assert Booking.of({"rate_places": "3", "clock": "daily"}) == Booking(rate_places=3, clock="daily")
    assert Booking.of({"rate_places": None}) == Booking()
    assert Choices.described() == []
    for wrong in ({"clock": "sun"}, {"sun": "clock"}, {"rate_places": "-1"}, {"rate_places": "٣"}, {"clock": None}):
        with pytest.raises(Refused):
            Booking.of(wrong)
