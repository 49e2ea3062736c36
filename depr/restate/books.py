"""One fleet under many books, by quarter: in cohorts where nothing befalls a lot, else by its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from depr.book import Book
from depr.estimates import estimates
from depr.kernel import schedule as kernel
from depr.kernel.calendar import PERIODS, FiscalCalendar
from depr.restate.cohorts import Cohorts
from depr.restate.rollup import Summed, balances, bought, charged, moved
from depr.schemas import Changes


class Plan(NamedTuple):
    """A book and what befalls lots in it (schemas.Changes)."""

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
    False; the amounts are the same. Raises `Refused` as depr.estimates does.
    """
    served = lots.filter(pl.col("in_service_date").is_not_null())
    named = served.with_columns(generation="lot_id") if by_lot else served
    if served.is_empty():
        return balances([], served, calendar, 0)
    befallen = pl.concat([plan.changes.select("lot") for plan in plans]).unique()
    each_alone = by_lot or not in_cohorts
    rest = named if each_alone else served.join(befallen, on="lot", how="semi")
    steps = list(_scheduled(rest, served, plans, calendar))
    if not each_alone:
        steps += _quiet(served.join(befallen, on="lot", how="anti"), plans, calendar)
    base = bought(named, calendar, _latest(served, calendar))
    books = pl.DataFrame({"book": [plan.book.id for plan in plans]})
    steps.append(base.join(books, how="cross"))
    first = calendar.year_start(calendar.period(served.select(pl.col("purchase_date").min()).item()))
    latest: int = pl.concat([part.select("fiscal_year") for part in steps]).max().item()
    years = latest - calendar.year_of(first)
    return balances(steps, named, calendar, first + PERIODS * years)


def _latest(served: pl.DataFrame, calendar: FiscalCalendar) -> int:
    return calendar.period(served.select(pl.max_horizontal("purchase_date", "in_service_date").max()).item())


def _quiet(lots: pl.DataFrame, plans: Sequence[Plan], calendar: FiscalCalendar) -> Iterator[pl.DataFrame]:
    if lots.is_empty():
        return
    cohorts, found, names = Cohorts(lots, calendar), [], []
    for plan in plans:
        charges = cohorts.charges(plan.book)
        if charges is None:
            yield from _scheduled(lots, lots, [Plan(plan.book, Changes.create_empty())], calendar)
        else:
            found.append(charges)
            names.append(plan.book.id)
    if found:
        lengths = pl.Series([len(each) for each in found])
        books = pl.DataFrame({"book": names}).select(pl.col("book").repeat_by(lengths).explode())
        yield pl.concat([pl.concat(found), books], how="horizontal").join(cohorts.keys, on="key").drop("key")


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
        rows = kernel.schedule(segments.lazy(), shares.lazy())
        for part in (charged(named, rows, calendar, last), moved(named, movements, calendar, last)):
            yield part.with_columns(book=pl.lit(plan.book.id))
