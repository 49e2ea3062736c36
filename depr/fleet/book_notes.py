"""What is said of the books that figures are under: whose they are, and what they leave out of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from depr.books.book import Book
from depr.intake import find_issuer
from depr.ledger.known import Known
from depr.ledger.positions import left_out
from depr.pipeline import Restatement

KINDS = {
    "opening": ("opening balance", "opening balances"),
    "estimate": ("change of estimate", "changes of estimate"),
}
"""What a scenario leaves out, one and several; other kinds are named as they are."""


class BookShown(NamedTuple):
    """A book under the name that figures have it by, the lots it is asked for, and what befalls them."""

    name: str
    book: Book
    lots: pl.DataFrame
    events: pl.DataFrame


def said(asked: Iterable[BookShown], schedules: Path | None) -> list[str]:
    """What each book is, books alike in one line: whose it is, or a scenario and what it leaves out of the facts."""
    parts: dict[str, list[BookShown]] = {}
    for each in asked:
        parts.setdefault(each.name, []).append(each)
    alike: dict[tuple[bool, str], list[str]] = {}
    for name, described in parts.items():
        lots = pl.concat([each.lots for each in described])
        alike.setdefault(_is(described[0]._replace(lots=lots), schedules), []).append(name)
    return [_line(names, *what) for what, names in alike.items()]


def _line(names: Sequence[str], scenario: bool, rest: str) -> str:
    word, kind = ("book", "a scenario, ") if len(names) == 1 else ("books", "scenarios, ")
    return f"{word} {', '.join(names)}: {kind if scenario else ''}{rest}"


def _is(one: BookShown, schedules: Path | None) -> tuple[bool, str]:
    """Whether a book is a scenario, and in words whose it is and what it leaves out."""
    book = one.book
    owners = one.lots["issuer"].unique().sort().to_list()
    reports = {name: entry.book if (entry := find_issuer(name, schedules)) else None for name in owners}
    own = [name for name in owners if reports[name] == book.id]
    others = [f"{name} ({reports[name]})" if reports[name] else name for name in owners if name not in own]
    missing = _counted(left_out(one.events, one.lots, book.id, as_reported=book.as_reported))
    recovered = _recovered(book, one.lots)
    if not book.as_reported:
        without = " and ".join(several for _, several in KINDS.values())
        rest = f"not what {', '.join(others)} reports; left out: {without} (here {missing or 'none'})"
        return True, "; ".join([rest, *recovered])
    whose = [f"what {', '.join(own)} reports"] * bool(own)
    whose += [f"applied to {', '.join(others)}, which reports another"] * bool(others)
    whose += [f"left out, as of another book: {missing}"] * bool(missing)
    return False, "; ".join([*whose, *recovered])


def _recovered(book: Book, lots: pl.DataFrame) -> list[str]:
    """That residual values of lots do not count where tax law recovers the whole cost, in words."""
    whole = [p for p in book.policy if not p.takes_residual]
    own = lots.filter(pl.col("residual_minor") > 0)
    where = {name for name in own["generation"].unique() if set(book.track(name)) & set(whole)}
    count = own.filter(pl.col("generation").is_in(list(where))).height
    said = f"no residual value under macrs, {count} left out (26 U.S.C. 168(b)(4))"
    return [said] if count else []


def _counted(events: pl.DataFrame) -> str:
    """How many events of each kind there are, in words."""
    counts = dict(events.group_by("kind", maintain_order=True).len().iter_rows())
    kinds = [*(kind for kind in KINDS if kind in counts), *sorted(set(counts) - set(KINDS))]
    return ", ".join(f"{counts[kind]} {KINDS.get(kind, (kind, kind))[counts[kind] > 1]}" for kind in kinds)


def cases_said(known: Known, restatements: Iterable[Restatement], schedules: Path | None) -> list[str]:
    """What the books are that issuers were restated under; in a prospective case what was judged before it counts."""
    described = []
    for each in restatements:
        lots = known.lots.filter(issuer=each.issuer.id)
        for case in each.cases:
            late = pl.col("effective_date") >= case.change if case.mode.name == "prospective" else pl.lit(True)
            described.append(BookShown(case.book.id, case.alternative, lots, known.events.filter(late)))
    return said(described, schedules)
