"""MACRS percentages: columns of percent of basis by tax year, as published, beside the formula behind them.

A published column is data and taken as printed. The formula gives exact Fractions; the printed figures follow from it
by a named rounding (`rederived_percents`), but for two columns that are irregular as printed.

Symbols: n recovery years, f factor, p first-year fraction, B basis not yet recovered, L recovery years left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from depr.books.book import Exact, validated
from depr.errors import refuse, unknown

Key = tuple[Fraction, str, int | None, str]
"""(recovery years, convention, quarter or month, method)."""

PARTS = {"HY": 1, "MQ": 4, "MM": 12}
"""Half-year, mid-quarter, mid-month: into how many parts the tax year is cut. Service begins in the middle of one."""

FACTORS = {"200DB": Fraction(2), "150DB": Fraction(3, 2), "SL": Fraction(1)}
WHOLE = Fraction(100)
_DECIMAL = re.compile(r"\d+(\.\d+)?")

Rounding = Callable[[Fraction], Fraction]


def _decimals(value: Any) -> Any:
    """Percents as printed, "20.00 32.00 ...", exactly."""
    if not isinstance(value, str):
        return value
    if wrong := [text for text in value.split() if not _DECIMAL.fullmatch(text)]:
        raise ValueError(f"{wrong[0]!r} is not a percent; write decimals such as 19.20")
    return tuple(Fraction(text) for text in value.split())


class Table(BaseModel):
    """One column of percents of the basis by tax year; they add to exactly 100."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    recovery_years: Annotated[Exact, Field(gt=0)]
    convention: Literal["HY", "MQ", "MM"]
    quarter_or_month: int | None = None
    method: Literal["200DB", "150DB", "SL"]
    percents: Annotated[tuple[Fraction, ...], BeforeValidator(_decimals)]
    in_service_from: date = date.min
    places: Annotated[int, Field(ge=0)] = 0
    derivation: Literal["sequential", "level", "irregular", "exact"] = "exact"
    source: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _holds(self) -> Table:
        if self.quarter_or_month not in _places(self.convention):
            raise ValueError(f"table {self.name}, {self.label}: no such part of a tax year")
        if (total := sum(self.percents)) != WHOLE:
            raise ValueError(f"table {self.name}, {self.label}: the percents add to {float(total):g} and not to 100")
        return self

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.recovery_years, self.convention, self.quarter_or_month, self.method

    @property
    def label(self) -> str:
        """The key in words, as in 7-year MQ3 200DB."""
        return label(*self.key)

    @property
    def shares(self) -> tuple[Fraction, ...]:
        """Shares of the basis by tax year; they add to 1."""
        return tuple(percent / WHOLE for percent in self.percents)


