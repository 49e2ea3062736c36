"""The keys of a mapping, what each of them takes, and what they must keep together."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from depr.books.book import validated
from depr.contract.currencies import currencies
from depr.errors import Finding, Refused
from depr.intake.forms import SCHEDULES, Declared, Form, form_of
from depr.intake.layout import ALSO, DELIMITERS, ENCODINGS
from depr.intake.mapping import dates
from depr.intake.mapping.numbers import MONTHS, NEGATIVES

ALL = "*"
OPEN = "?"
"""What stands where a suggested mapping leaves something to be decided."""

LIFE = "life_months"
MARKS = {**DELIMITERS, **{mark: mark for mark in DELIMITERS.values()}}


CONDITIONS = ("equals", "differs", "begins", "contains", "blank", "filled")


class Skip(BaseModel):
    """Rows that are not of the register: those whose cell in `column` (theirs; `*`: any cell) is so, in any case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(min_length=1)
    equals: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    blank: bool = False
    filled: bool = False
    note: str = ""

    @field_validator("equals", "differs", "begins", "contains", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _says_something(self) -> Skip:
        if sum(bool(getattr(self, name)) for name in CONDITIONS) != 1:
            raise ValueError(
                "a row is skipped by one of equals, differs, begins, contains (a text, or several), "
                "blank = true or filled = true"
            )
        if "" in (*self.equals, *self.differs, *self.begins, *self.contains):
            raise ValueError("a blank cell is blank = true")
        if (self.blank or self.filled or self.differs) and self.column == ALL:
            raise ValueError("differs, blank = true and filled = true are said of a column")
        return self

    @property
    def words(self) -> str:
        """The condition, in words."""
        texts = " or ".join(map(repr, (*self.equals, *self.differs, *self.begins, *self.contains)))
        verb = next(name for name in CONDITIONS if getattr(self, name))
        said = {"equals": f"is {texts}", "begins": f"begins with {texts}", "contains": f"holds {texts}"}
        said |= {"differs": f"is not {texts}", "blank": "is blank", "filled": "is not blank"}
        return f"{'any cell' if self.column == ALL else self.column} {said[verb]}"


class Mapping(BaseModel):
    """How the export of another system is read; `depr guide import` has every key in a table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    note: str = ""
    extends: None = None
    columns: dict[str, str] = Field(min_length=1)
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    date: tuple[str, ...] = Field(default=("YYYY-MM-DD",), min_length=1)
    pivot: int | None = Field(default=None, ge=0, le=100)
    months: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", "'", "’", " ", "\u00a0", "\u202f"] = ""
    negative: tuple[Literal["none", "minus", "trailing_minus", "parentheses"], ...] = Field(("none",), min_length=1)
    negated: tuple[str, ...] = ()
    signs: dict[str, str] = {}
    life: Literal["months", "quarters", "years", "years/months"] = "months"
    optional: tuple[str, ...] = ()
    ignore: tuple[str, ...] | Literal["*"] = ()
    empty_columns: Literal["refuse", "drop"] = "refuse"
    fill_down: tuple[str, ...] = ()
    skip: tuple[Skip, ...] = ()
    skip_rows: int | dict[str, int] = 0
    header_rows: int = Field(default=1, ge=1, le=3)
    sheet: str | tuple[str, ...] | None = None
    delimiter: str = ","
    encoding: str = "utf-8"

    @field_validator("date", "negative", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("ignore", mode="before")
    @classmethod
    def _all_in_a_list(cls, value: Any) -> Any:
        return ALL if isinstance(value, list | tuple) and ALL in value else value

    @field_validator("date")
    @classmethod
    def _dates_are_plain(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            dates.check_form(form)
        return forms

    @field_validator("months")
    @classmethod
    def _twelve(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if names and len({name.upper() for name in names}) != MONTHS:
            raise ValueError("a year has twelve months, each with a name of its own")
        return names

    @field_validator("skip_rows")
    @classmethod
    def _few(cls, rows: int | dict[str, int]) -> int | dict[str, int]:
        if not all(0 <= each <= MOST_ABOVE for each in (rows.values() if isinstance(rows, dict) else [rows])):
            raise ValueError(f"rows above the header are 0 to {MOST_ABOVE}; by sheet: {{ First = 3, Second = 5 }}")
        return rows

    @field_validator("delimiter")
    @classmethod
    def _delimiter_is_known(cls, text: str) -> str:
        if text not in MARKS:
            raise ValueError(f"{text!r} separates no columns; write {', '.join(DELIMITERS)}, or the mark itself")
        return MARKS[text]

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, text: str) -> str:
        name = ALSO.get(text.lower(), text.lower().replace("_", "-"))
        if name not in ENCODINGS:
            raise ValueError(f"unknown encoding {text!r}; use one of: {', '.join(ENCODINGS)}")
        return name

    @field_validator("signs")
    @classmethod
    def _signs_are_of_currencies(cls, signs: dict[str, str]) -> dict[str, str]:
        if wrong := [
            sign for sign in signs if not sign.strip() or any(mark.isdigit() or mark in "-()" for mark in sign)
        ]:
            raise ValueError(f"{wrong[0]!r} is no sign of a currency")
        if wrong := [code for code in signs.values() if code not in currencies()]:
            raise ValueError(f"unknown currency {wrong[0]!r}; write the sign and its code, as in {{ '$' = 'USD' }}")
        return signs

    @model_validator(mode="after")
    def _holds_together(self) -> Mapping:
        known = self.form
        for where, names in (("columns", self.columns), ("constants", self.constants)):
            if unknown := [name for name in names if name not in known.columns]:
                raise ValueError(
                    f"{where}: {', '.join(unknown)} is no column of {known.name}; they are: {', '.join(known.columns)}"
                )
        if twice := sorted(set(self.columns) & set(self.constants)):
            raise ValueError(f"{', '.join(twice)} is both a column and a constant")
        for where in ("values", "negated", "optional", "fill_down"):
            if absent := [name for name in getattr(self, where) if name not in self.columns]:
                raise ValueError(f"{where}: {', '.join(absent)} is not among the columns")
        if wrong := [name for name in self.negated if name not in known.amounts]:
            raise ValueError(f"negated: {', '.join(wrong)} is no amount")
        if self.thousands == self.decimal:
            raise ValueError("the decimal mark and the thousands mark are the same")
        if self.pivot is None and (short := list(filter(dates.short_year, self.date))):
            raise ValueError(f"date: {short[0]!r} does not say the century; with pivot = 50, 49 is 2049 and 50 is 1950")
        if known is not SCHEDULES and (months := list(filter(dates.no_day, self.date))):
            raise ValueError(f"date: {months[0]!r} is a month, not a day; only a schedule (depr tie) is by months")
        return self

    @property
    def form(self) -> Form:
        """The form that this makes of a file."""
        return form_of({*self.columns, *self.constants})

    @property
    def declared(self) -> Declared:
        """The declared forms, in the words of a finding."""
        grouped = f"in groups of three by {self.thousands!r} or in none, " if self.thousands else ""
        below = " or ".join(self.show("5"))
        sign = f" and a negative one as {below}" if below else ", no sign"
        bearing = f", with or without {' or '.join(self.signs)}" if self.signs else ""
        shown = f"1234567{self.decimal}89"
        many = f"1{self.thousands}234{self.thousands}567{self.decimal}89"
        form = (
            f"the mapping declares digits, {grouped}{self.decimal!r} before decimals{sign}{bearing}; "
            "no amount is below zero"
        )
        life = "" if self.life == "months" else f"; a life in {self.life} that is a whole number of months"
        one_of = f"the form {self.date[0]}" if len(self.date) == 1 else f"any of the forms {', '.join(self.date)}"
        return Declared(
            number=form,
            number_do=f"write {shown}{f' or {many}' if self.thousands else ''}, or declare another form",
            whole=f"the mapping declares digits{f', {grouped.strip(chr(32) + chr(44))}' if grouped else ' only'}{life}",
            whole_do="write 1000, or give the text under values in the mapping",
            date=f"it is not a day of the calendar in {one_of} that the mapping declares",
            date_do="correct it, or declare another form in the mapping",
            names=self.columns,
            listed=tuple(self.values),
        )

    def given(self, there: Map[str, str]) -> dict[str, str]:
        """The constants that count where only these columns are there: a day without its amount says nothing."""
        undated = "accumulated" in self.columns and "accumulated" not in there
        return {name: text for name, text in self.constants.items() if not (undated and name == "accumulated_date")}

    def show(self, digits: str) -> list[str]:
        """A negative number as the export may write it."""
        marks = [NEGATIVES[each] for each in self.negative if each != "none"]
        return [f"{before}{digits}{after}" for before, after in marks]

    def above(self, sheet: str | None) -> int:
        """How many rows stand above the header."""
        return self.skip_rows.get(sheet or "", 0) if isinstance(self.skip_rows, dict) else self.skip_rows

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets that are read, each as a transaction of its own; none: the one that holds anything."""
        return (self.sheet,) if isinstance(self.sheet, str) else self.sheet or ()


MOST_ABOVE = 1000
KEYS = tuple(Mapping.model_fields)
"""Every key that a mapping may have; what it `extends` is joined with it before (depr/intake/documents.py)."""


def parse_mapping(document: Map[str, Any], file: str = "mapping") -> Mapping:
    """A mapping from its TOML document. Raises `Refused` with every fault found, also for what is left open."""
    if left := [f"{key} is left open" for key in _left_open(document)]:
        why = f"{OPEN} stands where a suggestion was not certain, and nothing is guessed"
        raise Refused(Finding(file, 0, what, why, "decide it: the comments above it say between what") for what in left)
    return validated(Mapping, document, file, do="depr guide import says what each key takes")


def _left_open(entry: Any, where: str = "") -> list[str]:
    """The keys whose value is a question mark."""
    if isinstance(entry, Map):
        inner = [(f"{where}.{key}" if where else str(key), value) for key, value in entry.items()]
        return [found for key, value in inner for found in _left_open(value, key)]
    if isinstance(entry, list | tuple):
        return [found for value in entry for found in _left_open(value, where)]
    return [where] if entry == OPEN else []


def extended(base: Map[str, Any], own: Map[str, Any]) -> dict[str, Any]:
    """A mapping document that builds on another: tables are joined key by key, any other entry takes the place."""
    joined = {key: extended(base[key], value) for key, value in own.items() if _is_table(base.get(key), value)}
    return {**base, **own, **joined}


def _is_table(*entries: Any) -> bool:
    return all(isinstance(entry, dict) for entry in entries)
