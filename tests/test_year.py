"""A year in the life of a fleet: bought, in service late, re-estimated, impaired, half retired, corrected, closed.

Every figure is worked out by hand under a straight line of 36 months, in dollars:

- L1: 3,600,000 for 100 units, in service on 1 April: 100,000 a month. At the end of June its life is set to 47 months
  from the start: 3,300,000 over 44, so 75,000. At the end of September half of it goes for 1,500,000 and is not charged
  for September, as whole months go: 450,000 is accumulated, so 1,800,000 - 225,000 goes, a loss of 75,000, and what
  stays is charged 37,500 a month from September on: 300,000 + 150,000 + 150,000 in the year.
- L2: 360,000, 10,000 a month since January 2022. At the end of June 60,000 is carried and 30,000 of it lost: 5,000 a
  month for the six that remain.
- L3: invoiced at 36,000 by mistake, 18,000 in truth: 500 a month from March.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.errors import Refused
from depr.fleet.facts import Imported, close, import_files, init, record, reopen, source
from depr.fleet.figures import journal, rollforward
from depr.fleet.questions import sql
from depr.fleet.restating import report
from depr.sql.verified import verify
from tests.ledger.samples import event, lot, write

BOOK = """\
id = "own"
title = "Our own book"
kind = "as reported"
source = "a test"

