"""Tables that follow the fleet from the first purchase until the last book has run off."""

from __future__ import annotations

from depr.report.checks import Checks, ticked
from depr.report.facts import Facts
from depr.report.lines import life_label
from depr.report.money import Money
from depr.report.statements import readings_note
from depr.report.tables import Group, Row, Table
from depr.report.words import Words, fiscal, quarter_name

STYLES = 8  # patterns of the stylesheet; a ninth generation shares the first one's, and the table still names it


def generation_mark(place: int) -> str:
    """The class of a generation's bars and swatch."""
    return f"gen{place % STYLES}"


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
    rows = [
        Row(named.get(name, name), tuple(map(money.show, values)), swatch=generation_mark(place), symbol=place == 0)
        for place, (name, values) in enumerate(zip(facts.generations, by_generation, strict=True))
    ]
    running = Row(Words("Cumulative"), tuple(map(money.show, facts.cumulative[3::4])), swatch="running")
    return Table(
        id="path",
        caption=Words(
            "Understatement by fiscal year and generation, %(years)s-year life", {"years": facts.focus.years}
        ),
        units=money.units(),
        columns=tuple(fiscal(year) for year in years),
        groups=(
            Group(
                (*rows, Row(Words("Understatement"), ticked(map(money.show, totals), footed, agreed), "grand", True))
            ),
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
    ranges = [facts.readings(facts.focus.book, (year,)) for year in facts.path_years]
    return (
        Row(Words("Low reading"), tuple(money.show(low) for low, _ in ranges), kind="quiet"),
        Row(Words("High reading"), tuple(money.show(high) for _, high in ranges), kind="quiet"),
    )


def carrying(facts: Facts, money: Money) -> Table:
    """Carrying amount of the fleet at each fiscal year end under the reported book and each life."""
    ends = [(year, 4) for year in facts.path_years]

    def line(book: str) -> tuple[int, ...]:
        return tuple(facts.carrying(book, end) for end in ends)

    books = [
        (Words("Reported book"), facts.reported, "reported"),
        *((life_label(x), x.book, x.mark) for x in facts.lives),
    ]
    rows = [
        Row(label, tuple(map(money.show, line(book))), swatch=f"line {mark}", symbol=place == 0)
        for place, (label, book, mark) in enumerate(books)
    ]
    apart = [a - b for a, b in zip(line(facts.reported), line(facts.focus.book), strict=True)]
    less = Words("Gap, %(years)s-year life", {"years": facts.focus.years})
    return Table(
        id="carrying",
        caption=Words("Carrying amount of the fleet at fiscal year end"),
        units=money.units(),
        columns=tuple(fiscal(year) for year in facts.path_years),
        groups=(Group((*rows, Row(less, tuple(map(money.show, apart)), kind="total", symbol=True))),),
    )
