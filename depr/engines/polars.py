"""The default engine: `depr.kernel.schedule` as it stands, lots in pieces so that memory stays small."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import polars as pl
import pyarrow as pa

from depr.engines.engine import Engine
from depr.kernel.schedule import schedule

PIECE_ROWS, BLOCK_LOTS = 1 << 20, 1 << 18
THREADS, AHEAD = 1, 2
"""Pieces computed while one is being written."""


def expand(segments: pl.DataFrame, shares: pl.DataFrame) -> Iterator[pa.Table]:
    """The schedule piece by piece, each of some PIECE_ROWS rows, in the order of the segments."""

    def piece(part: pl.DataFrame) -> pa.Table:
        return schedule(part.lazy(), shares.lazy()).collect(engine="streaming").to_arrow()

    with ThreadPoolExecutor(THREADS) as pool:
        running: deque[Future[pa.Table]] = deque()
        for part in parts(segments, shares):
            running.append(pool.submit(piece, part))
            if len(running) > AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def parts(segments: pl.DataFrame, shares: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Consecutive segments that make at most PIECE_ROWS rows together, or one segment that makes more."""
    steps = shares.group_by("share_id").agg(rows=pl.len().cast(pl.Int64))
    for block in segments.iter_slices(BLOCK_LOTS):
        rows = block.select("share_id").join(steps, on="share_id", how="left", maintain_order="left")["rows"]
        start = 0
        for size in (rows.cum_sum() // PIECE_ROWS).rle().struct["len"]:
            yield block.slice(start, size)
            start += size


POLARS = Engine("polars", expand)
