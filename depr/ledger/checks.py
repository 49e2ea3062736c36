"""Named checks of a ledger: each a function from the ledger to findings; all run unless one is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import polars as pl

from depr.errors import Finding, Refused, unknown
from depr.ledger.store import Ledger


def chain(ledger: Ledger) -> Iterable[Finding]:
    """Every batch matches its hash and the batch before it: nothing was changed, dropped or reordered."""
    return ledger.verify()


def counts(ledger: Ledger) -> Iterator[Finding]:
    """read = accepted + rejected + duplicates in every batch, and accepted lots are in the journal."""
    bought = ledger.events().filter(kind="acquisition").group_by("batch").len()
    lots = dict(bought.iter_rows())
    for batch in ledger.batches():
        if (
            batch.read != batch.accepted + batch.rejected + batch.duplicates
            or lots.get(batch.batch, 0) != batch.accepted
        ):
            yield Finding(
                batch.file,
                0,
                f"batch {batch.batch}: read {batch.read}, accepted {batch.accepted}, rejected {batch.rejected}, "
                f"duplicates {batch.duplicates}, lots in the journal {lots.get(batch.batch, 0)}",
                "the counts do not add up",
                "restore the ledger from a copy and import the file again",
            )


def in_service(ledger: Ledger) -> Iterator[Finding]:
    """Lots without a date placed in service: construction in progress, which is not depreciated."""
    waiting = ledger.lots().filter(pl.col("in_service_date").is_null())
    for lot_id, bought in waiting.select("lot_id", "purchase_date").iter_rows():
        yield Finding(
            str(ledger.path.name),
            0,
            f"lot {lot_id!r} bought {bought} has no date placed in service",
            "it is construction in progress and not depreciated",
            "record the date when it is ready for use",
        )


def currencies(ledger: Ledger) -> Iterator[Finding]:
    """Each issuer's lots are in one currency, so that sums mean something."""
    mixed = ledger.lots().group_by("issuer").agg(pl.col("currency").unique().sort()).sort("issuer")
    for issuer, codes in mixed.filter(pl.col("currency").list.len() > 1).iter_rows():
        what = f"lots of {issuer} are in {', '.join(codes)}"
        yield Finding(
            str(ledger.path.name), 0, what, "amounts in several currencies do not add up", "convert them first"
        )


CHECKS: dict[str, Callable[[Ledger], Iterable[Finding]]] = {
    check.__name__: check for check in (chain, counts, in_service, currencies)
}


def run_checks(ledger: Ledger, names: Sequence[str] = ()) -> list[Finding]:
    """Findings of the named checks, of all when none is named, in order. Raises `Refused` for an unknown name."""
    for name in names:
        if name not in CHECKS:
            raise unknown("check", name, CHECKS)
    found = [finding for name in names or CHECKS for finding in _run(CHECKS[name], ledger)]
    return list(dict.fromkeys(found))


def _run(check: Callable[[Ledger], Iterable[Finding]], ledger: Ledger) -> Sequence[Finding]:
    """Findings of one check; a journal that it cannot read at all is a finding too."""
    try:
        return list(check(ledger))
    except Refused as refused:
        return refused.findings
