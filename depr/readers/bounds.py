"""What a file may hold: looked at before it is opened, since a small file can unfold into more than a machine has."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq

from depr.errors import Refused, refuse

LINE_BYTES = 1 << 24
"""Longest line of a CSV file: a row has to fit into one block of the reader."""

SHEET_BYTES, SHEET_CELLS = 1 << 29, 30_000_000
"""XML of a workbook and cells of a sheet, as it unfolds; more is better told as CSV or Parquet."""

PARQUET_BYTES = 1 << 32
COLUMNS = 1_000
PIECE = 1 << 22
BROAD = re.compile(rb' r="([A-Z]{2,3})[0-9]')
"""A cell beyond column Z."""

ROW = re.compile(rb'<row [^>]*?r="([0-9]{1,9})"')
LETTERS = 26


def check(path: Path) -> None:
    """Raises `Refused` for a file that would unfold beyond bounds; what cannot be judged is left to the reader."""
    checks = {".csv": _lines, ".xlsx": _workbook, ".parquet": _parquet}
    if judge := checks.get(path.suffix.lower()):
        judge(path)


def _too_large(path: Path, what: str, do: str) -> Refused:
    return refuse(path.name, what, "it would fill the memory", do)


def _lines(path: Path) -> None:
    length, header = 0, True
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            if header and piece.partition(b"\n")[0].count(b",") >= COLUMNS:
                raise _too_large(path, f"the header has more than {COLUMNS:,} columns", "leave out what is not asked")
            ends, header = max(piece.rfind(b"\n"), piece.rfind(b"\r")), False
            length = len(piece) - 1 - ends if ends >= 0 else length + len(piece)
            if length > LINE_BYTES:
                raise _too_large(path, f"a line is longer than {LINE_BYTES >> 20} MiB", "see that lines end")


def _workbook(path: Path) -> None:
    try:
        with ZipFile(path) as book:
            if sum(part.file_size for part in book.infolist()) > SHEET_BYTES:
                raise _too_large(path, f"it unfolds to more than {SHEET_BYTES >> 20} MiB", "save it as CSV or Parquet")
            for part in book.infolist():
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _sheet(path, book, part.filename)
    except (BadZipFile, OSError, NotImplementedError, RuntimeError):
        return  # the reader says what is wrong with it


def _sheet(path: Path, book: ZipFile, name: str) -> None:
    """Its reader makes room for every cell up to the last row and the last column, however few are filled."""
    rest, rows, width, unfolded = b"", 0, LETTERS, 0
    with book.open(name) as sheet:
        for piece in iter(lambda: sheet.read(PIECE), b""):
            text, unfolded = rest + piece, unfolded + len(piece)
            last = ROW.match(text, max(text.rfind(b"<row "), 0))
            rows = max(rows, int(last[1]) if last else 0)
            width = max([width, *(_column(letters) for letters in set(BROAD.findall(text)))])
            if unfolded > SHEET_BYTES or rows * width > SHEET_CELLS:
                what = f"a sheet reaches to row {rows:,} and column {width:,}"
                raise _too_large(path, what, "keep the register alone on a sheet, or save it as CSV")
            rest = text[-200:]


def _column(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * LETTERS + letter - ord("A") + 1
    return number


def _parquet(path: Path) -> None:
    try:
        told = pq.ParquetFile(path).metadata
    except (pa.ArrowException, OSError, ValueError):
        return  # the reader says what is wrong with it
    size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if told.num_columns > COLUMNS or max(size, told.num_rows * told.num_columns) > PARQUET_BYTES:
        raise _too_large(path, f"it unfolds to {told.num_rows:,} rows of {told.num_columns} columns", "split it")
