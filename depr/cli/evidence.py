"""Commands of evidence: how long GPUs last, what statements say, whether an error would matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from depr.cli.gathering import FindingsFile, gathered
from depr.cli.options import (
    AsOf,
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
    instant,
    lives_of,
    say_head,
    years_of,
)
from depr.cli.own_statements import AcceptBreaks, Filed, OwnFiles, own, titled
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
    from depr.fleet import evidence

    if ledger is None and (as_of or known_at):
        raise typer.BadParameter("--as-of and --known-at are asked of a ledger: name one")
    table, found = evidence.lives(ledger, book=book, **asked(as_of, known_at, schedules))
    say_findings(found)
    shown = table.drop("complete", "emptied_at_days", "average_less_book_days") if form is Format.table else table
    show(shown, form, "Days in service: average and median to the longest observed, which is less than whole lives")


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
    from depr.intake import written
    from depr.statements import documents

    if out is not None and form is not Format.table:
        raise typer.BadParameter("--out writes what its name ends in: leave --format out")
    if file.suffix.lower() != ".json" and (issuer or filed or split_adjusted):
        raise typer.BadParameter("--issuer, --filed and --split-adjusted are about companyfacts (.json), not a table")
    filed = filed or "last"
    options: dict[str, Any] = {"filed": filed, "split_adjusted": split_adjusted, "accept_breaks": accept_breaks}
    options["how"] = written([file], sheet, delimiter, encoding)
    with gathered(findings, overwrite=overwrite, fails=False) as found:
        told = documents.statements(file, issuer=issuer, schedules=schedules, **options)
        found.extend(told.findings)
    if out is None:
        rows = told.statements
        shown = [*rows.columns[:11], "eps_diluted_micro", "split_factor"]
        show(rows.select(shown) if form is Format.table else rows, form, told.said, millions=True)
    else:
        console().print(f"wrote {writers.write(writers.decimals(told.statements).lazy(), out, overwrite=overwrite)}")


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
    from depr.evidence.materiality import brief
    from depr.fleet import evidence
    from depr.fleet.restating import currencies_of, restate

    options = asked(as_of, known_at, schedules) | {"issuers": issuers, "years": years_of(years)}
    read: dict[str, Any] = {
        "issuers": issuers,
        "years": years_of(years),
        "filed": filed,
        "accept_breaks": accept_breaks,
    }
    options["statements"] = given = own(own_files, sheet, delimiter, encoding, **read, schedules=schedules)
    notes: list[str] = []
    with progress() as step:
        done = restate(ledger, lives=lives_of(lives), progress=step, say=notes.append, **options)
    currencies = currencies_of(done)
    by_period, by_year = evidence.materiality(done, schedules=schedules)
    if form is not Format.table:
        show(by_period, form, notes=notes, currency=currencies)
    else:
        wording = "\n".join([titled(str(by_period["wording"].first()), given), *notes])
        console().print(wording, style="italic", soft_wrap=True)
        options = {"millions": True, "currency": currencies}
        by_sab_99 = "\nBy period (SAB 99): what is too high in income, as a share of it"
        show(brief(by_period), form, by_sab_99, **options)
        show(brief(by_year), form, "\nBy year, rollover and iron curtain (SAB 108)", **options)
    say_head(ledger, instant(known_at))
