"""Recording: which rows of a file are new, which the journal holds already, and which cannot be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import dataframely as dy
import polars as pl

from depr.contract import Entries
from depr.errors import Finding, Refused
from depr.ledger import faults
from depr.ledger.events import compare, numbered
from depr.ledger.positions import effective
from depr.ledger.stories import impossible


@dataclass(frozen=True)
class Recording:
    """The entries to record, what was rejected, and the rows accepted, rejected and held already (duplicates)."""

    fresh: dy.DataFrame[Entries]
    findings: tuple[Finding, ...]
    accepted: int
    rejected: int
    duplicates: int


def sort_out(
    file: str,
    entries: dy.DataFrame[Entries],
    journal: pl.DataFrame,
    closed: Mapping[str, date],
    *,
    read: int,
    findings: tuple[Finding, ...] = (),
    partial: bool = False,
) -> Recording:
    """The entries of a file against the `journal` of their lots, `closed` being the last closed day of each issuer.

    Entries that the journal holds with the same content are duplicates. Any row that cannot be refuses the whole file
    (`Refused`) unless `partial`: then all that the file says of that lot is rejected. read = accepted + rejected +
    duplicates, in rows of the file.
    """
    first = journal.select(pl.col("seq").max().fill_null(0) + 1).item()
    taken_back = numbered(entries.filter(kind="correction"), 0, first)
    compared = compare(entries, journal, effective(pl.concat([journal, taken_back])))
    fresh = compared.filter(~(pl.col("same") | pl.col("taken")))
    clashes = compared.filter(pl.col("taken") & ~pl.col("same")).select("kind", "lot_id", "source_row")
    conflicts = [faults.conflict(file, *row) for row in clashes.iter_rows()]
    # Several entries of one row are those of a purchase, whose form has checked how they fit together.
    alone = bool((entries["kind"] == "acquisition").all()) or not bool(entries["source_row"].is_unique().all())
    untold = _untold(file, fresh, journal, closed, first, purchases=alone)
    found = tuple(sorted({*findings, *conflicts, *untold}))
    if found and not partial:
        raise Refused(found)
    bad_rows = {finding.row for finding in found}
    bad_lots = fresh.filter(pl.col("source_row").is_in({finding.row for finding in untold}))["lot_id"]
    rejected = pl.col("source_row").is_in(bad_rows) | pl.col("lot_id").is_in(bad_lots.implode())
    kept = fresh.filter(~rejected.fill_null(False))
    accepted = kept["source_row"].n_unique()
    held = compared.filter(~rejected.fill_null(False)).filter(~pl.col("source_row").is_in(kept["source_row"].implode()))
    duplicates = held["source_row"].n_unique()
    rows = Entries.cast(kept.select(Entries.column_names()))
    return Recording(rows, found, accepted, read - accepted - duplicates, duplicates)


def _untold(
    file: str, fresh: pl.DataFrame, journal: pl.DataFrame, closed: Mapping[str, date], first: int, *, purchases: bool
) -> list[Finding]:
    """What cannot be. A lot that one row of purchases alone speaks of needs no look at its story, only the calendar."""
    concerned = pl.col("lot_id").is_in(journal["lot_id"].unique().implode()) if purchases else pl.lit(True)
    if closed:
        owner = pl.col("issuer").first().over("lot_id").replace_strict(closed, default=None, return_dtype=pl.Date)
        concerned = concerned | (pl.col("effective_date") <= owner).any().over("lot_id").fill_null(False)
    events = numbered(fresh.filter(concerned).select(Entries.column_names()), 0, first)
    return impossible(journal, events, file, closed) if not events.is_empty() else []
