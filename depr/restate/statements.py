"""Understatement carried through the statements: functions, income, tax, balances, margins and returns.

Restated line = reported line + change, so that whatever the fleet model misses cancels. Depreciation is not cash:
operating cash flow, capital expenditure, interest and tax paid stay as they are, so all of the tax is deferred.
"""

from __future__ import annotations

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from depr.issuers import FunctionSplit, Issuer, in_force
from depr.kernel.rounding import divide
from depr.restate.cash import cash
from depr.restate.modes import Case
from depr.restate.parts import marks
from depr.restate.per_share import per_share
from depr.restate.ratios import MILLION, of_year, ppm
from depr.restate.rollup import Summed
from depr.restate.understatement import PERIOD, SERIES, understatement
from depr.schemas import Restated

EFFECTIVE = "effective"
"""The kind of tax rate that is income tax over income before tax of the period itself."""

FUNCTIONS = ("cost_of_revenue", "research_and_development", "sales_general_admin")


def restate(
    summed: Summed,
    statements: pl.DataFrame,
    issuer: Issuer,
    reported: str,
    asked: Sequence[Case],
    *,
    broken: pl.DataFrame | None = None,
    tax: str = "statutory",
    minor_per_unit: int = 100,
) -> dy.DataFrame[Restated]:
    """Each period with a statement (schemas.Statements), restated in every case asked for.

    `broken` are the identities that periods break; `tax` names the kind of tax rate (schedules/issuers), or is
    `effective`; `minor_per_unit` is 100 for USD. A figure whose inputs are not sourced is null. schemas.Restated
    documents every column. Raises `Refused` for an unknown kind of rate.
    """
    gaps = understatement(summed.rollup, reported, losses=summed.losses).join(marks(asked), on="book")
    lines = statements.filter(pl.col("issuer") == issuer.id).drop("period_end").with_columns(stated=pl.lit(True))
    joined = gaps.join(lines, on=["issuer", *PERIOD], how="left", nulls_equal=True)
    known = joined.join(_flags(broken), on=["issuer", *PERIOD], how="left", nulls_equal=True)
    taxed = known.join(_rates(known, issuer, tax), on="period_end").pipe(_rated, tax)
    done = taxed.pipe(_income).pipe(_functions, issuer).pipe(_deferred).filter(pl.col("stated"))
    done = done.pipe(_balances).pipe(_ratios).pipe(per_share, minor_per_unit).pipe(cash)
    ordered = done.sort(*SERIES, "mode", "period_type", "period_end")
    return Restated.validate(ordered.select(Restated.column_names()), cast=True)


def _flags(broken: pl.DataFrame | None) -> pl.DataFrame:
    types = {"issuer": pl.String, "period_type": pl.String, "fiscal_year": pl.Int32, "fiscal_quarter": pl.Int32}
    flags = pl.DataFrame(schema={**types, "identities": pl.String}) if broken is None else broken
    return flags.rename({"identities": "broken_identities"})


def _rates(periods: pl.DataFrame, issuer: Issuer, kind: str) -> pl.DataFrame:
    ends = periods["period_end"].unique().sort()
    rates = [None if kind == EFFECTIVE else round(issuer.tax(end, kind) * 10**6) for end in ends]
    return pl.DataFrame({"period_end": ends, "tax_rate_ppm": pl.Series(rates, dtype=pl.Int64)})


