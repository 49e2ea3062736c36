"""Commands that look ahead: projections under stated assumptions, and public claims set beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from depr.cli.options import Format, FormatOption, Schedules, command
from depr.console.screen import progress, show

if TYPE_CHECKING:
    import polars as pl

ANALYSIS = "Analysis under stated assumptions, no forecast"


@command("project", "depr project", "depr project seen-2025-11 --table tornado")
def project(
    scenario: Annotated[str, typer.Argument(help="A scenario of schedules/projections, or a path.")] = "outlook-2026",
    table: Annotated[str, typer.Option(help="years, quantiles, tornado or spending.")] = "years",
    schedules: Schedules = None,
    form: FormatOption = Format.table,
) -> None:
    """Project purchases to come, and by how much their depreciation would be understated."""
    from depr.intake import issuer_currencies
    from depr.outlook import shipped

    with progress() as step:
        step(f"project {scenario}")
        rows = shipped.project(scenario, table, schedules=schedules)
    _show(rows, form, issuer_currencies(schedules))


def _show(rows: pl.DataFrame, form: Format, currencies: dict[str, str]) -> None:
    from depr.console.writers import telling

    if form is not Format.table:
        show(rows, form, currency=currencies)
        return
    shown, said = telling(rows, "source", "not_known", "claim")
    show(shown, form, f"{ANALYSIS}: {said}", millions=True, currency=currencies)


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
    from depr.intake import issuer_currencies
    from depr.outlook import shipped
    from depr.outlook.shipped import claim_level_set, claim_surface

    if surface and level:
        raise typer.BadParameter("give --surface or --level, not both")
    with progress() as step:
        step(f"solve {surface or level or scenario}")
        rows: pl.DataFrame
        if surface:
            rows = claim_surface(surface, scenario, schedules=schedules)
        elif level:
            rows = claim_level_set(level, scenario, schedules=schedules)
        else:
            rows = shipped.claims(scenario, schedules=schedules)
    _show(rows, form, issuer_currencies(schedules))
