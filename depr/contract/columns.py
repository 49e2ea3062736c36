"""The columns of a table: what each means and its unit."""

from __future__ import annotations

from typing import Any

import dataframely as dy


def doc(unit: str, meaning: str) -> dict[str, str]:
    return {"unit": unit, "meaning": meaning}


def text(meaning: str, *, nullable: bool = False, **options: Any) -> dy.String:
    return dy.String(nullable=nullable, metadata=doc("text", meaning), **options)


def day(meaning: str, *, nullable: bool = False) -> dy.Date:
    return dy.Date(nullable=nullable, metadata=doc("date", meaning))


def integer(meaning: str, *, unit: str = "number", nullable: bool = False, **options: Any) -> dy.Int64:
    return dy.Int64(nullable=nullable, metadata=doc(unit, meaning), **options)


def money(meaning: str, *, nullable: bool = False, **options: Any) -> dy.Int64:
    return dy.Int64(nullable=nullable, metadata=doc("minor units", meaning), **options)


def yes_or_no(meaning: str, *, nullable: bool = False) -> dy.Bool:
    return dy.Bool(nullable=nullable, metadata=doc("true or false", meaning))


def per_share(meaning: str) -> dy.Int64:
    return dy.Int64(nullable=True, metadata=doc("millionths of the currency per share", meaning))


def ppm(meaning: str) -> dy.Int64:
    return dy.Int64(nullable=True, metadata=doc("parts per million", meaning))


def describe(schema: type[dy.Schema]) -> dict[str, str]:
    """Column -> "meaning (unit)" of a table, for COMMENT ON and for the documentation."""
    return {name: "{meaning} ({unit})".format(**(column.metadata or {})) for name, column in schema.columns().items()}
