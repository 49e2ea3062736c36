"""What is given in Python, as the verbs take it: lives with their unit, exact amounts, any table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from depr.books.book import Book, months
from depr.datasets.own_statements import OwnStatements, own_statements
from depr.errors import refuse

PathLike = str | os.PathLike[str]

Life = str | Book

Amount = int | str | Decimal


def scenario_named(scenario: PathLike) -> str | Path:
    """A scenario by its name or path."""
    return scenario if isinstance(scenario, str) else Path(scenario)


def lives_of(lives: Iterable[Life]) -> list[int | str | Book]:
    """Lives as `restate` of the verbs takes them: whole years by number, so that the shipped book of it is used."""
    if isinstance(lives, str | Book):
        raise refuse("lives", f"{lives!r} is one life", "several are compared", f"write lives=[{lives!r}]")
    told = [book_of(life) for life in lives]
    return [int(life[:-1]) if isinstance(life, str) and life[:-1].isdecimal() and life.endswith("y") else life
            for life in told if life is not None]  # fmt: skip


def book_of(book: Life | None) -> Life | None:
    """A book, or a life as text with its unit. Raises `Refused` for a bare number."""
    return book if book is None or isinstance(book, Book) else _life_text(book)


def months_of(life: object) -> int:
    """A life as months. Raises `Refused`."""
    return months(_life_text(life))


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
    files: PathLike | Sequence[PathLike] | None,
    issuers: Sequence[str] | None,
    years: tuple[int, int] | None,
    schedules: Path | None,
) -> OwnStatements | None:
    """Statements of one's own, from one file or several; None where the shipped ones stand. Raises `Refused`."""
    if files is None:
        return None
    named = [files] if isinstance(files, str | os.PathLike) else files
    return own_statements([Path(file) for file in named], issuers=issuers, years=years, schedules=schedules)
