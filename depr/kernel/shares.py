"""Curves read at the ticks of a clock: the table of exact shares that every engine joins.

Few distinct curves and clocks serve any number of lots, so this is the only place where periods are walked one by
one, in exact fractions. Row `step` of a share holds F before and after that period over one common denominator.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import dataframely as dy
import polars as pl

from depr.errors import refuse
from depr.kernel.conventions import Clock
from depr.kernel.curves import Knots, share_at
from depr.schemas import Shares

DEN_LIMIT = 2**62
"""Largest common denominator of a share: with it base * num stays inside 128 bits for every Int64 base."""

LONGEST = 12_000
"""Periods after which a clock that never reaches the end of its curve is given up."""


class ShareTable:
    """Collects the distinct (curve, clock, end) of a run and numbers them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[Knots, Clock, Fraction | None], int] = {}

    def add(self, knots: Knots, clock: Clock, stop: Fraction | None = None) -> int:
        """Number of the share of a curve under a clock whose period 0 is the first one charged.

        With `stop` (an age in months) nothing is charged beyond that age: a disposal.
        """
        return self._ids.setdefault((knots, clock, stop), len(self._ids))

    def frame(self) -> dy.DataFrame[Shares]:
        """The table (schemas.Shares). Refuses a curve whose denominators outgrow 62 bits."""
        columns: dict[str, list[int]] = {name: [] for name in Shares.column_names()}
        for (knots, clock, stop), share_id in self._ids.items():
            values = ticks(knots, clock, stop)
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


def ticks(knots: Knots, clock: Clock, stop: Fraction | None = None) -> list[Fraction]:
    """F before period 0, then at the end of each period until the curve ends, or age reaches `stop`."""
    life = knots[-1][0] if stop is None else min(stop, knots[-1][0])
    values = [Fraction(0)]
    for period in range(LONGEST):
        age = clock.age(period)
        values.append(share_at(knots, min(age, life)))
        if age >= life:
            return values
    raise refuse(
        "curve", f"not used up after {LONGEST} periods", "the life is beyond the calendar", "use a shorter life"
    )
