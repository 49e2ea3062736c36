"""What needs no ledger: one asset, what there is to choose from, the evidence that ships, scenarios and claims."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from depr.console.answer import Answer
from depr.fleet.arguments import Amount, Life, PathLike, book_of, exact, scenario_named, verb
from depr.fleet.ledger import Read
from depr.intake.layout import written

ANALYSIS = "Analysis under stated assumptions, no forecast"


@verb
def asset(cost: Amount, *, life: str | None = None, in_service: date, **options: Any) -> Answer:
    """The schedule of one asset, without a ledger: what `depr asset` prints, with its options under the same names.

    `cost` is a whole number, a `Decimal` or text, never a float. Raises `Refused`.

    >>> depr.asset(120_000, life="3y", in_service=date(2025, 1, 1), grain="year")["depreciation"].to_list()
    [Decimal('40000.00'), Decimal('40000.00'), Decimal('40000.00')]
    """
    from depr.rows import reference

    currency = options.get("currency", "USD")
    return Answer(reference.asset(exact(cost, "cost"), in_service, life, **options), currency=currency)


@verb
def methods() -> Answer:
    """The methods: name, formula, source.

    >>> "straight_line" in depr.methods()["name"]
    True
    """
    from depr.rows import reference

    return Answer(reference.methods())


@verb
def conventions() -> Answer:
    """The conventions, day counts and choices of a ledger of rows: name, formula, source.

    >>> "mid_quarter" in depr.conventions()["name"]
    True
    """
    from depr.rows import reference

    return Answer(reference.conventions())


@verb
def mappings(schedules: PathLike | None = None) -> Answer:
    """The exports of other systems that can be read, each with its source.

    >>> "erpnext" in depr.mappings()["mapping"]
    True
    """
    from depr import intake

    return Answer(intake.mappings(_folder(schedules)))


@verb
def disclosures(cases: PathLike | None = None, *, schedules: PathLike | None = None, **read: Unpack[Read]) -> Answer:
    """The model against what filers disclosed of their changes in useful lives; of your own `cases`, a file of them.

    >>> depr.disclosures().filter(sample="out").height > 10
    True
    """
    from depr.backtest.run import backtest

    file = None if cases is None else Path(cases)
    rows = backtest(file, how=written([file] if file else (), **read), schedules=_folder(schedules))
    return Answer(rows, millions=True)


@verb
def lives(
    book: Life | None = None,
    *,
    ledger: PathLike | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: PathLike | None = None,
) -> Answer:
    """How long GPUs stay in use, by generation, beside the lives of a book: from the retirements that clouds announced.

    >>> depr.lives("6y").height > 3
    True
    """
    from depr.fleet.evidence import lives

    where = None if ledger is None else Path(ledger)
    rows, found = lives(where, book=book_of(book), as_of=as_of, known_at=known_at, schedules=_folder(schedules))
    shown = rows.drop("complete", "emptied_at_days", "average_less_book_days")
    title = "Days in service: average and median to the longest observed, which is less than whole lives"
    return Answer(rows, shown, title=title, findings=found)


@verb
def read_statements(
    file: PathLike,
    *,
    issuer: str | None = None,
    filed: str = "last",
    split_adjusted: bool = False,
    accept_breaks: bool = False,
    schedules: PathLike | None = None,
    **read: Unpack[Read],
) -> Answer:
    """Statements of a table or a companyfacts document; what is wrong or missing in them are its `findings`.

    >>> depr.read_statements("statements.csv")["net_income"].to_list()
    [Decimal('80.00')]
    """
    from depr.statements.documents import statements

    path = Path(file)
    options = {"split_adjusted": split_adjusted, "accept_breaks": accept_breaks}
    how = written([path], **read)
    found = statements(path, issuer=issuer, filed=filed, how=how, schedules=_folder(schedules), **options)
    rows = found.statements
    shown = rows.select(*rows.columns[:11], "eps_diluted_micro", "split_factor")
    return Answer(rows, shown, title=found.said, findings=found.findings, millions=True)


@verb
def project(scenario: PathLike = "outlook-2026", table: str = "years", *, schedules: PathLike | None = None) -> Answer:
    """Purchases to come under a scenario, and what their depreciation would be understated by: analysis, no forecast.

    >>> "understatement" in depr.project().columns
    True
    """
    from depr.outlook import shipped

    return _looking_ahead(shipped.project(scenario_named(scenario), table, schedules=_folder(schedules)), schedules)


@verb
def claims(
    scenario: PathLike = "outlook-2026",
    *,
    surface: str | None = None,
    level: str | None = None,
    schedules: PathLike | None = None,
) -> Answer:
    """Public claims beside what their own inputs, or a scenario, give.

    Of one claim its `surface`, the figure for every life and server share, or its `level`, those that reproduce it.

    >>> depr.claims("seen-2025-11").filter(claim_id="BURRY-176")["author"].item()
    'Michael Burry'
    """
    from depr.outlook import shipped

    chosen = scenario_named(scenario)
    own = _folder(schedules)
    rows: pl.DataFrame
    if surface:
        rows = shipped.claim_surface(surface, chosen, schedules=own)
    elif level:
        rows = shipped.claim_level_set(level, chosen, schedules=own)
    else:
        rows = shipped.claims(chosen, schedules=own)
    return _looking_ahead(rows, schedules)


def _looking_ahead(rows: pl.DataFrame, schedules: PathLike | None) -> Answer:
    from depr.console.writers import telling
    from depr.intake import issuer_currencies

    shown, said = telling(rows, "source", "not_known", "claim")
    currencies = issuer_currencies(_folder(schedules))
    return Answer(rows, shown, title=f"{ANALYSIS}: {said}", millions=True, currency=currencies)


def _folder(schedules: PathLike | None) -> Path | None:
    return None if schedules is None else Path(schedules)
