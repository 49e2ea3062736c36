"""What a report said then beside what it says now, each figure split exactly into what moved it.

Three steps lead from one to the other: the judgements known now in place of those known then; the facts known now in
place of those known then; and other statements in place of those given. Each figure is worked out after each step, so
the steps add up to the whole, to the last unit. Facts that came under a new judgement count as facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from depr.contract import Restated
from depr.contract.currencies import decimals_of
from depr.datasets.own_statements import OwnStatements
from depr.errors import refuse
from depr.fleet import carried
from depr.fleet.arguments import Life, Progress, quiet
from depr.fleet.restating import restate
from depr.ledger.known import known

KEYS = ("issuer", "period_type", "fiscal_year", "fiscal_quarter", "mode", "book")
STEPS = ("judgements", "facts", "statements")
PLACES = 6
"""Decimals of every figure: millionths of the currency a share and parts per million have as many."""


@dataclass(frozen=True)
class Moment:
    """A time, what was known at it, and the statements that are given for it."""

    known_at: datetime | None
    statements: OwnStatements | None


def differences(
    ledger: Path,
    then: Moment,
    now: Moment,
    *,
    lives: Sequence[Life],
    issuers: Sequence[str] | None = None,
    years: tuple[int, int] | None = None,
    schedules: Path | None = None,
    every: bool = False,
    progress: Progress = quiet,
) -> pl.DataFrame:
    """A row a figure: what it is of, its unit, `then`, what moved it (STEPS), `now`; those that moved, unless `every`.

    then + judgements + facts + statements = now, exactly; blank is nothing to add. Raises `Refused` where nothing was
    known then.
    """
    if not known(ledger, known_at=then.known_at).lots.height:
        what = f"nothing was known at {then.known_at}" if then.known_at else "there are no lots"
        raise refuse(str(ledger), what, do="name a later time with --since")
    judged = [schedules or carried.folder(ledger, each.known_at) for each in (then, now)]
    options: dict[str, Any] = {"lives": lives, "issuers": issuers, "years": years}
    asked = [
        (then.known_at, judged[0], then.statements),
        (then.known_at, judged[1], then.statements),
        (now.known_at, judged[1], then.statements),
        (now.known_at, judged[1], now.statements),
    ]
    steps: list[pl.DataFrame] = []
    for number, (known_at, judgements, statements) in enumerate(asked):
        before = asked[number - 1] if steps else None
        if before and before[:2] == asked[number][:2] and before[2] is statements:
            steps.append(steps[-1])
            continue
        progress(f"restate: {('then', *STEPS)[number]}")
        done = restate(ledger, statements=statements, known_at=known_at, schedules=judgements, **options)
        steps.append(_long(pl.concat([each.restated for each in done])))
    named = {each.issuer.id: each.issuer.currency for each in done}
    return shown(_beside(steps, every=every), named)


FIGURES = ("_minor", "_micro", "_ppm", "_shares")
"""How a column of a figure ends: its unit."""


def _long(restated: pl.DataFrame) -> pl.DataFrame:
    """One row a figure: KEYS, figure (its column), `at` in its last place."""
    names = [name for name in Restated.column_names() if name.endswith(FIGURES)]
    mid = restated.filter(bound="mid").select(*KEYS, *(pl.col(name).cast(pl.Int64) for name in names))
    return mid.unpivot(on=names, index=KEYS, variable_name="figure", value_name="at").drop_nulls("at")


def _beside(steps: Sequence[pl.DataFrame], *, every: bool) -> pl.DataFrame:
    """The figures after each step, as what each step added."""
    of = [*KEYS, "figure"]
    whole = steps[0].rename({"at": "at_0"})
    for number, step in enumerate(steps[1:], 1):
        whole = whole.join(step.rename({"at": f"at_{number}"}), on=of, how="full", coalesce=True, nulls_equal=True)
    after = [pl.col(f"at_{number}").fill_null(0) for number in range(len(steps))]
    parts = whole.with_columns(
        then="at_0",
        now=f"at_{len(steps) - 1}",
        **{name: after[number] - after[number - 1] for number, name in enumerate(STEPS, 1)},
    )
    moved = pl.any_horizontal(pl.col(name) != 0 for name in STEPS)
    return parts.filter(pl.lit(every) | moved).select(*of, "then", *STEPS, "now").sort(of, nulls_last=True)


def shown(rows: pl.DataFrame, currencies: dict[str, str]) -> pl.DataFrame:
    """Rows with their unit, amounts as decimals in it."""
    places = {code: decimals_of(code) for code in currencies.values()}
    currency = pl.col("issuer").replace_strict(currencies, return_dtype=pl.String)
    minor = pl.col("figure").str.ends_with("_minor")
    share = pl.col("figure").str.ends_with("_micro")
    shares = pl.col("figure").str.ends_with("_shares")
    scale = (
        pl.when(minor)
        .then(PLACES - currency.replace_strict(places, return_dtype=pl.Int64))
        .when(shares)
        .then(pl.lit(PLACES))
        .otherwise(0)
    )
    unit = (
        pl.when(minor)
        .then(currency)
        .when(share)
        .then(pl.format("{} a share", currency))
        .when(shares)
        .then(pl.lit("shares"))
        .otherwise(pl.lit("ratio"))
    )
    powers = {power: 10**power for power in range(PLACES + 1)}
    factor = scale.cast(pl.Int64).replace_strict(powers, return_dtype=pl.Int64)
    named = pl.col("figure").str.replace("_(minor|micro|ppm)$", "")
    cells = {name: _decimal(pl.col(name).cast(pl.Int128) * factor) for name in ("then", *STEPS, "now")}
    return rows.with_columns(**cells, unit=unit, figure=named).select(*KEYS, "figure", "unit", "then", *STEPS, "now")


def _decimal(millionths: pl.Expr) -> pl.Expr:
    """Whole millionths as decimals, exactly."""
    digits = millionths.abs().cast(pl.String).str.zfill(PLACES + 1)
    whole = digits.str.slice(0, digits.str.len_chars() - PLACES)
    text = pl.format(
        "{}{}.{}", pl.when(millionths < 0).then(pl.lit("-")).otherwise(pl.lit("")), whole, digits.str.tail(PLACES)
    )
    return text.cast(pl.Decimal(38, PLACES))
