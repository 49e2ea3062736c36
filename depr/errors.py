"""Findings: what is wrong with the input, as values that are collected, sorted and shown together.

A finding says where (file and row), what, why and what to do. Functions return findings beside their results;
only the edge (cli, or a caller that asks for it) turns them into an exception, `Refused`. An exception of any other
type is a programmer's error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong with the input.

    `row` is the row of the file as its author counts it: the header of a CSV or of a sheet is row 1, so the first
    purchase is row 2; 0 means the file as a whole.
    """

    file: str
    row: int
    what: str
    why: str = ""
    do: str = ""
    code: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.row}" if self.row else self.file
        return ": ".join(filter(None, [where, self.what])) + "".join(
            f"\n  {label}: {text}" for label, text in (("why", self.why), ("do", self.do)) if text
        )


class Refused(Exception):  # noqa: N818 (it reads as what happened)
    """Input that cannot be used; `findings` says why, in the order of file and row."""

    def __init__(self, findings: Iterable[Finding] | Finding) -> None:
        given = [findings] if isinstance(findings, Finding) else findings
        self.findings: Sequence[Finding] = tuple(sorted(given))
        super().__init__("\n".join(map(str, self.findings)))

    def __reduce__(self) -> tuple[type[Refused], tuple[Sequence[Finding]]]:
        """For other processes: made again from its findings, not from its text."""
        return type(self), (self.findings,)


def refuse(file: str, what: str, why: str = "", do: str = "", *, row: int = 0) -> Refused:
    """A `Refused` with a single finding, for `raise refuse(...)`."""
    return Refused(Finding(file, row, what, why, do))


def unknown(kind: str, name: str, known: Iterable[str], file: str = "input") -> Refused:
    """The error for a name that does not exist: it lists the names that do."""
    return refuse(file, f"unknown {kind} {name!r}", do=f"use one of: {', '.join(sorted(known))}")
