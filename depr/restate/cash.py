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


def cash(frame: pl.DataFrame) -> pl.DataFrame:
    """The figures of the cash gap for periods whose depreciation is restated."""
    capex, operations = pl.col("capex_minor"), pl.col("cash_from_operations_minor")
    kinds = ("reported", "restated")
    principal = pl.col("finance_lease_principal_minor") + pl.col("debt_repaid_minor")
    charge = {kind: pl.col(f"depreciation_{kind}_minor") for kind in kinds}
    frame = frame.with_columns(
        *((capex - charge[kind]).alias(f"cash_gap_{kind}_minor") for kind in kinds),
        *(ppm(capex, charge[kind]).alias(f"capex_to_depreciation_{kind}_ppm") for kind in kinds),
        capex_to_revenue_ppm=ppm(capex, pl.col("revenue_minor")),
        free_cash_flow_minor=operations - capex,
        replacement_capex_minor=pl.col("depreciation_alternative_minor"),
        owner_earnings_minor=operations - pl.col("depreciation_alternative_minor"),
        funding_gap_minor=capex + principal - operations,
    )
    return frame.with_columns(quarters_of_cash_ppm=_lasting())


def _lasting() -> pl.Expr:
    """Cash / funding gap of a quarter (a fourth of a year's), half to even; null where there is no gap."""
    gap = pl.col("funding_gap_minor")
    quarters = pl.when(pl.col("period_type") == "FY").then(QUARTERS).otherwise(1)
    return divide(pl.col("cash_minor").cast(pl.Int128) * MILLION * quarters, pl.when(gap > 0).then(gap))
