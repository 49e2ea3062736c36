"""Writing a file whole or not at all, and never in the place of one that is not ours to replace."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from depr.errors import refuse
from depr.ledger.kin import ledger_of, real

MANIFEST = "manifest.json"
MANIFEST_SEAL = "manifest_sha256"
"""A published folder has a file of this name with a member of that one (depr/sql/published/manifest.py)."""

LARGEST_MANIFEST = 1 << 26
"""Bytes of one: each file of a folder takes some hundreds."""

OVERWRITE = "choose another name, or give --overwrite"


def check_place(path: Path, *, overwrite: bool = False) -> None:
    """Whether a file may be written at a path. Raises `Refused`.

    Never in the place of a ledger, of what belongs to one, of a part of a published copy, or of what is no file, also
    through links; in the place of another file only to overwrite it.
    """
    if ledger := ledger_of(path):
        itself = real(path) == real(ledger)
        what = "is a ledger or another DuckDB file" if itself else f"belongs to {ledger}"
        raise refuse(str(path), what, "a ledger and the files beside it are never overwritten", "choose another name")
    if copy := next(filter(_published, (*path.absolute().parents, *real(path).parents)), None):
        why = "what is published does not change"
        raise refuse(str(path), f"lies in {copy}, a published copy", why, "choose another folder")
    if path.exists() and not path.is_file():
        raise refuse(str(path), "is a folder" if path.is_dir() else "is no ordinary file", do="name a file")
    if not overwrite and (path.exists() or path.is_symlink()):
        raise _exists(path)


def _exists(path: Path) -> Exception:
    return refuse(str(path), "already exists", "it is not known to be of this program, or was changed since", OVERWRITE)


def _published(folder: Path) -> bool:
    try:
        with (folder / MANIFEST).open("rb") as file:
            data = file.read(LARGEST_MANIFEST + 1)
        said: Any = json.loads(data) if len(data) <= LARGEST_MANIFEST else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(said, dict) and MANIFEST_SEAL in said


@contextmanager
def replacing(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` only when all of it is safely on disk. Raises `Refused`.

    One that lies there gives way only to `overwrite`; one of the same bytes stays as it is.
    """
    check_place(path, overwrite=True)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        if not overwrite and (path.exists() or path.is_symlink()):
            if not same(path, temporary):
                raise _exists(path)
            temporary.unlink()
            return
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


def same(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes."""
    return sha256(one) == sha256(other)


def sha256(path: Path) -> str:
    """SHA-256 of a file; blank for what is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Makes what was written to a file or renamed in a folder last through a power cut; Windows has no such call."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
