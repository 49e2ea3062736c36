"""Commands of a close: the entries of a period, what was posted of it, and what moved a figure since."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.cli.options import (
    AsOf,
    BookOption,
    Format,
    FormatOption,
    Issuers,
    KnownAt,
    LedgerPath,
    Lives,
    OneIssuer,
    Schedules,
    Years,
    asked,
    command,
    instant,
    lives_of,
    say_head,
    years_of,
)
from depr.console.screen import console, progress, show

if TYPE_CHECKING:
    from depr.console.answer import Answer


class Entries(StrEnum):
    """How journal entries are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    beancount = "beancount"
    hledger = "hledger"


Export = Annotated[
    str | None,
    typer.Option(
        help="As another system takes it in: oracle, netsuite, dynamics365, business-central, sap, or a file."
    ),
]


@command(
    "journal",
    "depr journal fleet.duckdb 2025-Q1 --issuer META",
    "depr journal fleet.duckdb 2025 --format hledger > 2025.journal",
    "depr journal fleet.duckdb 2025-03 --posted --export netsuite > 2025-03.csv",
)
def journal(
    ledger: LedgerPath,
    period: Annotated[str, typer.Argument(help="Fiscal year, quarter or month: 2025, 2025-Q1 or 2025-03.")],
    book: BookOption = None,
    issuer: OneIssuer = None,
    per_lot: Annotated[bool, typer.Option("--per-lot", help="An entry for each lot.")] = False,
    difference: Annotated[
        bool, typer.Option("--difference", help="From what was posted of it (depr post) to what is known now.")
    ] = False,
    posted: Annotated[bool, typer.Option("--posted", help="As it was posted.")] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    schedules: Schedules = None,
    form: Annotated[Entries, typer.Option("--format", "-f", help="How to print the entries.")] = Entries.table,
    export: Export = None,
) -> None:
    """Book a period: numbered, balanced entries, as a table, CSV, or text for beancount and hledger."""
    from depr.fleet import Fleet

    fleet = Fleet(ledger, schedules)
    answer = fleet.journal(
        period, book, issuer=issuer, per_lot=per_lot, difference=difference, posted=posted, **asked(as_of, known_at)
    )
    if export is not None:
        console().file.write(fleet.export(answer, export))
    else:
        options = (f" --book {book}" if book else "") + (
            " --difference" if difference else " --posted" if posted else ""
        )
        _show_entries(answer, form, f"depr journal {period}{options}", lambda: fleet.head_at(instant(known_at)))
    say_head(ledger, known_at)


def _show_entries(answer: Answer, form: Entries, command_line: str, head: Callable[[], str]) -> None:
    """Entries as a table or CSV, or as text for other programs, headed by what made it."""
    from depr.journal import beancount_text, hledger_text

    texts = {Entries.beancount: beancount_text, Entries.hledger: hledger_text}
    if form in texts:
        heading = [command_line, *answer.notes, head()]
        console().file.write(texts[form](answer.whole.lazy().collect(), heading=heading))
    else:
        show(answer, form)


@command(
    "post",
    "depr post fleet.duckdb 2025-03 --issuer META --by 'A. Chen'",
    "depr post fleet.duckdb 2025-Q1 --by 'A. Chen' --format hledger",
)
def post(
    ledger: LedgerPath,
    period: Annotated[str, typer.Argument(help="Fiscal month, or the months of a quarter or year: 2025-03.")],
    by: Annotated[str, typer.Option(help="Who posts it: a name.")],
    book: BookOption = None,
    issuer: OneIssuer = None,
    schedules: Schedules = None,
    form: Annotated[Entries, typer.Option("--format", "-f", help="How to print the entries.")] = Entries.table,
) -> None:
    """Post a period: its entries, and what is known since of those posted before; recorded, and never changed."""
    from depr.fleet import Fleet

    fleet = Fleet(ledger, schedules)
    answer = fleet.post(period, book, by=by, issuer=issuer)
    _show_entries(answer, form, f"depr post {period}", lambda: fleet.head)
    say_head(ledger)


@command("postings", "depr postings fleet.duckdb", "depr postings fleet.duckdb --issuer META")
def postings(
    ledger: LedgerPath, issuer: OneIssuer = None, known_at: KnownAt = None, form: FormatOption = Format.table
) -> None:
    """List what was posted; depr source LEDGER BATCH gives the lines of a posting back."""
    from depr.fleet import Fleet

    show(Fleet(ledger).postings(issuer, instant(known_at)), form)


@command(
    "diff",
    "depr diff fleet.duckdb --since 2026-03-31",
    "depr diff fleet.duckdb --since 2026-03-31 --lives 3 --issuer META --years 2025 --format csv",
)
def diff(
    ledger: LedgerPath,
    since: Annotated[str, typer.Option(help="As it was known at this time (UTC), such as 2026-03-31.")],
    until: Annotated[str | None, typer.Option(help="Beside what was known at this time; now if none.")] = None,
    lives: Lives = "1,3,6",
    issuers: Issuers = None,
    years: Years = None,
    statements: Annotated[list[Path] | None, typer.Option(help="Statements of your own; may be repeated.")] = None,
    statements_then: Annotated[
        list[Path] | None, typer.Option(help="Those of that time, where others were given then.")
    ] = None,
    every: Annotated[bool, typer.Option("--every", help="What did not move, too.")] = False,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Say what moved each figure of a restatement since a time: new judgements, new facts or other statements."""
    from depr.fleet import Fleet

    begin = instant(since)
    options: dict[str, Any] = {"issuers": issuers, "years": years_of(years), "every": every}
    options |= {"statements": statements, "statements_then": statements_then, "lives": lives_of(lives)}
    with progress() as step:
        answer = Fleet(ledger, schedules).diff(begin, instant(until), **options, progress=step)  # type: ignore[arg-type]
    show(answer, form)
    say_head(ledger, until)
