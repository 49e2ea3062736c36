"""The fleet and the statements that are measured: the same in every run.

Lots of five generations, each with its own cost, placed in service on any day of seven years; the reported book has one
change of life; statements of every quarter of twelve years. A smaller fleet is the beginning of a larger one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from depr.books.book import OPENING, Book, parse_book, scenario
from depr.books.issuers import Issuer, parse_issuer
from depr.contract import Lots, Statements
from depr.kernel.calendar import FiscalCalendar

GENERATIONS = ("v100", "a100", "h100", "b200", "gb300")
FIRST_DAY, DAYS_IN_SERVICE = date(2018, 1, 1), 2_557
LEAST_MINOR, SPREAD_MINOR = 500_017, 999_999_937
PRIME, STRIDES = 2**31 - 1, (48_271, 69_621)
YEARS = range(2018, 2030)
CHANGE = date(2023, 1, 1)
MODES = ("as_if", "prospective", "retrospective")
LIVES = range(12, 121)
SOURCE = "a benchmark"


def lots(count: int) -> pl.DataFrame:
    """The first lots of the fleet (contract.Lots)."""
    frame = pl.DataFrame({"lot": pl.int_range(count, eager=True)}).with_columns(
        lot_id=pl.col("lot").cast(pl.String),
        generation=pl.lit(pl.Series(GENERATIONS)).gather(_spread(1, len(GENERATIONS))),
        cost_minor=LEAST_MINOR + _spread(2, SPREAD_MINOR),
        in_service_date=pl.lit(FIRST_DAY) + pl.duration(days=_spread(3, DAYS_IN_SERVICE)),
        **{name: pl.lit(value) for name, value in {"issuer": "X", "units": 8, "currency": "USD"}.items()},
        purchase_date=pl.lit(FIRST_DAY - timedelta(days=1)),
    )
    absent = {name: pl.lit(None) for name in Lots.column_names() if name not in frame.columns}
    return Lots.validate(frame.with_columns(**absent), cast=True)


def reported() -> Book:
    """Four years, six from 2021 on."""
    rule = {"method": "straight_line", "convention": "full_month", "source": SOURCE}
    policies = [
        {**rule, "effective": day, "life_months": life} for day, life in ((OPENING, 48), (date(2021, 1, 1), 72))
    ]
    return parse_book({"id": "reported", "title": "Reported", "kind": "scenario", "source": SOURCE, "policy": policies})


def alternatives(lives: Sequence[int] = LIVES) -> list[Book]:
    """A book for each life in months."""
    return [scenario(life) for life in lives]


def issuer() -> Issuer:
    """One that keeps the calendar year."""
    whole = {"cost_of_revenue": "0.7", "research_and_development": "0.2", "selling_general_administrative": "0.1"}
    dated = {"effective": FIRST_DAY, "source": SOURCE}
    return parse_issuer(
        {
            "id": "X",
            "name": "X",
            "currency": "USD",
            "book": "reported",
            "source": SOURCE,
            "fiscal_year_end_month": 12,
            "function_split": [{**dated, **whole}],
            "tax_rate": [{**dated, "rate": "0.21", "kind": "statutory"}],
        }
    )


def statements() -> pl.DataFrame:
    """Every line of every quarter and year."""
    quarters = [_line(year, quarter) for year in YEARS for quarter in (1, 2, 3, 4)]
    columns = Statements.create_empty().schema
    frame = pl.DataFrame([*quarters, *(_line(year, None) for year in YEARS)], columns)
    return Statements.validate(frame)


def _line(year: int, quarter: int | None) -> dict[str, Any]:
    amounts = {name: 10**14 for name in Statements.column_names() if name.endswith("_minor")}
    per_share = dict.fromkeys(("eps_basic_micro", "eps_diluted_micro"), 10**6)
    calendar = FiscalCalendar()
    end = calendar.last_day(calendar.period(date(year, 3 * (quarter or 4), 1)))
    period = {"period_type": "Q" if quarter else "FY", "fiscal_year": year, "fiscal_quarter": quarter}
    words = {"issuer": "X", "currency": "USD", "depreciation_line": "depreciation_of_ppe", "split_factor": "1"}
    shares = dict.fromkeys(("basic_shares", "diluted_shares"), 10**12)
    return {**words, **period, "period_end": end, **amounts, **per_share, **shares, "source": SOURCE}


def _spread(salt: int, below: int) -> pl.Expr:
    """A number from 0 to below - 1 for each lot, as if drawn; the products stay within 64 bits."""
    number = pl.col("lot") + 1 + salt * 1_000_003
    for stride in STRIDES:
        number = number % PRIME * stride % PRIME
    return number % below
