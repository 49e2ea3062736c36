"""The schedule summed by generation and fiscal quarter: what reports, SQL and restatement read."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

import dataframely as dy
import numpy as np
import numpy.typing as npt
import polars as pl

from depr.balances.checked_sums import running, summed
from depr.balances.flows import event_flows
from depr.contract import Rollup
from depr.kernel.calendar import PERIODS, FiscalCalendar

KEYS = ("issuer", "bound", "generation")
QUARTER = ("fiscal_year", "fiscal_quarter")
QUARTERS = 4
MONTHS_A_QUARTER = PERIODS // QUARTERS
BALANCES = ("units", "cost_minor", "accumulated_minor", "impairment_minor")
CHARGES = ("depreciation_minor", "losses_minor")
LOSSES = ("impairment", "reversal", "partial_disposal", "disposal")
"""Kinds of changes whose effect on the carrying amount is a loss, before proceeds: those are the same in every book."""


class Summed(NamedTuple):
    """Quarters of one or more books: the table others read, and what is in no schedule."""

    rollup: dy.DataFrame[Rollup]
    losses: pl.DataFrame


class Charges(NamedTuple):
    """Depreciation under a book: a row a key of a grid, a column a quarter from its first."""

    book: str
    minor: npt.NDArray[np.int64]


class Grid(NamedTuple):
    """What a table of quarters has a row for: books and KEYS in order, quarters from the year of the first purchase."""

    books: pl.DataFrame
    keys: pl.DataFrame
    calendar: FiscalCalendar
    first: int

    @classmethod
    def of(cls, lots: pl.DataFrame, books: Iterable[str], calendar: FiscalCalendar) -> Grid:
        """The grid of lots with `bound`, of those in service."""
        first = 0 if lots.is_empty() else _first(lots, calendar)
        keys = _served(lots).select(KEYS).unique().sort(KEYS)
        names = pl.DataFrame({"book": sorted(set(books))})
        return cls(names.with_row_index("book_number"), keys.with_row_index("key"), calendar, first)

    def years(self, latest: int) -> int:
        """Years from the first one to the fiscal year `latest`."""
        return latest - self.calendar.year_of(self.first) + 1

    def quarters(self, years: int) -> pl.DataFrame:
        """QUARTER and period_end of some years."""
        periods = self.calendar.frame(self.first, self.first + PERIODS * years - 1)
        return periods.group_by(QUARTER, maintain_order=True).agg(pl.col("period_end").max())

    def placed(self, steps: Iterable[pl.DataFrame], quarters: int) -> pl.DataFrame:
        """Amounts by KEYS, QUARTER and `book`, or of every book, added up by `place`: that of a row of the grid."""
        every = self.books.select("book")
        of_book = [step if "book" in step.columns else step.join(every, how="cross") for step in steps]
        rows = pl.concat(of_book, how="diagonal")
        found = rows.join(self.keys, on=KEYS).join(self.books, on="book")
        series = pl.col("book_number").cast(pl.Int64) * len(self.keys) + pl.col("key")
        quarter = (pl.col("fiscal_year") - self.calendar.year_of(self.first)) * QUARTERS + pl.col("fiscal_quarter") - 1
        sums = [summed(name) for name in (*BALANCES, *CHARGES) if name in found.columns]
        return found.group_by(place=series * quarters + quarter).agg(sums)


def rollup(
    lots: pl.DataFrame,
    schedule: pl.LazyFrame,
    movements: pl.DataFrame,
    book: str,
    calendar: FiscalCalendar,
    last: int,
) -> dy.DataFrame[Rollup]:
    """Lots with `bound`, their schedule and movements -> contract.Rollup, to the fiscal year end after `last`.

    Every generation has every quarter from the year of the first purchase, so that lines have no holes. Sums are
    taken in 128 bits and refused (an error, never a wrap) beyond 64.
    """
    moves = [bought(lots, calendar, last), moved(lots, movements, calendar, last)]
    grid = Grid.of(lots, [book], calendar)
    years = grid.years(calendar.year_of(last))
    steps = [each.with_columns(book=pl.lit(book)) for each in (charged(lots, schedule, calendar, last), *moves)]
    return balances(steps, [], grid, years).rollup


def charged(lots: pl.DataFrame, schedule: pl.LazyFrame, calendar: FiscalCalendar, last: int) -> pl.DataFrame:
    """Depreciation by KEYS and QUARTER."""
    of_lot = _keys(lots)
    quarter_of = _quarters(lots, calendar, last)
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
    """The periods (contract.Calendar) from the year of the first purchase to the end of the year that holds `last`."""
    return calendar.frame(_first(lots, calendar), calendar.year_start(last) + PERIODS - 1)


def _first(lots: pl.DataFrame, calendar: FiscalCalendar) -> int:
    return calendar.year_start(calendar.period(lots.select(pl.col("purchase_date").min()).item()))


def balances(steps: Iterable[pl.DataFrame], charges: Iterable[Charges], grid: Grid, years: int) -> Summed:
    """What moves each quarter of some years, in any number of parts, to the balances it leaves.

    `steps` are amounts by KEYS, QUARTER and `book`, or of every book; `charges` are depreciation beside theirs.
    """
    if grid.keys.is_empty():
        return Summed(Rollup.create_empty(), pl.DataFrame())
    shape = len(grid.books), len(grid.keys), years * QUARTERS
    book, key, quarter = (place.ravel() for place in np.indices(shape))
    names = [grid.books.select("book")[book], grid.keys.select(KEYS)[key], grid.quarters(years)[quarter]]
    series = pl.DataFrame({"series": book * shape[1] + key})
    table = (
        pl.concat([*names, series, _amounts(steps, charges, grid, shape)], how="horizontal")
        .with_columns(accumulated_minor=pl.col("accumulated_minor").cast(pl.Int128) + pl.col("depreciation_minor"))
        .with_columns(running(name, "series") for name in BALANCES)
        .with_columns(carrying_minor=pl.col("cost_minor") - pl.col("accumulated_minor") - pl.col("impairment_minor"))
    )
    losses = table.filter(pl.col("losses_minor") != 0)
    shown = losses.select("book", *KEYS, *QUARTER, "period_end", "losses_minor")
    return Summed(Rollup.validate(table.select(Rollup.column_names())), shown)


def _amounts(
    steps: Iterable[pl.DataFrame], charges: Iterable[Charges], grid: Grid, shape: tuple[int, int, int]
) -> pl.DataFrame:
    """What moves in every row of the grid."""
    moves = grid.placed(steps, shape[2])
    names = (*BALANCES, *CHARGES)
    columns = {name: np.zeros(prod(shape), np.int64) for name in names}
    for name in moves.columns[1:]:
        columns[name][moves["place"]] = moves[name]
    quiet = np.zeros(shape, np.int64)
    number = dict(grid.books.select("book", "book_number").iter_rows())
    for each in charges:
        quiet[number[each.book], :, : each.minor.shape[1]] = each.minor
    both = pl.col("depreciation_minor").cast(pl.Int128) + pl.lit(pl.Series(quiet.ravel()))
    return pl.DataFrame(columns).with_columns(depreciation_minor=both.cast(pl.Int64))
