"""Published cases on changes in estimate, deferred tax and earnings per share; each names its page in the file."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from depr.books.book import Book, parse_book
from depr.restate.deferred_tax import liability, taxable, temporary_differences
from depr.restate.per_share import Dilutive, basic, converted, diluted, options, weighted
from tests.ledger.samples import lot
from tests.restate.cases import YEAR_2023, fleet, restated, statements

FILE = Path(__file__).parents[1] / "examples" / "cases" / "gaap_cases.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text("utf-8"), parse_float=str)}


def case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and expected figures."""
    return CASES[name]["inputs"], CASES[name]["expected"]


def fractions(values: Any) -> list[Fraction]:
    return [Fraction(value) for value in values]


# Changes in estimate (ASC 250-10-45-17, IAS 8.36)


def life(name: str, years: int, cost: int, residual: int) -> Book:
    policy = {
        "effective": "opening",
        "method": "straight_line",
        "convention": "full_month",
        "life_months": 12 * years,
        "residual_rate": str(Fraction(residual, cost)),
        "source": "a published case",
    }
    book = {"id": name, "title": name, "kind": "scenario", "source": "a published case", "policy": [policy]}
    return parse_book(book)


def salvage(inputs: dict[str, Any], name: str = "salvage") -> int:
    return int(inputs.get(name, inputs.get(name.replace("salvage", "residual"), 0)))


@pytest.mark.parametrize("name", ["CE01", "CE02", "CE05", "CE10", "CE12"])
def test_a_change_in_estimate(name: str) -> None:
    """The year of the change: the statement's depreciation moves from the old annual charge to the new one."""
    inputs, expected = case(name)
    cost, used = int(inputs["cost"]), int(inputs.get("years_used") or inputs["change_year"] - 2)
    total = int(inputs.get("new_total_life") or used + int(inputs["new_remaining_years"]))
    residuals = salvage(inputs), int(inputs.get("new_salvage", salvage(inputs)))
    books = [
        life(n, y, cost, r) for n, y, r in zip(("old", "new"), (inputs["life_years"], total), residuals, strict=True)
    ]
    change = date(2023, 1, 1)
    bought = {"purchase_date": f"{2023 - used}-01-01", "in_service_date": f"{2023 - used}-01-01"}
    lots = fleet(lot(issuer="ACME", cost=f"{cost}.00", **bought))
    dated: dict[str, Any] = {"modes": ["prospective"], "changes_on": [change]}
    made = restated(lots, statements(YEAR_2023), books[0], [books[1]], **dated)
    [row] = made.restated.iter_rows(named=True)
    before = expected.get("annual_before") or Fraction(inputs["cost"], inputs["life_years"])
    assert row["depreciation_modelled_minor"] == round(Fraction(before) * 100)
    assert row["depreciation_alternative_minor"] == round(Fraction(expected["annual_after"]) * 100)
    opening = made.rollup.filter(book="old", fiscal_year=2022, fiscal_quarter=4)["carrying_minor"].item()
    known = next((expected[k] for k in ("book_value", "carrying_amount", "carrying_start_Y5") if k in expected), None)
    assert opening == Fraction(str(known)) * 100


def test_the_effect_of_a_change_on_income() -> None:
    inputs, expected = case("CE07")
    keep = 1 - Fraction(inputs["tax_rate"])
    less = Fraction(inputs["stated_depr_decrease"]) * keep
    assert less == expected["net_income_effect_of_stated_decrease"]
    assert round(less / inputs["reported_net_income"] * 100, 1) == Fraction(expected["pct_of_net_income"])


# Deferred tax (ASC 740)


@pytest.mark.parametrize("name", ["DT01", "DT02"])
def test_deferred_tax_of_a_temporary_difference(name: str) -> None:
    inputs, expected = case(name)
    wanted = expected if name == "DT01" else expected["derived"]
    found = temporary_differences(fractions(inputs["book"]), fractions(inputs["tax"]))
    assert found == fractions(wanted["cumulative_difference"])
    assert [liability(each, Fraction(inputs["rate"])) for each in found] == fractions(wanted["dtl"])


def test_taxable_income() -> None:
    inputs, expected = case("DT02")
    rows = zip(*(fractions(inputs[name]) for name in ("pretax_income", "book", "tax")), strict=True)
    assert [taxable(*row) for row in rows] == fractions(expected["taxable_income"])


