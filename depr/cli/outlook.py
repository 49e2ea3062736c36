"""Commands that look ahead: projections under stated assumptions, and public claims set beside them."""

from __future__ import annotations

from typing import Annotated

import typer

from depr.cli.options import Format, FormatOption, Schedules, command
from depr.console.screen import progress, show


@command("project", "depr project", "depr project seen-2025-11 --table tornado")
def project(
    scenario: Annotated[str, typer.Argument(help="A scenario of schedules/projections, or a path.")] = "outlook-2026",
    table: Annotated[str, typer.Option(help="years, quantiles, tornado or spending.")] = "years",
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Project purchases to come, and by how much their depreciation would be understated."""
    from depr.fleet import without_ledger

    with progress() as step:
        step(f"project {scenario}")
        answer = without_ledger.project(scenario, table, schedules=schedules)
    show(answer, form)


@command(
    "claims",
    "depr claims",
    "depr claims seen-2025-11 --surface burry-176",
    "depr claims seen-2025-11 --level burry-176",
)
def claims(
    scenario: Annotated[str, typer.Argument(help="A scenario of schedules/projections, or a path.")] = "outlook-2026",
    surface: Annotated[str | None, typer.Option(help="A claim: its figure for every life and server share.")] = None,
    level: Annotated[str | None, typer.Option(help="A claim: the lives and server shares that reproduce it.")] = None,
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Set public claims beside what their own inputs, or a scenario, give."""
    from depr.fleet import without_ledger

    if surface and level:
        raise typer.BadParameter("give --surface or --level, not both")
    with progress() as step:
        step(f"solve {surface or level or scenario}")
        answer = without_ledger.claims(scenario, surface=surface, level=level, schedules=schedules)
    show(answer, form)
