"""Every public claim beside what its own inputs, or a scenario, give; and what is not known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import dataframely as dy
import polars as pl

from depr.books.book import scenario as book_of
from depr.kernel.calendar import FiscalCalendar
from depr.outlook.claims import OVERSTATED, OWN_INPUTS, UNDERSTATEMENT, Claim
from depr.outlook.draws import points as drawn
from depr.outlook.gaps import CALENDAR_YEARS, FISCAL_YEARS, charges
from depr.outlook.scenario import PPM, Point, Scenario
from depr.outlook.spending import Inputs
from depr.outlook.surface import chosen, evaluated
from depr.outlook.tables import Reconstruction, marks

START = date(2000, 1, 1)
"""Any first of a month: a claim's base serves from it, and months are all alike."""

ENDS = (50_000, 950_000)
PRINTED = ("claim_id", "author", "date", "subject", "claim", "unit", "not_known", "source")


def reconstruct(scenario: Scenario, inputs: Inputs, claims: Sequence[Claim]) -> dy.DataFrame[Reconstruction]:
    """One row a claim; blank where nothing can be compared, with what is not known."""
    rows = [{**marks(scenario), **_printed(claim), **_result(scenario, inputs, claim)} for claim in claims]
    types = {name: column.dtype for name, column in Reconstruction.columns().items()}
    return Reconstruction.validate(pl.DataFrame(rows, schema=types))


def charge(base_minor: int, life_months: int, months: int) -> int:
    """Straight-line depreciation of a base in its first months, by the kernel."""
    lot = {"lot": [0], "lot_id": ["claim"], "point": [0], "generation": ["claim"], "in_service_date": [START]}
    lots = pl.DataFrame({**lot, "units": [1], "cost_minor": [base_minor], "residual_minor": [None]})
    calendar = FiscalCalendar()
    first = calendar.period(START)
    frame = charges(
        lots.cast({"residual_minor": pl.Int64}), book_of(life_months), calendar, (first, first + months - 1)
    )
    return int(frame["depreciation_minor"].sum())


def _printed(claim: Claim) -> dict[str, Any]:
    ends = {f"claimed_{end}_micro": claim.numbers.get(f"value_{end}") for end in ("low", "high")}
    return {**{name: claim.text[name] for name in PRINTED}, **{name: _micro(value) for name, value in ends.items()}}


def _micro(value: Fraction | None) -> int | None:
    return None if value is None else round(value * PPM)


def _result(scenario: Scenario, inputs: Inputs, claim: Claim) -> dict[str, Any]:
    if claim.measure in OWN_INPUTS:
        model = Fraction(_own(claim.measure, claim.numbers), claim.minor_per_unit)
        return {"basis": "own inputs", "model_micro": round(model * PPM), **_compared(claim, model)}
    covered = set(claim.issuers) <= set(scenario.issuers)
    if claim.measure == UNDERSTATEMENT and covered:
        return _understated(scenario, inputs, claim)
    if claim.measure == OVERSTATED and covered:
        return _overstated(scenario, inputs, claim)
    return {}


def _own(measure: str, figures: Mapping[str, Fraction]) -> int:
    """From the inputs that the claim itself states, in minor units."""
    base = round(figures["base_usd_m"] * 10**8)
    months = int(figures["months"])
    amount = charge(base, int(figures["life_months"]), months)
    if measure == "charge":
        return amount
    amount -= charge(base, int(figures["against_months"]), months)
    return amount if measure == "difference" else round(figures["given_usd_m"] * 10**8) - amount


def _compared(claim: Claim, model: Fraction) -> dict[str, Any]:
    """The claim is reproduced when the model, rounded as the claim is, is within its ends."""
    low = claim.numbers.get("value_low")
    high = claim.numbers.get("value_high")
    if low is None or high is None:
        return {}
    nearest = min(max(model, low), high)
    step = claim.numbers.get("rounded_to", Fraction(1))
    return {"difference_micro": round((model - nearest) * PPM), "reproduced": low <= round(model / step) * step <= high}


def _draws(
    scenario: Scenario, inputs: Inputs, claim: Claim, basis: str
) -> tuple[Scenario, dict[Point, int], list[Point]]:
    narrowed = chosen(scenario, claim)
    points = [narrowed.point(), *drawn(narrowed)]
    values = {point: value for (of, point), value in evaluated(narrowed, inputs, claim, points).items() if of == basis}
    return narrowed, values, points


def _understated(scenario: Scenario, inputs: Inputs, claim: Claim) -> dict[str, Any]:
    _, values, points = _draws(scenario, inputs, claim, CALENDAR_YEARS)
    results = [Fraction(values[point], claim.minor_per_unit) for point in points]
    return {"basis": "calendar years of the scenario", **_spread(results), **_compared(claim, results[0])}


def _overstated(scenario: Scenario, inputs: Inputs, claim: Claim) -> dict[str, Any]:
    """Percent of restated earnings, where the earnings of the year are among the scenario's."""
    earnings = {(entry.issuer, entry.fiscal_year): entry.eps for entry in scenario.earnings}
    issuer = claim.issuers[0]
    eps = earnings.get((issuer, claim.years[0]))
    if eps is None or issuer not in inputs.shares:
        return {}
    earned = eps * inputs.shares[issuer] * inputs.minor_per_unit(issuer)
    _, values, points = _draws(scenario, inputs, claim, FISCAL_YEARS)
    effects = [values[point] * (1 - Fraction(point.tax_rate_ppm, PPM)) for point in points]
    if any(effect >= earned for effect in effects):
        return {"basis": "not a percentage: in some draws restated earnings are a loss"}
    results = [100 * effect / (earned - effect) for effect in effects]
    return {"basis": "fiscal year of the scenario, on its earnings", **_spread(results), **_compared(claim, results[0])}


def _spread(results: Sequence[Fraction]) -> dict[str, int]:
    """The first is at the stated values, the others are draws."""
    ordered = sorted(results[1:])
    low, high = (ordered[max(-(-share * len(ordered) // PPM), 1) - 1] for share in ENDS)
    return {"model_micro": round(results[0] * PPM), "model_low_micro": round(low * PPM),
            "model_high_micro": round(high * PPM)}  # fmt: skip
