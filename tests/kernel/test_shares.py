"""The table of shares: curves read at the ticks of a clock."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from depr.errors import Refused
from depr.kernel.conventions import MonthClock
from depr.kernel.curves import Terms, curve
from depr.kernel.shares import DEN_LIMIT, ShareTable, ticks
from depr.schemas import Shares

QUARTER_YEAR = curve(Terms("straight_line", Fraction(3)))
HALF = Fraction(1, 2)
WHOLE = MonthClock(Fraction(0))


@pytest.mark.parametrize(
    ("phase", "shares"),
    [
        (Fraction(1), "0 1/3 2/3 1"),
        (HALF, "0 1/6 1/2 5/6 1"),
        (Fraction(2), "0 2/3 1"),
        (Fraction(3), "0 1"),
        (Fraction(6), "0 1"),
        (Fraction(-1), "0 0 0 1/3 2/3 1"),
    ],
)
def test_ticks(phase: Fraction, shares: str) -> None:
    """Phase is the age at the end of the first period: whole, half, more than the life, or before the clock starts."""
    assert " ".join(map(str, ticks(QUARTER_YEAR, MonthClock(1 - phase)))) == shares


def test_equal_shares_are_stored_once() -> None:
    table = ShareTable()
    assert [table.add(QUARTER_YEAR, MonthClock(1 - p)) for p in (Fraction(1), HALF, Fraction(1))] == [0, 1, 0]
    frame = table.frame()
    assert frame.columns == Shares.column_names()
    assert frame.rows() == [
        (0, 0, 0, 1, 3),
        (0, 1, 1, 2, 3),
        (0, 2, 2, 3, 3),
        (1, 0, 0, 1, 6),
        (1, 1, 1, 3, 6),
        (1, 2, 3, 5, 6),
        (1, 3, 5, 6, 6),
    ]


def test_no_shares() -> None:
    frame = ShareTable().frame()
    assert (frame.height, frame.schema) == (0, Shares.create_empty().schema)


def test_a_curve_of_exactly_62_bits_is_used() -> None:
    assert DEN_LIMIT == 2**62
    table = ShareTable()
    table.add(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1, DEN_LIMIT)), (Fraction(2), Fraction(1))), WHOLE)
    assert table.frame().select(pl.col("den").unique()).item() == DEN_LIMIT


def test_a_curve_that_outgrows_62_bits_is_refused() -> None:
    table = ShareTable()
    table.add(curve(Terms("declining_balance", Fraction(240), switch="none")), WHOLE)
    with pytest.raises(Refused) as refused:
        table.frame()
    assert str(refused.value) == "curve: denominator of 67 bits\n  why: 62 are exact\n  do: use a rounder life"
