"""Messages of a page and the data they name.

A `Words` is a message that a locale translates; a plain string is data and is printed as it came. Amounts and dates
travel as values and are put into words by the language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Spoken:
    """An amount for a sentence: "13.2" and the scale word "billion"."""

    digits: str
    scale: str
    negative: bool = False


@dataclass(frozen=True)
class Month:
    """A date of which the month, in short, and the year are said."""

    date: dt.date


@dataclass(frozen=True)
class Between:
    """Two amounts as a range, the scale said once where both share it."""

    low: Spoken
    high: Spoken


@dataclass(frozen=True)
class Lasting:
    """A useful life in months, said in years: three years, 5.5 years."""

    months: int


@dataclass(frozen=True)
class Fiscal:
    """A fiscal year in a sentence: 2025 where it is the calendar's, else FY2025."""

    year: int
    calendar: bool


Value: TypeAlias = "str | int | dt.date | Month | Spoken | Between | Lasting | Fiscal | Words"


@dataclass(frozen=True)
class Words:
    """A message with named values: Words("%(years)s-year life", {"years": "3"}); a bare percent sign is "%%"."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)


Label = Words | str


def fiscal(year: int) -> str:
    """A fiscal year by the year it ends in: FY2025."""
    return f"FY{year}"


def quarter_name(quarter: tuple[int, int]) -> str:
    """A fiscal quarter: Q3 FY2027."""
    return f"Q{quarter[1]} FY{quarter[0]}"


def currency_name(code: str) -> str:
    """A currency as the units line names it."""
    return "US$" if code == "USD" else code


def currency_symbol(code: str) -> str:
    """A currency as it stands before the first figure of a column."""
    return "$" if code == "USD" else f"{code} "
