"""Fleets, flows and the shipped chart, small enough to read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from depr.books.book import scenario
from depr.books.chart import Chart, parse_accounts
from depr.contract import Changes, Flows, Lots
from depr.journal import journal
from depr.kernel.calendar import FiscalCalendar

ACCOUNTS = Path(__file__).parents[2] / "schedules" / "accounts.toml"
CALENDAR = FiscalCalendar()
BOOK = scenario(36)
MARCH = CALENDAR.period(date(2025, 3, 1))
LOT = {
    "lot_id": "L",
    "issuer": "META",
    "generation": "h100",
    "units": 1,
    "cost_minor": 0,
    "currency": "USD",
    "purchase_date": date(2024, 1, 1),
    "in_service_date": date(2024, 1, 1),
}


@cache
def chart() -> Chart:
    return parse_accounts(tomllib.loads(ACCOUNTS.read_text("utf-8")), "accounts.toml")


def lots(*rows: dict[str, Any]) -> pl.DataFrame:
    """Lots numbered in order; what a row does not say is as in LOT."""
    named = [{**LOT, "lot": number, "lot_id": f"L{number}", **row} for number, row in enumerate(rows)]
    absent = dict.fromkeys(Lots.column_names())
    return Lots.validate(pl.DataFrame([{**absent, **row} for row in named], schema=Lots.create_empty().schema))


def flow(kind: str, lot: int = 0, period: int = MARCH, **amounts: int) -> dict[str, Any]:
    """One flow; an amount is named without its unit, as in cost=-100."""
    minor = {f"{name}_minor": amount for name, amount in amounts.items()}
    return {**dict.fromkeys(Flows.column_names(), 0), "lot": lot, "period": period, "kind": kind, **minor}


def flows(*rows: dict[str, Any]) -> pl.DataFrame:
    return Flows.validate(pl.DataFrame(rows, schema=Flows.create_empty().schema))


def changes(*rows: dict[str, Any]) -> pl.DataFrame:
    absent = dict.fromkeys(Changes.column_names())
    told = [{**absent, "lot": 0, "kind": "estimate", **row} for row in rows]
    return Changes.validate(pl.DataFrame(told, schema=Changes.create_empty().schema))


def booked(fleet: Sequence[dict[str, Any]], rows: Iterable[dict[str, Any]], **options: Any) -> pl.DataFrame:
    """The journal of a fleet."""
    given = {"book": BOOK, "calendar": CALENDAR, "chart": chart(), **options}
    return journal(flows(*rows), lots(*fleet), **given)


def sides(lines: pl.DataFrame) -> list[tuple[str | None, int]]:
    """Role and signed amount of each line, debits positive."""
    signed = pl.col("debit_minor") - pl.col("credit_minor")
    return list(lines.select("role", signed).iter_rows())
