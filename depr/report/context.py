"""Frames of a report -> the context of its template. Pure: no file, no clock, no HTML."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from depr.errors import refuse
from depr.report import comparison, fleet, pictures, standing, sure
from depr.report import format as fmt
from depr.report.cash import Cash
from depr.report.charts import Picture
from depr.report.checks import Checks
from depr.report.derivations import Derivations
from depr.report.facts import Facts
from depr.report.finding import Finding
from depr.report.first import Screen, inputs_hash, lives_table, screen
from depr.report.functions import Functions
from depr.report.inputs import Coverage, Evidence, IssuerReport, Record
from depr.report.lines import Lines
from depr.report.missing import Reason, broken, reasons
from depr.report.modes import Case
from depr.report.money import Money, money_in, money_of
from depr.report.side import Modes, every_mode
from depr.report.statements import Statements
from depr.report.tables import Table
from depr.report.words import Label, Words, currency_name, fiscal, quarter_name

__all__ = ["Coverage", "Evidence", "IssuerReport", "index_context", "issuer_context", "page_name"]

METHODS = {
    "straight_line": Words("Straight line"),
    "sum_of_years_digits": Words("Sum of the years' digits"),
    "declining_balance": Words("Declining balance"),
}
CONVENTIONS = {
    "full_month": Words("full month"),
    "mid_month": Words("mid-month"),
    "half_year": Words("half-year"),
}


@dataclass(frozen=True)
class Policy:
    """One dated policy as the page prints it."""

    effective: Label
    years: str
    method: Label
    convention: Label
    generations: str
    residual: str
    source: str
    note: str


@dataclass(frozen=True)
class BookLines:
    """A book with its policies in order of date."""

    title: Label
    note: str
    source: str
    mark: str
    policies: tuple[Policy, ...]


def issuer_context(report: IssuerReport) -> dict[str, Any]:
    """Everything the issuer's template names."""
    if report.restated.is_empty() or report.rollup.is_empty():
        what = f"nothing to report for {report.issuer['name']}: no restated period or no purchase"
        raise refuse("report", what, do="import purchases and statements of the issuer, or leave it out")
    facts = Facts(report)
    checks = Checks()
    money = money_of(facts)
    every = every_mode(facts)
    tables = tables_of(every, money, checks)
    left = reasons(facts, balances="balances" in tables)
    finding = Finding(facts, money)
    tables["lives"] = lives_table(finding)
    moved = sure.swings(finding)
    tables |= sure.tables(Lines(facts, money, checks), finding, moved)
    return {
        **_of_the_report(report, money),
        **_derived(every, tables, screen(finding, report.evidence, checks.legend, page_name(report.issuer)), left),
        "facts": facts,
        "fiscal": finding.fiscal,
        "money": money,
        "period": (fiscal(facts.years[0]), fiscal(facts.years[-1])),
        "year_end": facts.year_end,
        "case": facts.case,
        "cases": [own.case for own in every],
        "crossing": quarter_name(facts.crossing) if facts.crossing else "",
        "changes": sure.changes(facts),
        "within": sure.within(finding),
        "trials": sure.trials(report.beside),
        "charts": charts_of(finding, moved),
        "reasons": left,
        "broken": broken(facts, money),
        "books": books(facts),
        "checks": checks.legend,
        "unchecked": (*UNCHECKED, *((RANGES,) if facts.ranged else ())),
    }


def charts_of(finding: Finding, moved: Sequence[sure.Swing]) -> dict[str, Picture | None]:
    """The charts of a page below the first screen; None where there is nothing to draw."""
    facts = finding.facts
    return {
        "tornado": sure.tornado(finding, moved),
        "screen": sure.strip(facts),
        "backtest": sure.against_disclosed(facts.report.beside),
        "eps": pictures.earnings(facts),
        "path": pictures.understatement(facts, finding.money),
        "gap": pictures.cash_gap(facts, finding.money),
        "carrying": pictures.carrying(facts, finding.money),
    }


def _derived(
    every: Sequence[Facts], tables: Mapping[str, Table], first: Screen, left: Sequence[Reason]
) -> dict[str, Any]:
    """The figures of the first screen and of the tables, each with its derivation, and the SQL of each table."""
    report = every[0].report
    derived = Derivations(every, report.evidence.run)
    shown = replace(first, figures=tuple(derived.key(each) for each in first.figures))
    named = {
        name: derived.linked(replace(table, mode=table.mode or every[0].case.mark, explained=bool(left)))
        for name, table in tables.items()
    }
    queries = {name: derived.of_table(table) for name, table in named.items()}
    return {
        "screen": shown,
        "tables": {name: replace(table, asked=bool(queries[name])) for name, table in named.items()},
        "derivations_": derived.written,
        "numbered": {str(own["source"]): place for place, own in enumerate(report.sources, 1) if own["source"]},
        "queries": [(name, table.caption, queries[name]) for name, table in named.items()],
    }


def _of_the_report(report: IssuerReport, money: Money) -> dict[str, Any]:
    """What a page says of where its figures come from."""
    return {
        "issuer": report.issuer,
        "assumptions": report.assumptions,
        "unpriced": [(row["chip"], fmt.count(row["units"]), row["reason"]) for row in report.unpriced.to_dicts()],
        "scenarios": report.scenarios,
        "sources": report.sources,
        "evidence": report.evidence,
        "inputs_hash": inputs_hash(report.evidence),
        "units_held": (fmt.count(report.coverage.units_priced), fmt.count(report.coverage.units_total)),
        "bought": (report.coverage.first, report.coverage.first_own),
        "control_total": fmt.decimal(report.evidence.control_total_minor, money.digits, money.digits),
        "counts": counts(report.evidence),
    }


