"""Cases of spreadsheet functions: a row of a CSV file, or a JSON case of one function, called as it stands."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from depr.errors import Refused, refuse
from depr.spreadsheet.functions import FUNCTIONS
from tests.conformance.compare import Compared, Outcome
from tests.conformance.reading import Given, meaning, plain, read

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

BESIDE = ("case_id", "id", "kind", "n_args", "status", "tolerance", "source", "agrees")
"""Columns that say something of a row and are no argument of its function."""

ERROR = "error"
RELATIVE = Fraction(1, 10**9)
NOISE = Fraction(1, 2**50)
"""What a sum of doubles may be off, as a share of the cost."""

PRINTED = Fraction(1, 10**7)
"""Digits that published values of functions are printed to, or more."""

RATE_RULE = "1 (salvage/cost)^(1/life) rounded to 3 decimals"
"""How DB comes to its rate, in the words of a source."""


def function_figures(case: Given) -> list[Compared]:
    """Each period of a JSON case; its system ends with the function's name. Raises `Refused`."""
    name = str(case.need("system")).split()[-1]
    meaning("method", case.need("method"))
    case.exactly("events", [])
    case.exactly("expected_is", "full", "partial", "single_row")
    rows = case.need("expected")
    case.take("expected_row_numbers")
    if name not in FUNCTIONS:
        raise refuse("case", f"not read: function {name!r}")
    with read(case.need("inputs")) as inputs:
        given = [str(inputs.need(key)) for key in ("cost", "salvage", "life_years")]
        asked = {"month": inputs.take("months_first_year"), "factor": inputs.take("factor")}
        period = inputs.take("period")
        if (rule := inputs.take("rate_rule")) is not None and (plain(rule) != RATE_RULE or name != "DB"):
            raise refuse("case", f"not read: rate_rule {rule!r}")
    if period is not None and [str(row[0]) for row in rows] != [str(period)]:
        raise refuse("case", f"not read: period {period}")
    options = {option: str(value) for option, value in asked.items() if value is not None}
    return [
        Compared(f"period {at}", want, FUNCTIONS[name](*given, str(at), **options), tolerance=PRINTED)
        for at, want, _ in rows
    ]


def run_rows(path: Path) -> Iterator[Outcome]:
    """Each answer of each row of a file of spreadsheet functions. Raises `Refused` for another file."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if rows and not {"function", "cost"} <= rows[0].keys():
        raise refuse(
            str(path), "is not a file of spreadsheet functions", do="it has columns function, cost, salvage ..."
        )
    for row in rows:
        for column in (name for name in VARIANTS if name in row and (row[name] or name in ALWAYS)):
            yield _cell(row, column)


def _cell(row: Mapping[str, Any], column: str) -> Outcome:
    name, system = f"{column}-{row.get('case_id') or row.get('id') or '?'}", f"spreadsheet {row['function']}"
    strange = [key for key, value in row.items() if value and key not in (*ARGUMENTS, *VARIANTS, *BESIDE, "function")]
    try:
        if strange or row["function"] not in FUNCTIONS:
            raise refuse("case", f"not read: {strange[0] if strange else row['function']}")
        return Outcome(name, system, (_compared(row, column),))
    except (LookupError, TypeError, ValueError) as fault:
        return Outcome(name, system, refusal=f"cannot be read: {fault}")
    except Refused as refused:
        return Outcome(name, system, refusal=refused.findings[0].what)


def _compared(row: Mapping[str, str], column: str) -> Compared:
    """An answer: to 1e-9, or to as many digits as its source asserts."""
    expected, found = row[column], _answer(row, VARIANTS[column])
    if not expected or expected == ERROR or expected.startswith("#") or isinstance(found, str):
        wrong = ERROR if not expected or expected.startswith("#") else expected
        return Compared(column, wrong, found)
    stated = Fraction(row.get("tolerance") or 0) if column == "expected" else Fraction(0)
    allowed = max(abs(Fraction(expected)) * RELATIVE, stated, NOISE * abs(Fraction(row["cost"])))
    return Compared(column, expected, found, tolerance=allowed)


def _answer(row: Mapping[str, str], variant: str) -> Fraction | str:
    given: dict[str, Any] = {name: row[name] for name in ARGUMENTS if row.get(name)}
    if "no_switch" in given:
        given["no_switch"] = given["no_switch"] == "1"
    try:
        return FUNCTIONS[row["function"]](**given, variant=variant)
    except Refused:
        return ERROR
