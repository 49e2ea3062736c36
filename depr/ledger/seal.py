"""The seal: a small file beside the ledger that says what bytes depr left, so that a changed one is noticed.

The chain of hashes inside the ledger proves the facts; the seal proves every byte of the file, views and free space
included. A writer marks it open before it writes and seals the file when it is closed, so a seal that is still open
tells of a write that was interrupted, and not of a change.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from depr.errors import Finding, Refused, refuse
from depr.ledger.faults import KNOWN_COPY
from depr.ledger.kin import true_name

LENGTH = 512
"""Bytes of a seal: always the same, so that a full disk can hold the next one too."""

CHECK = hashlib.sha256().digest_size * 2 + 1
"""Bytes at its end: its own SHA-256 and a line end, so that a seal that was changed is noticed too."""


@dataclass(frozen=True)
class Seal:
    """`sha256` and `size` of the ledger file, `head` of its chain; a seal that is `open` has none of the first two.

    `contents` is the fingerprint of all that the file answers from (contents.py); `by_hand` says that another program
    wrote the bytes and depr verify --seal sealed them as they were.
    """

    open: bool
    head: str
    process: int
    sha256: str = ""
    size: int = 0
    contents: str = ""
    by_hand: bool = False


def place(ledger: Path) -> Path:
    """Where the seal of a ledger lies."""
    own = true_name(ledger)
    return own.with_name(own.name + ".seal")


def log(ledger: Path) -> Path:
    """Where DuckDB keeps what is committed and not yet in the file; when a ledger is closed, all of it is."""
    own = true_name(ledger)
    return own.with_name(own.name + ".wal")


def _pending(ledger: Path) -> bool:
    """Whether there is such a log; one that is empty, as a full disk leaves it, holds nothing."""
    with suppress(FileNotFoundError):
        return log(ledger).stat().st_size > 0
    return False


def read(ledger: Path) -> Seal | None:
    """The seal of a ledger; None when it has none. Raises `Refused` when it is damaged."""
    try:
        with place(ledger).open("rb") as file:
            text = file.read(LENGTH + 1).decode("ascii")
        if text != _checked(text[:-CHECK]):
            raise ValueError("it is not as it was written")
        return Seal(**json.loads(text[:-CHECK]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as fault:
        why = str(fault).splitlines()[0]
        do = f"{KNOWN_COPY}, or seal it anew: depr verify --seal"
        raise refuse(str(place(ledger)), "the seal of the ledger is damaged", why, do) from None


def write(ledger: Path, seal: Seal) -> None:
    """Put a seal beside a ledger, in one write. Raises `Refused`."""
    text = _checked(json.dumps(asdict(seal)).ljust(LENGTH - CHECK))
    try:
        handle = os.open(place(ledger), os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            os.write(handle, text.encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as fault:
        raise refuse(str(place(ledger)), f"cannot be written: {fault.strerror}", do="ask for access") from None


def _checked(text: str) -> str:
    return text + hashlib.sha256(text.encode()).hexdigest() + "\n"


def sealed(ledger: Path, head: str, contents: str = "", *, by_hand: bool = False) -> Seal:
    """The seal of a ledger as it is; an open one while a log beside it holds what the file does not."""
    if _pending(ledger):
        return Seal(open=True, head=head, process=os.getpid())
    size = ledger.stat().st_size
    own = os.getpid()
    return Seal(False, head, own, sha256=digest(ledger), size=size, contents=contents, by_hand=by_hand)


def digest(ledger: Path) -> str:
    """SHA-256 of the ledger file; blank while a log beside it holds what the file does not."""
    if _pending(ledger):
        return ""
    with ledger.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def broken(ledger: Path, bytes_now: str | None = None) -> list[Finding]:
    """What the seal of a ledger says against its bytes; nothing without one, or while it is open.

    `bytes_now` is the digest of the file where that is known already.
    """
    seal = read(ledger)
    if seal is None or seal.open or (digest(ledger) if bytes_now is None else bytes_now) == seal.sha256:
        return []
    if read(ledger) != seal:  # a writer sealed it between our two looks
        return broken(ledger)
    changed = f"{log(ledger).name} beside it holds changes" if _pending(ledger) else "it has other bytes"
    why = f"{changed} since it was sealed with head {seal.head[:12]}"
    do = f"{KNOWN_COPY}; see depr verify"
    return [Finding(str(ledger), 0, "the ledger file was changed", why, do, "seal")]


@contextmanager
def writing(ledger: Path) -> Iterator[None]:
    """Keeps other writers of depr out, from before the file is opened until after it is sealed. Raises `Refused`."""
    own = true_name(ledger)
    place_of_lock = own.with_name(f".{own.name}.lock")
    lock = FileLock(place_of_lock, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        if not os.access(place_of_lock, os.W_OK):
            raise refuse(str(ledger), "cannot be written", "its folder takes no file", "ask for access to it") from None
        raise _held(ledger) from None
    except OSError as fault:
        raise refuse(str(ledger), f"cannot be written: {fault.strerror}", do="ask for access to its folder") from None
    try:
        yield
    finally:
        lock.release()


def _held(ledger: Path) -> Refused:
    seal = None
    with suppress(Refused):
        seal = read(ledger)
    why = f"process {seal.process} writes to it" if seal and seal.open else "it is being closed"
    return refuse(str(ledger), "the ledger is held by another process", why, "close it there, or wait")
