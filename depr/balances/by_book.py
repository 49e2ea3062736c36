"""One fleet under many books, by quarter: in cohorts where nothing befalls a lot, else by its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from depr.balances.cohorts import Cohorts
from depr.balances.rollup import QUARTERS, Charges, Grid, Summed, balances, bought, charged, moved
from depr.books.book import Book
from depr.books.estimates import estimates
from depr.contract import Changes
from depr.kernel import schedule as kernel
from depr.kernel.calendar import FiscalCalendar


class Plan(NamedTuple):
    """A book and what befalls lots in it (contract.Changes)."""

    book: Book
    changes: pl.DataFrame


def rolled_up(
    lots: pl.DataFrame,
    plans: Sequence[Plan],
    calendar: FiscalCalendar,
    *,
    by_lot: bool = False,
    in_cohorts: bool = True,
) -> Summed:
    """Lots with `bound` under each book -> their quarters, to the end of the year in which the last of them ends.

    `by_lot` puts lot_id in the place of the generation, and has every lot go by its schedule, as does `in_cohorts`
    False; the amounts are the same. Raises `Refused` as depr.books.estimates does.
    """
    served = lots.filter(pl.col("in_service_date").is_not_null())
    named = served.with_columns(generation="lot_id") if by_lot else served
    grid = Grid.of(named, [plan.book.id for plan in plans], calendar)
    if served.is_empty():
        return balances([], [], grid, 0)
    befallen = pl.concat([plan.changes.select("lot") for plan in plans]).unique()
    each_alone = by_lot or not in_cohorts
    rest = named if each_alone else served.join(befallen, on="lot", how="semi")
    steps = [bought(named, calendar, _latest(served, calendar)), *_scheduled(rest, served, plans, calendar)]
    quiet = list[Charges]()
    if not each_alone:
        others = served.join(befallen, on="lot", how="anti")
        quiet, left = _quiet(others, grid, plans)
        steps += _scheduled(others, others, left, calendar)
    latest: int = pl.concat([part.select("fiscal_year") for part in steps]).max().item()
    years = max(grid.years(latest), *(-(-each.minor.shape[1] // QUARTERS) for each in quiet), 0)
    return balances(steps, quiet, grid, years)


def _latest(served: pl.DataFrame, calendar: FiscalCalendar) -> int:
    return calendar.period(served.select(pl.max_horizontal("purchase_date", "in_service_date").max()).item())


def _quiet(lots: pl.DataFrame, grid: Grid, plans: Sequence[Plan]) -> tuple[list[Charges], list[Plan]]:
    """Charges of lots that nothing befalls, and the plans that are out of the range of cohorts."""
    if lots.is_empty():
        return [], []
    cohorts = Cohorts(lots, grid)
    found = list[Charges]()
    left = list[Plan]()
    for plan in plans:
        charges = cohorts.charges(plan.book)
        if charges is None:
            left.append(Plan(plan.book, Changes.create_empty()))
        else:
            found.append(Charges(plan.book.id, charges))
    return found, left


def _scheduled(
    named: pl.DataFrame, lots: pl.DataFrame, plans: Sequence[Plan], calendar: FiscalCalendar
) -> Iterator[pl.DataFrame]:
    """Charges and movements of some lots, under the names that `named` gives them, by their whole schedule."""
    if named.is_empty():
        return
    own = lots.join(named.select("lot"), on="lot", how="semi")
    for plan in plans:
        segments, shares, movements = estimates(own, plan.book, calendar, plan.changes)
        moves: int = movements.select(pl.col("period").max().fill_null(0)).item()
        last = max(kernel.horizon(segments, shares), moves, _latest(own, calendar))
        rows = kernel.schedule(segments, shares)
        for part in (charged(named, rows, calendar, last), moved(named, movements, calendar, last)):
            yield part.with_columns(book=pl.lit(plan.book.id))
