"""Why a figure of a restatement is blank: the lines of the statement that it needs, or the rule that leaves it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from depr.contract import Restated, Statements
from depr.restate.understatement import PERIOD

LINES: dict[str, tuple[str, ...]] = {
    "depreciation": ("depreciation",),
    "coverage": ("depreciation",),
    "cost_of_revenue": ("cost_of_revenue",),
    "gross_profit": ("gross_profit",),
    "research_and_development": ("research_and_development",),
    "sales_general_admin": ("sales_general_admin",),
    "operating_income": ("operating_income",),
    "pretax_income": ("pretax_income",),
    "net_income": ("net_income",),
    "eps_basic": ("net_income", "basic_shares"),
    "eps_basic_rule": ("net_income", "basic_shares"),
    "eps_diluted": ("net_income", "diluted_shares", "basic_shares"),
    "eps_diluted_rule": ("net_income", "diluted_shares", "basic_shares"),
    "eps_change": ("net_income", "diluted_shares", "basic_shares"),
    "eps_compression": ("net_income", "diluted_shares", "basic_shares"),
    "basic_shares": ("basic_shares",),
    "diluted_shares": ("diluted_shares",),
    "net_income_marginal": ("net_income",),
    "income_to_common": ("net_income",),
    "revenue": ("revenue",),
    "gross_margin": ("gross_profit", "revenue"),
    "operating_margin": ("operating_income", "revenue"),
    "net_margin": ("net_income", "revenue"),
    "ppe_net": ("ppe_net",),
    "equity": ("equity",),
    "return_on_assets": ("net_income", "total_assets"),
    "return_on_capital": ("operating_income", "total_debt", "equity"),
    "interest_coverage": ("operating_income", "interest_expense"),
    "debt_to_ebitda": ("total_debt", "operating_income", "depreciation_and_amortization"),
    "capex": ("capex",),
    "cash_from_operations": ("cash_from_operations",),
    "free_cash_flow": ("cash_from_operations", "capex"),
    "cash_gap": ("capex", "depreciation"),
    "capex_to_depreciation": ("capex", "depreciation"),
    "capex_to_revenue": ("capex", "revenue"),
    "owner_earnings": ("cash_from_operations",),
    "funding_gap": ("capex", "finance_lease_principal", "debt_repaid", "cash_from_operations"),
    "quarters_of_cash": ("capex", "finance_lease_principal", "debt_repaid", "cash_from_operations", "cash"),
}
"""The lines that a figure needs, by its name without `_reported`, `_restated` and the unit."""

OF_YEARS = ("return_on_assets", "return_on_capital", "debt_to_ebitda")
NO_MARGINAL = "no disclosure of the issuer implies a marginal tax rate"
NO_RATE = "the effective tax rate needs an income tax and a profit before tax"
RULES = {
    "eps_compression": "reported earnings per share are not positive: see their change",
    "quarters_of_cash": "there is no funding gap",
    "coverage": "reported depreciation is not positive",
    "tax_rate": NO_RATE,
}
KEYS = ("issuer", "book", "mode", "bound", *PERIOD)
BLANKS: dict[str, Any] = {
    **dict.fromkeys(KEYS, pl.String),
    **dict.fromkeys(("fiscal_year", "fiscal_quarter"), pl.Int32),
    "figure": pl.String,
    "why": pl.String,
}
"""One row a blank figure: its row of contract.Restated, its column and the reason."""

NOT_FIGURES = ("fiscal_quarter", "change_date", "broken_identities")


def blanks(restated: pl.DataFrame, statements: pl.DataFrame) -> pl.DataFrame:
    """Every blank figure of a restatement (contract.Restated) of these statements, and why it is blank."""
    lines = {tuple(row[name] for name in ("issuer", *PERIOD)): row for row in statements.iter_rows(named=True)}
    found = [
        (*(row[name] for name in KEYS), figure, why)
        for row in restated.iter_rows(named=True)
        for figure, why in _of(row, lines.get(tuple(row[name] for name in ("issuer", *PERIOD)), {}))
    ]
    return pl.DataFrame(found, BLANKS, orient="row")


def _of(row: Mapping[str, Any], line: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column in Restated.column_names():
        if row[column] is None and column not in NOT_FIGURES:
            yield column, why(column, row, line)


def why(column: str, row: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    """The reason a figure of a row of contract.Restated is blank, given the row of contract.Statements behind it."""
    plain = _plain(column)
    name = plain.removesuffix("_reported").removesuffix("_restated")
    if name in OF_YEARS and row["period_type"] != "FY":
        return "a flow of a quarter over a balance is no figure of a year"
    if missing := _missing(plain, name, row, line):
        return f"not sourced: {', '.join(missing)}"
    if name in ("tax_rate_marginal", "net_income_marginal"):
        return NO_MARGINAL
    if row["tax_rate_ppm"] is None and not plain.endswith("_reported"):
        return NO_RATE
    return RULES.get(name, "what it would be divided by is not positive")


def _plain(column: str) -> str:
    return column.removesuffix("_minor").removesuffix("_micro").removesuffix("_ppm")


def _missing(plain: str, name: str, row: Mapping[str, Any], line: Mapping[str, Any]) -> list[str]:
    """The lines that a figure needs and the statement does not have."""
    out = [each for each in LINES.get(name, ()) if _value(line, each) is None]
    if "diluted_shares" in LINES.get(name, ()) and name != "diluted_shares":
        out = [each for each in out if each != ("diluted_shares" if _over_basic(plain, row, line) else "basic_shares")]
    return out


def _over_basic(plain: str, row: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Whether a diluted figure is over basic shares: of a loss, and of a profit that was a loss (per_share)."""
    before, after = row["net_income_reported_minor"], row["net_income_restated_minor"]
    if before is None or after is None or plain.endswith("_reported"):
        return before is not None and before < 0
    return after < 0 or (before < 0 and line.get("diluted_shares") in (None, line.get("basic_shares")))


def _value(line: Mapping[str, Any], name: str) -> Any:
    """The value of a line; gross profit also from revenue and its cost."""
    if name == "gross_profit" and line.get("gross_profit_minor") is None:
        parts = line.get("revenue_minor"), line.get("cost_of_revenue_minor")
        return None if None in parts else parts
    return next((line[c] for c in Statements.column_names() if _plain(c) == name and c in line), None)
