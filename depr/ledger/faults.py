"""What can be wrong with a ledger file, in words."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from depr.errors import Finding, Refused, refuse

ELSEWHERE = re.compile(r":|[A-Za-z][\w.+-]+:")
KNOWN_COPY = "restore the file from a copy whose head hash you know"


def check_name(path: Path) -> None:
    """Refuses a name that DuckDB takes for something else than a file: a database in memory, or one of a service."""
    if ELSEWHERE.match(str(path)):
        why = "DuckDB takes such a name for a database in memory or on a network"
        raise refuse(str(path), "is no name of a file", why, "name a file, such as fleet.duckdb")


def cannot_open(path: Path, fault: Exception) -> Refused:
    """DuckDB would not open the file: it is held, out of reach or something else."""
    first = str(fault).splitlines()[0]
    if "lock" in first.lower():
        return refuse(str(path), "the ledger is held by another process", first, "close it there, or wait")
    if "different configuration" in first:
        return refuse(str(path), "the ledger is held by this process", first, "close it first")
    if "Out of Memory" in first:
        return refuse(str(path), "the ledger cannot be opened", first, "end what else needs memory")
    if "Permission denied" in first:
        return refuse(str(path), "the ledger cannot be opened", first, "ask for access to the file and its folder")
    return refuse(str(path), "this is not a ledger", first, "give the fleet.duckdb that depr init made")


def cannot_write(path: Path, fault: Exception) -> Refused:
    """DuckDB could not write, and has undone what it began."""
    why = str(fault).splitlines()[0]
    return refuse(str(path), "cannot be written; nothing was recorded", why, "free space, or ask for access")


def far_apart(path: Path, now: datetime, last: datetime) -> Refused:
    """The clock and the last batch are many years apart: all later facts would bear the time of the wrong one."""
    what = f"the clock says {now:%Y-%m-%d}, and the last batch was recorded on {last:%Y-%m-%d}"
    do = "set the clock right; if the batch is wrong, write its file with depr source and import it into a new ledger"
    return refuse(str(path), what, "the journal is kept in the order of its times", do)


def damaged(path: Path, fault: Exception) -> Refused:
    """A table of the journal is not as it was made."""
    why = str(fault).splitlines()[0]
    return refuse(str(path), "the journal does not keep its form", why, "restore it from a copy; see depr check")


def conflict(file: str, kind: str, lot_id: str, row: int) -> Finding:
    """What happens once comes again with other content."""
    bought = kind == "acquisition"
    what = f"lot {lot_id!r} is in the ledger with other content" if bought else f"lot {lot_id!r} has another {kind}"
    do = "correct the row, or give the new lot its own lot_id" if bought else "correct the row, or take the other back"
    return Finding(file, row, what, "facts are never overwritten", do, "conflict")


def broken(path: Path, batch: int, file: str) -> Finding:
    """A batch whose hash does not follow from what is stored."""
    return Finding(
        str(path),
        0,
        f"batch {batch} ({file}) does not match its hash",
        "an event of it, or of a batch before it, was changed, dropped or reordered",
        KNOWN_COPY,
        "chain",
    )


def stray(path: Path, seq: int) -> Finding:
    """An event outside of every batch."""
    why, do = "no import recorded it", KNOWN_COPY
    return Finding(str(path), 0, f"event {seq} belongs to no batch", why, do, "chain")


def lost(path: Path, batch: int, file: str) -> Finding:
    """The file of a batch is not kept as it was."""
    what = f"the original of batch {batch} ({file}) is not as it was imported"
    return Finding(str(path), 0, what, "its bytes do not match its SHA-256", KNOWN_COPY, "source")


def other_history(path: Path, head: str) -> Finding:
    """A head noted earlier is not in the chain."""
    why = "it was rolled back, or another history was recorded"
    return Finding(str(path), 0, f"no batch has the hash {head}", why, KNOWN_COPY, "head")
