"""Ledgers of schema 1 and 2 become ledgers of the newest schema: the same facts in a new file, the old one kept.

Schema 2 has the same journal: its events, batches, hashes, head and imported files are taken over to the byte, and so
is all else in the file but what the macros read, which is prepared anew. Schema 3 has the alternative, the mode and the
date of a change as columns beside each book, and not in its name alone: of saved books they are filled in once, here.

Schema 1 knew purchases alone, kept no imported files and had no seal. The new journal holds the same events under the
same numbers. Its hashes cover columns that schema 1 had not, so they are made anew; the last batch keeps the old table
of batches as a file of its own (depr source LEDGER BATCH), under a name that ends in the old head. So the old head
follows from the new file: `old_head` recomputes it from the new events.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from depr.contract import Events
from depr.errors import Finding, Refused, refuse
from depr.ledger import contents, faults, seal, sources
from depr.ledger.chain import Batch, facts_sha256, link
from depr.ledger.kin import true_name
from depr.ledger.opening import check_decimals, connect, schema_version
from depr.ledger.store import Ledger, trusted, utc
from depr.ledger.tables import GENESIS, SCHEMA_VERSION
from depr.ledger.version import VERSION

OLDER = ("1", "2")
"""Schemas that are brought up to the newest."""

COLUMNS = (
    *("seq", "batch", "kind", "lot_id", "issuer", "generation", "units"),
    *("cost_minor", "cost_low_minor", "cost_high_minor", "residual_minor", "currency", "effective_date"),
    *("location", "document", "reason", "reverses", "source_row"),
)
"""Events of schema 1, in the order in which they were hashed."""

BATCH = [field.name for field in fields(Batch)]


@dataclass(frozen=True)
class Migrated:
    """What was made of a ledger: the old file is `kept`, `old_head` and `head` stand for the same facts.

    `saved` are the restatements that came along, by name, `anew` those that are of another form and to be made again;
    of schema 1 none come along, and none is named.
    """

    kept: Path
    batches: int
    events: int
    old_head: str
    head: str
    saved: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()


Renew = Callable[[duckdb.DuckDBPyConnection], tuple[Sequence[str], Sequence[str]]]
"""Makes of the tables, views and macros of schema 2 those of this one; saved restatements that came, and did not."""


def migrate(path: Path, recorded_at: datetime, make: Callable[[Path], None], renew: Renew) -> Migrated:
    """A ledger of an earlier schema becomes one of the newest, whole or not at all.

    The old file is kept beside it as NAME.v1 or NAME.v2, with its seal. For schema 1 `make` writes the new file, with
    its views and without facts; result tables are not taken over: depr restate makes them anew. For schema 2 `renew`
    goes over a copy. Raises `Refused` when the old one does not hold, is of another schema, or there is no room: it is
    then as it was.
    """
    if not path.is_file():
        raise refuse(str(path), "no such ledger", do="name a ledger of an earlier version")
    path = true_name(path) if path.is_symlink() else path
    new = path.with_name(f".{path.name}.migrating")
    with seal.writing(path), _cleared(new), closing(_open(path)) as old:
        version = schema_version(path, old)
        kept = path.with_name(f"{path.name}.v{version}")
        if kept.exists() and not kept.samefile(path):
            raise refuse(str(kept), "already exists", f"it would hold the ledger of schema {version}", "move it away")
        if version == "1":
            batches, events = _proven(path, old)
            head = _make(new, batches, events, recorded_at, make)
            _prove(new, batches, events)
            made = Migrated(kept, len(batches), len(events), _head(batches), head)
        else:
            made = _renewed(path, kept, new, renew)
        _swap(path, kept, new)
    return made


def _renewed(path: Path, kept: Path, new: Path, renew: Renew) -> Migrated:
    """A copy of a ledger of schema 2 as one of the newest; its facts are those that it has."""
    if changed := seal.broken(path):
        raise Refused(changed)
    try:
        shutil.copyfile(path, new)
        with closing(connect(new, read_only=False)) as connection:
            ledger = Ledger(path, connection, None)
            if found := ledger.verify():
                raise Refused(found)
            connection.begin()
            for key, value in (("schema_version", str(SCHEMA_VERSION)), ("made_by", VERSION)):
                connection.execute("UPDATE meta SET value = ? WHERE key = ?", [value, key]).fetchall()
            saved, anew = renew(connection)
            contents.record(connection, ["meta"])
            connection.commit()
            head = ledger.head()
            batches = len(ledger.batches())
            [(events,)] = connection.execute("SELECT count(*) FROM events").fetchall()
            digest = contents.fingerprint(connection, head)
        seal.write(new, seal.sealed(new, head, digest))
    except (duckdb.Error, OSError) as fault:
        raise faults.cannot_write(path, fault) from None
    with trusted(new) as made:
        if made.head() != head:
            raise refuse(str(new), "the new file does not hold the same facts", do="keep the old one; report this")
    return Migrated(kept, batches, events, head, head, tuple(saved), tuple(anew))


def old_head(ledger: Ledger) -> str:
    """The head that the file of schema 1 had, recomputed from a ledger that was made of it: for an auditor."""
    for batch in ledger.batches():
        if batch.file.startswith(NAME):
            rows = json.loads(b"".join(sources.pieces(ledger.connection, batch.file_sha256)))
            batches = [Batch(**row | {"recorded_at": datetime.fromisoformat(row["recorded_at"])}) for row in rows]
            return _relinked(batches, ledger.events().filter(pl.col("batch") < batch.batch))[0]
    raise refuse(str(ledger.path), "it was not migrated", do="look at its batches: FROM batches")


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    """The old file, with what a log beside it holds; a file of the newest schema or a newer one is refused."""
    if seal.log(path).exists():
        connect(path, read_only=False).close()  # which writes the log into the file
    connection = connect(path, read_only=True)
    try:
        version = schema_version(path, connection)
        if version == str(SCHEMA_VERSION):
            raise refuse(
                str(path), f"ledger schema {version}", "it is the newest that this version knows", "use it as it is"
            )
        check_decimals(path, connection)
        if version not in OLDER:
            why = f"this version migrates {' and '.join(OLDER)}"
            raise refuse(str(path), f"ledger schema {version}", why, "use a newer depr")
        if connection.execute("SELECT 1 FROM meta WHERE key LIKE 'published%'").fetchall():
            do = "migrate the ledger that it was made of, and publish that anew"
            raise refuse(str(path), "is a published copy", "a copy does not change", do)
    except BaseException:
        connection.close()
        raise
    return connection


def _proven(path: Path, old: duckdb.DuckDBPyConnection) -> tuple[list[Batch], pl.DataFrame]:
    """Batches and events of the old file, when its chain of hashes holds."""
    try:
        rows = old.execute(f"SELECT {', '.join(BATCH)} FROM batches ORDER BY batch").fetchall()
        events = old.sql(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY seq").pl()
    except duckdb.Error as fault:
        raise faults.damaged(path, fault) from None
    batches = [Batch(*row) for row in rows]
    if found := _relinked(batches, events, path)[1]:
        raise Refused(found)
    return batches, events


def _relinked(batches: Sequence[Batch], events: pl.DataFrame, path: Path = Path()) -> tuple[str, list[Finding]]:
    """The head of a chain of schema 1, recomputed, and what does not agree with it."""
    previous = GENESIS
    found = []
    for batch in batches:
        facts = facts_sha256(events.filter(batch=batch.batch), COLUMNS)
        linked = link(replace(batch, facts_sha256=facts, previous=previous))
        if (facts, previous, linked) != (batch.facts_sha256, batch.previous, batch.hash):
            found.append(faults.broken(path, batch.batch, batch.file))
        previous = linked
    stray = events.filter(~pl.col("batch").is_in([batch.batch for batch in batches]))
    return previous, [*found, *(faults.stray(path, seq) for seq in stray["seq"].sort())]


def _head(batches: Sequence[Batch]) -> str:
    return batches[-1].hash if batches else GENESIS


NAME = "batches of schema 1, head "


def _make(
    new: Path,
    batches: Sequence[Batch],
    events: pl.DataFrame,
    recorded_at: datetime,
    make: Callable[[Path], None],
) -> str:
    """The new file; its head."""
    absent = [name for name in Events.column_names() if name not in COLUMNS]
    grown = Events.validate(events.with_columns(pl.lit(None).alias(name) for name in absent), cast=True)
    table = _listed(batches)
    originals = [replace(batch, file_sha256="") for batch in batches]  # which it did not keep
    moment = max([utc(recorded_at), *(batch.recorded_at for batch in batches)])
    number = batches[-1].batch + 1 if batches else 1
    digest = hashlib.sha256(table).hexdigest()
    tie = Batch(number, moment, f"{NAME}{_head(batches)}.json", digest, 0, 0, 0, 0, "", "", "")
    chained = list(_chained([*originals, tie], grown))
    with Ledger.create(new, make) as ledger, TemporaryDirectory() as folder:
        copy = Path(folder) / "batches.json"
        copy.write_bytes(table)
        with ledger.transaction():
            ledger.connection.register("grown", grown.select(Events.column_names()).to_arrow())
            ledger.connection.execute("INSERT INTO events BY NAME SELECT * FROM grown ORDER BY seq").fetchall()
            ledger.connection.unregister("grown")
            for batch in chained:
                values = list(vars(batch).values())
                marks = ", ".join("?" * len(values))
                ledger.connection.execute(f"INSERT INTO batches VALUES ({marks})", values).fetchall()
            sources.keep(ledger.connection, copy, digest)
    return chained[-1].hash


def _chained(batches: Iterable[Batch], events: pl.DataFrame) -> Iterator[Batch]:
    previous = GENESIS
    for batch in batches:
        draft = replace(batch, facts_sha256=facts_sha256(events.filter(batch=batch.batch)), previous=previous)
        previous = link(draft)
        yield replace(draft, hash=previous)


def _listed(batches: Sequence[Batch]) -> bytes:
    """The old table of batches as a text to keep."""
    rows = [vars(batch) | {"recorded_at": batch.recorded_at.isoformat()} for batch in batches]
    return json.dumps(rows, indent=1).encode()


def _prove(new: Path, batches: Sequence[Batch], events: pl.DataFrame) -> None:
    """The new file holds the same facts, and its old head follows from it."""
    with trusted(new) as made:
        same = made.events().select(COLUMNS).equals(events)
        if not same or old_head(made) != _head(batches):
            raise refuse(str(new), "the new file does not hold the same facts", do="keep the old one; report this")


def _swap(path: Path, kept: Path, new: Path) -> None:
    """The new file takes the place of the old one at once; whenever this is interrupted, one of them is there whole."""
    try:
        kept.unlink(missing_ok=True)  # the same file: an earlier try went this far
        kept.hardlink_to(path)
        own, beside = (each.with_name(f"{each.name}.seal") for each in (path, kept))
        if own.exists():  # else it has none, or an earlier try went further
            own.replace(beside)
        new.replace(path)
        seal.place(new).replace(own)
    except OSError as fault:
        raise refuse(str(path), f"cannot be replaced: {fault.strerror}", "it is as it was", "ask for access") from None


@contextmanager
def _cleared(new: Path) -> Iterator[None]:
    """No half-made file before or after."""
    try:
        for part in _parts(new):
            part.unlink(missing_ok=True)
        yield
    finally:
        for part in _parts(new):
            part.unlink(missing_ok=True)


def _parts(new: Path) -> tuple[Path, ...]:
    return (new, seal.log(new), seal.place(new), new.with_name(f".{new.name}.lock"))
