"""The table of the backtest: every column, and nothing that moves a figure outside of it."""

from __future__ import annotations

import dataframely as dy

from depr.contract.columns import day, doc, integer, money, per_share, ppm, text

SAMPLES = ("carrying", "none", "out", "in")
"""How a prediction came about.

carrying: the disclosed carrying amount over the remaining lives; nothing is free. none: inferred vintages under the
stated lives, no disclosed effect used. out: the same times one scale, taken from another disclosure of the issuer.
in: the same times the median scale of all disclosures of the issuer, its own among them.
"""


def _flag(meaning: str) -> dy.Bool:
    return dy.Bool(nullable=True, metadata=doc("yes or no", meaning))


class Backtest(dy.Schema):
    """One prediction of one disclosed effect."""

    case_id = text("case of the disclosure")
    company = text("filer")
    issuer = text("ticker")
    asset_class = text("assets whose life changed, as disclosed")
    scope = text("A carried at the date, B and additions of the period, C named assets, or not stated")
    effective_date = day("when the change takes effect", nullable=True)
    period = text("fiscal period, as disclosed")
    period_start = day("first day of the period", nullable=True)
    period_end = day("last day of the period", nullable=True)
    guided = _flag("whether the figure was guidance")
    old_life_months = integer(
        "useful life before (remaining life where the carrying amount is disclosed)", nullable=True
    )
    new_life_months = integer(
        "useful life after (remaining life where the carrying amount is disclosed)", nullable=True
    )
    sample_ = text("carrying, none, out or in", alias="sample", regex="^(" + "|".join(SAMPLES) + ")$")
    calibrated_on = text("disclosure from which the scale comes", nullable=True)
    same_change = _flag("whether that disclosure is of the same change of life")
    sourced_base = _flag("whether the asset base of the class is sourced")
    measure = text("what is compared: depreciation, operating_income (its opposite) or net_income", nullable=True)
    carrying_minor = money("carrying amount at the date: disclosed, or of the inferred vintages", nullable=True)
    without_minor = money("modelled depreciation of the period without the change", nullable=True)
    scale_ppm = ppm("disclosed over modelled effect of the calibrating disclosure; a million where nothing is free")
    model_minor = money("modelled effect on depreciation; on net income where only that is disclosed", nullable=True)
    model_low_minor = money("low end of the modelled effect", nullable=True)
    model_high_minor = money("high end of the modelled effect", nullable=True)
    disclosed_minor = money("disclosed effect on the same measure", nullable=True)
    error_minor = money("modelled less disclosed", nullable=True)
    relative_error_ppm = ppm("size of the error over size of the disclosed effect")
    allowed_minor = money(
        "half the last digit of the disclosure, and what the rounding of its inputs adds", nullable=True
    )
    within_rounding = _flag("whether the error is within it")
    within_range = _flag("whether the disclosed effect, to its rounding, lies between the low and the high end")
    tax_rate_ppm = ppm("tax on the effect")
    tax_basis = text("where the tax rate comes from", nullable=True)
    model_net_income_minor = money("modelled effect on net income", nullable=True)
    disclosed_net_income_minor = money("disclosed effect on net income", nullable=True)
    net_income_error_ppm = ppm("size of its error over its size")
    split_factor = integer("shares of the statements in one share of the disclosure", nullable=True)
    model_eps_micro = per_share("modelled effect on diluted earnings per share (basic where only that is disclosed)")
    disclosed_eps_micro = per_share("disclosed effect on the same earnings per share")
    eps_error_micro = per_share("modelled less disclosed")
    inputs = text("what the prediction uses")
    free = text("what of it was free, and how it was fixed")
    why = text("why a figure is blank, or disagrees", nullable=True)
    source = text("source of the disclosure", nullable=True)
