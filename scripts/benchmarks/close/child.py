"""One step in a process of its own, so that its memory is its own: seconds, peak bytes, and how many lines it made."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

import depr
from scripts.benchmarks.ledger import fleet

LEDGER, LATE = "fleet.duckdb", 1_000
BOOK, FIRST, SECOND = "5y", "2024-11", "2024-12"


def prepare(folder: Path, lots: str) -> dict[str, Any]:
    """A ledger of one issuer's lots, two months of which are posted; then a thousand more become known."""
    rows = fleet.purchases(int(lots) + LATE).with_columns(issuer=pl.lit("META"))
    made = depr.create(folder / LEDGER)
    made.add(rows.head(int(lots)), name="purchases")
    for month in (FIRST, SECOND):
        made.post(month, BOOK, by="bench")
    made.add(rows.tail(LATE), name="late")
    return {"lines": 0}


def difference(folder: Path) -> dict[str, Any]:
    """The entries from what was posted to what is known now."""
    return {"lines": depr.open(folder / LEDGER).journal("2024", BOOK, difference=True).height}


def post(folder: Path) -> dict[str, Any]:
    """The next month, with what is known since of those before."""
    lines = depr.open(folder / LEDGER).post("2025-01", BOOK, by="bench")
    lines.frame.write_csv(folder / "lines.csv")
    return {"lines": lines.height}


def sqlite(folder: Path) -> dict[str, Any]:
    """The same lines into a plain SQLite table: neither worked out, balanced, compared, hashed nor chained."""
    frame = pl.read_csv(folder / "lines.csv", infer_schema=False)
    with sqlite3.connect(folder / "plain.sqlite") as connection:
        connection.execute(f"CREATE TABLE lines ({', '.join(frame.columns)})")
        marks = ", ".join("?" * frame.width)
        connection.executemany(f"INSERT INTO lines VALUES ({marks})", frame.iter_rows())
    return {"lines": frame.height}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {step.__name__: step for step in (prepare, difference, post, sqlite)}


def main() -> None:
    """NAME FOLDER [ARGUMENTS]: prints JSON."""
    name, folder, *rest = sys.argv[1:]
    began = time.perf_counter()
    used = time.process_time()
    made = STEPS[name](Path(folder), *rest)
    spent = {"seconds": time.perf_counter() - began, "processor": time.process_time() - used}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps({**spent, "peak": peak, **made}))


if __name__ == "__main__":
    main()
