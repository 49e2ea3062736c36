"""What is given in Python, as the verbs take it: lives with their unit, exact amounts, any table."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import polars as pl

from depr.books.book import Book
from depr.errors import refuse, unknown

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


def _date(value: object, name: str) -> date:
    """A date, or its text (2025-12-31). Raises `Refused`."""
    if isinstance(value, datetime) and value.time() == time():  # as a Timestamp of pandas is
        return value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    with suppress(ValueError):
        if isinstance(value, str) and len(value) == len("2025-12-31"):
            return date.fromisoformat(value)
    raise refuse(name, f"{value!r} is no date", do='write datetime.date(2025, 12, 31), or "2025-12-31"')


def _time(value: object, name: str) -> datetime:
    """A date and time, or its text (2025-12-31T18:00+00:00). Raises `Refused` for a date alone."""
    if isinstance(value, datetime):
        return value
    with suppress(ValueError):
        if isinstance(value, str) and len(value) > len("2025-12-31"):
            return datetime.fromisoformat(value)
    why = "a day has many times" if isinstance(value, date) else ""
    raise refuse(
        name, f"{value!r} is no time", why, 'write datetime.datetime(2025, 12, 31, 18, 0), or "2025-12-31T18:00"'
    )


def _text(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    raise refuse(name, f"{value!r} is no text", do=f'write {name}="{value}"')


def _several(one: Callable[[object, str], Any]) -> Callable[[object, str], list[Any]]:
    """Several of a kind, each of which `one` takes."""

    def taken(values: object, name: str) -> list[Any]:
        if isinstance(values, str | date) or not isinstance(values, Iterable):
            raise refuse(name, f"{values!r} is one", "there may be several", f"write {name}=[{values!r}]")
        return [one(value, name) for value in values]

    return taken


def _years(value: object, name: str) -> tuple[int, int]:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    pair = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else []
    if len(pair) == 2 and all(isinstance(year, int) for year in pair):
        return pair[0], pair[1]
    raise refuse(
        name, f"{value!r} is not the first and the last of some years", do=f"write {name}=(2023, 2025), or {name}=2025"
    )


def _path(value: object, name: str) -> PathLike:
    if isinstance(value, str | os.PathLike):
        return value
    raise refuse(name, f"{value!r} is no path", do='write it as text, or as a pathlib.Path: "fleet.duckdb"')


def _whole(value: object, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refuse(name, f"{value!r} is no whole number", do=f"write {name}=3")


def _life(value: object, name: str) -> str:
    return value if isinstance(value, str) else _life_text(value)  # whose text depr.asset reads itself


TAKEN: dict[str, Callable[[object, str], Any]] = {
    "date": _date,
    "datetime": _time,
    "str": _text,
    "Sequence[str]": _several(_text),
    "Sequence[date]": _several(_date),
    "tuple[int, int]": _years,
    "PathLike": _path,
    "int": _whole,
    "life": _life,
}
"""By the annotation of a parameter: its value as the verbs take it; refused in words where it is none."""

GATHERED = {"Unpack[When]": ("as_of", "known_at"), "Unpack[Read]": ("sheet", "delimiter", "encoding")}
"""The options that a verb takes in one, by the annotation of it (depr/fleet/ledger.py)."""

Verb = TypeVar("Verb", bound=Callable[..., Any])
Face = TypeVar("Face")


def verb(function: Verb) -> Verb:
    """What is given to a verb is of the kind that its parameter says, or is refused in words, never in a traceback."""
    signature = inspect.signature(function)
    kinds = {name: str(each.annotation) for name, each in signature.parameters.items()}
    gathering = [name for name, each in signature.parameters.items() if each.kind is inspect.Parameter.VAR_KEYWORD]
    anything = any(kinds[name] == "Any" for name in gathering)  # the verb itself says which there are
    options = [name for name in kinds if name not in gathering]
    options += [option for name in gathering for option in GATHERED.get(kinds[name], ())]

    @wraps(function)
    def asked(*args: Any, **named: Any) -> Any:
        if not anything and (strange := [name for name in named if name not in options]):
            raise unknown("option", strange[0], [name for name in options if name != "self"], function.__name__)
        bound = signature.bind(*args, **named)
        for name, value in bound.arguments.items():
            how = signature.parameters[name].kind
            if how is inspect.Parameter.VAR_KEYWORD:
                bound.arguments[name] = {each: _taken(value[each], each) for each in value}
            elif how is inspect.Parameter.VAR_POSITIONAL:
                bound.arguments[name] = tuple(_taken(each, name, kinds[name]) for each in value)
            else:
                bound.arguments[name] = _taken(value, name, kinds[name])
        return function(*bound.args, **bound.kwargs)

    return cast(Verb, asked)


BY_NAME = {"as_of": "date", "known_at": "datetime", "acquired": "date", "life": "life"}
"""The kind of what is given by name alone, or has one of its own."""


def _taken(value: object, name: str, kind: str = "") -> Any:
    take = TAKEN.get(BY_NAME.get(name, kind.removesuffix(" | None")))
    return value if take is None or value is None else take(value, name)


def verbs(face: type[Face]) -> type[Face]:
    """Every public method of a class is a verb."""
    for name, method in list(vars(face).items()):
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(face, name, verb(method))
    return face
