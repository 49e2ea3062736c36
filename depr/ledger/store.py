"""The store: fleet.duckdb, an ordinary DuckDB file that older clients open too.

The journal is append-only and each import is one transaction: a batch is there whole or not at all. Batches are
chained by hash, so a changed, dropped or reordered event is noticed by `Ledger.verify` before figures are printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import dataframely as dy
import duckdb
import polars as pl

from depr.errors import Finding, Refused, refuse
from depr.ledger import faults
from depr.ledger.events import chain, compare, facts_sha256, purchase_events
from depr.ledger.positions import positions
from depr.schemas import Events, Lots, Purchases, describe

SCHEMA_VERSION = 1
STORAGE_VERSION = "v1.4.0"
GENESIS = "0" * 64

MISSHAPEN = (dy.exc.ValidationError, dy.exc.SchemaError, pl.exceptions.PolarsError)

TYPES = {pl.Int64: "BIGINT", pl.String: "VARCHAR", pl.Date: "DATE"}


@dataclass(frozen=True)
class Batch:
    """One import. read = accepted + rejected + duplicates."""

    batch: int
    recorded_at: datetime
    file: str
    file_sha256: str
    read: int
    accepted: int
    rejected: int
    duplicates: int
    facts_sha256: str
    previous: str
    hash: str


BATCHES = """CREATE TABLE batches (
    batch BIGINT PRIMARY KEY, recorded_at TIMESTAMP NOT NULL, file VARCHAR NOT NULL, file_sha256 VARCHAR NOT NULL,
    read BIGINT NOT NULL, accepted BIGINT NOT NULL, rejected BIGINT NOT NULL, duplicates BIGINT NOT NULL,
    facts_sha256 VARCHAR NOT NULL, previous VARCHAR NOT NULL, hash VARCHAR NOT NULL)"""

COMMENTS = {
    "meta": "What the file is: schema version",
    "batches": "Imports, one transaction each, chained by hash (read = accepted + rejected + duplicates)",
    "events": "The journal of facts; append-only; amounts in minor units",
}

BATCH_COLUMNS = {
    "batch": "number of the import, from 1",
    "recorded_at": "when it was recorded, UTC",
    "file": "name of the file",
    "file_sha256": "SHA-256 of the file",
    "read": "rows read",
    "accepted": "rows recorded as new lots",
    "rejected": "rows refused",
    "duplicates": "rows that the ledger held already, with the same content",
    "facts_sha256": "SHA-256 of the events of the batch",
    "previous": "hash of the batch before; zeros for the first",
    "hash": "hash of this batch: SHA-256 over the columns above and the hash before",
}


class Ledger:
    """A fleet ledger in a file. Use it as a context manager; a writer keeps others out while it is open."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty ledger. Raises `Refused` when something already lies at the path."""
        if path.exists():
            raise refuse(str(path), "already exists", "a ledger is never overwritten", "choose another name")
        if not path.parent.is_dir():
            raise refuse(str(path), f"there is no folder {path.parent}", do="create it first")
        try:
            with duckdb.connect() as connection:
                connection.execute(f"ATTACH {_literal(path)} AS ledger (STORAGE_VERSION '{STORAGE_VERSION}')")
                connection.execute("USE ledger")
                for statement in _tables():
                    connection.execute(statement)
        except duckdb.Error as fault:
            path.unlink(missing_ok=True)
            raise faults.cannot_write(path, fault) from None
        return cls.open(path, read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = True) -> Self:
        """An existing ledger. Raises `Refused` when there is none, it is held by another process, or is not one."""
        if not path.is_file():
            raise refuse(str(path), "no such ledger", do=f"make one: depr init {path}")
        _check_kind(path)
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
        except duckdb.Error as fault:
            raise faults.cannot_open(path, fault) from None
        try:
            _check_version(path, connection)
        except BaseException:
            connection.close()  # else the file stays held
            raise
        return cls(path, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def events(self, known_at: datetime | None = None) -> dy.DataFrame[Events]:
        """The journal, whole or as it was known at a time, in order of seq."""
        columns = ", ".join(f"e.{name}" for name in Events.column_names())
        query = f"SELECT {columns} FROM events e JOIN batches b USING (batch) WHERE {_known(known_at)} ORDER BY seq"
        try:
            return Events.validate(self._frame(query), cast=True)
        except MISSHAPEN as fault:
            raise faults.damaged(self.path, fault) from None

    def lots(self, as_of: date | None = None, known_at: datetime | None = None) -> dy.DataFrame[Lots]:
        """Positions effective on a date, as known at a time (both: everything, when None)."""
        events = self.events(known_at)
        try:
            return positions(events, as_of)
        except MISSHAPEN as fault:
            raise faults.damaged(self.path, fault) from None

    def batches(self) -> list[Batch]:
        """The imports, in order."""
        rows = self._frame(f"SELECT {', '.join(Batch.__dataclass_fields__)} FROM batches ORDER BY batch").iter_rows()
        return [Batch(*row) for row in rows]

    def head(self) -> str:
        """Hash of the last batch: it stands for everything recorded so far."""
        batches = self.batches()
        return batches[-1].hash if batches else GENESIS

    def record(
        self,
        file: str,
        file_sha256: str,
        purchases: dy.DataFrame[Purchases],
        recorded_at: datetime,
        *,
        read: int,
        findings: tuple[Finding, ...] = (),
        partial: bool = False,
    ) -> tuple[Batch, tuple[Finding, ...]]:
        """Record the purchases of one file in one transaction: the batch, and what was rejected.

        Lots the ledger already holds with the same content are duplicates and change nothing; with other content
        they are rejected. Any rejected row refuses the whole file (`Refused`) unless `partial`.
        """
        compared = compare(purchases, self.lots())
        conflicts = compared.filter(pl.col("known") & ~pl.col("same")).select("lot_id", "source_row")
        found = tuple(sorted((*findings, *(faults.conflict(file, *row) for row in conflicts.iter_rows()))))
        if found and not partial:
            raise Refused(found)
        fresh = compared.filter(~pl.col("known")).select(Purchases.column_names())
        duplicates = int(compared["same"].sum())
        counts = (read, len(fresh), read - len(fresh) - duplicates, duplicates)
        return self._append(file, file_sha256, fresh, _utc(recorded_at), counts), found

    def _append(
        self, file: str, file_sha256: str, fresh: pl.DataFrame, recorded_at: datetime, counts: tuple[int, int, int, int]
    ) -> Batch:
        number, seq = self._next()
        events = purchase_events(fresh, number, seq)
        draft = Batch(number, recorded_at, file, file_sha256, *counts, facts_sha256(events), self.head(), "")
        if fresh.is_empty():
            return replace(draft, hash=draft.previous)
        batch = replace(draft, hash=_link(draft))
        self.connection.begin()
        try:
            self.connection.register("fresh_events", events.to_arrow())
            self.connection.execute("INSERT INTO events BY NAME SELECT * FROM fresh_events")
            self.connection.execute(f"INSERT INTO batches VALUES ({', '.join('?' * 11)})", list(vars(batch).values()))
            self.connection.commit()
        except BaseException as fault:
            with suppress(duckdb.Error):  # a full disk has ended the transaction already
                self.connection.rollback()
            if isinstance(fault, duckdb.Error):
                raise faults.cannot_write(self.path, fault) from None
            raise
        finally:
            with suppress(duckdb.Error):
                self.connection.unregister("fresh_events")
        return batch

    def _next(self) -> tuple[int, int]:
        [(batch, seq)] = self.connection.execute(
            "SELECT (SELECT coalesce(max(batch), 0) FROM batches) + 1, (SELECT coalesce(max(seq), 0) FROM events) + 1"
        ).fetchall()
        return batch, seq

    def verify(self) -> list[Finding]:
        """Recompute every hash of the chain from the stored rows; what does not agree, as findings.

        Raises `Refused` when a table or column of the journal is not there at all.
        """
        events, previous, found = self._frame(f"SELECT {', '.join(Events.column_names())} FROM events"), GENESIS, []
        batches = self.batches()
        for batch in batches:
            facts = facts_sha256(events.filter(batch=batch.batch))
            link = _link(replace(batch, facts_sha256=facts, previous=previous))
            if (facts, previous, link) != (batch.facts_sha256, batch.previous, batch.hash):
                found.append(faults.broken(self.path, batch.batch, batch.file))
            previous = batch.hash
        stray = events.filter(~pl.col("batch").is_in([batch.batch for batch in batches]))
        return [*found, *(faults.stray(self.path, seq) for seq in stray["seq"].sort())]

    def _frame(self, query: str) -> pl.DataFrame:
        try:
            frame: pl.DataFrame = self.connection.sql(query).pl()
        except duckdb.Error as fault:
            raise faults.damaged(self.path, fault) from None
        return frame


def _link(batch: Batch) -> str:
    """Hash of a batch over everything kept of it and the hash of the batch before."""
    return chain(batch.previous, (cell for name, cell in vars(batch).items() if name not in ("previous", "hash")))


@contextmanager
def trusted(path: Path) -> Iterator[Ledger]:
    """A ledger opened for figures: its chain of hashes is proven first. Raises `Refused` when it does not hold."""
    with Ledger.open(path) as ledger:
        if broken := ledger.verify():
            raise Refused(broken)
        yield ledger


def _tables() -> list[str]:
    columns = Events.columns()
    body = ", ".join(
        f"{name} {TYPES[type(col.dtype)]}{'' if col.nullable else ' NOT NULL'}" for name, col in columns.items()
    )
    comments = [f"COMMENT ON TABLE {name} IS {_literal(text)}" for name, text in COMMENTS.items()]
    said = {"events": describe(Events), "batches": BATCH_COLUMNS, "meta": {"key": "name", "value": "value"}}
    columns_said = [
        f"COMMENT ON COLUMN {table}.{name} IS {_literal(text)}"
        for table, texts in said.items()
        for name, text in texts.items()
    ]
    return [
        "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)",
        f"INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}')",
        BATCHES,
        f"CREATE TABLE events ({body}, PRIMARY KEY (seq))",
        *comments,
        *columns_said,
    ]


def _check_kind(path: Path) -> None:
    """DuckDB would make a database of an empty file, and fetch an extension for a file of another one."""
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as fault:
        raise faults.cannot_open(path, fault) from None
    if start[8:] != b"DUCK":
        raise faults.cannot_open(path, ValueError("the file does not begin as a DuckDB file does"))


def _check_version(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        version = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchall()
    except duckdb.Error as fault:
        raise faults.cannot_open(path, fault) from None
    if version != [(str(SCHEMA_VERSION),)]:
        said = ", ".join(value for (value,) in version) or "none"
        raise refuse(str(path), f"ledger schema {said}", f"this version reads {SCHEMA_VERSION}", "use its own depr")


def _literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _utc(moment: datetime) -> datetime:
    """A moment as the file keeps it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _known(known_at: datetime | None) -> str:
    return "true" if known_at is None else f"b.recorded_at <= TIMESTAMP {_literal(_utc(known_at).isoformat(' '))}"
