"""Questions to ledgers: read-only, no files, no network, no change of settings, and an end in time and memory.

A question runs in a thread of its own, so that it can be interrupted at any moment. DuckDB obeys an interrupt and its
memory limit almost everywhere, but not while it makes a plan or one large value; what does not end `GRACE_SECONDS`
after that is left behind (`Session.stuck`), and its answer is refused all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any, Generic, TypeVar, cast

import duckdb
import polars as pl
import psutil
import pyarrow as pa

from depr.errors import Refused, refuse
from depr.ledger.kin import true_name
from depr.ledger.opening import connect
from depr.ledger.store import utc
from depr.ledger.tables import literal
from depr.sql.hints import hint
from depr.sql.proof import answering
from depr.sql.published.copies import differing, made_with
from depr.sql.questions import questions
from depr.sql.rows import BATCH_ROWS, distinct, framed, shown
from depr.sql.saved import as_written

LOCKED = (
    "SET enable_progress_bar = true",  # so that its share can be asked for
    "SET enable_progress_bar_print = false",
    "SET temp_directory = ''",  # what does not fit into memory is refused, as files are out of reach
    "SET enable_external_access = false",  # which alone leaves the ledger's own paths open, also to writing
    "SET disabled_filesystems = 'LocalFileSystem'",  # the ledgers are open already; nothing else can be opened
    "SET python_enable_replacements = false",
    "SET memory_limit = '{memory} MiB'",
    "SET lock_configuration = true",
)
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
GRACE_SECONDS = 5.0
WATCHED_SECONDS = 0.05
SLACK_BYTES = 1 << 30
"""What a process may grow beyond the limits of DuckDB and of the answer before a question is ended."""

LEFT_OPEN: list[ExitStack] = []
"""Ledgers of questions that did not end: open until the process ends."""

Taken = TypeVar("Taken")
Take = Callable[["pa.RecordBatchReader"], Taken]
POLARS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
FAULTS = (duckdb.Error, pa.ArrowException, OSError, *POLARS, MemoryError, RuntimeError)


def query(
    ledger: Path,
    sql: str,
    *,
    attach: Mapping[str, Path] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    seconds: float = 60,
    memory_mib: int = 4096,
) -> pl.DataFrame:
    """The answer of SQL over a ledger, the last one of several statements. Raises `Refused` with DuckDB's own reason.

    The views of facts answer as of a date and as known at a time (all, when None: depr/sql/views/facts.sql). It may
    take `seconds`, and `memory_mib` of memory and for the answer, each; nothing of it goes to a disk. Ledgers in
    `attach` are proven and can be named: NAME.view.
    """
    with session(ledger, attach=attach, as_of=as_of, known_at=known_at, memory_mib=memory_mib) as asked:
        return asked.frame(sql, seconds=seconds)


@contextmanager
def session(
    ledger: Path,
    *,
    attach: Mapping[str, Path] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    memory_mib: int = 4096,
) -> Iterator[Session]:
    """A ledger, and others beside it, proven and open for questions until the end of the block. Raises `Refused`."""
    others = dict(attach or {})
    unproven = dict[Path, tuple[str, ...]]()
    for name, path in others.items():
        _check_name(name, ledger, others)
        with _proven(path, unproven):
            pass
    with ExitStack() as stack:
        connection = stack.enter_context(_proven(ledger, unproven))
        for name, path in others.items():
            _attach(connection, name, path)
        for name, moment in (("as_of", as_of), ("known_at", known_at and utc(known_at))):
            if moment is not None:
                connection.execute(f"SET VARIABLE {name} = '{moment.isoformat()}'").fetchall()
        _lock(connection, memory_mib)
        opened = Session(connection, memory_mib)
        opened.unproven = tuple(f"{path}: {each}" for path, reasons in unproven.items() for each in reasons)
        try:
            yield opened
        finally:
            if opened.stuck:  # what still runs cannot be closed
                LEFT_OPEN.append(stack.pop_all())


@contextmanager
def _proven(path: Path, unproven_of: dict[Path, tuple[str, ...]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A ledger by all that proves it; a published copy without lots, which has no journal, by its seal and digests."""
    if not (path.is_file() and made_with(path).get("without")):
        with answering(path) as (ledger, unproven):
            unproven_of[path] = unproven
            yield ledger.connection
        return
    if found := differing(path):
        raise Refused(found)
    with connect(path, read_only=True) as connection:
        yield connection


def _check_name(name: str, ledger: Path, others: Mapping[str, Path]) -> None:
    taken = {ledger.stem.lower(), "main", "memory", "system", "temp", *(n.lower() for n in others if n != name)}
    if not IDENTIFIER.fullmatch(name):
        raise refuse("--attach", f"{name!r} is no name", do="use letters, digits and _, such as NAME=fleet.duckdb")
    if name.lower() in taken:
        raise refuse("--attach", f"the name {name!r} is taken", do="give it another: NAME=fleet.duckdb")


