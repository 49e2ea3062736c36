"""Where rows lie and what age each adds: worked out by hand for single assets."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from datetime import date
from fractions import Fraction

import pytest

from depr.kernel.conventions import CONVENTIONS
from depr.kernel.daycounts import DAY_COUNTS
from depr.rows.accounts import Account
from depr.rows.clocks import CLOCKS, ROW_CLOCKS, Span, Tick, Timing, begun, ticks

YEAR = Account("straight_line", 1_000, 0, Fraction(12), date(2024, 1, 1))
FIFTEENTH = replace(YEAR, in_service=date(2024, 1, 15))
BY_ROW = sorted(ROW_CLOCKS)


def test_a_life_that_ends_with_a_row_has_no_row_after_it() -> None:
    for name in ("period_ends", "both_ends", "row_days", "first_year", "daily", "full_month"):
        found = ticks(YEAR, Timing(clock=name))
        assert [tick.ends.month for tick in found] == list(range(1, 13)), name
        assert [tick.last for tick in found] == [False] * 11 + [True]


def test_the_first_day_counts_or_not() -> None:
    """From the 15th, 17 days of January's 31; from the day after, 16."""
    for name, days in (("included", 17), ("excluded", 16)):
        timing = Timing(clock="period_ends", first_day=name)
        assert ticks(FIFTEENTH, timing)[0].step == Fraction(days, 31)
    day = Timing(clock="daily", day_count="actual_365", first_day="excluded")
    assert ticks(FIFTEENTH, day)[0].step == Fraction(16 * 12, 365)


def test_by_day_the_last_row_holds_the_last_day_of_the_life() -> None:
    """Four years from 2 January 2021 are 1,461 days: 1,460 of 365 a year are reached the day before they are over."""
    account = replace(YEAR, life_months=Fraction(48), in_service=date(2021, 1, 2))
    found = ticks(account, Timing(clock="daily", day_count="actual_365"))
    assert (found[-1].opens, found[-1].ends) == (date(2025, 1, 1), date(2025, 1, 31))
    assert sum(tick.step for tick in found[:-1]) == 48


@pytest.mark.parametrize("clock", ["period_ends", "daily"])
@pytest.mark.parametrize(
    ("last_row", "ends"),
    [("period_end", date(2025, 1, 31)), ("last_day", date(2025, 1, 14)), ("anniversary", date(2025, 1, 15))],
)
def test_the_date_of_the_last_row(clock: str, last_row: str, ends: date) -> None:
    *others, last = ticks(FIFTEENTH, Timing(clock=clock, last_row=last_row))
    assert last.ends == ends
    assert [tick.ends.day for tick in others[:3]] == [31, 29, 31]


@pytest.mark.parametrize(
    ("row_months", "year_end", "ends"),
    [
        (1, (12, 31), date(2024, 1, 31)),
        (3, (12, 31), date(2024, 3, 31)),
        (12, (12, 31), date(2024, 12, 31)),
        (6, (9, 30), date(2024, 3, 31)),
        (12, (1, 15), date(2024, 1, 15)),
        (1, (1, 14), date(2024, 2, 14)),
    ],
)
def test_the_first_row_is_that_of_the_fiscal_year(row_months: int, year_end: tuple[int, int], ends: date) -> None:
    account = replace(FIFTEENTH, row_months=row_months, year_end=year_end)
    assert ticks(account, Timing(clock="period_ends"))[0].ends == ends


@pytest.mark.parametrize(("first_row", "days"), [(date(2024, 3, 15), 46), (date(2024, 1, 31), 0), (YEAR.in_service, 0)])
def test_age_before_a_first_row_set_apart(first_row: date, days: int) -> None:
    """A month's row to 15 March opens on 16 February, 46 days after 1 January; one that holds the day has none."""
    account = replace(YEAR, first_row=first_row)
    daily = Timing(clock="daily", day_count="actual_365")
    assert begun(account, daily) == Fraction(days * 12, 365)
    assert begun(account, Timing(clock="row_days")) == 0
    assert begun(replace(account, first_row=None), daily) == 0


def test_a_row_is_its_days_its_age_and_its_year() -> None:
    found = ticks(replace(YEAR, year_end=(6, 30), life_months=Fraction(2), in_service=date(2024, 6, 1)), Timing())
    assert found == [
        Tick(date(2024, 6, 1), date(2024, 6, 30), Fraction(1), 2024),
        Tick(date(2024, 7, 1), date(2024, 7, 31), Fraction(1), 2025, last=True),
    ]
    span = Span(*[date(2024, 1, 1)] * 4)
    for fixed, name in ((found[0], "ends"), (span, "ends"), (ROW_CLOCKS["row_days"], "name"), (Timing(), "clock")):
        with pytest.raises(FrozenInstanceError):
            setattr(fixed, name, None)


def test_every_clock_has_its_name_its_formula_and_its_source() -> None:
    assert BY_ROW == ["both_ends", "first_year", "period_ends", "row_days"]
    assert all(clock.name == name and clock.formula and clock.source for name, clock in ROW_CLOCKS.items())
    assert {name: clock.by_date for name, clock in ROW_CLOCKS.items() if not clock.by_date} == {"first_year": False}
    want = {name: clock.formula for kind in (ROW_CLOCKS, CONVENTIONS) for name, clock in kind.items()}
    assert want == CLOCKS


def test_what_is_decided_without_a_word() -> None:
    assert Timing() == Timing("full_month", "actual_actual", "included", "period_end")
    choices = {option.name: sorted(option.metadata["choices"]) for option in fields(Timing)}
    assert choices == {
        "clock": sorted(CLOCKS),
        "day_count": sorted(DAY_COUNTS),
        "first_day": ["excluded", "included"],
        "last_row": ["anniversary", "last_day", "period_end"],
    }
    assert all(line["decides"] and line["rule"] for line in Timing.described())
