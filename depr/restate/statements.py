"""Understatement carried through the statements: functions, income, tax, balances, margins and returns.

Restated line = reported line + change, so that whatever the fleet model misses cancels. Depreciation is not cash:
operating cash flow, capital expenditure, interest and tax paid stay as they are, so all of the tax is deferred.
Net income is that of the owners of the parent and takes the whole change after tax: the fleet is taken to be its own;
minority interests, the equity method and discontinued operations stay as reported.
"""

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
from depr.kernel.rounding import divide
from depr.restate.cash import cash_reported, cash_restated
from depr.restate.parts import marks
from depr.restate.per_share import per_share
from depr.restate.ratios import MILLION, of_year, ppm
from depr.restate.understatement import PERIOD, SERIES, understatement

EFFECTIVE = "effective"
"""The kind of tax rate that is income tax over income before tax of the period itself."""

FUNCTIONS = ("cost_of_revenue", "research_and_development", "sales_general_admin")
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
    rows = ordered.join(_reported(periods).drop("tax_rate_ppm"), on=ENDS, maintain_order="left")
    done = rows.pipe(_restated).pipe(_ratios, "restated").pipe(per_share).pipe(cash_restated)
    return Restated.validate(done.select(Restated.column_names()))


def _until_last(rollup: pl.DataFrame, statements: pl.DataFrame) -> pl.DataFrame:
    """Quarters to the last fiscal year that has a statement: what is later changes nothing before it."""
    last = statements["fiscal_year"].max()
    return rollup if last is None else rollup.filter(pl.col("fiscal_year") <= last)


def _periods(gaps: pl.DataFrame, statements: pl.DataFrame, filers: Sequence[Filer], tax: str) -> pl.DataFrame:
    """The lines of each period and what applies in it, from the first to the last that has a statement.

    The effective rate is income tax / income before tax, null where that is no profit.
    """
    every = gaps.select("issuer", *PERIOD, "period_end").unique()
    lines = statements.drop("period_end").with_columns(stated=pl.lit(True))
    known = every.join(lines, on=["issuer", *PERIOD], how="left", nulls_equal=True)
    known = known.join(_terms(every, filers, tax), on=["issuer", "period_end"])
    told = pl.col("period_end").filter(pl.col("stated"))
    first, last = (end.over("issuer", "period_type") for end in (told.min(), told.max()))
    kept = known.filter(pl.col("period_end").is_between(first, last)).with_columns(pl.col("stated").fill_null(False))
    own = ppm(pl.col("income_tax_minor"), pl.col("pretax_income_minor"))
    return kept.with_columns(tax_rate_ppm=own) if tax == EFFECTIVE else kept


def _terms(periods: pl.DataFrame, filers: Sequence[Filer], tax: str) -> pl.DataFrame:
    """What applies to an issuer at the end of a period: tax rate, shares of the functions, units of its currency."""
    units = currencies()
    rows = [
        (issuer.id, end, *_rates(issuer, end, tax), units[issuer.currency], *_steps(in_force(splits, end)))
        for issuer, _ in filers
        for splits in [sorted(issuer.function_split, key=lambda split: split.effective)]
        for end in periods.filter(issuer=issuer.id)["period_end"].unique()
    ]
    numbers = ("minor_per_unit", "first_num", "first_den", "second_num", "second_den")
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
    first, both = split.cost_of_revenue, split.cost_of_revenue + split.research_and_development
    return first.numerator, first.denominator, both.numerator, both.denominator


def _deferred(frame: pl.DataFrame) -> pl.DataFrame:
    """Tax effect, deferred tax and retained earnings of periods from the first one presented on.

    Tax is on the understatement and the losses at the rate, half to even. The first period opens with the difference
    of carrying amounts x its rate; each adds its tax effect. Periods between two that are presented count, though they
    are not shown.
    """
    series, before = (*SERIES, "period_type"), pl.col("carried_over_before_minor")
    less = pl.col("understatement_minor") + pl.col("losses_minor")
    frame = frame.with_columns(less=less).with_columns(tax_effect_minor=_taxed(pl.col("less")))
    frame = frame.sort(*series, "period_end").with_columns(start=_taxed(before).first().over(series))
    effect = pl.col("tax_effect_minor")
    unknown = effect.is_null().cast(pl.Int64).cum_sum().over(series) > 0
    closing = pl.when(~unknown).then(pl.col("start") + effect.cum_sum().over(series))
    opening = pl.col("deferred_tax_closing_minor") - effect
    shown = frame.with_columns(deferred_tax_closing_minor=closing).filter("stated").drop("stated")
    return shown.with_columns(deferred_tax_opening_minor=opening, equity_opening_change_minor=opening - before)


