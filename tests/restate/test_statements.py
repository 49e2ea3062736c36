"""Understatement through the statements: what depends on what, rounding, losses, calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from depr.contract import Restated, Statements
from depr.errors import Refused
from depr.restate.lines import FUNCTIONS
from depr.restate.reasons import blanks
from tests.ledger.samples import lot
from tests.restate.cases import (
    TWO_YEARS,
    YEAR_2023,
    YEAR_2024,
    A,
    B,
    book,
    fleet,
    issuer,
    restated,
    statements,
)

FLEET = fleet(A, B)


def year(line: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The one year restated."""
    whose = {"whose": issuer(statutory="0.21", marginal="0.1")}
    [row] = restated(FLEET, statements(line), **(whose | options)).restated.iter_rows(named=True)
    return row


def restated_types() -> dict[str, Any]:
    return {name: column.dtype for name, column in Restated.columns().items()}


def nulls(row: dict[str, Any]) -> set[str]:
    return {
        name.removesuffix("_minor").removesuffix("_micro").removesuffix("_ppm") for name in row if row[name] is None
    }


def both(*names: str) -> set[str]:
    """Figures that there are as reported and restated."""
    return {f"{name}_{kind}" for name in names for kind in ("reported", "restated")}


OPEN = {"fiscal_quarter", "change_date", "broken_identities"}
BASIC = {"eps_basic_restated", "eps_basic_rule"}
DILUTED = {"eps_diluted_restated", "eps_change", "eps_compression", "eps_diluted_rule"}
NET = {*BASIC, *DILUTED, "net_income_marginal", "net_income_restated", "income_to_common_restated"}
CAPITAL, FUNDING = both("return_on_capital"), {"funding_gap", "quarters_of_cash"}
DEPENDS = {
    "revenue_minor": {"revenue", "capex_to_revenue", *both("gross_margin", "operating_margin", "net_margin")},
    "cost_of_revenue_minor": both("cost_of_revenue"),
    "gross_profit_minor": set(),  # revenue less its cost
    "research_and_development_minor": both("research_and_development"),
    "sales_general_admin_minor": both("sales_general_admin"),
    "income_tax_minor": set(),
    "depreciation_minor": {"coverage", *both("depreciation", "cash_gap", "capex_to_depreciation")},
    "depreciation_and_amortization_minor": {"debt_to_ebitda"},
    "operating_income_minor": {
        *both("operating_income", "operating_margin", "interest_coverage", "return_on_capital"),
        "debt_to_ebitda",
    },
    "interest_expense_minor": both("interest_coverage"),
    "pretax_income_minor": both("pretax_income"),
    "net_income_minor": {
        "net_income_reported",
        "income_to_common_reported",
        *NET,
        *both("net_margin", "return_on_assets"),
    },
    "basic_shares": {"basic_shares", *BASIC},
    "diluted_shares": {"diluted_shares", *DILUTED},
    "eps_basic_micro": set(),  # income / shares
    "eps_diluted_micro": set(),
    "cash_from_operations_minor": {"cash_from_operations", "free_cash_flow", "owner_earnings", *FUNDING},
    "capex_minor": {
        *("capex", "free_cash_flow", "capex_to_revenue", *FUNDING),
        *both("cash_gap", "capex_to_depreciation"),
    },
    "ppe_net_minor": both("ppe_net"),
    "total_assets_minor": both("return_on_assets"),
    "total_debt_minor": {"debt_to_ebitda", *CAPITAL},
    "equity_minor": {*both("equity"), *CAPITAL},
    "cash_minor": {"quarters_of_cash"},
    "finance_lease_principal_minor": FUNDING,
    "debt_repaid_minor": FUNDING,
    **dict.fromkeys(
        ("equity_method_income_minor", "discontinued_income_minor", "minority_interest_income_minor"), frozenset[str]()
    ),
    "net_income_to_common_minor": frozenset[str](),
}


def test_a_whole_statement_leaves_nothing_open() -> None:
    assert nulls(year(YEAR_2023)) == OPEN


@pytest.mark.parametrize("line", DEPENDS)
def test_a_missing_line_leaves_open_what_depends_on_it(line: str) -> None:
    row = year(YEAR_2023 | {line: None})
    assert nulls(row) == {*OPEN, *DEPENDS[line]}
    why = blanks(pl.DataFrame([row], restated_types()), statements(YEAR_2023 | {line: None}))
    named = line.removesuffix("_minor").removesuffix("_micro")
    assert set(why["why"]) <= {f"not sourced: {named}"}
    assert set(why["figure"].str.replace("_(minor|micro|ppm)$", "")) == DEPENDS[line]


