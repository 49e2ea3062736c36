"""DuckDB: the table macro of depr/sql/macros over the same two tables."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import polars as pl
import pyarrow as pa

from depr.engines.engine import Engine
from depr.ledger.database import database

PIECE_ROWS = 1 << 19
SETTINGS = {"preserve_insertion_order": False}


def expand(segments: pl.DataFrame, shares: pl.DataFrame) -> Iterator[pa.Table]:
    """The schedule as DuckDB streams it, in no order."""
    with database(settings=SETTINGS) as connection:
        connection.execute((files("depr") / "sql" / "macros" / "schedule.sql").read_text(encoding="utf-8"))
        connection.register("segments", segments.to_arrow())
        connection.register("shares", shares.to_arrow())
        for batch in connection.sql("FROM depreciation_schedule('segments', 'shares')").to_arrow_reader(PIECE_ROWS):
            yield pa.Table.from_batches([batch])


DUCKDB = Engine("duckdb", expand)
