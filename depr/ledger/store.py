"""The store: fleet.duckdb, an ordinary DuckDB file that older clients open too.

The journal is append-only and each import is one transaction: a batch is there whole or not at all. Batches are
chained by hash (depr/ledger/chain.py) and the file is sealed when a writer closes it (depr/ledger/seal.py), so that
what was changed, dropped or reordered is noticed before figures are printed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import dataframely as dy
import duckdb
import polars as pl

from depr.contract import Entries, Events, Holdings, Lots
from depr.errors import Finding, Refused, refuse
from depr.ledger import contents, faults, kin, proven, seal, sources, spellings
from depr.ledger.chain import Batch, broken_links, facts_sha256, link
from depr.ledger.database import database
from depr.ledger.events import numbered
from depr.ledger.opening import check_kind, connect_ledger
from depr.ledger.positions import HELD, holdings, positions
from depr.ledger.recording import Recording, sort_out
from depr.ledger.stories import closed_through
from depr.ledger.tables import GENESIS, STORAGE_VERSION, literal, tables

MISSHAPEN = (dy.exc.ValidationError, dy.exc.SchemaError, pl.exceptions.PolarsError)


Answer = TypeVar("Answer")
FAR = timedelta(days=1827)
LONG = timedelta(days=400)
"""How far a clock may be ahead of the last batch; and how far before one is told that it may be wrong."""

RELEASED = datetime(2026, 11, 29, tzinfo=UTC).replace(tzinfo=None)
"""When this version was made: with no batch yet, the time that is surely past."""

AGE = 2
"""A version may be this many times as old as a journal may rest."""

SKEW = timedelta(hours=1)
"""How far clocks of two machines may be apart."""


class Ledger:
    """A fleet ledger in a file. Use it as a context manager; a writer keeps others out until the file is sealed."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, writing: ExitStack | None) -> None:
        self.path = path
        self.connection = connection
        self._writing = writing
        self._within = False

    @classmethod
    def create(cls, path: Path, make: Callable[[Path], None] | None = None) -> Self:
        """A new ledger without facts. Raises `Refused` when something already lies at the path.

        `make` writes the file, with more than the journal in it (None: with no more). It is finished under another
        name; one rename puts it in its place.
        """
        faults.check_name(path)
        if path.exists():
            raise refuse(str(path), "already exists", "a ledger is never overwritten", "choose another name")
        if not path.parent.is_dir():
            raise refuse(str(path), f"there is no folder {path.parent}", do="create it first")
        part = path.with_name(f".{path.name}.new")
        with seal.writing(path):
            try:
                for left in (part, seal.log(part)):  # of a process that was ended
                    left.unlink(missing_ok=True)
                (make or journal)(part)
                seal.write(path, seal.sealed(part, GENESIS))
                part.rename(path)
            except BaseException as fault:
                for half_made in (part, seal.log(part), seal.place(path)):
                    half_made.unlink(missing_ok=True)
                if isinstance(fault, duckdb.Error | OSError):
                    raise faults.cannot_write(path, fault) from None
                raise
        return cls.open(path, read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = True) -> Self:
        """An existing ledger. Raises `Refused` when there is none, it is held, is not one, or cannot be trusted."""
        faults.check_name(path)
        if not path.is_file():
            raise refuse(str(path), "no such ledger", do=f"make one: depr init {path}")
        check_kind(path)
        if read_only:
            return cls(path, connect_ledger(path, read_only=True), None)
        with ExitStack() as stack:
            stack.enter_context(seal.writing(path))
            if kin.is_known_elsewhere(kin.real(path)):
                raise faults.known_elsewhere(path)
            if changed := seal.broken(path):
                raise Refused(changed)
            state = seal.read(path)
            connection = connect_ledger(path, read_only=False)
            stack.callback(connection.close)
            ledger = cls(path, connection, stack)
            if (state is None or state.open) and (found := ledger.verify()):  # its next seal would vouch for them
                raise Refused(found)
            seal.write(path, seal.Seal(open=True, head=ledger.head(), process=os.getpid()))
            ledger._writing = stack.pop_all()
            return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(value, duckdb.Error) and self._writing is not None:
            raise faults.cannot_write(self.path, value) from None

    def close(self) -> None:
        """Let go of the file; a writer seals it before others may write."""
        if self._writing is None:
            self.connection.close()
            return
        with self._writing:
            sealed = None
            with suppress(Refused, duckdb.Error):  # a full disk leaves nothing to ask; the seal then stays open
                head = self.head()
                sealed = head, contents.fingerprint(self.connection, head)
            self.connection.close()
            if sealed is not None:
                seal.write(self.path, seal.sealed(self.path, *sealed))

    def events(self, known_at: datetime | None = None) -> dy.DataFrame[Events]:
        """The journal, whole or as it was known at a time, in order of seq."""
        columns = ", ".join(f"e.{name}" for name in Events.column_names())
        query = f"SELECT {columns} FROM events e JOIN batches b USING (batch) WHERE {known_by(known_at)} ORDER BY seq"
        return self._checked(lambda: Events.validate(self._frame(query), cast=True))

    def lots(self, as_of: date | None = None, known_at: datetime | None = None) -> dy.DataFrame[Lots]:
        """What was acquired by a date, as known at a time (both: everything, when None)."""
        events = self.events(known_at)
        return self._checked(lambda: positions(events, as_of))

    def holdings(self, as_of: date | None = None, known_at: datetime | None = None) -> dy.DataFrame[Holdings]:
        """What is held of each lot on a date, as known at a time (both: after everything, when None)."""
        columns = ", ".join(f"e.{name}" for name in HELD)
        events = self._frame(f"SELECT {columns} FROM events e JOIN batches b USING (batch) WHERE {known_by(known_at)}")
        return self._checked(lambda: holdings(events, as_of))

    def batches(self, known_at: datetime | None = None) -> list[Batch]:
        """The batches recorded by a time (all, when None), in order."""
        names = ", ".join(Batch.__dataclass_fields__)
        rows = self._frame(f"SELECT {names} FROM batches b WHERE {known_by(known_at)} ORDER BY batch").iter_rows()
        return [Batch(*row) for row in rows]

    def head(self, known_at: datetime | None = None) -> str:
        """Hash of the last batch recorded by a time: it stands for everything recorded until then."""
        batches = self.batches(known_at)
        return batches[-1].hash if batches else GENESIS

    def closed(self) -> dict[str, date]:
        """The last closed day of each issuer that has one."""
        kinds = "kind IN ('period_closed', 'period_reopened')"
        return closed_through(self._frame(f"SELECT seq, kind, issuer, effective_date FROM events WHERE {kinds}"))

    def sort_out(
        self,
        file: str,
        entries: dy.DataFrame[Entries],
        *,
        read: int,
        findings: tuple[Finding, ...] = (),
        partial: bool = False,
    ) -> Recording:
        """What `record` would record of a file and what it would reject, without recording it. Raises `Refused`."""
        own, unclear = spellings.as_recorded(file, entries, self.connection)
        wrong = (*findings, *unclear)
        known = self.journal_of(own["lot_id"])
        return sort_out(file, own, known, self.closed(), read=read, findings=wrong, partial=partial)

    def journal_of(self, lots: pl.Series) -> dy.DataFrame[Events]:
        """All that is recorded of some lots (lot_id, in its one spelling or as recorded), in order of seq."""
        self.connection.register("named", spellings.named(lots, self.connection).to_arrow())
        columns = ", ".join(Events.column_names())
        journal = self._frame(f"SELECT {columns} FROM events SEMI JOIN named USING (lot_id) ORDER BY seq")
        self.connection.unregister("named")
        return Events.cast(journal)

    def record(
        self,
        file: str,
        file_sha256: str,
        entries: dy.DataFrame[Entries],
        recorded_at: datetime,
        *,
        read: int,
        findings: tuple[Finding, ...] = (),
        partial: bool = False,
        source: Path | None = None,
        then: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
    ) -> tuple[Batch, tuple[Finding, ...]]:
        """Record what a file says in one transaction: the batch, and what was rejected.

        Entries the ledger already holds with the same content are duplicates and change nothing. Any rejected row
        refuses the whole file (`Refused`) unless `partial`. With `source` the file itself is kept. What the file has
        beside facts follows them in the same transaction: `then`.
        """
        sorted_out = self.sort_out(file, entries, read=read, findings=findings, partial=partial)
        number, seq = self._next()
        events = numbered(sorted_out.fresh, number, seq)
        batches = self.batches()
        previous, moment = (batches[-1].hash, batches[-1].recorded_at) if batches else (GENESIS, None)
        now = utc(recorded_at)
        told_of = self._clock(now, moment)
        moment = max(now, moment or now)  # a clock set back does not reorder the journal
        counts = (read, sorted_out.accepted, sorted_out.rejected, sorted_out.duplicates)
        draft = Batch(number, moment, file, file_sha256, *counts, facts_sha256(events), previous, "")
        if events.is_empty():
            return replace(draft, hash=previous), sorted_out.findings
        batch = replace(draft, hash=link(draft))
        with self.transaction():
            self.connection.register("fresh_events", events.to_arrow())
            self.connection.execute("INSERT INTO events BY NAME SELECT * FROM fresh_events").fetchall()
            self.connection.unregister("fresh_events")
            values = list(vars(batch).values())
            self.connection.execute(f"INSERT INTO batches VALUES ({', '.join('?' * len(values))})", values).fetchall()
            if source is not None:
                sources.keep(self.connection, source, file_sha256)
            if then is not None:
                then(self.connection)
        for line in told_of:
            logging.getLogger("depr").warning("%s", line)
        return batch, sorted_out.findings

    def _clock(self, now: datetime, last: datetime | None) -> list[str]:
        """What is doubtful about a clock, in words. Raises `Refused` for one that is surely wrong."""
        known, what = (last, "the last batch was recorded on") if last else (RELEASED, "this version was made on")
        times = 1 if last else AGE
        if now - known > times * FAR or (last and last - now > FAR):
            raise faults.far_apart(self.path, now, known, what)
        if now - known > times * LONG:
            return [faults.clock_ahead(self.path, now, known, what)]
        return [faults.clock_behind(self.path, now, last)] if last and last - now > SKEW else []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written in the block, or nothing; within another one, with it.

        Raises `Refused` when it cannot be written.
        """
        if self._within:
            yield
            return
        self.connection.begin()
        self._within = True
        try:
            yield
            self.connection.commit()
        except BaseException as fault:
            with suppress(duckdb.Error):  # a full disk has ended the transaction already
                self.connection.rollback()
            if isinstance(fault, duckdb.Error):
                raise faults.cannot_write(self.path, fault) from None
            raise
        finally:
            self._within = False

    def _next(self) -> tuple[int, int]:
        [(batch, seq)] = self.connection.execute(
            "SELECT (SELECT coalesce(max(batch), 0) FROM batches) + 1, (SELECT coalesce(max(seq), 0) FROM events) + 1"
        ).fetchall()
        return batch, seq

    def verify(self) -> list[Finding]:
        """Recompute every hash of the chain from the stored rows and files; what does not agree, as findings.

        Raises `Refused` when a table or column of the journal is not there at all.
        """
        batches = self.batches()
        events = self._frame(f"SELECT {', '.join(Events.column_names())} FROM events")
        found = broken_links(self.path, batches, events)
        kept = {batch.file_sha256: batch for batch in reversed(batches) if batch.file_sha256}
        intact = self._checked(lambda: {digest: sources.intact(self.connection, digest) for digest in kept})
        there = self._checked(lambda: sources.kept(self.connection))
        found += [faults.stray_source(self.path, digest) for digest in sorted(there - kept.keys())]
        return found + [faults.lost(self.path, b.batch, b.file) for digest, b in kept.items() if not intact[digest]]

    def _checked(self, ask: Callable[[], Answer]) -> Answer:
        """An answer; a journal that does not keep its form is refused in words."""
        try:
            return ask()
        except (*MISSHAPEN, duckdb.Error) as fault:
            raise faults.damaged(self.path, fault) from None

    def _frame(self, query: str) -> pl.DataFrame:
        frame: pl.DataFrame = self._checked(lambda: self.connection.sql(query).pl())
        return frame


def journal(path: Path) -> None:
    """A new file with the tables of the journal, which clients from 1.4 on open."""
    with database() as connection:
        connection.execute(f"ATTACH {literal(path)} AS ledger (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE ledger")
        for statement in tables():
            connection.execute(statement)
        contents.record(connection, ("meta", *contents.CHAINED))


@contextmanager
def trusted(path: Path, *, anew: bool = False) -> Iterator[Ledger]:
    """A ledger opened for figures: its seal and its chain of hashes are proven first. Raises `Refused`.

    A chain that was proven for the same bytes before is believed (proven.py) unless `anew`.
    """
    digest = seal.digest(path) if path.is_file() else ""
    if path.is_file() and (changed := seal.broken(path, digest)):
        raise Refused(changed)
    with Ledger.open(path) as ledger:
        if anew or not (digest and proven.known(digest, proven.FACTS)):
            if broken := ledger.verify():
                raise Refused(broken)
            if digest and seal.digest(path) == digest:  # nothing was written between the two looks
                proven.note(digest, proven.FACTS)
        yield ledger


def utc(moment: datetime) -> datetime:
    """A moment as the file keeps it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def known_by(known_at: datetime | None) -> str:
    """The condition in SQL on a batch `b` that it was recorded by a time; any, when None."""
    return "true" if known_at is None else f"b.recorded_at <= TIMESTAMP {literal(utc(known_at).isoformat(' '))}"
