"""What can be wrong with a ledger file, in words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from depr.contract.currencies import decimals_of
from depr.errors import Finding, Refused, refuse

ELSEWHERE = re.compile(r":|[A-Za-z][\w.+-]+:")
KNOWN_COPY = "restore the file from a copy whose head hash you know"

HELD = re.compile(r"(could not set|conflicting) lock|used by another process", re.IGNORECASE)
"""What DuckDB says of a file that is held; the word lock alone is in every block that is damaged."""

DAMAGED = re.compile(r"corrupt|checksum", re.IGNORECASE)
"""What it says of bytes that are not as it wrote them."""


def check_name(path: Path) -> None:
    """Refuses a name that DuckDB takes for something else than a file: a database in memory, or one of a service."""
    if ELSEWHERE.match(str(path)):
        why = "DuckDB takes such a name for a database in memory or on a network"
        raise refuse(str(path), "is no name of a file", why, "name a file, such as fleet.duckdb")


def cannot_open(path: Path, fault: Exception) -> Refused:
    """DuckDB would not open the file: it is held, out of reach or something else."""
    first = str(fault).splitlines()[0]
    if HELD.search(first):
        return refuse(str(path), "the ledger is held by another process", first, "close it there, or wait")
    if DAMAGED.search(first):
        return torn(path, first)
    if "different configuration" in first:
        return refuse(str(path), "the ledger is held by this process", first, "close it first")
    if "Out of Memory" in first:
        return refuse(str(path), "the ledger cannot be opened", first, "end what else needs memory")
    if "Permission denied" in first:
        return refuse(str(path), "the ledger cannot be opened", first, "ask for access to the file and its folder")
    return refuse(str(path), "this is not a ledger", first, "give the fleet.duckdb that depr init made")


def known_elsewhere(path: Path) -> Refused:
    """The file is linked from another folder."""
    why = "a hard link in another folder is the same file, and no seal or lock of it lies there"
    do = "give this one bytes of its own: copy it and put the copy in its place; or remove the other link"
    return refuse(str(path), "has another name elsewhere; nothing was written", why, do)


def cannot_write(path: Path, fault: Exception) -> Refused:
    """DuckDB could not write, and has undone what it began."""
    why = str(fault).splitlines()[0]
    return refuse(str(path), "cannot be written; nothing was recorded", why, "free space, or ask for access")


def far_apart(path: Path, now: datetime, known: datetime, what: str) -> Refused:
    """The clock is years from what is known: all later facts would bear the time of a wrong one."""
    said = f"the clock says {now:%Y-%m-%d}, and {what} {known:%Y-%m-%d}"
    do = "set the clock right; if the batch is wrong, write its file with depr source and import it into a new ledger"
    return refuse(str(path), said, "the journal is kept in the order of its times", do)


def clock_ahead(path: Path, now: datetime, known: datetime, what: str) -> str:
    """The clock may run ahead, in words."""
    said = f"{path}: the clock says {now:%Y-%m-%d %H:%M}, and {what} {known:%Y-%m-%d}"
    return f"{said}: if it runs ahead, all later facts bear its time too. It was recorded; correct the clock first"


def clock_behind(path: Path, now: datetime, last: datetime) -> str:
    """The clock is behind the last batch, in words."""
    said = f"{path}: the clock says {now:%Y-%m-%d %H:%M}, before the last batch ({last:%Y-%m-%d %H:%M}); this one bears"
    return f"{said} the later time, for the journal is kept in the order of its times. One of the two clocks was wrong"


def other_decimals(path: Path, kept: Mapping[str, int]) -> Refused:
    """Amounts would be read as a hundred times what they were, or a hundredth."""
    what = ", ".join(f"{code} with {number} decimals" for code, number in kept.items())
    now = ", ".join(f"{code} {decimals_of(code)}" for code in kept)
    do = "import its files into a new ledger; the version of depr that made it writes those it keeps: depr source"
    return refuse(str(path), f"its amounts were written in {what}", f"ISO 4217 has: {now}", do)


def torn(path: Path, said: str) -> Refused:
    """Bytes of the file are not as DuckDB wrote them."""
    return refuse(str(path), "the ledger file is damaged: bytes in it were changed", said, KNOWN_COPY)


def damaged(path: Path, fault: Exception) -> Refused:
    """A table of the journal is not as it was made."""
    why = str(fault).splitlines()[0]
    if DAMAGED.search(why):
        return torn(path, why)
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
    why = "no import recorded it"
    do = KNOWN_COPY
    return Finding(str(path), 0, f"event {seq} belongs to no batch", why, do, "chain")


def lost(path: Path, batch: int, file: str) -> Finding:
    """The file of a batch is not kept as it was."""
    what = f"the original of batch {batch} ({file}) is not as it was imported"
    return Finding(str(path), 0, what, "its bytes do not match its SHA-256", KNOWN_COPY, "source")


def lost_content(path: Path, what: str) -> Refused:
    """What a ledger keeps beside its facts is not as it was."""
    return refuse(str(path), what, "its bytes do not match its SHA-256", KNOWN_COPY)


def stray_source(path: Path, digest: str) -> Finding:
    """A kept file of no batch."""
    what = f"the table sources keeps a file that no batch came from (SHA-256 {digest[:12]})"
    return Finding(str(path), 0, what, "no import recorded it", KNOWN_COPY, "source")


def rewritten(path: Path) -> Finding:
    """What the file says of its contents is not what it said when it was sealed."""
    what = "the digests in table contents are not those of the last seal"
    why = "another program rewrote them, so they prove nothing of what they stand for"
    return Finding(str(path), 0, what, why, KNOWN_COPY, "contents")


def other_history(path: Path, head: str) -> Finding:
    """A head noted earlier is not in the chain."""
    why = "it was rolled back, or another history was recorded"
    return Finding(str(path), 0, f"no batch has the hash {head}", why, KNOWN_COPY, "head")


MADE_ANEW = (
    KNOWN_COPY
    + "; or, since it is no fact: drop it (DROP TABLE, DROP VIEW), depr verify --seal, depr prepare makes it anew"
)
"""What to do about a table that is no fact."""


def untold(path: Path) -> Finding:
    """Nothing says what depr wrote beside the journal."""
    what = "nothing says what depr wrote beside the facts: its table contents is empty or not there"
    why = "the file was made by an earlier version, or another program took the table away"
    do = f"{KNOWN_COPY}; or depr prepare {path}, and what was saved by then is called not proven until it is made anew"
    return Finding(str(path), 0, what, why, do, "contents")


def other_definitions(made_by: str | None) -> str:
    """Views and macros that cannot be compared with those of this version, in words."""
    return f"the views and macros: {made_by or 'no one knows who'} made them, not this version"


def of_unknown_making(tables: Collection[str]) -> list[str]:
    """What was in a file before anything said what depr wrote there, in words."""
    found = []
    for how, names in REMEDIES.items():
        if of := sorted(name for name in tables if (name in names) == bool(names)):
            found.append(f"the rows of {', '.join(of)}: they were there before the file said what depr wrote; {how}")
            tables = [name for name in tables if name not in of]
    return found


REMEDIES = {
    "depr prepare --anew makes them anew": ("issuers", "statements"),
    "depr prepare makes them anew": ("backtest", "checks"),
    "drop all that was saved (depr saved --drop NAME) and save it anew": (),
}
"""How tables of unknown making are made anew: these, and all others."""


def altered(path: Path, table: str) -> Finding:
    """The rows of a table are not those that depr wrote."""
    what = f"the rows of table {table} were changed"
    why = "they are not those that depr wrote there"
    return Finding(str(path), 0, what, why, MADE_ANEW, "contents")


def redefined(path: Path, kind: str, name: str) -> Finding:
    """A definition, or a comment on it, is another one."""
    what = f"the definition of {kind} {name} was changed"
    why = "its text, columns, constraints or comments are not those that depr gave it"
    return Finding(str(path), 0, what, why, MADE_ANEW, "contents")


def gone(path: Path, kind: str, name: str) -> Finding:
    """Something that depr made is not there."""
    return Finding(
        str(path), 0, f"{kind} {name} is missing", "it was there when depr last wrote", MADE_ANEW, "contents"
    )


def added(path: Path, kind: str, name: str) -> Finding:
    """Something that depr did not make is there."""
    why = "depr did not make it, so nothing proves what it answers"
    do = "drop it; or, if it is meant to be there, take it in as it is: depr verify --seal"
    return Finding(str(path), 0, f"{kind} {name} was added", why, do, "added")


def in_place(path: Path, kind: str, name: str) -> Finding:
    """Something that was added answers where something else is meant."""
    why = "a trigger writes what no import recorded" if kind == "trigger" else f"it hides the {kind} of DuckDB"
    return Finding(str(path), 0, f"{kind} {name} was added", why, "drop it: it is not taken in", "added")
