"""One charge of one lot, derived line by line from its inputs, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from depr.book import Book, Policy
from depr.errors import refuse
from depr.forms import currencies
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import METHODS
from depr.kernel.rounding import divide_half_even
from depr.pipeline import estimated
from depr.schemas import CHANGE_KINDS

Row = dict[str, Any]
MIDDLE = 15


def explain(
    lot: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    year: int,
    month: int,
    source: str,
    events: pl.DataFrame | None = None,
) -> list[str]:
    """At most ten lines that derive the charge of a lot (schemas.Lots, one row) in a month, each input with its source.

    `source` says where the ledger has the purchase from, `events` are what befell it. Raises `Refused` when the lot is
    not charged in that month.
    """
    segments, shares, _ = estimated(lot, book, calendar, events)
    period = calendar.period(date(year, month, MIDDLE))
    charged = (pl.col("first_period") + pl.col("step") == period) & (pl.col("last_period").fill_null(period) >= period)
    here = segments.join(shares, on="share_id").filter(charged)
    if here.is_empty():
        what = f"nothing is charged in {year}-{month:02}"
        raise refuse("explain", what, do="choose a month between the date of service and the end of the life")
    bought = lot.row(0, named=True)
    policy = _policy(book, bought["generation"], calendar.last_day(period))
    told = [] if events is None else _befell(events, bought["lot_id"], calendar.last_day(period))
    return list(_lines(bought, book.id, policy, here.row(0, named=True), source, f"{year}-{month:02}", told))


def _befell(events: pl.DataFrame, lot_id: str, day: date) -> list[str]:
    """What befell a lot by a day, in words."""
    kinds = pl.col("kind").is_in(CHANGE_KINDS) & (pl.col("lot_id") == lot_id) & (pl.col("effective_date") <= day)
    return [f"{e['kind']} of {e['effective_date']} (event {e['seq']})" for e in events.filter(kinds).to_dicts()]


def _lines(
    lot: Row, book: str, policy: Policy, row: Row, source: str, month: str, told: Sequence[str]
) -> Iterator[str]:
    def money(minor: int) -> str:
        return f"{Decimal(minor).scaleb(1 - len(str(currencies()[lot['currency']]))):,}"

    base, opening = row["base_minor"], row["opening_minor"]
    before, after = (Fraction(row[name], row["den"]) for name in ("num_before", "num"))
    was, now = (opening + divide_half_even(base * row[name], row["den"]) for name in ("num_before", "num"))
    method = METHODS[policy.method]
    yield f"lot {lot['lot_id']}: cost {money(lot['cost_minor'])} {lot['currency']}  [{source}]"
    yield f"placed in service {lot['in_service_date']}: {policy.convention}, {CONVENTIONS[policy.convention].formula}"
    yield f"book {book}: {policy.method}, useful life {policy.life} months  [{policy.source}]"
    yield f"method: {method.formula}  [{method.source}]"
    if told:
        yield f"since then: {', '.join(told)}"
    less = "impairment, disposals and residual value" if told else "residual value"
    yield f"to depreciate: {money(base)} = cost less {less}, less {money(opening)} accumulated before it"
    yield f"{month} is month {row['step'] + 1} of the estimate: share used up {before} before, {after} after"
    yield f"accumulated before: {money(opening)} + {money(base)} x {before} = {money(was)}, rounded half to even"
    yield f"accumulated after: {money(opening)} + {money(base)} x {after} = {money(now)}, rounded half to even"
    yield f"depreciation of {month}: {money(now)} - {money(was)} = {money(now - was)}"


def _policy(book: Book, generation: str, day: date) -> Policy:
    """The policy of a generation in force on a day."""
    track = book.track(generation)
    begun = [policy for policy in track if policy.effective <= day]
    return begun[-1] if begun else track[0]
