"""Which rows of an export are of the register: blanks that say as above, and rows that are skipped, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from depr.intake.layout import recognised
from depr.intake.mapping.model import ALL, Mapping, Skip

FIRST = 5
"""Rows that are named one by one."""


@dataclass(frozen=True)
class Skipped:
    """Rows that a condition of the mapping leaves out: how many, and the first of them."""

    condition: str
    rows: int
    first: tuple[int, ...]

    def __str__(self) -> str:
        listed = ", ".join(map(str, self.first)) + (" ..." if self.rows > len(self.first) else "")
        return f"{self.rows:,} where {self.condition} (row{'s' * (self.rows > 1)} {listed})"


def skipped_in(file: str, skipped: Sequence[Skipped]) -> str:
    """What a mapping leaves out of a file, in a line, since nothing is dropped unseen."""
    total = sum(each.rows for each in skipped)
    return f"{file}: {total:,} row{'s' * (total > 1)} skipped by the mapping: {'; '.join(map(str, skipped))}"


def kept(table: pl.DataFrame, mapping: Mapping, first_row: int) -> tuple[pl.DataFrame, tuple[Skipped, ...]]:
    """Their table of text with blanks filled from above and nothing in the rows that are skipped; and those, counted.

    A row counts under the first condition that it meets; a condition also sees what a row was given from above.
    """
    down = [mapping.columns[name] for name in mapping.fill_down if mapping.columns[name] in table.columns]
    marks = table.select(_marks(mapping.skip, table.columns))
    if down:
        table = _filled_down(table, down, mapping.skip)
        again = table.select(_marks(mapping.skip, table.columns))
        marks = marks.with_columns(marks[name] | again[name] for name in marks.columns)
    if not mapping.skip:
        return table, ()
    away = marks.select(pl.any_horizontal(pl.all())).to_series()
    return table.with_columns(pl.when(~away).then(pl.all())), _counted(marks, mapping.skip, first_row)


def _filled_down(table: pl.DataFrame, down: Sequence[str], skip: Sequence[Skip]) -> pl.DataFrame:
    """A blank cell says what the cell above it says, and a row that says nothing stays so.

    Of a row that is skipped a blank is passed over. Its text is given on, but where that begins with or holds what the
    row is skipped for, as a word for a total: below it is not certain what a blank says, and it stays one.
    """
    nothing = pl.all_horizontal(pl.all().fill_null("").str.strip_chars() == "")
    filled = []
    for name in down:
        own = [each for each in skip if not each.equals and each.column in (ALL, *_spellings(name, skip))]
        ends = pl.any_horizontal(pl.lit(False), *_marks(own, table.columns))
        away = pl.any_horizontal(pl.lit(False), *_marks(skip, table.columns))
        cell = pl.col(name)
        says = pl.when(cell.str.strip_chars() != "").then(pl.when(ends).then(pl.lit(NOBODY)).otherwise(cell))
        above = says.forward_fill()
        filled.append(pl.when(nothing | away | (above == NOBODY)).then(cell).otherwise(above).alias(name))
    return table.with_columns(filled)


def _spellings(name: str, skip: Sequence[Skip]) -> list[str]:
    """How the conditions on a column spell it."""
    return [each.column for each in skip if _named(each.column, [name]) == name]


NOBODY = "\0"
"""What stands above a blank of which nobody knows what it says."""


def _counted(marks: pl.DataFrame, conditions: Sequence[Skip], first_row: int) -> tuple[Skipped, ...]:
    left = pl.Series([True]).new_from_index(0, len(marks))
    found = []
    for condition, mark in zip(conditions, marks.iter_columns(), strict=True):
        rows = (mark & left).arg_true()
        left &= ~mark
        if len(rows):
            found.append(Skipped(condition.words, len(rows), tuple(row + first_row for row in rows.head(FIRST))))
    return tuple(found)


def _marks(conditions: Sequence[Skip], columns: Sequence[str]) -> list[pl.Expr]:
    return [_mark(each, columns).fill_null(False).alias(str(number)) for number, each in enumerate(conditions)]


def _mark(condition: Skip, columns: Sequence[str]) -> pl.Expr:
    """Whether a row meets a condition; a row without any text is none, and meets none."""
    if condition.blank or condition.filled:
        says = pl.any_horizontal(pl.col(columns).fill_null("").str.strip_chars() != "")
        blank = pl.col(_named(condition.column, columns)).fill_null("").str.strip_chars() == ""
        return says & (blank if condition.blank else ~blank)
    named = columns if condition.column == ALL else [_named(condition.column, columns)]
    return pl.any_horizontal(_met(pl.col(name).str.strip_chars().str.to_lowercase(), condition) for name in named)


def _named(column: str, columns: Sequence[str]) -> str:
    return recognised([column], columns)[0]


def _met(cell: pl.Expr, condition: Skip) -> pl.Expr:
    if condition.differs:
        return ~cell.is_in([text.strip().lower() for text in condition.differs])
    if condition.equals:
        return cell.is_in([text.strip().lower() for text in condition.equals])
    if condition.begins:
        return pl.any_horizontal(cell.str.starts_with(text.lower()) for text in condition.begins)
    return pl.any_horizontal(cell.str.contains(text.lower(), literal=True) for text in condition.contains)
