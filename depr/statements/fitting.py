"""Which facts belong to which fiscal period of a filer, and which belong to none.

A duration is of the quarters it covers, in the calendar of its day. A balance is of the period that a duration of the
same document ends on its day: the day of a merger is near a quarter's end and ends none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from depr.errors import Finding
from depr.kernel.calendar import FiscalCalendar
from depr.statements.companyfacts import Fact
from depr.statements.filings import is_annual
from depr.statements.periods import Era, Span, eras, listed, year_end_month

Key = tuple[str, str, Span]
"""(line, tag, span)."""

Days = tuple[date, date]
SLIP = timedelta(days=3)
"""Days that differ by no more are meant to be the same."""

SHOWN = 12
"""Periods that a finding names; it counts the others."""


class Fitted(NamedTuple):
    """The facts of each line, tag and period, and what is to be said of the rest."""

    groups: Mapping[Key, Sequence[Fact]]
    findings: tuple[Finding, ...]


def fitted(facts: Sequence[Fact], calendar: FiscalCalendar, file: str) -> Fitted:
    """Facts by line, tag and period of a filer whose fiscal years end as `calendar` says.

    Of two durations that cover the same quarters the more usual one counts. Years of annual reports before the first
    one of `calendar` that end in another month are read in theirs; a transition period between is of neither.
    """
    known = eras({(fact.start, fact.end) for fact in facts if fact.start and is_annual(fact.form)}, calendar)
    given = Counter((fact.start, fact.end) for fact in facts if fact.start)
    spans = {days: _first(era.span(*days) for era in known) for days in given}
    usual: dict[Span, Days] = {}
    for days, span in spans.items():
        if span and (span not in usual or (given[days], days) > (given[usual[span]], usual[span])):
            usual[span] = days
    ends = Counter(fact.end for fact in facts if fact.start and spans[fact.start, fact.end])
    groups = defaultdict[Key, list[Fact]](list)
    left = list[Fact]()
    for fact in facts:
        own = _spans(fact, known, spans, ends)
        for span in own:
            groups[fact.line.line, fact.tag, span].append(fact)
        if not own:
            left.append(fact)
    for key, group in groups.items():
        kept = _usual(group, usual[key[2]] if group[0].start else None, ends)
        left += [fact for fact in group if fact not in kept]
        groups[key] = kept
    left = list({id(fact): fact for fact in left}.values())
    return Fitted(groups, (*_changed(known, file), *_unfit(left, known, file), *_balances(left, file)))


def _first(spans: Iterable[Span | None]) -> Span | None:
    return next((span for span in spans if span), None)


def _spans(fact: Fact, known: Sequence[Era], spans: Mapping[Days, Span | None], ends: Counter[date]) -> Sequence[Span]:
    if fact.start:
        span = spans[fact.start, fact.end]
        return (span,) if span else ()
    return next((found for era in known if (found := era.at_end(fact.end))), ()) if fact.end in ends else ()


def _usual(group: Sequence[Fact], usual: Days | None, ends: Counter[date]) -> list[Fact]:
    """The facts of the days that most facts of the document give, where the group has them."""
    if usual is None:
        day = max({fact.end for fact in group}, key=lambda end: (ends[end], end))
        return [fact for fact in group if fact.end == day]
    start, end = usual
    near = [f for f in group if f.start and abs(f.start - start) <= SLIP and abs(f.end - end) <= SLIP]
    return near or list(group)


def _changed(known: Sequence[Era], file: str) -> Iterator[Finding]:
    for one, other in pairwise(known):
        before = one.calendar.year_end_month
        after = other.calendar.year_end_month
        what = f"fiscal years to {one.end} end in month {before}, those from {other.begin} in month {after}"
        do = "look at what is said to be no fiscal period: a transition period is of no fiscal year"
        yield Finding(file, 0, what, "the annual reports say so: each year is read as it was reported", do, "calendar")


def _unfit(left: Sequence[Fact], known: Sequence[Era], file: str) -> Iterator[Finding]:
    facts = [fact for fact in left if fact.start]
    if facts:
        periods = sorted({(fact.start, fact.end) for fact in facts if fact.start}, key=lambda days: days[::-1])
        named = _some([f"{start} to {end}" for start, end in periods])
        what = f"{_count(facts, 'fact')} of {_count(periods, 'period')} that are no fiscal quarters: {named}"
        why = f"fiscal years end in month {known[-1].calendar.year_end_month}; these are left out"
        yield Finding(file, 0, what, why, OTHER_MONTH, "period")


OTHER_MONTH = "if its years end in another month, give it as fiscal_year_end_month of the issuer"


def _balances(left: Sequence[Fact], file: str) -> Iterator[Finding]:
    facts = [fact for fact in left if fact.start is None]
    if facts:
        named = _some([str(day) for day in sorted({fact.end for fact in facts})])
        what = f"{_count(facts, 'balance')} of days on which no period of the document ends: {named}"
        why = "a balance belongs to the period that ends on its day; these are left out"
        yield Finding(file, 0, what, why, "", "balance")


def _some(names: Sequence[str]) -> str:
    """The last of some names, and how many there are before them."""
    more = len(names) - SHOWN
    return ", ".join(names[-SHOWN:]) + (f" and {more} earlier ones" if more > 0 else "")


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things):,} {noun}{'s' * (len(things) != 1)}"


def year_ends(facts: Iterable[Fact]) -> str:
    """In which months the years of the annual reports end, in words, with the last such day of each."""
    days = {f.end for f in facts if f.start and is_annual(f.form) and (f.end - f.start).days in YEAR_DAYS}
    last = {year_end_month(day): day for day in sorted(days)}
    named = ", ".join(f"month {month} (as on {day})" for month, day in sorted(last.items()))
    return f"those of its annual reports in {named}" if named else "no annual report in it gives a year"


YEAR_DAYS = range(350, 380)


class Odd(NamedTuple):
    """One oddity of a figure: findings of one `cause` are told as one."""

    cause: tuple[str, ...]
    line: str
    span: Span
    finding: Finding


def one_a_cause(odd: Iterable[Odd]) -> list[Finding]:
    """One finding a cause: the last period speaks, the others are listed behind it."""
    causes: defaultdict[tuple[str, ...], list[Odd]] = defaultdict(list)
    for each in odd:
        causes[each.cause].append(each)
    return [_told(sorted(each, key=lambda o: (o.span.fiscal_year, o.span.last, o.line))) for each in causes.values()]


def _told(odd: Sequence[Odd]) -> Finding:
    *others, last = odd
    if not others:
        return last.finding
    spans = defaultdict[str, list[Span]](list)
    alone = {each.line for each in odd} == {last.line}
    for each in others:
        spans[each.line].append(each.span)
    named = "; ".join(("" if alone else f"{line} ") + listed(own) for line, own in sorted(spans.items()))
    return replace(last.finding, what=f"{last.finding.what}; and {len(others)} more: {named}")
