"""Purchases from capital expenditure: the lots of every setting of the assumptions.

    cost = amount x server share x price factor, rounded half to even
    amount = middle + position x (high - middle), or - below the middle - x (middle - low)

Reported spending is not repriced; vintages are servers already, so no share applies. A lot serves whole months after
the first day of the middle month of its fiscal quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from depr.kernel.rounding import divide
from depr.outlook.scenario import PPM, VINTAGES, Point, Scenario
from depr.outlook.spending import Inputs, first_projected, quarters

RANGED = ("low", "mid", "high")
AMOUNTS = dict.fromkeys(RANGED, pl.Int64)
BASE = {"issuer": pl.String, "day": pl.Date, **AMOUNTS, "projected": pl.Boolean, "scaled": pl.Boolean}


def fleet(scenario: Scenario, inputs: Inputs, points: Sequence[Point]) -> pl.DataFrame:
    """The lots of every point: lot, lot_id, point, issuer, generation, units, cost_minor, residual_minor,
    in_service_date, as the books take them, and `alternative`, the generation and life that the other book knows.

    `point` is the place in `points`. Amounts in minor units. What is served after the scenario's years is left out.
    """
    settings = pl.DataFrame(points, schema=dict.fromkeys(Point._fields, pl.Int64), orient="row")
    crossed = _base(scenario, inputs).join(settings.with_row_index("point").cast(pl.Int64), how="cross")
    served = pl.col("day").dt.offset_by(pl.format("{}mo", "months_to_service"))
    lots = crossed.with_columns(
        cost_minor=_cost(), in_service_date=pl.when("scaled").then(served).otherwise("day")
    ).join(_cuts(scenario, inputs), on="issuer")
    in_time = pl.col("in_service_date") <= date(scenario.last_year, 12, 31)
    kept = lots.filter(in_time, pl.col("cost_minor") > 0, _not_twice(scenario))
    ordered = kept.sort("point", "issuer", "in_service_date", "day", "scaled", maintain_order=True)
    return _named(ordered.join(_labels(scenario, ordered), on=["day", "life_months"], maintain_order="left"))


def _base(scenario: Scenario, inputs: Inputs) -> pl.DataFrame:
    spent = pl.DataFrame(quarters(scenario, inputs), orient="row").with_columns(scaled=pl.lit(True))
    frames = [spent.select(pl.col(name).cast(kind) for name, kind in BASE.items())]
    if scenario.history == VINTAGES:
        known = [issuer for issuer in scenario.issuers if issuer in inputs.vintages]
        frames += [inputs.vintages[issuer].select(_vintage(issuer)) for issuer in known]
    return pl.concat(frames)


def _vintage(issuer: str) -> list[pl.Expr]:
    costs = zip(RANGED, ("cost_low_minor", "cost_minor", "cost_high_minor"), strict=True)
    fixed = [pl.lit(False).alias(name) for name in ("projected", "scaled")]
    amounts = [pl.coalesce(cost, "cost_minor").cast(pl.Int64).alias(name) for name, cost in costs]
    return [pl.lit(issuer).alias("issuer"), pl.col("in_service_date").alias("day"), *amounts, *fixed]


def _cost() -> pl.Expr:
    whole = pl.lit(PPM, pl.Int64)
    position = pl.when("scaled").then("capex_position_ppm").otherwise("vintage_position_ppm").cast(pl.Int128)
    side = pl.when(position >= 0).then(pl.col("high") - pl.col("mid")).otherwise(pl.col("mid") - pl.col("low"))
    share = pl.when("scaled").then("server_share_ppm").otherwise(whole)
    price = pl.when("projected").then("price_factor_ppm").otherwise(whole)
    amount = pl.col("mid").cast(pl.Int128) * PPM + side.cast(pl.Int128) * position
    return divide(amount * share.cast(pl.Int128) * price.cast(pl.Int128), pl.lit(PPM**3, pl.Int128))


def _cuts(scenario: Scenario, inputs: Inputs) -> pl.DataFrame:
    """The first day of the first projected fiscal year of each issuer."""
    days = []
    for issuer in scenario.issuers:
        calendar = inputs.issuers[issuer].calendar
        days.append(calendar.first_day(calendar.first_of(first_projected(scenario, inputs, issuer))))
    return pl.DataFrame({"issuer": list(scenario.issuers), "cut": days})


def _not_twice(scenario: Scenario) -> pl.Expr:
    """With vintages, what was served before the first projected year is in them, and what is served later is not."""
    if scenario.history != VINTAGES:
        return pl.lit(True)
    return pl.when("scaled").then(pl.col("in_service_date") >= pl.col("cut")).otherwise(pl.col("day") < pl.col("cut"))


def _labels(scenario: Scenario, lots: pl.DataFrame) -> pl.DataFrame:
    """Generation bought on each day, and its name with the alternative life."""
    rows = []
    for day, life in lots.select("day", "life_months").unique().sort(pl.all()).iter_rows():
        bought = scenario.generation_on(day)
        months = max(round(life * bought.life_factor), 1)
        rows.append((day, life, bought.key, f"{bought.key}:{months}"))
    names = {"day": pl.Date, "life_months": pl.Int64, "generation": pl.String, "alternative": pl.String}
    return pl.DataFrame(rows, schema=names, orient="row")


def _named(lots: pl.DataFrame) -> pl.DataFrame:
    return lots.with_row_index("lot").select(
        pl.col("lot").cast(pl.Int64),
        pl.format("{}-{}-{}", "issuer", "point", "lot").alias("lot_id"),
        "point",
        "issuer",
        "generation",
        "alternative",
        pl.lit(1, pl.Int64).alias("units"),
        "cost_minor",
        pl.lit(None, pl.Int64).alias("residual_minor"),
        "in_service_date",
    )
