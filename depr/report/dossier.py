"""What stands behind a page: a restatement with its books, assumptions, sources and evidence, ready to render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from depr import datasets, share
from depr.books.book import Assumption, Book
from depr.books.issuers import Issuer
from depr.contract.currencies import decimals_of
from depr.datasets.own_statements import OwnStatements
from depr.intake import generations, read_assumptions
from depr.intake.forms.derived import derivation
from depr.kernel.calendar import FIRST
from depr.kernel.rounding import decimal_text
from depr.ledger.known import Known
from depr.ledger.positions import unpriced
from depr.ledger.tables import literal
from depr.ledger.version import VERSION
from depr.pipeline import Restatement
from depr.report.inputs import Coverage, Evidence, IssuerReport
from depr.report.words import fiscal
from depr.share.files import sha256
from depr.statements.identities import KEY

STATEMENTS = "Statements"
"""The title under which the sources of statements stand."""

QUERIES = (
    (
        "Restated by year",
        "SELECT book, mode, fiscal_year, bound, depreciation_reported, understatement, depreciation_restated,\n"
        "       eps_diluted_reported, eps_diluted_restated, eps_compression, cash_gap_restated\n"
        "FROM restatement WHERE run = {run} AND issuer = {issuer} AND period_type = 'FY' ORDER BY ALL",
    ),
    (
        "Understatement by generation",
        "SELECT a.book, a.fiscal_year, a.generation, sum(a.depreciation - r.depreciation) AS understatement\n"
        "FROM rollup a JOIN rollup r USING (run, issuer, bound, generation, fiscal_year, fiscal_quarter)\n"
        "WHERE run = {run} AND issuer = {issuer} AND bound = 'mid' AND r.book = {book} AND a.book <> r.book\n"
        "GROUP BY ALL ORDER BY ALL",
    ),
    (
        "Every purchase and its source",
        "SELECT lot_id, generation, units, cost, cost_low, cost_high, purchase_date, in_service_date, document,\n"
        "       source_file, source_row\nFROM lots WHERE issuer = {issuer} ORDER BY lot_id",
    ),
)
"""The SQL that reproduces a page from the ledger, which keeps its figures under the name of a run."""

KEEP = "Keep the figures for these questions"


def dossiers(
    known: Known,
    restatements: Sequence[Restatement],
    *,
    command: str,
    run: str,
    save: str = "",
    ledger: str = "",
    scenarios: Mapping[str, Sequence[str]] | None = None,
    schedules: Path | None = None,
) -> list[IssuerReport]:
    """One report a restated issuer.

    `command` makes the pages; the ledger keeps their figures under the name `run`, or does after the command `save`.
    It is called `ledger` in a command, or by its name. `scenarios` says by issuer what the books compared are and
    leave out.
    """
    assumptions = read_assumptions(share.schedule_file("assumptions.toml", schedules))
    scenarios_of = scenarios or {}
    words = Words(command, run, save, ledger or known.ledger.name)
    made = [_dossier(r, known, assumptions, words, schedules) for r in restatements]
    return [replace(each, scenarios=scenarios_of.get(each.issuer["id"], ())) for each in made]


class Words(NamedTuple):
    """The command that makes a page, the name under which the ledger keeps its figures, the command that keeps them.

    And what the ledger is called.
    """

    command: str
    run: str
    save: str
    ledger: str


def _dossier(
    r: Restatement,
    known: Known,
    assumptions: Mapping[str, Assumption],
    words: Words,
    schedules: Path | None,
) -> IssuerReport:
    fleet = known.lots.filter(issuer=r.issuer.id)
    missing = unpriced(known.events).filter(issuer=r.issuer.id)
    priced = int(fleet["units"].sum())
    names = _names(schedules)
    chips = missing.with_columns(chip=pl.col("generation").replace(names))
    dated = {case.book.id: {"alternative": case.alternative.id} for case in r.cases if case.change}
    return IssuerReport(
        issuer={
            **r.issuer.model_dump(include=ISSUER),
            "captions": captions(r.issuer, r.restated),
            "minor_digits": decimals_of(r.issuer.currency),
        },
        restated=r.restated,
        rollup=r.rollup,
        reported_book=_book(r.reported),
        alternatives=[_book(book) | dated.get(book.id, {}) for book in r.alternatives],
        assumptions=[_assumption(entry) for key, entry in assumptions.items() if _named(key, fleet)],
        unpriced=chips.group_by("chip", "reason").agg(pl.col("units").sum()).sort("chip", "reason"),
        coverage=Coverage(priced, priced + int(missing["units"].sum()), _first(known.lots), _first(fleet)),
        sources=_sources(r, fleet, known.events),
        evidence=_evidence(r, known, fleet, words, schedules),
        bases=datasets.statement_bases().filter(issuer=r.issuer.id),
        generation_names=names,
    )


def _first(lots: pl.DataFrame) -> date | None:
    """The day of the first purchase."""
    return None if lots.is_empty() else date.fromisoformat(str(lots["purchase_date"].min()))


def _names(schedules: Path | None) -> dict[str, str]:
    """The name under which each generation is bought, else the name its maker gives it."""
    return {entry["key"]: entry.get("chip", entry["model"]) for entry in generations(schedules)}


ISSUER = {"id", "name", "short", "currency", "fiscal_year_end_month"}


def captions(issuer: Issuer, restated: pl.DataFrame) -> dict[str, str]:
    """The filer's own words for its functions, those of the last year, with what they were in years before."""
    years = restated.filter(period_type="FY").select("fiscal_year", "period_end").unique().sort(pl.all()).rows()
    by_year = {year: issuer.captions_in(day) for year, day in years}
    found = {}
    for name, last in by_year[years[-1][0]].items() if years else ():
        before: dict[str, list[str]] = {}
        for year in (year for year in by_year if by_year[year][name] != last):
            before.setdefault(by_year[year][name], []).append(fiscal(year))
        found[name] = last + "".join(f" ({', '.join(theirs)}: {text})" for text, theirs in before.items())
    return found


