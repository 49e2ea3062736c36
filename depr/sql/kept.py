"""What is the same for every ledger is made once and kept in the cache folder of the user, by all that goes into it.

A name holds a digest of the program, of DuckDB and of what else is read, so that nothing is answered from another
version. A folder that others may write to is not believed; where nothing can be kept, it is made each time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb
import polars as pl
from platformdirs import user_cache_path

from depr.ledger.proven import ours
from depr.ledger.version import VERSION

MOST = 8
"""Files of one name that are kept: some versions and their seals."""


def place(name: str, inputs: str = "") -> Path:
    """Where something of a name (with its suffix) lies that is made from the program and `inputs`.

    Raises `OSError` when it cannot be kept.
    """
    folder = user_cache_path("depr", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not ours(folder):
        raise PermissionError(f"others may write to {folder}")
    digest = hashlib.sha256(f"{program()} {inputs}".encode()).hexdigest()[:16]
    return folder / f"{Path(name).stem}-{digest}{Path(name).suffix}"


def tidy(path: Path) -> None:
    """Leave the latest few of what is kept under a name: older ones are of other versions."""
    same = sorted(path.parent.glob(f"{path.stem.rpartition('-')[0]}-*"), key=lambda file: file.stat().st_mtime)
    for old in same[:-MOST]:
        old.unlink(missing_ok=True)


def frame(name: str, inputs: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A table that is made from the program and `inputs`: as it is kept, else made and kept."""
    try:
        path = place(f"{name}.parquet", inputs)
        if path.is_file():
            return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError):  # not kept, or cut short
        path = None
    made = make()
    with suppress(OSError, pl.exceptions.PolarsError):
        if path is not None:
            part = path.with_suffix(f".{os.getpid()}")
            made.write_parquet(part)
            part.replace(path)
            tidy(path)
    return made


@cache
def program() -> str:
    """A digest of the program and of DuckDB."""
    digest = hashlib.sha256(f"{VERSION} {duckdb.__version__}".encode())
    for file in sorted(_sources(files("depr")), key=str):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _sources(entry)
        else:
            yield entry
