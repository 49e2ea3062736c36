"""The figures of the index: a table a life with every issuer and, where it means something, a total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from depr.report import format as fmt
from depr.report.facts import Facts, Life
from depr.report.format import Figure
from depr.report.lines import marked
from depr.report.money import money_in
from depr.report.origin import Worked
from depr.report.statements import NOT_A_PERCENTAGE
from depr.report.tables import Group, Head, Row, Table
from depr.report.words import Month, Words, currency_name, fiscal


def tables(every: Sequence[Facts], pages: Sequence[str], currencies: Sequence[str]) -> tuple[Table, ...]:
    """A table a life, a line an issuer: understatement with its range, earnings per share, compression, cash gap.

    What adds up is added under the lines that it sums, where all are in one currency.
    """
    return tuple(table(every, pages, currencies, place) for place in range(len(every[0].lives)))


def table(every: Sequence[Facts], pages: Sequence[str], currencies: Sequence[str], number: int) -> Table:
    """Every issuer under one life, by its place, with a total of its own."""
    life = every[0].lives[number]
    order = sorted(zip(every, pages, strict=True), key=lambda own: placed(own[0], own[0].life(life.alternative)))
    adds = len(currencies) == 1 and len(every) > 1
    lines = [
        line(facts, facts.life(life.alternative), page, place, several=len(currencies) > 1)
        for place, (facts, page) in enumerate(order)
    ]
    return Table(
        id=f"comparison-{number}",
        caption=Words("Every issuer under a %(years)s-year life", {"years": life.years}),
        units=Words("%(currency)s millions, except per-share amounts", {"currency": ", ".join(currencies)}),
        over=(
            Head(Words("Depreciation more than reported"), 4),
            Head(Words("Diluted EPS, last year"), 4),
            Head(Words("Cash gap, last year"), 2),
        ),
        columns=(
            Words("All years"), Words("Low"), Words("High"), Words("Last year"), Words("Reported"), Words("Restated"),
            Words("Change"), Words("Less, %%"), Words("Reported"), Words("Restated"),
        ),
        groups=(Group((*lines, *((total(every, life),) if adds else ()))),),
        blank=NOT_A_PERCENTAGE,
        notes=(LESS, *((added_up(every),) if adds else ())),
        unsigned=frozenset({7}),
    )  # fmt: skip


def placed(facts: Facts, life: Life) -> tuple[bool, int]:
    """What a table is ordered by: the greatest compression of earnings per share first, those without any last."""
    own = facts.line("eps_compression_ppm", life.book, facts.years[-1])
    return own is None, -(own or 0)


LESS = Words("Less, %%: EPS compression, one less restated over reported. A figure in parentheses is more.")


def added_up(every: Sequence[Facts]) -> Words:
    """What the total adds: years that may end in different months."""
    ends = sorted({facts.year_end for facts in every})
    if len(ends) == 1:
        return Words("The total adds fiscal years that end on %(day)s.", {"day": ends[0]})
    span = {"first": Month(ends[0]), "last": Month(ends[-1])}
    return Words("The total adds fiscal years that end between %(first)s and %(last)s.", span)


BOUNDS = ("mid", "low", "high")


def total(every: Sequence[Facts], life: Life) -> Row:
    """All issuers under a life: what adds up is added, what is per share stays empty."""
    sums = [totals(facts, facts.life(life.alternative).book) for facts in every]
    added = [None if None in column else sum(map(int, column)) for column in zip(*sums, strict=True)]
    show = money_in(every[0].report.issuer, 0).show
    median, low, high, last, gap, restated = map(show, added)
    label = Words("All, %(years)s-year life", {"years": life.years})
    own = [(facts, facts.life(life.alternative)) for facts in every]
    whole = [Worked(ALL_YEARS, tuple(p for f, x in own for p in over_years(f, x, b).parts)) for b in BOUNDS]
    ends = [
        Worked(label, tuple((1, f.at(column, x.book, f.years[-1])) for f, x in own))
        for column in ("understatement_minor", "cash_gap_reported_minor", "cash_gap_restated_minor")
    ]
    ats = (*whole, *ends)
    shown = [replace(each, at=at) for each, at in zip((median, low, high, last, gap, restated), ats, strict=True)]
    cells = (*shown[:4], *[fmt.EMPTY] * 4, *shown[4:])
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


def line(facts: Facts, life: Life, page: str, place: int, *, several: bool) -> Row:
    """One issuer under one life, with a link to its page, and its currency where there are `several`."""
    show = money_in(facts.report.issuer, 0).show
    last = facts.years[-1]
    whole = sum(facts.understated(life.book, year) for year in facts.years)
    ends = facts.readings(life.book, facts.years)

    def cell(column: str, shown: Callable[[int | None], Figure]) -> Figure:
        return replace(shown(facts.line(column, life.book, last)), at=facts.at(column, life.book, last))

    low, high = (
        replace(show(end), at=over_years(facts, life, bound)) if facts.ranged else fmt.EMPTY
        for end, bound in zip(ends, ("low", "high"), strict=True)
    )
    cells = (
        replace(show(whole), at=over_years(facts, life)),
        low,
        high,
        cell("understatement_minor", show),
        sourced(facts, "eps_diluted_reported_micro", fmt.per_share),
        cell("eps_diluted_restated_micro", fmt.per_share),
        cell("eps_change_micro", fmt.per_share),
        cell("eps_compression_ppm", fmt.percent),
        sourced(facts, "cash_gap_reported_minor", show),
        cell("cash_gap_restated_minor", show),
    )
    issuer = facts.report.issuer
    name = {"name": str(issuer["name"]), "year": fiscal(last), "currency": currency_name(str(issuer["currency"]))}
    text = "%(name)s, %(year)s, %(currency)s" if several else "%(name)s, %(year)s"
    return Row(Words(text, name), cells, symbol=place == 0, href=page)


def sourced(facts: Facts, column: str, show: Callable[[int | None], Figure]) -> Figure:
    """A reported figure of the last year, with its letter where it is not as the filer printed it."""
    last = facts.years[-1]
    return marked(replace(show(facts.stated(column, last)), at=facts.at(column, "", last)), *facts.basis(column, last))


ALL_YEARS = Words("Depreciation beyond what is reported, all years")


def over_years(facts: Facts, life: Life, bound: str = "mid") -> Worked:
    """Where a sum over all years restated comes from."""
    ats = (facts.at("understatement_minor", life.book, year, bound=bound) for year in facts.years)
    return Worked(ALL_YEARS, tuple((1, at) for at in ats))
