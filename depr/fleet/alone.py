"""What needs no ledger, answered for Python: one asset, the evidence that ships, scenarios and claims."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from depr.backtest.run import backtest
from depr.console.answer import Answer
from depr.console.writers import telling
from depr.fleet.given import Amount, PathLike, exact, scenario_named
from depr.intake import issuer_currencies
from depr.outlook import shipped as outlook
from depr.rows import reference


def asset(cost: Amount, *, life: str | None = None, in_service: date, **options: Any) -> Answer:
    """The schedule of one asset, without a ledger: what `depr asset` prints, with its options under the same names.

    `cost` is a whole number, a `Decimal` or text, never a float. Raises `Refused`.

    >>> depr.asset(120_000, life="3y", in_service=date(2025, 1, 1), grain="year")["depreciation"].to_list()
    [Decimal('40000.00'), Decimal('40000.00'), Decimal('40000.00')]
    """
    currency = options.get("currency", "USD")
    return Answer(reference.asset(exact(cost, "cost"), in_service, life, **options), currency=currency)


def disclosures(cases: PathLike | None = None) -> Answer:
    """The model against what filers disclosed of their changes in useful lives; of your own `cases`, a file of them.

    >>> depr.disclosures().filter(sample="out").height > 10
    True
    """
    return Answer(backtest(Path(cases) if cases else None), millions=True)


def project(scenario: PathLike = "outlook-2026", table: str = "years") -> Answer:
    """Purchases to come under a scenario, and what their depreciation would be understated by: analysis, no forecast.

    >>> "understatement" in depr.project().columns
    True
    """
    return _looking_ahead(outlook.project(scenario_named(scenario), table))


def claims(scenario: PathLike = "outlook-2026") -> Answer:
    """Public claims beside what their own inputs, or a scenario, give.

    >>> depr.claims("seen-2025-11").filter(claim_id="BURRY-176")["author"].item()
    'Michael Burry'
    """
    return _looking_ahead(outlook.claims(scenario_named(scenario)))


def _looking_ahead(rows: pl.DataFrame) -> Answer:
    shown, said = telling(rows, "source", "not_known", "claim")
    return Answer(rows, shown, title=said, millions=True, currency=issuer_currencies())
