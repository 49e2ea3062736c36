"""Workbooks in: one sheet of an XLSX file as a table of text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import fastexcel
import polars as pl
import pyarrow as pa

from depr.errors import Finding, Refused, refuse
from depr.intake.layout import Layout, Text, heading, placed
from depr.intake.merged import headed, merged

KEPT_DIGITS = 15
"""Digits of a number that a workbook keeps; spreadsheet programs put zeros in the place of the others."""


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds any cell: its cells as text, whether a person sees it, and the cells that hold errors."""

    name: str
    cells: pa.RecordBatch
    visible: bool
    faults: Sequence[Finding]


def xlsx(path: Path, layout: Layout) -> Text:
    """A sheet: the one that is named, else the only one that holds anything.

    Numbers are read as the shortest decimal that means the same. Raises `Refused` when several sheets hold something
    and none is named, and for numbers of more digits than a workbook keeps.
    """
    book = fastexcel.read_excel(path)
    if layout.sheet is not None and layout.sheet not in book.sheet_names:
        raise refuse(path.name, f"no sheet {layout.sheet!r}", do=f"name one of: {', '.join(book.sheet_names)}")
    filled = list(_filled(path.name, book, layout.sheet))
    sheet = _chosen(path.name, book, filled)
    if sheet.faults:
        raise Refused(sheet.faults)
    name = path.name if len(book.sheet_names) < 2 or layout.sheet is None else f"{path.name}[{sheet.name}]"
    above = layout.above(sheet.name)
    below = above + layout.header_rows
    cells = sheet.cells
    if cells.num_rows < below:
        why = f"sheet {sheet.name!r} has no row below the {above} that are skipped"
        raise refuse(path.name, "cannot be read as a table", why, "correct it")
    header: list[list[str | None]] = [[column[row].as_py() for column in cells.columns] for row in range(above, below)]
    several = layout.header_rows > 1
    names = headed(header, merged(path, sheet.name), above) if several else heading(header, cells.num_columns)
    whole = pl.DataFrame(pa.Table.from_batches([cells.slice(below)]).rename_columns(list(map(str, range(len(names))))))
    places = placed(name, names, whole, below, layout)
    table = whole.select(pl.nth(place).alias(column) for column, place in places.items())
    wide = {column: _too_long(table[column], column in layout.numbers) for column in table.columns}
    wide = {column: long for column, long in wide.items() if long.any()}
    real = _real(book, sheet.name, {n: places[n] for n in places if n in wide or n in layout.typed}, below)
    _check_digits(name, table, {column: wide[column] & real[column] for column in wide}, places, below)
    held = {column: table[column].is_not_null() for column in real.columns if column in layout.typed}
    exact = frozenset(column for column, there in held.items() if there.any() and real[column].equals(there))
    mixed = real.select(column for column in held if column not in exact and real[column].any())
    return Text(name, _without_noise(table, layout, exact, mixed), exact, mixed, below + 1)


def _without_noise(table: pl.DataFrame, layout: Layout, exact: frozenset[str], mixed: pl.DataFrame) -> pl.DataFrame:
    """Amounts that are binary fractions as the shortest decimal that means the same."""
    columns = [name for name in layout.numbers if name in table.columns]
    whole = [_shortest(pl.col(name)) for name in columns if not layout.typed or name in exact]
    some = [
        pl.when(pl.lit(mixed[name])).then(_shortest(pl.col(name))).otherwise(pl.col(name)).alias(name)
        for name in columns
        if name in mixed.columns
    ]
    return table.with_columns(*whole, *some)


def sheet_names(path: Path) -> list[str]:
    """The names of the sheets that hold anything. Raises `Refused`."""
    try:
        return [sheet.name for sheet in _filled(path.name, fastexcel.read_excel(path), None)]
    except (fastexcel.FastExcelError, OSError, ValueError) as fault:
        raise unreadable(path.name, fault) from None


def unreadable(file: str, fault: Exception) -> Refused:
    """What the reader of a format says of a file, in words."""
    reason = str(fault).splitlines()[0]
    row = AT_ROW.search(reason)
    do = "save it again as UTF-8 CSV, Parquet or XLSX"
    return refuse(file, "cannot be read as a table", reason, do, row=int(row[1]) if row else 0)


AT_ROW = re.compile(r"Row #(\d+)")


