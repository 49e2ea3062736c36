"""Commands that print figures of a ledger: each is proven first."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from depr.cli.options import (
    AsOf,
    BookOption,
    Delimiter,
    Encoding,
    Format,
    FormatOption,
    Grain,
    Issuers,
    KnownAt,
    LedgerPath,
    Lives,
    OneIssuer,
    Overwrite,
    Periods,
    Schedules,
    Sheet,
    Years,
    asked,
    command,
    lives_of,
    say_head,
    words,
    years_of,
)
from depr.cli.own_statements import AcceptBreaks, Filed, OwnFiles, own
from depr.cli.pages import pages
from depr.console.screen import console, progress, say, show


@command(
    "schedule",
    "depr schedule fleet.duckdb --grain year",
    "depr schedule fleet.duckdb --book life-3y --issuer META --out schedule.parquet",
)
def schedule(
    ledger: LedgerPath,
    book: BookOption = None,
    issuer: OneIssuer = None,
    grain: Grain = "year",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Annotated[Path | None, typer.Option(help="Write .parquet or .csv instead of printing.")] = None,
    overwrite: Overwrite = False,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Depreciation of every lot by period, under one book."""
    from depr.console import writers
    from depr.fleet import Fleet

    if out is not None and form is not Format.table:
        raise typer.BadParameter("--out writes what its name ends in: leave --format out")
    answer = Fleet(ledger, schedules).schedule(book, issuer=issuer, grain=grain, **asked(as_of, known_at))
    if out is None:
        show(answer, form)
    else:
        console().print(f"wrote {writers.write(answer.whole.lazy(), out, overwrite=overwrite)}")
        say(answer.notes)
    say_head(ledger, known_at)


@command(
    "rollforward",
    "depr rollforward fleet.duckdb --through 2025-12-31",
    "depr rollforward fleet.duckdb --book 6y --issuer META --through 2025-12-31 --by location --grain year",
)
def rollforward(
    ledger: LedgerPath,
    through: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="To the period that holds this date.")],
    book: BookOption = None,
    issuer: OneIssuer = None,
    by: Annotated[str, typer.Option(help="Any of generation, location; blank for neither.")] = "generation",
    grain: Grain = "quarter",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Roll units, cost, accumulated depreciation and impairment forward from opening to closing balances."""
    from depr.fleet import Fleet

    options: dict[str, Any] = {"issuer": issuer, "grain": grain, "by": [name for name in words(by) or () if name]}
    show(Fleet(ledger, schedules).rollforward(through.date(), book, **options, **asked(as_of, known_at)), form)
    say_head(ledger, known_at)


class By(StrEnum):
    """What understatement is shown for."""

    issuer = "issuer"
    generation = "generation"
    lot = "lot"


@command(
    "restate",
    "depr restate fleet.duckdb",
    "depr restate fleet.duckdb --issuer META --lives 1,2,3 --periods Q --format csv",
    "depr restate fleet.duckdb --lives 3 --mode as_if,prospective,retrospective,catch_up --change-date 2025-01-01",
    "depr restate fleet.duckdb --lives 2,4 --save shorter",
    "depr restate fleet.duckdb --issuer META --statements CIK0001326801.json --filed first",
)
def restate(
    ledger: LedgerPath,
    issuers: Issuers = None,
    lives: Lives = "1,3,6",
    mode: Annotated[str, typer.Option(help="Any of as_if, prospective, retrospective, catch_up.")] = "as_if",
    change_date: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="When prospective and catch_up change; may be repeated."),
    ] = None,
    tax: Annotated[
        str,
        typer.Option(
            help="Kind of tax rate: default (statutory; none under a full valuation allowance), statutory, marginal, "
            "allowance or effective."
        ),
    ] = "default",
    by: Annotated[By, typer.Option(help="Generation or lot: the understatement of each.")] = By.issuer,
    periods: Annotated[Periods, typer.Option(help="FY for fiscal years, Q for quarters.")] = Periods.FY,
    years: Years = None,
    own_files: OwnFiles = None,
    filed: Filed = None,
    accept_breaks: AcceptBreaks = False,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    save: Annotated[
        str | None, typer.Option(help="Keep the results in the ledger under this name: tables restatement and rollup.")
    ] = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Restate reported earnings under other lives, in the modes that you name."""
    from depr.fleet import Fleet

    options: dict[str, Any] = {"issuers": issuers, "years": years_of(years)}
    read: dict[str, Any] = options | {"filed": filed, "accept_breaks": accept_breaks}
    read |= {"ledger": ledger, "known_at": known_at, "schedules": schedules}
    options["statements"] = own(own_files, sheet, delimiter, encoding, **read)
    options |= {"modes": words(mode), "changes_on": [each.date() for each in change_date or ()], "tax": tax}
    options |= {"by": by.value, "periods": periods.value, "save": save, **asked(as_of, known_at)}
    with progress() as step:
        answer = Fleet(ledger, schedules).restate(lives=lives_of(lives), progress=step, **options)
    show(answer, form)
    say_head(ledger, known_at)


