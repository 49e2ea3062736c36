"""What a check looks at: a ledger as of a date and as known at a time, read once for all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import dataframely as dy
import polars as pl

from depr.books.book import Book
from depr.books.estimates import Estimates
from depr.books.issuers import Issuer
from depr.contract import Events, Holdings, Lots
from depr.errors import Finding
from depr.intake import AS_USUAL, Written, find_issuer, read_book, the_issuer
from depr.ledger import faults
from depr.ledger.chain import Batch
from depr.ledger.positions import acquired, effective, holdings
from depr.ledger.store import MISSHAPEN, Ledger
from depr.pipeline import estimated

Answer = TypeVar("Answer")
ORIGIN = ("batch", "source_row")
"""Columns that say which row of which file an event came from."""


@dataclass(frozen=True)
class Reported:
    """The lots of an issuer under the book by which it reports."""

    issuer: Issuer
    book: Book
    lots: pl.DataFrame
    events: pl.DataFrame

    @cached_property
    def estimates(self) -> Estimates:
        """What the book makes of the lots. Raises `Refused`."""
        return estimated(self.lots, self.book, self.issuer.calendar, self.events)


@dataclass(frozen=True)
class Examined:
    """A ledger under examination.

    `counts` is a file of a physical count, written `how`; `schedules` is an own folder of judgements.
    """

    ledger: Ledger
    as_of: date | None = None
    known_at: datetime | None = None
    counts: Path | None = None
    schedules: Path | None = None
    how: Written = AS_USUAL

    @property
    def name(self) -> str:
        """The ledger, where a finding is about no row of a file."""
        return self.ledger.path.name

    @cached_property
    def batches(self) -> Sequence[Batch]:
        """Batches recorded by the time."""
        return self.ledger.batches(self.known_at)

    @cached_property
    def journal(self) -> dy.DataFrame[Events]:
        """Everything recorded by the time, corrections and what they took back included."""
        return self.ledger.events(self.known_at)

    @cached_property
    def events(self) -> dy.DataFrame[Events]:
        """Events that stand and were effective on the date."""
        return self._formed(lambda: effective(self.journal, self.as_of))

    @cached_property
    def lots(self) -> dy.DataFrame[Lots]:
        """Lots acquired by the date."""
        return self._formed(lambda: acquired(self.events))

    @cached_property
    def holdings(self) -> dy.DataFrame[Holdings]:
        """What is held of each lot on the date."""
        return self._formed(lambda: holdings(self.journal, self.as_of))

    @cached_property
    def held(self) -> pl.DataFrame:
        """Lots of which anything is held: Holdings and `serial`."""
        serials = self.events.filter(kind="acquisition").select("lot_id", "serial")
        return self.holdings.filter(pl.col("status") != "disposed").join(serials, on="lot_id", maintain_order="left")

    @cached_property
    def day(self) -> date:
        """The date; when none was asked for, that of the last event, closings of periods included."""
        last: date | None = self.journal.select(pl.col("effective_date").max()).item()
        return self.as_of or last or date.min

    @cached_property
    def reported(self) -> tuple[Reported, ...]:
        """Issuers that have an entry in schedules/issuers, with their lots. Raises `Refused` when one is damaged."""
        owners = [name for name in self.lots["issuer"].unique().sort() if find_issuer(name, self.schedules)]
        return tuple(self._reported(name) for name in owners)

    def _reported(self, name: str) -> Reported:
        issuer = the_issuer(name, self.schedules)
        book = read_book(issuer.book, self.schedules)
        return Reported(issuer, book, self.lots.filter(issuer=name), self.events)

    def found(
        self, rows: pl.DataFrame, what: pl.Expr, why: str | pl.Expr = "", do: str = "", code: str = ""
    ) -> Iterator[Finding]:
        """A finding for each row, at the row of the file it came from: its own (`ORIGIN`), else that of its lot."""
        located = rows if set(ORIGIN) <= set(rows.columns) else rows.join(self._origin, on="lot_id", how="left")
        files = pl.DataFrame([(b.batch, b.file) for b in self.batches], FILES, orient="row")
        reason = pl.lit(why) if isinstance(why, str) else why
        lines = located.join(files, on="batch", how="left").sort(*ORIGIN, maintain_order=True, nulls_last=True)
        chosen = lines.select(pl.col("file").fill_null(self.name), pl.col("source_row").fill_null(0), what, reason)
        for file, row, said, because in chosen.select(pl.nth(0, 1, 2, 3)).iter_rows():
            yield Finding(file, row, said, because, do, code)

    @cached_property
    def _origin(self) -> pl.DataFrame:
        return self.events.filter(kind="acquisition").select("lot_id", *ORIGIN)

    def _formed(self, ask: Callable[[], Answer]) -> Answer:
        """An answer; a journal that does not add up to lots is refused in words."""
        try:
            return ask()
        except MISSHAPEN as fault:
            raise faults.damaged(self.ledger.path, fault) from None


FILES = {"batch": pl.Int64, "file": pl.String}


def lot() -> pl.Expr:
    """A lot by name and content: lot 'L1' (10 h100)."""
    return pl.format("lot '{}' ({} {})", "lot_id", "units", "generation")
