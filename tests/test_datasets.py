"""The shipped purchases, prices and statements as the engine takes them."""

from __future__ import annotations

import csv
import hashlib
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

from depr import datasets, share
from depr.contract import Statements
from depr.errors import Refused
from depr.intake import generation_keys, read_assumptions, read_facts

ASSUMED = {"server_cost_per_gpu_dollar": Fraction("1.38"), "months_from_shipment_to_service": Fraction(3)}


@cache
def priced() -> tuple[pl.DataFrame, pl.DataFrame]:
    return datasets.priced_purchases(ASSUMED)


def test_priced_and_unpriced_units_are_all_units() -> None:
    lots, rest = priced()
    bought = datasets.purchases()
    assert len(lots) + len(rest) == len(bought)
    assert sum([*map(int, lots["units"]), *rest["units"]]) == sum(bought["units"])
    for column in ("issuer", "generation"):
        left = pl.concat([lots.select(column, pl.col("units").cast(pl.Int64)), rest.select(column, "units")])
        sums = left.group_by(column).agg(pl.col("units").sum())
        assert sums.sort(column).equals(bought.group_by(column).agg(pl.col("units").sum()).sort(column))


def test_what_is_left_out_says_why() -> None:
    _, rest = priced()
    kinds = rest["reason"].str.extract("^(no sourced price|China|Other)").unique().sort()
    assert kinds.to_list() == ["China", "Other", "no sourced price"]
    assert (
        rest.filter(pl.col("reason").str.contains("not one issuer"))["issuer"].null_count()
        == rest["issuer"].null_count()
    )
    assert rest.filter(pl.col("reason") == "")["units"].is_empty()


def test_every_lot_ties_to_the_row_of_the_file_that_it_names() -> None:
    """With the standard library alone: units, price and multiplier of the row make the cost and its range."""
    upstream = {name: datasets.upstream(name) for name in datasets.UPSTREAM}
    tables = {name: list(csv.DictReader(StringIO(data.decode()))) for name, data in upstream.items()}
    for row in priced()[0].iter_rows(named=True):
        assert row["upstream_sha256"] == hashlib.sha256(upstream[row["upstream_file"]]).hexdigest()
        source = tables[row["upstream_file"]][int(row["upstream_row"]) - 2]
        place, digest = re.findall(r"price: prices\.csv:(\d+), SHA-256 ([0-9a-f]{64})", row["document"])[0]
        assert digest == hashlib.sha256(upstream["prices.csv"]).hexdigest()
        price = tables["prices.csv"][int(place) - 2]
        assert (source["issuer"], source["generation"], source["units"]) == (
            row["issuer"],
            row["generation"],
            row["units"],
        )
        assert price["mid_usd"] == row["unit_price"]
        for cost, units, each in (
            ("cost", "units", "mid"),
            ("cost_low", "units_low", "low"),
            ("cost_high", "units_high", "high"),
        ):
            exact = int(source[units]) * int(price[f"{each}_usd"]) * Decimal(row["multiplier"])
            assert Decimal(row[cost]) == exact.quantize(Decimal("0.01"))


def test_units_without_a_price_are_events_of_their_owners() -> None:
    _, rest = priced()
    events = datasets.unpriced_units(rest)
    owned = rest.filter(pl.col("issuer").is_not_null())
    assert sum(map(int, events["units"])) == owned["units"].sum()
    assert events["lot_id"].is_unique().all()
    assert set(events["lot_id"]).isdisjoint(priced()[0]["lot_id"])
    named = {price["chip"] for price in datasets.prices().iter_rows(named=True)}
    assert {(row["chip"] in named) == (" in 20" in row["reason"]) for row in owned.iter_rows(named=True)} == {True}
    assert {row["chip"] in named for row in owned.iter_rows(named=True)} == {True, False}
    assert datasets.unpriced_units(rest.clear()).columns == events.columns


def test_a_lot_by_hand() -> None:
    """Meta, first quarter of 2022: 24,610 A100 (14,505 to 42,530) at 14,142 (10,000 to 20,000), servers at 1.38."""
    [row] = priced()[0].filter(pl.col("lot_id") == "META-A100-2022Q1").iter_rows(named=True)
    assert row["units"] == "24610"
    assert row["cost"] == f"{Decimal(24_610 * 14_142) * Decimal('1.38'):.2f}" == "480287775.60"
    assert row["cost_low"] == f"{Decimal(14_505 * 10_000) * Decimal('1.38'):.2f}" == "200169000.00"
    assert row["cost_high"] == f"{Decimal(42_530 * 20_000) * Decimal('1.38'):.2f}" == "1173828000.00"
    assert (row["purchase_date"], row["in_service_date"]) == ("2022-03-31", "2022-07-01")
    assert (row["issuer"], row["generation"], row["currency"]) == ("META", "a100", "USD")
    parts = (row["unit_price"], row["multiplier"], row["upstream_file"], row["upstream_row"])
    assert parts == ("14142", "1.38", "purchases.csv", "3")
    assert "Epoch AI" in row["document"]


@pytest.mark.parametrize(
    ("months", "day"), [(0, "2022-04-01"), (3, "2022-07-01"), (9, "2023-01-01"), (7, "2022-11-01"), (20, "2023-12-01")]
)
def test_service_begins_whole_months_after_the_quarter(months: int, day: str) -> None:
    lots, _ = datasets.priced_purchases(ASSUMED | {"months_from_shipment_to_service": Fraction(months)})
    assert lots.filter(pl.col("lot_id") == "META-A100-2022Q1")["in_service_date"].to_list() == [day]


