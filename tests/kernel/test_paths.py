"""Curves given as data: their knots, what is refused and how it is said, and what is left of a curve."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import pytest

from depr.errors import Refused
from depr.kernel.curves import Knots, rest, share_at
from depr.kernel.paths import from_amounts, from_percentages, from_prices, from_usage


def parts(*texts: str | int) -> list[Fraction]:
    return [Fraction(text) for text in texts]


def knots(*pairs: tuple[int | str, int | str]) -> Knots:
    return tuple((Fraction(age), Fraction(share)) for age, share in pairs)


def test_percentages_by_year() -> None:
    """The half-year column of 5-year property as printed: 20.00 32.00 19.20 11.52 11.52 5.76."""
    column = parts("20", "32", "19.20", "11.52", "11.52", "5.76")
    ages = (0, 12, 24, 36, 48, 60, 72)
    shares = ("0", "0.2", "0.52", "0.712", "0.8272", "0.9424", "1")
    assert from_percentages(column) == knots(*zip(ages, shares, strict=True))
    late = from_percentages(column, Fraction(3, 2))
    assert [age for age, _ in late] == parts("0", "1.5", "13.5", "25.5", "37.5", "49.5", "61.5")
    assert [share for _, share in late] == parts(*shares)


def test_a_year_may_take_nothing() -> None:
    assert from_percentages(parts(50, 0, 50)) == knots((0, 0), (12, "1/2"), (24, "1/2"), (36, 1))


def test_usage_is_capped_at_the_whole() -> None:
    """60, 50 and 10 of 100 hours expected: three fifths, then all, then nothing."""
    assert from_usage(parts(60, 50, 10), Fraction(100)) == knots((0, 0), (1, "3/5"), (2, 1), (3, 1))
    assert from_usage(parts("1/4", "1/4"), Fraction("1/2")) == knots((0, 0), (1, "1/2"), (2, 1))
    assert from_usage(parts(10, 20), Fraction(100), Fraction(3)) == knots((0, 0), (3, "1/10"), (6, "3/10"))


def test_amounts_by_month() -> None:
    assert from_amounts(parts(300, 0, 100), Fraction(400)) == knots((0, 0), (1, "3/4"), (2, "3/4"), (3, 1))
    assert from_amounts(parts("1/4", "1/4"), Fraction("1/2")) == knots((0, 0), (1, "1/2"), (2, 1))
    assert from_amounts(parts(1, 3), Fraction(4), Fraction(12)) == knots((0, 0), (12, "1/4"), (24, 1))


RISING = list(zip(parts(0, 12, 24, 36), parts(100, 60, 80, 20), strict=True))


def test_prices_fall_from_first_to_last() -> None:
    assert from_prices(RISING[:2], accounting=True) == knots((0, 0), (12, 1))
    assert from_prices(RISING, accounting=True) == knots((0, 0), (12, "1/2"), (24, "1/2"), (36, 1))
    assert from_prices(RISING, accounting=False) == knots((0, 0), (12, "1/2"), (24, "1/4"), (36, 1))


def test_an_accounting_book_is_capped_at_the_lowest_so_far() -> None:
    """A price that ends above its lowest is used up where it was lowest; for analysis the end is the whole."""
    path = list(zip(parts(0, 1, 2, 3), parts(100, 20, 90, 60), strict=True))
    capped = from_prices(path, accounting=True)
    assert capped == knots((0, 0), (1, 1), (2, 1), (3, 1))
    assert all(before[1] <= after[1] for before, after in pairwise(capped))
    assert from_prices(path, accounting=False) == knots((0, 0), (1, 2), (2, "1/4"), (3, 1))
    risen = [(Fraction(0), Fraction(100)), (Fraction(1), Fraction(130)), (Fraction(2), Fraction(50))]
    assert from_prices(risen, accounting=True) == knots((0, 0), (1, 0), (2, 1))
    assert from_prices(risen, accounting=False) == knots((0, 0), (1, "-3/5"), (2, 1))


WHOLE = "\n  why: the whole amount must be charged"
NEVER = "\n  why: a charge is never negative\n  do: correct it"
REFUSALS: list[tuple[Callable[[], Knots], str]] = [
    (
        lambda: from_percentages(parts(50, "49.99")),
        f"table: percentages sum to 9999/100{WHOLE}\n  do: make them sum to 100",
    ),
    (lambda: from_percentages(parts(50, 51)), f"table: percentages sum to 101{WHOLE}\n  do: make them sum to 100"),
    (lambda: from_percentages([]), f"table: percentages sum to 0{WHOLE}\n  do: make them sum to 100"),
    (lambda: from_percentages(parts(110, "-21/2", "1/2")), f"table: percentage -21/2{NEVER}"),
    (
        lambda: from_usage(parts(1), Fraction(0)),
        "usage: total expected usage 0\n  why: nothing could be used up\n  do: give a positive total",
    ),
    (
        lambda: from_usage(parts(1), Fraction(-1, 2)),
        "usage: total expected usage -1/2\n  why: nothing could be used up\n  do: give a positive total",
    ),
    (
        lambda: from_usage([], Fraction(10)),
        "usage: no usage\n  why: nothing says what is used up\n  do: give the usage of each period",
    ),
    (
        lambda: from_usage(parts(5, 0, -3), Fraction(10)),
        "usage: usage of period 3 is -3\n  why: usage to date never falls\n  do: correct it",
    ),
    (
        lambda: from_amounts(parts(1, 2), Fraction(4)),
        f"manual schedule: amounts sum to 3, the depreciable amount is 4{WHOLE}\n  do: correct the amounts",
    ),
    (
        lambda: from_amounts(parts(0), Fraction(0)),
        f"manual schedule: amounts sum to 0, the depreciable amount is 0{WHOLE}\n  do: correct the amounts",
    ),
    (
        lambda: from_amounts([], Fraction(0)),
        f"manual schedule: amounts sum to 0, the depreciable amount is 0{WHOLE}\n  do: correct the amounts",
    ),
    (lambda: from_amounts(parts(5, "-1"), Fraction(4)), f"manual schedule: amount -1{NEVER}"),
]
ORDER = "price path: ages do not run upwards from 0\n  do: give the price when new first"
GAP = "price path: a price is missing\n  why: a gap is never filled by guessing\n  do: give every price"
FLAT = "price path: the last price is not below the first\n  why: nothing would be depreciated\n  do: correct it"
PRICES = [
    ([], ORDER),
    ([(1, 100), (2, 50)], ORDER),
    ([(0, 100), (12, 60), (12, 50)], ORDER),
    ([(0, 100), (24, 60), (12, 50)], ORDER),
    ([(0, 100), (12, None), (24, 50)], GAP),
    ([(0, None), (24, 50)], GAP),
    ([(0, 100), (24, None)], GAP),
    ([(0, 100)], FLAT),
    ([(0, 100), (12, 100)], FLAT),
    ([(0, 100), (12, 101)], FLAT),
]


@pytest.mark.parametrize(("build", "text"), REFUSALS)
def test_what_is_refused(build: Callable[[], Knots], text: str) -> None:
    with pytest.raises(Refused) as fault:
        build()
    assert str(fault.value) == text


@pytest.mark.parametrize("accounting", [True, False])
@pytest.mark.parametrize(("path", "text"), PRICES)
def test_price_paths_that_are_refused(path: list[tuple[int, int | None]], text: str, accounting: bool) -> None:
    given = [(Fraction(age), None if price is None else Fraction(price)) for age, price in path]
    with pytest.raises(Refused) as fault:
        from_prices(given, accounting=accounting)
    assert str(fault.value) == text


# What is left of a curve


CURVE = knots((0, 0), (12, "1/2"), (24, "3/4"), (36, 1))


def test_nothing_gone_leaves_the_curve() -> None:
    assert rest(CURVE, Fraction(0)) == CURVE


def test_what_is_left_is_a_curve_of_its_own() -> None:
    assert rest(CURVE, Fraction(12)) == knots((0, 0), (12, "1/2"), (24, 1))
    assert rest(CURVE, Fraction(6)) == knots((0, 0), (6, "1/3"), (18, "2/3"), (30, 1))


@pytest.mark.parametrize("age", [Fraction(n, 4) for n in range(1, 144, 7)])
def test_what_is_left_charges_what_the_curve_would(age: Fraction) -> None:
    left, gone = rest(CURVE, age), share_at(CURVE, age)
    for later in (Fraction(n, 3) for n in range(120)):
        assert gone + (1 - gone) * share_at(left, later) == share_at(CURVE, age + later)


@pytest.mark.parametrize("age", [36, 40, 1000])
def test_nothing_left_to_follow_is_charged_in_a_period(age: int) -> None:
    assert rest(CURVE, Fraction(age)) == knots((0, 0), (1, 1))
    early = knots((0, 0), (12, 1), (24, 1))
    assert rest(early, Fraction(18)) == knots((0, 0), (1, 1))


def test_usage_short_of_the_whole_stays_short() -> None:
    """30 of 100 hours in all the data there are: what has not been used is not charged, with or without a change."""
    short = from_usage(parts(10, 20), Fraction(100))
    assert rest(short, Fraction(1)) == knots((0, 0), (1, "2/9"))
    assert rest(short, Fraction(2)) == rest(short, Fraction(7)) == knots((0, 0), (1, 0))
