"""The one rounding: half to even, exact in both forms."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from random import Random

import polars as pl
import pytest

from depr.kernel.rounding import (
    EXACT_FLOAT_LIMIT,
    divide,
    divide_half_even,
    multiply_divide,
    multiply_divide_fast,
)
from tests.oracle import half_even

INT64 = 2**63 - 1


def exact(rows: list[tuple[int, int, int]]) -> list[int]:
    """The 128-bit form on (base, numerator, denominator)."""
    return _column(rows, multiply_divide)


def fast(rows: list[tuple[int, int, int]]) -> list[int]:
    """The float form on the same."""
    return _column(rows, multiply_divide_fast)


def _column(rows: list[tuple[int, int, int]], form) -> list[int]:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("base", "num", "den"), pl.Int64), orient="row")
    return frame.select(form(pl.col("base"), pl.col("num"), pl.col("den"))).to_series().to_list()


def want(rows: list[tuple[int, int, int]]) -> list[int]:
    return [half_even(base * num, den) for base, num, den in rows]


def test_halves_go_to_the_even_neighbour() -> None:
    numerators = list(range(-9, 10))
    got = pl.DataFrame({"n": numerators}).select(divide(pl.col("n"), pl.lit(2))).to_series().to_list()
    assert got == [-4, -4, -4, -3, -2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 4]
    assert got == [divide_half_even(n, 2) for n in numerators]


def test_small_quotients_in_every_form() -> None:
    """Every base to 40, every share with a denominator to 24: all ties among them."""
    rows = [(base, num, den) for base in range(41) for den in range(1, 25) for num in range(den + 1)]
    assert exact(rows) == fast(rows) == want(rows)
    assert [round(Fraction(base * num, den)) for base, num, den in rows] == want(rows)


def test_the_widest_numbers_of_the_exact_form() -> None:
    """Any Int64 base by any share of 62 bits: nothing wraps."""
    rng, den = Random(62), 2**62
    rows = [(base, num, den) for base in (INT64, -INT64, INT64 - 1, 1, 0) for num in (0, 1, den // 2, den - 1, den)]
    for _ in range(2_000):
        d = rng.randint(1, 2**62)
        rows.append((rng.randint(-INT64, INT64), rng.randint(0, d), d))
    assert exact(rows) == want(rows)


def test_ties_and_their_neighbours_at_the_widest() -> None:
    rows = []
    for den in (2**62, 2**62 - 2, 10**18, 6):
        for base in (INT64, INT64 - 1, 10**17 + 1):
            rows += [(base, max(den // 2 + step, 0), den) for step in (-1, 0, 1)]
    assert exact(rows) == want(rows)


def closest_to_a_tie(base: int, den: int) -> list[int]:
    """The numerators for which base * num / den is as near to k + 1/2 as the denominator allows without being there."""
    if gcd(base, den) != 1:
        return []
    inverse = pow(base, -1, den)
    return [(den // 2 + step) * inverse % den for step in ((0, 1) if den % 2 else (-1, 0, 1))]


def near_misses(den: int, top: int) -> list[tuple[int, int, int]]:
    """The 2,000 bases below `top` with those numerators, and with random ones."""
    rng, rows = Random(den), []
    for base in range(max(top - 2_000, 1), top):
        rows += [(base, num, den) for num in (*closest_to_a_tie(base, den), rng.randint(0, den), den)]
    return rows


DENS = [72, 12, 2628, 78_125, 2**20, 3**20, 5**10 * 12, 2**31 - 1]


@pytest.mark.parametrize("den", DENS)
def test_the_float_form_up_to_its_limit(den: int) -> None:
    """The largest bases the limit lets through, with the shares that come closest to a tie."""
    rows = near_misses(den, -(-EXACT_FLOAT_LIMIT // den))
    assert max(base * den for base, *_ in rows) < EXACT_FLOAT_LIMIT
    assert fast(rows) == exact(rows) == want(rows)


@pytest.mark.parametrize("den", DENS)
def test_the_exact_form_beyond_the_limit(den: int) -> None:
    """From the limit on, and where the products are widest."""
    rows = near_misses(den, EXACT_FLOAT_LIMIT // den + 1_000) + near_misses(den, INT64)
    assert exact(rows) == want(rows)


def test_the_limit_is_needed() -> None:
    """It is the one that is proven; four bits above it, the float form is wrong somewhere."""
    assert EXACT_FLOAT_LIMIT == 2**52
    rows = near_misses(2**20 + 7, 2**56 // (2**20 + 7))
    assert fast(rows) != want(rows)
    assert exact(rows) == want(rows)


def test_a_null_stays_null() -> None:
    frame = pl.DataFrame({"n": [3, None], "d": [None, 2]}, schema={"n": pl.Int64, "d": pl.Int64})
    assert frame.select(divide(pl.col("n"), pl.col("d"))).to_series().to_list() == [None, None]


def test_division_by_zero_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        divide_half_even(1, 0)
