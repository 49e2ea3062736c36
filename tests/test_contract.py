"""Every table says of every column what it means, in which unit, and whether it may be blank."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

import dataframely as dy
import pytest

from depr import contract

MODULES = [import_module(f"{contract.__name__}.{module.name}") for module in iter_modules(contract.__path__)]
TABLES = {
    f"{module.__name__}.{name}": table
    for module in MODULES
    for name, table in vars(module).items()
    if isinstance(table, type) and issubclass(table, dy.Schema) and table is not dy.Schema and table.columns()
}


@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_a_meaning_and_a_unit(name: str) -> None:
    for column, declared in TABLES[name].columns().items():
        said = declared.metadata or {}
        unit, meaning = str(said.get("unit", "")).strip(), str(said.get("meaning", "")).strip()
        assert unit, column
        assert meaning, column
        if column.endswith(("_minor", "_ppm", "_micro")):
            assert unit not in ("text", "number"), column
        if column.endswith("period") and declared.dtype.is_integer():
            assert unit == "months since 1900-01", column


@pytest.mark.parametrize("name", TABLES)
def test_what_is_said_to_be_null_may_be(name: str) -> None:
    for column, declared in TABLES[name].columns().items():
        if re.search(r"\bnull\b", str((declared.metadata or {}).get("meaning"))):
            assert declared.nullable, column


def test_the_statuses_are_those_that_the_column_names() -> None:
    meaning = str((contract.Holdings.columns()["status"].metadata or {})["meaning"])
    assert re.split(r", | or ", meaning) == list(contract.STATUSES)
