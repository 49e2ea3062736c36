"""What a file may hold: looked at before it is read, since a small file can unfold into more than a machine has.

A file may take `ROOM` and a multiple of what is stored in it of the table itself: what lies beside the table, such as
a picture, buys no memory. What surely takes more is refused here, by what the file says of itself; what says too little
is stopped by the limit of the process that reads it (depr/intake/apart.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from depr.errors import Refused, refuse

ROOM = 5 << 25
"""Bytes that any table may take: with the two processes that read it, less than half a GiB."""

TIMES = 32
"""Bytes that a table may take for each byte that is stored of it."""

LINE_BYTES = 1 << 24
"""Longest line of a CSV file: a row has to fit into one block of the reader."""

CELLS = 4_000_000
CELL_BYTES = 24
BLANKS = 4
"""Cells that any table may have; what one takes at least; how many there may be for each byte that one of them says."""

SHEET_BYTES = 1 << 29
SHEET_CELLS = 30_000_000
SPREAD = 4
"""XML of a workbook and cells of a sheet, as it unfolds (more is better told as CSV or Parquet); and how many cells it
may make room for, for each one that it holds."""

DOCUMENT_BYTES = 1 << 21
DEEPEST = 32
"""Size of a TOML document, and how deep it may nest."""

COLUMNS = 1_000
PIECE = 1 << 22
BATCH_ROWS = 1 << 16
PLAIN = bytes.maketrans(b"'\t\r\n", b'"   ')
FAR = re.compile(rb' r="(?:([A-Z]{2,3})([0-9]{1,9})|[A-Z]?([0-9]{6,9}))')
"""A cell beyond column Z, or a row or a cell beyond row 99,999."""

LETTERS = 26
LINES = 99_999


def check(path: Path, delimiter: str = ",") -> int:
    """Bytes of memory that reading a file may take. Raises `Refused` for one that surely takes more.

    What cannot be judged is left to the reader.
    """
    checks: dict[str, Callable[[Path], int]] = {".xlsx": _workbook, ".parquet": _parquet}
    judge = checks.get(path.suffix.lower())
    return judge(path) if judge else _lines(path, delimiter.encode())


def too_large(path: Path, what: str, do: str) -> Refused:
    """The error for a file that takes more than there is; of a workbook it lists the sheets, hidden ones too."""
    sheets = _sheets(path) if path.suffix.lower() == ".xlsx" else []
    if len(sheets) > 1:
        listed = ", ".join(sheets[:LISTED]) + (f" and {len(sheets) - LISTED} more" if len(sheets) > LISTED else "")
        what = f"{what}; it has {len(sheets)} sheets: {listed}"
    return refuse(path.name, what, "it would fill the memory", do)


LISTED = 20
WORKBOOK = "xl/workbook.xml"
SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet ([^>]*)>")


def _sheets(path: Path) -> list[str]:
    """The names of the sheets of a workbook as it lists them, without reading one."""
    try:
        with ZipFile(path) as book, book.open(WORKBOOK) as part:
            found = SHEET.findall(_plain(part.read(PIECE)))
    except (BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError):
        return []
    names = [
        (re.search(rb'\bname="([^"]*)"', each), b'state="' in each and b'state="visible"' not in each) for each in found
    ]
    return [unescape(name[1].decode("utf-8", "replace")) + " (hidden)" * hidden for name, hidden in names if name]


def content(path: Path, most: int = DOCUMENT_BYTES) -> bytes:
    """The bytes of a small file. Raises `Refused` when there are more than `most`, OSError when it cannot be read."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise refuse(str(path), "is too large", f"more than {most >> 20} MiB", "name the file that is meant")
    return data


def _lines(path: Path, delimiter: bytes) -> int:
    """Every line may become a row of as many cells as the header has."""
    length = 0
    columns = 0
    lines = 0
    said = 0
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            columns = columns or piece.partition(b"\n")[0].count(delimiter) + 1
            if columns > COLUMNS:
                raise too_large(path, f"the header has more than {COLUMNS:,} columns", "leave out what is not asked")
            ends = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
            length = len(piece) - 1 - ends if ends >= 0 else length + len(piece)
            if length > LINE_BYTES:
                raise too_large(path, f"a line is longer than {LINE_BYTES >> 20} MiB", "see that lines end")
            ended = piece.count(b"\n") + piece.count(b"\r")
            lines = lines + ended
            said = said + len(piece) - ended - piece.count(delimiter)
            if lines * columns > CELLS + BLANKS * (said + piece.count(delimiter)):
                what = f"more than {lines:,} lines of {columns} columns, almost all of them blank"
                raise too_large(path, what, "delete the lines that say nothing")
    return 12 * path.stat().st_size + CELL_BYTES * lines * columns


