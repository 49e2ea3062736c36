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
        sync(path.parent)
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


def sync(path: Path) -> None:
    """Makes what was written to a file or renamed in a folder last through a power cut; Windows has no such call."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
