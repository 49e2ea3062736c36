"""Which rule takes a case, and the cases of a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from depr.errors import Refused, refuse
from depr.intake import bounds
from tests.conformance.assets import asset_figures
from tests.conformance.compare import Compared, Outcome
from tests.conformance.reading import Given, read
from tests.conformance.spreadsheets import function_figures, run_rows
from tests.conformance.standards import example_figures
from tests.conformance.tax import tax_figures

LARGEST = 16_777_216
"""Bytes of a file of cases."""

OTHER_SUBJECTS = {
    "finance_lease_annuity_due": "leases",
    "finance_lease_purchase_option": "leases",
    "operating_lease": "leases",
    "finance_vs_operating_same_cash": "leases",
    "basic_eps": "earnings per share",
    "diluted_eps_treasury_stock": "earnings per share",
    "antidilution_test": "earnings per share",
    "temporary_vs_permanent": "income tax",
    "kaplan_meier_delayed_entry": "survival",
    "retirement_rate_life_table": "survival",
}
"""Topics that are not about depreciation. Every other case counts, whether or not the product answers it."""

PROSE = (
    *("id", "source", "notes", "note", "description", "standard", "asserted_by", "status", "recomputed_schedule"),
    *("suspect", "expected_columns", "topic"),
)
"""What is said of a case and is no input and no figure: never read for a figure."""

COLUMNS = ["date", "depreciation", "accumulated"]
FUNCTION = "spreadsheet "


def run_case(case: Mapping[str, Any]) -> Outcome:
    """One published case. Strange inputs are an outcome that is not reproduced, with the reason."""
    system, figures = _taker(case)
    if other := OTHER_SUBJECTS.get(str(case.get("topic") or case.get("kind"))):
        return Outcome(str(case["id"]), system, refusal=f"{other}, not depreciation", other=other)
    compared: tuple[Compared, ...] = ()
    refusal = ""
    try:
        with read(case) as given:
            for name in PROSE:
                given.take(name)
            if case.get("expected_columns", COLUMNS) != COLUMNS:
                raise refuse("case", f"not read: expected_columns {case['expected_columns']}")
            given.word("rounding")
            compared = tuple(figures(given))
    except Refused as refused:
        refusal = "; ".join(found.what for found in refused.findings)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
        refusal = f"its inputs cannot be read: {type(fault).__name__} {fault}"
    suspect = bool(case.get("suspect")) or case.get("status") == "source_wrong"
    return Outcome(str(case["id"]), system, compared, refusal, suspect)


def _taker(case: Mapping[str, Any]) -> tuple[str, Callable[[Given], list[Compared]]]:
    """What a case belongs to, and the rule that takes it."""
    if "system" in case:
        system = str(case["system"])
        return system, function_figures if system.startswith(FUNCTION) else asset_figures
    if "topic" in case:
        return "accounting standards", lambda given: example_figures(str(case["topic"]), given)
    if "kind" in case:
        return "survival and present values", _no_rule
    return "United States tax", tax_figures


def _no_rule(given: Given) -> list[Compared]:
    raise refuse("case", f"not read: kind {given.take('kind')!r}")


def run_files(folder: Path) -> Iterator[tuple[str, Outcome]]:
    """Every case of the JSON and CSV files of a folder, with the file's name, in order.

    A file that holds no cases is an outcome of its own that is not reproduced. Raises `Refused` for no such folder.
    """
    if not folder.is_dir():
        raise refuse(str(folder), "no such folder", do="name a folder of cases")
    readers: dict[str, Callable[[Path], Iterator[Outcome]]] = {".csv": run_rows, ".json": _run_json}
    for path in sorted(folder.iterdir()):
        if path.suffix in readers:
            try:
                yield from ((path.name, found) for found in readers[path.suffix](path))
            except Refused as refused:
                yield path.name, Outcome(path.name, "no cases", refusal=refused.findings[0].what)


def _run_json(path: Path) -> Iterator[Outcome]:
    return (run_case(case) for case in read_cases(path))


def read_cases(path: Path) -> list[dict[str, Any]]:
    """The cases of a JSON file, one or a list, numbers as they are printed. Raises `Refused`."""
    try:
        document = json.loads(bounds.content(path, LARGEST).decode("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError) as fault:
        raise refuse(str(path), f"cannot be read: {fault}") from None
    except (ValueError, RecursionError) as fault:
        raise refuse(str(path), f"is not JSON: {fault}") from None
    cases = document if isinstance(document, list) else [document]
    if wrong := [case for case in cases if not isinstance(case, dict) or not {"id", "expected"} <= {*case}]:
        raise refuse(str(path), f"{str(wrong[0])[:40]} is not a case", do="a case has id, inputs, expected and more")
    return cases
