"""What the tables of a restatement share: columns by year, lines by life, and the checks that run on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from depr.kernel.rounding import divide_half_even
from depr.report import format as fmt
from depr.report.checks import Checks, Marks, ticked
from depr.report.facts import Facts, Life
from depr.report.format import Figure
from depr.report.money import Money
from depr.report.tables import Row
from depr.report.words import Label, Words, fiscal
from depr.restate.lines import MOVES, SMALL, UNCOUNTED

REPORTED = Words("As reported")
FUNCTIONS = {
    "cost_of_revenue": Words("Cost of revenue"),
    "research_and_development": Words("Research and development"),
    "sales_general_admin": Words("Selling, general and administrative"),
}
"""The functions of an income statement in our words."""
DERIVED = Words("Derived from what is reported")
VENDOR = Words("As a vendor gives it")
LETTERS = {"derived": "d", "vendor": "v"}
DEPRECIATION = {
    "depreciation_of_ppe": Words("Depreciation reported: depreciation of property and equipment."),
    "depreciation_and_amortization": Words(
        "Depreciation reported: depreciation and amortization of all assets, the line that the filings give."
    ),
}


def life_label(life: Life) -> Words:
    """The name of an alternative book on the page."""
    return Words("%(years)s-year life", {"years": life.years})


def caption(facts: Facts, function: str) -> Label:
    """A function of the income statement in the filer's own words, else in ours."""
    captions: Mapping[str, str] = facts.report.issuer.get("captions") or {}
    return captions.get(function) or FUNCTIONS[function]


def marked(cell: Figure, basis: str, how: str) -> Figure:
    """A figure with the letter of its basis, where that has one."""
    return replace(cell, basis=LETTERS[basis], how=how) if basis in LETTERS and not cell.missing else cell


def called(cells: Iterable[Figure]) -> Words:
    """What a line of statement figures may be called: reported where any of them is."""
    letters = {cell.basis for cell in cells if not cell.missing}
    return {frozenset("d"): DERIVED, frozenset("v"): VENDOR, frozenset("dv"): DERIVED}.get(frozenset(letters), REPORTED)


