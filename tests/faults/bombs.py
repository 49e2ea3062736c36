"""Small files that become large, and lines without end: refused within the memory that is allowed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from tests.faults.children import command
from tests.faults.tally import Tally
from tests.ledger.samples import LOT, ledger, lot

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


def _workbook(folder: Path, name: str, sheet: tuple[str, int, str], strings: tuple[str, int, str]) -> Path:
    fixed = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELS,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": BOOK_RELS,
    }
    parts = {part: (text, 0, "") for part, text in fixed.items()}
    return _zip_of(folder, name, parts | {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings})


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


def _far_corner(folder: Path, size: int) -> Path:
    """Two cells, in opposite corners of the largest sheet there can be."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _workbook(folder, "corner.xlsx", (f"{SHEET}{cells}|", 0, "</sheetData></worksheet>"), NO_STRINGS)


def _one_text(folder: Path, size: int) -> Path:
    """A Parquet file with a single text that takes all the memory."""
    path = folder / "text.parquet"
    pl.DataFrame({name: ["x" * (size >> 3)] for name in LOT}).write_parquet(path, compression="zstd")
    return path


BOMBS: dict[str, Callable[[Path, int], Path]] = {
    "a line of 1 GB": _one_line,
    "a quoted cell of 1 GB": _one_quote,
    "cells without end": _many_cells,
    "a header of commas": _wide_header,
    "rows of a sheet": _rows_of_a_sheet,
    "a cell of a sheet": _one_cell,
    "shared strings of a sheet": _shared_strings,
    "a sheet with two far corners": _far_corner,
    "a Parquet text": _one_text,
}

QUICK = ("a line of 1 GB", "cells without end", "rows of a sheet")


def bombs(folder: Path, size: int = LARGE, names: tuple[str, ...] = tuple(BOMBS)) -> Iterator[Tally]:
    """Each bomb imported in a process whose memory is measured."""
    for name in names:
        own = folder / str(list(BOMBS).index(name))
        own.mkdir(parents=True)
        path = ledger(own / "fleet.duckdb", [lot()])
        before, file = path.read_bytes(), BOMBS[name](own, size)
        ended = command(own, "import", path.name, file.name, memory_bytes=SAFETY_BYTES)
        mib, said = ended.peak_kib >> 10, ended.ran.err if ended.ran else ""
        told = f"file {file.stat().st_size >> 10} KiB, {mib} MiB of memory, {ended.seconds:.1f} s"
        tally = Tally(f"S3 {name}", told)
        tally.notice(ended.code == 1 and file.name in said and "Traceback" not in said, f"{ended.code}: {said[-300:]}")
        tally.must(size < LARGE or 0 < ended.peak_kib <= MOST_KIB, f"{name}: {told}")
        tally.must(path.read_bytes() == before, f"{name}: the ledger was changed", torn=True)
        file.unlink()
        yield tally
