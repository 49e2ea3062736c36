"""Rows: what a ledger that books row by row would hold for one asset, under named options.

    on the curve    amount(row) = round(remaining base * (F(end) - F(start)))
    as booked       amount(row) = round(what the booked balance gives for the row's age)

Declining methods that start each year from the booked balance have no curve: they are walked. This exists to tie to
a ledger that was booked so; a row needs those before it. The default (depr/kernel/schedule.py) does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from depr.errors import refuse, unknown
from depr.kernel.curves import Terms, curve, rest, share_at
from depr.kernel.daycounts import DAY_COUNTS
from depr.rows.accounts import DAY, YEAR, Account
from depr.rows.choices import choice, number
from depr.rows.clocks import Tick, Timing, begun, ticks
from depr.spreadsheet.rules import power

CURVES = ("straight_line", "sum_of_years_digits", "declining_balance")


class RowMethod(NamedTuple):
    """A method that only rows have, with its rule and where it is published."""

    name: str
    formula: str
    source: str


ITALY = "OCA/l10n-italy@16.0: l10n_it_asset_management/tests"
PERCENT_OF_COST = RowMethod("percent_of_cost", "a yearly rate of cost until nothing is left", ITALY)
WALKED = (PERCENT_OF_COST.name, "table")
ROW_METHODS = (*CURVES, *WALKED)
"""Methods that rows can be booked by; a table's first percentage counts for the part of its year in service."""

SAME_AS_CLOCK = {"clock": "as the clock counts"}
NONE = Fraction(0)


@dataclass(frozen=True)
class Booking(Timing):
    """All that decides the rows of an asset beside its amounts and dates."""

    rounding: str = choice(
        "cumulative",
        "what is rounded",
        {"cumulative": "the accumulated amount; a row is a difference", "per_period": "each row; the last the rest"},
    )
    true_up: str = choice(
        "life",
        "where rounding per period is made good",
        {
            "life": "in the last row",
            "fiscal_year": "in the last row of each fiscal year, of a year begun within a row in its first",
        },
    )
    opening: str = choice(
        "remaining",
        "what follows an opening balance",
        {
            "remaining": "what is left over what remains of the life",
            "annuity": "the amounts of an asset without one, until nothing is left",
            "theoretical": "the table of an asset without one; the next row takes what differs",
        },
    )
    opening_day_count: str = choice(
        "clock",
        "the age already reached where rows are booked before",
        SAME_AS_CLOCK | {n: c.formula for n, c in DAY_COUNTS.items()},
    )
    declining_from: str = choice(
        "curve",
        "what a declining charge is a share of",
        {"curve": "of the exact curve", "booked": "of the balance booked when its fiscal year opens"},
    )
    declining: str = choice(
        "linear",
        "a declining charge within a year, as booked",
        {"linear": "in proportion to age", "exponential": "the yearly rate compounded"},
    )
    switch: str = choice(
        "remaining",
        "when straight line takes over",
        {"remaining": "larger over what remains", "original": "larger over the whole life", "none": "never"},
    )
    residual_as: str = choice(
        "deduction",
        "the residual value in a declining charge",
        {"deduction": "taken off first", "floor": "where the charge stops"},
    )
    rate_rule: str = choice(
        "given",
        "the yearly rate of a declining method where none is given",
        {"given": "none", "double": "2 / years", "root": "1 - (residual / cost) ^ (1 / years)"},
    )
    rate_places: int | None = number(None, "decimals of a percent that such a rate is rounded to; none rounds nothing")
    extended_last_row: str = choice(
        "same",
        "the date of the last row of a life made longer",
        {"same": "as last_row", "period_end": "the end of its period"},
    )
    disposal_row: str = choice(
        "on_day", "the date of the row of a disposal", {"on_day": "the day itself", "day_before": "the day before"}
    )


@dataclass(frozen=True)
class Row:
    """One booking, in minor units."""

    opens: date
    ends: date
    depreciation_minor: int
    accumulated_minor: int


