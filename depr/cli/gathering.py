"""What a command finds, said by cause at its end and, where that is asked for, written to a file one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from depr.console.screen import say, say_findings

if TYPE_CHECKING:
    from depr.errors import Finding

FindingsFile = Annotated[
    Path | None,
    typer.Option("--findings", help="Write every finding, one a row, to this .csv or .parquet file."),
]


@contextmanager
def gathered(place: Path | None, *, overwrite: bool = False, fails: bool = True) -> Iterator[list[Finding]]:
    """A list for what is found, or the findings of a refusal; at its end they are said, and written to a file.

    A refusal ends the command with a failure; so does any finding where that `fails`.
    """
    from depr.errors import HEADS, Refused

    if place is not None:
        _check(place, overwrite=overwrite)
    found: list[Finding] = []
    refused = False
    try:
        yield found
    except Refused as fault:
        found[:] = fault.findings
        refused = True
    say_findings(found)
    if place is not None:
        _write(found, place, overwrite=overwrite)
        say([f"wrote {place}: {len(found):,} findings"])
    elif len(found) > HEADS:
        say(["--findings FILE writes every finding to a file"])
    if refused or (fails and found):
        raise typer.Exit(1)


def _check(place: Path, *, overwrite: bool) -> None:
    """Whether findings may be written there. Raises `Refused` before anything is done."""
    from depr.console.writers import WRITERS
    from depr.errors import refuse
    from depr.share.files import check_place

    if place.suffix.lower() not in WRITERS:
        raise refuse(str(place), f"unknown file type {place.suffix!r}", do=f"use one of: {', '.join(WRITERS)}")
    check_place(place, overwrite=overwrite)


def _write(found: list[Finding], place: Path, *, overwrite: bool) -> None:
    import polars as pl

    from depr.console import writers

    schema = {"file": pl.String, "row": pl.Int64, "what": pl.String, "why": pl.String, "do": pl.String}
    schema |= {"code": pl.String, "rows": pl.Int64}
    rows = [list(vars(each).values()) for each in found]
    writers.write(pl.DataFrame(rows, schema=schema, orient="row").lazy(), place, overwrite=overwrite)
