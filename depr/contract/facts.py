"""FACTS: what files say, what the journal keeps, and what it adds up to."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.contract.columns import day, integer, money, text

EVENT_KINDS = (
    "unpriced",
    "acquisition",
    "placed_in_service",
    "opening",
    "improvement",
    "transfer",
    "impairment",
    "reversal",
    "estimate",
    "held_for_sale",
    "back_in_use",
    "partial_disposal",
    "disposal",
    "correction",
    "period_closed",
    "period_reopened",
    "adopted",
    "posted",
)
"""What the journal records, in the order in which events of one day happen.

`unpriced` says that units are owned whose cost is not known: they are in no figure of money, and coverage counts them.
`reversal` takes back an impairment (IFRS only); `correction` takes back a wrong event, which it names; `adopted` says
that the company keeps a judgement from then on: a book, its own entry as an issuer, a chart of accounts; `posted` that
the entries of a period went into the general ledger.
"""

CONTROL_KINDS = ("correction", "period_closed", "period_reopened", "adopted", "posted")
"""Kinds of events that concern other events, periods or judgements, not lots."""

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


class Purchases(dy.Schema):
    """Purchases as read from a file, parsed strictly: one row a lot."""

    lot_id = text("name of the lot, unique in the ledger", min_length=1)
    issuer = text("who owns it (ticker or entity code)", min_length=1)
    generation = text("GPU generation, a key of schedules/generations.toml", min_length=1)
    units = integer("GPUs bought", min=1)
    cost_minor = money("cost of the whole lot", min=0)
    cost_low_minor = money("low end of an estimated cost; null when the cost is known", nullable=True, min=0)
    cost_high_minor = money("high end of an estimated cost; null when the cost is known", nullable=True, min=0)
    residual_minor = money("residual value of the lot; null leaves it to the book", nullable=True, min=0)
    currency = text("ISO 4217 code", regex="^[A-Z]{3}$")
    purchase_date = day("date of purchase")
    in_service_date = day("date placed in service; null while under construction", nullable=True)
    life_months = integer(
        "useful life of its own from the day of service; null leaves it to the book",
        unit="months",
        nullable=True,
        min=1,
    )
    location = text("site", nullable=True)
    serial = text("serial number", nullable=True)
    document = text("document reference: invoice, filing, dataset", nullable=True)
    accumulated_minor = money("accumulated depreciation at accumulated_date", nullable=True, min=0)
    accumulated_date = day("day after which the ledger depreciates the lot by itself", nullable=True)
    reason = text("how a derived cost came: units x unit price x multiplier, and from which row", nullable=True)
    source_row = integer("row in the source file; the header is row 1", min=2)

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


class Entries(dy.Schema):
    """What a file says happened: one row an event, before the journal numbers it."""

    kind = text("kind of event", regex="^(" + "|".join(EVENT_KINDS) + ")$")
    lot_id = text("lot it concerns; null where it concerns a period", nullable=True)
    effective_date = day("when it took effect; the last day of a period closed, the first of one reopened")
    issuer = text("owner: of an acquisition, of units without a cost, or of a period", nullable=True)
    generation = text("GPU generation: of an acquisition, or of units without a cost", nullable=True)
    units = integer(
        "units: acquired, without a cost, or disposed of in part; number of a posting", nullable=True, min=1
    )
    cost_minor = money("cost: of an acquisition", nullable=True, min=0)
    cost_low_minor = money("low end of an estimated cost", nullable=True, min=0)
    cost_high_minor = money("high end of an estimated cost", nullable=True, min=0)
    residual_minor = money("residual value: of an acquisition or a new estimate", nullable=True, min=0)
    amount_minor = money(
        "accumulated depreciation (opening), cost (improvement), loss (impairment, reversal), proceeds (disposals)",
        nullable=True,
        min=0,
    )
    currency = text("ISO 4217 code of the amounts", nullable=True)
    life_months = integer("new useful life from the start: of an estimate", unit="months", nullable=True, min=1)
    book = text("book it counts in; null for every book that it can concern", nullable=True)
    location = text("site: of an acquisition or a transfer", nullable=True)
    serial = text(
        "serial number: of an acquisition; SHA-256: of a judgement that is adopted, of entries that are posted",
        nullable=True,
    )
    document = text("document reference", nullable=True)
    reason = text("why, in words", nullable=True)
    reverses = integer("seq of the event that a correction takes back", nullable=True)
    source_row = integer("row in the source file", nullable=True)


class Events(Entries):
    """The journal: append-only; a correction is a new event that names the one it takes back."""

    seq = integer("position in the journal, from 1", min=1)
    batch = integer("import that recorded it", min=1)


class Lots(dy.Schema):
    """What was acquired, one row a lot; what has befallen it since is in Changes, what is left of it in Holdings."""

    lot = integer("number of the lot in this answer, from 0")
    lot_id = text("name of the lot")
    issuer = text("owner")
    generation = text("GPU generation")
    units = integer("units acquired")
    cost_minor = money("cost")
    cost_low_minor = money("low end of an estimated cost", nullable=True)
    cost_high_minor = money("high end of an estimated cost", nullable=True)
    residual_minor = money("residual value; null leaves it to the book", nullable=True)
    currency = text("ISO 4217 code")
    purchase_date = day("date of purchase")
    in_service_date = day("date placed in service; null while under construction", nullable=True)
    location = text("site", nullable=True)
    document = text("document reference", nullable=True)


STATUSES = ("under_construction", "in_service", "held_for_sale", "disposed")


class Holdings(dy.Schema):
    """What is held of each lot on a date."""

    lot_id = text("name of the lot")
    issuer = text("owner")
    generation = text("GPU generation")
    status = text("under_construction, in_service, held_for_sale or disposed", regex="^(" + "|".join(STATUSES) + ")$")
    units = integer("units held; 0 when disposed of", min=0)
    location = text("site, after transfers", nullable=True)
    in_service_date = day("date placed in service; null while under construction", nullable=True)
    disposal_date = day("date of disposal; null while any is held", nullable=True)


class Changes(dy.Schema):
    """What befalls a lot after it was placed in service; in order of date, several a lot."""

    lot = integer("number of the lot")
    effective_date = day("when it took effect")
    kind = text("kind of change", regex="^(" + "|".join(CHANGE_KINDS) + ")$")
    amount_minor = money("amount: opening accumulated depreciation, improvement, impairment, reversal", nullable=True)
    life_months = integer("revised useful life from the start, null to keep it", unit="months", nullable=True)
    new_residual_minor = money("revised residual value, null to keep it", nullable=True)
    part_num = integer("partial disposal: numerator of the part that goes", nullable=True)
    part_den = integer("partial disposal: denominator of the part that goes", nullable=True)
    recoverable_minor = money(
        "carrying amount that an impairment or reversal leads to, if not by its amount", nullable=True
    )
