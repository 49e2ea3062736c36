"""One line of depreciation for all periods of an issuer: depreciation of property and equipment, or of all assets too.

The first is what useful lives move. The second also holds amortization, so that a quarter of the one does not compare
with a year of the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

LINES = ("depreciation_of_ppe", "depreciation_and_amortization")
"""The lines that may stand for depreciation, the preferred one first."""


def one_line(statements: pl.DataFrame, named: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Statements (contract.Statements) with depreciation of one line an issuer; it is blank where that is not sourced.

    The line is the one `named`, else the one that more years have, else more quarters; the first where they are equal.
    """
    every = pl.col("depreciation_and_amortization_minor")
    ppe = pl.col("depreciation_line") == LINES[0]
    wide = every.is_not_null() | (pl.col("depreciation_line") == LINES[1])
    year = pl.col("period_type") == "FY"
    counts = [(has & when).sum().over("issuer") for when in (year, ~year) for has in (ppe, wide)]
    own, other, own_quarters, other_quarters = counts
    first = (own > other) | ((own == other) & ((own > 0) | (own_quarters >= other_quarters)))
    line = pl.when(first).then(pl.lit(LINES[0])).otherwise(pl.lit(LINES[1]))
    for issuer, name in (named or {}).items():
        line = pl.when(issuer=issuer).then(pl.lit(name)).otherwise(line)
    same = pl.col("depreciation_line") == line
    amount = pl.when(same).then("depreciation_minor").when(line == LINES[1]).then(every)
    lined = statements.with_columns(depreciation_minor=amount)
    return lined.with_columns(depreciation_line=pl.when(pl.col("depreciation_minor").is_not_null()).then(line))


def depreciation_of(rows: pl.DataFrame) -> str:
    """Which line stands for depreciation, in words; of each issuer where they differ."""
    named = rows.select("issuer", "depreciation_line").drop_nulls().unique().sort(pl.all()).rows()
    if len({line for _, line in named}) == 1:
        return f"depreciation: {named[0][1]}"
    return f"depreciation: {', '.join(f'{line} ({issuer})' for issuer, line in named)}" if named else ""
