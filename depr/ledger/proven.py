"""What was proven before: notes, one for each ledger file and kind of proof, named by the SHA-256 of the file.

A note says one thing: bytes with this SHA-256 held when they were proven, by this version. Its key is never a name, a
time or a size, so it cannot speak for other bytes. It saves the proof of the chain for every question to a large
ledger; the file itself is hashed every time, and `depr verify`, `depr check` and `depr publish` prove all of it anew.

Notes lie in the cache folder of the user and not beside the ledger: who can write beside the ledger could change it,
seal it and note that it holds. Who can write the user's own files can replace depr too. A folder that others own or
may write to, or that is a link, is not believed. A note that is lost, cut or of another version only costs the proof;
two processes write the same note, each whole. Where none can be written, everything is proven every time.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

import duckdb
from platformdirs import user_cache_path

from depr.ledger.version import VERSION

FACTS = "facts"
CONTENTS = "contents"
"""What can be proven: the chain and the kept files; and with them all that the file answers from."""

MOST = 1000
"""Notes that are kept; then all are thrown away."""

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def known(sha256: str, what: str) -> bool:
    """Whether a file with these bytes has been proven by this version."""
    with suppress(OSError):
        folder = _folder()
        return ours(folder) and _note(folder, sha256, what).read_text("ascii") == _text(sha256, what)
    return False


def note(sha256: str, what: str) -> None:
    """Keep that a file with these bytes holds; nothing happens where that cannot be kept."""
    with suppress(OSError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not ours(folder):
            return
        before = list(folder.iterdir())
        for old in before if len(before) >= MOST else ():
            old.unlink(missing_ok=True)
        part = folder / f".{sha256}.{what}.{os.getpid()}"
        part.write_text(_text(sha256, what), "ascii")
        part.replace(_note(folder, sha256, what))


def _folder() -> Path:
    return user_cache_path("depr", appauthor=False) / "proven"


def ours(folder: Path) -> bool:
    """Whether a folder is the user's own, and no link, and others may not write to it. Raises `OSError`."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    owner = getattr(os, "geteuid", lambda: status.st_uid)()
    return status.st_uid == owner and (os.name == "nt" or not status.st_mode & OTHERS_WRITE)


def _note(folder: Path, sha256: str, what: str) -> Path:
    return folder / f"{sha256}.{what}"


def _text(sha256: str, what: str) -> str:
    return f"depr {VERSION}, DuckDB {duckdb.__version__}: {what} of {sha256} hold\n"
