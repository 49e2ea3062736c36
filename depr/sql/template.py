"""The file that a new ledger begins as: tables, views, macros and what they say of themselves, and no facts.

Making one takes a second, most of it the same definitions each time. It is made once and kept, under its own seal,
in the user's cache folder by a name that stands for all that goes into it; where none can be kept it is made anew.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from depr.errors import Refused
from depr.ledger import seal
from depr.ledger.opening import connect
from depr.ledger.store import Ledger, journal
from depr.sql import kept
from depr.sql.install import install


def copy(path: Path) -> None:
    """A ledger file without facts, unsealed, at a path where nothing lies. Raises `OSError`, `duckdb.Error`."""
    try:
        if (file := copied()) is None:
            raise FileNotFoundError
        shutil.copyfile(file, path)
    except OSError:
        path.unlink(missing_ok=True)
        make(path)


def copied() -> Path | None:
    """The file that is kept, made where there is none; None where none can be kept."""
    try:
        file = kept.place("empty.duckdb")
        if not file.is_file() or seal.broken(file):
            _keep(file)
    except (OSError, Refused):
        return None
    return file


def _keep(file: Path) -> None:
    """Put one into the cache; whoever does so at the same time puts an equal one."""
    file.unlink(missing_ok=True)
    seal.place(file).unlink(missing_ok=True)
    with Ledger.create(file, make):
        pass
    kept.tidy(file)


def make(path: Path) -> None:
    """Such a file, made from nothing that is kept."""
    journal(path)
    with closing(connect(path, read_only=False)) as connection:
        connection.begin()  # one write to the disk, not one for each statement
        install(connection)
        connection.commit()
