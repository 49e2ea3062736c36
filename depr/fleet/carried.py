"""Where the judgements that a ledger carries lie for those who read them: a folder of schedules, made from it."""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from platformdirs import user_cache_path

from depr.errors import refuse
from depr.ledger import adopted
from depr.ledger.proven import ours
from depr.ledger.store import Ledger
from depr.share.files import sha256

NAME = re.compile(r"((issuers|books|mappings)/)?[A-Za-z0-9][A-Za-z0-9._-]*\.toml")
"""What a judgement may be called: it becomes the name of a file within a folder of schedules, never outside of it."""


def schedules(ledger: Path, named: Path | None, known_at: datetime | None = None) -> Path | None:
    """The folder of judgements for what is asked of a ledger: the one that was named, else what the ledger carried.

    None where it carries none: then what ships holds. Where one is named and the ledger carries some, that is said.
    """
    if named is None:
        return folder(ledger, known_at)
    _say_other(ledger, named)
    return named


def folder(ledger: Path, known_at: datetime | None = None) -> Path | None:
    """A folder of schedules with the judgements of a ledger, as known at a time; None where it carries none.

    It lies in the cache of the user, named by what it holds; a file in it that is not what was adopted is put anew.
    """
    if not ledger.is_file():
        return None  # whoever asks the ledger says so
    with Ledger.open(ledger) as opened:
        entries = adopted.in_force(opened, known_at)
        if not entries:
            return None
        for name in entries:
            check_name(name, str(ledger))
        text = "\n".join(f"{name} {entry.sha256}" for name, entry in sorted(entries.items()))
        place = _place(hashlib.sha256(text.encode()).hexdigest()[:16])
        stale = {name: e for name, e in entries.items() if sha256(place / name) != e.sha256}
        extra = {path for path in place.rglob("*") if path.is_file()} - {place / name for name in entries}
        for path in extra:
            path.unlink()
        put({name: adopted.content(opened, entry) for name, entry in stale.items()}, place)
    _ISSUED.add(place)
    return place


def _say_other(ledger: Path, own: Path) -> None:
    """Say so where a folder of one's own is read in place of what a ledger carries."""
    if ledger.is_file():
        with Ledger.open(ledger) as opened:
            carried = adopted.in_force(opened)
        if carried:
            text = "the judgements of %s are read, not those that %s carries (%s)"
            logging.getLogger("depr").warning(text, own, ledger, ", ".join(sorted(carried)))


def issued(schedules: Path) -> bool:
    """Whether a folder of schedules is that of a ledger's own judgements: whoever has the ledger has them."""
    return schedules in _ISSUED


_ISSUED: set[Path] = set()


@cache
def _place(digest: str) -> Path:
    """A folder that only the user writes to; where none can be kept, one for this process."""
    with suppress(OSError):
        place = user_cache_path("depr", appauthor=False) / "judgements" / digest
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if ours(place.parent) and ours(place):
            return place
    place = Path(mkdtemp(prefix="depr-judgements-"))
    atexit.register(rmtree, place, ignore_errors=True)
    return place


def put(contents: Mapping[str, bytes], place: Path) -> None:
    """Files by name into a folder, each whole."""
    for name, content in contents.items():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}")
        part.write_bytes(content)
        part.replace(target)


def check_name(name: str, file: str) -> None:
    """Whether a judgement may be called so. Raises `Refused`."""
    if not NAME.fullmatch(name):
        why = "it is the name of a file among the judgements: letters, digits, dots and hyphens"
        raise refuse(file, f"{name!r} is no name of a judgement", why, "give the document another id")
