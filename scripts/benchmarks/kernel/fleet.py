"""The fleet that is measured: segments and shares of a fixed mix, the same lots in every run.

60% straight line, 25% declining balance at 200%, 15% sum of digits; half of each mid-month, the rest full month; a
life of 72 months; 5% disposed of at some month of it. A smaller fleet is the beginning of a larger one.
"""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import polars as pl

from depr.books.book import OPENING, Book, parse_book
from depr.books.estimates import estimates
from depr.contract import Lots, Segments
from depr.kernel.calendar import FiscalCalendar

LIFE_MONTHS = 72
METHODS = {"straight_line": 60, "declining_balance": 25, "sum_of_years_digits": 15}
"""Percent of the lots."""

CONVENTIONS = ("full_month", "mid_month")
DISPOSED_PERCENT = 5
FIRST_DAY, MONTHS_IN_SERVICE = date(2020, 1, 1), 60
LEAST_MINOR, SPREAD_MINOR = 500_017, 999_999_937
PRIME, STRIDES = 2**31 - 1, (48_271, 69_621)
SEGMENTS, SHARES = "segments.parquet", "shares.parquet"


def store(folder: Path, lots: int) -> None:
    """The first lots of the fleet and their shares, as Parquet files."""
    one_of_each, shares, _ = estimates(_lots(), _book(), FiscalCalendar())
    shares.write_parquet(folder / SHARES)
    kinds = one_of_each.select(pl.col("lot").alias("kind"), "share_id", "first_period")
    _segments(lots, kinds.lazy()).select(Segments.column_names()).sink_parquet(folder / SEGMENTS)


def _book() -> Book:
    """One policy a method and convention; the generation that follows it has their names."""
    rule = {"effective": OPENING, "life_months": LIFE_MONTHS, "factor": 2, "source": "the mix that is measured"}
    policies = [
        {**rule, "generations": [f"{method} {convention}"], "method": method, "convention": convention}
        for method, convention in product(METHODS, CONVENTIONS)
    ]
    return parse_book({"id": "mix", "title": "Mix", "kind": "scenario", "source": "a benchmark", "policy": policies})


def _lots() -> pl.DataFrame:
    """A lot of each generation of the book, placed in service on the first day."""
    names = [f"{method} {convention}" for method, convention in product(METHODS, CONVENTIONS)]
    plain = {"issuer": "X", "units": 1, "currency": "USD", "cost_minor": 1}
    dates = {"purchase_date": FIRST_DAY, "in_service_date": FIRST_DAY}
    frame = pl.DataFrame({"lot": range(len(names)), "lot_id": names, "generation": names})
    frame = frame.with_columns(**{name: pl.lit(value) for name, value in {**plain, **dates}.items()})
    absent = {name: pl.lit(None) for name in Lots.column_names() if name not in frame.columns}
    return Lots.validate(frame.with_columns(**absent), cast=True)


def _segments(lots: int, kinds: pl.LazyFrame) -> pl.LazyFrame:
    percents = [number * len(CONVENTIONS) for number, percent in enumerate(METHODS.values()) for _ in range(percent)]
    method = pl.lit(pl.Series(percents)).gather(_spread(3, 100))
    first = pl.col("first_period") + _spread(1, MONTHS_IN_SERVICE)
    disposed = _spread(2, 100) < DISPOSED_PERCENT
    return (
        pl.LazyFrame({"lot": pl.int_range(lots, eager=True)})
        .with_columns(kind=method + _spread(5, len(CONVENTIONS)))
        .join(kinds, on="kind", maintain_order="left")
        .with_columns(
            base_minor=LEAST_MINOR + _spread(4, SPREAD_MINOR),
            opening_minor=pl.lit(0, pl.Int64),
            first_period=first.cast(pl.Int32),
            last_period=pl.when(disposed).then(first + _spread(6, LIFE_MONTHS)).cast(pl.Int32),
        )
    )


def _spread(salt: int, below: int) -> pl.Expr:
    """A number from 0 to below - 1 for each lot, as if drawn; the products stay within 64 bits."""
    number = pl.col("lot") + 1 + salt * 1_000_003
    for stride in STRIDES:
        number = number % PRIME * stride % PRIME
    return number % below
