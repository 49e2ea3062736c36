"""Tables in: a CSV, Parquet or XLSX file as a table of text, read strictly."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO

import fastexcel
import polars as pl
import pyarrow as pa
from pyarrow import csv

from depr.errors import Finding, Refused, refuse
from depr.intake.layout import DELIMITERS, ENCODINGS, Layout, Text, heading, placed, recognised
from depr.intake.sheets import unreadable, xlsx


def read_here(path: Path, layout: Layout) -> Text:
    """The file as a table of text, in this process. Raises `Refused`."""
    try:
        return READERS[path.suffix.lower()](path, layout)
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError, OSError, ValueError) as fault:
        raise unreadable(path.name, fault) from None


CSV_BLOCK_BYTES = 1 << 24
"""A row has to fit into one block; the reader holds a few of them."""


def _csv(path: Path, layout: Layout) -> Text:
    """Every row must have as many cells as the header; a blank line is a row of blanks."""
    data = _utf8(path.name, path.read_bytes(), layout)
    _check_delimiter(path.name, data, layout)
    _check_quotes(path, data, layout.delimiter)
    if not LINE_END.search(data):
        data += b"\n"  # a header alone, which the reader takes for nothing
    ragged: list[csv.InvalidRow] = []
    more = count()

    def note(row: csv.InvalidRow) -> str:
        if len(ragged) < RAGGED:
            ragged.append(row)
        else:
            next(more)
        return "skip"

    above = layout.above()
    bare = layout.header_rows == 0
    at = csv.ReadOptions(
        use_threads=False, block_size=CSV_BLOCK_BYTES, skip_rows=above, autogenerate_column_names=bare
    )  # rows are counted
    rows = csv.ParseOptions(
        delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
    )
    whole = _owned(data)
    del data
    table = csv.read_csv(pa.BufferReader(whole), at, rows, csv.ConvertOptions(default_column_type=pa.string()))
    names = table.column_names
    more_header = max(layout.header_rows - 1, 0)
    cells = pl.DataFrame(table.rename_columns(list(map(str, range(len(names))))))
    names = heading([] if bare else [names, *cells.head(more_header).rows()], len(names))
    below = above + layout.header_rows
    places = placed(path.name, names, cells.slice(more_header), below, layout)
    text = cells.slice(more_header).select(pl.nth(place).alias(name) for name, place in places.items())
    if ragged and layout.expects(text.columns):  # else the header is what is wrong
        found = [_ragged(path.name, row, layout.delimiter) for row in ragged]
        beyond = next(more)
        rest = [replace(found[0], row=0, what="more rows", rows=beyond)] if beyond else []
        raise Refused([*found, *rest])
    return Text(path.name, text, first_row=below + 1)


RAGGED = 100
"""Rows of another number of cells that are named one by one."""


def _owned(data: bytes) -> pa.Buffer:
    """The same bytes in Arrow's own memory: its threads may let go of them after the interpreter has ended."""
    buffer = pa.allocate_buffer(len(data))
    memoryview(buffer).cast("B")[:] = data
    return buffer


def _utf8(file: str, data: bytes, layout: Layout) -> bytes:
    """The bytes of a file in UTF-8, with a row below those that are skipped. Raises `Refused`."""
    if kind := next((kind for start, kind in OTHER_KINDS.items() if data.startswith(start)), None):
        raise refuse(file, "cannot be read as a table", f"it is no CSV file, it begins as {kind}", "name it so")
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if layout.encoding == "utf-8" and (marked or b"\0" in data[:HEADER_BYTES].partition(b"\n")[0]):
        why = "it is written in UTF-16"
        do = "say so: --encoding utf-16, or save it as UTF-8"
        if b"\0\0" in data[:8]:  # of four bytes a sign two are nothing
            why = "it is written in UTF-32"
            do = "save it as UTF-8"
        raise refuse(file, "cannot be read as a table", why, do, row=1)
    whole = _decoded(file, data.removeprefix(codecs.BOM_UTF8), layout.encoding)
    start = 0
    above = layout.above()
    for _ in range(above):
        end = ROW_END.search(whole, start)
        start = end.end() if end else len(whole)
    if start == len(whole):
        raise ValueError(f"it has no row below the {above} that are skipped" if whole else "Empty CSV file")
    return whole


def _decoded(file: str, data: bytes, encoding: str) -> bytes:
    try:
        if encoding != "utf-8":
            return data.decode(encoding).encode()
        at = _first_not_utf8(data)
    except UnicodeDecodeError as fault:
        at = fault.start
    if at < 0:
        return data
    row, other = (_row(data, at), "windows-1252") if encoding == "utf-8" else (0, "utf-8")
    why = f"byte 0x{data[at]:02x} is not {encoding.upper()}: the file is in another encoding"
    do = f"name it, as in --encoding {other}, or save the file as UTF-8"
    raise refuse(file, "cannot be read as a table", why, do, row=row)


