"""Where in a file its table is, how the file is written, and the table as text that comes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from depr.errors import refuse, unknown

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-be", "windows-1252", "windows-1250", "windows-1251"),
    *("iso-8859-1", "iso-8859-15", "mac-roman", "shift-jis", "gb18030"),
)
ALSO = {"latin-1": "iso-8859-1", "latin1": "iso-8859-1", "cp1252": "windows-1252", "utf8": "utf-8", "utf16": "utf-16"}
"""Other names by which encodings are known."""


@dataclass(frozen=True)
class Written:
    """What one says of how a file is written; None: as its mapping says, or as usual (UTF-8, commas, the one sheet)."""

    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None

    def asked(self) -> list[tuple[str, str]]:
        """The options that say the same."""
        names = {mark: name for name, mark in DELIMITERS.items()}
        said = {"sheet": self.sheet, "delimiter": names.get(self.delimiter or ""), "encoding": self.encoding}
        return [(name, value) for name, value in said.items() if value is not None]


AS_USUAL = Written()


def written(
    files: Iterable[Path], sheet: str | None = None, delimiter: str | None = None, encoding: str | None = None
) -> Written:
    """What options say of some files: `delimiter` as it stands or by name.

    Raises `Refused` for a delimiter or encoding that is not read, and for an option that concerns none of the files.
    """
    kinds = {file.suffix.lower() for file in files}
    for option, value, of in (
        ("sheet", sheet, ".xlsx"),
        ("delimiter", delimiter, ".csv"),
        ("encoding", encoding, ".csv"),
    ):
        if value is not None and of not in kinds:
            raise refuse(
                f"--{option}", f"there is no {of} file to read", "only such files have one", "leave the option out"
            )
    if delimiter is not None:
        marks = {**DELIMITERS, **{mark: mark for mark in DELIMITERS.values()}, "\\t": "\t"}
        if delimiter not in marks:
            raise unknown("delimiter", delimiter, DELIMITERS, "--delimiter")
        delimiter = marks[delimiter]
    if encoding is not None:
        encoding = ALSO.get(encoding.lower(), encoding.lower().replace("_", "-"))
        if encoding not in ENCODINGS:
            raise unknown("encoding", encoding, ENCODINGS, "--encoding")
    return Written(sheet, delimiter, encoding)


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

    def familiar(self, columns: Collection[str]) -> int:
        """How many of some columns one may expect."""
        return len({*(self.known or ()), *self.wanted} & set(columns))

    def said(self, how: Written) -> Layout:
        """The same with what one says of the file, which counts before what is usual."""
        given = {name: value for name, value in vars(how).items() if value is not None}
        return replace(self, **given)


@dataclass(frozen=True)
class Text:
    """A table of text of the file (or sheet of it) `name`.

    In the columns `exact` the cells were numbers or dates: 1234.5 and 2025-03-31 in any land.
    """

    name: str
    table: pl.DataFrame
    exact: frozenset[str] = frozenset()


def named(file: str, names: Sequence[str | None], table: pa.Table, row: int) -> pl.DataFrame:
    """A table whose columns are all there under names of their own. Raises `Refused`."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise refuse(file, f"column {', '.join(twice)} is there twice", do="keep one of them", row=row)
    if not all(names):
        raise refuse(file, "a column has no name", "nothing is dropped unseen", "name or delete it", row=row)
    return pl.DataFrame(table.rename_columns(list(names)))
