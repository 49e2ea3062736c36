"""The frames of a report as questions with an answer: understatement of a year, carrying amount of a quarter.

Answers are integers of the contract's units, or None where the statement line is not sourced. Sums run over the mid
bound unless another is named.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import polars as pl

from depr.report.format import years
from depr.report.inputs import IssuerReport, Record
from depr.report.modes import Case, cases
from depr.report.origin import At
from depr.restate.lines import REPORTED
from depr.restate.understatement import crossing
from depr.statements.basis import BASES, DERIVED

Quarter = tuple[int, int]


SOURCES = {
    **{f"{line}_reported_minor": (line,) for line in REPORTED},
    "depreciation_reported_minor": ("depreciation",),
    "gross_profit_reported_minor": ("gross_profit",),
    "eps_basic_reported_micro": ("eps_basic",),
    "eps_diluted_reported_micro": ("eps_diluted",),
    "basic_shares": ("basic_shares",),
    "diluted_shares": ("diluted_shares",),
    "capex_minor": ("capex",),
    "cash_from_operations_minor": ("cash_from_operations",),
    "cash_gap_reported_minor": ("capex", "depreciation"),
    "free_cash_flow_minor": ("cash_from_operations", "capex"),
    "capex_to_depreciation_reported_ppm": ("capex", "depreciation"),
}
"""The lines of a statement behind each figure of a restatement that is the same under every book."""


@dataclass(frozen=True)
class Life:
    """An alternative book as the page names it; `mark` is the class of its bars and lines.

    `alternative` is the same in every mode; `book` has a name of its own where the mode has a date.
    """

    book: str
    alternative: str
    years: str
    mark: str
    months: int


def lives(alternatives: Sequence[Record]) -> tuple[Life, ...]:
    """The alternatives from the longest life to the shortest: each step charges sooner than the one before."""
    longest = sorted(alternatives, key=lambda book: (-book["policies"][-1]["life_months"], book["id"]))
    return tuple(
        Life(
            book["id"],
            book.get("alternative", book["id"]),
            years(book["policies"][-1]["life_months"]),
            f"life{place % 4}",
            book["policies"][-1]["life_months"],
        )
        for place, book in enumerate(longest)
    )


class Facts:
    """Lookups over one report's frames, in one mode; built once, read by tables, charts and the headline."""

    def __init__(self, report: IssuerReport, case: Case | None = None, focus: str = "") -> None:
        self.report = report
        self.cases = cases(report.restated)
        self.case = case or self.cases[0]
        day = pl.lit(self.case.change, pl.Date)
        self._own = own = report.restated.filter(
            pl.col("mode") == self.case.mode, pl.col("change_date").eq_missing(day)
        )
        self._lines = {
            (r["book"], r["bound"], r["fiscal_year"], r["fiscal_quarter"]): r for r in own.iter_rows(named=True)
        }
        books = {book for book, *_ in self._lines}
        self.reported = str(report.reported_book["id"])
        self.lives = lives([book for book in report.alternatives if book["id"] in books])
        self.focus = self.life(focus) if focus else self.lives[len(self.lives) // 2]
        self._charge: dict[tuple[str, str, int, int, str], int] = defaultdict(int)
        self._carrying: dict[tuple[str, str, int, int], int] = defaultdict(int)
        self._cost: dict[Quarter, int] = defaultdict(int)
        self._ends: dict[Quarter, dt.date] = {}
        for row in report.rollup.iter_rows(named=True):
            self._take(row)

    def _take(self, row: Record) -> None:
        book = row["book"]
        bound = row["bound"]
        quarter = (row["fiscal_year"], row["fiscal_quarter"])
        self._charge[book, bound, *quarter, row["generation"]] += row["depreciation_minor"]
        self._carrying[book, bound, *quarter] += row["carrying_minor"]
        self._ends[quarter] = row["period_end"]
        if (book, bound) == (self.reported, "mid"):
            self._cost[quarter] += row["cost_minor"]

    # --- which periods --------------------------------------------------------------------------------------------
    @cached_property
    def years(self) -> tuple[int, ...]:
        """Fiscal years restated, without holes."""
        found = [year for (_, _, year, quarter) in self._lines if quarter is None]
        return tuple(range(min(found), max(found) + 1))

    @cached_property
    def path_years(self) -> tuple[int, ...]:
        """Fiscal years from the first purchase until the last book has run off."""
        charged = [key[2] for key, minor in self._charge.items() if minor]
        charged += [self.years[0], self.years[-1]]
        return tuple(range(min(charged), max(charged) + 1))

    @cached_property
    def path_quarters(self) -> tuple[Quarter, ...]:
        """Every fiscal quarter of `path_years`."""
        return tuple((year, quarter) for year in self.path_years for quarter in (1, 2, 3, 4))

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """Fiscal quarters of the years restated that the fleet or the statements reach."""
        stated = {(year, quarter) for (_, _, year, quarter) in self._lines if quarter is not None}
        return tuple(q for q in self.path_quarters if q[0] in self.years and (q in stated or q in self._ends))

    @cached_property
    def data_end(self) -> Quarter:
        """The last quarter in which the cost in service grows: no purchase is known after it."""
        grew = min(self._ends)
        before = 0
        for quarter in sorted(self._cost):
            if self._cost[quarter] > before:
                grew = quarter
            before = self._cost[quarter]
        return grew

    def end_of(self, quarter: Quarter) -> dt.date | None:
        """The last day of a fiscal quarter."""
        return self._ends.get(quarter)

    @cached_property
    def year_end(self) -> dt.date:
        """The last day of the last fiscal year restated."""
        last: list[dt.date] = [r["period_end"] for key, r in self._lines.items() if key[2:] == (self.years[-1], None)]
        return max(last)

    # --- statement lines ------------------------------------------------------------------------------------------
    def line(self, column: str, book: str, year: int, quarter: int | None = None, bound: str = "mid") -> int | None:
        """A column of the restatement."""
        row = self._lines.get((book, bound, year, quarter))
        return None if row is None else row[column]

    def said(self, column: str, book: str, year: int, quarter: int | None = None) -> str | None:
        """What a column of words says of a period."""
        row = self._lines.get((book, "mid", year, quarter))
        return None if row is None else row[column]

    def stated(self, column: str, year: int, quarter: int | None = None) -> int | None:
        """A reported column: the same under every book."""
        return self.line(column, self.focus.book, year, quarter)

    def basis(self, column: str, year: int, quarter: int | None = None) -> tuple[str, str]:
        """How a figure that stands as reported came: reported, derived or vendor, and in words; blank if not known.

        What is computed from several lines is as good as the worst of them.
        """
        bases = self._bases
        lines = SOURCES.get(column, ())
        if bases is None or not lines:
            return "", ""
        whole = [self.depreciation_line if line == "depreciation" else line for line in lines]
        named = [line for line in whole if line]
        found = [bases.get((year, quarter, line)) for line in named]
        if len(named) == 1 == len(lines) and found[0] is None:
            return DERIVED, f"{named[0].replace('_', ' ')}: computed from the other lines"
        return max((each for each in found if each), key=lambda each: BASES.index(each[0]), default=("", ""))

    @cached_property
    def _bases(self) -> dict[tuple[int, int | None, str], tuple[str, str]] | None:
        rows = self.report.bases
        if rows is None:
            return None
        return {
            (row["fiscal_year"], row["fiscal_quarter"], row["line"]): (
                row["basis"],
                f"{row['line'].replace('_', ' ')}: {row['how']}",
            )
            for row in rows.iter_rows(named=True)
        }

    @cached_property
    def depreciation_line(self) -> str | None:
        """The line of the statements that stands for depreciation; None where it is not known."""
        lines = self.report.statements
        found = [] if lines is None else lines["depreciation_line"].drop_nulls().unique().sort().to_list()
        return found[0] if len(found) == 1 else None

    @cached_property
    def mid(self) -> pl.DataFrame:
        """The rows of this mode at the mid reading."""
        return self._own.filter(bound="mid")

    def periods(self) -> Iterator[tuple[int, int | None]]:
        """Every fiscal year, and every quarter, that has a statement."""
        yield from sorted({key[2:] for key in self._lines}, key=lambda own: (own[1] is not None, *own))

    def at(self, column: str, book: str, year: int, quarter: int | None = None, bound: str = "mid") -> At:
        """Where a figure stands; one that is the same under every book and in every mode stands there once."""
        issuer = str(self.report.issuer["id"])
        if column in SOURCES or not book:
            first = self.cases[0]
            return At(issuer, column, "", year, quarter, "mid", first.mode, first.change)
        if column == "understatement_minor" and self.line(column, book, year, quarter, bound) is None:
            return At(issuer, "more_minor", book, year, quarter, bound, self.case.mode, self.case.change, generation="")
        return At(issuer, column, book, year, quarter, bound, self.case.mode, self.case.change)

    def summed(self, column: str, book: str, year: int, generation: str = "", bound: str = "mid") -> At:
        """Where a sum of the roll-up stands: of a fiscal year, over a generation or all of them."""
        at = self.at(column, book, year, bound=bound)
        return replace(at, generation=generation)

    def cited(self, line: str, year: int, quarter: int | None) -> tuple[str, str]:
        """How a line of a statement came, in words, and its source."""
        own = self.depreciation_line if line == "depreciation" else line
        return self._cited.get((year, quarter, own or line), ("", ""))

    @cached_property
    def _cited(self) -> dict[tuple[int, int | None, str], tuple[str, str]]:
        rows = self.report.bases
        if rows is None:
            return {}
        return {
            (row["fiscal_year"], row["fiscal_quarter"], row["line"]): (
                f"{row['basis']}: {row['how'].removeprefix(row['basis']).strip(' :')}".rstrip(": "),
                row.get("source") or "",
            )
            for row in rows.iter_rows(named=True)
        }

    def life(self, alternative: str) -> Life:
        """The life of an alternative in this mode."""
        return next(life for life in self.lives if life.alternative == alternative)

    # --- the modelled fleet ---------------------------------------------------------------------------------------
    @cached_property
    def generations(self) -> tuple[str, ...]:
        """Generations in the order in which they first depreciate."""
        first: dict[str, Quarter] = {}
        for (_, _, year, quarter, generation), minor in sorted(self._charge.items()):
            if minor:
                first[generation] = min(first.get(generation, (year, quarter)), (year, quarter))
        return tuple(sorted(first, key=lambda name: (first[name], name)))

    def more_in(self, book: str, quarter: Quarter, generation: str, bound: str = "mid") -> int:
        """Understatement of one generation in one quarter: the alternative's charge less the reported book's."""
        alternative = self._charge.get((book, bound, *quarter, generation), 0)
        return alternative - self._charge.get((self.reported, bound, *quarter, generation), 0)

    def more(self, book: str, year: int, generations: Iterable[str] | None = None, bound: str = "mid") -> int:
        """Understatement of a fiscal year under a book."""
        names = self.generations if generations is None else generations
        return sum(self.more_in(book, (year, quarter), name, bound) for name in names for quarter in (1, 2, 3, 4))

    def understated(self, book: str, year: int, quarter: int | None = None, bound: str = "mid") -> int:
        """Understatement of a period: of the restatement, or of the fleet alone where there are no statements."""
        found = self.line("understatement_minor", book, year, quarter, bound)
        if found is not None:
            return found
        own = (quarter,) if quarter else (1, 2, 3, 4)
        return sum(self.more_in(book, (year, number), name, bound) for name in self.generations for number in own)

    @cached_property
    def ranged(self) -> bool:
        """Whether any purchase has a range; else every figure is exact and there is one reading."""
        own = self._charge
        return any(
            minor != own.get((book, "mid", year, quarter, name), 0)
            for (book, _, year, quarter, name), minor in own.items()
        )

    def readings(self, book: str, years_: Iterable[int]) -> tuple[int, int]:
        """Understatement over the years at the low reading and at the high one: each is one reading of every lot.

        The low one may be the larger: what is charged sooner is not charged later. Both are the median without ranges.
        """
        chosen = tuple(years_)
        low, high = (
            sum(self.understated(book, year, bound=bound) for year in chosen)
            for bound in (("low", "high") if self.ranged else ("mid", "mid"))
        )
        return low, high

    @cached_property
    def cumulative(self) -> tuple[int, ...]:
        """Understatement under the focus life summed from the first purchase, at the end of each path quarter."""
        return tuple(accumulate(self._moves))

    @cached_property
    def _moves(self) -> tuple[int, ...]:
        """Understatement under the focus life in each path quarter."""
        names = self.generations
        book = self.focus.book
        return tuple(sum(self.more_in(book, quarter, name) for name in names) for quarter in self.path_quarters)

    @cached_property
    def crossing(self) -> Quarter | None:
        """The quarter from which the shorter life charges less."""
        place = crossing(self._moves)
        return None if place is None else self.path_quarters[place]

    def carrying(self, book: str, quarter: Quarter) -> int:
        """Carrying amount at the end of a quarter; nothing before the first purchase and after the last charge."""
        return self._carrying.get((book, "mid", *quarter), 0)
