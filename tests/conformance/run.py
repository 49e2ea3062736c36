"""Published cases as they stand: the inputs mapped to named options, the rows worked out, compared to the cent.

A case is JSON with `inputs`, `events` and `expected` rows (date, depreciation, accumulated; null is not asserted), and
other figures beside them. It is reproduced when every figure that it asserts comes out as printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from depr.errors import Refused, refuse
from depr.rows.profiles import Options, mannered, options_of
from depr.rows.rows import with_rate
from tests.conformance.changes import booked
from tests.conformance.facts import Entry, Facts, exact, facts
from tests.conformance.figures import Given, figure
from tests.conformance.shapes import Line, average_month, shaped, stretched

SUBJECTS = {"topic": "accounting standards", "kind": "survival analysis", "": "United States tax"}
"""What a case without a system belongs to, by the key that it has."""

NOT_ASSERTED = ("wrong_value", "printed_nbv_in_source")
"""Names under which a source's own error is kept: never a figure to reproduce."""


@dataclass(frozen=True)
class Compared:
    """One figure of a case: its row, what was expected, what came out."""

    row: str
    expected: Any
    actual: Any
    tolerance: Fraction | None = None

    @property
    def agrees(self) -> bool:
        """Whether they are the same, numbers as numbers; within a tolerance where the source's digits have one."""
        if self.tolerance is not None:
            return abs(exact(self.expected) - Fraction(self.actual)) < self.tolerance
        return same(self.expected, self.actual)


@dataclass(frozen=True)
class Outcome:
    """Whether a case is reproduced, figure by figure, and why not."""

    id: str
    system: str
    reproduced: bool
    expected: tuple[Any, ...] = ()
    actual: tuple[Any, ...] = ()
    reason: str = ""
    suspect: bool = False
    outside: bool = False
    compared: tuple[Compared, ...] = field(default=(), repr=False)


