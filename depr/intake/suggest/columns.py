"""Which column of a register is which of ours: by the names that registers have, and by what is in the cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from depr.intake.layout import folded
from depr.intake.suggest.grid import Grid

OTHERS = ("gone", "status")
"""Columns that are none of ours and decide whether a row is a lot that is held."""


@dataclass(frozen=True)
class Names:
    """What registers call our columns: ours -> folded names; `total` are words of rows that add others up."""

    ours: Mapping[str, frozenset[str]]
    total: tuple[str, ...]
    met: dict[str, list[str]] = field(default_factory=dict, compare=False, repr=False)

    def of(self, name: str) -> list[str]:
        """Which of ours a name may stand for: those that are called so, else those called so with words beside."""
        if name not in self.met:
            self.met[name] = self._of(name)
        return self.met[name]

    def _of(self, name: str) -> list[str]:
        spellings = {folded(each) for each in (name, ASIDE.sub(" ", name), CODE.sub(" ", ASIDE.sub(" ", name)))}
        exact = [ours for ours, names in self.ours.items() if spellings & names]
        plain = folded(name)
        return exact or [ours for ours, names in self.ours.items() if any(_within(each, plain) for each in names)]


ASIDE = re.compile(r"[(\[][^)\]]*[)\]]")
CODE = re.compile(r"\b[A-Z]{3}\b")
"""What may stand beside the name of a column: a note in parentheses, the code of a currency."""


def _within(known: str, name: str) -> bool:
    """Whether a known name of two words or more stands in another."""
    return " " in known and re.search(rf"(^|\W){re.escape(known)}(\W|$)", name) is not None


@dataclass(frozen=True)
class Found:
    """The columns that were recognised: ours -> their places, one where it is certain; why is that of several."""

    places: Mapping[str, tuple[int, ...]]
    why: Mapping[str, str]

    def place(self, ours: str) -> int | None:
        """The one place of a column; None where there is none, or several."""
        places = self.places.get(ours, ())
        return places[0] if len(places) == 1 else None


def found(grid: Grid, names: Names, form: Collection[str], generations: Collection[str]) -> Found:
    """Which columns are which; of several of one name the one whose cells say so, else all of them."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(grid.names):
        for ours in names.of(name) if name else ():
            if ours in form or ours in OTHERS:
                places.setdefault(ours, []).append(place)
    filled = {place: int(_filled(grid.cells.to_series(place))) for each in places.values() for place in each}
    why = {}
    for ours, several in places.items():
        there = [place for place in several if filled[place]] or several[:1]
        several[:], said = _best(grid, ours, there, names, generations)
        if said:
            why[ours] = f"of {' and '.join(grid.words(place) for place in there)} {said}"
    return Found({ours: tuple(each) for ours, each in places.items()}, why)


def _filled(column: pl.Series) -> int:
    return int((column.fill_null("").str.strip_chars() != "").sum())


def _best(
    grid: Grid, ours: str, places: Sequence[int], names: Names, generations: Collection[str]
) -> tuple[list[int], str]:
    """Of several columns that may be one of ours: the one that is called so, or whose cells say it best; and why."""
    if len(places) < 2:
        return list(places), ""
    called = [place for place in places if folded(ASIDE.sub(" ", grid.names[place])) in names.ours[ours]]
    if len(called) == 1:
        return called, "it is the one that is called so"
    if ours == "generation":
        score = {place: _named(grid.cells.to_series(place), generations) for place in called or places}
    elif ours == "lot_id":
        score = {place: grid.cells.to_series(place).n_unique() for place in called or places}
    else:
        return list(called or places), ""
    most = max(score.values())
    best = [place for place, each in score.items() if each == most]
    if not most or len(best) > 1:
        return list(best if most else called or places), ""
    said = "name most generations" if ours == "generation" else "have most different cells"
    return best, f"its cells {said}: {most:,} of {len(grid.cells):,}"


def _named(column: pl.Series, generations: Collection[str]) -> int:
    """Cells that name a generation."""
    counts = column.drop_nulls().value_counts(name="len")
    return sum(rows for text, rows in counts.iter_rows() if generation_in(text, generations))


def generation_in(text: str, generations: Collection[str]) -> list[str]:
    """The keys that a text may mean: those whose words are all in it, of these the ones of most words."""
    words = set(re.findall(r"[a-z0-9]+", text.lower()))
    held = [key for key in generations if set(re.findall(r"[a-z0-9]+", key)) <= words]
    longest = max((key.count("-") for key in held), default=0)
    return [key for key in held if key.count("-") == longest]
