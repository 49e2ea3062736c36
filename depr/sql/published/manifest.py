"""The manifest of a published folder: what lies in it, what each column means, and the SHA-256 of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from depr.errors import Finding, refuse
from depr.intake import bounds
from depr.share.files import LARGEST_MANIFEST, MANIFEST, MANIFEST_SEAL, sha256

NAME = MANIFEST
SEAL = MANIFEST_SEAL
UNSEALED = "0" * hashlib.sha256().digest_size * 2
"""What stands for the manifest's own SHA-256 while that is taken."""

AGAIN = "publish it again, or take another copy"


@dataclass(frozen=True)
class Column:
    """A column: its type in SQL, and its meaning with the unit."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table or view as it was published; the columns in `partitioned_by` are in the names of its folders."""

    name: str
    kind: str
    meaning: str
    rows: int
    partitioned_by: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class File:
    """A file of a table; `path` is relative to the folder."""

    path: str
    table: str
    rows: int
    bytes: int
    sha256: str


def write(folder: Path, made: dict[str, Any], tables: list[Table], files: list[File]) -> None:
    """Put the manifest into a folder; its last member is the SHA-256 of its own text, with zeros in that place."""
    said = made | {"tables": [asdict(t) for t in tables], "files": [asdict(f) for f in files], SEAL: UNSEALED}
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    (folder / NAME).write_text(text.replace(UNSEALED, _digest(text)), encoding="utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a folder. Raises `Refused` when there is none or it was changed."""
    path = folder / NAME
    try:
        text = bounds.content(path, LARGEST_MANIFEST).decode("utf-8")
        said: dict[str, Any] = json.loads(text)
        digest = said[SEAL]
        if text.count(digest) != 1 or digest != _digest(text.replace(digest, UNSEALED)):
            raise ValueError("it is not as it was written")
    except FileNotFoundError:
        do = "name a folder that depr publish made, or a ledger"
        raise refuse(str(folder), f"holds no {NAME}", "it is no published copy", do) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise refuse(str(path), "the manifest was changed", str(fault).splitlines()[0], AGAIN) from None
    return said


def differing(folder: Path, said: dict[str, Any]) -> list[Finding]:
    """The files that are not as the manifest says, and those that it does not name."""
    named = {each["path"]: each for each in said["files"]}
    there = set(_there(folder))
    found = [_finding(folder / path, "is missing", "the manifest names it") for path in sorted(set(named) - there)]
    found += [_finding(path, "is not in the manifest", "it was added") for path in added(folder, said)]
    return found + [finding for path in sorted(there & set(named)) if (finding := _changed(folder / path, named[path]))]


def added(folder: Path, said: dict[str, Any]) -> list[Path]:
    """The files of a folder that its manifest does not name."""
    return [folder / path for path in sorted(set(_there(folder)) - {each["path"] for each in said["files"]})]


def _there(folder: Path) -> Iterator[str]:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return (name for name in names if name != NAME)


def _changed(path: Path, said: dict[str, Any]) -> Finding | None:
    try:
        size = path.stat().st_size
        if size != said["bytes"]:
            return _finding(path, "was changed", f"it has {size:,} bytes, the manifest says {said['bytes']:,}")
        if sha256(path) != said["sha256"]:
            return _finding(path, "was changed", "it has other bytes than when it was published")
    except OSError as fault:
        return _finding(path, "cannot be read", str(fault.strerror))
    return None


def _finding(path: Path, what: str, why: str) -> Finding:
    return Finding(str(path), 0, what, why, AGAIN, "published")
