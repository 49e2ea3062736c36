"""A mapping as text: each key below the evidence for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from depr.errors import visible
from depr.intake.mapping import KEYS, OPEN

WIDTH = 118
TABLES = ("columns", "constants", "values", "signs", "skip")


@dataclass
class Draft:
    """The document of a mapping, with the comments above its keys (`values.generation.DGX`: of a key of a table)."""

    document: dict[str, Any] = field(default_factory=dict)
    why: dict[str, list[str]] = field(default_factory=dict)
    in_the_way: list[str] = field(default_factory=list)

    def give(self, key: str, value: object, *why: str) -> None:
        """A key, or one of a table, with its evidence."""
        *tables, last = key.split(SEPARATOR)
        table = self.document
        for each in tables:
            table = table.setdefault(each, {})
        table[last] = value
        self.why.setdefault(key, []).extend(each for each in why if each)

    def skip(self, condition: Mapping[str, Any], why: Sequence[str]) -> None:
        """A condition by which rows are skipped."""
        entries = self.document.setdefault("skip", [])
        self.why[f"skip{SEPARATOR}{len(entries)}"] = list(why)
        entries.append(dict(condition))

    @property
    def text(self) -> str:
        """The TOML document."""
        lines: list[str] = []
        for each in self.in_the_way:
            lines += _comment(f"in the way: {each}")
        for key in (key for key in KEYS if key not in TABLES and key in self.document):
            lines += [*self._above(key), f"{key} = {_value(self.document[key])}"]
        for key in TABLES[:-1]:
            lines += self._table(key, self.document.get(key, {}))
        for number, entry in enumerate(self.document.get("skip", ())):
            lines += ["", *self._above(f"skip{SEPARATOR}{number}"), "[[skip]]"]
            lines += [f"{name} = {_value(value)}" for name, value in entry.items()]
        return "\n".join(lines) + "\n"

    def _table(self, key: str, table: Mapping[str, Any]) -> list[str]:
        plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
        lines = ["", *self._above(key), f"[{_dotted(key)}]"] if plain else []
        for name, value in plain.items():
            lines += [*self._above(f"{key}{SEPARATOR}{name}"), f"{_key(name)} = {_value(value)}"]
        inner = {name: value for name, value in table.items() if isinstance(value, dict)}
        return lines + [line for name, value in inner.items() for line in self._table(f"{key}{SEPARATOR}{name}", value)]

    def _above(self, key: str) -> list[str]:
        return [line for each in self.why.get(key, ()) for line in _comment(each)]

    @property
    def open(self) -> list[str]:
        """The keys that are left open."""
        return _open(self.document, "")


SEPARATOR = "\0"
"""What stands between the names of tables in a key: no name holds it."""


def _open(entry: object, where: str) -> list[str]:
    if isinstance(entry, dict):
        return [found for key, value in entry.items() for found in _open(value, f"{where}.{key}" if where else key)]
    if isinstance(entry, list):
        return [found for value in entry for found in _open(value, where)]
    return [where] if entry == OPEN else []


def _comment(text: str) -> list[str]:
    """A text as lines of comments."""
    words = visible(text).replace("\n", " ").replace("\t", " ").split(" ")
    lines = ["#"]
    for word in words:
        if len(lines[-1]) + len(word) > WIDTH and lines[-1] != "#":
            lines.append("#  ")
        lines[-1] += f" {word}"
    return lines


def _dotted(key: str) -> str:
    return ".".join(map(_key, key.split(SEPARATOR)))


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)  # TOML escapes texts as JSON does
        return quoted.replace("\x7f", "\\u007f")
    return str(value).lower()