def _rated(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The effective rate is income tax / income before tax, null where that is no profit."""
    own = ppm(pl.col("income_tax_minor"), pl.col("pretax_income_minor"))
    return frame.with_columns(tax_rate_ppm=own) if kind == EFFECTIVE else frame


def _income(frame: pl.DataFrame) -> pl.DataFrame:
    """Income lines - understatement - losses; tax on both at the rate, half to even; net income takes it back."""
    gap, reported = pl.col("understatement_minor"), pl.col("depreciation_minor")
    less = gap + pl.col("losses_minor")
    frame = frame.with_columns(tax_effect_minor=_taxed(less))
    return frame.with_columns(
        depreciation_reported_minor=reported,
        depreciation_restated_minor=reported + gap,
        coverage_ppm=ppm(pl.col("depreciation_modelled_minor"), reported),
        operating_income_reported_minor=pl.col("operating_income_minor"),
        operating_income_restated_minor=pl.col("operating_income_minor") - less,
        pretax_income_reported_minor=pl.col("pretax_income_minor"),
        pretax_income_restated_minor=pl.col("pretax_income_minor") - less,
        net_income_reported_minor=pl.col("net_income_minor"),
        net_income_restated_minor=pl.col("net_income_minor") - less + pl.col("tax_effect_minor"),
    )


def _taxed(amount: pl.Expr) -> pl.Expr:
    return divide(amount.cast(pl.Int128) * pl.col("tax_rate_ppm"), MILLION)


def _functions(frame: pl.DataFrame, issuer: Issuer) -> pl.DataFrame:
    """The understatement by function: steps of the rounded running sum, so that the parts add up to it."""
    gap, splits = pl.col("understatement_minor"), sorted(issuer.function_split, key=lambda split: split.effective)
    ends = frame["period_end"].unique().sort()
    rows = [(end, *_steps(in_force(splits, end))) for end in ends]
    names = ("first_num", "first_den", "second_num", "second_den")
    shares = pl.DataFrame(rows, {"period_end": pl.Date, **dict.fromkeys(names, pl.Int64)}, orient="row")
    first, both = (divide(gap.cast(pl.Int128) * pl.col(f"{n}_num"), pl.col(f"{n}_den")) for n in ("first", "second"))
    parts = dict(zip(FUNCTIONS, (first, both - first, gap - both), strict=True))
    frame = frame.join(shares, on="period_end").with_columns(
        part.alias(f"understatement_{name}_minor") for name, part in parts.items()
    )
    gross = pl.coalesce("gross_profit_minor", pl.col("revenue_minor") - pl.col("cost_of_revenue_minor"))
    return frame.with_columns(
        *(pl.col(f"{name}_minor").alias(f"{name}_reported_minor") for name in FUNCTIONS),
        *(
            (pl.col(f"{name}_minor") + pl.col(f"understatement_{name}_minor")).alias(f"{name}_restated_minor")
            for name in FUNCTIONS
        ),
        gross_profit_reported_minor=gross,
        gross_profit_restated_minor=gross - pl.col("understatement_cost_of_revenue_minor"),
    )


def _steps(split: FunctionSplit) -> tuple[int, int, int, int]:
    first, both = split.cost_of_revenue, split.cost_of_revenue + split.research_and_development
    return first.numerator, first.denominator, both.numerator, both.denominator


def _deferred(frame: pl.DataFrame) -> pl.DataFrame:
    """Deferred tax and retained earnings from the first period presented on.

    That period opens with the difference of carrying amounts x its rate; each period adds its tax effect. Periods
    between two that are presented count, though they are not shown.
    """
    series = (*SERIES, "mode", "period_type")
    begins = pl.col("period_end").filter(pl.col("stated")).min().over(series)
    shown, opens = pl.col("period_end") >= begins, pl.col("period_end") == begins
    before = pl.col("carried_over_before_minor")
    start = _taxed(before).filter(opens).first().over(series)
    flow = pl.when(shown).then(pl.col("tax_effect_minor")).otherwise(0)
    frame = frame.sort(*series, "period_end").with_columns(shown=shown, flow=flow, start=start)
    unknown = pl.col("flow").is_null().cast(pl.Int64).cum_sum().over(series) > 0
    closing = pl.when(pl.col("shown") & ~unknown).then(pl.col("start") + pl.col("flow").cum_sum().over(series))
    frame = frame.with_columns(deferred_tax_closing_minor=closing)
    opening = pl.col("deferred_tax_closing_minor") - pl.col("tax_effect_minor")
    return frame.with_columns(deferred_tax_opening_minor=opening, equity_opening_change_minor=opening - before)


def _balances(frame: pl.DataFrame) -> pl.DataFrame:
    """Property and equipment less the difference of carrying amounts; equity also has the deferred tax."""
    over = pl.col("carried_over_minor")
    return frame.with_columns(
        ppe_net_reported_minor=pl.col("ppe_net_minor"),
        ppe_net_restated_minor=pl.col("ppe_net_minor") - over,
        equity_reported_minor=pl.col("equity_minor"),
        equity_restated_minor=pl.col("equity_minor") - over + pl.col("deferred_tax_closing_minor"),
    )


def _ratios(frame: pl.DataFrame) -> pl.DataFrame:
    """Margins and interest coverage of every period; returns and debt over EBITDA of years alone."""
    kinds, revenue = ("reported", "restated"), pl.col("revenue_minor")
    out: dict[str, pl.Expr] = {}
    for kind in kinds:
        operating, net = pl.col(f"operating_income_{kind}_minor"), pl.col(f"net_income_{kind}_minor")
        assets = pl.col("total_assets_minor") - (pl.col("carried_over_minor") if kind == "restated" else 0)
        capital = pl.col("total_debt_minor") + pl.col(f"equity_{kind}_minor")
        out |= {
            f"gross_margin_{kind}_ppm": ppm(pl.col(f"gross_profit_{kind}_minor"), revenue),
            f"operating_margin_{kind}_ppm": ppm(operating, revenue),
            f"net_margin_{kind}_ppm": ppm(net, revenue),
            f"return_on_assets_{kind}_ppm": of_year(ppm(net, assets)),
            f"return_on_capital_{kind}_ppm": of_year(ppm(operating - _taxed(operating), capital)),
            f"interest_coverage_{kind}_ppm": ppm(operating, pl.col("interest_expense_minor")),
        }
    ebitda = pl.col("operating_income_minor") + pl.col("depreciation_and_amortization_minor")
    return frame.with_columns(**out, debt_to_ebitda_ppm=of_year(ppm(pl.col("total_debt_minor"), ebitda)))
