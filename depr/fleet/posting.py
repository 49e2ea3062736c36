"""Closing a month: what went into the general ledger, numbered once and for ever, and what is known since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from depr import share
from depr.books.book import Book
from depr.errors import refuse
from depr.fleet.arguments import Progress, quiet
from depr.fleet.figures import entries_of
from depr.fleet.selection import InBook, in_books, of_issuers
from depr.intake import read_accounts
from depr.journal import posting, window
from depr.journal.entries import month_of, period_named
from depr.ledger import faults, sources
from depr.ledger.events import alone
from depr.ledger.known import Known, known
from depr.ledger.store import Ledger, known_by

KIND = "posted"


@dataclass(frozen=True)
class Posting:
    """A period as it went into the general ledger: of whom, under which book, its number, when, by whom."""

    issuer: str
    book: str
    period: int
    number: int
    posted_at: datetime
    by: str
    sha256: str
    batch: int


def postings(
    ledger: Ledger, issuer: str | None = None, book: str | None = None, known_at: datetime | None = None
) -> list[Posting]:
    """What was posted, of an issuer and under a book (all, when None), as recorded by a time; in order."""
    query = f"""
        SELECT e.issuer, e.book, e.document, e.units, b.recorded_at, e.reason, e.serial, e.batch
        FROM events e JOIN batches b USING (batch) WHERE e.kind = '{KIND}' AND {known_by(known_at)} ORDER BY e.seq"""
    rows = ledger.connection.execute(query).fetchall()
    found = [Posting(name, under, period_named(document), *rest) for name, under, document, *rest in rows]
    return [each for each in found if issuer in (None, each.issuer) and book in (None, each.book)]


def lines_of(ledger: Ledger, of: list[Posting]) -> pl.DataFrame:
    """The lines of some postings as they were posted. Raises `Refused` when one is not as it was."""
    parts: list[pl.DataFrame] = [posting.Posted.create_empty()]
    for each in of:
        content = sources.content(ledger.connection, each.sha256)
        if content is None:
            of_whom = f"{month_of(each.period)} of {each.issuer}"
            what = f"the posting of {of_whom}, batch {each.batch}, is not as it was posted"
            raise faults.lost_content(ledger.path, what)
        parts.append(posting.read(content))
    return pl.concat(parts)


def post(
    ledger: Path,
    period: str,
    recorded_at: datetime,
    *,
    by: str,
    book: str | Book | None = None,
    issuer: str | None = None,
    schedules: Path | None = None,
    say: Progress = quiet,
) -> pl.DataFrame:
    """Record that a period (2025-03; the months of 2025-Q1 one by one) was posted; its lines (journal.posting.Posted).

    They are the entries of the period, and the differences of those posted before. Raises `Refused` for a period that
    was posted, is closed, has not begun, or does not follow the last one.
    """
    if not by.strip():
        raise refuse(str(ledger), "a period is posted by someone", do="say by whom: --by NAME")
    facts = known(ledger)
    asked = _one(facts, issuer, book, schedules)
    first, last = window(period, asked.calendar)
    owner = _owner(asked)
    done: list[pl.DataFrame] = []
    with Ledger.open(ledger, read_only=False) as opened:
        if opened.head() != facts.head:
            raise refuse(str(ledger), "more was recorded meanwhile", "what is posted is what is known", "post again")
        before = _of(opened, asked)
        _check(opened, asked, owner, (first, last), before, recorded_at.date())
        if not before:
            say(f"{month_of(first)} of {owner} under {asked.book.id} is the first posted; what moved before it is not")
        begin = before[0].period if before else first
        lines = _lines(facts, asked, schedules, last)
        posted = lines_of(opened, before) if before else posting.brought(lines, first, asked.calendar)
        with opened.transaction():
            for number, month in enumerate(range(first, last + 1), len(before) + 1):
                now = posting.own(lines.filter(period=month), begin).select(posting.Posted.column_names())
                late = posting.difference(lines.filter(pl.col("period") < month), posted, begin)
                since = posting.entries(late, asked.book.id, asked.calendar, month, after=now["entry"].n_unique())
                kept = [posted, now, since] if number == 1 else [now, since]
                _record(opened, owner, asked, month, number, pl.concat(kept), recorded_at, by.strip())
                done.append(pl.concat([now, since]))
                posted = pl.concat([posted, done[-1]])
    return pl.concat(done)


def posted(
    ledger: Path,
    period: str,
    *,
    book: str | Book | None = None,
    issuer: str | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
) -> pl.DataFrame:
    """The lines of a period (2025, 2025-Q1, 2025-03) as they were posted (journal.posting.Posted).

    Raises `Refused` when none of it was posted.
    """
    asked = _one(known(ledger, known_at=known_at), issuer, book, schedules)
    with Ledger.open(ledger) as opened:
        within = _within(opened, asked, period, _of(opened, asked, known_at))
        lines = lines_of(opened, within)
    return lines.filter(pl.col("period").is_in([each.period for each in within]), ~posting.BROUGHT)


def _of(ledger: Ledger, asked: InBook, known_at: datetime | None = None) -> list[Posting]:
    """All that was posted of what is asked about."""
    return postings(ledger, _owner(asked), asked.book.id, known_at)


def _owner(asked: InBook) -> str:
    owner: str = asked.lots["issuer"][0]
    return owner


def _within(ledger: Ledger, asked: InBook, period: str, every: list[Posting]) -> list[Posting]:
    """The postings of a period. Raises `Refused` when there are none."""
    first, last = window(period, asked.calendar)
    within = [each for each in every if first <= each.period <= last]
    if not within:
        listed = f"{month_of(every[0].period)} to {month_of(every[-1].period)}" if every else "none"
        what = f"{period} of {_owner(asked)} was not posted under {asked.book.id}"
        raise refuse(str(ledger.path), what, f"posted is: {listed}", f"post it: depr post {ledger.path} {period}")
    return within


def difference(
    ledger: Path,
    period: str,
    *,
    book: str | Book | None = None,
    issuer: str | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
) -> pl.DataFrame:
    """The entries from what was posted of a period (2025, 2025-Q1, 2025-03) to what is known (journal.posting.Posted).

    Raises `Refused` when none of it was posted.
    """
    facts = known(ledger, known_at=known_at)
    asked = _one(facts, issuer, book, schedules)
    with Ledger.open(ledger) as opened:
        every = _of(opened, asked, known_at)
        months = [each.period for each in _within(opened, asked, period, every)]
        posted = lines_of(opened, every)
    begin = every[0].period
    lines = _lines(facts, asked, schedules, every[-1].period)
    since = posting.difference(lines, posted, begin)
    wanted = since.filter(pl.col("of").is_in(months) | (pl.lit(months[0] == begin) & (pl.col("of") < begin)))
    return posting.entries(wanted, asked.book.id, asked.calendar)


def listed(ledger: Path, issuer: str | None = None, known_at: datetime | None = None) -> pl.DataFrame:
    """What was posted, a row each: issuer, book, period, number, when, by whom, batch and SHA-256 of its lines."""
    facts = known(ledger, known_at=known_at)
    if issuer is not None:
        of_issuers(facts.lots, [issuer])
    with Ledger.open(ledger) as opened:
        rows = [vars(each) | {"period": month_of(each.period)} for each in postings(opened, issuer, None, known_at)]
    text = dict.fromkeys(("issuer", "book", "period"), pl.String())
    types = {**text, "number": pl.Int64(), "posted_at": pl.Datetime("us"), "by": pl.String(), "sha256": pl.String()}
    return pl.DataFrame(rows, schema={**types, "batch": pl.Int64()})


def _one(facts: Known, issuer: str | None, book: str | Book | None, schedules: Path | None) -> InBook:
    """The lots of one issuer under one book. Raises `Refused`."""
    owners = of_issuers(facts.lots, [issuer] if issuer else None)["issuer"].unique().sort()
    if len(owners) > 1:
        why = "each issuer has numbers of its own"
        raise refuse(str(facts.ledger), f"has lots of {', '.join(owners)}", why, "name one with --issuer")
    [asked] = in_books(facts, owners[0], book, schedules)
    return asked


def _lines(facts: Known, asked: InBook, schedules: Path | None, last: int) -> pl.DataFrame:
    """The entries through a period as they are known."""
    chart = read_accounts(share.schedule_file("accounts.toml", schedules))
    return entries_of(facts, asked, chart, (0, last), schedules)


def _check(
    ledger: Ledger, asked: InBook, owner: str, months: tuple[int, int], before: list[Posting], today: date
) -> None:
    """Whether some months may be posted. Raises `Refused`."""
    first, last = months
    file = str(ledger.path)
    of = f"of {owner} under {asked.book.id}"
    if again := [each for each in before if first <= each.period <= last]:
        what = (
            f"{month_of(again[0].period)} {of} was posted on {again[0].posted_at:%Y-%m-%d} as number {again[0].number}"
        )
        why = "what was posted does not change; what is known since is posted with the next period"
        raise refuse(file, what, why, "see it with depr journal --difference")
    if before and first != before[-1].period + 1:
        after = month_of(before[-1].period + 1)
        raise refuse(file, f"{month_of(first)} {of} is not next", f"the next one is {after}", f"post {after}")
    until = ledger.closed().get(owner)
    if until and asked.calendar.last_day(first) <= until:
        raise refuse(file, f"{month_of(first)} of {owner} is closed through {until}", do="reopen it first: depr reopen")
    if asked.calendar.first_day(last) > today:
        raise refuse(file, f"{month_of(last)} has not begun", f"today is {today}", "post what has happened")


def _record(
    ledger: Ledger, owner: str, asked: InBook, month: int, number: int, lines: pl.DataFrame, moment: datetime, by: str
) -> None:
    content = posting.text(lines)
    digest = hashlib.sha256(content).hexdigest()
    fact = alone(
        kind=KIND,
        issuer=owner,
        book=asked.book.id,
        effective_date=asked.calendar.last_day(month),
        document=month_of(month),
        units=number,
        serial=digest,
        reason=by,
    )
    file = f"posting {number} of {owner}, {asked.book.id}, {month_of(month)}.csv"
    with TemporaryDirectory(prefix="depr-") as folder:
        path = Path(folder, "posting.csv")
        path.write_bytes(content)
        ledger.record(file, digest, fact, moment, read=1, source=path)
