"""Where in a file the table is: the sheet, what separates the columns, the encoding, and the rows of the header."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from depr.errors import refuse
from depr.intake import bounds
from depr.intake.apart import read_text, sheets_of
from depr.intake.layout import DELIMITERS, Layout, Text, Written, folded, heading
from depr.intake.merged import Span, headed, merged
from depr.intake.tables import other_encodings

Known = Callable[[str], bool]
"""Whether a name is one that registers have."""

HEAD_BYTES = 1 << 18
HEAD_ROWS = 60
"""How much of a file may stand above its header."""


@dataclass(frozen=True)
class Grid:
    """The cells of a table below its header, by the place of their column, and what was seen on the way to it.

    `encodings` are those in which a CSV file may be written where it is no UTF-8; `titles` stand above the header.
    """

    text: Text
    names: tuple[str, ...]
    above: int
    header_rows: int
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8"
    encodings: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    merged: tuple[Span, ...] = ()
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> pl.DataFrame:
        """The table below the header, its columns named by their places."""
        return self.text.table

    def words(self, place: int) -> str:
        """The name of a column for a comment."""
        return repr(self.names[place]) if self.names[place] else f"the column without a name at place {place + 1}"


def grids(path: Path, how: Written, known: Known) -> list[Grid]:
    """The tables of a file, one a sheet that holds one; `known` says which names are of columns. Raises `Refused`."""
    if path.suffix.lower() == ".csv":
        return [_of_csv(path, how, known)]
    if path.suffix.lower() == ".xlsx":
        sheets = tuple(sheets_of(path)) if path.is_file() else ()
        wanted = [how.sheet] if how.sheet else sheets
        found = [
            _below_header(_raw(path, Written(sheet=name)), known, name, spans=merged(path, name)) for name in wanted
        ]
        return [replace(each, sheets=sheets) for each in found if each is not None]
    text = read_text(path, Layout(None, ()), how)
    names = tuple(text.table.columns)
    places = {name: str(place) for place, name in enumerate(names)}
    table = text.table.select(pl.col(name).alias(place) for name, place in places.items())
    exact = frozenset(places[name] for name in text.exact)
    return [Grid(replace(text, table=table, exact=exact), names, 0, 1)]


def _raw(path: Path, how: Written, above: int = 0) -> Text:
    """Every cell as text, in columns that are named by their places."""
    places = [str(place) for place in range(bounds.COLUMNS)]
    return read_text(path, Layout(None, (), typed=places, skip_rows=above, header_rows=0), how)


def _of_csv(path: Path, how: Written, known: Known) -> Grid:
    if not path.is_file():
        raise refuse(str(path), "no such file", do="check the path")
    encodings = (how.encoding,) if how.encoding else other_encodings(path)
    encoding = encodings[0] if encodings else "utf-8"
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).decode(encoding, "replace").removeprefix("\ufeff")
    lines = head.splitlines()[: -1 if len(head) >= HEAD_BYTES // 4 else None]
    delimiter, seen = (how.delimiter, "") if how.delimiter else _delimiter(lines)
    rows = list(csv.reader(lines[:HEAD_ROWS], delimiter=delimiter))
    above = _header_at(rows, known)
    text = _raw(path, Written(delimiter=delimiter, encoding=encoding), above)
    grid = _below_header(text, known, None, above)
    if grid is None:
        raise refuse(path.name, "holds no table", "no row of it names columns", "name the columns in a row above them")
    titles = tuple(cell.strip() for row in rows[:above] for cell in row if cell.strip())
    return replace(
        grid,
        titles=(*titles, *grid.titles),
        delimiter=delimiter,
        encoding=encoding,
        encodings=encodings,
        seen=grid.seen | {"delimiter": seen},
    )


def _delimiter(lines: Sequence[str]) -> tuple[str, str]:
    """The mark by which most lines have the same number of cells, more than one."""
    best = (0, 0, ",")
    for mark in DELIMITERS.values():
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if row)
        cells, alike = max(counts.items(), key=lambda each: (each[0] > 1, each[1], each[0]), default=(0, 0))
        best = max(best, (alike if cells > 1 else 0, cells, mark))
    alike, cells, mark = best
    return mark, f"{alike} of the first {len(lines)} lines have {cells} cells by it"


def _header_at(rows: Sequence[Sequence[str | None]], known: Known) -> int:
    """The row that names most columns that are known, else the first that names as many as any row has cells."""
    met = [_met([cell or "" for cell in row], known) for row in rows]
    if max(met, default=0) > 1:
        return met.index(max(met))
    filled = [sum(bool((cell or "").strip()) for cell in row) for row in rows]
    return filled.index(max(filled)) if any(filled) else 0


def _met(names: Sequence[str], known: Known) -> int:
    """How many names of a header registers have."""
    return sum(known(name) for name in {folded(each): each for each in names if each.strip()}.values())


def _below_header(
    text: Text, known: Known, sheet: str | None, skipped: int = 0, spans: Sequence[Span] = ()
) -> Grid | None:
    """The table below its header; None for a sheet without one."""
    rows = text.table.head(HEAD_ROWS).rows()
    at = _header_at(rows, known)
    if not rows or sum(bool((cell or "").strip()) for cell in rows[at]) < FEWEST or len(text.table) <= at + 1:
        return None
    names = heading(rows[at : at + 1])
    first = at
    if at and _met(spanned := headed(rows[at - 1 : at + 1], spans, at - 1), known) > _met(names, known):
        names = spanned  # a row above it names several of its columns
        first = at - 1
    below = at + 1
    cut = replace(
        text,
        table=text.table.slice(below),
        mixed=text.mixed.slice(below),
        exact=frozenset(),
        first_row=skipped + below + 1,
    )
    met = _met(names, known)
    seen = f"row {skipped + at + 1} names {sum(map(bool, names))} columns, {met} of them by names that registers have"
    titles = tuple(cell.strip() for row in rows[:first] for cell in row if cell and cell.strip())
    return Grid(
        cut,
        tuple(names),
        skipped + first,
        at - first + 1,
        sheet,
        titles=titles,
        merged=tuple(spans),
        seen={"header": seen},
    )


FEWEST = 3
"""Columns that a register has at least."""
