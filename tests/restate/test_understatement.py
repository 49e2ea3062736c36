"""What holds for every fleet: years are sums of quarters, run-off ends at nothing, equal lives differ by nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.contract import BOUNDS
from depr.restate.understatement import by_period, crossing, understatement
from tests.ledger.samples import lot
from tests.restate.cases import A, B, book, fleet, issuer, restated, statements
from tests.size import examples

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
LIVES = st.integers(1, 96)


@st.composite
def fleets(draw: st.DrawFn) -> pl.DataFrame:
    """Up to five lots, some of them estimated."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        low, mid, high = sorted(draw(st.lists(st.integers(0, 10**9), min_size=3, max_size=3)))
        estimated = {"cost_low": _text(low), "cost_high": _text(high)} if draw(st.booleans()) else {}
        day = draw(DAYS).isoformat()
        names = {"lot_id": str(number), "issuer": "ACME", "generation": draw(st.sampled_from(["a100", "h100"]))}
        dates = {"purchase_date": "2019-12-31", "in_service_date": day}
        rows.append(lot(cost=_text(mid), **names, **dates, **estimated))
    return fleet(*rows)


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def rollups(lots: pl.DataFrame, year_end: int, reported: Any, **alternatives: Any) -> Any:
    books = [book(name, *lives) for name, lives in alternatives.items()]
    return restated(lots, statements(), book("reported", *reported), books, issuer(year_end)).rollup


@pytest.mark.slow
@examples(25)
@given(fleets(), st.integers(1, 12), LIVES, LIVES)
def test_what_holds_for_every_fleet(lots: pl.DataFrame, year_end: int, life: int, other: int) -> None:
    table = rollups(lots, year_end, [("opening", life)], other=[("opening", other)], same=[("opening", life)])
    path = understatement(table, {"ACME": "reported"})
    comes_back(path)
    assert set(path.filter(book="same")["understatement_minor"]) == {0}
    years_are_sums(table, year_end)
    foots(table)
    keeps_order(table)


def comes_back(path: pl.DataFrame) -> None:
    """Over the whole life as much is charged under every book."""
    for kind in ("FY", "Q"):
        ends = (
            path.filter(period_type=kind)
            .group_by("book", "bound")
            .agg(pl.col("understatement_cumulative_minor").last())
        )
        assert set(ends["understatement_cumulative_minor"]) == {0}
        assert path.filter(period_type=kind)["understatement_minor"].sum() == 0


def years_are_sums(table: pl.DataFrame, year_end: int) -> None:
    """A fiscal year has four quarters and is their sum."""
    periods, keys = by_period(table), ["book", "bound", "fiscal_year"]
    years = periods.filter(period_type="FY").sort(keys)
    quarters = periods.filter(period_type="Q").group_by(keys).agg(pl.col("depreciation_minor").sum(), pl.len())
    assert years["depreciation_minor"].to_list() == quarters.sort(keys)["depreciation_minor"].to_list()
    assert set(quarters["len"]) == {4}
    assert {day.month for day in years["period_end"]} == {year_end}


def foots(table: pl.DataFrame) -> None:
    """Opening and the quarter is closing; cost less accumulated is carrying; at the end all is used up."""
    for _, lines in table.sort("period_end").group_by("book", "bound", "generation"):
        opening = lines["accumulated_minor"].shift(1, fill_value=0)
        assert lines["accumulated_minor"].equals(opening + lines["depreciation_minor"], check_names=False)
        assert lines["carrying_minor"].equals(lines["cost_minor"] - lines["accumulated_minor"], check_names=False)
        assert lines["carrying_minor"][-1] == 0
        assert lines["period_end"].n_unique() == len(lines)


def keeps_order(table: pl.DataFrame) -> None:
    """Low <= mid <= high in every balance; the charge of a single period may differ by a cent of rounding."""
    if table["bound"].n_unique() == 1:
        return
    keys = ["book", "generation", "fiscal_year", "fiscal_quarter"]
    for name in ("cost_minor", "accumulated_minor", "carrying_minor"):
        low, mid, high = (table.filter(bound=bound).sort(keys)[name] for bound in BOUNDS)
        assert (low <= mid).all()
        assert (mid <= high).all()


@examples(15)
@given(fleets(), LIVES, LIVES, st.dates(date(2020, 1, 1), date(2028, 12, 31)))
def test_a_change_of_life_on_the_way_comes_back_too(lots: pl.DataFrame, old: int, new: int, day: date) -> None:
    table = rollups(lots, 12, [("opening", old), (day, new)], other=[("opening", 36)])
    foots(table)
    comes_back(understatement(table, {"ACME": "reported"}))


@examples(10)
@given(fleets(), st.randoms(use_true_random=False), LIVES)
def test_the_order_of_lots_is_of_no_account(lots: pl.DataFrame, random: Any, life: int) -> None:
    order = list(range(len(lots)))
    random.shuffle(order)
    one, two = (rollups(table, 12, [("opening", life)], other=[("opening", 24)]) for table in (lots, lots[order]))
    assert one.equals(two)


def test_a_fleet_not_yet_in_service_is_not_depreciated() -> None:
    made = restated(fleet(A | {"in_service_date": ""}, B | {"in_service_date": ""}), statements())
    assert made.rollup.is_empty()
    assert made.restated.is_empty()


def test_only_lots_in_service_count() -> None:
    both, one = (restated(fleet(*rows), statements()).rollup for rows in ((A, B | {"in_service_date": ""}), (A,)))
    assert both.equals(one)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ([1, 2, -1, 3, -4], 2),
        ([0, 0, 0, 0], None),
        ([-1, -2, 0, -3], None),
        ([-1, 2, 0, -3], 3),
        ([5, 4, 0], None),
        ([], None),
    ],
)
def test_the_crossing_is_the_first_turn_below_nothing(path: list[int], place: int | None) -> None:
    assert crossing(path) == place


def test_a_book_is_compared_with_the_reported_one_alone() -> None:
    table = rollups(fleet(A, B), 12, [("opening", 48)], one=[("opening", 24)], two=[("opening", 36)])
    path = understatement(table, {"ACME": "reported"})
    assert set(path["book"]) == {"one", "two"}
    turned = understatement(table, {"ACME": "one"}).filter(book="reported", period_type="FY")["understatement_minor"]
    assert turned.to_list() == [-amount for amount in path.filter(book="one", period_type="FY")["understatement_minor"]]


def test_large_fleets_do_not_wrap() -> None:
    """A hundred lots of nearly 10^15: their sum is within 64 bits, their products are not."""
    cost = "999999999999999.99"
    lots = fleet(*[A | {"lot_id": str(n), "cost": cost} for n in range(90)])
    made = restated(lots, statements())
    last = made.rollup.filter(pl.col("fiscal_year") == 2026, pl.col("fiscal_quarter") == 4)
    assert set(last["accumulated_minor"]) == {90 * (10**17 - 1)}
    with pytest.raises(pl.exceptions.PolarsError, match="conversion"):
        restated(fleet(*[A | {"lot_id": str(n), "cost": cost} for n in range(93)]), statements())
    two = [A | {"lot_id": str(n), "cost": cost, "generation": ("a100", "h100")[n % 2]} for n in range(180)]
    with pytest.raises(pl.exceptions.PolarsError, match="conversion"):
        restated(fleet(*two), statements(), alternatives=[book("one-month", ("opening", 1))])
