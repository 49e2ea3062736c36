"""The index: every issuer under every life in one table, and a small chart an issuer on one common scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from depr.report import format as fmt
from depr.report.charts import Grid, Mark, Picture, Scale, at, bar, rule, scale_over, text, whisker
from depr.report.facts import Facts, Life
from depr.report.format import Figure, Spoken
from depr.report.lines import life_label, marked
from depr.report.money import money_in
from depr.report.statements import NOT_A_PERCENTAGE
from depr.report.tables import Group, Head, Row, Table
from depr.report.words import Between, Words, currency_name, fiscal

PANEL_WIDTH = 300.0


@dataclass(frozen=True)
class Range:
    """An amount with its low and its high reading; `over` when the reported charge is the larger one.

    The amounts are of the understatement, or of the overstatement when `over`, so a sentence needs no sign. No range
    (None) where every cost is known: the amount is exact.
    """

    mid: Spoken
    between: Between | None
    over: bool


@dataclass(frozen=True)
class Panel:
    """One issuer's small chart with the page it leads to."""

    name: str
    page: str
    picture: Picture


def table(every: Sequence[Facts], pages: Sequence[str], currencies: Sequence[str]) -> Table:
    """A group a life, a line an issuer: understatement with its range, earnings per share, compression, cash gap.

    What adds up is added under the lines that it sums, where all are in one currency.
    """
    adds = len(currencies) == 1 and len(every) > 1
    groups = []
    for life in every[0].lives:
        lines = [
            line(facts, facts.life(life.alternative), page, place, several=len(currencies) > 1)
            for place, (facts, page) in enumerate(zip(every, pages, strict=True))
        ]
        groups.append(Group((*lines, *((total(every, life),) if adds else ())), life_label(life)))
    return Table(
        id="comparison",
        caption=Words("Every issuer under every life"),
        units=Words("%(currency)s millions, except per-share amounts", {"currency": ", ".join(currencies)}),
        over=(
            Head(Words("Understatement"), 4),
            Head(Words("Diluted EPS, last year"), 4),
            Head(Words("Cash gap, last year"), 2),
        ),
        columns=(
            Words("All years"), Words("Low"), Words("High"), Words("Last year"), Words("Reported"), Words("Restated"),
            Words("Change"), Words("Less, %%"), Words("Reported"), Words("Restated"),
        ),
        groups=tuple(groups),
        blank=NOT_A_PERCENTAGE,
        notes=(Words("Less, %%: EPS compression, one less restated over reported. A figure in parentheses is more."),),
        unsigned=frozenset({7}),
    )  # fmt: skip


def total(every: Sequence[Facts], life: Life) -> Row:
    """All issuers under a life: what adds up is added, what is per share stays empty."""
    sums = [totals(facts, facts.life(life.alternative).book) for facts in every]
    added = [None if None in column else sum(map(int, column)) for column in zip(*sums, strict=True)]
    show = money_in(every[0].report.issuer, 0).show
    median, low, high, last, gap, restated = map(show, added)
    label = Words("All, %(years)s-year life", {"years": life.years})
    cells = (median, low, high, last, *[fmt.EMPTY] * 4, gap, restated)
    return Row(label, cells, kind="grand", symbol=True)


def totals(facts: Facts, book: str) -> tuple[int | None, ...]:
    """The figures of an issuer that add up over issuers, under a book."""
    last = facts.years[-1]
    return (
        sum(facts.understated(book, year) for year in facts.years),
        *facts.readings(book, facts.years),
        facts.understated(book, last),
        facts.line("cash_gap_reported_minor", book, last),
        facts.line("cash_gap_restated_minor", book, last),
    )


def in_words(mid: int, ends: tuple[int, int] | None, digits: int) -> Range:
    """An understatement with its low and high reading in words; the sign goes into `over`."""
    sign = -1 if mid < 0 else 1
    between = None if ends is None else Between(*(fmt.spoken(sign * end, digits) for end in ends))
    return Range(fmt.spoken(sign * mid, digits), between, mid < 0)


