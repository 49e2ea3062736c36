"""One step in a process of its own, so that its memory is its own: seconds, peak bytes and what came of it."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from depr.fleet import facts
from depr.fleet.facts import init
from depr.ledger.store import Ledger
from depr.sql import verified
from scripts.benchmarks.ledger import fleet

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def prepare(folder: Path, lots: str, count: str) -> dict[str, Any]:
    """The files."""
    fleet.write(folder, int(lots), int(count))
    return {}


def import_files(folder: Path, suffix: str) -> dict[str, Any]:
    """A new ledger from purchases and events."""
    path = folder / f"{suffix}.duckdb"
    for left in folder.glob(f"*{suffix}.duckdb*"):
        left.unlink()
    init(path)
    files = [folder / f"{name}.{suffix}" for name in ("purchases", "events")]
    done = facts.import_files(path, files, NOW)
    return {"rows": sum(each.batch.accepted for each in done), "bytes": path.stat().st_size}


def sqlite(folder: Path, suffix: str) -> dict[str, Any]:
    """The same rows into a plain SQLite table, nothing checked, hashed or chained."""
    path = folder / "plain.sqlite"
    path.unlink(missing_ok=True)
    rows = 0
    with sqlite3.connect(path) as connection:
        for name in ("purchases", "events"):
            frame = pl.read_parquet(folder / f"{name}.{suffix}").with_columns(pl.selectors.date().cast(pl.String))
            connection.execute(f"CREATE TABLE {name} ({', '.join(frame.columns)})")
            marks = ", ".join("?" * frame.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", frame.iter_rows())
            rows += len(frame)
    return {"rows": rows, "bytes": path.stat().st_size}


def positions(folder: Path, suffix: str) -> dict[str, Any]:
    """What is held of every lot on a date."""
    with Ledger.open(folder / f"{suffix}.duckdb") as opened:
        held = opened.holdings(date(2025, 9, 30))
    return {"rows": len(held), "units": int(held["units"].sum())}


def verify(folder: Path, suffix: str) -> dict[str, Any]:
    """Seal, chain and kept files."""
    told, found = verified.verify(folder / f"{suffix}.duckdb")
    return {"rows": sum(batch.accepted for batch in told.batches), "findings": len(found)}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    step.__name__: step for step in (prepare, import_files, sqlite, positions, verify)
}


def main() -> None:
    """NAME FOLDER [ARGUMENTS]: prints JSON."""
    name, folder, *rest = sys.argv[1:]
    began = time.perf_counter()
    told = STEPS[name](Path(folder), *rest)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak, **told}))


if __name__ == "__main__":
    main()