def test_every_line_is_tried() -> None:
    lines = [name for name, column in Statements.columns().items() if column.nullable]
    assert set(DEPENDS) == set(lines) - {"fiscal_quarter", "depreciation_line", "split_factor", "source"}


def test_without_any_line_the_understatement_stands() -> None:
    row = year(YEAR_2023 | dict.fromkeys(DEPENDS))
    stands = {"depreciation_modelled", "depreciation_alternative", "understatement", "understatement_cumulative"}
    keys = {"issuer", "book", "mode", "called", "bound", "period_type", "fiscal_year", "period_end"}
    keys |= {"tax_rate", "tax_effect", "deferred_tax_opening", "deferred_tax_closing", "equity_opening_change"}
    keys |= {"tax_kind", "tax_source", "tax_rate_marginal", "carried_over"}
    keys |= {"losses", "replacement_capex", *(f"understatement_{name}" for name in FUNCTIONS)}
    assert {name.removesuffix("_minor").removesuffix("_ppm") for name in row if row[name] is not None} == stands | keys


# Per share


def test_a_loss_made_by_the_restatement_needs_basic_shares() -> None:
    """The diluted count is not used, so it may be missing."""
    assert year(YEAR_2024 | {"diluted_shares": None})["eps_diluted_restated_micro"] == -185_000
    missing = year(YEAR_2024 | {"basic_shares": None})
    assert nulls(missing) == {*OPEN, "basic_shares", *BASIC, *DILUTED} - {"broken_identities"}
    why = blanks(pl.DataFrame([missing], restated_types()), statements(YEAR_2024 | {"basic_shares": None}))
    assert set(why["why"]) == {"not sourced: basic_shares"}


def test_only_the_count_that_a_figure_is_over_is_missed() -> None:
    """Without both, a diluted figure of a loss misses the basic shares alone."""
    line = YEAR_2024 | {"basic_shares": None, "diluted_shares": None}
    why = blanks(pl.DataFrame([year(line)], restated_types()), statements(line))
    said = dict(why.select("figure", "why").iter_rows())
    assert said["eps_diluted_restated_micro"] == "not sourced: basic_shares"


def test_a_loss_reported_stays_on_its_own_count() -> None:
    """A loss is printed over basic shares, so the two counts are one; the restated loss moves by 948 / 1,000."""
    loss = {
        "net_income_minor": -500_00,
        "diluted_shares": 1_000,
        "eps_basic_micro": -500_000,
        "eps_diluted_micro": -500_000,
    }
    row = year(YEAR_2023 | loss)
    assert row["eps_basic_restated_micro"] == row["eps_diluted_restated_micro"] == -1_448_000
    assert row["eps_change_micro"] == -948_000
    assert row["eps_compression_ppm"] is None


@pytest.mark.parametrize(("reported", "compression"), [(0, None), (-1, None), (1, 861_818_000_000)])
def test_compression_is_of_a_profit_alone(reported: int, compression: int | None) -> None:
    row = year(YEAR_2023 | {"eps_diluted_micro": reported})
    assert row["eps_change_micro"] == -861_818
    assert row["eps_compression_ppm"] == compression


def test_a_profit_of_nothing_is_none_to_lose() -> None:
    """Net income of 0 turned into a loss is over basic shares too."""
    row = year(YEAR_2023 | {"net_income_minor": 0, "eps_basic_micro": 0, "eps_diluted_micro": 0})
    assert row["eps_diluted_restated_micro"] == -948_000
    assert row["eps_compression_ppm"] is None


def test_a_longer_life_raises_earnings() -> None:
    """96 months: 600 instead of 1,200, so 474 more after tax: 4,474 / 1,100 = 4.067273."""
    row = year(YEAR_2023, alternatives=[book("eight-years", ("opening", 96))])
    assert (row["understatement_minor"], row["tax_effect_minor"]) == (-600_00, -126_00)
    assert (row["net_income_restated_minor"], row["eps_diluted_restated_micro"]) == (4_474_00, 4_067_273)
    assert row["eps_compression_ppm"] == -117_383  # 0.427273 / 3.64


# Tax


@pytest.mark.parametrize(
    ("cost", "rate", "effect"),
    [  # understatement of the year is a quarter of the cost
        ("2.00", "0.21", 10),  # 10.5 cents
        ("6.00", "0.21", 32),  # 31.5
        ("2.00", "0.2099", 10),  # 10.495
        ("2.00", "0.2101", 11),  # 10.505
        ("2.00", "0", 0),
        ("2.00", "1", 50),
        ("2.00", "0.19418605", 10),  # a rate is kept to the millionth: 9.7093
    ],
)
def test_tax_is_rounded_half_to_even(cost: str, rate: str, effect: int) -> None:
    lots = fleet(lot(issuer="ACME", cost=cost, purchase_date="2023-01-01", in_service_date="2023-01-01"))
    made = restated(lots, statements(YEAR_2023), whose=issuer(statutory=rate))
    assert made.restated["tax_effect_minor"].to_list() == [effect]


