"""Which rows are no lots: totals, headings between them, headers that come again, and what is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from depr.intake.mapping import OPEN
from depr.intake.suggest.columns import Found, Names
from depr.intake.suggest.table import Table, many

FILLED_OF_A_HEADING = 1
MOST_VALUES = 12


@dataclass(frozen=True)
class Left:
    """A condition by which rows are left out, those rows, and the evidence."""

    condition: dict[str, Any]
    rows: pl.Series
    why: tuple[str, ...]


def left_out(table: Table, found: Found, names: Names) -> list[Left]:
    """The conditions, each of the rows that those before it leave."""
    stay = table.says
    kept: list[Left] = []
    for each in [*_headers(table, found), *_totals(table, found, names), *_headings(table, found, stay)]:
        rows = each.rows & stay
        if rows.any():
            kept.append(Left(each.condition, rows, each.why))
            stay &= ~rows
    return [*kept, *_gone(table, found, stay)]


def _headers(table: Table, found: Found) -> list[Left]:
    place = found.place("lot_id")
    if place is None or not table.names[place]:
        return []
    name = table.names[place]
    rows = (table.column(place) == name).fill_null(False)
    return [Left({"column": name, "equals": name}, rows, (f"the header comes again: {table.where(rows)}",))]


def _totals(table: Table, found: Found, names: Names) -> list[Left]:
    """Rows of which a cell begins with a word for a total, and that are no lot: its day or its id is not there."""
    begins = total(names)
    day = found.place("purchase_date")
    lot = found.place("lot_id")
    no_day = table.column(day).is_null() if day is not None else table.says
    no_lot = table.column(lot).is_null() if lot is not None else table.says
    made = []
    for place, name in enumerate(table.names):
        word = table.column(place).str.extract(begins, 1)
        rows = word.is_not_null() & (no_day | no_lot)
        others = word.is_not_null() & ~rows
        if rows.any() and name:
            texts = sorted({text.lower() for text in word.filter(rows).unique()})
            why = [f"totals, {many(int(rows.sum()), 'row')} without a day or an id: {table.where(rows)}"]
            if others.any():  # a condition would take them too
                why.append(f"the condition would also take {table.where(others)}, which are lots: make it narrower")
            made.append(
                Left({"column": name, "begins": texts} | ({"note": OPEN} if others.any() else {}), rows, tuple(why))
            )
    return made


def total(names: Names) -> str:
    """The pattern of a text that begins with a word for a total."""
    return rf"(?i)^({'|'.join(re.escape(word) for word in sorted(names.total, key=len, reverse=True))})(\W|$)"


def _headings(table: Table, found: Found, stay: pl.Series) -> list[Left]:
    """Rows of one cell alone, such as the name of a section, where every row without a cost is one."""
    place = found.place("cost")
    if place is None:
        place = found.place("unit_cost")
    if place is None:
        return []
    filled = table.cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    without = table.column(place).is_null() & table.says & stay
    single = without & (filled <= FILLED_OF_A_HEADING)
    if not single.any():
        return []
    others = without & ~single & stay
    texts = table.cells.filter(single).select(pl.coalesce(pl.all())).to_series()
    said = f"{many(int(single.sum()), 'row')} of one cell alone, as {texts[0]!r}: {table.where(single)}"
    condition: dict[str, Any] = {"column": table.names[place], "blank": True}
    more: tuple[str, ...] = ()
    if others.any():
        lots = found.place("lot_id")
        unclear = others if lots is None else others & table.column(lots).is_not_null()
        if unclear.any():
            condition["note"] = OPEN
            more = (f"the condition also takes {table.where(unclear)}, which hold more: are they lots without a cost?",)
    return [Left(condition, without, (said, *more))]


def _gone(table: Table, found: Found, stay: pl.Series) -> list[Left]:
    """What the register says is no longer there, or in another state: whether to skip it is for its owner to decide."""
    nothing = stay & ~stay
    made = []
    for place in found.places.get("gone", ()):
        rows = table.column(place).is_not_null() & stay
        if rows.any():
            said = f"{many(int(rows.sum()), 'row')} with a {table.names[place]!r}: {table.where(rows)}"
            do = "write a note to skip them, or take the condition out and record their disposals as events"
            made.append(Left({"column": table.names[place], "filled": True, "note": OPEN}, nothing, (said, do)))
    for place in found.places.get("status", ()):
        counts = table.column(place).filter(stay).value_counts(sort=True, name="len").drop_nulls()
        if 1 < len(counts) <= MOST_VALUES:
            listed = ", ".join(f"{text!r} {rows:,}" for text, rows in counts.iter_rows())
            do = "write those that are not held, or take the condition out"
            made.append(Left({"column": table.names[place], "equals": OPEN}, nothing, (f"rows by it: {listed}", do)))
    return made
