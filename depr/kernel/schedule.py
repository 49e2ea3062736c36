"""The schedule: depreciation of every lot in every period.

    accumulated(period) = opening + round_half_even(base * F(step))
    depreciation(period) = accumulated(period) - accumulated(period - 1)

So a schedule sums to its base to the minor unit with no plug, any period can be asked directly, and none depends on
the one before. Segments join the share table on the curve and gather the period by adding the step: no row is
walked. Amounts and curves outside the proven range of the fast form take the 128-bit form; nothing wraps.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from depr.contract import Schedule
from depr.kernel.rounding import EXACT_FLOAT_LIMIT, multiply_divide, multiply_divide_fast

COLUMNS = Schedule.column_names()


class Kind(NamedTuple):
    """What a segment asks for: `wide`, the 128-bit form; `ends`, a look at its last period."""

    wide: bool
    ends: bool


KINDS = (Kind(wide=False, ends=False), Kind(wide=False, ends=True), Kind(wide=True, ends=True))


def schedule(segments: pl.LazyFrame, shares: pl.LazyFrame) -> pl.LazyFrame:
    """Segments (contract.Segments) and shares (contract.Shares) -> schedule (contract.Schedule), rows in no order.

    One row a lot and period, from the segment's first period to the end of its curve or its last period. Amounts in
    minor units. The frames are lazy: collect the result, or sink it to a file in constant memory.
    """
    kinds = marked(segments, shares)
    return pl.concat([charges(kinds.filter(wide=wide, ends=ends), shares, Kind(wide, ends)) for wide, ends in KINDS])


def marked(segments: pl.LazyFrame, shares: pl.LazyFrame) -> pl.LazyFrame:
    """Segments with the columns of their Kind, in the same order."""
    dens = shares.group_by("share_id").agg(pl.col("den").first())
    size = pl.col("base_minor").cast(pl.Float64).abs() * pl.col("den").cast(pl.Float64)
    sized = segments.join(dens, on="share_id", maintain_order="left").with_columns(wide=size >= EXACT_FLOAT_LIMIT)
    return sized.drop("den").with_columns(ends=pl.col("wide") | pl.col("last_period").is_not_null())


def charges(segments: pl.LazyFrame, shares: pl.LazyFrame, kind: Kind, *, one_share: bool = False) -> pl.LazyFrame:
    """The schedule of segments of one kind. `one_share` promises that they all have the only share of `shares`.

    Amounts take the type of the form before the join, once a lot and a step, not once a row.
    """
    form, dtype = (multiply_divide, pl.Int128) if kind.wide else (multiply_divide_fast, pl.Float64)
    bases = segments.with_columns(pl.col("base_minor").cast(dtype))
    curves = shares.with_columns(pl.col("num_before", "num", "den").cast(dtype))
    if one_share:  # a product, in half the time of the join on share_id
        rows = bases.join(curves.drop("share_id"), how="cross", maintain_order="left_right")
    else:
        rows = bases.join(curves, on="share_id", maintain_order="left_right")
    period = pl.col("first_period") + pl.col("step")
    if kind.ends:
        rows = rows.filter(period <= pl.col("last_period").fill_null(period))
    before = form(pl.col("base_minor"), pl.col("num_before"), pl.col("den"))
    after = form(pl.col("base_minor"), pl.col("num"), pl.col("den"))
    accumulated = pl.col("opening_minor") + after
    return rows.select("lot", period=period, depreciation_minor=after - before, accumulated_minor=accumulated)


def horizon(segments: pl.DataFrame, shares: pl.DataFrame) -> int:
    """The last period in which any segment is charged; 0 when there is none."""
    steps = shares.group_by("share_id").agg(pl.col("step").max())
    ends = segments.join(steps, on="share_id").select(
        pl.min_horizontal("last_period", pl.col("first_period") + pl.col("step")).max()
    )
    return int(ends.item() or 0)