def test_tax_of_a_longer_life_is_rounded_half_to_even() -> None:
    """48 to 96 months on 4.00: -50 cents, -10.5 of tax."""
    lots = fleet(lot(issuer="ACME", cost="4.00", purchase_date="2023-01-01", in_service_date="2023-01-01"))
    made = restated(lots, statements(YEAR_2023), alternatives=[book("eight-years", ("opening", 96))])
    assert made.restated["tax_effect_minor"].to_list() == [-10]


def test_a_rate_is_of_its_kind_and_date() -> None:
    whose = issuer(statutory="0.21", marginal="0.15")
    assert year(YEAR_2023, whose=whose)["tax_effect_minor"] == 252_00
    assert year(YEAR_2023, whose=whose, tax="marginal")["tax_effect_minor"] == 180_00
    with pytest.raises(Refused, match="unknown tax rate 'average'"):
        year(YEAR_2023, whose=whose, tax="average")
    with pytest.raises(Refused, match="unknown tax rate 'marginal'"):
        year(YEAR_2023, whose=issuer(), tax="marginal")


# Periods


QUARTER = YEAR_2023 | {"period_type": "Q", "fiscal_quarter": 2, "period_end": date(2023, 6, 30)}


def test_a_quarter_is_set_against_a_quarter() -> None:
    made = restated(FLEET, statements(YEAR_2023, QUARTER)).restated
    assert made.select(
        "period_type", "fiscal_quarter", "understatement_minor", "understatement_cumulative_minor"
    ).rows() == [
        ("FY", None, 1_200_00, 1_200_00),
        ("Q", 2, 300_00, 600_00),
    ]


def test_statements_outside_of_the_fleet_are_left_out() -> None:
    before, after, other = ({"fiscal_year": 2022}, {"fiscal_year": 2029}, {"issuer": "OTHER"})
    lines = statements(*[YEAR_2023 | changes for changes in (before, after, other, {})])
    assert restated(FLEET, lines).restated["fiscal_year"].to_list() == [2023]


def test_a_window_of_years_keeps_the_running_sum() -> None:
    made = restated(FLEET, statements(YEAR_2023, YEAR_2024), years=(2024, 2024)).restated
    assert made.select("fiscal_year", "understatement_cumulative_minor").rows() == [(2024, 2_700_00)]


def test_a_fiscal_year_of_its_own() -> None:
    """Year to 30 June 2023: six months of A."""
    line = YEAR_2023 | {"period_end": date(2023, 6, 30)}
    row = restated(FLEET, statements(line), whose=issuer(6)).restated.row(0, named=True)
    assert (row["fiscal_year"], row["period_end"]) == (2023, date(2023, 6, 30))
    assert (row["depreciation_modelled_minor"], row["depreciation_alternative_minor"]) == (600_00, 1_200_00)


# Books and bounds


def test_each_book_and_bound_is_a_row() -> None:
    estimated = fleet(A | {"cost_low": "2400.00", "cost_high": "9600.00"}, B)
    made = restated(estimated, statements(YEAR_2023), alternatives=[TWO_YEARS, book("one-year", ("opening", 12))])
    figures = made.restated.select("book", "bound", "understatement_minor", "net_income_restated_minor").rows()
    assert figures == [
        ("one-year", "high", 7_200_00, -1_688_00),
        ("one-year", "low", 1_800_00, 2_578_00),
        ("one-year", "mid", 3_600_00, 1_156_00),
        ("two-years", "high", 2_400_00, 2_104_00),
        ("two-years", "low", 600_00, 3_526_00),
        ("two-years", "mid", 1_200_00, 3_052_00),
    ]


def test_the_life_reported_restates_nothing() -> None:
    row = year(YEAR_2023, alternatives=[book("same", ("opening", 48))])
    assert row["understatement_minor"] == row["tax_effect_minor"] == row["eps_change_micro"] == 0
    assert row["eps_compression_ppm"] == 0
    for name in Restated.column_names():
        if "restated" in name:
            assert row[name] == row[name.replace("restated", "reported")], name


def test_what_is_not_cash_moves_no_cash() -> None:
    one, two = (year(YEAR_2023, alternatives=[book("b", ("opening", life))]) for life in (12, 96))
    for name in ("capex_minor", "cash_from_operations_minor", "free_cash_flow_minor", "cash_gap_reported_minor"):
        assert one[name] == two[name]
