"""The form of a purchases file: its columns, how text becomes values, and the rules a row must keep.

Numbers are digits with a point for decimals; 1,000 and 1.000,00, (500), 1e6, 1_000 and full-width digits are refused,
since each means different things to different readers. Dates are YYYY-MM-DD.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
from babel.core import get_global
from babel.numbers import get_currency_precision

from depr.errors import refuse
from depr.kernel.calendar import FIRST, LAST

REQUIRED = ("lot_id", "issuer", "generation", "units", "currency", "purchase_date")
COSTS = ("unit_cost", "cost")
AMOUNTS = (*COSTS, "cost_low", "cost_high", "residual")
DATES = ("purchase_date", "in_service_date")
COLUMNS = (*REQUIRED, *COSTS, "cost_low", "cost_high", "in_service_date", "residual", "location", "document")

INTEGER = r"^[0-9]{1,12}$"
DECIMAL = r"^[0-9]{1,15}(\.[0-9]{1,2})?$"
ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MIDNIGHT = r"[ T]00:00:00(\.0+)?$"
"""The time that spreadsheets and Parquet append to a date."""

COST_LIMIT_MINOR = 10**17
"""Largest cost of a lot: 10**15 of a currency with cents. Beyond it sums of a million lots could leave 64 bits."""

PRECISIONS = (0, 2)
NO_CURRENCY, KNOWN_CURRENCY = "it is no ISO 4217 code with 0 or 2 decimals", "write USD, EUR, JPY ..."


@dataclass(frozen=True)
class Rule:
    """What a row must not be: a condition, and the words for it."""

    code: str
    bad: pl.Expr
    what: pl.Expr
    why: str = ""
    do: str = ""
    order: int = 0


def currencies() -> dict[str, int]:
    """ISO 4217 codes with 0 or 2 decimals -> minor units in one unit."""
    codes = sorted(get_global("all_currencies"))
    return {code: 10**p for code in codes if (p := get_currency_precision(code)) in PRECISIONS}


def amount(text: str, currency: str) -> int:
    """Decimal text in minor units of a currency, by the same rules as a cell. Raises `Refused`."""
    if currency not in currencies():
        raise refuse("amount", f"unknown currency {currency!r}", NO_CURRENCY, KNOWN_CURRENCY)
    row = {"unit_cost": text, "currency": currency}
    parsed = parse(pl.DataFrame([row]))["unit_cost_minor"].item()
    if parsed is None:
        raise refuse(
            "amount",
            f"{text!r} is not an amount in {currency}",
            "digits, then a point and as many decimals as the currency has",
            "write 1234.56",
        )
    return int(parsed)


def parse(text: pl.DataFrame) -> pl.DataFrame:
    """Text -> the columns of schemas.Purchases, null where a cell is blank or malformed, beside `raw_` text columns.

    A row without any text is left out; `source_row` counts it all the same.
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in COLUMNS if name not in text.columns]
    stripped = text.with_columns(absent).select(pl.col(COLUMNS).str.strip_chars())
    raw = stripped.select(pl.when(pl.col(COLUMNS) != "").then(pl.col(COLUMNS)).name.prefix("raw_"))
    scale = pl.col("raw_currency").replace_strict(currencies(), default=None, return_dtype=pl.Int64)
    filled = raw.with_row_index("source_row", offset=2).filter(
        pl.any_horizontal(pl.exclude("source_row").is_not_null())
    )
    rows = filled.with_columns(
        pl.col("source_row").cast(pl.Int64),
        *[
            pl.col(f"raw_{name}").alias(name)
            for name in ("lot_id", "issuer", "generation", "currency", "location", "document")
        ],
        *[_date(name) for name in DATES],
        units=pl.col("raw_units").pipe(_matching, INTEGER).cast(pl.Int64),
        scale=scale,
    )
    rows = rows.with_columns(_minor(name) for name in AMOUNTS)
    total = pl.when(_total_size() <= COST_LIMIT_MINOR).then(pl.col("unit_cost_minor") * pl.col("units"))
    return rows.with_columns(cost_minor=pl.coalesce("cost_minor", total), total_minor=total)


def _total_size() -> pl.Expr:
    """units x unit cost in floating point, only to see whether the exact product fits."""
    return pl.col("unit_cost_minor").cast(pl.Float64) * pl.col("units").cast(pl.Float64)


