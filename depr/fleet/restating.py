"""A ledger restated under other books; the pages of it, and what it keeps of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from depr import datasets, share
from depr.books.book import Book
from depr.books.issuers import DEFAULT, Issuer
from depr.console.answer import Answer
from depr.console.summary import shown, title
from depr.datasets.own_statements import OwnStatements
from depr.errors import refuse
from depr.evidence.materiality import brief, parse_screen, sab_99, sab_108
from depr.fleet import beside, command_line
from depr.fleet.arguments import LIVES, Life, Progress, quiet
from depr.fleet.book_notes import cases_said
from depr.fleet.figures import sums_that_fit
from depr.fleet.selection import of_issuers, reported_books
from depr.intake import find_book, lines_named, read_toml, the_issuer
from depr.ledger.known import Known, known
from depr.ledger.store import Ledger, trusted
from depr.pipeline import Restatement, restate_fleets
from depr.report.build import render_pages
from depr.report.dossier import dossiers, with_own_statements
from depr.report.inputs import IssuerReport
from depr.sql.install import write_results
from depr.sql.saved import Run, drop_run, saved_runs
from depr.statements.depreciation import depreciation_of

PAGE = "page"
"""The name under which a page tells to keep its figures in the ledger."""


def restate(
    ledger: Path,
    *,
    issuers: Sequence[str] | None = None,
    lives: Sequence[Life] = LIVES,
    modes: Sequence[str] = ("as_if",),
    changes_on: Sequence[date] = (),
    tax: str = DEFAULT,
    years: tuple[int, int] | None = None,
    by: str = "issuer",
    statements: pl.DataFrame | OwnStatements | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
    save: str | None = None,
    progress: Progress = quiet,
    say: Progress = quiet,
) -> list[Restatement]:
    """Every issuer of a ledger restated under each life (`3y`, `42m`, or a book), in each mode, at each change date.

    `modes` are any of as_if, prospective, retrospective and catch_up; the second and the last take each date of
    `changes_on`. `tax` is a kind of rate (Issuer.rates) or effective. `years` are the first and last fiscal year to
    restate, all that have a statement when None. `by` generation or lot also gives the parts of each fleet.
    `statements` (contract.Statements) are the shipped ones when None; `own_statements` of some files take the place of
    these, period by period.
    With `save`, a name, the results are kept in the ledger under it (tables restatement, rollup and books, column
    run); without, nothing is written. `say` is told what the books are, and what they leave out. Raises `Refused` for
    an issuer without an entry in schedules/issuers, for modes and dates that do not go together, for years without
    a statement, and for a name under which something is kept already.
    """
    facts = known(ledger, as_of, known_at)
    lines = _lines(statements, facts, issuers, schedules)
    options: dict[str, Any] = {"modes": modes, "changes_on": changes_on, "tax": tax, "years": years, "by": by}
    done = _restated(facts, issuers, lives, lines, schedules, progress, **options)
    for line in [*cases_said(facts, done, schedules), *_line_said(done, lines, statements)]:
        say(line)
    if save is not None:
        given: dict[str, Any] = {"issuers": issuers, "lives": lives, "statements": statements, "schedules": schedules}
        given |= {"modes": modes, "changes_on": changes_on, "tax": tax, "years": years, "as_of": as_of}
        typed = command_line.options(**given, known_at=known_at and facts.moment)
        _keep(facts, done, lines, Run(save, typed, facts.head), own=statements is not None)
    return done


def _line_said(
    done: Iterable[Restatement], lines: pl.DataFrame, given: pl.DataFrame | OwnStatements | None
) -> Iterator[str]:
    """Which line stands for depreciation in statements that ship; those of one's own say it themselves."""
    if given is not None and not isinstance(given, OwnStatements):
        return
    own = set(given.statements["issuer"]) if given else set[str]()
    shipped = [each.issuer.id for each in done if each.issuer.id not in own]
    if line := depreciation_of(lines.filter(pl.col("issuer").is_in(shipped))):
        yield f"reported {line}"


def _keep(facts: Known, done: Sequence[Restatement], lines: pl.DataFrame, run: Run, *, own: bool) -> None:
    with Ledger.open(facts.ledger, read_only=False) as opened:
        write_results(opened.connection, done, lines, run, own=own)


