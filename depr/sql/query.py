"""Questions to a ledger: read-only, no files, no network, no change of settings, and an end in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from pathlib import Path
from threading import Event, Timer
from typing import cast

import duckdb
import polars as pl
import pyarrow as pa

from depr.errors import refuse
from depr.ledger.store import trusted, utc

LOCKED = (
    "SET enable_external_access = false",
    "SET python_enable_replacements = false",
    "SET memory_limit = '{memory} MiB'",
    "SET max_temp_directory_size = '{memory} MiB'",
    "SET lock_configuration = true",
)
WORDS = {"blob", "bit", "interval", "union", "uhugeint", "time with time zone"}
"""Types that no table of ours can hold; they are shown as the text that DuckDB gives them."""

BATCH_ROWS = 1 << 16


def query(
    ledger: Path,
    sql: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    seconds: float = 60,
    memory_mib: int = 4096,
) -> pl.DataFrame:
    """The answer of one SQL statement over a ledger. Raises `Refused` with DuckDB's own reason.

    The views of facts answer as of a date and as known at a time (all, when None: depr/sql/views/facts.sql).
    It may take `seconds`, and `memory_mib` of memory, of disk to spill to, and for the answer, each.
    """
    with trusted(ledger) as opened:
        connection = opened.connection
        for name, moment in (("as_of", as_of), ("known_at", known_at and utc(known_at))):
            if moment is not None:
                connection.execute(f"SET VARIABLE {name} = '{moment.isoformat()}'").fetchall()
        for setting in LOCKED:
            connection.execute(setting.format(memory=memory_mib))
        try:
            with _ending_after(connection, seconds) as ended:
                relation = cast("duckdb.DuckDBPyRelation | None", connection.sql(sql))
                return pl.DataFrame() if relation is None else _answer(_shown(relation), memory_mib << 20)
        except (duckdb.Error, pa.ArrowException, OSError, pl.exceptions.PolarsError) as fault:
            if ended():
                raise refuse(
                    "query", f"stopped after {seconds:g} seconds", do="narrow it, or allow more time"
                ) from None
            raise refuse("query", str(fault), do="FROM duckdb_views() and SHOW TABLES list what there is") from None


def _shown(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    if not any(_in_words(kind) for kind in relation.types):
        return relation
    names = (f'"{name.replace(chr(34), chr(34) * 2)}"' for name in relation.columns)
    cells = (
        f"{name}::VARCHAR AS {name}" if _in_words(kind) else name
        for name, kind in zip(names, relation.types, strict=True)
    )
    return relation.project(", ".join(cells))


def _in_words(kind: object) -> bool:
    return str(kind).lower().partition("(")[0] in WORDS


def _answer(relation: duckdb.DuckDBPyRelation, most_bytes: int) -> pl.DataFrame:
    """The rows batch by batch, so that an answer without end is noticed before it fills the memory."""
    reader, batches, size = relation.to_arrow_reader(BATCH_ROWS), [], 0
    for batch in reader:
        size += batch.nbytes
        if size > most_bytes:
            raise refuse("query", f"the answer is larger than {most_bytes >> 20} MiB", do="aggregate it, or add LIMIT")
        batches.append(batch)
    table = pa.Table.from_batches(batches, reader.schema)
    return pl.DataFrame(table.rename_columns(_distinct(table.column_names)))


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of their own for columns that SQL lets share one: x, x_1, x_2."""
    out: list[str] = []
    for name in names:
        spare = (f"{name}_{n}" for n in count(1))
        out.append(name if name not in out else next(other for other in spare if other not in (*names, *out)))
    return out


@contextmanager
def _ending_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[Callable[[], bool]]:
    """Interrupts what runs when the time is up; what is yielded says whether it was."""
    ended = Event()

    def end() -> None:
        ended.set()
        connection.interrupt()

    timer = Timer(seconds, end)
    timer.start()
    try:
        yield ended.is_set
    finally:
        timer.cancel()
