"""Earnings per share worked out from their parts (ASC 260, IAS 33).

    basic    (net income - preferred dividends) / weighted shares
    diluted  the numerator and the shares also take what would dilute, most dilutive first, while each still lowers it

A loss is over basic shares: what dilutes would make it smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from depr.kernel.curves import MONTHS_PER_YEAR


@dataclass(frozen=True)
class Dilutive:
    """What could become shares: what it would add to the numerator, after tax, and to the shares."""

    income: Fraction
    shares: Fraction

    @property
    def ratio(self) -> Fraction:
        """Income a share: it dilutes while this is below earnings per share without it."""
        return self.income / self.shares


def weighted(shares: Sequence[tuple[int, int]]) -> Fraction:
    """Shares weighted by the months of the year they were outstanding: pairs of shares and months."""
    return Fraction(sum(number * months for number, months in shares), MONTHS_PER_YEAR)


def options(number: int, exercise: Fraction, average_price: Fraction) -> Dilutive:
    """Treasury stock method (ASC 260-10-45-23): shares issued less those that the proceeds buy back."""
    bought = min(number * exercise / average_price, Fraction(number))
    return Dilutive(Fraction(0), number - bought)


def converted(income: Fraction, shares: int, tax_rate: Fraction = Fraction(0)) -> Dilutive:
    """If-converted method (ASC 260-10-45-40): interest after tax, or preferred dividends, and the shares issued."""
    return Dilutive(income * (1 - tax_rate), Fraction(shares))


def basic(income: Fraction, shares: Fraction) -> Fraction:
    """Income available to common shareholders / weighted shares."""
    return income / shares


def diluted(income: Fraction, shares: Fraction, potential: Sequence[Dilutive] = ()) -> Fraction:
    """Diluted earnings per share; of a loss the basic ones (ASC 260-10-45-17 to 45-20)."""
    for each in sorted((p for p in potential if p.shares), key=lambda p: p.ratio) if income > 0 else ():
        if each.ratio < income / shares:
            income, shares = income + each.income, shares + each.shares
    return income / shares
