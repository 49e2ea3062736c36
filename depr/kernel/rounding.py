"""The one rounding of the engine: to minor units, half to even, of an exact quotient.

`base * num / den` is evaluated in one of two forms that give the same integer (see `EXACT_FLOAT_LIMIT`):
a float64 form that is proven exact below the limit, and a 128-bit integer form for every other Int64 input.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl

EXACT_FLOAT_LIMIT = 2**52
"""base * den below this makes rint(base * num / den) in float64 equal to the exact half-even result.

The product base * num is an exact float (num <= den); the quotient is correctly rounded, off by at most
base * 2**-53, while a quotient that is not a tie lies at least 1 / (2 * den) from the nearest tie. Ties are exact.
"""


def divide_half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, ties to even. Raises ZeroDivisionError."""
    return round(Fraction(numerator, denominator))


def divide(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """The same for columns, in 128-bit integers: exact for |numerator| < 2**126, denominator > 0; Int64 out."""
    wide = numerator.cast(pl.Int128)
    by = denominator.cast(pl.Int128)
    quotient = wide // by  # floors, also below zero
    twice = (wide - quotient * by) * 2
    up = (twice > by) | ((twice == by) & (quotient % 2 != 0))
    return (quotient + up.cast(pl.Int128)).cast(pl.Int64)


def multiply_divide(base: pl.Expr, numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """round_half_even(base * numerator / denominator), any Int64 values with |base * numerator| < 2**126."""
    return divide(base.cast(pl.Int128) * numerator.cast(pl.Int128), denominator)


def multiply_divide_fast(base: pl.Expr, numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """The same where base * denominator < EXACT_FLOAT_LIMIT: float64, integer product first."""
    product = base.cast(pl.Float64) * numerator.cast(pl.Float64)
    return (product / denominator.cast(pl.Float64)).round(0, mode="half_to_even").cast(pl.Int64)


def decimal_text(value: Fraction) -> str:
    """A rational as decimal text where it has one, else as a fraction."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact) if Fraction(exact) == value else str(value)
