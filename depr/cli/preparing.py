"""The command that makes a ledger ready for SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from depr.cli.options import Format, FormatOption, LedgerPath, Schedules, command, say_unproven, words
from depr.console.screen import console, progress, show

if TYPE_CHECKING:
    import polars as pl


@command(
    "prepare",
    "depr prepare fleet.duckdb",
    "depr prepare fleet.duckdb --life 42m --method straight_line",
    "depr prepare fleet.duckdb --convention mid_month,half_year --book life-6y",
    'duckdb -readonly fleet.duckdb "FROM understatement(life_years := 3)"',
)
def prepare(
    ledger: LedgerPath,
    life: Annotated[str | None, typer.Option(help="Lives such as 3y,42m; 1y to 10y if not given.")] = None,
    method: Annotated[
        str | None, typer.Option(help="Methods, separated by commas; the three that need no data if not given.")
    ] = None,
    convention: Annotated[str, typer.Option(help="Conventions, separated by commas.")] = "full_month",
    book: Annotated[list[str] | None, typer.Option(help="A book by name or path too; may be repeated.")] = None,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="Forget the alternatives prepared before, and issuers and statements that are not proven."
        ),
    ] = False,
    evidence: Annotated[bool, typer.Option(help="Also backtest the model and check the ledger, as tables.")] = True,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Make what the SQL macros of a ledger read: every life by every method and convention, besides what is reported.

    Do it again when facts were recorded; the macros say so when it is due.
    """
    from depr.fleet import Fleet

    options: dict[str, Any] = {"lives": words(life), "methods": words(method), "conventions": words(convention)}
    options |= {"books": book or (), "anew": anew, "evidence": evidence}
    with progress() as step:
        answer = Fleet(ledger, schedules).prepare(progress=step, **options)
    say_unproven(answer.notes)
    if form is Format.table:
        _known(answer.frame)
    else:
        show(answer.under(""), form)


def _known(books: pl.DataFrame) -> None:
    """The books that the macros know: plain ones by their lives, others by name."""
    import polars as pl

    from depr.console.answer import Answer
    from depr.kernel.curves import MONTHS_PER_YEAR

    years = (pl.col("life_months") / MONTHS_PER_YEAR).round(2).cast(pl.String).str.strip_suffix(".0")
    plain = books.drop_nulls("life_months").sort("life_months").with_columns(pl.format("{}y", years).alias("life"))
    lives = plain.group_by("method", "convention", maintain_order=True).agg(pl.col("life").str.join(" ").alias("lives"))
    show(Answer(lives, title="What the macros know"), Format.table)
    named = books.filter(pl.col("life_months").is_null())["book"]
    console().print(f"and by name: {', '.join(named)}", soft_wrap=True)
