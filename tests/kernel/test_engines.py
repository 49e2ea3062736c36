"""The kernel and SQL give the same schedule to the cent and cell, in memory and in Parquet."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.contract import Schedule
from depr.kernel.schedule import schedule
from tests.engines import Engine
from tests.kernel.tables import INT64, ROW, SCHEMA, Segment, Share, expected, made_up, segments_of, shares_of

THIRDS: list[Share] = [(0, 0, 0, 1, 3), (0, 1, 1, 2, 3), (0, 2, 2, 3, 3)]


def schedule_of(engine: Engine, segments: list[Segment], shares: list[Share]) -> pl.DataFrame:
    return engine.collect(segments_of(segments), shares_of(shares)).sort(ROW)


@pytest.mark.parametrize("seed", range(6))
def test_every_cell(engine: Engine, seed: int) -> None:
    """Amounts to 10**17 over denominators to 2**62, lots that end early, end late or never begin."""
    segments, shares = made_up(Random(seed), lots=400, shares=30)
    got, want = schedule_of(engine, segments, shares), expected(segments, shares)
    assert got.equals(want)
    assert got.schema == want.schema


@given(seed=st.integers(0, 2**32), lots=st.integers(0, 12), shares=st.integers(1, 4))
def test_any_tables(seed: int, lots: int, shares: int) -> None:
    tables = made_up(Random(seed), lots, shares)
    assert schedule_of(Engine(), *tables).equals(expected(*tables))


def test_the_widest_amounts(engine: Engine) -> None:
    """A base of all 63 bits over a denominator of 62: the product takes 125 bits, and nothing wraps."""
    den = 2**62
    shares: list[Share] = [(0, 0, 0, den // 3, den), (0, 1, den // 3, den - 1, den), (0, 2, den - 1, den, den)]
    segments: list[Segment] = [(0, INT64, 0, 0, 0, None), (1, INT64 - 5, 5, 0, 0, None), (2, 0, INT64, 0, 0, None)]
    assert schedule_of(engine, segments, shares).equals(expected(segments, shares))


def test_halves_go_to_the_even_side(engine: Engine) -> None:
    """In both forms: small bases, and bases whose product is beyond the float form."""
    shares: list[Share] = [(0, 0, 0, 1, 2), (0, 1, 1, 2, 2)]
    far = 2**52
    segments: list[Segment] = [(n, base, 0, 0, 0, None) for n, base in enumerate((1, 3, 5, 7, far + 1, far + 3))]
    first = schedule_of(engine, segments, shares).filter(pl.col("period") == 0)["depreciation_minor"].to_list()
    assert first == [0, 2, 2, 4, far // 2, far // 2 + 2]


def test_reductions(engine: Engine) -> None:
    """A negative base is the mirror image of a positive one, in both forms."""
    bases = (1, 2, 1001, 10**10 + 1, 10**17 - 1)
    up: list[Segment] = [(n, base, 0, 0, 9, None) for n, base in enumerate(bases)]
    down: list[Segment] = [(n, -base, 0, 0, 9, None) for n, base in enumerate(bases)]
    shares: list[Share] = [(0, 0, 0, 1, 2**20), (0, 1, 1, 2**19, 2**20), (0, 2, 2**19, 2**20, 2**20)]
    amounts = pl.col("depreciation_minor", "accumulated_minor")
    assert schedule_of(engine, down, shares).equals(schedule_of(engine, up, shares).with_columns(-amounts))


def test_many_shares(engine: Engine) -> None:
    """A curve of its own for nearly every lot."""
    segments, shares = made_up(Random(11), lots=3_000, shares=2_500)
    assert schedule_of(engine, segments, shares).equals(expected(segments, shares))


def test_nothing_in_nothing_out(engine: Engine) -> None:
    assert schedule_of(engine, [], THIRDS).equals(expected([], []))
    assert schedule_of(engine, [], []).schema == SCHEMA


# Parquet


def test_a_file_holds_the_schedule_for_other_readers(tmp_path: Path) -> None:
    segments, shares = made_up(Random(4), lots=200, shares=9)
    path, want = tmp_path / "schedule.parquet", expected(segments, shares)
    schedule(segments_of(segments), shares_of(shares)).sink_parquet(path)
    Schedule.validate(pl.read_parquet(path))
    assert pl.read_parquet(path).sort(ROW).equals(want)
    rows = duckdb.execute("FROM read_parquet(?) ORDER BY lot, period", [str(path)]).fetchall()
    assert rows == want.rows()
    assert pq.read_table(path).num_rows == want.height
