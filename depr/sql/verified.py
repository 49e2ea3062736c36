"""The verbs of proof: that a ledger is as it was left, and what that proof cannot know."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from depr.errors import Finding, Refused
from depr.ledger import contents, faults, seal
from depr.ledger.chain import Batch
from depr.ledger.opening import connect
from depr.ledger.store import Ledger
from depr.sql.proof import compare


@dataclass(frozen=True)
class Verified:
    """What was proven of a ledger: its head and batches, and the fingerprint of all that it answers from (`contents`).

    `seal` says in words whether its bytes are under a seal, `unproven` what this proof does not reach.
    """

    head: str
    batches: Sequence[Batch]
    contents: str
    seal: str
    unproven: tuple[str, ...]


def verify(ledger: Path, head: str | None = None) -> tuple[Verified, list[Finding]]:
    """Prove a ledger anew: its bytes by the seal, its facts and kept files by the chain, all else by its digests.

    `head` is a hash of its chain, or the fingerprint of its contents, noted elsewhere: it must be there. Raises
    `Refused`.
    """
    broken = seal.broken(ledger) if ledger.is_file() else []
    with _opened(ledger, broken) as opened:
        state = seal.read(ledger)
        try:
            found = [*broken, *opened.verify()]
            compared = compare(ledger, opened.connection)
        except Refused as refused:  # what the seal says of its bytes is said too
            raise Refused([*broken, *refused.findings]) from None
        batches = opened.batches()
        now = opened.head()
        mark = contents.fingerprint(opened.connection, now)
    found += compared.findings
    if head and not any(each.startswith(head.lower()) for each in (mark, *(batch.hash for batch in batches))):
        found.append(faults.other_history(ledger, head))
    unproven = (*compared.unproven, *_unknowable(head, mark, batches))
    return Verified(now, batches, mark, _words(ledger, state), unproven), found


def reseal(ledger: Path) -> tuple[Verified, list[Finding]]:
    """Seal a ledger with the bytes that it has, after another program wrote into it on purpose.

    Its facts must hold, and the digests be those of the last seal: else nothing is sealed. What depr did not make is
    taken in as it is. What it made and someone changed stays a finding, before and after. Raises `Refused`.
    """
    with seal.writing(ledger):
        with _opened(ledger, []) as opened:
            found = [*opened.verify(), *_rewritten(ledger, opened)]
            compared = compare(ledger, opened.connection)
            batches = opened.batches()
            now = opened.head()
            mark = contents.fingerprint(opened.connection, now)
        if found:
            return Verified(now, batches, mark, "nothing was sealed", compared.unproven), found
        if compared.foreign:
            seal.write(ledger, seal.Seal(open=True, head=now, process=os.getpid()))
            mark = _taken_in(ledger, now, compared.foreign)
        seal.write(ledger, seal.sealed(ledger, now, mark, by_hand=True))
        words = _words(ledger, seal.read(ledger))
    taken = tuple(
        f"{kind} {name}: someone else made it, and it is taken in as it is" for kind, name in compared.foreign
    )
    changed = tuple(f"{finding.what}; it was sealed so" for finding in compared.left)
    return Verified(now, batches, mark, words, (*taken, *changed, *compared.unproven)), compared.left


def _opened(ledger: Path, broken: Sequence[Finding]) -> Ledger:
    """The ledger; when it cannot be opened, what its seal says of its bytes is said too."""
    try:
        return Ledger.open(ledger)
    except Refused as refused:
        raise Refused([*broken, *refused.findings]) from None


def _rewritten(ledger: Path, opened: Ledger) -> list[Finding]:
    """Whether the digests are others than when the file was last sealed; a damaged seal says nothing of them."""
    with suppress(Refused):
        state = seal.read(ledger)
        mark = contents.fingerprint(opened.connection, opened.head())
        if state and state.contents and state.contents != mark:
            return [faults.rewritten(ledger)]
    return []


def _taken_in(ledger: Path, head: str, keys: Sequence[contents.Key]) -> str:
    """Keep digests of what was added; the fingerprint with them."""
    with connect(ledger, read_only=False) as connection:
        try:
            connection.begin()
            contents.take_in(connection, keys)
            connection.commit()
        except duckdb.Error as fault:
            raise faults.cannot_write(ledger, fault) from None
        return contents.fingerprint(connection, head)


def _unknowable(head: str | None, mark: str, batches: Sequence[Batch]) -> tuple[str, ...]:
    """What no file can say of itself."""
    if head is None:
        return (
            "that it is the file you knew: an older copy, or one rewritten with its digests and seal, looks the same. "
            "Give a hash noted elsewhere: --head HEAD for the facts, --head CONTENTS for all of it",
        )
    if mark.startswith(head.lower()):
        return ()
    later = "" if batches and batches[-1].hash.startswith(head.lower()) else " up to that batch"
    return (
        f"all but facts by that head{later}: tables, views and macros agree with digests that lie in the file itself. "
        "Give the hash of the contents noted elsewhere: --head CONTENTS",
    )


def _words(ledger: Path, state: seal.Seal | None) -> str:
    """What a seal says, in a line."""
    if state is None:
        return f"there is no seal {seal.place(ledger).name}: not every byte is proven; depr verify --seal makes one"
    if state.open:
        return "a write was interrupted; what was recorded is whole, and the next write seals the file again"
    if state.by_hand:
        return f"every byte is as it was when depr verify --seal sealed it: SHA-256 {state.sha256}"
    return f"every byte is as depr left it: SHA-256 {state.sha256}"
