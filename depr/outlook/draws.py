"""Draws of all assumptions together: what the uncertainty of the inputs makes of the result.

Each assumption is triangular on (low, value, high): the side of the value is drawn in proportion to its width, and the
place on it, from the far end towards the value, is the greater of two uniform numbers. Assumptions are drawn
independently, each from its own stream of the seed, so that another assumption or another range leaves the other draws
as they are. Same seed, same bytes: only bits of the generator are used, in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import dataframely as dy
import polars as pl

from depr.books.book import Assumption
from depr.outlook.scenario import PPM, Point, Scenario
from depr.outlook.spending import Inputs
from depr.outlook.tables import Drawn
from depr.outlook.years import MEASURES, effects, marked

BITS = 32
QUANTILES = (50_000, 250_000, 500_000, 750_000, 950_000)
KEYS = ["issuer", "basis", "year"]


def triangular(entry: Assumption, random: Random) -> Fraction:
    """One draw of an assumption, exactly."""
    width = entry.high - entry.low
    side, one, other = (Fraction(random.getrandbits(BITS), 2**BITS) for _ in range(3))
    near = max(one, other)
    if side * width < entry.value - entry.low:
        return entry.low + (entry.value - entry.low) * near
    return entry.high - (entry.high - entry.value) * near


def points(scenario: Scenario) -> list[Point]:
    """The draws of a scenario."""
    streams = {entry.key: Random(f"{scenario.seed}/{entry.key}") for entry in scenario.assumption}
    assumptions = scenario.assumptions
    return [
        scenario.point(**{key: triangular(assumptions[key], stream) for key, stream in streams.items()})
        for _ in range(scenario.draws)
    ]


def quantiles(scenario: Scenario, inputs: Inputs, shares: Sequence[int] = QUANTILES) -> dy.DataFrame[Drawn]:
    """Quantiles of understatement and of the EPS effect over the draws, by issuer, basis and year.

    The quantile at a share p of n draws is the value at place ceil(p x n) in ascending order: a value that was drawn.
    """
    drawn = effects(scenario, inputs, points(scenario))
    long = drawn.unpivot(MEASURES, index=["point", *KEYS], variable_name="measure", value_name="value").drop_nulls(
        "value"
    )
    groups = [*KEYS, "measure"]
    frames = []
    for share in shares:
        place = max(-(-share * scenario.draws // PPM), 1) - 1
        at = pl.col("value").sort().get(place)
        frames.append(long.group_by(groups).agg(at).with_columns(quantile_ppm=pl.lit(share, pl.Int64)))
    table = pl.concat(frames).with_columns(draws=pl.lit(scenario.draws, pl.Int64))
    ordered = marked(table, scenario).sort(*groups, "quantile_ppm", nulls_last=True)
    return Drawn.validate(ordered.select(Drawn.column_names()))