def _book(book: Book) -> dict[str, Any]:
    policies = [
        {
            "effective": "opening" if p.effective == FIRST else p.effective,
            "life_months": p.life_months,
            "method": p.method,
            "convention": p.convention,
            "residual_rate": str(p.residual_rate),
            "generations": list(p.generations),
            "source": p.source,
            "note": p.note,
        }
        for p in book.policy
    ]
    return {"id": book.id, "title": book.title, "source": book.source, "note": book.note, "policies": policies}


def _assumption(entry: Assumption) -> dict[str, Any]:
    words = entry.model_dump(include={"key", "unit", "meaning", "source", "sourced"})
    return words | {name: decimal_text(getattr(entry, name)) for name in ("value", "low", "high")}


def _named(key: str, fleet: pl.DataFrame) -> bool:
    """Whether the documents of any lot name an assumption: then its figures rest on it."""
    return bool(fleet["document"].str.contains(rf"\b{key}\b").any())


def _upstream(fleet: pl.DataFrame, events: pl.DataFrame) -> list[dict[str, str]]:
    """The files that derived costs come from: rows, parts and hash."""
    bought = events.filter(kind="acquisition").join(fleet.select("lot_id"), on="lot_id", how="semi")
    derivations = [each for each in map(derivation, bought["reason"]) if each]
    rows: dict[tuple[str, str], list[int]] = {}
    for each in derivations:
        rows.setdefault((each.file, each.sha256), []).append(each.row)
    note = "cost = units x unit price x multiplier of each row, half to even"
    return [
        {
            "title": "Purchases, derived",
            "source": f"{file}, {len(found)} rows from {min(found)} to {max(found)}, SHA-256 {digest}",
            "note": note,
        }
        for (file, digest), found in sorted(rows.items())
    ]


