"""Why a figure of a restatement is blank: the lines of the statement that it needs, or the rule that leaves it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl

from depr.contract import Restated, Statements
from depr.contract.names import bare
from depr.restate.lines import LINES
from depr.restate.understatement import PERIOD

INSTEAD = ("net_income_to_common_minor", "eps_basic_micro", "eps_diluted_micro")
"""Lines that are taken where they are there, and that nothing needs."""

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
SOURCED = {*Statements.column_names()} - {*KEYS, *INSTEAD}
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
    name = bare(column).removesuffix("_reported").removesuffix("_restated")
    if name in OF_YEARS and row["period_type"] != "FY":
        return "a flow of a quarter over a balance is no figure of a year"
    if missing := _missing(column, row, line):
        return f"not sourced: {', '.join(missing)}"
    if name in ("tax_rate_marginal", "net_income_marginal"):
        return NO_MARGINAL
    if row["tax_rate_ppm"] is None and not bare(column).endswith("_reported"):
        return NO_RATE
    return RULES.get(name, "what it would be divided by is not positive")


def _missing(column: str, row: Mapping[str, Any], line: Mapping[str, Any]) -> list[str]:
    """The lines that a figure needs and the statement does not have."""
    needed = needs(column)
    if "diluted_shares" in needed and column != "diluted_shares":
        other = "diluted_shares" if _over_basic(column, row, line) else "basic_shares"
        needed = tuple(each for each in needed if each != other)
    return [bare(each) for each in needed if _value(line, each) is None]


@cache
def needs(column: str) -> tuple[str, ...]:
    """The lines of the statement that a figure reads, also through others; gross profit stands for its parts."""
    if column == "gross_profit_reported_minor":
        return ("gross_profit_minor",)
    if column not in LINES:
        return (column,) if column in SOURCED else ()
    return tuple(dict.fromkeys(line for read in LINES[column].reads for line in needs(read)))


def _over_basic(column: str, row: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Whether a diluted figure is over basic shares: of a loss, and of a profit that was a loss (lines.PER_SHARE)."""
    before = row["net_income_reported_minor"]
    after = row["net_income_restated_minor"]
    if before is None or after is None or bare(column).endswith("_reported"):
        return before is not None and before < 0
    return after < 0 or (before < 0 and line.get("diluted_shares") in (None, line.get("basic_shares")))


def _value(line: Mapping[str, Any], column: str) -> Any:
    """The value of a line; gross profit also from revenue and its cost."""
    if column == "gross_profit_minor" and line.get(column) is None:
        parts = line.get("revenue_minor"), line.get("cost_of_revenue_minor")
        return None if None in parts else parts
    return line.get(column)
