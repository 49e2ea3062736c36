"""Reading a case: its words in words of the product (words.toml), and nothing left unread.

Whatever a case says is taken by a rule or refused. So an input under an unknown name, or a word that no rule knows, is
never dropped on the way to a figure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from depr.errors import refuse

WORDS = Path(__file__).with_name("words.toml")
LIFE = re.compile(r"(\d+) ?(y|years?|m|months?)")
NOMINAL = "2001-01-01"
"""The day in service where a source counts its years from one and names no date."""


def plain(text: Any) -> str:
    """Words without regard to case, hyphens, underscores and blanks."""
    return _plain(str(text))


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


@cache
def _names() -> dict[str, str]:
    """Other names of inputs -> the one that rules ask for."""
    return {plain(other): name for name, others in _document()["inputs"].items() for other in others}


def entries(kind: str) -> list[dict[str, Any]]:
    """All words of a kind."""
    return list(_document()[kind])


def meaning(kind: str, word: Any, system: str = "") -> Mapping[str, Any]:
    """What a word of a kind means, of a system before that of all. Raises `Refused` for one that is not known."""
    named = plain(word).removesuffix(f" {kind}")
    found = [entry for entry in _document()[kind] if named in map(plain, entry["words"])]
    own = [entry for entry in found if plain(system) in map(plain, entry.get("systems", ()))]
    for entry in (*own, *(entry for entry in found if "systems" not in entry)):
        return dict(entry)
    raise refuse("case", f"not read: {kind} {str(word)!r}", do=f"name it in {WORDS.name}")


class Given:
    """Some of what a case says, by name; `done` refuses what no rule has asked for. A null is not given.

    Names are compared as words are, and other names of an input are known.
    """

    def __init__(self, values: Mapping[str, Any], within: str = "") -> None:
        self._values: dict[str, Any] = {}
        self._within, self._read = within, set[str]()
        for key, value in values.items():
            name = _names().get(plain(key), plain(key).replace(" ", "_"))
            if value is not None and self._values.setdefault(name, value) != value:
                raise refuse("case", f"{name} is given twice, under two names")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def take(self, name: str, default: Any = None) -> Any:
        """The value of an input, which is then read."""
        self._read.add(name)
        return self._values.get(name, default)

    def need(self, name: str) -> Any:
        """The value of an input. Raises `Refused` where it is not given."""
        if name not in self:
            raise refuse("case", f"{self._within}{name} is not given")
        return self.take(name)

    def without(self, names: Iterable[str]) -> None:
        """Refuses inputs that nothing reads in this case. Raises `Refused`."""
        for name in names:
            if name in self:
                raise refuse("case", f"not read: {self._within}{name} {shortened(self._values[name])}")

    def one_of(self, names: Sequence[str], default: Any = None) -> Any:
        """The value of the first of some inputs that is given; another one stays unread."""
        return next((self.take(name) for name in names if name in self), default)

    def exactly(self, name: str, *values: Any) -> None:
        """Takes an input that may only say that there is nothing to it. Raises `Refused` when it says something."""
        if (value := self.take(name)) is not None and value not in values:
            raise refuse("case", f"not read: {self._within}{name} {value!r}")

    def word(self, name: str, system: str = "") -> Mapping[str, Any]:
        """What the word of an input means; nothing where it is not given."""
        return meaning(name, self.take(name), system) if name in self else {}

    def done(self) -> None:
        """Raises `Refused` with what no rule has asked for."""
        if left := [name for name in self._values if name not in self._read]:
            said = ", ".join(f"{self._within}{name} {shortened(self._values[name])}" for name in left)
            raise refuse("case", f"not read: {said}")


def shortened(value: Any) -> str:
    """A value as text of at most forty characters."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


@contextmanager
def read(values: Mapping[str, Any], within: str = "") -> Iterator[Given]:
    """What a case says, all of which must have been asked for at the end."""
    given = Given(values, within)
    yield given
    given.done()


def digits(value: Any) -> str:
    """A number as it is printed. Raises `Refused` for anything else."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        raise refuse("case", f"{shortened(value)!r} is not a number")
    return str(value)


def whole(value: Any) -> int:
    """A whole number. Raises `Refused` for anything else."""
    if (number := Decimal(digits(value))) != int(number):
        raise refuse("case", f"{value!r} is not a whole number")
    return int(number)


def day(value: Any) -> date:
    """A date, or words that stand for one. Raises `Refused` for anything else."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        value = meaning("date", value)["date"]
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise refuse("case", f"{value!r} is not a date") from None


def life(given: Given, months: str = "life_months", years: str = "life_years") -> str | None:
    """A useful life as the product takes it, such as 5y or 42m; None where none is given."""
    if months in given:
        return f"{whole(given.take(months))}m"
    if years not in given:
        return None
    value = given.take(years)
    if spelt := LIFE.fullmatch(plain(value)):
        return f"{spelt[1]}{spelt[2][0]}"
    return f"{whole(value)}y"


def each(value: Any, what: str) -> list[Any]:
    """A list of a case. Raises `Refused` for anything else."""
    if not isinstance(value, list):
        raise refuse("case", f"{what} {shortened(value)!r} is not a list")
    return value
