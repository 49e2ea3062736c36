"""Compares the macros of a ledger with the kernel, cell by cell, on a large fleet drawn from a seed.

Each lot has a fingerprint of all its months (hashes of month, depreciation and accumulation, summed), by the kernel and
by the macro `schedule` in DuckDB; lots whose fingerprints differ are counted. The exit code is 1 when there are any.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
from rich.console import Console
from rich.table import Table

from depr import pipeline
from depr.fleet.facts import import_files, init
from depr.fleet.preparing import plain_book, prepare
from depr.fleet.selection import fleets, own_books
from depr.ledger.known import known

LOTS, BEFALLEN = 1_000_000, 500
SEED = 20_251_122
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY, DAYS = date(2019, 1, 1), 2_400
ISSUERS, GENERATIONS = ("AMZN", "META", "MSFT", "ORCL"), ("a100", "h100", "b200")
ASKED = (
    (36, "straight_line", "full_month"),
    (72, "straight_line", "mid_month"),
    (60, "declining_balance", "half_year"),
    (48, "sum_of_years_digits", "mid_quarter"),
)
FINGERPRINT = """
    SELECT lot_id, count(*) AS months,
        sum(hash(period_end, depreciation::DECIMAL(18,2), accumulated::DECIMAL(18,2))::HUGEINT) AS print
    FROM {rows} GROUP BY lot_id
"""
KERNEL = """
    CREATE VIEW memory.kernel AS
    SELECT lot_id, period_end, (depreciation_minor::DECIMAL(16,0) * 0.01)::DECIMAL(18,2) AS depreciation,
        (accumulated_minor::DECIMAL(16,0) * 0.01)::DECIMAL(18,2) AS accumulated
    FROM '{parts}/*.parquet'
"""
DIFFERENT = f"""
    SELECT coalesce(sum(k.months), 0)::BIGINT, count(*) FILTER (k.months IS DISTINCT FROM m.months
        OR k.print IS DISTINCT FROM m.print)
    FROM ({FINGERPRINT.format(rows="memory.kernel")}) AS k
    FULL JOIN ({FINGERPRINT.format(rows="schedule(ASKED, grain := 'month')")}) AS m USING (lot_id)
"""


def purchases(lots: int, draw: Random) -> pl.DataFrame:
    """Lots of any size, bought on any day, some with a residual value of their own."""
    days = [FIRST_DAY + timedelta(days=draw.randrange(DAYS)) for _ in range(lots)]
    cents = [draw.randrange(1, 10 ** draw.randrange(2, 13)) for _ in range(lots)]
    residual = [draw.randrange(cost + 1) if draw.random() < 1 / 10 else None for cost in cents]
    return pl.DataFrame(
        {
            "lot_id": [f"L{n:07}" for n in range(lots)],
            "issuer": draw.choices(ISSUERS, k=lots),
            "generation": draw.choices(GENERATIONS, k=lots),
            "units": [draw.randrange(2, 5000) for _ in range(lots)],
            "cost": [money(cost) for cost in cents],
            "residual": [None if cost is None else money(cost) for cost in residual],
            "currency": ["USD"] * lots,
            "purchase_date": days,
            "in_service_date": [day + timedelta(days=draw.randrange(90)) for day in days],
        }
    )


def events(bought: pl.DataFrame, count: int, draw: Random) -> pl.DataFrame:
    """What befalls some lots: one to four changes, on the last day of a month most of all, several on one day."""
    chosen = bought.sample(min(count, len(bought)), seed=SEED)
    rows: list[dict[str, Any]] = []
    for lot_id, units, first in chosen.select("lot_id", "units", "in_service_date").iter_rows():
        day = first
        kinds = draw.choices(KINDS, k=draw.randrange(4)) if units > FEW else []
        for kind in [*kinds, draw.choice(("improvement", "disposal"))]:
            if draw.random() < 2 / 3:
                day += timedelta(days=draw.randrange(1, 400))
                day = month_end(day) if draw.random() < 1 / 2 else day
            told: dict[str, Any] = {"kind": kind, "lot_id": lot_id, "effective_date": day, "document": str(len(rows))}
            if kind in ("impairment", "improvement"):
                told |= {"amount": "0.01", "currency": "USD"}
            elif kind == "partial_disposal":
                told |= {"units": draw.randint(1, units // FEW)}
            elif kind == "estimate":
                told |= {"life_months": draw.randrange(6, 120)}
            rows.append(told)
    return pl.DataFrame(rows, infer_schema_length=None)


KINDS, FEW = ("impairment", "partial_disposal", "improvement", "estimate"), 8


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def made(folder: Path, lots: int) -> Path:
    """A ledger of the fleet, with what its macros read."""
    draw, path = Random(SEED), folder / "fleet.duckdb"
    bought = purchases(lots, draw)
    bought.write_parquet(folder / "purchases.parquet")
    events(bought, lots // BEFALLEN, draw).write_parquet(folder / "events.parquet")
    init(path)
    for name in ("purchases", "events"):
        [done] = import_files(path, [folder / f"{name}.parquet"], NOW)
        if done.findings:
            raise SystemExit(f"{name}: {done.findings[0]}")
    books = [plain_book(*asked) for asked in ASKED]
    prepare(path, lives=["3y"], methods=["straight_line"], books=books, evidence=False)
    return path


def compared(path: Path, folder: Path, life: int, method: str, convention: str) -> tuple[int, int]:
    """Months of the kernel, and lots that differ."""
    facts, parts = known(path), folder / "kernel"
    parts.mkdir(exist_ok=True)
    for number, (calendar, lots) in enumerate(fleets(facts, None, None)):
        book, owned = plain_book(life, method, convention), own_books(lots, None)
        rows = pipeline.schedule(lots, book, calendar, facts.events, owned)
        first = calendar.period(FIRST_DAY)
        ends = calendar.frame(first, first + 1200).lazy().select("period", "period_end")
        named = rows.join(ends, on="period").join(lots.lazy().select("lot", "lot_id"), on="lot")
        columns = ("lot_id", "period_end", "depreciation_minor", "accumulated_minor")
        named.select(columns).sink_parquet(parts / f"{number}.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS fleet (READ_ONLY)").fetchall()
        connection.execute(KERNEL.format(parts=parts)).fetchall()
        connection.execute("USE fleet").fetchall()
        asked = f"life_years := {life // 12}, method := '{method}', convention := '{convention}'"
        [(months, different)] = connection.execute(DIFFERENT.replace("ASKED", asked)).fetchall()
    return months, different


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/check macros", description=__doc__)
    parser.add_argument("--lots", type=int, default=LOTS, help="lots of the fleet")
    given = parser.parse_args()
    shown, wrong = Table("life", "method", "convention", "months", "lots that differ"), 0
    with TemporaryDirectory(prefix="depr-macros-") as name:
        path = made(Path(name), given.lots)
        for asked in ASKED:
            months, different = compared(path, Path(name), *asked)
            wrong += different
            life, *words = asked
            shown.add_row(f"{life // 12}y", *words, f"{months:,}", f"{different:,}")
            print(f"{life // 12}y {' '.join(words)}: {different} of {given.lots:,} lots differ", file=sys.stderr)
    Console(width=120).print(shown)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
