"""The whole flow on one screen: read this file first.

    events -> lots and changes -> segments -> schedule -> rollup -> restatement

Facts come in as events (depr/ledger), judgements as books (depr/book.py); the kernel turns the two into a schedule
(depr/kernel); a restatement is the same facts under two books, subtracted (depr/restate). Nothing here reads or
writes a file, and no step changes its input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import dataframely as dy
import polars as pl

from depr.book import Book
from depr.errors import unknown
from depr.estimates import Estimates, estimates
from depr.forms import currencies
from depr.issuers import Issuer
from depr.kernel import schedule as kernel
from depr.kernel.calendar import FiscalCalendar
from depr.ledger.positions import changes, readings, transfers
from depr.restate.books import Plan, rolled_up
from depr.restate.flows import flows as flows_of
from depr.restate.modes import Case, cases, told
from depr.restate.parts import in_cases, parts
from depr.restate.rollforward import rollforward as rolled
from depr.restate.statements import restate
from depr.schemas import CHANGE_KINDS, Changes, Restated, RollForward, Rollup
from depr.schemas.statements import Parts
from depr.statements.identities import broken


def estimated(
    lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, events: pl.DataFrame | None = None
) -> Estimates:
    """Lots and the events that befall them (none, when None), as a book sees them."""
    told = None if events is None else changes(events, lots, book.id, as_reported=book.kind == "as reported")
    return estimates(lots, book, calendar, told)


def schedule(
    lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, events: pl.DataFrame | None = None
) -> pl.LazyFrame:
    """Lots under a book -> schemas.Schedule, lazily: collect it, or sink it to a file in constant memory."""
    segments, shares, _ = estimated(lots, book, calendar, events)
    return kernel.schedule(segments.lazy(), shares.lazy())


def flows(lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, events: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Everything that moves the balances of lots under a book -> schemas.Flows, lazily."""
    segments, shares, movements = estimated(lots, book, calendar, events)
    return flows_of(lots, kernel.schedule(segments.lazy(), shares.lazy()), movements, calendar)


def rollforward(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    through: date,
    events: pl.DataFrame | None = None,
    *,
    by: Sequence[str] = ("generation",),
    grain: str = "quarter",
) -> dy.DataFrame[RollForward]:
    """From opening to closing balances of lots under a book, to the period that holds a date -> schemas.RollForward."""
    last = calendar.period(through)
    moves = None if events is None else transfers(events, lots, calendar)
    return rolled(flows(lots, book, calendar, events), lots, book.id, calendar, last, by=by, grain=grain, moves=moves)


@dataclass(frozen=True)
class Restatement:
    """One issuer restated: the quarters of every book, and the statements in every case that was asked for.

    `alternatives` are the books that the rows of `restated` name, those that a change date makes among them; `parts`
    is the understatement by generation or lot (schemas.statements.Parts), empty unless it was asked for.
    """

    issuer: Issuer
    reported: Book
    alternatives: tuple[Book, ...]
    rollup: dy.DataFrame[Rollup]
    restated: dy.DataFrame[Restated]
    parts: dy.DataFrame[Parts] = field(default_factory=Parts.create_empty)


def restate_fleet(
    lots: pl.DataFrame,
    statements: pl.DataFrame,
    issuer: Issuer,
    reported: Book,
    alternatives: Sequence[Book],
    *,
    events: pl.DataFrame | None = None,
    modes: Sequence[str] = ("as_if",),
    changes_on: Sequence[date] = (),
    tax: str = "statutory",
    years: tuple[int, int] | None = None,
    by: str = "issuer",
) -> Restatement:
    """The fleet of one issuer under its reported book and under each alternative, in each mode, at each change date.

    `lots` are schemas.Lots, `events` what befalls them, `statements` schemas.Statements; other issuers' rows are left
    alone. `modes` are names of depr.restate.modes; those that have a date take each of `changes_on`. `years` are the
    first and last fiscal year to restate; running sums start with the fleet all the same. `by` generation or lot adds
    the parts. Raises `Refused` for modes and dates that do not go together.
    """
    if by not in BY:
        raise unknown("group", by, BY)
    fleet = readings(lots.filter(issuer=issuer.id))
    asked = cases(reported, alternatives, modes, changes_on)
    plans = _plans(fleet, reported, asked, events)
    summed = in_cases(rolled_up(fleet, plans, issuer.calendar), reported.id, asked, issuer.calendar)
    window = statements if years is None else statements.filter(pl.col("fiscal_year").is_between(*years))
    restated = restate(
        summed,
        window,
        issuer,
        reported.id,
        asked,
        broken=broken(statements.filter(issuer=issuer.id)),
        tax=tax,
        minor_per_unit=currencies()[issuer.currency],
    )
    books = {case.book.id: case.book for case in asked}
    made = Restatement(issuer, reported, tuple(books.values()), summed.rollup, restated)
    if by == "issuer":
        return made
    if by == "lot":
        whole = rolled_up(fleet, plans, issuer.calendar, by_lot=True)
        summed = in_cases(whole, reported.id, asked, issuer.calendar)
    return replace(made, parts=parts(summed, reported.id, asked))


BY = ("issuer", "generation", "lot")
"""What a restatement can be asked for by; statements are an issuer's alone."""


def _plans(fleet: pl.DataFrame, reported: Book, asked: Sequence[Case], events: pl.DataFrame | None) -> list[Plan]:
    """The reported book and those that the cases need, each with what befalls lots in it."""

    nothing: pl.DataFrame = Changes.create_empty()
    quiet = events is None or events.filter(pl.col("kind").is_in(CHANGE_KINDS)).is_empty()

    def befalls(book: Book) -> pl.DataFrame:
        if events is None or quiet:
            return nothing
        return changes(events, fleet, book.id, as_reported=book.kind == "as reported")

    known = befalls(reported)
    plans = {reported.id: Plan(reported, known)}
    for case in asked:
        if case.mode.name == "prospective":
            plans.setdefault(case.book.id, Plan(case.book, told(case, known, befalls(case.alternative))))
        else:
            plans.setdefault(case.alternative.id, Plan(case.alternative, befalls(case.alternative)))
    return list(plans.values())
