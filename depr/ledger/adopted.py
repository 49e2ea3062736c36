"""The judgements that a ledger carries: which content a company adopted under which name, when, by whom and why.

An adoption is an event without a lot: `document` is the name (books/acme-reported.toml), `serial` the SHA-256 of the
content, `reason` who adopted it and why; the content lies with the imported files. So it is chained, proven and known
at a time like every other fact, and a later adoption under the same name is a new version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import dataframely as dy
import polars as pl

from depr.contract import Entries
from depr.ledger import faults, sources
from depr.ledger.chain import Batch
from depr.ledger.store import Ledger, utc
from depr.ledger.tables import literal

KIND = "adopted"
BY = " (by "


@dataclass(frozen=True)
class Adopted:
    """A judgement that is kept: its name, its version (from 1), the SHA-256 of its content, when, by whom and why."""

    name: str
    version: int
    sha256: str
    effective: date
    recorded_at: datetime
    by: str
    why: str
    batch: int

    @property
    def source(self) -> str:
        """What stands for it in a list of sources."""
        return f"{self.name}, version {self.version}, adopted by {self.by}"


def versions(ledger: Ledger, known_at: datetime | None = None) -> list[Adopted]:
    """All that was adopted, as recorded by a time, in order; of a name the last one holds."""
    known = "true" if known_at is None else f"b.recorded_at <= TIMESTAMP {literal(utc(known_at).isoformat(' '))}"
    query = f"""
        SELECT e.document, e.serial, e.effective_date, b.recorded_at, e.reason, e.batch
        FROM events e JOIN batches b USING (batch) WHERE e.kind = '{KIND}' AND {known} ORDER BY e.seq"""
    made: dict[str, list[Adopted]] = {}
    found = []
    for name, sha256, day, moment, reason, batch in ledger.connection.execute(query).fetchall():
        why, _, by = reason.removesuffix(")").rpartition(BY)
        entry = Adopted(name, len(made.get(name, [])) + 1, sha256, day, moment, by, why, batch)
        made.setdefault(name, []).append(entry)
        found.append(entry)
    return found


def in_force(ledger: Ledger, known_at: datetime | None = None) -> dict[str, Adopted]:
    """The last version of every judgement that was adopted by a time, by name."""
    return {entry.name: entry for entry in versions(ledger, known_at)}


def content(ledger: Ledger, entry: Adopted) -> bytes:
    """What was adopted. Raises `Refused` when it is not as it was."""
    if not sources.intact(ledger.connection, entry.sha256):
        raise faults.lost_judgement(ledger.path, entry.name, entry.batch)
    return b"".join(sources.pieces(ledger.connection, entry.sha256))


def record(ledger: Ledger, name: str, file: Path, sha256: str, moment: datetime, by: str, why: str) -> Batch:
    """Record that a file is adopted under a name."""
    types = {column: kind.dtype for column, kind in Entries.columns().items()}
    row = {
        "kind": KIND,
        "effective_date": moment.date(),
        "document": name,
        "serial": sha256,
        "reason": f"{why}{BY}{by})",
        "source_row": 1,
    }
    entries: dy.DataFrame[Entries] = Entries.validate(pl.DataFrame([row], schema=types))
    batch, _ = ledger.record(name, sha256, entries, moment, read=1, source=file)
    return batch
