"""The macros of a ledger: what they read, made from its facts and the books one wants to ask about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from pathlib import Path

import duckdb
import polars as pl

from depr import datasets, share
from depr.backtest.run import backtest
from depr.books.book import Book, months, scenario
from depr.checks import CHECKS, checked
from depr.contract.backtest import Backtest
from depr.contract.prepared import Checks
from depr.errors import refuse
from depr.fleet.arguments import Progress, quiet
from depr.fleet.selection import fleets
from depr.intake import find_book, find_issuer, issuers, lines_named, read_book, tax_columns
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.curves import GIVEN
from depr.ledger import contents
from depr.ledger.known import known
from depr.ledger.store import Ledger
from depr.sql import kept
from depr.sql.install import forget, install, write_evidence, write_statements
from depr.sql.placing import answer, renew
from depr.sql.prepared.changed import Change, divided
from depr.sql.prepared.tables import Fleet, tables, write_prepared

LIVES = tuple(f"{years}y" for years in range(1, 11))

METHODS = ("straight_line", "declining_balance", "sum_of_years_digits")

CONVENTIONS = ("full_month",)

PLAIN = ("straight_line", "full_month")


def prepare(
    ledger: Path,
    *,
    lives: Sequence[str] = LIVES,
    methods: Sequence[str] = METHODS,
    conventions: Sequence[str] = CONVENTIONS,
    books: Sequence[str | Book] = (),
    anew: bool = False,
    evidence: bool = True,
    schedules: Path | None = None,
    progress: Progress = quiet,
    say: Progress = quiet,
) -> pl.DataFrame:
    """Make what the macros of a ledger read (depr/sql/prepared) from all its facts; the books they know, in order.

    Every life (`3y`, `42m`) by every method and convention, and any `books`, join those that were prepared before,
    unless `anew`. A book may be told from a date on (life-3y-from-2025-01-01): for the mode prospective, with what each
    issuer reports before it. With `evidence` the tables backtest and checks are made too. Issuers whose statements no
    restatement has written to the file get the shipped ones. What was there before the file said what depr wrote is
    kept and never called proven, as `say` is told; `anew` writes issuers and statements of that kind again. Raises
    `Refused` as depr.books.estimates does, and when the ledger cannot be written.
    """
    facts = known(ledger)
    plain = [plain_book(*each, schedules) for each in product(map(months, lives), methods, conventions)]
    named = [book for book in books if isinstance(book, Book) or not divided(book)]
    asked = {book.id: book for book in [*plain, *(find_book(book, schedules) for book in named)]}
    owned = [_fleet(calendar, lots, schedules) for calendar, lots in fleets(facts, None, schedules)]
    evidence_tables = _evidence(ledger, schedules, progress) if evidence else {}
    with Ledger.open(ledger, read_only=False) as opened:
        connection = opened.connection
        with opened.transaction():  # with the views and macros, or they would be others than the file says
            install(connection)
            contents.vouch(connection, ("statements", "issuers"))
            if anew:
                forget(connection)
            before = {} if anew else _before(connection, schedules)
            asked_for = [parts for book in books if isinstance(book, str) and (parts := divided(book))]
            changes = [*asked_for, *(() if anew else _changes_before(connection))]
            dated = _dated(changes, before | asked, schedules)
            progress("walk the books")
            frames = tables(facts, owned, before | asked, dated)
            progress("write the tables")
            write_prepared(connection, frames, facts.head)
            answer(connection)
            contents.record(connection, ["understatement_prepared"])
            write_evidence(connection, **evidence_tables)
            entries = [each for fleet in owned for each in fleet.entries]
            lines = datasets.statements(named=lines_named([entry.id for entry in entries], schedules))
            write_statements(connection, entries, lines)
            renew(connection)
            for line in contents.of_unknown_making(connection):
                say(line)
    return frames["alternatives"]


def _evidence(ledger: Path, schedules: Path | None, progress: Progress) -> dict[str, pl.DataFrame]:
    """How good the model is (backtest), and what is wrong in the books (checks)."""
    progress("check the ledger")
    rows = [
        (name, CHECKS[name].meaning, not found, len(found), str(found[0]) if found else None)
        for name, found in checked(ledger, schedules=schedules).items()
    ]
    progress("backtest the model")
    checks = pl.DataFrame(rows, Checks.create_empty().schema, orient="row")
    tested = kept.frame("backtest", repr(issuers(schedules)), lambda: backtest(schedules=schedules))
    return {"checks": Checks.validate(checks), "backtest": Backtest.cast(tested)}


def plain_book(life_months: int, method: str, convention: str, schedules: Path | None = None) -> Book:
    """A book of a single policy, named by what it is. Raises `Refused`, for a method whose curve is data too.

    Of these macrs has lives: its percentages are those of the tax tables for a recovery period.
    """
    policy = {"method": method, "convention": convention}
    if method == "macrs":
        policy = tax_columns(life_months, convention, schedules=schedules)
    elif method in GIVEN:
        why = "its curve is data, and differs from one asset to the next"
        raise refuse("method", f"{method} has no life of its own", why, "write a book with its data; name it: --book")
    book = scenario(life_months, **policy)
    name = book.id if (method, convention) == PLAIN else f"{book.id}-{method}-{convention}"
    return book.model_copy(update={"id": name})


def _fleet(calendar: FiscalCalendar, lots: pl.DataFrame, schedules: Path | None) -> Fleet:
    entries = {name: find_issuer(name, schedules) for name in lots["issuer"].unique().sort()}
    reported = {name: read_book(entry.book, schedules) if entry else None for name, entry in entries.items()}
    return Fleet(calendar, reported, tuple(entry for entry in entries.values() if entry))


def _dated(
    changes: Sequence[tuple[str, date]], known_books: Mapping[str, Book], schedules: Path | None
) -> list[Change]:
    """Changes to alternatives by name, each on a day."""
    return [Change(known_books.get(name) or find_book(name, schedules), day) for name, day in dict.fromkeys(changes)]


def _changes_before(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, date]]:
    """The changes of which a date makes a book that was prepared before."""
    asked = "SELECT alternative, change_date FROM alternatives WHERE change_date IS NOT NULL ORDER BY book"
    return connection.sql(asked).fetchall()


def _before(connection: duckdb.DuckDBPyConnection, schedules: Path | None) -> dict[str, Book]:
    """The alternatives prepared before: plain ones by what they are, others as far as their book is still there."""
    rows = connection.sql("SELECT book, life_months, method, convention FROM alternatives WHERE NOT own").fetchall()
    kept = [plain_book(life, method, convention, schedules) for _, life, method, convention in rows if life is not None]
    named = [
        find_book(name, schedules)
        for name, life, *_ in rows
        if life is None and name in share.names("books", schedules)
    ]
    return {book.id: book for book in [*kept, *named]}
