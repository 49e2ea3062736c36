"""What ships hangs together: keys that exist, sources that are there, figures that agree with each other."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr import datasets, share
from depr.books.book import Book
from depr.books.issuers import Issuer
from depr.intake import read_assumptions, read_book, read_issuer
from depr.kernel.calendar import FIRST, last_day, period_of

SCHEDULES = share.schedules()
BOOKS = {path.stem: read_book(path) for path in sorted((SCHEDULES / "books").glob("*.toml"))}
ISSUERS = {path.stem.upper(): read_issuer(path) for path in sorted((SCHEDULES / "issuers").glob("*.toml"))}
ENTRIES: list[dict[str, Any]] = tomllib.loads((SCHEDULES / "generations.toml").read_text("utf-8"))["generation"]
GENERATIONS = {entry["key"]: entry for entry in ENTRIES}
REPORTED = ("alphabet", "amazon", "coreweave", "meta", "microsoft", "nebius", "oracle")
FLEETS = ("AMZN", "CRWV", "GOOGL", "META", "MSFT", "ORCL")


def cells(*lines: str) -> pl.DataFrame:
    """Statement lines side by side, one row an issuer and period."""
    index = ["issuer", "period_type", "fiscal_year", "fiscal_quarter"]
    return datasets.statement_cells().pivot("line", index=index, values="value").drop_nulls(lines)


# Judgements


def test_the_books_and_issuers_promised_are_there() -> None:
    assert {"life-1y", "life-3y", "life-6y", *(f"{name}-reported" for name in REPORTED)} <= set(BOOKS)
    assert {*FLEETS, "NBIS"} <= set(ISSUERS)


@pytest.mark.parametrize("years", [1, 3, 6])
def test_a_book_of_a_plain_life(years: int) -> None:
    [policy] = BOOKS[f"life-{years}y"].policy
    assert (policy.life_months, policy.method, policy.residual_rate) == (12 * years, "straight_line", Fraction(0))
    assert (policy.effective, policy.generations) == (FIRST, ("*",))


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS.keys())
def test_a_book_refers_to_what_exists(book: Book) -> None:
    for policy in book.policy:
        assert policy.source.strip()
        assert set(policy.generations) <= {"*", *GENERATIONS}
    assert (book.kind == "as reported") == (book.issuer is not None)
    assert book.issuer is None or ISSUERS[book.issuer].book == book.id
    assert all(book.track(key) for key in GENERATIONS), "every generation has a policy"


@pytest.mark.parametrize("issuer", ISSUERS.values(), ids=ISSUERS.keys())
def test_an_issuer_refers_to_what_exists(issuer: Issuer) -> None:
    assert BOOKS[issuer.book].issuer == issuer.id
    assert issuer.currency == "USD"
    assert issuer.source.strip()
    assert all(rate.source.strip() for rate in issuer.tax_rate)
    assert all(split.source.strip() for split in issuer.function_split)
    assert "statutory" in {rate.kind for rate in issuer.tax_rate}
    owners = set(datasets.purchases().filter(pl.col("issuer") == issuer.id)["owner"])
    assert owners == ({issuer.owner} if issuer.id in FLEETS else set())


def test_fiscal_years_end_when_the_statements_do() -> None:
    """Quarters too: each ends with a month that ends a quarter of the issuer's year."""
    ends = datasets.statements().select("issuer", "period_type", "fiscal_year", "fiscal_quarter", "period_end")
    checked = 0
    for issuer, kind, year, quarter, end in ends.filter(pl.col("issuer").is_in(list(ISSUERS))).iter_rows():
        calendar, period = ISSUERS[issuer].calendar, period_of(end)
        assert end == last_day(period), (issuer, end)
        assert calendar.year_of(period) == year, (issuer, end)
        assert calendar.month_of_year(period) + 1 == (12 if kind == "FY" else quarter * 3), (issuer, end)
        checked += 1
    assert checked > 100


def test_every_fleet_has_statements_for_the_years_restated() -> None:
    years = datasets.statements().filter(period_type="FY")
    for issuer in FLEETS:
        assert {2022, 2023, 2024, 2025} <= set(years.filter(issuer=issuer)["fiscal_year"]), issuer


def test_assumptions_lie_in_their_range() -> None:
    for key, entry in read_assumptions(SCHEDULES / "assumptions.toml").items():
        assert entry.key == key
        assert entry.low <= entry.value <= entry.high
        assert all(text.strip() for text in (entry.source, entry.meaning, entry.unit))
        assert entry.sourced or "Assumption" in entry.source


# Generations


def test_generations_are_known_by_one_key() -> None:
    assert len(GENERATIONS) == len(ENTRIES)
    assert all(key == key.lower() for key in GENERATIONS)
    assert all(entry["source"].strip() for entry in ENTRIES)


def test_successors_and_members_exist() -> None:
    for entry in ENTRIES:
        assert entry.get("successor", entry["key"]) in GENERATIONS
        assert entry.get("successor") != entry["key"]
        assert set(entry.get("members", ())) <= set(GENERATIONS)
        assert entry["key"] not in entry.get("members", ())


@pytest.mark.parametrize("key", GENERATIONS)
def test_successors_come_to_an_end(key: str) -> None:
    seen = [key]
    while (following := GENERATIONS[seen[-1]].get("successor")) is not None:
        assert following not in seen
        seen.append(following)


NUMBERS = ("memory_gb", "fp16_tflops", "fp8_tflops", "bandwidth_tb_s", "board_mass_kg", "server_mass_kg")