def _filled(file: str, book: fastexcel.ExcelReader, wanted: str | None) -> Iterator[Sheet]:
    """The sheet that is wanted, else those with any cell that is not blank, hidden ones too; charts hold none."""
    for name in book.sheet_names if wanted is None else [wanted]:
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        cells, faults = sheet.to_arrow_with_errors()
        wrong = [_error_cell(file, *fault.position, fault.detail) for fault in faults.errors] if faults else []
        text = pl.DataFrame(pa.Table.from_batches([cells])) if cells.num_rows else pl.DataFrame()
        if wanted is not None or wrong or any((column.str.strip_chars() != "").any() for column in text.iter_columns()):
            yield Sheet(name, cells, sheet.visible == "visible", wrong)


def _chosen(file: str, book: fastexcel.ExcelReader, filled: Sequence[Sheet]) -> Sheet:
    if not filled:
        which = "its first sheet is" if len(book.sheet_names) == 1 else "all of its sheets are"
        raise refuse(file, "cannot be read as a table", f"{which} empty", "fill the first sheet")
    if len(filled) > 1:
        listed = ", ".join(sheet.name + " (hidden)" * (not sheet.visible) for sheet in filled)
        raise refuse(
            file,
            f"{len(filled)} sheets hold something: {listed}",
            "which of them is meant is not certain, and nothing is dropped unseen",
            f"say which with --sheet, as in --sheet '{filled[0].name}'; depr import also reads --sheet all",
        )
    return filled[0]


def _check_digits(
    file: str, table: pl.DataFrame, long: dict[str, pl.Series], places: dict[str, int], below: int
) -> None:
    """Refuses numbers of more digits than a workbook keeps: what the last ones were is not known."""
    found = [
        _long(file, row + below + 1, places[name], name, table[name][row])
        for name, rows in long.items()
        for row in rows.arg_true()
    ]
    if found:
        raise Refused(found)


def _real(book: fastexcel.ExcelReader, sheet: str, places: dict[str, int], below: int) -> pl.DataFrame:
    """Of each cell of some columns whether it is a number or a date: a text is no truth value and no date."""
    order = sorted(places, key=lambda name: places[name])
    if not order:
        return pl.DataFrame()
    columns = [places[name] for name in order]
    kinds: tuple[Literal["boolean", "date"], ...] = ("boolean", "date")
    number, day = (
        book.load_sheet(sheet, header_row=None, skip_rows=below, use_columns=columns, dtypes=kind)
        .to_arrow_with_errors()[0]
        .columns
        for kind in kinds
    )
    return pl.DataFrame(
        [
            (pl.Series(one).is_not_null() | pl.Series(other).is_not_null()).alias(name)
            for name, one, other in zip(order, number, day, strict=True)
        ]
    )


def _too_long(column: pl.Series, amounts: bool) -> pl.Series:
    """Whether cells are digits, more than a workbook keeps of a number; of `amounts` those that could be one."""
    shortest = pl.select(_shortest(pl.lit(column))).to_series()
    digits = shortest.str.replace_all(r"[-.]", "").str.strip_chars_start("0").str.len_chars()
    form = r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$" if amounts else r"^-?[0-9]+(\.[0-9]+)?$"
    return (shortest.str.contains(form) & (digits > KEPT_DIGITS)).fill_null(False)


def _long(file: str, row: int, place: int, name: str, text: str) -> Finding:
    what = f"{name} {text} in cell {_letters(place)}{row} is a number of more than {KEPT_DIGITS} digits"
    why = f"a workbook keeps {KEPT_DIGITS} digits of a number: the last ones are not what was typed"
    return Finding(file, row, what, why, "format the column as text and enter it again", "digits")


def _letters(place: int) -> str:
    """0 is A, 25 Z, 26 AA."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


BINARY_NOISE = r"^-?[0-9]+\.[0-9]{3,}$"
"""A number of a sheet is a binary fraction, and 33333333.33 arrives as 33333333.329999998."""


def _shortest(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False).cast(pl.String)
    return pl.when(text.str.contains(BINARY_NOISE)).then(number).otherwise(text)


def _error_cell(file: str, row: int, column: int, detail: str) -> Finding:
    what = f"column {column + 1} holds an error: {detail}"
    return Finding(file, row + 1, what, "a formula of the sheet failed", "correct it in the sheet", "cell")