def answer(
    done: Sequence[Restatement],
    *,
    by: str,
    periods: str,
    save: str | None,
    own: OwnStatements | None,
    notes: Sequence[str],
) -> Answer:
    """Restatements as they are answered: the mid reading of years or quarters, of issuers or their parts."""
    parts = by != "issuer"
    rows = pl.concat([each.parts if parts else each.restated for each in done])
    short, printed = (shown(done, periods, parts=parts, all_columns=every) for every in (False, True))
    heading = titled(title(done, save), own)
    said: dict[str, Any] = {"title": heading, "notes": notes, "currency": _currencies(done), "millions": True}
    return Answer(rows.filter(bound="mid", period_type=periods), short, printed=printed, **said)


def screened(
    done: Sequence[Restatement], notes: Sequence[str], own: OwnStatements | None, schedules: Path | None
) -> tuple[Answer, Answer]:
    """Screens of restatements under SAB 99 (by period) and SAB 108 (by year): pointers, never a conclusion."""
    screen = parse_screen(read_toml(share.schedule_file("materiality.toml", schedules)))
    rows = pl.concat([each.restated for each in done])
    by_period = sab_99(rows, screen)
    by_year = sab_108(rows, screen)
    said: dict[str, Any] = {"notes": notes, "currency": _currencies(done), "millions": True}
    heading = titled(str(by_period["wording"].first()), own)
    return Answer(by_period, brief(by_period), title=heading, **said), Answer(by_year, brief(by_year), **said)


def titled(heading: str, own: OwnStatements | None) -> str:
    """A title, and below it where statements of one's own are from."""
    return "\n".join([heading, *(own.said if own else ())])


def _currencies(done: Iterable[Restatement]) -> dict[str, str]:
    """The currency in which each issuer that was restated reports."""
    return {each.issuer.id: each.issuer.currency for each in done}


def saved(ledger: Path) -> pl.DataFrame:
    """The restatements that a ledger keeps: name, issuers, options, and what they were made from. Raises `Refused`."""
    with trusted(ledger) as opened:
        return saved_runs(opened.connection)


def drop_saved(ledger: Path, name: str) -> None:
    """Take a restatement out of a ledger, the facts stay. Raises `Refused` when there is none of the name."""
    with Ledger.open(ledger, read_only=False) as opened:
        drop_run(opened.connection, name)


def _lines(
    given: pl.DataFrame | OwnStatements | None, facts: Known, issuers: Sequence[str] | None, schedules: Path | None
) -> pl.DataFrame:
    if isinstance(given, OwnStatements):
        return given.in_place(of_issuers(facts.lots, issuers), issuers, schedules)
    if given is None:
        return datasets.statements(named=lines_named(facts.lots["issuer"].unique(), schedules))
    return given


def _restated(
    facts: Known,
    issuers: Sequence[str] | None,
    lives: Sequence[Life],
    statements: pl.DataFrame,
    schedules: Path | None,
    progress: Progress,
    **options: Any,
) -> list[Restatement]:
    alternatives = [_alternative(life, schedules) for life in lives]
    if not alternatives:
        raise refuse("lives", "none is given", do="give years or books, as in 1,3,6")
    chosen = of_issuers(facts.lots, issuers)
    whose = []
    for name in chosen["issuer"].unique().sort():
        issuer = the_issuer(name, schedules)
        _check_currency(chosen, issuer)
        whose.append((issuer, reported_books([name], schedules)[name]))
    progress(f"restate {', '.join(issuer.id for issuer, _ in whose)}")
    with sums_that_fit(facts.ledger):
        done = restate_fleets(chosen, statements, whose, alternatives, events=facts.events, **options)
    if all(each.restated.is_empty() for each in done):
        names = ", ".join(issuer.id for issuer, _ in whose)
        if options["years"] is None:
            raise refuse("restate", f"no statement of {names} is known", do="give your own: --statements FILE")
        raise refuse("restate", "no statement falls into these years", do="leave out --years, or widen it")
    return done


def _check_currency(lots: pl.DataFrame, issuer: Issuer) -> None:
    others = lots.filter((pl.col("issuer") == issuer.id) & (pl.col("currency") != issuer.currency))["currency"].unique()
    if not others.is_empty():
        what = f"lots of {issuer.id} are in {', '.join(others.sort())}, its statements in {issuer.currency}"
        raise refuse("ledger", what, "amounts in several currencies do not add up", "convert the purchases first")


