"""Curves: their knots, and the terms that are refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from depr.errors import Refused
from depr.kernel.curves import METHODS, RESIDUALS, SWITCHES, Knots, Terms, curve, share_at
from tests.oracle import Shape, used_up


def terms(method: str, life: int | Fraction, **more: Any) -> Terms:
    return Terms(method, Fraction(life), **more)


def readable(knots: Knots) -> list[tuple[str, str]]:
    return [(str(age), str(share)) for age, share in knots]


def test_straight_line() -> None:
    assert readable(curve(terms("straight_line", 54))) == [("0", "0"), ("54", "1")]


def test_sum_of_years_digits() -> None:
    four = [("0", "0"), ("12", "2/5"), ("24", "7/10"), ("36", "9/10"), ("48", "1")]
    assert readable(curve(terms("sum_of_years_digits", 48))) == four


def test_sum_of_years_digits_with_a_part_year() -> None:
    """2.5 years: 2.5, 1.5, and half a year at 0.5, of 4.25. The yearly rate falls by the same step each year."""
    parts = [("0", "0"), ("12", "10/17"), ("24", "16/17"), ("30", "1")]
    assert readable(curve(terms("sum_of_years_digits", 30))) == parts


def test_declining_balance_switches_to_what_remains() -> None:
    """40, 24, 14.4 percent, then half of the remaining 21.6 each year: the last two knots are one line."""
    five = [("0", "0"), ("12", "2/5"), ("24", "16/25"), ("36", "98/125"), ("60", "1")]
    assert readable(curve(terms("declining_balance", 60))) == five


def test_declining_balance_switches_to_the_original_line() -> None:
    """40, 24, then 20 percent and the rest: used up in the fourth year, the fifth takes nothing."""
    five = [("0", "0"), ("12", "2/5"), ("24", "16/25"), ("36", "21/25"), ("48", "1"), ("60", "1")]
    assert readable(curve(terms("declining_balance", 60, switch="original"))) == five


def test_declining_balance_that_never_switches_charges_the_rest_in_the_last_year() -> None:
    assert share_at(curve(terms("declining_balance", 60, switch="none")), Fraction(48)) == 1 - Fraction(3, 5) ** 4


def test_declining_balance_stops_at_the_floor() -> None:
    """40 percent of cost, then 24, then what is above a residual value of 30 percent."""
    floor = {"switch": "none", "residual_as": "floor", "residual_ratio": Fraction(3, 10)}
    shares = [share_at(curve(terms("declining_balance", 60, **floor)), Fraction(age)) for age in (12, 24, 36, 60)]
    assert shares == [Fraction(4, 7), Fraction(32, 35), 1, 1]


def test_a_rate_above_one_charges_all_in_the_first_year() -> None:
    assert share_at(curve(terms("declining_balance", 18)), Fraction(12)) == 1


def test_a_floor_at_cost_leaves_nothing_to_shape() -> None:
    whole = terms("declining_balance", 60, residual_as="floor", residual_ratio=Fraction(1))
    assert curve(whole) == curve(terms("straight_line", 60))


@pytest.mark.parametrize("life", [1, 5, 12, 13, 30, 54, 60, 66, 240, Fraction(95, 2), 1200])
def test_every_age_equals_the_oracle(life: int | Fraction) -> None:
    """Whole and half months from before the start to after the end, every method, switch and residual value."""
    ratios = (Fraction(0), Fraction(1, 10), Fraction(123, 1000))
    shapes = [Shape("straight_line", Fraction(life)), Shape("sum_of_years_digits", Fraction(life))]
    for factor, switch, ratio in product((Fraction(3, 2), Fraction(2)), SWITCHES, ratios):
        if switch != "none" or life < 300:  # without a switch a century's fractions have thousands of digits
            shapes.append(Shape("declining_balance", Fraction(life), factor, switch, ratio))
    ages = [Fraction(n, 2) for n in range(-2, int(2 * life) + 4, 1 if life < 300 else 7)]
    for shape in shapes:
        named = {"factor": shape.factor, "switch": shape.switch, "residual_ratio": shape.kept, "residual_as": "floor"}
        knots = curve(terms(shape.method, life, **named))
        assert [share_at(knots, age) for age in ages] == [used_up(shape, age) for age in ages], shape


def test_every_method_says_what_it_is() -> None:
    assert [name for name, m in METHODS.items() if not (m.name == name and m.formula and m.source)] == []
    assert len(set(METHODS.values())) == len(METHODS)


ALL = ", ".join(sorted(METHODS))
REFUSED = [
    (
        {"method": "magic"},
        f"input: unknown method 'magic'\n  do: use one of: {ALL}",
    ),
    ({"switch": "maybe"}, "input: unknown switch 'maybe'\n  do: use one of: none, original, remaining"),
    (
        {"residual_as": "gift"},
        "input: unknown residual treatment 'gift'\n  do: use one of: deduction, floor",
    ),
    (
        {"life_months": Fraction(0)},
        "life: 0 months\n  why: a useful life is longer than nothing\n  do: give months > 0",
    ),
    (
        {"life_months": Fraction(-12)},
        "life: -12 months\n  why: a useful life is longer than nothing\n  do: give months > 0",
    ),
    ({"factor": Fraction(0)}, "factor: 0\n  why: a declining-balance factor is positive\n  do: use 1.5 or 2"),
    ({"residual_ratio": Fraction(11, 10)}, "residual: 11/10\n  why: it is a share of cost\n  do: give 0 to 1"),
    ({"residual_ratio": Fraction(-1, 10)}, "residual: -1/10\n  why: it is a share of cost\n  do: give 0 to 1"),
]


TOGETHER = "points are for: units_of_production, macrs, table, manual, economic"
LINE = ((Fraction(0), Fraction(0)), (Fraction(60), Fraction(1)))


@pytest.mark.parametrize(("method", "points"), [("declining_balance", LINE), ("straight_line", LINE), ("table", ())])
def test_points_go_with_the_methods_that_are_data(method: str, points: Knots) -> None:
    with pytest.raises(Refused) as refused:
        terms(method, 60, points=points)
    assert str(refused.value) == f"method: {method} and its points do not go together\n  do: {TOGETHER}"
    assert curve(terms("table", 60, points=LINE)) == LINE


@pytest.mark.parametrize(("fault", "text"), REFUSED, ids=lambda value: str(value)[:40])
def test_terms_that_are_refused(fault: dict[str, Any], text: str) -> None:
    with pytest.raises(Refused) as refused:
        Terms(**{"method": "declining_balance", "life_months": Fraction(60), **fault})
    assert str(refused.value) == text


def test_the_names_of_the_options() -> None:
    assert (SWITCHES, RESIDUALS) == (("remaining", "original", "none"), ("deduction", "floor"))
    assert set(METHODS) == {
        "straight_line", "declining_balance", "sum_of_years_digits", "units_of_production",
        "macrs", "table", "manual", "economic",
    }  # fmt: skip


def test_a_residual_value_of_nothing_unless_one_is_named() -> None:
    floor = terms("declining_balance", 60, residual_as="floor")
    assert curve(floor) == curve(terms("declining_balance", 60))
    assert curve(floor) == curve(terms("declining_balance", 60, residual_as="floor", residual_ratio=Fraction(0)))
