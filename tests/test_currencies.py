"""Issuers in yen (no decimals), dollars (two) and dinars (three): the same figures, each in its own minor unit."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from depr.contract.currencies import AS_PRINTED, decimals_of, other_than_two, read_with_others, units
from depr.errors import Refused
from depr.fleet import questions
from depr.ledger.store import Ledger
from depr.ledger.tables import DECIMALS
from tests.command import Ran, run
from tests.daily import release
from tests.ledger.samples import foreign, lot

CODES = ("JPY", "USD", "KWD")
BOOK = """
id = "{name}-reported"
title = "{name}"
kind = "as reported"
issuer = "{name}"
source = "a test"

[[policy]]
effective = "opening"
method = "straight_line"
convention = "full_month"
life_months = 60
source = "a test"
"""
ISSUER = """
id = "{name}"
name = "{name} Inc"
currency = "{code}"
fiscal_year_end_month = 12
book = "{name}-reported"
source = "a test"

[[function_split]]
effective = 2020-01-01
cost_of_revenue = "1"
research_and_development = "0"
selling_general_administrative = "0"
source = "a test"

[[tax_rate]]
effective = 2020-01-01
rate = "0.25"
kind = "statutory"
source = "a test"
"""
LINES = {
    "issuer": "{name}",
    "period_type": "FY",
    "fiscal_year": "2024",
    "fiscal_quarter": "",
    "period_end": "2024-12-31",
    "currency": "{code}",
    "revenue": "9000000000",
    "operating_income": "3000000000",
    "pretax_income": "4000000000",
    "income_tax": "1000000000",
    "net_income": "3000000000",
    "basic_shares": "1000000000",
    "diluted_shares": "1000000000",
    "eps_basic": "3.00",
    "eps_diluted": "3.00",
    "depreciation": "2000000000",
    "depreciation_line": "depreciation_of_ppe",
    "cash_from_operations": "5000000000",
    "capex": "2500000000",
}
COST = 600_000_001
EVENT = "kind,lot_id,effective_date,amount,currency,residual\nestimate,L-{code},2024-12-31,,{code},1000\n"


@pytest.fixture(scope="module", params=[release(code) if code == "USD" else code for code in CODES])
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(code: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of one lot of an issuer in a currency, with its book, statements and prepared macros."""
    made, name = tmp_path_factory.mktemp(code), f"IN{code}"
    for kind, stem, text in (("books", f"{name}-reported", BOOK), ("issuers", name.lower(), ISSUER)):
        (made / "own" / kind).mkdir(parents=True)
        (made / "own" / kind / f"{stem}.toml").write_text(text.format(name=name, code=code), "utf-8")
    cells = [cell.format(name=name, code=code) for cell in LINES.values()]
    (made / "statements.csv").write_text(f"{','.join(LINES)}\n{','.join(cells)}\n", "utf-8")
    header = "lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date"
    lot = f"L-{code},{name},h100,1000,{units(COST, code)},{code},2023-12-01,2024-01-01"
    (made / "purchases.csv").write_text(f"{header}\n{lot}\n", "utf-8")
    for words in (["init", "f.duckdb"], ["import", "f.duckdb", "purchases.csv", *OWN]):
        good(made, *words)
    saved = ["--lives", "3", "--statements", "statements.csv", "--accept-breaks", "--save", "three", *OWN]
    good(made, "restate", "f.duckdb", *saved)
    good(made, "prepare", "f.duckdb", "--life", "3y", "--method", "straight_line", "--no-evidence", *OWN)
    return made


OWN = ("--schedules", "own")


def good(folder: Path, *words: str) -> Ran:
    ran = run(folder, *words)
    assert ran.code == 0, ran.err
    return ran


def rows(folder: Path, *words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(good(folder, *words, "--format", "csv").out)))


def test_the_same_charge_in_each_minor_unit(folder: Path, code: str) -> None:
    """600,000,001 minor units over 60 months from January 2024: a fifth of it in the year."""
    year = units(120_000_000, code)
    first = rows(folder, "schedule", "f.duckdb", *OWN)[0]
    assert (Decimal(first["depreciation"]), first["currency"]) == (year, code)
    assert -Decimal(first["depreciation"]).as_tuple().exponent == decimals_of(code)  # type: ignore[operator]
    charged = [
        row for row in rows(folder, "journal", "f.duckdb", "2024", *OWN) if row["role"] == "depreciation_expense"
    ]
    assert sum(Decimal(row["debit"]) for row in charged) == year
    rolled = rows(folder, "rollforward", "f.duckdb", "--through", "2024-12-31", "--grain", "year", *OWN)
    assert [Decimal(row["accumulated"]) for row in rolled if row["movement"] == "depreciation"] == [year]
    month = f"{units(10_000_000, code):,}"
    assert good(folder, "explain", "f.duckdb", f"L-{code}", "2024-03", *OWN).out.rstrip().endswith(f"= {month}")


def test_texts_have_the_decimals_of_the_currency(folder: Path, code: str) -> None:
    for form in ("hledger", "beancount"):
        out = good(folder, "journal", "f.duckdb", "2024-01", "--format", form, *OWN).out
        assert f" {units(10_000_000, code):f} {code}" in out


