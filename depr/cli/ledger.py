"""Commands of the ledger: what is recorded, proven and checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.cli.gathering import FindingsFile, gathered
from depr.cli.options import (
    AsOf,
    Delimiter,
    Encoding,
    Format,
    FormatOption,
    KnownAt,
    LedgerPath,
    Overwrite,
    Schedules,
    Sheet,
    asked,
    command,
    end_if,
    say_head,
    say_unproven,
    words,
)
from depr.cli.suggesting import suggest
from depr.console.screen import console, progress, say, show

if TYPE_CHECKING:
    from depr.errors import Finding
    from depr.fleet.facts import Imported, Preview
    from depr.intake.mapping import Skipped


@command("init", "depr init fleet.duckdb")
def init(ledger: LedgerPath = Path("fleet.duckdb")) -> None:
    """Make a new, empty ledger."""
    from depr.fleet import create

    create(ledger)
    console().print(f"made {ledger}; next: depr import {ledger} purchases.csv")


@command(
    "import",
    "depr import fleet.duckdb purchases.csv",
    "depr import fleet.duckdb 2024.xlsx events.csv --partial",
    "depr import fleet.duckdb assets.csv --mapping erpnext --dry-run",
    "depr import register.xlsx --suggest",
)
def import_files(
    ledger: LedgerPath,
    files: Annotated[list[Path] | None, typer.Argument(help="Purchases or events: .csv, .parquet or .xlsx.")] = None,
    mapping: Annotated[str | None, typer.Option(help="How to read another system's export: depr mappings.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be recorded, record nothing.")] = False,
    suggested: Annotated[
        bool, typer.Option("--suggest", help="Write a mapping for a register, with the evidence; record nothing.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where the suggested mapping goes; NAME.mapping.toml if not given.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook, where several hold something; all for each of them.")
    ] = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Import the good rows although others are rejected.")
    ] = False,
    findings: FindingsFile = None,
    overwrite: Overwrite = False,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Record purchases and events, each file in one transaction; nothing is recorded of a file with a rejected row."""
    from depr.fleet import Fleet

    options: dict[str, Any] = {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    if suggested:
        suggest(ledger, files or [], out, schedules, form, overwrite=overwrite, **options)
        return
    if not files or out is not None:
        raise typer.BadParameter("--out is where --suggest writes to" if files else "name a ledger and the files")
    options |= {"mapping": mapping, "all_findings": findings is not None}
    fleet = Fleet(ledger, schedules)
    with gathered(findings, overwrite=overwrite) as found:
        if dry_run:
            _preview(fleet.preview(files, **options), found, form)
        else:
            with progress() as step:
                done = fleet.add(files, partial=partial, progress=step, **options)
            _imported(done, found, form)


def _imported(done: list[Imported], found: list[Finding], form: Format) -> None:
    import polars as pl

    from depr.console.answer import Answer

    columns = ("batch", "file", "read", "accepted", "rejected", "duplicates", "hash")
    made = pl.DataFrame([{name: getattr(each.batch, name) for name in columns} for each in done])
    new = pl.when(pl.col("accepted") > 0).then("batch")
    show(Answer(made.with_columns(batch=new)), form)
    for each in done:
        if not each.batch.accepted:
            console(error=True).print(f"{each.batch.file}: nothing new; the ledger is as it was")
    for each in done:
        _skipped(each.batch.file, each.skipped)
    found += [finding for each in done for finding in each.findings]


def _skipped(file: str, skipped: Sequence[Skipped]) -> None:
    if skipped:
        from depr.intake.mapping import skipped_in

        say([skipped_in(file, skipped)])


def _preview(plans: list[Preview], found: list[Finding], form: Format) -> None:
    from depr.console.answer import Answer

    for each in plans:
        plan = each.recording
        title = (
            f"{each.read.file}: {each.read.read} rows read, {plan.accepted} to record, {plan.rejected} to reject, "
            f"{plan.duplicates} held already. The first events:"
        )
        show(Answer(each.first, title=title), form)
        _skipped(each.read.file, each.read.skipped)
        found += plan.findings
    console(error=True).print("nothing was recorded")


@command(
    "record",
    "depr record fleet.duckdb impairment LOT-7 2025-06-30 --amount 120000.00 --reason 'stranded site'",
    "depr record fleet.duckdb disposal LOT-7 2026-02-01 --amount 50000",
    "depr record fleet.duckdb correction LOT-7 2024-03-01 --reverses 42 --reason 'wrong invoice'",
)
def record(
    ledger: LedgerPath,
    kind: Annotated[str, typer.Argument(help="Kind of event, as in a file of events.")],
    lot: Annotated[str, typer.Argument(help="The lot.")],
    date: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="When it took effect.")],
    amount: Annotated[str | None, typer.Option(help="Amount, such as 120000.00.")] = None,
    units: Annotated[int | None, typer.Option(help="Units disposed of.")] = None,
    life: Annotated[str | None, typer.Option(help="New useful life from the start, such as 4y or 42m.")] = None,
    residual: Annotated[str | None, typer.Option(help="New residual value.")] = None,
    location: Annotated[str | None, typer.Option(help="Where it goes.")] = None,
    book: Annotated[str | None, typer.Option(help="Only in this book.")] = None,
    document: Annotated[str | None, typer.Option(help="Document reference.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, in words.")] = None,
    reverses: Annotated[int | None, typer.Option(help="The event (seq) that a correction takes back.")] = None,
    schedules: Schedules = None,
) -> None:
    """Record one event that befalls a lot; a file of events is imported with depr import."""
    from depr.fleet import Fleet

    details: dict[str, Any] = {"units": units, "location": location, "book": book, "document": document}
    details |= {"reason": reason, "reverses": reverses, "residual": residual, "life": life}
    batch = Fleet(ledger, schedules).record(kind, lot, date.date(), amount=amount, **details)
    console().print(f"recorded as batch {batch.batch}, {batch.hash}")


