"""What is held: serials, lots depreciated to the end, lives outside the book, ages beyond the evidence."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from depr.checks import check
from depr.checks.examined import Examined
from depr.checks.held import beyond
from depr.evidence.survival import LIVES
from depr.ledger.store import Ledger
from tests.ledger.samples import event, ledger, lot


def found(path: Path, name: str, as_of: date | None = None) -> list[str]:
    return [finding.what for finding in check(path, [name], as_of=as_of)]


def named(path: Path, name: str, as_of: date | None = None) -> list[str]:
    """The lots that are found."""
    return [what.split("'")[1] for what in found(path, name, as_of)]


# Serials


def test_a_serial_belongs_to_one_lot_held(tmp_path: Path) -> None:
    same = lot(lot_id="L2", serial="sn-1", purchase_date="2024-01-01", in_service_date="2024-01-01")
    rows = [lot(serial="SN-1"), same, lot(lot_id="L3", serial="SN-2"), lot(lot_id="L4"), lot(lot_id="L5")]
    path = ledger(tmp_path / "fleet.duckdb", rows, [event("disposal", "2024-06-30")])
    assert found(path, "serials", date(2024, 6, 29)) == [
        "serial 'sn-1' of lot 'L2' (META) is that of lot 'L1' (META) too"
    ]
    assert not found(path, "serials", date(2024, 6, 30))  # sold, and bought back


# Fully depreciated


FULL = date(2028, 7, 31)
"""The book gives 60 months, from 2025 on 66: those of a lot in service from 2023-02 end with July 2028."""


def test_a_lot_is_fully_depreciated_with_the_last_day_of_its_last_period(tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    assert not found(path, "fully_depreciated")
    assert not found(path, "fully_depreciated", FULL - timedelta(days=1))
    assert found(path, "fully_depreciated", FULL) == [
        "lot 'L1' (10 h100) was fully depreciated on 2028-07-31, and is still in use on 2028-07-31"
    ]


STORIES = {
    "sold": ([event("disposal", "2028-06-30")], []),
    "held for sale": ([event("held_for_sale", "2028-06-30")], []),
    "back in use": ([event("held_for_sale", "2028-06-30"), event("back_in_use", "2028-08-31")], []),
    "half sold": ([event("partial_disposal", "2028-06-30", units="5")], ["L1"]),
    "extended": ([event("estimate", "2028-01-31", life_months="90")], []),
    "extended in another book": ([event("estimate", "2028-01-31", life_months="90", book="life-6y")], ["L1"]),
    "shortened": ([event("estimate", "2028-01-31", life_months="61")], ["L1"]),
    "improved": ([event("improvement", "2028-07-31", amount="100.00", currency="USD")], []),
    "impaired to nothing": ([event("impairment", "2023-02-28", amount="1000.00", currency="USD")], ["L1"]),
}


@pytest.mark.parametrize("story", STORIES)
def test_what_befell_a_lot_counts(story: str, tmp_path: Path) -> None:
    events, expected = STORIES[story]
    path = ledger(tmp_path / "fleet.duckdb", [lot()], events)
    assert named(path, "fully_depreciated", FULL) == expected


def test_nothing_to_depreciate_is_not_fully_depreciated(tmp_path: Path) -> None:
    rows = [lot(residual="1000.00"), lot(lot_id="L2", cost="0.00"), lot(lot_id="L3", in_service_date="")]
    opened = lot(lot_id="L4", accumulated="1000.00", accumulated_date="2024-12-31")
    path = ledger(tmp_path / "fleet.duckdb", rows, [opened])
    assert found(path, "fully_depreciated", date(2025, 1, 31)) == [
        "lot 'L4' (10 h100) has nothing left to depreciate, and is still in use on 2025-01-31"
    ]
    assert named(path, "fully_depreciated", date(2099, 1, 1)) == ["L4"]


# Life


@pytest.mark.parametrize(("months", "outside"), [(47, 1), (48, 0), (66, 0), (67, 1)])
def test_a_life_is_inside_the_range_of_the_book(months: int, outside: int, tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()], [event("estimate", "2024-06-30", life_months=str(months))])
    assert len(found(path, "life")) == outside
    assert not found(path, "life", date(2024, 6, 29))


def test_a_life_for_another_book_and_a_new_residual_are_no_departure(tmp_path: Path) -> None:
    events = [
        event("estimate", "2024-06-30", life_months="12", book="life-3y"),
        event("estimate", "2024-07-31", residual="10.00", currency="USD"),
    ]
    assert not found(ledger(tmp_path / "fleet.duckdb", [lot()], events), "life")


def test_a_single_life_is_named_as_one(tmp_path: Path) -> None:
    rows = [lot(issuer="MSFT")]
    path = ledger(tmp_path / "fleet.duckdb", rows, [event("estimate", "2024-06-30", life_months="600")])
    [what] = found(path, "life")
    assert what.startswith("event 3 gives lot 'L1' a life of 600 months; the book gives h100 ")


# Survival


def lives(*rows: tuple[str, str, int, bool]) -> pl.DataFrame:
    """Units by name, generation, days observed and fate."""
    start = date(2010, 1, 1)
    cells = [(name, kind, start, None, start + timedelta(days=age), 1, gone) for name, kind, age, gone in rows]
    return pl.DataFrame(cells, LIVES, orient="row")


EVIDENCE = lives(
    ("a", "h100", 500, True), ("b", "h100", 700, True), ("c", "h100", 9999, False), ("d", "a100", 1, False)
)


def old(path: Path, as_of: date, evidence: pl.DataFrame = EVIDENCE) -> list[str]:
    with Ledger.open(path) as opened:
        return [finding.what for finding in beyond(Examined(opened, as_of), evidence)]


def test_a_lot_is_beyond_the_evidence_the_day_after_the_oldest_retirement(tmp_path: Path) -> None:
    others = [lot(lot_id="L2", generation="a100"), lot(lot_id="L3", in_service_date="")]
    path = ledger(tmp_path / "fleet.duckdb", [lot(), *others])
    last = date(2023, 2, 1) + timedelta(days=700)
    assert not old(path, last)
    assert old(path, last + timedelta(days=1)) == [
        "lot 'L1' (10 h100) has been in service for 701 days on 2025-01-02; "
        "the oldest retirement observed of h100, b, was after 700 days"
    ]


def test_what_is_gone_is_not_old(tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()], [event("disposal", "2024-12-31")])
    assert not old(path, date(2030, 1, 1))


def test_a_part_is_judged_by_its_own_evidence_first(tmp_path: Path) -> None:
    rows = [lot(generation="h100-sxm5-80gb"), lot(lot_id="L2", generation="h100-pcie-80gb")]
    path = ledger(tmp_path / "fleet.duckdb", rows)
    both = pl.concat([EVIDENCE, lives(("e", "h100-pcie-80gb", 900, True))])
    assert [what.split("'")[1] for what in old(path, date(2023, 2, 1) + timedelta(days=800), both)] == ["L1"]


def test_the_shipped_evidence_is_used(tmp_path: Path) -> None:
    bought = {"purchase_date": "2017-10-15", "in_service_date": "2017-10-15"}
    path = ledger(tmp_path / "fleet.duckdb", [lot(generation="v100-sxm2-16gb", **bought)])
    assert not found(path, "survival", date(2025, 12, 20))  # AWS P3: from 2017-10-15 to 2025-12-20
    assert named(path, "survival", date(2025, 12, 21)) == ["L1"]
