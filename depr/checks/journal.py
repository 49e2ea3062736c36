"""Checks that need the journal alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from depr.checks.examined import Examined
from depr.errors import Finding
from depr.ledger import seal as seals
from depr.sql.proof import compare

PERIODS = ("period_closed", "period_reopened")


def seal(examined: Examined) -> Iterable[Finding]:
    """The seal beside the ledger is there, is not left open, and fits every byte of the file."""
    path = examined.ledger.path
    state = seals.read(path)
    own = seals.place(path).name
    if state is None:
        why = "without it only the facts are proven, not every byte"
        do = "seal it as it is: depr verify --seal"
        return [Finding(examined.name, 0, f"there is no seal {own}", why, do, "seal")]
    if state.open:
        what = f"the seal {own} is open: process {state.process} began to write and did not end"
        why = "what was recorded is whole, but the bytes are not proven"
        do = "write again, or: depr verify --seal"
        return [Finding(examined.name, 0, what, why, do, "seal")]
    return seals.broken(path)


def chain(examined: Examined) -> Iterable[Finding]:
    """Every batch matches its hash and the batch before it: nothing was changed, dropped or reordered."""
    return examined.ledger.verify()


def contents(examined: Examined) -> Iterable[Finding]:
    """All that answers beside the facts is as depr left it; what another version made is said, not compared."""
    compared = compare(examined.ledger.path, examined.ledger.connection, anew=False)
    do = f"install those of this version: depr prepare {examined.ledger.path}"
    other = [Finding(examined.name, 0, f"not compared: {each}", do=do, code="contents") for each in compared.unproven]
    return [*compared.findings, *other]


def counts(examined: Examined) -> Iterator[Finding]:
    """read = accepted + rejected + duplicates in every batch, and the accepted rows are in the journal."""
    rows = dict(examined.journal.group_by("batch").agg(pl.col("source_row").n_unique()).iter_rows())
    for batch in examined.batches:
        held = rows.get(batch.batch, 0)
        if batch.read != batch.accepted + batch.rejected + batch.duplicates or held != batch.accepted:
            what = (
                f"batch {batch.batch}: read {batch.read}, accepted {batch.accepted}, rejected {batch.rejected}, "
                f"duplicates {batch.duplicates}, rows in the journal {held}"
            )
            do = "restore the ledger from a copy and import the file again"
            yield Finding(batch.file, 0, what, "the counts do not add up", do, "counts")


def currencies(examined: Examined) -> Iterator[Finding]:
    """Each issuer's lots are in one currency, so that sums mean something."""
    mixed = examined.lots.group_by("issuer").agg(pl.col("currency").unique().sort()).sort("issuer")
    for issuer, codes in mixed.filter(pl.col("currency").list.len() > 1).iter_rows():
        what = f"lots of {issuer} are in {', '.join(codes)}"
        why = "amounts in several currencies do not add up"
        yield Finding(examined.name, 0, what, why, "convert them first", "currencies")


def after_close(examined: Examined) -> Iterator[Finding]:
    """Events of lots dated into a period that had been closed before: a reopening allowed them."""
    ordered = examined.journal.sort("seq")
    owner = pl.col("issuer").filter(pl.col("kind") == "acquisition").first().over("lot_id")
    kind = pl.col("kind")
    of = "owner"
    closing = kind == "period_closed"
    opening = kind == "period_reopened"
    history = ordered.with_columns(owner=pl.coalesce("issuer", owner)).with_columns(
        closed=pl.when(closing).then("effective_date").cum_max().forward_fill().over(of),
        opened=pl.when(opening).then("seq").forward_fill().over(of),
        because=pl.when(opening).then("reason").forward_fill().over(of),
    )
    stands = (kind == "correction") | pl.col("seq").is_in(examined.events["seq"].implode())
    dated = (pl.col("effective_date") <= pl.col("closed")) & (pl.col("effective_date") <= examined.day)
    rows = history.filter(stands & dated).unique(["batch", "source_row"], keep="first", maintain_order=True)
    what = pl.format(
        "event {} ({} of lot '{}' on {}) was recorded after the days to {} had been closed",
        *("seq", "kind", "lot_id", "effective_date", "closed"),
    )
    reopened = pl.format("event {} reopened them: {}", "opened", "because")
    why = pl.coalesce(reopened, pl.lit("no reopening is recorded"))
    do = "see that the figures reported for the period were restated, or that the effect is immaterial"
    return examined.found(rows, what, why, do, "after_close")
