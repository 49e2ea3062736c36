"""Named checks of a ledger: each a function to findings; all run unless some are named.

A check is a control: it says what in the books should not be so, at which row of which file, and what to do. Those
that need a book use the one by which the issuer reports (schedules/issuers); issuers without an entry are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from depr.checks import balances, held, journal, physical, service
from depr.checks.examined import Examined
from depr.errors import Finding, Refused, unknown
from depr.intake import AS_USUAL, Written
from depr.ledger.store import Ledger


class Check(NamedTuple):
    """A function from what is examined to findings, and what it means in a line."""

    run: Callable[[Examined], Iterable[Finding]]
    meaning: str


CHECKS: dict[str, Check] = {
    "seal": Check(journal.seal, "the seal is there, not left open, and fits every byte of the ledger"),
    "chain": Check(journal.chain, "every batch matches its hash and the one before; the kept files are as imported"),
    "contents": Check(journal.contents, "tables, views and macros are as depr made them; nothing was added"),
    "counts": Check(journal.counts, "rows read = accepted + rejected + duplicates in every batch"),
    "currencies": Check(journal.currencies, "the lots of an issuer are in one currency"),
    "in_service": Check(service.in_service, "no lot is without a date placed in service"),
    "receipt": Check(
        service.receipt, "no lot is in service before it was bought or any of its generation was available"
    ),
    "late": Check(service.late, "no lot starts, or waits to start, implausibly long after its purchase"),
    "physical": Check(physical.physical, "units on the books are those of a physical count (needs --counts)"),
    "balances": Check(balances.balances, "no balance is negative, orphaned, left after disposal, or cut short"),
    "fully_depreciated": Check(held.fully_depreciated, "no lot in use is fully depreciated in the reported book"),
    "life": Check(held.life, "no life of a lot is outside the lives of the reported book"),
    "after_close": Check(journal.after_close, "nothing was dated into a period after it had been closed"),
    "serials": Check(held.serials, "no two lots held have the same serial"),
    "survival": Check(held.survival, "no lot held is older than its generation was at any retirement observed"),
}


def meanings() -> dict[str, str]:
    """The checks there are, with what each means in a line."""
    return {name: check.meaning for name, check in CHECKS.items()}


def check(
    ledger: Path,
    names: Sequence[str] = (),
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    counts: Path | None = None,
    how: Written = AS_USUAL,
    schedules: Path | None = None,
) -> list[Finding]:
    """Findings of the named checks in their order; all, when none is named, but `physical` only with `counts`.

    Checks look at what was effective on a date (after the last event, when None) and recorded by a time; `chain` and
    `seal` at the whole file. No finding means that every check passed. Raises `Refused` for a name that does not
    exist, or when the file cannot be opened.
    """
    by_check = checked(ledger, names, as_of=as_of, known_at=known_at, counts=counts, how=how, schedules=schedules)
    return list(dict.fromkeys(finding for findings in by_check.values() for finding in findings))


def checked(
    ledger: Path,
    names: Sequence[str] = (),
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    counts: Path | None = None,
    how: Written = AS_USUAL,
    schedules: Path | None = None,
) -> dict[str, list[Finding]]:
    """The findings of each check, by its name: as `check`."""
    for name in names:
        if name not in CHECKS:
            raise unknown("check", name, CHECKS)
    chosen = names or [name for name in CHECKS if counts is not None or name != "physical"]
    with Ledger.open(ledger) as opened:
        examined = Examined(opened, as_of, known_at, counts, schedules, how)
        return {name: list(dict.fromkeys(_run(CHECKS[name], examined))) for name in chosen}


def _run(check: Check, examined: Examined) -> Iterator[Finding]:
    """Findings of one check; what it cannot read at all is a finding too."""
    try:
        yield from check.run(examined)
    except Refused as refused:
        yield from refused.findings
