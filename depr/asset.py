"""One asset, without a ledger: the schedule of a single purchase under options given by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from depr.book import LONGEST_LIFE_MONTHS, months, scenario
from depr.errors import refuse, unknown
from depr.estimates import estimates
from depr.forms import amount
from depr.kernel.booking import booked
from depr.kernel.calendar import LAST, FiscalCalendar
from depr.kernel.rounding import divide_half_even
from depr.kernel.schedule import schedule
from depr.restate.grain import BOUNDS, GRAINS, by_grain
from depr.schemas import CHANGE_KINDS, Changes, Lots

ROUNDINGS = ("cumulative", "per_period")
SIGNS = {"improvement": 1, "reversal": 1, "impairment": -1}
PART = re.compile(r"[0-9]{1,9}/[1-9][0-9]{0,8}")


def asset(
    cost: str,
    in_service: date,
    life: str | None = None,
    *,
    residual: str | None = None,
    currency: str = "USD",
    calendar: FiscalCalendar | None = None,
    grain: str = "month",
    rounding: str = "cumulative",
    true_up: str = "life",
    changes: Sequence[str] = (),
    **policy: Any,
) -> pl.DataFrame:
    """Schedule of one asset: period_start, period_end, depreciation, accumulated and carrying amount of each period.

    `cost` and `residual` are decimal text in units of the currency, `life` is such as 3y or 42m, `policy` are the
    other fields of depr.book.Policy (method, convention, factor, percents ...); without `residual` the policy's
    residual_rate counts. `rounding` per_period rounds each row of the grain on its own, as some ledgers do. `changes`
    are such as "2025-06-30 impairment 20000" (`change`). Amounts out in minor units; the carrying amount is cost less
    accumulated depreciation and impairment. Raises `Refused` for anything that is not in its form, a residual above
    cost, an unknown grain or rounding.
    """
    cost_minor = amount(cost, currency)
    residual_minor = None if residual is None else amount(residual, currency)
    if residual_minor is not None and residual_minor > cost_minor:
        raise refuse("asset", f"residual {residual} is above cost {cost}", do="correct one of them")
    for kind, name, known in (("grain", grain, tuple(GRAINS)), ("rounding", rounding, ROUNDINGS)):
        if name not in known:
            raise unknown(kind, name, known)
    _check_manual(policy, cost_minor - (residual_minor or 0), currency)
    calendar, book = calendar or FiscalCalendar(), scenario(None if life is None else months(life), **policy)
    lots, told = _lot(cost_minor, residual_minor, in_service, currency), _changes(changes, currency)
    segments, shares = estimates(lots, book, calendar, told)
    rows = by_grain(_schedule(segments, shares, calendar, grain, rounding, true_up), lots, calendar, grain).collect()
    kept = rows.select(*BOUNDS, "depreciation_minor", "accumulated_minor")
    return kept.with_columns(carrying_amount_minor=_held(kept, told, cost_minor) - pl.col("accumulated_minor"))


def _check_manual(policy: dict[str, Any], base_minor: int, currency: str) -> None:
    """Amounts entered by hand are taken as they are, so they must be the depreciable amount."""
    if policy.get("method") == "manual" and "amounts" in policy:
        total = sum(amount(str(each), currency) for each in policy["amounts"])
        if total != base_minor:
            what = f"amounts sum to {total} minor units, the depreciable amount is {base_minor}"
            raise refuse("manual schedule", what, "the whole amount must be charged", "correct the amounts")


def _schedule(
    segments: pl.DataFrame, shares: pl.DataFrame, calendar: FiscalCalendar, grain: str, rounding: str, true_up: str
) -> pl.LazyFrame:
    if rounding == "cumulative":
        return schedule(segments.lazy(), shares.lazy())
    first = int(segments.select(pl.col("first_period").min()).item() or 0)
    periods = calendar.frame(first, calendar.period(LAST) + LONGEST_LIFE_MONTHS)
    return booked(segments.lazy(), shares.lazy(), periods.lazy(), GRAINS[grain], true_up)


def _changes(texts: Sequence[str], currency: str) -> pl.DataFrame:
    rows = [change(text, currency) for text in texts]
    return Changes.validate(pl.DataFrame(rows), cast=True) if rows else Changes.create_empty()


def change(text: str, currency: str) -> dict[str, Any]:
    """A change in words as a row of schemas.Changes: a date, a kind, then an amount, or life= and residual=, or a part.

    "2024-01-01 opening 5000", "2025-06-30 impairment 20000", "2025-01-01 estimate life=48m residual=1000",
    "2025-03-31 partial_disposal 1/4", "2026-05-31 disposal". Raises `Refused` for anything else.
    """
    day, _, told = text.strip().partition(" ")
    kind, *rest = told.split() or [""]
    row: dict[str, Any] = {"lot": 0, "effective_date": _day(day, text), "kind": kind}
    row |= dict.fromkeys(("amount_minor", "life_months", "new_residual_minor", "part_num", "part_den"))
    if kind not in CHANGE_KINDS:
        raise unknown("change", kind, CHANGE_KINDS)
    for word in rest:
        name, _, value = word.rpartition("=")
        if name == "life":
            row["life_months"] = months(value)
        elif name == "residual":
            row["new_residual_minor"] = amount(value, currency)
        elif PART.fullmatch(word):
            row |= dict(zip(("part_num", "part_den"), map(int, word.split("/")), strict=True))
        else:
            row["amount_minor"] = amount(word, currency)
    return row


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse(
            "change", f"{whole!r} does not begin with a date", do="write 2025-06-30 impairment 20000"
        ) from None


def _held(rows: pl.DataFrame, changes: pl.DataFrame, cost_minor: int) -> pl.Series:
    """Cost less impairment at the end of each row: improvements and reversals add, disposals take their part."""
    held = []
    for end in rows["period_end"]:
        value = cost_minor
        for told in changes.filter(pl.col("effective_date") <= end).sort("effective_date").iter_rows(named=True):
            value += SIGNS.get(told["kind"], 0) * (told["amount_minor"] or 0)
            if told["kind"] == "partial_disposal" and told["effective_date"] < end:
                value -= divide_half_even(value * told["part_num"], told["part_den"])
        held.append(value)
    return pl.Series(held, dtype=pl.Int64)


def _lot(cost_minor: int, residual_minor: int | None, in_service: date, currency: str) -> pl.DataFrame:
    names = dict.fromkeys(("lot_id", "issuer", "generation"), "asset")
    values = {"lot": 0, "units": 1, "cost_minor": cost_minor, "residual_minor": residual_minor, "currency": currency}
    absent = dict.fromkeys(("cost_low_minor", "cost_high_minor", "location", "document"))
    dates = {"purchase_date": in_service, "in_service_date": in_service}
    return Lots.validate(pl.DataFrame([names | values | absent | dates]), cast=True)
