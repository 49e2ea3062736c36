"""The verbs: what a command does, as a function of the same name. Reads and writes files; the thinking is below."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from depr import asset as single
from depr import datasets, pipeline, share
from depr.book import Book, months, scenario
from depr.dossier import dossiers
from depr.errors import Finding, refuse, unknown
from depr.explain import explain as derive
from depr.issuers import Issuer
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, Convention
from depr.kernel.curves import METHODS, MONTHS_PER_YEAR, Method
from depr.kernel.daycounts import DAY_COUNTS, DayCount
from depr.ledger.checks import run_checks
from depr.ledger.store import Batch, Ledger, trusted
from depr.pipeline import Restatement, restate_fleet
from depr.readers import read_book, read_issuer, read_purchases, read_tax_tables, read_toml
from depr.report.build import render_index, render_issuer
from depr.restate.grain import GRAINS, by_grain
from depr.sql.install import install_views, write_results
from depr.sql.query import query
from depr.tax.tables import FACTORS, find_table

__all__ = [
    "asset",
    "check",
    "conventions",
    "explain",
    "import_files",
    "init",
    "methods",
    "report",
    "restate",
    "schedule",
    "sql",
]

LIVES = (1, 3, 6)
"""Useful lives in years that a restatement shows unless others are asked for."""

Progress = Callable[[str], None]


def _quiet(step: str) -> None:
    """Progress for those who do not watch."""


def init(path: Path) -> Path:
    """A new, empty ledger with its views. Raises `Refused` when something lies there already."""
    with Ledger.create(path) as ledger:
        install_views(ledger.connection)
    return path


@dataclass(frozen=True)
class Imported:
    """What became of one file: the batch (its counts and hash) and the rows that were rejected."""

    batch: Batch
    findings: tuple[Finding, ...]


def import_files(
    ledger: Path,
    files: Sequence[Path],
    recorded_at: datetime,
    *,
    partial: bool = False,
    schedules: Path | None = None,
    progress: Progress = _quiet,
) -> list[Imported]:
    """Purchases of CSV, Parquet or XLSX files into a ledger, each file one transaction. Raises `Refused`."""
    generations, done = generation_keys(schedules), []
    for file in files:
        progress(f"import {file.name}")
        read = read_purchases(file, generations)
        with Ledger.open(ledger, read_only=False) as opened:
            batch, findings = opened.record(
                read.file,
                read.sha256,
                read.good,
                recorded_at,
                read=read.read,
                findings=read.findings,
                partial=partial,
            )
        done.append(Imported(batch, findings))
    return done


def generation_keys(schedules: Path | None = None) -> list[str]:
    """The keys of schedules/generations.toml."""
    document = read_toml(share.schedule_file("generations.toml", schedules))
    return [entry["key"] for entry in document["generation"]]


def check(ledger: Path, names: Sequence[str] = ()) -> list[Finding]:
    """Findings of the named checks (all, when none is named); an empty list is a clean ledger."""
    with Ledger.open(ledger) as opened:
        return run_checks(opened, names)


def schedule(
    ledger: Path,
    book: str | Book,
    *,
    issuer: str | None = None,
    grain: str = "month",
    as_of: date | None = None,
    schedules: Path | None = None,
) -> pl.LazyFrame:
    """Depreciation of every lot by month, fiscal quarter or fiscal year: lot_id, issuer, generation, period, amounts.

    Lazy, so that a large fleet can be written to a file without being held in memory.
    """
    if grain not in GRAINS:
        raise unknown("grain", grain, GRAINS)
    with trusted(ledger) as opened:
        lots = opened.lots(as_of)
    chosen = _of_issuers(lots, [issuer] if issuer else None)
    parts = [
        by_grain(pipeline.schedule(fleet, find_book(book, schedules), calendar), fleet, calendar, grain)
        for calendar, fleet in _by_calendar(chosen, schedules)
    ]
    return pl.concat(parts)


def find_book(book: str | Book, schedules: Path | None = None) -> Book:
    """A book by name or path (schedules/books), or `3y`, `42m` for a plain straight-line life, or itself."""
    if isinstance(book, Book):
        return book
    plain = book[:-1].isdecimal() and book[-1:] in ("y", "m")
    return scenario(months(book)) if plain else read_book(share.find("books", book, schedules))


def restate(
    ledger: Path,
    *,
    issuers: Sequence[str] | None = None,
    lives: Sequence[int | str | Book] = LIVES,
    tax: str = "statutory",
    years: tuple[int, int] | None = None,
    as_of: date | None = None,
    schedules: Path | None = None,
    save: bool = True,
    progress: Progress = _quiet,
) -> list[Restatement]:
    """Every issuer of a ledger restated as if each life (years, or a book) had always applied.

    `years` are the first and last fiscal year to restate, all that have a statement when None.
    With `save` the results also become tables of the ledger (restatement, rollup, statements, books, issuers).
    Raises `Refused` for an issuer without an entry in schedules/issuers.
    """
    alternatives = [_life(life, schedules) for life in lives]
    if not alternatives:
        raise refuse("lives", "none is given", do="give years or books, as in 1,3,6")
    with trusted(ledger) as opened:
        lots = opened.lots(as_of)
    chosen, statements, done = _of_issuers(lots, issuers), datasets.statements(), []
    for name in chosen["issuer"].unique().sort():
        progress(f"restate {name}")
        issuer = read_issuer(share.find("issuers", name, schedules))
        reported = read_book(share.find("books", issuer.book, schedules))
        _check_currency(chosen, issuer)
        done.append(restate_fleet(chosen, statements, issuer, reported, alternatives, tax=tax, years=years))
    if all(each.restated.is_empty() for each in done):
        raise refuse("restate", "no statement falls into these years", do="leave out --years, or widen it")
    if save:
        with Ledger.open(ledger, read_only=False) as opened:
            write_results(opened.connection, done, statements)
    return done


def _check_currency(lots: pl.DataFrame, issuer: Issuer) -> None:
    others = lots.filter((pl.col("issuer") == issuer.id) & (pl.col("currency") != issuer.currency))["currency"].unique()
    if not others.is_empty():
        what = f"lots of {issuer.id} are in {', '.join(others.sort())}, its statements in {issuer.currency}"
        raise refuse("ledger", what, "amounts in several currencies do not add up", "convert the purchases first")


def _life(life: int | str | Book, schedules: Path | None) -> Book:
    """A life in years is the shipped book of that life where there is one, so that its source is shown."""
    if isinstance(life, int):
        named = f"life-{life}y"
        life = named if named in share.names("books", schedules) else f"{life}y"
    return find_book(life, schedules)


def _of_issuers(lots: pl.DataFrame, issuers: Iterable[str] | None) -> pl.DataFrame:
    if lots.is_empty():
        raise refuse("ledger", "there are no lots", do="import purchases first: depr import fleet.duckdb purchases.csv")
    if issuers is None:
        return lots
    known = set(lots["issuer"])
    for issuer in issuers:
        if issuer not in known:
            raise unknown("issuer", issuer, known, "ledger")
    return lots.filter(pl.col("issuer").is_in(list(issuers)))


def _by_calendar(lots: pl.DataFrame, schedules: Path | None) -> list[tuple[FiscalCalendar, pl.DataFrame]]:
    """Lots by fiscal calendar; an issuer without an entry in schedules/issuers follows the calendar year."""
    known = share.names("issuers", schedules)
    calendars: dict[FiscalCalendar, list[str]] = {}
    for name in lots["issuer"].unique().sort():
        entry = read_issuer(share.find("issuers", name, schedules)) if name.lower() in known else None
        calendars.setdefault(entry.calendar if entry else FiscalCalendar(), []).append(name)
    return [(calendar, lots.filter(pl.col("issuer").is_in(names))) for calendar, names in calendars.items()]


TAX_CONVENTIONS = {"half_year": "HY", "mid_quarter": "MQ", "mid_month": "MM"}
"""Our conventions as the published tables name them."""


def asset(
    cost: str, in_service: date, life: str | None = None, *, schedules: Path | None = None, **options: Any
) -> pl.DataFrame:
    """Schedule of one asset (depr.asset.asset). Method macrs takes its percentages from schedules/tables.

    For macrs `life` is the recovery period, `convention` half_year, mid_quarter or mid_month, and `tax_method` 200DB,
    150DB or SL; without it the first of them that is published. Raises `Refused`.
    """
    tax_method = options.pop("tax_method", None)
    if options.get("method") != "macrs" or options.get("percents"):
        return single.asset(cost, in_service, life, **options)
    tables = read_tax_tables(share.find("tables", "macrs", schedules))
    convention = options.pop("convention", "half_year")
    if convention not in TAX_CONVENTIONS:
        raise unknown("tax convention", convention, TAX_CONVENTIONS)
    calendar = options.get("calendar") or FiscalCalendar()
    kind, month = TAX_CONVENTIONS[convention], calendar.month_of_year(calendar.period(in_service))
    part = {"HY": None, "MQ": month // 3 + 1, "MM": month + 1}[kind]
    years = Fraction(months(life or ""), MONTHS_PER_YEAR)
    published = [name for name in FACTORS if (years, kind, part, name) in tables]
    table = find_table(tables, years, kind, part, tax_method or next(iter(published), "200DB"))
    options |= {"convention": "full_month", "percents": table.percents, "source": table.source, "residual": "0"}
    return single.asset(cost, in_service, **options)


def fiscal_calendar(year_end: str, weeks: str = "", weekday: int = 6, ending: str = "last") -> FiscalCalendar:
    """A fiscal calendar from its last day, such as 06-30 (the end of a month), and for weeks how they fall."""
    month, _, day = year_end.partition("-")
    whole = month.isdecimal() and day.isdecimal() and 1 <= int(month) <= MONTHS_PER_YEAR
    if not whole or int(day) not in LAST_DAYS[int(month)]:
        raise refuse(
            "fiscal year end", f"{year_end!r} is not the last day of a month", do="write 12-31, 06-30 or 05-31"
        )
    return FiscalCalendar(int(month), weeks, weekday, ending)


LAST_DAYS = {month: {monthrange(year, month)[1] for year in (2023, 2024)} for month in range(1, MONTHS_PER_YEAR + 1)}
"""The last days of each month, in a common and in a leap year."""


def methods() -> pl.DataFrame:
    """The methods: name, formula, source."""
    return _described("method", METHODS.values())


def conventions() -> pl.DataFrame:
    """The conventions and, for the one that counts days, the day counts: name, formula, source."""
    return pl.concat([_described("convention", CONVENTIONS.values()), _described("day count", DAY_COUNTS.values())])


def _described(kind: str, entries: Iterable[Method | Convention | DayCount]) -> pl.DataFrame:
    return pl.DataFrame([{"kind": kind, "name": e.name, "formula": e.formula, "source": e.source} for e in entries])


def explain(ledger: Path, lot_id: str, month: str, book: str | Book, *, schedules: Path | None = None) -> list[str]:
    """One charge of one lot derived in at most ten lines; `month` is such as 2025-03. Raises `Refused`."""
    year, _, number = month.partition("-")
    if not (len(year) == 4 and year.isdecimal() and number.isdecimal() and 1 <= int(number) <= MONTHS_PER_YEAR):
        raise refuse("explain", f"{month!r} is not a month", do="write 2025-03")
    with trusted(ledger) as opened:
        lots, events = opened.lots(), opened.events()
        files = {batch.batch: batch.file for batch in opened.batches()}
    lot = lots.filter(lot_id=lot_id)
    if lot.is_empty():
        raise unknown("lot", lot_id, lots["lot_id"].head(20), str(ledger))
    bought = events.filter(lot_id=lot_id, kind="acquisition").row(0, named=True)
    [(calendar, fleet)] = _by_calendar(lot, schedules)
    source = f"{files[bought['batch']]}:{bought['source_row']}"
    return derive(fleet, find_book(book, schedules), calendar, int(year), int(number), source)


def read_statement(file: Path) -> str:
    """A SQL statement from a file. Raises `Refused`."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        what = "no such file" if isinstance(fault, FileNotFoundError) else f"cannot be read: {fault}"
        raise refuse(str(file), what) from None


