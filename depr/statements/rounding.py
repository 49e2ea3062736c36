"""The last digit a value is printed to, and values as text."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

PLACES = 9
"""Decimals that are told apart."""

MOST_ZEROS = 15 + PLACES
"""A value that ends in more zeros is taken to be printed to a million thousand million."""


def half_unit(*values: Fraction | int) -> Fraction:
    """Half of the finest last digit among some values: what each may be off by its own rounding.

    0.005 for 5.61; half a million for 6,915,000,000; of several values the finest speaks for all, since one filing
    rounds them alike and a value may end in zeros by chance. 0 when all are 0.
    """
    steps = gcd(*(int(Fraction(value) * 10**PLACES) for value in values))
    if not steps:
        return Fraction(0)
    digits = str(steps)
    zeros = min(len(digits) - len(digits.rstrip("0")), MOST_ZEROS)
    return Fraction(10**zeros, 2 * 10**PLACES)


SCALES = (10**3, 10**6, 10**9)
"""What amounts in thousands, millions and billions are short of."""


def scale(one: Fraction, other: Fraction) -> int:
    """1,000 or a power of it that one value is of the other, to a hundredth; 1 where it is none."""
    small, large = sorted((abs(one), abs(other)))
    return next((by for by in SCALES if small and abs(large / small / by - 1) < Fraction(1, 100)), 1)


def text(value: Fraction | int) -> str:
    """A value as decimal text with separators, to at most nine decimals."""
    whole, part = divmod(abs(round(Fraction(value) * 10**PLACES)), 10**PLACES)
    digits = f"{whole:,}" + (f".{part:0{PLACES}}".rstrip("0") if part else "")
    return f"-{digits}" if value < 0 else digits
