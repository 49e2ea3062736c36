"""Sums that are taken in 128 bits and refused (an error, never a wrap) beyond 64."""

from __future__ import annotations

import polars as pl


def summed(name: str) -> pl.Expr:
    """The sum of a column of minor units."""
    return pl.col(name).cast(pl.Int128).sum().cast(pl.Int64)


def running(name: str, *keys: str) -> pl.Expr:
    """The running sum of a column of minor units within each of `keys`, in the order of the rows."""
    return pl.col(name).cast(pl.Int128).cum_sum().over(keys).cast(pl.Int64)