def test_restated_projected_to_the_share_and_reported(folder: Path, code: str) -> None:
    """Three years for five: 80,000,000 minor units more; 60,000,000 after tax; per share in millionths."""
    asked = ("--lives", "3", "--statements", "statements.csv", "--accept-breaks", *OWN)
    [row] = rows(folder, "restate", "f.duckdb", *asked)
    assert Decimal(row["understated"]) == units(80_000_000, code)
    assert Decimal(row["reported"]) == 2_000_000_000
    lost = units(60_000_000, code) / 10**9
    assert Decimal(row["restated"]) == 3 - round(lost, 6)
    table = good(folder, "restate", "f.duckdb", *asked).out
    assert "2,000.0" in table
    assert (f"{code} millions" in table) == (code != "USD")
    for line in rows(folder, "materiality", "f.duckdb", *asked):
        assert line["issuer"] == f"IN{code}"
    good(folder, "report", "f.duckdb", *asked)
    page = (folder / "pages" / f"in{code.lower()}.html").read_text(encoding="utf-8")
    assert "2,000.0" in page
    assert f"{units(COST, code):,}" in page


def test_sql_answers_in_units_of_the_currency(folder: Path, code: str) -> None:
    whole, saved = units(COST, code), units(80_000_000, code)
    with duckdb.connect(str(folder / "f.duckdb"), read_only=True) as plain:

        def one(sql: str) -> Decimal:
            [(value,)] = plain.sql(sql).fetchall()
            return Decimal(value)

        assert one("SELECT cost FROM lots") == whole
        assert one("SELECT sum(cost) FROM fleet") == whole
        assert one("SELECT sum(depreciation) FROM schedule(3, grain := 'year')") == whole
        assert one("SELECT understatement FROM understatement(3, grain := 'year') WHERE fiscal_year = 2024") == saved
        assert one("SELECT understatement FROM restatement WHERE run = 'three' AND period_type = 'FY'") == saved
        assert one("SELECT revenue FROM statements WHERE period_type = 'FY'") == 9_000_000_000
        asked = "SELECT {} FROM eps(life_years := 3, grain := 'year')"
        lost = units(60_000_000, code)
        assert one(asked.format("net_income_restated")) == 3_000_000_000 - lost
        kept = one("SELECT eps_diluted_restated FROM restatement WHERE run = 'three' AND period_type = 'FY'")
        assert one(asked.format("eps_diluted_restated")) == kept == 3 - round(lost / 10**9, 6)
        line = f"explain('L-{code}', '2024-03', life_years := 3)"
        assert one(f"SELECT amount FROM {line} WHERE what = 'depreciation'") == units(round(Decimal(COST) / 36), code)
    [asked_for] = json.loads(good(folder, "sql", "f.duckdb", "SELECT cost FROM lots", "--format", "json").out)
    assert Decimal(str(asked_for["cost"])) == whole


# Ledgers keep the decimals with which their amounts were written


def written_before(path: Path, kept: str | None, **cells: str) -> Path:
    """A ledger of a version for which the decimals of currencies were `kept` ones (None: it kept none)."""
    foreign(path, lot(**cells))
    with duckdb.connect(str(path)) as plain:
        plain.execute(f"DELETE FROM meta WHERE key = '{DECIMALS}'").fetchall()
        if kept is not None:
            plain.execute("INSERT INTO meta VALUES (?, ?)", [DECIMALS, kept]).fetchall()
    return path


@pytest.mark.parametrize("code", sorted(AS_PRINTED))
def test_amounts_with_other_decimals_are_not_read_as_if_they_had_these(code: str, tmp_path: Path) -> None:
    """100.50 afghani were kept as 100 by a version that knew no pul: today that would be 1.00."""
    path = written_before(tmp_path / "f.duckdb", None, currency=code, cost="1000")
    with pytest.raises(Refused, match=rf"in {code} with [0-9] decimals\n  why: ISO 4217 has: {code} [23]"):
        Ledger.open(path)


def test_a_library_that_is_corrected_later_is_noticed(tmp_path: Path) -> None:
    kept = other_than_two().replace("JPY 0", "JPY 3")
    with pytest.raises(Refused, match=r"in JPY with 3 decimals\n  why: ISO 4217 has: JPY 0"):
        Ledger.open(written_before(tmp_path / "f.duckdb", kept, currency="JPY", cost="1000"))
    assert read_with_others(kept) == {"JPY": 3}
    assert read_with_others(other_than_two()) == {}


@pytest.mark.parametrize(("kept", "code"), [(None, "USD"), (None, "JPY"), (None, "KWD"), ("BHD 3, JPY 3", "USD")])
def test_other_currencies_are_read_as_ever(kept: str | None, code: str, tmp_path: Path) -> None:
    with Ledger.open(written_before(tmp_path / "f.duckdb", kept, currency=code, cost="1000")) as opened:
        assert opened.lots()["currency"].to_list() == [code]


def test_what_is_written_today_is_read_today(tmp_path: Path) -> None:
    rows = [lot(lot_id=code, currency=code, cost="1000") for code in sorted(AS_PRINTED)]
    assert len(questions.sql(foreign(tmp_path / "f.duckdb", *rows), "FROM lots")) == len(AS_PRINTED)
