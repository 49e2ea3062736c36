"""An independent checker: the schedule of one asset, worked out month by month in fractions.

Written from the definitions of the methods and conventions, with the standard library alone and nothing of depr:
what the two have in common is the accounting, so where they agree on every cell, both are right or both misread it.
It is plain, not fast: a share of each curve at each age, then whole numbers for each asset.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import accumulate

Row = tuple[int, int, int, int]
"""Year, month, depreciation of the month, accumulated depreciation at its end: amounts in minor units."""

LONG_AGO = date(1, 1, 1)
NOTHING, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Rule:
    """What is believed of an asset from a date on: life in months, residual value as a share of cost."""

    life_months: int
    method: str = "straight_line"
    convention: str = "full_month"
    effective: date = LONG_AGO
    residual_rate: Fraction = NOTHING
    factor: Fraction = Fraction(2)
    switch: str = "remaining"
    residual_as: str = "deduction"


@dataclass(frozen=True)
class Asset:
    """What is known of an asset, in minor units; a residual value of None follows the rule."""

    cost: int
    in_service: date
    residual: int | None = None


def half_even(numerator: int, denominator: int) -> int:
    """The whole number nearest to a quotient; of two equally near, the even one."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest - denominator
    return whole + (1 if twice > 0 or (twice == 0 and whole % 2) else 0)


def month_number(day: date) -> int:
    """Months since the beginning of year 0."""
    return 12 * day.year + day.month - 1


# Methods: the share of the depreciable amount that each asset-year takes


@dataclass(frozen=True)
class Shape:
    """All that shapes a curve: lives in months; `kept` is the share of the opening amount that declining must leave."""

    method: str
    life: Fraction
    factor: Fraction = Fraction(2)
    switch: str = "remaining"
    kept: Fraction = NOTHING


