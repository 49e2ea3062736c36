"""Tables that follow the statements: earnings per share, cash gap, restated income, the bridge, the quarters."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from depr.report import format as fmt
from depr.report.checks import Checks
from depr.report.facts import Facts, Life
from depr.report.format import Figure
from depr.report.money import Money
from depr.report.tables import NOT_SOURCED, Group, Head, Row, Table
from depr.report.words import Label, Month, Value, Words, fiscal

REPORTED = Words("As reported")
NOT_A_PERCENTAGE = Words(
    "Blank: not sourced, or the reported result is not positive and a percentage of it would say nothing; "
    "the change in the currency stands above it."
)
NO_COMPRESSION = Words("No compression: a percentage of a loss would say nothing, so the change stands alone.")
READINGS = Words(
    "Low and high reading: the 5th and 95th percentile of the units bought, at the low and the high price; "
    "median: the median of the units, at the middle price."
)
ROUNDING = Words("Each figure is rounded once, half to even; totals are exact, so rounded lines may not add.")


def life_label(life: Life) -> Words:
    """The name of an alternative book on the page."""
    return Words("%(years)s-year life", {"years": life.years})


class Statements:
    """Builds the tables of one issuer; checks run as the lines are made."""

    def __init__(self, facts: Facts, money: Money, checks: Checks) -> None:
        self.facts, self.money, self.checks = facts, money, checks
        self.columns: tuple[Label, ...] = tuple(fiscal(year) for year in facts.years)

    # --- lines ----------------------------------------------------------------------------------------------------
    def yearly(self, column: str, life: Life | None = None, bound: str = "mid") -> list[int | None]:
        """A column of the restatement over the years; as reported when no life is named."""
        book = (life or self.facts.focus).book
        return [self.facts.line(column, book, year, bound=bound) for year in self.facts.years]

    def cells(self, values: Iterable[int | None], show: Callable[[int | None], Figure]) -> tuple[Figure, ...]:
        """Values as figures."""
        return tuple(show(value) for value in values)

    def under_each(self, column: str, show: Callable[[int | None], Figure], *, swatch: bool = False) -> list[Row]:
        """One line a life, the longest first."""
        return [
            Row(life_label(life), self.cells(self.yearly(column, life), show), swatch=life.mark if swatch else "")
            for life in self.facts.lives
        ]

    def recomputed(self, line: str, life: Life) -> tuple[str, ...]:
        """Tick R where restated = reported - understatement (+ its tax for net income)."""
        more = self.yearly("understatement_minor", life)
        tax = self.yearly("tax_effect_minor", life) if line == "net_income" else [0] * len(more)
        reported = self.yearly(f"{line}_reported_minor", life)
        expected = [
            None if r is None or m is None or t is None else r - m + t
            for r, m, t in zip(reported, more, tax, strict=True)
        ]
        return self.checks.mark("R", zip(self.yearly(f"{line}_restated_minor", life), expected, strict=True))

    # --- tables ---------------------------------------------------------------------------------------------------
    def earnings(self) -> Table:
        """Diluted earnings per share: reported, under each life, the range, the change, the compression."""
        show, focus = fmt.per_share, self.facts.focus
        reported = Row(
            REPORTED, self.cells(self.yearly("eps_diluted_reported_micro"), show), symbol=True, swatch="reported"
        )
        bounds = [
            Row(Words(text, {"years": focus.years}), cells, kind="quiet")
            for text, bound in (
                ("%(years)s-year, low reading", "low"),
                ("%(years)s-year, high reading", "high"),
            )
            for cells in [self.cells(self.yearly("eps_diluted_restated_micro", focus, bound), show)]
        ]
        change = self.under_each("eps_change_micro", show)
        squeeze = self.under_each("eps_compression_ppm", fmt.percent)
        lost = any(cell.negative for cell in reported.cells)
        defined = known(squeeze)
        return Table(
            id="eps",
            caption=Words("Diluted earnings per share, reported and restated"),
            units=Words("%(currency)s per share; compression in percent", {"currency": self.money.currency}),
            columns=self.columns,
            groups=(
                Group((reported, *self.under_each("eps_diluted_restated_micro", show, swatch=True), *bounds)),
                *((Group(tuple(change), Words("Change from reported")),) if known(change) else ()),
                *((Group(tuple(squeeze), Words("Compression, %%")),) if defined else ()),
            ),
            blank=NOT_A_PERCENTAGE if defined else NOT_SOURCED,
            notes=(READINGS,) if defined or not lost else (NO_COMPRESSION, READINGS),
        )

    def gap(self) -> Table:
        """Capital expenditure less depreciation, as reported and under each life."""
        show, focus = self.money.show, self.facts.focus
        rows = [
            Row(
                Words("Capital expenditure"), self.cells(self.yearly("capex_minor"), show), symbol=True, swatch="capex"
            ),
            Row(
                Words("Depreciation, reported"),
                self.cells(self.yearly("depreciation_reported_minor"), show),
                swatch="reported",
            ),
            self.gap_row(None),
        ]
        restated = [
            Row(
                Words("Depreciation, %(years)s-year", {"years": focus.years}),
                self.cells(self.yearly("depreciation_restated_minor", focus), show),
                swatch=focus.mark,
            ),
            *(self.gap_row(life) for life in (focus, *(x for x in self.facts.lives if x != focus))),
        ]
        cash = [
            Row(Words("Cash from operations"), self.cells(self.yearly("cash_from_operations_minor"), show)),
            Row(Words("Free cash flow"), self.cells(self.yearly("free_cash_flow_minor"), show)),
        ]
        return Table(
            id="gap",
            caption=Words("Cash gap: capital expenditure less depreciation"),
            units=self.money.units(),
            columns=self.columns,
            groups=(Group(tuple(rows)), Group(tuple(restated)), Group(tuple(cash), Words("The same under every life"))),
        )

    def gap_row(self, life: Life | None) -> Row:
        """The gap as reported, or under a life, footed here."""
        kind = "restated" if life else "reported"
        gap = self.yearly(f"cash_gap_{kind}_minor", life)
        spent, charged = self.yearly("capex_minor"), self.yearly(f"depreciation_{kind}_minor", life)
        expected = [None if s is None or c is None else s - c for s, c in zip(spent, charged, strict=True)]
        label = Words("Cash gap, %(years)s-year", {"years": life.years}) if life else Words("Cash gap, reported")
        rule = "total" if life in (None, self.facts.focus) else ""
        ticks = self.checks.mark("F", zip(gap, expected, strict=True))
        return Row(label, self.cells(gap, self.money.show), kind=rule, symbol=bool(rule), ticks=ticks)

    def bridge(self) -> Table:
        """From reported to restated net income under the focus life, line by line."""
        show, focus = self.money.show, self.facts.focus
        more, tax = self.yearly("understatement_minor", focus), self.yearly("tax_effect_minor", focus)
        modelled = [self.facts.more(focus.book, year) for year in self.facts.years]
        ticks = self.checks.mark("T", zip(more, modelled, strict=True))
        rows = (
            Row(REPORTED, self.cells(self.yearly("net_income_reported_minor"), show), symbol=True),
            Row(Words("Understated depreciation"), self.cells([negated(m) for m in more], show), ticks=ticks),
            Row(Words("Tax on it"), self.cells(tax, show)),
            Row(
                Words("Net income, restated"),
                self.cells(self.yearly("net_income_restated_minor", focus), show),
                kind="grand",
                symbol=True,
                ticks=self.recomputed("net_income", focus),
            ),
            Row(
                Words("Tax rate applied, %%"), self.cells(self.yearly("tax_rate_ppm", focus), fmt.percent), kind="quiet"
            ),
            Row(Words("Coverage, %%"), self.cells(self.yearly("coverage_ppm", focus), fmt.percent), kind="quiet"),
        )
        return Table(
            id="bridge",
            caption=Words("Net income from reported to restated, %(years)s-year life", {"years": focus.years}),
            units=self.money.units(),
            columns=self.columns,
            groups=(Group(rows),),
            notes=(
                Words("Coverage: depreciation of the modelled fleet as a share of the depreciation line reported."),
            ),
        )

    def income(self) -> Table:
        """The restated statement: every line as reported and under each life."""
        lines = (
            ("operating_income", Words("Operating income")),
            ("pretax_income", Words("Income before tax")),
            ("net_income", Words("Net income")),
        )
        groups = [self.line_group(line, label) for line, label in lines]
        tax = Group(
            tuple(self.under_each("tax_effect_minor", self.money.show)), Words("Lower tax on the understatement")
        )
        groups.insert(2, tax)
        for kind, label in (
            ("basic", Words("Basic earnings per share")),
            ("diluted", Words("Diluted earnings per share")),
        ):
            own = self.cells(self.yearly(f"eps_{kind}_reported_micro"), fmt.per_share)
            each = self.under_each(f"eps_{kind}_restated_micro", fmt.per_share)
            groups.append(Group((Row(REPORTED, own, symbol=True), *each), label))
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
        own = Row(REPORTED, self.cells(self.yearly(f"{line}_reported_minor"), self.money.show), symbol=True)
        each = [
            Row(
                life_label(life),
                self.cells(self.yearly(f"{line}_restated_minor", life), self.money.show),
                ticks=self.recomputed(line, life),
            )
            for life in self.facts.lives
        ]
        return Group((own, *each), label)

    def quarters(self) -> Table:
        """The compact table by quarter, with each year's figures under its quarters."""
        lives, focus = self.facts.lives, self.facts.focus
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
            notes=(Words("Understatement comes from the fleet alone, so it stands where statements are not sourced."),),
        )

    def quarters_of(self, year: int) -> tuple[Row, ...]:
        """The quarters of a year and the year itself, ticked where they add up."""
        own = [quarter for quarter in self.facts.quarters if quarter[0] == year]
        rows = [Row(self.until(quarter), self.period(*quarter)) for quarter in own]
        book = self.facts.focus.book
        known = sum(self.facts.understated(book, *quarter) for quarter in own) if len(own) == 4 else None
        ticks = self.checks.mark("Y", [(self.facts.line("understatement_minor", book, year), known)])
        return (*rows, Row(Words("Year"), self.period(year, None), kind="total", ticks=ticks))

    def until(self, quarter: tuple[int, int]) -> Words:
        """The name of a quarter with its last day."""
        end = self.facts.end_of(quarter)
        named: dict[str, Value] = {"number": quarter[1]}
        return Words("Q%(number)s, %(month)s", named | {"month": Month(end)}) if end else Words("Q%(number)s", named)

    def period(self, year: int, quarter: int | None) -> tuple[Figure, ...]:
        """The figures of one line of the quarterly table."""
        facts, show = self.facts, self.money.show
        lives, focus = facts.lives, facts.focus.book
        more = [facts.understated(life.book, year, quarter) for life in lives]
        eps = [facts.line("eps_diluted_restated_micro", life.book, year, quarter) for life in lives]
        return (
            show(facts.stated("depreciation_reported_minor", year, quarter)),
            *self.cells(more, show),
            fmt.per_share(facts.stated("eps_diluted_reported_micro", year, quarter)),
            *self.cells(eps, fmt.per_share),
            show(facts.stated("cash_gap_reported_minor", year, quarter)),
            show(facts.line("cash_gap_restated_minor", focus, year, quarter)),
        )


def known(rows: Iterable[Row]) -> bool:
    """Whether any cell of the lines holds a figure."""
    return any(not cell.missing for row in rows for cell in row.cells)


def negated(value: int | None) -> int | None:
    """The figure with its sign turned; missing stays missing."""
    return None if value is None else -value
