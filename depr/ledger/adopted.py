"""The judgements that a ledger carries: which content a company adopted under which name, when, by whom and why.

An adoption is an event without a lot: `document` is the name (books/acme-reported.toml), `serial` the SHA-256 of the
content, `reason` who adopted it and why; the content lies with the imported files. So it is chained, proven and known
at a time like every other fact, and a later adoption under the same name is a new version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from depr.ledger import faults, sources
from depr.ledger.chain import Batch
from depr.ledger.events import alone
from depr.ledger.store import Ledger, known_by

KIND = "adopted"
BY = " (by "


@dataclass(frozen=True)
class Adopted:
    """A judgement that is kept: its name, its version (from 1), the SHA-256 of its content, when, by whom and why."""

    name: str
    version: int
    sha256: str
    recorded_at: datetime
    by: str
    why: str
    batch: int


def versions(ledger: Ledger, known_at: datetime | None = None) -> list[Adopted]:
    """All that was adopted, as recorded by a time, in order; of a name the last one holds."""
    query = f"""
        SELECT e.document, e.serial, b.recorded_at, e.reason, e.batch
        FROM events e JOIN batches b USING (batch) WHERE e.kind = '{KIND}' AND {known_by(known_at)} ORDER BY e.seq"""
    made: dict[str, list[Adopted]] = {}
    found = []
    for name, sha256, moment, reason, batch in ledger.connection.execute(query).fetchall():
        why, _, by = reason.removesuffix(")").rpartition(BY)
        entry = Adopted(name, len(made.get(name, [])) + 1, sha256, moment, by, why, batch)
        made.setdefault(name, []).append(entry)
        found.append(entry)
    return found


def in_force(ledger: Ledger, known_at: datetime | None = None) -> dict[str, Adopted]:
    """The last version of every judgement that was adopted by a time, by name."""
    return {entry.name: entry for entry in versions(ledger, known_at)}


def content(ledger: Ledger, entry: Adopted) -> bytes:
    """What was adopted. Raises `Refused` when it is not as it was."""
    kept = sources.content(ledger.connection, entry.sha256)
    if kept is None:
        raise faults.lost_content(
            ledger.path, f"{entry.name}, adopted by batch {entry.batch}, is not as it was adopted"
        )
    return kept


def record(ledger: Ledger, name: str, file: Path, sha256: str, moment: datetime, by: str, why: str) -> Batch:
    """Record that a file is adopted under a name."""
    said = f"{why}{BY}{by})"
    entries = alone(kind=KIND, effective_date=moment.date(), document=name, serial=sha256, reason=said)
    batch, _ = ledger.record(name, sha256, entries, moment, read=1, source=file)
    return batch