@command(
    "check",
    "depr check --list",
    "depr check fleet.duckdb",
    "depr check fleet.duckdb chain serials",
    "depr check fleet.duckdb physical --counts count.csv --as-of 2025-12-31",
)
def check(
    ledger: Annotated[Path | None, typer.Argument(help="The ledger.", metavar="LEDGER")] = None,
    names: Annotated[list[str] | None, typer.Argument(help="Checks to run; all of them if none.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Say which checks there are.")] = False,
    counts: Annotated[Path | None, typer.Option(help="A physical count: issuer, generation, location, units.")] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    findings: FindingsFile = None,
    overwrite: Overwrite = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
) -> None:
    """Run the named checks of a ledger, all of them if none is named."""
    from depr import checks
    from depr.fleet import Fleet

    if listed:
        for name, meaning in checks.meanings().items():
            console().print(f"{name:20} {meaning}")
        return
    if ledger is None:
        raise typer.BadParameter("name a ledger, or --list")
    if counts is not None and names and "physical" not in names:
        raise typer.BadParameter("--counts is for the check physical: name it too")
    read = {"sheet": sheet, "delimiter": delimiter, "encoding": encoding}
    with gathered(findings, overwrite=overwrite) as found:
        found.extend(Fleet(ledger, schedules).check(*names or (), counts=counts, **read, **asked(as_of, known_at)))
    console().print(f"{ledger}: no findings")


