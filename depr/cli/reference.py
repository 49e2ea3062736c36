"""Commands that need no ledger of yours."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from shutil import which
from typing import Annotated, Any

import typer

from depr.cli.options import Format, FormatOption, Overwrite, Schedules, command, words
from depr.console.screen import console, progress, show


@command(
    "asset",
    "depr asset --cost 1000000 --life 3y --in-service 2024-01-15 --grain year",
    "depr asset --cost 120000 --life 60m --in-service 2024-03-15 --method declining_balance --factor 2",
    "depr asset --cost 120000 --life 5y --in-service 2024-03-15 --method macrs --convention mid_quarter",
    "depr asset --cost 120000 --life 5y --in-service 2025-03-15 --method macrs --bonus regular --grain year",
    "depr asset --cost 60000 --life 5y --in-service 2024-01-01 --change '2025-12-31 impairment 6000'",
)
def asset(
    cost: Annotated[str, typer.Option(help="Cost, such as 120000 or 34641.25.")],
    in_service: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Date placed in service.")],
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
    tax_method: Annotated[str | None, typer.Option(help="MACRS: 200DB, 150DB or SL; else that of the law.")] = None,
    section_179: Annotated[str | None, typer.Option("--section-179", help="MACRS: amount elected.")] = None,
    section_179_property: Annotated[
        str | None, typer.Option("--section-179-property", help="MACRS: cost of all such property of the year.")
    ] = None,
    bonus: Annotated[str | None, typer.Option(help="MACRS: special allowance: regular, reduced or none.")] = None,
    acquired: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="MACRS: date of the binding contract.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--change", help="Date, kind and amount; may be repeated.")
    ] = None,
    rounding: Annotated[str | None, typer.Option(help="cumulative, or per_period to tie to a ledger.")] = None,
    true_up: Annotated[str | None, typer.Option(help="per_period: made good by life or by fiscal_year.")] = None,
    booking: Annotated[
        list[str] | None,
        typer.Option(help="Row by row: a profile such as erpnext, or option=value of depr conventions; repeatable."),
    ] = None,
    rate_percent: Annotated[str | None, typer.Option("--rate", help="Rows: yearly rate in percent.")] = None,
    first_row: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Rows: date of a first row set apart.")
    ] = None,
    first_year_part: Annotated[str | None, typer.Option(help="Rows: weight of a first percent_of_cost.")] = None,
    opening_rows: Annotated[int | None, typer.Option(help="Rows: how many were booked elsewhere.")] = None,
    fiscal_year_end: Annotated[str, typer.Option(help="Last day of the fiscal year, as in 06-30.")] = "12-31",
    weeks: Annotated[str, typer.Option(help="Fiscal year of weeks: 4-4-5, 4-5-4 or 5-4-4.")] = "",
    weekday: Annotated[int, typer.Option(help="Day on which a year of weeks ends: 0 Monday to 6 Sunday.")] = 6,
    ending: Annotated[str, typer.Option(help="A year of weeks ends on the last or the nearest such day.")] = "last",
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "USD",
    grain: Annotated[str, typer.Option(help="month, quarter or year (fiscal).")] = "month",
    form: FormatOption = Format.table,
) -> None:
    """The schedule of one asset, without a ledger."""
    from depr.fleet import without_ledger
    from depr.rows.reference import fiscal_calendar

    given: dict[str, Any] = {"convention": convention, "day_count": day_count, "residual": residual, "factor": factor}
    given |= {"switch": switch, "residual_as": residual_as, "reset": reset, "total_usage": total_usage}
    given |= {"percents": words(percents), "usage": words(usage), "amounts": words(amounts), "prices": _pairs(prices)}
    given |= {"tax_method": tax_method, "rounding": rounding, "true_up": true_up, "grain": grain, "method": method}
    given |= {"booking": booking, "rate_percent": rate_percent, "first_year_part": first_year_part, "bonus": bonus}
    given |= {"section_179": section_179, "section_179_property": section_179_property, "opening_rows": opening_rows}
    given |= {name: day and day.date() for name, day in (("first_row", first_row), ("acquired", acquired))}
    calendar = fiscal_calendar(fiscal_year_end, weeks, weekday, ending)
    given |= {"currency": currency, "calendar": calendar, "changes": changes}
    options = {name: value for name, value in given.items() if value is not None}
    show(without_ledger.asset(cost, life=life, in_service=in_service.date(), **options), form)


@command("methods", "depr methods", "depr methods --format csv")
def methods(form: FormatOption = Format.table) -> None:
    """The methods with their formula and source."""
    from depr.fleet import without_ledger

    show(without_ledger.methods(), form)


@command("conventions", "depr conventions")
def conventions(form: FormatOption = Format.table) -> None:
    """The conventions and day counts with their rule and source."""
    from depr.fleet import without_ledger

    show(without_ledger.conventions(), form)


@command("mappings", "depr mappings", "depr mappings --format csv")
def mappings(schedules: Schedules = None, form: FormatOption = Format.table) -> None:
    """The exports of other systems that depr import can read, each with its source."""
    from depr.fleet import without_ledger

    show(without_ledger.mappings(schedules), form)


@command("guide", "depr guide", "depr guide accountant")
def guide(
    topic: Annotated[str | None, typer.Argument(help="A guide; all are listed when none is named.")] = None,
) -> None:
    """Read a guide: one page a job, with sessions that run as printed."""
    from depr import guide as pages

    if topic is not None:
        console().print(pages.text(topic).rstrip(), soft_wrap=True)
        return
    for name, title in pages.topics().items():
        console().print(f"depr guide {name:12} {title}", soft_wrap=True)


@command("demo", "depr demo", "depr demo --out my-demo")
def demo(
    out: Annotated[
        Path, typer.Option(help="Folder for the ledger and the pages; what an earlier run made there is made anew.")
    ] = Path("depr-demo"),
    overwrite: Overwrite = False,
    form: FormatOption = Format.table,
) -> None:
    """Six real fleets, restated FY2022-FY2025 under 1, 3 and 6 years: ledger, table, pages."""
    from depr.cli.demo import demo as run
    from depr.console.answer import Answer

    with progress() as step:
        made = run(out, step, overwrite=overwrite)
    show(Answer(made.table, made.console(), title=made.title, millions=True), form)
    if form is Format.table:
        title = "\nGPUs with a sourced price; those without are in no figure"
        show(Answer(made.coverage, title=title), form)
        console().print(made.closing("depr" if which("depr") else sys.argv[0]), soft_wrap=True)


def _pairs(text: str | None) -> list[tuple[str, ...]] | None:
    return None if text is None else [tuple(part.strip().split(":")) for part in text.split(",")]
