"""Purchases: one row a lot, with what is known of it on the day it enters the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from depr.contract import Purchases
from depr.intake.forms import derived
from depr.intake.forms.cells import costed, day, laid_out, minor, whole
from depr.intake.forms.rules import (
    OUR_OWN,
    Declared,
    Rule,
    acquired,
    amounts,
    blanks,
    dates,
    given,
    integers,
    life,
    lot_once,
    unlisted,
    vocabulary,
)

REQUIRED = ("lot_id", "issuer", "generation", "units", "currency", "purchase_date")
COSTS = ("unit_cost", "cost")
AMOUNTS = (*COSTS, "cost_low", "cost_high", "residual", "accumulated", "unit_price")
INTEGERS = ("units", "life_months", "upstream_row")
DATES = ("purchase_date", "in_service_date", "accumulated_date")
COLUMNS = (
    *(*REQUIRED, *COSTS, "cost_low", "cost_high", "in_service_date", "residual", "life_months"),
    *("location", "serial", "document", "accumulated", "accumulated_date"),
    *derived.PARTS,
)
TEXTS = tuple(name for name in COLUMNS if name not in (*AMOUNTS, *INTEGERS, *DATES))
VALUES = tuple(Purchases.column_names())


def parse(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of text (cells.filled) -> the columns of contract.Purchases, null where a cell is blank or malformed."""
    whole_numbers = {name: whole(name) for name in INTEGERS}
    typed = laid_out(rows, COLUMNS).with_columns(**whole_numbers, **{name: day(name) for name in DATES})
    return derived.with_parts(costed(typed.with_columns(minor(name) for name in AMOUNTS)))


def rules(
    generations: Collection[str],
    books: Collection[str] = (),
    declared: Declared = OUR_OWN,
    issuers: Mapping[str, str] | None = None,
) -> list[Rule]:
    """Every rule of a row, in the order a reader would meet the columns."""
    no_cost = ~given("unit_cost") & ~given("cost")
    costs = f"{declared.name('unit_cost')} and {declared.name('cost')} are blank"
    early = pl.col("in_service_date") < pl.col("purchase_date")
    what = pl.format("in_service_date {} is before purchase_date {}", "in_service_date", "purchase_date")
    return [
        *blanks(REQUIRED, declared),
        Rule("blank", no_cost, pl.lit(costs), do="give one of them"),
        *integers(INTEGERS, declared),
        *amounts(AMOUNTS, declared),
        *dates(DATES, declared),
        Rule("order", early, what, "an asset is bought before it is used", "correct one of them"),
        *unlisted(TEXTS, declared),
        *vocabulary(generations, issuers),
        *acquired(),
        *derived.rules(declared),
        *_opening(declared),
        *_life(declared),
    ]


def _opening(declared: Declared) -> list[Rule]:
    """Accumulated depreciation at the day the ledger takes over."""
    amount = declared.name("accumulated")
    date = declared.name("accumulated_date")
    bare = given("accumulated") & ~given("in_service_date")
    base = pl.col("cost_minor") - pl.col("residual_minor").fill_null(0)
    early = pl.col("accumulated_date") < pl.col("in_service_date")
    before = pl.format("accumulated_date {} is before in_service_date {}", "accumulated_date", "in_service_date")
    return [
        Rule(
            "opening",
            given("accumulated") & ~given("accumulated_date"),
            pl.lit(f"accumulated is given, {date} is blank"),
            "the ledger must know from which day on it depreciates the lot itself",
            "give the day, or clear both",
        ),
        Rule(
            "opening",
            given("accumulated_date") & ~given("accumulated"),
            pl.lit(f"accumulated_date is given, {amount} is blank"),
            "a blank is not zero",
            "give the amount, 0.00 if there is none, or clear both",
        ),
        Rule(
            "opening",
            bare,
            pl.lit("accumulated is given, in_service_date is blank"),
            "what is under construction is not depreciated",
            "give the day it was placed in service, or clear accumulated",
        ),
        Rule(
            "opening",
            pl.col("accumulated_minor") > base,
            pl.lit("accumulated is above cost less residual"),
            "more than the depreciable amount cannot be depreciated",
            "correct one of them",
        ),
        Rule("order", early, before, "nothing is depreciated before it is in service", "correct one of them"),
    ]


def _life(declared: Declared) -> list[Rule]:
    """A life of its own."""
    bare = given("life_months") & ~given("in_service_date")
    what = pl.lit(f"{declared.name('life_months')} is given, in_service_date is blank")
    why = "a life counts from the day of service"
    return [life(), Rule("life", bare, what, why, "give the day, or record an estimate when it is placed in service")]


def across() -> list[Rule]:
    """What the rows must keep together."""
    return [lot_once(pl.lit(True))]