[[policy]]
effective = "opening"
method = "straight_line"
convention = "full_month"
life_months = 36
source = "a test"
"""
USD = {"currency": "USD"}
L1 = lot(lot_id="L1", units="100", cost="3600000", purchase_date="2024-01-15", in_service_date="")
L2 = lot(lot_id="L2", generation="a100", cost="360000", purchase_date="2021-12-15", in_service_date="2022-01-01")
L3 = lot(lot_id="L3", units="5", cost="36000", purchase_date="2024-02-10", in_service_date="2024-03-01")
MARCH = datetime(2024, 4, 10, 18, tzinfo=UTC)
NOVEMBER = datetime(2025, 11, 20, 9, tzinfo=UTC)


class Year:
    """A ledger, and the day on which something is recorded in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ledger, self.book = folder, folder / "fleet.duckdb", str(folder / "own.toml")
        Path(self.book).write_text(BOOK, encoding="utf-8")
        init(self.ledger)

    def told(self, day: str, *rows: dict[str, str]) -> Imported:
        """Rows handed in as a file on a day."""
        file = write(self.folder / f"{day}.csv", *rows)
        [done] = import_files(self.ledger, [file], datetime.fromisoformat(f"{day}T12:00:00Z"))
        assert done.batch.read == done.batch.accepted == len(rows)
        return done

    def rolled(self, **when: Any) -> dict[str, dict[str, int]]:
        """The roll-forward of 2024 in dollars: movement -> the balances it moves."""
        rows = rollforward(self.ledger, self.book, date(2024, 12, 31), by=(), grain="year", **when)
        wanted = ["units", "construction", "cost", "accumulated", "impairment", "carrying", "proceeds"]
        told = {}
        for row in rows.filter(fiscal_year=2024).iter_rows(named=True):
            cents = {name: row[name if name == "units" else f"{name}_minor"] for name in wanted}
            told[row["movement"]] = {n: v if n == "units" else v // 100 for n, v in cents.items() if v}
        return told

    def pages(self, out: str, **when: Any) -> dict[str, bytes]:
        """The report in a folder, page by page."""
        made = report(self.ledger, self.folder / out, **when)
        return {page.name: page.read_bytes() for page in made}

    def seq(self, lot_id: str, kind: str) -> str:
        """The number of the only such event."""
        asked = f"SELECT seq FROM facts WHERE lot_id = '{lot_id}' AND kind = '{kind}'"
        return str(sql(self.ledger, asked).item())


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """The whole year, told once."""
    year = Year(tmp_path_factory.mktemp("year"))
    year.told("2024-02-20", L1, L2, L3)
    year.told("2024-04-02", event("placed_in_service", "2024-04-01", "L1", document="acceptance test passed"))
    year.march = year.pages("march", known_at=MARCH)  # type: ignore[attr-defined]
    year.told(
        "2024-07-03",
        event("estimate", "2024-06-30", "L1", life_months="47", reason="longer use planned"),
        event("impairment", "2024-06-30", "L2", amount="30000", reason="stranded site", **USD),
    )
    year.told("2024-10-01", event("partial_disposal", "2024-09-30", "L1", units="50", amount="1500000", **USD))
    wrong = {"reverses": year.seq("L3", "acquisition"), "reason": "invoice 4711 bore twice the price"}
    right = {name: L3[name] for name in ("issuer", "generation", "units", "currency")} | {"cost": "18000"}
    year.told(
        "2024-10-15",
        event("correction", "2024-02-10", "L3", **wrong),
        event("acquisition", "2024-02-10", "L3", document="invoice 4711, corrected", **right),
    )
    close(year.ledger, "META", "2024-12", datetime(2025, 1, 15, tzinfo=UTC))
    return year


def test_the_year_rolls_forward_to_the_dollar(year: Year) -> None:
    assert year.rolled() == {
        "opening_balance": {"units": 10, "cost": 360_000, "accumulated": 240_000, "carrying": 120_000},
        "acquisition": {"construction": 3_618_000, "carrying": 3_618_000},
        "placed_in_service": {"units": 105, "construction": -3_618_000, "cost": 3_618_000},
        "impairment": {"impairment": 30_000, "carrying": -30_000},
        "depreciation": {"accumulated": 600_000 + 90_000 + 5_000, "carrying": -695_000},
        "partial_disposal": {
            "units": -50,
            "cost": -1_800_000,
            "accumulated": -225_000,
            "carrying": -1_575_000,
            "proceeds": 1_500_000,
        },
        "closing_balance": {
            "units": 65,
            "cost": 2_178_000,
            "accumulated": 710_000,
            "impairment": 30_000,
            "carrying": 1_438_000,
        },
    }


def test_the_entries_of_the_year_balance_and_show_the_loss(year: Year) -> None:
    lines = journal(year.ledger, year.book, "2024")
    sums = lines.group_by("entry").agg(pl.col("debit_minor", "credit_minor").sum())
    assert (sums["debit_minor"] == sums["credit_minor"]).all()
    lost = lines.filter(pl.col("account").str.contains("(?i)loss") & (pl.col("kind") == "partial_disposal"))
    assert lost["debit_minor"].sum() == 75_000_00


def test_what_was_known_in_march_is_what_march_says(year: Year) -> None:
    """Before the year went on: the wrong invoice, the old life, nothing lost and nothing sold."""
    closing = year.rolled(known_at=MARCH)["closing_balance"]
    assert closing == {
        "units": 115,
        "cost": 360_000 + 3_600_000 + 36_000,
        "accumulated": 9 * 100_000 + 360_000 + 10 * 1_000,
        "carrying": 3_996_000 - 1_270_000,
    }
    assert year.rolled(known_at=MARCH, as_of=date(2024, 3, 31))["closing_balance"]["construction"] == 3_600_000


def test_the_march_report_is_reproduced_in_november(year: Year) -> None:
    """To the byte, whatever was recorded since; today's report is another."""
    march: dict[str, bytes] = year.march  # type: ignore[attr-defined]
    record(year.ledger, "transfer", "L1", date(2025, 11, 1), NOVEMBER, location="Oregon")
    assert year.pages("again", known_at=MARCH) == march
    assert year.pages("today") != march


def test_the_closed_year_takes_no_event_and_says_where_to(year: Year) -> None:
    with pytest.raises(Refused, match="2024-11-30 is in a closed period; the first open day is 2025-01-01"):
        record(year.ledger, "impairment", "L1", date(2024, 11, 30), NOVEMBER, amount="1", reason="late")
    reopen(year.ledger, "META", "2024-11", "auditor's adjustment 3", NOVEMBER)
    record(year.ledger, "impairment", "L1", date(2024, 11, 30), NOVEMBER, amount="1", reason="late")
    close(year.ledger, "META", "2024-12", NOVEMBER)
    assert year.rolled()["impairment"]["impairment"] == 30_001


def test_everything_holds_in_the_end(year: Year) -> None:
    told, found = verify(year.ledger)
    assert not found
    assert "every byte is as depr left it" in told.seal
    assert [batch.read for batch in told.batches[:3]] == [3, 1, 2]
    assert (
        source(year.ledger, 1, year.folder / "original.csv").read_bytes()
        == (year.folder / "2024-02-20.csv").read_bytes()
    )
