"""Tables that follow the statements: earnings per share, restated income, the bridge, the quarters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from depr.report import format as fmt
from depr.report.checks import Marks, ticked
from depr.report.facts import Facts, Life
from depr.report.format import Figure
from depr.report.lines import REPORTED, Lines, added, known, life_label, times
from depr.report.origin import At, Worked
from depr.report.side import scheduled
from depr.report.tables import NOT_SOURCED, Group, Head, Row, Table
from depr.report.words import Month, Value, Words, fiscal

NOT_A_PERCENTAGE = Words(
    "Blank: not sourced, or the reported result is not positive and a percentage of it would say nothing; "
    "the change in the currency stands above it."
)
NO_COMPRESSION = Words("No compression: a percentage of a loss would say nothing, so the change stands alone.")
READINGS = Words(
    "Low and high reading: each is one whole reading, every purchase with a range at its low or at its high cost; a "
    "purchase without one counts the same in all. What is charged sooner is not charged later, so the low reading of a "
    "year may be the larger one."
)
ROUNDING = Words("Each figure is rounded once, half to even; totals are exact, so rounded lines may not add.")
COVERAGE = Words("Coverage: depreciation of the modelled fleet as a share of the depreciation line reported.")
LOSSES = Words("Losses: those under the life less those under the reported book; both lose the same machines.")
INCOME = {
    "operating_income": Words("Operating income"),
    "pretax_income": Words("Income before tax"),
    "net_income": Words("Net income"),
}


EPS = "eps_diluted_restated_micro"
EPS_LABEL = Words("Diluted earnings per share")


def counted(count: int | None) -> Figure:
    """Shares in millions."""
    return fmt.decimal(count, 6, 1)


QUARTERLY = ("depreciation_reported_minor", "eps_diluted_reported_micro", "cash_gap_reported_minor")
"""The reported figures of the quarterly table, each before those of the lives."""

TAX_KINDS = {"allowance": "no benefit under a valuation allowance"}


def readings_note(facts: Facts) -> tuple[Words, ...]:
    """What the low and the high reading are, where there are any."""
    return (READINGS,) if facts.ranged else ()


class Statements(Lines):
    """Builds the tables of one issuer's statements."""

    def earnings(self) -> Table:
        """Diluted earnings per share: reported, under each life, the range, the change, the compression."""
        show = fmt.per_share
        focus = self.facts.focus
        reported = self.row(REPORTED, "eps_diluted_reported_micro", show=show, symbol=True, swatch="reported")
        bounds = [
            Row(Words(text, {"years": focus.years}), cells, kind="quiet")
            for text, bound in (
                ("%(years)s-year, low reading", "low"),
                ("%(years)s-year, high reading", "high"),
            )
            for cells in [self.placed(self.yearly(EPS, focus, bound), show, EPS, focus, bound)]
            if self.facts.ranged
        ]
        change = [self.changed("eps_change_micro", life, show) for life in self.facts.lives]
        squeeze = [self.changed("eps_compression_ppm", life, fmt.percent) for life in self.facts.lives]
        lost = any(cell.negative for cell in reported.cells)
        defined = known(squeeze)
        counted = tuple(
            self.row(label, column, show=lambda count: fmt.decimal(count, 6, 1), kind="quiet")
            for label, column in ((Words("Basic"), "basic_shares"), (Words("Diluted"), "diluted_shares"))
        )
        return Table(
            id="eps",
            caption=Words("Diluted earnings per share, reported and restated"),
            units=Words("%(currency)s per share; compression in percent", {"currency": self.money.currency}),
            columns=self.columns,
            groups=(
                Group((reported, *(self.per_share(life) for life in self.facts.lives), *bounds)),
                *((Group(tuple(change), Words("Change from reported")),) if known(change) else ()),
                *((Group(tuple(squeeze), Words("Compression, %%")),) if defined else ()),
                *((Group(counted, Words("Weighted shares, millions")),) if known(counted) else ()),
            ),
            blank=NOT_A_PERCENTAGE if defined else NOT_SOURCED,
            notes=(*(() if defined or not lost else (NO_COMPRESSION,)), *readings_note(self.facts), *self.rules()),
        )

    def per_share(self, life: Life) -> Row:
        """Diluted earnings per share under a life, recomputed from income and the shares of the page."""
        ticks = self.per_share_again("diluted", life)
        return self.row(
            life_label(life), "eps_diluted_restated_micro", life, show=fmt.per_share, swatch=life.mark, ticks=ticks
        )

    def changed(self, column: str, life: Life, show: Callable[[int | None], Figure]) -> Row:
        """The change of diluted earnings per share under a life, or the compression, recomputed from both."""
        stated, restated = (self.yearly(f"eps_diluted_{kind}_micro", life) for kind in ("reported", "restated"))
        pairs = [(added((after, times(before, -1))), before) for before, after in zip(stated, restated, strict=True)]
        expected = [
            change if column.endswith("micro") or change is None or before is None else fmt.ratio_ppm(-change, before)
            for change, before in pairs
        ]
        ticks = self.checks.mark("E", zip(self.yearly(column, life), expected, strict=True))
        return self.row(life_label(life), column, life, show=show, ticks=ticks)

    def rules(self) -> tuple[Words, ...]:
        """How diluted earnings per share are restated, each rule with the years and lives that it is for."""
        found: dict[str, list[str]] = {}
        for life in self.facts.lives:
            for year in self.facts.years:
                if rule := self.facts.said("eps_diluted_rule", life.book, year):
                    found.setdefault(rule, []).append(f"{fiscal(year)} ({life.years})")
        everywhere = len(found) == 1
        return tuple(
            Words("Restated: %(rule)s.", {"rule": rule})
            if everywhere
            else Words("Restated: %(rule)s: %(years)s.", {"rule": rule, "years": ", ".join(years)})
            for rule, years in found.items()
        )

    def taxes(self) -> tuple[Words, ...]:
        """The tax rates of the years, each with its kind and source."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for year in self.facts.years:
            kind, source = (self.facts.said(name, self.facts.focus.book, year) for name in ("tax_kind", "tax_source"))
            rate = fmt.percent(self.facts.stated("tax_rate_ppm", year))
            if kind and source:
                found.setdefault((kind, str(rate), source), []).append(fiscal(year))
        return tuple(
            Words("Tax rate, %(years)s: %(rate)s%%, %(kind)s: %(source)s", said | {"years": ", ".join(years)})
            for (kind, rate, source), years in found.items()
            for said in [{"kind": TAX_KINDS.get(kind, kind), "rate": rate, "source": source}]
        )

    def bridge(self) -> Table:
        """From net income as reported to earnings per share under each life, line by line."""
        notes = (COVERAGE, *self.depreciation(), *((LOSSES,) if self.loses else ()), *self.taxes(), *self.rules())
        return Table(
            id="bridge",
            caption=Words("From net income as reported to earnings per share under each life"),
            units=self.money.units(per_share=True),
            columns=self.columns,
            groups=tuple(Group(self.bridged(life), life_label(life)) for life in self.facts.lives),
            notes=notes,
        )

    def bridged(self, life: Life) -> tuple[Row, ...]:
        """The lines of one life: what is taken off, the tax on it with its rate, the shares, the outcome."""
        beyond = Words("Depreciation beyond what is reported")
        losses = self.taken_off(Words("Losses on disposals and impairments"), "losses_minor", life)
        taxed = self.recomputed("net_income", life)
        shared = self.per_share_again("diluted", life)
        rows = (
            self.row(REPORTED, "net_income_reported_minor", symbol=True),
            self.taken_off(beyond, "understatement_minor", life, scheduled(self) if life == self.facts.focus else ()),
            *((losses,) if self.loses else ()),
            self.row(Words("Tax on them") if self.loses else Words("Tax on it"), "tax_effect_minor", life),
            self.row(Words("Tax rate applied, %%"), "tax_rate_ppm", life, show=fmt.percent, kind="quiet"),
            self.row(Words("Net income, restated"), "net_income_restated_minor", life, kind="total", ticks=taxed),
            self.row(Words("Diluted shares, millions"), "diluted_shares", life, show=counted, kind="quiet"),
            self.row(EPS_LABEL, "eps_diluted_restated_micro", life, show=fmt.per_share, kind="total", ticks=shared),
        )
        if life != self.facts.focus:
            return rows
        covered = self.row(Words("Coverage, %%"), "coverage_ppm", life, show=fmt.percent, kind="quiet")
        return (*rows, *self._at_the_marginal_rate(), covered)

    def taken_off(self, label: Words, column: str, life: Life, ticks: Marks = ()) -> Row:
        """A column of the restatement that is taken off: with its sign turned."""
        cells = [
            replace(
                self.money.show(times(value, -1)), at=Worked(label, ((-1, self.facts.at(column, life.book, year)),))
            )
            for value, year in zip(self.yearly(column, life), self.facts.years, strict=True)
        ]
        return Row(label, ticked(cells, ticks))

    def _at_the_marginal_rate(self) -> tuple[Row, ...]:
        """Net income under the focus life at the issuer's own marginal tax rate; nothing where none is known."""
        focus = self.facts.focus
        if not any(self.yearly("net_income_marginal_minor", focus)):
            return ()
        named = Words("Net income, restated, at the issuer's own marginal tax rate")
        return (
            self.row(named, "net_income_marginal_minor", focus, kind="quiet"),
            self.row(Words("That rate, %%"), "tax_rate_marginal_ppm", focus, show=fmt.percent, kind="quiet"),
        )

    def income(self) -> Table:
        """The restated statement: every line as reported and under each life."""
        tax = "Lower tax on the understatement and losses" if self.loses else "Lower tax on the understatement"
        each = [self.line_group(line, label) for line, label in INCOME.items()]
        gross = self.gross_profit()
        groups = [
            *((gross,) if known(gross.rows) else ()),
            *each[:2],
            Group(tuple(self.under_each("tax_effect_minor", self.money.show)), Words(tax)),
            each[2],
        ]
        for kind, label in (
            ("basic", Words("Basic earnings per share")),
            ("diluted", Words("Diluted earnings per share")),
        ):
            own = self.row(REPORTED, f"eps_{kind}_reported_micro", show=fmt.per_share, symbol=True)
            each_life = [
                self.row(
                    life_label(life),
                    f"eps_{kind}_restated_micro",
                    life,
                    show=fmt.per_share,
                    ticks=self.per_share_again(kind, life),
                )
                for life in self.facts.lives
            ]
            groups.append(Group((own, *each_life), label))
        return Table(
            id="income",
            caption=Words("Statement of income, reported and restated"),
            units=self.money.units(per_share=True),
            columns=self.columns,
            groups=tuple(groups),
            notes=(ROUNDING,),
        )

    def line_group(self, line: str, label: Words) -> Group:
        """One statement line as reported and under each life."""
        own = self.row(REPORTED, f"{line}_reported_minor", symbol=True)
        each = [
            self.row(life_label(life), f"{line}_restated_minor", life, ticks=self.recomputed(line, life))
            for life in self.facts.lives
        ]
        return Group((own, *each), label)

    def gross_profit(self) -> Group:
        """Gross profit as reported, and under each life less the part in cost of revenue."""
        own = self.row(REPORTED, "gross_profit_reported_minor", symbol=True)
        parts = {"gross_profit_reported_minor": 1, "understatement_cost_of_revenue_minor": -1}
        each = [
            self.row(
                life_label(life),
                "gross_profit_restated_minor",
                life,
                ticks=self.summed("R", "gross_profit_restated_minor", parts, life),
            )
            for life in self.facts.lives
        ]
        return Group((own, *each), Words("Gross profit"))

    def quarters(self) -> Table:
        """The compact table by quarter, with each year's figures under its quarters."""
        lives = self.facts.lives
        focus = self.facts.focus
        names = tuple(life_label(life) for life in lives)
        return Table(
            id="quarters",
            caption=Words("By fiscal quarter"),
            units=self.money.units(per_share=True),
            over=(
                Head(Words("Depreciation, and its understatement against"), len(lives) + 1),
                Head(Words("Diluted earnings per share"), len(lives) + 1),
                Head(Words("Cash gap"), 2),
            ),
            columns=(REPORTED, *names, REPORTED, *names, REPORTED, life_label(focus)),
            groups=tuple(Group(self.quarters_of(year), fiscal(year)) for year in self.facts.years),
            notes=(
                *self.depreciation(),
                Words("Understatement comes from the fleet alone, so it stands where statements are not sourced."),
            ),
        )

    def quarters_of(self, year: int) -> tuple[Row, ...]:
        """The quarters of a year and the year itself, each figure of the year ticked where they add up to it."""
        own = [quarter for quarter in self.facts.quarters if quarter[0] == year]
        rows = [Row(self.until(quarter), self.period(*quarter)) for quarter in own]
        parts = [self.amounts(*quarter) for quarter in own] if len(own) == 4 else []
        sums = [added(column) for column in zip(*parts, strict=True)] or [None] * len(self.amounts(year, None))
        shares = {place for place, figure in enumerate(self.kinds()) if figure == "per_share"}
        marks = self.checks.mark(
            "Y",
            [
                (stated, None if place in shares else whole)
                for place, (stated, whole) in enumerate(zip(self.amounts(year, None), sums, strict=True))
            ],
        )
        return (*rows, Row(Words("Year"), ticked(self.period(year, None), marks), kind="total"))

    def until(self, quarter: tuple[int, int]) -> Words:
        """The name of a quarter with its last day."""
        end = self.facts.end_of(quarter)
        named: dict[str, Value] = {"number": quarter[1]}
        return Words("Q%(number)s, %(month)s", named | {"month": Month(end)}) if end else Words("Q%(number)s", named)

    def period(self, year: int, quarter: int | None) -> tuple[Figure, ...]:
        """The figures of one line of the quarterly table."""
        figures = zip(self.amounts(year, quarter), self.kinds(), self.origins(year, quarter), strict=True)
        cells = [
            replace(self.money.show(amount) if kind == "money" else fmt.per_share(amount), at=at)
            for amount, kind, at in figures
        ]
        for place, column in zip((0, len(self.facts.lives) + 1, -2), QUARTERLY, strict=True):
            cells[place] = self.sourced(cells[place], column, year, quarter)
        marks: list[tuple[str, ...]] = [()] * len(cells)
        for place, life in enumerate(self.facts.lives, len(self.facts.lives) + 2):
            restated = self.facts.line("eps_diluted_restated_micro", life.book, year, quarter)
            [marks[place]] = self.checks.mark("E", [(restated, self.worked_out("diluted", life, year, quarter))])
        return ticked(cells, tuple(marks))

    def origins(self, year: int, quarter: int | None) -> list[At | None]:
        """Where each figure of a line of the quarterly table comes from."""
        facts = self.facts
        depreciation, eps, gap = (facts.at(column, "", year, quarter) for column in QUARTERLY)
        return [
            depreciation,
            *(facts.at("understatement_minor", life.book, year, quarter) for life in facts.lives),
            eps,
            *(facts.at(EPS, life.book, year, quarter) for life in facts.lives),
            gap,
            facts.at("cash_gap_restated_minor", facts.focus.book, year, quarter),
        ]

    def kinds(self) -> tuple[str, ...]:
        """Which columns of the quarterly table are money and which are per share."""
        each = len(self.facts.lives) + 1
        return ("money",) * each + ("per_share",) * each + ("money",) * 2

    def amounts(self, year: int, quarter: int | None) -> list[int | None]:
        """One line of the quarterly table in whole numbers."""
        facts = self.facts
        lives = self.facts.lives
        focus = self.facts.focus.book
        depreciation, eps, gap = (facts.stated(column, year, quarter) for column in QUARTERLY)
        return [
            depreciation,
            *(facts.understated(life.book, year, quarter) for life in lives),
            eps,
            *(facts.line("eps_diluted_restated_micro", life.book, year, quarter) for life in lives),
            gap,
            facts.line("cash_gap_restated_minor", focus, year, quarter),
        ]
