"""The table of shares: curves read at the ticks of a clock."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from depr.contract import Segments, Shares
from depr.errors import Refused
from depr.kernel.conventions import ExitClock, MonthClock
from depr.kernel.curves import Terms, curve
from depr.kernel.shares import DEN_LIMIT, ShareTable, ticks

QUARTER_YEAR = curve(Terms("straight_line", Fraction(3)))
HALF = Fraction(1, 2)
WHOLE = MonthClock(Fraction(0))


def no_segments() -> pl.DataFrame:
    return Segments.create_empty()


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
    frame = table.frames(no_segments())[1]
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
    frame = ShareTable().frames(no_segments())[1]
    assert (frame.height, frame.schema) == (0, Shares.create_empty().schema)


def test_a_curve_of_exactly_62_bits_is_used() -> None:
    assert DEN_LIMIT == 2**62
    table = ShareTable()
    table.add(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1, DEN_LIMIT)), (Fraction(2), Fraction(1))), WHOLE)
    assert table.frames(no_segments())[1].select(pl.col("den").unique()).item() == DEN_LIMIT


def test_a_curve_that_outgrows_62_bits_takes_the_slow_form() -> None:
    """Each base that uses it has a share of its own, A(k) / base, which gives back the rounded accumulations."""
    table, knots = ShareTable(), curve(Terms("declining_balance", Fraction(240), switch="none"))
    wide, plain = table.add(knots, WHOLE), table.add(QUARTER_YEAR, WHOLE)
    bases = [(wide, 999_999_999), (plain, 30), (wide, 7), (wide, 0), (wide, 7), (wide, 1)]
    rows = [(lot, base, 0, share, 0, None) for lot, (share, base) in enumerate(bases)]
    segments = pl.DataFrame(rows, schema=no_segments().schema, orient="row")
    moved, shares = table.frames(segments)
    assert moved.schema == segments.schema
    ids = dict(moved.select("lot", "share_id").iter_rows())
    assert ids[1] == plain
    assert ids[2] == ids[4] != ids[0]
    for lot, base in ((0, 999_999_999), (2, 7), (3, 0), (5, 1)):
        own = shares.filter(share_id=ids[lot])
        exact = [round(share * base) for share in ticks(knots, WHOLE)]
        assert [base * num // den for num, den in own.select("num", "den").iter_rows()] == exact[1:]
        assert [base * num // den for num, den in own.select("num_before", "den").iter_rows()] == exact[:-1]


def test_a_clock_that_does_not_reach_the_end_is_given_up() -> None:
    """12,000 periods are counted, no more."""
    whole = curve(Terms("straight_line", Fraction(12_000)))
    assert len(ticks(whole, WHOLE)) == 12_001
    text = "curve: not used up after 12000 periods\n  why: the life is beyond the calendar\n  do: use a shorter life"
    with pytest.raises(Refused) as fault:
        ticks(curve(Terms("straight_line", Fraction(12_001))), WHOLE)
    assert str(fault.value) == text


def test_a_curve_is_entered_at_an_age() -> None:
    """Half a month of three is past when period 0 begins, under a clock that says so too."""
    late = MonthClock(Fraction(-1, 2))
    assert ticks(QUARTER_YEAR, late, HALF) == [Fraction(1, 6), HALF, Fraction(5, 6), 1]
    table = ShareTable()
    assert [table.add(QUARTER_YEAR, late, age) for age in (HALF, Fraction(0), HALF)] == [0, 1, 0]


def test_a_part_that_goes_has_a_clock_of_its_own() -> None:
    """A third goes after period 1 with one month of age, half a month in each; the rest is as it was."""
    going = ExitClock(WHOLE, 0, 1, Fraction(0), Fraction(1))
    third = Fraction(1, 3)
    values = ticks(QUARTER_YEAR, WHOLE, Fraction(0), ((third, going, Fraction(0)),))
    assert values == [0, third / 6 + 2 * third / 3, third / 3 + 4 * third / 3, third / 3 + 2 * third]
