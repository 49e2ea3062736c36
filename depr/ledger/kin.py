"""Files that belong to a ledger: the file itself and what lies beside it under a name made of its own.

Nothing else may be written in their places: what is called FILE.wal is read as what FILE holds besides, even where
there was none before.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

BESIDE = (".seal", ".wal", ".wal.recovery", ".wal.checkpoint", ".tmp")
"""What the names end in of files beside a ledger: its seal, and what DuckDB keeps there."""

HIDDEN = (".lock", ".new", ".part", ".migrating")
"""The same for names that begin with a dot: the lock, and what is being made to take the ledger's place."""

MAGIC = slice(8, 12), b"DUCK"


def real(path: Path) -> Path:
    """A path without links. Raises `OSError`, for links in a circle too."""
    try:
        return path.resolve()
    except RuntimeError:  # until Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def true_name(ledger: Path) -> Path:
    """The one name of a file under which its seal, its lock and its log lie, by whatever link it is called.

    A symbolic link is followed. Of several hard links in a folder the one with a seal counts, else the first.
    """
    try:
        path = real(ledger)
        status = path.stat()
        if status.st_nlink < MANY:
            return path
        names = sorted(path.with_name(name) for name in same_file(path))
    except (OSError, ValueError):  # there is none, or it cannot be looked at
        return ledger
    return next((name for name in names if name.with_name(name.name + BESIDE[0]).exists()), names[0])


def same_file(path: Path) -> list[str]:
    """The names in its folder under which a file lies."""
    status = path.stat()
    found = []
    for each in path.parent.iterdir():
        with suppress(OSError):
            if not each.is_symlink() and os.path.samestat(each.stat(), status):
                found.append(each.name)
    return found


def is_known_elsewhere(path: Path) -> bool:
    """Whether a file has hard links in other folders, where no seal, lock or log of it lies."""
    many = path.stat().st_nlink
    return many >= MANY and many > len(same_file(path))


MANY = 2
"""Names from which a file has more than one."""


def is_database(path: Path) -> bool:
    """Whether a DuckDB file lies at a path, also through links; what cannot be read might be one."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(12)[MAGIC[0]] == MAGIC[1]
    except OSError:
        return True


def ledger_of(path: Path) -> Path | None:
    """The ledger that a path is, or that a file of that name would belong to; None when there is none."""
    return next((each for name in {path.absolute(), real(path)} for each in _near(name) if is_database(each)), None)


def _near(path: Path) -> Iterator[Path]:
    yield path
    for place in (path, path.parent):  # the second for what lies in FILE.tmp
        name = place.name
        yield from (place.with_name(name.removesuffix(end)) for end in BESIDE if name.endswith(end) and name != end)
        inner = name.removeprefix(".")
        yield from (place.with_name(inner.removesuffix(end)) for end in HIDDEN if inner != name and _ends(inner, end))


def _ends(name: str, end: str) -> bool:
    return name.endswith(end) and name != end
