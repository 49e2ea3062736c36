"""What a line of the restated statements is worked out by: each word once, as a Polars expression and as SQL.

Amounts are whole minor units in Polars and units of the currency in SQL, ratios parts per million and six decimals:
the same figures. The SQL reads a row named `l`, and asks the macros of depr/sql/macros/statements.sql.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from depr.contract.names import bare
from depr.kernel.rounding import divide, multiply_divide

MILLION = 10**6


def _between(word: str, same: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[[Formula, Formula], Formula]:
    def method(left: Formula, right: Formula) -> Formula:
        return Formula(same(left.polars, right.polars), f"({left.sql} {word} {right.sql})")

    return method


@dataclass(frozen=True, eq=False)
class Formula:
    """One figure in both; null where what it needs is."""

    polars: pl.Expr
    sql: str

    @property
    def reads(self) -> list[str]:
        """The columns it is worked out from."""
        return self.polars.meta.root_names()

    __add__ = _between("+", operator.add)
    __sub__ = _between("-", operator.sub)
    __mul__ = _between("*", operator.mul)
    __lt__ = _between("<", operator.lt)
    __ge__ = _between(">=", operator.ge)
    __and__ = _between("AND", operator.and_)
    __or__ = _between("OR", operator.or_)

    def __invert__(self) -> Formula:
        return Formula(~self.polars, f"(NOT {self.sql})")


def col(name: str) -> Formula:
    """A column by its name in the contract; in SQL names have no unit."""
    return Formula(pl.col(name), f"l.{bare(name)}")


def value(constant: str | int) -> Formula:
    """A text, a number, true or false."""
    text = "'" + constant.replace("'", "''") + "'" if isinstance(constant, str) else str(constant).lower()
    return Formula(pl.lit(constant), text)


def equal(left: Formula, right: Formula) -> Formula:
    """Whether two are equal; null where one of them is."""
    return _between("=", operator.eq)(left, right)


def known(figure: Formula) -> Formula:
    """Whether it is not null."""
    return Formula(figure.polars.is_not_null(), f"({figure.sql} IS NOT NULL)")


def either(first: Formula, second: Formula) -> Formula:
    """The first, or the second where the first is null."""
    return Formula(pl.coalesce(first.polars, second.polars), f"coalesce({first.sql}, {second.sql})")


def when(condition: Formula, then: Formula, otherwise: Formula | None = None) -> Formula:
    """One or the other; the other, or null, where the condition is null."""
    chosen = pl.when(condition.polars).then(then.polars)
    if otherwise is None:
        return Formula(chosen, f"CASE WHEN {condition.sql} THEN {then.sql} END")
    both = chosen.otherwise(otherwise.polars)
    return Formula(both, f"CASE WHEN {condition.sql} THEN {then.sql} ELSE {otherwise.sql} END")


def size(figure: Formula) -> Formula:
    """Without its sign."""
    return Formula(figure.polars.abs(), f"abs({figure.sql})")


def joined(first: Formula, second: Formula) -> Formula:
    """One text after the other."""
    return _between("||", operator.add)(first, second)


def of_year(figure: Formula) -> Formula:
    """A figure of a fiscal year, null for a quarter: a flow of a quarter over a balance is no yearly one."""
    return when(YEAR, figure)


def part(amount: Formula, numerator: Formula, denominator: Formula) -> Formula:
    """amount x numerator / denominator in whole minor units, half to even."""
    made = multiply_divide(amount.polars, numerator.polars, denominator.polars)
    return Formula(made, f"part({amount.sql}, {numerator.sql}, {denominator.sql}, l.minor_per_unit)")


def taxed(amount: Formula, rate: Formula) -> Formula:
    """amount x rate in whole minor units, half to even."""
    made = multiply_divide(amount.polars, rate.polars, pl.lit(MILLION))
    return Formula(made, f"taxed({amount.sql}, {rate.sql}, l.minor_per_unit)")


def ratio(over: Formula, whole: Formula) -> Formula:
    """over / whole in parts per million, half to even; null where the whole is not positive."""
    by = pl.when(whole.polars > 0).then(whole.polars)
    return Formula(multiply_divide(over.polars, pl.lit(MILLION), by), f"ratio({over.sql}, {whole.sql})")


def per_share(amount: Formula, shares: Formula) -> Formula:
    """An amount per share in millionths of the currency, half to even; null without shares."""
    by = pl.when(shares.polars > 0).then(shares.polars).cast(pl.Int128) * pl.col("minor_per_unit")
    made = divide(amount.polars.cast(pl.Int128) * MILLION, by)
    return Formula(made, f"per_share({amount.sql}, {shares.sql})")


YEAR = equal(col("period_type"), value("FY"))
