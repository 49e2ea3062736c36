"""Files in: books, issuers, assumptions, and purchases from CSV, Parquet and XLSX.

Every column of a purchases file is read as text and parsed strictly: a cell that is not in the declared form is a
finding with file, row and reason, never a guess. good + rejected = read.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dataframely as dy
import fastexcel
import polars as pl
import pyarrow as pa
from pyarrow import csv

from depr.book import Assumption, Book, parse_assumptions, parse_book
from depr.errors import Finding, Refused, refuse
from depr.forms import AMOUNTS, COLUMNS, COSTS, REQUIRED, Rule, parse, rules
from depr.issuers import Issuer, parse_issuer
from depr.schemas import Purchases
from depr.tax.parameters import Parameters, parse_parameters
from depr.tax.tables import Key, Table, parse_tables


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML document. Raises `Refused`."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise refuse(str(path), f"cannot be read: {fault}") from None


def read_book(path: Path) -> Book:
    """A book (schedules/books). Raises `Refused`."""
    return parse_book(read_toml(path), str(path))


def read_issuer(path: Path) -> Issuer:
    """An issuer (schedules/issuers). Raises `Refused`."""
    return parse_issuer(read_toml(path), str(path))


def read_assumptions(path: Path) -> dict[str, Assumption]:
    """Named assumptions (schedules/assumptions.toml) by key. Raises `Refused`."""
    return parse_assumptions(read_toml(path), str(path))


def read_tax_tables(path: Path) -> dict[Key, Table]:
    """Percentages by tax year (schedules/tables/macrs.toml) by key. Raises `Refused`."""
    return parse_tables(read_toml(path), str(path))


def read_tax_parameters(path: Path) -> Parameters:
    """Limits, rates and dates of tax law (schedules/tables/us-tax.toml). Raises `Refused`."""
    return parse_parameters(read_toml(path), str(path))


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class PurchasesRead:
    """Purchases of one file: the good rows, what is wrong with the others, and the file's identity."""

    file: str
    sha256: str
    read: int
    good: dy.DataFrame[Purchases]
    findings: tuple[Finding, ...]

    @property
    def rejected(self) -> int:
        """Rows that are not good."""
        return self.read - len(self.good)


def read_purchases(path: Path, generations: Collection[str]) -> PurchasesRead:
    """Purchases from .csv, .parquet or .xlsx; `generations` are the keys that exist.

    Raises `Refused` when the file cannot be read as a table, lacks columns or holds no row; faults of rows come back
    as findings. Blank rows are no purchases, but count in the numbers of the rows below them.
    """
    text = _table(path)
    _check_columns(path, text.columns)
    rows = parse(text)
    if rows.is_empty():
        raise refuse(path.name, "holds no purchases", "there is no row below the header", "add a row for each lot")
    found = [_found(rows, rule) for rule in rules(generations)]
    faults = pl.concat(found).sort("source_row", "order", maintain_order=True)
    good = rows.join(faults, on="source_row", how="anti").sort("source_row").select(Purchases.column_names())
    findings = tuple(Finding(path.name, *fault) for fault in faults.drop("order").iter_rows())
    return PurchasesRead(path.name, sha256(path), len(rows), Purchases.validate(good, cast=True), findings)


def _found(rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The rows a rule refuses, as findings."""
    return rows.filter(rule.bad.fill_null(False)).select(
        "source_row",
        what=rule.what,
        why=pl.lit(rule.why),
        do=pl.lit(rule.do),
        code=pl.lit(rule.code),
        order=pl.lit(rule.order),
    )


def _table(path: Path) -> pl.DataFrame:
    """The file as a table of text."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise refuse(str(path), f"unknown file type {path.suffix!r}", do=f"use one of: {', '.join(READERS)}")
    if not path.is_file():
        raise refuse(str(path), "no such file", do="check the path")
    try:
        return reader(path)
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


def _csv(path: Path) -> pl.DataFrame:
    """Every row must have as many cells as the header; a blank line is a row of blanks."""
    data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    _check_quotes(path, data)
    if data and not LINE_END.search(data):
        data += b"\n"  # a header alone, which the reader takes for nothing
    ragged: list[csv.InvalidRow] = []

    def note(row: csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(use_threads=False, block_size=CSV_BLOCK_BYTES),  # one thread: rows are counted
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string())),
    )
    named = _named(path, table.column_names, table)
    if ragged and set(named.columns) <= set(COLUMNS):  # else the header is what is wrong
        raise Refused(_ragged(path.name, row) for row in ragged)
    return named