@command(
    "verify",
    "depr verify fleet.duckdb",
    "depr verify fleet.duckdb --head 3f2a9c",
    "depr verify fleet.duckdb --seal",
    "depr verify copy fleet.duckdb",
    "depr verify pages/meta.html fleet.duckdb",
)
def verify(
    ledger: LedgerPath,
    made_of: Annotated[
        Path | None,
        typer.Argument(help="The ledger that a published copy, a page or a folder of pages was made of.", metavar="OF"),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(help="A head or a hash of contents noted earlier, or its beginning: it must be there."),
    ] = None,
    reseal: Annotated[
        bool,
        typer.Option("--seal", help="Seal the bytes as they are, if the facts hold; says what that does not prove."),
    ] = False,
) -> None:
    """Prove that nothing in a ledger was changed since depr wrote it: bytes, facts, tables, views; or in a copy.

    A page, or each page of a folder, is made again with the command that it prints, and compared.
    """
    from depr.fleet import Fleet
    from depr.report.verified import is_page
    from depr.sql.published.verified import is_copy

    if is_page(ledger):
        from depr.cli.pages import say_pages

        if head or reseal:
            raise typer.BadParameter("--head and --seal are for a ledger: verify that, then the page against it")
        say_pages(ledger, made_of)
        return
    if reseal and is_copy(ledger):
        raise typer.BadParameter("a published copy is as it was published: --seal is for a ledger")
    if is_copy(ledger):
        from depr.cli.publishing import say_copy

        say_copy(ledger, head, made_of)
        return
    if made_of is not None:
        raise typer.BadParameter("a ledger is compared with no other: name a published copy or a page first")
    fleet = Fleet(ledger)
    proof, found = fleet.reseal() if reseal else (fleet.verify(head), [])
    if reseal or not found:
        console().print(f"{ledger}: {len(proof.batches)} batches hold, head {proof.head}", soft_wrap=True)
        if not found:
            console().print(f"contents {proof.contents}", soft_wrap=True)
        console().print(proof.seal, soft_wrap=True)
        say_unproven(proof.unproven)
    end_if(found)


@command("close", "depr close fleet.duckdb META 2025-03")
def close(
    ledger: LedgerPath,
    issuer: Annotated[str, typer.Argument(help="The issuer.")],
    month: Annotated[str, typer.Argument(help="The last fiscal month to close, such as 2025-03.")],
    schedules: Schedules = None,
) -> None:
    """Close the accounting periods of an issuer through a month: no later event may be dated into them."""
    from depr.fleet import Fleet

    batch = Fleet(ledger, schedules).close(issuer, month)
    console().print(f"closed {issuer} through {month}; head {batch.hash}")


@command("reopen", "depr reopen fleet.duckdb META 2025-03 --reason 'invoice 4711 was wrong'")
def reopen(
    ledger: LedgerPath,
    issuer: Annotated[str, typer.Argument(help="The issuer.")],
    month: Annotated[str, typer.Argument(help="The first fiscal month to open again, such as 2025-03.")],
    reason: Annotated[str, typer.Option(help="Why, in words.")],
    schedules: Schedules = None,
) -> None:
    """Open a closed accounting period of an issuer again, and all after it, for a reason that stays on record."""
    from depr.fleet import Fleet

    batch = Fleet(ledger, schedules).reopen(issuer, month, reason)
    console().print(f"reopened {issuer} from {month}; head {batch.hash}")


@command(
    "holdings",
    "depr holdings fleet.duckdb",
    "depr holdings fleet.duckdb --by generation,location,status --as-of 2025-03-31",
)
def holdings(
    ledger: LedgerPath,
    by: Annotated[str, typer.Option(help="Any of issuer, generation, location, status.")] = "issuer,generation,status",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    form: FormatOption = Format.table,
) -> None:
    """Count lots and units held on a date, by status and place."""
    from depr.fleet import Fleet

    show(Fleet(ledger).holdings(words(by) or (), **asked(as_of, known_at)), form)
    say_head(ledger, known_at)


@command("source", "depr source fleet.duckdb 1 --out originals")
def source(
    ledger: LedgerPath,
    batch: Annotated[int, typer.Argument(help="Number of the batch.")],
    out: Annotated[Path, typer.Option(help="File or folder.")] = Path(),
    overwrite: Overwrite = False,
) -> None:
    """Write the file that a batch was imported from, unchanged."""
    from depr.fleet import Fleet

    console().print(f"wrote {Fleet(ledger).source(batch, out, overwrite=overwrite)}")