@pytest.mark.parametrize(("cents", "cost"), [("0.5", "0.00"), ("1.5", "0.02"), ("2.5", "0.02"), ("2.51", "0.03")])
def test_half_a_cent_goes_to_the_even_one(cents: str, cost: str) -> None:
    multiple = Fraction(cents) / 100 / (24_610 * 14_142)
    lots, _ = datasets.priced_purchases(ASSUMED | {"server_cost_per_gpu_dollar": multiple})
    assert lots.filter(pl.col("lot_id") == "META-A100-2022Q1")["cost"].to_list() == [cost]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"server_cost_per_gpu_dollar": Fraction(1)}, "unknown assumption 'months_from_shipment_to_service'"),
        (ASSUMED | {"months_from_shipment_to_service": Fraction(5, 2)}, "months_from_shipment_to_service is 5/2"),
        (ASSUMED | {"months_from_shipment_to_service": Fraction(-1)}, "months_from_shipment_to_service is -1"),
    ],
)
def test_assumptions_are_there_and_whole(values: dict[str, Fraction], said: str) -> None:
    with pytest.raises(Refused, match=said):
        datasets.priced_purchases(values)


def test_the_priced_purchases_are_a_purchases_file(tmp_path: Path) -> None:
    """As an accountant would hand it in: every row good, low <= mid <= high."""
    priced()[0].write_csv(tmp_path / "p.csv")
    read = read_facts(tmp_path / "p.csv", generation_keys())
    assert not read.findings
    assert read.read == len(priced()[0])
    assert read.entries.filter(
        (pl.col("cost_low_minor") > pl.col("cost_minor")) | (pl.col("cost_high_minor") < pl.col("cost_minor"))
    ).is_empty()


def test_the_shipped_assumptions_serve() -> None:
    shipped = read_assumptions(share.schedule_file("assumptions.toml"))
    assert set(ASSUMED) <= set(shipped)
    lots, _ = datasets.priced_purchases({key: entry.value for key, entry in shipped.items()})
    assert len(lots) == len(priced()[0])


# Statements


def test_statements_keep_their_contract() -> None:
    table = datasets.statements()
    assert Statements.is_valid(table)
    assert not table.select("issuer", "period_type", "fiscal_year", "fiscal_quarter").is_duplicated().any()


def test_statements_are_the_cells_exactly() -> None:
    """Every cell of a line that is used, in its integer unit."""
    scale = {"USD millions": 10**8, "millions of shares": 10**6, "USD per share": 10**6}
    names = {
        **{line: f"{line}_minor" for line in ("revenue", "operating_income", "pretax_income", "income_tax")},
        **{line: f"{line}_minor" for line in ("net_income", "cash_from_operations", "capex")},
        **{line: f"{line}_micro" for line in ("eps_basic", "eps_diluted")},
        "basic_shares_m": "basic_shares",
        "diluted_shares_m": "diluted_shares",
    }
    rows = {
        (row["issuer"], row["period_type"], row["fiscal_year"], row["fiscal_quarter"]): row
        for row in datasets.statements().iter_rows(named=True)
    }
    cells = 0
    for cell in datasets.statement_cells().filter(pl.col("line").is_in(list(names))).iter_rows(named=True):
        row = rows[cell["issuer"], cell["period_type"], cell["fiscal_year"], cell["fiscal_quarter"]]
        assert row[names[cell["line"]]] == cell["value"] * scale[cell["unit"]]
        assert row["period_end"] == cell["period_end"]
        cells += 1
    filled = sum(len(rows) - datasets.statements()[name].null_count() for name in names.values())
    assert cells == filled > 1000


def test_depreciation_is_of_one_line_an_issuer() -> None:
    """The line that more years have, in years and quarters alike; NVIDIA's years and quarters are sourced on two."""
    table = datasets.statements()
    lines = datasets.statement_cells().pivot("line", index=["issuer", "period_type", "period_end"], values="value")
    both = table.join(lines, on=["issuer", "period_type", "period_end"])
    for (issuer,), rows in both.group_by("issuer"):
        years = rows.filter(period_type="FY")
        ppe, wide = (years[name].count() for name in ("depreciation_of_ppe", "depreciation_and_amortization"))
        line = "depreciation_of_ppe" if ppe >= wide and issuer != "APLD" else "depreciation_and_amortization"
        for row in rows.iter_rows(named=True):
            assert row["depreciation_minor"] == (None if row[line] is None else row[line] * 10**8)
            assert row["depreciation_line"] == (None if row[line] is None else line)
    nvidia = table.filter(issuer="NVDA", fiscal_year=2026)
    assert nvidia.select("period_type", "depreciation_minor").unique().sort("period_type").rows() == [
        ("FY", 2400 * 10**8),
        ("Q", None),
    ]


def test_one_issuer_of_statements() -> None:
    meta = datasets.statements("META")
    assert meta.equals(datasets.statements().filter(issuer="META"))
    [row] = meta.filter(period_type="FY", fiscal_year=2023).iter_rows(named=True)
    assert (row["revenue_minor"], row["net_income_minor"]) == (134_902 * 10**8, 39_098 * 10**8)
    assert (row["eps_diluted_micro"], row["period_end"]) == (14_870_000, date(2023, 12, 31))
    with pytest.raises(Refused, match="unknown issuer 'ACME'") as refused:
        datasets.statements("ACME")
    assert str(refused.value).count("META") == 1
