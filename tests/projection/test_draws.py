"""Draws and swings: the same bytes from the same seed, quantiles as defined, ends as computed one by one."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.books.book import Assumption
from depr.outlook.draws import BITS, points, quantiles, triangular
from depr.outlook.scenario import PPM, Scenario
from depr.outlook.tornado import tornado
from depr.outlook.years import effects, projected
from tests.projection.samples import capex, inputs, small

RANGES = {
    "life_months": ("24", "36", "60"),
    "server_share": ("0.25", "0.5", "0.75"),
    "price_factor": ("0.8", "1", "1.5"),
    "months_to_service": ("0", "3", "7"),
    "capex_position": ("-1", "0", "1"),
    "tax_rate": ("0", "0.21", "0.3"),
}
PATH = [capex("ONE", year, "14.4", "10", "20") for year in (2026, 2027, 2028)]


def ranged(**changes: object) -> Scenario:
    return small(RANGES, **({"capex": PATH} | changes))


class Given(Random):
    """A generator that gives what it is told."""

    def __init__(self, *bits: int) -> None:
        super().__init__(0)
        self.bits = list(bits)

    def getrandbits(self, k: int, /) -> int:
        assert k == BITS
        return self.bits.pop(0)


def entry(low: str, value: str, high: str) -> Assumption:
    told = {"key": "life_months", "low": low, "value": value, "high": high, "unit": "", "meaning": ""}
    return Assumption.model_validate(told | {"source": "test", "sourced": False})


def test_a_draw_by_hand() -> None:
    """On (0, 10, 40) a quarter of the draws lies below 10; the greater of two numbers is the way towards it."""
    quarter, half = 2**BITS // 4, 2**BITS // 2
    assert triangular(entry("0", "10", "40"), Given(quarter - 1, half, quarter)) == 5
    assert triangular(entry("0", "10", "40"), Given(quarter, quarter, half)) == 40 - 15
    assert triangular(entry("7", "7", "7"), Given(1, 2, 3)) == 7


@given(st.lists(st.fractions(0, 100, max_denominator=1000), min_size=3, max_size=3).map(sorted), st.integers())
def test_draws_stay_between_the_ends(ends: list[Fraction], seed: int) -> None:
    low, value, high = map(str, ends)
    assert ends[0] <= triangular(entry(low, value, high), Random(seed)) <= ends[2]


def test_same_seed_same_bytes() -> None:
    one, two = (quantiles(ranged(), inputs()).write_csv() for _ in range(2))
    assert one == two
    assert quantiles(ranged(seed=8), inputs()).write_csv() != one


def test_other_ranges_leave_the_draws_of_an_assumption_alone() -> None:
    fixed = small(RANGES | {"server_share": ("0.5", "0.5", "0.5")}, capex=PATH)
    here, there = points(ranged()), points(fixed)
    assert [p.life_months for p in here] == [p.life_months for p in there]
    assert {p.server_share_ppm for p in there} == {PPM // 2}
    assert len(here) == 20
    assert len(set(here)) > 10


def test_without_ranges_every_quantile_is_the_projection() -> None:
    told = projected(small(), inputs()).filter(pl.col("year") == 2027, issuer="ONE", basis="calendar")
    drawn = quantiles(small(), inputs()).filter(pl.col("year") == 2027, issuer="ONE", basis="calendar")
    for measure in ("understatement_minor", "eps_effect_micro"):
        assert set(drawn.filter(measure=measure)["value"]) == {told[measure].item()}


def test_the_years_together_come_after_each_of_them() -> None:
    drawn = quantiles(small(), inputs(), [500_000]).filter(issuer="ONE", basis="fiscal", measure="understatement_minor")
    assert drawn["year"].to_list() == [2026, 2027, 2028, None]


@pytest.mark.parametrize(
    ("share", "place"), [(1, 1), (50_000, 1), (50_001, 2), (500_000, 10), (999_999, 20), (PPM, 20)]
)
def test_a_quantile_is_the_draw_at_its_place(share: int, place: int) -> None:
    """The smallest value that at least the share of 20 draws does not exceed."""
    values = effects(ranged(), inputs(), points(ranged())).filter(pl.col("year") == 2028, issuer="ONE", basis="fiscal")
    drawn = quantiles(ranged(), inputs(), [share])
    row = drawn.filter(pl.col("year") == 2028, issuer="ONE", basis="fiscal", measure="understatement_minor")
    assert row["value"].item() == sorted(values["understatement_minor"])[place - 1]
    assert row.select("scenario", "seed", "draws").row(0) == ("small", 7, 20)


def test_the_ends_of_a_tornado_are_projections() -> None:
    table = tornado(ranged(), inputs()).filter(pl.col("year").is_null(), issuer="all", basis="calendar")
    for row in table.iter_rows(named=True):
        key, whole = row["assumption"], row["assumption"] in ("life_months", "months_to_service")
        name = key if whole else f"{key}_ppm"
        for end, text in (("at_low", row["low"]), ("at_value", row["value"]), ("at_high", row["high"])):
            setting = {name: round(Fraction(text) * (1 if whole else PPM))}
            made = projected(ranged(), inputs(), **setting).filter(pl.col("year").is_null(), issuer="all")
            assert row[end] == made.filter(basis="calendar")["understatement_minor"].item()
        assert row["swing"] == abs(row["at_high"] - row["at_low"])
    assert table["swing"].to_list() == sorted(table["swing"], reverse=True)
    assert set(table["assumption"]) == set(RANGES)


def test_tax_moves_earnings_and_nothing_else() -> None:
    table = tornado(ranged(), inputs()).filter(
        pl.col("year") == 2028, issuer="ONE", basis="fiscal", assumption="tax_rate"
    )
    swings = dict(table.select("measure", "swing").iter_rows())
    assert swings["understatement_minor"] == 0 < swings["eps_effect_micro"]
    assert table.select("low", "value", "high").row(0) == ("0", "0.21", "0.3")
