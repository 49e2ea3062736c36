"""The schedule summed by generation and fiscal quarter: what reports, SQL and restatement read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import dataframely as dy
import polars as pl

from depr.kernel.calendar import FiscalCalendar
from depr.restate.flows import event_flows
from depr.restate.sums import running, summed
from depr.schemas import Rollup

KEYS = ("issuer", "bound", "generation")
QUARTER = ("fiscal_year", "fiscal_quarter")
BALANCES = ("units", "cost_minor", "accumulated_minor", "impairment_minor")
CHARGES = ("depreciation_minor", "losses_minor")
LOSSES = ("impairment", "reversal", "partial_disposal", "disposal")
"""Kinds of changes whose effect on the carrying amount is a loss, before proceeds: those are the same in every book."""


class Summed(NamedTuple):
    """Quarters of one or more books: the table others read, and what is in no schedule."""

    rollup: dy.DataFrame[Rollup]
    losses: pl.DataFrame


def rollup(
    lots: pl.DataFrame,
    schedule: pl.LazyFrame,
    movements: pl.DataFrame,
    book: str,
    calendar: FiscalCalendar,
    last: int,
) -> dy.DataFrame[Rollup]:
    """Lots with `bound`, their schedule and movements -> schemas.Rollup, to the fiscal year end after `last`.

    Every generation has every quarter from the year of the first purchase, so that lines have no holes. Sums are
    taken in 128 bits and refused (an error, never a wrap) beyond 64.
    """
    moves = [bought(lots, calendar, last), moved(lots, movements, calendar, last)]
    steps = [each.with_columns(book=pl.lit(book)) for each in (charged(lots, schedule, calendar, last), *moves)]
    return balances(steps, lots, calendar, last).rollup


def charged(lots: pl.DataFrame, schedule: pl.LazyFrame, calendar: FiscalCalendar, last: int) -> pl.DataFrame:
    """Depreciation by KEYS and QUARTER."""
    of_lot, quarter_of = _keys(lots), _quarters(lots, calendar, last)
    rows = schedule.join(of_lot, on="lot").join(quarter_of, on="period")
    return rows.group_by(*KEYS, *QUARTER).agg(summed("depreciation_minor")).collect()


def bought(lots: pl.DataFrame, calendar: FiscalCalendar, last: int) -> pl.DataFrame:
    """Units and cost placed in service by KEYS and QUARTER: the same in every book."""
    return _moves(lots, event_flows(_served(lots), NO_MOVEMENTS, calendar), calendar, last)


def moved(lots: pl.DataFrame, movements: pl.DataFrame, calendar: FiscalCalendar, last: int) -> pl.DataFrame:
    """What the changes of lots move by KEYS and QUARTER, and the losses in it."""
    return _moves(lots, event_flows(lots.clear(), movements, calendar), calendar, last)


def _moves(lots: pl.DataFrame, flows: pl.DataFrame, calendar: FiscalCalendar, last: int) -> pl.DataFrame:
    gone = pl.col("accumulated_minor") + pl.col("impairment_minor") - pl.col("cost_minor")
    losses = pl.when(pl.col("kind").is_in(LOSSES)).then(gone).otherwise(0)
    rows = flows.lazy().with_columns(losses_minor=losses).join(_keys(lots), on="lot")
    dated = rows.join(_quarters(lots, calendar, last), on="period")
    return dated.group_by(*KEYS, *QUARTER).agg(summed(name) for name in (*BALANCES, "losses_minor")).collect()


NO_MOVEMENTS = pl.DataFrame(
    schema={
        "lot": pl.Int64,
        "period": pl.Int32,
        "kind": pl.String,
        **dict.fromkeys((*BALANCES, "proceeds_minor"), pl.Int64),
    }
)


def _served(lots: pl.DataFrame) -> pl.DataFrame:
    return lots.filter(pl.col("in_service_date").is_not_null())


def _keys(lots: pl.DataFrame) -> pl.LazyFrame:
    return _served(lots).lazy().select("lot", *KEYS)


def _quarters(lots: pl.DataFrame, calendar: FiscalCalendar, last: int) -> pl.LazyFrame:
    return quarters(lots, calendar, last).lazy().select("period", *QUARTER)


def quarters(lots: pl.DataFrame, calendar: FiscalCalendar, last: int) -> pl.DataFrame:
    """The periods (schemas.Calendar) from the year of the first purchase to the end of the year that holds `last`."""
    first = calendar.period(lots.select(pl.col("purchase_date").min()).item())
    return calendar.frame(calendar.year_start(first), calendar.year_start(last) + 11)


def balances(steps: Iterable[pl.DataFrame], lots: pl.DataFrame, calendar: FiscalCalendar, last: int) -> Summed:
    """What moves each quarter of each book, in any number of parts, to the balances it leaves."""
    served, keys = _served(lots), ("book", *KEYS)
    if served.is_empty():
        return Summed(Rollup.create_empty(), pl.DataFrame())
    parts = pl.concat(steps, how="diagonal")
    ends = quarters(lots, calendar, last).group_by(*QUARTER).agg(pl.col("period_end").max())
    grid = parts.select("book").unique().join(served.select(KEYS).unique(), how="cross").join(ends, how="cross")
    names = (*BALANCES, *CHARGES)
    absent = [pl.lit(0, pl.Int64).alias(name) for name in names if name not in parts.columns]
    sums = parts.with_columns(absent).group_by(*keys, *QUARTER).agg(summed(name) for name in names)
    table = (
        grid.join(sums, on=[*keys, *QUARTER], how="left")
        .with_columns(pl.col(names).fill_null(0))
        .sort(*keys, "period_end")
        .with_columns(accumulated_minor=pl.col("accumulated_minor") + pl.col("depreciation_minor"))
        .with_columns(running(name, *keys) for name in BALANCES)
        .with_columns(carrying_minor=pl.col("cost_minor") - pl.col("accumulated_minor") - pl.col("impairment_minor"))
    )
    losses = table.filter(pl.col("losses_minor") != 0).select(*keys, *QUARTER, "period_end", "losses_minor")
    return Summed(Rollup.validate(table.select(Rollup.column_names()), cast=True), losses)
