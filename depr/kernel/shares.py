"""Curves read at the ticks of a clock: the table of exact shares that every engine joins.

Few distinct curves and clocks serve any number of lots, so this is the only place where periods are walked one by
one, in exact fractions. Row `step` of a share holds F before and after that period over one common denominator.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import dataframely as dy
import polars as pl

from depr.contract import Shares
from depr.errors import Refused, refuse
from depr.kernel.conventions import Clock, ExitClock
from depr.kernel.curves import Knots, share_at

DEN_LIMIT = 2**62
"""Largest common denominator of a share: with it base * num stays inside 128 bits for every Int64 base."""

LONGEST = 12_000
"""Periods after which a clock that never reaches the end of its curve is given up."""


Leavers = tuple[tuple[Fraction, ExitClock, Fraction], ...]
"""Parts of what is held that are to go, the clock of each, and its age when period 0 begins."""


def blended(knots: Knots, age: Fraction, parts: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """F of a whole, parts of which have ages of their own: (part, age), the rest has `age`."""
    rest = 1 - sum((part for part, _ in parts), Fraction(0))
    return rest * share_at(knots, age) + sum((part * share_at(knots, own) for part, own in parts), Fraction(0))


class ShareTable:
    """Collects the distinct (curve, clock, age at the start, parts that go) of a run and numbers them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[Knots, Clock, Fraction, Leavers], int] = {}
        self._read: list[tuple[Knots, Clock]] = []

    def add(self, knots: Knots, clock: Clock, opened: Fraction = Fraction(0), leavers: Leavers = ()) -> int:
        """Number of the share of a curve under a clock whose period 0 is the first one charged.

        `opened` is the age at which period 0 begins, `leavers` are parts that go by clocks of their own.
        """
        number = self._ids.setdefault((knots, clock, opened, leavers), len(self._ids))
        if number == len(self._read):
            self._read.append((knots, clock))
        return number

    def read(self, number: int) -> tuple[Knots, Clock]:
        """The curve of a share, and the clock by which it is read."""
        return self._read[number]

    def frames(self, segments: pl.DataFrame) -> tuple[pl.DataFrame, dy.DataFrame[Shares]]:
        """The segments and the table of shares (contract.Shares) they refer to, every curve exact.

        A curve whose common denominator outgrows 62 bits takes the slow form: for each base that uses it the rounded
        accumulations A(k) are worked out in whole numbers, and its share is A(k) / base, which gives them back.
        """
        rows = _Rows()
        wide = {}
        for key, share_id in self._ids.items():
            values = ticks(*key)
            den = lcm(*(v.denominator for v in values))
            if den > DEN_LIMIT:
                wide[share_id] = values
            else:
                rows.add(share_id, [v.numerator * (den // v.denominator) for v in values], den)
        if not wide:
            return segments, rows.frame()
        keys = ["share_id", "base_minor"]
        own = segments.filter(pl.col("share_id").is_in(list(wide))).select(keys).unique().sort(keys)
        own = own.with_row_index("own_id", offset=len(self._ids)).cast({"own_id": pl.Int32})
        for new, share_id, base in own.iter_rows():
            rows.add(new, [round(share * base) for share in wide[share_id]], max(base, 1))
        moved = segments.join(own, on=keys, how="left").with_columns(share_id=pl.coalesce("own_id", "share_id"))
        return moved.drop("own_id"), rows.frame()


class _Rows:
    """Rows of the table of shares, as they come."""

    def __init__(self) -> None:
        self._columns: dict[str, list[int]] = {name: [] for name in Shares.column_names()}

    def add(self, share_id: int, nums: list[int], den: int) -> None:
        steps = len(nums) - 1
        added = {"share_id": [share_id] * steps, "step": range(steps), "num_before": nums[:-1], "num": nums[1:]}
        for name, values in {**added, "den": [den] * steps}.items():
            self._columns[name] += values

    def frame(self) -> dy.DataFrame[Shares]:
        return Shares.validate(pl.DataFrame(self._columns), cast=True)


def ticks(knots: Knots, clock: Clock, opened: Fraction = Fraction(0), leavers: Leavers = ()) -> list[Fraction]:
    """F at age `opened`, before period 0, then at the end of each period until the curve ends."""
    if not leavers:
        return _alone(knots, clock, opened)
    values = [blended(knots, opened, [(part, age) for part, _, age in leavers])]
    for period in range(LONGEST):
        age = clock.age(period)
        values.append(blended(knots, age, [(part, each.age(period)) for part, each, _ in leavers]))
        if age >= knots[-1][0] and all(each.age(period) >= min(knots[-1][0], each.stop) for _, each, _ in leavers):
            return values
    raise _endless()


def _alone(knots: Knots, clock: Clock, opened: Fraction) -> list[Fraction]:
    """`ticks` where nothing goes on its own: each piece of the curve is a line, and ages never fall."""
    values = [share_at(knots, opened)]
    end = knots[-1][0]
    piece = 0
    until = slope = at_zero = Fraction(0)
    for period in range(LONGEST):
        age = clock.age(period)
        if age >= end or age <= knots[0][0]:
            values.append(share_at(knots, age))
            if age >= end:
                return values
            continue
        while age >= until or not piece:
            piece += 1
            (before, low), (until, high) = knots[piece - 1 : piece + 1]
            slope = (high - low) / (until - before) if until > before else slope
            at_zero = low - slope * before
        values.append(at_zero + slope * age)
    raise _endless()


def _endless() -> Refused:
    why = "the life is beyond the calendar"
    return refuse("curve", f"not used up after {LONGEST} periods", why, "use a shorter life")
