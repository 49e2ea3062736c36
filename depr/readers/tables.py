"""Tables in: a CSV, Parquet or XLSX file as a table of text, read strictly."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa
from pyarrow import csv

from depr.errors import Finding, Refused, refuse


@dataclass(frozen=True)
class Layout:
    """Where in a file the table is, and how a CSV file is written.

    `known` are the columns one may expect (None: any), `wanted` those there must be; `numbers` those that hold amounts;
    `typed` those in which a sheet may hold numbers and dates as such, where text would be in a form of its own.
    """

    known: Collection[str] | None
    numbers: Collection[str]
    typed: Collection[str] = ()
    wanted: Collection[str] = ()
    skip_rows: int = 0
    sheet: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8"

    def expects(self, columns: Collection[str]) -> bool:
        """Whether this is the header that one may expect."""
        return set(self.wanted) <= set(columns) and (self.known is None or set(columns) <= set(self.known))


@dataclass(frozen=True)
class Text:
    """A table of text; in the columns `exact` the cells were numbers or dates: 1234.5 and 2025-03-31 in any land."""

    table: pl.DataFrame
    exact: frozenset[str] = frozenset()


def read_here(path: Path, layout: Layout) -> Text:
    """The file as a table of text, in this process. Raises `Refused`."""
    try:
        return READERS[path.suffix.lower()](path, layout)
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError, OSError, ValueError) as fault:
        reason = str(fault).splitlines()[0]
        row = AT_ROW.search(reason)
        raise refuse(
            path.name,
            "cannot be read as a table",
            reason,
            "save it again as UTF-8 CSV, Parquet or XLSX",
            row=int(row[1]) if row else 0,
        ) from None


AT_ROW = re.compile(r"Row #(\d+)")
CSV_BLOCK_BYTES = 1 << 24
"""A row has to fit into one block; the reader holds a few of them."""


def _csv(path: Path, layout: Layout) -> Text:
    """Every row must have as many cells as the header; a blank line is a row of blanks."""
    data = _utf8(path.read_bytes(), layout.encoding)
    _check_quotes(path, data, layout.delimiter)
    if data and not LINE_END.search(data):
        data += b"\n"  # a header alone, which the reader takes for nothing
    ragged: list[csv.InvalidRow] = []
    more = count()

    def note(row: csv.InvalidRow) -> str:
        if len(ragged) < RAGGED:
            ragged.append(row)
        else:
            next(more)
        return "skip"

    at = csv.ReadOptions(use_threads=False, block_size=CSV_BLOCK_BYTES, skip_rows=layout.skip_rows)  # rows are counted
    rows = csv.ParseOptions(
        delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
    )
    whole = _owned(data)
    del data
    table = csv.read_csv(pa.BufferReader(whole), at, rows, csv.ConvertOptions(default_column_type=pa.string()))
    named = _named(path, table.column_names, table, layout.skip_rows + 1)
    if ragged and layout.expects(named.columns):  # else the header is what is wrong
        found = [_ragged(path.name, row, layout.delimiter) for row in ragged]
        beyond = next(more)
        rest = [Finding(path.name, 0, f"{beyond:,} more rows have too few or too many cells")] if beyond else []
        raise Refused([*found, *rest])
    return Text(named)


RAGGED = 100
"""Rows of another number of cells that are named one by one."""


def _owned(data: bytes) -> pa.Buffer:
    """The same bytes in Arrow's own memory: its threads may let go of them after the interpreter has ended."""
    buffer = pa.allocate_buffer(len(data))
    memoryview(buffer).cast("B")[:] = data
    return buffer


def _utf8(data: bytes, encoding: str) -> bytes:
    whole = data if encoding == "utf-8" else data.decode(encoding).encode()
    return whole.removeprefix(codecs.BOM_UTF8)


LINE_END = re.compile(rb"[\r\n]")


def _check_quotes(path: Path, data: bytes, delimiter: str) -> None:
    """Outside of whole quoted cells there is no quote: a stray one would join the rows up to the next."""
    stray = stray_quote(data, delimiter) if b'"' in data else -1
    if stray >= 0:
        row = len(_QUOTED.sub(b"", data[: stray + 1]).splitlines())
        why, do = "where the cell ends is not certain", 'quote the whole cell and double the quotes in it: "15"" rack"'
        raise refuse(path.name, "a quote is not closed, or stands inside a cell", why, do, row=row)


_QUOTED = re.compile(rb'"[^"]*+"')


def stray_quote(data: bytes, delimiter: str) -> int:
    """Where the first quote stands that opens no whole cell, or none that is closed; -1 if there is none.

    Quotes open and close in turn; one before a cell follows the end of another cell, one behind it is followed by it,
    and a doubled one closes and opens again.
    """
    whole = pl.Series(pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)]))
    quote, ends = ord('"'), [ord(delimiter), ord("\r"), ord("\n"), ord('"')]
    opened, is_open = -1, False
    for start in range(0, len(data), CSV_BLOCK_BYTES):
        at = (whole.slice(start, CSV_BLOCK_BYTES) == quote).arg_true().cast(pl.Int64) + start
        opening, closing = at.gather_every(2, int(is_open)), at.gather_every(2, int(not is_open))
        loose = [
            opening.filter(~whole.gather((opening - 1).clip(0)).is_in(ends)),
            closing.filter(~whole.gather((closing + 1).clip(upper_bound=len(data) - 1)).is_in(ends)),
        ]
        if any(len(found) for found in loose):
            first = min(found[0] for found in loose if len(found))
            before = opening.filter(opening <= first)
            return int(before[-1]) if len(before) else opened
        opened = int(opening[-1]) if len(opening) else opened
        is_open ^= len(at) % 2 == 1
    return opened if is_open else -1


