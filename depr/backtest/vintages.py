"""Vintages from public statements: when the assets of a class that a filer does not list were placed in service.

    additions(y) = gross(y) - gross(y - 1) + retirements of the class(y)
    retirements of all classes(y) = depreciation(y) - (accumulated(y) - accumulated(y - 1))

The second line is the roll-forward of accumulated depreciation: what leaves the books fully depreciated. How much of
it belongs to the class is not disclosed: `low` takes none of it, `high` takes all of it, `mid` the share of the class
in gross property, or a share that is given (depr/backtest/reconciliation.py finds the one that fits the expense best).
Nothing else is assumed in a year whose balances are reported, so the gross of the class is reproduced to the unit
there. All amounts are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import dataframely as dy
import polars as pl

from depr.contract import Purchases
from depr.kernel.calendar import FiscalCalendar, first_day

QUARTERS = (1, 2, 3, 4)
GENERATION = "servers"
Bounds = tuple[Fraction, Fraction, Fraction]
NOTHING: Bounds = (Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Year:
    """Balances and flows of one fiscal year in minor units, None where not sourced.

    `class_gross` is the cost of the class in service at the end of the year, `class_depreciation` its depreciation;
    the other balances and flows are those of all property and equipment, `not_in_service` being the part of `gross`
    under construction; `quarters` is capital expenditure by fiscal quarter.
    """

    fiscal_year: int
    class_gross: int | None = None
    gross: int | None = None
    accumulated: int | None = None
    depreciation: int | None = None
    capex: int | None = None
    not_in_service: int | None = None
    class_depreciation: int | None = None
    quarters: tuple[int | None, ...] = ()


class Addition(NamedTuple):
    """Cost of the class placed in service and retired in a year, (low, mid, high), and how it was found."""

    fiscal_year: int
    placed: Bounds
    retired: Bounds
    how: str


REPORTED = "balances"
SPREAD = "balances of several years"
SCALED = "capital expenditure"


def additions(years: Sequence[Year], life_years: int, share: Fraction | None = None) -> list[Addition]:
    """Cost placed in service by fiscal year, in order; empty when no gross of the class is known.

    Between two known balances by the roll-forward (spread over the years between by capital expenditure). Before the
    first and after the last by capital expenditure, at its ratio to additions in the nearest year known; before the
    first for `life_years` years, together at most the first balance. `share` is the share of retirements that `mid`
    gives the class, its share in gross property when None.
    """
    table = {year.fiscal_year: year for year in years}
    known = sorted(y for y, year in table.items() if year.class_gross is not None)
    if not known:
        return []
    retired = _retirements(table, known, share)
    found = [each for a, b in pairwise(known) for each in _between(table, a, b, retired)]
    before = _before(table, known[0], found, life_years)
    return [*before, *found, *_after(table, known[-1], found)]


def _retirements(table: Mapping[int, Year], known: Sequence[int], share: Fraction | None) -> dict[int, Bounds]:
    """Retirements of the class by year; a year whose accumulated depreciation is not sourced takes the mean rate."""
    ends = sorted(y for y, year in table.items() if year.accumulated is not None)
    out: dict[int, Bounds] = {}
    for a, b in pairwise(ends):
        charges = [table[y].depreciation if y in table else None for y in range(a + 1, b + 1)]
        stated = [c for c in charges if c is not None]
        total = sum(stated)
        if len(stated) == len(charges) and total > 0:
            left = max(total - (table[b].accumulated or 0) + (table[a].accumulated or 0), 0)
            for y, charge in zip(range(a + 1, b + 1), stated, strict=True):
                whole = Fraction(left * charge, total)
                out[y] = (Fraction(0), whole * (_class_share(table, y) if share is None else share), whole)
    held = {y: table[y - 1].class_gross for y in out if y - 1 in table and table[y - 1].class_gross}
    total = sum(gross for gross in held.values() if gross)
    rates = [sum((out[y][i] for y in held), Fraction(0)) / total if total else Fraction(0) for i in range(3)]
    for y in range(known[0] + 1, known[-1] + 1):
        opening = table[max(k for k in known if k < y)].class_gross or 0
        out.setdefault(y, (rates[0] * opening, rates[1] * opening, rates[2] * opening))
    return out


def _class_share(table: Mapping[int, Year], y: int) -> Fraction:
    """Share of the class in gross property at the last date before the year at which both are known, else the first."""
    both = {k: (v.class_gross, v.gross) for k, v in sorted(table.items()) if v.class_gross and v.gross}
    if not both:
        return Fraction(1, 2)
    past = [k for k in both if k < y]
    part, whole = both[past[-1] if past else min(both)]
    return Fraction(part or 0, whole or 1)


def _between(table: Mapping[int, Year], a: int, b: int, retired: Mapping[int, Bounds]) -> list[Addition]:
    span = range(a + 1, b + 1)
    weights = [Fraction((table[y].capex if y in table else None) or 0) for y in span]
    total = sum(weights)
    grown = (table[b].class_gross or 0) - (table[a].class_gross or 0)
    gone = [sum((retired[y][i] for y in span), Fraction(0)) for i in range(3)]
    out = []
    for y, weight in zip(span, weights, strict=True):
        part = weight / total if total else Fraction(1, len(span))
        low, mid, high = (max(grown + each, Fraction(0)) * part for each in gone)
        out.append(Addition(y, (low, mid, high), retired[y], REPORTED if len(span) == 1 else SPREAD))
    return out


def _ratio(table: Mapping[int, Year], nearest: Sequence[Addition]) -> Bounds | None:
    """Additions over capital expenditure in the first of some years that has both."""
    for each in nearest:
        capex = table[each.fiscal_year].capex if each.fiscal_year in table else None
        if capex:
            low, mid, high = (part / capex for part in each.placed)
            return low, mid, high
    return None


def _before(table: Mapping[int, Year], first: int, found: Sequence[Addition], life_years: int) -> list[Addition]:
    span = range(first - life_years + 1, first + 1)
    spent = {y: table[y].capex for y in span if y in table and table[y].capex}
    gross = table[first].class_gross or 0
    ratio = _ratio(table, found)
    if ratio is None:  # one balance: all of it, over the years whose expenditure is known
        total = sum(c for c in spent.values() if c)
        return [
            Addition(y, (Fraction(gross * (c or 0), total),) * 3, NOTHING, SCALED) for y, c in sorted(spent.items())
        ]
    flat = spent[min(spent)] if spent else None
    guess = {y: [rate * (spent.get(y) or flat or 0) for rate in ratio] for y in span}
    if not flat:
        guess = {y: list(found[0].placed) for y in span}
    sums = [sum(guess[y][i] for y in span) for i in range(3)]
    caps = [min(Fraction(1), gross / total) if total else Fraction(1) for total in sums]
    out = []
    for y in span:
        low, mid, high = (value * cap for value, cap in zip(guess[y], caps, strict=True))
        out.append(Addition(y, (min(low, mid), mid, max(mid, high)), NOTHING, SCALED))
    return out


def _after(table: Mapping[int, Year], last: int, found: Sequence[Addition]) -> list[Addition]:
    ratio = _ratio(table, found[::-1])
    later = sorted(y for y, year in table.items() if y > last and year.capex)
    if ratio is None:
        return []
    return [
        Addition(y, (ratio[0] * spent, ratio[1] * spent, ratio[2] * spent), NOTHING, SCALED)
        for y in later
        if (spent := table[y].capex)
    ]


class Vintage(NamedTuple):
    """Cost placed in service in a fiscal quarter: low, mid and high, in minor units."""

    fiscal_year: int
    quarter: int
    in_service: date
    cost: tuple[int, int, int]
    how: str


def vintages(
    years: Sequence[Year], calendar: FiscalCalendar, life_years: int, share: Fraction | None = None
) -> list[Vintage]:
    """`additions` by quarter: by capital expenditure where all four quarters are sourced, else in equal parts.

    In service on the first day of the middle month of the quarter, which under the mid-month convention is the middle
    of the quarter. `mid` and its distance to each bound are rounded half to even on the running sum of the year.
    """
    table = {year.fiscal_year: year for year in years}
    out = []
    for each in additions(years, life_years, share):
        parts = _parts(table.get(each.fiscal_year))
        start = calendar.first_of(each.fiscal_year)
        low, mid, high = each.placed
        costs = zip(*(_split(amount, parts) for amount in (mid, mid - low, high - mid)), strict=True)
        for quarter, (cost, under, over) in zip(QUARTERS, costs, strict=True):
            day = first_day(start + quarter * 3 - 2)
            out.append(Vintage(each.fiscal_year, quarter, day, (max(cost - under, 0), cost, cost + over), each.how))
    return [each for each in out if each.cost[2]]


def _split(amount: Fraction, parts: Sequence[Fraction]) -> list[int]:
    """An amount in parts, each the step of the rounded running sum: whole units that never fall below zero."""
    sums = [round(amount * sum(parts[:n], Fraction(0))) for n in range(len(parts) + 1)]
    return [b - a for a, b in pairwise(sums)]


def _parts(year: Year | None) -> list[Fraction]:
    spent = [part for part in year.quarters if part] if year else []
    if len(spent) == len(QUARTERS):
        return [Fraction(part, sum(spent)) for part in spent]
    return [Fraction(1, len(QUARTERS))] * len(QUARTERS)


def ledger(
    issuer: str, currency: str, found: Sequence[Vintage], generation: str = GENERATION
) -> dy.DataFrame[Purchases]:
    """Vintages as an ordinary purchases ledger (contract.Purchases), every row marked as inferred in `document`."""
    rows = [
        {
            "lot_id": f"{issuer}-{generation.upper()}-{each.fiscal_year}Q{each.quarter}",
            "issuer": issuer,
            "generation": generation,
            "units": 1,
            "cost_low_minor": each.cost[0],
            "cost_minor": each.cost[1],
            "cost_high_minor": each.cost[2],
            "currency": currency,
            "purchase_date": each.in_service,
            "in_service_date": each.in_service,
            "document": f"inferred from {each.how} of fiscal year {each.fiscal_year}",
            "source_row": number,
        }
        for number, each in enumerate(found, 2)
    ]
    names = {name: column.dtype for name, column in Purchases.columns().items()}
    return Purchases.validate(pl.DataFrame(rows, schema=names))
