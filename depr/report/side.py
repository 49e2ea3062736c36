"""One alternative life in every mode of a run, and the opening balances that a correction of an error needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from depr.report import format as fmt
from depr.report.checks import Checks, Marks, ticked
from depr.report.facts import Facts
from depr.report.format import Figure
from depr.report.lines import REPORTED, Lines, added, known, times
from depr.report.money import Money
from depr.report.origin import Origin, Worked
from depr.report.tables import Group, Row, Table
from depr.report.words import Label, Words

FIRST = ("understatement_minor", "understatement_cumulative_minor", "deferred_tax_closing_minor")
"""What begins a group of lines, so that its first line carries the sign of the currency."""

EACH = Words("Each line in the mode it names")
OPENING = Words(
    "The first year opens with the after-tax effect of all years before it, each later one with the closing of the "
    "year before."
)
LOWER = Words("Deferred tax: a lower liability is positive.")


Parts = tuple[tuple[int, str], ...]
"""Columns of the restatement, each with its sign."""

OPENED = Words("Carrying amount of the fleet, opening")
EQUITY: Parts = ((1, "equity_opening_change_minor"),)
TAXED = (-1, "deferred_tax_opening_minor")
CHANGE: Parts = ((1, "net_income_restated_minor"), (-1, "net_income_reported_minor"))


def every_mode(facts: Facts) -> tuple[Facts, ...]:
    """The same report in each of its modes, on the same life; the one of the page first."""
    focus = facts.focus.alternative
    return (facts, *(Facts(facts.report, case, focus) for case in facts.cases if case != facts.case))


class Modes:
    """Builds the tables that set modes beside each other."""

    def __init__(self, every: Sequence[Facts], money: Money, checks: Checks) -> None:
        self.every = [Lines(facts, money, checks) for facts in every]
        self.money = money
        self.checks = checks

    def table(self) -> Table:
        """Understatement, income, earnings per share and balances of the focus life, a line a mode."""
        first = self.every[0]
        show = self.money.show
        years = first.facts.focus.years
        net = "net_income_reported_minor"
        eps = "eps_diluted_reported_micro"
        return Table(
            id="modes",
            caption=Words("Every mode side by side, %(years)s-year life", {"years": years}),
            units=self.money.units(per_share=True),
            columns=first.columns,
            groups=(
                Group(self.rows("understatement_minor", show, scheduled), Words("Understatement")),
                Group(self.rows("understatement_cumulative_minor", show), Words("Cumulative understatement")),
                Group((first.row(REPORTED, net, symbol=True), *self.rows("net_income_restated_minor", show, taken)),
                      Words("Net income")),
                Group((first.row(REPORTED, eps, show=fmt.per_share, symbol=True),
                       *self.rows("eps_diluted_restated_micro", fmt.per_share, shared)),
                      Words("Diluted earnings per share")),
                Group(self.rows("deferred_tax_closing_minor", show), Words("Deferred tax at year end")),
            ),
            notes=(LOWER,),
            mode=EACH,
        )  # fmt: skip

    def rows(
        self,
        column: str,
        show: Callable[[int | None], Figure],
        check: Callable[[Lines], Marks] | None = None,
    ) -> tuple[Row, ...]:
        """A column of the restatement, one line a mode; each names its date where there are several."""
        cases = [own.facts.case for own in self.every]
        dated = len({case.change for case in cases if case.change}) > 1
        return tuple(
            own.row(
                case.name if dated else case.word,
                column,
                show=show,
                symbol=place == 0 and column in FIRST,
                ticks=check(own) if check else (),
            )
            for place, (own, case) in enumerate(zip(self.every, cases, strict=True))
        )

    def corrected(self) -> Table | None:
        """Opening retained earnings and deferred tax of the retrospective mode, none where it was not asked for."""
        for own in self.every:
            if own.facts.case.mode == "retrospective":
                return balances(own)
        return None


def scheduled(own: Lines) -> Marks:
    """Tick T where the understatement of the focus life is that of the schedule, added by generation."""
    more = own.yearly("understatement_minor", own.facts.focus)
    modelled = [own.facts.more(own.facts.focus.book, year) for year in own.facts.years]
    return own.checks.mark("T", zip(more, modelled, strict=True))


def taken(own: Lines) -> Marks:
    """Tick R of net income under the focus life."""
    return own.recomputed("net_income", own.facts.focus)


def shared(own: Lines) -> Marks:
    """Tick E of diluted earnings per share under the focus life."""
    return own.per_share_again("diluted", own.facts.focus)


def balances(own: Lines) -> Table:
    """What changes the opening balances of each year, and what closes it, under the focus life."""
    facts = own.facts
    focus = own.facts.focus
    deferred = own.yearly("deferred_tax_opening_minor")
    opening = own.yearly("equity_opening_change_minor")
    fleet = [added((o, times(d, -1))) for o, d in zip(opening, deferred, strict=True)]
    before = [facts.carrying(focus.book, (y - 1, 4)) - facts.carrying(facts.reported, (y - 1, 4)) for y in facts.years]
    reported = own.yearly("net_income_reported_minor")
    restated = own.yearly("net_income_restated_minor")
    change = [added((a, times(b, -1))) for a, b in zip(restated, reported, strict=True)]
    closing = [added(pair) for pair in zip(opening, change, strict=True)]
    show = own.money.show

    def line(label: Label, values: Sequence[int | None], parts: Parts, kind: str = "", ticks: Marks = ()) -> Row:
        cells = [replace(show(v), at=_worked(facts, label, parts, y)) for v, y in zip(values, facts.years, strict=True)]
        return Row(label, ticked(cells, ticks), kind, symbol=kind in ("total", "grand"))

    scheduled_ = own.checks.mark("T", zip(fleet, before, strict=True))
    carried = ((), *own.checks.mark("B", zip(opening[1:], closing[:-1], strict=True)))
    rows = (
        replace(line(OPENED, fleet, (*EQUITY, TAXED), ticks=scheduled_), symbol=True),
        line(Words("Deferred tax, opening"), deferred, ((1, "deferred_tax_opening_minor"),)),
        line(Words("Retained earnings, opening"), opening, EQUITY, "total", carried),
        line(Words("Net income"), change, CHANGE),
        line(Words("Retained earnings, closing"), closing, (*EQUITY, *CHANGE), "grand"),
        line(
            Words("Deferred tax, closing"),
            own.yearly("deferred_tax_closing_minor"),
            ((1, "deferred_tax_closing_minor"),),
            "quiet",
        ),
    )
    return Table(
        id="balances",
        caption=Words("Opening balances, %(years)s-year life: change from reported", {"years": focus.years}),
        units=own.money.units(),
        columns=own.columns,
        groups=(Group(rows), *sheets(own, closing)),
        notes=(OPENING, LOWER),
        mode=facts.case.mark,
    )


def _worked(facts: Facts, label: Label, parts: Parts, year: int) -> Origin:
    """Where a line of the opening balances comes from: columns of the restatement with their signs."""
    ats = tuple((sign, facts.at(column, facts.focus.book, year)) for sign, column in parts)
    return ats[0][1] if len(ats) == 1 else Worked(label, ats)


def sheets(own: Lines, closing: Sequence[int | None]) -> Iterator[Group]:
    """Property and equipment and equity at the end of each year, as reported and restated, where sourced."""
    facts = own.facts
    book = own.facts.focus.book
    over = [facts.carrying(book, (y, 4)) - facts.carrying(facts.reported, (y, 4)) for y in facts.years]
    ends: tuple[tuple[str, Words, str, Sequence[int | None]], ...] = (
        ("ppe_net", Words("Property and equipment, net"), "T", over),
        ("equity", Words("Equity"), "B", closing),
    )
    for name, label, tick, change in ends:
        expected = map(added, zip(own.yearly(f"{name}_reported_minor"), change, strict=True))
        ticks = own.checks.mark(tick, zip(own.yearly(f"{name}_restated_minor"), expected, strict=True))
        reported = own.row(REPORTED, f"{name}_reported_minor", symbol=True)
        if known((reported,)):
            yield Group((reported, own.row(Words("Restated"), f"{name}_restated_minor", ticks=ticks)), label)
