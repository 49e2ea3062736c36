"""Commands of one's own company: it is made in one step, and its ledger carries its judgements."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from depr.cli.options import Format, FormatOption, KnownAt, LedgerPath, command, instant
from depr.console.screen import console, show

ASKED = {
    "id": "Short name of the company, as in its files (ACME)",
    "currency": "Currency in which it reports (USD)",
    "year_end_month": "Month in which its fiscal year ends (1 to 12)",
    "life": "Useful life of its GPUs (5y, 66m)",
    "tax_rate": "Tax rate on a change of depreciation (0.21)",
    "by": "Who makes this (your name)",
    "source": "Where these judgements are written down (accounting manual, section 4)",
}
"""What is asked for at a terminal where it is not given, and must be given elsewhere."""

By = Annotated[str | None, typer.Option(help="Who adopts it: a name.")]


@command(
    "new",
    "depr new acme",
    "depr new acme --id ACME --currency USD --year-end-month 6 --life 5y --tax-rate 0.21 --by 'A. Chen' "
    "--source 'accounting manual, section 4'",
)
def new(
    folder: Annotated[Path, typer.Argument(help="A new folder.", metavar="FOLDER")],
    id: Annotated[str | None, typer.Option(help="Short name of the company, as in its files: ACME.")] = None,
    name: Annotated[str, typer.Option(help="Its full name; the id if none.")] = "",
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code in which it reports.")] = None,
    year_end_month: Annotated[int | None, typer.Option(help="Month in which its fiscal year ends, 1 to 12.")] = None,
    weeks: Annotated[str, typer.Option(help="A year of 52 or 53 weeks: 4-4-5, 4-5-4 or 5-4-4.")] = "",
    weekday: Annotated[str, typer.Option(help="The day of the week on which a year of weeks ends.")] = "",
    year_ends: Annotated[str, typer.Option(help="It is the last one of the month, or the nearest to its end.")] = "",
    life: Annotated[str | None, typer.Option(help="Useful life, such as 5y or 66m.")] = None,
    method: Annotated[str, typer.Option(help="Method: depr methods.")] = "straight_line",
    convention: Annotated[str, typer.Option(help="Convention: depr conventions.")] = "full_month",
    residual_rate: Annotated[str, typer.Option(help="Residual value as a share of cost.")] = "0",
    tax_rate: Annotated[str | None, typer.Option(help="Tax rate on a change of depreciation, such as 0.21.")] = None,
    tax_kind: Annotated[str, typer.Option(help="statutory, marginal or allowance.")] = "statutory",
    by: By = None,
    source: Annotated[str | None, typer.Option(help="Where these judgements are written down.")] = None,
) -> None:
    """Make a company of your own: a ledger that carries its judgements, and templates of its files."""
    from depr import fleet

    rest: dict[str, Any] = {"name": name, "weeks": weeks, "weekday": weekday, "year_ends": year_ends}
    rest |= {"tax_kind": tax_kind, "method": method, "convention": convention, "residual_rate": residual_rate}
    words: dict[str, Any] = {"id": id, "currency": currency, "year_end_month": year_end_month, "life": life}
    words |= {"tax_rate": tax_rate, "by": by, "source": source}
    words |= _answers([key for key, value in words.items() if value is None])
    made = fleet.new(folder, **words, **rest)
    for path in (made.ledger, *made.files):
        console().print(f"wrote {path}", soft_wrap=True)
    console().print("\nnext, when purchases and statements are yours:")
    for line in made.then:
        console().print(f"  {line}", soft_wrap=True, highlight=False)


def _answers(missing: list[str]) -> dict[str, Any]:
    """What is missing, asked for at a terminal."""
    if missing and not (sys.stdin.isatty() and sys.stdout.isatty()):
        listed = ", ".join(f"--{key.replace('_', '-')}" for key in missing)
        raise typer.BadParameter(f"give {listed}; at a terminal they are asked for")
    kinds: dict[str, Any] = {"year_end_month": int}
    return {key: typer.prompt(ASKED[key], type=kinds.get(key, str), err=True) for key in missing}


@command(
    "adopt",
    "depr adopt acme.duckdb judgements --by 'A. Chen' --reason 'board paper of June 2025'",
    "depr adopt acme.duckdb book.toml accounts.toml --by 'A. Chen' --reason 'accounting manual, section 4'",
)
def adopt(
    ledger: LedgerPath,
    files: Annotated[list[Path], typer.Argument(help="Judgements, TOML, or folders of them.")],
    by: Annotated[str, typer.Option(help="Who adopts them: a name.")],
    reason: Annotated[str, typer.Option(help="Why, in words: the document that says so.")],
) -> None:
    """Let the ledger carry judgements: an issuer, books, a chart of accounts, classes of assets, assumptions."""
    from depr.fleet import Fleet

    done = Fleet(ledger).adopt(files, by=by, reason=reason)
    for entry in done:
        console().print(f"adopted {entry.name}, version {entry.version}, as batch {entry.batch}", soft_wrap=True)
    if not done:
        console(error=True).print("nothing new: what they say is in force already")


@command(
    "judgements",
    "depr judgements acme.duckdb",
    "depr judgements acme.duckdb --known-at 2026-03-31",
    "depr judgements acme.duckdb --every",
)
def judgements(
    ledger: LedgerPath,
    every: Annotated[bool, typer.Option("--every", help="Every version, not only the one in force.")] = False,
    known_at: KnownAt = None,
    form: FormatOption = Format.table,
) -> None:
    """List the judgements that a ledger carries; depr source LEDGER BATCH gives one back."""
    from depr.fleet import Fleet

    show(Fleet(ledger).judgements(instant(known_at), every=every), form)
