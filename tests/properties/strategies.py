"""Assets, rules and fleets to search in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import strategies as st

from depr.kernel.curves import GIVEN, METHODS, SWITCHES
from tests.kernel.fleets import Case
from tests.oracle import Asset, Rule

LARGEST = 10**17
"""10**15 of a currency with cents."""

METHOD_NAMES = sorted(set(METHODS) - set(GIVEN))
CONVENTION_NAMES = ["full_month", "half_year", "mid_month"]
YEAR_ENDS = st.integers(1, 12)
DAYS = st.dates(date(2015, 1, 1), date(2026, 12, 31))
COSTS = st.one_of(st.integers(0, 200), st.integers(0, 10**9), st.integers(0, LARGEST))
RATES = st.integers(0, 40).map(lambda n: Fraction(n, 40))
FACTORS = st.sampled_from([Fraction(5, 4), Fraction(3, 2), Fraction(2), Fraction(3)])
SHORTEST_UNSWITCHED = 84
"""Months up to which declining balance without a switch stays inside 62 bits for every life."""


@st.composite
def rules(draw: st.DrawFn, floors: bool = True) -> Rule:
    """One rule of any method, convention, life and residual value."""
    method = draw(st.sampled_from(METHOD_NAMES))
    declines = method == "declining_balance"
    life = draw(st.integers(1, SHORTEST_UNSWITCHED if declines else 400))
    rule = Rule(life, method, draw(st.sampled_from(CONVENTION_NAMES)), residual_rate=draw(RATES))
    if not declines:
        return rule
    residual_as = draw(st.sampled_from(["deduction", "floor"])) if floors else "deduction"
    switch = draw(st.sampled_from(SWITCHES))
    return replace(rule, factor=draw(FACTORS), switch=switch, residual_as=residual_as)


@st.composite
def tracks(draw: st.DrawFn) -> list[Rule]:
    """An opening rule and up to three dated changes of life, method and residual value."""
    days = sorted(draw(st.lists(st.dates(date(2016, 1, 1), date(2028, 12, 31)), max_size=3, unique=True)))
    opening = draw(rules(floors=False))
    return [opening, *(replace(draw(rules(floors=False)), effective=day) for day in days)]


@st.composite
def assets(draw: st.DrawFn, own_residual: bool = True) -> Asset:
    """An asset of any size; its own residual value is left to the rule, nothing, or up to its cost."""
    cost = draw(COSTS)
    residual = draw(st.one_of(st.none(), st.integers(0, cost))) if own_residual else None
    return Asset(cost, draw(DAYS), residual)


def fleets(size: int = 6, own_residual: bool = True) -> st.SearchStrategy[list[Case]]:
    """A few assets that follow the same rules."""
    return st.lists(assets(own_residual).map(Case), min_size=1, max_size=size)