OTHER_KINDS = {b"PK\x03\x04": "an .xlsx file does", b"PAR1": "a .parquet file does"}
ROW_END = re.compile(rb"\r\n|\r|\n")


def other_encodings(path: Path) -> tuple[str, ...]:
    """The encodings in which a file that is no UTF-8 may be written: of those that read it alike, the first."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return ("utf-16",)
        file.seek(0)
        if _is_utf8(file):
            return ()
        file.seek(0)
        lines = (line for line in iter(lambda: file.readline(LONGEST_LINE), b"") if not line.isascii())
        strange = b"".join(islice(lines, STRANGE_LINES))
    read: dict[str, str] = {}
    for name in ENCODINGS:
        with suppress(UnicodeDecodeError):
            if not name.startswith("utf"):
                read.setdefault(strange.decode(name), name)
    return tuple(read.values())


LONGEST_LINE = 1 << 16
STRANGE_LINES = 10_000
"""What is looked at to tell encodings apart: lines with more than ASCII."""


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in iter(lambda: file.read(CSV_BLOCK_BYTES), b""):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_not_utf8(data: bytes) -> int:
    """Where the first byte is that is not UTF-8; -1 if there is none. Nothing of the size of the file is made."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data) + 1, CSV_BLOCK_BYTES):
        before = len(decoder.getstate()[0])
        block = data[start : start + CSV_BLOCK_BYTES]
        try:
            decoder.decode(block, final=start + CSV_BLOCK_BYTES > len(data))
        except UnicodeDecodeError as fault:
            return start - before + fault.start
    return -1


def _row(data: bytes, at: int) -> int:
    """The row in which a byte stands, as a spreadsheet counts them: a quoted cell of several lines is in one."""
    return max(len((_QUOTED.sub(b"", data[:at]) + b".").splitlines()), 1)


def _check_delimiter(file: str, data: bytes, layout: Layout) -> None:
    """Refuses a header that would be one of more expected columns if another mark stood between them."""
    above = layout.above()
    lines = data[:HEADER_BYTES].decode("utf-8", "replace").splitlines()[above:]
    header = lines[0] if lines else ""
    met = {mark: layout.familiar([name.strip('"') for name in header.split(mark)]) for mark in DELIMITERS.values()}
    best = max(met, key=lambda mark: met[mark])
    if met[best] > met.get(layout.delimiter, 0):
        name = next(name for name, mark in DELIMITERS.items() if mark == best)
        what = f"the columns are separated by {best!r}"
        why = f"they are read as separated by {layout.delimiter!r}"
        raise refuse(file, what, why, f"say so: --delimiter {name}", row=above + 1)


HEADER_BYTES = 1 << 16


LINE_END = re.compile(rb"[\r\n]")


def _check_quotes(path: Path, data: bytes, delimiter: str) -> None:
    """Outside of whole quoted cells there is no quote: a stray one would join the rows up to the next."""
    stray = stray_quote(data, delimiter) if b'"' in data else -1
    if stray >= 0:
        row = _row(data, stray)
        why = "where the cell ends is not certain"
        do = 'quote the whole cell and double the quotes in it: "15"" rack"'
        raise refuse(path.name, "a quote is not closed, or stands inside a cell", why, do, row=row)


_QUOTED = re.compile(rb'"[^"]*+"')


def stray_quote(data: bytes, delimiter: str) -> int:
    """Where the first quote stands that opens no whole cell, or none that is closed; -1 if there is none.

    Quotes open and close in turn; one before a cell follows the end of another cell, one behind it is followed by it,
    and a doubled one closes and opens again.
    """
    whole = pl.Series(pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)]))
    quote = ord('"')
    ends = [ord(delimiter), ord("\r"), ord("\n"), ord('"')]
    opened = -1
    is_open = False
    for start in range(0, len(data), CSV_BLOCK_BYTES):
        at = (whole.slice(start, CSV_BLOCK_BYTES) == quote).arg_true().cast(pl.Int64) + start
        opening = at.gather_every(2, int(is_open))
        closing = at.gather_every(2, int(not is_open))
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
    table = table.rename(dict(zip(table.columns, recognised(table.columns, layout.names), strict=True)))
    exact = frozenset(name for name, dtype in table.schema.items() if dtype.is_numeric() or dtype.is_temporal())
    text = pl.selectors.decimal().cast(pl.String).str.replace(SPARE_ZEROS, "$1")
    return Text(path.name, table.with_columns(text).cast(pl.String), exact)


SPARE_ZEROS = r"(\.[0-9]{2}[0-9]*?)0+$"


READERS: dict[str, Callable[[Path, Layout], Text]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": xlsx}
