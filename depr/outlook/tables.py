"""The tables of a projection: every row names its scenario and its seed, and says that it is analysis."""

from __future__ import annotations

import dataframely as dy

from depr.contract.columns import doc, integer, money, per_share, ppm, text
from depr.outlook.scenario import STANDING, Scenario


def marks(scenario: Scenario) -> dict[str, str | int]:
    """What every row begins with."""
    return {"scenario": scenario.id, "seed": scenario.seed, "mode": scenario.mode, "standing": STANDING}


class _Marked(dy.Schema):
    scenario = text("scenario the figures follow from")
    seed = integer("seed of the scenario's draws", min=0)
    mode = text("as_if: the other life always applied; prospective: from the date of the change")
    standing = text("what the figures are")


def _year() -> dy.Int64:
    return dy.Int64(nullable=True, metadata=doc("year", "year; null for all years of the scenario together"))


class Spending(_Marked):
    """Capital expenditure that the purchases follow from."""

    issuer = text("ticker")
    fiscal_year = integer("fiscal year", unit="year")
    low_minor = money("low end")
    mid_minor = money("middle")
    high_minor = money("high end")
    basis = text("reported, stated by the scenario, or grown from the year before")
    sourced = dy.Bool(nullable=False, metadata=doc("yes or no", "whether the figure itself is sourced"))
    source = text("where it comes from, or why it is assumed")


class Projected(_Marked):
    """Depreciation under both books, and what the difference does to earnings."""

    issuer = text("ticker, or all")
    basis = text("calendar or fiscal years")
    year = _year()
    reported_minor = money("depreciation of the projected fleet under the reported book")
    alternative_minor = money("the same under the alternative lives")
    understatement_minor = money("alternative less reported: positive when reported depreciation is too low")
    tax_rate_ppm = ppm("tax rate assumed on the understatement")
    net_income_effect_minor = money("understatement less its tax, as it moves net income")
    diluted_shares = integer("last reported diluted shares, taken to stay", unit="shares", nullable=True)
    eps_effect_micro = per_share("effect on diluted earnings per share; null for all issuers or all years")


class Drawn(_Marked):
    """What the draws give: the smallest value that at least the stated share of them does not exceed."""

    draws = integer("number of draws", min=1)
    issuer = text("ticker, or all")
    basis = text("calendar or fiscal years")
    year = _year()
    measure = text("understatement_minor or eps_effect_micro, in its unit")
    quantile_ppm = integer("share of the draws", unit="parts per million")
    value = integer("value of the draw at that place", unit="of the measure")


class Tornado(_Marked):
    """One assumption at its low and its high end, all others at their value; the widest swing first."""

    assumption = text("key of the assumption")
    unit = text("unit of the assumption")
    low = text("low end")
    value_ = text("value", alias="value")
    high = text("high end")
    issuer = text("ticker, or all")
    basis = text("calendar or fiscal years")
    year = _year()
    measure = text("understatement_minor or eps_effect_micro, in its unit")
    at_low = integer("measure at the low end", unit="of the measure")
    at_value = integer("measure at the value", unit="of the measure")
    at_high = integer("measure at the high end", unit="of the measure")
    swing = integer("size of the difference between the ends", unit="of the measure", min=0)


class Surface(_Marked):
    """What a claim is compared with at every life and server share, and what each of these would need of the rest."""

    claim_id = text("claim")
    basis = text("calendar or fiscal years")
    capex_position_ppm = integer("where capital expenditure lies: low end -1, middle 0, high end 1", unit="ppm")
    life_months = integer("alternative life", unit="months")
    server_share_ppm = integer("share of capital expenditure that goes to servers", unit="ppm")
    understatement_minor = money("understatement of the claim's issuers and years")
    target_minor = money("understatement that the claim amounts to; null where that is not known", nullable=True)
    spending_needed_ppm = ppm("projected spending that would reproduce the target, over the scenario's; null if none")
    earnings_needed_minor = money(
        "reported net income of which the claim is true, measured on restated earnings", nullable=True
    )
    earnings_needed_of_reported_minor = money("the same, measured on reported earnings", nullable=True)
    eps_needed_micro = per_share("earnings_needed over the last reported diluted shares")


class LevelSet(_Marked):
    """The server share at which a life reproduces a claim: the line of the surface at the height of the claim."""

    claim_id = text("claim")
    basis = text("calendar or fiscal years")
    capex_position_ppm = integer("where capital expenditure lies: low end -1, middle 0, high end 1", unit="ppm")
    life_months = integer("alternative life", unit="months")
    server_share_ppm = ppm("share of capital expenditure that goes to servers; null where none does")
    understatement_minor = money("understatement at that share, computed and not interpolated", nullable=True)
    target_minor = money("understatement that the claim amounts to", nullable=True)
    error_minor = money("understatement less target", nullable=True)
    why = text("why there is no share", nullable=True)


class Reconstruction(_Marked):
    """A public claim beside what its own inputs, or a scenario, give; amounts in millionths of the claim's unit."""

    claim_id = text("claim")
    author = text("who made it")
    date = text("when, as printed")
    subject = text("of whom")
    claim = text("what is claimed")
    unit = text("unit of the claim", nullable=True)
    claimed_low_micro = integer("claimed value, low end of a range", nullable=True)
    claimed_high_micro = integer("claimed value, high end of a range", nullable=True)
    basis = text("own inputs, or the scenario", nullable=True)
    model_micro = integer("what comes out", nullable=True)
    model_low_micro = integer("5th percentile of the scenario's draws", nullable=True)
    model_high_micro = integer("95th percentile of the scenario's draws", nullable=True)
    difference_micro = integer("what comes out less the claim; from the nearer end of a range", nullable=True)
    reproduced = dy.Bool(
        nullable=True,
        metadata=doc(
            "yes or no", "whether it equals the claim to the digit in which the claim is given; null: unknown"
        ),
    )
    not_known = text("inputs that are not known", nullable=True)
    source = text("where the claim is found")