def tables_of(every: Sequence[Facts], money: Money, checks: Checks) -> dict[str, Table]:
    """The tables of a page by id, those of the modes only where they say something."""
    facts = every[0]
    modes = Modes(every, money, checks)
    own = Statements(facts, money, checks)
    cash = Cash(facts, money, checks)
    tables = {
        "eps": own.earnings(),
        "path": fleet.path(facts, money, checks),
        "gap": cash.gap(),
        "flows": cash.flows(),
        "carrying": fleet.carrying(facts, money),
        "bridge": own.bridge(),
        "income": own.income(),
        "functions": Functions(facts, money, checks).table(),
        "quarters": own.quarters(),
    }
    if len(every) > 1:
        tables["modes"] = modes.table()
    if corrected := modes.corrected():
        tables["balances"] = corrected
    return tables


UNCHECKED = (
    Words("Reported lines: taken from the sources, not audited here."),
    Words("Earnings per share as reported and the share counts: taken from the sources, not audited here."),
    Words("Ratios and tax rates: printed as the restatement gives them."),
)
RANGES = Words("Low and high readings: the range of the purchase estimates and prices, not of the statements.")


def counts(evidence: Evidence) -> dict[str, Any]:
    """Rows read and where they went, and whether they add up."""
    read = evidence.rows_read
    accepted = evidence.rows_accepted
    rejected = evidence.rows_rejected
    duplicate = evidence.rows_duplicate
    return {
        "read": f"{read:,}",
        "accepted": f"{accepted:,}",
        "rejected": f"{rejected:,}",
        "duplicate": f"{duplicate:,}",
        "agree": read == accepted + rejected + duplicate,
    }


def books(facts: Facts) -> tuple[BookLines, ...]:
    """The reported book first, then the alternatives from the longest life."""
    report = facts.report
    by_id = {str(book["id"]): book for book in report.alternatives}
    chosen = [(report.reported_book, "reported"), *((by_id[life.book], life.mark) for life in facts.lives)]
    return tuple(
        BookLines(
            str(book["title"]), str(book.get("note") or ""), str(book.get("source") or ""), mark,
            tuple(policy(record) for record in book["policies"] if mark == "reported" or rules(record, facts.case)),
        )
        for book, mark in chosen
    )  # fmt: skip


def rules(record: Record, case: Case) -> bool:
    """Whether a policy of a life is its own: in a dated mode those before the change are the reported book's."""
    return case.change is None or (record["effective"] != "opening" and str(record["effective"]) >= str(case.change))


def policy(record: Record) -> Policy:
    """One dated policy in words."""
    method = str(record["method"])
    convention = str(record["convention"])
    generations = ", ".join(name for name in record.get("generations", ()) if name != "*")
    rate = Decimal(str(record.get("residual_rate") or "0"))
    return Policy(
        effective=effective(record["effective"]),
        years=fmt.years(record["life_months"]),
        method=METHODS.get(method, method),
        convention=CONVENTIONS.get(convention, convention),
        generations=generations,
        residual=f"{(rate * 100).normalize():f}" if rate else fmt.DASH,
        source=str(record.get("source") or ""),
        note=str(record.get("note") or ""),
    )


def effective(value: object) -> Label:
    """When a policy comes into force: the opening, a date, or the words it came with."""
    if isinstance(value, dt.date):
        return Words("%(day)s", {"day": value})
    if value == "opening":
        return Words("Opening")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        return Words("%(day)s", {"day": dt.date.fromisoformat(str(value))})
    return str(value)


def page_name(issuer: Record) -> str:
    """File name of an issuer's page: lower-case letters, digits and hyphens; a digest where the id has others."""
    name = str(issuer["id"])
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    if plain == name.lower():
        return f"{plain}.html"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain or 'issuer'}-{digest}.html"


def index_context(reports: Sequence[IssuerReport]) -> dict[str, Any]:
    """Everything the index template names."""
    if not reports:
        raise refuse("report", "no issuer to compare", do="name at least one issuer with purchases")
    facts = [Facts(report) for report in reports]
    pages = [page_name(report.issuer) for report in reports]
    currencies = sorted({currency_name(str(report.issuer["currency"])) for report in reports})
    plots = [each for each in (standing.by_fiscal_year(facts, pages), standing.on_one_calendar(facts, pages)) if each]
    derived = Derivations(facts, reports[0].evidence.run, deep=False)
    plots = [replace(own, rows=tuple(map(derived.standing, own.rows))) for own in plots]
    tables = [replace(own, mode=facts[0].case.mark, asked=True) for own in comparison.tables(facts, pages, currencies)]
    tables = [derived.linked(table) for table in tables]
    return {
        "count": len(reports),
        "headline": standing.headline(facts),
        "plots": plots,
        "derivations_": derived.written,
        "queries": [
            *(
                (
                    own.id,
                    own.caption,
                    derived.of_cells(cell for row in own.rows for cell in (row.modelled, *row.effects)),
                )
                for own in plots
            ),
            *((table.id, table.caption, derived.of_table(table)) for table in tables),
        ],
        "currency": ", ".join(currencies),
        "period": (fiscal(min(f.years[0] for f in facts)), fiscal(max(f.years[-1] for f in facts))),
        "as_of": max(report.evidence.as_of for report in reports),
        "case": facts[0].case,
        "others": facts[0].cases[1:],
        "tables": tables,
        "money": money_in(facts[0].report.issuer, 0),
        "evidence": reports[0].evidence,
    }
