"""Which lives, server shares and capital expenditure reproduce a claim: a surface and the line at its height.

The understatement of a claim's issuers and years is computed at every life and share of the scenario's grid, at the
low end, the middle and the high end of capital expenditure. A share scales cost, so at a given life the understatement
is linear in it but for rounding: the share that reproduces the claim is solved for, and computed again at that share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import dataframely as dy
import polars as pl

from depr.errors import refuse, unknown
from depr.outlook.claims import OVERSTATED, UNDERSTATEMENT, Claim
from depr.outlook.gaps import CALENDAR_YEARS, FISCAL_YEARS, gaps
from depr.outlook.scenario import PPM, Point, Scenario
from depr.outlook.spending import Inputs
from depr.outlook.tables import LevelSet, Surface, marks

POSITIONS = (-PPM, 0, PPM)
NO_TARGET = "what the claim amounts to is not known: the earnings it is measured on are not sourced"
Values = Mapping[tuple[str, Point], int]


def surface(scenario: Scenario, inputs: Inputs, claim: Claim) -> dy.DataFrame[Surface]:
    """The claim's understatement at every life, share and path, and what would have to hold for the claim there.

    `spending_needed`: the factor on projected spending that reproduces the target. `earnings_needed`: for a claim on
    earnings, reported net income E with effect / (E - effect) (or effect / E) equal to the claim, effect after tax.
    """
    scenario = chosen(scenario, claim)
    points = [point for position in POSITIONS for point in _grid(scenario, position)]
    bare = [point._replace(price_factor_ppm=0) for point in points]
    values = evaluated(scenario, inputs, claim, [*points, *bare])
    wanted = target(scenario, inputs, claim)
    rows = []
    for basis in _bases(claim):
        for point, none in zip(points, bare, strict=True):
            value = values[basis, point]
            start = values[basis, none]
            step = value - start
            needed = None if wanted is None or step <= 0 else round(Fraction((wanted - start) * PPM, step))
            figures = {"understatement_minor": value, "target_minor": wanted, **_earnings(claim, inputs, point, value)}
            spending = needed if needed is not None and needed >= 0 else None
            rows.append({**_place(scenario, claim, basis, point), **figures, "spending_needed_ppm": spending})
    return Surface.validate(_table(Surface, rows))


def level_set(scenario: Scenario, inputs: Inputs, claim: Claim) -> dy.DataFrame[LevelSet]:
    """At every life and path the server share, to a millionth, that reproduces the claim, or why none does."""
    scenario = chosen(scenario, claim)
    settings = [point for position in POSITIONS for point in _lives(scenario, position)]
    ends = [point._replace(server_share_ppm=share) for point in settings for share in (0, PPM)]
    values = evaluated(scenario, inputs, claim, ends)
    wanted = target(scenario, inputs, claim)
    solved: dict[tuple[str, Point], Point | str] = {}
    for basis in _bases(claim):
        for point in settings:
            low, high = (values[basis, point._replace(server_share_ppm=share)] for share in (0, PPM))
            solved[basis, point] = _solved(point, low, high, wanted)
    found = [point for point in solved.values() if isinstance(point, Point)]
    reached = evaluated(scenario, inputs, claim, found) if found else {}
    rows = []
    for (basis, point), at in solved.items():
        place = {**_place(scenario, claim, basis, point), "server_share_ppm": None, "target_minor": wanted}
        if isinstance(at, str):
            rows.append({**place, "why": at})
        else:
            value = reached[basis, at]
            figures = {"server_share_ppm": at.server_share_ppm, "understatement_minor": value}
            rows.append({**place, **figures, "error_minor": value - (wanted or 0)})
    return LevelSet.validate(_table(LevelSet, rows))


def _solved(point: Point, low: int, high: int, wanted: int | None) -> Point | str:
    if wanted is None:
        return NO_TARGET
    if high <= low:
        return "this life understates nothing that a larger share would raise"
    share = round(Fraction((wanted - low) * PPM, high - low))
    if not 0 <= share <= PPM:
        return f"it would take {'less than none' if share < 0 else 'more than all'} of capital expenditure"
    return point._replace(server_share_ppm=share)


def chosen(scenario: Scenario, claim: Claim) -> Scenario:
    """The scenario for the issuers of a claim alone. Raises `Refused` when it does not hold them or their years."""
    if claim.measure not in (UNDERSTATEMENT, OVERSTATED):
        raise unknown("claim with a surface", claim.id, (UNDERSTATEMENT, OVERSTATED), "its measure")
    first, last = claim.years
    missing = sorted(set(claim.issuers) - set(scenario.issuers))
    if missing or first < scenario.first_year or last > scenario.last_year:
        why = f"it is about {', '.join(claim.issuers)} in {first} to {last}"
        raise refuse(f"scenario {scenario.id}", f"does not cover {claim.id}", why, "choose another scenario")
    return scenario.model_copy(update={"issuers": claim.issuers})


def target(scenario: Scenario, inputs: Inputs, claim: Claim) -> int | None:
    """Understatement in minor units that the claim amounts to; None when the earnings it needs are not known.

    A percentage p of earnings E (measured on restated earnings) is an effect after tax of p E / (1 + p).
    """
    value = claim.numbers["value_low"]
    if claim.measure == UNDERSTATEMENT:
        return round(value * claim.minor_per_unit)
    earnings = {(entry.issuer, entry.fiscal_year): entry.eps for entry in scenario.earnings}
    eps = earnings.get((claim.issuers[0], claim.years[0]))
    rate = scenario.assumptions["tax_rate"].value
    if eps is None or claim.issuers[0] not in inputs.shares or rate == 1:
        return None
    part = value / 100
    return round(
        eps * inputs.shares[claim.issuers[0]] * inputs.minor_per_unit(claim.issuers[0]) * part / (1 + part) / (1 - rate)
    )


def evaluated(scenario: Scenario, inputs: Inputs, claim: Claim, points: Sequence[Point]) -> Values:
    """Understatement of the claim's issuers and years by basis and point."""
    once = list(dict.fromkeys(points))
    years = gaps(scenario, inputs, once).filter(
        pl.col("issuer").is_in(claim.issuers), pl.col("year").is_between(*claim.years)
    )
    sums = years.group_by("basis", "point").agg(pl.col("understatement_minor").sum())
    return {(basis, once[number]): value for basis, number, value in sums.iter_rows()}