def _attach(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    try:
        connection.execute(f'ATTACH {literal(true_name(path))} AS "{name}" (READ_ONLY)').fetchall()
    except duckdb.Error as fault:
        raise refuse(str(path), "cannot be attached", str(fault).splitlines()[0], "end other sessions first") from None


def _lock(connection: duckdb.DuckDBPyConnection, memory_mib: int) -> None:
    """Close what is open. Connections of a process to one file share its settings: what is locked stays as it is."""
    try:
        for setting in LOCKED:
            connection.execute(setting.format(memory=memory_mib)).fetchall()
    except duckdb.InvalidInputException as fault:
        if "locked" not in str(fault):
            raise


class Session:
    """Ledgers open for questions. One question at a time; none after one that did not end (`stuck`)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, memory_mib: int) -> None:
        self.connection = connection
        self.memory_mib = memory_mib
        self.stuck = False
        self.unproven: tuple[str, ...] = ()
        """What of the ledgers no proof reaches, in words."""
        self.notes: tuple[str, ...] = ()
        """What is to be said beside the last answer."""

    def frame(
        self, sql: str, *, seconds: float = 60, rows: int | None = None, progress: Callable[[str], None] | None = None
    ) -> pl.DataFrame:
        """The answer, or the first rows of it. Raises `Refused`, also when it is larger than the memory allowed."""
        most_bytes = self.memory_mib << 20
        return self.answer(sql, lambda reader: framed(reader, most_bytes, rows), seconds=seconds, progress=progress)

    def answer(
        self, sql: str, take: Take[Taken], *, seconds: float = 60, progress: Callable[[str], None] | None = None
    ) -> Taken:
        """What `take` makes of the rows of an answer, batch by batch. Raises `Refused`."""
        if self.stuck:
            raise refuse("query", "an earlier question has not ended yet", do="begin anew")
        work = _Work(lambda stopped: self._taken(sql, take, stopped))
        work.start()
        try:
            self._wait(work, seconds, progress)
        except BaseException:
            self._end(work)
            raise
        if isinstance(work.fault, FAULTS):
            raise refuse("query", _first(work.fault), do=self._hint(work.fault, sql)) from None
        if work.fault is not None:
            raise work.fault
        self.notes = tuple(as_written(self.connection, sql))
        return cast(Taken, work.result)

    def _taken(self, sql: str, take: Take[Taken], stopped: Event) -> Taken:
        relation = None
        for statement in questions(self.connection, sql):
            relation = cast("duckdb.DuckDBPyRelation | None", self.connection.sql(statement))
        if relation is None:
            return take(pa.RecordBatchReader.from_batches(pa.schema([]), []))
        reader = shown(relation).to_arrow_reader(BATCH_ROWS)
        named = pa.schema([f.with_name(n) for f, n in zip(reader.schema, distinct(reader.schema.names), strict=True)])
        batches = (pa.RecordBatch.from_arrays(b.columns, schema=named) for b in _until(stopped, reader))
        try:
            return take(pa.RecordBatchReader.from_batches(named, batches))
        finally:
            with suppress(*FAULTS):
                reader.close()

    def _wait(self, work: _Work[Any], seconds: float, progress: Callable[[str], None] | None) -> None:
        begun = monotonic()
        before = _resident()
        most = (2 * self.memory_mib << 20) + SLACK_BYTES
        while not work.done.wait(WATCHED_SECONDS):
            if monotonic() - begun > seconds:
                raise refuse("query", f"stopped after {seconds:g} seconds", do="narrow it, or allow more time")
            if _resident() - before > most:
                raise refuse(
                    "query", f"stopped: it takes more than {self.memory_mib} MiB", do="aggregate it, or narrow it"
                )
            if progress is not None:
                share = self.connection.query_progress()
                progress(f"query {share:.0f}%" if share > 0 else "query")

    def _end(self, work: _Work[Any]) -> None:
        """Interrupt until it ends: an interrupt before the question has begun is lost."""
        work.stopped.set()
        until = monotonic() + GRACE_SECONDS
        while not work.done.wait(WATCHED_SECONDS) and not self.stuck:
            self.connection.interrupt()
            self.stuck = monotonic() > until

    def _hint(self, fault: BaseException, sql: str) -> str:
        with suppress(duckdb.Error):
            return hint(self.connection, str(fault), sql)
        return ""


class _Work(Thread, Generic[Taken]):
    """One question in a thread that does not keep the process alive."""

    def __init__(self, ask: Callable[[Event], Taken]) -> None:
        super().__init__(daemon=True)
        self.ask = ask
        self.stopped = Event()
        self.done = Event()
        self.result: Taken | None = None
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.ask(self.stopped)
        except BaseException as fault:
            self.fault = fault
        finally:
            self.done.set()


def _until(stopped: Event, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        if stopped.is_set():
            return
        yield batch


def _resident() -> int:
    """Bytes of memory that the process holds."""
    return int(psutil.Process().memory_info().rss)


CUT = re.compile(
    r"\n+(?:Did you mean|Candidate|Database is launched|Possible solutions|LINE \d+: .{400})|\n\tCandidate"
)


def _first(fault: BaseException) -> str:
    """What went wrong, without the lists that DuckDB adds: the hint has ours."""
    text = (str(fault) or type(fault).__name__).removeprefix("Invalid Input Error: ")  # what our macros say themselves
    return CUT.split(text)[0].strip()
