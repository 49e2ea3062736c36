"""The whole flow on one screen: read this file first.

    events -> lots -> segments -> schedule -> rollup -> restatement

Facts come in as events (depr/ledger), judgements as books (depr/book.py); the kernel turns the two into a schedule
(depr/kernel); a restatement is the same facts under two books, subtracted (depr/restate). Nothing here reads or
writes a file, and no step changes its input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from depr.book import Book
from depr.estimates import estimates
from depr.forms import currencies
from depr.issuers import Issuer
from depr.kernel import schedule as kernel
from depr.kernel.calendar import FiscalCalendar
from depr.ledger.positions import readings
from depr.restate.rollup import rollup
from depr.restate.statements import restate
from depr.schemas import Restated, Rollup


def schedule(lots: pl.DataFrame, book: Book, calendar: FiscalCalendar) -> pl.LazyFrame:
    """Lots under a book -> schemas.Schedule, lazily: collect it, or sink it to a file in constant memory."""
    segments, shares = estimates(lots, book, calendar)
    return kernel.schedule(segments.lazy(), shares.lazy())


@dataclass(frozen=True)
class Restatement:
    """One issuer restated: the quarters of every book, and the statements under each alternative."""

    issuer: Issuer
    reported: Book
    alternatives: tuple[Book, ...]
    rollup: dy.DataFrame[Rollup]
    restated: dy.DataFrame[Restated]


def restate_fleet(
    lots: pl.DataFrame,
    statements: pl.DataFrame,
    issuer: Issuer,
    reported: Book,
    alternatives: Sequence[Book],
    *,
    tax: str = "statutory",
    years: tuple[int, int] | None = None,
) -> Restatement:
    """The fleet of one issuer under its reported book and under each alternative, mode as_if.

    `lots` are schemas.Lots, `statements` schemas.Statements; other issuers' rows are left alone. `years` are
    the first and last fiscal year to restate; running sums start with the fleet all the same.
    """
    fleet = readings(lots.filter(issuer=issuer.id))
    books = (reported, *alternatives)
    plans = {book.id: estimates(fleet, book, issuer.calendar) for book in books}
    last = max(kernel.horizon(*plan) for plan in plans.values())
    quarters = Rollup.validate(
        pl.concat(
            rollup(fleet, kernel.schedule(segments.lazy(), shares.lazy()), book, issuer.calendar, last)
            for book, (segments, shares) in plans.items()
        )
    )
    window = statements if years is None else statements.filter(pl.col("fiscal_year").is_between(*years))
    scale = currencies()[issuer.currency]
    restated = restate(quarters, window, issuer, reported.id, tax=tax, minor_per_unit=scale)
    return Restatement(issuer, reported, tuple(alternatives), quarters, restated)
