"""Capital expenditure by fiscal year, reported and projected, in quarters.

reported years as reported; then the scenario's own entry of an issuer and year; else the year before x (1 + growth)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from depr.books.book import Book
from depr.books.issuers import Issuer
from depr.contract.currencies import currencies
from depr.errors import refuse
from depr.outlook.scenario import Capex, Growth, Scenario

QUARTERS = 4
MINOR_PER_BILLION = 10**11
"""Cents in USD billion."""

REPORTED = "reported"
STATED = "stated by the scenario"
GROWN = "grown from the year before"


@dataclass(frozen=True)
class Inputs:
    """What is known: issuers and their books, diluted shares, reported capital expenditure (minor units) by fiscal
    year, and vintages (in_service_date, cost_low_minor, cost_minor, cost_high_minor) by issuer."""

    issuers: Mapping[str, Issuer]
    books: Mapping[str, Book]
    shares: Mapping[str, int] = field(default_factory=dict)
    spent: Mapping[tuple[str, int], int] = field(default_factory=dict)
    vintages: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def minor_per_unit(self, issuer: str) -> int:
        """Minor units in one unit of the currency in which an issuer reports."""
        return currencies()[self.issuers[issuer].currency]


class Spent(NamedTuple):
    """Capital expenditure of a fiscal year in minor units: low, mid and high, and where it comes from."""

    issuer: str
    fiscal_year: int
    low: int
    mid: int
    high: int
    basis: str
    sourced: bool
    source: str


class Quarter(NamedTuple):
    """What was spent in a fiscal quarter, dated on the first day of its middle month."""

    issuer: str
    day: date
    low: int
    mid: int
    high: int
    projected: bool


def first_projected(scenario: Scenario, inputs: Inputs, issuer: str) -> int:
    """The first fiscal year that is projected: the scenario's first entry, else the one after the last reported."""
    stated = [entry.fiscal_year for entry in scenario.capex if entry.issuer == issuer]
    reported = [year for name, year in inputs.spent if name == issuer]
    if not stated and not reported:
        raise refuse(f"scenario {scenario.id}", f"no capital expenditure of {issuer}", do="add a [[capex]] entry")
    return min(stated) if stated else max(reported) + 1


def spending(scenario: Scenario, inputs: Inputs) -> list[Spent]:
    """Every fiscal year of every issuer that touches the scenario's years, and the reported ones before, in order.

    Raises `Refused` for a year that has neither an entry nor a growth.
    """
    return [year for issuer in scenario.issuers for year in _years(scenario, inputs, issuer)]


def _years(scenario: Scenario, inputs: Inputs, issuer: str) -> Iterator[Spent]:
    first = first_projected(scenario, inputs, issuer)
    calendar = inputs.issuers[issuer].calendar
    last = calendar.year_of(calendar.period(date(scenario.last_year, 12, 31)))
    known = {year: amount for (name, year), amount in sorted(inputs.spent.items()) if name == issuer and year < first}
    for year, amount in known.items():
        yield Spent(issuer, year, amount, amount, amount, REPORTED, True, "statements.csv")
    stated = {entry.fiscal_year: entry for entry in scenario.capex if entry.issuer == issuer}
    growth = {entry.fiscal_year: entry for entry in scenario.growth}
    before = tuple(Fraction(known[first - 1]) for _ in range(3)) if first - 1 in known else None
    for year in range(first, last + 1):
        entry = stated.get(year) or (growth.get(year) if before else None)
        if entry is None:
            raise refuse(
                f"scenario {scenario.id}", f"no capital expenditure of {issuer} in fiscal year {year}",
                do="add a [[capex]] or a [[growth]] entry of that year",
            )  # fmt: skip
        before = _amounts(entry, before)
        low, mid, high = map(round, before)
        basis = STATED if isinstance(entry, Capex) else GROWN
        yield Spent(issuer, year, low, mid, high, basis, entry.sourced, entry.source)


def _amounts(entry: Capex | Growth, before: tuple[Fraction, ...] | None) -> tuple[Fraction, ...]:
    ends = (entry.low, entry.mid, entry.high)
    if isinstance(entry, Capex):
        return tuple(end * MINOR_PER_BILLION for end in ends)
    return tuple(amount * (1 + end) for amount, end in zip(before or (), ends, strict=True))


def quarters(scenario: Scenario, inputs: Inputs) -> list[Quarter]:
    """Capital expenditure, times the issuer's share factor, in equal parts by quarter, rounded on the running sum."""
    out = []
    for year in spending(scenario, inputs):
        calendar = inputs.issuers[year.issuer].calendar
        factor = scenario.share_factor(year.issuer)
        parts = zip(*(_split(amount * factor) for amount in (year.low, year.mid, year.high)), strict=True)
        start = calendar.first_of(year.fiscal_year)
        for number, (low, mid, high) in enumerate(parts):
            day = calendar.first_day(start + number * 3 + 1)
            out.append(Quarter(year.issuer, day, low, mid, high, year.basis != REPORTED))
    return out


def _split(amount: Fraction) -> list[int]:
    return [b - a for a, b in pairwise(round(amount * n / QUARTERS) for n in range(QUARTERS + 1))]
