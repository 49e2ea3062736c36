"""The scenarios that ship: every value is sourced or says why it is assumed, and the public claims come out of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest

from depr import share
from depr.datasets import statements
from depr.errors import Refused
from depr.intake.documents import read_toml
from depr.outlook import shipped as outlook
from depr.outlook.scenario import PPM, Scenario, parse_scenario
from depr.outlook.tables import LevelSet

NAMES = share.names("projections")
FIVE = {"META", "GOOGL", "MSFT", "ORCL", "AMZN"}
CLAIMED = 176 * 10**11


@cache
def scenario(name: str) -> Scenario:
    path = share.find("projections", name)
    return parse_scenario(read_toml(path), str(path))


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_sourced_or_an_assumption(name: str) -> None:
    told = scenario(name)
    assert told.id == name
    assert set(told.issuers) == FIVE
    entries: list[Any] = [*told.assumption, *told.capex, *told.growth, *told.generation, *told.share, *told.earnings]
    for entry in entries:
        assert entry.sourced or "Assumption" in entry.source, entry
        assert not entry.sourced or "http" in entry.source or "10-K" in entry.source or "generations" in entry.source


@pytest.mark.parametrize("name", NAMES)
def test_reported_spending_is_that_of_the_statements(name: str) -> None:
    table = outlook.project(name, "spending")
    told = statements().filter(period_type="FY").select("issuer", "fiscal_year", "capex_minor")
    both = table.filter(basis="reported").join(told, on=["issuer", "fiscal_year"])
    assert len(both) == len(table.filter(basis="reported")) > 30
    assert (both["mid_minor"] == both["capex_minor"]).all()
    ahead = table.filter(pl.col("basis") != "reported").group_by("issuer").agg(pl.col("fiscal_year").max())
    assert dict(ahead.iter_rows()) == {"META": 2028, "GOOGL": 2028, "AMZN": 2028, "MSFT": 2029, "ORCL": 2029}


@cache
def level(name: str) -> Any:
    return outlook.claim_level_set("burry-176", name)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_lives_and_shares_that_give_176_billion(name: str) -> None:
    """In both scenarios a life of 3 years needs a third to three fifths of spending, one of 5 years more than all."""
    lines = LevelSet.validate(level(name)).filter(basis="calendar", capex_position_ppm=0)
    found = {row["life_months"]: row for row in lines.iter_rows(named=True)}
    assert PPM // 3 < found[36]["server_share_ppm"] < 3 * PPM // 5
    assert found[24]["server_share_ppm"] < found[36]["server_share_ppm"] < found[48]["server_share_ppm"]
    assert found[60]["server_share_ppm"] is None
    for row in lines.drop_nulls("server_share_ppm").iter_rows(named=True):
        assert abs(row["error_minor"]) < CLAIMED // PPM * 10


@pytest.mark.slow
def test_the_claim_lies_within_the_draws_of_what_could_be_known_then() -> None:
    """176 billion, and 26.9 percent of Oracle on one published estimate; Meta's 2028 earnings are not sourced."""
    rows = {row["claim_id"]: row for row in outlook.claims("seen-2025-11").iter_rows(named=True)}
    for name in ("BURRY-176", "BURRY-ORCL"):
        row = rows[name]
        assert row["model_low_micro"] < row["claimed_low_micro"] < row["model_high_micro"]
        assert row["model_low_micro"] < row["model_micro"] < row["model_high_micro"]
    assert rows["BURRY-META"]["model_micro"] is None
    assert "2028 earnings" in rows["BURRY-META"]["not_known"]


def test_names_that_do_not_exist_are_refused() -> None:
    with pytest.raises(Refused, match="unknown table 'graph'"):
        outlook.project(NAMES[0], "graph")
    with pytest.raises(Refused, match="unknown projection 'none'"):
        outlook.project("none")
    with pytest.raises(Refused, match="unknown claim 'none'"):
        outlook.claim_surface("none")


def test_scenarios_are_listed() -> None:
    listed = outlook.scenarios()
    assert listed["scenario"].to_list() == NAMES == ["outlook-2026", "seen-2025-11"]
    assert listed["seed"].n_unique() == len(NAMES)
