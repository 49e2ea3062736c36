"""The verbs of evidence, from files and ledgers to tables; what is behind them has tests of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from depr import datasets
from depr.console import writers
from depr.errors import Refused
from depr.fleet.evidence import lives
from depr.fleet.facts import record
from depr.fleet.restating import restate, screened
from depr.ledger.positions import effective, lived
from depr.statements.documents import statements
from tests.ledger.samples import RECORDED, event, journal, ledger, lot


def test_how_long_units_lived(tmp_path: Path) -> None:
    """4 of 10 units went after 100 days, the rest after 365; a lot that began on the last day says nothing."""
    happens = (
        event("partial_disposal", "2023-05-12", units="4"),
        event("disposal", "2024-02-01"),
    )
    bought = journal(tmp_path / "p.csv", lot(), lot(lot_id="L2"), lot(lot_id="L3", in_service_date="2024-06-30"))
    since = journal(tmp_path / "e.csv", *happens).with_columns(pl.col("seq") + len(bought))
    told = lived(effective(pl.concat([bought, since])), date(2024, 6, 30))
    days = (pl.col("end_date") - pl.col("in_service_date")).dt.total_days()
    assert told.select("lot", "units", "retired", days.alias("days")).rows() == [
        ("L1", 4, True, 100),
        ("L1", 6, True, 365),
        ("L2", 10, False, 515),
    ]


def test_lives_of_a_ledger_beside_its_book(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot(), lot(lot_id="L2")])
    record(path, "disposal", "L1", date(2024, 2, 1), RECORDED)
    table, found = lives(path, book="life-3y")
    assert not found
    [row] = table.iter_rows(named=True)
    assert (row["generation"], row["units"], row["retired_units"]) == ("h100", 20, 10)
    assert row["book_life_days"] in (1095, 1096)


def test_public_retirements_are_the_evidence_without_a_ledger() -> None:
    table, _ = lives(book="life-6y")
    assert table["retired_units"].sum() > 0
    assert table["book_life_days"].drop_nulls().n_unique() == 1


def test_statements_go_out_and_come_back(tmp_path: Path) -> None:
    """The shipped statements as a table: the periods that break an identity are named, and kept only on request."""
    shipped = datasets.statements("META")
    writers.write(writers.decimals(shipped).lazy(), tmp_path / "s.csv")
    told = statements(tmp_path / "s.csv", accept_breaks=True)
    assert told.statements.equals(shipped)
    broken = datasets.statements("CRWV")
    writers.write(writers.decimals(broken).lazy(), tmp_path / "a.csv")
    kept = statements(tmp_path / "a.csv")
    assert (len(kept.statements), len(broken)) == (8, 12)
    assert len(kept.findings) == len({finding.what.split(" stated")[0] for finding in kept.findings}) == 6


def test_company_facts_need_an_issuer(tmp_path: Path) -> None:
    facts = '{"cik": 7, "entityName": "Seven Co", "facts": {}}'
    (tmp_path / "facts.json").write_text(facts, encoding="utf-8")
    with pytest.raises(Refused, match=r"whose facts are they\?\n.*Seven Co, CIK 0000000007, which no issuer has"):
        statements(tmp_path / "facts.json")


def test_materiality_of_a_restatement(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot(units="1000", cost="900000000.00")])
    done = restate(path, lives=["1y"], years=(2023, 2024))
    by_period, by_year = (screen.whole.lazy().collect() for screen in screened(done, [], None, None))
    assert (
        by_year["rollover_minor"].to_list() == by_period.filter(period_type="FY")["misstatement_pretax_minor"].to_list()
    )
    assert by_period["wording"].str.contains("not a conclusion").all()
