"""Catch-up: the reported book to a change, the alternative from then on, the difference charged at once."""

from __future__ import annotations

from datetime import date

import polars as pl

from depr.balances.rollup import KEYS, Summed
from depr.contract import Rollup
from depr.kernel.calendar import FiscalCalendar


def caught_up(
    summed: Summed, reported: str, alternative: str, name: str, change: date, calendar: FiscalCalendar
) -> Summed:
    """Quarters of a book `name`: as in `reported` before the quarter of the change, as in `alternative` from it on.

    depreciation of that quarter = that of the alternative + carrying amount of reported less alternative when it
    opens, so that the quarter closes on the carrying amount of the alternative.
    """
    start = calendar.first_day(calendar.quarter_start(calendar.period(change)))
    early = pl.col("period_end") < start
    table = summed.rollup
    old, new = (table.filter(book=book) for book in (reported, alternative))
    over = _closing(old, start).join(_closing(new, start), on=KEYS, suffix="_new")
    caught = over.select(*KEYS, caught=pl.col("carrying_minor") - pl.col("carrying_minor_new"))
    late = new.filter(~early).join(caught, on=KEYS, how="left")
    opens = pl.col("period_end") == pl.col("period_end").min()
    first = pl.when(opens).then(pl.col("caught").fill_null(0)).otherwise(0)
    late = late.with_columns(depreciation_minor=pl.col("depreciation_minor") + first).select(table.columns)
    rows = pl.concat([old.filter(early), late]).with_columns(book=pl.lit(name)).sort(*KEYS, "period_end")
    return Summed(Rollup.validate(rows, cast=True), _losses(summed, reported, alternative, name, start))


def _closing(table: pl.DataFrame, start: date) -> pl.DataFrame:
    """The last balances before a day."""
    before = table.filter(pl.col("period_end") < start).sort("period_end")
    return before.group_by(KEYS).agg(pl.col("carrying_minor").last())


def _losses(summed: Summed, reported: str, alternative: str, name: str, start: date) -> pl.DataFrame:
    if summed.losses.is_empty():
        return summed.losses
    early = pl.col("period_end") < start
    old, new = (summed.losses.filter(book=book) for book in (reported, alternative))
    return pl.concat([old.filter(early), new.filter(~early)]).with_columns(book=pl.lit(name))
