"""Curves given as data: percentages, usage, amounts and prices, as knots (age in months, share used up).

Each checks what it is given and refuses by name before anything is computed: a table that does not sum to 100, usage
that falls, a price path with a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from depr.errors import refuse
from depr.kernel.curves import MONTHS_PER_YEAR, Knots

ORIGIN = (Fraction(0), Fraction(0))


def from_percentages(
    percents: Sequence[Fraction],
    first_year_months: Fraction = Fraction(MONTHS_PER_YEAR),
    life_months: Fraction | None = None,
) -> Knots:
    """Percentages of the depreciable amount by tax or fiscal year, each spread evenly over its months.

    F(end of year k) = (p1 + ... + pk) / 100; the first year has `first_year_months`; the last one ends with the life,
    where one is given. Refuses a table that does not sum to 100 or has a negative entry.
    """
    total = sum(percents, Fraction(0))
    if total != 100:
        raise refuse(
            "table", f"percentages sum to {_text(total)}", "the whole amount must be charged", "make them sum to 100"
        )
    if min(percents) < 0:
        raise refuse("table", f"percentage {_text(min(percents))}", "a charge is never negative", "correct it")
    ends = (first_year_months + k * MONTHS_PER_YEAR for k in range(len(percents)))
    ages = ends if life_months is None else (min(end, life_months) for end in ends)
    return _knots(ages, (p / 100 for p in percents))


def from_usage(used: Sequence[Fraction], total: Fraction, months: Fraction = Fraction(1)) -> Knots:
    """Units of production: usage of each period (GPU-hours, tokens) over the total expected, at most the whole.

    `months` is the length of a period. Refuses usage that falls (a negative entry), no usage, and a total that is
    not positive.
    """
    if total <= 0:
        raise refuse(
            "usage", f"total expected usage {_text(total)}", "nothing could be used up", "give a positive total"
        )
    if not used:
        raise refuse("usage", "no usage", "nothing says what is used up", "give the usage of each period")
    for number, amount in enumerate(used, start=1):
        if amount < 0:
            raise refuse(
                "usage", f"usage of period {number} is {_text(amount)}", "usage to date never falls", "correct it"
            )
    sums = [min(Fraction(1), s / total) for s in accumulate(used)]
    return _knots((months * k for k in range(1, len(used) + 1)), _steps(sums))


def from_amounts(amounts: Sequence[Fraction], base: Fraction, months: Fraction = Fraction(1)) -> Knots:
    """A manual schedule: an amount for each period of `months`. Refuses amounts that do not sum to the base."""
    if sum(amounts, Fraction(0)) != base or base <= 0:
        what = f"amounts sum to {_text(sum(amounts, Fraction(0)))}, the depreciable amount is {_text(base)}"
        raise refuse("manual schedule", what, "the whole amount must be charged", "correct the amounts")
    if min(amounts) < 0:
        raise refuse("manual schedule", f"amount {_text(min(amounts))}", "a charge is never negative", "correct it")
    return _knots((months * k for k in range(1, len(amounts) + 1)), (a / base for a in amounts))


def from_prices(prices: Sequence[tuple[Fraction, Fraction | None]], *, accounting: bool) -> Knots:
    """The economic path: (age in months, price), from age 0; what has gone of the fall from first to last price.

    An accounting book never charges back: with `accounting` a price that rises again is capped at the lowest so far.
    An analysis book (`accounting` false) follows the price wherever it goes. Refuses ages out of order, a blank
    price between others (a gap), and a last price that is not below the first.
    """
    ages = [age for age, _ in prices]
    if not ages or ages[0] != 0 or any(after <= before for before, after in pairwise(ages)):
        raise refuse("price path", "ages do not run upwards from 0", do="give the price when new first")
    known = [price for _, price in prices if price is not None]
    if len(known) != len(prices):
        raise refuse("price path", "a price is missing", "a gap is never filled by guessing", "give every price")
    lowest = list(accumulate(known, min)) if accounting else known
    first = lowest[0]
    last = lowest[-1]
    if last >= first:
        raise refuse(
            "price path", "the last price is not below the first", "nothing would be depreciated", "correct it"
        )
    return tuple((age, (first - price) / (first - last)) for age, price in zip(ages, lowest, strict=True))


def _knots(ages: Iterable[Fraction], shares: Iterable[Fraction]) -> Knots:
    return (ORIGIN, *zip(ages, accumulate(shares), strict=True))


def _steps(sums: Sequence[Fraction]) -> list[Fraction]:
    return [after - before for before, after in zip([Fraction(0), *sums[:-1]], sums, strict=True)]


def _text(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