def test_the_first_year() -> None:
    inputs, expected = case("DT04")
    book, tax = Fraction(inputs["cost"], inputs["book_life"]), inputs["cost"] * Fraction(inputs["tax_pct_y1"])
    assert book == Fraction(expected["book_annual"])
    [gap] = temporary_differences([book], [tax])
    assert round(liability(gap, Fraction(inputs["rate"])), 2) == Fraction(expected["derived"]["dtl_exact"])
    rate, income = Fraction(inputs["rate"]), Fraction(inputs["pre_depr_income"])
    assert round(taxable(income - book, book, tax) * rate) == expected["tax_payable"]
    inputs, expected = case("DT05")
    [gap] = temporary_differences(
        [Fraction(inputs["cost"], inputs["book_life"])], [inputs["cost"] * Fraction(inputs["tax_pct_y1"])]
    )
    assert liability(gap, Fraction(inputs["rate"])) == Fraction(expected["dtl_y1"])


def test_deferred_tax_keeps_the_rate_whole() -> None:
    """Tax paid plus deferred tax is the rate of income, however tax depreciates."""
    inputs, expected = case("DT06")
    book, tax = Fraction(inputs["asset"], inputs["life"]), Fraction(inputs["asset"] * 2, inputs["life"])
    income, rate = Fraction(inputs["revenue"]) - book, Fraction(inputs["rate"])
    paid, deferred = taxable(income, book, tax) * rate, liability(tax - book, rate)
    assert (paid, deferred, paid + deferred) == (
        expected["tax_payable"],
        expected["dtl"],
        expected["tax_expense"],
    )
    assert (paid + deferred) / income * 100 == Fraction(expected["etr_pct"])


def test_what_never_comes_back_is_not_deferred() -> None:
    inputs, expected = case("DT08")
    rate = Fraction(inputs["rate"])
    assert liability(Fraction(inputs["temporary_excess_book"]), rate) == expected["dtl"]
    assert liability(-Fraction(inputs["temporary_excess_taxable"]), rate) == -expected["dta"]


# Earnings per share (ASC 260, IAS 33)


def test_basic_over_weighted_shares() -> None:
    inputs, expected = case("EP01")
    shares = weighted([(each["n"], each["months"]) for each in inputs["shares"]])
    assert shares == expected["weighted_shares"]
    earned = Fraction(inputs["net_income"] - inputs["preferred_dividends"])
    assert round(basic(earned, shares), 2) == Fraction(expected["basic"])


def test_options_by_the_treasury_stock_method() -> None:
    inputs, expected = case("EP02")
    found = options(inputs["options"], Fraction(inputs["exercise"]), Fraction(inputs["avg_price"]))
    assert found.shares == expected["incremental"]
    income, shares = Fraction(inputs["income"]), Fraction(inputs["shares"])
    assert round(diluted(income, shares, [found]), 2) == Fraction(expected["diluted"])
    assert round(basic(income, shares), 2) == Fraction(expected["derived"]["basic"])


def test_what_does_not_dilute_stays_out() -> None:
    inputs, expected = case("EP03")
    preferred, bonds = inputs["preferred"], inputs["bonds"]
    first = converted(Fraction(preferred["dividends"]), preferred["shares"])
    interest = bonds["principal"] * Fraction(bonds["coupon"])
    second = converted(interest, bonds["shares"], Fraction(bonds["tax_rate"]))
    assert (first.ratio, second.income, second.ratio) == (
        Fraction(expected["preferred_ratio"]),
        expected["bond_interest_after_tax"],
        Fraction(expected["bond_ratio"]),
    )
    shares = Fraction(1_000_000)
    income = Fraction(inputs["basic"]) * shares
    assert diluted(income, shares, [first]) == Fraction(inputs["basic"])
    assert diluted(income, shares, [first, second]) == diluted(income, shares, [second]) < Fraction(inputs["basic"])


def test_options_out_of_the_money_and_a_loss_do_not_dilute() -> None:
    assert options(100, Fraction(30), Fraction(25)).shares == 0
    assert diluted(Fraction(-100), Fraction(50), [Dilutive(Fraction(0), Fraction(50))]) == -2


def test_the_most_dilutive_goes_first() -> None:
    """100 / 50 = 2; with the first 100 / 75 = 1.33; the second would add 1.5 a share, so it stays out."""
    first, second = Dilutive(Fraction(0), Fraction(25)), Dilutive(Fraction(15), Fraction(10))
    assert diluted(Fraction(100), Fraction(50), [second, first]) == Fraction(4, 3)
    assert diluted(Fraction(100), Fraction(50), [second]) == Fraction(115, 60)
