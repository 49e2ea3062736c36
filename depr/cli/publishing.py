"""Commands of copies: a ledger published for others to read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from depr.cli.options import LedgerPath, command, end_if, say_unproven
from depr.console.screen import console, progress


@command(
    "publish",
    "depr publish fleet.duckdb fleet-2025.duckdb",
    "depr publish fleet.duckdb fleet-2025",
    "depr publish fleet.duckdb shared.duckdb --without-lots --least-lots 5",
    "depr verify fleet-2025",
)
def publish(
    ledger: LedgerPath,
    out: Annotated[Path, typer.Argument(help="NAME.duckdb for one DuckDB file, else a folder of Parquet.")],
    without_lots: Annotated[
        bool,
        typer.Option(
            "--without-lots",
            help="Aggregates alone, for sharing: no lot, event, imported file, document, serial number or location. "
            "The sum of a generation of one lot is still that lot: see --least-lots.",
        ),
    ] = False,
    least_lots: Annotated[
        int,
        typer.Option(
            min=0,
            help="Pool the generations of an issuer that have fewer lots than this, and leave an issuer out that has "
            "fewer altogether. Lots are counted over all time: from one quarter to the next one lot may still show.",
        ),
    ] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier copy of the same form.")] = False,
) -> None:
    """Publish a copy of a ledger that does not change: whole or not at all, for reading alone (duckdb -readonly).

    One file for DuckDB 1.4 or newer, under a seal; or Parquet by issuer and fiscal year, with a manifest.
    """
    from depr.fleet import Fleet

    with progress() as step:
        options = {"without_lots": without_lots, "overwrite": overwrite}
        made = Fleet(ledger).publish(out, least_lots=least_lots, progress=step, **options)
    without = f", without {made.without}" if made.without else ""
    console().print(f"published {made.path}: {made.tables} tables, {made.rows:,} rows{without}; head {made.head}")
    for name, why in made.left_out.items():
        console(error=True).print(f"left out: {name}: {why}", soft_wrap=True)
    say_unproven(made.unproven)
    if made.results_head and made.results_head != made.head:
        said = "facts were recorded since the results were made: depr restate, then publish with --overwrite"
        console(error=True).print(said, soft_wrap=True)


def say_copy(copy: Path, head: str | None, ledger: Path | None = None) -> None:
    """Prove a published copy and say so."""
    from depr.sql.published.verified import verify_copy

    proof, found = verify_copy(copy, head, ledger)
    end_if(found)
    console().print(f"{copy}: every byte is as it was {proof.said}", soft_wrap=True)
    console().print(f"contents {proof.contents}", soft_wrap=True)
    say_unproven(proof.unproven)
