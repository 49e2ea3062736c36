"""One asset, without a ledger: the schedule of a single purchase under options given by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from depr.balances.grain import BOUNDS, GRAINS, by_grain
from depr.books.book import EXACT, LONGEST_LIFE_MONTHS, months, scenario
from depr.books.estimates import estimates
from depr.contract import Lots
from depr.errors import refuse, unknown
from depr.intake.forms import amount
from depr.kernel.booking import booked
from depr.kernel.calendar import LAST, FiscalCalendar, last_day
from depr.kernel.curves import METHODS, MONTHS_PER_YEAR
from depr.kernel.schedule import schedule
from depr.rows.accounts import Account
from depr.rows.asset_changes import changes_of, check_recognised, check_story
from depr.rows.clocks import ROW_CLOCKS
from depr.rows.rows import PERCENT_OF_COST, WALKED, Booking, changed, disposed, rows, with_rate

ROUNDINGS = ("cumulative", "per_period")
SIGNS = {"improvement": 1, "reversal": 1, "impairment": -1}
ROW_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
IN_ROWS = ("opening", *SIGNS, "estimate", "disposal")
"""Changes that rows can be booked with."""

SHARED = ("day_count", "switch", "residual_as", "rounding", "true_up")
"""Options of rows that are given elsewhere by the same name."""

OWN = ("rate_percent", "first_row", "first_year_part", "opening_rows")
TERMS = ("method", "convention", *SHARED[:3], "factor", "percents", *OWN)
"""What rows take beside their options."""

LIFELONG = ("straight_line", "sum_of_years_digits")
"""Methods of rows that are nothing without a life; the others end by their rate or their percentages."""

DECLINING = ("declining_balance",)
UNITS = ("units_of_production",)
READ_BY = dict.fromkeys(("factor", "switch", "residual_as"), DECLINING) | {
    "reset": (*DECLINING, "sum_of_years_digits"),
    "rate_percent": (*DECLINING, PERCENT_OF_COST.name),
    "first_year_part": (PERCENT_OF_COST.name,),
    "percents": ("table", "macrs"),
    "usage": UNITS,
    "total_usage": UNITS,
    "prices": ("economic",),
    "amounts": ("manual",),
    "convention": tuple(METHODS),
}
"""Options that only some methods read."""

AMOUNTS = ("depreciation_minor", "accumulated_minor")
ACCUMULATED = pl.col("accumulated_minor")


def asset(
    cost: str,
    in_service: date,
    life: str | None = None,
    *,
    residual: str | None = None,
    currency: str = "USD",
    calendar: FiscalCalendar | None = None,
    grain: str = "month",
    rounding: str | None = None,
    true_up: str | None = None,
    changes: Sequence[str] = (),
    booking: Mapping[str, Any] | None = None,
    **policy: Any,
) -> pl.DataFrame:
    """Schedule of one asset: period_start, period_end, depreciation, accumulated and carrying amount of each period.

    `cost` and `residual` are decimal text in units of the currency, `life` is such as 3y or 42m, `policy` are the
    other fields of depr.books.book.Policy (method, convention, factor, percents ...); without `residual` the policy's
    residual_rate counts. `rounding` is cumulative, or per_period, which rounds each row of the grain on its own, as
    some ledgers do, and makes it good by `true_up`. `changes` are such as "2025-06-30 impairment 20000" (`change`).

    With `booking`, a row clock as convention or percent_of_cost as method the asset is booked row by row as a ledger
    would (depr/rows/rows.py): `booking` holds options of depr.rows.rows.Booking by name; `rate_percent` is the
    yearly rate of a declining method, else factor / years, the factor being 2; `first_row` the date of a first row
    set apart; `first_year_part` the weight of the first year of percent_of_cost; `opening_rows` how many rows were
    booked elsewhere. The grain may then be half_year.

    Amounts out in minor units; the carrying amount is cost less accumulated depreciation and impairment. Raises
    `Refused` for anything that is not in its form, a residual above cost, an unknown grain, rounding or option.
    """
    cost_minor = amount(cost, currency)
    residual_minor = None if residual is None else amount(residual, currency)
    if residual_minor is not None and residual_minor > cost_minor:
        raise refuse("asset", f"residual {residual} is above cost {cost}", do="correct one of them")
    calendar = calendar or FiscalCalendar()
    happened = changes_of(changes, currency)
    check_story(happened, cost_minor, residual_minor, in_service, currency)
    life_months = None if life is None else months(life)
    made_good = {"rounding": rounding, "true_up": true_up}
    if booking is not None or policy.get("convention") in ROW_CLOCKS or policy.get("method") == PERCENT_OF_COST.name:
        options = _booking(booking or {}, policy | made_good)
        account = _account(cost_minor, residual_minor or 0, in_service, life_months, calendar, grain, policy)
        kept = _rows(account, options, happened)
    else:
        _check_names(grain, rounding)
        _check_read(policy.get("method", "straight_line"), policy)
        if "day_count" in policy and policy.get("convention") != "daily":
            raise refuse("asset", "day_count is how the convention daily counts", do="add --convention daily")
        _check_manual(policy, cost_minor - (residual_minor or 0), currency)
        lots = _lot(cost_minor, residual_minor, in_service, currency)
        book = scenario(life_months, **policy)
        segments, shares, moved = estimates(lots, book, calendar, happened)
        check_recognised(happened, moved, currency)
        charges = _schedule(segments, shares, calendar, grain, rounding or "cumulative", true_up or "life")
        kept = by_grain(charges, lots, calendar, grain).select(*BOUNDS, *AMOUNTS).collect()
        return kept.with_columns(carrying_amount_minor=_moved(kept, moved, calendar, cost_minor) - ACCUMULATED)
    return kept.with_columns(carrying_amount_minor=_held(kept, happened, cost_minor) - ACCUMULATED)


def _check_names(grain: str, rounding: str | None) -> None:
    for kind, name, known in (("grain", grain, GRAINS), ("rounding", rounding or "cumulative", ROUNDINGS)):
        if name not in known:
            raise unknown(kind, name, known)


def _booking(options: Mapping[str, Any], given: Mapping[str, Any]) -> Booking:
    """The options of rows: those by name, then what is given under the names of a policy."""
    named = {"clock": given.get("convention")} | {name: given.get(name) for name in SHARED}
    said = {name: value for name, value in named.items() if value is not None}
    return Booking.of({"rate_rule": "double", **options, **said})


def _account(
    cost_minor: int,
    residual_minor: int,
    in_service: date,
    life_months: int | None,
    calendar: FiscalCalendar,
    grain: str,
    policy: Mapping[str, Any],
) -> Account:
    """The asset as a ledger of rows holds it. Raises `Refused` for what rows do not know."""
    if strange := [name for name in policy if name not in TERMS]:
        raise unknown("option of rows", strange[0], TERMS)
    if grain not in ROW_MONTHS:
        raise unknown("grain", grain, ROW_MONTHS)
    if calendar.weeks:
        raise refuse("asset", "rows follow months, not weeks", do="leave out the weeks, or book by period")
    method = policy.get("method", "straight_line")
    _check_read(method, policy)
    if life_months is None and method in LIFELONG:
        raise refuse("asset", f"{method} has no life to be charged over", do="add --life 5y")
    unending = life_months is None or method in WALKED  # they last as long as their percentages
    life = None if unending else Fraction(life_months or 0)
    return Account(
        method=method,
        cost_minor=cost_minor,
        residual_minor=residual_minor,
        life_months=life,
        in_service=in_service,
        row_months=ROW_MONTHS[grain],
        year_end=(calendar.year_end_month, last_day(calendar.year_end_month - 1).day),
        first_row=policy.get("first_row"),
        rate=_rate(policy, life),
        first_year_part=_exact("first_year_part", policy.get("first_year_part", 1)),
        percents=_percents(policy),
        opening_rows=policy.get("opening_rows", 0),
    )


def _check_read(method: str, policy: Mapping[str, Any]) -> None:
    """Refuse a term that the method does not read, or one that another term goes before."""
    strange = [name for name, methods in READ_BY.items() if name in policy and method not in methods]
    if strange and method in (*METHODS, PERCENT_OF_COST.name):
        what = f"{method} takes no {strange[0]}"
        raise refuse("asset", what, "it would change no figure, and nothing is dropped unseen", "leave it out")
    if "rate_percent" in policy and "factor" in policy:
        raise refuse("asset", "rate_percent and factor are both a yearly rate", do="give one of them")


def _rate(policy: Mapping[str, Any], life: Fraction | None) -> Fraction | None:
    """Yearly rate: the one given, or factor / years."""
    if "rate_percent" in policy:
        return _exact("rate_percent", policy["rate_percent"]) / 100
    if "factor" not in policy or life is None:
        return None
    return _exact("factor", policy["factor"]) * MONTHS_PER_YEAR / life


def _exact(name: str, value: Any) -> Fraction:
    if not EXACT.fullmatch(str(value)):
        raise refuse("asset", f"{name} {value!r} is not a number", do="write digits as in 66.667, or a fraction as 2/3")
    return Fraction(str(value))


def _percents(policy: Mapping[str, Any]) -> tuple[Fraction, ...]:
    """The percentages of a table booked by rows: at most the whole, since a ledger may charge the rest at the end."""
    shares = tuple(_exact("percents", share) for share in policy.get("percents", ()))
    total = sum(shares, Fraction(0))
    if policy.get("method") == "table" and (total > WHOLE or min(shares, default=Fraction(-1)) < 0):
        what = f"percentages {', '.join(map(str, shares)) or 'are missing'}"
        raise refuse("table", what, "no charge is negative, and no more than the whole is charged", "correct them")
    return shares


WHOLE = 100


def _rows(account: Account, booking: Booking, happened: pl.DataFrame) -> pl.DataFrame:
    """The asset booked row by row with what befalls it, in order of date."""
    events = list(happened.sort("effective_date", maintain_order=True).iter_rows(named=True))
    _check_events(account, events)
    account = with_rate(account, booking)
    for event in events:
        if event["kind"] == "opening":
            account = replace(account, opening_minor=event["amount_minor"], opening_date=event["effective_date"])
    table = rows(account, booking)
    gone = None
    for event in events:
        if event["kind"] == "disposal":
            gone = gone or event["effective_date"]
        elif event["kind"] != "opening" and not gone:
            after = _changed(account, event)
            kept = [row for row in table if row.ends <= event["effective_date"]]
            table = changed(account, booking, after, kept)
            account = after
    if gone:
        table = disposed(account, booking, table, gone)
    columns = dict.fromkeys(BOUNDS, pl.Date) | dict.fromkeys(AMOUNTS, pl.Int64)
    values = [(row.opens, row.ends, row.depreciation_minor, row.accumulated_minor) for row in table]
    return pl.DataFrame(values, columns, orient="row")


def _check_events(account: Account, events: Sequence[Mapping[str, Any]]) -> None:
    for event in events:
        kind = event["kind"]
        day = event["effective_date"]
        if kind not in IN_ROWS:
            raise unknown("change of rows", kind, IN_ROWS)
        if day < account.in_service:
            raise refuse("change", f"{kind} of {day}: it was placed in service on {account.in_service}")
        if kind in ("opening", *SIGNS) and event["amount_minor"] is None:
            raise refuse("change", f"{kind} of {day}: amount is missing", do="write 2025-06-30 impairment 20000")


def _changed(account: Account, event: Mapping[str, Any]) -> Account:
    """The asset after a change. Raises `Refused` for a residual value above what it then costs."""
    life = event["life_months"]
    residual = event["new_residual_minor"]
    after = replace(
        account,
        cost_minor=account.cost_minor + SIGNS.get(event["kind"], 0) * (event["amount_minor"] or 0),
        life_months=account.life_months if life is None else Fraction(life),
        residual_minor=account.residual_minor if residual is None else residual,
    )
    if after.base_minor < 0:
        raise refuse("change", f"{event['kind']} of {event['effective_date']}: the residual value is above cost")
    return after


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
        return schedule(segments, shares)
    first = int(segments.select(pl.col("first_period").min()).item() or 0)
    periods = calendar.frame(first, calendar.period(LAST) + LONGEST_LIFE_MONTHS)
    return booked(segments.lazy(), shares.lazy(), periods.lazy(), GRAINS[grain], true_up)


def _moved(rows: pl.DataFrame, moved: pl.DataFrame, calendar: FiscalCalendar, cost_minor: int) -> pl.Series:
    """Cost less impairment at the end of each row; a disposal leaves the last row as it was."""
    kept = moved.filter(pl.col("kind") != "disposal").select(
        "period", net=pl.col("cost_minor") - pl.col("impairment_minor")
    )
    ends = [calendar.period(end) for end in rows["period_end"]]
    held = [cost_minor + kept.filter(pl.col("period") <= end)["net"].sum() for end in ends]
    return pl.Series(held, dtype=pl.Int64)


def _held(rows: pl.DataFrame, changes: pl.DataFrame, cost_minor: int) -> pl.Series:
    """Cost less impairment at the end of each row that is booked as a row: improvements and reversals add."""
    held = []
    for end in rows["period_end"]:
        moved = changes.filter(pl.col("effective_date") <= end).select("kind", "amount_minor").iter_rows()
        held.append(cost_minor + sum(SIGNS.get(kind, 0) * (minor or 0) for kind, minor in moved))
    return pl.Series(held, dtype=pl.Int64)


def _lot(cost_minor: int, residual_minor: int | None, in_service: date, currency: str) -> pl.DataFrame:
    names = dict.fromkeys(("lot_id", "issuer", "generation"), "asset")
    values = {"lot": 0, "units": 1, "cost_minor": cost_minor, "residual_minor": residual_minor, "currency": currency}
    absent = dict.fromkeys(("cost_low_minor", "cost_high_minor", "location", "document"))
    dates = {"purchase_date": in_service, "in_service_date": in_service}
    return Lots.validate(pl.DataFrame([names | values | absent | dates]), cast=True)
