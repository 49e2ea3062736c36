"""Events add up to lots; a lot of known cost counts the same in every reading of an estimate."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from depr.contract import BOUNDS, Events
from depr.ledger.positions import positions, readings
from tests.ledger.samples import journal, lot


@pytest.fixture
def events(tmp_path: Path) -> dy.DataFrame[Events]:
    rows = [
        lot(lot_id="B", cost="100.00", cost_low="80.00", cost_high="130.00", residual="90.00"),
        lot(lot_id="A", cost="10.00", purchase_date="2023-03-01", in_service_date="2023-05-01"),
        lot(lot_id="C", cost="7.00", purchase_date="2023-04-01", in_service_date="", document="d"),
    ]
    return journal(tmp_path / "p.csv", *rows)


def test_lots_are_numbered_in_order_of_their_names(events: dy.DataFrame[Events]) -> None:
    lots = positions(events)
    assert lots.select("lot", "lot_id", "cost_minor", "in_service_date", "document").rows() == [
        (0, "A", 1000, date(2023, 5, 1), None),
        (1, "B", 10000, date(2023, 2, 1), None),
        (2, "C", 700, None, "d"),
    ]
    assert positions(Events.validate(events.reverse())).equals(lots)


def test_positions_on_a_date_hold_what_was_effective(events: dy.DataFrame[Events]) -> None:
    def held(day: date) -> list[tuple[str, date | None]]:
        return positions(events, day).select("lot_id", "in_service_date").rows()

    assert held(date(2023, 1, 14)) == []
    assert held(date(2023, 1, 15)) == [("B", None)]
    assert held(date(2023, 3, 1)) == [("A", None), ("B", date(2023, 2, 1))]
    assert held(date(2023, 5, 1)) == [("A", date(2023, 5, 1)), ("B", date(2023, 2, 1)), ("C", None)]


def test_readings_of_an_estimate(events: dy.DataFrame[Events]) -> None:
    table = readings(positions(events))
    assert table["lot"].to_list() == list(range(9))
    costs = {bound: table.filter(bound=bound)["cost_minor"].to_list() for bound in BOUNDS}
    assert costs == {"low": [1000, 8000, 700], "mid": [1000, 10000, 700], "high": [1000, 13000, 700]}
    residuals = {bound: table.filter(bound=bound)["residual_minor"].to_list() for bound in BOUNDS}
    assert residuals == {"low": [None, 8000, None], "mid": [None, 9000, None], "high": [None, 9000, None]}


def test_without_an_estimate_there_is_one_reading(events: dy.DataFrame[Events]) -> None:
    table = readings(positions(events).filter(pl.col("lot_id") != "B"))
    assert table["bound"].to_list() == ["mid", "mid"]


def test_no_events_are_no_lots(events: dy.DataFrame[Events]) -> None:
    assert positions(Events.create_empty()).is_empty()
    assert readings(positions(Events.create_empty())).is_empty()
