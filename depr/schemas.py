"""The contract of every table: column, type, unit, meaning.

One class a table. Money is Int64 minor units (`_minor`, cents for USD), per-share amounts are millionths of the
currency (`_micro`), ratios are parts per million (`_ppm`), so every figure is an integer and `==` is the test.
A null means not sourced or not defined, never zero. The same text documents the tables in SQL (COMMENT ON).
"""

from __future__ import annotations

from typing import Any

import dataframely as dy
import polars as pl

BOUNDS = ("low", "mid", "high")
"""The three readings of an estimated purchase: 5th percentile, median, 95th percentile of units times price range."""

EVENT_KINDS = ("acquisition", "placed_in_service")
CHANGE_KINDS = (
    "opening",
    "improvement",
    "impairment",
    "reversal",
    "estimate",
    "partial_disposal",
    "held_for_sale",
    "back_in_use",
    "disposal",
)


def _doc(unit: str, meaning: str) -> dict[str, str]:
    return {"unit": unit, "meaning": meaning}


def _text(meaning: str, *, nullable: bool = False, **options: Any) -> dy.String:
    return dy.String(nullable=nullable, metadata=_doc("text", meaning), **options)


def _date(meaning: str, *, nullable: bool = False) -> dy.Date:
    return dy.Date(nullable=nullable, metadata=_doc("date", meaning))


def _int(meaning: str, *, unit: str = "number", nullable: bool = False, **options: Any) -> dy.Int64:
    return dy.Int64(nullable=nullable, metadata=_doc(unit, meaning), **options)


def _money(meaning: str, *, nullable: bool = False, **options: Any) -> dy.Int64:
    return dy.Int64(nullable=nullable, metadata=_doc("minor units", meaning), **options)


def _per_share(meaning: str) -> dy.Int64:
    return dy.Int64(nullable=True, metadata=_doc("millionths of the currency per share", meaning))


def _ppm(meaning: str) -> dy.Int64:
    return dy.Int64(nullable=True, metadata=_doc("parts per million", meaning))


class Purchases(dy.Schema):
    """Purchases as read from a file, parsed strictly: one row a lot."""

    lot_id = _text("name of the lot, unique in the ledger", min_length=1)
    issuer = _text("who owns it (ticker or entity code)", min_length=1)
    generation = _text("GPU generation, a key of schedules/generations.toml", min_length=1)
    units = _int("GPUs bought", min=1)
    cost_minor = _money("cost of the whole lot", min=0)
    cost_low_minor = _money("low end of an estimated cost; null when the cost is known", nullable=True, min=0)
    cost_high_minor = _money("high end of an estimated cost; null when the cost is known", nullable=True, min=0)
    residual_minor = _money("residual value of the lot; null leaves it to the book", nullable=True, min=0)
    currency = _text("ISO 4217 code", regex="^[A-Z]{3}$")
    purchase_date = _date("date of purchase")
    in_service_date = _date("date placed in service; null while under construction", nullable=True)
    location = _text("site", nullable=True)
    document = _text("document reference: invoice, filing, dataset", nullable=True)
    source_row = _int("row in the source file; the header is row 1", min=2)

    @dy.rule()
    def residual_within_cost(cls) -> pl.Expr:  # noqa: N805 (dataframely passes the class)
        return pl.col("residual_minor").fill_null(0) <= pl.col("cost_minor")

    @dy.rule()
    def service_not_before_purchase(cls) -> pl.Expr:  # noqa: N805
        return pl.col("in_service_date").fill_null(pl.col("purchase_date")) >= pl.col("purchase_date")

    @dy.rule()
    def range_holds_cost(cls) -> pl.Expr:  # noqa: N805
        low = pl.col("cost_low_minor").fill_null(pl.col("cost_minor"))
        high = pl.col("cost_high_minor").fill_null(pl.col("cost_minor"))
        return (low <= pl.col("cost_minor")) & (pl.col("cost_minor") <= high)


class Events(dy.Schema):
    """The journal: append-only; a correction is a new event that names the one it reverses."""

    seq = _int("position in the journal, from 1", min=1)
    batch = _int("import that recorded it", min=1)
    kind = _text("kind of event", regex="^(" + "|".join(EVENT_KINDS) + ")$")
    lot_id = _text("lot it concerns")
    issuer = _text("owner", nullable=True)
    generation = _text("GPU generation", nullable=True)
    units = _int("units concerned", nullable=True)
    cost_minor = _money("cost", nullable=True)
    cost_low_minor = _money("low end of an estimated cost", nullable=True)
    cost_high_minor = _money("high end of an estimated cost", nullable=True)
    residual_minor = _money("residual value", nullable=True)
    currency = _text("ISO 4217 code", nullable=True)
    effective_date = _date("when it took effect")
    location = _text("site", nullable=True)
    document = _text("document reference", nullable=True)
    reason = _text("why, in words", nullable=True)
    reverses = _int("seq of the event it reverses", nullable=True)
    source_row = _int("row in the source file", nullable=True)


