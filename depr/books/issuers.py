"""Issuers: whose statements are restated, on which calendar, at which tax rate; a TOML file each in schedules/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from depr.books.book import Rate, validated
from depr.errors import unknown
from depr.kernel.calendar import FiscalCalendar

Function = Literal["cost_of_revenue", "research_and_development", "sales_general_admin"]
"""A function of the income statement, by the line that stands for it."""


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


class FunctionSplit(BaseModel):
    """How depreciation is spread over the functions of the income statement, from a date on."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    effective: date
    cost_of_revenue: Rate
    research_and_development: Rate
    selling_general_administrative: Rate
    source: str = Field(min_length=1)
    assumption: bool = False

    @model_validator(mode="after")
    def _whole(self) -> FunctionSplit:
        if self.cost_of_revenue + self.research_and_development + self.selling_general_administrative != 1:
            raise ValueError("the shares of the functions do not add to 1")
        return self


DEFAULT = "default"
"""The kind of tax rate that is meant when none is named: see `Issuer.rates`."""


class TaxRate(BaseModel):
    """Tax rate on a change in depreciation, from a date on; `allowance`: under a valuation allowance."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    effective: date
    rate: Rate
    kind: Literal["statutory", "marginal", "allowance"]
    source: str = Field(min_length=1)


class Caption(BaseModel):
    """The filer's own words for a function, in its statements of years that end on or after a date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective: date
    text: str = Field(min_length=1)
    source: str = Field(min_length=1)


Dated = TypeVar("Dated", TaxRate, FunctionSplit, Caption)


class Issuer(BaseModel):
    """An entity with statements and a fleet.

    `short` is its name in a headline. `cik` is its number at the SEC, with which a companyfacts document is compared.
    `depreciation_line` is the line of its statements that stands for depreciation; else it is the one that most years
    have. `captions` are the filer's own words for the functions of its income statement, where they are others than
    ours; dated where it changed them.
    A year of 52 or 53 weeks has the pattern of its quarters (`weeks`), the day of the week that it ends on, and whether
    that is the last one of the month or the one nearest to its end (`year_ends`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    short: str = ""
    currency: str = Field(pattern="^[A-Z]{3}$")
    fiscal_year_end_month: int = Field(ge=1, le=12)
    weeks: Literal["", "4-4-5", "4-5-4", "5-4-4"] = ""
    weekday: Weekday | None = None
    year_ends: Literal["last", "nearest"] | None = None
    book: str
    owner: str = ""
    cik: str = Field("", pattern="^([0-9]{1,10})?$")
    cik_source: str = ""
    depreciation_line: Literal["depreciation_of_ppe", "depreciation_and_amortization"] | None = None
    captions: dict[Function, str | tuple[Caption, ...]] = Field(default_factory=dict)
    source: str = Field(min_length=1)
    note: str = ""
    function_split: tuple[FunctionSplit, ...] = Field(min_length=1)
    tax_rate: tuple[TaxRate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole_weeks(self) -> Issuer:
        if bool(self.weeks) != (self.weekday is not None) or bool(self.weeks) != (self.year_ends is not None):
            raise ValueError(
                "a year of weeks has all of weeks, weekday and year_ends; a year of months has none of them"
            )
        return self

    @field_validator("cik")
    @classmethod
    def _ten_digits(cls, cik: str) -> str:
        return cik.zfill(10) if cik else cik

    @field_validator("captions")
    @classmethod
    def _in_order(cls, captions: dict[str, str | tuple[Caption, ...]]) -> dict[str, str | tuple[Caption, ...]]:
        for name, said in captions.items():
            days = [each.effective for each in said] if isinstance(said, tuple) else [date.min]
            if not days or days != sorted(set(days)):
                raise ValueError(f"the captions of {name} are not in order of date, each with its own")
        return captions

    def captions_in(self, day: date) -> dict[str, str]:
        """The filer's own words for its functions in the statements of a year that ends on a day."""
        return {
            name: said if isinstance(said, str) else in_force(said, day).text for name, said in self.captions.items()
        }

    @property
    def calendar(self) -> FiscalCalendar:
        """The fiscal calendar."""
        if not self.weeks:
            return FiscalCalendar(self.fiscal_year_end_month)
        weekday = WEEKDAYS.index(self.weekday or WEEKDAYS[0])
        return FiscalCalendar(self.fiscal_year_end_month, self.weeks, weekday, self.year_ends or "last")

    def rates(self, kind: str = DEFAULT) -> list[TaxRate]:
        """The tax rates of a kind, in order of date; none when it has no rate of the kind.

        `default` are those under a valuation allowance where the issuer has one: a deferred tax asset that is not
        expected to be used has no benefit (ASC 740-10-30-5e). They are the statutory ones for all others.
        """
        if kind == DEFAULT:
            kind = "allowance" if any(rate.kind == "allowance" for rate in self.tax_rate) else "statutory"
        return sorted((rate for rate in self.tax_rate if rate.kind == kind), key=lambda rate: rate.effective)

    def tax(self, day: date, kind: str = DEFAULT) -> TaxRate:
        """The rate of a kind in force on a day; before the first one, the first. Raises `Refused`."""
        rates = self.rates(kind)
        if not rates:
            raise unknown("tax rate", kind, {DEFAULT, *(r.kind for r in self.tax_rate)}, f"issuer {self.id}")
        return in_force(rates, day)


def in_force(entries: Sequence[Dated], day: date) -> Dated:
    """The last of some dated entries, in order, that had begun on a day; before all of them, the first."""
    begun = [entry for entry in entries if entry.effective <= day]
    return begun[-1] if begun else entries[0]


def parse_issuer(document: Mapping[str, Any], file: str = "issuer") -> Issuer:
    """An issuer from its TOML document. Raises `Refused` with every fault found."""
    return validated(Issuer, document, file)
