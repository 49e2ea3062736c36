"""Understatement: depreciation under the alternative book less depreciation under the reported one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from depr.balances.checked_sums import running, summed

SERIES = ("issuer", "book", "bound")
PERIOD = ("period_type", "fiscal_year", "fiscal_quarter")
QUARTER = ("fiscal_year", "fiscal_quarter")
CHARGES = ("depreciation_minor", "losses_minor")


def by_period(rollup: pl.DataFrame, by: Sequence[str] = (), losses: pl.DataFrame | None = None) -> pl.DataFrame:
    """Depreciation, losses and closing carrying amount by issuer, book, bound and fiscal period.

    Quarters and years: a year is the sum of its quarters and closes with the last. `by` keeps further columns apart
    (generation); `losses` are those on disposals and impairments by quarter, none when None.
    """
    keys = (*SERIES, *by)
    known = rollup.with_columns(losses_minor=pl.lit(0, pl.Int64))
    if losses is not None and not losses.is_empty():
        on = ["book", "issuer", "bound", "generation", *QUARTER]
        known = rollup.join(losses.select(*on, "losses_minor"), on=on, how="left").with_columns(
            pl.col("losses_minor").fill_null(0)
        )
    sums = [summed(name) for name in (*CHARGES, "carrying_minor")]
    quarters = known.group_by(*keys, *QUARTER).agg(*sums, pl.col("period_end").max(), period_type=pl.lit("Q").first())
    years = (
        quarters.sort("period_end")
        .group_by(*keys, "fiscal_year")
        .agg(
            *(summed(name) for name in CHARGES),
            pl.col("carrying_minor").last(),
            pl.col("period_end").max(),
            period_type=pl.lit("FY").first(),
        )
    )
    periods = pl.concat([years, quarters], how="diagonal")
    return periods.select(*keys, *PERIOD, "period_end", *CHARGES, "carrying_minor")


def understatement(
    rollup: pl.DataFrame, reported: Mapping[str, str], by: Sequence[str] = (), losses: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Every book of the rollup against the one that its issuer has in `reported`, by period, with the running sum.

    Columns: issuer, book, bound, those of `by`, period, depreciation_modelled_minor, depreciation_alternative_minor,
    understatement_minor (positive: reported depreciation is too low), understatement_cumulative_minor, losses_minor
    (on disposals and impairments, alternative less reported), carried_over_minor (carrying amount at the end, reported
    less alternative) and carried_over_before_minor (the same when the period opens).
    """
    series = (*SERIES, *by)
    periods = by_period(rollup, by, losses)
    its_own = pl.col("book") == pl.col("issuer").replace_strict(reported, return_dtype=pl.String)
    base = periods.filter(its_own).drop("book", "period_end")
    keys = ["issuer", "bound", *by, *PERIOD]
    pairs = periods.filter(~its_own).join(base, on=keys, suffix="_base", nulls_equal=True)
    over = pl.col("carrying_minor_base") - pl.col("carrying_minor")
    before = pl.col("carried_over_minor").shift(1, fill_value=0).over(*series, "period_type")
    return (
        pairs.select(
            *series,
            *PERIOD,
            "period_end",
            depreciation_modelled_minor="depreciation_minor_base",
            depreciation_alternative_minor="depreciation_minor",
            understatement_minor=pl.col("depreciation_minor") - pl.col("depreciation_minor_base"),
            losses_minor=pl.col("losses_minor") - pl.col("losses_minor_base"),
            carried_over_minor=over,
        )
        .sort(*series, "period_type", "period_end")
        .with_columns(
            understatement_cumulative_minor=running("understatement_minor", *series, "period_type"),
            carried_over_before_minor=before,
        )
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
