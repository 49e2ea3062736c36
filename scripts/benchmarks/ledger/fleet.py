"""A fleet and what befalls it, as files: deterministic, of any size."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

GENERATIONS = ("h100", "b200", "a100", "b300")
ISSUERS = ("META", "MSFT", "GOOGL", "AMZN")
SPREAD_DAYS = 1_400


def purchases(lots: int) -> pl.DataFrame:
    """Lots bought over four years, in service within three months, in four generations and issuers."""
    number = pl.int_range(lots, dtype=pl.Int64, eager=True)
    frame = pl.DataFrame({"n": number})
    day = pl.lit(date(2021, 1, 1)) + pl.duration(days=pl.col("n") * 7919 % SPREAD_DAYS)
    cents = 100_000_00 + pl.col("n") * 104_729 % 900_000_000
    return frame.select(
        lot_id=pl.format("LOT-{}", pl.col("n").cast(pl.String).str.zfill(8)),
        issuer=_pick(ISSUERS),
        generation=_pick(GENERATIONS),
        units=pl.col("n") % 64 + 8,
        cost=pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.zfill(2)),
        currency=pl.lit("USD"),
        purchase_date=day,
        in_service_date=day + pl.duration(days=pl.col("n") % 90),
        location=pl.format("site {}", pl.col("n") % 40),
        document=pl.format("invoice {}", pl.col("n")),
    )


def _pick(names: tuple[str, ...]) -> pl.Expr:
    words = pl.DataFrame({"key": range(len(names)), "word": names})
    return (pl.col("n") % len(names)).replace_strict(words["key"], words["word"])


def events(lots: int, count: int) -> pl.DataFrame:
    """Events of every fifth lot or so: a quarter each impaired, sold in part, moved, disposed of."""
    frame = pl.DataFrame({"n": pl.int_range(count, dtype=pl.Int64, eager=True)})
    kinds = ("impairment", "partial_disposal", "transfer", "disposal")
    kind = (pl.col("n") % 4).replace_strict(range(4), kinds)
    money = pl.when(kind != "transfer").then(pl.format("{}.50", pl.col("n") % 9_000 + 1))
    return frame.select(
        kind=kind,
        lot_id=pl.format("LOT-{}", (pl.col("n") * max(lots // count, 1)).cast(pl.String).str.zfill(8)),
        effective_date=pl.lit(date(2025, 6, 1)) + pl.duration(days=pl.col("n") % 180),
        units=pl.when(kind == "partial_disposal").then(pl.lit(3, pl.Int64)),
        amount=money,
        currency=pl.when(money.is_not_null()).then(pl.lit("USD")),
        location=pl.when(kind == "transfer").then(pl.lit("site 99")),
        document=pl.format("event {}", pl.col("n")),
    )


def write(folder: Path, lots: int, count: int) -> None:
    """purchases and events as CSV and as Parquet."""
    for name, frame in (("purchases", purchases(lots)), ("events", events(lots, count))):
        frame.write_parquet(folder / f"{name}.parquet")
        frame.write_csv(folder / f"{name}.csv")
