"""ARITHMETIC: what the kernel depreciates, and what comes of it."""

from __future__ import annotations

import dataframely as dy

from depr.contract.columns import day, doc, integer, money, text
from depr.contract.facts import CHANGE_KINDS

BOUNDS = ("low", "mid", "high")
"""The three readings of an estimated purchase: 5th percentile, median, 95th percentile of units times price range."""


class Calendar(dy.Schema):
    """Fiscal periods (months) of one issuer; `period` counts months from January 1900 = 0."""

    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "number of the period"))
    period_start = day("first day")
    period_end = day("last day")
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year, named by the year it ends in"))
    fiscal_quarter = dy.Int32(nullable=False, metadata=doc("1-4", "quarter of the fiscal year"))


class Segments(dy.Schema):
    """What the kernel depreciates: a stretch of one lot's life under one estimate."""

    lot = integer("number of the lot")
    base_minor = money("amount to depreciate over the segment's curve")
    opening_minor = money("depreciation accumulated before the segment")
    share_id = dy.Int32(nullable=False, metadata=doc("id", "row group of the share table"))
    first_period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "period of step 0"))
    last_period = dy.Int32(nullable=True, metadata=doc("months since 1900-01", "last period, null: to the end"))


class Shares(dy.Schema):
    """Curves read at the ticks of a clock: the exact share used up before and after each step."""

    share_id = dy.Int32(nullable=False, metadata=doc("id", "one curve under one clock"))
    step = dy.Int32(nullable=False, metadata=doc("periods", "periods since the segment began, from 0"))
    num_before = integer("numerator of the share used up before the step")
    num = integer("numerator of the share used up after the step")
    den = integer("common denominator of the curve", min=1)


class Schedule(dy.Schema):
    """Depreciation of a lot in a period, under one book."""

    lot = integer("number of the lot")
    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "fiscal period"))
    depreciation_minor = money("depreciation of the period")
    accumulated_minor = money("accumulated depreciation at the end of the period")


class Movements(dy.Schema):
    """What a change does to the balances of a lot, under one book: signed amounts."""

    lot = integer("number of the lot")
    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "fiscal period in which it counts"))
    kind = text("kind of change", regex="^(" + "|".join(CHANGE_KINDS) + ")$")
    units = integer("units gained or lost")
    cost_minor = money("change of cost")
    accumulated_minor = money("change of accumulated depreciation, other than the charge of a period")
    impairment_minor = money("change of accumulated impairment")
    proceeds_minor = money("proceeds of a disposal; in no balance")


FLOW_KINDS = (
    "acquisition",
    "placed_in_service",
    "opening",
    "improvement",
    "impairment",
    "reversal",
    "depreciation",
    "partial_disposal",
    "disposal",
)


class Flows(dy.Schema):
    """Everything that moves the balances of a lot, under one book; the sum up to a period is the balance at its end."""

    lot = integer("number of the lot")
    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "fiscal period"))
    kind = text("what moved it", regex="^(" + "|".join(FLOW_KINDS) + ")$")
    construction_units = integer("units under construction")
    units = integer("units in service")
    construction_minor = money("cost under construction")
    cost_minor = money("cost in service")
    accumulated_minor = money("accumulated depreciation: depreciation adds to it")
    impairment_minor = money("accumulated impairment")
    proceeds_minor = money("proceeds of a disposal; in no balance")


MOVEMENTS = ("opening_balance", *FLOW_KINDS[:3], "transfer", *FLOW_KINDS[3:], "closing_balance")
"""The rows of a roll-forward, in the order in which they are read."""


class RollForward(dy.Schema):
    """From opening to closing balances: the rows of a period foot, carrying amounts cross-foot."""

    issuer = text("owner")
    book = text("book the figures follow")
    currency = text("ISO 4217 code")
    generation = text("GPU generation; null when all are together", nullable=True)
    location = text("site; null when all are together, or not known", nullable=True)
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=True, metadata=doc("1-4", "fiscal quarter; null for a year"))
    period_end = day("last day")
    movement = text("opening_balance, what moved it, or closing_balance", regex="^(" + "|".join(MOVEMENTS) + ")$")
    construction_units = integer("units under construction")
    units = integer("units in service")
    construction_minor = money("cost under construction")
    cost_minor = money("cost in service")
    accumulated_minor = money("accumulated depreciation")
    impairment_minor = money("accumulated impairment")
    carrying_minor = money("construction + cost - accumulated - impairment")
    proceeds_minor = money("proceeds of disposals; in no balance")


class Rollup(dy.Schema):
    """The schedule summed: one row an issuer, book, bound, generation and fiscal quarter."""

    issuer = text("owner")
    book = text("book the figures follow")
    bound = text("reading of an estimated cost: low, mid or high")
    generation = text("GPU generation")
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=False, metadata=doc("1-4", "fiscal quarter"))
    period_end = day("last day of the quarter")
    units = integer("units in service at the end of the quarter")
    cost_minor = money("cost in service at the end of the quarter")
    depreciation_minor = money("depreciation of the quarter")
    accumulated_minor = money("accumulated depreciation at the end of the quarter")
    impairment_minor = money("accumulated impairment at the end of the quarter")
    carrying_minor = money("carrying amount at the end of the quarter: cost less accumulated depreciation, impairment")
