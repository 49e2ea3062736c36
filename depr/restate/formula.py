"""What only the restated statements are worked out by, beside the words of depr/kernel/formula.py.

Amounts are whole minor units in Polars and units of the currency in SQL, ratios parts per million and six decimals:
the same figures. The SQL reads a row named `l`, and asks the macros of depr/sql/macros/statements.sql.
"""

from __future__ import annotations

import polars as pl

from depr.kernel.formula import Formula, col, equal, value, when
from depr.kernel.rounding import divide, multiply_divide

MILLION = 10**6


def of_year(figure: Formula) -> Formula:
    """A figure of a fiscal year, null for a quarter: a flow of a quarter over a balance is no yearly one."""
    return when(YEAR, figure)


def part(amount: Formula, numerator: Formula, denominator: Formula) -> Formula:
    """amount x numerator / denominator in whole minor units, half to even."""
    made = multiply_divide(amount.polars, numerator.polars, denominator.polars)
    said = f"{amount.words} × {numerator.words} ÷ {denominator.words}"
    return Formula(made, f"part({amount.sql}, {numerator.sql}, {denominator.sql}, l.minor_per_unit)", said)


def taxed(amount: Formula, rate: Formula) -> Formula:
    """amount x rate in whole minor units, half to even."""
    made = multiply_divide(amount.polars, rate.polars, pl.lit(MILLION))
    return Formula(made, f"taxed({amount.sql}, {rate.sql}, l.minor_per_unit)", f"{amount.words} × {rate.words}")


def ratio(over: Formula, whole: Formula) -> Formula:
    """over / whole in parts per million, half to even; null where the whole is not positive."""
    by = pl.when(whole.polars > 0).then(whole.polars)
    made = multiply_divide(over.polars, pl.lit(MILLION), by)
    return Formula(made, f"ratio({over.sql}, {whole.sql})", f"{over.words} ÷ {whole.words}")


def per_share(amount: Formula, shares: Formula) -> Formula:
    """An amount per share in millionths of the currency, half to even; null without shares."""
    by = pl.when(shares.polars > 0).then(shares.polars).cast(pl.Int128) * pl.col("minor_per_unit")
    made = divide(amount.polars.cast(pl.Int128) * MILLION, by)
    return Formula(made, f"per_share({amount.sql}, {shares.sql})", f"{amount.words} ÷ {shares.words}")


YEAR = equal(col("period_type"), value("FY"))