def _matching(column: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(column.str.contains(pattern)).then(column)


def _date(name: str) -> pl.Expr:
    text = pl.col(f"raw_{name}").str.replace(MIDNIGHT, "").pipe(_matching, ISO_DATE)
    return text.str.to_date("%Y-%m-%d", strict=False).alias(name)


def _minor(name: str) -> pl.Expr:
    """Decimal text -> minor units of the row's currency, null if it has more decimals than the currency."""
    text = pl.col(f"raw_{name}").pipe(_matching, DECIMAL)
    whole = text.str.extract(r"^([0-9]+)").cast(pl.Int64) * pl.col("scale")
    cents = text.str.extract(r"\.([0-9]+)$").fill_null("").str.pad_end(2, "0").cast(pl.Int64)
    part = pl.when(pl.col("scale") == 100).then(cents).when(cents == 0).then(0)
    return (whole + part).alias(f"{name}_minor")


def rules(generations: Collection[str]) -> list[Rule]:
    """Every rule of a purchases row, in the order a reader would meet the columns."""
    return [*_blanks(), *_numbers(), *_dates(), *_names(generations), *_facts()]


def _blanks() -> list[Rule]:
    blank = [
        Rule("blank", pl.col(f"raw_{name}").is_null(), pl.lit(f"{name} is blank"), do="fill it in") for name in REQUIRED
    ]
    no_cost = pl.col("raw_unit_cost").is_null() & pl.col("raw_cost").is_null()
    return [*blank, Rule("blank", no_cost, pl.lit("unit_cost and cost are blank"), do="give one of them")]


def _numbers() -> list[Rule]:
    malformed = [
        Rule(
            "number",
            pl.col(f"raw_{name}").is_not_null() & pl.col("scale").is_not_null() & pl.col(f"{name}_minor").is_null(),
            pl.format("{} {} is not an amount in {}", pl.lit(name), _quoted(name), "currency"),
            "digits, then a point and as many decimals as the currency has; no separators, signs or exponents",
            "write 1234567.89, or 1234567 where there are no cents",
        )
        for name in AMOUNTS
        if name != "cost"
    ]
    cost = pl.col("raw_cost").is_not_null() & pl.col("scale").is_not_null() & pl.col("cost_minor").is_null()
    units = pl.col("raw_units").is_not_null() & pl.col("units").is_null()
    return [
        Rule(
            "number", units, pl.format("units {} is not a whole number", _quoted("units")), "digits only", "write 1000"
        ),
        Rule(
            "number",
            cost & pl.col("raw_unit_cost").is_null(),
            pl.format("cost {} is not an amount in {}", _quoted("cost"), "currency"),
            malformed[0].why,
            malformed[0].do,
        ),
        *malformed,
    ]


def _dates() -> list[Rule]:
    malformed = [
        Rule(
            "date",
            pl.col(f"raw_{name}").is_not_null() & pl.col(name).is_null(),
            pl.format("{} {} is not a date", pl.lit(name), _quoted(name)),
            "it is not a day of the calendar in the form YYYY-MM-DD",
            "write 2025-03-31",
        )
        for name in DATES
    ]
    outside = [
        Rule(
            "date",
            ~pl.col(name).is_between(FIRST, LAST),
            pl.format("{} {} is out of range", pl.lit(name), _quoted(name)),
            f"dates run from {FIRST} to {LAST}",
            "correct the year",
        )
        for name in DATES
    ]
    early = pl.col("in_service_date") < pl.col("purchase_date")
    what = pl.format("in_service_date {} is before purchase_date {}", "in_service_date", "purchase_date")
    return [
        *malformed,
        *outside,
        Rule("order", early, what, "an asset is bought before it is used", "correct one of them"),
    ]


def _names(generations: Collection[str]) -> list[Rule]:
    known = ", ".join(sorted(generations))
    return [
        Rule(
            "currency",
            pl.col("currency").is_not_null() & pl.col("scale").is_null(),
            pl.format("unknown currency {}", _quoted("currency")),
            NO_CURRENCY,
            KNOWN_CURRENCY,
        ),
        Rule(
            "generation",
            pl.col("generation").is_not_null() & ~pl.col("generation").is_in(list(generations)),
            pl.format("unknown generation {}", _quoted("generation")),
            do=f"use one of: {known}; or add it to generations.toml",
        ),
    ]


def _facts() -> list[Rule]:
    both = pl.col("raw_cost").is_not_null() & (pl.col("total_minor") != pl.col("cost_minor"))
    low = pl.col("cost_low_minor") > pl.col("cost_minor")
    high = pl.col("cost_high_minor") < pl.col("cost_minor")
    large = (_total_size() > COST_LIMIT_MINOR) | (pl.col("cost_minor") > COST_LIMIT_MINOR)
    residual = pl.col("residual_minor") > pl.col("cost_minor")
    twice = ~pl.col("lot_id").is_first_distinct() & pl.col("lot_id").is_not_null()
    return [
        Rule("units", pl.col("units") == 0, pl.lit("units is 0"), "a lot holds at least one unit", "leave the row out"),
        Rule("cost", both, pl.lit("cost is not units x unit_cost"), "one of the three is wrong", "correct it"),
        Rule("cost", large, pl.lit("cost is above 10^15"), "larger amounts are not exact in sums", "split the lot"),
        Rule("residual", residual, pl.lit("residual is above cost"), "nothing would be depreciated", "correct it"),
        Rule(
            "range", low | high, pl.lit("cost is outside cost_low to cost_high"), "the range must hold it", "correct it"
        ),
        Rule(
            "lot", twice, pl.format("lot_id {} is in this file twice", _quoted("lot_id")), do="give each lot its own id"
        ),
    ]


def _quoted(name: str) -> pl.Expr:
    """The raw text of a cell in quotes, shortened so that one cell cannot fill the screen."""
    text = pl.col(f"raw_{name}").fill_null("")
    return pl.concat_str(
        pl.lit("'"),
        text.str.slice(0, 40),
        pl.when(text.str.len_chars() > 40).then(pl.lit("...")).otherwise(pl.lit("")),
        pl.lit("'"),
    )