def rows(account: Account, booking: Booking, skip: int = 0, booked_minor: int | None = None) -> list[Row]:
    """The rows of an asset, those before `skip` left out with `booked_minor` accumulated by then.

    Raises `Refused` for a method that rows cannot be booked by, or a declining one without a rate.
    """
    if account.method not in ROW_METHODS:
        raise unknown("method", account.method, ROW_METHODS)
    if account.method == "table" and account.row_months != YEAR:
        raise refuse("account", "a table gives percentages by year", do="book it by year")
    account, whole = with_rate(account, booking), ticks(account, booking)
    if account.method == "table":
        return _booked(_table(account, whole), whole, account.opening_minor)
    if booking.opening == "theoretical" and account.opening_date and not skip:
        return _corrected(account, booking, whole)
    if account.opening_date and not skip:
        skip = sum(tick.ends <= account.opening_date for tick in whole)
    if booking.clock == "both_ends":  # by it a life is what its rows add up to
        account = replace(account, life_months=sum((tick.step for tick in whole), NONE))
    opening = account.opening_minor if booked_minor is None else booked_minor
    left = whole[skip:]
    age = _age(account, booking, whole, skip) if left else NONE
    on_curve = account.method in CURVES and (account.method != "declining_balance" or booking.declining_from == "curve")
    return _booked((_charged if on_curve else _walk)(account, booking, left, opening, age), left, opening)


def changed(account: Account, booking: Booking, after: Account, kept: Sequence[Row]) -> list[Row]:
    """The rows that stand when an asset changes, then those of the changed one: what is left over what remains."""
    if after.life > account.life and booking.extended_last_row != "same":
        booking = replace(booking, last_row=booking.extended_last_row)
    done = kept[-1].accumulated_minor if kept else account.opening_minor
    skip = sum(tick.opens <= kept[-1].opens for tick in ticks(after, booking)) if kept else 0
    return [*kept, *rows(after, booking, skip, done)]


def disposed(account: Account, booking: Booking, table: Sequence[Row], day: date) -> list[Row]:
    """The rows to the day of a disposal or the one before, the last one by its days over the days of its row."""
    last = day if booking.disposal_row == "on_day" else day - DAY
    kept = [row for row in table if row.ends <= last]
    if len(kept) == len(table) or (kept and kept[-1].ends == last):
        return kept
    row = table[len(kept)]
    counted = int(booking.first_day == "included")
    opens = max(row.opens, account.in_service)
    served = max((last - opens).days + counted, 0)
    whole = (row.ends - opens).days + counted
    amount = round(Fraction(row.depreciation_minor * served, whole)) if served else 0
    return [*kept, Row(row.opens, last, amount, row.accumulated_minor - row.depreciation_minor + amount)]


def with_rate(account: Account, booking: Booking) -> Account:
    """The account with a yearly rate, by the rule for one where none is given. Raises `Refused` without a rule."""
    if account.method not in ("declining_balance", "percent_of_cost") or account.rate is not None:
        return account
    ruled = account.method == "declining_balance" and booking.rate_rule != "given"
    if not ruled or account.life_months is None:
        raise refuse("account", "its inputs give no rate", do="give a rate, a factor or a rate rule")
    years = account.life_months / YEAR
    left = account.residual_ratio
    percent = 200 / years if booking.rate_rule == "double" else 100 * (1 - power(left, 1 / years))
    places = booking.rate_places
    return replace(account, rate=(percent if places is None else Fraction(round(percent, places))) / 100)


def _age(account: Account, booking: Booking, whole: list[Tick], skip: int) -> Fraction:
    """Age reached when row `skip` opens; by a day count of its own where the options name one."""
    if booking.opening_day_count not in SAME_AS_CLOCK and (skip or account.opening_rows):
        count = DAY_COUNTS[booking.opening_day_count]
        return count.months(account.in_service, whole[skip].opens, account.life, account.calendar)
    return begun(account, booking) + sum((tick.step for tick in whole[:skip]), NONE)


def _charged(account: Account, booking: Booking, left: list[Tick], opening: int, age: Fraction) -> list[int]:
    """Amounts of a method that has a curve: what is left of it over what is left to charge, or the annuity kept."""
    base = max(account.base_minor - opening, 0)
    if booking.opening == "annuity" and account.opening_date:
        exact = [account.base_minor * tick.step / account.life for tick in left]
    else:
        knots = rest(curve(_terms(account, booking)), age)
        shares = [share_at(knots, t) for t in accumulate((tick.step for tick in left), initial=NONE)]
        exact = [base * (after - before) for before, after in pairwise(shares)]
    return _used(_rounded(exact, left, account, booking), base, left)


def _terms(account: Account, booking: Booking) -> Terms:
    if account.rate is None:
        return Terms(account.method, account.life)
    ratio = account.residual_ratio if booking.residual_as == "floor" else NONE
    factor = account.rate * account.life / YEAR
    return Terms(account.method, account.life, factor, booking.switch, booking.residual_as, ratio)