def _sources(r: Restatement, fleet: pl.DataFrame, events: pl.DataFrame) -> list[dict[str, str]]:
    """Where the facts come from: documents of the lots, sources of the statement lines, of the tax rate and split."""
    documents = fleet["document"].drop_nulls().unique().sort()
    cells = datasets.statement_cells().filter(pl.col("issuer") == r.issuer.id)
    window = cells.filter(pl.col("fiscal_year").is_in(r.restated["fiscal_year"].unique().implode()))
    lines = window.group_by("source").agg(pl.col("line").unique().sort().str.replace_all("_", " ").str.join(", "))
    split = r.issuer.function_split[-1]
    tax = r.issuer.tax_rate[0]
    return [
        *_upstream(fleet, events),
        *({"title": "Purchases", "source": text, "note": ""} for text in documents),
        *({"title": STATEMENTS, "source": text, "note": used} for text, used in lines.sort("source").iter_rows()),
        {"title": "Tax rate", "source": tax.source, "note": f"{tax.kind}, {decimal_text(tax.rate)}"},
        {"title": "Function", "source": split.source, "note": "assumption" if split.assumption else ""},
        {"title": "Issuer", "source": r.issuer.source, "note": r.issuer.note},
    ]


def _evidence(r: Restatement, known: Known, fleet: pl.DataFrame, words: Words, schedules: Path | None) -> Evidence:
    own = pl.col("lot_id").is_in(fleet["lot_id"].implode()) | (
        (pl.col("kind") == "unpriced") & (pl.col("issuer") == r.issuer.id)
    )
    theirs = known.events.filter(own)
    batches = [batch for batch in known.batches if batch.batch in set(theirs["batch"])]
    books = {book.id: book for book in (r.reported, *r.alternatives)}
    shipped = share.names("books", schedules)
    names = {
        name: literal(text) for name, text in (("issuer", r.issuer.id), ("book", r.reported.id), ("run", words.run))
    }
    return Evidence(
        version=VERSION,
        command=words.command,
        as_of=known.as_of or _last_day(known),
        ledger_hash=known.head,
        book_hashes={name: sha256(share.find("books", name, schedules)) for name in books if name in shipped},
        rows_read=sum(batch.read for batch in batches),
        rows_accepted=sum(batch.accepted for batch in batches),
        rows_rejected=sum(batch.rejected for batch in batches),
        rows_duplicate=sum(batch.duplicates for batch in batches),
        control_total_minor=int(fleet["cost_minor"].sum()),
        input_hashes={batch.file: batch.file_sha256 for batch in batches},
        ledger=words.ledger,
        run=words.run,
        queries=[
            *([(KEEP, words.save)] if words.save else []),
            *((title, sql.format(**names)) for title, sql in QUERIES),
        ],
    )


def _last_day(known: Known) -> date:
    """The day of the last event: nothing is known of a later one."""
    return date.fromisoformat(str(known.events["effective_date"].max()))


def with_own_statements(report: IssuerReport, own: OwnStatements) -> IssuerReport:
    """A page that names own files and their hashes beside the shipped figures that it still shows."""
    rows = own.statements.filter(issuer=report.issuer["id"])
    shown = report.restated["fiscal_year"].unique()
    cells = datasets.statement_cells().filter(pl.col("fiscal_year").is_in(shown.implode()), issuer=report.issuer["id"])
    left = cells.join(rows, on=KEY, how="anti", nulls_equal=True)["source"]
    kept = [s for s in report.sources if s["title"] != STATEMENTS or s["source"] in set(left)]
    counts = rows.group_by("source", maintain_order=True).len().rows()
    cited = [{"title": STATEMENTS, "source": source, "note": f"periods: {number}"} for source, number in counts]
    files = {file: own.hashes[file] for file in rows["file"].unique().sort()}
    evidence = replace(report.evidence, input_hashes={**report.evidence.input_hashes, **files})
    period = ["issuer", "fiscal_year", "fiscal_quarter"]
    left_bases = datasets.statement_bases().join(own.statements, on=period, how="anti", nulls_equal=True)
    bases = pl.concat([left_bases, own.bases]).filter(issuer=report.issuer["id"])
    return replace(report, sources=[*kept, *cited], evidence=evidence, bases=bases)
