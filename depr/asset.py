"""One asset, without a ledger: the schedule of a single purchase under options given by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from depr.book import LONGEST_LIFE_MONTHS, Book, months, scenario
from depr.errors import refuse, unknown
from depr.estimates import estimates
from depr.forms import amount
from depr.kernel.booking import booked
from depr.kernel.calendar import LAST, FiscalCalendar
from depr.kernel.schedule import schedule
from depr.restate.grain import GRAINS, by_grain
from depr.schemas import Lots

ROUNDINGS = ("cumulative", "per_period")


def asset(
    cost: str,
    in_service: date,
    life: str | None = None,
    *,
    residual: str | None = None,
    currency: str = "USD",
    year_end: int = 12,
    grain: str = "month",
    rounding: str = "cumulative",
    true_up: str = "life",
    **policy: Any,
) -> pl.DataFrame:
    """Schedule of one asset by month, quarter or year: fiscal period, depreciation, accumulated, carrying amount.

    `cost` and `residual` are decimal text in units of the currency, `life` is such as 3y or 42m, `policy` are the
    other fields of depr.book.Policy (method, convention, factor, percents ...); without `residual` the policy's
    residual_rate counts. `rounding` per_period rounds each row of the grain on its own, as some ledgers do.
    Amounts out in minor units. Raises `Refused` for anything that is not in its form, a residual above cost, an
    unknown grain or rounding.
    """
    cost_minor = amount(cost, currency)
    residual_minor = None if residual is None else amount(residual, currency)
    if residual_minor is not None and residual_minor > cost_minor:
        raise refuse("asset", f"residual {residual} is above cost {cost}", do="correct one of them")
    for kind, name, known in (("grain", grain, tuple(GRAINS)), ("rounding", rounding, ROUNDINGS)):
        if name not in known:
            raise unknown(kind, name, known)
    calendar, book = FiscalCalendar(year_end), scenario(None if life is None else months(life), **policy)
    lots = _lot(cost_minor, residual_minor, in_service, currency)
    rows = by_grain(_schedule(lots, book, calendar, grain, rounding, true_up), lots, calendar, grain).collect()
    kept = rows.drop("lot_id", "issuer", "generation", "currency")
    return kept.with_columns(carrying_minor=cost_minor - pl.col("accumulated_minor"))


def _schedule(
    lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, grain: str, rounding: str, true_up: str
) -> pl.LazyFrame:
    segments, shares = (frame.lazy() for frame in estimates(lots, book, calendar))
    if rounding == "cumulative":
        return schedule(segments, shares)
    first = calendar.period(lots["in_service_date"].item())
    periods = calendar.frame(first, calendar.period(LAST) + LONGEST_LIFE_MONTHS)
    return booked(segments, shares, periods.lazy(), GRAINS[grain], true_up)


def _lot(cost_minor: int, residual_minor: int | None, in_service: date, currency: str) -> pl.DataFrame:
    names = dict.fromkeys(("lot_id", "issuer", "generation"), "asset")
    values = {"lot": 0, "units": 1, "cost_minor": cost_minor, "residual_minor": residual_minor, "currency": currency}
    absent = dict.fromkeys(("cost_low_minor", "cost_high_minor", "location", "document"))
    dates = {"purchase_date": in_service, "in_service_date": in_service}
    return Lots.validate(pl.DataFrame([names | values | absent | dates]), cast=True)
