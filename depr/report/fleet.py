"""Tables that follow the fleet from the first purchase until the last book has run off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from depr.report.checks import Checks, ticked
from depr.report.facts import Facts
from depr.report.format import Figure
from depr.report.lines import life_label
from depr.report.money import Money
from depr.report.statements import readings_note
from depr.report.tables import Group, Row, Table
from depr.report.words import Words, fiscal, quarter_name


def path(facts: Facts, money: Money, checks: Checks) -> Table:
    """Understatement under the focus life by fiscal year and generation, its range and its running sum."""
    focus = facts.focus.book
    years = facts.path_years
    named = facts.report.generation_names
    by_generation = [[facts.more(focus, year, (name,)) for year in years] for name in facts.generations]
    totals = [facts.more(focus, year) for year in years]
    stated = [facts.line("understatement_minor", focus, year) for year in years]
    footed = checks.mark("F", zip(totals, map(sum, zip(*by_generation, strict=True)), strict=True))
    agreed = checks.mark("T", zip(totals, stated, strict=True))

    def shown(values: Iterable[int], column: str, generation: str = "", bound: str = "mid") -> tuple[Figure, ...]:
        ats = [facts.summed(column, focus, year, generation, bound) for year in years]
        return tuple(replace(money.show(value), at=at) for value, at in zip(values, ats, strict=True))

    rows = [
        Row(named.get(name, name), shown(values, "more_minor", name), symbol=place == 0)
        for place, (name, values) in enumerate(zip(facts.generations, by_generation, strict=True))
    ]
    running = Row(Words("Cumulative"), shown(facts.cumulative[3::4], "cumulative_minor"))
    whole = ticked(shown(totals, "more_minor"), footed, agreed)
    return Table(
        id="path",
        caption=Words(
            "Understatement by fiscal year and generation, %(years)s-year life", {"years": facts.focus.years}
        ),
        units=money.units(),
        columns=tuple(fiscal(year) for year in years),
        groups=(
            Group((*rows, Row(Words("Understatement"), whole, "grand", True))),
            Group((*(_bounds(facts, money) if facts.ranged else ()), running)),
        ),
        notes=(
            *readings_note(facts),
            Words(
                "No purchases after %(quarter)s are known: later years are the run-off of what stands in service then.",
                {"quarter": quarter_name(facts.data_end)},
            ),
        ),
    )


def _bounds(facts: Facts, money: Money) -> tuple[Row, Row]:
    """Understatement of each fiscal year under the focus life, in the low and the high reading of costs."""

    def row(label: Words, bound: str) -> Row:
        place = ("low", "high").index(bound)
        cells = [
            replace(
                money.show(facts.readings(facts.focus.book, (year,))[place]),
                at=facts.summed("more_minor", facts.focus.book, year, bound=bound),
            )
            for year in facts.path_years
        ]
        return Row(label, tuple(cells), kind="quiet")

    return row(Words("Low reading"), "low"), row(Words("High reading"), "high")


def carrying(facts: Facts, money: Money) -> Table:
    """Carrying amount of the fleet at each fiscal year end under the reported book and each life."""
    ends = [(year, 4) for year in facts.path_years]

    def line(book: str) -> tuple[int, ...]:
        return tuple(facts.carrying(book, end) for end in ends)

    books = [
        (Words("Reported book"), facts.reported, "reported"),
        *((life_label(x), x.book, x.mark) for x in facts.lives),
    ]

    def shown(values: Iterable[int], column: str, book: str) -> tuple[Figure, ...]:
        ats = [facts.summed(column, book, year) for year in facts.path_years]
        return tuple(replace(money.show(value), at=at) for value, at in zip(values, ats, strict=True))

    rows = [
        Row(label, shown(line(book), "carrying_minor", book), swatch=f"line {mark}", symbol=place == 0)
        for place, (label, book, mark) in enumerate(books)
    ]
    apart = [a - b for a, b in zip(line(facts.reported), line(facts.focus.book), strict=True)]
    less = Words("Gap, %(years)s-year life", {"years": facts.focus.years})
    return Table(
        id="carrying",
        caption=Words("Carrying amount of the fleet at fiscal year end"),
        units=money.units(),
        columns=tuple(fiscal(year) for year in facts.path_years),
        groups=(Group((*rows, Row(less, shown(apart, "apart_minor", facts.focus.book), kind="total", symbol=True))),),
    )
