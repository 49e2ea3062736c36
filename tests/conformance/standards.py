"""Worked examples of the accounting standards: changes in estimate, impairment, components, groups, disposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from depr.errors import refuse, unknown
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import Knots, Terms, curve, share_at
from depr.kernel.paths import from_usage
from tests.conformance.facts import day_of, exact, first

YEAR, HUNDRED, NONE = 12, Fraction(100), Fraction(0)
THOUSAND_PLACES = -3
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
METHODS = {
    "SL": ("straight_line", Fraction(2)),
    "SYD": ("sum_of_years_digits", Fraction(2)),
    "DDB": ("declining_balance", Fraction(2)),
    "200DB": ("declining_balance", Fraction(2)),
    "150DB": ("declining_balance", Fraction(3, 2)),
}
"""Methods by the names of examples, with the factor of declining balance."""

Inputs = Mapping[str, Any]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """Cost, residual value and life of an example."""

    cost: Fraction
    residual: Fraction
    years: Fraction

    def knots(self, name: str = "SL") -> Knots:
        """The curve of a method; declining balance has the residual value as a floor. Raises `Refused`."""
        if name not in METHODS:
            raise unknown("method", name, METHODS)
        method, factor = METHODS[name]
        ratio = self.residual / self.cost if method == "declining_balance" else NONE
        return curve(Terms(method, self.years * YEAR, factor, "none", "floor", ratio))

    def by(self, years: Fraction | int, method: str = "SL") -> Fraction:
        """Accumulated after some years."""
        return (self.cost - self.residual) * share_at(self.knots(method), Fraction(years) * YEAR)

    def year(self, number: int, method: str = "SL") -> Fraction:
        """The charge of a year."""
        return self.by(number, method) - self.by(number - 1, method)


def _plan(inputs: Inputs, life: str = "life_years") -> Plan:
    cost = exact(inputs["cost"])
    residual = exact(first(inputs, "salvage", "residual") or 0)
    if (share := inputs.get("salvage_pct")) is not None:
        residual = cost * exact(share)
    return Plan(cost, residual, exact(first(inputs, life, "life")))


def _change(inputs: Inputs) -> Figures:
    """Carrying amount at the change over what remains of the new life (ASC 250-10-45-17, IAS 8.36)."""
    plan, method = _plan(inputs), inputs.get("method", "SL")
    used = exact(inputs["years_used"]) if "years_used" in inputs else _years_between(inputs)
    accumulated = exact(inputs["accumulated"]) if "accumulated" in inputs else plan.by(used, method)
    residual = exact(first(inputs, "new_salvage") or plan.residual)
    left = inputs.get("new_remaining_years")
    years = exact(inputs["new_total_life"]) - used if left is None else exact(left)
    carrying = plan.cost - accumulated
    after = Plan(carrying, residual, years).year(1, method)
    carried = dict.fromkeys(("book_value", "carrying_amount", f"carrying_start_Y{inputs.get('change_year')}"), carrying)
    return {"annual_before": plan.year(1, method), "accumulated": accumulated, "annual_after": after, **carried}


def _years_between(inputs: Inputs) -> Fraction:
    """Whole years from the start of one to the change at the start of another."""
    if "change_year" not in inputs:
        return NONE
    return exact(inputs["change_year"]) - exact(str(inputs["in_service"]).rsplit(" ", 1)[-1])


def _income_effect(inputs: Inputs) -> Figures:
    kept = 1 - exact(inputs["tax_rate"])
    effect, income = exact(inputs["stated_depr_decrease"]) * kept, exact(inputs["reported_net_income"])
    new, alternative = (_plan({**inputs, "life": inputs[name]}).year(1) for name in ("new_life", "alt_life"))
    derived = {f"annual_{inputs['new_life']}y": new, f"annual_{inputs['alt_life']}y": alternative}
    derived[f"net_income_if_{inputs['alt_life']}y"] = income - (alternative - new) * kept
    share = effect / income * HUNDRED
    return {"net_income_effect_of_stated_decrease": effect, "pct_of_net_income": round(share, 1), "derived": derived}


def _method_change(inputs: Inputs) -> Figures:
    """From one method to another on the carrying amount; also with each year in whole thousands, as printed."""
    plan, used = _plan(inputs), int(inputs["years_used"])
    old = inputs["old_method"]
    charges = [plan.year(k, old) for k in range(1, used + 1)]
    printed = sum((Fraction(round(charge, THOUSAND_PLACES)) for charge in charges), NONE)

    def after(accumulated: Fraction) -> Fraction:
        return Plan(plan.cost - accumulated, plan.residual, plan.years - used).year(1, inputs["new_method"])

    exactly = {"db": charges, "accumulated": sum(charges), "annual_after": after(sum(charges, NONE))}
    return {
        "accumulated_thousands": printed / 1000,
        "annual_after_thousands": after(printed) / 1000,
        "exact": exactly,
    }


def _impairment(inputs: Inputs) -> Figures:
    """Impaired when the undiscounted cash flows are below the carrying amount; the loss is down to fair value."""
    plan, used, fair = _plan(inputs), exact(inputs["years_used"]), exact(inputs["fair_value"])
    carrying = plan.cost - plan.by(used)
    impaired = exact(inputs["undiscounted_cash_flows"]) < carrying
    after = Plan(fair, plan.residual, plan.years - used).year(1)
    derived = {"new_basis": fair, "annual_after_same_salvage_and_life": after}
    loss = carrying - fair if impaired else NONE
    named = {"annual_before": plan.year(1), "book_value": carrying, "impaired": impaired, "loss": loss}
    return {**named, "derived": derived}


def _components(inputs: Inputs) -> Figures:
    parts = {part["name"]: _plan(part) for part in inputs["components"]}
    annual, longest = {name: plan.year(1) for name, plan in parts.items()}, max(p.years for p in parts.values())
    whole = Plan(sum((p.cost for p in parts.values()), NONE), NONE, longest).year(1)
    return {"annual": annual, "total": sum(annual.values()), f"single_asset_{longest}y": whole}


def _units(inputs: Inputs) -> Figures:
    plan = _plan({**inputs, "life_years": 1})
    base, units = plan.cost - plan.residual, [exact(u) for u in inputs["units"]]
    knots = from_usage(units, exact(inputs["total_units"]))
    sums = [base * share_at(knots, Fraction(k)) for k in range(len(units) + 1)]
    charges = [b - a for a, b in pairwise(sums)]
    out: Figures = {"rate": base / exact(inputs["total_units"]), "depr": charges}
    out |= {"book": [plan.cost - used for used in sums[1:]]}
    for k, used in enumerate(sums):
        out |= {f"accumulated_y{k}": used, f"book_y{k}": plan.cost - used}
    return out


def _group(inputs: Inputs) -> Figures:
    """Composite rate = annual charges / cost; composite life = depreciable amounts / annual charges."""
    if "asl_years" in inputs:
        return {"rate_pct": (HUNDRED - exact(inputs["net_salvage_pct"])) / exact(inputs["asl_years"])}
    plans = [_plan(asset) for asset in inputs.get("assets", ())]
    annual = [plan.year(1) for plan in plans]
    cost = sum((plan.cost for plan in plans), NONE) or exact(inputs["total_cost"])
    total = sum(annual, NONE) or exact(first(inputs, "annual") or cost * exact(first(inputs, "rate") or 0))
    out: Figures = {"annual": annual or total, "total": total, "rate_pct": total / cost * HUNDRED}
    if plans:
        out["composite_life"] = sum((plan.cost - plan.residual for plan in plans), NONE) / total
    if retired := inputs.get("retire"):
        gone = plans[retired["index"]].cost if "index" in retired else exact(retired["cost"])
        out |= {"accumulated_debit": gone - exact(retired["proceeds"]), "gain_loss": NONE}
    return out


def _methods(inputs: Inputs) -> Figures:
    """The charges of one asset by each method; a fiscal year that ends within an asset-year takes parts of two."""
    plan = _plan(inputs)
    years, hours = int(plan.years), [exact(h) for h in inputs.get("hours", ())]
    out: Figures = {"sl": plan.year(1)}
    for name, method in (("syd", "SYD"), ("ddb", "DDB")):
        wanted = {**inputs["asked"].get("derived", {}), **inputs["asked"]}.get(name, ())
        out[name] = [plan.year(k, method) for k in range(1, len(wanted) + 1)]
    if hours:
        knots = from_usage(hours, exact(inputs["total_hours"]))
        used = [share_at(knots, Fraction(k)) * (plan.cost - plan.residual) for k in range(len(hours) + 1)]
        out["activity"] = [b - a for a, b in pairwise(used)]
    for asked in inputs["asked"]:
        if asked.startswith("fiscal_"):
            out[asked] = _fiscal(plan, years, MONTH_NAMES.index(asked[7:10]) + 1)
    return {**out, "derived": {"ddb": out["ddb"]}}


def _fiscal(plan: Plan, years: int, year_end_month: int) -> Figures:
    """Charges by fiscal years that end with a month, of an asset in service from the first of January."""
    ages = [NONE, *(Fraction(year_end_month, YEAR) + k for k in range(years)), plan.years]
    out: Figures = {}
    for name, method in (("sl", "SL"), ("syd", "SYD")):
        sums = [plan.by(age, method) for age in ages]
        out[name] = [b - a for a, b in pairwise(sums)]
    return out


def _disposal(inputs: Inputs) -> Figures:
    """Gain or loss = proceeds less the carrying amount at the date."""
    cost, proceeds = exact(inputs["cost"]), exact(inputs["proceeds"])
    if "in_service" in inputs:
        plan = _plan(inputs)
        at, later = (plan.cost - plan.by(_age(inputs, name)) for name in ("carrying_date", "disposal"))
        return {"carrying": at, "derived": {"carrying_at_disposal": later, "gain_loss": proceeds - later}}
    used = exact(inputs["months_used"]) / YEAR
    annual = exact(inputs["annual"]) if "annual" in inputs else _plan(inputs).year(1)
    carrying = cost - annual * used
    named = {"annual": annual, "accumulated": annual * used, "carrying": carrying}
    return {**named, "gain_loss": proceeds - carrying}


def _age(inputs: Inputs, name: str) -> Fraction:
    """Years of age at a date by whole months, the month in service counting; a month's last day ends it."""
    start, day, calendar = day_of(inputs["in_service"]), day_of(inputs[name]), FiscalCalendar()
    if start is None or day is None:
        raise refuse("case", f"{name} is not a date")
    convention = CONVENTIONS["full_month"]
    clock = convention.clock(start, calendar, Fraction(YEAR), "actual_actual")
    month = calendar.period(day)
    ended: date = calendar.last_day(month)
    return Fraction(clock.age(month if day == ended else month - 1)) / YEAR


TOPICS: dict[str, Callable[[Inputs], Figures]] = {
    "change_in_estimate": _change,
    "life_reassessment": _change,
    "life_change_income_effect": _income_effect,
    "change_in_method": _method_change,
    "impairment_held_and_used": _impairment,
    "component": _components,
    "units_of_production": _units,
    "composite": _group,
    "composite_with_retirement": _group,
    "group_rate_negative_salvage": _group,
    "sl_syd_ddb": _methods,
    "sl_activity_syd_ddb": _methods,
    "disposal": _disposal,
}
"""What a topic of the standards is worked out by."""


def standard(topic: str, inputs: Inputs, asked: Inputs) -> Figures:
    """The figures of a worked example by its topic, one of TOPICS. Raises `Refused` where its inputs lack."""
    try:
        return TOPICS[topic]({**inputs, "asked": asked})
    except KeyError as lacking:
        raise refuse("case", f"its inputs do not give {lacking}") from None
