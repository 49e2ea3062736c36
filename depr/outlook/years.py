"""A projection at the stated values: understatement by issuer and year, and its effect on earnings per share."""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from depr.kernel.rounding import divide
from depr.outlook.gaps import gaps
from depr.outlook.scenario import PPM, Point, Scenario
from depr.outlook.spending import Inputs, spending
from depr.outlook.tables import Projected, Spending, marks

MEASURES = ("understatement_minor", "eps_effect_micro")


def spent(scenario: Scenario, inputs: Inputs) -> dy.DataFrame[Spending]:
    """The capital expenditure behind a projection, with the source of each figure."""
    names = [name for name in Spending.column_names() if name not in marks(scenario)]
    rows = pl.DataFrame(spending(scenario, inputs), schema=names, orient="row")
    return Spending.validate(marked(rows, scenario).select(Spending.column_names()))


def projected(scenario: Scenario, inputs: Inputs, **settings: int) -> dy.DataFrame[Projected]:
    """Both books by issuer, basis and year at the stated values, or with some `settings` (of Point) instead."""
    frame = effects(scenario, inputs, [scenario.point()._replace(**settings)])
    return Projected.validate(marked(frame, scenario).select(Projected.column_names()))


def effects(scenario: Scenario, inputs: Inputs, points: Sequence[Point]) -> pl.DataFrame:
    """`gaps`, and by point what they do to net income and diluted earnings per share.

    net income effect = -(understatement - understatement x tax rate, rounded half to even);
    EPS effect = net income effect / diluted shares, in millionths of the currency, half to even.
    """
    rates = pl.DataFrame({"tax_rate_ppm": [p.tax_rate_ppm for p in points]}, schema={"tax_rate_ppm": pl.Int64})
    gap = pl.col("understatement_minor")
    rated = gaps(scenario, inputs, points).join(rates.with_row_index("point").cast(pl.Int64), on="point")
    tax = divide(gap.cast(pl.Int128) * pl.col("tax_rate_ppm").cast(pl.Int128), pl.lit(PPM, pl.Int128))
    taxed = rated.with_columns(net_income_effect_minor=tax - gap).join(_shares(inputs), on="issuer", how="left")
    micro = pl.col("net_income_effect_minor").cast(pl.Int128) * PPM
    one_year = pl.when(pl.col("year").is_not_null()).then("diluted_shares")
    per_share = divide(micro, one_year.cast(pl.Int128) * pl.col("minor_per_unit").cast(pl.Int128))
    return taxed.with_columns(eps_effect_micro=per_share).sort("point", "issuer", "basis", "year", nulls_last=True)


def _shares(inputs: Inputs) -> pl.DataFrame:
    rows = [(issuer, count, inputs.minor_per_unit(issuer)) for issuer, count in sorted(inputs.shares.items())]
    types = {"issuer": pl.String, "diluted_shares": pl.Int64, "minor_per_unit": pl.Int64}
    return pl.DataFrame(rows, schema=types, orient="row")


def marked(frame: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    return frame.with_columns(pl.lit(value).alias(name) for name, value in marks(scenario).items()).cast(
        {"seed": pl.Int64}
    )
