"""Cases of United States tax: `depr asset --method macrs`, in whole dollars as a return has them."""

from __future__ import annotations

import re
from typing import Any

import depr
from depr.errors import refuse
from tests.conformance.compare import Compared
from tests.conformance.reading import Given, day, digits, life, read

DOLLARS = 0
"""Decimals of a return: amounts that are printed with more are compared with more."""

CONVENTIONS = {"HY": "half_year", "MQ": "mid_quarter", "MM": "mid_month"}
METHODS = ("200DB", "150DB", "SL")
YEAR = 2001
QUARTERS = {1: "02-15", 2: "05-15", 3: "08-15", 4: "11-15"}
"""A day of service in each quarter: only the quarter decides."""


def tax_figures(case: Given) -> list[Compared]:
    """The deductions that a case asserts beside those of the product. Raises `Refused`."""
    expected, given = case.need("expected"), case.need("inputs")
    case.done()
    with read(given) as inputs:
        terms = _terms(inputs)
        inputs.done()
        table = depr.asset(**terms).frame
    charges = table["depreciation"].to_list()
    return [Compared(name, value, _deductions(name, charges), DOLLARS) for name, value in expected.items()]


def _terms(inputs: Given) -> dict[str, Any]:
    convention, method = str(inputs.need("convention")).upper(), str(inputs.take("method", "200DB")).upper()
    if convention not in CONVENTIONS or method not in METHODS:
        raise refuse("case", f"not read: convention {convention!r}, method {method!r}")
    return {
        "cost": digits(inputs.need("basis")),
        "life": life(inputs),
        "in_service": day(f"{YEAR}-{_day(inputs)}"),
        "grain": "year",
        "method": "macrs",
        "convention": CONVENTIONS[convention],
        "tax_method": method,
    }


def _day(inputs: Given) -> str:
    """A day in the month or quarter of service; without one only the year counts."""
    if "month" in inputs:
        return f"{inputs.take('month'):02}-15"
    quarter = inputs.take("quarter", 1)
    if quarter not in QUARTERS:
        raise refuse("case", f"not read: quarter {quarter!r}")
    return QUARTERS[quarter]


def _deductions(name: str, charges: list[Any]) -> Any:
    if several := re.fullmatch(r"deduction_first(\d+)", name):
        return charges[: int(several[1])]
    if name == "deduction_year1_table":
        return charges[0]
    raise refuse("case", f"the product answers no figure {name!r}")
