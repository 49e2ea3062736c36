"""What is measured: from segments and shares in memory to a schedule in a Parquet file.

The kernel, its macro in SQL, and two that reach the same cents in the usual ways: a loop in decimal arithmetic, as
accounting systems have (without their database), and vectorised pandas. Each is measured in a process of its own,
therefore the imports are local.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.kernel.fleet import SEGMENTS, SHARES

LOTS_A_WRITE = 1_000


@dataclass(frozen=True)
class Contender:
    """`load` reads the tables of a folder, outside the clock; `run` writes their schedule and counts its rows."""

    title: str
    load: Callable[[Path], Any]
    run: Callable[[Any, Path], int]


def load_decimals(folder: Path) -> Any:
    from decimal import Decimal

    import pyarrow.parquet as pq

    curves: dict[int, list[tuple[Decimal, Decimal]]] = {}
    for row in pq.read_table(folder / SHARES).to_pylist():
        curves.setdefault(row["share_id"], []).append((Decimal(row["num"]), Decimal(row["den"])))
    return pq.read_table(folder / SEGMENTS).to_pylist(), curves


def run_decimals(tables: Any, path: Path) -> int:
    """Lot by lot and month by month; amounts are decimals, rounded half to even."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    segments, curves = tables
    money = pa.decimal128(18, 0)
    fields = {"lot": pa.int64(), "period": pa.int32(), "depreciation_minor": money, "accumulated_minor": money}
    schema, count = pa.schema(list(fields.items())), 0
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, len(segments), LOTS_A_WRITE):
            rows = [row for lot in segments[start : start + LOTS_A_WRITE] for row in _charges(lot, curves)]
            columns = zip(*rows, strict=True)
            writer.write_table(
                pa.table([pa.array(c, t) for c, t in zip(columns, fields.values(), strict=True)], schema)
            )
            count += len(rows)
    return count


def _charges(lot: dict[str, Any], curves: dict[int, Any]) -> list[tuple[Any, ...]]:
    from decimal import ROUND_HALF_EVEN, Decimal

    unit, rows = Decimal(1), []
    base, opening, last = Decimal(lot["base_minor"]), Decimal(lot["opening_minor"]), lot["last_period"]
    number, period, before = lot["lot"], lot["first_period"], Decimal(0)
    for num, den in curves[lot["share_id"]]:
        if last is not None and period > last:
            break
        after = (base * num / den).quantize(unit, ROUND_HALF_EVEN)
        rows.append((number, period, after - before, opening + after))
        period, before = period + 1, after
    return rows


def load_pandas(folder: Path) -> Any:
    import pandas as pd

    return pd.read_parquet(folder / SEGMENTS), pd.read_parquet(folder / SHARES)


def run_pandas(tables: Any, path: Path) -> int:
    """All lots at once: merge, whole columns, to_parquet with its own settings."""
    segments, shares = tables
    rows = segments.merge(shares, on="share_id")
    rows["period"] = rows["first_period"] + rows["step"]
    rows = rows[rows["last_period"].isna() | (rows["period"] <= rows["last_period"])]
    after = (rows["base_minor"] * rows["num"] / rows["den"]).round().astype("int64")
    before = (rows["base_minor"] * rows["num_before"] / rows["den"]).round().astype("int64")
    out = rows[["lot", "period"]].assign(depreciation_minor=after - before)
    out = out.assign(accumulated_minor=rows["opening_minor"] + after)
    out.to_parquet(path, index=False)
    return len(out)


def load_frames(folder: Path) -> Any:
    import polars as pl

    return pl.read_parquet(folder / SEGMENTS), pl.read_parquet(folder / SHARES)


def run_kernel(tables: Any, path: Path) -> int:
    """As the program does it."""
    import pyarrow.parquet as pq

    from depr.kernel.schedule import schedule

    schedule(*tables).sink_parquet(path)
    return int(pq.read_metadata(path).num_rows)


def run_macro(tables: Any, path: Path) -> int:
    """As a ledger does it for those who ask in SQL."""
    from importlib.resources import files

    from depr.ledger.database import database

    segments, shares = tables
    with database(settings={"preserve_insertion_order": False}) as connection:
        connection.execute((files("depr") / "sql" / "macros" / "schedule.sql").read_text(encoding="utf-8"))
        connection.register("segments", segments.to_arrow())
        connection.register("shares", shares.to_arrow())
        rows = connection.execute(f"COPY (FROM depreciation_schedule('segments', 'shares')) TO '{path}'")
        return int(rows.fetchall()[0][0])


CONTENDERS = {
    "decimal": Contender("Decimal loop", load_decimals, run_decimals),
    "pandas": Contender("pandas, vectorised", load_pandas, run_pandas),
    "kernel": Contender("depr, the kernel", load_frames, run_kernel),
    "macro": Contender("depr, the macro in SQL", load_frames, run_macro),
}
