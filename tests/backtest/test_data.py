"""The disclosures, lives and bases that ship: sourced, consistent with each other, and read without loss."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from depr import datasets
from depr.backtest.disclosures import AMOUNTS, COLUMNS, Disclosure, parse_disclosure
from depr.datasets import evidence

FOLDER = Path(datasets.__file__).parent


@pytest.mark.parametrize(
    ("file", "source"), [("disclosures.csv", "source_url"), ("lives.csv", "source_url"), ("bases.csv", "source")]
)
def test_every_row_has_its_source(file: str, source: str) -> None:
    rows = pl.read_csv(FOLDER / file, infer_schema=False)
    assert rows[source].null_count() == 0
    assert f"| {file} | {len(rows):,} |" in (FOLDER / "README.md").read_text("utf-8")


def told() -> list[Disclosure]:
    made = [parse_disclosure(row, 2, "disclosures.csv") for row in evidence.disclosures().iter_rows(named=True)]
    return [each for each in made if isinstance(each, Disclosure)]


def test_every_disclosure_can_be_read() -> None:
    assert tuple(evidence.disclosures().columns) == COLUMNS
    assert len(told()) == len(evidence.disclosures()) == 39
    lives = [parse_disclosure(row, 2, "lives.csv") for row in evidence.lives().iter_rows(named=True)]
    assert all(isinstance(each, Disclosure) for each in lives)


def test_numeric_columns_hold_numbers_only() -> None:
    columns = [f"{name}_usd_m" for name in AMOUNTS]
    cells = evidence.disclosures().select(pl.concat_list(columns).explode().drop_nulls().alias("cell"))
    assert cells["cell"].str.contains(r"^-?[0-9]+(\.[0-9]+)?$").all()


def test_operating_income_moves_against_depreciation() -> None:
    both = [
        (charge.value, income.value)
        for each in told()
        if (charge := each.amounts["depreciation_effect"]) and (income := each.amounts["operating_income_effect"])
    ]
    assert len(both) > 20
    assert all(charge == -income for charge, income in both)


def test_each_disclosed_change_is_in_the_history_of_lives() -> None:
    history = {(row["case_id"], row["old_life_years"], row["new_life_years"]) for row in evidence.lives().to_dicts()}
    rows = evidence.disclosures().filter(pl.col("old_life_years").is_not_null()).to_dicts()
    absent = {r["case_id"] for r in rows if (r["case_id"], r["old_life_years"], r["new_life_years"]) not in history}
    assert absent == {"AMZN-2025-HEAVY", "MSFT-FY27-BLDG", "INTC-2023"}, "classes without a history"


def test_bases_are_there_once_and_agree_with_the_statements() -> None:
    bases = evidence.bases()
    assert not bases.select("issuer", "period_end", "item").is_duplicated().any()
    reported = bases.filter(pl.col("basis").str.starts_with("reported"), pl.col("item") == "servers_network_gross")
    cells = datasets.statement_cells().filter(line="servers_network_gross", period_type="FY")
    both = reported.join(cells, on=["issuer", "period_end"])
    assert len(both) > 20
    off = both.filter((pl.col("value") - pl.col("value_right")).abs() > Decimal(1))
    assert off.select("issuer", "fiscal_year").rows() == [("GOOGL", 2023)], "technical infrastructure, a wider class"


def test_derived_bases_are_derived_as_they_say() -> None:
    bases = {(row["issuer"], row["period_end"], row["item"]): row for row in evidence.bases().iter_rows(named=True)}
    checked = 0
    for (issuer, day, item), row in bases.items():
        if not row["basis"].startswith("derived"):
            continue
        if issuer == "AMZN":
            part = 113_200 if item == "servers_network_gross" else 52_200
            wanted = round(Fraction(bases[issuer, day, "equipment_gross"]["value"]) * Fraction(part, 218_893))
        elif issuer == "GOOGL":
            wanted = round(Fraction(bases[issuer, day, "technical_infrastructure_gross"]["value"]) * Fraction(3, 5))
        else:
            wanted = bases[issuer, day, "property_gross"]["value"] - bases[issuer, day, "not_in_service"]["value"]
        assert row["value"] == wanted
        checked += 1
    assert checked == 18
