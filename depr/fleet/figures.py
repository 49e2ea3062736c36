"""Figures of a ledger under a book: schedule, roll-forward, journal, one charge derived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from depr import pipeline, share
from depr.balances.grain import GRAINS, by_grain
from depr.balances.rollforward import BY
from depr.books.book import Book
from depr.books.chart import Chart
from depr.contract import Lots
from depr.contract.names import spell
from depr.errors import refuse, unknown
from depr.evidence.explain import explain as derive
from depr.fleet.arguments import Progress, quiet
from depr.fleet.book_notes import BookShown, said
from depr.fleet.selection import InBook, in_books, own_books, year_and_month
from depr.intake import read_accounts
from depr.intake.documents import with_base
from depr.intake.forms.derived import derivation
from depr.journal import export_text, parse_export, window
from depr.journal import journal as entries
from depr.kernel.calendar import FIRST, LAST
from depr.kernel.rounding import decimal_text
from depr.ledger.known import Known, known
from depr.ledger.positions import changes


@contextmanager
def sums_that_fit(ledger: Path) -> Iterator[None]:
    """A sum that leaves 64 bits is refused in words: it is never taken modulo 2**64."""
    try:
        yield
    except pl.exceptions.InvalidOperationError as fault:
        if "conversion" not in str(fault):
            raise
        why = "amounts are kept in 64 bits of minor units"
        raise refuse(
            str(ledger), "a sum is too large", why, "ask for one issuer, or correct the largest costs"
        ) from None


def schedule(
    ledger: Path,
    book: str | Book | None = None,
    *,
    issuer: str | None = None,
    grain: str = "month",
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
    say: Progress = quiet,
) -> pl.LazyFrame:
    """Depreciation of every lot by month, fiscal quarter or fiscal year: lot_id, issuer, generation, period, amounts.

    Under a book, or the one that each issuer reports when None; `say` is told in a line what each book is, and what it
    leaves out. Lazy, so that a large fleet can be written to a file without being held in memory.
    """
    if grain not in GRAINS:
        raise unknown("grain", grain, GRAINS)
    facts = known(ledger, as_of, known_at)
    fleets = _asked(facts, issuer, book, schedules, say)
    parts = [
        by_grain(
            pipeline.schedule(lots, chosen, calendar, facts.events, own_books(lots, schedules)), lots, calendar, grain
        )
        for calendar, chosen, lots in fleets
    ]
    return pl.concat(parts)


def _asked(
    facts: Known, issuer: str | None, book: str | Book | None, schedules: Path | None, say: Progress
) -> list[InBook]:
    """The fleets that are asked about, each with its book; what the books are is said."""
    fleets = in_books(facts, issuer, book, schedules)
    for line in said([BookShown(book.id, book, lots, facts.events) for _, book, lots in fleets], schedules):
        say(line)
    return fleets


def rollforward(
    ledger: Path,
    book: str | Book | None,
    through: date,
    *,
    issuer: str | None = None,
    by: Sequence[str] = ("generation",),
    grain: str = "quarter",
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
    say: Progress = quiet,
) -> pl.DataFrame:
    """Opening balances, what moved them and closing balances (contract.RollForward), to the period of a date.

    `by` is any of generation and location; book and `say` are as in `schedule`. Raises `Refused`.
    """
    if grain not in GRAINS:
        raise unknown("grain", grain, GRAINS)
    if not FIRST <= through <= LAST:
        why = f"periods are known from {FIRST} to {LAST}"
        raise refuse("through", f"{through} is beyond any fleet", why, f"write a date up to {LAST}")
    for name in by:
        if name not in BY:
            raise unknown("group", name, BY)
    facts = known(ledger, as_of, known_at)
    with sums_that_fit(ledger):
        return pl.concat(
            pipeline.rollforward(
                lots, chosen, calendar, through, facts.events, by=by, grain=grain, reported=own_books(lots, schedules)
            )
            for calendar, chosen, lots in _asked(facts, issuer, book, schedules, say)
        )


def journal(
    ledger: Path,
    book: str | Book | None,
    period: str,
    *,
    issuer: str | None = None,
    per_lot: bool = False,
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
    say: Progress = quiet,
) -> pl.DataFrame:
    """The numbered, balanced entries of a period (2025, 2025-Q1, 2025-03) under a book: depr.journal.JournalLines.

    Book and `say` are as in `schedule`. Raises `Refused`.
    """
    facts = known(ledger, as_of, known_at)
    chart = read_accounts(share.schedule_file("accounts.toml", schedules))
    return pl.concat(
        entries_of(facts, own, chart, window(period, own.calendar), schedules, per_lot=per_lot)
        for own in _asked(facts, issuer, book, schedules, say)
    )


def entries_of(
    facts: Known,
    asked: InBook,
    chart: Chart,
    periods: tuple[int, int],
    schedules: Path | None,
    *,
    per_lot: bool = False,
) -> pl.DataFrame:
    """The entries of lots under a book in some periods, the first and the last, as they are known."""
    calendar, book, lots = asked
    befallen = changes(facts.events, lots, book.id, as_reported=book.as_reported)
    moved = pipeline.flows(lots, book, calendar, facts.events, own_books(lots, schedules))
    return entries(moved, lots, book, calendar, chart, changes=befallen, periods=periods, per_lot=per_lot)


def exported(lines: pl.DataFrame, to: str | Path, schedules: Path | None = None) -> str:
    """Lines of a journal as another system takes them in: the CSV that an export (schedules/exports, or a path) says.

    Raises `Refused`.
    """
    path = to if isinstance(to, Path) else share.find("exports", to, schedules)
    return export_text(lines, parse_export(with_base(path, "exports", schedules), str(path)), str(path))


def explain(
    ledger: Path,
    lot_id: str,
    month: str,
    book: str | Book | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
) -> list[str]:
    """One charge of one lot derived line by line, under a book or the one that its issuer reports when None.

    `month` is such as 2025-03. Raises `Refused`.
    """
    year, number = year_and_month("explain", month)
    facts = known(ledger, as_of, known_at)
    lot_id = lot_id if lot_id in facts.lots["lot_id"] else spell(lot_id)
    lot = facts.lots.filter(lot_id=lot_id)
    if lot.is_empty():
        raise unknown("lot", lot_id, facts.lots["lot_id"].head(20), str(ledger))
    bought = facts.events.filter(lot_id=lot_id, kind="acquisition").row(0, named=True)
    files = {batch.batch: batch.file for batch in facts.batches}
    source = f"{files[bought['batch']]}:{bought['source_row']}"
    if parts := derivation(bought["reason"]):
        price = decimal_text(parts.unit_price)
        multiplier = decimal_text(parts.multiplier)
        source += f"; {parts.units:,} units x {price} x {multiplier}, {parts.file}:{parts.row}"
    [own] = in_books(replace(facts, lots=Lots.validate(lot)), None, book, schedules)
    [about] = said([BookShown(own.book.id, own.book, lot, facts.events)], schedules)
    return derive(lot, own.book, own.calendar, year, number, source, facts.events, about, own_books(lot, schedules))
