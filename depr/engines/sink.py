"""A schedule to Parquet as fast as it is computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from depr.contract import Schedule
from depr.errors import refuse
from depr.share.files import check_place

ARROW = {"Int64": pa.int64(), "Int32": pa.int32()}
FIELDS = [pa.field(name, ARROW[type(c).__name__], nullable=False) for name, c in Schedule.columns().items()]
SCHEMA = pa.schema(FIELDS)

REPEATING = {"lot": "lz4", "period": "lz4", "depreciation_minor": "lz4", "accumulated_minor": "none"}
"""Lots, periods and charges repeat from row to row and shrink to little; accumulated amounts are all different."""

OPTIONS = {
    "compression": REPEATING,
    "column_encoding": {"accumulated_minor": "DELTA_BINARY_PACKED"},
    "use_dictionary": False,  # looking up each value costs more than all the rest
    "write_statistics": ["lot"],  # a reader of one lot skips the other row groups
    "write_batch_size": 1 << 16,
}

AHEAD = 2
"""Pieces computed while one is being written."""


def write(pieces: Iterator[pa.Table], path: Path) -> int:
    """Pieces of a schedule as row groups of one Parquet file, whole or not at all; how many rows. Raises `Refused`."""
    rows = 0
    with _replacing(path) as partial, pq.ParquetWriter(partial, SCHEMA, **OPTIONS) as writer:
        for piece in _ahead(pieces):
            table = pa.Table.from_arrays(piece.columns, schema=SCHEMA)
            writer.write_table(table, row_group_size=max(piece.num_rows, 1))
            rows += piece.num_rows
    return rows


def _ahead(pieces: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The pieces in their order, computed by another thread."""
    with ThreadPoolExecutor(1) as thread:
        coming = deque(thread.submit(next, pieces, None) for _ in range(AHEAD))
        while (piece := coming.popleft().result()) is not None:
            coming.append(thread.submit(next, pieces, None))
            yield piece


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place at the end. It can be computed again, so the disk is not waited for."""
    check_place(path, overwrite=True)
    try:
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            partial = Path(folder) / path.name
            yield partial
            partial.replace(path)
    except OSError as fault:
        why = "a file that was there is as it was"
        raise refuse(str(path), f"cannot be written: {fault}", why, "free space or choose another folder") from None
