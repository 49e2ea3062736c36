"""Published cases of United States tax depreciation: deductions by table and as worked, limits, the 40 percent test."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from depr.intake import read_tax_parameters, read_tax_tables
from depr.share import schedule_file
from depr.tax.parameters import Parameters
from depr.tax.recovery import (
    MINOR_PER_DOLLAR,
    Asset,
    needs_mid_quarter,
    section_179_limit,
    table_deductions,
    worked_deductions,
)
from depr.tax.tables import Key, Table, find_table, first_year_fraction
from tests.conformance.facts import exact

RATE_PLACES, FRACTION_PLACES = 5, 3
"""How many decimals a return that is worked without the table keeps in a yearly rate and in a first-year fraction."""

NOMINAL_YEAR = 2025
Inputs = Mapping[str, Any]
Figures = dict[str, Any]


@lru_cache(maxsize=1)
def _tables() -> dict[Key, Table]:
    return read_tax_tables(schedule_file("tables/macrs.toml"))


@lru_cache(maxsize=1)
def _parameters() -> Parameters:
    return read_tax_parameters(schedule_file("tables/us-tax.toml"))


def _cents(dollars: Any) -> int:
    return int(exact(dollars) * MINOR_PER_DOLLAR)


def _dollars(cents: int) -> Fraction:
    return Fraction(cents, MINOR_PER_DOLLAR)


def _table(inputs: Inputs) -> Table:
    part = inputs.get("quarter", inputs.get("month"))
    return find_table(_tables(), inputs["life"], inputs["convention"], part, inputs.get("method", "200DB"))


def _deductions(inputs: Inputs, expected: Inputs) -> Figures:
    """By the table in whole dollars; as worked where a formula or the fraction it is worked with is asserted."""
    table, basis = _table(inputs), _cents(inputs["basis"])
    by_table = [_dollars(x) for x in table_deductions(basis, table, "whole_dollars")]
    worked = [_dollars(x) for x in worked_deductions(basis, table, RATE_PLACES, FRACTION_PLACES)]
    part = inputs.get("quarter", inputs.get("month"))
    fraction = round(first_year_fraction(inputs["convention"], part), FRACTION_PLACES)
    out: Figures = {
        "first_year_fraction": fraction,
        "deduction_year1_formula": worked[0],
        "deduction_year1_table": by_table[0],
        "deductions": by_table,
        "percents": list(table.percents),
    }
    for name in expected:
        if years := re.fullmatch(r"deduction_first(\d+)", name):
            out[name] = (worked if "first_year_fraction" in expected else by_table)[: int(years[1])]
    return out


def _forty_percent(inputs: Inputs, expected: Inputs) -> Figures:
    """Bases by quarter of a calendar tax year, the test, and year 1 of each asset by its table."""
    quarters = [0, 0, 0, 0]
    for asset in inputs["assets"]:
        day = date.fromisoformat(f"{NOMINAL_YEAR}-{asset['date']}")
        quarters[(Asset(_cents(asset["basis"]), day, day).part("MQ") or 1) - 1] += _cents(asset["basis"])
    late = needs_mid_quarter(quarters, _parameters())
    first = {
        asset["n"]: _dollars(table_deductions(_cents(asset["basis"]), find_table(_tables(), asset["life"], "HY"))[0])
        for asset in inputs["assets"]
    }
    share = round(Fraction(quarters[-1], sum(quarters)), len(str(expected["q4_share"]).partition(".")[2]))
    named = {"total": _dollars(sum(quarters)), "q4": _dollars(quarters[-1]), "q4_share": share}
    return {**named, "convention": "MQ" if late else "HY", "derived": {"year1": first}}


def _threshold(inputs: Inputs, expected: Inputs) -> Figures:
    last, total = exact(inputs["q4"]), exact(inputs["total"])
    late = needs_mid_quarter([total - last, Fraction(0), Fraction(0), last], _parameters())
    return {"convention": "MQ" if late else "HY"}


def _limit(inputs: Inputs, expected: Inputs) -> Figures:
    limit = section_179_limit(int(inputs["year"]), _cents(inputs["placed_in_service"]), _parameters())
    return {"max_deduction": _dollars(limit)}


def _bonus(inputs: Inputs, expected: Inputs) -> Figures:
    """Section 179 first, then the special allowance at the rate given, then the table on what is left."""
    cost = _cents(inputs["cost"]) - _cents(inputs["sec179"])
    bonus = round(cost * exact(inputs["bonus_pct"]) / 100)
    years = [_dollars(x) for x in table_deductions(cost - bonus, _table(inputs))]
    total = _dollars(_cents(inputs["sec179"]) + bonus) + sum(years)
    return {"bonus": _dollars(bonus), "macrs_basis": _dollars(cost - bonus), "macrs": years, "total": total}


RULES: tuple[tuple[frozenset[str], Callable[[Inputs, Inputs], Figures]], ...] = (
    (frozenset({"basis", "life", "convention"}), _deductions),
    (frozenset({"assets"}), _forty_percent),
    (frozenset({"q4", "total"}), _threshold),
    (frozenset({"year", "placed_in_service"}), _limit),
    (frozenset({"cost", "bonus_pct"}), _bonus),
)


def statute(inputs: Inputs, expected: Inputs) -> Figures | None:
    """The figures that a tax case asks for, by the inputs it has; None when none of the rules takes them."""
    return next((rule(inputs, expected) for keys, rule in RULES if keys <= inputs.keys()), None)
