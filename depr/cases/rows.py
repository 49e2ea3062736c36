"""A ledger of rows: what a system would book for an asset, row after row, under named options.

Shares come from the kernel's curves at the ages that the clock gives; amounts are exact until the one rounding that
the options name. Declining methods that start each year from the booked balance are walked, for they have no curve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, groupby, pairwise

from depr.cases.facts import Facts
from depr.cases.profiles import Options
from depr.cases.ticks import YEAR, Tick, begun, fiscal_year, ticks
from depr.errors import refuse, unknown
from depr.kernel.curves import Terms, curve, rest, share_at
from depr.kernel.daycounts import DAY_COUNTS
from depr.kernel.spreadsheet_rules import power

CURVES = ("straight_line", "sum_of_years_digits", "declining_balance")
WALKED = ("declining_balance", "percent_of_cost", "table")
NO_MONEY = Fraction(0)


@dataclass(frozen=True)
class Row:
    """One booking."""

    ends: date
    opens: date
    depreciation: Fraction
    accumulated: Fraction


def rounded(value: Fraction, places: int) -> Fraction:
    """Half to even, to some decimal places."""
    return Fraction(round(value, places))


def rows(facts: Facts, options: Options, skip: int = 0, booked: Fraction | None = None) -> list[Row]:
    """The rows of an asset, those before `skip` left out with `booked` accumulated by then.

    Raises `Refused` for a method that has neither a curve nor a walk.
    """
    if facts.method not in (*CURVES, *WALKED):
        raise unknown("method", facts.method, (*CURVES, *WALKED))
    whole = ticks(facts, options)
    if facts.method == "table":
        return _booked(_table(facts, options, whole), whole, facts.opening)
    if options.opening == "theoretical" and facts.opening_date and not skip:
        return _corrected(facts, options, whole)
    if facts.opening_date and not skip:
        skip = sum(tick.ends <= facts.opening_date for tick in whole)
    if options.row_ends == "by_days":
        facts = replace(facts, life=sum((tick.step for tick in whole), NO_MONEY))
    opening, left = facts.opening if booked is None else booked, whole[skip:]
    age = _age(facts, options, whole, skip) if left else NO_MONEY
    if facts.method in CURVES and (facts.method != "declining_balance" or options.declining_from == "curve"):
        return _booked(_charged(facts, options, left, opening, age), left, opening)
    return _booked(_walk(facts, options, left, opening, age), left, opening)


def _age(facts: Facts, options: Options, whole: list[Tick], skip: int) -> Fraction:
    """Age reached when row `skip` opens; by a day count of its own where the options name one."""
    if options.opening_day_count and (skip or facts.opening_rows):
        count = DAY_COUNTS[options.opening_day_count]
        return count.months(facts.start, whole[skip].opens, facts.life, facts.calendar)
    return begun(facts, options) + sum((tick.step for tick in whole[:skip]), NO_MONEY)


def _charged(facts: Facts, options: Options, left: list[Tick], opening: Fraction, age: Fraction) -> list[Fraction]:
    """Amounts of a method that has a curve: what is left of it over what is left to charge, or the annuity kept."""
    base = facts.base - opening
    if options.opening == "annuity" and facts.opening_date:
        exact = [facts.base * tick.step / facts.life for tick in left]
    else:
        knots = rest(curve(_terms(facts, options)), age)
        shares = [share_at(knots, t) for t in accumulate((tick.step for tick in left), initial=NO_MONEY)]
        exact = [base * (after - before) for before, after in pairwise(shares)]
    return _rounded(exact, left, facts, options, base)


def _corrected(facts: Facts, options: Options, whole: list[Tick]) -> list[Row]:
    """The table as if nothing had been booked; the first row after the opening takes what that differs by."""
    assert facts.opening_date is not None
    table = rows(replace(facts, opening=NO_MONEY, opening_date=None), options)
    after = [row for row in table if row.ends > facts.opening_date]
    amounts = [after[0].accumulated - facts.opening, *(row.depreciation for row in after[1:])]
    return _booked(amounts, [t for t in whole if t.ends > facts.opening_date], facts.opening)


def with_rate(facts: Facts, options: Options) -> Facts:
    """The yearly rate of a declining method where none is given, in percent rounded to `rate_places`.

    double: 200 / n; root: 100 (1 - (residual / cost)^(1/n)), n the life in years. Raises `Refused` without a rule.
    """
    if facts.method not in ("declining_balance", "percent_of_cost") or facts.rate is not None:
        return facts
    years = facts.life / YEAR
    if options.rate_rule == "given" or not facts.known_life:
        raise refuse("case", "its inputs give no rate")
    percent = (
        200 / years if options.rate_rule == "double" else 100 * (1 - power(facts.residual / facts.cost, 1 / years))
    )
    places = options.rate_places
    return replace(facts, rate=(percent if places is None else rounded(percent, places)) / 100)


def _terms(facts: Facts, options: Options) -> Terms:
    if facts.method != "declining_balance" or facts.rate is None:
        return Terms(facts.method, facts.life)
    ratio = facts.residual / facts.cost if options.residual_as == "floor" else NO_MONEY
    return Terms(facts.method, facts.life, facts.rate * facts.life / YEAR, options.switch, options.residual_as, ratio)


def _rounded(exact: list[Fraction], left: list[Tick], facts: Facts, options: Options, base: Fraction) -> list[Fraction]:
    """Amounts rounded as named; nothing beyond what is left of the base, and the last row takes that."""
    places = options.places
    if options.rounding == "cumulative":
        sums = [rounded(total, places) for total in accumulate(exact, initial=NO_MONEY)]
        return _used([b - a for a, b in pairwise(sums)], base, left)
    amounts = [rounded(amount, places) for amount in exact]
    if options.true_up == "fiscal_year":
        amounts = _yearly(exact, amounts, left, facts, places)
    return _used(amounts, base, left)


def _yearly(
    exact: list[Fraction], amounts: list[Fraction], left: list[Tick], facts: Facts, places: int
) -> list[Fraction]:
    """Each fiscal year's amount rounded: its last row takes the difference, in a year begun within a row its first."""
    out: list[Fraction] = []
    for _, group in groupby(range(len(left)), key=lambda k: left[k].year):
        span = list(group)
        total, part = rounded(sum((exact[k] for k in span), NO_MONEY), places), [amounts[k] for k in span]
        taker = 0 if left[span[0]].step < facts.frequency and span[0] == 0 else -1
        part[taker] += total - sum(part)
        out += part
    return out


