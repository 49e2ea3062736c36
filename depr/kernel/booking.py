"""Per-period rounding: the schedule as a ledger that rounds each booking would hold it.

    booked(row) = round_half_even(base * (F(end) - F(start))), and the last row takes what is left

This exists only to tie to a general ledger that was booked so. It sums to the same base, but no period can be asked
without those before it, and splitting a lot moves cents. The default (depr/kernel/schedule.py) has neither fault. A
ledger whose rows are not periods, or depend on the balance booked before, is booked asset by asset (rows.py).
"""

from __future__ import annotations

import polars as pl

from depr.contract import Schedule
from depr.errors import unknown
from depr.kernel.rounding import multiply_divide

TRUE_UPS = ("life", "fiscal_year")
"""Where the rounding is made good: in the last row of the segment, or in the last row of each fiscal year too."""

SEGMENT = ("lot", "first_period")
YEARLY = ("fiscal_year",)


def booked(
    segments: pl.LazyFrame, shares: pl.LazyFrame, months: pl.LazyFrame, keys: tuple[str, ...], true_up: str = "life"
) -> pl.LazyFrame:
    """Segments and shares -> contract.Schedule with one row a booking, each rounded on its own.

    `months` is the calendar (contract.Calendar), `keys` its columns that make one booking: fiscal_year and period for
    a monthly ledger, fiscal_year and fiscal_quarter for a quarterly one, fiscal_year for a yearly one; `period` of a
    row is its last. Raises `Refused` for an unknown true-up.
    """
    if true_up not in TRUE_UPS:
        raise unknown("true-up", true_up, TRUE_UPS)
    ends = segments.join(shares, on="share_id").with_columns(period=pl.col("first_period") + pl.col("step"))
    kept = ends.filter(pl.col("period") <= pl.col("last_period").fill_null(pl.col("period")))
    dated = kept.join(months.select("period", *YEARLY, booking=pl.struct(keys)), on="period")
    balances = ("base_minor", "opening_minor", "den")
    rows = dated.group_by(*SEGMENT, *balances, *YEARLY, "booking").agg(
        pl.col("num_before").min(), pl.col("num").max(), pl.col("period").max()
    )
    return _trued_up(rows, (*SEGMENT, *YEARLY) if true_up == "fiscal_year" else SEGMENT)


def _trued_up(rows: pl.LazyFrame, span: tuple[str, ...]) -> pl.LazyFrame:
    """Each row rounded; the last of each span, then the last of all, takes what the others leave of the exact sum.

    What is used up of a segment before its first row was charged by then, in a period of its own.
    """
    past = _rounded(pl.col("num_before").min().over(SEGMENT))
    exact = rows.with_columns(amount=_rounded(pl.col("num") - pl.col("num_before")))
    for within in dict.fromkeys((span, SEGMENT)):
        whole = _rounded(pl.col("num").max().over(within) - pl.col("num_before").min().over(within))
        if within == SEGMENT:
            whole = _rounded(pl.col("num").max().over(within)) - past
        others = pl.col("amount").sum().over(within) - pl.col("amount")
        last = pl.col("period") == pl.col("period").max().over(within)
        exact = exact.with_columns(amount=pl.when(last).then(whole - others).otherwise(pl.col("amount")))
    return exact.select(
        "lot",
        "period",
        depreciation_minor="amount",
        accumulated_minor=pl.col("opening_minor") + past + pl.col("amount").cum_sum().over(SEGMENT, order_by="period"),
    ).select(Schedule.column_names())


def _rounded(share: pl.Expr) -> pl.Expr:
    return multiply_divide(pl.col("base_minor"), share, pl.col("den"))