class _Tables(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    table: tuple[Table, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> _Tables:
        labels = [table.label for table in self.table]
        if twice := sorted({name for name in labels if labels.count(name) > 1}):
            raise ValueError(f"given more than once: {', '.join(twice)}")
        return self


def parse_tables(document: Mapping[str, Any], file: str = "tables") -> dict[Key, Table]:
    """Tables by key from their TOML document. Raises `Refused` with every fault found."""
    return {table.key: table for table in validated(_Tables, document, file).table}


def label(recovery_years: Fraction, convention: str, quarter_or_month: int | None, method: str) -> str:
    """A key in words, as in 7-year MQ3 200DB."""
    return f"{float(recovery_years):g}-year {convention}{quarter_or_month or ''} {method}"


def law_method(recovery_years: Fraction, convention: str) -> str:
    """The method of the law: straight line for real property (MM), 150DB over 10 years, else 200DB.

    Source: 26 U.S.C. 168(b)(1) to (3): 200DB; 150DB for 15- and 20-year property; straight line for real property.
    """
    if convention == "MM":
        return "SL"
    return "150DB" if recovery_years > LONGEST_200DB_YEARS else "200DB"


LONGEST_200DB_YEARS = 10


def columns(
    tables: Mapping[Key, Table], recovery_years: Fraction, convention: str, method: str | None = None
) -> tuple[Table, ...]:
    """The table of each part of the tax year in which service may begin: the printed one, else that of the formula.

    Without a method that of the law. Raises `Refused` for a convention, a method or a period that does not exist.
    """
    if convention not in PARTS:
        raise unknown("tax convention", convention, PARTS)
    by = method or law_method(recovery_years, convention)
    keys = [(recovery_years, convention, part, by) for part in _places(convention)]
    return tuple(tables.get(key) or formula_table(*key) for key in keys)


def first_year_fraction(convention: str, quarter_or_month: int | None = None) -> Fraction:
    """p = 1 - (k - 1/2) / parts: the share of the first tax year from the middle of its part k.

    Half-year 1/2; mid-quarter 7/8, 5/8, 3/8, 1/8; mid-month 23/24 ... 1/24. Raises `Refused`.
    """
    if convention not in PARTS:
        raise unknown("tax convention", convention, PARTS)
    if quarter_or_month not in _places(convention):
        offered = f"give 1 to {parts}" if (parts := PARTS[convention]) > 1 else "leave it out"
        raise refuse("input", f"a {convention} year has no part {quarter_or_month}", do=offered)
    return 1 - ((quarter_or_month or 1) - Fraction(1, 2)) / PARTS[convention]


def _places(convention: str) -> tuple[int | None, ...]:
    parts = PARTS[convention]
    return tuple(range(1, parts + 1)) if parts > 1 else (None,)


def exact_percents(
    recovery_years: Fraction, convention: str, quarter_or_month: int | None, factor: Fraction
) -> tuple[Fraction, ...]:
    """The unrounded formula, percent of basis by tax year: declining balance, then straight line when that is larger.

    A year charges B * max(f / n, 1 / L), the first one times p, none more than B; the last one charges what is left.
    Factor 1 is straight line. Source: 26 U.S.C. 168(b), (d). Raises `Refused` for a convention or a part of the year
    that does not exist, and for a recovery period or a factor that is not positive.
    """
    if recovery_years <= 0 or factor <= 0:
        raise refuse("input", f"{recovery_years} years at factor {factor}", "both are more than zero")
    return decline(WHOLE, recovery_years, first_year_fraction(convention, quarter_or_month), factor)


def decline(
    basis: Fraction,
    years: Fraction,
    first: Fraction,
    factor: Fraction,
    rate: Rounding = Fraction,
    charge: Rounding = Fraction,
) -> tuple[Fraction, ...]:
    """The charges of the tax years by the formula above, each rate and each charge rounded as said."""
    left = basis
    life = years
    step = first
    charges = []
    while life > step:
        charges.append(min(charge(left * rate(max(factor / years, 1 / life)) * step), left))
        left = left - charges[-1]
        life = life - step
        step = Fraction(1)
    return (*charges, left)


def formula_table(recovery_years: Fraction, convention: str, quarter_or_month: int | None, method: str) -> Table:
    """A table by the formula, unrounded, for what is not published here, such as straight line over an ADS life.

    Raises `Refused` for a method, a convention or a part of the year that does not exist.
    """
    if method not in FACTORS:
        raise unknown("tax method", method, FACTORS)
    percents = exact_percents(recovery_years, convention, quarter_or_month, FACTORS[method])
    key = {"recovery_years": recovery_years, "convention": convention, "quarter_or_month": quarter_or_month}
    return Table.model_validate(
        {"name": "formula", **key, "method": method, "percents": percents, "source": "26 U.S.C. 168(b), (c), (d)"}
    )


def rederived_percents(table: Table) -> tuple[Fraction, ...]:
    """A published column derived anew from the formula, by the rounding that its `derivation` names.

    sequential: each year's percent, of what the rounded years before leave, is rounded half up to the table's places.
    level: a whole year is 100 / n so rounded; the first and the last year share the rest as p to 1 - p.
    irregular: as sequential; the printed column differs from it in the years that its note names.
    """
    first = first_year_fraction(table.convention, table.quarter_or_month)
    rounding = half_up(table.places)
    if table.derivation == "exact":
        return exact_percents(table.recovery_years, table.convention, table.quarter_or_month, FACTORS[table.method])
    if table.derivation == "level":
        whole = rounding(WHOLE / table.recovery_years)
        years = floor(table.recovery_years) - 1
        ends = WHOLE - whole * years
        opening = rounding(ends * first)
        return (opening, *(whole,) * years, ends - opening)
    return decline(WHOLE, table.recovery_years, first, FACTORS[table.method], charge=rounding)


def half_up(places: int) -> Rounding:
    """Rounding to some decimal places, halves up."""
    unit = 10**places
    return lambda value: Fraction(floor(value * unit + Fraction(1, 2)), unit)
