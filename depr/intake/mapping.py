"""A mapping: how the export of another system is read. Their columns to ours, and the forms of numbers and dates.

A mapping is a TOML file (schedules/mappings, or a user's own). Applying it turns their table of text into ours, cell by
cell; the forms (depr/intake/forms) then judge it like any other file, and quote the cells as they stand in the export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from depr.books.book import validated
from depr.intake.forms import FORMS, Declared, Form, form_of

ALL = "*"
OURS = frozenset(name for form in FORMS for name in form.columns)

DATE_PARTS = {"YYYY": "([0-9]{4})", "MON": "([A-Za-z]{3})", "MM": "([0-9]{2})", "DD": "([0-9]{2})"} | {
    "M": "([0-9]{1,2})",
    "D": "([0-9]{1,2})",
}
DATE_PART = re.compile("YYYY|MON|MM|DD|M|D")
DATE_MARKS = re.compile(r"[-./ ]*")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTH_NUMBERS = {name: f"{number:02}" for number, name in enumerate(MONTHS, 1)}

NEGATIVES = {
    "none": ("", ""),
    "minus": ("-", ""),
    "trailing_minus": ("", "-"),
    "parentheses": ("(", ")"),
}
"""How a negative number is written: what stands before and after its digits."""


class Mapping(BaseModel):
    """How the export of another system is read.

    `columns`: ours -> theirs. `constants`: ours -> text in our form, for every row (accumulated_date: where there is
    accumulated depreciation). `values`: ours -> {their text: ours}, exact; "" stands for a blank. A column of text that
    has values takes no other; in a column of numbers or dates the others are read in the declared form. `date` is made
    of YYYY, MM or M, DD or D, MON (Jan) and - . / or blanks. `negated`: columns whose sign is turned. `optional`:
    columns the export may lack. `ignore`: theirs that may be dropped, or "*" for every other one. `skip_rows`: rows
    above the header. `sheet` is for XLSX; `delimiter` and `encoding` are for CSV.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    note: str = ""
    columns: dict[str, str] = Field(min_length=1)
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    date: str = "YYYY-MM-DD"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", "'", "’", " ", "\u00a0", "\u202f"] = ""
    negative: Literal["none", "minus", "trailing_minus", "parentheses"] = "none"
    negated: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    ignore: tuple[str, ...] | Literal["*"] = ()
    skip_rows: int = Field(default=0, ge=0, le=1000)
    sheet: str | None = None
    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Literal["utf-8", "windows-1252", "utf-16"] = "utf-8"

    @field_validator("date")
    @classmethod
    def _date_is_plain(cls, text: str) -> str:
        parts = sorted(part[0] for part in DATE_PART.findall(text))
        if parts != ["D", "M", "Y"] or not DATE_MARKS.fullmatch(DATE_PART.sub("", text)):
            raise ValueError(f"{text!r} is no form of a date; write it as in YYYY-MM-DD, D/M/YYYY or DD-MON-YYYY")
        if not re.search("[-./ ]", text) and text not in ("YYYYMMDD", "DDMMYYYY", "MMDDYYYY"):
            raise ValueError(f"{text!r} does not say where a part ends")
        if text.startswith("YYYY") and text.index("D") < text.index("M"):
            raise ValueError(f"{text!r}: a date that begins with its year goes on with the month")
        return text

    @model_validator(mode="after")
    def _holds_together(self) -> Mapping:
        named = {*self.columns, *self.constants}
        known = form_of(named)
        for where, names in (("columns", self.columns), ("constants", self.constants)):
            if unknown := [name for name in names if name not in known.columns]:
                raise ValueError(
                    f"{where}: {', '.join(unknown)} is no column of {known.name}; they are: {', '.join(known.columns)}"
                )
        if twice := sorted(set(self.columns) & set(self.constants)):
            raise ValueError(f"{', '.join(twice)} is both a column and a constant")
        for where, given in (("values", self.values), ("negated", self.negated), ("optional", self.optional)):
            if absent := [name for name in given if name not in self.columns]:
                raise ValueError(f"{where}: {', '.join(absent)} is not among the columns")
        if wrong := [name for name in self.negated if name not in known.amounts]:
            raise ValueError(f"negated: {', '.join(wrong)} is no amount")
        if self.thousands == self.decimal:
            raise ValueError("the decimal mark and the thousands mark are the same")
        return self

    @property
    def form(self) -> Form:
        """The form that this makes of a file."""
        return form_of({*self.columns, *self.constants})

    @property
    def declared(self) -> Declared:
        """The declared forms, in the words of a finding."""
        grouped = f"in groups of three by {self.thousands!r} or in none, " if self.thousands else ""
        sign = f" and a negative one as {self.show('5')}" if self.negative != "none" else ", no sign"
        shown = f"1234567{self.decimal}89"
        many = f"1{self.thousands}234{self.thousands}567{self.decimal}89"
        form = f"the mapping declares digits, {grouped}{self.decimal!r} before decimals{sign}; no amount is below zero"
        return Declared(
            number=form,
            number_do=f"write {shown}{f' or {many}' if self.thousands else ''}, or declare another form",
            whole=f"the mapping declares digits{f', {grouped.strip(chr(32) + chr(44))}' if grouped else ' only'}",
            whole_do="write 1000, or give the text under values in the mapping",
            date=f"it is not a day of the calendar in the form {self.date} that the mapping declares",
            date_do="correct it, or declare another form in the mapping",
            names=self.columns,
            listed=tuple(self.values),
        )

    def given(self, there: Map[str, str]) -> dict[str, str]:
        """The constants that count where only these columns are there: a day without its amount says nothing."""
        undated = "accumulated" in self.columns and "accumulated" not in there
        return {name: text for name, text in self.constants.items() if not (undated and name == "accumulated_date")}

    def show(self, digits: str) -> str:
        """A negative number as the export writes it."""
        before, after = NEGATIVES[self.negative]
        return f"{before}{digits}{after}"


