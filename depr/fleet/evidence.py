"""How long GPUs last, beside the lives of a book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl

from depr.errors import Finding
from depr.evidence import survival
from depr.evidence.retirements import retirement_lives
from depr.fleet.arguments import Life
from depr.intake import find_book
from depr.ledger.known import known
from depr.ledger.positions import lived


def lives(
    ledger: Path | None = None,
    *,
    book: Life | None = None,
    since: str = "service_launch",
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
) -> tuple[pl.DataFrame, Sequence[Finding]]:
    """How long GPUs stay in use, by generation (survival.BY_GENERATION), against the lives of a book.

    From retirements that clouds announced, or from what a ledger itself holds and disposed of. Raises `Refused`.
    """
    if ledger is None:
        observed, _ = retirement_lives(since=since)
    else:
        facts = known(ledger, as_of, known_at)
        last = as_of or facts.events.select(pl.col("effective_date").max()).item()
        observed = lived(facts.events, last)
    aged, found = survival.ages(observed)
    chosen = find_book(book, schedules) if book else None
    generations = observed["generation"].unique().drop_nulls()
    policies = {name: chosen.track(name)[-1] for name in generations if chosen and chosen.track(name)}
    months = {name: policy.life_months for name, policy in policies.items() if policy.life_months}
    return survival.by_generation(aged, months), found
