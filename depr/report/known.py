"""What is known of one issuer behind a figure: its formula, the values that go in, its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from depr.contract import Restated, Statements
from depr.report import format as fmt
from depr.report.facts import SOURCES, Facts
from depr.report.inputs import ALL_ASSUMPTIONS
from depr.report.money import money_of
from depr.report.origin import WIDEST, At
from depr.report.words import Label, Value, Words, fiscal, quarter_name
from depr.restate.lines import EFFECTS, LINES, MOVES, SMALL, UNCOUNTED

SUMMED = {
    "depreciation_modelled_minor": Words("the charges of all lots under the reported book, added"),
    "depreciation_alternative_minor": Words("the charges of all lots under the life, added"),
    "understatement_cumulative_minor": Words("the understatement of this period and of all before it, added"),
    "losses_minor": Words("losses on disposals and impairments under the life, less those under the reported book"),
    "carried_over_minor": Words("carrying amount under the reported book less that under the life, at the end"),
    "understatement_cost_of_revenue_minor": Words("the understatement times the share of the function, rounded once"),
    "understatement_research_and_development_minor": Words(
        "the share of this function and of those before it, less that of those before it"
    ),
    "understatement_sales_general_admin_minor": Words("the understatement less the parts of the other functions"),
    "deferred_tax_closing_minor": Words("the tax effects of this period and of all before it, added"),
    "equity_opening_change_minor": Words("deferred tax less what is carried over, both as the period opens"),
    "tax_rate_ppm": Words("the rate in force at the end of the period"),
    "tax_rate_marginal_ppm": Words("the rate that the disclosures of the issuer imply"),
    "depreciation_minor": Words("the charges of the lots of this line under the book, added"),
    "more_minor": Words("the charges of the lots of this line under the life, less those under the reported book"),
    "carrying_minor": Words("cost less accumulated depreciation and impairment of all lots, at the end"),
    "apart_minor": Words("carrying amount under the reported book less that under the life, at the end"),
    "cumulative_minor": Words("understatement of this year and of all before it, added"),
}
"""What adds up over lots or periods, and where the figures of a period are not enough to say how."""


ENDS = Words(
    "the end of all readings of the life: units and prices at their low, mid and high, with each assumption at its "
    "ends; such lots are not in the ledger, so no SQL gives it"
)
AS_GIVEN = Words("as its source gives it")
COLUMNS = frozenset(Restated.column_names())
STATED = frozenset(Statements.column_names())
FORMULAS = EFFECTS | LINES
READINGS = {
    "low": Words("low reading"),
    "high": Words("high reading"),
    "lowest": Words("lowest of all assumptions"),
    "highest": Words("highest of all assumptions"),
}
PLAIN = {
    "understatement_minor": "{depreciation_alternative_minor} − {depreciation_modelled_minor}",
    "replacement_capex_minor": "{depreciation_alternative_minor}",
}
"""Formulas that the lines of the restatement do not hold."""


class Known:
    """One issuer in one mode: the formula of each figure, and every value that it reads."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.digits = money_of(facts).digits

    @cached_property
    def _swept(self) -> Mapping[tuple[int, str, str, str], Mapping[str, Any]]:
        beside = self.facts.report.beside
        if beside is None:
            return {}
        rows = (*beside.lives.iter_rows(named=True), *beside.assumed.iter_rows(named=True))
        return {(row["life_months"], row["bound"], row.get("assumption", ""), row.get("end", "")): row for row in rows}

    def _of_life(self, at: At) -> Mapping[str, Any]:
        return self._swept.get((at.months, at.bound, at.assumption, at.end), {})

    @cached_property
    def _stated(self) -> Mapping[tuple[int, int | None], Mapping[str, Any]]:
        lines = self.facts.report.statements
        rows = [] if lines is None else lines.iter_rows(named=True)
        return {(row["fiscal_year"], row["fiscal_quarter"]): row for row in rows}

    # --- values ---------------------------------------------------------------------------------------------------
    def value(self, at: At) -> int | None:
        """The figure itself, in the unit of its column."""
        if at.generation is not None:
            return self._summed(at)
        if at.column not in COLUMNS:
            found: int | None = self._stated.get(at.period, {}).get(at.column)
            return found
        if at.bound in WIDEST:
            return self._widest(at)
        if at.months:
            swept: int | None = self._of_life(at).get(at.column)
            return swept
        return self.facts.line(at.column, at.book or self.facts.focus.book, *at.period, bound=at.bound)

    def _widest(self, at: At) -> int | None:
        """The end of a life under all assumptions and readings."""
        beside = self.facts.report.beside
        assert beside is not None
        known = [
            value
            for rows in (beside.lives, beside.assumed.filter(assumption=ALL_ASSUMPTIONS))
            for value in rows.filter(life_months=at.months)[at.column].drop_nulls()
        ]
        ends = sorted(known)
        return ends[0 if at.bound == WIDEST[0] else -1] if ends else None

    def _summed(self, at: At) -> int:
        names = (at.generation,) if at.generation else self.facts.generations
        end = (at.year, 4)
        if at.column == "more_minor" and at.quarter:
            return sum(self.facts.more_in(at.book, (at.year, at.quarter), name, at.bound) for name in names)
        if at.column == "more_minor":
            return self.facts.more(at.book, at.year, names, at.bound)
        if at.column == "cumulative_minor":
            years = [year for year in self.facts.path_years if year <= at.year]
            return sum(self.facts.more(at.book, year, names, at.bound) for year in years)
        if at.column == "apart_minor":
            return self.facts.carrying(self.facts.reported, end) - self.facts.carrying(at.book, end)
        return self.facts.carrying(at.book, end)

    def said(self, column: str, at: At) -> str:
        """What a column of words says of the period of a figure."""
        if at.months:
            return str(self._of_life(at).get(column) or "")
        return self.facts.said(column, at.book or self.facts.focus.book, *at.period) or ""

    def exact(self, column: str, value: int | None) -> str:
        """A value with every digit it has: money to its minor unit, per share and ratios to the millionth."""
        if value is None:
            return "?"
        digits = self.digits if column.endswith("_minor") else 0 if column.endswith("_shares") else 6
        text = fmt.grouped(value, digits)
        return f"−{text}" if value < 0 else text

    # --- formulas -------------------------------------------------------------------------------------------------
    def formula(self, at: At) -> str:
        """How the figure is worked out, its parts in braces; blank for a fact, and for what adds up over lots."""
        column = at.column
        alone = at.generation is not None or at.bound in WIDEST or column in SUMMED
        if alone or self.is_fact(at):
            return ""
        if column.startswith("eps_") and column.endswith(("_restated_micro", "_reported_micro")):
            return self._per_share(at)
        if column == "income_to_common_reported_minor":
            return "{net_income_minor}"
        if column == "quarters_of_cash_ppm":
            return "{cash_minor} ÷ {funding_gap_minor}" if at.quarter else "{cash_minor} × 4 ÷ {funding_gap_minor}"
        if column == "gross_profit_reported_minor":
            return "{revenue_minor} − {cost_of_revenue_minor}"
        return PLAIN.get(column) or unwrapped(FORMULAS[column].words)

    def is_fact(self, at: At) -> bool:
        """Whether a figure stands as reported: in the statements by itself."""
        lines = {"income_to_common_reported_minor": ("net_income_to_common",)} | SOURCES
        if at.column not in COLUMNS:
            return True
        if len(lines.get(at.column, ())) != 1:
            return at.column not in FORMULAS | PLAIN and at.column not in SUMMED
        [line] = lines[at.column]
        if self.facts.report.statements is None:
            return at.column != "income_to_common_reported_minor"
        row = self._stated.get(at.period, {})
        suffix = next(end for end in ("_minor", "_micro", "") if f"{line}{end}" in STATED)
        return row.get(f"{line}{suffix}") is not None

    def _per_share(self, at: At) -> str:
        kind = "basic" if "basic" in at.column else "diluted"
        income = "income_to_common_restated_minor"
        before, after = (
            self.value(self.resolved(f"income_to_common_{name}_minor", at)) for name in ("reported", "restated")
        )
        if at.column.endswith("_reported_micro"):
            over = "basic" if kind == "basic" or (before or 0) < 0 else "diluted"
            return f"{{income_to_common_reported_minor}} ÷ {{{over}_shares}}"
        rule = self.said(f"eps_{kind}_rule", at)
        over = "basic" if kind == "basic" or (after or 0) < 0 or rule.endswith(UNCOUNTED) else "diluted"
        if before == after:
            return f"{{eps_{kind}_reported_micro}}"
        if rule.startswith((MOVES, SMALL)):
            change = "({income_to_common_restated_minor} − {income_to_common_reported_minor})"
            return f"{{eps_{over}_reported_micro}} + {change} ÷ {{{over}_shares}}"
        return f"{{{income}}} ÷ {{{over}_shares}}"

    def words(self, at: At) -> Label:
        """What takes the place of a formula."""
        if at.bound in WIDEST:
            return ENDS
        return SUMMED.get(at.column, AS_GIVEN)

    def resolved(self, name: str, at: At) -> At:
        """What a name in the formula of a figure stands for: a column of the restatement, else of the statements."""
        stem, _, suffix = name.rpartition("_")
        column = name if name in COLUMNS else f"{stem}_reported_{suffix}"
        if column not in COLUMNS:
            return self.facts.at(name, "", *at.period)
        if at.months and column not in SOURCES:
            return replace(at, column=column)
        return self.facts.at(column, at.book, *at.period, bound=at.bound)

    # --- where from -----------------------------------------------------------------------------------------------
    def stated_only(self, at: At) -> bool:
        """Whether a figure is a line of the statements that the restatement does not repeat."""
        return at.generation is None and at.column not in COLUMNS

    def cited(self, at: At) -> tuple[Label, str]:
        """How a fact came and where it stands; blank for what is worked out."""
        if at.column in ("tax_rate_ppm", "tax_rate_marginal_ppm"):
            return self.said("tax_kind", at), self.said("tax_source", at) if at.column == "tax_rate_ppm" else ""
        if at.generation is not None or not self.is_fact(at):
            return "", ""
        line = SOURCES.get(at.column, (at.column.removesuffix("_minor").removesuffix("_micro"),))[0]
        return self.facts.cited(line, *at.period)

    def period(self, at: At) -> Label:
        """The period of a figure, or the life where that is what is told apart."""
        if at.months:
            return Words("%(years)s yr", {"years": fmt.years(at.months)})
        return quarter_name((at.year, at.quarter)) if at.quarter else fiscal(at.year)

    def of(self, at: At, *, several: bool) -> tuple[Label, ...]:
        """Under which book a figure is, at which reading, in which mode, of which issuer where there are several."""
        names = {life.book: Words("%(years)s-year life", {"years": life.years}) for life in self.facts.lives}
        parts: list[Label] = [str(self.facts.report.issuer["name"])] if several else []
        if at.generation:
            parts.append(self.facts.report.generation_names.get(at.generation, at.generation))
        if at.book == self.facts.reported:
            parts.append(Words("reported book"))
        elif at.book in names:
            parts.append(names[at.book])
        if at.bound != "mid":
            parts.append(READINGS[at.bound])
        if at.assumption:
            named: dict[str, Value] = {"key": column_name(at.assumption), "end": at.end}
            parts.append(
                Words("%(key)s at its %(end)s end; such lots are not in the ledger, so no SQL gives it", named)
            )
        if len(self.facts.cases) > 1 and at.book:
            parts.append(self.facts.case.name)
        return tuple(parts)


def column_name(name: str) -> str:
    """A name of the data as words."""
    return name.replace("_", " ")


def unwrapped(text: str) -> str:
    """A formula without the parentheses around all of it."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and place < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text
