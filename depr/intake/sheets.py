"""Workbooks in: one sheet of an XLSX file as a table of text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa

from depr.errors import Finding, Refused, refuse
from depr.intake.layout import Layout, Text, named

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
    above = layout.skip_rows
    cells = sheet.cells
    if cells.num_rows <= above:
        why = f"sheet {sheet.name!r} has no row below the {above} that are skipped"
        raise refuse(path.name, "cannot be read as a table", why, "correct it")
    names = [column[above].as_py() for column in cells.columns]
    table = named(name, names, pa.Table.from_batches([cells.slice(above + 1)]), above + 1)
    _check_digits(name, book, sheet.name, table, layout)
    exact = _exact(name, book, sheet.name, names, layout)
    real = [name for name in layout.numbers if name in table.columns and (not layout.typed or name in exact)]
    return Text(name, table.with_columns(_shortest(pl.col(column)) for column in real), exact)


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


def _check_digits(file: str, book: fastexcel.ExcelReader, sheet: str, table: pl.DataFrame, layout: Layout) -> None:
    """Refuses numbers of more digits than a workbook keeps: what the last ones were is not known."""
    wide = {name: table[name].filter(_too_long(table[name], name in layout.numbers)) for name in table.columns}
    places = [place for place, name in enumerate(table.columns) if len(wide[name])]
    if not places:
        return
    as_numbers = book.load_sheet(
        sheet, header_row=None, skip_rows=layout.skip_rows + 1, use_columns=places, dtypes="boolean"
    ).to_arrow_with_errors()[0]  # a text is no truth value, a number is one
    found = []
    for place, numbers in zip(places, as_numbers.columns, strict=True):
        name = table.columns[place]
        number = pl.Series(numbers).is_not_null()
        long = (_too_long(table[name], name in layout.numbers) & number).arg_true()
        found += [_long(file, row + layout.skip_rows + 2, place, name, table[name][row]) for row in long]
    if found:
        raise Refused(found)


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


def _exact(file: str, book: fastexcel.ExcelReader, sheet: str, names: list[str], layout: Layout) -> frozenset[str]:
    """Columns of a sheet that hold numbers or dates as such. A column of both these and text is refused."""
    places = [place for place, name in enumerate(names) if name in layout.typed]
    if not places:
        return frozenset()
    try:
        typed = book.load_sheet(
            sheet,
            header_row=None,
            skip_rows=layout.skip_rows + 1,
            schema_sample_rows=None,
            dtype_coercion="strict",
            use_columns=places,
        )
    except fastexcel.UnsupportedColumnTypeCombinationError as fault:
        at = COLUMN_AT.search(str(fault))
        which = names[int(at[1])] if at else "of the sheet"
        why = "whether 1.234 is a number or a text in a form of its own cannot be told for all"
        raise refuse(file, f"column {which} holds both numbers or dates and text", why, "make it one") from None
    return frozenset(names[column.index] for column in typed.selected_columns if column.dtype in SHEET_VALUES)


COLUMN_AT = re.compile(r"column __UNNAMED__(\d+)")
SHEET_VALUES = ("int", "float", "date", "datetime")


BINARY_NOISE = r"^-?[0-9]+\.[0-9]{3,}$"
"""A number of a sheet is a binary fraction, and 33333333.33 arrives as 33333333.329999998."""


def _shortest(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False).cast(pl.String)
    return pl.when(text.str.contains(BINARY_NOISE)).then(number).otherwise(text)


def _error_cell(file: str, row: int, column: int, detail: str) -> Finding:
    what = f"column {column + 1} holds an error: {detail}"
    return Finding(file, row + 1, what, "a formula of the sheet failed", "correct it in the sheet", "cell")
