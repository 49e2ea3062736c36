"""Numbers as text: rounding, parentheses, dash, blank."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.report import format as fmt
from depr.report.format import Figure
from depr.report.words import Spoken


@pytest.mark.parametrize(
    ("minor", "places", "text"),
    [
        (None, 1, ""),
        (0, 1, "\u2014"),
        (123_456_789_00, 1, "123.5"),
        (-123_456_789_00, 1, "(123.5)"),
        (-1_234_567_000_000, 0, "(12,346)"),
        (5_000_000, 1, "0.0"),  # 0.05 million: the even neighbour
        (15_000_000, 1, "0.2"),  # 0.15 million: the even neighbour
        (-1, 1, "0.0"),  # rounds to nothing: digits stay, the sign goes
    ],
)
def test_millions(minor: int | None, places: int, text: str) -> None:
    assert str(fmt.millions(minor, 2, places)) == text


def test_missing_is_not_zero_and_empty_is_not_missing() -> None:
    assert fmt.per_share(None) == fmt.MISSING
    assert fmt.MISSING.missing
    assert fmt.per_share(0).zero
    assert fmt.EMPTY.empty
    assert not fmt.EMPTY.missing
    assert not fmt.MISSING.empty


def test_other_units() -> None:
    assert fmt.per_share(-2_805_000) == Figure("2.80", negative=True)
    assert str(fmt.percent(262_500)) == "26.2"
    assert str(fmt.count(1_004_888)) == "1,004,888"
    assert str(fmt.millions(1_234, 0, 2)) == "0.00"


@given(st.integers(-(10**20), 10**20), st.integers(0, 8), st.integers(0, 4))
def test_rounding_equals_decimal(value: int, digits: int, places: int) -> None:
    exact = Decimal(value).scaleb(-digits)
    with_places = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    assert Decimal(fmt.rounded(value, digits, places)).scaleb(-places) == with_places


@pytest.mark.parametrize(
    ("minor", "spoken"),
    [
        (1_320_000_000_000, Spoken("13.2", "billion")),
        (99_960_000_000, Spoken("1.0", "billion")),  # 999.6 million rounds up into the next word
        (41_400_000_000, Spoken("414", "million")),
        (-940_000_000, Spoken("9.4", "million", negative=True)),
        (123_000_000_000_000, Spoken("1.2", "trillion")),
        (0, Spoken("0.0", "million")),
    ],
)
def test_spoken(minor: int, spoken: Spoken) -> None:
    assert fmt.spoken(minor, 2) == spoken


@pytest.mark.parametrize(("months", "text"), [(12, "1"), (36, "3"), (66, "5.5"), (64, "5.33"), (120, "10")])
def test_years(months: int, text: str) -> None:
    assert fmt.years(months) == text


def test_ratio_of_nothing_is_missing() -> None:
    assert fmt.ratio_ppm(1, 3) == 333_333
    assert fmt.ratio_ppm(1, 0) is None
    assert fmt.ratio_ppm(1, -3) is None
