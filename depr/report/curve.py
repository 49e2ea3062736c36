"""The chart of the first screen: the measure against the useful life, one to ten years, as the engine restated it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from depr.report import format as fmt
from depr.report.charts import (
    Mark,
    Path,
    Picture,
    Scale,
    at,
    dot,
    polyline,
    rule,
    scale_between,
    text,
    tick_step,
    triangle,
)
from depr.report.finding import Finding, Point
from depr.report.pictures import axis
from depr.report.words import Lasting, Words

WIDTH = 600.0
LEFT = 68.0
RIGHT = 590.0
TOP = 10.0
BOTTOM = 286.0
LETTER = 6.3  # of a label, about
LANE = 15.0
YEAR = Fraction(365_2425, 10_000)


@dataclass(frozen=True)
class Lives:
    """The horizontal axis: useful life in months."""

    first: int
    last: int

    def x(self, months: float) -> float:
        """Where a life stands."""
        return LEFT + (RIGHT - LEFT) * (months - self.first) / (self.last - self.first)


def against_life(finding: Finding) -> Picture:
    """The measure against life with its ranges, management's life, the lives compared, peers and retirements."""
    points = finding.points
    months = [point.months for point in points]
    axis_ = Lives(min(12, *months), max(120, *months))
    values = [value for p in points for value in (p.low, p.mid, p.high, *(p.widest or ()))]
    if finding.reported is not None:
        values.append(finding.reported)
    scale = scale_between(values, TOP, BOTTOM)
    marks = [*frame(finding, scale), *bands(points, axis_, scale)]
    marks += [*own_life(finding, points, axis_, scale), *compared(finding, axis_, scale)]
    low, lanes = below(finding, axis_)
    title = Words("%(measure)s by useful life, %(year)s", {"measure": finding.measure.title, "year": finding.fiscal})
    return Picture("life-chart", title, DESC, at(WIDTH), at(low), (*marks, *lanes))


DESC = Words(
    "A line from one year to ten, rising or falling with the life. The dark band is the range of units and prices, the "
    "light one that with all assumptions. A rule stands at management's life, dots at the lives compared; below the "
    "axis triangles mark what peers use, strokes the ages at which machines were retired. Figures in the first table."
)


def frame(finding: Finding, scale: Scale) -> Iterator[Mark]:
    """Hairlines with values at the left, and what was reported across."""
    step = tick_step(scale.high - scale.low)
    places = next(places for places in range(7) if step % 10 ** (6 - places) == 0)
    shown = [(v, f"{finding.money.symbol}{fmt.per_share(v, places) if v else 0}") for v in scale.ticks]
    for value, label in shown if finding.measure.kind == "eps" else axis(scale, finding.money):
        y = scale.y(value)
        yield rule(LEFT, y, RIGHT, y, "base" if value == 0 else "hair")
        yield text(LEFT - 8, y + 4, label, "axis", "end")


def amount(finding: Finding, value: int) -> str:
    """The measure as a label has it; earnings per share with the sign of the currency."""
    sign = finding.money.symbol if finding.measure.kind == "eps" else ""
    return f"{sign}{finding.measure.show(value)}"


def bands(points: Sequence[Point], lives: Lives, scale: Scale) -> Iterator[Mark]:
    """The ranges behind the line, and the line; lives far apart are not joined."""
    wide = [point for point in points if point.widest]
    yield from area([(lives.x(p.months), p.widest[0], p.widest[1]) for p in wide if p.widest], scale, "band-light")
    if max((b.months - a.months for a, b in pairwise(points)), default=0) <= 12:
        yield from area([(lives.x(p.months), p.low, p.high) for p in points], scale, "band-dark")
        yield polyline([(lives.x(p.months), scale.y(p.mid)) for p in points], "running")


def area(edges: Sequence[tuple[float, int, int]], scale: Scale, css: str) -> Iterator[Path]:
    """What lies between two edges; nothing where they are one."""
    if len(edges) > 1 and any(low != high for _, low, high in edges):
        there = [(x, scale.y(high)) for x, _, high in edges]
        back = [(x, scale.y(low)) for x, low, _ in reversed(edges)]
        yield Path(polyline([*there, *back], "").d + "Z", css)


