"""The kernel equals the independent checker (tests/oracle.py) on every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import polars as pl
import pytest

from depr.books.estimates import estimates
from depr.intake import read_book
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.rounding import EXACT_FLOAT_LIMIT
from depr.share import find, names
from tests.daily import sampled
from tests.engines import Engine
from tests.kernel.fleets import Case, assert_every_cell, book_of, lots_of, rules_of
from tests.oracle import Asset, Rule
from tests.size import lots

LOTS, FEW = lots(400, 2_000), lots(120, 400)
LARGEST = 10**17
"""10**15 dollars in cents."""

YEAR_ENDS = (12, 6, 5, 1)
CONVENTIONS = ("full_month", "mid_month", "half_year")
LIVES = (*range(12, 241, 12), 54, 66)
SHORT_LIVES = (*range(12, 97, 12), 54, 66)
"""Of declining balance that never switches, whose fractions outgrow 62 bits at long lives (tested in test_refusals)."""

RATES = (Fraction(0), Fraction("0.1"), Fraction("0.0725"), Fraction("0.25"))
METHODS = {
    "straight line": Rule(0),
    "sum of the years' digits": Rule(0, "sum_of_years_digits"),
    "200% declining": Rule(0, "declining_balance"),
    "150% declining to a floor": Rule(0, "declining_balance", factor=Fraction(3, 2), residual_as="floor"),
    "200% declining to a floor, original switch": Rule(0, "declining_balance", switch="original", residual_as="floor"),
    "125% declining, original switch": Rule(0, "declining_balance", factor=Fraction(5, 4), switch="original"),
    "150% declining to a floor, no switch": Rule(
        0, "declining_balance", factor=Fraction(3, 2), switch="none", residual_as="floor"
    ),
    "300% declining, no switch": Rule(0, "declining_balance", factor=Fraction(3), switch="none"),
}
PLAIN = ("straight line", "sum of the years' digits", "200% declining", "150% declining to a floor")


def cost(rng: Random) -> int:
    """A cent, a round amount or an odd one, of any size up to the largest."""
    size: int = 10 ** rng.randint(0, 17)
    return rng.choice([1, size, rng.randint(1, size), 40 * rng.randint(1, max(size // 40, 1))])


def residual(rng: Random, cost_minor: int, simple: bool) -> int | None:
    """Left to the rule, or the asset's own: nothing, a tenth, an odd amount, all of it."""
    tenth, part = cost_minor // 10, rng.randint(0, cost_minor)
    if simple:  # a few fortieths
        tenth, part = (cost_minor // 40 * n if cost_minor % 40 == 0 else 0 for n in (4, rng.randint(1, 39)))
    return rng.choice([None, None, 0, tenth, part, cost_minor])


def sample(rng: Random, size: int, keys: Sequence[str], first: date, days: int, simple: bool) -> list[Case]:
    """Assets of every size placed in service on any day; `simple` residual values keep the curves of a floor exact."""
    cases = []
    for _ in range(size):
        amount = cost(rng)
        asset = Asset(amount, first + timedelta(rng.randint(0, days)), residual(rng, amount, simple))
        cases.append(Case(asset, rng.choice(keys)))
    return cases


def forms(cases: Sequence[Case], tracks: Mapping[str, Sequence[Rule]]) -> set[bool]:
    """Which of the two arithmetic forms the lots need: False the float form, True the 128-bit one."""
    segments, shares, _ = estimates(lots_of(cases), book_of(tracks), FiscalCalendar())
    dens = shares.group_by("share_id").agg(pl.col("den").first())
    return {
        base * den >= EXACT_FLOAT_LIMIT for base, den in segments.join(dens, "share_id")["base_minor", "den"].rows()
    }


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_and_convention(engine: Engine, method: str, convention: str) -> None:
    """Lots of any life, residual value, size and date: each cell equals the oracle's."""
    rule, rng = METHODS[method], Random(f"{method} {convention}")
    floor = rule.residual_as == "floor"
    lives: Sequence[int] = SHORT_LIVES if floor or rule.switch == "none" else LIVES
    year_ends: Sequence[int] = YEAR_ENDS[:1]
    if convention == "half_year":  # one curve reads in twelve ways, by the month of the fiscal year: fewer curves
        lives, year_ends = [*rng.sample(lives, lots(4, 8)), 54, 66], YEAR_ENDS
    rules = [replace(rule, convention=convention, life_months=n, residual_rate=r) for n, r in product(lives, RATES)]
    tracks = {f"{r.life_months} {r.residual_rate}": [r] for r in rules}
    cases = sample(rng, LOTS, list(tracks), date(2015, 1, 1), 4_000, simple=floor)
    assert forms(cases[:200], tracks) == {False, True}
    for n, year_end in enumerate(year_ends):
        assert_every_cell(engine, cases[n :: len(year_ends)], tracks, year_end)


def _dated(*changes: tuple[str, int], **fields: Any) -> list[Rule]:
    """Rules from (date, life in months); the first is in force from the opening."""
    (_, life), *later = changes
    return [Rule(life, **fields), *(Rule(n, effective=date.fromisoformat(text), **fields) for text, n in later)]


OPENING = "opening"
CHANGES = {
    "shortened below the age": _dated((OPENING, 72), ("2023-06-15", 24)),
    "shortened to a month": _dated((OPENING, 72), ("2023-06-15", 1)),
    "in the month of service, or after the end": _dated((OPENING, 12), ("2023-03-20", 60)),
    "twice in a month": _dated((OPENING, 36), ("2023-03-05", 60), ("2023-03-25", 48)),
    "in consecutive months": _dated((OPENING, 36), ("2023-03-31", 60), ("2023-04-01", 42), ("2023-05-01", 54)),
    "longer after all was charged": _dated((OPENING, 60), ("2022-06-01", 12), ("2023-06-01", 72)),
    "first policy later than service": _dated(("2022-06-01", 60), ("2023-06-01", 72))[1:],
    "residual raised above the carrying amount, then lowered": [
        Rule(48, residual_rate=Fraction("0.05")),
        Rule(60, effective=date(2022, 7, 1), residual_rate=Fraction("0.7")),
        Rule(60, effective=date(2024, 1, 1), residual_rate=Fraction("0.013")),
    ],
    "declining to straight line": [
        Rule(60, "declining_balance"),
        Rule(72, "straight_line", effective=date(2023, 1, 1)),
    ],
    "straight line to sum of digits, from mid-month to half-year": [
        Rule(60, convention="mid_month"),
        Rule(66, "sum_of_years_digits", "half_year", effective=date(2023, 2, 1)),
    ],
}
REPORTED = sorted(name for name in names("books") if name.endswith("-reported"))


def _over_time(rng: Random, size: int, *, simple: bool = False) -> list[Case]:
    return sample(rng, size, ["*"], date(2017, 6, 1), 3_000, simple)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("change", CHANGES)
def test_changes_in_estimate(engine: Engine, change: str, convention: str) -> None:
    """Lots placed in service before, in and after the month of each change: each cell equals the oracle's."""
    track = {"*": [replace(rule, convention=convention) if n == 0 else rule for n, rule in enumerate(CHANGES[change])]}
    assert_every_cell(engine, _over_time(Random(change), FEW), track, year_end=6)


REPORTERS = ("meta-reported", "amazon-reported")
DRIVEN = ("straight line", "sum of the years' digits", "200% declining")


@pytest.mark.parametrize(("name", "method", "convention"), sampled(product(REPORTERS, DRIVEN, CONVENTIONS), 5))
def test_reported_books_under_every_method(engine: Engine, name: str, method: str, convention: str) -> None:
    """The dated lives of two issuers, as they are and under the other methods and conventions."""
    rules = rules_of(read_book(find("books", name)))
    track = [replace(rule, method=METHODS[method].method, convention=convention) for rule in rules]
    assert_every_cell(engine, _over_time(Random(f"{name} {method}"), FEW), {"*": track})


@pytest.mark.parametrize("name", REPORTED)
def test_reported_books(engine: Engine, name: str) -> None:
    """Every book of an issuer that ships."""
    assert_every_cell(engine, _over_time(Random(name), FEW), {"*": rules_of(read_book(find("books", name)))})


@pytest.mark.parametrize("switch", ["remaining", "original", "none"])
def test_a_floor_after_a_change(engine: Engine, switch: str) -> None:
    """Declining to a floor begins anew on the carrying amount: the residual value is a larger share of it."""
    rule = Rule(36, "declining_balance", residual_rate=Fraction("0.1"), residual_as="floor", switch=switch)
    track = {"*": [rule, replace(rule, life_months=48, effective=date(2023, 1, 1))]}
    assert_every_cell(engine, _over_time(Random(switch), 200, simple=True), track)


def test_a_floor_above_the_carrying_amount_and_below_it_again(engine: Engine) -> None:
    """While it is above, nothing is charged and nothing is written up."""
    raised = Rule(60, residual_rate=Fraction("0.6"), effective=date(2022, 7, 1))
    lowered = Rule(
        60, "declining_balance", residual_rate=Fraction("0.1"), residual_as="floor", effective=date(2023, 1, 1)
    )
    days = [date(2020, month, 1) for month in range(1, 13)] + [date(2022, 1, 31), date(2024, 1, 1)]
    cases = [Case(Asset(cost, day)) for cost, day in product((1_000_00, 12_345_67, LARGEST), days)]
    assert_every_cell(engine, cases, {"*": [Rule(48), raised, lowered]})
