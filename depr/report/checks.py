"""Checks that run on the figures of a page, and the tick marks that say so.

A tick stands beside a line only where its check ran on that line and every figure agreed in minor units. What failed
is counted and printed with the evidence, so a missing tick is never silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from depr.report.words import Words

MEANINGS = {
    "B": Words(
        "Balances roll forward: a year opens with what closed the year before, and equity restated is equity reported "
        "plus the closing change."
    ),
    "E": Words(
        "Recomputed on this page: income restated over the shares printed, half to even, or the figure as reported and "
        "the change in income over them, as the rule beneath says."
    ),
    "F": Words("Foots: the total equals the lines above it, added on this page."),
    "R": Words(
        "Recomputed on this page: the line as reported, less the understatement and losses or its part of them, "
        "plus the tax on them."
    ),
    "T": Words("Agrees with the schedule: the alternative book less the reported book, added by generation."),
    "Y": Words("The four quarters add up to the year."),
}


@dataclass(frozen=True)
class Tally:
    """One tick mark in the legend: what it means, on how many figures it ran, how many did not agree."""

    tick: str
    meaning: Words
    ran: int
    failed: int


class Checks:
    """Runs comparisons while tables are built and keeps count."""

    def __init__(self) -> None:
        self._ran: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def mark(self, tick: str, pairs: Iterable[tuple[int | None, int | None]]) -> tuple[str, ...]:
        """The tick when at least one pair could be compared and all that could are equal, else nothing."""
        compared = [left == right for left, right in pairs if left is not None and right is not None]
        self._ran[tick] += len(compared)
        self._failed[tick] += compared.count(False)
        return (tick,) if compared and all(compared) else ()

    @property
    def legend(self) -> tuple[Tally, ...]:
        """Every kind of check that ran."""
        return tuple(
            Tally(tick, meaning, self._ran[tick], self._failed[tick])
            for tick, meaning in MEANINGS.items()
            if self._ran[tick]
        )