def own_life(finding: Finding, points: Sequence[Point], lives: Lives, scale: Scale) -> Iterator[Mark]:
    """What was reported as a level, management's life as a rule, each with its name where the line leaves room."""
    rises = points[-1].mid >= points[0].mid
    if finding.reported is not None:
        y = scale.y(finding.reported)
        yield rule(LEFT, y, RIGHT, y, "as-reported")
        named = Words("as reported %(amount)s", {"amount": amount(finding, finding.reported)})
        yield text(LEFT + 6, y - 6, named, "note halo", "start")
    own = finding.own_life
    if own is not None and lives.first <= own <= lives.last:
        x = lives.x(own)
        yield rule(x, TOP, x, BOTTOM, "management")
        named = Words("%(name)s: %(life)s", {"name": finding.name, "life": Lasting(own)})
        side = (x + 7, "start") if x < (LEFT + RIGHT) / 2 else (x - 7, "end")
        yield text(side[0], BOTTOM - 9 if rises else TOP + 10, named, "note strong halo", side[1])


def compared(finding: Finding, lives: Lives, scale: Scale) -> Iterator[Mark]:
    """A dot at each life of the page with the life and the measure under it."""
    for life in finding.facts.lives:
        value = finding.under(life)
        if value is None:
            continue
        x = lives.x(life.months)
        y = scale.y(value)
        yield dot(x, y, 4.5 if life == finding.facts.focus else 3.5)
        words = Words("%(life)s %(amount)s", {"life": Lasting(life.months), "amount": amount(finding, value)})
        end = x > RIGHT - 130
        css = "value strong halo" if life == finding.facts.focus else "value halo"
        yield text(
            x - 9 if end else x + 9, y + 16 if y < BOTTOM - 24 else y - 10, words, css, "end" if end else "start"
        )


def below(finding: Finding, lives: Lives) -> tuple[float, list[Mark]]:
    """The axis with its years, and under it a lane of peers and one of retirements; how far down they go."""
    y = BOTTOM + 17
    marks: list[Mark] = [rule(LEFT, BOTTOM, RIGHT, BOTTOM, "base")]
    for months in range(-(-lives.first // 12) * 12, lives.last + 1, 12):
        marks.append(rule(lives.x(months), BOTTOM, lives.x(months), BOTTOM + 5, "base"))
        marks.append(text(lives.x(months), y, str(months // 12), "tick"))
    marks.append(text(LEFT - 8, y, Words("life, years"), "axis", "end"))
    beside = finding.facts.report.beside
    if beside is None:
        return y + 8, marks
    if beside.peers:
        y += LANE + 6
        marks.append(text(LEFT - 8, y, Words("peers"), "axis", "end"))
        y, found = peers(finding, lives, y)
        marks += found
    if beside.retired:
        y += LANE + 3
        marks.append(text(LEFT - 8, y, Words("retired"), "axis", "end"))
        ages = [float(each.days / YEAR * 12) for each in beside.retired]
        marks += [rule(lives.x(m), y - 10, lives.x(m), y + 1, "rug") for m in ages if lives.first <= m <= lives.last]
    return y + 8, marks


def peers(finding: Finding, lives: Lives, y: float) -> tuple[float, list[Mark]]:
    """A triangle at each life that peers use with their names beside it, in as many rows as keep the names apart."""
    assert finding.facts.report.beside is not None
    by_life: dict[int, list[str]] = {}
    for peer in finding.facts.report.beside.peers:
        by_life.setdefault(peer.months, []).append(peer.id)
    marks: list[Mark] = []
    ends: list[float] = []
    for months, ids in sorted(by_life.items()):
        x = lives.x(months)
        label = " ".join(ids)
        row = next((place for place, end in enumerate(ends) if end < x - 8), len(ends))
        ends[row : row + 1] = [x + 10 + LETTER * len(label)]
        marks.append(triangle(x, y - 4 + row * LANE))
        marks.append(text(x + 8, y + row * LANE, label, "tick", "start"))
    return y + LANE * (len(ends) - 1), marks
