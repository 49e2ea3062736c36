"""What all engines have in common: the proof of the range before, the Parquet file after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from depr.contract import Schedule
from depr.engines.guard import proven
from depr.engines.sink import write

Expand = Callable[[pl.DataFrame, pl.DataFrame], Iterator[pa.Table]]
"""Segments (contract.Segments) and shares (contract.Shares) -> the schedule in pieces, rows in no order."""


@dataclass(frozen=True)
class Engine:
    """A way to run `depr.kernel.schedule`; all of them give the same rows, equal to the minor unit."""

    name: str
    expand: Expand

    def write(self, segments: pl.DataFrame, shares: pl.DataFrame, path: Path) -> int:
        """The schedule (contract.Schedule) to a Parquet file, whole or not at all; how many rows it has.

        Memory is bounded by the segments and a few pieces. Raises `Refused` for what `proven` refuses.
        """
        return write(self.expand(*proven(segments, shares)), path)

    def collect(self, segments: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
        """The schedule (contract.Schedule) as a frame. Raises `Refused` for what `proven` refuses."""
        pieces = [pl.DataFrame(piece) for piece in self.expand(*proven(segments, shares))]
        return pl.concat(pieces) if pieces else pl.DataFrame(Schedule.create_empty())
