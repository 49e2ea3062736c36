"""What a page does not show, and why: blanks of the restatement, grouped by reason and period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from depr.contract.names import bare
from depr.report import format as fmt
from depr.report.facts import Facts
from depr.report.lines import FUNCTIONS, caption
from depr.report.money import Money
from depr.report.words import Label, Words, fiscal, quarter_name
from depr.restate.reasons import blanks
from depr.statements.identities import PER_SHARE, identities

Period = tuple[int, int | None]

YEARLY = {
    "depreciation": Words("Depreciation"),
    "cost_of_revenue": FUNCTIONS["cost_of_revenue"],
    "gross_profit": Words("Gross profit"),
    "research_and_development": FUNCTIONS["research_and_development"],
    "sales_general_admin": FUNCTIONS["sales_general_admin"],
    "operating_income": Words("Operating income"),
    "pretax_income": Words("Income before tax"),
    "tax_rate": Words("Tax rate"),
    "tax_effect": Words("Tax effect"),
    "net_income": Words("Net income"),
    "eps_basic": Words("Basic EPS"),
    "eps_diluted": Words("Diluted EPS"),
    "eps_change": Words("Change of EPS"),
    "eps_compression": Words("Compression"),
    "coverage": Words("Coverage"),
    "capex": Words("Capital expenditure"),
    "cash_from_operations": Words("Cash from operations"),
    "free_cash_flow": Words("Free cash flow"),
    "cash_gap": Words("Cash gap"),
    "capex_to_depreciation": Words("Capital expenditure to depreciation"),
    "owner_earnings": Words("Owner earnings"),
    "funding_gap": Words("Funding gap"),
    "quarters_of_cash": Words("Quarters of cash"),
}
"""What the tables by year show, by its name in the restatement, in the order of the page."""

BALANCES = {
    "deferred_tax_opening": Words("Deferred tax, opening"),
    "deferred_tax_closing": Words("Deferred tax, closing"),
    "equity_opening_change": Words("Retained earnings, opening"),
    "ppe_net": Words("Property and equipment, net"),
    "equity": Words("Equity"),
}
"""What the table of opening balances shows besides."""

QUARTERLY = tuple(
    f"{name}_{kind}" for name in ("depreciation", "eps_diluted", "cash_gap") for kind in ("reported", "restated")
)
"""What the table by quarter shows."""

OWN = "not sourced"
"""Why a line is blank that needs no other."""

RESTATED = {name: Words(f"{words.text}, restated") for name, words in (YEARLY | BALANCES).items()}
PLAIN = {"eps_basic": "basic EPS", "eps_diluted": "diluted EPS", "capex": "capital expenditure",
         "sales_general_admin": "selling, general and administrative expense",
         "ppe_net": "property and equipment, net"}  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """One line of the table: figures that one reason keeps from some periods."""

    figures: tuple[Label, ...]
    periods: tuple[Label, ...]
    why: Label


def reasons(facts: Facts, *, balances: bool) -> tuple[Reason, ...]:
    """Why figures of the page are blank, the fewest lines that say it; none when no statements were given."""
    if facts.report.statements is None:
        return ()
    found: dict[tuple[str, str, bool], list[Period]] = {}
    for name, period, why in _found(facts, balances=balances):
        times = found.setdefault((name, why, period[1] is None), [])
        times += [period] if period not in times[-1:] else []
    grouped: dict[tuple[str, tuple[Period, ...]], list[str]] = {}
    for (name, why, _), periods in found.items():
        own = OWN if why == f"not sourced: {base(name)}" else why
        grouped.setdefault((own, tuple(periods)), []).append(name)
    lines = [
        Reason(tuple(_named(facts, names)), spans(periods), reason(facts, why))
        for (why, periods), names in grouped.items()
    ]
    return (*lines, *unstated(facts))


def _found(facts: Facts, *, balances: bool) -> Iterator[tuple[str, Period, str]]:
    """Column, period and reason of every blank that has a place on the page, in the order of the page."""
    assert facts.report.statements is not None
    shown = list(YEARLY | BALANCES if balances else YEARLY)
    table = blanks(facts.mid, facts.report.statements)
    rows = [
        (shown.index(base(column)), column, (row["fiscal_year"], row["fiscal_quarter"]), str(row["why"]))
        for row in table.iter_rows(named=True)
        for column in [bare(row["figure"])]
        if base(column) in shown and (row["fiscal_quarter"] is None or column in QUARTERLY)
    ]
    for _, column, period, why in sorted(rows, key=lambda row: (row[0], row[1], row[2][0], row[2][1] or 0)):
        yield column, period, why


def base(column: str) -> str:
    """The name of a figure, reported or restated."""
    return column.removesuffix("_reported").removesuffix("_restated")


def _named(facts: Facts, columns: Sequence[str]) -> Iterator[Label]:
    """Figures in words: one word for what is blank as reported and restated."""
    words = YEARLY | BALANCES
    bases = dict.fromkeys(base(column) for column in columns)
    for name in bases:
        alone = f"{name}_restated" in columns and f"{name}_reported" not in columns
        own = caption(facts, name) if name in FUNCTIONS else words[name]
        if isinstance(own, Words):
            yield RESTATED[name] if alone else own
        else:
            yield Words("%(line)s, restated", {"line": own}) if alone else own


def reason(facts: Facts, why: str) -> Words:
    """A reason as a sentence."""
    lines = why.removeprefix("not sourced: ")
    if lines == why:
        return Words(f"{why[0].upper()}{why[1:]}.")
    own: dict[str, str] = {**PLAIN, **dict(facts.report.issuer.get("captions") or {})}
    names = ", ".join(own.get(name, name.replace("_", " ")) for name in lines.split(", "))
    return Words("Not sourced: %(lines)s.", {"lines": names})


def spans(periods: Iterable[Period]) -> tuple[Label, ...]:
    """Periods in order with those that follow each other drawn together: FY2022 to FY2024, Q3 FY2025."""
    out: list[list[Period]] = []
    for period in sorted(periods, key=lambda own: (own[1] is not None, own[0], own[1] or 0)):
        if out and _next(out[-1][-1]) == period:
            out[-1].append(period)
        else:
            out.append([period])
    return tuple(_span(run[0], run[-1]) for run in out)


def _next(period: Period) -> Period:
    year, quarter = period
    if quarter is None:
        return year + 1, None
    return (year, quarter + 1) if quarter < 4 else (year + 1, 1)


def _span(first: Period, last: Period) -> Label:
    if first == last:
        return _period(first)
    return Words("%(first)s to %(last)s", {"first": _period(first), "last": _period(last)})


def _period(period: Period) -> str:
    year, quarter = period
    return fiscal(year) if quarter is None else quarter_name((year, quarter))


def unstated(facts: Facts) -> Iterator[Reason]:
    """Periods of the page for which there is no statement at all."""
    stated = set(facts.periods())
    wanted: list[Period] = [*((year, None) for year in facts.years), *facts.quarters]
    if left := [period for period in wanted if period not in stated]:
        yield Reason((Words("Every reported and restated line"),), spans(left), Words("No statement is sourced."))


def broken(facts: Facts, money: Money) -> tuple[Reason, ...]:
    """Statements that are used although their lines do not hold together: the identity, and by how much it fails."""
    off = _differences(facts, money)
    found: dict[str, list[Label]] = {}
    for row in facts.mid.sort("book", "fiscal_year", "fiscal_quarter").iter_rows(named=True):
        if row["book"] == facts.focus.book:
            period = row["fiscal_year"], row["fiscal_quarter"]
            for identity in filter(None, (row["broken_identities"] or "").split("; ")):
                named = {"period": _period(period), "off": off.get((identity, *period), "")}
                found.setdefault(identity, []).append(Words("%(period)s: %(off)s" if off else "%(period)s", named))
    return tuple(Reason((identity,), tuple(periods), "") for identity, periods in found.items())


def _differences(facts: Facts, money: Money) -> dict[tuple[str, int, int | None], str]:
    """What the statement says less what its other lines give, by identity and period; none without statements."""
    if facts.report.statements is None:
        return {}
    rows = identities(facts.report.statements).filter(~pl.col("holds")).iter_rows(named=True)
    return {
        (row["identity"], row["fiscal_year"], row["fiscal_quarter"]): str(
            fmt.per_share(row["difference"], 3)
            if row["unit"] == PER_SHARE
            else fmt.millions(row["difference"], money.digits, 3)
        )
        for row in rows
    }
