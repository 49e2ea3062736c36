"""Where a figure of a page comes from: a cell of the restatement, a sum of the roll-up, or what the page adds up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from depr.report.words import Label

Period = tuple[int, int | None]
"""A fiscal year, and the quarter of it if it is one."""


WIDEST = ("lowest", "highest")


@dataclass(frozen=True)
class At:
    """A column of a period under a book, at one reading, in one mode.

    `generation` is given (blank: all of them) where the figure is a sum of the roll-up; `months` where the book is one
    of the lives beyond those of the page, whose `bound` may be WIDEST: the ends under all assumptions. `assumption` is
    what was moved to one `end` of its range, with all else as it is.
    """

    issuer: str
    column: str
    book: str
    year: int
    quarter: int | None = None
    bound: str = "mid"
    mode: str = "as_if"
    change: dt.date | None = None
    generation: str | None = None
    months: int = 0
    assumption: str = ""
    end: str = ""

    @property
    def period(self) -> Period:
        """The period of the figure."""
        return self.year, self.quarter


@dataclass(frozen=True, eq=False)
class Worked:
    """What the page works out from others: the sum of parts with their signs, as a share of the sum of `over` if given.

    Each is one figure of the page and equal to itself alone.
    """

    title: Label
    parts: tuple[tuple[int, At], ...]
    over: tuple[At, ...] = ()


Origin = At | Worked
