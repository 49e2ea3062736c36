"""Understatement carried through the statements, to earnings per share and the cash gap.

Restated line = reported line + change, so that whatever the fleet model misses cancels. Depreciation is not cash:
operating cash flow, capital expenditure and interest stay as they are.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.issuers import Issuer
from depr.kernel.rounding import divide
from depr.restate.understatement import PERIOD, understatement
from depr.schemas import Restated, Rollup

MILLION = pl.lit(10**6, pl.Int128)


def restate(
    rollup: dy.DataFrame[Rollup],
    statements: pl.DataFrame,
    issuer: Issuer,
    reported: str,
    *,
    mode: str = "as_if",
    tax: str = "statutory",
    minor_per_unit: int = 100,
) -> dy.DataFrame[Restated]:
    """Each period with a statement (schemas.Statements), restated under every book of the rollup other than `reported`.

    `tax` names the kind of tax rate (schedules/issuers); `minor_per_unit` is 100 for USD. A figure whose inputs are
    not sourced is null. schemas.Restated documents every column.
    """
    gaps = understatement(rollup, reported)
    lines = statements.filter(pl.col("issuer") == issuer.id).drop("period_end")
    joined = gaps.join(lines, on=["issuer", *PERIOD], nulls_equal=True).with_columns(mode=pl.lit(mode))
    taxed = joined.join(_tax_rates(joined, issuer, tax), on="period_end")
    done = taxed.pipe(_income).pipe(_per_share, minor_per_unit).pipe(_cash)
    ordered = done.sort("issuer", "book", "bound", "period_type", "period_end")
    return Restated.validate(ordered.select(Restated.column_names()), cast=True)


def _tax_rates(periods: pl.DataFrame, issuer: Issuer, kind: str) -> pl.DataFrame:
    ends = periods["period_end"].unique().sort()
    rates = [round(issuer.tax(end, kind) * 10**6) for end in ends]
    return pl.DataFrame({"period_end": ends, "tax_rate_ppm": pl.Series(rates, dtype=pl.Int64)})


def _income(frame: pl.DataFrame) -> pl.DataFrame:
    """operating income and pretax - understatement; tax on it at the rate, half to even; net income - both."""
    gap = pl.col("understatement_minor")
    reported = pl.col("depreciation_minor")
    frame = frame.with_columns(tax_effect_minor=divide(gap.cast(pl.Int128) * pl.col("tax_rate_ppm"), MILLION))
    return frame.with_columns(
        depreciation_reported_minor=reported,
        depreciation_restated_minor=reported + gap,
        coverage_ppm=_ppm(pl.col("depreciation_modelled_minor"), reported),
        operating_income_reported_minor=pl.col("operating_income_minor"),
        operating_income_restated_minor=pl.col("operating_income_minor") - gap,
        pretax_income_reported_minor=pl.col("pretax_income_minor"),
        pretax_income_restated_minor=pl.col("pretax_income_minor") - gap,
        net_income_reported_minor=pl.col("net_income_minor"),
        net_income_restated_minor=pl.col("net_income_minor") - gap + pl.col("tax_effect_minor"),
    )


def _ppm(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole in parts per million, half to even; null where the whole is not positive."""
    return divide(part.cast(pl.Int128) * MILLION, pl.when(whole > 0).then(whole))


def _per_share(frame: pl.DataFrame, minor_per_unit: int) -> pl.DataFrame:
    """EPS (ASC 260, IAS 33): reported + change in net income / shares; a loss is divided by basic shares.

    Shares that dilute would make a loss per share smaller, so they are left out of it.
    """
    change = pl.col("net_income_restated_minor") - pl.col("net_income_reported_minor")
    turned = (pl.col("net_income_restated_minor") < 0) & (pl.col("net_income_reported_minor") >= 0)
    loss = _micro(pl.col("net_income_restated_minor"), "basic_shares", minor_per_unit)
    moved = pl.col("eps_diluted_micro") + _micro(change, "diluted_shares", minor_per_unit)
    basic, diluted = pl.col("eps_basic_micro"), pl.col("eps_diluted_micro")
    frame = frame.with_columns(
        eps_basic_reported_micro=basic,
        eps_basic_restated_micro=basic + _micro(change, "basic_shares", minor_per_unit),
        eps_diluted_reported_micro=diluted,
        eps_diluted_restated_micro=pl.when(turned).then(loss).otherwise(moved),
    )
    drop = pl.col("eps_diluted_reported_micro") - pl.col("eps_diluted_restated_micro")
    return frame.with_columns(
        eps_change_micro=-drop, eps_compression_ppm=_ppm(drop, pl.col("eps_diluted_reported_micro"))
    )


def _micro(amount_minor: pl.Expr, shares: str, minor_per_unit: int) -> pl.Expr:
    """An amount per share in millionths of the currency, half to even."""
    return divide(amount_minor.cast(pl.Int128) * MILLION, pl.col(shares).cast(pl.Int128) * minor_per_unit)


def _cash(frame: pl.DataFrame) -> pl.DataFrame:
    """free cash flow = cash from operations - capex; cash gap = capex - depreciation."""
    capex = pl.col("capex_minor")
    return frame.with_columns(
        free_cash_flow_minor=pl.col("cash_from_operations_minor") - capex,
        cash_gap_reported_minor=capex - pl.col("depreciation_reported_minor"),
        cash_gap_restated_minor=capex - pl.col("depreciation_restated_minor"),
    )
