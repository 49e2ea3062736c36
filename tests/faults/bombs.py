"""Small files that become large, and lines without end: refused within the memory that is allowed."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.children import command
from tests.faults.tally import Tally
from tests.ledger.samples import LOT, ledger, lot


class Made(Protocol):
    """Makes a file in a folder."""

    def __call__(self, folder: Path, size: int) -> Path: ...


LARGE = 1 << 30
MOST_KIB = 512 << 10
SAFETY_BYTES = 3 << 30
"""Of address space, so that what is not refused harms no other process."""

HEADER = ",".join(LOT) + "\n"


def line(path: Path, size: int, first: bytes = b"", last: bytes = b"") -> Path:
    """A file whose line is a hole, which takes no disk."""
    with path.open("wb") as file:
        file.write(HEADER.encode() + first)
        file.truncate(size)
        file.seek(size)
        file.write(last)
    return path


def _one_line(folder: Path, size: int) -> Path:
    return line(folder / "line.csv", size)


def _one_quote(folder: Path, size: int) -> Path:
    return line(folder / "quote.csv", size, b'"', b'"\n')


def _many_cells(folder: Path, size: int) -> Path:
    path = folder / "cells.csv"
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for _ in range(size >> 24):
            file.write(b"," * (1 << 24))
    return path


def _wide_header(folder: Path, size: int) -> Path:
    path = folder / "header.csv"
    path.write_bytes(b"," * (size >> 5) + b"\n")
    return path


def _zip_of(folder: Path, name: str, parts: dict[str, tuple[str, int, str]]) -> Path:
    """An archive in which each part is a text repeated until it is large."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, (start, size, end) in parts.items():
            with archive.open(part, "w", force_zip64=True) as file:
                head, _, repeated = start.partition("|")
                file.write(head.encode())
                block = (repeated * max((1 << 20) // max(len(repeated), 1), 1)).encode()
                for _ in range(size // max(len(block), 1) if block else 0):
                    file.write(block)
                file.write(end.encode())
    return path


TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
RELS = f'{PACKAGE}<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
BOOK_RELS = (
    f'{PACKAGE}<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
)
SHEET = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>'
STRINGS = f'<?xml version="1.0"?><sst xmlns="{MAIN}">'


def _workbook(
    folder: Path, name: str, sheet: tuple[str, int, str], strings: tuple[str, int, str], at: str = "xl/worksheets"
) -> Path:
    """A workbook of one sheet, which may lie elsewhere than such sheets do."""
    fixed = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": BOOK_RELS.replace("worksheets/", f"/{at}/"),
    }
    parts = {part: (text, 0, "") for part, text in fixed.items()}
    return _zip_of(folder, name, parts | {f"{at}/sheet1.xml": sheet, "xl/sharedStrings.xml": strings})


NO_STRINGS = (f"{STRINGS}|", 0, "</sst>")
NO_ROWS = (f"{SHEET}|", 0, "</sheetData></worksheet>")


def _rows_of_a_sheet(folder: Path, size: int) -> Path:
    row = '<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    return _workbook(folder, "rows.xlsx", (f"{SHEET}|{row}", size, "</sheetData></worksheet>"), NO_STRINGS)


def _one_cell(folder: Path, size: int) -> Path:
    start = f'{SHEET}<row><c t="inlineStr"><is><t>|x'
    return _workbook(folder, "cell.xlsx", (start, size, "</t></is></c></row></sheetData></worksheet>"), NO_STRINGS)


def _shared_strings(folder: Path, size: int) -> Path:
    return _workbook(folder, "strings.xlsx", NO_ROWS, (f"{STRINGS}|<si><t>xxxxxxxx</t></si>", size, "</sst>"))


CORNERS = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
"""Two cells, in opposite corners of the largest sheet there can be."""


def _corners(name: str, rows: str = CORNERS, at: str = "xl/worksheets", sheet: str = SHEET) -> Made:
    end = "</sheetData></worksheet>" if sheet == SHEET else "</x:sheetData></x:worksheet>"
    return lambda folder, size: _workbook(folder, f"{name}.xlsx", (f"{sheet}{rows}|", 0, end), NO_STRINGS, at)


PREFIXED = f'<?xml version="1.0"?><x:worksheet xmlns:x="{MAIN}"><x:sheetData>'
FAR_ROWS = "".join(f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>' for row, column in (
    (1, "A"), (16_000, "DZ"), (200_000, "DZ")))  # fmt: skip
"""Fewer cells than are refused unread, and still gigabytes."""


def _long_string(folder: Path, size: int) -> Path:
    """One shared string that many cells show."""
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 2000))
    strings = (f"{STRINGS}<si><t>|x", size >> 7, "</t></si></sst>")
    return _workbook(folder, "shared.xlsx", (f"{SHEET}{cells}|", 0, "</sheetData></worksheet>"), strings)


