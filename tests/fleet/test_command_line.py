"""What was asked is printed as a command that asks the same."""

from __future__ import annotations

import shlex
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from depr.fleet import command_line

ASKED = {
    "issuers": ["META", "MSFT"],
    "lives": ("3y", "42m", "my life"),
    "modes": ("as_if", "prospective"),
    "changes_on": (date(2024, 1, 1), date(2024, 7, 1)),
    "tax": "marginal",
    "years": (2023, 2024),
    "as_of": date(2024, 12, 31),
    "known_at": datetime(2025, 2, 3, 11, tzinfo=UTC),
    "schedules": Path("my own"),
    "templates": Path("mine"),
    "save": "kept",
}
TYPED = {
    "issuers": "--issuer META --issuer MSFT",
    "lives": "--lives '3,42m,my life'",
    "modes": "--mode as_if,prospective",
    "changes_on": "--change-date 2024-01-01 --change-date 2024-07-01",
    "tax": "--tax marginal",
    "years": "--years 2023-2024",
    "as_of": "--as-of 2024-12-31",
    "known_at": "--known-at '2025-02-03 11:00:00+00:00'",
    "schedules": "--schedules 'my own'",
    "templates": "--reports mine",
    "save": "--save kept",
}


@pytest.mark.parametrize("name", ASKED)
def test_each_option_is_typed_under_its_own_name(name: str) -> None:
    assert command_line.options(**{name: ASKED[name]}) == TYPED[name]  # type: ignore[arg-type]  # of each its own


def test_all_of_them_and_none() -> None:
    assert sorted(shlex.split(command_line.options(**ASKED))) == sorted(shlex.split(" ".join(TYPED.values())))  # type: ignore[arg-type]
    assert command_line.options() == ""
    assert (
        command_line.command("report", "my fleet.duckdb", "", "--tax marginal")
        == "depr report 'my fleet.duckdb' --tax marginal"
    )
