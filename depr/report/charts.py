"""Geometry of a chart: figures in, marks with coordinates out. No words are made here and no colour is named.

Coordinates are floats printed with one decimal, so the same figures give the same bytes; figures themselves stay
integers. A chart stands on the columns of the table below it: `Grid` is that common ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depr.report.words import Label

WIDTH = 960.0
LABEL_ROOM = 18.0
STEPS = (1, 2, 5)  # ticks fall on 1, 2 or 5 times a power of ten


def at(coordinate: float) -> str:
    """A coordinate with one decimal and no negative zero."""
    text = f"{coordinate:.1f}"
    return "0.0" if text == "-0.0" else text


@dataclass(frozen=True)
class Rect:
    """A bar; `css` names its class."""

    x: str
    y: str
    width: str
    height: str
    css: str
    tag: str = "rect"


@dataclass(frozen=True)
class Path:
    """A line or an area."""

    d: str
    css: str
    tag: str = "path"


@dataclass(frozen=True)
class Text:
    """A label; `anchor` is start, middle or end."""

    x: str
    y: str
    label: Label
    anchor: str
    css: str
    tag: str = "text"


Mark = Rect | Path | Text


@dataclass(frozen=True)
class Picture:
    """A chart: its size, its marks, and the title and description that stand for it."""

    id: str
    title: Label
    desc: Label
    width: str
    height: str
    marks: tuple[Mark, ...]
    wide: bool = False


@dataclass(frozen=True)
class Grid:
    """Columns shared by a chart and its table: a label column, then `columns` of equal width."""

    columns: int
    label: float
    width: float = WIDTH

    @property
    def step(self) -> float:
        """Width of one column."""
        return (self.width - self.label) / self.columns

    def left(self, column: float) -> float:
        """Left edge of a column; a fraction lies inside it."""
        return self.label + column * self.step

    def centre(self, column: int) -> float:
        """Middle of a column."""
        return self.left(column + 0.5)


@dataclass(frozen=True)
class Scale:
    """Vertical axis between two values, given as integers of any unit."""

    low: int
    high: int
    top: float
    bottom: float

    def y(self, value: float) -> float:
        """Height of a value on the page."""
        return self.bottom - (value - self.low) * (self.bottom - self.top) / (self.high - self.low)

    @property
    def ticks(self) -> tuple[int, ...]:
        """Up to six round values from low to high."""
        step = tick_step(self.high - self.low)
        return tuple(range(-(-self.low // step) * step, self.high + 1, step))


def tick_step(span: int) -> int:
    """The round step that leaves at most five intervals."""
    power = 1
    while True:
        for factor in STEPS:
            if factor * power * 5 >= span:
                return factor * power
        power *= 10


def scale_over(values: Sequence[int], top: float, bottom: float) -> Scale:
    """A scale that holds zero and every value, with room for a label under negative ones; all zeros still make one."""
    low = min(0, *values, 0)
    high = max(0, *values, 0)
    return Scale(low, high if high > low else low + 5, top, bottom - (LABEL_ROOM if low < 0 else 0))


def scale_between(values: Sequence[int], top: float, bottom: float) -> Scale:
    """A scale from the lowest value to the highest with a little room beyond; zero only where it lies between."""
    low = min(values)
    high = max(values)
    room = max((high - low) // 20, 1)
    return Scale(low - room, high + room, top, bottom)


def bar(x: float, width: float, from_y: float, to_y: float, css: str) -> Rect:
    """A bar between two heights."""
    top = min(from_y, to_y)
    bottom = max(from_y, to_y)
    return Rect(at(x), at(top), at(width), at(bottom - top), f"bar {css}")


def rule(x1: float, y1: float, x2: float, y2: float, css: str) -> Path:
    """A straight line."""
    return Path(f"M{at(x1)} {at(y1)}L{at(x2)} {at(y2)}", css)


def polyline(points: Sequence[tuple[float, float]], css: str) -> Path:
    """A line through points."""
    return Path("M" + "L".join(f"{at(x)} {at(y)}" for x, y in points), css)


def text(x: float, y: float, label: Label, css: str = "value", anchor: str = "middle") -> Text:
    """A label at a point."""
    return Text(at(x), at(y), label, anchor, css)


def dot(x: float, y: float, radius: float) -> Path:
    """A filled circle."""
    r = at(radius)
    return Path(f"M{at(x - radius)} {at(y)}a{r} {r} 0 1 0 {at(2 * radius)} 0a{r} {r} 0 1 0 {at(-2 * radius)} 0Z", "dot")


def triangle(x: float, y: float) -> Path:
    """A filled triangle that points up at a place of an axis."""
    return Path(f"M{at(x)} {at(y - 5)}L{at(x + 4.5)} {at(y + 4)}L{at(x - 4.5)} {at(y + 4)}Z", "mark")


def whisker(x: float, low: float, high: float) -> Path:
    """A range with caps."""
    d = f"M{at(x)} {at(low)}L{at(x)} {at(high)}M{at(x - 3)} {at(low)}L{at(x + 3)} {at(low)}"
    return Path(f"{d}M{at(x - 3)} {at(high)}L{at(x + 3)} {at(high)}", "whisker")


def frame(grid: Grid, scale: Scale, show: Sequence[tuple[int, str]]) -> list[Mark]:
    """Hairlines with their values at the left, and the base line at zero."""
    marks: list[Mark] = []
    for value, label in show:
        y = scale.y(value)
        marks.append(rule(grid.label, y, grid.width, y, "base" if value == 0 else "hair"))
        marks.append(text(grid.label - 10, y + 4, label, "axis", "end"))
    return marks


def falls_to(points: Sequence[tuple[float, float]], y: float) -> float:
    """Where a line, after its last peak, comes down to the height `y`."""
    top = min(height for _, height in points)
    peak = max(i for i, (_, height) in enumerate(points) if height == top)
    for (x1, y1), (x2, y2) in zip(points[peak:], points[peak + 1 :], strict=False):
        if y2 >= y > y1:
            return x1 + (x2 - x1) * (y - y1) / (y2 - y1)
    return points[peak][0]
