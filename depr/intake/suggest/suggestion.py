"""A mapping that is suggested for a file, with its evidence and a preview; what two readings fit is left open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from depr.errors import refuse, visible
from depr.intake.forms import PURCHASES
from depr.intake.layout import AS_USUAL, DELIMITERS, Written, folded
from depr.intake.mapping import OPEN
from depr.intake.suggest import rows, values
from depr.intake.suggest.columns import Found, Names, found
from depr.intake.suggest.draft import SEPARATOR, Draft
from depr.intake.suggest.grid import HEAD_BYTES, Grid, grids
from depr.intake.suggest.preview import preview
from depr.intake.suggest.table import Table, many


@dataclass(frozen=True)
class Vocabulary:
    """What there is: generations, issuers with their currencies, and what registers call our columns.

    `systems` are the mappings that there are by name, each with the columns that it needs and those that it knows: they
    count for a file that has all that one needs.
    """

    generations: Collection[str]
    issuers: Mapping[str, str]
    names: Names
    systems: Mapping[str, tuple[frozenset[str], Mapping[str, str]]]

    def known(self, name: str) -> bool:
        """Whether a column may be called so."""
        return folded(name) in self.theirs or bool(self.names.of(name))

    @cached_property
    def theirs(self) -> frozenset[str]:
        """Every name that a system has for a column."""
        return frozenset(folded(theirs) for _, columns in self.systems.values() for theirs in columns.values())

    def of(self, header: Collection[str]) -> tuple[str | None, Names]:
        """The system whose columns a header has, and what columns are called there."""
        there = {folded(name) for name in header}
        for system, (needed, columns) in sorted(self.systems.items(), key=lambda each: -len(each[1][0])):
            if needed and needed <= there:
                theirs = {ours: frozenset([folded(name)]) for ours, name in columns.items()}
                return system, Names({**self.names.ours, **theirs}, self.names.total)
        return None, self.names


@dataclass(frozen=True)
class Suggestion:
    """A mapping as a TOML text, its keys that are left open, what is in the way of an import, and how columns read."""

    text: str
    open: tuple[str, ...]
    in_the_way: tuple[str, ...]
    preview: pl.DataFrame

    def __repr__(self) -> str:
        return f"Suggestion({len(self.preview)} columns, {len(self.open)} left open)"


def suggest(path: Path, there: Vocabulary, how: Written = AS_USUAL) -> Suggestion:
    """A mapping for a register of purchases, one row a lot. Raises `Refused` where the file holds no table.

    Nothing is guessed in silence: above each key stands what it rests on. Where two readings fit, or nothing says it,
    the key is `?`, which an import refuses.
    """
    tables = grids(path, how, there.known)
    if not tables:
        raise refuse(path.name, "no sheet holds a table", "no row names three columns", "name the columns above them")
    draft = Draft()
    draft.give("title", visible(path.stem))
    draft.give("source", f"suggested from {visible(path.name)}")
    table = _place(draft, path, tables, there)
    system, names = there.of(table.names)
    if system:
        draft.why["source"] = [f"the columns are those of the mapping {system}: depr mappings says where they are from"]
    which = found(table.grids[0], names, PURCHASES.columns, there.generations)
    left = rows.left_out(table, which, names)
    stay = table.says
    for each in left:
        stay &= ~each.rows
        draft.skip(each.condition, each.why)
    if len(table.grids) > 1:
        which = found(_whole(table), names, PURCHASES.columns, there.generations)
    _columns(draft, table, which, stay)
    read = values.read(draft, table, which, stay, there.generations, there.issuers)
    _others(draft, table, which)
    shown = preview(draft, table, which, stay, read)
    return Suggestion(draft.text, tuple(draft.open), tuple(draft.in_the_way), shown)


def _whole(table: Table) -> Grid:
    """Several sheets as one."""
    first = table.grids[0]
    return replace(first, text=replace(first.text, table=table.cells))


REQUIRED = ("lot_id", "generation", "cost", "unit_cost", "purchase_date")


def _place(draft: Draft, path: Path, tables: list[Grid], there: Vocabulary) -> Table:
    """Where the table is: of several sheets the one that has most of what a register has, and those that are alike."""

    def score(grid: Grid) -> int:
        return len({ours for name in grid.names if name for ours in there.names.of(name) if ours in REQUIRED})

    best = max(tables, key=score)
    alike = [each for each in tables if each.names == best.names]
    rivals = [each for each in tables if score(each) == score(best) and each.names != best.names]
    if best.sheet is not None and len(best.sheets) > 1:
        _sheets(draft, tables, best, alike, rivals, there)
        alike = [best] if draft.document["sheet"] == OPEN else alike
    above = {each.sheet or "": each.above for each in alike}
    seen = [f"{each.sheet}: {each.seen['header']}" if len(alike) > 1 else each.seen.get("header", "") for each in alike]
    if any(above.values()):
        draft.give("skip_rows", best.above if len(set(above.values())) == 1 else above, *seen)
    else:
        draft.why["title"] += [each for each in seen if each]
    if best.header_rows > 1:
        draft.give("header_rows", best.header_rows, "the row above the header names several of its columns")
    if best.delimiter != ",":
        name = next(name for name, mark in DELIMITERS.items() if mark == best.delimiter)
        draft.give("delimiter", name, best.seen.get("delimiter", ""))
    if len(best.encodings) > 1:
        draft.give("encoding", OPEN, "it is no UTF-8, and reads otherwise in each of:", *_readings(path, best))
    elif best.encodings:
        draft.give("encoding", best.encoding, "it is no UTF-8")
    return Table(alike)


def _readings(path: Path, grid: Grid) -> list[str]:
    with path.open("rb") as file:
        first = next((line for line in iter(lambda: file.readline(HEAD_BYTES), b"") if not line.isascii()), b"").strip()
    return [f"{name}: {first.decode(name, 'replace')[:READING]!r}" for name in grid.encodings]


READING = 80


def _sheets(
    draft: Draft, tables: list[Grid], best: Grid, alike: list[Grid], rivals: list[Grid], there: Vocabulary
) -> None:
    """Which sheets are read, and what becomes of the others."""
    read = [each.sheet for each in alike]
    said = [f"{name!r} is not read: it has no such columns" for name in best.sheets if name not in read]
    if rivals:
        listed = ", ".join(repr(each.sheet) for each in [best, *rivals])
        draft.give("sheet", OPEN, f"{listed} may each be the register; what follows is of {best.sheet!r}", *said)
        return
    if len(alike) < 2:
        draft.give("sheet", best.sheet, *said)
        return
    ids = found(best, there.names, PURCHASES.columns, there.generations).place("lot_id")
    if ids is not None:
        lots = pl.concat([each.cells[str(ids)].drop_nulls().unique() for each in alike])
        twice = lots.filter(lots.is_duplicated() & ~lots.str.contains(rows.total(there.names))).unique().sort()
        if len(twice):
            common = f"{many(len(twice), 'lot')} in common, as {twice[0]!r}"
            both = f"{', '.join(map(repr, read))} have the same header and {common}"
            draft.give("sheet", OPEN, both, *said)
            return
    draft.give("sheet", read, f"{len(read)} sheets have the same header and no lots in common", *said)


def _columns(draft: Draft, table: Table, which: Found, stay: pl.Series) -> None:
    """Ours and theirs; where several may be meant, or none is, that is left open."""
    total = int(stay.sum())
    for ours in PURCHASES.columns:
        places = which.places.get(ours, ())
        if len(places) == 1:
            column = table.column(places[0]).filter(stay)
            filled = len(column) - column.null_count()
            said = f"{filled:,} of {total:,} cells are filled"
            draft.give(f"columns{SEPARATOR}{ours}", OPEN, which.why.get(ours, ""))
            if ours == "lot_id":
                different = column.drop_nulls().n_unique()
                said += ", all different" if different == filled else f", {different:,} of them different"
            draft.give(f"columns{SEPARATOR}{ours}", table.names[places[0]], said)
        elif places:
            listed = " or ".join(repr(table.names[place]) for place in places)
            draft.give(f"columns{SEPARATOR}{ours}", OPEN, f"it may be {listed}")
    held = draft.document.setdefault("columns", {})
    listed = f"no column is called so; they are: {', '.join(table.words)}"
    for ours in ("lot_id", "purchase_date", *(() if {"cost", "unit_cost"} & held.keys() else ("cost",))):
        if ours not in held:
            draft.give(f"columns{SEPARATOR}{ours}", OPEN, listed)
    if "in_service_date" not in held:
        bought = which.place("purchase_date")
        serve = f"{table.names[bought]!r} may serve as both, or" if bought is not None else "name a column, or"
        why = f"no column is called so, and without the day all are under construction; {serve} take the key out"
        draft.give(f"columns{SEPARATOR}in_service_date", OPEN, why)
    _repeated(draft, table, which, stay)


def _repeated(draft: Draft, table: Table, which: Found, stay: pl.Series) -> None:
    """Columns of names in which blanks stand below a text, as merged cells leave them."""
    down = []
    why = []
    certain = True
    for ours in ("generation", "issuer", "location", "currency"):
        place = which.place(ours)
        if place is None:
            continue
        column = table.column(place).filter(stay)
        blank = column.null_count()
        if blank and column[0] is not None and ours in ("generation", "issuer", "currency"):
            down.append(ours)
            blanks = (table.column(place).is_null() & stay).arg_true()
            certain &= all(table.below(place, int(row)) for row in blanks)
            why.append(f"{blank:,} of {len(column):,} cells of {table.names[place]!r} are blank below one that is not")
    if down and certain:
        draft.give("fill_down", down, *why, "each of them is part of a merged cell")
    elif down:
        do = f"if a blank means the cell above it, as in merged cells: fill_down = {down}".replace("'", '"')
        draft.give("fill_down", OPEN, *why, f"{do}; if not: fill_down = []")


def _others(draft: Draft, table: Table, which: Found) -> None:
    """Every column that is not read, by its name; those without one."""
    read = {place for places in which.places.values() for place in places}
    mapped = {folded(name) for name in draft.document["columns"].values()}
    skipped = {each["column"] for each in draft.document.get("skip", ())}
    others = [
        place
        for place, name in enumerate(table.names)
        if name and folded(name) not in mapped | set(map(folded, skipped))
    ]
    said = [f"{table.names[place]!r}: {_first(table, place)}" for place in others]
    left = [place for place in others if place in read]
    unnamed = [place for place, name in enumerate(table.names) if not name]
    full = [place for place in unnamed if table.column(place).null_count() < len(table.cells)]
    names = [table.names[place] for place in others]
    if full or len(set(names)) < len(names):
        why = [f"column {place + 1} has no name and holds {_first(table, place)}" for place in full]
        draft.give("ignore", "*", "these are not read:", *said, *why)
        return
    if unnamed:
        many = len(unnamed)
        draft.give("empty_columns", "drop", f"{many} column{'s' * (many > 1)} without a name and without a cell")
    if names:
        more = f"of these {', '.join(repr(table.names[place]) for place in left)} may be meant above" if left else ""
        draft.give("ignore", names, "these are not read:", *said, more)


def _first(table: Table, place: int) -> str:
    held = table.column(place).drop_nulls()
    return repr(visible(held[0])[:READING]) if len(held) else "nothing"
