"""Understatement: the same lots under the reported book and the alternative one, subtracted, by year.

Nothing is depreciated here: depr/books/estimates.py and depr/kernel/schedule.py do it, as for any other fleet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from depr.books.book import Book, Policy
from depr.books.estimates import estimates
from depr.kernel.calendar import FIRST, FiscalCalendar
from depr.kernel.schedule import schedule
from depr.outlook.fleet import fleet
from depr.outlook.scenario import Point, Scenario
from depr.outlook.spending import Inputs

ALL = "all"
"""Stands for all issuers of a scenario together."""

CALENDAR_YEARS = "calendar"
FISCAL_YEARS = "fiscal"
AMOUNTS = ("reported_minor", "alternative_minor")


def alternative(reported: Book, labels: Iterable[str], scenario: Scenario) -> Book:
    """The reported book with other lives: each label names a generation and the life it gets.

    As if: the life always applied. Prospective: it applies from the date of the change, to what is carried then.
    Method, convention and residual value stay those of the policy it takes the place of.
    """
    policies: list[Policy] = []
    for label in sorted(labels):
        generation, life = label.rsplit(":", 1)
        track = [p.model_copy(update={"generations": (label,)}) for p in reported.policies(generation)]
        update = {"life_months": int(life), "effective": scenario.change or FIRST, "source": f"scenario {scenario.id}"}
        kept = [p for p in track if scenario.change and p.effective < scenario.change]
        policies += [*kept, track[-1].model_copy(update=update)]
    ordered = tuple(sorted(policies, key=lambda policy: policy.effective))
    return Book(id=f"{reported.id}-{scenario.id}", title=scenario.title, kind="scenario", source=scenario.source,
                policy=ordered)  # fmt: skip


def window(scenario: Scenario, calendar: FiscalCalendar) -> tuple[int, int]:
    """First and last period of the scenario's years, calendar and fiscal ones together."""
    first = calendar.period(date(scenario.first_year, 1, 1))
    last = calendar.period(date(scenario.last_year, 12, 31))
    fiscal = calendar.first_of(scenario.first_year), calendar.first_of(scenario.last_year + 1) - 1
    return min(first, fiscal[0]), max(last, fiscal[1])


def charges(lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, span: tuple[int, int]) -> pl.DataFrame:
    """Depreciation of lots under a book by point and period, within a span of periods."""
    segments, shares, _ = estimates(lots, book, calendar)
    rows = schedule(segments, shares).filter(pl.col("period").is_between(*span))
    owned = rows.join(lots.lazy().select("lot", "point"), on="lot")
    return owned.group_by("point", "period").agg(pl.col("depreciation_minor").sum()).collect()


def gaps(scenario: Scenario, inputs: Inputs, points: Sequence[Point]) -> pl.DataFrame:
    """Depreciation under both books by point, issuer, basis and year, and for all years (null) and all issuers.

    Columns: point, issuer, basis (calendar or fiscal), year, reported_minor, alternative_minor, understatement_minor.
    """
    lots = fleet(scenario, inputs, points)
    each = [_issuer(scenario, inputs, issuer, lots.filter(issuer=issuer)) for issuer in scenario.issuers]
    months = pl.concat(each).filter(pl.col("year").is_between(scenario.first_year, scenario.last_year))
    together = pl.concat([months, months.with_columns(issuer=pl.lit(ALL))])
    whole = together.with_columns(year=pl.lit(None, pl.Int64))
    keys = ["point", "issuer", "basis", "year"]
    sums = pl.concat([together, whole]).group_by(keys).agg(pl.col(*AMOUNTS).sum())
    gap = pl.col("alternative_minor") - pl.col("reported_minor")
    return _filled(sums, scenario, len(points)).with_columns(understatement_minor=gap).sort(keys, nulls_last=True)


def _filled(sums: pl.DataFrame, scenario: Scenario, points: int) -> pl.DataFrame:
    """Years without a charge are there too, at nothing."""
    years = [*range(scenario.first_year, scenario.last_year + 1), None]
    wanted = pl.DataFrame({"point": range(points)}, schema={"point": pl.Int64})
    for name, values in (
        ("issuer", [*scenario.issuers, ALL]),
        ("basis", [CALENDAR_YEARS, FISCAL_YEARS]),
        ("year", years),
    ):
        wanted = wanted.join(pl.DataFrame({name: values}, schema={name: sums.schema[name]}), how="cross")
    joined = wanted.join(sums, on=["point", "issuer", "basis", "year"], how="left", nulls_equal=True)
    return joined.with_columns(pl.col(*AMOUNTS).fill_null(0))


def _issuer(scenario: Scenario, inputs: Inputs, issuer: str, lots: pl.DataFrame) -> pl.DataFrame:
    calendar = inputs.issuers[issuer].calendar
    reported = inputs.books[issuer]
    span = window(scenario, calendar)
    other = lots.with_columns(generation="alternative")
    before = charges(lots, reported, calendar, span).rename({"depreciation_minor": "reported_minor"})
    labels = lots["alternative"].unique().to_list()
    after = charges(other, alternative(reported, labels, scenario), calendar, span) if labels else before.clear()
    after = after.rename({after.columns[-1]: "alternative_minor"})
    both = before.join(after, on=["point", "period"], how="full", coalesce=True)
    days = [(p, calendar.first_day(p).year, calendar.year_of(p)) for p in range(span[0], span[1] + 1)]
    years = pl.DataFrame(days, schema=["period", CALENDAR_YEARS, FISCAL_YEARS], orient="row")
    dated = both.join(years.cast({"period": pl.Int32}), on="period")
    filled = dated.with_columns(pl.col(*AMOUNTS).fill_null(0), issuer=pl.lit(issuer))
    on = [CALENDAR_YEARS, FISCAL_YEARS]
    long = filled.unpivot(on, index=["point", "issuer", *AMOUNTS], variable_name="basis", value_name="year")
    return long.select("point", "issuer", "basis", pl.col("year").cast(pl.Int64), *AMOUNTS)
