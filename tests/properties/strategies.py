"""Assets, rules and fleets to search in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import GIVEN, METHODS, SWITCHES
from depr.kernel.daycounts import DAY_COUNTS
from tests.kernel.fleets import Case, policy_of
from tests.oracle import Asset, Rule, Turn

LARGEST = 10**17
"""10**15 of a currency with cents."""

METHOD_NAMES = sorted(set(METHODS) - set(GIVEN))
CONVENTION_NAMES = sorted(CONVENTIONS)
DAY_COUNT_NAMES = sorted(DAY_COUNTS)
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
    if rule.convention == "daily":
        rule = replace(rule, day_count=draw(st.sampled_from(DAY_COUNT_NAMES)))
    rule = replace(rule, reset=draw(st.sampled_from(["asset_year", "fiscal_year"])))
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


# Every method, those whose curve is data too, as policies of a book


HUNDRED = 100


@st.composite
def parts_of(draw: st.DrawFn, whole: int, most: int) -> list[int]:
    """Up to `most` whole numbers, some of them nothing, that sum to `whole`."""
    cuts = draw(st.lists(st.integers(0, whole), max_size=most - 1))
    edges = [0, *sorted(cuts), whole]
    return [after - before for before, after in pairwise(edges)]


@st.composite
def given_curves(draw: st.DrawFn) -> dict[str, Any]:
    """A method whose curve is data, with the data; usage ends at or short of the whole, prices may rise on the way."""
    method = draw(st.sampled_from(sorted(GIVEN)))
    if method in ("table", "macrs"):
        return {"method": method, "percents": [str(p) for p in draw(parts_of(HUNDRED, 7))]}
    if method == "manual":
        return {"method": method, "amounts": [str(a) for a in draw(parts_of(draw(st.integers(1, 10**6)), 30))]}
    if method == "units_of_production":
        usage = draw(st.lists(st.integers(0, 50), min_size=1, max_size=30))
        total = max(sum(usage) + draw(st.integers(-5, 20)), 1)
        return {"method": method, "usage": [str(u) for u in usage], "total_usage": str(total)}
    ages = sorted({0, *draw(st.lists(st.integers(1, 90), min_size=1, max_size=6))})
    prices = [1000, *draw(st.lists(st.integers(0, 1200), min_size=len(ages) - 2, max_size=len(ages) - 2))]
    prices.append(draw(st.integers(0, 999)))
    return {"method": method, "prices": [[str(age), str(price)] for age, price in zip(ages, prices, strict=True)]}


@st.composite
def judgements(draw: st.DrawFn, floors: bool = True) -> dict[str, Any]:
    """A policy of any of the methods and conventions."""
    policy = policy_of(draw(rules(floors)))
    if draw(st.booleans()):
        del policy["life_months"]
        policy |= draw(given_curves())
    if policy["method"] == "macrs":
        policy["residual_rate"] = "0"
    return policy


KINDS = ("improvement", "impairment", "reversal", "estimate", "partial_disposal", "held_for_sale", "back_in_use")


@st.composite
def turns(draw: st.DrawFn, cost: int, first: date, kinds: tuple[str, ...] = KINDS, most: int = 4) -> list[Turn]:
    """What befalls an asset of a cost from the day it was placed in service on, in order of day, several on some."""
    found = []
    for days in sorted(draw(st.lists(st.integers(0, 1_500) | st.sampled_from((0, 100, 101)), max_size=most))):
        kind = draw(st.sampled_from(kinds))
        amount = cost // 40 * draw(st.integers(0, 12)) if kind in ("improvement", "impairment", "reversal") else 0
        life = draw(st.none() | st.integers(1, 120)) if kind in ("improvement", "estimate") else None
        kept = cost // 40 * draw(st.integers(0, 8)) if kind == "estimate" and draw(st.booleans()) else None
        part = Fraction(draw(st.integers(0, 4)), 4) if kind == "partial_disposal" else Fraction(0)
        found.append(Turn(first + timedelta(days), kind, amount, life, kept, part))
    return found


@st.composite
def stories(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS, most: int = 4) -> tuple[Asset, list[Turn]]:
    """An asset whose cost divides well, and what befalls it."""
    cost = 40 * draw(st.integers(1, 10**12))
    residual = draw(st.none() | st.integers(0, 40).map(lambda n: cost // 40 * n))
    asset = Asset(cost, draw(DAYS), residual)
    return asset, draw(turns(cost, asset.in_service, kinds, most))
