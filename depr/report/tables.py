"""Tables as a page draws them: labels, figures, notes and tick marks, no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depr.report.format import Figure
from depr.report.words import Label, Words

NOT_SOURCED = Words("Blank: not sourced.")
EXPLAINED = Words("The reasons stand under Not shown, and why.")


MARKS = {
    "d": Words("Derived, not printed by the filer: %(how)s."),
    "v": Words("As a vendor gives it, not seen in the filing: %(how)s."),
}
"""Letters at figures that were not reported."""


@dataclass(frozen=True)
class Row:
    """One line: `kind` is "" or "total" (single rule above), "grand" (and a double below) or "quiet"."""

    label: Label
    cells: tuple[Figure, ...]
    kind: str = ""
    symbol: bool = False
    swatch: str = ""
    href: str = ""

    @property
    def ticks(self) -> tuple[str, ...]:
        """Tick marks that stand at any of its figures."""
        return tuple(dict.fromkeys(tick for cell in self.cells for tick in cell.ticks))

    @property
    def has_gap(self) -> bool:
        """Whether a cell is blank because it is not sourced or not defined."""
        return any(cell.missing for cell in self.cells)


@dataclass(frozen=True)
class Group:
    """Lines under a common heading; no heading when `label` is None, a link when `href` is given."""

    rows: tuple[Row, ...]
    label: Label | None = None
    href: str = ""


@dataclass(frozen=True)
class Head:
    """A heading over `span` columns."""

    label: Label
    span: int = 1


@dataclass(frozen=True)
class Table:
    """A table: caption, units line, headings, groups; `blank` is the note that a line with a blank cell points to."""

    id: str
    caption: Label
    units: Label
    columns: Sequence[Label]
    groups: Sequence[Group]
    over: Sequence[Head] = ()
    blank: Label = NOT_SOURCED
    notes: Sequence[Label] = ()
    mode: Label = ""  # the mode of the figures, with what they may be called
    explained: bool = False  # whether the page says why each blank is blank
    unsigned: frozenset[int] = frozenset()  # columns that take no currency sign
    asked: bool = False  # whether the page gives the SQL of the table

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every line of the table."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def ticks(self) -> frozenset[str]:
        """Tick marks that stand in the table."""
        return frozenset(tick for row in self.rows for tick in row.ticks)

    @property
    def marks(self) -> tuple[tuple[str, Words], ...]:
        """What the letters at figures mean that the filer did not print, with how each came."""
        found: dict[str, dict[str, None]] = {}
        for cell in (cell for row in self.rows for cell in row.cells if cell.basis):
            found.setdefault(cell.basis, {})[cell.how] = None
        return tuple((letter, Words(MARKS[letter].text, {"how": "; ".join(found[letter])})) for letter in sorted(found))

    @property
    def keyed(self) -> bool:
        """Whether lines carry the swatch of their bars."""
        return any(row.swatch for row in self.rows)

    @property
    def has_gap(self) -> bool:
        """Whether any cell is blank."""
        return any(row.has_gap for row in self.rows)
