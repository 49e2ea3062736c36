"""Schedules: what another system will charge, one row a lot and day; compared with ours, and never recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from depr.intake.forms.cells import day, laid_out, minor
from depr.intake.forms.rules import OUR_OWN, Declared, Rule, amounts, blanks, dates, known

REQUIRED = ("lot_id", "date", "depreciation", "currency")
COLUMNS = REQUIRED
AMOUNTS = ("depreciation",)
DATES = ("date",)
VALUES = ("lot_id", "date", "depreciation_minor", "currency", "source_row")


def parse(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of text (cells.filled) -> lot_id, date, depreciation_minor, null where a cell is blank or malformed."""
    return laid_out(rows, COLUMNS).with_columns(day("date"), minor("depreciation"))


def rules(
    generations: Collection[str],
    books: Collection[str] = (),
    declared: Declared = OUR_OWN,
    issuers: Mapping[str, str] | None = None,
) -> list[Rule]:
    """Every rule of a row."""
    held = sorted(set((issuers or {}).values()))
    return [
        *blanks(REQUIRED, declared),
        *amounts(AMOUNTS, declared),
        *dates(DATES, declared),
        *([known("currency", held, f"the ledger holds {', '.join(held)}")] if held else []),
    ]


def across() -> list[Rule]:
    """Rows of one lot and day are added up, so nothing holds across them."""
    return []
