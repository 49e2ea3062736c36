"""The fleet of tests/restate/cases.py in millions, as a page: every number of it was worked out by hand.

Change on 1 January 2024 from four years to six. A is a year old then and carries 3,600; B comes in July 2024.

    year             2023    2024
    reported        1,200   1,500
    six years         800   1,000     200 of B
    prospective     1,200     920     A: 720, 3,600 over the 60 months that are left
    catch_up        1,200     600     A: 800 of the year less 400 caught up

To three years A is charged 1,600 a year, B 400 in its first half year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from depr.books.modes import MODES
from depr.contract import Events
from depr.kernel.calendar import FIRST
from depr.ledger.events import numbered
from depr.ledger.positions import positions
from depr.report.inputs import Coverage, IssuerReport
from tests.ledger.samples import event, journal, read
from tests.report.conftest import evidence
from tests.restate.cases import REPORTED, YEAR_2023, YEAR_2024, A, B, book, restated, statements

CHANGE = date(2024, 1, 1)
SIX_YEARS = book("six-years", ("opening", 72))
SALE = event("disposal", "2024-07-01", "A", amount="1000000000.00", currency="USD", reason="sold")


def millions(year: dict[str, Any], **other: Any) -> dict[str, Any]:
    """A statement a million times as large; amounts per share stay."""
    large = {k: v * 10**6 if k.endswith(("_minor", "_shares")) else v for k, v in year.items()}
    return large | other


def page(
    folder: Path,
    *events: dict[str, str],
    modes: Sequence[str] = tuple(MODES),
    changes_on: Sequence[date] = (CHANGE,),
    years: Iterable[dict[str, Any]] = (millions(YEAR_2023), millions(YEAR_2024)),
) -> IssuerReport:
    """What a page of ACME is given, restated to six years."""
    folder.mkdir(exist_ok=True)
    large = [lot | {"cost": f"{lot['cost'].removesuffix('.00')}000000.00"} for lot in (A, B)]
    facts = journal(folder / "lots.csv", *large)
    if events:
        told = numbered(read(folder / "events.csv", *events).entries, 2, facts.height + 1)
        facts = Events.validate(pl.concat([facts, told]))
    lines = statements(*years)
    options: dict[str, Any] = {"modes": modes, "changes_on": changes_on, "events": facts}
    made = restated(positions(facts), lines, alternatives=(SIX_YEARS,), **options)
    of = {case.book.id: case.alternative.id for case in made.cases}
    return IssuerReport(
        issuer={"id": "ACME", "name": "Acme", "currency": "USD", "fiscal_year_end_month": 12},
        restated=made.restated,
        rollup=made.rollup,
        reported_book=record(REPORTED),
        alternatives=[record(each) | {"alternative": of[each.id]} for each in made.alternatives],
        assumptions=(),
        unpriced=made.rollup.clear().select(chip="generation", units="units", reason="book"),
        coverage=Coverage(6, 6),
        sources=(),
        evidence=evidence(),
        statements=lines,
    )


def record(own: Any) -> dict[str, Any]:
    """A book as a page is given it."""
    policies = [
        policy.model_dump()
        | {"residual_rate": "0", "effective": "opening" if policy.effective == FIRST else policy.effective}
        for policy in own.policy
    ]
    return {"id": own.id, "title": own.title, "source": own.source, "note": own.note, "policies": policies}
