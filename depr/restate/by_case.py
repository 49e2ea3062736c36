"""Cases side by side: the quarters of each, and the understatement of each part of a fleet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dataframely as dy
import polars as pl

from depr.balances.rollup import Summed
from depr.books.modes import Case
from depr.contract import Rollup
from depr.contract.statements import Parts
from depr.kernel.calendar import FiscalCalendar
from depr.restate.caught_up import caught_up
from depr.restate.understatement import understatement


def in_cases(summed: Summed, reported: str, asked: Sequence[Case], calendar: FiscalCalendar) -> Summed:
    """The quarters of the reported book and of the book of each case, caught up where the mode says so."""
    if summed.rollup.is_empty() or not any(case.mode.name == "catch_up" for case in asked):
        return summed
    made = [
        caught_up(summed, reported, case.alternative.id, case.book.id, case.change, calendar)
        for case in asked
        if case.mode.name == "catch_up" and case.change
    ]
    wanted = pl.col("book").is_in([reported, *(case.book.id for case in asked)])
    rollup = pl.concat([summed.rollup.filter(wanted), *(each.rollup for each in made)])
    losses = pl.concat([summed.losses.filter(wanted), *(each.losses for each in made)])
    order = ("book", "issuer", "bound", "generation", "period_end")
    return Summed(Rollup.validate(rollup.sort(order)), losses)


def marks(asked: Iterable[Case]) -> pl.DataFrame:
    """What every row of a case is marked with, by book, once for cases of one name."""
    rows = list(dict.fromkeys((case.book.id, case.mode.name, case.mode.called, case.change) for case in asked))
    types = {"book": pl.String, "mode": pl.String, "called": pl.String, "change_date": pl.Date}
    return pl.DataFrame(rows, types, orient="row")


def parts(summed: Summed, reported: str, asked: Sequence[Case]) -> dy.DataFrame[Parts]:
    """The understatement of every part (`generation` of the rollup, which may hold lots) in every case."""
    if summed.rollup.is_empty():
        return Parts.create_empty()
    known = dict.fromkeys(summed.rollup["issuer"].unique(), reported)
    gaps = understatement(summed.rollup, known, ("generation",), summed.losses)
    named = gaps.join(marks(asked), on="book").rename({"generation": "part"})
    ordered = named.sort("issuer", "part", "book", "mode", "bound", "period_type", "period_end")
    return Parts.validate(ordered.select(Parts.column_names()), cast=True)
