"""Checks of the day on which depreciation starts: missing, too early, implausibly late."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from depr.checks.controls import control
from depr.checks.examined import Examined, lot
from depr.errors import Finding
from depr.intake import generations

SERVED = pl.col("in_service_date")
BOUGHT = pl.col("purchase_date")


def in_service(examined: Examined) -> Iterator[Finding]:
    """Lots without a date placed in service: construction in progress, which is not depreciated."""
    waiting = examined.lots.filter(SERVED.is_null())
    what = pl.format("{} bought {} has no date placed in service", lot(), BOUGHT)
    why = "it is construction in progress and not depreciated"
    do = "record the date when it is ready for use"
    return examined.found(waiting, what, why, do, "in_service")


def receipt(examined: Examined) -> Iterator[Finding]:
    """Lots in service before they were bought, or before any of their generation was available."""
    served = examined.lots.filter(SERVED.is_not_null())
    early = pl.format("{} was placed in service on {}, before it was bought on {}", lot(), SERVED, BOUGHT)
    why = "nobody depreciates what has not been received"
    do = "correct one of the dates"
    yield from examined.found(served.filter(SERVED < BOUGHT), early, why, do, "receipt")
    known = served.join(_available(examined), on="generation", maintain_order="left")
    first = pl.format("{} was first available on {}", "generation", "available")
    early = pl.format("{} was placed in service on {}, {}", lot(), SERVED, first)
    why = "none could have been received by then"
    do = "correct the date, or the generation"
    yield from examined.found(known.filter(pl.col("available") > SERVED), early, why, do, "receipt")


def _available(examined: Examined) -> pl.DataFrame:
    """The first day on which any of a generation was to be had, where one is known."""
    days = {entry["key"]: availability(entry) for entry in generations(examined.schedules)}
    known = {key: day for key, day in days.items() if day is not None}
    columns = {"generation": list(known), "available": list(known.values())}
    return pl.DataFrame(columns, schema={"generation": pl.String, "available": pl.Date})


def availability(entry: Mapping[str, Any]) -> date | None:
    """The earliest availability of a generation, else its launch; a month counts from its first day."""
    since: str | date | None = entry.get("available", entry.get("launch"))
    if isinstance(since, str):
        return date.fromisoformat(f"{since}-01") if re.fullmatch(r"\d{4}-\d{2}", since) else None
    return since


def late(examined: Examined) -> Iterator[Finding]:
    """Lots placed in service, or still under construction, implausibly long after they were bought (controls.toml)."""
    limit = control("months_to_service", examined.schedules).value
    day = pl.lit(examined.day)
    last = BOUGHT.dt.offset_by(f"{limit}mo")
    overdue = examined.lots.filter(pl.coalesce(SERVED, day) > last)
    said = pl.when(SERVED.is_null()).then(pl.format("is still under construction on {}", day))
    what = pl.format(
        "{} bought {} {}", lot(), BOUGHT, said.otherwise(pl.format("was placed in service only on {}", SERVED))
    )
    why = f"that is more than {limit} months: depreciation starts when a lot is ready for use, not when it is recorded"
    do = "compare it with the acceptance record, and correct the date; the limit is months_to_service in controls.toml"
    return examined.found(overdue, what, why, do, "late")
