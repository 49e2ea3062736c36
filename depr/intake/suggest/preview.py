"""How each column is read by a suggested mapping: its first cell, and how many are read."""

from __future__ import annotations

import polars as pl

from depr.intake.forms import PURCHASES, filled
from depr.intake.mapping import OPEN, Mapping, translated
from depr.intake.suggest.columns import Found
from depr.intake.suggest.draft import Draft
from depr.intake.suggest.table import Table
from depr.intake.suggest.values import Read

COLUMNS = ("column", "theirs", "first_cell", "read_as", "cells", "blank", "not_read")


def preview(draft: Draft, table: Table, which: Found, stay: pl.Series, read: Read) -> pl.DataFrame:
    """One row a column of ours: what it is called, its first cell and how it is read, and how many are not."""
    rows: list[tuple[str | int | None, ...]] = []
    for ours, theirs in draft.document["columns"].items():
        place = which.place(ours)
        if place is None:
            rows.append((ours, OPEN, None, None, 0, 0, 0))
            continue
        cells = table.column(place).filter(stay)
        held = cells.drop_nulls()
        first = held[0] if len(held) else None
        real = bool(table.real(place).filter(stay & table.column(place).is_not_null())[0]) if first else False
        missed = read.unread.get(ours, pl.DataFrame())
        listed = draft.document.get("values", {}).get(ours, {})
        left = sum(rows for text, rows in missed.iter_rows()) if missed.width else 0
        left += sum(int((held == text).sum()) for text, value in listed.items() if value == OPEN and not missed.width)
        rows.append(
            (ours, theirs, first, _read(draft, ours, theirs, first, real), len(cells), cells.null_count(), left)
        )
    kinds = dict.fromkeys(COLUMNS[:4], pl.String) | dict.fromkeys(COLUMNS[4:], pl.Int64)
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _read(draft: Draft, ours: str, theirs: str, cell: str | None, real: bool) -> str | None:
    """A cell as the mapping reads it; a question mark where that is not decided."""
    kept = {key: value for key, value in draft.document.items() if key not in ("skip", "fill_down", "sheet", "ignore")}
    signs = kept.pop("signs", {})
    undecided = {key for key, value in kept.items() if value == OPEN}
    number = ours in (*PURCHASES.amounts, *PURCHASES.integers)
    if cell is None:
        return None
    if (ours in PURCHASES.dates and undecided & {"date", "pivot"}) or (number and undecided & {"decimal", "thousands"}):
        return OPEN
    own = {key: value for key, value in kept.items() if key not in (*undecided, "columns", "constants", "values")}
    own = {key: value for key, value in own.items() if ours in PURCHASES.dates or key not in ("date", "pivot")}
    values = draft.document.get("values", {}).get(ours, {})
    own |= {"columns": {ours: theirs}, "values": {ours: values} if values else {}}
    own |= {"constants": {"currency": "USD"}} if number else {}
    own["negated"] = [name for name in kept.get("negated", ()) if name == ours]
    own["signs"] = dict.fromkeys(signs, "USD")
    exact = frozenset([theirs] if real else [])
    row = filled(pl.DataFrame({theirs: [cell]}), 1)
    read: str | None = translated(row, Mapping.model_validate(own), exact)[ours].item()
    return read and read.removesuffix(" 00:00:00")
