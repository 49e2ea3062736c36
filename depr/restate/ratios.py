"""Ratios as whole parts per million, and what only a year has."""

from __future__ import annotations

import polars as pl

from depr.kernel.rounding import divide

MILLION = pl.lit(10**6, pl.Int128)


def ppm(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole in parts per million, half to even; null where the whole is not positive."""
    return divide(part.cast(pl.Int128) * MILLION, pl.when(whole > 0).then(whole))


def of_year(figure: pl.Expr) -> pl.Expr:
    """A figure of a fiscal year, null for a quarter: a flow of a quarter over a balance is no yearly one."""
    return pl.when(pl.col("period_type") == "FY").then(figure)
