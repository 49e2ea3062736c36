"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from depr.errors import refuse


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` only when all of it is safely on disk. Raises `Refused`."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
        _sync(path.parent)
    except BaseException as fault:
        if temporary:
            temporary.unlink(missing_ok=True)
        if not isinstance(fault, OSError):
            raise
        raise refuse(
            str(path),
            f"cannot be written: {fault.strerror}",
            "the old file is as it was",
            "free space or choose another folder",
        ) from None


def _sync(folder: Path) -> None:
    """Makes the rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