def _used(amounts: list[Fraction], base: Fraction, left: list[Tick]) -> list[Fraction]:
    """Amounts within what is left; the last row takes the balance, and rows after it that would be nothing go."""
    out: list[Fraction] = []
    for amount, tick in zip(amounts, left, strict=True):
        if base == 0 and out:
            return out
        out.append(base if tick.last else min(amount, base))
        base -= out[-1]
    return out


def _booked(amounts: list[Fraction], left: list[Tick], opening: Fraction) -> list[Row]:
    sums = list(accumulate(amounts, initial=opening))[1:]
    return [Row(t.ends, t.opens, x, total) for t, x, total in zip(left, amounts, sums, strict=False)]


def _walk(facts: Facts, options: Options, left: list[Tick], opening: Fraction, age: Fraction) -> list[Fraction]:
    """Amounts that each depend on the ones booked before."""
    remains, year, annual = facts.base - opening, None, NO_MONEY
    out: list[Fraction] = []
    for tick in left:
        carrying = remains + facts.residual
        if tick.year != year:
            year, annual = tick.year, _annual(facts, options, carrying)
        amount = rounded(_amount(facts, options, tick, carrying, annual, age), options.places)
        out.append(remains if tick.last else min(amount, remains))
        remains, age = remains - out[-1], age + tick.step
        if remains <= 0:
            return out
    return out


def _annual(facts: Facts, options: Options, carrying: Fraction) -> Fraction:
    """What a year takes of the amount it opens with."""
    if facts.method == "percent_of_cost":
        return (facts.rate or NO_MONEY) * facts.cost
    off = facts.residual if options.residual_as == "deduction" else NO_MONEY
    return (facts.rate or NO_MONEY) * (carrying - off)


def _amount(
    facts: Facts, options: Options, tick: Tick, carrying: Fraction, annual: Fraction, age: Fraction
) -> Fraction:
    if facts.method == "percent_of_cost":
        early = fiscal_year(facts, facts.start) == tick.year
        return annual * facts.frequency / YEAR * (facts.coefficient if early else 1)
    if options.declining == "exponential":
        return carrying * (1 - power(1 - (facts.rate or NO_MONEY), tick.step / YEAR))
    declining = annual * tick.step / YEAR
    if options.switch == "none" or not facts.known_life or age >= facts.life:
        return declining
    return max(declining, (carrying - facts.residual) * tick.step / (facts.life - age))


def _table(facts: Facts, options: Options, left: list[Tick]) -> list[Fraction]:
    """Percents of the base by the years of the table, the first for the part in service; what it lacks comes last."""
    parts = [left[0].step / YEAR, *(Fraction(1) for _ in facts.percents[1:])]
    amounts = [
        rounded(facts.base * share * part, options.places) for share, part in zip(facts.percents, parts, strict=True)
    ]
    missing = facts.base * sum(facts.percents) - sum(amounts)
    return [*amounts, missing] if missing else amounts
