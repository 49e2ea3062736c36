"""The cash gap: what is spent on equipment beside what is charged for it, and who pays. Cash is the same in every book.

    reinvestment gap   capital expenditure - depreciation
    free cash flow     cash from operations - capital expenditure
    owner earnings     cash from operations - replacement of the fleet, taken as its depreciation under the alternative
    funding gap        capital expenditure + principal repaid - cash from operations

Cash from operations is after interest paid (ASC 230-10-45-17), so interest is in the funding gap once. Every figure is
of one period: a quarter stands beside a quarter.
"""

from __future__ import annotations

import polars as pl

from depr.kernel.rounding import divide
from depr.restate.ratios import MILLION, ppm

QUARTERS = 4


def cash_reported(frame: pl.DataFrame) -> pl.DataFrame:
    """The figures of the cash gap that are the same in every book."""
    capex, operations = pl.col("capex_minor"), pl.col("cash_from_operations_minor")
    principal = pl.col("finance_lease_principal_minor") + pl.col("debt_repaid_minor")
    frame = _gap(frame, "reported").with_columns(
        capex_to_revenue_ppm=ppm(capex, pl.col("revenue_minor")),
        free_cash_flow_minor=operations - capex,
        funding_gap_minor=capex + principal - operations,
    )
    return frame.with_columns(quarters_of_cash_ppm=_lasting())


def cash_restated(frame: pl.DataFrame) -> pl.DataFrame:
    """Those that depreciation changes."""
    replacement = pl.col("depreciation_alternative_minor")
    return _gap(frame, "restated").with_columns(
        replacement_capex_minor=replacement, owner_earnings_minor=pl.col("cash_from_operations_minor") - replacement
    )


def _gap(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    capex, charge = pl.col("capex_minor"), pl.col(f"depreciation_{kind}_minor")
    gap, ratio = capex - charge, ppm(capex, charge)
    return frame.with_columns(gap.alias(f"cash_gap_{kind}_minor"), ratio.alias(f"capex_to_depreciation_{kind}_ppm"))


def _lasting() -> pl.Expr:
    """Cash / funding gap of a quarter (a fourth of a year's), half to even; null where there is no gap."""
    gap = pl.col("funding_gap_minor")
    quarters = pl.when(pl.col("period_type") == "FY").then(QUARTERS).otherwise(1)
    return divide(pl.col("cash_minor").cast(pl.Int128) * MILLION * quarters, pl.when(gap > 0).then(gap))