def lead(every: Sequence[Facts]) -> tuple[Range, Range]:
    """Understatement of all issuers over all years and over their last year, in words."""
    sums = [totals(facts, facts.focus.book) for facts in every]
    readings = [facts.readings(facts.focus.book, facts.years[-1:]) for facts in every]
    whole, low, high, last = (sum(int(own[i] or 0) for own in sums) for i in range(4))
    digits = money_in(every[0].report.issuer, 0).digits
    ends = (sum(low for low, _ in readings), sum(high for _, high in readings))
    ranged = any(facts.ranged for facts in every)
    return in_words(whole, (low, high) if ranged else None, digits), in_words(last, ends if ranged else None, digits)


def line(facts: Facts, life: Life, page: str, place: int, *, several: bool) -> Row:
    """One issuer under one life, with a link to its page, and its currency where there are `several`."""
    show = money_in(facts.report.issuer, 0).show
    last = facts.years[-1]
    whole = sum(facts.understated(life.book, year) for year in facts.years)
    ends = facts.readings(life.book, facts.years)
    cells = (
        show(whole),
        *(map(show, ends) if facts.ranged else (fmt.EMPTY, fmt.EMPTY)),
        show(facts.understated(life.book, last)),
        sourced(facts, "eps_diluted_reported_micro", fmt.per_share),
        fmt.per_share(facts.line("eps_diluted_restated_micro", life.book, last)),
        fmt.per_share(facts.line("eps_change_micro", life.book, last)),
        fmt.percent(facts.line("eps_compression_ppm", life.book, last)),
        sourced(facts, "cash_gap_reported_minor", show),
        show(facts.line("cash_gap_restated_minor", life.book, last)),
    )
    issuer = facts.report.issuer
    name = {"name": str(issuer["name"]), "year": fiscal(last), "currency": currency_name(str(issuer["currency"]))}
    text = "%(name)s, %(year)s, %(currency)s" if several else "%(name)s, %(year)s"
    return Row(Words(text, name), cells, symbol=place == 0, href=page)


def sourced(facts: Facts, column: str, show: Callable[[int | None], Figure]) -> Figure:
    """A reported figure of the last year, with its letter where it is not as the filer printed it."""
    last = facts.years[-1]
    return marked(show(facts.stated(column, last)), *facts.basis(column, last))


def panels(every: Sequence[Facts], pages: Sequence[str]) -> tuple[Panel, ...]:
    """Small charts of understatement by life and year on one scale, so that sizes compare."""
    ends = [
        end
        for facts in every
        for life in facts.lives
        for year in facts.years
        for end in (facts.understated(life.book, year), *facts.readings(life.book, facts.years[-1:]))
    ]
    scale = scale_over(ends, 26, 190)
    return tuple(
        Panel(str(facts.report.issuer["name"]), page, panel(facts, scale, place))
        for place, (facts, page) in enumerate(zip(every, pages, strict=True))
    )


def panel(facts: Facts, scale: Scale, place: int) -> Picture:
    """One issuer: a group of years for each life, the last year named, its range beside it."""
    grid = Grid(len(facts.lives), 0.0, PANEL_WIDTH)
    show = money_in(facts.report.issuer, 0).show
    under = scale.bottom + (26 if scale.low < 0 else 18)
    marks: list[Mark] = [rule(0, scale.y(0), grid.width, scale.y(0), "base")]
    slot = (grid.step - 26) / len(facts.years)
    for column, life in enumerate(facts.lives):
        left = grid.left(column) + 6
        for step, year in enumerate(facts.years):
            x = left + step * slot
            value = facts.understated(life.book, year)
            marks.append(bar(x, slot - 3, scale.y(0), scale.y(value), life.mark))
        low, high = facts.readings(life.book, facts.years[-1:])
        x = left + len(facts.years) * slot + 3
        if low != high:
            marks.append(whisker(x, scale.y(low), scale.y(high)))
        last = facts.understated(life.book, facts.years[-1])
        top = min(scale.y(end) for end in (low, high, last, 0)) - 6
        marks.append(text(x + 3, top, str(show(last)), "value", "end"))
        marks.append(text(grid.centre(column) - 6, under, Words("%(years)s-year", {"years": life.years}), "tick"))
    return Picture(
        f"panel-{place}",
        Words("%(name)s: understatement by fiscal year under each life", {"name": str(facts.report.issuer["name"])}),
        Words("Bars from %(first)s to %(last)s for each life, with the range of the last year.",
              {"first": fiscal(facts.years[0]), "last": fiscal(facts.years[-1])}),
        at(grid.width), "206.0", tuple(marks),
    )  # fmt: skip