def test_numbers_of_a_generation_are_exact_and_positive() -> None:
    for entry in ENTRIES:
        for name in NUMBERS:
            assert isinstance(entry.get(name, "1"), str)
            assert Fraction(entry.get(name, "1")) > 0
        assert all(isinstance(entry.get(name, 1), int) and entry.get(name, 1) > 0 for name in ("watts", "server_gpus"))


def test_each_chip_bought_is_one_generation() -> None:
    bought = datasets.purchases().select("chip", "generation").unique()
    assert bought["chip"].n_unique() == len(bought)
    chips = {entry["chip"]: entry["key"] for entry in ENTRIES if "chip" in entry}
    assert len(chips) == sum("chip" in entry for entry in ENTRIES)
    assert dict(bought.iter_rows()) == {chip: chips[chip] for chip in bought["chip"]}


# Purchases and prices


def test_purchases_are_estimates_of_whole_quarters() -> None:
    bought = datasets.purchases()
    assert len(bought) == 320
    assert not bought.select("owner", "chip", "quarter_end").is_duplicated().any()
    assert bought.filter((pl.col("units_low") > pl.col("units")) | (pl.col("units") > pl.col("units_high"))).is_empty()
    assert bought["units_low"].min() > 0  # type: ignore[operator]
    months = bought.select(start=pl.col("quarter_start").dt.month(), end=pl.col("quarter_end").dt.month())
    assert set(months["start"]) == {1, 4, 7, 10}
    assert (months["end"] - months["start"] == 2).all()
    assert (bought["quarter_end"] == bought["quarter_end"].dt.month_end()).all()
    assert (bought["quarter_start"].dt.year() == bought["quarter_end"].dt.year()).all()


def test_prices_have_a_middle() -> None:
    prices = datasets.prices()
    assert not prices.select("year", "chip").is_duplicated().any()
    assert set(prices["chip"]) <= set(datasets.purchases()["chip"])
    for low, mid, high in prices.select("low_usd", "mid_usd", "high_usd").iter_rows():
        assert (2 * mid - 1) ** 2 <= 4 * low * high <= (2 * mid + 1) ** 2, "the geometric mean, to the dollar"


@pytest.mark.parametrize("file", ["purchases.csv", "prices.csv", "statements.csv"])
def test_every_row_has_its_source(file: str) -> None:
    rows = pl.read_csv(Path(datasets.__file__).with_name(file), infer_schema=False)
    assert rows["source"].null_count() == 0
    assert rows["source"].str.strip_chars().str.len_chars().min() > 0  # type: ignore[operator]
    assert f"| {file} | {len(rows):,} |" in Path(datasets.__file__).with_name("README.md").read_text("utf-8")


# Statements


def test_a_figure_is_there_once() -> None:
    table = datasets.statement_cells()
    keys = ["issuer", "period_type", "fiscal_year", "fiscal_quarter", "line"]
    assert not table.select(keys).is_duplicated().any()
    assert table["basis"].null_count() == table["value"].null_count() == 0
    periods = table.group_by(keys[:4]).agg(pl.col("period_end").n_unique())
    assert set(periods["period_end"]) == {1}


def test_lines_foot() -> None:
    margin = cells("revenue", "cost_of_revenue", "gross_profit")
    assert len(margin) > 100
    assert ((margin["revenue"] - margin["cost_of_revenue"] - margin["gross_profit"]).abs() <= 1).all()
    plant = cells("ppe_gross", "accumulated_depreciation", "ppe_net")
    assert ((plant["ppe_gross"] - plant["accumulated_depreciation"] - plant["ppe_net"]).abs() <= 1).all()


EQUITY_METHOD = {"AMZN"}
"""Reports its share in other companies' results after tax, so net income is not pretax income less tax."""


def test_net_income_is_what_tax_leaves() -> None:
    income = cells("pretax_income", "income_tax", "net_income").filter(~pl.col("issuer").is_in(EQUITY_METHOD))
    assert len(income) > 60
    assert ((income["pretax_income"] - income["income_tax"] - income["net_income"]).abs() <= 1).all()


TO_COMMON = {("CRWV", 2024, 3), ("CRWV", 2025, 1)}
"""Quarters whose earnings per share are after amounts due to preferred holders, which net income is not."""


@pytest.mark.parametrize("kind", ["basic", "diluted"])
def test_earnings_per_share_are_net_income_over_shares(kind: str) -> None:
    table = cells("net_income", f"{kind}_shares_m", f"eps_{kind}")
    assert len(table) > 100
    off = {
        (row["issuer"], row["fiscal_year"], row["fiscal_quarter"])
        for row in table.iter_rows(named=True)
        if abs(row["net_income"] / row[f"{kind}_shares_m"] - row[f"eps_{kind}"]) > Decimal("0.015")
    }
    assert off == TO_COMMON


RESTATED_LATER = {("META", 2024, "depreciation_of_ppe"), ("NBIS", 2025, "revenue")}
"""Years that are not the sum of the quarters as first reported: rounding to 10 million, and a reclassification."""
BALANCES = {
    *("ppe_gross", "ppe_net", "accumulated_depreciation", "construction_in_progress", "servers_network_gross"),
    *("total_debt", "rpo"),
}


def test_quarters_add_up_to_their_year() -> None:
    flows = datasets.statement_cells().filter(pl.col("unit") == "USD millions", ~pl.col("line").is_in(list(BALANCES)))
    keys = ["issuer", "fiscal_year", "line"]
    quarters = flows.filter(period_type="Q").group_by(keys).agg(pl.col("value").sum().alias("sum"), pl.len())
    years = flows.filter(period_type="FY").join(quarters.filter(pl.col("len") == 4), on=keys)
    assert len(years) > 150
    off = years.filter((pl.col("value") - pl.col("sum")).abs() > 2).select(keys).rows()
    assert set(off) == RESTATED_LATER
