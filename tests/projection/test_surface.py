"""Surfaces and level sets: what they say reproduces a claim does, when projected; and claims from their own inputs."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from depr.datasets import evidence
from depr.errors import Refused
from depr.outlook.claims import Claim, parse_claims
from depr.outlook.reconstruction import charge, reconstruct
from depr.outlook.scenario import PPM
from depr.outlook.surface import level_set, surface, target
from depr.outlook.years import projected
from tests.projection.samples import capex, inputs, small

TEXT = dict.fromkeys(evidence.claims().columns)
TOLD = {"claim_id": "C", "author": "A", "date": "2025", "subject": "S", "claim": "W", "source": "X"}
PATH = [capex("ONE", year, "14.4", "10", "20") for year in (2026, 2027, 2028)]
SCENARIO = small(capex=PATH)
EPS = {"issuer": "ONE", "fiscal_year": 2028, "eps": "5", "source": "test", "sourced": True}


def claim(**cells: str) -> Claim:
    [made] = parse_claims(pl.DataFrame([TEXT | TOLD | cells], schema=dict.fromkeys(TEXT, pl.String)))
    return made


def understated(value: str, **cells: str) -> Claim:
    told = {"measure": "understatement", "value_low": value, "value_high": value, "unit": "USD bn", "rounded_to": "1"}
    return claim(**(told | {"issuers": "ONE", "first_year": "2026", "last_year": "2028"} | cells))


def overstated(value: str) -> Claim:
    told = {"measure": "earnings_overstated", "value_low": value, "value_high": value, "unit": "percent"}
    return claim(**told, issuers="ONE", first_year="2028", last_year="2028", rounded_to="0.1")


def total(life: int, share: int, position: int = 0, price: int = PPM, basis: str = "calendar") -> int:
    at = {"life_months": life, "server_share_ppm": share, "capex_position_ppm": position, "price_factor_ppm": price}
    made = projected(SCENARIO, inputs(), **at).filter(pl.col("year").is_null(), issuer="ONE", basis=basis)
    return int(made["understatement_minor"].item())


def test_a_level_set_reproduces_the_claim_to_one_step_of_the_share() -> None:
    lines = level_set(SCENARIO, inputs(), understated("5"))
    found = lines.filter(pl.col("why").is_null())
    assert 0 < len(found) < len(lines)
    for row in found.iter_rows(named=True):
        at = (row["life_months"], row["server_share_ppm"], row["capex_position_ppm"])
        value = total(*at, basis=row["basis"])
        step = total(at[0], at[1] + 1, at[2], basis=row["basis"]) - value
        assert value == row["understatement_minor"]
        assert row["target_minor"] == 5 * 10**11
        assert row["error_minor"] == value - row["target_minor"]
        assert abs(row["error_minor"]) <= step


def test_a_longer_life_needs_a_larger_share_and_more_spending_a_smaller_one() -> None:
    """Lives from 12 to 36 months, over which no lot is used up and turns the sign for long."""
    lines = level_set(SCENARIO, inputs(), understated("5")).filter(pl.col("life_months") > 12, basis="calendar")
    for _, group in lines.drop_nulls("server_share_ppm").group_by("capex_position_ppm"):
        shares = group.sort("life_months")["server_share_ppm"].to_list()
        assert shares == sorted(shares)
    for _, group in lines.drop_nulls("server_share_ppm").group_by("life_months"):
        shares = group.sort("capex_position_ppm")["server_share_ppm"].to_list()
        assert shares == sorted(shares, reverse=True)


def test_a_surface_is_made_of_projections() -> None:
    table = surface(SCENARIO, inputs(), understated("5")).filter(basis="calendar")
    assert len(table) == 5 * 5 * 3
    for row in table.sample(12, seed=1).iter_rows(named=True):
        at = (row["life_months"], row["server_share_ppm"], row["capex_position_ppm"])
        assert row["understatement_minor"] == total(*at)
        needed = total(*at, price=row["spending_needed_ppm"])
        step = total(*at, price=row["spending_needed_ppm"] + 1) - needed
        assert abs(needed - 5 * 10**11) <= step
    assert table["earnings_needed_minor"].null_count() == len(table)
    assert set(table["seed"]) == {7}


def test_what_no_share_reproduces_says_why() -> None:
    lines = level_set(SCENARIO, inputs(life_months=36), understated("5")).filter(basis="calendar", life_months=36)
    assert set(lines["why"]) == {"this life understates nothing that a larger share would raise"}
    high = level_set(SCENARIO, inputs(), understated("5000"))
    assert set(high["why"]) == {"it would take more than all of capital expenditure"}
    assert high["server_share_ppm"].null_count() == high["understatement_minor"].null_count() == len(high)


def test_without_earnings_a_surface_says_which_would_be_needed() -> None:
    """25 percent of restated earnings: reported E with effect / (E - effect) = 1 / 4, that is five times the effect."""
    table = surface(SCENARIO, inputs(), overstated("25"))
    assert table["target_minor"].null_count() == table["spending_needed_ppm"].null_count() == len(table)
    assert set(table["basis"]) == {"fiscal"}
    for row in table.iter_rows(named=True):
        gap = row["understatement_minor"]
        effect = gap - round(Fraction(gap * 21, 100))
        expected = (5 * effect, 4 * effect, round(Fraction(5 * effect, 10**5))) if gap > 0 else (None, None, None)
        names = ("earnings_needed_minor", "earnings_needed_of_reported_minor", "eps_needed_micro")
        assert tuple(row[name] for name in names) == expected
    assert all("not sourced" in why for why in level_set(SCENARIO, inputs(), overstated("25"))["why"])


def test_with_earnings_the_level_set_reproduces_the_percentage() -> None:
    """Earnings of 5 billion: 25 percent of restated earnings is an effect of 1 billion after tax."""
    told = small(capex=PATH, earnings=[EPS])
    wanted = target(told, inputs(), overstated("25"))
    assert wanted == round(Fraction(10**11 * 100, 79))
    lines = level_set(told, inputs(), overstated("25")).drop_nulls("server_share_ppm")
    assert not lines.is_empty()
    assert all(abs(error) < 10**6 for error in lines["error_minor"])
    [row] = reconstruct(told, inputs(), [overstated("25")]).iter_rows(named=True)
    gap = projected(told, inputs()).filter(issuer="ONE", basis="fiscal", year=2028)["understatement_minor"].item()
    effect = gap * Fraction(79, 100)
    assert row["model_micro"] == round(100 * PPM * effect / (5 * 10**11 - effect))


def test_earnings_that_are_not_known_or_become_a_loss_give_no_percentage() -> None:
    [blank] = reconstruct(SCENARIO, inputs(), [overstated("25")]).iter_rows(named=True)
    assert blank["model_micro"] is blank["reproduced"] is blank["basis"] is None
    [loss] = reconstruct(small(capex=PATH, earnings=[EPS | {"eps": "0.1"}]), inputs(), [overstated("25")]).iter_rows(
        named=True
    )
    assert loss["model_micro"] is loss["reproduced"] is None
    assert "a loss" in loss["basis"]


def test_a_scenario_that_does_not_cover_a_claim_is_refused() -> None:
    for other in (understated("5", issuers="TWO"), understated("5", last_year="2030")):
        with pytest.raises(Refused, match="does not cover C"):
            surface(SCENARIO, inputs(), other)
    with pytest.raises(Refused, match="unknown claim with a surface"):
        level_set(SCENARIO, inputs(), claim())


# Claims


@pytest.mark.parametrize(
    ("base", "life", "months", "amount"),
    [(36_000, 36, 12, 12_000), (100, 36, 12, 33), (100, 6, 12, 100), (7, 84, 1, 0)],
)
def test_a_charge_by_hand(base: int, life: int, months: int, amount: int) -> None:
    assert charge(base, life, months) == amount


def reconstructed() -> dict[str, dict[str, object]]:
    table = reconstruct(SCENARIO, inputs(), parse_claims(evidence.claims()))
    return {str(row["claim_id"]): row for row in table.iter_rows(named=True)}


def test_published_claims_from_their_own_inputs() -> None:
    """CHANOS: 19.1bn / 7 = 2,728.6m; 200m less 1,280m, plus 640m. BCA: 2.5trn / 5. SINGH: 100bn / 3 - 100bn / 6.
    MOTLEY: 13bn / 5 - 13bn / 6."""
    rows = reconstructed()
    found = {
        name: (row["model_micro"], row["reproduced"]) for name, row in rows.items() if row["basis"] == "own inputs"
    }
    assert found == {
        "CHANOS-1": (-440 * PPM, True),
        "CHANOS-2": (2_728_571_429, True),
        "BCA-2025": (500 * PPM, True),
        "SINGH-2026": (16_666_667, False),
        "MOTLEY-CRWV": (433_333_333, None),
    }


def test_every_claim_has_a_row_that_says_what_is_not_known() -> None:
    rows = reconstructed()
    assert len(rows) == len(evidence.claims()) == 21
    for row in rows.values():
        assert row["scenario"] == "small"
        assert row["source"]
        assert row["reproduced"] is not None or row["not_known"], row["claim_id"]


def test_an_understatement_is_compared_with_the_scenario() -> None:
    value = Fraction(total(36, PPM // 2), 10**11)
    [near] = reconstruct(SCENARIO, inputs(), [understated(str(round(value)))]).iter_rows(named=True)
    assert near["model_micro"] == round(value * PPM)
    assert near["reproduced"]
    assert near["model_low_micro"] == near["model_high_micro"] == near["model_micro"]
    [far] = reconstruct(SCENARIO, inputs(), [understated("1")]).iter_rows(named=True)
    assert (far["reproduced"], far["difference_micro"]) == (False, round((value - 1) * PPM))


def test_cells_that_cannot_be_read_are_named() -> None:
    with pytest.raises(Refused, match=r"claims.csv:2: value_low 'much' is not a number"):
        claim(value_low="much")
    with pytest.raises(Refused, match="unknown measure 'guess'"):
        claim(measure="guess")
    with pytest.raises(Refused, match="charge needs life_months, months"):
        claim(measure="charge", base_usd_m="1")
    with pytest.raises(Refused, match="unknown unit"):
        _ = claim(unit="EUR m").minor_per_unit
