"""Published cases of other systems, run as they stand: `run_case`, `run_files`, `case_report`.

Inputs are mapped to named options by the profiles in schedules/profiles; what comes out is compared with what the
source asserts, to the cent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from depr.books.book import validated
from depr.errors import Refused, refuse
from depr.intake import bounds, read_toml
from tests.conformance.functions import VARIANTS, agrees, answer, columns, function_rows
from tests.conformance.run import Compared, Outcome, outcome, read_cases, schedule_case, shown
from tests.conformance.standards import TOPICS, standard
from tests.conformance.statute import statute

__all__ = ["Compared", "Outcome", "case_report", "run_case", "run_files", "stated"]

REPORT = ("case", "system", "row", "date", "expected", "actual", "agrees", "why")
FUNCTION = "spreadsheet"
LARGEST = 1 << 24
"""Bytes of a file of cases."""

PRINTED = Fraction(1, 10**7)
"""Digits that published values of functions are printed to, or more."""


class Stated(BaseModel):
    """What a source says in words beside a case, as inputs and as named options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    inputs: Mapping[str, Any] = {}
    options: Mapping[str, Any] = {}
    source: str = Field(min_length=1)

    def added(self, case: Mapping[str, Any]) -> dict[str, Any]:
        """The case with them; what it states itself goes before."""
        inputs, options = (
            {**said, **case.get(name, {})} for name, said in (("inputs", self.inputs), ("options", self.options))
        )
        return {**case, "inputs": inputs, "options": options}


class _Statements(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    case: tuple[Stated, ...] = ()


def run_case(case: Mapping[str, Any]) -> Outcome:
    """One published case, as it stands. Bad or strange inputs are an outcome that is not reproduced, with the reason.

    `outside` is a case of something else than depreciation, such as a lease or earnings per share.
    """
    try:
        if "system" in case:
            return _function(case) if str(case["system"]).startswith(FUNCTION) else schedule_case(case)
        if "topic" in case:
            return _example(case)
        return _figures(case, statute(case["inputs"], case["expected"])) if "inputs" in case else _outside(case, "")
    except Refused as refused:
        return outcome(case, (), "; ".join(finding.what for finding in refused.findings))
    except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError) as fault:
        return outcome(case, (), f"its inputs cannot be read: {type(fault).__name__} {fault}")


def _function(case: Mapping[str, Any]) -> Outcome:
    return outcome(
        case, [Compared(f"period {period}", want, found, PRINTED) for period, want, found in function_rows(case)]
    )


def _example(case: Mapping[str, Any]) -> Outcome:
    if case["topic"] not in TOPICS:
        return _outside(case, str(case["topic"]))
    return _figures(case, standard(case["topic"], case["inputs"], case["expected"]))


def _figures(case: Mapping[str, Any], found: Mapping[str, Any] | None) -> Outcome:
    if found is None:
        return _outside(case, str(case.get("kind", "")))
    lacking = [name for name in case["expected"] if name not in found]
    reason = f"its inputs do not give what {lacking[0]} is worked out from" if lacking else ""
    compared = [Compared(name, value, found[name]) for name, value in case["expected"].items() if name in found]
    return outcome(case, compared, reason)


def _outside(case: Mapping[str, Any], what: str) -> Outcome:
    what = (what or str(case.get("kind", "this"))).replace("_", " ")
    return replace(outcome(case, (), f"{what} is not depreciation"), outside=True)


def run_files(folder: Path) -> Iterator[tuple[str, Outcome]]:
    """Every case of the JSON and CSV files of a folder, with the file's name, in order.

    A file that holds no cases is an outcome of its own that is not reproduced. Raises `Refused` for no such folder.
    """
    if not folder.is_dir():
        raise refuse(str(folder), "no such folder", do="name a folder of cases")
    for path in sorted(folder.iterdir()):
        if path.suffix in READERS:
            try:
                yield from ((path.name, found) for found in READERS[path.suffix](path))
            except Refused as refused:
                yield path.name, Outcome(path.name, "no cases", False, reason=refused.findings[0].what)


@lru_cache(maxsize=1)
def stated() -> dict[str, Stated]:
    """What sources say in words, by case: tests/conformance/stated.toml. Raises `Refused` with every fault found."""
    path = Path(__file__).with_name("stated.toml")
    return {entry.id: entry for entry in validated(_Statements, read_toml(path), str(path)).case}


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        cases = read_cases(bounds.content(path, LARGEST).decode("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as fault:
        raise refuse(str(path), f"cannot be read: {fault}") from None
    said = stated()
    return [said[case["id"]].added(case) if case["id"] in said else case for case in cases]


def _run_json(path: Path) -> Iterator[Outcome]:
    return (run_case(case) for case in _read(path))


def _run_csv(path: Path) -> Iterator[Outcome]:
    """Each answer of each row of a file of spreadsheet functions."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if rows and not {"function", "cost"} <= rows[0].keys():
        raise refuse(
            str(path), "is not a file of spreadsheet functions", do="it has columns function, cost, salvage ..."
        )
    for row in rows:
        for column in columns(row):
            yield _cell(row, column)


READERS = {".json": _run_json, ".csv": _run_csv}


def _cell(row: Mapping[str, str], column: str) -> Outcome:
    number, system = row.get("case_id") or row.get("id") or "?", f"spreadsheet {row['function']}"
    try:
        found = answer(row, VARIANTS[column])
        good = agrees(row, column, found)
    except (LookupError, TypeError, ValueError, Refused) as fault:
        return Outcome(f"{column}-{number}", system, False, reason=f"cannot be read: {fault}")
    reason = "" if good else f"expected {row[column] or 'an error'}, found {shown(found)}"
    return Outcome(f"{column}-{number}", system, good, (row[column],), (found,), reason)


def case_report(path: Path) -> pl.DataFrame:
    """Each figure of each case of a JSON file: case, system, row, date, expected, actual, agrees, why.

    `why` is the reason on the first figure that does not agree. Raises `Refused` for a file that holds no cases.
    """
    lines = [line for case in _read(path) for line in _lines(run_case(case))]
    return pl.DataFrame(lines, schema=dict.fromkeys(REPORT, pl.String) | {"agrees": pl.Boolean}, orient="row")


def _lines(found: Outcome) -> Iterator[tuple[str, str, str, str, str, str, bool, str]]:
    said = False
    for line in found.compared:
        head, _, name = line.row.rpartition(" ")
        why = "" if line.agrees or said else found.reason
        said = said or not line.agrees
        yield (found.id, found.system, name, head, shown(line.expected), shown(line.actual), line.agrees, why)
    if found.reason and not said:
        yield (found.id, found.system, "", "", "", "", False, found.reason)
