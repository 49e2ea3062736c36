"""The figures of an issuer's page: which figures each chart shows, and how it stands over its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from depr.report import format as fmt
from depr.report.charts import (
    Grid,
    Mark,
    Picture,
    Scale,
    at,
    bar,
    falls_to,
    frame,
    polyline,
    rule,
    scale_over,
    text,
    tick_step,
)
from depr.report.facts import Facts
from depr.report.format import Figure
from depr.report.lines import LETTERS
from depr.report.money import Money
from depr.report.words import Label, Words, quarter_name

LABEL = 248.0  # width of the label column, the same in the stylesheet
LABEL_WIDE = 190.0
SHORT = Words("Rep.")
EPS = "eps_diluted_reported_micro"
LANES_FROM = 190.0  # where the lanes of generations begin
LANES_SPAN = 150.0  # the height of all that a lane can reach
MOST_LANES = 8  # generations with a lane of their own; what is left is one lane together
LETTER_WIDTH = 7.2  # of a digit in a label, about
NAME_AT = 0.55  # of a line's own peak
NOTE_ROOM = 366.0  # what the words at the crossing need
NAME_ROOM = 84.0  # what the longest name needs beside its line


def axis(scale: Scale, money: Money) -> list[tuple[int, str]]:
    """Ticks in millions."""
    places = 0 if tick_step(scale.high - scale.low) >= 10 ** (money.digits + 6) else 1
    return [(v, str(fmt.millions(v, money.digits, places)) if v else "0") for v in scale.ticks]


def above(scale: Scale, value: int, lift: float = 6) -> float:
    """Where the label of a bar stands: over a positive one, under a negative one."""
    return scale.y(value) - lift if value >= 0 else scale.y(value) + lift + 9


Lettered = tuple[int | None, str]
"""A figure, and the letter behind its label."""


def letter(facts: Facts, column: str, year: int) -> str:
    """What the label of a figure that stands as reported ends with, where it is not as the filer printed it."""
    basis, _ = facts.basis(column, year)
    return f" {LETTERS[basis]}" if basis in LETTERS else ""


def earnings(facts: Facts) -> Picture:
    """Diluted earnings per share: for each year one bar as reported and one a life."""
    grid = Grid(len(facts.years), LABEL)
    series: list[tuple[Label, str, list[int | None]]] = [
        (SHORT, "reported", [facts.stated(EPS, year) for year in facts.years])
    ]
    for life in facts.lives:
        own = [facts.line("eps_diluted_restated_micro", life.book, year) for year in facts.years]
        series.append((Words("%(years)s yr", {"years": life.years}), life.mark, own))
    known = [value for _, _, values in series for value in values if value is not None]
    scale = scale_over(known, 26, 246)
    marks = frame(grid, scale, [(v, str(fmt.per_share(v)) if v else "0") for v in scale.ticks])
    slot = (grid.step - 20) / len(series)
    for column in range(grid.columns):
        if all(values[column] is None for _, _, values in series):
            marks.append(text(grid.centre(column), scale.y(0) - 8, Words("not sourced"), "note"))
        for place, (name, css, values) in enumerate(series):
            x = grid.left(column) + 10 + place * slot
            value = values[column]
            marks.append(text(x + slot / 2, 264, name, "tick"))
            if value is not None:
                marks.append(bar(x + 3, slot - 6, scale.y(0), scale.y(value), css))
                label = f"{fmt.per_share(value)}{'' if place else letter(facts, EPS, facts.years[column])}"
                marks.append(text(x + slot / 2, above(scale, value), label))
    return Picture(
        "eps-chart",
        Words("Diluted earnings per share, as reported and under each life"),
        Words("Bars for each fiscal year: as reported, then the lives from longest to shortest. Figures below."),
        at(grid.width), "274.0", tuple(marks),
    )  # fmt: skip


def understatement(facts: Facts, money: Money) -> Picture:
    """The running sum with its turn above; below, the fleet and each generation in lanes on one scale."""
    grid = Grid(len(facts.path_years), LABEL_WIDE)
    upper = scale_over(facts.cumulative, 50, 150)
    every = lanes(facts)
    ends = [value for _, values in every for value in values]
    span = max(*ends, 0) - min(*ends, 0) or 5
    marks: list[Mark] = [text(0, 54, Words("Cumulative"), "panel", "start")]
    marks += frame(grid, upper, axis(upper, money)) + running_sum(facts, money, grid, upper)
    y = LANES_FROM
    for place, (name, values) in enumerate(every):
        low = min(*values, 0)
        height = max((max(*values, 0) - low) * LANES_SPAN / span, 8.0)
        scale = Scale(low, low + round(height * span / LANES_SPAN), y + 16, y + 16 + height)
        marks.append(text(0, scale.y(0) + 4, name, "panel" if place == 0 else "name", "start"))
        marks += lane(facts, money, grid, scale, values)
        y = scale.bottom + (22 if low < 0 else 10)
    last = grid.left((facts.path_quarters.index(facts.data_end) + 1) / 4)
    marks.append(rule(last, LANES_FROM - 8, last, y, "crossing"))
    note = Words("run-off: no purchases known after %(quarter)s", {"quarter": quarter_name(facts.data_end)})
    flip = last > grid.width - NOTE_ROOM
    marks.append(text(last - 8 if flip else last + 8, LANES_FROM, note, "note", "end" if flip else "start"))
    return Picture(
        "path-chart",
        Words("Understatement by fiscal year and generation, with its running sum"),
        Words("Above, the running sum by quarter with the quarter in which it turns. Below, the fleet and each "
              "generation in lanes, bars by fiscal year on one scale; what is outlined is run-off. Figures below."),
        at(grid.width), at(y + 6), tuple(marks), wide=True,
    )  # fmt: skip


def lanes(facts: Facts) -> list[tuple[Label, list[int]]]:
    """Understatement by fiscal year: of the fleet first, then by generation in the order in which they came."""
    focus = facts.focus.book
    named = facts.report.generation_names
    by_name = {name: [facts.more(focus, year, (name,)) for year in facts.path_years] for name in facts.generations}
    largest = sorted(by_name, key=lambda name: -max(map(abs, by_name[name])))
    own = set(largest if len(largest) <= MOST_LANES else largest[: MOST_LANES - 1])
    found: list[tuple[Label, list[int]]] = [(Words("All"), [facts.more(focus, year) for year in facts.path_years])]
    found += [(named.get(name, name), values) for name, values in by_name.items() if name in own]
    if others := [values for name, values in by_name.items() if name not in own]:
        found.append((Words("Others"), [sum(column) for column in zip(*others, strict=True)]))
    return found


def lane(facts: Facts, money: Money, grid: Grid, scale: Scale, values: Sequence[int]) -> list[Mark]:
    """The bars of a lane from its own zero, solid where purchases are known, outlined in run-off."""
    marks: list[Mark] = [rule(grid.label, scale.y(0), grid.width, scale.y(0), "hair")]
    width = min(grid.step * 0.5, 56.0)
    for column, (year, value) in enumerate(zip(facts.path_years, values, strict=True)):
        if not value:
            continue
        css = "life1" if (year, 4) <= facts.data_end else "gap"
        marks.append(bar(grid.centre(column) - width / 2, width, scale.y(0), scale.y(value), css))
        if scale.bottom - scale.top >= 12:
            marks.append(text(grid.centre(column), above(scale, value, 4), str(money.show(value)), "tick halo"))
    return marks


def running_sum(facts: Facts, money: Money, grid: Grid, scale: Scale) -> list[Mark]:
    """The cumulative line by quarter, its value at the last year restated and at its peak, the crossing."""
    sums = facts.cumulative
    points = [(grid.left((i + 1) / 4), scale.y(value)) for i, value in enumerate(sums)]
    start = (grid.left(0), scale.y(0))
    area = polyline([start, *points, (points[-1][0], scale.y(0))], "area")
    marks: list[Mark] = [area, polyline([start, *points], "running")]
    last = (facts.years[-1] - facts.path_years[0] + 1) * 4 - 1
    marks += dot(points[last], str(money.show(sums[last])), "end", -8)
    if facts.crossing is None:
        return marks
    turn = facts.path_quarters.index(facts.crossing) - 1
    x, y = points[turn]
    if turn != last:
        marks += dot((x, y), str(money.show(sums[turn])), "start", 8)
    marks.append(rule(x, 14, x, 158, "crossing"))
    named = {"quarter": quarter_name(facts.crossing), "years": facts.focus.years}
    words = Words("Crossing, %(quarter)s: from here the %(years)s-year life charges less", named)
    flip = x > grid.width - NOTE_ROOM
    marks.append(text(x - 8 if flip else x + 8, 20, words, "note", "end" if flip else "start"))
    return marks


def dot(point: tuple[float, float], label: str, anchor: str, shift: float) -> list[Mark]:
    """A point of a line with its value."""
    x, y = point
    return [bar(x - 3, 6, y - 3, y + 3, "dot"), text(x + shift, y - 5, label, "value halo", anchor)]


def cash_gap(facts: Facts, money: Money) -> Picture | None:
    """Capital expenditure as a level, depreciation as a bar under it, the gap between them drawn and named.

    None where the statements have neither.
    """
    grid = Grid(len(facts.years), LABEL)
    spent = [facts.stated("capex_minor", year) for year in facts.years]
    kinds: list[tuple[Label, str, list[int | None]]] = [
        (SHORT, "reported", [facts.stated("depreciation_reported_minor", year) for year in facts.years])
    ]
    for life in facts.lives:
        own = [facts.line("depreciation_restated_minor", life.book, year) for year in facts.years]
        kinds.append((Words("%(years)s yr", {"years": life.years}), life.mark, own))
    known = [value for values in (spent, *(own for _, _, own in kinds)) for value in values if value is not None]
    if not known:
        return None
    scale = scale_over(known, 30, 250)
    marks = frame(grid, scale, axis(scale, money))
    width = (grid.step - 28) / len(kinds) - 6
    show = shown_within(money, width, known)
    if show is not money.show:
        marks.append(text(0, scale.top + 4, Words("labels in billions"), "note", "start"))
    for column, (year, capex) in enumerate(zip(facts.years, spent, strict=True)):
        for place, (said, css, values) in enumerate(kinds):
            x = grid.left(column) + 14 + place * (width + 6)
            marks.append(text(x + width / 2, 268, said, "tick"))
            reported = ("depreciation_reported_minor", "cash_gap_reported_minor")
            charged, gap = ("" if place else letter(facts, name, year) for name in reported)
            marks += gap_bar(scale, show, (x, width), css, (values[column], charged), (capex, gap))
        if capex is not None:
            y = scale.y(capex)
            marks.append(rule(grid.left(column) + 8, y, grid.left(column + 1) - 8, y, "level"))
            label = f"{show(capex)}{letter(facts, 'capex_minor', year)}"
            marks.append(text(grid.centre(column), y - 7, label, "value strong"))
    return Picture(
        "gap-chart",
        Words("Capital expenditure, depreciation and the gap between them"),
        Words("For each fiscal year a level line of capital expenditure; under it depreciation, reported and restated, "
              "and dashed up to the line the cash gap. Figures below."),
        at(grid.width), "278.0", tuple(marks),
    )  # fmt: skip


Show = Callable[[int | None], Figure]


def shown_within(money: Money, width: float, values: Sequence[int]) -> Show:
    """How amounts are written within a width: in millions where the longest has room, else in billions."""
    longest = max(len(str(money.show(value))) for value in values)
    return money.show if longest * LETTER_WIDTH <= width else lambda minor: fmt.millions(minor, money.digits + 3, 1)


def gap_bar(
    scale: Scale, show: Show, place: tuple[float, float], css: str, charged: Lettered, spent: Lettered
) -> list[Mark]:
    """Depreciation with its value, and the gap up (or down) to capital expenditure with its value.

    With what is charged comes its letter, with capital expenditure that of the gap to it.
    """
    (charge, own) = charged
    (capex, other) = spent
    (x, width) = place
    if charge is None:
        return []
    marks: list[Mark] = [bar(x, width, scale.y(0), scale.y(charge), css)]
    label = f"{show(charge)}{own}"
    if scale.y(0) - scale.y(charge) >= 18:
        marks.append(text(x + width / 2, scale.y(charge) + 14, label, f"value in-{css}"))
    else:
        marks.append(text(x + width / 2, scale.y(charge) - 5, label))
    if capex is not None and capex > charge:
        marks.append(bar(x, width, scale.y(charge), scale.y(capex), "gap"))
        if scale.y(charge) - scale.y(capex) >= 34:
            middle = (scale.y(charge) + scale.y(capex)) / 2
            marks.append(text(x + width / 2, middle + 4, f"{show(capex - charge)}{other}", "value gaps"))
    return marks


def carrying(facts: Facts, money: Money) -> Picture:
    """Carrying amount by quarter: one line a book, named on the line."""
    grid = Grid(len(facts.path_years), LABEL_WIDE)
    books: list[tuple[Label, str, str]] = [(Words("Reported book"), facts.reported, "reported")]
    books += [(Words("%(years)s-year", {"years": x.years}), x.book, x.mark) for x in facts.lives]
    lines = [[facts.carrying(book, quarter) for quarter in facts.path_quarters] for _, book, _ in books]
    scale = scale_over([value for own in lines for value in own], 34, 300)
    marks = frame(grid, scale, axis(scale, money))
    paths = [[(grid.left((i + 1) / 4), scale.y(value)) for i, value in enumerate(own)] for own in lines]
    x = grid.left((facts.path_quarters.index(facts.data_end) + 1) / 4)
    marks.append(rule(x, 20, x, 300, "crossing"))
    note = Words("No purchases known after %(quarter)s", {"quarter": quarter_name(facts.data_end)})
    marks.append(text(x + 8, 26, note, "note", "start"))
    for (_, _, css), points in reversed(list(zip(books, paths, strict=True))):
        marks.append(polyline([(grid.left(0), scale.y(0)), *points], f"line {css}"))
    marks += names_beside([name for name, _, _ in books], paths, scale)
    return Picture(
        "carrying-chart",
        Words("Carrying amount of the fleet under each life"),
        Words("Lines by quarter from the first purchase until the last book has run off. Figures below."),
        at(grid.width), "308.0", tuple(marks), wide=True,
    )  # fmt: skip


def names_beside(names: Sequence[Label], paths: Sequence[Sequence[tuple[float, float]]], scale: Scale) -> list[Mark]:
    """Each line's name beside its own fall, a little over half way up: right of it where there is room, else left."""
    marks: list[Mark] = []
    for place, own in enumerate(paths):
        base = scale.y(0)
        y = base - (base - min(height for _, height in own)) * NAME_AT
        x = falls_to(own, y)
        others = [(falls_to(points, y), i) for i, points in enumerate(paths) if min(h for _, h in points) < y]
        room = min((other - x for other, i in others if (other, i) > (x, place)), default=NAME_ROOM)
        side, shift = ("start", 9.0) if room >= NAME_ROOM else ("end", -9.0)
        marks.append(text(x + shift, y + 4, names[place], "name halo", side))
    return marks
