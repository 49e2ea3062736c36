"""Verbs that need no ledger: one asset, and what there is to choose from."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from depr.errors import refuse
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, Convention
from depr.kernel.curves import METHODS, MONTHS_PER_YEAR, Method
from depr.kernel.daycounts import DAY_COUNTS, DayCount
from depr.rows import asset as single
from depr.rows.clocks import ROW_CLOCKS, RowClock
from depr.rows.deductions import TAX_OPTIONS, deductions
from depr.rows.profiles import booking_of
from depr.rows.rows import PERCENT_OF_COST, Booking, RowMethod


def asset(
    cost: str, in_service: date, life: str | None = None, *, schedules: Path | None = None, **options: Any
) -> pl.DataFrame:
    """Schedule of one asset (depr.rows.asset.asset); United States tax by depr.rows.deductions.

    For macrs without percents `life` is the recovery period, `convention` half_year, mid_quarter or mid_month, and
    `tax_method` 200DB, 150DB or SL, without it that of the law; `section_179`, `section_179_property`, `bonus` and
    `acquired` are its elections. Raises `Refused`.
    """
    if (words := options.pop("booking", None)) is not None:
        options["booking"] = booking_of(words)
    if options.get("method") == "macrs" and not options.get("percents"):
        return deductions(cost, in_service, life, schedules=schedules, **options)
    if strange := [name for name in TAX_OPTIONS if name in options]:
        raise refuse("asset", f"{strange[0]} is for macrs by its recovery period", do="add --method macrs, or leave it")
    return single.asset(cost, in_service, life, **options)


def fiscal_calendar(year_end: str, weeks: str = "", weekday: int = 6, ending: str = "last") -> FiscalCalendar:
    """A fiscal calendar from its last day, such as 06-30 (the end of a month), and for weeks how they fall."""
    month, _, day = year_end.partition("-")
    whole = month.isdecimal() and day.isdecimal() and 1 <= int(month) <= MONTHS_PER_YEAR
    if not whole or int(day) not in LAST_DAYS[int(month)]:
        raise refuse(
            "fiscal year end", f"{year_end!r} is not the last day of a month", do="write 12-31, 06-30 or 05-31"
        )
    return FiscalCalendar(int(month), weeks, weekday, ending)


LAST_DAYS = {month: {monthrange(year, month)[1] for year in (2023, 2024)} for month in range(1, MONTHS_PER_YEAR + 1)}
"""The last days of each month, in a common and in a leap year."""


def methods() -> pl.DataFrame:
    """The methods: name, formula, source."""
    return _described("method", [*METHODS.values(), PERCENT_OF_COST])


def conventions() -> pl.DataFrame:
    """The conventions and, for the one that counts days, the day counts: name, formula, source."""
    named = [_described("convention", CONVENTIONS.values()), _described("day count", DAY_COUNTS.values())]
    choices = [
        {"kind": "booking", "name": f"{c['option']}={c['choice']}", "formula": c["rule"], "source": c["decides"]}
        for c in Booking.described()
        if c["option"] not in ("clock", "day_count", "opening_day_count")
    ]
    return pl.concat([*named, _described("row clock", ROW_CLOCKS.values()), pl.DataFrame(choices)])


def _described(kind: str, entries: Iterable[Method | Convention | DayCount | RowClock | RowMethod]) -> pl.DataFrame:
    return pl.DataFrame([{"kind": kind, "name": e.name, "formula": e.formula, "source": e.source} for e in entries])
