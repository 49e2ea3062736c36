"""Row clocks: the rows of a ledger before their amounts, where each ends and how many months of age it adds.

A convention (depr/kernel/conventions.py) reads age off the calendar, so any period can be asked alone. Some ledgers
count by the row instead: what a row adds depends on its own days or those of its fiscal year. Their clocks are named
here and stand beside the conventions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count

from depr.kernel.conventions import CONVENTIONS, DayClock
from depr.kernel.daycounts import DAY_COUNTS, no_leap_365
from depr.rows.accounts import DAY, YEAR, Account, shifted
from depr.rows.choices import Choices, choice


@dataclass(frozen=True)
class Span:
    """The days of a row, all included: `opens` to `ends`, of which the asset serves `begins` to `until`."""

    opens: date
    ends: date
    begins: date
    until: date


def period_ends(account: Account, row: Span, before: Fraction) -> Fraction:
    """A whole row, the first one by its days over the days of its period."""
    return account.row_months * Fraction((row.ends - row.begins).days + 1, (row.ends - row.opens).days + 1)


def both_ends(account: Account, row: Span, before: Fraction) -> Fraction:
    """A whole row, those at both ends by their days over the days of the row; 29 February never counts."""
    served, whole = (
        no_leap_365(first, last + DAY, account.life, account.calendar)
        for first, last in ((row.begins, row.until), (row.opens, row.ends))
    )
    return account.row_months * served / whole


def row_days(account: Account, row: Span, before: Fraction) -> Fraction:
    """Days of the row over the days of the fiscal year in which it ends."""
    first, last = account.year_bounds(account.fiscal_year(row.ends))
    return Fraction(((row.ends - row.begins).days + 1) * YEAR, (last - first).days + 1)


def first_year(account: Account, row: Span, before: Fraction) -> Fraction:
    """At the end of the first fiscal year its days in service over its days, and whole rows back from there and on."""
    opens, closes = account.year_bounds(account.fiscal_year(account.in_service))
    age = Fraction(((closes - account.in_service).days + 1) * YEAR, (closes - opens).days + 1)
    months = (row.ends.year - closes.year) * YEAR + row.ends.month - closes.month
    return max(age + months, Fraction(0)) - before


@dataclass(frozen=True)
class RowClock:
    """A named clock of rows; with `by_date` the last row is the one that holds the last day of the life."""

    name: str
    formula: str
    source: str
    step: Callable[[Account, Span, Fraction], Fraction]
    by_date: bool = True


ROW_CLOCKS: dict[str, RowClock] = {
    clock.name: clock
    for clock in (
        RowClock(
            "period_ends",
            "whole rows; the first by its days / days of its period",
            "frappe/erpnext: erpnext/assets/doctype/asset/test_asset.py",
            period_ends,
        ),
        RowClock(
            "both_ends",
            "whole rows; the first and the last by days / days of the row, without 29 February",
            "tryton/account_asset: scenario_account_asset.rst",
            both_ends,
        ),
        RowClock(
            "row_days",
            "days of the row / days of the fiscal year in which it ends",
            "frappe/erpnext: test_asset_depreciation_schedule.py#test_daily_prorata_based_depr_on_sl_method",
            row_days,
        ),
        RowClock(
            "first_year",
            "the first fiscal year by its days, whole rows after it and back from its end",
            "OCA/account-financial-tools: test_account_asset_management.py#test_02_prorata_basic",
            first_year,
            by_date=False,
        ),
    )
}
CLOCKS = {name: each.formula for kind in (ROW_CLOCKS, CONVENTIONS) for name, each in kind.items()}


@dataclass(frozen=True)
class Timing(Choices):
    """The options that decide where rows lie and what age they add."""

    clock: str = choice("full_month", "the age that a row adds", CLOCKS)
    day_count: str = choice(
        "actual_actual", "how the clock daily counts", {n: c.formula for n, c in DAY_COUNTS.items()}
    )
    first_day: str = choice(
        "included",
        "the day placed in service",
        {"included": "it counts", "excluded": "days are counted from the one after"},
    )
    last_row: str = choice(
        "period_end",
        "the date of the last row",
        {
            "period_end": "the end of its period",
            "last_day": "the last day of the life",
            "anniversary": "the day after the last day of the life",
        },
    )


@dataclass(frozen=True)
class Tick:
    """One row: the period it stands for, where it ends, the months of age it adds, and its fiscal year."""

    opens: date
    ends: date
    step: Fraction
    year: int
    last: bool = False


def ticks(account: Account, timing: Timing) -> list[Tick]:
    """The rows of an asset to the one that ends its life: those of its fiscal years, or on from a first one given."""
    out: list[Tick] = []
    age = begun(account, timing)
    until = account.last_day
    anchor = account.first_row or _first_end(account)
    last = False
    begins = account.in_service + DAY * (timing.first_day == "excluded")
    by_date = timing.clock == "daily" or (timing.clock in ROW_CLOCKS and ROW_CLOCKS[timing.clock].by_date)
    while not last:
        opens = shifted(anchor, (len(out) - 1) * account.row_months) + DAY
        ends = shifted(anchor, len(out) * account.row_months)
        step = _step(account, timing, Span(opens, ends, max(opens, begins), min(ends, until)), age, begins)
        age += step
        last = ends >= until if by_date else age >= account.life
        dated = _dated(opens, ends, until, timing) if last else ends
        out.append(Tick(opens, dated, step, account.fiscal_year(ends), last))
    return out


def begun(account: Account, timing: Timing) -> Fraction:
    """Age when a first row that is set apart opens, by days; 0 where the first row holds the day in service."""
    if timing.clock != "daily" or account.first_row is None:
        return Fraction(0)
    opens = max(shifted(account.first_row, -account.row_months) + DAY, account.in_service)
    return DAY_COUNTS[timing.day_count].months(account.in_service, opens, account.life, account.calendar)


def _step(account: Account, timing: Timing, row: Span, before: Fraction, begins: date) -> Fraction:
    """Months of age that a row adds to those before it."""
    if timing.clock in ROW_CLOCKS:
        return ROW_CLOCKS[timing.clock].step(account, row, before)
    clock = CONVENTIONS[timing.clock].clock(begins, account.calendar, account.life, timing.day_count)
    if isinstance(clock, DayClock):
        return clock.age_at(row.ends + DAY) - before
    return max(clock.age(account.calendar.period(row.ends)) - before, Fraction(0))


def _dated(opens: date, ends: date, until: date, timing: Timing) -> date:
    """The date of the last row, in its period; by a convention the charge may end before or after the life does."""
    dates = {"period_end": ends, "last_day": until, "anniversary": until + DAY}
    return min(max(dates[timing.last_row], opens), ends)


def _first_end(account: Account) -> date:
    """The end of the row of the fiscal year that holds the day in service."""
    opens, _ = account.year_bounds(account.fiscal_year(account.in_service))
    ends = (shifted(opens - DAY, n * account.row_months) for n in count(1))
    return next(end for end in ends if end >= account.in_service)
