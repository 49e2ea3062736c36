"""Options by name: what they default to, how they are described, and what is refused."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields

import pytest

from depr.errors import Refused
from depr.rows.choices import Choices, choice, number


def fruit() -> type[Choices]:
    """A class of options made when it is asked for."""

    @dataclass(frozen=True)
    class Fruit(Choices):
        red_one: str = choice("cherry", "which is red", {"apple": "it is round", "cherry": "it is small"})
        how_many: int | None = number(None, "how many there are")

    return Fruit


def test_options_have_their_defaults_and_their_meaning() -> None:
    kind = fruit()
    assert kind() == kind.of({}) == kind.of({"red_one": "cherry", "how_many": None})
    assert [(option.name, option.default) for option in fields(kind)] == [("red_one", "cherry"), ("how_many", None)]
    assert number(3, "three").default == 3
    with pytest.raises(FrozenInstanceError):
        kind().red_one = "apple"  # type: ignore[attr-defined]


def test_options_are_described_the_default_first() -> None:
    assert fruit().described() == [
        {"option": "red_one", "decides": "which is red", "choice": "cherry", "rule": "it is small"},
        {"option": "red_one", "decides": "which is red", "choice": "apple", "rule": "it is round"},
        {"option": "how_many", "decides": "how many there are", "choice": "a number", "rule": "whole, from 0"},
    ]


@pytest.mark.parametrize("given", [7, "7", "07"])
def test_a_number_may_be_text(given: int | str) -> None:
    kind = fruit()
    assert kind.of({"how_many": given, "red_one": "apple"}) == kind("apple", 7)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"red_one": "pear"}, "unknown red one 'pear'\n  do: use one of: apple, cherry"),
        ({"red_one": None}, "unknown red one 'None'\n  do: use one of: apple, cherry"),
        ({"size": "1"}, "unknown option 'size'\n  do: use one of: how_many, red_one"),
        ({"how_many": "few"}, "how many 'few' is not a whole number\n  do: write digits"),
        ({"how_many": "-1"}, "how many '-1' is not a whole number\n  do: write digits"),
        ({"how_many": "٣"}, "how many '٣' is not a whole number\n  do: write digits"),
        ({"how_many": ""}, "how many '' is not a whole number\n  do: write digits"),
    ],
    ids=str,
)
def test_what_is_refused(given: dict[str, str], what: str) -> None:
    with pytest.raises(Refused) as fault:
        fruit().of(given)
    assert str(fault.value) == f"input: {what}"