def _taxed(amount: pl.Expr, rate: str = "tax_rate_ppm") -> pl.Expr:
    return divide(amount.cast(pl.Int128) * pl.col(rate), MILLION)


REPORTED = (
    "depreciation",
    "operating_income",
    "pretax_income",
    "net_income",
    *FUNCTIONS,
    "ppe_net",
    "equity",
)
"""Lines that are shown as reported and restated."""


def _reported(periods: pl.DataFrame) -> pl.DataFrame:
    """The figures of a period that are the same in every book."""
    gross = pl.coalesce("gross_profit_minor", pl.col("revenue_minor") - pl.col("cost_of_revenue_minor"))
    ebitda = pl.col("operating_income_minor") + pl.col("depreciation_and_amortization_minor")
    lines = (pl.col(f"{name}_minor").alias(f"{name}_reported_minor") for name in REPORTED)
    known = periods.with_columns(*lines, gross_profit_reported_minor=gross)
    debt = of_year(ppm(pl.col("total_debt_minor"), ebitda))
    return known.with_columns(debt_to_ebitda_ppm=debt).pipe(_ratios, "reported").pipe(cash_reported)


def _restated(frame: pl.DataFrame) -> pl.DataFrame:
    """Line + change: income lines take the understatement and the losses, net income takes back the tax on both.

    Functions take the understatement alone: theirs are steps of its rounded running sum, so that they add up to it.
    Property and equipment takes the difference of carrying amounts; equity also has the deferred tax.
    """
    gap, less, over = pl.col("understatement_minor"), pl.col("less"), pl.col("carried_over_minor")
    first, both = (divide(gap.cast(pl.Int128) * pl.col(f"{n}_num"), pl.col(f"{n}_den")) for n in ("first", "second"))
    parts = dict(zip(FUNCTIONS, (first, both - first, gap - both), strict=True))
    frame = frame.with_columns(part.alias(f"understatement_{name}_minor") for name, part in parts.items())
    changes = {
        "depreciation": gap,
        "operating_income": -less,
        "pretax_income": -less,
        "net_income": pl.col("tax_effect_minor") - less,
        **{name: pl.col(f"understatement_{name}_minor") for name in FUNCTIONS},
        "gross_profit": -pl.col("understatement_cost_of_revenue_minor"),
        "ppe_net": -over,
        "equity": pl.col("deferred_tax_closing_minor") - over,
    }
    lines = ((pl.col(f"{n}_reported_minor") + change).alias(f"{n}_restated_minor") for n, change in changes.items())
    marginal = pl.col("net_income_reported_minor") - less + _taxed(less, "tax_rate_marginal_ppm")
    coverage = ppm(pl.col("depreciation_modelled_minor"), pl.col("depreciation_reported_minor"))
    return frame.with_columns(*lines, net_income_marginal_minor=marginal, coverage_ppm=coverage)


def _ratios(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Margins and interest coverage of every period, returns of years alone, `reported` or `restated`."""
    operating, net = pl.col(f"operating_income_{kind}_minor"), pl.col(f"net_income_{kind}_minor")
    assets = pl.col("total_assets_minor") - (pl.col("carried_over_minor") if kind == "restated" else 0)
    capital, revenue = pl.col("total_debt_minor") + pl.col(f"equity_{kind}_minor"), pl.col("revenue_minor")
    ratios = {
        "gross_margin": ppm(pl.col(f"gross_profit_{kind}_minor"), revenue),
        "operating_margin": ppm(operating, revenue),
        "net_margin": ppm(net, revenue),
        "return_on_assets": of_year(ppm(net, assets)),
        "return_on_capital": of_year(ppm(operating - _taxed(operating), capital)),
        "interest_coverage": ppm(operating, pl.col("interest_expense_minor")),
    }
    return frame.with_columns(ratio.alias(f"{name}_{kind}_ppm") for name, ratio in ratios.items())
