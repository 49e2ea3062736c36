"""The last digit a value is printed to, and values as text."""

from __future__ import annotations

from fractions import Fraction

COARSEST, FINEST = Fraction(10**15), Fraction(1, 10**9)
PLACES = 9


def half_unit(*values: Fraction | int) -> Fraction:
    """Half of the finest last digit among some values: what each may be off by its own rounding.

    0.005 for 5.61; half a million for 6,915,000,000; of several values the finest speaks for all, since one filing
    rounds them alike and a value may end in zeros by chance. 0 when all are 0.
    """
    used = [Fraction(value) for value in values if value]
    if not used:
        return Fraction(0)
    unit = COARSEST
    while unit > FINEST and any((value / unit).denominator != 1 for value in used):
        unit /= 10
    return unit / 2


def text(value: Fraction | int) -> str:
    """A value as decimal text with separators, to at most nine decimals."""
    whole, part = divmod(abs(round(Fraction(value) * 10**PLACES)), 10**PLACES)
    digits = f"{whole:,}" + (f".{part:0{PLACES}}".rstrip("0") if part else "")
    return f"-{digits}" if value < 0 else digits