def asset_years(life: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Each asset-year: the years left of the life when it begins, and its length in years (the last may be short)."""
    left, years = life / 12, []
    while left > 0:
        years.append((left, min(left, WHOLE)))
        left -= 1
    return years


def even(shape: Shape) -> list[Fraction]:
    """Straight line: every year takes its length."""
    return [length / (shape.life / 12) for _, length in asset_years(shape.life)]


def digits(shape: Shape) -> list[Fraction]:
    """Sum of the years' digits: a year is charged at the rate of the years left when it begins, for its length."""
    weights = [left * length for left, length in asset_years(shape.life)]
    return [weight / sum(weights) for weight in weights]


def declining(shape: Shape) -> list[Fraction]:
    """Declining balance: factor / life of what is left, or the straight line when that is more; the last year all."""
    amount, years, charges = WHOLE, shape.life / 12, []
    for left, length in asset_years(shape.life):
        straight = {
            "remaining": (amount - shape.kept) / left,
            "original": (1 - shape.kept) / years,
            "none": NOTHING,
        }[shape.switch]
        charge = max(amount * shape.factor / years, straight)
        charge = amount - shape.kept if left == length else min(charge, amount - shape.kept)
        amount -= charge
        charges.append(charge / (1 - shape.kept))
    return charges


METHODS = {"straight_line": even, "sum_of_years_digits": digits, "declining_balance": declining}


@cache
def by_year(shape: Shape) -> list[Fraction]:
    """Share used up when each asset-year begins, and at the end of the last."""
    return [NOTHING, *accumulate(METHODS[shape.method](shape))]


def used_up(shape: Shape, age: Fraction) -> Fraction:
    """Share used up at an age in months, even within an asset-year."""
    if age >= shape.life:
        return WHOLE
    year, months = divmod(max(age, NOTHING), 12)
    before, after = by_year(shape)[int(year) : int(year) + 2]
    return before + (after - before) * months / min(Fraction(12), shape.life - 12 * year)


@cache
def month_ends(shape: Shape, age: Fraction) -> list[Fraction]:
    """Share used up at an age in months, a month later and so on, to the end of the life."""
    shares = [used_up(shape, age)]
    while age < shape.life:
        age += 1
        shares.append(used_up(shape, age))
    return shares


# Conventions: the moment at which the age is zero


def year_end_of(day: date, year_end: int) -> date:
    """Last day of the fiscal year that holds a day, when fiscal years end with the month `year_end`."""
    year = day.year if day.month <= year_end else day.year + 1
    return date(year, year_end, monthrange(year, year_end)[1])


def clock(convention: str, in_service: date, year_end: int) -> Fraction:
    """The moment, in months since the beginning of year 0, from which the asset ages."""
    return {
        "full_month": Fraction(month_number(in_service)),
        "mid_month": Fraction(2 * month_number(in_service) + 1, 2),
        "half_year": Fraction(month_number(year_end_of(in_service, year_end)) - 5),
    }[convention]


# The schedule


@dataclass
class Stretch:
    """What is depreciated under one rule: an amount, over a life, from a month on.

    `shares` are the parts of the base used up at the end of that month and of those after it; `held` is the carrying
    amount at its start and `kept` the residual value, as exact shares of cost.
    """

    month: int
    opening: int
    base: int
    shares: list[Fraction]
    held: Fraction
    kept: Fraction

    def accumulated(self) -> Iterator[int]:
        """Accumulated depreciation at the end of each month: the only amounts that are rounded."""
        for share in self.shares:
            yield self.opening + half_even(self.base * share.numerator, share.denominator)

    def until(self, month: int) -> Stretch | None:
        """What there is of it before a month; None when nothing is left to depreciate by then."""
        shares = self.shares[: month - self.month]
        return None if shares[-1] == 1 else replace(self, shares=shares)

    def left(self) -> Fraction:
        """Carrying amount at its end as an exact share of cost."""
        return self.held - max(self.held - self.kept, NOTHING) * self.shares[-1]


def schedule(asset: Asset, rules: Sequence[Rule], year_end: int = 12) -> list[Row]:
    """Depreciation by month, from the month placed in service to the end of the life.

    A later rule applies from the month that holds its date, to the carrying amount, over its life less the age
    reached (a month at least), and not at all to an asset that is used up. The clock is that of the rule in force
    when the asset was placed in service.
    """
    rows: list[Row] = []
    before = 0
    for stretch in stretches(asset, rules, year_end):
        for month, now in enumerate(stretch.accumulated(), stretch.month):
            rows.append((month // 12, month % 12 + 1, now - before, now))
            before = now
    return rows


def stretches(asset: Asset, rules: Sequence[Rule], year_end: int) -> list[Stretch]:
    """The parts of an asset's life, each under one rule."""
    first = month_number(asset.in_service)
    rule = [rules[0], *(r for r in rules if r.effective <= asset.in_service)][-1]
    begin = clock(rule.convention, asset.in_service, year_end)
    changes = {month_number(r.effective): r for r in rules if r.effective > asset.in_service}
    rule = changes.pop(first, rule)
    parts = [_stretch(asset, rule, begin, first, 0, WHOLE, Fraction(rule.life_months))]
    for month, change in sorted(changes.items()):
        past = parts[-1].until(month)
        if past is None:
            break
        *_, opening = past.accumulated()
        life = max(change.life_months - max(month - begin, NOTHING), WHOLE)
        parts[-1:] = [past, _stretch(asset, change, max(begin, Fraction(month)), month, opening, past.left(), life)]
    return parts


def _stretch(
    asset: Asset, rule: Rule, start: Fraction, month: int, opening: int, held: Fraction, life: Fraction
) -> Stretch:
    """The carrying amount less the residual value, to be depreciated under a rule from a month on."""
    kept = rule.residual_rate
    residual = half_even(asset.cost * kept.numerator, kept.denominator)
    if asset.residual is not None:
        kept, residual = Fraction(asset.residual, max(asset.cost, 1)), asset.residual
    shape = Shape(rule.method, life)
    if rule.method == "declining_balance":
        floor = kept / held if rule.residual_as == "floor" else NOTHING
        shape = replace(shape, factor=rule.factor, switch=rule.switch, kept=floor)
        if floor >= 1:  # nothing to decline from: the cents that rounding may leave go evenly
            shape = Shape("straight_line", life)
    base = max(asset.cost - residual - opening, 0)
    return Stretch(month, opening, base, month_ends(shape, month + 1 - start), held, kept)
