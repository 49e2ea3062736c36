"""Balances that events make: orphaned, negative, left over, cut short."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import pipeline
from depr.books.book import scenario
from depr.checks import check
from depr.checks.balances import STEPS, left_over, limited, moves, negative
from depr.contract import Events
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar, period_of
from depr.kernel.conventions import CONVENTIONS
from depr.ledger.positions import acquired, effective
from tests.ledger.samples import event, ledger, lot


def found(path: Path) -> list[tuple[str, int, str, str]]:
    return [(each.file, each.row, each.code, each.what) for each in check(path, ["balances"])]


def money(kind: str, day: str, amount: str, **cells: str) -> dict[str, str]:
    return event(kind, day, amount=amount, currency="USD", **cells)


# A ledger as it can be recorded


def test_a_life_with_every_kind_of_event_has_no_findings(tmp_path: Path) -> None:
    story = [
        money("improvement", "2023-06-30", "50.00"),
        money("impairment", "2024-03-31", "100.00"),
        money("reversal", "2024-09-30", "40.00"),
        event("estimate", "2024-12-31", life_months="50"),
        event("held_for_sale", "2025-01-31"),
        event("back_in_use", "2025-03-31"),
        event("partial_disposal", "2025-06-30", units="3"),
        money("disposal", "2026-02-28", "20.00"),
    ]
    opened = lot(lot_id="L2", accumulated="400.00", accumulated_date="2024-12-31")
    assert not found(ledger(tmp_path / "fleet.duckdb", [lot(), opened], story))


def test_an_impairment_of_more_than_is_carried_is_found(tmp_path: Path) -> None:
    """23 of 60 months are charged by the end of 2024, then 6 of the 43 that a life of 66 leaves."""
    charged = round(Fraction(23, 60) * 100_000)
    carried = 100_000 - charged - round(Fraction(6, 43) * (100_000 - charged))
    exact = money("impairment", "2025-06-30", f"{carried // 100}.{carried % 100:02}")
    more = money("impairment", "2025-06-30", f"{carried // 100}.{carried % 100 + 1:02}")
    assert not found(ledger(tmp_path / "exact.duckdb", [lot()], [exact]))
    assert found(ledger(tmp_path / "more.duckdb", [lot()], [more])) == [
        (
            "two.csv",
            2,
            "limited",
            "event 3 (impairment of lot 'L1' on 2025-06-30) is 530.63 USD, and 530.62 USD was recognised",
        )
    ]


def test_an_impairment_meant_for_another_book_is_not_looked_for_here(tmp_path: Path) -> None:
    there = money("impairment", "2025-06-30", "999.00", book="life-3y")
    assert not found(ledger(tmp_path / "fleet.duckdb", [lot()], [there]))


def test_a_reversal_after_part_was_sold_is_of_what_stays(tmp_path: Path) -> None:
    story = [
        money("impairment", "2023-06-30", "100.00"),
        event("partial_disposal", "2023-07-31", units="5"),
        money("reversal", "2023-08-31", "60.00"),
    ]
    with pytest.raises(Refused, match="more of lot 'L1' is reversed than was impaired"):
        ledger(tmp_path / "other.duckdb", [lot()], story)
    assert not found(ledger(tmp_path / "fleet.duckdb", [lot()], [*story[:2], story[2] | {"amount": "50.00"}]))


def test_an_opening_balance_on_top_of_an_impairment_is_found(tmp_path: Path) -> None:
    opened = lot(accumulated="800.00", accumulated_date="2024-01-31")
    path = ledger(tmp_path / "fleet.duckdb", [opened], [money("impairment", "2023-06-30", "500.00")])
    assert found(path) == [("one.csv", 2, "negative", "the carrying amount of lot 'L1' is -300.00 USD at 2024-01-31")]


def test_an_event_without_an_acquisition_is_found(tmp_path: Path) -> None:
    """An import refuses it; a journal that another program wrote may hold it all the same."""
    path = Path(shutil.copy(ledger(tmp_path / "made.duckdb", [lot(), lot(lot_id="L2")]), tmp_path / "fleet.duckdb"))
    with duckdb.connect(str(path)) as plain:
        plain.execute("DELETE FROM events WHERE kind = 'acquisition' AND lot_id = 'L2'").fetchall()
    assert [str(finding) for finding in check(path, ["balances"])] == [
        "one.csv:3: event 4 (placed_in_service of 2023-02-01): lot 'L2' has no acquisition\n"
        "  why: what it moves is in no balance\n"
        "  do: import the purchase, or take the event back (correction)"
    ]


# The pure parts


def steps(*rows: tuple[int, int, dict[str, int]]) -> pl.DataFrame:
    """Lot, period and what moves."""
    cells = [{"lot": number, "period": period, **dict.fromkeys(STEPS, 0), **moved} for number, period, moved in rows]
    return pl.DataFrame(cells).cast({"period": pl.Int32})


@pytest.mark.parametrize("balance", STEPS)
def test_any_balance_below_zero_is_negative_from_its_first_period(balance: str) -> None:
    rest = {} if balance in ("units", "construction_units") else {"construction_minor": 100, "cost_minor": 100}
    told = steps((0, 5, rest), (0, 7, {balance: -101}), (0, 8, {balance: -1}), (1, 7, {"units": 1}))
    assert (0, balance, 7) in negative(told).select("lot", "balance", "period").rows()
    assert set(negative(told)["lot"]) == {0}
    assert negative(steps((0, 5, {"cost_minor": 1}), (0, 5, {"accumulated_minor": 1}))).is_empty()


def test_moves_of_one_period_count_together() -> None:
    assert negative(steps((0, 5, {"units": -3}), (0, 5, {"units": 3}))).is_empty()


def test_what_is_left_is_named() -> None:
    told = steps((0, 5, {"cost_minor": 100}), (0, 9, {"cost_minor": -99}), (1, 5, {"units": 1}), (1, 6, {"units": -1}))
    assert left_over(told).rows() == [(0, "cost_minor", 1)]


def test_what_a_disposal_leaves_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No recorded story leaves anything; the check is against a fault of our own."""
    path = ledger(tmp_path / "fleet.duckdb", [lot()], [event("disposal", "2024-06-30")])
    faulty = pl.DataFrame({"lot": [0, 0], "balance": ["cost_minor", "units"], "amount": [1, 2]})
    monkeypatch.setattr("depr.checks.balances.left_over", lambda _: faulty)
    assert [what for *_, what in found(path)] == [
        "lot 'L1' was disposed of; left over: 0.01 USD (cost)",
        "lot 'L1' was disposed of; left over: 2 (units)",
    ]