def same(expected: Any, actual: Any) -> bool:
    """Equality of what a source prints and what came out; dates, words and numbers, also inside lists and tables."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(same(expected[k], actual.get(k)) for k in expected)
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(actual, Sequence) or len(expected) != len(actual):
            return False
        return all(same(e, a) for e, a in zip(expected, actual, strict=True))
    if isinstance(expected, bool | str) or expected is None or actual is None:
        return bool(expected == actual)
    return abs(exact(expected) - Fraction(actual)) < half_unit(expected)


def half_unit(printed: Any) -> Fraction:
    """Half of the last decimal that is printed, at most half a cent."""
    digits = len(str(printed).partition(".")[2]) if "e" not in str(printed) else 0
    return Fraction(1, 2 * 10 ** max(digits, 2))


def outcome(case: Mapping[str, Any], compared: Sequence[Compared], reason: str = "") -> Outcome:
    """The outcome of a case from its figures."""
    wrong = next((c for c in compared if not c.agrees), None)
    if wrong is not None and not reason:
        reason = f"{wrong.row}: expected {shown(wrong.expected)}, found {shown(wrong.actual)}"
    good = wrong is None and not reason and bool(compared)
    return Outcome(
        str(case["id"]),
        str(case.get("system") or next(name for key, name in SUBJECTS.items() if not key or key in case)),
        good,
        tuple(c.expected for c in compared),
        tuple(c.actual for c in compared),
        reason or ("" if good else "the source asserts no figure"),
        suspect=bool(case.get("suspect")) or case.get("status") == "source_wrong",
        compared=tuple(compared),
    )


def shown(value: Any) -> str:
    """A figure as text: fractions as decimals."""
    if isinstance(value, Fraction):
        return f"{float(round(value, 8)):.15g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    return str(value)


def schedule_case(case: Mapping[str, Any]) -> Outcome:
    """A case of a system: rows and the figures beside them."""
    inputs, events = case["inputs"], mannered(str(case["system"]), case["events"])
    convention = str(inputs.get("convention") or "").lower()
    try:
        method, options = options_of(str(case["system"]), str(case["method"]), convention, case.get("options"))
        lines = shaped({**inputs, "events": events}, options, method)
        monthly = any(re.fullmatch(r"\d{4}-\d\d", str(row[0])) for row in case["expected"])
        needed = bool(case["expected"]) and lines is None
        asset, table = _table(method, inputs, events, options, monthly=monthly, needed=needed)
        compared = _compared_rows(case, asset, table, lines, options)
        given = Given(inputs, events, method, options, asset, table)
        others = {k: v for k, v in (case.get("other_assertions") or {}).items() if k not in NOT_ASSERTED}
        beside = [Compared(name, value, figure(name, given)) for name, value in others.items()]
    except Refused as refused:
        return outcome(case, (), "; ".join(finding.what for finding in refused.findings))
    unknown = [c.row for c in beside if c.actual is None]
    reason = f"no rule for the figure {unknown[0]}" if unknown else ""
    return outcome(case, [*compared, *(c for c in beside if c.actual is not None)], reason)


def _table(
    method: str,
    inputs: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    options: Options,
    *,
    monthly: bool,
    needed: bool,
) -> tuple[Facts | None, list[Entry]]:
    """The asset and its rows; without them where no row is asserted and the inputs do not make a schedule."""
    asset = None
    try:
        plain = facts(method, inputs, events, monthly=monthly, places=options.places)
        asset = replace(plain, account=with_rate(plain.account, options))
        table = locked(booked(asset, options), inputs)
    except Refused:
        if needed:
            raise
        return asset, []
    return asset, stretched(asset, table, options) if options.beyond_life == "stretched" else table


def locked(table: list[Entry], inputs: Mapping[str, Any]) -> list[Entry]:
    """Rows of locked periods at nothing and their sum in the first open one, where missed rows are carried forward."""
    day = str(inputs.get("lock_date", ""))
    if not inputs.get("carry_forward_missed") or not day:
        return table
    shut = [row for row in table if str(row.ends) <= day]
    head, *tail = table[len(shut) :]
    zero = Fraction(0)
    none = [Entry(row.ends, row.opens, zero, zero) for row in shut]
    return [*none, Entry(head.ends, head.opens, head.accumulated, head.accumulated), *tail]


def _compared_rows(
    case: Mapping[str, Any],
    asset: Facts | None,
    table: Sequence[Entry],
    lines: Sequence[Line] | None,
    options: Options,
) -> list[Compared]:
    expected = case["expected"]
    if not expected:
        return []
    if lines is not None:
        return [c for want, line in zip_longest(expected, lines) for c in _line(want, line)]
    assert asset is not None
    out: list[Compared] = []
    for place, want in enumerate(expected):
        out += _row(want, _found(case, place, want, asset, table, options))
    if _whole(case, asset, table):
        out.append(Compared("number of rows", len(expected), len(table)))
    return out


def _line(want: Sequence[Any] | None, line: Line | None) -> list[Compared]:
    if want is None or line is None:
        return [Compared("number of rows", want and want[0], line and line[0])]
    pairs = (("depreciation", want[1], line[1]), ("accumulated", want[2], line[2]))
    return [Compared(f"{want[0]} {name}", e, a) for name, e, a in pairs if e is not None]


def _whole(case: Mapping[str, Any], asset: Facts, table: Sequence[Entry]) -> bool:
    """Whether the expected rows claim to be all there are: they reach the depreciable amount."""
    last = case["expected"][-1][2]
    numbered = case["expected"][0][0] is None or is_day(case["expected"][0][0])
    return case["expected_is"] == "full" and numbered and last is not None and same(last, table[-1].accumulated)


def is_day(label: Any) -> bool:
    """Whether a label is a whole date."""
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", str(label)))


Span = tuple[str, Fraction | None, Fraction | None, str]


def _found(
    case: Mapping[str, Any], place: int, want: Sequence[Any], asset: Facts, table: Sequence[Entry], options: Options
) -> Span | None:
    """What stands where an expected row does: (row, depreciation, accumulated, date); None when nothing does."""
    label, numbers = str(want[0]), case.get("expected_row_numbers")
    if label == "average month":
        return label, Fraction(round(average_month(asset), options.places)), None, label
    if re.fullmatch(r"\d{4}(-\d\d)?", label):
        return _span(label, table, options)
    if numbers or want[0] is None or not is_day(label):
        ordinal = re.search(r"(?:year|period|row) (\d+)$", label.lower())
        number = int(ordinal[1]) if ordinal else numbers[place] if numbers else place + 1
        number = number - 1 if number > 0 else len(table) + number
        return _as_span(table[number]) if 0 <= number < len(table) else None
    if case["expected_is"] == "full" and place < len(table) and len(case["expected"]) > 1 and _steady(case, table):
        return _as_span(table[place])
    return next((_as_span(row) for row in table if str(row.ends) == label), None)


def _steady(case: Mapping[str, Any], table: Sequence[Entry]) -> bool:
    """Whether the rows asserted and the rows found are as many, so that a row of another date shows as such."""
    return len(case["expected"]) == len(table)


def _as_span(row: Entry) -> Span:
    return str(row.ends), row.depreciation, row.accumulated, str(row.ends)


def _span(label: str, table: Sequence[Entry], options: Options) -> Span | None:
    """The rows of a year or of a month together."""
    if len(label) == 4 and options.year_label == "start":
        within = [row for row in table if _opened(row.ends).startswith(label)]
    else:
        within = [row for row in table if str(row.ends).startswith(label)]
    if not within:
        return None
    return label, sum((row.depreciation for row in within), Fraction(0)), within[-1].accumulated, label


def _opened(ends: date) -> str:
    """The year in which a fiscal year that ends on a day began; a year that ends with December is its own."""
    return str(ends.year if (ends.month, ends.day) == (12, 31) else ends.year - 1)


def _row(want: Sequence[Any], found: Span | None) -> list[Compared]:
    label = str(want[0])
    if found is None:
        return [Compared(f"row {label}", "a row", "none")]
    out = [Compared(f"{label} date", label, found[3])] if is_day(label) else []
    pairs = (("depreciation", want[1], found[1]), ("accumulated", want[2], found[2]))
    return [*out, *(Compared(f"{label} {name}", e, a) for name, e, a in pairs if e is not None)]


def read_cases(text: str, file: str) -> list[dict[str, Any]]:
    """The cases of a JSON file: one, or a list. Raises `Refused`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise refuse(file, f"is not JSON: {fault}") from None
    cases = document if isinstance(document, list) else [document]
    if wrong := [case for case in cases if not isinstance(case, dict) or not {"id", "expected"} <= {*case}]:
        raise refuse(file, f"{str(wrong[0])[:40]} is not a case", do="a case has id, inputs, expected and more")
    return cases