def sql(ledger: Path, statement: str, *, seconds: float = 60) -> pl.DataFrame:
    """The answer of one SQL statement over a ledger, read-only. Raises `Refused`."""
    return query(ledger, statement, seconds=seconds)


def report(
    ledger: Path,
    out: Path,
    *,
    command: str = "depr report",
    issuers: Sequence[str] | None = None,
    lives: Sequence[int | str | Book] = LIVES,
    years: tuple[int, int] | None = None,
    as_of: date | None = None,
    schedules: Path | None = None,
    templates: Path | None = None,
    progress: Progress = _quiet,
) -> list[Path]:
    """One HTML page for each issuer and an index, from a ledger. Raises `Refused`."""
    done = restate(
        ledger,
        issuers=issuers,
        lives=lives,
        years=years,
        as_of=as_of,
        schedules=schedules,
        save=False,
        progress=progress,
    )
    return report_pages(ledger, done, out, command=command, schedules=schedules, templates=templates, progress=progress)


def report_pages(
    ledger: Path,
    restatements: Sequence[Restatement],
    out: Path,
    *,
    command: str,
    unpriced: pl.DataFrame | None = None,
    schedules: Path | None = None,
    templates: Path | None = None,
    progress: Progress = _quiet,
) -> list[Path]:
    """Pages of restatements already at hand: the index first, then one for each issuer."""
    if out.exists() and not out.is_dir():
        raise refuse(str(out), "is not a folder", do="name a folder with --out")
    reports = dossiers(ledger, restatements, command=command, unpriced=unpriced, schedules=schedules)
    folder, pages = share.reports(templates), []
    for each in reports:
        progress(f"write {each.issuer['id']}")
        pages.append(render_issuer(each, out, folder))
    return [render_index(reports, out, folder), *pages]
