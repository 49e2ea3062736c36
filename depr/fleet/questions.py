"""The verb for questions in SQL: ledgers proven first, then read and nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from depr.console import writers
from depr.errors import refuse
from depr.fleet.arguments import Progress, quiet
from depr.intake import bounds
from depr.share.files import replacing
from depr.sql.query import Session, session

FORMS = ("table", "csv", "json", "parquet")

FILE_WIDTH = 1000
"""Columns of a table that goes to a file, where nothing should be folded."""


def read_statement(file: Path) -> str:
    """SQL from a file. Raises `Refused`."""
    try:
        return bounds.content(file).decode("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        what = "no such file" if isinstance(fault, FileNotFoundError) else f"cannot be read: {fault}"
        raise refuse(str(file), what) from None


def sql(
    ledger: Path,
    statement: str,
    *,
    attach: Mapping[str, Path] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    seconds: float = 60,
    memory_mib: int = 4096,
) -> pl.DataFrame:
    """The answer of SQL over a ledger, read-only; the last one of several statements. Raises `Refused`.

    The views of facts (events, lots, fleet) answer as of a date and as known at a time; result tables as they were
    made. Other ledgers can be attached under names of their own: FROM NAME.lots.
    """
    with session(ledger, attach=attach, as_of=as_of, known_at=known_at, memory_mib=memory_mib) as asked:
        return asked.frame(statement, seconds=seconds)


def write_answer(
    asked: Session,
    statement: str,
    out: Path,
    form: str,
    *,
    overwrite: bool = False,
    seconds: float = 60,
    progress: Progress = quiet,
) -> Path:
    """An answer to a file, whole or not at all; Parquet batch by batch, so that it may be larger than the memory.

    Raises `Refused`, also for a file that is there with other bytes, unless to `overwrite` it.
    """
    if form not in FORMS:
        raise refuse("--format", f"unknown format {form!r}", do=f"use one of: {', '.join(FORMS)}")
    if out.is_dir():
        raise refuse(str(out), "is a folder", do="name a file with --out")
    with replacing(out, overwrite=overwrite) as file:
        if form == "parquet":
            asked.answer(statement, lambda rows: _parquet(rows, file), seconds=seconds, progress=progress)
        else:
            frame = asked.frame(statement, seconds=seconds, progress=progress)
            text = io.StringIO()
            writers.text(
                writers.cents(frame), form, Console(file=text, width=FILE_WIDTH, highlight=False, markup=False)
            )
            file.write(text.getvalue().encode())
    return out


def _parquet(rows: pa.RecordBatchReader, file: object) -> None:
    with pq.ParquetWriter(file, rows.schema, compression="zstd") as writer:
        for batch in rows:
            batch.validate(full=True)  # a number with more digits than its type has is refused
            writer.write_batch(batch)
