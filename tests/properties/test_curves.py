"""What holds of every curve."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from depr.kernel.conventions import MonthClock
from depr.kernel.curves import RESIDUALS, SWITCHES, Terms, curve, share_at
from depr.kernel.shares import ticks
from tests.properties.strategies import METHOD_NAMES

LIVES = st.one_of(st.integers(1, 1200).map(Fraction), st.integers(1, 400).map(lambda halves: Fraction(halves, 2)))
TERMS = st.builds(
    Terms,
    method=st.sampled_from(METHOD_NAMES),
    life_months=LIVES,
    factor=st.fractions(Fraction(1, 10), 10, max_denominator=20),
    switch=st.sampled_from(SWITCHES),
    residual_as=st.sampled_from(RESIDUALS),
    residual_ratio=st.fractions(0, 1, max_denominator=1000),
)


@given(TERMS)
def test_from_nothing_to_all_and_never_falling(terms: Terms) -> None:
    """F(0) = 0, F(life) = 1, knots strictly in order of age, shares never falling."""
    knots = curve(terms)
    assert knots[0] == (Fraction(0), Fraction(0))
    assert knots[-1] == (terms.life_months, Fraction(1))
    assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots))
    assert share_at(knots, Fraction(-1)) == 0
    assert share_at(knots, terms.life_months + 1) == 1


@given(TERMS, st.integers(-12, 24).map(lambda halves: Fraction(halves, 2)))
def test_ticks_never_fall_and_end_at_all(terms: Terms, phase: Fraction) -> None:
    values = ticks(curve(terms), MonthClock(1 - phase))
    assert (values[0], values[-1]) == (Fraction(0), Fraction(1))
    assert all(a <= b for a, b in pairwise(values))


@given(TERMS, st.fractions(0, 1200, max_denominator=4))
def test_between_knots_accumulation_is_even(terms: Terms, age: Fraction) -> None:
    """The share at a point lies on the line between the knots around it."""
    knots = curve(terms)
    inside = min(age, terms.life_months)
    (t0, f0), (t1, f1) = next((a, b) for a, b in pairwise(knots) if a[0] <= inside <= b[0])
    assert (share_at(knots, inside) - f0) * (t1 - t0) == (f1 - f0) * (inside - t0)
