"""A rule written once for both engines: each word is a Polars expression and SQL.

What is worked out from columns of one row (the base of a stage, a line of the restated statements) is a formula of
these words; Polars takes `polars`, the macros of depr/sql take `sql`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from depr.contract.names import bare
from depr.kernel.rounding import multiply_divide, multiply_divide_fast


def _between(word: str, same: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[[Formula, Formula], Formula]:
    def method(left: Formula, right: Formula) -> Formula:
        said = f"({left.words} {SIGNS.get(word, word)} {right.words})"
        return Formula(same(left.polars, right.polars), f"({left.sql} {word} {right.sql})", said)

    return method


SIGNS = {"-": "−", "*": "×"}
"""How a formula for people writes what the engines write otherwise."""


@dataclass(frozen=True, eq=False)
class Formula:
    """One figure in both; null where what it needs is.

    `words` is the same for people: a column stands in braces, so that its name or its value can take the place.
    """

    polars: pl.Expr
    sql: str
    words: str

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
        return Formula(~self.polars, f"(NOT {self.sql})", f"not {self.words}")


def col(name: str) -> Formula:
    """A column by its name in the contract; in SQL names have no unit."""
    return Formula(pl.col(name), f"l.{bare(name)}", f"{{{name}}}")


def value(constant: str | int) -> Formula:
    """A text, a number, true or false."""
    text = "'" + constant.replace("'", "''") + "'" if isinstance(constant, str) else str(constant).lower()
    return Formula(pl.lit(constant), text, str(constant))


def equal(left: Formula, right: Formula) -> Formula:
    """Whether two are equal; null where one of them is."""
    return _between("=", operator.eq)(left, right)


def known(figure: Formula) -> Formula:
    """Whether it is not null."""
    return Formula(figure.polars.is_not_null(), f"({figure.sql} IS NOT NULL)", f"{figure.words} is known")


def either(first: Formula, second: Formula) -> Formula:
    """The first, or the second where the first is null."""
    said = f"{first.words}, or {second.words}"
    return Formula(pl.coalesce(first.polars, second.polars), f"coalesce({first.sql}, {second.sql})", said)


def when(condition: Formula, then: Formula, otherwise: Formula | None = None) -> Formula:
    """One or the other; the other, or null, where the condition is null."""
    chosen = pl.when(condition.polars).then(then.polars)
    if otherwise is None:
        return Formula(chosen, f"CASE WHEN {condition.sql} THEN {then.sql} END", then.words)
    both = chosen.otherwise(otherwise.polars)
    said = f"{then.words} if {condition.words}, else {otherwise.words}"
    return Formula(both, f"CASE WHEN {condition.sql} THEN {then.sql} ELSE {otherwise.sql} END", said)


def size(figure: Formula) -> Formula:
    """Without its sign."""
    return Formula(figure.polars.abs(), f"abs({figure.sql})", f"size of {figure.words}")


def joined(first: Formula, second: Formula) -> Formula:
    """One text after the other."""
    return _between("||", operator.add)(first, second)


def argument(name: str) -> Formula:
    """A column by its name, which is that of the argument of a macro too."""
    return Formula(pl.col(name), name, f"{{{name}}}")


def rounded(amount: Formula, numerator: Formula, denominator: Formula, *, wide: bool = True) -> Formula:
    """amount x numerator / denominator in whole numbers, half to even; narrow where no product leaves 2^52."""
    form = multiply_divide if wide else multiply_divide_fast
    made = form(amount.polars, numerator.polars, denominator.polars)
    said = f"{amount.words} × {numerator.words} ÷ {denominator.words}"
    return Formula(made, f"round_ratio({amount.sql}, {numerator.sql}, {denominator.sql})", said)


def positive(figure: Formula) -> Formula:
    """The figure, nothing where it is below zero."""
    return Formula(figure.polars.clip(lower_bound=0), f"greatest({figure.sql}, 0)", f"{figure.words}, at least 0")