class Lots(dy.Schema):
    """Positions: what the events add up to, one row a lot."""

    lot = _int("number of the lot in this answer, from 0")
    lot_id = _text("name of the lot")
    issuer = _text("owner")
    generation = _text("GPU generation")
    units = _int("units held")
    cost_minor = _money("cost")
    cost_low_minor = _money("low end of an estimated cost", nullable=True)
    cost_high_minor = _money("high end of an estimated cost", nullable=True)
    residual_minor = _money("residual value; null leaves it to the book", nullable=True)
    currency = _text("ISO 4217 code")
    purchase_date = _date("date of purchase")
    in_service_date = _date("date placed in service; null while under construction", nullable=True)
    location = _text("site", nullable=True)
    document = _text("document reference", nullable=True)


class Changes(dy.Schema):
    """What befalls a lot after it was placed in service; in order of date, several a lot."""

    lot = _int("number of the lot")
    effective_date = _date("when it took effect")
    kind = _text("kind of change", regex="^(" + "|".join(CHANGE_KINDS) + ")$")
    amount_minor = _money("amount: opening accumulated depreciation, improvement, impairment, reversal", nullable=True)
    life_months = _int("revised useful life from the start, null to keep it", unit="months", nullable=True)
    new_residual_minor = _money("revised residual value, null to keep it", nullable=True)
    part_num = _int("partial disposal: numerator of the part that goes", nullable=True)
    part_den = _int("partial disposal: denominator of the part that goes", nullable=True)


class Calendar(dy.Schema):
    """Fiscal periods (months) of one issuer; `period` counts months from January 1900 = 0."""

    period = dy.Int32(nullable=False, metadata=_doc("months since 1900-01", "number of the period"))
    period_start = _date("first day")
    period_end = _date("last day")
    fiscal_year = dy.Int32(nullable=False, metadata=_doc("year", "fiscal year, named by the year it ends in"))
    fiscal_quarter = dy.Int32(nullable=False, metadata=_doc("1-4", "quarter of the fiscal year"))


class Segments(dy.Schema):
    """What the kernel depreciates: a stretch of one lot's life under one estimate."""

    lot = _int("number of the lot")
    base_minor = _money("amount to depreciate over the segment's curve")
    opening_minor = _money("depreciation accumulated before the segment")
    share_id = dy.Int32(nullable=False, metadata=_doc("id", "row group of the share table"))
    first_period = dy.Int32(nullable=False, metadata=_doc("months since 1900-01", "period of step 0"))
    last_period = dy.Int32(nullable=True, metadata=_doc("months since 1900-01", "last period, null: to the end"))


class Shares(dy.Schema):
    """Curves read at the ticks of a clock: the exact share used up before and after each step."""

    share_id = dy.Int32(nullable=False, metadata=_doc("id", "one curve under one clock"))
    step = dy.Int32(nullable=False, metadata=_doc("periods", "periods since the segment began, from 0"))
    num_before = _int("numerator of the share used up before the step")
    num = _int("numerator of the share used up after the step")
    den = _int("common denominator of the curve", min=1)


class Schedule(dy.Schema):
    """Depreciation of a lot in a period, under one book."""

    lot = _int("number of the lot")
    period = dy.Int32(nullable=False, metadata=_doc("months since 1900-01", "fiscal period"))
    depreciation_minor = _money("depreciation of the period")
    accumulated_minor = _money("accumulated depreciation at the end of the period")


class Rollup(dy.Schema):
    """The schedule summed: one row an issuer, book, bound, generation and fiscal quarter."""

    issuer = _text("owner")
    book = _text("book the figures follow")
    bound = _text("reading of an estimated cost: low, mid or high")
    generation = _text("GPU generation")
    fiscal_year = dy.Int32(nullable=False, metadata=_doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=False, metadata=_doc("1-4", "fiscal quarter"))
    period_end = _date("last day of the quarter")
    units = _int("units in service at the end of the quarter")
    cost_minor = _money("cost in service at the end of the quarter")
    depreciation_minor = _money("depreciation of the quarter")
    accumulated_minor = _money("accumulated depreciation at the end of the quarter")
    carrying_minor = _money("carrying amount at the end of the quarter: cost less accumulated depreciation")


