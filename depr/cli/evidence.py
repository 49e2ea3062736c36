"""Commands of evidence: how long GPUs last, what statements say, whether an error would matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from depr.cli.gathering import FindingsFile, gathered
from depr.cli.options import (
    AsOf,
    BookOption,
    Delimiter,
    Encoding,
    Format,
    FormatOption,
    Issuers,
    KnownAt,
    LedgerPath,
    Lives,
    OneIssuer,
    Overwrite,
    Schedules,
    Sheet,
    Years,
    asked,
    command,
    lives_of,
    say_head,
    years_of,
)
from depr.cli.own_statements import AcceptBreaks, Filed, OwnFiles, own
from depr.console.screen import console, progress, say_findings, show


@command("lives", "depr lives --book life-6y", "depr lives fleet.duckdb --book meta-reported")
def lives(
    ledger: Annotated[
        Path | None, typer.Argument(help="A ledger: its own disposals; public retirements if none.", metavar="LEDGER")
    ] = None,
    book: Annotated[str | None, typer.Option(help="Lives to compare with: a book by name or path.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Estimate how long GPUs stay in use (Kaplan-Meier), by generation, against the lives of a book."""
    from depr.fleet import Fleet, without_ledger

    if ledger is None and (as_of or known_at):
        raise typer.BadParameter("--as-of and --known-at are asked of a ledger: name one")
    if ledger is None:
        answer = without_ledger.lives(book, schedules=schedules)
    else:
        answer = Fleet(ledger, schedules).lives(book, **asked(as_of, known_at))
    say_findings(answer.findings)
    show(answer, form)


@command(
    "statements",
    "depr statements my-company.csv",
    "depr statements CIK0001326801.json --issuer META --filed first --out meta.csv",
)
def statements(
    file: Annotated[Path, typer.Argument(help="A table of statements, or a companyfacts document (.json).")],
    issuer: OneIssuer = None,
    filed: Annotated[
        str | None, typer.Option(help="first or last: as first reported, or as restated since; last if none.")
    ] = None,
    split_adjusted: Annotated[bool, typer.Option("--split-adjusted", help="Shares and EPS after all splits.")] = False,
    accept_breaks: Annotated[
        bool, typer.Option("--accept-breaks", help="Keep periods that break an identity too.")
    ] = False,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    out: Annotated[Path | None, typer.Option(help="Write .parquet or .csv instead of printing.")] = None,
    findings: FindingsFile = None,
    overwrite: Overwrite = False,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Read statements, check that they hold together, and say what is missing in them."""
    from depr.console import writers
    from depr.fleet import without_ledger

    if out is not None and form is not Format.table:
        raise typer.BadParameter("--out writes what its name ends in: leave --format out")
    if file.suffix.lower() != ".json" and (issuer or filed or split_adjusted):
        raise typer.BadParameter("--issuer, --filed and --split-adjusted are about companyfacts (.json), not a table")
    options: dict[str, Any] = {"filed": filed or "last", "split_adjusted": split_adjusted, "issuer": issuer}
    options |= {"accept_breaks": accept_breaks, "sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    with gathered(findings, overwrite=overwrite, fails=False) as found:
        answer = without_ledger.read_statements(file, schedules=schedules, **options)
        found.extend(answer.findings)
    if out is None:
        show(answer, form)
    else:
        console().print(f"wrote {writers.write(answer.frame.lazy(), out, overwrite=overwrite)}")


SCREENS = (
    "\nBy period (SAB 99): what is too high in income, as a share of it",
    "\nBy year, rollover and iron curtain (SAB 108)",
)


@command("materiality", "depr materiality fleet.duckdb --lives 3 --years 2024-2025")
def materiality(
    ledger: LedgerPath,
    issuers: Issuers = None,
    lives: Lives = "1,3,6",
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
    form: FormatOption = Format.table,
) -> None:
    """Screen what other lives would change, as if they had been an error: pointers, never a conclusion."""
    from depr.fleet import Fleet

    options: dict[str, Any] = {"issuers": issuers, "years": years_of(years)}
    read: dict[str, Any] = options | {"filed": filed, "accept_breaks": accept_breaks}
    read |= {"ledger": ledger, "known_at": known_at, "schedules": schedules}
    options["statements"] = own(own_files, sheet, delimiter, encoding, **read)
    with progress() as step:
        screens = Fleet(ledger, schedules).materiality(
            lives=lives_of(lives), progress=step, **options, **asked(as_of, known_at)
        )
    if form is not Format.table:
        show(screens[0], form)
    else:
        wording = "\n".join([screens[0].title, *screens[0].notes])
        console().print(wording, style="italic", soft_wrap=True)
        for heading, screen in zip(SCREENS, screens, strict=True):
            show(screen.under(heading), form)
    say_head(ledger, known_at)


@command(
    "tie",
    "depr tie fleet.duckdb schedule.csv",
    "depr tie fleet.duckdb schedule.xlsx --mapping erpnext-schedule --from 2026-01",
    "depr tie fleet.duckdb schedule.csv --book 5y --months 24 --format csv",
)
def tie(
    ledger: LedgerPath,
    file: Annotated[Path, typer.Argument(help="Their schedule: lot_id, date, depreciation; or by a mapping.")],
    mapping: Annotated[str | None, typer.Option(help="How to read it: depr mappings.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First month, such as 2026-01; after the openings if not given.")
    ] = None,
    months: Annotated[int, typer.Option(help="How many periods are compared.")] = 12,
    book: BookOption = None,
    issuer: OneIssuer = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Set the schedule of another system beside ours: lot by lot the difference, and why."""
    from depr.fleet import Fleet

    read = {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    options: dict[str, Any] = {"mapping": mapping, "start": start, "months": months, "issuer": issuer, **read}
    show(Fleet(ledger, schedules).tie(file, book, **options, **asked(as_of, known_at)), form)
    say_head(ledger, known_at)
