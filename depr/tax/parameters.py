"""What the law sets outside the MACRS tables: limits, percentages and dates, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from depr.books.book import Exact, Rate, validated


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    source: str = Field(min_length=1)


class Section179(_Entry):
    """The dollar limit of tax years that begin in a calendar year."""

    tax_year: int
    limit_usd: Annotated[int, Field(ge=0)]
    phase_out_from_usd: Annotated[int, Field(ge=0)]


class Bonus(_Entry):
    """The special allowance, percent, by the days of acquisition and service; both ends included."""

    acquired_from: date = date.min
    acquired_to: date = date.max
    in_service_from: date
    in_service_to: date = date.max
    first_tax_year_ending_after: date | None = None
    elective: bool = False
    percent: Annotated[Exact, Field(ge=0, le=100)]


class BonusProperty(_Entry):
    """The longest recovery period that takes the special allowance."""

    recovery_years_at_most: Exact


class MidQuarter(_Entry):
    """The share of the year's basis above which the mid-quarter convention applies."""

    more_than: Rate


class Parameters(BaseModel):
    """What the law sets outside the tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section_179: tuple[Section179, ...]
    bonus_property: BonusProperty
    bonus: tuple[Bonus, ...]
    mid_quarter: MidQuarter


def parse_parameters(document: Mapping[str, Any], file: str = "tax parameters") -> Parameters:
    """Parameters from their TOML document. Raises `Refused` with every fault found."""
    return validated(Parameters, document, file)
