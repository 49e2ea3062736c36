"""Earnings per share: restated from those reported, and worked out from their parts (ASC 260, IAS 33).

    basic    (net income - preferred dividends) / weighted shares
    diluted  the numerator and the shares also take what would dilute, most dilutive first, while each still lowers it

A loss is over basic shares: what dilutes would make it smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from depr.kernel.curves import MONTHS_PER_YEAR
from depr.kernel.rounding import divide
from depr.restate.ratios import MILLION, ppm

FOLLOWS = "income restated / shares"
COMPUTED = "income restated / shares; the filer gives no figure, so the one as reported is computed too"
MOVES = "as reported + change in income / shares: the figure does not follow from the filer's income and shares"
SMALL = "as reported + change in income / shares: the change is less than what the figure was rounded by"
UNCOUNTED = "; basic shares, since the statement of a loss does not count those that would dilute a profit"
"""By which rule earnings per share of a row are restated."""


def per_share(frame: pl.DataFrame) -> pl.DataFrame:
    """Income restated / shares where the reported figure follows from its income and shares, else reported + change.

    A change that is less than what the figure was rounded by is added too: the quotient could lie on the other side.
    `eps_basic_follows` and `eps_diluted_follows` say so (depr.statements.identities; null where they cannot be held
    against each other). A loss is over basic shares, and so is a loss that becomes a profit where the statement counts
    basic shares alone: the number that would dilute it is left out of the statement of a loss. The rules are said in
    `eps_basic_rule` and `eps_diluted_rule`.
    """
    frame = frame.with_columns(_common("reported"), _common("restated"))
    before, after = pl.col("income_to_common_reported_minor"), pl.col("income_to_common_restated_minor")
    alone = (pl.col("diluted_shares") == pl.col("basic_shares")).fill_null(value=True)
    uncounted = (before < 0) & (after >= 0) & alone
    frame = frame.with_columns(*_kind("basic"), *_kind("diluted", (after < 0) | uncounted, uncounted))
    drop = pl.col("eps_diluted_reported_micro") - pl.col("eps_diluted_restated_micro")
    return frame.with_columns(
        eps_change_micro=-drop, eps_compression_ppm=ppm(drop, pl.col("eps_diluted_reported_micro"))
    )


def _common(kind: str) -> pl.Expr:
    """Income available to common shareholders: as the filer gives it, else net income; it takes the same change."""
    given, net = pl.col("net_income_to_common_minor"), pl.col("net_income_reported_minor")
    common = pl.coalesce(given, net)
    change = pl.col("net_income_restated_minor") - net
    return (common if kind == "reported" else common + change).alias(f"income_to_common_{kind}_minor")


NEVER = pl.lit(value=False)


def _kind(kind: str, over_basic: pl.Expr = NEVER, uncounted: pl.Expr = NEVER) -> Iterator[pl.Expr]:
    """Reported, restated and the rule of one kind; `over_basic`: where restated income is over basic shares."""
    before, after = pl.col("income_to_common_reported_minor"), pl.col("income_to_common_restated_minor")
    printed, shares, follows = (
        pl.when(over_basic).then(name.format("basic")).otherwise(name.format(kind))
        for name in ("eps_{}_micro", "{}_shares", "eps_{}_follows")
    )
    own = pl.col(f"eps_{kind}_micro")
    counted = pl.when(before < 0).then("basic_shares").otherwise(f"{kind}_shares")
    change = _micro(after - before, shares)
    small = (change.abs() < (printed - _micro(before, shares)).abs()).fill_null(value=False)
    otherwise = (~follows).fill_null(value=False) & printed.is_not_null()
    moves = otherwise | small
    stays = own.is_not_null() & (after == before)  # the figure as printed, which is rounded
    restated = pl.when(stays).then(own).when(moves).then(printed + change).otherwise(_micro(after, shares))
    rule = pl.when(own.is_null()).then(pl.lit(COMPUTED)).otherwise(pl.lit(FOLLOWS))
    rule = pl.when(otherwise).then(pl.lit(MOVES)).when(small & ~stays).then(pl.lit(SMALL)).otherwise(rule)
    told = pl.when(uncounted).then(rule + UNCOUNTED).otherwise(rule)
    yield pl.coalesce(own, _micro(before, counted)).alias(f"eps_{kind}_reported_micro")
    yield restated.alias(f"eps_{kind}_restated_micro")
    yield pl.when(restated.is_not_null()).then(told).alias(f"eps_{kind}_rule")


def _micro(amount_minor: pl.Expr, shares: pl.Expr) -> pl.Expr:
    """An amount per share in millionths of the currency, half to even; null without shares."""
    counted = pl.when(shares > 0).then(shares).cast(pl.Int128)
    return divide(amount_minor.cast(pl.Int128) * MILLION, counted * pl.col("minor_per_unit"))


@dataclass(frozen=True)
class Dilutive:
    """What could become shares: what it would add to the numerator, after tax, and to the shares."""

    income: Fraction
    shares: Fraction

    @property
    def ratio(self) -> Fraction:
        """Income a share: it dilutes while this is below earnings per share without it."""
        return self.income / self.shares


def weighted(shares: Sequence[tuple[int, int]]) -> Fraction:
    """Shares weighted by the months of the year they were outstanding: pairs of shares and months."""
    return Fraction(sum(number * months for number, months in shares), MONTHS_PER_YEAR)


def options(number: int, exercise: Fraction, average_price: Fraction) -> Dilutive:
    """Treasury stock method (ASC 260-10-45-23): shares issued less those that the proceeds buy back."""
    bought = min(number * exercise / average_price, Fraction(number))
    return Dilutive(Fraction(0), number - bought)


def converted(income: Fraction, shares: int, tax_rate: Fraction = Fraction(0)) -> Dilutive:
    """If-converted method (ASC 260-10-45-40): interest after tax, or preferred dividends, and the shares issued."""
    return Dilutive(income * (1 - tax_rate), Fraction(shares))


def basic(income: Fraction, shares: Fraction) -> Fraction:
    """Income available to common shareholders / weighted shares."""
    return income / shares


def diluted(income: Fraction, shares: Fraction, potential: Sequence[Dilutive] = ()) -> Fraction:
    """Diluted earnings per share; of a loss the basic ones (ASC 260-10-45-17 to 45-20)."""
    for each in sorted((p for p in potential if p.shares), key=lambda p: p.ratio) if income > 0 else ():
        if each.ratio < income / shares:
            income, shares = income + each.income, shares + each.shares
    return income / shares
