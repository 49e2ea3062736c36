"""One step in a process of its own: python -m scripts.benchmarks.sql.child STEP FOLDER [LOTS], answered in JSON."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import duckdb

from scripts.benchmarks.kernel.child import _peak_bytes, _work_seconds
from scripts.benchmarks.sql import naive

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_OF = 200
"""An event for each so many lots."""

LEDGER, LIVES = "fleet.duckdb", range(1, 11)
LIFE_YEARS = naive.LIFE_MONTHS // 12
PARQUET = "FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1"
BY_GENERATION = "issuer, generation, fiscal_year, fiscal_quarter, understatement"
SCHEDULE = f"FROM schedule(life_years := {LIFE_YEARS}, grain := 'month')"
FOUR = f"SELECT lot, period_end, depreciation, accumulated {SCHEDULE}"
"""The columns that scripts/bench kernel writes: what a lot is called is a join away (acquired)."""


def prepare(folder: Path, lots: str) -> dict[str, Any]:
    """A ledger of so many lots with everything that its macros read; how long the last took."""
    from depr.fleet.facts import import_files, init
    from depr.fleet.preparing import prepare as prepared
    from scripts.benchmarks.ledger import fleet

    path = folder / LEDGER
    fleet.write(folder, int(lots), int(lots) // EVENTS_OF)
    init(path)
    import_files(path, [folder / f"{name}.parquet" for name in ("purchases", "events")], NOW)
    return _measured(lambda: len(prepared(path, methods=["straight_line"], conventions=["full_month"])))


def first_answer(folder: Path) -> dict[str, Any]:
    """What the file holds, from opening it."""

    def run() -> int:
        with duckdb.connect(str(folder / LEDGER), read_only=True) as connection:
            return len(connection.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())

    return _measured(run)


def first_figures(folder: Path) -> dict[str, Any]:
    """The view `fleet`, from opening the file: every event is read."""

    def run() -> int:
        with duckdb.connect(str(folder / LEDGER), read_only=True) as connection:
            return len(connection.execute("FROM fleet").fetchall())

    return _measured(run)


def one_life(folder: Path) -> dict[str, Any]:
    """Understatement by quarter and generation, three years."""
    return _asked(folder, f"SELECT {BY_GENERATION} FROM understatement(life_years := 3)")


def ten_lives(folder: Path) -> dict[str, Any]:
    """The same for lives of 1 to 10 years."""
    return _asked(folder, f"SELECT life_years, {BY_GENERATION} FROM understatement(lives := {list(LIVES)})")


def expanded(folder: Path) -> dict[str, Any]:
    """Every month of every lot to Parquet, under a life of 72 months."""
    out = folder / "schedule.parquet"
    out.unlink(missing_ok=True)
    with duckdb.connect(str(folder / LEDGER), read_only=True) as connection:
        connection.execute("SET preserve_insertion_order = false").fetchall()
        told = _measured(lambda: _copied(connection, FOUR, out))
    return {**told, "bytes": out.stat().st_size}


def sqlite(folder: Path, lots: str) -> dict[str, Any]:
    """A recursive CTE in SQLite, into a table."""
    with duckdb.connect(str(folder / LEDGER), read_only=True) as ledger:
        rows = ledger.execute(naive.CHOSEN.format(lots=int(lots))).fetchall()
    path = folder / "naive.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE chosen (lot_id TEXT, cost_minor INTEGER, first_month INTEGER)")
        connection.executemany("INSERT INTO chosen VALUES (?, ?, ?)", rows)

        def run() -> int:
            connection.execute(naive.RECURSIVE)
            connection.commit()
            return len(rows) * naive.LIFE_MONTHS

        told = _measured(run)
        [sums] = connection.execute(naive.SUMS.format(rows="schedule")).fetchall()
    return {**told, "sums": list(map(int, sums))}


def generated(folder: Path, lots: str) -> dict[str, Any]:
    """A generate_series in DuckDB with a division in 128 bits, to Parquet."""
    out = folder / "generated.parquet"
    out.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{folder / LEDGER}' AS fleet (READ_ONLY); USE fleet").fetchall()
        connection.execute(f"CREATE TABLE memory.chosen AS {naive.CHOSEN.format(lots=int(lots))}").fetchall()
        connection.execute("USE memory; DETACH fleet").fetchall()
        connection.execute("SET preserve_insertion_order = false").fetchall()
        told = _measured(lambda: _copied(connection, naive.GENERATED, out))
        [sums] = connection.execute(naive.SUMS.format(rows=f"'{out}'")).fetchall()
    return {**told, "sums": list(map(int, sums))}


def by_macro(folder: Path, lots: str) -> dict[str, Any]:
    """What the macro says of the lots that the other two were asked about."""
    rows = f"""(
        SELECT (depreciation * 100)::BIGINT AS depreciation_minor, (accumulated * 100)::BIGINT AS accumulated_minor,
            year(period_end) * 12 + month(period_end) - 1 AS month
        {SCHEDULE} SEMI JOIN ({naive.CHOSEN.format(lots=int(lots))}) USING (lot_id)
    )"""
    with duckdb.connect(str(folder / LEDGER), read_only=True) as connection:
        [sums] = connection.execute(naive.SUMS.format(rows=rows)).fetchall()
    return {"sums": list(map(int, sums))}


def _asked(folder: Path, question: str) -> dict[str, Any]:
    with duckdb.connect(str(folder / LEDGER), read_only=True) as connection:
        return _measured(lambda: len(connection.execute(question).fetchall()))


def _copied(connection: duckdb.DuckDBPyConnection, question: str, out: Path) -> int:
    [(rows,)] = connection.execute(f"COPY ({question}) TO '{out}' ({PARQUET})").fetchall()
    return int(rows)


def _measured(run: Callable[[], int]) -> dict[str, Any]:
    start, own, all_work = perf_counter(), process_time(), _work_seconds()
    rows = run()
    seconds, own, all_work = perf_counter() - start, process_time() - own, _work_seconds() - all_work
    others = max(all_work - own, 0) / seconds
    return {
        "rows": rows,
        "seconds": seconds,
        "processor_seconds": own,
        "others_processors": others,
        "peak_bytes": _peak_bytes(),
    }


STEPS: dict[str, Callable[..., Any]] = {
    step.__name__: step
    for step in (prepare, first_answer, first_figures, one_life, ten_lives, expanded, sqlite, generated, by_macro)
}

if __name__ == "__main__":
    name, where, *rest = sys.argv[1:]
    print(json.dumps(STEPS[name](Path(where), *rest)))
