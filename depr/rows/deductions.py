"""United States tax: what one asset is allowed by section 179, the special (bonus) allowance and MACRS."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from depr import share
from depr.books.book import TAX_CONVENTIONS, months
from depr.errors import refuse
from depr.intake import read_tax_parameters, read_tax_tables, tax_columns
from depr.intake.forms import amount
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.curves import MONTHS_PER_YEAR
from depr.rows import asset as single
from depr.tax.recovery import Asset, Elections, allowances
from depr.tax.tables import law_method

ELECTIONS = ("section_179", "section_179_property", "bonus", "acquired")

TAX_OPTIONS = ("tax_method", *ELECTIONS)
"""Options that belong to tax alone."""

Columns = tuple[tuple[Fraction, tuple[Fraction, ...]], ...]


def deductions(
    cost: str,
    in_service: date,
    life: str | None = None,
    *,
    convention: str = "half_year",
    tax_method: str | None = None,
    section_179: str | None = None,
    section_179_property: str | None = None,
    bonus: str | None = None,
    acquired: date | None = None,
    schedules: Path | None = None,
    **options: Any,
) -> pl.DataFrame:
    """What tax allows for one asset by tax year, quarter or month: the columns of depr.rows.asset.asset.

    `life` is the recovery period. Section 179 (an amount elected) comes off the cost, the special allowance (`bonus`
    regular or reduced, by the days of acquisition and service) off the rest, the percentages of the tables apply to
    what is left. With an election the rows are tax years and have the columns section_179_minor and bonus_minor, which
    are part of their depreciation. `section_179_property` is the cost of all such property of the year. Left to the
    caller is what depr.tax.recovery names. Raises `Refused`.
    """
    if life is None:
        raise refuse("asset", "macrs has no recovery period", do="add --life 5y, or percents")
    if options.get("residual") is not None:
        why = "the whole cost is recovered (26 U.S.C. 168(b)(4))"
        raise refuse("asset", "macrs takes no residual value", why, "leave it out")
    terms = tax_columns(months(life), convention, tax_method, schedules)
    _check_law(in_service, Fraction(months(life), MONTHS_PER_YEAR), convention, tax_method, schedules)
    elected = {"section_179": section_179, "section_179_property": section_179_property, "acquired": acquired}
    if bonus is None:
        if said := [name for name, value in elected.items() if value is not None]:
            why = "the special allowance applies unless it is elected out"
            raise refuse("asset", f"{said[0]} without bonus", why, "add --bonus regular, reduced or none")
        return single.asset(cost, in_service, life, residual="0", **(options | terms))
    section, special, whole = _parts(cost, in_service, months(life), elected, bonus, schedules, options)
    terms["columns"] = _of_cost(terms["columns"], Fraction(section + special, whole) if whole else Fraction(0))
    frame = single.asset(cost, in_service, life, residual="0", **(options | terms))
    first = pl.int_range(pl.len()) == 0
    return frame.with_columns(
        section_179_minor=pl.when(first).then(section).otherwise(0),
        bonus_minor=pl.when(first).then(special).otherwise(0),
    )


def _check_law(in_service: date, years: Fraction, convention: str, method: str | None, schedules: Path | None) -> None:
    """The printed tables are for service from a day on."""
    short = TAX_CONVENTIONS[convention]
    key = (years, short, method or law_method(years, short))
    tables = read_tax_tables(share.find("tables", "macrs", schedules)).values()
    own = [table for table in tables if (table.recovery_years, table.convention, table.method) == key]
    first = min((table.in_service_from for table in own), default=date.min)
    if in_service < first:
        why = f"the tables of {float(years):g} years are for service from {first}"
        raise refuse(
            "asset", f"service on {in_service} is before macrs", why, "give the percents of its day: --percents"
        )


def _parts(
    cost: str,
    in_service: date,
    life_months: int,
    elected: dict[str, Any],
    bonus: str,
    schedules: Path | None,
    options: dict[str, Any],
) -> tuple[int, int, int]:
    """Section 179, special allowance and cost, US cents."""
    currency = options.get("currency", "USD")
    if currency != "USD":
        raise refuse("asset", f"section 179 and bonus are United States tax, not in {currency}", do="leave them out")
    if options.get("grain", "month") != "year":
        raise refuse("asset", "section 179 and bonus are deductions of a tax year", do="add --grain year")
    if options.get("changes"):
        what = "section 179 and bonus go with no change: what a disposal recaptures is not worked out"
        raise refuse("asset", what, do="leave out the one or the other")
    calendar = options.get("calendar") or FiscalCalendar()
    if calendar.weeks:
        raise refuse("asset", "section 179 and bonus go by tax years of months", do="leave out the weeks")
    section, property_ = (
        None if elected[name] is None else amount(elected[name], currency)
        for name in ("section_179", "section_179_property")
    )
    whole = amount(cost, currency)
    held = Asset(whole, elected["acquired"] or in_service, in_service, calendar.year_end_month)
    parameters = read_tax_parameters(share.find("tables", "us-tax", schedules))
    chosen = Elections(section or 0, property_, bonus)
    return *allowances(held, Fraction(life_months, MONTHS_PER_YEAR), parameters, chosen), whole


def _of_cost(by_first_year: Columns, allowed: Fraction) -> Columns:
    """Percentages of the basis as percentages of the cost, of which a share is allowed in the first year."""
    return tuple(
        (months_, (allowed * 100 + (1 - allowed) * percents[0], *((1 - allowed) * each for each in percents[1:])))
        for months_, percents in by_first_year
    )
