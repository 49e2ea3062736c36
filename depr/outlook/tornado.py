"""Which assumption matters: one at a time at its low and its high end, all others at their value."""

from __future__ import annotations

from fractions import Fraction

import dataframely as dy
import polars as pl

from depr.outlook.scenario import Point, Scenario
from depr.outlook.spending import Inputs
from depr.outlook.tables import Tornado
from depr.outlook.years import MEASURES, effects, marked

KEYS = ["issuer", "basis", "year"]
ENDS = ("low", "high")


def tornado(scenario: Scenario, inputs: Inputs) -> dy.DataFrame[Tornado]:
    """Understatement and EPS effect at the ends of each assumption, by issuer, basis and year; widest swing first.

    An assumption whose ends are its value has a row too: it swings by nothing.
    """
    names = [("", "value")]
    settings = [scenario.point()]
    for entry in scenario.assumption:
        for end in ENDS:
            names.append((entry.key, end))
            settings.append(_at(scenario, entry.key, getattr(entry, end)))
    computed = effects(scenario, inputs, settings)
    long = computed.unpivot(MEASURES, index=["point", *KEYS], variable_name="measure", value_name="at")
    named = long.drop_nulls("at").join(_named(names), on="point")
    on = [*KEYS, "measure"]
    table = named.filter(assumption="").select(*on, at_value="at")
    for end in ENDS:
        at = named.filter(pl.col("end") == end).select(*on, "assumption", pl.col("at").alias(f"at_{end}"))
        table = table.join(at, on=on if end == ENDS[0] else [*on, "assumption"], nulls_equal=True)
    swing = (pl.col("at_high") - pl.col("at_low")).abs()
    full = table.join(_words(scenario), on="assumption").with_columns(swing=swing)
    order = ["issuer", "basis", "year", "measure", "swing", "assumption"]
    falling = [name == "swing" for name in order]
    ordered = marked(full, scenario).sort(order, descending=falling, nulls_last=True)
    return Tornado.validate(ordered.select(Tornado.column_names()))


def _at(scenario: Scenario, key: str, value: Fraction) -> Point:
    return scenario.point(**{key: value})


def _named(names: list[tuple[str, str]]) -> pl.DataFrame:
    frame = pl.DataFrame(names, schema=["assumption", "end"], orient="row")
    return frame.with_row_index("point").cast({"point": pl.Int64})


def _words(scenario: Scenario) -> pl.DataFrame:
    rows = [(e.key, e.unit, *map(_decimal, (e.low, e.value, e.high))) for e in scenario.assumption]
    return pl.DataFrame(rows, schema=["assumption", "unit", "low", "value", "high"], orient="row")


def _decimal(value: Fraction) -> str:
    """A fraction as it would be written: a whole number, a decimal that ends, else the fraction."""
    places = next((n for n in range(19) if (value * 10**n).denominator == 1), None)
    if not places:
        return str(value)
    digits = f"{abs(value * 10**places).numerator:0{places + 1}d}"
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"
