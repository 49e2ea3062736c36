"""The command line. Each command calls the function of the same name in depr/api.py; nothing is worked out here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.console import console, progress, say_findings, show

if TYPE_CHECKING:
    from depr.errors import Finding

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Depreciation accounting for GPU fleets: the same facts under two books, subtracted, to the cent.",
    epilog="Start with [bold]depr demo[/bold]: six real fleets, restated under 1, 3 and 6 years.",
)


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    json = "json"
    csv = "csv"


class Periods(StrEnum):
    """Which periods are shown."""

    FY = "FY"
    Q = "Q"


LedgerPath = Annotated[Path, typer.Argument(help="The ledger, an ordinary DuckDB file.", metavar="LEDGER")]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the table.")]
Issuers = Annotated[list[str] | None, typer.Option("--issuer", "-i", help="Only this issuer; may be repeated.")]
Lives = Annotated[str, typer.Option(help="Useful lives: years, or books, separated by commas.")]
Years = Annotated[str | None, typer.Option(help="Fiscal years, such as 2022-2025; all with a statement if not given.")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was effective on this date.")]
Schedules = Annotated[Path | None, typer.Option(help="Your own folder of books, issuers and generations.")]


def command(name: str, *examples: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A command whose help ends with examples and whose refusals are printed, not raised."""
    epilog = "[bold]Examples[/bold]\n\n" + "\n\n".join(f"[dim]$[/dim] {example}" for example in examples)
    return app.command(name, epilog=epilog)


@command("init", "depr init fleet.duckdb")
def init(ledger: LedgerPath = Path("fleet.duckdb")) -> None:
    """Make a new, empty ledger."""
    from depr import api

    api.init(ledger)
    console().print(f"made {ledger}; next: depr import {ledger} purchases.csv")


