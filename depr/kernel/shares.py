"""Curves read at the ticks of a clock: the table of exact shares that every engine joins.

Few distinct curves and clocks serve any number of lots, so this is the only place where periods are walked one by
one, in exact fractions. Row `step` of a share holds F before and after that period over one common denominator.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, lcm

import dataframely as dy
import polars as pl

from depr.errors import refuse
from depr.kernel.curves import Knots, share_at
from depr.schemas import Shares

DEN_LIMIT = 2**62
"""Largest common denominator of a share: with it base * num stays inside 128 bits for every Int64 base."""


class ShareTable:
    """Collects the distinct (curve, phase) pairs of a run and numbers them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[Knots, Fraction], int] = {}

    def add(self, knots: Knots, phase: Fraction) -> int:
        """Number of the share of a curve whose age is `phase` months at the end of its first period."""
        return self._ids.setdefault((knots, phase), len(self._ids))

    def frame(self) -> dy.DataFrame[Shares]:
        """The table (schemas.Shares). Refuses a curve whose denominators outgrow 62 bits."""
        columns: dict[str, list[int]] = {name: [] for name in Shares.column_names()}
        for (knots, phase), share_id in self._ids.items():
            values = ticks(knots, phase)
            den = lcm(*(v.denominator for v in values))
            if den > DEN_LIMIT:
                raise refuse("curve", f"denominator of {den.bit_length()} bits", "62 are exact", "use a rounder life")
            nums = [v.numerator * (den // v.denominator) for v in values]
            columns["share_id"] += [share_id] * (len(nums) - 1)
            columns["step"] += range(len(nums) - 1)
            columns["num_before"] += nums[:-1]
            columns["num"] += nums[1:]
            columns["den"] += [den] * (len(nums) - 1)
        return Shares.validate(pl.DataFrame(columns), cast=True)


def ticks(knots: Knots, phase: Fraction) -> list[Fraction]:
    """F before the first period, then at the end of each period until it reaches 1."""
    steps = ceil(knots[-1][0] - phase) + 1
    return [Fraction(0)] + [share_at(knots, phase + k) for k in range(max(steps, 1))]
