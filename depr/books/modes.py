"""Modes: how a change of judgement is carried into the past, and what the outcome may be called.

as_if           the alternative has always applied, as analysis
prospective     carrying amount at the change date over what remains of the new life (ASC 250-10-45-17, IAS 8.36)
retrospective   the alternative has always applied; opening retained earnings and deferred tax of the first period
                presented take the after-tax cumulative effect (ASC 250-10-45-23, IAS 8.42)
catch_up        the reported book to the change date, then the alternative; the difference accumulated until then
                is charged in the period of the change
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import polars as pl

from depr.books.book import ALL, Book, Policy
from depr.errors import refuse, unknown
from depr.kernel.calendar import FIRST, LAST

JUDGED = ("opening", "estimate")
"""Changes that are judgements of what is reported: from the change date on the alternative replaces them."""


class Mode(NamedTuple):
    """A mode: what it may be called, whether it needs a date, and the word in the name of its book."""

    name: str
    called: str
    dated: bool
    word: str = ""


MODES = {
    mode.name: mode
    for mode in (
        Mode("as_if", "analysis, not a GAAP restatement", dated=False),
        Mode("prospective", "change in accounting estimate", dated=True, word="from"),
        Mode("retrospective", "correction of an error", dated=False),
        Mode("catch_up", "expensed adjustment: analysis, not a GAAP restatement", dated=True, word="caught-up"),
    )
}


@dataclass(frozen=True)
class Case:
    """One restatement asked for. `book` is the one its figures follow: the alternative, or what a date makes of it."""

    mode: Mode
    book: Book
    alternative: Book
    change: date | None = None


def cases(
    reported: Book, alternatives: Sequence[Book], modes: Sequence[str] = ("as_if",), changes: Sequence[date] = ()
) -> list[Case]:
    """Every alternative in every mode, in a dated one at every change date; each once, in the order given.

    Raises `Refused` for a mode that does not exist, a dated one without a date, a date that no mode needs or that is
    not in the calendar, and two books of one name.
    """
    chosen = [_mode(name) for name in dict.fromkeys(modes)]
    _check(chosen, changes)
    books = {book.id: book for book in alternatives}
    known = {**books, reported.id: reported}
    if twice := [book.id for book in alternatives if known[book.id] != book or books[book.id] != book]:
        raise refuse("books", f"two books are named {twice[0]!r}", do="give each its own name")
    return [
        Case(mode, _dated(mode, reported, book, day) if day else book, book, day)
        for mode in chosen
        for book in books.values()
        for day in (dict.fromkeys(changes) if mode.dated else (None,))
    ]


def _mode(name: str) -> Mode:
    if name not in MODES:
        raise unknown("mode", name, MODES)
    return MODES[name]


def _check(modes: Sequence[Mode], changes: Sequence[date]) -> None:
    needs = [mode.name for mode in modes if mode.dated]
    if not modes:
        raise refuse("modes", "no mode is given", do=f"give any of {', '.join(MODES)}")
    if needs and not changes:
        raise refuse("modes", f"{needs[0]} needs a change date", "it leaves what is before it alone", "give one")
    if changes and not needs:
        what = f"{', '.join(mode.name for mode in modes)} knows no change date"
        raise refuse("modes", what, "the alternative has always applied in it", "leave it out, or ask for prospective")
    for day in changes:
        if not FIRST <= day <= LAST:
            raise refuse("modes", f"change date {day}", f"dates run from {FIRST} to {LAST}", "correct the year")


def _dated(mode: Mode, reported: Book, alternative: Book, change: date) -> Book:
    """The book of a mode that has a date, under its own name."""
    made = prospective(reported, alternative, change)
    named = {"id": f"{alternative.id}-{mode.word}-{change}", "note": f"{mode.called}: {reported.id} before {change}"}
    return made.model_copy(update=named)


def prospective(reported: Book, alternative: Book, change: date) -> Book:
    """The policies of the reported book until the change date, from it on those of the alternative.

    The kernel does the rest: a later policy meets the carrying amount, over the new life less the age reached (one
    period where the age has overtaken it). A lot placed in service from the change date on is the alternative's alone.
    A generation for which the alternative has no policy has none here either.
    """
    names = {name for book in (reported, alternative) for policy in book.policy for name in policy.generations}
    policies = [each for name in sorted(names) for each in _spliced(reported, alternative, name, change)]
    return reported.model_copy(
        update={
            "id": f"{alternative.id}-from-{change}",
            "title": f"{alternative.title} from {change}",
            "kind": "scenario",
            "source": f"{reported.source}; from {change}: {alternative.source}",
            "note": f"{reported.id} before {change}",
            "policy": tuple(sorted(policies, key=lambda policy: policy.effective)),
        }
    )


def _spliced(reported: Book, alternative: Book, generation: str, change: date) -> list[Policy]:
    before = _track(reported, generation)
    after = _track(alternative, generation)
    if not before or not after:
        return []
    kept = [policy for policy in before if policy.effective < change]
    ruling = [policy for policy in after if policy.effective <= change][-1:] or after[:1]
    later = [policy for policy in after if policy.effective > max(change, ruling[0].effective)]
    # From the date on its life replaces those that were estimated for single lots as reported.
    begins = [policy.model_copy(update={"effective": change, "own_life": "replaced"}) for policy in ruling]
    # A book whose first policy is dated stands for what came before it too.
    start = [policy.model_copy(update={"effective": FIRST}) for policy in before[:1]] if not kept else []
    mine = (generation,)
    return [
        policy if policy.generations == mine else policy.model_copy(update={"generations": mine})
        for policy in (*start, *kept, *begins, *later)
    ]


def _track(book: Book, generation: str) -> tuple[Policy, ...]:
    return tuple(p for p in book.policy if ALL in p.generations) if generation == ALL else book.track(generation)


def changes_of_case(case: Case, reported: pl.DataFrame, alternative: pl.DataFrame) -> pl.DataFrame:
    """What befalls lots in the book of a case (contract.Changes), from what befalls them in both of its books.

    Facts count whenever they happen. A judgement of one lot counts as in the reported book before the change date, as
    in the alternative from then on: the past is untouched.
    """
    if case.mode.name != "prospective":
        return alternative
    early = pl.col("effective_date") < case.change
    judged = pl.col("kind").is_in(JUDGED)
    parts = pl.concat([reported.filter(early | ~judged), alternative.filter(~early & judged)])
    return parts.sort("lot", maintain_order=True)