def _workbook(path: Path) -> int:
    stored = 0
    try:
        with ZipFile(path) as book:
            parts = book.infolist()
            if (unfolded := sum(part.file_size for part in parts)) > SHEET_BYTES:
                raise too_large(path, f"it unfolds to more than {SHEET_BYTES >> 20} MiB", "save it as CSV or Parquet")
            uncalculated = _uncalculated(book)
            for part in parts:
                is_table, formulas = _sheet(path, book, part.filename)
                if formulas and uncalculated:
                    raise _never_calculated(path, part.filename)
                stored += part.compress_size if is_table else 0
                unfolded -= 0 if is_table else min(part.file_size, TIMES * part.compress_size)
            most = ROOM // 6 + TIMES * stored
            if unfolded > most:
                raise too_large(path, f"its sheets unfold to more than {most >> 20} MiB", "save it as CSV or Parquet")
    except (BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        pass  # the reader says what is wrong with it
    return ROOM + TIMES * stored


def _uncalculated(book: ZipFile) -> bool:
    """Whether a workbook says that its formulas have yet to be calculated, as libraries that write them say."""
    if WORKBOOK not in book.namelist():
        return False
    with book.open(WORKBOOK) as part:
        return bool(re.search(rb'fullCalcOnLoad="(1|true)"', _plain(part.read(PIECE))))


def _never_calculated(path: Path, part: str) -> Refused:
    what = f"formulas were never calculated ({part})"
    why = "the workbook says so itself, and 0 or nothing stands where their values belong"
    return refuse(path.name, what, why, "open it in a spreadsheet program and save it again")


def _sheet(path: Path, book: ZipFile, name: str) -> tuple[bool, bool]:
    """Its reader makes room for every cell up to the last row and the last column, however few are filled.

    Whether the part has cells or shared strings, and formulas of which 0 or nothing came.
    """
    rest = b""
    rows = LINES
    width = LETTERS
    cells = 0
    strings = False
    formulas = False
    with book.open(name) as sheet:
        if not sheet.read(16).lstrip(BLANK).startswith(b"<"):
            return False, False  # a picture
        sheet.seek(0)
        for piece in iter(lambda: sheet.read(PIECE), b""):
            text = _plain(rest + piece)
            cells += sum(map(piece.count, CELL))
            strings |= any(each in text for each in STRINGS)
            formulas = formulas or FORMULA.search(text) is not None
            far = set(FAR.findall(text))
            rows = max([rows, *(int(one or other) for _, one, other in far)])
            width = max([width, *map(_column, {letters for letters, *_ in far})])
            if rows * width > SHEET_CELLS:
                raise _far(path, rows, width)
            rest = text[-200:]
    if rows * width > CELLS + SPREAD * cells:
        raise _far(path, rows, width)
    return cells > 0 or strings, cells > 0 and formulas


def _far(path: Path, rows: int, width: int) -> Refused:
    what = f"a sheet reaches to row {rows:,} and column {width:,}"
    return too_large(path, what, "keep the register alone on a sheet, or save it as CSV")


CELL = (b"<c ", b"<c>", b":c ", b":c>", b"<c\n", b":c\n", b"<c\t", b":c\t", b"<c\r", b":c\r", b"<c/", b":c/")
STRINGS = (b"<si>", b":si>", b"<si ", b":si ")
BLANK = b" \t\r\n\xef\xbb\xbf"
"""How a cell, and a text of many cells, may begin; what may stand before XML."""

FORMULA = re.compile(rb"<(?:\w+:)?f(?: [^>]*)?>[^<]*</(?:\w+:)?f> ?(?:<(?:\w+:)?v>0?</|<(?:\w+:)?v ?/>|</(?:\w+:)?c>)")
"""A formula with 0 or nothing for its value."""


def _plain(text: bytes) -> bytes:
    """XML with one kind of quotes and blanks, and none around the signs of equality."""
    text = text.translate(PLAIN)
    for long, short in ((b"  ", b" "), (b" =", b"="), (b"= ", b"=")):
        while long in text:
            text = text.replace(long, short)
    return text


def _column(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * LETTERS + letter - ord("A") + 1
    return number


def _parquet(path: Path) -> int:
    try:
        stats = pq.ParquetFile(path).metadata
        groups = [stats.row_group(number) for number in range(stats.num_row_groups)]
        stored: list[int] = [
            sum(group.column(n).total_compressed_size for group in groups) for n in range(stats.num_columns)
        ]
        cells: int = stats.num_rows * stats.num_columns
        held: int = sum(group.total_byte_size for group in groups)
        if stats.num_columns > COLUMNS or cells > CELLS + TIMES * sum(stored) or held > ROOM + TIMES * sum(stored):
            raise too_large(path, f"it unfolds to {stats.num_rows:,} rows of {stats.num_columns} columns", "split it")
        if _beyond(path, stored, stats.num_rows) > ROOM // 4:
            what = f"its texts unfold to far more than the {sum(stored):,} bytes that are stored"
            raise too_large(path, what, "shorten them, or split it")
    except MemoryError:  # which is an error of Arrow's too
        raise
    except (pa.ArrowException, OSError, ValueError):
        return ROOM  # the reader says what is wrong with it
    return ROOM + TIMES * sum(stored) + 2 * CELL_BYTES * cells


def _beyond(path: Path, stored: Sequence[int], rows: int) -> int:
    """Bytes of the texts of a Parquet file beyond what its columns may unfold to, each by what is stored of itself.

    A text that is held once may stand in every row.
    """
    columns = pq.ParquetFile(path).schema
    texts = {columns.column(n).path: n for n in range(len(columns)) if columns.column(n).physical_type == "BYTE_ARRAY"}
    said: dict[str, int] = dict.fromkeys(texts, 0)
    for name in texts:  # one at a time: each may hold a long text
        for batch in pq.ParquetFile(path, read_dictionary=[name]).iter_batches(BATCH_ROWS, columns=[name]):
            for column in batch.columns:
                if pa.types.is_dictionary(column.type):
                    lengths = pc.binary_length(column.dictionary).take(column.indices)
                    said[name] += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    return sum(max(said[name] - TIMES * stored[n] - CELL_BYTES * rows, 0) for name, n in texts.items())


def check_depth(path: Path, document: object) -> None:
    """Raises `Refused` for a document that nests deeper than any that is meant."""
    level = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
        if not level:
            return
    raise too_deep(path)


def too_deep(path: Path) -> Refused:
    """The error for a document that nests too deeply."""
    return refuse(str(path), f"nests deeper than {DEEPEST} levels", do="name the file that is meant")