def _bases(claim: Claim) -> tuple[str, ...]:
    """Earnings are of a fiscal year."""
    return (FISCAL_YEARS,) if claim.measure == OVERSTATED else (CALENDAR_YEARS, FISCAL_YEARS)


def _lives(scenario: Scenario, position: int) -> list[Point]:
    middle = scenario.point()._replace(capex_position_ppm=position)
    return [middle._replace(life_months=life) for life in scenario.grid.lives]


def _grid(scenario: Scenario, position: int) -> list[Point]:
    lives = _lives(scenario, position)
    return [point._replace(server_share_ppm=share) for point in lives for share in scenario.grid.shares]


def _place(scenario: Scenario, claim: Claim, basis: str, point: Point) -> dict[str, Any]:
    names = ("capex_position_ppm", "life_months", "server_share_ppm")
    return {**marks(scenario), "claim_id": claim.id, "basis": basis, **{name: getattr(point, name) for name in names}}


def _earnings(claim: Claim, inputs: Inputs, point: Point, value: int) -> dict[str, int | None]:
    """Nothing where there is no understatement to be a share of earnings."""
    if claim.measure != OVERSTATED or value <= 0:
        return {}
    part = claim.numbers["value_low"] / 100
    effect = value - round(Fraction(value * point.tax_rate_ppm, PPM))
    issuer = claim.issuers[0]
    needed = effect * (1 + part) / part
    shares = inputs.shares.get(issuer)
    return {
        "earnings_needed_minor": round(needed),
        "earnings_needed_of_reported_minor": round(effect / part),
        "eps_needed_micro": round(needed * PPM / (shares * inputs.minor_per_unit(issuer))) if shares else None,
    }


def _table(schema: type[dy.Schema], rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in schema.columns().items()})
