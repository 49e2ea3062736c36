"""How lots that nothing befalls are charged: policies walked once for each date of service, whatever the lots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from depr.books.book import Book, Policy
from depr.books.stages import Stage, Stages
from depr.contract import Segments
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.shares import DEN_LIMIT
from depr.sql.prepared.curves import Curves

STARTS = {
    "track": pl.Int64,
    "calendar": pl.Int64,
    "in_service_date": pl.Date,
    "stage": pl.Int64,
    "share_id": pl.Int32,
    "first_period": pl.Int32,
    "last_period": pl.Int32,
    "used_num": pl.Int64,
    "used_den": pl.Int64,
    "rate_num": pl.Int64,
    "rate_den": pl.Int64,
}


class Plan(NamedTuple):
    """The stages of lots of one book, policies (by number) and date of service."""

    book: str
    track: int
    day: date
    stages: tuple[Stage, ...]


class Starts:
    """Tracks and starts (contract.prepared) of any number of books and fleets.

    `one_by_one` are the books that cannot be told so: where lots have residual values of their own a curve that these
    shape, or one that recovers the whole cost; and a curve that leaves 62 bits.
    """

    def __init__(self, curves: Curves) -> None:
        self.one_by_one: set[str] = set()
        self._curves = curves
        self._numbers: dict[tuple[Policy, ...], int] = {}
        self._tracks: set[tuple[str, str, int]] = set()
        self._starts: list[pl.DataFrame] = []

    def add(self, calendar: int, of: FiscalCalendar, fleets: Iterable[tuple[Book, pl.DataFrame]]) -> None:
        """Walk books for the generations and dates of service of some lots. Raises `Refused` for a missing policy."""
        walked = Stages(of)
        plans = [plan for book, lots in fleets for plan in self._plans(book, lots, walked)]
        _, shares = walked.shares.frames(Segments.create_empty())  # curves beyond 62 bits have no rows
        numbers = self._curves.add(shares)
        self.one_by_one |= {p.book for p in plans if any(_wide(stage, numbers) for stage in p.stages)}
        rows = {
            row[:4]: row for plan in plans if plan.book not in self.one_by_one for row in _rows(plan, calendar, numbers)
        }
        self._starts.append(pl.DataFrame(list(rows.values()), STARTS, orient="row"))

    def _plans(self, book: Book, lots: pl.DataFrame, walked: Stages) -> Iterator[Plan]:
        if book.minds_own_residual and lots["residual_minor"].is_not_null().any():
            self.one_by_one.add(book.id)
        for generation, day in lots.select("generation", "in_service_date").unique().sort(pl.all()).iter_rows():
            track = book.policies(generation)
            number = self._numbers.setdefault(track, len(self._numbers))
            self._tracks.add((book.id, generation, number))
            if book.id not in self.one_by_one:
                yield Plan(book.id, number, day, walked.walk(track, day))

    def tracks(self) -> pl.DataFrame:
        """Which policies a book has for a generation: contract.prepared.Tracks."""
        names = {"book": pl.String, "generation": pl.String, "track": pl.Int64}
        return pl.DataFrame(sorted(self._tracks), names, orient="row")

    def starts(self) -> pl.DataFrame:
        """The stages of every track, calendar and date of service: contract.prepared.Starts."""
        return pl.concat([pl.DataFrame(schema=STARTS), *self._starts])


def _wide(stage: Stage, numbers: dict[int, int]) -> bool:
    beyond = stage.share_id is not None and stage.share_id not in numbers
    return beyond or max(stage.used.denominator, stage.policy.residual_rate.denominator) > DEN_LIMIT


def _rows(plan: Plan, calendar: int, numbers: dict[int, int]) -> Iterator[tuple[int | date | None, ...]]:
    for place, stage in enumerate(plan.stages):
        share = None if stage.share_id is None else numbers[stage.share_id]
        fractions = (stage.used, stage.policy.residual_rate)
        parts = (part for each in fractions for part in (each.numerator, each.denominator))
        yield plan.track, calendar, plan.day, place, share, stage.first_period, stage.last_period, *parts
