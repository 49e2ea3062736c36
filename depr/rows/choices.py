"""Options by name: each says what it decides, what may be chosen, and what a choice means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from depr.errors import refuse, unknown


def choice(default: str, meaning: str, choices: Mapping[str, str]) -> Any:
    """An option with named choices, each with its rule."""
    return field(default=default, metadata={"meaning": meaning, "choices": choices})


def number(default: int | None, meaning: str) -> Any:
    """An option that is a whole number, or none."""
    return field(default=default, metadata={"meaning": meaning, "choices": {}})


@dataclass(frozen=True)
class Choices:
    """A set of options. Raises `Refused` for a choice that does not exist, with those that do."""

    def __post_init__(self) -> None:
        for option in fields(self):
            known = option.metadata["choices"]
            chosen = getattr(self, option.name)
            if known and chosen not in known:
                raise unknown(option.name.replace("_", " "), str(chosen), known)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The options from their names, numbers also as text. Raises `Refused` for a name that does not exist."""
        known = {option.name: option for option in fields(cls)}
        if strange := [name for name in given if name not in known]:
            raise unknown("option", strange[0], known)
        return cls(**{n: value if known[n].metadata["choices"] else _whole(n, value) for n, value in given.items()})

    @classmethod
    def described(cls) -> list[dict[str, str]]:
        """Each choice of each option: option, what it decides, choice, its rule; the default first."""
        return [
            {"option": option.name, "decides": option.metadata["meaning"], "choice": name, "rule": rule}
            for option in fields(cls)
            for name, rule in sorted(_rules(option.metadata["choices"]), key=lambda pair: pair[0] != option.default)
        ]


def _rules(choices: Mapping[str, str]) -> list[tuple[str, str]]:
    return list(choices.items()) or [("a number", "whole, from 0")]


def _whole(name: str, value: Any) -> int | None:
    if value is None or (str(value).isascii() and str(value).isdecimal()):
        return None if value is None else int(value)
    raise refuse("input", f"{name.replace('_', ' ')} {value!r} is not a whole number", do="write digits")
