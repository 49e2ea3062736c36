"""Where in a file its table is, how the file is written, and the table as text that comes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from depr.errors import refuse, unknown

if TYPE_CHECKING:
    from pathlib import Path

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

    `known` are the columns one may expect (None: any), `wanted` those there must be, `optional` others that are looked
    for; `numbers` those that hold amounts; `typed` those in which a sheet may hold numbers and dates as such, where
    text would be in a form of its own. `skip_rows` stand above the header (by sheet, where they differ), which has
    `header_rows` (0: none, and the columns go by their places); with `drop_empty` a column that has neither a name nor
    a cell is none.
    """

    known: Collection[str] | None
    numbers: Collection[str]
    typed: Collection[str] = ()
    wanted: Collection[str] = ()
    optional: Collection[str] = ()
    skip_rows: int | Mapping[str, int] = 0
    header_rows: int = 1
    drop_empty: bool = False
    sheet: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8"

    def above(self, sheet: str = "") -> int:
        """How many rows stand above the header."""
        return self.skip_rows if isinstance(self.skip_rows, int) else self.skip_rows.get(sheet, 0)

    @property
    def names(self) -> list[str]:
        """Every column that is looked for."""
        return list(dict.fromkeys([*(self.known or ()), *self.wanted, *self.optional]))

    def expects(self, columns: Collection[str]) -> bool:
        """Whether this is the header that one may expect."""
        return set(self.wanted) <= set(columns) and (self.known is None or set(columns) <= set(self.known))

    def familiar(self, columns: Collection[str]) -> int:
        """How many of some columns one may expect."""
        return len({folded(name) for name in self.names} & {folded(name) for name in columns})

    def said(self, how: Written) -> Layout:
        """The same with what one says of the file, which counts before what is usual."""
        given = {name: value for name, value in vars(how).items() if value is not None}
        return replace(self, **given)


@dataclass(frozen=True)
class Text:
    """A table of text of the file (or sheet of it) `name`.

    In the columns `exact` the cells were numbers or dates: 1234.5 and 2025-03-31 in any land; `mixed` says so cell by
    cell of columns that also hold text. `first_row` is the row of the file in which the first row of the table stands.
    """

    name: str
    table: pl.DataFrame
    exact: frozenset[str] = frozenset()
    mixed: pl.DataFrame = field(default_factory=pl.DataFrame)
    first_row: int = 2


def folded(name: str) -> str:
    """A name of a column in the one spelling by which it is recognised: in any case, with blanks for underscores.

    >>> folded("Purchase  Date") == folded("purchase_date")
    True
    """
    return " ".join(name.casefold().replace("_", " ").split())


def heading(rows: Sequence[Sequence[str | None]], columns: int = 0, *, fill: bool = True) -> list[str]:
    """The names of the columns from the rows of a header; a name above several columns stands before each of theirs.

    Without a header they go by their places. Where nothing says how far a name goes (`fill`), it goes up to the next.

    >>> heading([["Asset", "Acquisition", ""], ["", "Date", "Cost"]])
    ['Asset', 'Acquisition Date', 'Acquisition Cost']
    """
    if not rows:
        return [str(place) for place in range(columns)]
    texts = [[(cell or "").strip() for cell in row] for row in rows]
    *upper, lowest = texts
    parts = [[cell] for cell in lowest]
    for row in reversed(upper):
        held = ""
        for place, cell in enumerate(row):
            held = cell or (held if fill else "")
            if cell or any(parts[place]):
                parts[place].insert(0, held)
    return [" ".join(filter(None, part)) for part in parts]


def placed(file: str, names: Sequence[str], table: pl.DataFrame, row: int, layout: Layout) -> dict[str, int]:
    """The columns of a table, each under a name of its own, and their places. Raises `Refused`.

    What is looked for goes by the name under which it is, however the header spells it. Where any other column may be
    dropped, one without a name of its own is.
    """
    found = dict(enumerate(recognised(names, layout.names)))
    blank = [place for place, name in found.items() if not name]
    away = [place for place in blank if layout.drop_empty and _is_empty(table.to_series(place))]
    if layout.known is None:
        held = list(found.values())
        away = [*blank, *(p for p, name in found.items() if name not in layout.names and held.count(name) > 1)]
    kept = [(name, place) for place, name in found.items() if place not in away]
    held = [name for name, _ in kept]
    if twice := sorted({name for name in held if name and held.count(name) > 1}):
        raise refuse(file, f"column {', '.join(twice)} is there twice", do="keep one of them", row=row)
    if "" in held:
        why = "nothing is dropped unseen"
        do = 'name or delete it; empty_columns = "drop" in a mapping drops one without a cell'
        raise refuse(file, "a column has no name", why, do, row=row)
    return dict(kept)


def _is_empty(column: pl.Series) -> bool:
    return bool((column.fill_null("").str.strip_chars() == "").all())


def recognised(names: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """The names of a header, each that is looked for as it is looked for: as it stands, else in another spelling."""
    there = list(names)
    known = list(wanted)
    other = {folded(name): name for name in known if name not in there}
    return [name if name in known else other.get(folded(name), name) for name in there]
