"""Which lots are meant, under which book, in whose calendar."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from depr.books.book import Book
from depr.errors import Finding, Refused, refuse, unknown
from depr.intake import find_book, find_issuer, read_book
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.curves import MONTHS_PER_YEAR
from depr.ledger.known import Known


def year_and_month(of: str, month: str) -> tuple[int, int]:
    """A month such as 2025-03 as its numbers. Raises `Refused`, naming what it is the month of."""
    year, _, number = month.partition("-")
    if not (len(year) == 4 and year.isdecimal() and number.isdecimal() and 1 <= int(number) <= MONTHS_PER_YEAR):
        raise refuse(of, f"{month!r} is not a month", do="write 2025-03")
    return int(year), int(number)


def of_issuers(lots: pl.DataFrame, issuers: Iterable[str] | None) -> pl.DataFrame:
    """The lots of some issuers, of all when None. Raises `Refused` when there are none."""
    if lots.is_empty():
        raise refuse("ledger", "there are no lots", do="import purchases first: depr import fleet.duckdb purchases.csv")
    if issuers is None:
        return lots
    owners = set(lots["issuer"])
    for issuer in issuers:
        if issuer not in owners:
            raise unknown("issuer", issuer, owners, "ledger")
    return lots.filter(pl.col("issuer").is_in(list(issuers)))


def fleets(known: Known, issuer: str | None, schedules: Path | None) -> list[tuple[FiscalCalendar, pl.DataFrame]]:
    """The lots of an issuer, of all when None, by fiscal calendar. Raises `Refused` when there are none."""
    return by_calendar(of_issuers(known.lots, [issuer] if issuer else None), schedules)


def by_calendar(lots: pl.DataFrame, schedules: Path | None) -> list[tuple[FiscalCalendar, pl.DataFrame]]:
    """Lots by fiscal calendar; an issuer without an entry in schedules/issuers follows the calendar year."""
    calendars: dict[FiscalCalendar, list[str]] = {}
    for name in lots["issuer"].unique().sort():
        calendars.setdefault(calendar_of(name, schedules), []).append(name)
    return [(calendar, lots.filter(pl.col("issuer").is_in(names))) for calendar, names in calendars.items()]


def own_book(issuer: str, schedules: Path | None) -> Book | None:
    """The book by which an issuer reports; None without an entry in schedules/issuers."""
    entry = find_issuer(issuer, schedules)
    return None if entry is None else read_book(entry.book, schedules)


def own_books(lots: pl.DataFrame, schedules: Path | None) -> dict[str, Book]:
    """The books by which the issuers of lots report, of those that have one."""
    books = {name: own_book(name, schedules) for name in lots["issuer"].unique().sort()}
    return {name: book for name, book in books.items() if book}


def calendar_of(issuer: str, schedules: Path | None) -> FiscalCalendar:
    """The fiscal calendar of an issuer."""
    entry = find_issuer(issuer, schedules)
    return entry.calendar if entry else FiscalCalendar()


class InBook(NamedTuple):
    """Lots that share a fiscal calendar and are asked under one book."""

    calendar: FiscalCalendar
    book: Book
    lots: pl.DataFrame


def in_books(known: Known, issuer: str | None, book: str | Book | None, schedules: Path | None) -> list[InBook]:
    """The lots of an issuer, of all when None, under a book: each under the one that its issuer reports when None.

    Raises `Refused` when there are no lots, and for every issuer that reports no book.
    """
    lots = of_issuers(known.lots, [issuer] if issuer else None)
    if book is not None:
        chosen = find_book(book, schedules)
        return [InBook(calendar, chosen, theirs) for calendar, theirs in by_calendar(lots, schedules)]
    books = reported_books(lots["issuer"].unique().sort(), schedules)
    return [InBook(calendar_of(name, schedules), own, lots.filter(issuer=name)) for name, own in books.items()]


def reported_books(issuers: Iterable[str], schedules: Path | None) -> dict[str, Book]:
    """The book that each issuer reports. Raises `Refused`, naming every issuer that reports none."""
    books: dict[str, Book] = {}
    faults = []
    for name in issuers:
        own = own_book(name, schedules)
        if own is None:
            why = "schedules/issuers has no entry for it, which would name its book"
            do = "name a book with --book, such as 3y, or give it an entry in a folder of your own: --schedules"
            faults.append(Finding("books", 0, f"{name} reports no book", why, do))
        elif not own.as_reported:
            what = f"{name} is said to report {own.id}, which is a scenario"
            why = "opening balances and changes of estimate do not count in a scenario"
            faults.append(Finding("books", 0, what, why, "write a book of its own with kind = 'as reported'"))
        else:
            books[name] = own
    if faults:
        raise Refused(faults)
    return books
