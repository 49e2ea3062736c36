"""The sheets that are read together as one table: their cells, which of them are no text, and where each row stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from depr.intake.suggest.grid import Grid


def shape(text: pl.Expr) -> pl.Expr:
    """A text with 9 for every digit: cells of one shape are read by the same forms."""
    return text.str.replace_all("[0-9]", "9")


SHOWN = 5
"""Rows that are named one by one."""


def many(number: int, word: str) -> str:
    """How many of something, in words: 1 cell, 2 cells."""
    return f"{number:,} {word}{'s' * (number != 1)}"


@dataclass(frozen=True)
class Table:
    """Tables of one header below each other."""

    grids: Sequence[Grid]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.grids[0].names

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Every cell without the blanks around it, null where nothing is left; columns are named by their places."""
        whole = pl.concat([each.cells for each in self.grids], how="diagonal")
        return whole.select(pl.all().str.strip_chars()).select(pl.when(pl.all() != "").then(pl.all()))

    @cached_property
    def says(self) -> pl.Series:
        """Which rows say anything."""
        return self.cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()

    def column(self, place: int) -> pl.Series:
        """The cells of a column."""
        return self.cells[str(place)]

    def real(self, place: int) -> pl.Series:
        """Which cells of a column a workbook keeps as a number or a date."""
        name = str(place)
        parts = [
            each.text.mixed[name]
            if name in each.text.mixed.columns
            else pl.Series([name in each.text.exact]).new_from_index(0, len(each.cells))
            for each in self.grids
        ]
        return pl.concat(parts)

    def counted(self, place: int, rows: pl.Series, *, real: bool = False) -> pl.DataFrame:
        """The different texts of a column in some rows (text, len), or what is no text (`real`)."""
        own = self.real(place)
        held = self.column(place).filter(rows & (own if real else ~own)).drop_nulls()
        return held.value_counts(name="len").rename({str(place): "text"})

    def shapes(self, place: int, rows: pl.Series) -> pl.DataFrame:
        """The different shapes of the texts of a column in some rows (shape, len), each with an example (text)."""
        name = str(place)
        held = self.cells.filter(rows & ~self.real(place) & self.column(place).is_not_null()).select(name)
        shaped = held.group_by(shape(pl.col(name)).alias("shape"))
        return shaped.agg(pl.len(), pl.col(name).first().alias("text"))

    def below(self, place: int, row: int) -> bool:
        """Whether a cell is part of a merged one that begins above it."""
        for each in self.grids:
            if row < len(each.cells):
                at = each.text.first_row - 1 + row
                return any(span.left <= place <= span.right and span.top < at <= span.bottom for span in each.merged)
            row -= len(each.cells)
        raise IndexError(row)

    def where(self, rows: pl.Series) -> str:
        """Some rows, in words."""
        at = rows.arg_true()
        said = [self._row(int(index)) for index in at.head(SHOWN)]
        listed = ", ".join(said) + (f" and {len(at) - SHOWN:,} more" if len(at) > SHOWN else "")
        return f"row{'s' * (len(at) > 1)} {listed}"

    def _row(self, index: int) -> str:
        for each in self.grids:
            if index < len(each.cells):
                number = each.text.first_row + index
                return f"{number} of {each.sheet}" if len(self.grids) > 1 else str(number)
            index -= len(each.cells)
        raise IndexError(index)

    @property
    def words(self) -> list[str]:
        """The names of the columns for a comment."""
        return [repr(name) for name in self.names if name]
