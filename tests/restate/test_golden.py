"""The case of tests/restate/cases.py, figure by figure; every number here was worked out by hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from depr.restate.understatement import crossing, understatement
from tests.restate.cases import CUMULATIVE, UNDERSTATED, YEAR_2023, YEAR_2024, A, B, fleet, restated, statements

RESTATED = restated(fleet(A, B), statements(YEAR_2023, YEAR_2024))
GOLDEN = {
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
        "tax_effect_minor": 252_00,  # 1,200 x 21%
        "net_income_reported_minor": 4_000_00,
        "net_income_restated_minor": 3_052_00,  # 4,000 - 1,200 + 252
        "eps_basic_reported_micro": 4_000_000,
        "eps_basic_restated_micro": 3_052_000,  # 4.00 - 948 / 1,000
        "eps_diluted_reported_micro": 3_640_000,
        "eps_diluted_restated_micro": 2_778_182,  # 3.64 - 948 / 1,100 = 3.64 - 0.861818
        "eps_change_micro": -861_818,
        "eps_compression_ppm": 236_763,  # 0.861818 / 3.64
        "capex_minor": 6_000_00,
        "cash_from_operations_minor": 9_000_00,
        "free_cash_flow_minor": 3_000_00,
        "cash_gap_reported_minor": 3_000_00,  # 6,000 - 3,000
        "cash_gap_restated_minor": 1_800_00,  # 6,000 - 4,200
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
        "tax_effect_minor": 315_00,
        "net_income_reported_minor": 1_000_00,
        "net_income_restated_minor": -185_00,
        "eps_basic_reported_micro": 1_000_000,
        "eps_basic_restated_micro": -185_000,  # 1.00 - 1,185 / 1,000
        "eps_diluted_reported_micro": 910_000,
        "eps_diluted_restated_micro": -185_000,  # -185 / 1,000, not 0.91 - 1,185 / 1,100
        "eps_change_micro": -1_095_000,
        "eps_compression_ppm": 1_203_297,  # 1.095 / 0.91
        "capex_minor": 6_000_00,
        "cash_from_operations_minor": 9_000_00,
        "free_cash_flow_minor": 3_000_00,
        "cash_gap_reported_minor": 3_000_00,
        "cash_gap_restated_minor": 1_500_00,
    },
}


@pytest.mark.parametrize("year", GOLDEN)
def test_a_year_restated(year: int) -> None:
    [row] = RESTATED.restated.filter(fiscal_year=year).iter_rows(named=True)
    keys = {"issuer": "ACME", "book": "two-years", "mode": "as_if", "bound": "mid", "period_type": "FY"}
    when = {"fiscal_year": year, "fiscal_quarter": None, "period_end": date(year, 12, 31)}
    assert row == keys | when | GOLDEN[year]


def test_the_whole_path() -> None:
    """Understatement turns once the short lives are used up, and all of it comes back by the end of the longest."""
    path = understatement(RESTATED.rollup, "reported").filter(period_type="FY")
    assert dict(path.select("fiscal_year", "understatement_minor").iter_rows()) == UNDERSTATED
    assert dict(path.select("fiscal_year", "understatement_cumulative_minor").iter_rows()) == CUMULATIVE
    assert turn(path) == date(2025, 12, 31)
    assert turn(understatement(RESTATED.rollup, "reported").filter(period_type="Q")) == date(2025, 3, 31)


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
