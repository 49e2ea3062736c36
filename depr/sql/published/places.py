"""Where a copy is built and how it gets to its place: whole or not at all, and then for reading alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from depr.errors import refuse
from depr.ledger import seal
from depr.share.files import sync

READING = 0o444


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """A hidden folder beside `out` to build in, which is gone at the end.

    One that was left behind by a kill is emptied by the next who builds for the same place; two at once are refused.
    """
    part = out.with_name(f".{out.name}.part")
    if part.exists() and not (part / "lock").exists() and any(part.iterdir()):
        raise refuse(str(part), "is in the way", "it is not known to be ours, and would be emptied", "move it away")
    try:
        part.mkdir(exist_ok=True)
        lock = FileLock(part / "lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise refuse(str(out), "is being published by another process", do="wait for it") from None
    except OSError as fault:
        raise refuse(str(out), f"cannot be written: {fault.strerror}", do="choose another folder") from None
    try:
        _empty(part)
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        lock.release()


def _empty(part: Path) -> None:
    for path in part.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def put(made: Path, out: Path) -> None:
    """Give what was made, for reading alone, its place; a copy that lies there gives way."""
    files = [path for path in made.rglob("*") if path.is_file()] if made.is_dir() else [made, seal.place(made)]
    for path in files:
        path.chmod(READING)
    for path in (*files, *{path.parent for path in files}):
        sync(path)
    if made.is_dir():
        _put_folder(made, out)
    else:  # in this order there is never a seal of other bytes
        seal.place(out).unlink(missing_ok=True)
        made.replace(out)
        seal.place(made).replace(seal.place(out))
    sync(out.parent)


def _put_folder(made: Path, out: Path) -> None:
    before = made.with_name("before")
    if out.exists():
        out.rename(before)
    try:
        made.rename(out)
    except BaseException:
        if before.exists():
            before.rename(out)
        raise
