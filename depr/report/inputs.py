"""What a report is given: frames of the contract and words with their sources. Nothing is read from anywhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Coverage:
    """How much of the purchases has a sourced price: counts of GPUs; and since when purchases are known.

    `first` is the first purchase in the ledger, of whomever, `first_own` that of the issuer; None where none is given.
    """

    units_priced: int
    units_total: int
    first: dt.date | None = None
    first_own: dt.date | None = None


@dataclass(frozen=True)
class Evidence:
    """What a second person needs to reach the same page: versions, inputs, counts, control total, queries.

    `control_total_minor` is the cost of all accepted rows; hashes are SHA-256 in hexadecimal; `queries` are
    (title, SQL) pairs; `ledger` is how the ledger is called in a command, `run` the name under
    which it keeps the figures.
    """

    version: str
    command: str
    as_of: dt.date
    ledger_hash: str
    book_hashes: Mapping[str, str]
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_duplicate: int
    control_total_minor: int
    input_hashes: Mapping[str, str]
    queries: Sequence[tuple[str, str]]
    ledger: str = "LEDGER"
    run: str = "page"


@dataclass(frozen=True)
class Peer:
    """The useful life by which another issuer reports."""

    id: str
    name: str
    months: int


@dataclass(frozen=True)
class Retired:
    """Machines that were taken out of service, and at what age, in days."""

    name: str
    generation: str
    days: int


@dataclass(frozen=True)
class Tested:
    """How the model fared against what was disclosed: predictions of one score, with the median of their errors."""

    cases: int
    median_error_ppm: int
    within_range_ppm: int
    predictions: pl.DataFrame


@dataclass(frozen=True)
class Beside:
    """What the finding of a page stands beside: more lives, other assumptions, peers, machines retired, the backtest.

    `lives`: contract.Restated of the last fiscal year with `life_months`, as the engine restates it under each life, in
    the mode that the page shows. `assumed`: the same with `assumption` (a key, or ALL_ASSUMPTIONS) and `end`, low or
    high, for the ends of each. `share` is that of income before tax at which a difference is first looked at, in parts
    per million, with its source.
    """

    lives: pl.DataFrame
    assumed: pl.DataFrame
    peers: Sequence[Peer]
    retired: Sequence[Retired]
    tested: Tested | None
    share_ppm: int
    share_source: str


ALL_ASSUMPTIONS = "all"
"""The name under which all assumptions stand at the ends that move a figure furthest."""


@dataclass(frozen=True)
class IssuerReport:
    """All that stands on one issuer's page.

    `issuer`: id, name, currency (ISO 4217), fiscal_year_end_month, minor_digits (2 when absent), and captions: the
    filer's own words for the functions of its income statement (ours when absent).
    `restated`: contract.Restated of the issuer, years and quarters, bounds low, mid and high, in one mode or several.
    `rollup`: contract.Rollup of the reported book and the alternatives, all bounds, every quarter until run-off.
    `reported_book`, `alternatives`: id, title, source, note, and `policies`, each with effective ("opening" or a
    date), life_months, method, convention, source and optionally note, generations and residual_rate. A book that a
    date of change makes names its `alternative`.
    `assumptions`: key, value, low, high, unit, meaning, source, sourced. `unpriced`: chip, units, reason.
    `sources`: title, source, note. `generation_names`: key of the roll-up -> name to print; a key without one prints
    as it is. `statements`: contract.Statements behind the restatement; without them no blank is explained. `bases`: how
    each of their figures came (depr.statements.basis). `scenarios`: what the books compared are, and what they leave
    out of the facts, in lines. `beside`: what the finding is set beside;
    without it the chart holds the lives compared alone.
    """

    issuer: Record
    restated: pl.DataFrame
    rollup: pl.DataFrame
    reported_book: Record
    alternatives: Sequence[Record]
    assumptions: Sequence[Record]
    unpriced: pl.DataFrame
    coverage: Coverage
    sources: Sequence[Record]
    evidence: Evidence
    generation_names: Mapping[str, str] = field(default_factory=dict)
    statements: pl.DataFrame | None = None
    bases: pl.DataFrame | None = None
    scenarios: Sequence[str] = ()
    beside: Beside | None = None