def _lying_archive(folder: Path, size: int) -> Path:
    """A sheet that says in the directory of the archive that it is small."""
    path = _rows_of_a_sheet(folder, size)
    with zipfile.ZipFile(path) as archive:
        told = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    data = path.read_bytes().replace(struct.pack("<I", told), struct.pack("<I", 1000))
    path.write_bytes(data)
    return path.rename(path.with_name("lying.xlsx"))


def _one_text(folder: Path, size: int) -> Path:
    """A Parquet file with a single text that takes all the memory."""
    path = folder / "text.parquet"
    pl.DataFrame({name: ["x" * (size >> 3)] for name in LOT}).write_parquet(path, compression="zstd")
    return path


def _texts_of_a_dictionary(folder: Path, size: int) -> Path:
    """A long text that a Parquet file holds once and shows in every row."""
    path = folder / "dictionary.parquet"
    rows = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["x" * (size >> 7)]))
    pq.write_table(pa.table(dict.fromkeys(LOT, rows)), path, compression="zstd")
    return path


def _nothing_often(folder: Path, size: int) -> Path:
    """Rows without a value, which take no room in a Parquet file."""
    path = folder / "nulls.parquet"
    with pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in LOT]), compression="zstd") as file:
        for _ in range(max(size >> 23, 1)):
            file.write_table(pa.table({name: pa.nulls(1 << 20, pa.string()) for name in LOT}))
    return path


