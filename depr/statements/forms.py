"""The form of a statements file: its columns, how text becomes values, and the rules a row must keep.

The columns are those of contract.Statements without the unit: `revenue`, not `revenue_minor`. Amounts are in units of
the currency (not thousands or millions), digits with a point for decimals and a leading minus: 1,000, (500), 1e6 and
full-width digits are refused, since each means different things to different readers. Dates are YYYY-MM-DD. A blank is
not sourced, never zero. Shares and amounts per share are taken as they are: `split_factor` says by how much a row was
adjusted already, `source` where it is from.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.contract import Statements
from depr.contract.currencies import currencies
from depr.contract.names import bare
from depr.errors import Finding, refuse
from depr.intake.forms.cells import KNOWN_CURRENCY, NO_CURRENCY, check_header, day, filled, laid_out
from depr.intake.forms.rules import OUR_OWN, Rule, blanks, dates, found_in, given, judged, known, quoted
from depr.kernel.calendar import FIRST, LAST
from depr.statements.depreciation import LINES

MONEY = tuple(n for n in Statements.column_names() if n.endswith("_minor"))
PER_SHARE = tuple(n for n in Statements.column_names() if n.endswith("_micro"))
SHARES = tuple(n for n in Statements.column_names() if n.endswith("_shares"))
REQUIRED = ("issuer", "period_type", "fiscal_year", "fiscal_quarter", "period_end", "currency")

COLUMNS = tuple(bare(name) for name in Statements.column_names())
"""The columns a file may have; those of REQUIRED it must have."""

AMOUNTS = tuple(bare(name) for name in (*MONEY, *PER_SHARE))
"""The columns that hold decimals."""

MONEY_TEXT = r"^-?[0-9]{1,15}(\.[0-9]{1,3})?$"
PER_SHARE_TEXT = r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"
SHARES_TEXT = r"^[0-9]{1,15}$"
FACTOR_TEXT = r"^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$"


def accepted(text: pl.DataFrame, file: str) -> tuple[int, dy.DataFrame[Statements], tuple[Finding, ...]]:
    """A table of text -> rows read, the good ones, and what is wrong with the others.

    Raises `Refused` for missing and unknown columns and for a table without rows.
    """
    check_header(file, text.columns, "statements", REQUIRED, COLUMNS)
    rows = parse(text)
    if rows.is_empty():
        raise refuse(file, "holds no statements", "there is no row below the header", "add a row for each period")
    faults = judged(rows, rules())
    good = rows.join(faults, on="source_row", how="anti").select(Statements.column_names())
    ordered = good.sort("issuer", "period_type", "period_end")
    return len(rows), Statements.validate(ordered, cast=True), tuple(found_in(file, faults))


def parse(text: pl.DataFrame) -> pl.DataFrame:
    """Text -> the columns of contract.Statements, null where a cell is blank or malformed, beside `raw_` text columns.

    A row without any text is left out; `source_row` counts it all the same.
    """
    return laid_out(filled(text, 2), COLUMNS).with_columns(
        _matching("fiscal_year", "^[0-9]{4}$").cast(pl.Int32),
        _matching("fiscal_quarter", "^[1-4]$").cast(pl.Int32),
        day("period_end").alias("period_end"),
        *[_exact(name, MONEY_TEXT, 3, pl.col("scale")) for name in MONEY],
        *[_exact(name, PER_SHARE_TEXT, 6, pl.lit(10**6)) for name in PER_SHARE],
        *[_matching(name, SHARES_TEXT).cast(pl.Int64) for name in SHARES],
        _matching("split_factor", FACTOR_TEXT),
    )


def _matching(name: str, pattern: str) -> pl.Expr:
    return pl.when(pl.col(name).str.contains(pattern)).then(pl.col(name)).alias(name)


def _exact(column: str, pattern: str, places: int, scale: pl.Expr) -> pl.Expr:
    """Decimal text x scale as an integer, null where it is finer than the scale holds."""
    text = _matching(bare(column), pattern)
    whole = text.str.extract(r"^-?([0-9]+)").cast(pl.Int64) * scale
    digits = text.str.extract(r"\.([0-9]+)$").fill_null("").str.pad_end(places, "0").cast(pl.Int64) * scale
    part = pl.when(digits % 10**places == 0).then(digits // 10**places)
    return pl.when(text.str.starts_with("-")).then(-(whole + part)).otherwise(whole + part).alias(column)


def rules() -> list[Rule]:
    """Every rule of a statements row, in the order a reader would meet the columns."""
    always = [name for name in REQUIRED if name != "fiscal_quarter"]
    return [
        *blanks(always, OUR_OWN),
        *_periods(),
        *dates(("period_end",), OUR_OWN),
        known("currency", currencies(), KNOWN_CURRENCY, NO_CURRENCY),
        *_amounts(),
        *_depreciation(),
        Rule(
            "number",
            given("split_factor") & pl.col("split_factor").is_null(),
            _what("split_factor", "is not a factor"),
            "it is the shares of the row in one share as filed: a whole number or a fraction",
            "write 20, or 1/10",
        ),
        *_together(),
    ]


def _periods() -> list[Rule]:
    year = pl.col("fiscal_year")
    quarter = pl.col("fiscal_quarter")
    kind = pl.col("period_type")
    end = pl.col("period_end")
    outside = given("fiscal_year") & ~year.is_between(FIRST.year, LAST.year).fill_null(False)
    apart = pl.format("period_end {} is not in fiscal year {}", "period_end", "fiscal_year")
    return [
        known("period_type", ("FY", "Q"), "write FY for a year, Q for a quarter"),
        Rule("period", outside, _what("fiscal_year", "is not a year"), f"years run from {FIRST.year} to {LAST.year}"),
        Rule(
            "period",
            (kind == "Q") & quarter.is_null(),
            _what("fiscal_quarter", "is not a quarter"),
            "a row of type Q is one quarter",
            "write 1, 2, 3 or 4",
        ),
        Rule(
            "period",
            (kind == "FY") & given("fiscal_quarter"),
            _what("fiscal_quarter", "stands in a year"),
            "a row of type FY is the whole year",
            "leave it blank",
        ),
        Rule(
            "period",
            (end.dt.year() - year).abs() > 1,
            apart,
            "a fiscal year is named by the calendar year it ends in",
            "correct one of them",
        ),
    ]


def _amounts() -> list[Rule]:
    in_currency = [(name, pl.col("scale").is_not_null(), "an amount in its currency", "1234.56") for name in MONEY]
    per_share = [(name, pl.lit(True), "an amount per share", "2.97") for name in PER_SHARE]
    shares = [(name, pl.lit(True), "a number of shares", "2578000000") for name in SHARES]
    return [
        Rule(
            "number",
            judgeable & given(bare(name)) & pl.col(name).is_null(),
            _what(bare(name), f"is not {what}"),
            "digits, then a point and decimals, and a leading minus for a loss; no separators, brackets or exponents",
            f"write {example}",
        )
        for name, judgeable, what, example in (*in_currency, *per_share, *shares)
    ]


def _depreciation() -> list[Rule]:
    listed = ", ".join(LINES)
    return [
        Rule(
            "line",
            given("depreciation") != given("depreciation_line"),
            pl.lit("depreciation and depreciation_line do not go together"),
            "what the figure holds decides what it compares with",
            f"give both or none; the line is one of: {listed}",
        ),
        known("depreciation_line", LINES, f"use one of: {listed}"),
    ]


def _together() -> list[Rule]:
    period = ("issuer", "period_type", "fiscal_year", "fiscal_quarter")
    named = pl.all_horizontal(pl.col(*period[:3]).is_not_null())
    # The marker keeps rows that name no period from being the first of one.
    twice = named & ~pl.struct(named.alias("named"), *period).is_first_distinct()
    other = pl.col("currency") != pl.col("currency").drop_nulls().first().over("issuer")
    return [
        Rule(
            "twice",
            twice,
            pl.format("{} {} {} is in this file twice", "issuer", "period_type", "fiscal_year"),
            "which of the two is meant is not certain",
            "keep one of them",
        ),
        Rule(
            "currency",
            other,
            pl.format("currency {} is not that of the rows of {} above", "currency", "issuer"),
            "amounts of two currencies do not add",
            "give each currency its own issuer",
        ),
    ]


def _what(name: str, words: str) -> pl.Expr:
    return pl.format(f"{name} {{}} {words}", quoted(name))
