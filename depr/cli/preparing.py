"""The command that makes a ledger ready for SQL."""

from __future__ import annotations

from typing import Annotated

import typer

from depr.cli.options import Format, FormatOption, LedgerPath, Schedules, command, say_unproven, words
from depr.console.screen import console, progress, show


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
    import polars as pl

    from depr.books.book import months
    from depr.fleet import preparing
    from depr.fleet.preparing import LIVES, METHODS
    from depr.kernel.curves import MONTHS_PER_YEAR

    notes: list[str] = []
    with progress() as step:
        known = preparing.prepare(
            ledger,
            lives=[months(each) for each in words(life) or ()] or LIVES,
            methods=words(method) or METHODS,
            conventions=words(convention) or (),
            books=book or (),
            anew=anew,
            evidence=evidence,
            schedules=schedules,
            progress=step,
            say=notes.append,
        )
    say_unproven(notes)
    if form is not Format.table:
        show(known, form)
        return
    plain = (
        known.drop_nulls("life_months")
        .sort("life_months")
        .with_columns(
            pl.format("{}y", (pl.col("life_months") / MONTHS_PER_YEAR).round(2).cast(pl.String).str.strip_suffix(".0"))
        )
    )
    lives = pl.col("life_months").str.join(" ").alias("lives")
    show(plain.group_by("method", "convention", maintain_order=True).agg(lives), form, "What the macros know")
    named = known.filter(pl.col("life_months").is_null())["book"]
    console().print(f"and by name: {', '.join(named)}", soft_wrap=True)
