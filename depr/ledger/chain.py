"""The chain of batches: hashes over facts in canonical text, each over the one before. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from depr.contract import Events
from depr.errors import Finding
from depr.ledger import faults
from depr.ledger.tables import GENESIS

HASHED_ROWS = 1 << 17


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

    def __repr__(self) -> str:
        counts = f"{self.accepted:,} accepted + {self.rejected:,} rejected + {self.duplicates:,} held already"
        return f"Batch({self.batch}, {self.file!r}: {self.read:,} rows = {counts}; hash {self.hash[:12]})"


def facts_sha256(events: pl.DataFrame, columns: Sequence[str] = Events.column_names()) -> str:
    """SHA-256 over the rows in order of seq, in canonical text: a line a row, cells quoted, null as \\N, \\ as \\\\."""
    escaped = pl.col(pl.String).str.replace_all("\\", "\\\\", literal=True)
    ordered = events.select(columns).sort("seq")
    digest = hashlib.sha256()
    for rows in ordered.iter_slices(HASHED_ROWS):  # a text of the whole would be as large as the journal again
        text = rows.with_columns(escaped).write_csv(include_header=False, null_value="\\N", quote_style="always")
        digest.update(text.encode())
    return digest.hexdigest()


def link(batch: Batch) -> str:
    """Hash of a batch: SHA-256 over the hash of the batch before and all that is kept of it, in canonical text."""
    cells = (str(cell) for name, cell in vars(batch).items() if name not in ("previous", "hash"))
    text = "\n".join((batch.previous, *(cell.replace("\\", "\\\\").replace("\n", "\\n") for cell in cells)))
    return hashlib.sha256(text.encode()).hexdigest()


def broken_links(path: Path, batches: Sequence[Batch], events: pl.DataFrame) -> list[Finding]:
    """What does not agree with the hashes of the batches, recomputed from the events."""
    previous = GENESIS
    found = []
    for batch in batches:
        facts = facts_sha256(events.filter(batch=batch.batch))
        linked = link(replace(batch, facts_sha256=facts, previous=previous))
        if (facts, previous, linked) != (batch.facts_sha256, batch.previous, batch.hash):
            found.append(faults.broken(path, batch.batch, batch.file))
        previous = batch.hash
    stray = events.filter(~pl.col("batch").is_in([batch.batch for batch in batches]))
    return [*found, *(faults.stray(path, seq) for seq in stray["seq"].sort())]
