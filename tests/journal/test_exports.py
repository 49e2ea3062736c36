"""Journals as other systems take them in: every cent arrives, under the columns that the system documents."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import depr
from depr import Fleet, share
from depr.errors import Refused
from tests.command import run
from tests.ledger.samples import lot, write

GIVEN = {
    "oracle": {"LEDGER_ID": "300000046"},
    "netsuite": {},
    "dynamics365": {"JOURNALNAME": "GenJrn"},
    "business-central": {"Journal Template Name": "GENERAL", "Journal Batch Name": "DEFAULT"},
    "sap": {"BUKRS": "1010"},
}
"""What each system must be given; another one that ships fails here until it has a line."""

AMOUNTS = {
    "oracle": ("ENTERED_DR", "ENTERED_CR"),
    "netsuite": ("Debit", "Credit"),
    "dynamics365": ("DEBITAMOUNT", "CREDITAMOUNT"),
    "business-central": ("Amount",),
    "sap": ("WRBTR",),
}
DAYS = {
    "oracle": ("ACCOUNTING_DATE", "%Y/%m/%d"),
    "netsuite": ("Date", "%m/%d/%Y"),
    "dynamics365": ("TRANSDATE", "%Y-%m-%d"),
    "business-central": ("Posting Date", "%Y-%m-%d"),
    "sap": ("BUDAT", "%Y%m%d"),
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Two lots of odd cents."""
    folder = tmp_path_factory.mktemp("exports")
    fleet = depr.create(folder / "fleet.duckdb")
    fleet.add(write(folder / "a.csv", lot(cost="1000.01"), lot(lot_id="L2", generation="a100", cost="77777.77")))
    return fleet


def own(folder: Path, base: str, **tables: dict[str, str]) -> Path:
    """A file that extends an export."""
    lines = [f'title = "ours"\nsource = "a test"\nextends = "{base}"']
    for name, cells in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in cells.items())]
    path = folder / f"own-{base}.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def company(folder: Path, name: str, currency: str) -> Fleet:
    """A company of its own that reports in a currency."""
    said: dict[str, Any] = {"currency": currency, "life": "3y", "tax_rate": "0.21", "by": "A", "source": "a test"}
    return depr.open(depr.new(folder / "own", id=name, year_end_month=12, **said).ledger)


def test_each_that_ships_is_tried() -> None:
    assert set(share.names("exports")) == set(GIVEN) == set(AMOUNTS) == set(DAYS)


@pytest.mark.parametrize("name", GIVEN)
def test_every_cent_arrives(name: str, fleet: Fleet, tmp_path: Path) -> None:
    lines = fleet.journal("2023", "3y")
    text = fleet.export(lines, own(tmp_path, name, constants=GIVEN[name]))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    frame = lines.frame.drop_nulls("account")
    signed = [Decimal(row["debit"]) - Decimal(row["credit"]) for row in frame.iter_rows(named=True)]
    columns = AMOUNTS[name]
    sides = [[Decimal(row[column] or 0) for column in columns] for row in rows]
    assert [each[0] - each[1] if len(each) == 2 else each[0] for each in sides] == signed
    assert all(min(abs(amount) for amount in each) == 0 for each in sides if len(each) == 2)
    column, form = DAYS[name]
    assert [row[column] for row in rows] == [day.strftime(form) for day in frame["date"]]
    for given, value in GIVEN[name].items():
        assert {row[given] for row in rows} == {value}
    assert "\r\n" in text


@pytest.mark.parametrize("name", [name for name, needs in GIVEN.items() if needs])
def test_what_a_company_must_give_is_asked_for(name: str, fleet: Fleet) -> None:
    with pytest.raises(Refused) as refused:
        fleet.export(fleet.journal("2023-03", "3y"), name)
    assert all(given in str(refused.value) for given in GIVEN[name])
    assert "[constants]" in str(refused.value)


def test_accounts_take_the_names_of_the_other_system(fleet: Fleet, tmp_path: Path) -> None:
    lines = fleet.journal("2023-03", "3y")
    names = {account: str(4000 + n) for n, account in enumerate(lines["account"].unique().sort())}
    text = fleet.export(lines, own(tmp_path, "netsuite", accounts=names))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Account"] for row in rows] == [names[account] for account in lines["account"]]
    gone = names.popitem()[0]
    with pytest.raises(Refused, match=f"account {gone} has no name in the other system"):
        fleet.export(lines, own(tmp_path, "netsuite", accounts=names))


@pytest.mark.parametrize("code", ["JPY", "KWD"])
def test_amounts_have_the_decimals_of_their_currency(code: str, tmp_path: Path) -> None:
    fleet = company(tmp_path, "ACME", code)
    cost = {"JPY": "36000", "KWD": "36.036"}[code]
    fleet.add(write(tmp_path / "a.csv", lot(issuer="ACME", currency=code, cost=cost)))
    rows = list(csv.DictReader(io.StringIO(fleet.export(fleet.journal("2023-02", "3y"), "netsuite"))))
    assert {row["Debit"] for row in rows} - {""} == {"JPY": {"36000", "1000"}, "KWD": {"36.036", "1.001"}}[code]


def test_nothing_is_cut(fleet: Fleet, tmp_path: Path) -> None:
    big = company(tmp_path, "ACME-INTERNATIONAL-CLOUD", "USD")
    big.add(write(tmp_path / "a.csv", lot(issuer="ACME-INTERNATIONAL-CLOUD", cost="36000000000.00")))
    lines = big.journal("2023-02", "3y")
    with pytest.raises(Refused, match="has more than 10 digits before the point"):
        big.export(lines, "netsuite")
    with pytest.raises(Refused, match="has more than 25 characters"):
        big.export(lines, own(tmp_path, "sap", constants=GIVEN["sap"]))
    with pytest.raises(Refused, match="has more than 20 characters"):
        big.export(lines, own(tmp_path, "business-central", constants=GIVEN["business-central"]))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"columns": {"Debit": "debits"}}, "'debits', which is no constant"),
        ({"constants": {"Nobody": "x"}}, "no column holds the constant 'Nobody'"),
        ({"collumns": {"a": "b"}}, "collumns"),
        ({"limits": {"digits": "3"}}, "digits"),
    ],
)
def test_a_wrong_key_is_refused(tables: dict[str, dict[str, str]], said: str, fleet: Fleet, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        fleet.export(fleet.journal("2023-03", "3y"), own(tmp_path, "netsuite", **tables))
    assert said in str(refused.value)


def test_as_posted_by_the_command_line(tmp_path: Path) -> None:
    fleet = depr.create(tmp_path / "fleet.duckdb")
    fleet.add(write(tmp_path / "a.csv", lot(cost="3600.00")))
    fleet.post("2023-02", "3y", by="A")
    fleet.add(write(tmp_path / "b.csv", lot(lot_id="L2", cost="3600.00")))
    words = ("journal", "fleet.duckdb", "2023-02", "--book", "3y", "--posted")
    ran = run(tmp_path, *words, "--export", "netsuite")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    charged = [row["Debit"] for row in rows if row["Account"] == "Expenses:META:Depreciation" and row["Debit"]]
    assert (ran.code, charged) == (0, ["100.00"])
    assert fleet.journal("2023-02", "3y", posted=True).frame.equals(fleet.journal("2023", "3y", posted=True).frame)
    refused = run(tmp_path, *words, "--export", "netsweet")
    assert (refused.code, refused.out) == (1, "")
    assert "netsuite" in refused.err
    both = run(tmp_path, *words, "--difference")
    assert (both.code, both.out) == (1, "")
