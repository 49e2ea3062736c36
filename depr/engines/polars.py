"""The default engine: the charges of `depr.kernel.schedule`, in pieces so that memory stays small.

Lots of one curve are a product of lots and steps, which takes half the time of a join; so each block of lots is taken
curve by curve, and only curves of few lots are joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from depr.engines.engine import Engine
from depr.kernel.schedule import KINDS, Kind, charges, marked

PIECE_ROWS, BLOCK_LOTS = 1 << 20, 1 << 18
ENOUGH_LOTS = 1 << 11
"""Lots of a block with the same share from which they are a piece of their own."""


class Piece(NamedTuple):
    """Segments of one kind that make some PIECE_ROWS rows together, or one that makes more, and their shares."""

    segments: pl.DataFrame
    shares: pl.DataFrame
    kind: Kind
    one_share: bool

    def table(self) -> pa.Table:
        """Its schedule."""
        rows = charges(self.segments.lazy(), self.shares.lazy(), self.kind, one_share=self.one_share)
        return rows.collect(engine="streaming").to_arrow()


def expand(segments: pl.DataFrame, shares: pl.DataFrame) -> Iterator[pa.Table]:
    """The schedule piece by piece; the same input gives the same rows in the same order."""
    return (piece.table() for piece in pieces(segments, shares))


def pieces(segments: pl.DataFrame, shares: pl.DataFrame) -> Iterator[Piece]:
    """Block by block and kind by kind: lots that share a curve with many others, curve by curve, then the rest."""
    steps = shares.group_by("share_id").agg(rows=pl.len().cast(pl.Int64))
    for block in segments.iter_slices(BLOCK_LOTS):
        every = marked(block.lazy(), shares.lazy()).collect()
        for wide, ends in KINDS:
            yield from _pieces(every.filter(wide=wide, ends=ends), shares, steps, Kind(wide, ends))


def _pieces(lots: pl.DataFrame, shares: pl.DataFrame, steps: pl.DataFrame, kind: Kind) -> Iterator[Piece]:
    counts = lots.group_by("share_id").len().filter(pl.col("len") >= ENOUGH_LOTS).join(steps, on="share_id")
    for share_id, _, rows in counts.sort("share_id").iter_rows():
        curve = shares.filter(share_id=share_id)
        for part in lots.filter(share_id=share_id).iter_slices(max(PIECE_ROWS // rows, 1)):
            yield Piece(part, curve, kind, one_share=True)
    rest = lots.join(counts, on="share_id", how="anti").sort("share_id", maintain_order=True)
    for part in _parts(rest, steps):
        yield Piece(part, shares.join(part, on="share_id", how="semi"), kind, one_share=False)


def _parts(lots: pl.DataFrame, steps: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Consecutive lots that make some PIECE_ROWS rows together."""
    rows = lots.select("share_id").join(steps, on="share_id", how="left", maintain_order="left")["rows"]
    start = 0
    for size in (rows.cum_sum() // PIECE_ROWS).rle().struct["len"]:
        yield lots.slice(start, size)
        start += size


POLARS = Engine("polars", expand)