def test_only_what_moved_less_is_limited() -> None:
    keys: dict[str, list[Any]] = {"lot": [0, 1, 2], "kind": ["impairment"] * 3, "period": [3, 3, 3]}
    asked = pl.DataFrame({**keys, "amount": [5, 5, 5]})
    moved = pl.DataFrame({**{name: cells[:2] for name, cells in keys.items()}, "impairment_minor": [5, 4]})
    assert limited(moved, asked).select("lot", "moved").rows() == [(1, 4), (2, 0)]


# Against every charge of the schedule

SERVED = date(2020, 1, 15)
BLANK: dict[str, Any] = dict.fromkeys(Events.column_names())
KINDS = ("impairment", "reversal", "improvement", "partial_disposal", "estimate", "held_for_sale", "back_in_use")


@st.composite
def stories(draw: st.DrawFn) -> pl.DataFrame:
    """One lot: bought, placed in service, then anything that the estimates take; half of them disposed of."""
    cost, units = draw(st.integers(0, 10**6)), draw(st.integers(2, 9))
    changes: list[dict[str, Any]] = []
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=5)):
        amount = draw(st.integers(0, cost)) if kind in KINDS[:3] else None
        life = draw(st.integers(1, 90)) if kind == "estimate" else None
        sold = draw(st.integers(1, units)) if kind == "partial_disposal" else None
        changes.append({"kind": kind, "amount_minor": amount, "life_months": life, "units": sold})
    if draw(st.booleans()):
        changes.insert(draw(st.integers(0, 1)), {"kind": "opening", "amount_minor": draw(st.integers(0, cost))})
    sold = sum(row.get("units") or 0 for row in changes)
    if draw(st.booleans()):
        changes.append({"kind": "disposal"})
    days = sorted(draw(st.lists(st.integers(0, 2500), min_size=len(changes), max_size=len(changes))))
    dates = [SERVED, SERVED, *(SERVED + timedelta(days=day) for day in days)]
    bought = {"kind": "acquisition", "issuer": "X", "generation": "h100", "units": units + sold, "cost_minor": cost}
    rows: list[dict[str, Any]] = [bought, {"kind": "placed_in_service"}, *changes]
    told = [
        {**BLANK, "lot_id": "L", "currency": "USD", "seq": n + 1, "batch": 1, "effective_date": day, **row}
        for n, (row, day) in enumerate(zip(rows, dates, strict=True))
    ]
    return pl.DataFrame(told, schema={name: column.dtype for name, column in Events.columns().items()})


@given(stories(), st.integers(1, 72), st.sampled_from(sorted(CONVENTIONS)), st.integers(1, 12))
def test_moves_are_the_flows_added_up(told: pl.DataFrame, life: int, convention: str, year_end: int) -> None:
    book, calendar, events = scenario(life, convention=convention), FiscalCalendar(year_end), effective(told)
    lots = acquired(events)
    flows = pipeline.flows(lots, book, calendar, events).collect()
    moved = moves(lots, pipeline.estimated(lots, book, calendar, events), calendar)
    assert moved.select(pl.col(STEPS).sum()).rows() == flows.select(pl.col(STEPS).sum()).rows()
    assert set(negative(moved)["balance"]) == set(negative(flows)["balance"])
    if "disposal" in told["kind"]:
        assert left_over(moved).is_empty()


def test_a_charge_counts_in_the_last_period_of_its_segment() -> None:
    cells = {"lot_id": "L", "issuer": "X", "currency": "USD", "generation": "h100", "batch": 1}
    rows = [
        {**BLANK, **cells, "seq": 1, "kind": "acquisition", "effective_date": SERVED, "units": 1, "cost_minor": 100},
        {**BLANK, **cells, "seq": 2, "kind": "placed_in_service", "effective_date": SERVED},
    ]
    events = effective(pl.DataFrame(rows, schema={n: c.dtype for n, c in Events.columns().items()}))
    lots, book, calendar = acquired(events), scenario(3), FiscalCalendar()
    moved = moves(lots, pipeline.estimated(lots, book, calendar, events), calendar)
    charges = moved.filter(pl.col("accumulated_minor") != 0).select("period", "accumulated_minor")
    assert charges.rows() == [(period_of(date(2020, 3, 31)), 100)]