LINE_END = re.compile(rb"[\r\n]")
QUOTED = re.compile(rb'(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+"(?![^,\r\n])')


def _check_quotes(path: Path, data: bytes) -> None:
    """Outside of whole quoted cells there is no quote: a stray one would join the rows up to the next."""
    bare = QUOTED.sub(b"", data) if b'"' in data else b""
    stray = bare.find(b'"')
    if stray >= 0:
        row = len(bare[: stray + 1].splitlines())
        why, do = "where the cell ends is not certain", 'quote the whole cell and double the quotes in it: "15"" rack"'
        raise refuse(path.name, "a quote is not closed, or stands inside a cell", why, do, row=row)


def _ragged(file: str, row: csv.InvalidRow) -> Finding:
    what = f"{row.actual_columns} cells, the header has {row.expected_columns}"
    return Finding(file, row.number, what, "what belongs where is not certain", "quote cells that hold commas", "cells")


def _named(path: Path, names: Sequence[str | None], table: pa.Table) -> pl.DataFrame:
    """A table whose columns are all there under names of their own."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise refuse(path.name, f"column {', '.join(twice)} is there twice", do="keep one of them", row=1)
    if not all(names):
        raise refuse(path.name, "a column has no name", "nothing is dropped unseen", "name or delete it", row=1)
    return pl.DataFrame(table.rename_columns(list(names)))


EXACT = (pl.String, pl.Categorical, pl.Enum, pl.Decimal, pl.Date, pl.Datetime, pl.Boolean, pl.Null)


def _parquet(path: Path) -> pl.DataFrame:
    """Typed columns as text; a decimal of larger scale loses the zeros beyond its second decimal."""
    table = pl.read_parquet(path)
    for name, dtype in table.schema.items():
        if dtype.is_float():
            raise refuse(
                path.name, f"column {name} holds floats", "they are not exact", "write decimals, integers or text"
            )
        if not dtype.is_integer() and dtype not in EXACT:
            raise refuse(path.name, f"column {name} holds {dtype}", "it is no plain value", "write text")
    text = pl.selectors.decimal().cast(pl.String).str.replace(SPARE_ZEROS, "$1")
    return table.with_columns(text).cast(pl.String)


SPARE_ZEROS = r"(\.[0-9]{2}[0-9]*?)0+$"
BINARY_NOISE = r"^[0-9]+\.[0-9]{3,}$"
"""A number of a sheet is a binary fraction, and 33333333.33 arrives as 33333333.329999998."""


def _xlsx(path: Path) -> pl.DataFrame:
    """The first sheet; its header is in row 1. Numbers are read as the shortest decimal that means the same."""
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
    cells, faults = sheet.to_arrow_with_errors()
    if faults:
        raise Refused(_error_cell(path.name, *fault.position, fault.detail) for fault in faults.errors)
    if not cells.num_rows:
        raise refuse(path.name, "cannot be read as a table", "its first sheet is empty", "fill the first sheet")
    names = [column[0].as_py() for column in cells.columns]
    table = _named(path, names, pa.Table.from_batches([cells.slice(1)]))
    return table.with_columns(_shortest(pl.col(name)) for name in AMOUNTS if name in table.columns)


def _shortest(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False).cast(pl.String)
    return pl.when(text.str.contains(BINARY_NOISE)).then(number).otherwise(text)


def _error_cell(file: str, row: int, column: int, detail: str) -> Finding:
    what = f"column {column + 1} holds an error: {detail}"
    return Finding(file, row + 1, what, "a formula of the sheet failed", "correct it in the sheet", "cell")


READERS: dict[str, Callable[[Path], pl.DataFrame]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx}


def _check_columns(path: Path, columns: Collection[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if not set(COSTS) & set(columns):
        missing.append(" or ".join(COSTS))
    extra = [name for name in columns if name not in COLUMNS]
    listed = f"the columns are: {', '.join(COLUMNS)}"
    if missing:
        raise refuse(path.name, f"missing column: {', '.join(missing)}", do=listed, row=1)
    if extra:
        raise refuse(path.name, f"unknown column: {', '.join(extra)}", "nothing is dropped unseen", listed, row=1)
