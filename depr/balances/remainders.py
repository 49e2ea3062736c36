"""Sums of rounded shares from counts of remainders: what depr/balances/cohorts.py counts with."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from depr.kernel.conventions import Clock
from depr.kernel.curves import Knots
from depr.kernel.rounding import EXACT_FLOAT_LIMIT, multiply_divide, multiply_divide_fast
from depr.kernel.shares import ticks

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BINS = 1 << 14
"""Most remainders of a share (twice its denominator) that are counted one by one."""

LIMIT = 2**62
ONE_THREAD = 1 << 18
"""Multiplications of a product of matrices for which no second thread is taken: waiting for it would cost more."""


class OutOfRangeError(Exception):
    """The exact form does not hold, or would take too much room."""


class Share(NamedTuple):
    """A curve under a clock: numerators of what is used up before each step and after the last, over `den`.

    `rounded` holds round(r num / den) for every remainder r, and r itself in the last column.
    """

    nums: Ints
    den: int
    rounded: Floats

    @classmethod
    def of(cls, values: Sequence[Fraction]) -> Share:
        """The share of exact values. Raises `OutOfRangeError` when it has too many remainders."""
        den = lcm(*(value.denominator for value in values))
        if 2 * den > BINS:
            raise OutOfRangeError
        nums = np.array([value.numerator * (den // value.denominator) for value in values], np.int64)
        rest = np.arange(2 * den, dtype=np.int64)
        pairs = np.repeat(rest, len(nums)), np.tile(nums, len(rest))
        table = rounded_products(*pairs, np.full(len(pairs[0]), den)).reshape(len(rest), len(nums))
        return cls(nums, den, np.hstack([table, rest[:, None]]).astype(np.float64))

    def accumulated(self, seen: Floats, sums: Ints) -> Ints:
        """sum of round(b num / den) before each step and after the last, from the remainders seen and sum of b."""
        rows = max(ONE_THREAD // self.rounded.size, 1)
        parts = [seen[k : k + rows] @ self.rounded for k in range(0, len(seen), rows)]
        found = np.concatenate(parts).astype(np.int64)
        whole = (sums - found[:, -1]) // (2 * self.den)
        total: Ints = 2 * whole[:, None] * self.nums + found[:, :-1]
        return total


@lru_cache(maxsize=1024)
def share(knots: Knots, clock: Clock) -> Share:
    """The share of a curve under a clock, kept for other fleets. Raises `OutOfRangeError`."""
    return Share.of(ticks(knots, clock))


class Counted(NamedTuple):
    """Bases in order of their cohorts, and the sum of each cohort."""

    values: Ints
    sums: Ints

    @classmethod
    def of(cls, values: Ints, starts: Ints) -> Counted:
        """Raises `OutOfRangeError` when the sums might leave 62 bits."""
        if float(values.sum(dtype=np.float64)) >= LIMIT:
            raise OutOfRangeError
        return cls(values, np.add.reduceat(values, starts))

    def counted(self, bins: Ints, begins: Ints, sizes: Ints, end: int) -> Ints:
        """How often each remainder by `bins` occurs in each cohort, from its place in `begins` on; bins 0 leave it out.

        `sizes` are the lots of each cohort, `end` is where the counts of the last one end.
        """
        size = np.repeat(bins, sizes)
        begin = np.repeat(begins, sizes)
        values = self.values
        if not bins.all():
            charged = size > 0
            values = values[charged]
            size = size[charged]
            begin = begin[charged]
        return np.bincount(begin + values % size, minlength=end)


def product(amount: Ints, shares: Sequence[Fraction], of: Ints, sizes: Ints) -> Ints:
    """amount x share, half to even; `of` is the share of each cohort. Raises `OutOfRangeError` beyond 62 bits."""
    if not any(shares):
        return np.zeros(len(amount), np.int64)
    num, den = whole(shares)
    return rounded_products(amount, np.repeat(num[of], sizes), np.repeat(den[of], sizes))


def whole(shares: Sequence[Fraction]) -> tuple[Ints, Ints]:
    """Numerators and denominators. Raises `OutOfRangeError` beyond 62 bits."""
    if max(max(s.numerator, s.denominator) for s in shares) >= LIMIT:
        raise OutOfRangeError
    return np.array([s.numerator for s in shares], np.int64), np.array([s.denominator for s in shares], np.int64)


def rounded_products(amount: Ints, num: Ints, den: Ints) -> Ints:
    """amount x num / den, half to even, none of them negative and no share above 1."""
    form = multiply_divide if wide(amount, den) else multiply_divide_fast
    rows = pl.DataFrame({"amount": amount, "num": num, "den": den})
    made: Ints = rows.select(form(pl.col("amount"), pl.col("num"), pl.col("den"))).to_series().to_numpy()
    return made


def wide(amount: Ints, den: Ints) -> bool:
    """Whether a product needs 128 bits."""
    return int(amount.max(initial=0)) * int(den.max(initial=1)) >= EXACT_FLOAT_LIMIT