class Statements(dy.Schema):
    """Reported lines of one issuer and fiscal period; null is not sourced, never zero."""

    issuer = _text("ticker")
    period_type = _text("FY or Q", regex="^(FY|Q)$")
    fiscal_year = dy.Int32(nullable=False, metadata=_doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=True, metadata=_doc("1-4", "fiscal quarter; null for a year"))
    period_end = _date("last day")
    currency = _text("ISO 4217 code")
    revenue_minor = _money("revenue", nullable=True)
    operating_income_minor = _money("operating income", nullable=True)
    pretax_income_minor = _money("income before tax", nullable=True)
    income_tax_minor = _money("income tax expense", nullable=True)
    net_income_minor = _money("net income", nullable=True)
    basic_shares = _int("weighted basic shares", unit="shares", nullable=True)
    diluted_shares = _int("weighted diluted shares", unit="shares", nullable=True)
    eps_basic_micro = _per_share("basic earnings per share as printed")
    eps_diluted_micro = _per_share("diluted earnings per share as printed")
    cash_from_operations_minor = _money("cash from operations", nullable=True)
    capex_minor = _money("purchases of property and equipment", nullable=True)
    depreciation_minor = _money("reported depreciation, the line named in depreciation_line", nullable=True)
    depreciation_line = _text("line used: depreciation_of_ppe, else depreciation_and_amortization", nullable=True)


class Restated(dy.Schema):
    """The same facts under two books, subtracted, and carried through the statements."""

    issuer = _text("ticker")
    book = _text("alternative book")
    mode = _text("as_if, prospective or retrospective")
    bound = _text("reading of an estimated cost: low, mid or high")
    period_type = _text("FY or Q")
    fiscal_year = dy.Int32(nullable=False, metadata=_doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=True, metadata=_doc("1-4", "fiscal quarter; null for a year"))
    period_end = _date("last day")
    depreciation_modelled_minor = _money("depreciation of the fleet under the reported book")
    depreciation_alternative_minor = _money("depreciation of the fleet under the alternative book")
    understatement_minor = _money("alternative less modelled: positive when reported depreciation is too low")
    understatement_cumulative_minor = _money("sum of understatement from the first period of the fleet")
    depreciation_reported_minor = _money("depreciation line of the statement", nullable=True)
    depreciation_restated_minor = _money("reported line plus understatement", nullable=True)
    coverage_ppm = _ppm("modelled over reported depreciation: how much of the line the fleet explains")
    operating_income_reported_minor = _money("operating income as reported", nullable=True)
    operating_income_restated_minor = _money("operating income less understatement", nullable=True)
    pretax_income_reported_minor = _money("income before tax as reported", nullable=True)
    pretax_income_restated_minor = _money("income before tax less understatement", nullable=True)
    tax_rate_ppm = _ppm("tax rate applied to the understatement")
    tax_effect_minor = _money("tax on the understatement, rounded half to even: lower tax expense is positive")
    net_income_reported_minor = _money("net income as reported", nullable=True)
    net_income_restated_minor = _money("net income less understatement plus its tax", nullable=True)
    eps_basic_reported_micro = _per_share("basic earnings per share as reported")
    eps_basic_restated_micro = _per_share("basic earnings per share restated")
    eps_diluted_reported_micro = _per_share("diluted earnings per share as reported")
    eps_diluted_restated_micro = _per_share("diluted earnings per share restated; a loss is over basic shares")
    eps_change_micro = _per_share("diluted restated less reported")
    eps_compression_ppm = _ppm("1 - restated / reported diluted; null when reported is not positive")
    capex_minor = _money("capital expenditure", nullable=True)
    cash_from_operations_minor = _money("cash from operations: the same under every book", nullable=True)
    free_cash_flow_minor = _money("cash from operations less capital expenditure", nullable=True)
    cash_gap_reported_minor = _money("capital expenditure less reported depreciation", nullable=True)
    cash_gap_restated_minor = _money("capital expenditure less restated depreciation", nullable=True)


class Books(dy.Schema):
    """Judgements as a table: one row a policy."""

    book = _text("book")
    title = _text("title")
    kind = _text("as reported or scenario")
    issuer = _text("whose book it is; null for a scenario", nullable=True)
    effective = _date("date from which it applies; 1900-01-01 when in force before the first dated change")
    generations = _text("GPU generations it is for; * is all")
    method = _text("method")
    convention = _text("convention")
    life_months = _int("useful life", unit="months")
    residual_rate_ppm = _ppm("residual value / cost")
    source = _text("where it comes from")
    note = _text("what a reader should know", nullable=True)


class Issuers(dy.Schema):
    """Entities with statements."""

    issuer = _text("ticker")
    name = _text("name")
    currency = _text("ISO 4217 code")
    fiscal_year_end_month = _int("last month of the fiscal year", unit="1-12")
    book = _text("book that stands for what it reports")


def describe(schema: type[dy.Schema]) -> dict[str, str]:
    """Column -> "meaning (unit)" of a table, for COMMENT ON and for the documentation."""
    return {name: "{meaning} ({unit})".format(**(column.metadata or {})) for name, column in schema.columns().items()}
