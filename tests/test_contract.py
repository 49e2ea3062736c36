"""Every table says of every column what it means, in which unit, and whether it may be blank."""

from __future__ import annotations

import re

import dataframely as dy
import pytest

from depr import contract

TABLES = {
    name: table
    for name in contract.__all__
    if isinstance(table := getattr(contract, name), type) and issubclass(table, dy.Schema)
}


@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_a_meaning_and_a_unit(name: str) -> None:
    for column, declared in TABLES[name].columns().items():
        said = declared.metadata
        assert said and said["meaning"].strip() and said["unit"].strip(), column
        if column.endswith(("_minor", "_ppm", "_micro")):
            assert said["unit"] not in ("text", "number"), column


@pytest.mark.parametrize("name", TABLES)
def test_what_is_said_to_be_null_may_be(name: str) -> None:
    for column, declared in TABLES[name].columns().items():
        if re.search(r"\bnull\b", str((declared.metadata or {})["meaning"])):
            assert declared.nullable, column


def test_the_statuses_are_those_that_the_column_names() -> None:
    meaning = str((contract.Holdings.columns()["status"].metadata or {})["meaning"])
    assert re.split(r", | or ", meaning) == list(contract.STATUSES)
