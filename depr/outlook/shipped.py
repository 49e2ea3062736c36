"""Projections and public claims over what ships: scenarios, statements, books and inferred vintages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dataframely as dy
import polars as pl

from depr import datasets, share
from depr.backtest.run import inferred
from depr.datasets import evidence
from depr.errors import unknown
from depr.intake import read_book, the_issuer
from depr.intake.documents import read_toml
from depr.outlook import draws, reconstruction, surface, tornado, years
from depr.outlook.claims import Claim, parse_claims
from depr.outlook.scenario import VINTAGES, Scenario, parse_scenario
from depr.outlook.spending import Inputs
from depr.outlook.tables import Drawn, LevelSet, Projected, Reconstruction, Spending, Surface, Tornado

DEFAULT = "outlook-2026"

TABLES = ("years", "quantiles", "tornado", "spending")


def scenarios(schedules: Path | None = None) -> pl.DataFrame:
    """The scenarios there are, one row each: scenario, title, mode, history, seed, draws, note."""
    found = [_scenario(name, schedules) for name in share.names("projections", schedules)]
    names = ("id", "title", "mode", "history", "seed", "draws", "note")
    rows = [[getattr(entry, name) for name in names] for entry in found]
    return pl.DataFrame(rows, schema=["scenario", *names[1:]], orient="row")


def project(
    scenario: str | Path = DEFAULT, table: str = "years", *, schedules: Path | None = None
) -> dy.DataFrame[Projected] | dy.DataFrame[Drawn] | dy.DataFrame[Tornado] | dy.DataFrame[Spending]:
    """A table of a projection: `years` at the stated values, `quantiles` over its draws, `tornado` of its
    assumptions, or the `spending` behind it with sources. Raises `Refused` for another name."""
    makers = {
        "years": years.projected,
        "quantiles": draws.quantiles,
        "tornado": tornado.tornado,
        "spending": years.spent,
    }
    if table not in makers:
        raise unknown("table", table, makers)
    chosen = _scenario(scenario, schedules)
    known = _inputs(chosen, schedules, vintages=table != "spending")
    return makers[table](chosen, known)  # type: ignore[operator, no-any-return]


def claims(scenario: str | Path = DEFAULT, *, schedules: Path | None = None) -> dy.DataFrame[Reconstruction]:
    """Every public claim that ships beside what its own inputs or a scenario give (depr.outlook.reconstruction)."""
    chosen = _scenario(scenario, schedules)
    return reconstruction.reconstruct(chosen, _inputs(chosen, schedules), parse_claims(evidence.claims()))


def claim_surface(
    claim_id: str, scenario: str | Path = DEFAULT, *, schedules: Path | None = None
) -> dy.DataFrame[Surface]:
    """What a claim is compared with over lives, server shares and paths of capital expenditure."""
    chosen = _scenario(scenario, schedules)
    claim = _claim(claim_id)
    return surface.surface(chosen, _inputs(chosen, schedules), claim)


def claim_level_set(
    claim_id: str, scenario: str | Path = DEFAULT, *, schedules: Path | None = None
) -> dy.DataFrame[LevelSet]:
    """The lives, server shares and paths of capital expenditure that reproduce a claim."""
    chosen = _scenario(scenario, schedules)
    claim = _claim(claim_id)
    return surface.level_set(chosen, _inputs(chosen, schedules), claim)


def _claim(claim_id: str) -> Claim:
    known = {claim.id: claim for claim in parse_claims(evidence.claims())}
    if claim_id.upper() not in known:
        raise unknown("claim", claim_id, known, "claims.csv")
    return known[claim_id.upper()]


def _scenario(name: str | Path, schedules: Path | None) -> Scenario:
    path = share.find("projections", name, schedules)
    return parse_scenario(read_toml(path), str(path))


def _inputs(scenario: Scenario, schedules: Path | None, *, vintages: bool = True) -> Inputs:
    """Issuers, their books and reported lines; vintages, which take seconds, where the scenario rests on them."""
    issuers = {name: the_issuer(name, schedules) for name in scenario.issuers}
    books = {name: read_book(issuer.book, schedules) for name, issuer in issuers.items()}
    shares, spent = _reported(scenario)
    found: Mapping[str, pl.DataFrame] = {}
    if vintages and scenario.history == VINTAGES:
        found = {name: inferred(name, schedules=schedules).ledger for name in scenario.issuers}
    return Inputs(issuers, books, shares, spent, found)


def _reported(scenario: Scenario) -> tuple[dict[str, int], dict[tuple[str, int], int]]:
    """Last reported diluted shares, and capital expenditure by fiscal year, of the years before those projected."""
    lines = datasets.statements().filter(pl.col("issuer").is_in(scenario.issuers), period_type="FY")
    shares: dict[str, int] = {}
    spent: dict[tuple[str, int], int] = {}
    for issuer in scenario.issuers:
        first = min((c.fiscal_year for c in scenario.capex if c.issuer == issuer), default=scenario.first_year)
        for row in lines.filter(pl.col("fiscal_year") < first, issuer=issuer).sort("fiscal_year").iter_rows(named=True):
            if row["diluted_shares"]:
                shares[issuer] = row["diluted_shares"]
            if row["capex_minor"]:
                spent[issuer, row["fiscal_year"]] = row["capex_minor"]
    return shares, spent
