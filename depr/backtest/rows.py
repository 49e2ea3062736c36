"""A prediction and what was disclosed, side by side: one row of the backtest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from depr.backtest.disclosures import Amount, Disclosure
from depr.backtest.life_changes import Range
from depr.books.issuers import Issuer
from depr.contract.currencies import currencies
from depr.kernel.calendar import first_day, last_day

PPM = 10**6
MINOR_PER_UNIT = currencies()["USD"]
"""What is disclosed is in US dollars."""
Shares = tuple[int | None, int | None]


@dataclass(frozen=True)
class Prediction:
    """The modelled effect on the measure of a disclosure, what it rests on, or why there is none."""

    disclosure: Disclosure
    sample: str
    effect: Range | None = None
    why: str = ""
    scale: Fraction = Fraction(1)
    calibrator: Disclosure | None = None
    unscaled: int | None = None
    rounding: int = 0
    carrying: int | None = None
    without: int | None = None
    lives: tuple[int, int] | None = None
    sourced: bool = False
    inputs: str = ""

    @property
    def free(self) -> str:
        """What was fitted, in words."""
        if self.sample == "out" and self.calibrator:
            return f"scale: disclosed over modelled effect of {self.calibrator.name}"
        return "scale: median over the issuer's disclosures, this one among them" if self.sample == "in" else "nothing"


def compared(disclosure: Disclosure) -> Amount | None:
    """The disclosed effect on the measure of a disclosure."""
    return (
        disclosure.amounts.get("net_income_effect") if disclosure.measure == "net_income" else disclosure.depreciation
    )


def row(made: Prediction, issuers: Mapping[str, Issuer], shares: Shares) -> dict[str, Any]:
    """One row of the table (Backtest)."""
    disclosure = made.disclosure
    window = made.disclosure.window
    rate, basis = _tax(made, issuers)
    return {
        **_names(made),
        "period_start": first_day(window.first) if window else None,
        "period_end": last_day(window.last) if window else None,
        "guided": window.guided if window else None,
        **_errors(made),
        "tax_rate_ppm": None if rate is None else round(rate * PPM),
        "tax_basis": basis or None,
        **_earnings(made, rate, shares),
        "why": _why(made),
        "source": disclosure.source or None,
    }


def _names(made: Prediction) -> dict[str, Any]:
    disclosure = made.disclosure
    other = made.calibrator
    lives = made.lives or (None, None)
    return {
        "case_id": disclosure.case_id,
        "company": disclosure.company,
        "issuer": disclosure.issuer,
        "asset_class": disclosure.asset_class,
        "scope": disclosure.scope,
        "effective_date": disclosure.effective,
        "period": disclosure.period,
        "old_life_months": lives[0],
        "new_life_months": lives[1],
        "sample": made.sample,
        "calibrated_on": other.name if other else None,
        "same_change": other.case_id == disclosure.case_id if other else None,
        "sourced_base": made.sourced,
        "measure": disclosure.measure or None,
        "carrying_minor": made.carrying,
        "without_minor": made.without,
        "scale_ppm": None if made.effect is None else round(abs(made.scale) * PPM),
        "inputs": made.inputs,
        "free": made.free,
    }


def _errors(made: Prediction) -> dict[str, Any]:
    effect = made.effect
    known = compared(made.disclosure)
    low, mid, high = effect or (None, None, None)
    out: dict[str, Any] = {"model_minor": mid, "model_low_minor": low, "model_high_minor": high}
    out["disclosed_minor"] = known.value if known else None
    if known is None or effect is None:
        return out
    error = effect.mid - known.value
    allowed = known.half + made.rounding
    inside = effect.low - known.half <= known.value <= effect.high + known.half
    return out | {
        "error_minor": error,
        "relative_error_ppm": _ppm(error, known.value),
        "allowed_minor": allowed,
        "within_rounding": inside if made.sample == "carrying" else abs(error) <= allowed,
        "within_range": inside,
    }


def _ppm(error: int, value: int) -> int | None:
    return round(Fraction(abs(error) * PPM, abs(value))) if value else None


def _why(made: Prediction) -> str | None:
    if made.why or made.effect is None:
        return made.why or None
    if compared(made.disclosure) is None:
        return "no effect is disclosed to compare with"
    charge, income = (made.disclosure.amounts.get(f"{name}_effect") for name in ("depreciation", "operating_income"))
    if charge and income and abs(charge.value + income.value) > charge.half + income.half:
        return f"depreciation and operating income differ by {charge.value + income.value} minor units"
    return None


def _tax(made: Prediction, issuers: Mapping[str, Issuer]) -> tuple[Fraction | None, str]:
    """The rate implied by the calibrating disclosure, else the statutory one; none where neither is known."""
    disclosure = made.disclosure
    other = made.calibrator
    if made.effect is None or disclosure.window is None or disclosure.measure == "net_income":
        return None, ""
    if other and (income := other.amounts.get("net_income_effect")) and (charge := other.depreciation):
        return 1 - Fraction(income.value, -charge.value), f"implied by {other.name}"
    if disclosure.issuer not in issuers:
        return None, ""
    return issuers[disclosure.issuer].tax(last_day(disclosure.window.last), "statutory").rate, "statutory"


def _earnings(made: Prediction, rate: Fraction | None, shares: Shares) -> dict[str, Any]:
    disclosure = made.disclosure
    given = made.disclosure.amounts
    income = given.get("net_income_effect")
    on_income = made.effect.mid if made.effect and disclosure.measure == "net_income" else None
    if made.effect and rate is not None:
        on_income = round(-made.effect.mid * (1 - rate))
    kind = 1 if given.get("eps_diluted_effect") or not given.get("eps_basic_effect") else 0
    eps = given.get(("eps_basic_effect", "eps_diluted_effect")[kind])
    count = shares[kind]
    factor = _split(income, eps, count)
    per_share = None
    if on_income is not None and count and factor:
        per_share = round(Fraction(on_income * PPM * factor, count * MINOR_PER_UNIT))
    return {
        "model_net_income_minor": on_income,
        "disclosed_net_income_minor": income.value if income else None,
        "net_income_error_ppm": None
        if on_income is None or income is None
        else _ppm(on_income - income.value, income.value),
        "split_factor": factor if per_share is not None else None,
        "model_eps_micro": per_share,
        "disclosed_eps_micro": eps.value if eps else None,
        "eps_error_micro": per_share - eps.value if per_share is not None and eps else None,
    }


def _split(income: Amount | None, eps: Amount | None, count: int | None) -> int | None:
    """Shares of the statements in one of the disclosure: a whole number, read off disclosed income over disclosed EPS.

    One where either is missing: then both are on the basis of the statements.
    """
    if not count:
        return None
    if not (income and eps and income.value and eps.value):
        return 1
    disclosed = Fraction(income.value * PPM, eps.value * MINOR_PER_UNIT)
    return max(round(count / disclosed), 1)