class Lines:
    """Lines of one issuer in one mode; checks run as the lines are made."""

    def __init__(self, facts: Facts, money: Money, checks: Checks) -> None:
        self.facts = facts
        self.money = money
        self.checks = checks
        self.columns: tuple[Label, ...] = tuple(fiscal(year) for year in facts.years)

    def yearly(self, column: str, life: Life | None = None, bound: str = "mid") -> list[int | None]:
        """A column of the restatement over the years; as reported when no life is named."""
        book = (life or self.facts.focus).book
        return [self.facts.line(column, book, year, bound=bound) for year in self.facts.years]

    def placed(
        self,
        values: Iterable[int | None],
        show: Callable[[int | None], Figure],
        column: str,
        life: Life | None = None,
        bound: str = "mid",
    ) -> tuple[Figure, ...]:
        """Values of the years as figures that know where they come from."""
        book = (life or self.facts.focus).book
        return tuple(
            replace(show(value), at=self.facts.at(column, book, year, bound=bound))
            for value, year in zip(values, self.facts.years, strict=True)
        )

    def row(
        self,
        label: Label,
        column: str,
        life: Life | None = None,
        *,
        show: Callable[[int | None], Figure] | None = None,
        kind: str = "",
        symbol: bool = False,
        swatch: str = "",
        ticks: Marks = (),
    ) -> Row:
        """A column of the restatement as a line, in money unless `show` says otherwise.

        Figures that the filer did not print carry a letter; a line of them alone is not called reported.
        """
        shown = self.placed(self.yearly(column, life), show or self.money.show, column, life)
        cells = [self.sourced(cell, column, year) for cell, year in zip(shown, self.facts.years, strict=True)]
        named = called(cells) if label == REPORTED else label
        return Row(named, ticked(cells, ticks), kind, symbol or kind in ("total", "grand"), swatch)

    def sourced(self, cell: Figure, column: str, year: int, quarter: int | None = None) -> Figure:
        """A figure with the letter that says how it came, where it is not as the filer printed it."""
        return marked(cell, *self.facts.basis(column, year, quarter))

    def under_each(self, column: str, show: Callable[[int | None], Figure], *, swatch: bool = False) -> list[Row]:
        """One line a life, the longest first."""
        return [
            self.row(life_label(life), column, life, show=show, swatch=life.mark if swatch else "")
            for life in self.facts.lives
        ]

    def summed(self, tick: str, total: str, parts: Mapping[str, int], life: Life | None = None) -> Marks:
        """The tick at each year in which a column is the sum of others, each with its sign."""
        columns = [[times(value, sign) for value in self.yearly(name, life)] for name, sign in parts.items()]
        expected = [added(own) for own in zip(*columns, strict=True)]
        return self.checks.mark(tick, zip(self.yearly(total, life), expected, strict=True))

    def recomputed(self, line: str, life: Life) -> Marks:
        """Tick R where restated = reported - understatement - losses (+ the tax on both for net income)."""
        parts = {f"{line}_reported_minor": 1, "understatement_minor": -1, "losses_minor": -1}
        if line == "net_income":
            parts["tax_effect_minor"] = 1
        return self.summed("R", f"{line}_restated_minor", parts, life)

    def per_share_again(self, kind: str, life: Life) -> Marks:
        """Tick E where basic or diluted earnings per share restated are what `worked_out` gives."""
        column = f"eps_{kind}_restated_micro"
        facts = self.facts
        pairs = [(facts.line(column, life.book, year), self.worked_out(kind, life, year)) for year in facts.years]
        return self.checks.mark("E", pairs)

    def worked_out(self, kind: str, life: Life, year: int, quarter: int | None = None) -> int | None:
        """Earnings per share, basic or diluted, by the rule that the restatement names, in whole numbers."""
        names = ("income_to_common_reported_minor", "income_to_common_restated_minor")
        before, after = (self.facts.line(name, life.book, year, quarter) for name in names)
        rule = self.facts.said(f"eps_{kind}_rule", life.book, year, quarter)
        if before is None or after is None or rule is None:
            return None
        over = "basic" if kind == "basic" or after < 0 or rule.endswith(UNCOUNTED) else "diluted"
        shares = self.facts.line(f"{over}_shares", life.book, year, quarter)
        moves = rule.startswith((MOVES, SMALL))
        printed = self.facts.line(f"eps_{kind}_reported_micro", life.book, year, quarter)
        if before == after and printed is not None:
            return printed
        base = self.facts.line(f"eps_{over}_reported_micro", life.book, year, quarter) if moves else 0
        if not shares or base is None:
            return None
        amount = after - before if moves else after
        return base + divide_half_even(amount * 10**6, shares * 10**self.money.digits)

    def depreciation(self) -> tuple[Words, ...]:
        """Which line of the statements stands for depreciation, where it is known."""
        line = self.facts.depreciation_line
        return (DEPRECIATION[line],) if line else ()

    @property
    def loses(self) -> bool:
        """Whether a disposal or an impairment loses more or less under any life."""
        return any(any(self.yearly("losses_minor", life)) for life in self.facts.lives)


def times(value: int | None, sign: int) -> int | None:
    """The figure times a sign; missing stays missing."""
    return None if value is None else sign * value


def added(values: Iterable[int | None]) -> int | None:
    """The sum of figures, missing when one of them is."""
    whole = 0
    for value in values:
        if value is None:
            return None
        whole += value
    return whole


def known(rows: Iterable[Row]) -> bool:
    """Whether any cell of the lines holds a figure."""
    return any(not cell.missing for row in rows for cell in row.cells)


def ratio(ppm: int | None) -> Figure:
    """Parts per million as a plain ratio: 2.75."""
    return fmt.decimal(ppm, 6, 2)
