"""What was asked, as a command line that asks it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from depr.books.book import Book
from depr.books.issuers import DEFAULT
from depr.datasets.own_statements import OwnStatements
from depr.fleet import carried
from depr.fleet.arguments import LIVES, Life


def options(
    *,
    issuers: Sequence[str] | None = None,
    lives: Sequence[Life] = LIVES,
    modes: Sequence[str] = ("as_if",),
    changes_on: Sequence[date] = (),
    tax: str = DEFAULT,
    years: tuple[int, int] | None = None,
    statements: object = None,
    as_of: date | None = None,
    known_at: object = None,
    schedules: Path | None = None,
    templates: Path | None = None,
    save: str | None = None,
) -> str:
    """The options of `restate` and `report` as they are typed, those that differ from what they are without.

    A book that was made in Python stands under its name.
    """
    own = statements if isinstance(statements, OwnStatements) else None
    given: list[tuple[str, Any]] = [
        *(("issuer", name) for name in issuers or ()),
        (
            "lives",
            tuple(lives) != LIVES and ",".join(map(_life, lives)),
        ),
        ("mode", tuple(modes) != ("as_if",) and ",".join(modes)),
        *(("change-date", day) for day in changes_on),
        ("tax", tax != DEFAULT and tax),
        ("years", years and "-".join(map(str, years))),
        *(own.asked if own else ()),
        ("as-of", as_of),
        ("known-at", known_at),
        ("schedules", schedules is not None and not carried.issued(schedules) and schedules),
        ("reports", templates),
        ("save", save),
    ]
    return shlex.join(word for name, value in given if value for word in _typed(name, value))


def _typed(name: str, value: object) -> list[str]:
    """An option as typed; one that is true has no value."""
    return [f"--{name}"] if value is True else [f"--{name}", str(value)]


def _life(life: Life) -> str:
    """A life as `--lives` names it, whole years by their number."""
    if isinstance(life, Book):
        return life.id
    return life[:-1] if life.endswith("y") and life[:-1].isdecimal() else life


def command(verb: str, ledger: str, *typed: str) -> str:
    """A command line: a verb, the ledger as it was named, and options as they are typed."""
    return " ".join(filter(None, ["depr", verb, shlex.quote(ledger), *typed]))
