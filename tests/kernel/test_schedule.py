"""The schedule from segments and shares: periods, the two arithmetic forms, sums over a large fleet."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from depr.books.book import Book
from depr.books.estimates import estimates
from depr.contract import Schedule, Segments, Shares
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.rounding import EXACT_FLOAT_LIMIT
from depr.kernel.schedule import _sized, horizon, schedule
from tests.engines import Engine
from tests.kernel.fleets import Case, book_of, lots_of, schedule_of
from tests.oracle import Asset, Rule, half_even

INT64 = 2**63 - 1
HALVES = [(0, 0, 0, 1, 2), (0, 1, 1, 2, 2)]
THIRDS = [(0, 0, 0, 1, 3), (0, 1, 1, 2, 3), (0, 2, 2, 3, 3)]


def shares_of(rows: list[tuple[int, int, int, int, int]]) -> pl.DataFrame:
    return Shares.validate(pl.DataFrame(rows, schema=Shares.column_names(), orient="row"), cast=True)


def segments_of(*rows: tuple[int, int, int, int, int, int | None]) -> pl.DataFrame:
    return Segments.validate(pl.DataFrame(rows, schema=Segments.column_names(), orient="row"), cast=True)


def rows_of(engine: Engine, segments: pl.DataFrame, shares: pl.DataFrame) -> list[tuple[int, ...]]:
    return engine.collect(segments, shares).rows()


def test_from_the_first_period_to_the_end_of_the_curve(engine: Engine) -> None:
    segment = segments_of((7, 100, 0, 0, 1500, None))
    assert rows_of(engine, segment, shares_of(THIRDS)) == [(7, 1500, 33, 33), (7, 1501, 34, 67), (7, 1502, 33, 100)]


def test_to_the_last_period_and_on_from_there(engine: Engine) -> None:
    """The second segment starts from what the first has accumulated."""
    segments = segments_of((7, 100, 0, 0, 1500, 1501), (7, 33, 67, 0, 1502, None))
    assert rows_of(engine, segments, shares_of(THIRDS)) == [
        (7, 1500, 33, 33),
        (7, 1501, 34, 67),
        (7, 1502, 11, 78),
        (7, 1503, 11, 89),
        (7, 1504, 11, 100),
    ]


def test_each_lot_by_its_own_curve(engine: Engine) -> None:
    shares = shares_of([*THIRDS, *((1, *row[1:]) for row in HALVES)])
    got = rows_of(engine, segments_of((1, 90, 0, 0, 10, None), (2, 90, 0, 1, 10, None), (3, 90, 0, 1, 10, 10)), shares)
    assert got == [(1, 10, 30, 30), (1, 11, 30, 60), (1, 12, 30, 90), (2, 10, 45, 45), (2, 11, 45, 90), (3, 10, 45, 45)]


def test_the_columns_are_those_of_the_contract() -> None:
    empty = schedule(segments_of(), shares_of(THIRDS)).collect()
    assert empty.columns == Schedule.column_names()
    Schedule.validate(schedule(segments_of((1, 5, 0, 0, 9, None)), shares_of(THIRDS)).collect())


@pytest.mark.parametrize("den", [3, 72, 2**20 + 7, 2**62])
def test_both_sides_of_the_limit_between_the_forms(engine: Engine, den: int) -> None:
    """Bases next to the limit, and as wide as Int64: each accumulation is the exact one."""
    edge = EXACT_FLOAT_LIMIT // den
    bases = sorted({max(edge + step, 0) for step in range(-3, 4)} | {0, 1, INT64, INT64 - 1})
    cuts = [0, den // 3, den // 2, den // 2 + 1, den]
    shares = [(0, step, before, after, den) for step, (before, after) in enumerate(pairwise(cuts))]
    got = rows_of(engine, segments_of(*((n, base, 0, 0, 0, None) for n, base in enumerate(bases))), shares_of(shares))
    want = [
        (n, step, half_even(base * after, den) - half_even(base * before, den), half_even(base * after, den))
        for n, base in enumerate(bases)
        for step, (before, after) in enumerate(pairwise(cuts))
    ]
    assert got == want


def test_the_limit_itself_takes_the_wide_form() -> None:
    """base x den below 2**52 is proven for the float form, 2**52 is not."""
    bases = (2**51 - 1, 2**51, -(2**51), 1 - 2**51)
    sized = _sized(segments_of(*((n, base, 0, 0, 0, None) for n, base in enumerate(bases))), shares_of(HALVES))
    assert sized.collect().sort("lot")["wide"].to_list() == [False, True, True, False]


def test_horizon() -> None:
    shares = shares_of(THIRDS)
    assert horizon(segments_of((1, 5, 0, 0, 100, None)), shares) == 102
    assert horizon(segments_of((1, 5, 0, 0, 100, 101)), shares) == 101
    assert horizon(segments_of((1, 5, 0, 0, 100, 109)), shares) == 102
    assert horizon(segments_of((1, 5, 0, 0, 100, None), (2, 5, 0, 0, 90, None)), shares) == 102
    assert horizon(segments_of(), shares) == 0


# A large fleet

FLEET = 200_000


def _fleet() -> tuple[pl.DataFrame, Book]:
    """200,000 lots, 5.7 to 21.5 million dollars, in odd cents; methods and conventions in turn, one life dated."""
    later = date(2022, 7, 1)
    tracks = {
        "a": [Rule(72)],
        "b": [Rule(48, convention="mid_month"), Rule(60, convention="mid_month", effective=later)],
        "c": [Rule(72, "declining_balance", "mid_month", residual_rate=Fraction("0.05"))],
        "d": [Rule(54, "sum_of_years_digits", "half_year")],
    }
    keys, one = list(tracks), lots_of([Case(Asset(1, date(2020, 1, 1)), "a")])
    number = pl.int_range(FLEET, dtype=pl.Int64)
    lots = one.select(pl.all().exclude("lot").repeat_by(FLEET).explode()).with_columns(
        lot=number,
        lot_id=number.cast(pl.String),
        generation=pl.lit(pl.Series(keys)).gather(number % len(keys)),
        cost_minor=number * 7_919 % 10_000_000_007 + 570_000_001,
        in_service_date=pl.lit(date(2018, 1, 1)) + pl.duration(days=number * 31 % 2_500),
    )
    return lots.with_columns(purchase_date="in_service_date"), book_of(tracks)


def test_a_large_fleet_sums_to_its_base(tmp_path: Path) -> None:
    """Each of 200,000 lots: charges add up to cost less residual value, none is negative, periods follow each other."""
    lots, book = _fleet()
    segments, shares, *_ = estimates(lots, book, FiscalCalendar(6))
    schedule(segments, shares).sink_parquet(tmp_path / "schedule.parquet")
    charge, period = pl.col("depreciation_minor"), pl.col("period")
    sums = (
        pl.scan_parquet(tmp_path / "schedule.parquet")
        .group_by("lot")
        .agg(
            charged=charge.sum(),
            least=charge.min(),
            accumulated=pl.col("accumulated_minor").max(),
            span=period.max() - period.min() + 1,
            periods=period.n_unique(),
            rows=pl.len(),
        )
        .collect()
        .sort("lot")
    )
    named = lots.select("generation", "cost_minor").rows()
    base = pl.Series([cost - (half_even(cost, 20) if key == "c" else 0) for key, cost in named])
    assert sums["lot"].to_list() == list(range(FLEET))
    assert (sums["charged"] == base).all()
    assert (sums["accumulated"] == base).all()
    assert (sums["least"] >= 0).all()
    assert ((sums["span"] == sums["rows"]) & (sums["periods"] == sums["rows"])).all()


def test_lots_of_both_forms_in_one_schedule(engine: Engine) -> None:
    cases = [Case(Asset(cost, date(2024, 1, 15))) for cost in (10**17, 1, 10**17 + 1, 12)]
    got = schedule_of(engine, lots_of(cases), book_of({"*": [Rule(36)]}))
    sums = got.group_by("lot").agg(pl.col("depreciation_minor").sum(), pl.len()).sort("lot")
    assert sums.rows() == [(n, case.asset.cost, 36) for n, case in enumerate(cases)]
