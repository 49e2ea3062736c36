"""What moved each figure since a time: new judgements, new facts, other statements; together the whole, exactly."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import depr
from depr import Fleet
from depr.errors import Refused
from depr.ledger.store import Ledger
from tests.command import run
from tests.ledger.samples import lot, write

STATEMENTS = """\
issuer,period_type,fiscal_year,fiscal_quarter,period_end,currency,pretax_income,income_tax,net_income,diluted_shares,eps_diluted,source
ACME,FY,2025,,2025-12-31,USD,500000,105000,395000,100000,3.95,annual report
"""
GIVEN: dict[str, Any] = {"currency": "USD", "tax_rate": "0.21", "by": "A", "source": "a test"}
LOT: dict[str, str] = {"issuer": "ACME", "purchase_date": "2024-12-20", "in_service_date": "2025-01-01"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600,000 in service for 2025 under five years; then 120,000 more is known, and six years are adopted."""
    here = tmp_path_factory.mktemp("diff") / "own"
    ledger = depr.new(here, id="ACME", year_end_month=12, life="5y", **GIVEN).ledger
    fleet = depr.open(ledger)
    fleet.add(write(here / "first.csv", lot(cost="600000.00", **LOT)))
    fleet.add(write(here / "late.csv", lot(lot_id="L2", cost="120000.00", **LOT)))
    book = here / "judgements" / "books" / "acme-reported.toml"
    book.write_text(book.read_text("utf-8").replace("life_months = 60", "life_months = 72"), "utf-8")
    fleet.adopt(book, by="B", reason="board paper")
    (here / "then.csv").write_text(STATEMENTS, "utf-8")
    (here / "now.csv").write_text(STATEMENTS.replace("500000,105000,395000", "510000,107100,402900"), "utf-8")
    return here


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(made, tmp_path / "own"))
    monkeypatch.chdir(folder)
    return folder


def first_import(fleet: Fleet) -> datetime:
    """When the first purchases were recorded."""
    with Ledger.open(fleet.path) as opened:
        return next(b for b in opened.batches() if b.file == "first.csv").recorded_at.replace(tzinfo=UTC)


def row(frame: pl.DataFrame, figure: str) -> list[Decimal | None]:
    """Then, what moved it, and now."""
    cells: list[Decimal | None] = list(frame.filter(figure=figure).row(0)[-5:])
    return cells


def test_each_step_by_hand(here: Path) -> None:
    """Three years charge 200,000, with the late lot 240,000; as reported it is 120,000, under six years 100,000."""
    fleet = depr.open("acme.duckdb")
    found = fleet.diff(
        first_import(fleet), lives=["3y"], years=(2025, 2025), statements="now.csv", statements_then="then.csv"
    ).frame
    assert row(found, "understatement") == [80_000, 20_000, 20_000, 0, 120_000]
    assert row(found, "pretax_income_reported") == [500_000, 0, 0, 10_000, 510_000]
    assert row(found, "net_income_restated") == [
        395_000 - Decimal("63200"),  # 79 % of 80,000
        -Decimal("15800"),
        -Decimal("15800"),
        7_900,
        402_900 - Decimal("94800"),
    ]
    assert set(found["unit"]) == {"USD", "USD a share", "ratio"}


def test_the_steps_add_up_to_the_last_unit(here: Path) -> None:
    fleet = depr.open("acme.duckdb")
    options: dict[str, Any] = {"lives": ["1y", "42m", "6y"], "statements": "now.csv", "statements_then": "then.csv"}
    found = fleet.diff(first_import(fleet), every=True, **options).frame
    zero = pl.lit(0, pl.Decimal(38, 6))
    steps = [pl.col(name).fill_null(zero) for name in ("then", "judgements", "facts", "statements")]
    assert found.filter(pl.sum_horizontal(steps) != pl.col("now").fill_null(zero)).height == 0
    moved = fleet.diff(first_import(fleet), **options).frame
    assert 0 < moved.height < found.height
    assert moved.filter((pl.col("judgements") == 0) & (pl.col("facts") == 0) & (pl.col("statements") == 0)).height == 0


def test_then_and_now_are_what_restating_says(here: Path) -> None:
    fleet = depr.open("acme.duckdb")
    since = first_import(fleet)
    found = fleet.diff(since, lives=["3y"], every=True, statements="then.csv").frame
    for column, known_at in (("then", since), ("now", None)):
        said = fleet.restate(lives=["3y"], statements="then.csv", known_at=known_at).frame
        for name in ("understatement", "eps_diluted_restated", "net_income_restated", "depreciation_modelled"):
            assert found.filter(figure=name)[column].to_list() == [Decimal(str(said[name][0]))], (column, name)


def test_nothing_moved_is_no_row(here: Path) -> None:
    fleet = depr.open("acme.duckdb")
    assert fleet.diff(datetime.now(UTC), lives=["3y"], statements="now.csv").height == 0


def test_a_folder_that_is_named_moves_no_judgement(here: Path) -> None:
    fleet = depr.open("acme.duckdb", schedules="judgements")
    found = fleet.diff(first_import(fleet), lives=["3y"], statements="now.csv", every=True).frame
    assert set(found["judgements"].drop_nulls()) == {0}
    assert row(found, "understatement") == [100_000, 0, 20_000, 0, 120_000]


def test_before_anything_was_known(here: Path) -> None:
    fleet = depr.open("acme.duckdb")
    with pytest.raises(Refused, match="nothing was known at"):
        fleet.diff(first_import(fleet) - timedelta(days=1), lives=["3y"], statements="now.csv")


def test_the_command_line_says_what_moved(here: Path) -> None:
    since = first_import(depr.open("acme.duckdb")).isoformat()
    words = ("diff", "acme.duckdb", "--since", since, "--lives", "3", "--statements", "now.csv")
    ran = run(here, *words, "--statements-then", "then.csv", "--format", "csv")
    lines = ran.out.splitlines()
    assert lines[0] == (
        "issuer,period_type,fiscal_year,fiscal_quarter,mode,book,figure,unit,then,judgements,facts,statements,now"
    )
    assert (
        "ACME,FY,2025,,as_if,life-3y,understatement,USD,80000.000000,20000.000000,20000.000000,0.000000,120000.000000"
        in lines
    )
    refused = run(here, "diff", "acme.duckdb", "--since", "2020-01-01", "--statements", "now.csv")
    assert (refused.code, refused.out) == (1, "")
