"""Statements from files: a table of one's own, and a companyfacts document as it is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import datasets
from depr.contract import Statements
from depr.errors import Refused
from depr.statements.assembly import Choices, from_company_facts
from depr.statements.files import (
    LARGEST_BYTES,
    StatementsRead,
    read_document,
    read_splits,
    read_statements,
    read_tags,
)
from depr.statements.forms import COLUMNS, MONEY, PER_SHARE, accepted
from tests.statements.documents import JANUARY, document, nvidia, reported, splits, tags

NVIDIA = {
    "issuer": "NVDA",
    "period_type": "FY",
    "fiscal_year": "2025",
    "fiscal_quarter": "",
    "period_end": "2025-01-26",
    "currency": "USD",
    "revenue": "130497000000",
    "net_income": "72880000000.00",
    "diluted_shares": "24804000000",
    "eps_diluted": "2.94",
    "depreciation": "1300000000",
    "depreciation_line": "depreciation_of_ppe",
}


def read(folder: Path, *rows: Mapping[str, str], name: str = "statements.csv") -> StatementsRead:
    lines = [",".join(NVIDIA), *(",".join({**NVIDIA, **row}.values()) for row in rows)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return read_statements(path)


def test_amounts_are_in_units_of_the_currency(tmp_path: Path) -> None:
    statements = read(tmp_path, {})
    [row] = statements.good.to_dicts()
    assert (row["revenue_minor"], row["net_income_minor"]) == (130_497 * 10**8, 72_880 * 10**8)
    assert (row["diluted_shares"], row["eps_diluted_micro"]) == (24_804 * 10**6, 2_940_000)
    assert (row["capex_minor"], row["period_end"], row["fiscal_quarter"]) == (None, date(2025, 1, 26), None)
    assert (statements.read, statements.rejected, statements.findings) == (1, 0, ())


def test_a_loss_has_a_minus(tmp_path: Path) -> None:
    [row] = read(tmp_path, {"net_income": "-863400000.05", "eps_diluted": "-0.000001"}).good.to_dicts()
    assert (row["net_income_minor"], row["eps_diluted_micro"]) == (-86_340_000_005, -1)


def _text(statements: pl.DataFrame) -> pl.DataFrame:
    """Statements as an author would write them."""
    cells = [
        {name.removesuffix("_minor").removesuffix("_micro"): _cell(name, value) for name, value in row.items()}
        for row in statements.iter_rows(named=True)
    ]
    return pl.DataFrame(cells, dict.fromkeys(COLUMNS, pl.String))


def _cell(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in MONEY:
        return str(Decimal(value).scaleb(-2))
    return f"{Decimal(value).scaleb(-6):f}" if name in PER_SHARE else str(value)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_shipped_statements_come_back_from_a_file_as_they_are(tmp_path: Path, suffix: str) -> None:
    shipped = datasets.statements()
    path = tmp_path / f"statements{suffix}"
    text = _text(shipped)
    if suffix == ".csv":
        text.write_csv(path)
    else:
        text.write_parquet(path)
    again = read_statements(path)
    assert (again.read, again.findings) == (len(shipped), ())
    assert again.good.equals(shipped)


@given(
    minor=st.integers(-(10**17) + 1, 10**17 - 1),
    micro=st.integers(-(10**15) + 1, 10**15 - 1),
    shares=st.integers(0, 10**15 - 1),
)
def test_every_amount_is_read_exactly(minor: int, micro: int, shares: int) -> None:
    cells = {
        **NVIDIA,
        "revenue": f"{Decimal(minor).scaleb(-2):f}",
        "eps_diluted": f"{Decimal(micro).scaleb(-6):f}",
        "diluted_shares": str(shares),
    }
    _, good, findings = accepted(pl.DataFrame([cells]), "file")
    assert findings == ()
    assert good.select("revenue_minor", "eps_diluted_micro", "diluted_shares").row(0) == (minor, micro, shares)


BAD = {
    "separators": ({"revenue": '"1,000.00"'}, "revenue '1,000.00' is not an amount in its currency"),
    "brackets": ({"net_income": "(500)"}, "net_income '(500)' is not an amount in its currency"),
    "an exponent": ({"revenue": "1e6"}, "revenue '1e6' is not an amount in its currency"),
    "full-width digits": ({"revenue": "１０００"}, "revenue '１０００' is not an amount in its currency"),
    "no number": ({"revenue": "NaN"}, "revenue 'NaN' is not an amount in its currency"),
    "finer than a cent": ({"revenue": "1.001"}, "revenue '1.001' is not an amount in its currency"),
    "too large": ({"revenue": "1" * 16}, "revenue '1111111111111111' is not an amount in its currency"),
    "part of a share": ({"diluted_shares": "1.5"}, "diluted_shares '1.5' is not a number of shares"),
    "fewer than no shares": ({"diluted_shares": "-1"}, "diluted_shares '-1' is not a number of shares"),
    "finer than a millionth": ({"eps_diluted": "0.0000001"}, "eps_diluted '0.0000001' is not an amount per share"),
    "no issuer": ({"issuer": ""}, "issuer is blank"),
    "another period": ({"period_type": "H1"}, "unknown period_type 'H1'"),
    "no year": ({"fiscal_year": "FY25"}, "fiscal_year 'FY25' is not a year"),
    "no such year": ({"fiscal_year": "0000"}, "fiscal_year '0000' is not a year"),
    "a quarter of a year": ({"fiscal_quarter": "4"}, "fiscal_quarter '4' stands in a year"),
    "a fifth quarter": ({"period_type": "Q", "fiscal_quarter": "5"}, "fiscal_quarter '5' is not a quarter"),
    "no quarter": ({"period_type": "Q"}, "fiscal_quarter '' is not a quarter"),
    "no such day": ({"period_end": "2025-02-29"}, "period_end '2025-02-29' is not a date"),
    "another form of date": ({"period_end": "26.01.2025"}, "period_end '26.01.2025' is not a date"),
    "out of range": ({"period_end": "1066-10-14"}, "period_end '1066-10-14' is out of range"),
    "a year apart": ({"period_end": "2027-01-31"}, "period_end 2027-01-31 is not in fiscal year 2025"),
    "no currency": ({"currency": "usd"}, "unknown currency 'usd'; did you mean 'USD'?"),
    "cents of yen": ({"currency": "JPY"}, "net_income '72880000000.00' is not an amount in its currency"),
    "depreciation of what": (
        {"depreciation_line": ""},
        "depreciation and depreciation_line do not go together",
    ),
    "a line of its own": ({"depreciation_line": "rent"}, "unknown depreciation_line 'rent'"),
}


@pytest.mark.parametrize(("cells", "what"), BAD.values(), ids=BAD)
def test_a_bad_row_is_a_finding_with_its_place_and_the_good_rows_stay(
    tmp_path: Path, cells: dict[str, str], what: str
) -> None:
    other = {"issuer": "OTHER"}
    if what.startswith("net_income '72880000000.00'"):
        cells, other = {**cells, "net_income": "72880000000.01"}, {"issuer": "OTHER"}
        what = what.replace(".00'", ".01'")
    statements = read(tmp_path, other, cells)
    assert (statements.read, len(statements.good), statements.rejected) == (2, 1, 1)
    assert what in [f.what for f in statements.findings]
    assert {(f.file, f.row) for f in statements.findings} == {("statements.csv", 3)}


def test_yen_without_cents_are_taken(tmp_path: Path) -> None:
    """72880000000.00 has no cents."""
    [row] = read(tmp_path, {"currency": "JPY"}).good.to_dicts()
    assert row["net_income_minor"] == 72_880_000_000


def test_a_period_twice_and_two_currencies_of_one_issuer(tmp_path: Path) -> None:
    statements = read(
        tmp_path, {}, {"revenue": "1"}, {"fiscal_year": "2024", "period_end": "2024-01-28", "currency": "EUR"}
    )
    assert [(f.row, f.what) for f in statements.findings] == [
        (3, "NVDA FY 2025 is in this file twice"),
        (4, "currency EUR is not that of the rows of NVDA above"),
    ]


def test_blank_rows_are_no_statements_and_count(tmp_path: Path) -> None:
    blank = dict.fromkeys(NVIDIA, "")
    statements = read(tmp_path, {}, blank, {"fiscal_year": "x"})
    assert (statements.read, [f.row for f in statements.findings]) == (2, [4])


def test_quarters_and_years_of_a_period_end_are_different_rows(tmp_path: Path) -> None:
    statements = read(tmp_path, {}, {"period_type": "Q", "fiscal_quarter": "4"})
    assert statements.findings == ()
    assert statements.good["fiscal_quarter"].to_list() == [None, 4]


def test_columns(tmp_path: Path) -> None:
    path = tmp_path / "statements.csv"
    path.write_text("issuer,period_type,fiscal_year,fiscal_quarter,period_end\nA,FY,2025,,2025-12-31\n")
    with pytest.raises(Refused, match="missing column: currency"):
        read_statements(path)
    path.write_text("issuer,period_type,fiscal_year,fiscal_quarter,period_end,currency,ebitda\n")
    with pytest.raises(Refused, match="unknown column: ebitda"):
        read_statements(path)
    path.write_text("issuer,period_type,fiscal_year,fiscal_quarter,period_end,currency\n")
    with pytest.raises(Refused, match="holds no statements"):
        read_statements(path)


def test_every_line_of_a_statement_has_a_column() -> None:
    assert len(COLUMNS) == len(set(COLUMNS)) == len(Statements.column_names())
    assert {"revenue", "eps_basic", "basic_shares", "depreciation_line"} <= set(COLUMNS)


# A companyfacts document


def stored(folder: Path, facts: dict[str, Any]) -> Path:
    """A document as the service writes it: numbers as numbers."""
    path = folder / "CIK0001045810.json"
    text = json.dumps(document(facts), default=lambda number: f"<{number}>")
    path.write_text(text.replace('"<', "").replace('>"', ""), "utf-8")
    return path


def test_a_stored_document_gives_what_the_facts_give(tmp_path: Path) -> None:
    path = stored(tmp_path, nvidia())
    assert '"val": 2.94,' in path.read_text("utf-8")
    choices = Choices(splits=splits().of("NVDA"))
    from_file = from_company_facts(read_document(path), "NVDA", JANUARY, tags(), choices, path.name)
    assert from_file.statements.equals(reported(nvidia(), JANUARY, issuer="NVDA").statements)
    assert (from_file.cik, from_file.name, from_file.findings) == ("0001045810", "A FILER", ())


HOSTILE = {
    "twice": ('{"cik": 1, "cik": 2, "facts": {}}', "key 'cik' is there twice in one object"),
    "no number": ('{"cik": 1, "facts": NaN}', "NaN is no number"),
    "no end": ('{"cik": 1,', "cannot be read as JSON"),
    "no object": ("[]", "is no companyfacts document"),
    "empty": ("", "cannot be read as JSON"),
    "little but brackets": ("[" + "[]," * 600_000 + "[]]", "it is little but brackets"),
    "deep": ("[" * 100_000, "cannot be read as JSON"),
    "far too large": ('{"cik": 1e400000}', "number 1e400000 is out of range"),
    "many digits": ('{"cik": ' + "9" * 5_000 + "}", "cannot be read as JSON"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_bad_document_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused, match=reason):
        read_document(path)


def test_a_document_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read as JSON"):
        read_document(tmp_path / "none.json")
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(Refused, match="is too large"):
        read_document(path)


# Tags and splits as data


def test_tags_and_splits_that_ship() -> None:
    lines = {line.line for line in tags().line}
    columns = {re.sub("_(minor|micro)$", "", name) for name, column in Statements.columns().items() if column.nullable}
    assert columns - {"fiscal_quarter", "depreciation_line", "split_factor", "source"} <= {*lines, "depreciation"}
    assert {"depreciation_of_ppe", "depreciation_and_amortization"} <= lines
    assert [(split.effective, split.factor) for split in splits().of("NVDA")] == [
        (date(2021, 7, 20), Fraction(4)),
        (date(2024, 6, 10), Fraction(10)),
    ]
    assert splits().of("META") == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[line]]\nline="a"\nunit="money"\ntags=["us-gaap:A"]\nsource="s"\n' * 2, "line a is there twice"),
        ('[[line]]\nline="a"\nunit="money"\ntags=["A"]\nsource="s"\n', "tags"),
        ('[[line]]\nline="a"\nunit="euros"\ntags=["us-gaap:A"]\nsource="s"\n', "unit"),
        ('[[line]]\nline="a"\nunit="money"\ntags=["us-gaap:A"]\n', "source"),
    ],
)
def test_bad_tags_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "tags.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused, match=reason):
        read_tags(path)


def test_a_split_by_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "splits.toml"
    path.write_text('[[split]]\nissuer="A"\neffective=2024-06-10\nfactor="0"\nsource="s"\n', "utf-8")
    with pytest.raises(Refused, match="factor"):
        read_splits(path)


def test_another_kind_of_file_is_told_all_kinds(tmp_path: Path) -> None:
    path = tmp_path / "facts.json.gz"
    path.write_bytes(b"")
    with pytest.raises(Refused, match=r"use one of: .csv, .parquet, .xlsx; or .json, a companyfacts document"):
        read_statements(path)
