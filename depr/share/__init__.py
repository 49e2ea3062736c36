"""Finds the data that ships: `schedules/` (judgements and statute) and `reports/` (how it looks).

A user's own folder comes first, file by file: what it does not hold is taken from the shipped one. The shipped one is
inside the package when depr is installed, and beside the package in a checkout.
"""

from __future__ import annotations

import os
from pathlib import Path

from depr.errors import refuse, unknown

# Taken once: a relative __file__ would follow the working directory.
_PACKAGE = Path(__file__).absolute().parent.parent


def schedules(override: Path | None = None) -> Path:
    """The folder of judgements: the user's own if given, else the shipped one."""
    return places("schedules", override)[0]


def reports(override: Path | None = None) -> Path:
    """The folder of templates: the user's own if given, else the shipped one."""
    return places("reports", override)[0]


def places(root: str, override: Path | None = None) -> tuple[Path, ...]:
    """The folders in which `root` ("schedules" or "reports") is looked up, first hit first.

    Refused: an own folder that does not exist.
    """
    if override is None:
        return (_shipped(root),)
    if not override.is_dir():
        raise refuse(str(override), "no such folder", f"it was named as the folder of {root}", "name an existing one")
    return override, _shipped(root)


def names(kind: str, override: Path | None = None) -> list[str]:
    """What `kind` ("books", "issuers", "tables") offers: the names of its TOML files, sorted."""
    return sorted(_files(kind, override))


def find(kind: str, name: str | Path, override: Path | None = None) -> Path:
    """The file of `name`: a path is taken as such, a name is looked up in the own folder, then in the shipped one.

    Names do not tell capitals from small letters, so an issuer's ticker finds its file.
    Refused: a path that is no file, a name that does not exist (with the names that do).
    """
    text = str(name)
    if _is_path(text):
        return _existing(Path(text), f"name an existing file, or one of: {', '.join(names(kind, override))}")
    files = _files(kind, override)
    if text.lower() not in files:
        raise unknown(kind.removesuffix("s"), text, files)
    return files[text.lower()]


def schedule_file(name: str, override: Path | None = None) -> Path:
    """A file of its own in schedules/, such as "generations.toml": the user's if there is one, else the shipped one."""
    candidates = [place / name for place in places("schedules", override)]
    return next((path for path in candidates if path.is_file()), candidates[-1])


def every(name: str, override: Path | None = None) -> list[Path]:
    """A file that one's own adds to: the shipped one, then the user's where there is one."""
    return [path for place in reversed(places("schedules", override)) if (path := place / name).is_file()]


def _files(kind: str, override: Path | None) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for place in reversed(places("schedules", override)):
        found |= {path.stem.lower(): path for path in sorted((place / kind).glob("*.toml"))}
    return found


def _shipped(root: str) -> Path:
    installed = _PACKAGE / "_share" / root
    checkout = _PACKAGE.parent
    if installed.is_dir():
        return installed
    if (checkout / "pyproject.toml").is_file() and (checkout / root).is_dir():
        return checkout / root
    raise refuse(str(installed), "no such folder", f"depr was installed without its {root}", "install depr again")


def _is_path(text: str) -> bool:
    return text.endswith(".toml") or any(mark and mark in text for mark in (os.sep, os.altsep))


def _existing(path: Path, otherwise: str) -> Path:
    if path.is_file():
        return path
    raise refuse(str(path), "no such file", do=otherwise)
