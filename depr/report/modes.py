"""Which modes a page holds: their names, and what the figures of each may be called."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from depr.books.modes import MODES
from depr.report.words import Value, Words

NAMES = {"as_if": "As if", "prospective": "Prospective", "retrospective": "Retrospective", "catch_up": "Catch-up"}


@dataclass(frozen=True)
class Case:
    """A mode, with its change date where it has one."""

    mode: str
    change: dt.date | None = None

    @property
    def name(self) -> Words:
        """The mode with its date: Prospective, 1 January 2025."""
        return Words(NAMES[self.mode] + self._day, self._days)

    @property
    def word(self) -> Words:
        """The mode alone, where only one date is in question."""
        return Words(NAMES[self.mode])

    @property
    def called(self) -> Words:
        """What its figures may be called, as a sentence begins."""
        called = MODES[self.mode].called
        return Words(called[0].upper() + called[1:])

    @property
    def mark(self) -> Words:
        """Name and permitted name, as they stand under the title of a table."""
        return Words(f"{NAMES[self.mode]}{self._day}: {MODES[self.mode].called}", self._days)

    @property
    def _day(self) -> str:
        return ", %(day)s" if self.change else ""

    @property
    def _days(self) -> dict[str, Value]:
        return {"day": self.change} if self.change else {}


def cases(restated: pl.DataFrame) -> tuple[Case, ...]:
    """Every mode and change date of a restatement; the first is the one that a page shows in full."""
    order = list(MODES)
    found = restated.select("mode", "change_date").unique().rows()
    return tuple(Case(*row) for row in sorted(found, key=lambda row: (order.index(row[0]), row[1] or dt.date.min)))
