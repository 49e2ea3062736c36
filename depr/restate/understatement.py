"""Understatement: depreciation under the alternative book less depreciation under the reported one."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from depr.restate.sums import running, summed

SERIES = ("issuer", "book", "bound")
PERIOD = ("period_type", "fiscal_year", "fiscal_quarter")


def by_period(rollup: pl.DataFrame) -> pl.DataFrame:
    """Depreciation by issuer, book, bound and fiscal period, quarters and years (a year is the sum of its quarters)."""
    quarters = rollup.group_by(*SERIES, "fiscal_year", "fiscal_quarter").agg(
        summed("depreciation_minor"), pl.col("period_end").max(), period_type=pl.lit("Q").first()
    )
    years = quarters.group_by(*SERIES, "fiscal_year").agg(
        summed("depreciation_minor"), pl.col("period_end").max(), period_type=pl.lit("FY").first()
    )
    return pl.concat([years, quarters], how="diagonal").select(*SERIES, *PERIOD, "period_end", "depreciation_minor")


def understatement(rollup: pl.DataFrame, reported: str) -> pl.DataFrame:
    """Every book of the rollup against the book named `reported`, by period, with the running sum.

    Columns: issuer, book, bound, period, depreciation_modelled_minor, depreciation_alternative_minor,
    understatement_minor (positive: reported depreciation is too low), understatement_cumulative_minor.
    """
    periods = by_period(rollup)
    base = periods.filter(pl.col("book") == reported).drop("book", "period_end")
    keys = ["issuer", "bound", *PERIOD]
    pairs = periods.filter(pl.col("book") != reported).join(base, on=keys, suffix="_base", nulls_equal=True)
    gap = pl.col("depreciation_minor") - pl.col("depreciation_minor_base")
    return (
        pairs.select(
            *SERIES,
            *PERIOD,
            "period_end",
            depreciation_modelled_minor="depreciation_minor_base",
            depreciation_alternative_minor="depreciation_minor",
            understatement_minor=gap,
        )
        .sort(*SERIES, "period_type", "period_end")
        .with_columns(understatement_cumulative_minor=running("understatement_minor", *SERIES, "period_type"))
    )


def crossing(amounts: Iterable[int]) -> int | None:
    """Place of the first period whose understatement is negative after one was positive, None if there is none.

    `amounts` are one series of understatement (one issuer, book, bound and period type), in order of time. From there
    on the alternative book charges less than the reported one, since what it wrote off early is used up.
    """
    positive = False
    for place, amount in enumerate(amounts):
        if positive and amount < 0:
            return place
        positive = positive or amount > 0
    return None
