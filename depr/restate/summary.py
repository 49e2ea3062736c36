"""The restatement on one screen: issuer by life, over a window of fiscal years."""

from __future__ import annotations

import polars as pl

LATEST = (
    "fiscal_year",
    "eps_diluted_reported_micro",
    "eps_diluted_restated_micro",
    "eps_compression_ppm",
    "cash_gap_reported_minor",
    "cash_gap_restated_minor",
    "coverage_ppm",
)


def summary(restated: pl.DataFrame) -> pl.DataFrame:
    """Issuer x book: understatement summed over the years (mid, low, high), and the latest year's EPS and cash gap."""
    years = restated.filter(period_type="FY").sort("fiscal_year")
    keys = ["issuer", "book"]
    sums = years.group_by(*keys, "bound").agg(pl.col("understatement_minor").sum())
    ranges = sums.group_by(keys).agg(
        pl.col("understatement_minor").filter(pl.col("bound") == bound).first().alias(f"understatement_{bound}_minor")
        for bound in ("mid", "low", "high")
    )
    latest = years.filter(pl.col("bound") == "mid").group_by(keys).agg(pl.col(LATEST).last())
    return ranges.join(latest, on=keys).sort(keys)


def brief(restated: pl.DataFrame) -> pl.DataFrame:
    """The columns of schemas.Restated that answer the first questions, under short names."""
    quarter = pl.when(pl.col("fiscal_quarter").is_not_null()).then(pl.format("Q{}", "fiscal_quarter"))
    period = pl.concat_str(pl.lit("FY"), pl.col("fiscal_year"), quarter, ignore_nulls=True)
    return restated.select(
        "issuer",
        "book",
        period.alias("period"),
        reported_minor="depreciation_reported_minor",
        understated_minor="understatement_minor",
        cumulative_minor="understatement_cumulative_minor",
        EPS_micro="eps_diluted_reported_micro",
        restated_micro="eps_diluted_restated_micro",
        compression_ppm="eps_compression_ppm",
        cash_gap_minor="cash_gap_restated_minor",
    )