@command("saved", "depr saved fleet.duckdb", "depr saved fleet.duckdb --drop shorter")
def saved(
    ledger: LedgerPath,
    drop: Annotated[str | None, typer.Option(help="Take the restatement of this name out of the ledger.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """List the restatements that a ledger keeps, or drop one."""
    from depr.fleet import Fleet

    fleet = Fleet(ledger)
    if drop is not None:
        fleet.drop(drop)
        say([f"dropped {drop}"])
    show(fleet.saved(), form)


@command(
    "report",
    "depr report fleet.duckdb --out pages",
    "depr report fleet.duckdb --issuer META --lives 2,3,4,5",
    "depr report fleet.duckdb --mode as_if,prospective,retrospective,catch_up --change-date 2025-01-01",
)
def report(
    ledger: LedgerPath,
    out: Annotated[
        Path, typer.Option(help="Folder for the pages; what an earlier run made there is made anew.")
    ] = Path("pages"),
    overwrite: Overwrite = False,
    issuers: Issuers = None,
    lives: Lives = "1,3,6",
    mode: Annotated[str, typer.Option(help="Any of as_if, prospective, retrospective, catch_up.")] = "as_if",
    change_date: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="When prospective and catch_up change; may be repeated."),
    ] = None,
    years: Years = None,
    own_files: OwnFiles = None,
    filed: Filed = None,
    accept_breaks: AcceptBreaks = False,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
    templates: Annotated[
        Path | None, typer.Option("--reports", help="Your own folder of templates; they run in a sandbox.")
    ] = None,
) -> None:
    """Write a self-contained HTML page for each issuer, and an index."""
    given: dict[str, Any] = {"issuers": issuers, "lives": lives, "mode": mode, "change_date": change_date}
    given |= {"years": years, "own_files": own_files, "filed": filed, "accept_breaks": accept_breaks}
    given |= {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    given |= {"as_of": as_of, "known_at": known_at, "schedules": schedules, "templates": templates}
    with progress() as step:
        made = pages(ledger, out, step, overwrite=overwrite, **given)
    for page in made:
        console().print(f"wrote {page}")
    say_head(ledger, known_at)


@command("explain", "depr explain fleet.duckdb META-1 2025-03 --book 3y")
def explain(
    ledger: LedgerPath,
    lot: Annotated[str, typer.Argument(help="The lot.")],
    month: Annotated[str, typer.Argument(help="The month, such as 2025-03.")],
    book: BookOption = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
) -> None:
    """Derive one charge of one lot, each input with its source."""
    from depr.fleet import Fleet

    for line in Fleet(ledger, schedules).explain(lot, month, book, **asked(as_of, known_at)).splitlines():
        console().print(line, soft_wrap=True)
    say_head(ledger, known_at)


@command("backtest", "depr backtest", "depr backtest --cases mine.csv --format json")
def backtest(
    cases: Annotated[Path | None, typer.Option(help="Disclosures of your own; the shipped ones if none.")] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Compare the model with what companies disclosed of their changes in useful lives, and score it."""
    from depr.backtest.scores import brief, score
    from depr.console.answer import Answer
    from depr.fleet.without_ledger import disclosures

    read = {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    answer = disclosures(cases, schedules=schedules, **read)
    if form is not Format.table:
        show(answer, form)
        return
    rows = answer.whole.lazy().collect()
    effect = "Effect on depreciation (on net income where only that is disclosed)"
    show(Answer(brief(rows), title=effect, millions=True), form)
    show(Answer(score(rows), title="\nScore", millions=True), form)
