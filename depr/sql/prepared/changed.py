"""Books that a date makes: what each issuer reports until then, an alternative from then on (depr/books/modes.py)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import polars as pl

from depr.books.book import Book
from depr.books.modes import Case, cases, changes_of_case
from depr.errors import refuse
from depr.kernel.calendar import FiscalCalendar
from depr.pipeline import befallen, before

MODE = "prospective"
"""The mode in which a date makes a book; what is caught up follows the alternative itself."""

TYPED = re.compile(r"(.+)-from-(\d{4}-\d{2}-\d{2})")
"""How one asks for such a book: the alternative, and the date of the change. Tables have both as columns."""

Befalls = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
"""Events and lots -> what befalls the lots (contract.Changes)."""


class Change(NamedTuple):
    """A change to an alternative on a day."""

    alternative: Book
    day: date

    @property
    def name(self) -> str:
        """The name of its book, whoever reports."""
        return f"{self.alternative.id}-from-{self.day}"

    def case(self, reported: Book) -> Case:
        """The change of what one reports. Raises `Refused` for a date that is not in the calendar."""
        [made] = cases(reported, [self.alternative], (MODE,), (self.day,))
        return made


def befalls(case: Case, reported: Book, calendar: FiscalCalendar) -> Befalls:
    """What befalls lots in the book of a case: a judgement of one lot counts as reported until the date."""

    def known(events: pl.DataFrame, lots: pl.DataFrame) -> pl.DataFrame:
        owned = dict.fromkeys(lots["issuer"].unique(), reported)
        early = before(lots, case, calendar, events, reported)
        return changes_of_case(case, early, befallen(lots, case.alternative, calendar, events, owned))

    return known


def divided(name: str) -> tuple[str, date] | None:
    """The alternative and the date of a book that is asked for by name; None for any other. Raises `Refused`."""
    found = TYPED.fullmatch(name)
    try:
        return (found[1], date.fromisoformat(found[2])) if found else None
    except ValueError:
        raise refuse("books", f"{name} holds no date", do="write it as in life-3y-from-2025-01-01") from None
