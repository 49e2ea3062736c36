"""Checks that run on the figures of a page, and the tick marks that say so.

A tick stands at a figure only where its check ran on that figure and it agreed in minor units. What failed is counted
and printed with the evidence, so a missing tick is never silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from depr.report.format import Figure
from depr.report.words import Words

MEANINGS = {
    "B": Words(
        "Balances roll forward: a year opens with what closed the year before, and equity restated is equity reported "
        "plus the closing change."
    ),
    "E": Words(
        "Recomputed on this page: income restated over the shares of the period, half to even, or the figure before it "
        "and the change in income over them, as the rule under the table of earnings per share says; a change is the "
        "one less the other, a compression the change over the figure before."
    ),
    "F": Words("Foots: the total equals the lines above it, added on this page."),
    "R": Words(
        "Recomputed on this page: the line as reported, less the understatement and losses or its part of them, "
        "plus the tax on them."
    ),
    "T": Words("Agrees with the schedule: the alternative book less the reported book, added by generation."),
    "Y": Words("The four quarters add up to the year."),
}


Marks = tuple[tuple[str, ...], ...]
"""The ticks of each figure of a line."""


def ticked(cells: Iterable[Figure], *marks: Marks) -> tuple[Figure, ...]:
    """Figures with their ticks; a blank has none, since no check ran on it."""
    shown = tuple(cells)
    of_cell = zip(*(each for each in marks if each), strict=True) if any(marks) else ((),) * len(shown)
    return tuple(
        cell if cell.missing else replace(cell, ticks=(*cell.ticks, *(tick for own in ticks for tick in own)))
        for cell, ticks in zip(shown, of_cell, strict=True)
    )


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

    def mark(self, tick: str, pairs: Iterable[tuple[int | None, int | None]]) -> Marks:
        """For each pair the tick where both are known and equal, else nothing."""
        return tuple(self._marked(tick, left, right) for left, right in pairs)

    def _marked(self, tick: str, left: int | None, right: int | None) -> tuple[str, ...]:
        if left is None or right is None:
            return ()
        self._ran[tick] += 1
        self._failed[tick] += left != right
        return (tick,) if left == right else ()

    @property
    def legend(self) -> tuple[Tally, ...]:
        """Every kind of check that ran."""
        return tuple(
            Tally(tick, meaning, self._ran[tick], self._failed[tick])
            for tick, meaning in MEANINGS.items()
            if self._ran[tick]
        )
