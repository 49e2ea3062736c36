"""The roll-forward: opening balances, what moved them, closing balances, by period and by what one asks.

closing = opening + the movements of the period; carrying = construction + cost - accumulated - impairment
"""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from depr.balances.checked_sums import running, summed
from depr.balances.flows import AMOUNTS
from depr.balances.grain import GRAINS
from depr.contract import MOVEMENTS, RollForward
from depr.kernel.calendar import FiscalCalendar

OWNER = ("issuer", "currency")
BY = ("generation", "location")
SIGNS = {"construction_minor": 1, "cost_minor": 1, "accumulated_minor": -1, "impairment_minor": -1}
ORDER = pl.Enum(MOVEMENTS)


def rollforward(
    flows: pl.LazyFrame,
    lots: pl.DataFrame,
    book: str,
    calendar: FiscalCalendar,
    last: int,
    *,
    by: Sequence[str] = ("generation",),
    grain: str = "quarter",
    moves: pl.DataFrame | None = None,
) -> dy.DataFrame[RollForward]:
    """Flows (contract.Flows) of lots to the period `last` -> contract.RollForward, in order of owner, group and period.

    `by` is any of generation and location; `grain` month, quarter or year (fiscal). A lot's location in a period is the
    one at its end; `moves` are its transfers (lot, period, location), and what was carried before them moves along.
    """
    first = calendar.year_start(calendar.period(lots.select(pl.col("purchase_date").min()).item()))
    months = calendar.frame(first, calendar.year_start(last) + 11).with_columns(pl.col("period").cast(pl.Int32))
    held = lots.select("lot", *OWNER, *BY)
    past = flows.filter(pl.col("period") <= last)
    if "location" in by and moves is not None and not moves.is_empty():
        placed = _placed(past, held, moves)
    else:
        placed = past.join(held.lazy(), on="lot")
    keys = [*OWNER, *by]
    parts = GRAINS[grain]
    summed_up = (
        placed.join(months.lazy().select("period", *GRAINS["month"][:2]), on="period")
        .group_by(*keys, *parts, "kind")
        .agg(summed(name) for name in AMOUNTS)
        .collect()
    )
    ends = months.filter(pl.col("period") <= last).group_by(parts).agg(pl.col("period_end").max())
    return _balanced(summed_up, ends.sort("period_end"), keys, parts, book)


def _placed(flows: pl.LazyFrame, held: pl.DataFrame, moves: pl.DataFrame) -> pl.LazyFrame:
    """Flows with the location of their lot in their period, and a pair of flows for each transfer."""
    final = moves.group_by("lot", "period").agg(pl.col("location").last()).sort("period")
    moved = held.filter(pl.col("lot").is_in(final["lot"].implode()))
    theirs = flows.join(moved.lazy().select("lot"), on="lot", how="semi").collect().sort("period")
    begun = moved.select("lot", "location", period=pl.lit(-(2**31), pl.Int32))
    sites = pl.concat([begun, final.select("lot", "location", pl.col("period").cast(pl.Int32))]).sort("period")
    sited = theirs.join_asof(sites, on="period", by="lot", check_sortedness=False)
    pairs = sites.with_columns(was=pl.col("location").shift(1).over("lot")).filter(pl.col("period") >= 0)
    carried = (
        pairs.join(theirs.drop("kind"), on="lot", suffix="_flow")
        .filter(pl.col("period_flow") < pl.col("period"))
        .group_by("lot", "period", "location", "was")
        .agg(summed(name) for name in AMOUNTS if name != "proceeds_minor")
        .with_columns(kind=pl.lit("transfer"), proceeds_minor=pl.lit(0, pl.Int64))
    )
    left = carried.with_columns(-pl.col(name) for name in AMOUNTS).with_columns(location="was")
    columns = [*sited.columns]
    named = pl.concat([sited, carried.select(columns), left.select(columns)])
    rest = flows.join(moved.lazy().select("lot"), on="lot", how="anti").join(held.lazy(), on="lot")
    there = named.join(moved.drop("location"), on="lot")
    return pl.concat([rest, there.lazy().select(rest.collect_schema().names())])


def _balanced(
    sums: pl.DataFrame, ends: pl.DataFrame, keys: list[str], parts: Sequence[str], book: str
) -> dy.DataFrame[RollForward]:
    """Sums of movements with the balances before and after each period in which there is anything to say."""
    grid = sums.select(keys).unique().join(ends, how="cross")
    steps = sums.group_by(*keys, *parts).agg(summed(name) for name in AMOUNTS)
    moved = grid.join(steps, on=[*keys, *parts], how="left", nulls_equal=True).with_columns(
        pl.col(AMOUNTS).fill_null(0)
    )
    closing = moved.sort(*keys, "period_end", nulls_last=True).with_columns(
        [running(name, *keys) for name in AMOUNTS if name != "proceeds_minor"]
    )
    shifted = [pl.col(name).shift(1, fill_value=0).over(keys) for name in AMOUNTS]
    opening = closing.with_columns(shifted).with_columns(kind=pl.lit("opening_balance"))
    named = sums.join(ends, on=list(parts))
    columns = [*keys, *parts, "period_end", "kind", *AMOUNTS]
    balances = [opening, closing.with_columns(kind=pl.lit("closing_balance"))]
    unsold = [b.with_columns(proceeds_minor=pl.lit(0, pl.Int64)).select(columns) for b in balances]
    rows = pl.concat([*unsold, named.select(columns)]).filter(pl.any_horizontal(pl.col(AMOUNTS) != 0))
    carrying = pl.sum_horizontal(pl.col(name) * sign for name, sign in SIGNS.items())
    absent = [n for n in (*BY, "fiscal_quarter") if n not in rows.columns]
    done = rows.with_columns(
        pl.lit(None, pl.Int32 if name == "fiscal_quarter" else pl.String).alias(name) for name in absent
    ).with_columns(book=pl.lit(book), carrying_minor=carrying)
    ordered = done.sort(*OWNER, *BY, "period_end", pl.col("kind").cast(ORDER), nulls_last=True)
    return RollForward.validate(ordered.rename({"kind": "movement"}).select(RollForward.column_names()), cast=True)
