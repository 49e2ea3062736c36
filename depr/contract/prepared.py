"""PREPARED: what the macros of a ledger read, so that SQL does the rest (depr/sql/prepared/tables.py)."""

from __future__ import annotations

import dataframely as dy

from depr.contract.columns import day, doc, integer, money, text, yes_or_no


class Alternatives(dy.Schema):
    """The books that the macros know, by name, and plain ones by life, method and convention."""

    book = text("name of the book")
    title = text("title")
    kind = text("as reported or scenario")
    life_months = integer(
        "useful life of a plain book; null where it has several policies", unit="months", nullable=True
    )
    method = text("method of a plain book", nullable=True)
    convention = text("convention of a plain book", nullable=True)
    alternative = text("the book that applies from a date of change on; null where no date makes it", nullable=True)
    mode = text("the mode that makes it of what is reported and the alternative; null likewise", nullable=True)
    change_date = day("date of the change; null likewise", nullable=True)
    own = yes_or_no("whether it is for the issuers alone who report under it")
    one_by_one = yes_or_no("whether every lot was estimated one by one (segments)")


class Fleets(dy.Schema):
    """Who owns lots, in whose calendar, and the book that stands for what is reported."""

    issuer = text("owner")
    calendar = integer("number of the fiscal calendar", unit="number")
    book = text("book that stands for what it reports; null where there is none", nullable=True)


class Periods(dy.Schema):
    """Fiscal months of each calendar."""

    calendar = integer("number of the fiscal calendar", unit="number")
    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "number of the fiscal month"))
    period_start = day("first day")
    period_end = day("last day")
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year, named by the year it ends in"))
    fiscal_quarter = dy.Int32(nullable=False, metadata=doc("1-4", "quarter of the fiscal year"))
    fiscal_month = dy.Int32(nullable=False, metadata=doc("1-12", "month of the fiscal year"))


class Acquired(dy.Schema):
    """Every lot as it was acquired: what the macros depreciate."""

    lot = integer("number of the lot, for this preparation")
    lot_id = text("name of the lot")
    issuer = text("owner")
    generation = text("GPU generation")
    currency = text("ISO 4217 code")
    units = integer("units acquired", unit="units")
    purchase_date = day("date of purchase")
    in_service_date = day("date placed in service; null while under construction", nullable=True)
    purchase_period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "fiscal month of the purchase"))
    service_period = dy.Int32(nullable=True, metadata=doc("months since 1900-01", "fiscal month placed in service"))
    cost_minor = money("cost")
    cost_low_minor = money("low end of an estimated cost; null when the cost is known", nullable=True)
    cost_high_minor = money("high end of an estimated cost; null when the cost is known", nullable=True)
    residual_minor = money("residual value; null leaves it to the book", nullable=True)
    changed = yes_or_no("whether anything befell it that a book has to estimate anew")


class Tracks(dy.Schema):
    """The policies that a book has for a generation, as a number."""

    book = text("name of the book")
    generation = text("GPU generation")
    track = integer("number of the policies, in the order of their dates", unit="number")


class Starts(dy.Schema):
    """How a lot that nothing befalls is charged: a stage for each policy that meets it."""

    track = integer("number of the policies", unit="number")
    calendar = integer("number of the fiscal calendar", unit="number")
    in_service_date = day("date placed in service")
    stage = integer("number of the stage, from 0", unit="number")
    share_id = dy.Int32(nullable=True, metadata=doc("id", "its curve under its clock (shares); null charges nothing"))
    first_period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "period of step 0"))
    last_period = dy.Int32(nullable=True, metadata=doc("months since 1900-01", "last period, null: to the end"))
    used_num = integer("numerator of the share of the base charged when it ends")
    used_den = integer("denominator of it", min=1)
    rate_num = integer("numerator of the residual rate")
    rate_den = integer("denominator of it", min=1)


class SingleSegments(dy.Schema):
    """Segments of a lot that something befell, as far as they were known on a date: contract.Segments by name."""

    book = text("name of the book")
    bound = text("reading of an estimated cost: low, mid or high; mid of a known one")
    lot = integer("number of the lot (acquired)")
    known_from = day("the first date on which it was so")
    known_until = day("the first date on which it was so no more")
    base_minor = money("amount to depreciate over the segment's curve")
    opening_minor = money("depreciation accumulated before the segment")
    share_id = dy.Int32(nullable=False, metadata=doc("id", "its curve under its clock (shares)"))
    first_period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "period of step 0"))
    last_period = dy.Int32(nullable=True, metadata=doc("months since 1900-01", "last period, null: to the end"))


class Moved(dy.Schema):
    """What a change did to the balances of a lot, as far as it was known on a date: contract.Movements by name."""

    book = text("name of the book")
    bound = text("reading of an estimated cost: low, mid or high; mid of a known one")
    lot = integer("number of the lot (acquired)")
    known_from = day("the first date on which it was so")
    known_until = day("the first date on which it was so no more")
    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "fiscal period in which it counts"))
    kind = text("kind of change")
    units = integer("units gained or lost", unit="units")
    cost_minor = money("change of cost")
    accumulated_minor = money("change of accumulated depreciation, other than the charge of a period")
    impairment_minor = money("change of accumulated impairment")
    proceeds_minor = money("proceeds of a disposal; in no balance")


class Modes(dy.Schema):
    """How a change of judgement is carried into the past (depr/books/modes.py)."""

    mode = text("name of the mode")
    called = text("what a restatement in this mode may be called")
    dated = yes_or_no("whether it needs a date of the change")
    word = text("word in the name that such a book is given: BOOK-word-date; blank without a date")


class TaxRates(dy.Schema):
    """Tax rates of an issuer on a change in depreciation: the exact rate is num / den."""

    issuer = text("ticker")
    kind = text("what is asked for: default, statutory, marginal as disclosed with a change, or allowance")
    rate_kind = text("what kind of rate that is: the default is one of the others")
    applies_from = day("first day; the first rate of a kind applies to what came before it too")
    applies_until = day("first day on which it applies no more")
    rate_num = integer("numerator of the rate")
    rate_den = integer("denominator of it", min=1)
    source = text("where the rate is said")


class FunctionSplits(dy.Schema):
    """How depreciation of an issuer is spread over the functions of its income statement, as a running sum."""

    issuer = text("ticker")
    applies_from = day("first day; the first split applies to what came before it too")
    applies_until = day("first day on which it applies no more")
    first_num = integer("numerator of the share in cost of revenue")
    first_den = integer("denominator of it", min=1)
    both_num = integer("numerator of the share in cost of revenue and in research and development together")
    both_den = integer("denominator of it; the rest is selling, general and administrative", min=1)
    assumption = yes_or_no("whether no filing says so, and it is assumed")
    source = text("where the split is said, or why it is assumed")


class Checks(dy.Schema):
    """What the named checks of the ledger found when the macros were prepared."""

    name = text("name of the check: depr check --list")
    meaning = text("what is so where it passes")
    passed = yes_or_no("whether nothing was found")
    findings = integer("findings")
    first_finding = text("the first of them, in words", nullable=True)
