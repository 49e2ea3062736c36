"""The restatement on one screen."""

from __future__ import annotations

from datetime import date

import polars as pl

from depr.console.summary import brief, rolled, summary
from depr.contract import RollForward
from tests.restate.cases import YEAR_2023, YEAR_2024, A, B, fleet, restated, statements

QUARTER = YEAR_2023 | {"period_type": "Q", "fiscal_quarter": 2}
LOTS = fleet(A | {"cost_low": "2400.00", "cost_high": "9600.00"}, B)
MADE = restated(LOTS, statements(YEAR_2024, QUARTER, YEAR_2023)).restated


def test_years_are_added_and_the_latest_is_shown() -> None:
    [row] = summary(MADE).iter_rows(named=True)
    assert row == {
        "issuer": "ACME",
        "book": "two-years",
        "understatement_mid_minor": 2_700_00,
        "understatement_low_minor": 1_500_00,  # 600 + 600 + 300
        "understatement_high_minor": 5_100_00,  # 2,400 + 2,400 + 300
        "fiscal_year": 2024,
        "eps_diluted_reported_micro": 910_000,
        "eps_diluted_restated_micro": -185_000,
        "eps_compression_ppm": 1_203_297,
        "cash_gap_reported_minor": 3_000_00,
        "cash_gap_restated_minor": 1_500_00,
        "coverage_ppm": 500_000,
    }


def test_known_costs_have_no_range() -> None:
    [row] = summary(restated(fleet(A), statements(YEAR_2023)).restated).iter_rows(named=True)
    ends = [row[f"understatement_{bound}_minor"] for bound in ("low", "mid", "high")]
    assert ends == [None, 1_200_00, None]


def test_nothing_restated_is_an_empty_table() -> None:
    assert summary(restated(fleet(A), statements()).restated).is_empty()


def test_periods_have_short_names() -> None:
    shown = brief(MADE.filter(bound="mid"))
    assert shown.columns[:4] == ["issuer", "book", "mode", "period"]
    assert shown["period"].to_list() == ["FY2023", "FY2024", "FY2023Q2"]


def roll_forward(**columns: object) -> pl.DataFrame:
    """Two rows of one issuer: the year, and its third quarter."""
    same = {"issuer": "ACME", "book": "b", "currency": "USD", "generation": "h100", "location": None}
    days = {"fiscal_year": 2025, "fiscal_quarter": [None, 3], "period_end": [date(2025, 12, 31), date(2025, 9, 30)]}
    amounts = {"construction_units": 0, "units": [7, 0], "construction_minor": 0, "cost_minor": [100, 0]}
    zero = dict.fromkeys(("accumulated_minor", "impairment_minor", "carrying_minor", "proceeds_minor"), 0)
    row = same | days | {"movement": "closing_balance"} | amounts | zero | columns
    made = pl.DataFrame({name: value if isinstance(value, list) else [value] * 2 for name, value in row.items()})
    return RollForward.validate(made, cast=True)


def test_a_roll_forward_shows_no_column_that_says_nothing() -> None:
    shown = rolled(roll_forward())
    assert shown.rows(named=True) == [
        {"generation": "h100", "period": "FY2025", "to": date(2025, 12, 31), "movement": "closing balance"}
        | {"units": 7, "cost_minor": 100},
        {"generation": "h100", "period": "FY2025 Q3", "to": date(2025, 9, 30), "movement": "closing balance"}
        | {"units": 0, "cost_minor": 0},
    ]


def test_a_roll_forward_names_what_differs_and_every_site() -> None:
    shown = rolled(roll_forward(issuer=["A", "B"], currency=["EUR", "USD"], generation=None, location=[None, "Oslo"]))
    assert shown.columns == ["issuer", "currency", "location", "period", "to", "movement", "units", "cost_minor"]
