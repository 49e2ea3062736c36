"""What the commands share: the program, options that several have, and how a command is declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.console.screen import console, say_findings

if TYPE_CHECKING:
    from depr.errors import Finding
    from depr.fleet.ledger import When

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Depreciation accounting for GPU fleets: the same facts under two books, subtracted, to the cent.",
    epilog="Start with [bold]depr demo[/bold]: six real fleets, restated under 1, 3 and 6 years. "
    "[bold]depr guide[/bold] lists what to read.",
)


def _say_version(asked: bool) -> None:
    if asked:
        from depr import __version__

        console().print(f"depr {__version__}")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    pass


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
OneIssuer = Annotated[str | None, typer.Option("--issuer", "-i", help="Only this issuer.")]
Lives = Annotated[str, typer.Option(help="Useful lives: years, or books, separated by commas.")]
Years = Annotated[str | None, typer.Option(help="Fiscal years, such as 2022-2025; all with a statement if not given.")]
BookOption = Annotated[
    str | None,
    typer.Option(help="A book by name or path, or a life such as 3y or 42m; the one each issuer reports if none."),
]
Grain = Annotated[str, typer.Option(help="month, quarter or year (fiscal).")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was effective on this date.")]
KnownAt = Annotated[
    str | None, typer.Option(help="What was recorded by this time (UTC), such as 2026-03-31 or 2026-03-31T18:00.")
]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite",
        help="Write over a file that lies there, or a page that this program did not make; never over a ledger, the "
        "files beside one, or a published copy. Links are followed.",
    ),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook, where several hold something.")]
Delimiter = Annotated[
    str | None, typer.Option(help="What separates the columns of CSV: comma, semicolon, tab or pipe.")
]
Encoding = Annotated[
    str | None, typer.Option(help="Encoding of CSV, such as windows-1252 or utf-16; UTF-8 if not given.")
]
Schedules = Annotated[Path | None, typer.Option(help="Your own folder of books, issuers and generations.")]


def command(name: str, *examples: str, more: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A command whose help ends with examples (and `more`) and whose refusals are printed, not raised."""
    epilog = "[bold]Examples[/bold]\n\n" + "\n\n".join(f"[dim]$[/dim] {example}" for example in examples) + more
    return app.command(name, epilog=epilog)


def day(moment: datetime | None) -> date | None:
    """The date that --as-of names."""
    return None if moment is None else moment.date()


def instant(text: str | None) -> datetime | None:
    """The time that --known-at names, in UTC; a date is meant to its end."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("give a date or a time such as 2026-03-31T18:00") from None
    if len(text) == len("2026-03-31"):
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def asked(as_of: datetime | None, known_at: str | None) -> When:
    """Of when the answer is that is asked for."""
    return {"as_of": day(as_of), "known_at": instant(known_at)}


def words(text: str | None) -> list[str] | None:
    """A list separated by commas."""
    return None if text is None else [part.strip() for part in text.split(",")]


def lives_of(text: str) -> list[str]:
    """The lives that --lives names: bare numbers are years."""
    return [f"{int(part)}y" if part.isdecimal() else part for part in text.replace(" ", "").split(",") if part]


def years_of(text: str | None) -> tuple[int, int] | None:
    """The fiscal years that --years names."""
    if text is None:
        return None
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()):
        raise typer.BadParameter("give fiscal years such as 2022-2025")
    return int(first), int(last or first)


def say_head(ledger: Path, known_at: str | None = None) -> None:
    """Print what the figures were made from to standard error, so that a ledger rolled back shows."""
    from depr.fleet import Fleet

    console(error=True).print(f"{ledger} {Fleet(ledger).head_at(instant(known_at))}", soft_wrap=True)


def say_unproven(what: Sequence[str]) -> None:
    """Say what a proof does not reach, to standard error."""
    for each in what:
        console(error=True).print(f"not proven: {each}", soft_wrap=True)


def end_if(findings: Sequence[Finding]) -> None:
    """Say what was found, if anything, and end with a failure."""
    say_findings(findings)
    if findings:
        raise typer.Exit(1)
