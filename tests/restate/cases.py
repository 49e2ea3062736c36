"""An issuer small enough to check by eye: two lots, two years of statements, 21% tax.

Lot A costs 4,800.00 and is in service from January 2023, lot B costs 2,400.00 and is in service from July 2024. Over
the four years reported A is 100.00 and B 50.00 a month, over two years 200.00 and 100.00:

    year       2023    2024    2025    2026    2027    2028
    reported   1,200   1,500   1,800   1,800     600     300
    two years  2,400   3,000   1,200     600       -       -
    understated 1,200   1,500    -600  -1,200    -600    -300
    cumulative 1,200   2,700   2,100     900     300       0
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dataframely as dy
import polars as pl

from depr.books.book import Book, parse_book
from depr.books.issuers import Issuer, parse_issuer
from depr.contract import Lots, Statements
from depr.ledger.positions import positions
from depr.pipeline import Restatement, restate_fleet
from tests.ledger.samples import journal, lot

A = lot(lot_id="A", issuer="ACME", units="4", cost="4800.00", purchase_date="2023-01-01", in_service_date="2023-01-01")
B = lot(lot_id="B", issuer="ACME", units="2", cost="2400.00", purchase_date="2024-06-30", in_service_date="2024-07-01")
UNDERSTATED = {2023: 1_200_00, 2024: 1_500_00, 2025: -600_00, 2026: -1_200_00, 2027: -600_00, 2028: -300_00}
CUMULATIVE = {2023: 1_200_00, 2024: 2_700_00, 2025: 2_100_00, 2026: 900_00, 2027: 300_00, 2028: 0}


def fleet(*rows: dict[str, str]) -> dy.DataFrame[Lots]:
    """Purchases, as an accountant writes them, as lots."""
    with TemporaryDirectory() as folder:
        return positions(journal(Path(folder) / "p.csv", *rows))


def book(name: str, *lives: tuple[str | date, int], **policy: str) -> Book:
    """A straight-line book of dated lives in months; `policy` overrides the fields of each."""
    plain = {"method": "straight_line", "convention": "full_month", "source": "a test"}
    policies = [{**plain, "effective": effective, "life_months": life, **policy} for effective, life in lives]
    return parse_book({"id": name, "title": name, "kind": "scenario", "source": "a test", "policy": policies})


REPORTED, TWO_YEARS = book("reported", ("opening", 48)), book("two-years", ("opening", 24))


def issuer(year_end: int = 12, **rates: str) -> Issuer:
    """ACME; tax rates by kind, 21% statutory unless given."""
    whole = {"research_and_development": "0", "selling_general_administrative": "0", "cost_of_revenue": "1"}
    kinds = rates or {"statutory": "0.21"}
    return parse_issuer(
        {
            "id": "ACME",
            "name": "Acme",
            "currency": "USD",
            "fiscal_year_end_month": year_end,
            "book": "reported",
            "source": "a test",
            "function_split": [{"effective": date(2000, 1, 1), "source": "a test", **whole}],
            "tax_rate": [
                {"effective": date(2000, 1, 1), "rate": rate, "kind": kind, "source": "a test"}
                for kind, rate in kinds.items()
            ],
        }
    )


YEAR_2023: dict[str, Any] = {
    "issuer": "ACME",
    "period_type": "FY",
    "fiscal_year": 2023,
    "fiscal_quarter": None,
    "period_end": date(2023, 12, 31),
    "currency": "USD",
    "revenue_minor": 20_000_00,
    "operating_income_minor": 5_000_00,
    "pretax_income_minor": 4_800_00,
    "income_tax_minor": 800_00,
    "net_income_minor": 4_000_00,
    "basic_shares": 1_000,
    "diluted_shares": 1_100,
    "eps_basic_micro": 4_000_000,
    "eps_diluted_micro": 3_640_000,
    "cash_from_operations_minor": 9_000_00,
    "capex_minor": 6_000_00,
    "depreciation_minor": 3_000_00,
    "depreciation_line": "depreciation_of_ppe",
    "cost_of_revenue_minor": 8_000_00,
    "gross_profit_minor": 12_000_00,
    "research_and_development_minor": 4_000_00,
    "sales_general_admin_minor": 3_000_00,
    "interest_expense_minor": 200_00,
    "depreciation_and_amortization_minor": 3_500_00,
    "ppe_net_minor": 15_000_00,
    "total_assets_minor": 40_000_00,
    "total_debt_minor": 10_000_00,
    "equity_minor": 20_000_00,
    "cash_minor": 5_000_00,
    "finance_lease_principal_minor": 1_000_00,
    "debt_repaid_minor": 4_000_00,
}
YEAR_2024 = YEAR_2023 | {
    "fiscal_year": 2024,
    "period_end": date(2024, 12, 31),
    "net_income_minor": 1_000_00,
    "eps_basic_micro": 1_000_000,
    "eps_diluted_micro": 910_000,
}


def statements(*rows: dict[str, Any]) -> dy.DataFrame[Statements]:
    """Reported lines, as the engine takes them."""
    types = {name: column.dtype for name, column in Statements.columns().items()}
    return Statements.validate(pl.DataFrame(rows, types))


def restated(
    lots: pl.DataFrame,
    lines: pl.DataFrame,
    reported: Book = REPORTED,
    alternatives: Iterable[Book] = (TWO_YEARS,),
    whose: Issuer | None = None,
    **options: Any,
) -> Restatement:
    """The fleet of ACME restated."""
    return restate_fleet(lots, lines, whose or issuer(), reported, tuple(alternatives), **options)
