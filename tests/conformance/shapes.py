"""Cases that are a single rule rather than a schedule: recognised by the inputs they have, and worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from depr.errors import refuse
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.rows.profiles import Options
from tests.conformance.facts import Entry, Facts, exact, rounded

Line = tuple[str, Fraction | None, Fraction | None]
"""(label, depreciation, accumulated)."""

NO_MONEY, HUNDRED, MONTHS, DAYS = Fraction(0), Fraction(100), 12, 365


@dataclass(frozen=True)
class Case:
    """What a shape may look at."""

    inputs: Mapping[str, Any]
    options: Options
    method: str


def _units(case: Case) -> list[Line]:
    quantity = case.inputs.get("units")
    if quantity is None:
        quantity = exact(case.inputs["estimated_units"]) * exact(case.inputs["percent"]) / HUNDRED
    amount = exact(quantity) * exact(case.inputs["unit_depreciation"])
    return [("", amount, amount)]


def _bonuses(case: Case) -> list[Line]:
    """Each allowance by priority, a percent of what those before it leave."""
    left = exact(case.inputs["cost"])
    out: list[Line] = []
    for bonus in sorted(case.inputs["bonuses"], key=lambda entry: int(entry["priority"])):
        amount = exact(bonus["amount"]) if "amount" in bonus else left * exact(bonus["percent"]) / HUNDRED
        left -= amount
        out.append(("", amount, exact(case.inputs["cost"]) - left))
    return out


def _convention(case: Case) -> list[Line]:
    """Percent of a whole year that the first fiscal year takes, by the quarter placed in service."""
    name = str(case.inputs["convention"]).replace("-", "_")
    if name not in CONVENTIONS:
        raise refuse("case", f"{case.inputs['convention']!r} with no amounts is a rule, not a schedule")
    calendar = FiscalCalendar()
    lines: list[Line] = []
    for quarter in range(4):
        clock = CONVENTIONS[name].clock(date(2001, quarter * 3 + 2, 15), calendar, Fraction(60), "actual_actual")
        lines.append((f"Q{quarter + 1}", clock.age(calendar.period(date(2001, 12, 31))) * HUNDRED / MONTHS, None))
    return lines


def _annual(case: Case) -> list[Line]:
    """A year's amount by month, by a number of days, or with a first year that has some days and a last one."""
    annual, options = exact(case.inputs["annual"]), case.options
    if "days" in case.inputs:
        daily = annual / DAYS
        daily = daily if options.daily_rate_places is None else rounded(daily, options.daily_rate_places)
        return [("", rounded(daily * exact(case.inputs["days"]), options.places), None)]
    if "first_days" in case.inputs:
        first = rounded(annual * exact(case.inputs["first_days"]) / DAYS, options.places)
        return [("first", first, None), ("last", annual - first, None)]
    return [("month", rounded(annual / MONTHS, options.places), None)]


def _split(case: Case) -> list[Line]:
    base = remaining_base(case.inputs, case.inputs["events"])
    return [("", rounded(base * exact(case.inputs["rate_percent"]) / HUNDRED / MONTHS, 2), None)]


def remaining_base(inputs: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Fraction:
    """What a split leaves: the balance before it and the adjustments of cost and of accumulated depreciation."""
    moved = sum((exact(e[k]) for e in events for k in e if k.endswith("_adjustment")), NO_MONEY)
    return exact(inputs["nbv_before_split"]) + moved


SHAPES: tuple[tuple[frozenset[str], Callable[[Case], list[Line]]], ...] = (
    (frozenset({"units", "unit_depreciation"}), _units),
    (frozenset({"estimated_units", "percent", "unit_depreciation"}), _units),
    (frozenset({"cost", "bonuses"}), _bonuses),
    (frozenset({"nbv_before_split", "rate_percent"}), _split),
    (frozenset({"annual"}), _annual),
)


def shaped(inputs: Mapping[str, Any], options: Options, method: str) -> list[Line] | None:
    """The lines of a case that is a single rule; None when it is a schedule. Raises `Refused`."""
    case = Case(inputs, options, method)
    if method == "convention":
        return _convention(case)
    return next((rule(case) for keys, rule in SHAPES if keys <= inputs.keys()), None)


def average_month(facts: Facts) -> Fraction:
    """What is left to charge over the periods that are left."""
    account = facts.account
    return (facts.base - facts.opening) / (account.life / account.row_months - account.opening_rows)


def stretched(facts: Facts, table: list[Entry], options: Options) -> list[Entry]:
    """The year in which a life ends charged as a whole one, the life stretched to that year's end: above cost."""
    months = facts.account.row_months
    life = len(table) * months - (facts.account.in_service.month - 1)
    *rest, last = table
    amount = rounded(facts.base * months / life, options.places)
    return [*rest, Entry(last.ends, last.opens, amount, rest[-1].accumulated + amount)]
