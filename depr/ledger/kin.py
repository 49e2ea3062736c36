"""Files that belong to a ledger: the file itself and what lies beside it under a name made of its own.

Nothing else may be written in their places: what is called FILE.wal is read as what FILE holds besides, even where
there was none before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

BESIDE = (".seal", ".wal", ".wal.recovery", ".wal.checkpoint", ".tmp")
"""What the names end in of files beside a ledger: its seal, and what DuckDB keeps there."""

HIDDEN = (".lock", ".new", ".part", ".migrating")
"""The same for names that begin with a dot: the lock, and what is being made to take the ledger's place."""

MAGIC = slice(8, 12), b"DUCK"


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
    return next((each for name in {path.absolute(), path.resolve()} for each in _near(name) if is_database(each)), None)


def _near(path: Path) -> Iterator[Path]:
    yield path
    for place in (path, path.parent):  # the second for what lies in FILE.tmp
        name = place.name
        yield from (place.with_name(name.removesuffix(end)) for end in BESIDE if name.endswith(end) and name != end)
        inner = name.removeprefix(".")
        yield from (place.with_name(inner.removesuffix(end)) for end in HIDDEN if inner != name and _ends(inner, end))


def _ends(name: str, end: str) -> bool:
    return name.endswith(end) and name != end