def _rounded(exact: list[Fraction], left: list[Tick], account: Account, booking: Booking) -> list[int]:
    if booking.rounding == "cumulative":
        return [b - a for a, b in pairwise(map(round, accumulate(exact, initial=NONE)))]
    amounts = list(map(round, exact))
    return _yearly(exact, amounts, left, account) if booking.true_up == "fiscal_year" else amounts


def _yearly(exact: list[Fraction], amounts: list[int], left: list[Tick], account: Account) -> list[int]:
    """Each fiscal year's amount rounded: its last row takes the difference, in a year begun within a row its first."""
    out: list[int] = []
    for _, group in groupby(range(len(left)), key=lambda k: left[k].year):
        span = list(group)
        total = round(sum((exact[k] for k in span), NONE))
        part = [amounts[k] for k in span]
        begun_within = left[span[0]].step < account.row_months and span[0] == 0
        part[0 if begun_within else -1] += total - sum(part)
        out += part
    return out


def _used(amounts: list[int], base: int, left: list[Tick]) -> list[int]:
    """Amounts within what is left; the last row takes the balance, and rows after it that would be nothing go."""
    out: list[int] = []
    for amount, tick in zip(amounts, left, strict=True):
        if base == 0 and out:
            return out
        out.append(base if tick.last else min(amount, base))
        base -= out[-1]
    return out


def _booked(amounts: list[int], left: list[Tick], opening: int) -> list[Row]:
    sums = list(accumulate(amounts, initial=opening))[1:]
    return [Row(tick.opens, tick.ends, x, total) for tick, x, total in zip(left, amounts, sums, strict=False)]


def _corrected(account: Account, booking: Booking, whole: list[Tick]) -> list[Row]:
    """The table as if nothing had been booked; the first row after the opening takes what that differs by."""
    opened = account.opening_date or account.in_service
    table = rows(replace(account, opening_minor=0, opening_date=None), booking)
    after = [row for row in table if row.ends > opened]
    if not after:
        return []
    amounts = [after[0].accumulated_minor - account.opening_minor, *(row.depreciation_minor for row in after[1:])]
    return _booked(amounts, [tick for tick in whole if tick.ends > opened], account.opening_minor)


def _walk(account: Account, booking: Booking, left: list[Tick], opening: int, age: Fraction) -> list[int]:
    """Amounts that each depend on the ones booked before."""
    remains = max(account.base_minor - opening, 0)
    year = None
    annual = NONE
    out: list[int] = []
    for tick in left:
        carrying = remains + account.residual_minor
        if tick.year != year:
            year = tick.year
            annual = _annual(account, booking, carrying)
        amount = round(_amount(account, booking, tick, carrying, annual, age))
        out.append(remains if tick.last else min(amount, remains))
        remains = remains - out[-1]
        age = age + tick.step
        if remains <= 0:
            break
    return out


def _annual(account: Account, booking: Booking, carrying: int) -> Fraction:
    """What a year takes of the amount it opens with."""
    if account.method == "percent_of_cost":
        return (account.rate or NONE) * account.cost_minor
    off = account.residual_minor if booking.residual_as == "deduction" else 0
    return (account.rate or NONE) * (carrying - off)


def _amount(account: Account, booking: Booking, tick: Tick, carrying: int, annual: Fraction, age: Fraction) -> Fraction:
    if account.method == "percent_of_cost":
        early = account.fiscal_year(account.in_service) == tick.year
        return annual * account.row_months / YEAR * (account.first_year_part if early else 1)
    if booking.declining == "exponential":
        return carrying * (1 - power(1 - (account.rate or NONE), tick.step / YEAR))
    declining = annual * tick.step / YEAR
    if booking.switch == "none" or account.life_months is None or age >= account.life:
        return declining
    return max(declining, (carrying - account.residual_minor) * tick.step / (account.life - age))


def _table(account: Account, left: list[Tick]) -> list[int]:
    """Percents of the base by the years of the table, the first for the part in service; what it lacks comes last."""
    parts = [left[0].step / YEAR, *(Fraction(1) for _ in account.percents[1:])]
    base = account.base_minor
    amounts = [round(base * share * part / 100) for share, part in zip(account.percents, parts, strict=True)]
    missing = round(base * sum(account.percents) / 100) - sum(amounts)
    return [*amounts, missing] if missing else amounts