def parse_mapping(document: Map[str, Any], file: str = "mapping") -> Mapping:
    """A mapping from its TOML document. Raises `Refused` with every fault found."""
    return validated(Mapping, document, file)


def extended(base: Map[str, Any], own: Map[str, Any]) -> dict[str, Any]:
    """A mapping document that builds on another: tables are joined key by key, any other entry takes the place."""
    joined = {key: extended(base[key], value) for key, value in own.items() if _is_table(base.get(key), value)}
    return {**base, **own, **joined}


def _is_table(*entries: Any) -> bool:
    return all(isinstance(entry, dict) for entry in entries)


def translated(rows: pl.DataFrame, mapping: Mapping, exact: frozenset[str] = frozenset()) -> pl.DataFrame:
    """Their rows of text (forms.filled) -> ours, each column beside the text it comes from (`raw_`).

    `exact` are columns of theirs whose cells were numbers or dates, not text: they are in our form already.
    """
    there = {ours: theirs for ours, theirs in mapping.columns.items() if theirs in rows.columns}
    read = [_ours(ours, pl.col(theirs), mapping, theirs in exact).alias(ours) for ours, theirs in there.items()]
    raw = [_raw(ours, pl.col(theirs), mapping).alias(f"raw_{ours}") for ours, theirs in there.items()]
    table = rows.select("source_row", *read, *raw)
    constants = mapping.given(there)
    constant = [_constant(name, text, table.columns) for name, text in constants.items()]
    return table.with_columns(constant).with_columns(pl.col(name).alias(f"raw_{name}") for name in constants)


def _constant(name: str, text: str, columns: list[str]) -> pl.Expr:
    value = pl.lit(text.strip() or None, pl.String)
    if name == "accumulated_date" and "accumulated" in columns:
        value = pl.when(pl.col("raw_accumulated").is_not_null()).then(value)
    return value.alias(name)


def _ours(name: str, cell: pl.Expr, mapping: Mapping, exact: bool) -> pl.Expr:
    """A cell in our form; null when it is in no declared one."""
    form = mapping.form
    values = mapping.values.get(name, {})
    if name in form.dates:
        read = cell if exact else _date(cell, mapping.date)
    elif name in (*form.amounts, *form.integers):
        read = cell if exact else _number(cell, mapping)
        read = _turned(read) if name in mapping.negated else read
    else:
        read = pl.lit(None, pl.String) if values else cell
    if not values:
        return read
    return pl.when(_listed(cell, values)).then(_value(cell, values)).otherwise(read)


def _raw(name: str, cell: pl.Expr, mapping: Mapping) -> pl.Expr:
    """What the file says; blank where the values make a blank of it, and the value where they make one of a blank."""
    values = mapping.values.get(name, {})
    value = _value(cell, values)
    return pl.when(_listed(cell, values) & (value.is_null() | cell.is_null())).then(value).otherwise(cell)


def _listed(cell: pl.Expr, values: dict[str, str]) -> pl.Expr:
    return cell.fill_null("").is_in(list(values)) if values else pl.lit(False)


def _value(cell: pl.Expr, values: dict[str, str]) -> pl.Expr:
    ours = {theirs: value or None for theirs, value in values.items()}
    return cell.fill_null("").replace_strict(ours, default=None, return_dtype=pl.String)


def _number(cell: pl.Expr, mapping: Mapping) -> pl.Expr:
    """A number in the declared form -> digits, a point for decimals, and - before a negative one."""
    mark = re.escape(mapping.decimal)
    group = re.escape(mapping.thousands)
    digits = f"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)" if mapping.thousands else "[0-9]+"
    plain = f"{digits}(?:{mark}[0-9]+)?"
    before, after = (re.escape(text) for text in NEGATIVES[mapping.negative])
    positive = pl.when(cell.str.contains(f"^{plain}$")).then(cell)
    bare = cell.str.extract(f"^{before}({plain}){after}$") if before or after else pl.lit(None, pl.String)
    return pl.coalesce(_plain(positive, mapping), pl.concat_str(pl.lit("-"), _plain(bare, mapping)))


def _plain(number: pl.Expr, mapping: Mapping) -> pl.Expr:
    ungrouped = number.str.replace_all(mapping.thousands, "", literal=True) if mapping.thousands else number
    return ungrouped.str.replace(mapping.decimal, ".", literal=True)


def _turned(number: pl.Expr) -> pl.Expr:
    """The sign turned; zero has none."""
    zero = number.str.contains(r"^-?0+(\.0+)?$")
    positive = pl.when(zero).then(number.str.strip_prefix("-")).otherwise(pl.concat_str(pl.lit("-"), number))
    return pl.when(number.str.starts_with("-")).then(number.str.strip_prefix("-")).otherwise(positive)


def _date(cell: pl.Expr, form: str) -> pl.Expr:
    """A date in the declared form -> YYYY-MM-DD; whether there is such a day is for the form to say."""
    order = [part[0] for part in DATE_PART.findall(form)]
    pattern = f"^{DATE_PART.sub(lambda part: DATE_PARTS[part[0]], form.replace('.', '[.]'))}$"
    year, month, day = (cell.str.extract(pattern, order.index(part) + 1) for part in "YMD")
    if "MON" in form:
        month = month.str.to_uppercase().replace_strict(MONTH_NUMBERS, default=None, return_dtype=pl.String)
    return pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
