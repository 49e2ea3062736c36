"""What the tables of a restatement share: columns by year, lines by life, and the checks that run on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from depr.report import format as fmt
from depr.report.checks import Checks
from depr.report.facts import Facts, Life
from depr.report.format import Figure
from depr.report.money import Money
from depr.report.tables import Row
from depr.report.words import Label, Words, fiscal

REPORTED = Words("As reported")
DEPRECIATION = {
    "depreciation_of_ppe": Words("Depreciation reported: depreciation of property and equipment."),
    "depreciation_and_amortization": Words(
        "Depreciation reported: depreciation and amortization of all assets, the line that the filings give."
    ),
}


def life_label(life: Life) -> Words:
    """The name of an alternative book on the page."""
    return Words("%(years)s-year life", {"years": life.years})


class Lines:
    """Lines of one issuer in one mode; checks run as the lines are made."""

    def __init__(self, facts: Facts, money: Money, checks: Checks) -> None:
        self.facts, self.money, self.checks = facts, money, checks
        self.columns: tuple[Label, ...] = tuple(fiscal(year) for year in facts.years)

    def yearly(self, column: str, life: Life | None = None, bound: str = "mid") -> list[int | None]:
        """A column of the restatement over the years; as reported when no life is named."""
        book = (life or self.facts.focus).book
        return [self.facts.line(column, book, year, bound=bound) for year in self.facts.years]

    def cells(self, values: Iterable[int | None], show: Callable[[int | None], Figure]) -> tuple[Figure, ...]:
        """Values as figures."""
        return tuple(show(value) for value in values)

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
        ticks: tuple[str, ...] = (),
    ) -> Row:
        """A column of the restatement as a line, in money unless `show` says otherwise."""
        cells = self.cells(self.yearly(column, life), show or self.money.show)
        return Row(label, cells, kind, symbol or kind in ("total", "grand"), swatch, ticks)

    def under_each(self, column: str, show: Callable[[int | None], Figure], *, swatch: bool = False) -> list[Row]:
        """One line a life, the longest first."""
        return [
            self.row(life_label(life), column, life, show=show, swatch=life.mark if swatch else "")
            for life in self.facts.lives
        ]

    def summed(self, tick: str, total: str, parts: Mapping[str, int], life: Life | None = None) -> tuple[str, ...]:
        """The tick where a column is the sum of others, each with its sign."""
        columns = [[times(value, sign) for value in self.yearly(name, life)] for name, sign in parts.items()]
        expected = [added(own) for own in zip(*columns, strict=True)]
        return self.checks.mark(tick, zip(self.yearly(total, life), expected, strict=True))

    def recomputed(self, line: str, life: Life) -> tuple[str, ...]:
        """Tick R where restated = reported - understatement - losses (+ the tax on both for net income)."""
        parts = {f"{line}_reported_minor": 1, "understatement_minor": -1, "losses_minor": -1}
        if line == "net_income":
            parts["tax_effect_minor"] = 1
        return self.summed("R", f"{line}_restated_minor", parts, life)

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
