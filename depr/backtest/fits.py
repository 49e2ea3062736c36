"""Parametric lives: Weibull and lognormal, fitted by lifelines where it is installed (the extra `survival`).

lifelines is imported only when a fit is asked for: the rest of the package does without it.
Fits are analysis: floating point, rounded to whole days at once, and never near a ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, gamma
from typing import Any

import polars as pl

from depr.errors import refuse, unknown

MODELS = {"weibull": ("WeibullFitter", ("lambda_", "rho_")), "lognormal": ("LogNormalFitter", ("mu_", "sigma_"))}


@dataclass(frozen=True)
class Fit:
    """A fitted distribution of lives in days.

    weibull: S(t) = exp(-(t / lambda)^rho). lognormal: log of life is normal with mean mu and deviation sigma.
    `log_likelihood` compares fits to the same lives: the greater is the closer.
    """

    model: str
    parameters: dict[str, float]
    average_life_days: int
    median_life_days: int
    log_likelihood: float


def fit(aged: pl.DataFrame, model: str) -> Fit:
    """What survival.ages gives, with delayed entry and units as weights -> a fit.

    Raises `Refused` for an unknown model, without lifelines, for a life of no days, and where no unit retired.
    """
    if model not in MODELS:
        raise unknown("model", model, MODELS)
    if aged.filter("retired").is_empty():
        raise refuse("lives", "no unit retired", "a distribution of lives cannot be fitted to survivors alone")
    fitters = _lifelines()
    (fitter, names) = MODELS[model]
    fitted: Any = getattr(fitters, fitter)()
    columns = {name: aged[name].cast(pl.Float64).to_numpy() for name in ("duration_days", "entry_days", "units")}
    fitted.fit(
        columns["duration_days"],
        event_observed=aged["retired"].cast(pl.Int64).to_numpy(),
        entry=columns["entry_days"],
        weights=columns["units"],
    )
    parameters = {name.rstrip("_"): float(getattr(fitted, name)) for name in names}
    average = _average(model, parameters)
    median = round(float(fitted.median_survival_time_))
    return Fit(model, parameters, average, median, float(fitted.log_likelihood_))


def _average(model: str, parameters: dict[str, float]) -> int:
    """Mean of the distribution: lambda Gamma(1 + 1 / rho); exp(mu + sigma^2 / 2)."""
    if model == "weibull":
        return round(parameters["lambda"] * gamma(1 + 1 / parameters["rho"]))
    return round(exp(parameters["mu"] + parameters["sigma"] ** 2 / 2))


def _lifelines() -> Any:
    try:
        import lifelines
    except ImportError:
        raise refuse("lifelines", "is not installed: install depr[survival]") from None
    return lifelines
