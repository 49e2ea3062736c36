"""Cases of spreadsheet functions: a row of a CSV file, or a JSON case of one function, called as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from depr.errors import Refused
from depr.spreadsheet.functions import FUNCTIONS
from tests.conformance.facts import exact

ARGUMENTS = (
    *("cost", "salvage", "life", "period", "month", "start_period", "end_period"),
    *("factor", "no_switch", "date_purchased", "first_period", "rate", "basis"),
)
VARIANTS = {
    "output": "libreoffice",
    "libreoffice_7_4": "libreoffice",
    "excel_vdb_model": "excel",
    "expected": "excel",
}
"""Columns of answers, and whose answers they are."""

ALWAYS = ("output", "expected")
"""Columns where a blank is an answer too: an error. In the others it is no answer."""

ERROR = "error"
RELATIVE = Fraction(1, 10**9)
NOISE = Fraction(1, 2**50)
"""What a sum of doubles may be off, as a share of the cost."""


def answer(row: Mapping[str, str], variant: str) -> Fraction | str:
    """What the function of a row gives, or error."""
    given: dict[str, Any] = {name: row[name] for name in ARGUMENTS if row.get(name)}
    if "no_switch" in given:
        given["no_switch"] = given["no_switch"] == "1"
    try:
        return FUNCTIONS[row["function"]](**given, variant=variant)
    except Refused:
        return ERROR


def agrees(row: Mapping[str, str], column: str, found: Fraction | str) -> bool:
    """Whether an answer is the one of a column: to 1e-9, or as many digits as its source asserts."""
    expected = row[column]
    wrong = not expected or expected == ERROR or expected.startswith("#")
    if wrong or isinstance(found, str):
        return wrong and found == ERROR
    value = exact(expected)
    stated = exact(row.get("tolerance") or 0) if column == "expected" else Fraction(0)
    return abs(found - value) <= max(abs(value) * RELATIVE, stated, NOISE * abs(exact(row["cost"])))


def columns(row: Mapping[str, str]) -> Iterator[str]:
    """The columns of a row that hold an answer."""
    return (name for name in VARIANTS if name in row and (row[name] or name in ALWAYS))


def function_rows(case: Mapping[str, Any]) -> list[tuple[Any, Any, Fraction]]:
    """Period, expected and found of each row of a JSON case; its system ends with the function's name."""
    inputs = case["inputs"]
    optional = {"month": inputs.get("months_first_year"), "factor": inputs.get("factor")}
    options = {name: str(value) for name, value in optional.items() if value is not None}
    function, given = FUNCTIONS[str(case["system"]).split()[-1]], [str(inputs[k]) for k in ("cost", "salvage")]
    return [
        (period, expected, function(*given, str(inputs["life_years"]), str(period), **options))
        for period, expected, _ in case["expected"]
    ]