def _ragged(file: str, row: csv.InvalidRow, delimiter: str) -> Finding:
    what = f"{row.actual_columns} cells, the header has {row.expected_columns}"
    do = f"quote cells that hold {'commas' if delimiter == ',' else repr(delimiter)}"
    return Finding(file, row.number, what, "what belongs where is not certain", do, "cells")


def _named(path: Path, names: Sequence[str | None], table: pa.Table, row: int) -> pl.DataFrame:
    """A table whose columns are all there under names of their own."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise refuse(path.name, f"column {', '.join(twice)} is there twice", do="keep one of them", row=row)
    if not all(names):
        raise refuse(path.name, "a column has no name", "nothing is dropped unseen", "name or delete it", row=row)
    return pl.DataFrame(table.rename_columns(list(names)))


EXACT = (pl.String, pl.Categorical, pl.Enum, pl.Decimal, pl.Date, pl.Datetime, pl.Boolean, pl.Null)


def _parquet(path: Path, layout: Layout) -> Text:
    """Typed columns as text; a decimal of larger scale loses the zeros beyond its second decimal."""
    table = pl.read_parquet(path)
    for name, dtype in table.schema.items():
        if dtype.is_float():
            raise refuse(
                path.name, f"column {name} holds floats", "they are not exact", "write decimals, integers or text"
            )
        if not dtype.is_integer() and dtype not in EXACT:
            raise refuse(path.name, f"column {name} holds {dtype}", "it is no plain value", "write text")
    longest = table.select(pl.selectors.string().str.len_bytes().max()).row(0) if len(table) else ()
    if max((size or 0 for size in longest), default=0) > CSV_BLOCK_BYTES:
        raise refuse(path.name, f"a cell holds more than {CSV_BLOCK_BYTES >> 20} MiB", do="correct it")
    exact = frozenset(name for name, dtype in table.schema.items() if dtype.is_numeric() or dtype.is_temporal())
    text = pl.selectors.decimal().cast(pl.String).str.replace(SPARE_ZEROS, "$1")
    return Text(table.with_columns(text).cast(pl.String), exact)


SPARE_ZEROS = r"(\.[0-9]{2}[0-9]*?)0+$"
BINARY_NOISE = r"^-?[0-9]+\.[0-9]{3,}$"
"""A number of a sheet is a binary fraction, and 33333333.33 arrives as 33333333.329999998."""


def _xlsx(path: Path, layout: Layout) -> Text:
    """A sheet, the first unless it is named. Numbers are read as the shortest decimal that means the same."""
    book = fastexcel.read_excel(path)
    if layout.sheet is not None and layout.sheet not in book.sheet_names:
        raise refuse(path.name, f"no sheet {layout.sheet!r}", do=f"name one of: {', '.join(book.sheet_names)}")
    sheet = layout.sheet if layout.sheet is not None else 0
    cells, faults = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_arrow_with_errors()
    if faults:
        raise Refused(_error_cell(path.name, *fault.position, fault.detail) for fault in faults.errors)
    above = layout.skip_rows
    if cells.num_rows <= above:
        which = "its first sheet" if layout.sheet is None else f"sheet {layout.sheet!r}"
        why = f"{which} is empty" if not above else f"{which} has no row below the {above} that are skipped"
        raise refuse(path.name, "cannot be read as a table", why, "fill the first sheet" if not above else "correct it")
    names = [column[above].as_py() for column in cells.columns]
    table = _named(path, names, pa.Table.from_batches([cells.slice(above + 1)]), above + 1)
    exact = _exact(path, book, sheet, names, layout)
    real = [name for name in layout.numbers if name in table.columns and (not layout.typed or name in exact)]
    return Text(table.with_columns(_shortest(pl.col(name)) for name in real), exact)


def _exact(
    path: Path, book: fastexcel.ExcelReader, sheet: str | int, names: list[str], layout: Layout
) -> frozenset[str]:
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
        raise refuse(path.name, f"column {which} holds both numbers or dates and text", why, "make it one") from None
    return frozenset(names[column.index] for column in typed.selected_columns if column.dtype in SHEET_VALUES)


COLUMN_AT = re.compile(r"column __UNNAMED__(\d+)")
SHEET_VALUES = ("int", "float", "date", "datetime")


def _shortest(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False).cast(pl.String)
    return pl.when(text.str.contains(BINARY_NOISE)).then(number).otherwise(text)


def _error_cell(file: str, row: int, column: int, detail: str) -> Finding:
    what = f"column {column + 1} holds an error: {detail}"
    return Finding(file, row + 1, what, "a formula of the sheet failed", "correct it in the sheet", "cell")


READERS: dict[str, Callable[[Path, Layout], Text]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx}
