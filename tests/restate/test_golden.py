"""The case of tests/restate/cases.py, figure by figure; every number here was worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from depr.restate.lines import FOLLOWS
from depr.restate.understatement import crossing, understatement
from tests.restate.cases import CUMULATIVE, UNDERSTATED, YEAR_2023, YEAR_2024, A, B, fleet, restated, statements

RESTATED = restated(fleet(A, B), statements(YEAR_2023, YEAR_2024))
GOLDEN: dict[int, dict[str, Any]] = {
    2023: {
        "depreciation_modelled_minor": 1_200_00,
        "depreciation_alternative_minor": 2_400_00,
        "understatement_minor": 1_200_00,
        "understatement_cumulative_minor": 1_200_00,
        "depreciation_reported_minor": 3_000_00,
        "depreciation_restated_minor": 4_200_00,
        "coverage_ppm": 400_000,  # 1,200 / 3,000
        "operating_income_reported_minor": 5_000_00,
        "operating_income_restated_minor": 3_800_00,
        "pretax_income_reported_minor": 4_800_00,
        "pretax_income_restated_minor": 3_600_00,
        "tax_rate_ppm": 210_000,
        "tax_kind": "statutory",
        "tax_source": "a test",
        "tax_rate_marginal_ppm": None,
        "net_income_marginal_minor": None,
        "income_to_common_reported_minor": 4_000_00,
        "income_to_common_restated_minor": 3_052_00,
        "basic_shares": 1_000,
        "diluted_shares": 1_100,
        "eps_basic_rule": FOLLOWS,
        "eps_diluted_rule": FOLLOWS,
        "carried_over_minor": 1_200_00,
        "tax_effect_minor": 252_00,  # 1,200 x 21%
        "net_income_reported_minor": 4_000_00,
        "net_income_restated_minor": 3_052_00,  # 4,000 - 1,200 + 252
        "eps_basic_reported_micro": 4_000_000,
        "eps_basic_restated_micro": 3_052_000,  # 3,052 / 1,000
        "eps_diluted_reported_micro": 3_640_000,
        "eps_diluted_restated_micro": 2_774_545,  # 3,052 / 1,100
        "eps_change_micro": -865_455,
        "eps_compression_ppm": 237_762,  # 0.865455 / 3.64
        "capex_minor": 6_000_00,
        "cash_from_operations_minor": 9_000_00,
        "free_cash_flow_minor": 3_000_00,
        "cash_gap_reported_minor": 3_000_00,  # 6,000 - 3,000
        "cash_gap_restated_minor": 1_800_00,  # 6,000 - 4,200
        "broken_identities": None,
        "losses_minor": 0,
        "understatement_cost_of_revenue_minor": 1_200_00,
        "understatement_research_and_development_minor": 0,
        "understatement_sales_general_admin_minor": 0,
        "revenue_minor": 20_000_00,
        "cost_of_revenue_reported_minor": 8_000_00,
        "cost_of_revenue_restated_minor": 9_200_00,
        "gross_profit_reported_minor": 12_000_00,
        "gross_profit_restated_minor": 10_800_00,
        "research_and_development_reported_minor": 4_000_00,
        "research_and_development_restated_minor": 4_000_00,
        "sales_general_admin_reported_minor": 3_000_00,
        "sales_general_admin_restated_minor": 3_000_00,
        "gross_margin_reported_ppm": 600_000,
        "gross_margin_restated_ppm": 540_000,  # 10,800 / 20,000
        "operating_margin_reported_ppm": 250_000,
        "operating_margin_restated_ppm": 190_000,  # 3,800 / 20,000
        "net_margin_reported_ppm": 200_000,
        "net_margin_restated_ppm": 152_600,  # 3,052 / 20,000
        "deferred_tax_opening_minor": 0,
        "deferred_tax_closing_minor": 252_00,
        "equity_opening_change_minor": 0,
        "ppe_net_reported_minor": 15_000_00,
        "ppe_net_restated_minor": 13_800_00,
        "equity_reported_minor": 20_000_00,
        "equity_restated_minor": 19_052_00,  # 20,000 - 1,200 + 252
        "return_on_assets_reported_ppm": 100_000,
        "return_on_assets_restated_ppm": 78_660,  # 3,052 / 38,800
        "return_on_capital_reported_ppm": 131_667,  # (5,000 - 1,050) / 30,000
        "return_on_capital_restated_ppm": 103_332,  # (3,800 - 798) / 29,052
        "interest_coverage_reported_ppm": 25_000_000,
        "interest_coverage_restated_ppm": 19_000_000,
        "debt_to_ebitda_ppm": 1_176_471,  # 10,000 / 8,500
        "capex_to_depreciation_reported_ppm": 2_000_000,
        "capex_to_depreciation_restated_ppm": 1_428_571,  # 6,000 / 4,200
        "capex_to_revenue_ppm": 300_000,
        "replacement_capex_minor": 2_400_00,
        "owner_earnings_minor": 6_600_00,  # 9,000 - 2,400
        "funding_gap_minor": 2_000_00,  # 6,000 + 1,000 + 4,000 - 9,000
        "quarters_of_cash_ppm": 10_000_000,  # 5,000 / 500
    },
    2024: {  # the profit becomes a loss, which is over basic shares
        "depreciation_modelled_minor": 1_500_00,
        "depreciation_alternative_minor": 3_000_00,
        "understatement_minor": 1_500_00,
        "understatement_cumulative_minor": 2_700_00,
        "depreciation_reported_minor": 3_000_00,
        "depreciation_restated_minor": 4_500_00,
        "coverage_ppm": 500_000,
        "operating_income_reported_minor": 5_000_00,
        "operating_income_restated_minor": 3_500_00,
        "pretax_income_reported_minor": 4_800_00,
        "pretax_income_restated_minor": 3_300_00,
        "tax_rate_ppm": 210_000,
        "tax_kind": "statutory",
        "tax_source": "a test",
        "tax_rate_marginal_ppm": None,
        "net_income_marginal_minor": None,
        "income_to_common_reported_minor": 1_000_00,
        "income_to_common_restated_minor": -185_00,
        "basic_shares": 1_000,
        "diluted_shares": 1_100,
        "eps_basic_rule": FOLLOWS,
        "eps_diluted_rule": FOLLOWS,
        "carried_over_minor": 2_700_00,
        "tax_effect_minor": 315_00,
        "net_income_reported_minor": 1_000_00,
        "net_income_restated_minor": -185_00,
        "eps_basic_reported_micro": 1_000_000,
        "eps_basic_restated_micro": -185_000,  # -185 / 1,000
        "eps_diluted_reported_micro": 910_000,
        "eps_diluted_restated_micro": -185_000,  # -185 / 1,000
        "eps_change_micro": -1_095_000,
        "eps_compression_ppm": 1_203_297,  # 1.095 / 0.91
        "capex_minor": 6_000_00,
        "cash_from_operations_minor": 9_000_00,
        "free_cash_flow_minor": 3_000_00,
        "cash_gap_reported_minor": 3_000_00,
        "cash_gap_restated_minor": 1_500_00,
        "broken_identities": "pretax income - income tax = net income",  # 4,800 - 800 is not 1,000
        "losses_minor": 0,
        "understatement_cost_of_revenue_minor": 1_500_00,
        "understatement_research_and_development_minor": 0,
        "understatement_sales_general_admin_minor": 0,
        "revenue_minor": 20_000_00,
        "cost_of_revenue_reported_minor": 8_000_00,
        "cost_of_revenue_restated_minor": 9_500_00,
        "gross_profit_reported_minor": 12_000_00,
        "gross_profit_restated_minor": 10_500_00,
        "research_and_development_reported_minor": 4_000_00,
        "research_and_development_restated_minor": 4_000_00,
        "sales_general_admin_reported_minor": 3_000_00,
        "sales_general_admin_restated_minor": 3_000_00,
        "gross_margin_reported_ppm": 600_000,
        "gross_margin_restated_ppm": 525_000,
        "operating_margin_reported_ppm": 250_000,
        "operating_margin_restated_ppm": 175_000,
        "net_margin_reported_ppm": 50_000,
        "net_margin_restated_ppm": -9_250,  # -185 / 20,000
        "deferred_tax_opening_minor": 252_00,
        "deferred_tax_closing_minor": 567_00,  # 2,700 x 21%
        "equity_opening_change_minor": -948_00,  # -1,200 + 252
        "ppe_net_reported_minor": 15_000_00,
        "ppe_net_restated_minor": 12_300_00,
        "equity_reported_minor": 20_000_00,
        "equity_restated_minor": 17_867_00,  # 20,000 - 2,700 + 567
        "return_on_assets_reported_ppm": 25_000,
        "return_on_assets_restated_ppm": -4_960,  # -185 / 37,300
        "return_on_capital_reported_ppm": 131_667,
        "return_on_capital_restated_ppm": 99_221,  # (3,500 - 735) / 27,867
        "interest_coverage_reported_ppm": 25_000_000,
        "interest_coverage_restated_ppm": 17_500_000,
        "debt_to_ebitda_ppm": 1_176_471,
        "capex_to_depreciation_reported_ppm": 2_000_000,
        "capex_to_depreciation_restated_ppm": 1_333_333,
        "capex_to_revenue_ppm": 300_000,
        "replacement_capex_minor": 3_000_00,
        "owner_earnings_minor": 6_000_00,
        "funding_gap_minor": 2_000_00,
        "quarters_of_cash_ppm": 10_000_000,
    },
}


@pytest.mark.parametrize("year", GOLDEN)
def test_a_year_restated(year: int) -> None:
    [row] = RESTATED.restated.filter(fiscal_year=year).iter_rows(named=True)
    keys: dict[str, Any] = {"issuer": "ACME", "book": "two-years", "mode": "as_if", "bound": "mid", "period_type": "FY"}
    marks = {"called": "analysis, not a GAAP restatement", "change_date": None}
    when = {"fiscal_year": year, "fiscal_quarter": None, "period_end": date(year, 12, 31)}
    assert row == keys | marks | when | GOLDEN[year]


def test_the_whole_path() -> None:
    """Understatement turns once the short lives are used up, and all of it comes back by the end of the longest."""
    path = understatement(RESTATED.rollup, {"ACME": "reported"}).filter(period_type="FY")
    assert dict(path.select("fiscal_year", "understatement_minor").iter_rows()) == UNDERSTATED
    assert dict(path.select("fiscal_year", "understatement_cumulative_minor").iter_rows()) == CUMULATIVE
    assert turn(path) == date(2025, 12, 31)
    assert turn(understatement(RESTATED.rollup, {"ACME": "reported"}).filter(period_type="Q")) == date(2025, 3, 31)


def turn(path: pl.DataFrame) -> date:
    """End of the period in which the path crosses."""
    place = crossing(path["understatement_minor"])
    assert place is not None
    end: date = path["period_end"].to_list()[place]
    return end


def test_the_balances() -> None:
    """At the end of 2024 A is half used up under the book reported and wholly under two years."""
    end = RESTATED.rollup.filter(fiscal_year=2024, fiscal_quarter=4).rows_by_key("book", named=True, unique=True)
    reported, two_years = end["reported"], end["two-years"]
    assert (reported["units"], reported["cost_minor"]) == (two_years["units"], two_years["cost_minor"]) == (6, 7_200_00)
    assert (reported["depreciation_minor"], two_years["depreciation_minor"]) == (450_00, 900_00)
    assert (reported["accumulated_minor"], two_years["accumulated_minor"]) == (2_700_00, 5_400_00)
    assert (reported["carrying_minor"], two_years["carrying_minor"]) == (4_500_00, 1_800_00)


def test_the_lines_between() -> None:
    """Quarters have no statement here and are not invented."""
    assert RESTATED.restated["period_type"].to_list() == ["FY", "FY"]
    assert RESTATED.restated["fiscal_year"].to_list() == [2023, 2024]
