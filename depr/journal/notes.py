"""Changes in estimate as memoranda: the past is untouched (ASC 250-10-45-17; IAS 8.36-38), so nothing is posted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import polars as pl

from depr.balances.checked_sums import summed
from depr.books.book import Book, Policy
from depr.contract import Changes
from depr.contract.currencies import units
from depr.kernel.calendar import FiscalCalendar

KEYS = ("issuer", "period", "generation", "currency")
NOTES = (*KEYS, "lot_id", "detail", "lots")


def notes(
    lots: pl.DataFrame, events: pl.DataFrame, book: Book, changes: pl.DataFrame | None, calendar: FiscalCalendar
) -> pl.DataFrame:
    """One row a memorandum: the changes of kind estimate, and the policies of the book that meet lots in service.

    `events` are the contract.Flows other than depreciation. Lots have `shown`, their name where each gets an entry of
    its own. A policy is noted in the period from which it applies, for lots served before it and still held.
    """
    noted = [_estimates(lots, Changes.create_empty() if changes is None else changes, calendar)]
    named = calendar.numbered(lots.drop("period", strict=False), "in_service_date").rename({"period": "served"})
    for generation in named["generation"].unique().sort():
        for before, policy in _revisions(book, generation):
            met = _met(named.filter(generation=generation), events, policy, calendar)
            own = _own_lives(changes, policy, calendar)
            noted.append(_policy(met.join(own, on="lot", how="anti"), before, policy, calendar))
            noted.append(_policy(met.join(own, on="lot", how="semi"), before, policy, calendar, STANDS))
    return pl.concat(noted)


def _estimates(lots: pl.DataFrame, changes: pl.DataFrame, calendar: FiscalCalendar) -> pl.DataFrame:
    """Estimates of single lots, those of one life together."""
    estimates = calendar.numbered(changes.filter(kind="estimate"), "effective_date").join(lots, on="lot")
    revised = pl.col("new_residual_minor")
    grouped = estimates.group_by(*KEYS, "shown", "life_months").agg(
        lots=pl.col("lot").n_unique().cast(pl.Int64), of=revised.count(), residual_minor=summed("new_residual_minor")
    )
    details = [_detail(*row) for row in grouped.select("life_months", "of", "residual_minor", "currency").iter_rows()]
    named = grouped.with_columns(pl.Series("detail", details, dtype=pl.String)).rename({"shown": "lot_id"})
    return named.select(NOTES)


def _detail(life: int | None, of: int, residual: int, currency: str) -> str:
    parts = [f"useful life {life} months from the start"] if life else []
    if of:
        parts.append(f"residual value {units(residual, currency):f} {currency} in all")
    return ", ".join(parts) or "life and residual value confirmed"


def _revisions(book: Book, generation: str) -> Iterator[tuple[Policy, Policy]]:
    """Policies of a generation that follow another one, with that one."""
    track = book.track(generation)
    return pairwise(track)


STANDS = ", the life estimated for the lot stands"


def _own_lives(changes: pl.DataFrame | None, policy: Policy, calendar: FiscalCalendar) -> pl.DataFrame:
    """The lots whose own life, estimated before, stands under a policy."""
    if changes is None or policy.own_life != "stands":
        return pl.DataFrame(schema={"lot": pl.Int64})
    begins = calendar.first_day(calendar.period(policy.effective))
    before = pl.col("effective_date") < begins - timedelta(days=1)
    return changes.filter(before & pl.col("life_months").is_not_null()).select("lot").unique()


def _met(lots: pl.DataFrame, events: pl.DataFrame, policy: Policy, calendar: FiscalCalendar) -> pl.DataFrame:
    """Lots in service that are still held when a policy begins."""
    period = calendar.period(policy.effective)
    cost = events.filter(pl.col("period") < period).group_by("lot").agg(summed("cost_minor"))
    held = cost.filter(pl.col("cost_minor") > 0).select("lot")
    return lots.filter(pl.col("served") < period).join(held, on="lot", how="semi")


def _policy(
    lots: pl.DataFrame, before: Policy, policy: Policy, calendar: FiscalCalendar, besides: str = ""
) -> pl.DataFrame:
    period = calendar.period(policy.effective)
    detail = f"{_terms(policy)}, before: {_terms(before)}{besides}"
    named = lots.with_columns(period=pl.lit(period, pl.Int32), detail=pl.lit(detail), lot_id="shown")
    grouped = named.group_by(*KEYS, "lot_id", "detail").agg(lots=pl.col("lot").n_unique().cast(pl.Int64))
    return grouped.select(NOTES)


def _terms(policy: Policy) -> str:
    return f"{policy.method}, {policy.life} months, residual rate {policy.residual_rate}"
