"""The schedule: depreciation of every lot in every period.

    accumulated(period) = opening + round_half_even(base * F(step))
    depreciation(period) = accumulated(period) - accumulated(period - 1)

So a schedule sums to its base to the minor unit with no plug, any period can be asked directly, and none depends on
the one before. Segments join the share table on the curve and gather the period by adding the step: no row is
walked. Amounts and curves outside the proven range of the fast form take the 128-bit form; nothing wraps.
"""

from __future__ import annotations

import polars as pl

from depr.kernel.range import proven
from depr.kernel.rounding import EXACT_FLOAT_LIMIT, multiply_divide, multiply_divide_fast


def schedule(segments: pl.DataFrame, shares: pl.DataFrame) -> pl.LazyFrame:
    """Segments (contract.Segments) and shares (contract.Shares) -> schedule (contract.Schedule), rows in no order.

    One row a lot and period, from the segment's first period to the end of its curve or its last period. Amounts in
    minor units. The result is lazy: collect it, or sink it to a file in constant memory. Raises `Refused` for what is
    outside the proven range (depr/kernel/range.py).
    """
    curves = shares.lazy()
    lots = _sized(*proven(segments, shares))
    wide = pl.col("wide")
    ends = pl.col("last_period").is_not_null()
    return pl.concat(
        [
            _charges(lots.filter(~wide & ~ends), curves, wide=False, ends=False),
            _charges(lots.filter(~wide & ends), curves, wide=False, ends=True),
            _charges(lots.filter(wide), curves, wide=True, ends=True),
        ]
    )


def _sized(segments: pl.DataFrame, shares: pl.DataFrame) -> pl.LazyFrame:
    """Segments and whether each is `wide`: outside the range of the fast form."""
    dens = shares.lazy().group_by("share_id").agg(pl.col("den").first())
    size = pl.col("base_minor").cast(pl.Float64).abs() * pl.col("den").cast(pl.Float64)
    return segments.lazy().join(dens, on="share_id").with_columns(wide=size >= EXACT_FLOAT_LIMIT).drop("den")


def _charges(segments: pl.LazyFrame, shares: pl.LazyFrame, *, wide: bool, ends: bool) -> pl.LazyFrame:
    """The schedule of segments: `wide` takes the 128-bit form, `ends` looks at their last period.

    Amounts take the type of the form before the join, once a lot and a step, not once a row.
    """
    form, dtype = (multiply_divide, pl.Int128) if wide else (multiply_divide_fast, pl.Float64)
    bases = segments.with_columns(pl.col("base_minor").cast(dtype))
    curves = shares.with_columns(pl.col("num_before", "num", "den").cast(dtype))
    rows = bases.join(curves, on="share_id")
    period = pl.col("first_period") + pl.col("step")
    if ends:
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
