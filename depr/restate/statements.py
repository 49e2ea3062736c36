"""Understatement carried through the statements: what each period has, and deferred tax over periods (lines.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import dataframely as dy
import polars as pl

from depr.balances.rollup import Summed
from depr.books.issuers import DEFAULT, FunctionSplit, Issuer, in_force
from depr.books.modes import Case
from depr.contract import Restated
from depr.contract.currencies import currencies
from depr.restate.by_case import marks
from depr.restate.lines import EFFECTIVE_RATE, EFFECTS, LINES, worked_out
from depr.restate.understatement import PERIOD, SERIES, understatement

EFFECTIVE = "effective"
"""The kind of tax rate that is income tax over income before tax of the period itself."""
ENDS = ("issuer", "period_type", "period_end")
"""What tells a period from all others, of whatever book."""


class Filer(NamedTuple):
    """An issuer, and the name of the book that stands for what it reports."""

    issuer: Issuer
    reported: str


def restate(
    summed: Summed,
    statements: pl.DataFrame,
    filers: Sequence[Filer],
    asked: Iterable[Case],
    *,
    flags: pl.DataFrame,
    tax: str = DEFAULT,
) -> dy.DataFrame[Restated]:
    """Each period with a statement (contract.Statements) of some filers, restated in every case asked for.

    `summed` are the quarters of all of them, in every book. `flags` are the identities that periods break, and whether
    earnings per share follow (depr.statements.identities.flags); `tax` names the kind of tax rate (Issuer.rates), or is
    `effective`. A figure whose inputs are not sourced is null. contract.Restated documents every column. Raises
    `Refused` for an unknown kind of rate.
    """
    own = {each.issuer.id: each.reported for each in filers}
    gaps = understatement(_until_last(summed.rollup, statements), own, losses=summed.losses)
    periods = _periods(gaps, statements, filers, tax).join(
        flags.rename({"identities": "broken_identities"}), on=["issuer", *PERIOD], how="left", nulls_equal=True
    )
    due = gaps.drop(*PERIOD[1:]).join(periods.select(*ENDS, "stated", "tax_rate_ppm"), on=ENDS).pipe(_deferred)
    ordered = due.join(marks(asked), on="book").sort(*SERIES, "mode", "period_type", "period_end")
    rows = ordered.join(periods.drop("tax_rate_ppm"), on=ENDS, maintain_order="left")
    return Restated.validate(worked_out(rows, LINES).select(Restated.column_names()))


def _until_last(rollup: pl.DataFrame, statements: pl.DataFrame) -> pl.DataFrame:
    """Quarters to the last fiscal year that has a statement: what is later changes nothing before it."""
    last = statements["fiscal_year"].max()
    return rollup if last is None else rollup.filter(pl.col("fiscal_year") <= last)


def _periods(gaps: pl.DataFrame, statements: pl.DataFrame, filers: Sequence[Filer], tax: str) -> pl.DataFrame:
    """The lines of each period and what applies in it, from the first to the last that has a statement."""
    every = gaps.select("issuer", *PERIOD, "period_end").unique()
    lines = statements.drop("period_end").with_columns(stated=pl.lit(True))
    known = every.join(lines, on=["issuer", *PERIOD], how="left", nulls_equal=True)
    known = known.join(_terms(every, filers, tax), on=["issuer", "period_end"])
    ends = pl.col("period_end").filter(pl.col("stated"))
    first, last = (end.over("issuer", "period_type") for end in (ends.min(), ends.max()))
    kept = known.filter(pl.col("period_end").is_between(first, last)).with_columns(pl.col("stated").fill_null(False))
    return kept.with_columns(tax_rate_ppm=EFFECTIVE_RATE.polars) if tax == EFFECTIVE else kept


def _terms(periods: pl.DataFrame, filers: Sequence[Filer], tax: str) -> pl.DataFrame:
    """What applies to an issuer at the end of a period: tax rate, shares of the functions, units of its currency."""
    units = currencies()
    rows = [
        (issuer.id, end, *_rates(issuer, end, tax), units[issuer.currency], *_steps(in_force(splits, end)))
        for issuer, _ in filers
        for splits in [sorted(issuer.function_split, key=lambda split: split.effective)]
        for end in periods.filter(issuer=issuer.id)["period_end"].unique()
    ]
    numbers = ("minor_per_unit", "first_num", "first_den", "both_num", "both_den")
    rates = {
        "tax_rate_ppm": pl.Int64,
        "tax_kind": pl.String,
        "tax_source": pl.String,
        "tax_rate_marginal_ppm": pl.Int64,
    }
    types = {"issuer": pl.String, "period_end": pl.Date, **rates, **dict.fromkeys(numbers, pl.Int64)}
    return pl.DataFrame(rows, types, orient="row")


def _rates(issuer: Issuer, day: date, kind: str) -> tuple[int | None, str, str, int | None]:
    """The rate of a kind on a day, its own kind and source, and the marginal one where the issuer has one."""
    marginal = round(issuer.tax(day, "marginal").rate * 10**6) if issuer.rates("marginal") else None
    if kind == EFFECTIVE:
        return None, EFFECTIVE, "income tax / income before tax of the period", marginal
    rate = issuer.tax(day, kind)
    return round(rate.rate * 10**6), rate.kind, rate.source, marginal


def _steps(split: FunctionSplit) -> tuple[int, int, int, int]:
    first = split.cost_of_revenue
    both = split.cost_of_revenue + split.research_and_development
    return first.numerator, first.denominator, both.numerator, both.denominator


def _deferred(frame: pl.DataFrame) -> pl.DataFrame:
    """Tax effect and deferred tax of periods from the first one presented on.

    The first period opens with the difference of carrying amounts x its rate; each adds its tax effect. Periods between
    two that are presented count, though they are not shown.
    """
    series = (*SERIES, "period_type")
    effect = pl.col("tax_effect_minor")
    frame = worked_out(frame.sort(*series, "period_end"), EFFECTS)
    unknown = effect.is_null().cast(pl.Int64).cum_sum().over(series) > 0
    opens = pl.col("tax_before_minor").first().over(series)
    closing = pl.when(~unknown).then(opens + effect.cum_sum().over(series))
    return frame.with_columns(deferred_tax_closing_minor=closing).filter("stated").drop("stated")