def _alternative(life: Life, schedules: Path | None) -> Book:
    """A life is the shipped book of that life where there is one, so that its source is shown."""
    if life == "0y":
        raise refuse("lives", "a life of 0 years", "a useful life is longer than nothing", "write 3, 30m or 2y")
    named = f"life-{life}" if isinstance(life, str) else ""
    return find_book(named if named in share.names("books", schedules) else life, schedules)


def report(
    ledger: Path,
    out: Path,
    *,
    issuers: Sequence[str] | None = None,
    lives: Sequence[Life] = LIVES,
    modes: Sequence[str] = ("as_if",),
    changes_on: Sequence[date] = (),
    years: tuple[int, int] | None = None,
    statements: OwnStatements | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
    templates: Path | None = None,
    overwrite: bool = False,
    progress: Progress = quiet,
    called: str | None = None,
) -> list[Path]:
    """One HTML page for each issuer and an index, from a ledger. Raises `Refused`, also for a page of another there.

    `modes` and `changes_on` are those of `restate`; a page shows one mode in full, as_if where it is asked for, and
    sets the others beside it. `statements` of one's own take the place of shipped ones. The page names the time at
    which all of it was known: asked as known at that time, it is the same to the byte, whatever was recorded since.
    Its command names the ledger as it is `called`, or by its path.
    """
    facts = known(ledger, as_of, known_at)
    lines = _lines(statements, facts, issuers, schedules)
    options: dict[str, Any] = {"modes": modes, "changes_on": changes_on, "years": years}
    done = _restated(facts, issuers, lives, lines, schedules, progress, **options)
    given: dict[str, Any] = {"issuers": issuers, "lives": lives, "statements": statements, "as_of": as_of}
    typed = command_line.options(**given, **options, known_at=facts.moment, schedules=schedules)
    name = called or str(ledger)
    words: dict[str, Any] = {
        "command": command_line.command("report", name, typed, command_line.options(templates=templates)),
        "save": command_line.command("restate", name, typed, command_line.options(save=PAGE)),
        "run": PAGE,
        "ledger": name,
        "scenarios": _scenarios(facts, done, schedules),
    }
    reports = dossiers(facts, done, **words, schedules=schedules)
    reports = [with_own_statements(each, statements) for each in reports] if statements else reports
    whole = _whole(facts, done, reports, lines, schedules, progress)
    return render_pages(whole, out, share.reports(templates), progress, overwrite=overwrite)


def report_pages(
    facts: Known,
    restatements: Sequence[Restatement],
    statements: pl.DataFrame,
    out: Path,
    *,
    command: str,
    run: str,
    schedules: Path | None = None,
    templates: Path | None = None,
    overwrite: bool = False,
    progress: Progress = quiet,
) -> list[Path]:
    """Pages of restatements of these statements already at hand: the index first, then one for each issuer.

    `command` makes them, `run` is the name under which the ledger keeps the figures.
    """
    options: dict[str, Any] = {
        "run": run,
        "scenarios": _scenarios(facts, restatements, schedules),
        "schedules": schedules,
    }
    reports = dossiers(facts, restatements, command=command, **options)
    whole = _whole(facts, restatements, reports, statements, schedules, progress)
    return render_pages(whole, out, share.reports(templates), progress, overwrite=overwrite)


def _scenarios(facts: Known, done: Sequence[Restatement], schedules: Path | None) -> dict[str, list[str]]:
    """What the books compared on each issuer's page are, and what they leave out."""
    return {each.issuer.id: cases_said(facts, [each], schedules) for each in done}


def _whole(
    facts: Known,
    done: Sequence[Restatement],
    reports: Iterable[IssuerReport],
    statements: pl.DataFrame,
    schedules: Path | None,
    progress: Progress,
) -> list[IssuerReport]:
    """Each report with the statements of its issuer, and what its finding is set beside."""
    progress("restate every life from 1 to 10 years")
    with sums_that_fit(facts.ledger):
        others = beside.beside(facts, done, statements, schedules)
    return [
        replace(each, statements=statements.filter(issuer=each.issuer["id"]), beside=others.get(each.issuer["id"]))
        for each in reports
    ]
