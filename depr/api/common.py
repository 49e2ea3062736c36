"""What the verbs share: what is known of a ledger, which book is meant, whose calendar counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from depr import share
from depr.books.book import Book, months, scenario
from depr.errors import refuse, unknown
from depr.intake import find_issuer, read_book, read_toml
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.curves import MONTHS_PER_YEAR
from depr.ledger.known import Known

Progress = Callable[[str], None]


def quiet(step: str) -> None:
    """Progress for those who do not watch."""


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


def find_book(book: str | Book, schedules: Path | None = None) -> Book:
    """A book by name or path (schedules/books), or `3y`, `42m` for a plain straight-line life, or itself."""
    if isinstance(book, Book):
        return book
    plain = book[:-1].isdecimal() and book[-1:] in ("y", "m")
    return scenario(months(book)) if plain else read_book(book, schedules)


def year_and_month(of: str, month: str) -> tuple[int, int]:
    """A month such as 2025-03 as its numbers. Raises `Refused`, naming what it is the month of."""
    year, _, number = month.partition("-")
    if not (len(year) == 4 and year.isdecimal() and number.isdecimal() and 1 <= int(number) <= MONTHS_PER_YEAR):
        raise refuse(of, f"{month!r} is not a month", do="write 2025-03")
    return int(year), int(number)


def generation_keys(schedules: Path | None = None) -> list[str]:
    """The keys of schedules/generations.toml."""
    document = read_toml(share.schedule_file("generations.toml", schedules))
    return [entry["key"] for entry in document["generation"]]


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
