"""What rows book, worked out by hand for single assets under one option at a time."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from depr.errors import Refused
from depr.kernel.daycounts import DAY_COUNTS
from depr.rows.accounts import Account
from depr.rows.choices import Choices
from depr.rows.clocks import Timing
from depr.rows.rows import CURVES, PERCENT_OF_COST, ROW_METHODS, WALKED, Booking, Row, changed, disposed, rows

DECLINING = Account("declining_balance", 1_000, 100, Fraction(36), date(2024, 1, 1), 12, rate=Fraction(2, 5))
MONTHLY = Account("straight_line", 1_000, 0, Fraction(10), date(2024, 1, 1))
FIRST_YEAR = date(2024, 12, 31)


def charges(account: Account, booking: Booking | None = None, *rest: Any) -> list[int]:
    return [row.depreciation_minor for row in rows(account, booking or Booking(), *rest)]


def test_what_is_chosen_without_a_word_and_what_can_be() -> None:
    named: dict[str, list[Any]] = {
        "rounding": ["cumulative", "per_period"],
        "true_up": ["life", "fiscal_year"],
        "opening": ["remaining", "annuity", "theoretical"],
        "opening_day_count": ["clock", *sorted(DAY_COUNTS)],
        "declining_from": ["curve", "booked"],
        "declining": ["linear", "exponential"],
        "switch": ["remaining", "none", "original"],
        "residual_as": ["deduction", "floor"],
        "rate_rule": ["given", "double", "root"],
        "rate_places": [],
        "extended_last_row": ["same", "period_end"],
        "disposal_row": ["on_day", "day_before"],
    }
    own = [option for option in fields(Booking) if option.name not in {part.name for part in fields(Timing)}]
    assert {o.name: [o.default, *sorted({*o.metadata["choices"]} - {o.default})] for o in own} == {
        name: choices or [None] for name, choices in named.items()
    }
    assert issubclass(Booking, Choices)
    assert all(line["decides"] and line["rule"] for line in Booking.described())


def test_methods_and_rows_are_what_they_say() -> None:
    assert CURVES == ("straight_line", "sum_of_years_digits", "declining_balance")
    assert WALKED == ("percent_of_cost", "table")
    assert (*CURVES, *WALKED) == ROW_METHODS
    assert PERCENT_OF_COST.formula == "a yearly rate of cost until nothing is left"
    assert PERCENT_OF_COST.source.startswith("OCA/l10n-italy")
    [first, *_] = rows(MONTHLY, Booking())
    assert first == Row(date(2024, 1, 1), date(2024, 1, 31), 100, 100)
    for fixed, name in ((first, "ends"), (Booking(), "switch")):
        with pytest.raises(FrozenInstanceError):
            setattr(fixed, name, None)


@pytest.mark.parametrize(
    ("options", "want"),
    [
        ({}, [360, 270, 270]),  # 540 over two years is more than 40 percent of it
        ({"switch": "none"}, [360, 216, 324]),
        ({"switch": "original"}, [360, 300, 240]),  # 900 over three years is more than 216
        ({"residual_as": "floor"}, [400, 250, 250]),  # 600 less 100 over two years
        ({"residual_as": "floor", "switch": "none"}, [400, 240, 260]),
        ({"residual_as": "floor", "switch": "original"}, [400, 300, 200]),
    ],
    ids=str,
)
def test_a_declining_charge_of_the_curve(options: dict[str, Any], want: list[int]) -> None:
    assert charges(DECLINING, Booking(**options)) == want


@pytest.mark.parametrize(
    ("options", "want"),
    [
        ({}, [360, 270, 270]),
        ({"switch": "none"}, [360, 216, 324]),
        ({"residual_as": "floor"}, [400, 250, 250]),
        ({"residual_as": "floor", "switch": "none"}, [400, 240, 260]),
    ],
    ids=str,
)
def test_a_declining_charge_of_the_balance_booked(options: dict[str, Any], want: list[int]) -> None:
    booking = Booking(declining_from="booked", **options)
    assert charges(DECLINING, booking) == want
    opened = replace(DECLINING, opening_minor=want[0], opening_date=FIRST_YEAR)
    assert charges(opened, booking) == want[1:]
    assert [row.accumulated_minor for row in rows(opened, booking)] == [want[0] + want[1], 900]
    assert charges(DECLINING, booking, 1, want[0]) == want[1:]


def test_a_declining_charge_within_a_fiscal_year_is_of_what_the_year_opens_with() -> None:
    """Years to June, quarters from January: 25 a quarter of 1,000; then of 950, then of 850."""
    account = replace(DECLINING, residual_minor=0, row_months=3, rate=Fraction(1, 10), year_end=(6, 30))
    booking = Booking(declining_from="booked", switch="none")
    assert charges(account, booking) == [25, 25, 24, 24, 24, 24, 21, 21, 21, 21, 19, 751]
    straight = replace(account, life_months=None)
    assert charges(straight, Booking(declining_from="booked"))[:4] == [25, 25, 24, 24]


def test_a_walk_past_the_age_of_the_life() -> None:
    """By 365 days a year the life is reached a day before its last row, which takes what is left, if anything is."""
    account = Account("declining_balance", 48_000, 0, Fraction(48), date(2021, 1, 2), rate=Fraction(2, 5))
    booking = Booking(clock="daily", day_count="actual_365", declining_from="booked")
    assert sum(charges(account, booking)) == 48_000
    opened = replace(account, opening_minor=47_000, opening_date=FIRST_YEAR)
    assert rows(opened, booking) == [Row(date(2025, 1, 1), date(2025, 1, 31), 1_000, 48_000)]


def test_a_walk_of_what_is_booked_whole_is_one_row_of_nothing() -> None:
    for booked in (900, 950):
        spent = replace(DECLINING, opening_minor=booked, opening_date=FIRST_YEAR)
        assert charges(spent, Booking(declining_from="booked")) == [0]


def test_a_rate_says_nothing_of_other_methods() -> None:
    assert charges(replace(DECLINING, method="sum_of_years_digits")) == [450, 300, 150]
    assert charges(replace(DECLINING, method="straight_line"), Booking(residual_as="floor")) == [300, 300, 300]
    assert charges(replace(DECLINING, method="straight_line", rate=None)) == [300, 300, 300]


def test_a_percentage_of_cost_by_quarters() -> None:
    """A quarter of 250 is 62.5, half of it in the first year; halves go to even; the residual value stays."""
    account = replace(DECLINING, method="percent_of_cost", rate=Fraction(1, 4), row_months=3)
    weighed = replace(account, life_months=None, first_year_part=Fraction(1, 2))
    assert charges(weighed) == [31] * 4 + [62] * 12 + [32]
    assert charges(account) == [62] * 11 + [900 - 11 * 62]


def test_a_table_by_year() -> None:
    """Of 900; in service for half of 2024 the first year takes half, and a year is added for the rest."""
    table = replace(DECLINING, method="table", percents=(Fraction(40), Fraction(40), Fraction(20)), rate=None)
    assert charges(table) == [360, 360, 180]
    half = replace(table, in_service=date(2024, 7, 1), opening_minor=7)
    assert [row.accumulated_minor for row in rows(half, Booking())] == [187, 547, 727, 907]
    with pytest.raises(Refused) as fault:
        rows(replace(table, row_months=6), Booking())
    assert str(fault.value) == "account: a table gives percentages by year\n  do: book it by year"


def test_rounding() -> None:
    """1,000 over seven months is 142.857 a month; over 36 from October 27.78, 83.33 and 333.33 a year."""
    seven = replace(MONTHLY, life_months=Fraction(7))
    assert charges(seven) == [143, 143, 143, 142, 143, 143, 143]
    assert charges(seven, Booking(rounding="per_period")) == [143] * 6 + [142]
    october = replace(MONTHLY, life_months=Fraction(36), in_service=date(2024, 10, 1))
    yearly = Booking(rounding="per_period", true_up="fiscal_year")
    assert charges(october, yearly) == [28, 28, 27, *[28] * 11, 25, *[28] * 11, 25, *[28] * 8, 27]
    assert charges(october, replace(yearly, true_up="life")) == [28] * 35 + [20]


def test_a_year_begun_within_a_row_is_made_good_in_that_row() -> None:
    """28.06 a month, 16 of 31 days of it first: 14, 28, 28 of 70.59; then 336 of 336.67, made good at its end."""
    account = replace(MONTHLY, cost_minor=1_010, life_months=Fraction(36), in_service=date(2024, 10, 16))
    booking = Booking(clock="period_ends", rounding="per_period", true_up="fiscal_year")
    assert charges(account, booking)[:15] == [15, 28, 28, *[28] * 11, 29]


def test_what_follows_an_opening_balance() -> None:
    """450 of 1,000 after two of ten months, in a ledger that would have booked 200."""
    opened = replace(MONTHLY, opening_minor=450, opening_date=date(2024, 2, 29))
    assert charges(opened, Booking(rounding="per_period")) == [69] * 7 + [550 - 7 * 69]
    assert charges(opened, Booking(opening="annuity")) == [100] * 5 + [50]
    corrected = rows(opened, Booking(opening="theoretical"))
    assert [row.depreciation_minor for row in corrected] == [-150] + [100] * 7
    assert [row.accumulated_minor for row in corrected] == list(range(300, 1_001, 100))
    assert corrected[0].ends == date(2024, 3, 31)
    within = replace(opened, opening_date=date(2024, 2, 28))
    assert [len(rows(within, Booking(opening=name))) for name in ("remaining", "theoretical")] == [9, 9]


def test_the_annuity_of_yearly_rows() -> None:
    """1,000 a year of 3,000; 500 was booked in 2024, so that the last year takes 1,500."""
    account = Account("straight_line", 3_000, 0, Fraction(36), date(2024, 1, 1), 12)
    opened = replace(account, opening_minor=500, opening_date=FIRST_YEAR)
    assert charges(opened, Booking(opening="annuity")) == [1_000, 1_500]


def test_age_at_an_opening_by_a_day_count_of_its_own() -> None:
    """From 16 July half a year by months, 5.5 months by 30 days each: 12 of 30 that remain, or of 30.5."""
    account = Account("straight_line", 30_500, 0, Fraction(36), date(2024, 7, 16), 12)
    opened, own = replace(account, opening_date=FIRST_YEAR), Booking(opening_day_count="30_360_eu")
    assert charges(opened)[0] == 12_200
    assert charges(opened, own)[0] == 12_000
    assert charges(account, own) == charges(account) != charges(opened, own)
    elsewhere = replace(account, first_row=date(2025, 12, 31), opening_rows=1)
    assert charges(elsewhere)[0] == 15_250
    assert charges(elsewhere, own)[0] == 18_000


def test_a_change_stands_after_what_is_kept() -> None:
    """300 of 1,000 after three months; 140 more over the seven that remain."""
    before, after = rows(MONTHLY, Booking()), replace(MONTHLY, cost_minor=1_140)
    found = changed(MONTHLY, Booking(), after, before[:3])
    assert found[:3] == before[:3]
    assert [row.depreciation_minor for row in found[3:]] == [120] * 7
    assert changed(MONTHLY, Booking(), after, []) == rows(after, Booking())
    assert changed(MONTHLY, Booking(), MONTHLY, before) == before
    opened = replace(MONTHLY, opening_minor=200, opening_date=date(2024, 2, 29))
    assert changed(opened, Booking(), replace(opened, cost_minor=1_080), [])[0].accumulated_minor == 310


@pytest.mark.parametrize(
    ("life", "option", "ends"),
    [
        (18, "same", date(2025, 7, 14)),
        (18, "period_end", date(2025, 7, 31)),
        (12, "period_end", date(2025, 1, 14)),
        (9, "period_end", date(2024, 10, 14)),
    ],
)
def test_the_last_row_of_a_life_made_longer(life: int, option: str, ends: date) -> None:
    account = replace(MONTHLY, life_months=Fraction(12), in_service=date(2024, 1, 15))
    booking = Booking(clock="period_ends", last_row="last_day", extended_last_row=option)
    kept = rows(account, booking)[:2]
    assert changed(account, booking, replace(account, life_months=Fraction(life)), kept)[-1].ends == ends


def test_a_disposal_cuts_its_row_by_days() -> None:
    table = rows(MONTHLY, Booking())
    assert disposed(MONTHLY, Booking(), table, date(2024, 3, 31)) == table[:3]
    assert disposed(MONTHLY, Booking(), table, date(2030, 1, 1)) == table
    *kept, cut = disposed(MONTHLY, Booking(), table, date(2024, 3, 15))
    assert (kept, cut) == (table[:2], Row(date(2024, 3, 1), date(2024, 3, 15), 48, 248))  # 15 of 31 days of 100
    before = Booking(disposal_row="day_before")
    assert disposed(MONTHLY, before, table, date(2024, 4, 1)) == table[:3]
    assert disposed(MONTHLY, before, table, date(2024, 3, 16)) == [*kept, cut]
    after = Booking(first_day="excluded")  # of January 30 days count, the first is not one of them
    assert disposed(MONTHLY, after, table, date(2024, 1, 16))[0].depreciation_minor == 50
    assert disposed(MONTHLY, after, table, date(2024, 1, 1)) == [Row(date(2024, 1, 1), date(2024, 1, 1), 0, 0)]


def test_a_row_of_no_counted_day_stands_where_the_disposal_is_on_its_last() -> None:
    """In service on the last day of January, which is not counted: what its clock gave the row is not taken back."""
    account = replace(MONTHLY, cost_minor=100_000, in_service=date(2024, 1, 31))
    booking = Booking(clock="first_year", first_day="excluded")
    table = rows(account, booking)
    assert disposed(account, booking, table, date(2024, 1, 31)) == table[:1]
    assert table[0].depreciation_minor == 164  # 336 of 366 days are 11.016 months, and 11 are to come


@pytest.mark.parametrize(
    ("options", "want"),
    [
        ({"rate_rule": "double"}, 667),
        ({"rate_rule": "double", "rate_places": 0}, 670),
        ({"rate_rule": "double", "rate_places": 1}, 667),
        ({"rate_rule": "root"}, 536),  # 1 - (100 / 1000) ^ (1 / 3)
        ({"rate_rule": "root", "rate_places": 0}, 540),
    ],
    ids=str,
)
def test_a_rate_by_its_rule(options: dict[str, Any], want: int) -> None:
    booking = Booking(declining_from="booked", residual_as="floor", switch="none", **options)
    assert charges(replace(DECLINING, rate=None), booking)[0] == want
    assert charges(DECLINING, booking)[0] == 400


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, "given"),
        ({"life_months": None}, "double"),
        ({"method": "percent_of_cost"}, "double"),
        ({"method": "percent_of_cost"}, "given"),
    ],
)
def test_no_rate_at_all(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(Refused) as fault:
        rows(replace(DECLINING, rate=None, **change), Booking(rate_rule=rule))
    assert str(fault.value) == "account: its inputs give no rate\n  do: give a rate, a factor or a rate rule"


def test_an_unknown_method() -> None:
    with pytest.raises(Refused) as fault:
        rows(replace(MONTHLY, method="magic"), Booking())
    assert str(fault.value) == f"input: unknown method 'magic'\n  do: use one of: {', '.join(sorted(ROW_METHODS))}"
