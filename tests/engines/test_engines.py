"""Every engine gives the same schedule to the cent and cell, in memory and in Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.contract import Schedule
from depr.engines import ENGINES, Engine
from depr.engines import polars as default
from depr.kernel.schedule import KINDS
from tests.engines.tables import INT64, ROW, SCHEMA, Segment, Share, expected, made_up, segments_of, shares_of

THIRDS: list[Share] = [(0, 0, 0, 1, 3), (0, 1, 1, 2, 3), (0, 2, 2, 3, 3)]


def schedule_of(engine: Engine, segments: list[Segment], shares: list[Share]) -> pl.DataFrame:
    return engine.collect(segments_of(segments), shares_of(shares)).sort(ROW)


def test_the_first_engine_is_the_default() -> None:
    assert list(ENGINES) == ["polars", "duckdb"]
    assert all(name == engine.name for name, engine in ENGINES.items())


@pytest.mark.parametrize("seed", range(6))
def test_every_cell(engine: Engine, seed: int) -> None:
    """Amounts to 10**17 over denominators to 2**62, lots that end early, end late or never begin."""
    segments, shares = made_up(Random(seed), lots=400, shares=30)
    got, want = schedule_of(engine, segments, shares), expected(segments, shares)
    assert got.equals(want)
    assert got.schema == want.schema


@given(seed=st.integers(0, 2**32), lots=st.integers(0, 12), shares=st.integers(1, 4))
def test_engines_agree(seed: int, lots: int, shares: int) -> None:
    tables = made_up(Random(seed), lots, shares)
    want = expected(*tables)
    for engine in ENGINES.values():
        assert schedule_of(engine, *tables).equals(want), engine.name


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


def test_nothing_in_nothing_out(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "schedule.parquet"
    assert schedule_of(engine, [], THIRDS).equals(expected([], []))
    assert schedule_of(engine, [], []).schema == SCHEMA
    assert engine.write(segments_of([]), shares_of(THIRDS), path) == 0
    assert pl.read_parquet(path).schema == SCHEMA


# Parquet


def test_the_file_holds_the_schedule(engine: Engine, tmp_path: Path) -> None:
    segments, shares = made_up(Random(3), lots=500, shares=20)
    path, want = tmp_path / "schedule.parquet", expected(segments, shares)
    assert engine.write(segments_of(segments), shares_of(shares), path) == want.height
    assert pl.read_parquet(path).sort(ROW).equals(want)
    Schedule.validate(pl.read_parquet(path))
    assert not any(field.nullable for field in pq.read_schema(path))
    assert list(tmp_path.iterdir()) == [path]


def test_other_readers_read_it(engine: Engine, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    segments, shares = made_up(Random(4), lots=200, shares=9)
    path, want = tmp_path / "schedule.parquet", expected(segments, shares)
    engine.write(segments_of(segments), shares_of(shares), path)
    rows = duckdb.sql(f"FROM read_parquet('{path}') ORDER BY lot, period").fetchall()
    assert rows == want.rows()
    assert pq.read_table(path).num_rows == want.height


def test_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, of lots that share a curve and of lots that do not: the same cells, the same file each time."""
    for name, value in {"PIECE_ROWS": 300, "BLOCK_LOTS": 200, "ENOUGH_LOTS": 3}.items():
        monkeypatch.setattr(default, name, value)
    segments, shares = made_up(Random(5), lots=700, shares=25)
    tables, files = (segments_of(segments), shares_of(shares)), [tmp_path / name for name in ("a.parquet", "b.parquet")]
    assert {(piece.kind, piece.one_share) for piece in default.pieces(*tables)} == set(product(KINDS, (True, False)))
    for path in files:
        ENGINES["polars"].write(*tables, path)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert pl.read_parquet(files[0]).sort(ROW).equals(expected(segments, shares))
    assert pq.ParquetFile(files[0]).num_row_groups > 20


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "schedule.parquet"
    path.write_text("old")

    def failing(segments: pl.DataFrame, shares: pl.DataFrame) -> Iterator[pa.Table]:
        yield ENGINES["polars"].collect(segments, shares).to_arrow()
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        Engine("failing", failing).write(segments_of([(0, 9, 0, 0, 0, None)]), shares_of(THIRDS), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
