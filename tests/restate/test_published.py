"""Published cases on changes in estimate; each names its page in the file."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from depr.books.book import Book, parse_book
from tests.ledger.samples import lot
from tests.restate.cases import YEAR_2023, fleet, restated, statements

FILE = Path(__file__).parents[1] / "examples" / "cases" / "gaap_cases.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text("utf-8"), parse_float=str)}


def case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and expected figures."""
    return CASES[name]["inputs"], CASES[name]["expected"]


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
