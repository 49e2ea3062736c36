"""Methods: how much of the depreciable amount is used up at a given age.

A method is a curve F: F(0) = 0, F(life) = 1, never falling, linear between its knots; knots are exact rationals
(age in months, share). Because a curve is data, every engine reads the same one. To add a method, add a function to
METHODS and a published case to the tests.

Symbols: n life in years, t age in years, f factor, r residual value / cost, C carrying amount / cost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from depr.errors import refuse, unknown

Knots = tuple[tuple[Fraction, Fraction], ...]
"""(age in months, share used up), strictly increasing in age, from (0, 0) to (life, 1)."""

SWITCHES = ("remaining", "original", "none")
RESIDUALS = ("deduction", "floor")
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Terms:
    """All that determines a curve.

    `factor`, `switch` and `residual_as` concern declining balance; `residual_ratio` (residual value / cost) only
    shapes the curve when the residual is a floor. `first_year_months` is the age at the first fiscal year end where
    the years of an accelerated method are fiscal years; 0 lets them be asset-years. `points` are the knots of a
    method whose curve is given as data (depr/kernel/paths.py).
    """

    method: str
    life_months: Fraction
    factor: Fraction = Fraction(2)
    switch: str = "remaining"
    residual_as: str = "deduction"
    residual_ratio: Fraction = Fraction(0)
    first_year_months: Fraction = Fraction(0)
    points: Knots = ()

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise unknown("method", self.method, METHODS)
        if self.switch not in SWITCHES:
            raise unknown("switch", self.switch, SWITCHES)
        if self.residual_as not in RESIDUALS:
            raise unknown("residual treatment", self.residual_as, RESIDUALS)
        if self.life_months <= 0:
            raise refuse(
                "life", f"{self.life_months} months", "a useful life is longer than nothing", "give months > 0"
            )
        if self.factor <= 0:
            raise refuse("factor", str(self.factor), "a declining-balance factor is positive", "use 1.5 or 2")
        if (self.method in GIVEN) != bool(self.points):
            raise refuse(
                "method", f"{self.method} and its points do not go together", do=f"points are for: {', '.join(GIVEN)}"
            )
        if not 0 <= self.residual_ratio <= 1:
            raise refuse("residual", str(self.residual_ratio), "it is a share of cost", "give 0 to 1")


def straight_line(terms: Terms) -> Knots:
    """F(t) = t / n."""
    return ((Fraction(0), Fraction(0)), (terms.life_months, Fraction(1)))


def sum_of_years_digits(terms: Terms) -> Knots:
    """The year that begins at age t weighs n - t, a last part-year n - t times its length; F = weights so far / all."""
    spans = list(_years(terms))
    weights = [(terms.life_months - start) * (end - start) for start, end in spans]
    total = sum(weights)
    used = Fraction(0)
    knots = [(Fraction(0), Fraction(0))]
    for (_, end), weight in zip(spans, weights, strict=True):
        used += weight / total
        knots.append((end, used))
    return tuple(knots)


def declining_balance(terms: Terms) -> Knots:
    """C falls by f/n of itself each asset-year, linear within the year; then straight line as `switch` says.

    Residual value: *deduction* lets C be the carrying amount of cost less residual, *floor* declines from cost and
    stops at r. Switch to straight line: *remaining* when (C - r) / remaining life exceeds the declining charge,
    *original* when (1 - r) / n does, *none* never; no year takes C below r, and what is left is charged in the last
    year. F = (1 - C) / (1 - r).
    """
    floor = terms.residual_ratio if terms.residual_as == "floor" else Fraction(0)
    if floor == 1:
        return straight_line(terms)
    carrying = Fraction(1)
    knots = [(Fraction(0), Fraction(0))]
    for start, end in _years(terms):
        monthly = max(_declining(terms, carrying), _straight(terms, carrying, start, floor))
        left = carrying - floor
        carrying -= left if end == terms.life_months else min(monthly * (end - start), left)
        knots.append((end, (1 - carrying) / (1 - floor)))
    return _merge(knots)


def _declining(terms: Terms, carrying: Fraction) -> Fraction:
    return carrying * terms.factor / terms.life_months


def _straight(terms: Terms, carrying: Fraction, age: Fraction, floor: Fraction) -> Fraction:
    if terms.switch == "remaining":
        return (carrying - floor) / (terms.life_months - age)
    return (1 - floor) / terms.life_months if terms.switch == "original" else Fraction(0)


def _years(terms: Terms) -> Iterator[tuple[Fraction, Fraction]]:
    """Years of a life: (age at start, age at end), the first (fiscal years) and the last possibly short."""
    start = Fraction(0)
    end = terms.first_year_months or Fraction(MONTHS_PER_YEAR)
    while start < terms.life_months:
        yield start, min(end, terms.life_months)
        start = end
        end = end + MONTHS_PER_YEAR


def given(terms: Terms) -> Knots:
    """F is data: the points of the terms, already proven to start at (0, 0) and never to fall."""
    return terms.points


def _merge(knots: list[tuple[Fraction, Fraction]]) -> Knots:
    """Drop knots that lie on the line between their neighbours: a shorter curve with the same values."""
    kept = knots[:1]
    for here, after in zip(knots[1:], [*knots[2:], None], strict=True):
        before = kept[-1]
        if after is None or _slope(before, here) != _slope(here, after):
            kept.append(here)
    return tuple(kept)


def _slope(a: tuple[Fraction, Fraction], b: tuple[Fraction, Fraction]) -> Fraction:
    return (b[1] - a[1]) / (b[0] - a[0])


@dataclass(frozen=True)
class Method:
    """A named curve with its formula and where it is published."""

    name: str
    formula: str
    source: str
    curve: Callable[[Terms], Knots]


METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method("straight_line", "F(t) = t / n", "ASC 360-10-35-4; IAS 16.62", straight_line),
        Method(
            "declining_balance",
            "C(t+1) = C(t) * (1 - f/n), then straight line by the switch rule",
            "IAS 16.62 (diminishing balance); IRS Publication 946, Figuring Depreciation Under MACRS",
            declining_balance,
        ),
        Method(
            "sum_of_years_digits",
            "year k of n uses up (n - k + 1) / (n (n + 1) / 2)",
            "ASC 360-10-35-7 (accelerated methods)",
            sum_of_years_digits,
        ),
        Method(
            "units_of_production", "F = usage to date / total expected usage, at most 1", "IAS 16.62; ASC 360", given
        ),
        Method("macrs", "F = percentages of the tax years so far", "IRS Publication 946, Appendix A", given),
        Method("table", "F = percentages of the years so far", "26 U.S.C. 168 and other statutes", given),
        Method("manual", "F = amounts so far / depreciable amount", "amounts entered by hand", given),
        Method(
            "economic", "F = 1 - (price(t) - price(n)) / (price(0) - price(n))", "IAS 16.60: pattern of benefits", given
        ),
    )
}
GIVEN = tuple(method.name for method in METHODS.values() if method.curve is given)
"""Methods whose curve is given as data."""


@lru_cache(maxsize=65536)
def curve(terms: Terms) -> Knots:
    """The curve of some terms."""
    return METHODS[terms.method].curve(terms)


def share_at(knots: Knots, age: Fraction) -> Fraction:
    """F at an age in months: 0 before the first knot, 1 after the last, linear between."""
    if age <= knots[0][0]:
        return knots[0][1]
    if age >= knots[-1][0]:
        return knots[-1][1]
    i = bisect_right(knots, age, key=lambda knot: knot[0])
    (t0, f0) = knots[i - 1]
    (t1, f1) = knots[i]
    return f0 + (f1 - f0) * (age - t0) / (t1 - t0)


def rest(knots: Knots, age: Fraction) -> Knots:
    """What is left of a curve from an age on, as a curve of its own: ages from there, shares of what is left."""
    if age == 0:
        return knots
    before = share_at(knots, age)
    if age >= knots[-1][0] or before == 1:
        return ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(before == 1)))
    later = [(t - age, (f - before) / (1 - before)) for t, f in knots if t > age]
    return ((Fraction(0), Fraction(0)), *later)
