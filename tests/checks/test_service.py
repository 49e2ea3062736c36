"""The day on which depreciation starts: missing, before receipt, implausibly late."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from depr import datasets, share
from depr.checks import check
from depr.checks.controls import control
from depr.checks.service import availability
from depr.errors import Refused
from depr.intake import read_toml
from tests.ledger.samples import ledger, lot


def found(path: Path, name: str, as_of: date | None = None, schedules: Path | None = None) -> list[str]:
    """Where, and the first words of what."""
    findings = check(path, [name], as_of=as_of, schedules=schedules)
    return [f"{each.file}:{each.row} {each.what.partition(' (')[0]}" for each in findings]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    waiting = lot(lot_id="L2", purchase_date="2024-01-31", in_service_date="")
    return ledger(tmp_path / "fleet.duckdb", [lot()], [waiting])


def test_a_lot_without_a_start_is_construction_in_progress(path: Path) -> None:
    assert found(path, "in_service") == ["two.csv:2 lot 'L2'"]


def test_a_lot_that_waits_is_late_the_day_after_the_limit(path: Path) -> None:
    assert not found(path, "late")
    assert not found(path, "late", date(2025, 1, 31))
    assert found(path, "late", date(2025, 2, 1)) == ["two.csv:2 lot 'L2'"]


@pytest.mark.parametrize(("start", "late"), [("2024-01-15", 0), ("2024-01-16", 1)])
def test_a_start_is_late_the_day_after_the_limit(start: str, late: int, tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot(purchase_date="2023-01-15", in_service_date=start)])
    assert len(found(path, "late")) == late


def test_the_limit_is_data(path: Path, tmp_path: Path) -> None:
    own, shipped = tmp_path / "own", share.schedule_file("controls.toml")
    own.mkdir()
    text = shipped.read_text("utf-8").replace("value = 12", "value = 24")
    (own / "controls.toml").write_text(text, encoding="utf-8")
    assert not found(path, "late", date(2026, 1, 31), own)
    assert len(found(path, "late", date(2026, 2, 1), own)) == 1
    with pytest.raises(Refused, match="unknown control 'days'"):
        control("days")


def test_a_limit_without_a_source_is_a_finding(path: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "controls.toml").write_text('[[control]]\nkey = "months_to_service"\nvalue = 1')
    said = [finding.what for finding in check(path, ["late"], schedules=tmp_path / "own")]
    assert said == [f"control.0.{name}: Field required" for name in ("meaning", "source", "unit")]


@pytest.mark.parametrize(
    ("generation", "start", "early"),
    [
        ("h100", "2022-09-19", 1),
        ("h100", "2022-09-20", 0),
        ("b300", "2025-03-31", 1),
        ("b300", "2025-04-01", 0),
        ("l4", "2023-03-20", 1),
        ("l4", "2023-03-21", 0),
        ("gb200-nvl72", "2025-02-01", 0),
        ("gb200-nvl72", "2024-10-07", 1),
        ("h200-sxm-141gb", "2024-09-15", 0),
        ("h200-sxm-141gb", "2024-04-23", 1),
    ],
)
def test_a_start_before_any_was_available_is_found(generation: str, start: str, early: int, tmp_path: Path) -> None:
    bought = lot(generation=generation, purchase_date="2022-01-01", in_service_date=start)
    assert len(found(ledger(tmp_path / "fleet.duckdb", [bought]), "receipt")) == early


def test_a_launch_that_is_not_known_says_nothing(tmp_path: Path) -> None:
    rows = [lot(lot_id=key, generation=key, purchase_date="2001-01-01") for key in ("a800", "h800")]
    assert not found(ledger(tmp_path / "fleet.duckdb", rows), "receipt")


def test_availability_is_sourced_and_no_later_than_the_launch_and_the_first_shipment() -> None:
    shipped = datasets.purchases().filter(pl.col("units") > 0).group_by("generation").agg(pl.col("quarter_end").min())
    first = dict(shipped.iter_rows())
    for entry in read_toml(share.schedule_file("generations.toml"))["generation"]:
        day = availability(entry)
        assert ("available" in entry) == bool(entry.get("available_source")), entry["key"]
        if "available" in entry:
            assert str(day).startswith(str(entry["available"]))
            assert str(day) < str(entry["launch"]), entry["key"]
        quarter = first.get(entry["key"])
        if day is not None and quarter is not None:
            assert day <= quarter, entry["key"]


def test_a_start_before_the_purchase_is_found(tmp_path: Path) -> None:
    """An import refuses it; a journal that another program wrote may hold it all the same."""
    path = Path(shutil.copy(ledger(tmp_path / "made.duckdb", [lot()]), tmp_path / "fleet.duckdb"))
    with duckdb.connect(str(path)) as plain:
        plain.execute("UPDATE events SET effective_date = '2023-01-14' WHERE kind = 'placed_in_service'").fetchall()
    what = "lot 'L1' (10 h100) was placed in service on 2023-01-14, before it was bought on 2023-01-15"
    [finding] = check(path, ["receipt"])
    assert (finding.file, finding.row, finding.what) == ("one.csv", 2, what)
