"""How each figure of a page comes about: its formula with the values in it, the facts and their sources, its SQL.

The formulas are those by which the restatement is worked out (depr.restate.lines): one definition for the engines and
for people. What a formula of a year reads is derived in turn, until nothing is left but facts and charges of lots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from depr.contract.names import bare
from depr.report import format as fmt
from depr.report.facts import Facts
from depr.report.first import KeyFigure
from depr.report.format import Figure
from depr.report.known import Known
from depr.report.origin import At, Origin, Worked
from depr.report.queries import Kept, query
from depr.report.standing import Standing
from depr.report.tables import Row, Table
from depr.report.words import Label, Words

INNER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Piece:
    """A piece of a formula: a word or an operator, or a value that leads to its own derivation."""

    text: Label
    link: str = ""


@dataclass(frozen=True)
class Step:
    """One figure: its period, the values in the formula, the outcome, the checks that ran on it, its source."""

    id: str
    period: Label
    values: tuple[Piece, ...]
    outcome: str
    ticks: tuple[str, ...] = ()
    basis: Label = ""
    source: str = ""
    back: bool = False


@dataclass(frozen=True)
class Derivation:
    """The figures of one line: what they are, the formula in words, the SQL that gives them, and each of them."""

    id: str
    title: Label
    of: tuple[Label, ...]
    formula: tuple[Piece, ...]
    sql: str
    steps: tuple[Step, ...]


class Derivations:
    """Takes the figures of a page, gives each the name of its derivation, and writes the derivations down.

    `deep` derives what a formula reads in turn; else its values stand in it and are derived on another page.
    """

    def __init__(self, every: Sequence[Facts], run: str, *, deep: bool = True) -> None:
        self.known = {(str(own.report.issuer["id"]), own.case.mode, own.case.change): Known(own) for own in every}
        self.several = len({name for name, *_ in self.known}) > 1
        self.run = run
        self.deep = deep
        self._place: dict[Origin, tuple[int, int]] = {}
        self._series: dict[object, tuple[int, list[Origin]]] = {}
        self._ticks: dict[Origin, tuple[str, ...]] = {}
        self._shown: set[Origin] = set()

    def link(self, origin: Origin) -> str:
        """The name of the derivation of a figure, made where it is new: its line and its place in it."""
        if origin not in self._place:
            number, series = self._series.setdefault(_line_of(origin), (len(self._series) + 1, []))
            series.append(origin)
            self._place[origin] = (number, len(series))
        line, place = self._place[origin]
        return f"{line}-{place}"

    def linked(self, table: Table) -> Table:
        """A table whose figures lead to their derivations; the first of each is where its derivation leads back to."""
        groups = tuple(replace(group, rows=tuple(map(self._row, group.rows))) for group in table.groups)
        return replace(table, groups=groups)

    def _row(self, row: Row) -> Row:
        return replace(row, cells=tuple(map(self.cell, row.cells)))

    def cell(self, cell: Figure) -> Figure:
        """A figure with the name of its derivation."""
        if cell.at is None or cell.missing or cell.empty:
            return cell
        first = cell.at not in self._shown
        self._shown.add(cell.at)
        self._ticks[cell.at] = tuple(dict.fromkeys((*self._ticks.get(cell.at, ()), *cell.ticks)))
        return replace(cell, link=self.link(cell.at), anchor=first)

    def key(self, figure: KeyFigure) -> KeyFigure:
        """A figure of the first screen with the name of its derivation."""
        return figure if figure.at is None else replace(figure, link=self.link(figure.at))

    def standing(self, row: Standing) -> Standing:
        """A row of the comparison whose figures lead to their derivations."""
        return replace(row, modelled=self.cell(row.modelled), effects=tuple(map(self.cell, row.effects)))

    def of_table(self, table: Table) -> tuple[str, ...]:
        """The questions that give all figures of a table."""
        return self.of_cells([cell for row in table.rows for cell in row.cells])

    def of_cells(self, cells: Iterable[Figure]) -> tuple[str, ...]:
        """The questions that give some figures: one for each kind of place that they come from."""
        kinds: dict[object, list[At]] = {}
        for origin in (cell.at for cell in cells if cell.at is not None and cell.link):
            for at in [origin] if isinstance(origin, At) else [part for _, part in origin.parts]:
                own = self._of(at)
                summed = at.generation is not None and (at.column, bool(at.quarter))
                swept = (bool(at.months), at.bound if at.months else "", at.assumption)
                kind = (own.stated_only(at), summed, *swept)
                kinds.setdefault(kind, []).append(at)
        return tuple(filter(None, (self._asked(ats) for ats in kinds.values())))

    @property
    def written(self) -> tuple[Derivation, ...]:
        """Every derivation: of the figures that were shown, and of what these are derived from."""
        waiting = list(self._place) if self.deep else []
        for origin in waiting:
            for operand in self._reads(origin):
                if operand not in self._place:
                    self.link(operand)
                    waiting.append(operand)
        return tuple(self._derivation(number, own) for number, own in self._series.values())

    def _of(self, origin: Origin) -> Known:
        at = origin if isinstance(origin, At) else origin.parts[0][1]
        return self.known[at.issuer, at.mode, at.change]

    def _reads(self, origin: Origin) -> Iterator[At]:
        if isinstance(origin, Worked):
            yield from (
                at for at in (*(part for _, part in origin.parts), *origin.over) if self._of(at).value(at) is not None
            )
        else:
            own = self._of(origin)
            for name in [] if origin.quarter else INNER.findall(own.formula(origin)):
                operand = own.resolved(name, origin)
                if own.value(operand) is not None:
                    yield operand

    def _derivation(self, number: int, origins: Sequence[Origin]) -> Derivation:
        first = origins[0]
        own = self._of(first)
        steps = tuple(self._step(origin) for origin in sorted(origins, key=_when))
        if isinstance(first, Worked):
            return Derivation(str(number), first.title, (), (), self._sql(origins), steps)
        template = own.formula(first)
        formula = tuple(_named(template)) if template else (Piece(own.words(first)),)
        of = own.of(first, several=self.several)
        return Derivation(str(number), Words(column_words(first.column)), of, formula, self._sql(origins), steps)

    def _sql(self, origins: Sequence[Origin]) -> str:
        ats = [at for o in origins for at in ([o] if isinstance(o, At) else [part for _, part in o.parts])]
        return self._asked(ats)

    def _asked(self, ats: Sequence[At]) -> str:
        own = self._of(ats[0])
        return query(ats, Kept(self.run, own.facts.reported, len(own.facts.cases)), stated=own.stated_only(ats[0]))

    def _step(self, origin: Origin) -> Step:
        own = self._of(origin)
        back = origin in self._shown
        ticks = self._ticks.get(origin, ())
        if isinstance(origin, Worked):
            at = origin.parts[0][1]
            outcome = self._outcome(origin)
            return Step(self.link(origin), own.period(at), tuple(self._added(origin)), outcome, ticks, back=back)
        basis, source = own.cited(origin)
        values = tuple(self._filled(own, origin))
        outcome = own.exact(origin.column, own.value(origin))
        return Step(self.link(origin), own.period(origin), values, outcome, ticks, basis, source, back)

    def _outcome(self, origin: Worked) -> str:
        at = origin.parts[0][1]
        whole = sum(sign * (self._of(part).value(part) or 0) for sign, part in origin.parts)
        if not origin.over:
            return self._of(at).exact(at.column, whole)
        under = sum(self._of(part).value(part) or 0 for part in origin.over)
        return self._of(at).exact("share_ppm", fmt.ratio_ppm(whole, under))

    def _added(self, origin: Worked) -> Iterator[Piece]:
        yield from self._sum(origin.parts, within=bool(origin.over))
        if origin.over:
            yield Piece(" ÷ ")
            yield from self._sum([(1, at) for at in origin.over], within=True)

    def _sum(self, parts: Sequence[tuple[int, At]], *, within: bool) -> Iterator[Piece]:
        yield Piece("(" if within else "")
        for place, (sign, at) in enumerate(parts):
            yield Piece((" + " if sign > 0 else " − ") if place else ("" if sign > 0 else "−"))
            yield self._value(at)
        yield Piece(")" if within else "")

    def _value(self, at: At) -> Piece:
        own = self._of(at)
        value = own.value(at)
        number, place = self._place.get(at, (0, 0))
        return Piece(own.exact(at.column, value), f"{number}-{place}" if value is not None and number else "")

    def _filled(self, own: Known, origin: At) -> Iterator[Piece]:
        for place, part in enumerate(INNER.split(own.formula(origin))):
            if place % 2:
                yield self._value(own.resolved(part, origin))
            elif part:
                yield Piece(part)


def _line_of(origin: Origin) -> object:
    """What the figures of one derivation share."""
    if isinstance(origin, Worked):
        columns = tuple(
            (sign, at.issuer, at.column, at.book, at.mode, at.change, at.generation) for sign, at in origin.parts
        )
        return (str(origin.title), columns)
    of_quarters = bool(origin.quarter) and origin.generation is not None
    return replace(origin, year=0, quarter=int(of_quarters), months=1 if origin.months else 0)


def _when(origin: Origin) -> tuple[int, int, int]:
    """The order of figures in a derivation: quarters before their year, years and lives in order."""
    at = origin if isinstance(origin, At) else origin.parts[0][1]
    return at.year, at.quarter or 5, at.months


def _named(template: str) -> Iterator[Piece]:
    """A formula in words: names of columns between its operators."""
    for place, part in enumerate(INNER.split(template)):
        yield Piece(Words(column_words(part)) if place % 2 else part)


def column_words(column: str) -> str:
    """A column as a formula names it."""
    return bare(column).replace("_", " ")
