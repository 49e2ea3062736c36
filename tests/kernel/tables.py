"""Made-up segments and shares, and their schedule in whole numbers of Python: the judge of every engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import polars as pl

from depr.contract import Schedule, Segments, Shares
from depr.kernel.rounding import EXACT_FLOAT_LIMIT
from tests.oracle import half_even

Segment = tuple[int, int, int, int, int, int | None]
Share = tuple[int, int, int, int, int]
INT64 = 2**63 - 1
DENS = (1, 2, 3, 72, 144, 1944, 10**9 + 7, 2**40, 2**40 - 1, 2**52, 2**61 - 1, 2**62)
ROW = ["lot", "period"]
SCHEMA = pl.Schema({name: column.dtype for name, column in Schedule.columns().items()})


def shares_of(rows: list[Share]) -> pl.DataFrame:
    return Shares.validate(pl.DataFrame(rows, schema=Shares.column_names(), orient="row"), cast=True)


def segments_of(rows: list[Segment]) -> pl.DataFrame:
    return Segments.validate(pl.DataFrame(rows, schema=Segments.column_names(), orient="row"), cast=True)


def curve_of(random: Random, share: int, steps: int, den: int) -> list[Share]:
    """A share that rises from 0 to 1 in uneven steps, some of them of nothing."""
    nums = [0, *sorted(random.choice((random.randint(0, den), 0, den // 2, den)) for _ in range(steps - 1)), den]
    return [(share, step, before, after, den) for step, (before, after) in enumerate(pairwise(nums))]


def base_of(random: Random, den: int) -> int:
    """Zero, cents, dollars, the neighbourhood of the limit of the fast form, and as wide as 10**17."""
    edge = EXACT_FLOAT_LIMIT // den + random.randint(-2, 2)
    return random.choice((0, 1, random.randint(0, 10**9), random.randint(0, 10**17), min(max(edge, 0), 10**17), 10**17))


def last_of(random: Random, first: int, steps: int) -> int | None:
    """To the end of the curve, beyond it, before it, in the first period, or before that: no row at all."""
    return random.choice((None, first + steps + 7, first + random.randint(0, steps), first, first - 1))


def made_up(random: Random, lots: int, shares: int) -> tuple[list[Segment], list[Share]]:
    curves = [curve_of(random, n, random.randint(1, 40), random.choice(DENS)) for n in range(shares)]
    segments: list[Segment] = []
    for lot in range(lots):
        curve, first = random.choice(curves), random.randint(-5, 3600)
        (share, _, _, _, den), opening = curve[0], random.choice((0, random.randint(0, 10**15)))
        segments.append((lot, base_of(random, den), opening, share, first, last_of(random, first, len(curve))))
    return segments, [row for curve in curves for row in curve]


def expected(segments: list[Segment], shares: list[Share]) -> pl.DataFrame:
    """The schedule from its definition."""
    rows = sorted(_rows(segments, shares))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rows(segments: list[Segment], shares: list[Share]) -> Iterator[tuple[int, int, int, int]]:
    curves: dict[int, list[Share]] = {}
    for row in shares:
        curves.setdefault(row[0], []).append(row)
    for lot, base, opening, share, first, last in segments:
        for _, step, before, after, den in curves[share]:
            if last is None or first + step <= last:
                used = half_even(base * after, den)
                yield lot, first + step, used - half_even(base * before, den), opening + used
