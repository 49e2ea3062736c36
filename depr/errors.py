"""Findings: what is wrong with the input, as values that are collected, sorted and shown together.

A finding says where (file and row), what, why and what to do. Functions return findings beside their results;
only the edge (cli, or a caller that asks for it) turns them into an exception, `Refused`. An exception of any other
type is a programmer's error.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that a terminal obeys or that nobody sees: controls, directions, marks of no width, lone surrogates."""


def visible(text: str) -> str:
    """Text for the eye: what a terminal would obey, or nobody would see, in its escaped form; line ends and tabs stay.

    >>> visible("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong with the input.

    `row` is the row of the file as its author counts it: the header of a CSV or of a sheet is row 1, so the first
    purchase is row 2; 0 means the file as a whole. `rows` is how many rows it speaks for: more than one where the
    others are not told one by one.
    """

    file: str
    row: int
    what: str
    why: str = ""
    do: str = ""
    code: str = ""
    rows: int = 1

    def __str__(self) -> str:
        return "\n".join([self.head, *self.advice])

    @property
    def head(self) -> str:
        """Where and what, in a line."""
        where = f"{self.file}:{self.row}" if self.row else self.file
        return _line(": ".join(filter(None, [where, self.what])))

    @property
    def advice(self) -> list[str]:
        """Why, and what to do, in a line each."""
        return [f"  {label}: {_line(text)}" for label, text in (("why", self.why), ("do", self.do)) if text]


def _line(text: str) -> str:
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


KINDS = 50
HEADS = 20
ROWS = 10
"""How many causes are told, how many different texts of one cause, and how many of the rows that share a text."""


def grouped(findings: Iterable[Finding]) -> Iterator[str]:
    """Findings for the eye, one paragraph a cause: its first texts and rows, how many more there are, why, what to do.

    A cause is a file, a code, a why and a do. What is not told one by one is counted.
    """
    causes: defaultdict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for each in findings:
        causes[each.file, each.code, each.why, each.do].append(each)
    kinds = list(causes.values())
    for alike in kinds[:KINDS]:
        yield "\n".join([*_heads(alike), *alike[0].advice])
    if rest := kinds[KINDS:]:
        number = sum(each.rows for alike in rest for each in alike)
        yield f"and {number:,} more, of {len(rest):,} other kinds"


def _heads(alike: Sequence[Finding]) -> Iterator[str]:
    texts: defaultdict[str, list[Finding]] = defaultdict(list)
    for each in alike:
        if each.rows == 1:
            texts[each.what].append(each)
    whole = sum(each.rows for each in alike)
    shown = list(texts.values())[:HEADS]
    if not shown:
        yield from (each.head for each in alike)
        return
    for first, *others in shown:
        rows = sorted({each.row for each in others if each.row})
        listed = ", ".join(map(str, rows[:ROWS]))
        more = f" and {len(rows) - ROWS:,} more" if len(rows) > ROWS else ""
        yield first.head + (f" (also row{'s' * (len(rows) > 1)} {listed}{more})" if rows else "")
    if rest := whole - sum(map(len, shown)):
        yield f"{_line(alike[0].file)}: and {rest:,} more like {'it' if len(shown) == 1 else 'these'}"


class Refused(Exception):  # noqa: N818 (it reads as what happened)
    """Input that cannot be used; `findings` says why, in the order of file and row."""

    def __init__(self, findings: Iterable[Finding] | Finding) -> None:
        given = [findings] if isinstance(findings, Finding) else findings
        self.findings: Sequence[Finding] = tuple(sorted(given))
        super().__init__("\n".join(grouped(self.findings)))

    def __reduce__(self) -> tuple[type[Refused], tuple[Sequence[Finding]]]:
        """For other processes: made again from its findings, not from its text."""
        return type(self), (self.findings,)


def refuse(file: str, what: str, why: str = "", do: str = "", *, row: int = 0) -> Refused:
    """A `Refused` with a single finding, for `raise refuse(...)`."""
    return Refused(Finding(file, row, what, why, do))


def unknown(
    kind: str, name: str, known: Iterable[str], file: str = "input", *, also: str = "", typo: bool = True
) -> Refused:
    """The error for a name that does not exist: it lists the names that do, and what `also` can be done.

    It may be a `typo` for the nearest of them, unless it is known to be none.
    """
    names = sorted(set(known))
    do = "; ".join(filter(None, [f"use one of: {', '.join(names)}", also]))
    return refuse(file, f"unknown {kind} {name!r}{meant(name, names) if typo else ''}", do=do)


def meant(name: str, known: Iterable[str]) -> str:
    """Which of the names that exist may be meant, in words, whatever its case: the one that goes on where it ends, else
    the nearest; nothing if none is near."""
    folded = {each.casefold(): each for each in known}
    typed = name.casefold()[:LONGEST_NAME]
    longer = [each for each in folded if len(typed) > 2 and each.startswith(typed)]
    near = sorted(longer, key=len)[:1] or get_close_matches(typed, folded, n=1, cutoff=0.7)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


LONGEST_NAME = 100
