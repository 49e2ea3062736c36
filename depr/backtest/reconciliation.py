"""How well inferred vintages reproduce what is reported: gross, expense and accumulated depreciation, year by year.

    expense modelled = expense of the class + expense of all else
    expense of all else = mean gross of all else in service / its mean life

Where the expense of the class is disclosed it is compared by itself, and the rest of the line is not modelled. Else the
mean life of all else is unknown; it is the whole number of months that leaves the least sum of absolute residuals, so
the residuals say how the expense moves, not how high it is. All arithmetic is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

import polars as pl

from depr.backtest.life_changes import BOUNDS, charges, fleet
from depr.backtest.vintages import Vintage, Year, vintages
from depr.books.book import LONGEST_LIFE_MONTHS, Book
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.curves import MONTHS_PER_YEAR

COLUMNS = {
    "fiscal_year": "fiscal year",
    "bound": "reading of the retirements: low, mid or high",
    "placed_minor": "cost of the class placed in service in the year, inferred",
    "gross_reported_minor": "gross cost of the class at the end of the year",
    "in_life_minor": "cost of the inferred vintages that are not fully depreciated",
    "fully_depreciated_minor": "reported gross less that: fully depreciated and kept (negative: retired early)",
    "expense_class_minor": "depreciation of the inferred vintages",
    "expense_other_minor": "modelled depreciation of all else; null where that of the class is disclosed",
    "expense_reported_minor": "depreciation of the class where disclosed, else of all property and equipment",
    "expense_residual_minor": "reported less modelled",
    "accumulated_reported_minor": "accumulated depreciation of all property and equipment",
    "accumulated_residual_minor": "what the expense residuals have added up to",
    "other_life_months": "mean life of all else that leaves the least residuals",
}
"""Column -> meaning; money in minor units."""


def reconcile(
    years: Sequence[Year],
    found: Sequence[Vintage],
    lives: Book,
    calendar: FiscalCalendar,
    bounds: Sequence[str] = BOUNDS,
) -> pl.DataFrame:
    """One row a year and bound (COLUMNS), for the years after the first reported gross of the class."""
    lots = fleet(found).filter(pl.col("location").is_in(list(bounds)))
    by_year = _by_year(lots, charges(lots, lives, calendar), calendar)
    rows = [row for bound in bounds for row in _rows(bound, years, by_year)]
    types = {name: pl.String if name == "bound" else pl.Int64 for name in COLUMNS}
    return pl.DataFrame(rows, schema=types).sort("fiscal_year", maintain_order=True)


def fitted_share(years: Sequence[Year], lives: Book, calendar: FiscalCalendar, life_years: int) -> Fraction:
    """Share of all retirements that, given to the class, leaves the least sum of absolute residuals of the expense.

    A bounded search over twentieths, the smallest of equals. The fleets of all shares are charged together.
    """
    shares = [Fraction(part, GRID) for part in range(GRID + 1)]
    named = [(str(share), each) for share in shares for each in vintages(years, calendar, life_years, share)]
    lots = fleet([each for _, each in named]).filter(location="mid").sort("lot")
    lots = lots.with_columns(location=pl.Series([name for name, _ in named], dtype=pl.String))
    by_year = _by_year(lots, charges(lots, lives, calendar), calendar)
    return min(shares, key=lambda share: _misfit(_rows(str(share), years, by_year)))


GRID = 20


def _misfit(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(abs(row["expense_residual_minor"] or 0) for row in rows)


def _by_year(lots: pl.DataFrame, rows: pl.DataFrame, calendar: FiscalCalendar) -> dict[tuple[str, int], dict[str, int]]:
    """By bound and fiscal year: cost placed in service, expense, and cost not fully depreciated at its end."""
    served = calendar.numbered(lots.select("lot", "cost_minor", "in_service_date", bound="location"), "in_service_date")
    first = served["period"].min()
    last = rows["period"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    months = calendar.frame(first, last).select("period", "fiscal_year")
    placed = served.join(months, on="period").group_by("bound", "fiscal_year").agg(pl.col("cost_minor").sum())
    joined = rows.join(months, on="period").join(served.select("lot", "bound", "cost_minor"), on="lot")
    ends = joined.group_by("lot").agg(pl.col("fiscal_year").max().alias("last_year"))
    expense = joined.group_by("bound", "fiscal_year").agg(pl.col("depreciation_minor").sum())
    spans = served.join(months, on="period").join(ends, on="lot")
    begun = _until(spans, "fiscal_year")
    over = _until(spans, "last_year")
    out = {
        (bound, year): {"expense": charge, "in_life": begun(bound, year) - over(bound, year), "placed": 0}
        for bound, year, charge in expense.iter_rows()
    }
    for bound, year, cost in placed.iter_rows():
        out[bound, year]["placed"] = cost
    return out


def _until(spans: pl.DataFrame, column: str) -> Callable[[str, int], int]:
    """Cost whose year in a column has come, by bound and year."""
    found = defaultdict[str, list[tuple[int, int]]](list)
    for bound, year, cost in spans.group_by("bound", column).agg(pl.col("cost_minor").sum()).iter_rows():
        found[bound].append((year, cost))
    return lambda bound, by: sum(cost for year, cost in found[bound] if year <= by)


def _rows(
    bound: str, years: Sequence[Year], by_year: Mapping[tuple[str, int], Mapping[str, int]]
) -> list[dict[str, Any]]:
    table = {year.fiscal_year: year for year in years}
    first = min((y for y, year in table.items() if year.class_gross is not None), default=0)
    ours = {y: by_year[bound, y] for y in sorted(table) if y > first and (bound, y) in by_year}
    life = _other_life(table, {y: each["expense"] for y, each in ours.items()})
    out = []
    drift = 0
    for y, each in ours.items():
        year = table[y]
        other = None if year.class_depreciation is not None else _other(table, y, life)
        reported = year.depreciation if year.class_depreciation is None else year.class_depreciation
        whole = None if other is None and year.class_depreciation is None else each["expense"] + (other or 0)
        residual = None if reported is None or whole is None else reported - whole
        drift += residual or 0
        gross = year.class_gross
        out.append(
            {
                "fiscal_year": y,
                "bound": bound,
                "placed_minor": each["placed"],
                "gross_reported_minor": gross,
                "in_life_minor": each["in_life"],
                "fully_depreciated_minor": None if gross is None else gross - each["in_life"],
                "expense_class_minor": each["expense"],
                "expense_other_minor": other,
                "expense_reported_minor": reported,
                "expense_residual_minor": residual,
                "accumulated_reported_minor": year.accumulated,
                "accumulated_residual_minor": drift,
                "other_life_months": life,
            }
        )
    return out


def _mean_gross(table: Mapping[int, Year], y: int) -> Fraction | None:
    """Mean over a year of the gross of all else in service."""
    ends = [table.get(y - 1), table[y]]
    rest = [
        each.gross - each.class_gross - (each.not_in_service or 0)
        for each in ends
        if each and each.gross is not None and each.class_gross is not None
    ]
    return Fraction(sum(rest), len(rest)) if len(rest) == len(ends) else None


def _other(table: Mapping[int, Year], y: int, life: int | None) -> int | None:
    gross = _mean_gross(table, y)
    return None if gross is None or life is None else round(gross * MONTHS_PER_YEAR / life)


def _other_life(table: Mapping[int, Year], expense: Mapping[int, int]) -> int | None:
    """The whole number of months that leaves the least sum of absolute residuals.

    The sum of |rest - gross x| is convex in x = 12 / life and least where the gross of the years whose rest / gross is
    smaller reaches half: the life lies on one side of it or the other.
    """
    left = [
        (charge - ours, gross)
        for y, ours in expense.items()
        if (charge := table[y].depreciation) is not None
        and table[y].class_depreciation is None
        and (gross := _mean_gross(table, y)) is not None
        and gross > 0
    ]
    if not left:
        return None
    rates = sorted((rest / gross, gross) for rest, gross in left)
    sums = list(accumulate(gross for _, gross in rates))
    rate = next(rate for (rate, _), passed in zip(rates, sums, strict=True) if passed * 2 >= sums[-1])
    life = LONGEST_LIFE_MONTHS if rate <= 0 else min(int(MONTHS_PER_YEAR / rate), LONGEST_LIFE_MONTHS)
    return min(
        (max(life, 1), min(life + 1, LONGEST_LIFE_MONTHS)),
        key=lambda months: sum(abs(rest - gross * MONTHS_PER_YEAR / months) for rest, gross in left),
    )