@command(
    "import",
    "depr import fleet.duckdb purchases.csv",
    "depr import fleet.duckdb 2024.xlsx 2025.parquet --partial",
)
def import_files(
    ledger: LedgerPath,
    files: Annotated[list[Path], typer.Argument(help="Purchases: .csv, .parquet or .xlsx.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Import the good rows although others are rejected.")
    ] = False,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Record purchases, each file in one transaction; nothing is recorded of a file with a rejected row."""
    import polars as pl

    from depr import api

    now = datetime.now(UTC)
    with progress() as step:
        done = api.import_files(ledger, files, now, partial=partial, schedules=schedules, progress=step)
    columns = ("file", "read", "accepted", "rejected", "duplicates", "hash")
    show(pl.DataFrame([{name: getattr(each.batch, name) for name in columns} for each in done]), form)
    for each in done:
        if not each.batch.accepted:
            console(error=True).print(f"{each.batch.file}: nothing new; the ledger is as it was", markup=False)
    _end_if([finding for each in done for finding in each.findings])


@command("check", "depr check fleet.duckdb", "depr check fleet.duckdb chain")
def check(
    ledger: LedgerPath,
    names: Annotated[list[str] | None, typer.Argument(help="Checks to run; all of them if none.")] = None,
) -> None:
    """Run the named checks of a ledger: chain, counts, in_service, currencies."""
    from depr import api

    found = api.check(ledger, names or [])
    _end_if(found)
    console().print(f"{ledger}: no findings")


@command(
    "schedule",
    "depr schedule fleet.duckdb --book life-3y --grain year",
    "depr schedule fleet.duckdb --book meta-reported --issuer META --out schedule.parquet",
)
def schedule(
    ledger: LedgerPath,
    book: Annotated[str, typer.Option(help="A book by name or path, or a life such as 3y or 42m.")] = "6y",
    issuer: Annotated[str | None, typer.Option("--issuer", "-i", help="Only this issuer.")] = None,
    grain: Annotated[str, typer.Option(help="month, quarter or year (fiscal).")] = "year",
    as_of: AsOf = None,
    out: Annotated[Path | None, typer.Option(help="Write .parquet or .csv instead of printing.")] = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Depreciation of every lot by period, under one book."""
    from depr import api, writers

    frame = api.schedule(ledger, book, issuer=issuer, grain=grain, as_of=_day(as_of), schedules=schedules)
    if out is None:
        show(frame.collect(), form)
    else:
        console().print(f"wrote {writers.write(frame, out)}")


@command(
    "restate",
    "depr restate fleet.duckdb",
    "depr restate fleet.duckdb --issuer META --lives 1,2,3 --periods Q --format csv",
)
def restate(
    ledger: LedgerPath,
    issuers: Issuers = None,
    lives: Lives = "1,3,6",
    tax: Annotated[str, typer.Option(help="Kind of tax rate: statutory or marginal.")] = "statutory",
    periods: Annotated[Periods, typer.Option(help="FY for fiscal years, Q for quarters.")] = Periods.FY,
    years: Years = None,
    as_of: AsOf = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Restate reported earnings as if other lives had always applied (analysis, not a GAAP restatement)."""
    import polars as pl

    from depr import api
    from depr.restate.summary import brief

    with progress() as step:
        done = api.restate(
            ledger,
            issuers=issuers,
            lives=_lives(lives),
            tax=tax,
            years=_years(years),
            as_of=_day(as_of),
            schedules=schedules,
            progress=step,
        )
    rows = pl.concat([each.restated for each in done]).filter(bound="mid", period_type=periods.value)
    show(
        brief(rows),
        form,
        "As if, millions except per share; every column: depr sql LEDGER 'FROM restatement'",
        millions=True,
    )


@command("report", "depr report fleet.duckdb --out pages", "depr report fleet.duckdb --issuer META --lives 2,3,4,5")
def report(
    ledger: LedgerPath,
    out: Annotated[Path, typer.Option(help="Folder for the pages.")] = Path("pages"),
    issuers: Issuers = None,
    lives: Lives = "1,3,6",
    years: Years = None,
    as_of: AsOf = None,
    schedules: Schedules = None,
    templates: Annotated[Path | None, typer.Option("--reports", help="Your own folder of templates.")] = None,
) -> None:
    """Write a self-contained HTML page for each issuer, and an index."""
    from depr import api

    with progress() as step:
        pages = api.report(
            ledger,
            out,
            issuers=issuers,
            lives=_lives(lives),
            years=_years(years),
            as_of=_day(as_of),
            schedules=schedules,
            templates=templates,
            progress=step,
        )
    for page in pages:
        console().print(f"wrote {page}")


@command(
    "sql",
    "depr sql fleet.duckdb 'FROM fleet ORDER BY cost DESC'",
    "depr sql fleet.duckdb --file question.sql --format json",
)
def sql(
    ledger: LedgerPath,
    query: Annotated[str | None, typer.Argument(help="One SQL statement.")] = None,
    file: Annotated[Path | None, typer.Option(help="Read the statement from a file.")] = None,
    seconds: Annotated[float, typer.Option(help="Stop a query that takes longer.")] = 60,
    form: FormatOption = Format.table,
) -> None:
    """Ask a ledger in SQL: read-only, no files, no network."""
    from depr import api, writers

    statement = api.read_statement(file) if file else query
    if not statement:
        raise typer.BadParameter("give a statement, or --file")
    writers.text(api.sql(ledger, statement, seconds=seconds), form, console())


@command(
    "asset",
    "depr asset --cost 1000000 --life 3y --in-service 2024-01-15 --grain year",
    "depr asset --cost 120000 --life 60m --in-service 2024-03-15 --method declining_balance --factor 2",
    "depr asset --cost 120000 --life 5y --in-service 2024-03-15 --method macrs --convention mid_quarter",
    "depr asset --cost 60000 --life 5y --in-service 2024-01-01 --change '2025-12-31 impairment 6000'",
    "depr asset --case tests/examples/cases/tryton.json",
)
def asset(
    cost: Annotated[str | None, typer.Option(help="Cost, such as 120000 or 34641.25.")] = None,
    in_service: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date placed in service.")] = None,
    life: Annotated[str, typer.Option(help="Useful life or recovery period, such as 3y or 42m.")] = "6y",
    residual: Annotated[str | None, typer.Option(help="Residual value.")] = None,
    method: Annotated[str, typer.Option(help="A name that depr methods lists.")] = "straight_line",
    convention: Annotated[str | None, typer.Option(help="A name that depr conventions lists.")] = None,
    day_count: Annotated[str | None, typer.Option(help="How the convention daily counts days.")] = None,
    factor: Annotated[str | None, typer.Option(help="Factor of the declining balance.")] = None,
    switch: Annotated[str | None, typer.Option(help="Switch to straight line: remaining, original or none.")] = None,
    residual_as: Annotated[str | None, typer.Option(help="Residual value as deduction or floor.")] = None,
    reset: Annotated[str | None, typer.Option(help="Years of the method: asset_year or fiscal_year.")] = None,
    percents: Annotated[str | None, typer.Option(help="Table: percentages by year, separated by commas.")] = None,
    usage: Annotated[str | None, typer.Option(help="Units of production: usage by month.")] = None,
    total_usage: Annotated[str | None, typer.Option(help="Units of production: total expected usage.")] = None,
    amounts: Annotated[str | None, typer.Option(help="Manual: amounts by month.")] = None,
    prices: Annotated[str | None, typer.Option(help="Economic: age in months:price, as in 0:100,12:40,24:10.")] = None,
    tax_method: Annotated[str | None, typer.Option(help="MACRS: 200DB, 150DB or SL.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--change", help="Date, kind and amount; may be repeated.")
    ] = None,
    rounding: Annotated[str, typer.Option(help="cumulative, or per_period to tie to a ledger.")] = "cumulative",
    true_up: Annotated[str, typer.Option(help="per_period: made good by life or by fiscal_year.")] = "life",
    fiscal_year_end: Annotated[str, typer.Option(help="Last day of the fiscal year, as in 06-30.")] = "12-31",
    weeks: Annotated[str, typer.Option(help="Fiscal year of weeks: 4-4-5, 4-5-4 or 5-4-4.")] = "",
    weekday: Annotated[int, typer.Option(help="Day on which a year of weeks ends: 0 Monday to 6 Sunday.")] = 6,
    ending: Annotated[str, typer.Option(help="A year of weeks ends on the last or the nearest such day.")] = "last",
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "USD",
    grain: Annotated[str, typer.Option(help="month, quarter or year (fiscal).")] = "month",
    case: Annotated[Path | None, typer.Option(help="Run a published case, a JSON or CSV file of them.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """The schedule of one asset, without a ledger; or a published case, with what it expects."""
    from depr import api

    if case:
        _case(case, form)
        return
    if cost is None or in_service is None:
        raise typer.BadParameter("give --cost and --in-service, or --case")
    given: dict[str, Any] = {"convention": convention, "day_count": day_count, "residual": residual, "factor": factor}
    given |= {"switch": switch, "residual_as": residual_as, "reset": reset, "total_usage": total_usage}
    given |= {"percents": _list(percents), "usage": _list(usage), "amounts": _list(amounts), "prices": _pairs(prices)}
    given |= {"tax_method": tax_method, "rounding": rounding, "true_up": true_up, "grain": grain, "method": method}
    calendar = api.fiscal_calendar(fiscal_year_end, weeks, weekday, ending)
    options = {name: value for name, value in given.items() if value is not None}
    day = in_service.date()
    frame = api.asset(cost, day, life, currency=currency, calendar=calendar, changes=changes or (), **options)
    show(frame, form, currency=currency)


def _case(case: Path, form: Format) -> None:
    from depr.cases import case_report

    show(case_report(case), form)


@command("methods", "depr methods", "depr methods --format csv")
def methods(form: FormatOption = Format.table) -> None:
    """The methods with their formula and source."""
    from depr import api

    show(api.methods(), form)


@command("conventions", "depr conventions")
def conventions(form: FormatOption = Format.table) -> None:
    """The conventions and day counts with their rule and source."""
    from depr import api

    show(api.conventions(), form)


@command("explain", "depr explain fleet.duckdb META-1 2025-03 --book 3y")
def explain(
    ledger: LedgerPath,
    lot: Annotated[str, typer.Argument(help="The lot.")],
    month: Annotated[str, typer.Argument(help="The month, such as 2025-03.")],
    book: Annotated[str, typer.Option(help="A book by name or path, or a life such as 3y or 42m.")] = "6y",
    schedules: Schedules = None,
) -> None:
    """Derive one charge of one lot, each input with its source."""
    from depr import api

    for line in api.explain(ledger, lot, month, book, schedules=schedules):
        console().print(line, markup=False, soft_wrap=True)


@command("demo", "depr demo", "depr demo --out my-demo")
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the ledger and the pages.")] = Path("depr-demo"),
    form: FormatOption = Format.table,
) -> None:
    """Six real fleets, restated FY2022-FY2025 under 1, 3 and 6 years: ledger, table, pages."""
    from depr.demo import demo as run

    with progress() as step:
        made = run(out, step)
    show(made.console() if form is Format.table else made.table, form, made.title, millions=True)
    if form is Format.table:
        show(made.coverage, form, "\nGPUs with a sourced price; those without are in no figure")
        console().print(made.closing("depr" if which("depr") else sys.argv[0]), markup=False, soft_wrap=True)


def _list(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",")]


def _pairs(text: str | None) -> list[tuple[str, ...]] | None:
    return None if text is None else [tuple(part.strip().split(":")) for part in text.split(",")]


def _lives(text: str) -> list[int | str]:
    return [int(part) if part.isdecimal() else part for part in text.replace(" ", "").split(",") if part]


def _years(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()):
        raise typer.BadParameter("give fiscal years such as 2022-2025")
    return int(first), int(last or first)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _end_if(findings: Sequence[Finding]) -> None:
    """Say what was found, if anything, and end with a failure."""
    say_findings(findings)
    if findings:
        raise typer.Exit(1)


def main() -> None:
    """Entry point: refusals are printed with what to do, and the exit code says so."""
    from depr.errors import Refused

    try:
        app()
    except Refused as refused:
        say_findings(refused.findings)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        console(error=True).print("stopped; nothing is half-written")
        raise SystemExit(130) from None