def _lines_of(name: str, text: str, first: str = HEADER) -> Made:
    def made(folder: Path, size: int) -> Path:
        path = folder / f"{name}.csv"
        path.write_text(first + text * ((size >> 5) // len(text)), encoding="utf-8")
        return path

    return made


def _document(name: str, start: str, repeated: str, end: str = "") -> Made:
    """A document of one piece repeated."""

    def made(folder: Path, size: int) -> Path:
        path = folder / name
        path.write_text(start + repeated * ((size >> 6) // len(repeated)) + end, encoding="utf-8")
        return path

    return made


WIDE_HEADER = ",".join([*LOT, *(f"c{n}" for n in range(900))]) + "\n"
BOMBS: dict[str, Made] = {
    "a line of 1 GB": _one_line,
    "a quoted cell of 1 GB": _one_quote,
    "cells without end": _many_cells,
    "a header of commas": _wide_header,
    "rows of a sheet": _rows_of_a_sheet,
    "a cell of a sheet": _one_cell,
    "shared strings of a sheet": _shared_strings,
    "a sheet with two far corners": _corners("corner"),
    "far corners in single quotes": _corners("quotes", CORNERS.replace('"', "'")),
    "far corners outside of xl/worksheets": _corners("elsewhere", at="other"),
    "far corners under a prefix": _corners(
        "prefix", re.sub(r"<(/?)(\w)", r"<\1x:\2", CORNERS).replace('"', "'"), "other", PREFIXED
    ),
    "far corners after spaces and line ends": _corners("spaces", CORNERS.replace("r=", "\n\t  r\n = ")),
    "far corners in references": _corners("entities", CORNERS.replace("1048576", "&#49;048576")),
    "many rows and columns": _corners("many", FAR_ROWS),
    "a shared string of many cells": _long_string,
    "an archive that says less": _lying_archive,
    "a Parquet text": _one_text,
    "a Parquet dictionary": _texts_of_a_dictionary,
    "a Parquet file of nothing": _nothing_often,
    "line ends": _lines_of("ends", "\n"),
    "line ends below many columns": _lines_of("wide", "\n", WIDE_HEADER),
    "short rows": _lines_of("short", "x\n"),
    "blank rows": _lines_of("blank", "," * (len(LOT) - 1) + "\n"),
    "blanks alone": _lines_of("spaces", " \n"),
    "carriage returns": _lines_of("returns", "\r"),
    "quoted line ends": _lines_of("quoted", '"\n",' * len(LOT) + "\n"),
}
"""Each makes its file in a folder, at a size that stands for the largest it may become; whoever knows one adds it."""


WHOLE = {"a line of 1 GB", "a quoted cell of 1 GB", "cells without end"}
"""Those whose file is as large as the size that they are made with; other texts are a 32nd of it."""

MIB = (1, 4, 16, 64)
"""Sizes of files that bombs are brought to."""


def brought_to(folder: Path, name: str, mib: int) -> Path:
    """A bomb in a file of that many MiB: a text as long as that, or a packed one with noise beside its table."""
    bomb = BOMBS[name]
    path = bomb(folder, LARGE)
    if path.suffix == ".csv":
        return bomb(folder, mib << (20 if name in WHOLE else 25))
    noise = max((mib << 20) - path.stat().st_size, 0)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
            archive.writestr("xl/media/image1.png", Random(0).randbytes(noise))
    else:
        _with_noise(path, noise)
    return path


def _with_noise(path: Path, noise: int) -> None:
    """Noise among the metadata of a Parquet file, which say where things are from the beginning of the file."""
    data = path.read_bytes()
    size = struct.unpack("<I", data[-8:-4])[0]
    path.write_bytes(data[: -8 - size] + Random(0).randbytes(noise) + data[-8 - size :])


def bombs(folder: Path, size: int = LARGE, names: tuple[str, ...] = tuple(BOMBS)) -> Iterator[Tally]:
    """Each bomb imported in a process whose memory is measured, with that of the processes below it."""
    for name in names:
        yield _one(folder / str(list(BOMBS).index(name)), name, partial(BOMBS[name], size=size))


def padded(folder: Path, sizes: tuple[int, ...] = MIB, names: tuple[str, ...] = tuple(BOMBS)) -> Iterator[Tally]:
    """The same in files of some sizes: a larger file buys no memory for what it does not say."""
    for n, name in enumerate(names):
        for mib in sizes:
            own = folder / f"{n}-{mib}"
            yield _one(own, f"{name}, file of {mib} MiB", partial(brought_to, name=name, mib=mib))


def _one(own: Path, name: str, made: Callable[[Path], Path]) -> Tally:
    own.mkdir(parents=True)
    path = ledger(own / "fleet.duckdb", [lot()])
    before, file = path.read_bytes(), made(own)
    ended = command(own, "import", path.name, file.name, measured=True, memory_bytes=SAFETY_BYTES)
    mib, said = ended.peak_kib >> 10, ended.ran.err if ended.ran else ""
    told = f"file {file.stat().st_size >> 10} KiB, {mib} MiB of memory, {ended.seconds:.1f} s"
    tally = Tally(f"S3 {name}", told)
    tally.notice(ended.code == 1 and file.name in said and "Traceback" not in said, f"{ended.code}: {said[-300:]}")
    tally.must(ended.peak_kib <= MOST_KIB, f"{name}: {told}")
    tally.must(path.read_bytes() == before, f"{name}: the ledger was changed", torn=True)
    file.unlink()
    return tally
