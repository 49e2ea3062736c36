"""Tables out: to the console, JSON, CSV, Parquet. Integers of the engine become exact decimals, never floats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import polars as pl
import polars.selectors as cs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from depr.contract.currencies import decimals_of
from depr.errors import refuse, visible
from depr.kernel.rounding import divide_half_even
from depr.share.files import replacing

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
FORMATS = ("table", "json", "csv")
FORMULA = r"^[=+\-@\t\r]"
PLACES = {"_minor": 2, "_micro": 6, "_ppm": 6}


Currency = str | Mapping[str, str]
"""The currency of amounts, or that of each issuer; a column `currency` of the rows goes before."""


def decimals(frame: pl.DataFrame, currency: Currency = "USD") -> pl.DataFrame:
    """`_minor`, `_micro` and `_ppm` columns as exact decimals in whole units, without the suffix.

    Minor units are those of the currency of the row.
    """
    digits = _digits(frame, currency)
    return frame.select(_decimal(frame[name], digits) for name in frame.columns)


def _digits(frame: pl.DataFrame, currency: Currency) -> list[int]:
    """Decimals of the currency of each row."""
    plain = currency if isinstance(currency, str) else "USD"
    codes: Iterable[str] = [plain] * len(frame)
    if "currency" in frame.columns:
        codes = frame["currency"].fill_null(plain)
    elif not isinstance(currency, str) and "issuer" in frame.columns:
        codes = frame["issuer"].replace_strict(currency, default=plain, return_dtype=pl.String)
    return [decimals_of(code) for code in codes]


def _decimal(column: pl.Series, digits: Sequence[int]) -> pl.Series:
    for suffix, places in PLACES.items():
        if column.name.endswith(suffix):
            shown = digits if suffix == "_minor" else [places] * len(column)
            values = [None if v is None else Decimal(v).scaleb(-d) for v, d in zip(column, shown, strict=True)]
            dtype = pl.Decimal(38, max(shown, default=places))
            return pl.Series(column.name.removesuffix(suffix), values, dtype=dtype)
    return column


def readable(frame: pl.DataFrame, currency: Currency = "USD") -> pl.DataFrame:
    """The same for the eye: money in millions with one decimal, per share with two, ratios as percentages with one.

    Rounded half to even, for the console only.
    """
    digits = _digits(frame, currency)
    return frame.select(_rounded(frame[name], digits) for name in frame.columns)


STEPS = {"_minor": (5, 1), "_micro": (4, 2), "_ppm": (3, 1)}
"""Digits that are rounded off, those of a currency apart, and decimals that are shown."""


def _rounded(column: pl.Series, digits: Sequence[int]) -> pl.Series:
    for suffix, (off, places) in STEPS.items():
        if column.name.endswith(suffix):
            steps = [10 ** (off + (own if suffix == "_minor" else 0)) for own in digits]
            pairs = zip(column, steps, strict=True)
            whole = [None if v is None else Decimal(divide_half_even(v, step)).scaleb(-places) for v, step in pairs]
            name = column.name.removesuffix(suffix) + "%" * (suffix == "_ppm")
            return pl.Series(name, whole, dtype=pl.Decimal(38, places))
    return column


def cents(frame: pl.DataFrame) -> pl.DataFrame:
    """Amounts of a ledger in SQL, which have three decimals for those who need them, with two where two are enough."""
    types = {name: dtype for name, dtype in frame.schema.items() if isinstance(dtype, pl.Decimal)}
    wide = [name for name, dtype in types.items() if dtype.scale == SQL_SCALE and (dtype.precision or 0) >= SQL_WIDTH]
    plain = [name for name in wide if not any(value and value % CENT for value in frame[name])]
    return frame.with_columns(pl.col(name).cast(pl.Decimal(38, 2)) for name in plain)


SQL_SCALE = 3
SQL_WIDTH = 18
CENT = Decimal("0.01")


def telling(frame: pl.DataFrame, *without: str) -> tuple[pl.DataFrame, str]:
    """The columns that tell rows apart, for the eye; what is the same in every row, as a line. Also `without` some."""
    same = [name for name in frame.columns if len(frame) > 1 and frame[name].n_unique() == 1]
    said = [f"{name.replace('_', ' ')} {frame[name][0]}" for name in same if frame[name][0] is not None]
    return frame.drop(*same, *(name for name in without if name not in same), strict=False), ", ".join(said)


def text(frame: pl.DataFrame, form: str, console: Console, title: str | None = None) -> None:
    """Print a frame as a table, JSON or CSV. Text cells that a spreadsheet would run as a formula are quoted in CSV."""
    if form == "table":
        if title:
            console.print(title, style="italic", markup=False, soft_wrap=True)
        shown, hidden = fitting(frame, console)
        console.print(shown)
        if hidden:
            said = f"too narrow for {', '.join(hidden)}: widen the window, or choose another --format"
            console.print(said, style="italic", markup=False, soft_wrap=True)
    elif form in TEXTS:
        try:
            console.file.write(TEXTS[form](frame))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as fault:
            raise refuse("--format", f"no {form} for this: {fault}", do="choose another --format") from None
    else:
        raise refuse("--format", f"unknown format {form!r}", do=f"use one of: {', '.join(FORMATS)}")


def fitting(frame: pl.DataFrame, console: Console) -> tuple[Table, list[str]]:
    """The first columns of a frame, as many as the window has room for (one at least), and the names of the others."""
    wide = console.options.update(max_width=WIDEST)
    table = _table(frame)
    width = frame.width
    while width > 1 and console.measure(table, options=wide).minimum + width > console.width:
        width -= 1
        table = _table(frame[:, :width])
    return table, frame.columns[width:]


WIDEST = 100_000
NARROWEST = 8
"""Characters below which a column of words is not folded."""


def _table(frame: pl.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for name, dtype in frame.schema.items():
        numeric = dtype.is_numeric()
        longest = 0 if numeric else max((len(str(value)) for value in frame[name]), default=0)
        table.add_column(
            Text(visible(name.replace("_", " "))),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
            min_width=None if numeric else min(max(longest, len(name)), NARROWEST),
        )
    precise = frame.with_columns(cs.time().dt.to_string("%T%.f"), cs.datetime("ns").dt.to_string("%F %T%.f"))
    for row in precise.iter_rows():
        table.add_row(*map(_cell, row))
    return table


def _cell(value: Any) -> Text:
    """A cell as it stands: text of the data is never markup."""
    if value is None:
        return Text("")
    return Text(f"{value:,f}" if isinstance(value, Decimal) else visible(_words(value)))


def _words(value: Any) -> str:
    """A value in words; of a list or record each part, texts in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_part(key)}: {_part(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | pl.Series):
        return "[" + ", ".join(map(_part, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _part(value: Any) -> str:
    if value is None:
        return "NULL"
    return repr(value) if isinstance(value, str) else _words(value)


def _inert(frame: Frame) -> Frame:
    """Text that a spreadsheet would run as a formula begins with a quote mark instead."""
    cells = pl.col(pl.String)
    safe = pl.when(cells.str.contains(FORMULA)).then(pl.lit("'") + cells).otherwise(cells)
    return frame.with_columns(safe.name.keep())


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and records as text, which is the only form CSV has for them."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return frame.with_columns(_in_words(frame[name]) for name in nested)


def _in_words(column: pl.Series) -> pl.Series:
    return pl.Series(column.name, [None if v is None else _words(v) for v in column.to_list()], dtype=pl.String)


def _csv(frame: pl.DataFrame) -> str:
    return _inert(_flat(frame)).write_csv()


def _json(frame: pl.DataFrame) -> str:
    """JSON has no number that is infinite or none: a column that holds one is text."""
    odd = (_in_words(column) for column in frame if not _finite(column))
    return frame.with_columns(odd).write_json() + "\n"


def _finite(column: pl.Series) -> bool:
    if isinstance(column.dtype, pl.Struct):
        return all(map(_finite, column.struct.unnest()))
    if isinstance(column.dtype, pl.List | pl.Array):
        return _finite(column.explode())
    return not column.dtype.is_float() or bool(column.is_finite().all())


TEXTS: dict[str, Callable[[pl.DataFrame], str]] = {"csv": _csv, "json": _json}


def _write_parquet(frame: pl.LazyFrame, file: BinaryIO) -> None:
    frame.sink_parquet(file)


def _write_csv(frame: pl.LazyFrame, file: BinaryIO) -> None:
    _inert(frame).sink_csv(file)


WRITERS: dict[str, Callable[[pl.LazyFrame, BinaryIO], None]] = {".parquet": _write_parquet, ".csv": _write_csv}


def write(frame: pl.LazyFrame, path: Path, *, overwrite: bool = False) -> Path:
    """A frame to .parquet or .csv, whole or not at all. Raises `Refused` for another ending or a taken place."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise refuse(str(path), f"unknown file type {path.suffix!r}", do=f"use one of: {', '.join(WRITERS)}")
    with replacing(path, overwrite=overwrite) as file:
        try:
            writer(frame, file)
        except pl.exceptions.ComputeError as fault:  # what the disk says comes from within the engine
            raise refuse(
                str(path),
                f"cannot be written: {fault}",
                "the old file is as it was",
                "free space or choose another folder",
            ) from None
    return path
