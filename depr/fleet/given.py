"""What is given in Python, as the verbs take it: lives with their unit, exact amounts, any table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from depr.books.book import Book
from depr.errors import refuse

if TYPE_CHECKING:
    from depr.datasets.own_statements import OwnStatements

PathLike = str | os.PathLike[str]

Life = str | Book

Amount = int | str | Decimal
Progress = Callable[[str], None]

LIVES = ("1y", "3y", "6y")
"""Useful lives that a restatement shows unless others are asked for."""


def quiet(step: str) -> None:
    """Progress for those who do not watch."""


def scenario_named(scenario: PathLike) -> str | Path:
    """A scenario by its name or path."""
    return scenario if isinstance(scenario, str) else Path(scenario)


def lives_of(lives: Iterable[Life]) -> list[Life]:
    """Lives to compare, each with its unit, or a book. Raises `Refused`."""
    if isinstance(lives, str | Book):
        raise refuse("lives", f"{lives!r} is one life", "several are compared", f"write lives=[{lives!r}]")
    return [life if isinstance(life, Book) else _life_text(life) for life in lives]


def book_of(book: Life | None) -> Life | None:
    """A book, or a life as text with its unit. Raises `Refused` for a bare number."""
    return book if book is None or isinstance(book, Book) else _life_text(book)


def _life_text(life: object) -> str:
    if isinstance(life, str) and not life.strip().isdecimal():
        return life
    why = "years for some are months for others"
    raise refuse("life", f"{life!r} has no unit", why, f'write "{life}y" for years, "{life}m" for months, or a book')


def exact(amount: object, name: str) -> str:
    """An amount as decimal text. Raises `Refused` for a float, which is no exact amount."""
    if isinstance(amount, bool) or not isinstance(amount, int | str | Decimal):
        why = "a float is no exact amount"
        raise refuse(name, f"{amount!r} is a {type(amount).__name__}", why, "give a whole number, a Decimal or text")
    return str(amount)


def frame_of(table: Any) -> pl.DataFrame:
    """Any table as polars: through Arrow, or a mapping of columns."""
    if isinstance(table, Mapping) or hasattr(table, "__arrow_c_stream__"):
        return pl.DataFrame(table)
    if hasattr(table, "collect"):
        return pl.DataFrame(table.collect())
    do = "give a polars, pandas or Arrow frame, or the path of a file"
    raise refuse("add", f"{type(table).__name__} is no table", do=do)


def statements_of(
    given: PathLike | Sequence[PathLike] | OwnStatements | None,
    issuers: Sequence[str] | None,
    years: tuple[int, int] | None,
    schedules: Path | None,
) -> OwnStatements | None:
    """Statements of one's own, of one file or several, or read already; None for those that ship. Raises `Refused`."""
    from depr.datasets.own_statements import OwnStatements, own_statements

    if given is None or isinstance(given, OwnStatements):
        return given
    named = [given] if isinstance(given, str | os.PathLike) else given
    return own_statements([Path(file) for file in named], issuers=issuers, years=years, schedules=schedules)
