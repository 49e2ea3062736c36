"""An asset as a ledger of rows holds it: its limits, its fiscal years, and a day so many months on."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from depr.errors import Refused
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar
from depr.rows.accounts import Account, shifted

ACCOUNT = Account("straight_line", 1_000, 100, Fraction(24), date(2024, 1, 1))


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        ({"life_months": Fraction(0)}, "a life of 0 months", "it is from 1 to 1200"),
        ({"life_months": Fraction(1201)}, "a life of 1201 months", "it is from 1 to 1200"),
        ({"rate": Fraction(0)}, "a rate of 0", "a yearly rate is above nothing"),
        ({"row_months": 5}, "rows of 5 months", "a year has whole rows, unless one is set apart"),
        ({"row_months": 0}, "rows of 0 months", "a year has whole rows, unless one is set apart"),
        (
            {"row_months": 0, "first_row": date(2024, 2, 1)},
            "rows of 0 months",
            "a year has whole rows, unless one is set apart",
        ),
        (
            {"first_row": date(2023, 12, 31)},
            "a first row of 2023-12-31",
            "it ends before the asset is in service",
        ),
        (
            {"in_service": date(1899, 12, 31)},
            "in service on 1899-12-31",
            "dates run from 1900-01-01 to 2199-12-31",
        ),
        (
            {"in_service": date(2200, 1, 1)},
            "in service on 2200-01-01",
            "dates run from 1900-01-01 to 2199-12-31",
        ),
    ],
    ids=str,
)
def test_what_is_refused(change: dict[str, Any], what: str, why: str) -> None:
    with pytest.raises(Refused) as fault:
        replace(ACCOUNT, **change)
    assert str(fault.value) == f"account: {what}\n  why: {why}"


@pytest.mark.parametrize(
    "change",
    [
        {"life_months": Fraction(1200)},
        {"life_months": Fraction(1, 2)},
        {"life_months": None},
        {"rate": Fraction(1, 100)},
        {"row_months": 12},
        {"row_months": 5, "first_row": date(2024, 5, 31)},
        {"first_row": date(2024, 1, 1)},
        {"in_service": FIRST},
        {"in_service": LAST},
    ],
    ids=str,
)
def test_the_limits_are_within(change: dict[str, Any]) -> None:
    changed = replace(ACCOUNT, **change)
    assert {name: getattr(changed, name) for name in change} == change


def test_what_an_account_is_without_a_word() -> None:
    """Rows of a month, years to 31 December, nothing booked elsewhere."""
    assert (ACCOUNT.row_months, ACCOUNT.year_end, ACCOUNT.first_row, ACCOUNT.rate) == (1, (12, 31), None, None)
    assert ACCOUNT.first_year_part == 1
    assert ACCOUNT.percents == ()
    assert (ACCOUNT.opening_minor, ACCOUNT.opening_date, ACCOUNT.opening_rows) == (0, None, 0)
    with pytest.raises(FrozenInstanceError):
        ACCOUNT.cost_minor = 2  # type: ignore[misc]


def test_what_follows_from_it() -> None:
    assert (ACCOUNT.base_minor, ACCOUNT.residual_ratio, ACCOUNT.life) == (900, Fraction(1, 10), Fraction(24))
    assert ACCOUNT.last_day == date(2025, 12, 31)
    assert replace(ACCOUNT, life_months=None).life == 1200
    assert replace(ACCOUNT, cost_minor=0, residual_minor=0).residual_ratio == 0


@pytest.mark.parametrize(
    ("year_end", "month", "closes"),
    [
        ((12, 31), 12, date(2024, 12, 31)),
        ((6, 30), 6, date(2024, 6, 30)),
        ((2, 28), 2, date(2024, 2, 29)),
        ((5, 1), 4, date(2024, 5, 1)),
        ((3, 27), 2, date(2024, 3, 27)),
        ((3, 28), 3, date(2024, 3, 31)),
        ((1, 1), 12, date(2024, 1, 1)),
    ],
)
def test_a_fiscal_year_ends_on_its_day_or_with_its_month(year_end: tuple[int, int], month: int, closes: date) -> None:
    """From the 28th the month's end is meant; before it the calendar by months is that of the month before."""
    account = replace(ACCOUNT, year_end=year_end)
    assert account.calendar == FiscalCalendar(month)
    assert account.year_bounds(2024)[1] == closes
    assert account.fiscal_year(closes) == 2024
    assert account.fiscal_year(account.year_bounds(2025)[0]) == 2025
    assert (account.year_bounds(2025)[0] - closes).days == 1


@pytest.mark.parametrize(
    ("day", "months", "want"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, date(2024, 3, 31)),
        (date(2024, 1, 30), 1, date(2024, 2, 29)),
        (date(2024, 1, 15), 13, date(2025, 2, 15)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 15), 0, date(2024, 12, 15)),
    ],
)
def test_a_day_so_many_months_on(day: date, months: int, want: date) -> None:
    assert shifted(day, months) == want
