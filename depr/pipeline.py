"""The whole flow on one screen: read this file first.

    events -> lots and changes -> segments -> schedule -> rollup -> restatement

Facts come in as events (depr/ledger), judgements as books (depr/books/book.py); the kernel turns the two into a
schedule (depr/kernel); a restatement is the same facts under two books, subtracted (depr/restate). Nothing here reads
or writes a file, and no step changes its input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import dataframely as dy
import polars as pl

from depr.balances.by_book import Plan, rolled_up
from depr.balances.flows import flows as flows_of
from depr.balances.rollforward import rollforward as rolled
from depr.balances.rollup import Summed
from depr.books.book import Book
from depr.books.estimates import Estimates, carried, estimates, numbered
from depr.books.issuers import DEFAULT, Issuer
from depr.books.modes import Case, cases, changes_of_case
from depr.contract import CHANGE_KINDS, Changes, Restated, RollForward, Rollup
from depr.contract.statements import Parts
from depr.errors import unknown
from depr.kernel import schedule as kernel
from depr.kernel.calendar import FiscalCalendar
from depr.ledger.positions import WORTH, changes, counting_rows, readings, transfers
from depr.restate.by_case import in_cases, parts
from depr.restate.statements import Filer, restate
from depr.statements.identities import flags

Reported = Mapping[str, Book]
"""The book by which each issuer reports."""


def befallen(
    lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, events: pl.DataFrame, reported: Reported | None = None
) -> pl.DataFrame:
    """What befalls lots in a book (contract.Changes), `reported` being the books that their issuers report by."""
    worth = None if book.impairments == "same_amount" else recoverable(lots, book, calendar, events, reported or {})
    return changes(events, lots, book.id, as_reported=book.as_reported, recoverable=worth)


def recoverable(
    lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, events: pl.DataFrame, reported: Reported
) -> pl.DataFrame | None:
    """What reported books other than `book` imply to be recoverable: lot, seq, recoverable_minor; None where nothing.

    It is what such a book carries after an impairment or a reversal that names no book. A book that is itself what an
    issuer reports takes the amounts as they were recorded.
    """
    open_to_all = events.filter(pl.col("kind").is_in(WORTH) & pl.col("book").is_null())
    lots = lots.join(open_to_all.select("lot_id").unique(), on="lot_id", how="semi")
    parts = []
    for issuer, own in reported.items():
        theirs = lots.filter((pl.col("issuer") == issuer) & pl.col("in_service_date").is_not_null())
        if not (book.reports(issuer) or own.id == book.id or theirs.is_empty()):
            counting = counting_rows(events, theirs, own.id, as_reported=own.as_reported)
            left = carried(theirs, own, calendar, Changes.validate(counting.select(Changes.column_names()), cast=True))
            parts.append(numbered(counting).join(left, on=["lot", "number"]).filter(pl.col("kind").is_in(WORTH)))
    if not parts:
        return None
    return pl.concat(parts).select("lot", "seq", recoverable_minor=pl.col("carrying_minor").clip(lower_bound=0))


def before(
    lots: pl.DataFrame, case: Case, calendar: FiscalCalendar, events: pl.DataFrame, reported: Book
) -> pl.DataFrame:
    """What befalls lots of one issuer in the reported book, as the book of a case that leaves it takes it over."""
    worth = None
    if case.alternative.impairments != "same_amount":
        owners = lots["issuer"].unique()
        worth = recoverable(lots, case.book, calendar, events, dict.fromkeys(owners, reported))
    return changes(events, lots, reported.id, as_reported=reported.as_reported, recoverable=worth)


def estimated(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    events: pl.DataFrame | None = None,
    reported: Reported | None = None,
    trace: list[pl.DataFrame] | None = None,
) -> Estimates:
    """Lots and the events that befall them (none, when None), as a book sees them; `trace` as in estimates."""
    happened = None if events is None else befallen(lots, book, calendar, events, reported)
    return estimates(lots, book, calendar, happened, trace)


def schedule(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    events: pl.DataFrame | None = None,
    reported: Reported | None = None,
) -> pl.LazyFrame:
    """Lots under a book -> contract.Schedule, lazily: collect it, or sink it to a file in constant memory."""
    segments, shares, _ = estimated(lots, book, calendar, events, reported)
    return kernel.schedule(segments, shares)


def flows(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    events: pl.DataFrame | None = None,
    reported: Reported | None = None,
) -> pl.LazyFrame:
    """Everything that moves the balances of lots under a book -> contract.Flows, lazily."""
    segments, shares, movements = estimated(lots, book, calendar, events, reported)
    return flows_of(lots, kernel.schedule(segments, shares), movements, calendar)


def rollforward(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    through: date,
    events: pl.DataFrame | None = None,
    *,
    by: Sequence[str] = ("generation",),
    grain: str = "quarter",
    reported: Reported | None = None,
) -> dy.DataFrame[RollForward]:
    """From opening to closing balances of lots under a book, to the period that holds a date ->
    contract.RollForward."""
    last = calendar.period(through)
    moves = None if events is None else transfers(events, lots, calendar)
    return rolled(
        flows(lots, book, calendar, events, reported), lots, book.id, calendar, last, by=by, grain=grain, moves=moves
    )


@dataclass(frozen=True)
class Restatement:
    """One issuer restated: the quarters of every book, and the statements in every case that was asked for.

    `alternatives` are the books that the rows of `restated` name, those that a change date makes among them; `parts`
    is the understatement by generation or lot (contract.statements.Parts), empty unless it was asked for; `cases` are
    what was asked for: mode, alternative and change date.
    """

    issuer: Issuer
    reported: Book
    alternatives: tuple[Book, ...]
    rollup: dy.DataFrame[Rollup]
    restated: dy.DataFrame[Restated]
    parts: dy.DataFrame[Parts]
    cases: tuple[Case, ...]


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
    tax: str = DEFAULT,
    years: tuple[int, int] | None = None,
    by: str = "issuer",
) -> Restatement:
    """The fleet of one issuer under its reported book and under each alternative, in each mode, at each change date.

    `lots` are contract.Lots, `events` what befalls them, `statements` contract.Statements; other issuers' rows are left
    alone. `modes` are names of depr.books.modes; those that have a date take each of `changes_on`. `years` are the
    first and last fiscal year to restate; running sums start with the fleet all the same. `by` generation or lot adds
    the parts. Raises `Refused` for modes and dates that do not go together.
    """
    whose = [(issuer, reported)]
    [made] = restate_fleets(
        lots,
        statements,
        whose,
        alternatives,
        events=events,
        modes=modes,
        changes_on=changes_on,
        tax=tax,
        years=years,
        by=by,
    )
    return made


def restate_fleets(
    lots: pl.DataFrame,
    statements: pl.DataFrame,
    whose: Sequence[tuple[Issuer, Book]],
    alternatives: Sequence[Book],
    *,
    events: pl.DataFrame | None = None,
    modes: Sequence[str] = ("as_if",),
    changes_on: Sequence[date] = (),
    tax: str = DEFAULT,
    years: tuple[int, int] | None = None,
    by: str = "issuer",
) -> list[Restatement]:
    """`restate_fleet` of some issuers, each once and with its reported book: faster together than one by one."""
    if by not in BY:
        raise unknown("group", by, BY)
    fleets = [_rolled(lots, each, alternatives, events, modes, changes_on, by) for each in whose]
    if not fleets:
        return []
    own = statements.filter(pl.col("issuer").is_in([issuer.id for issuer, _ in whose]))
    shown = pl.lit(True) if years is None else pl.col("fiscal_year").is_between(*years)
    window = own.filter(shown)
    summed = Summed(
        Rollup.cast(pl.concat([each.summed.rollup for each in fleets])),
        pl.concat([each.summed.losses for each in fleets], how="diagonal"),
    )
    filers = [Filer(issuer, reported.id) for issuer, reported in whose]
    asked = [case for each in fleets for case in each.asked]
    restated = restate(summed, window, filers, asked, flags=flags(own), tax=tax)
    rows = {issuer.id: Restated.cast(restated.filter(issuer=issuer.id)) for issuer, _ in whose}
    return [
        Restatement(
            issuer,
            reported,
            each.books,
            each.summed.rollup,
            rows[issuer.id],
            Parts.cast(each.parts.filter(shown)),
            tuple(each.asked),
        )
        for (issuer, reported), each in zip(whose, fleets, strict=True)
    ]


@dataclass(frozen=True)
class _Fleet:
    """One fleet in every case: its quarters, and its parts where they were asked for."""

    asked: Sequence[Case]
    summed: Summed
    parts: dy.DataFrame[Parts]

    @property
    def books(self) -> tuple[Book, ...]:
        return tuple({case.book.id: case.book for case in self.asked}.values())


def _rolled(
    lots: pl.DataFrame,
    whose: tuple[Issuer, Book],
    alternatives: Sequence[Book],
    events: pl.DataFrame | None,
    modes: Sequence[str],
    changes_on: Sequence[date],
    by: str,
) -> _Fleet:
    issuer, reported = whose
    fleet = readings(lots.filter(issuer=issuer.id))
    asked = cases(reported, alternatives, modes, changes_on)
    plans = _plans(fleet, issuer, reported, asked, events)

    def summed(*, by_lot: bool) -> Summed:
        whole = rolled_up(fleet, plans, issuer.calendar, by_lot=by_lot)
        return in_cases(whole, reported.id, asked, issuer.calendar)

    together = summed(by_lot=False)
    if by == "issuer":
        return _Fleet(asked, together, Parts.create_empty())
    return _Fleet(asked, together, parts(summed(by_lot=True) if by == "lot" else together, reported.id, asked))


BY = ("issuer", "generation", "lot")
"""What a restatement can be asked for by; statements are an issuer's alone."""


def _plans(
    fleet: pl.DataFrame, issuer: Issuer, reported: Book, asked: Sequence[Case], events: pl.DataFrame | None
) -> list[Plan]:
    """The reported book and those that the cases need, each with what befalls lots in it."""

    nothing: pl.DataFrame = Changes.create_empty()
    happens = events if events is not None and events["kind"].is_in(CHANGE_KINDS).any() else None

    def befalls(book: Book) -> pl.DataFrame:
        return nothing if happens is None else befallen(fleet, book, issuer.calendar, happens, {issuer.id: reported})

    plans = {reported.id: Plan(reported, befalls(reported))}
    for case in asked:
        if case.mode.name == "prospective":
            known = nothing if happens is None else before(fleet, case, issuer.calendar, happens, reported)
            plans.setdefault(case.book.id, Plan(case.book, changes_of_case(case, known, befalls(case.alternative))))
        else:
            plans.setdefault(case.alternative.id, Plan(case.alternative, befalls(case.alternative)))
    return list(plans.values())
