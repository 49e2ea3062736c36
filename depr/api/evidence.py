"""The verbs of evidence: how long GPUs last, what statements say, whether an error would matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import dataframely as dy
import polars as pl

from depr import share
from depr.api.common import find_book
from depr.api.own_files import company_facts, depreciation_of
from depr.contract import Statements
from depr.datasets.retirements import retirement_lives
from depr.errors import Finding, refuse
from depr.evidence import survival
from depr.evidence.materiality import parse_screen, sab_99, sab_108
from depr.intake import AS_USUAL, Written, read_toml
from depr.ledger.known import known
from depr.ledger.positions import lived
from depr.pipeline import Restatement
from depr.statements import identities
from depr.statements.files import read_statements


@dataclass(frozen=True)
class StatementsTold:
    """Statements of a file: those that hold, what is wrong with the rest, and the lines that are not there.

    `said` tells whose they are, and which line stands for depreciation.
    """

    statements: dy.DataFrame[Statements]
    findings: Sequence[Finding]
    gaps: pl.DataFrame
    said: str = ""


def statements(
    path: Path,
    *,
    issuer: str | None = None,
    filed: str = "last",
    split_adjusted: bool = False,
    accept_breaks: bool = False,
    how: Written = AS_USUAL,
    schedules: Path | None = None,
) -> StatementsTold:
    """Statements from a table (CSV, Parquet, XLSX) or from a companyfacts document (JSON) of an issuer.

    Periods that break an identity (pretax income - tax = net income, net income / shares = EPS) are left out unless
    `accept_breaks`; the findings say by how much. `filed` first or last: as first reported, or as restated since.
    Raises `Refused`.
    """
    if path.suffix.lower() == ".json":
        facts, whose = company_facts(path, issuer, filed, split_adjusted, schedules)
        table, gaps, said = facts.statements, facts.gaps, whose
        found = (*facts.findings, *facts.missing)
    else:
        read = read_statements(path, how)
        table, found, gaps, said = read.good, read.findings, pl.DataFrame(), ""
        if issuer is not None:
            table = Statements.validate(_of(read.good, issuer, path))
    broken = identities.findings(identities.identities(table), path.name)
    kept = table if accept_breaks else identities.consistent(table)
    told = "; ".join(filter(None, (said, depreciation_of(table))))
    return StatementsTold(Statements.validate(kept), (*found, *broken), gaps, told)


def _of(rows: pl.DataFrame, issuer: str, path: Path) -> pl.DataFrame:
    """The rows of one issuer. Raises `Refused` when there is none."""
    own = rows.filter(issuer=issuer)
    if own.is_empty():
        why = f"its lines are of {', '.join(rows['issuer'].unique().sort()) or 'nobody'}"
        raise refuse(path.name, f"holds no line of {issuer}", why, "leave --issuer out, or correct it")
    return own


def lives(
    ledger: Path | None = None,
    *,
    book: str | None = None,
    since: str = "service_launch",
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
) -> tuple[pl.DataFrame, Sequence[Finding]]:
    """How long GPUs stay in use, by generation (survival.BY_GENERATION), against the lives of a book.

    From retirements that clouds announced, or from what a ledger itself holds and disposed of. Raises `Refused`.
    """
    if ledger is None:
        told, _ = retirement_lives(since=since)
    else:
        facts = known(ledger, as_of, known_at)
        last = as_of or facts.events.select(pl.col("effective_date").max()).item()
        told = lived(facts.events, last)
    aged, found = survival.ages(told)
    chosen = find_book(book, schedules) if book else None
    generations = told["generation"].unique().drop_nulls()
    policies = {name: chosen.track(name)[-1] for name in generations if chosen and chosen.track(name)}
    months = {name: policy.life_months for name, policy in policies.items() if policy.life_months}
    return survival.by_generation(aged, months), found


def materiality(
    restatements: Sequence[Restatement], *, schedules: Path | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Screens of restatements under SAB 99 (by period) and SAB 108 (by year): pointers, never a conclusion."""
    screen = parse_screen(read_toml(share.schedule_file("materiality.toml", schedules)))
    rows = pl.concat([each.restated for each in restatements])
    return sab_99(rows, screen), sab_108(rows, screen)
