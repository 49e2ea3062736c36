"""Rounding is that of exact fractions, for every number the engine can meet, and nothing wraps."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from depr.kernel.rounding import EXACT_FLOAT_LIMIT, divide, divide_half_even
from tests.kernel.test_rounding import exact, fast, want
from tests.oracle import half_even

INT64 = 2**63 - 1


@st.composite
def quotients(draw: st.DrawFn) -> tuple[int, int]:
    """A numerator of up to 126 bits over a denominator that brings it into 64; ties and their neighbours often."""
    den = draw(st.integers(1, 2**62))
    whole = draw(st.integers(-(2**62), 2**62))
    part = draw(st.one_of(st.integers(0, den - 1), st.sampled_from([den // 2 - 1, den // 2, den // 2 + 1])))
    numerator = whole * den + min(max(part, 0), den - 1)
    return numerator, den


@st.composite
def shares(draw: st.DrawFn, widest: int) -> tuple[int, int, int]:
    """A base and a share of it, base x denominator below `widest`."""
    den = draw(st.integers(1, min(2**62, widest - 1)))
    base = draw(st.integers(0, min(INT64, (widest - 1) // den)))
    return base, draw(st.one_of(st.integers(0, den), st.sampled_from([den // 2, (den + 1) // 2]))), den


@given(st.lists(quotients(), min_size=1, max_size=200))
def test_divide_is_the_rounding_of_fractions(rows: list[tuple[int, int]]) -> None:
    columns = {"n": [n for n, _ in rows], "d": [d for _, d in rows]}
    frame = pl.DataFrame(columns, schema={"n": pl.Int128, "d": pl.Int64})
    got = frame.select(divide(pl.col("n"), pl.col("d"))).to_series()
    assert got.dtype == pl.Int64
    assert got.to_list() == [half_even(n, d) for n, d in rows] == [divide_half_even(n, d) for n, d in rows]


@given(st.lists(shares(widest=2**125), min_size=1, max_size=200))
def test_a_share_of_any_amount_is_exact(rows: list[tuple[int, int, int]]) -> None:
    got = exact(rows)
    assert got == want(rows)
    assert all(0 <= part <= base for part, (base, _, _) in zip(got, rows, strict=True))


@given(st.lists(shares(widest=EXACT_FLOAT_LIMIT), min_size=1, max_size=200))
def test_both_forms_agree_below_the_limit(rows: list[tuple[int, int, int]]) -> None:
    assert fast(rows) == exact(rows) == want(rows)
