"""Where a schedule is computed: by the kernel, and by its macro in the ledger. A test of the one is a test of both."""

from __future__ import annotations

import atexit
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl

from depr.kernel.schedule import schedule
from depr.ledger.database import database

ROW = ["lot", "period"]
SOME = 6
"""Of how many examples of a property one is asked of SQL too: what both share is searched by all of them."""


@dataclass(frozen=True)
class Engine:
    """The kernel, whose answer is compared with that of SQL: each time, or for one in `of` tables, by their content."""

    of: int = 1

    def collect(self, segments: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
        """The schedule (contract.Schedule) of the kernel in order of lot and period. Raises `Refused`."""
        rows = schedule(segments, shares).collect().sort(ROW)
        told = sum(int(segments[name].sum() or 0) for name in ("base_minor", "first_period", "lot"))
        if told % self.of == 0:
            other = by_macro(segments, shares)
            assert rows.schema == other.schema
            assert rows.equals(other), "kernel and SQL differ"
        return rows


def by_macro(segments: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """The same from depr/sql/macros/schedule.sql."""
    connection = _connection()
    connection.register("segments", segments.to_arrow())
    connection.register("shares", shares.to_arrow())
    rows: pl.DataFrame = connection.sql("FROM depreciation_schedule('segments', 'shares') ORDER BY lot, period").pl()
    connection.unregister("segments")
    connection.unregister("shares")
    return rows


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One for the whole run."""
    connection = database()
    atexit.register(_close)
    connection.execute((files("depr") / "sql" / "macros" / "schedule.sql").read_text(encoding="utf-8"))
    return connection


def _close() -> None:
    """Else the library complains of what it leaks, after the last line of the tests."""
    _connection().close()
    _connection.cache_clear()
