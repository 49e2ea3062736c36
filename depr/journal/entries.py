"""Flows -> journal entries: numbered without a gap in each issuer and period, each balanced to the minor unit.

A flow debits what it adds to cost, construction and proceeds and credits what it adds to accumulated depreciation and
impairment; what is left over goes to the counter account that its kind names. So the postings to an account add up to
the flows, and no entry can be out of balance.
"""

from __future__ import annotations

import re

import dataframely as dy
import polars as pl

from depr.books.book import Book
from depr.books.chart import ROLES, Chart
from depr.contract import FLOW_KINDS
from depr.contract.columns import day, doc, integer, money, text
from depr.errors import Finding, Refused, refuse
from depr.journal.notes import notes
from depr.kernel.calendar import EPOCH_YEAR, PERIODS, FiscalCalendar

NARRATIONS = {
    "acquisition": "Acquisition",
    "placed_in_service": "Placed in service",
    "opening": "Depreciation booked elsewhere",
    "improvement": "Improvement",
    "impairment": "Impairment loss",
    "reversal": "Reversal of an impairment loss",
    "depreciation": "Depreciation",
    "partial_disposal": "Disposal of a part",
    "disposal": "Disposal",
    "estimate": "Change in estimate, prospective, nothing to post",
}
KINDS = (*FLOW_KINDS, "estimate")
"""Kinds of entries, in the order of their numbers within a period."""

BALANCES = {
    "construction_in_progress": ("construction_minor", 1),
    "gpu_equipment": ("cost_minor", 1),
    "accumulated_depreciation": ("accumulated_minor", -1),
    "accumulated_impairment": ("impairment_minor", -1),
    "disposal_proceeds": ("proceeds_minor", 1),
}
"""The balance that each amount of a flow goes to: 1 debits it, -1 credits it."""

COUNTERS = {
    "acquisition": "acquisition_clearing",
    "opening": "opening_equity",
    "improvement": "acquisition_clearing",
    "impairment": "impairment_loss",
    "reversal": "impairment_reversal",
    "depreciation": "depreciation_expense",
}
"""Where the other side of a flow goes, by its kind; of a disposal its sign says so, a move into service has none."""

DISPOSALS = ("partial_disposal", "disposal")
KEYS = ("issuer", "period", "kind", "generation", "currency", "lot_id")
LARGEST = 2**63 - 1
DIGITS = 4
"""Of a running number; it has more when a period has more entries."""


class JournalLines(dy.Schema):
    """The journal: one row a posting, or a memorandum without account and amounts."""

    entry = text("number of the entry: issuer, period, running number from 0001")
    line = integer("number of the row in its entry, from 1", min=1)
    date = day("last day of the period")
    issuer = text("owner")
    period = dy.Int32(nullable=False, metadata=doc("months since 1900-01", "fiscal period"))
    kind = text("what is booked: a kind of flow, or estimate", regex="^(" + "|".join(KINDS) + ")$")
    generation = text("GPU generation")
    lot_id = text("name of the lot where each lot has entries of its own, else null", nullable=True)
    role = text("what the amount is, as in the chart of accounts; null in a memorandum", nullable=True)
    account = text("account; null in a memorandum", nullable=True)
    debit_minor = money("debit", min=0)
    credit_minor = money("credit", min=0)
    currency = text("ISO 4217 code")
    narration = text("what it is for, in words")
    lots = integer("lots in the entry", min=1)
    book = text("book that the amounts follow")

    @dy.rule()
    def one_side(cls) -> pl.Expr:  # noqa: N805 (dataframely passes the class)
        debit = pl.col("debit_minor") > 0
        credit = pl.col("credit_minor") > 0
        return pl.when(pl.col("account").is_null()).then(~debit & ~credit).otherwise(debit ^ credit)

    @dy.rule()
    def balanced(cls) -> pl.Expr:  # noqa: N805
        signed = pl.col("debit_minor").cast(pl.Int128) - pl.col("credit_minor")
        return signed.sum().over("entry", "currency") == 0


def journal(
    flows: pl.DataFrame | pl.LazyFrame,
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    chart: Chart,
    *,
    changes: pl.DataFrame | None = None,
    periods: tuple[int, int] | None = None,
    per_lot: bool = False,
) -> dy.DataFrame[JournalLines]:
    """The entries of lots (contract.Lots) whose balances move as in `flows` (contract.Flows: all, from the first on).

    One entry for each issuer, period, kind, generation and currency, and for each lot when `per_lot`. `periods` are
    the first and the last period wanted; numbers begin anew in each period, so the choice does not move them. Gain or
    loss on disposal = proceeds - (cost - accumulated depreciation - impairment) that goes, flow by flow: gains are
    not netted with losses. A lot that arrives with an opening is acquired against opening equity. Changes in estimate,
    of lots (`changes`, contract.Changes) and of the book, are memoranda. Amounts in minor units. Raises `Refused` when
    a flow has no lot or cannot balance. Sources: IAS 16.48, 16.68, 16.71; ASC 360-10-40-5; ASC 250-10-45-17.
    """
    every = flows.lazy()
    events = every.filter(pl.col("kind") != "depreciation").collect()
    arrived = events.filter(kind="opening").select("lot").unique().with_columns(arrived=True)
    shown = pl.col("lot_id") if per_lot else pl.lit(None, pl.String)
    named = lots.with_columns(shown=shown).join(arrived, on="lot", how="left")
    within = pl.lit(True) if periods is None else pl.col("period").is_between(*periods)
    posted = _posted(every.filter(within), named)
    noted = notes(named, events, book, changes, calendar).filter(within).with_columns(kind=pl.lit("estimate"))
    rows = pl.concat([posted, noted], how="diagonal")
    if rows.is_empty():
        return JournalLines.create_empty()
    described = _described(_numbered(rows), chart, book, calendar)
    return JournalLines.validate(described.select(JournalLines.column_names()))


def _posted(flows: pl.LazyFrame, lots: pl.DataFrame) -> pl.DataFrame:
    """One row an entry and role: `amount` (128 bits, a credit is negative) and the number of lots of the entry."""
    names = lots.lazy().select("lot", "issuer", "generation", "currency", "arrived", lot_id="shown")
    moved = flows.join(names, on="lot", how="left").with_columns(counter=_counter())
    sides, counts = pl.collect_all(
        [
            moved.group_by(*KEYS, "counter").agg(_debit(role).sum().alias(role) for role in BALANCES),
            moved.group_by(*KEYS).agg(lots=pl.col("lot").n_unique().cast(pl.Int64), lot=pl.col("lot").min()),
        ]
    )
    _check(sides, counts)
    rest = pl.sum_horizontal(*BALANCES) * -1
    parts = [sides.select(*KEYS, role=pl.lit(role), amount=role) for role in BALANCES]
    parts.append(sides.select(*KEYS, role="counter", amount=rest))
    amounts = pl.concat(parts).group_by(*KEYS, "role").agg(pl.col("amount").sum()).filter(pl.col("amount") != 0)
    if not amounts["amount"].is_between(-LARGEST, LARGEST).all():
        raise refuse(
            "flows", "an amount leaves 64 bits", "it would not be exact", "split the lots, or book them one by one"
        )
    return amounts.join(counts.drop("lot"), on=KEYS, nulls_equal=True)


def _debit(role: str) -> pl.Expr:
    name, sign = BALANCES[role]
    return pl.col(name).cast(pl.Int128) * sign


def _counter() -> pl.Expr:
    """The role of the other side of a flow; null where there is none."""
    gained = pl.sum_horizontal(_debit(role) for role in BALANCES) > 0
    disposed = pl.when(gained).then(pl.lit("gain_on_disposal")).otherwise(pl.lit("loss_on_disposal"))
    return (
        pl.when((pl.col("kind") == "acquisition") & pl.col("arrived"))
        .then(pl.lit("opening_equity"))
        .when(pl.col("kind").is_in(DISPOSALS))
        .then(disposed)
        .otherwise(pl.col("kind").replace_strict(COUNTERS, default=None, return_dtype=pl.String))
    )


def _check(sides: pl.DataFrame, counts: pl.DataFrame) -> None:
    """Every flow has a lot, and what has no counter account balances by itself."""
    found = [
        Finding("flows", 0, f"lot {lot} is not among the lots", "its issuer is not known", "give every lot")
        for lot in counts.filter(pl.col("issuer").is_null())["lot"]
    ]
    loose = sides.filter(pl.col("counter").is_null() & (pl.sum_horizontal(*BALANCES) != 0))
    why = "what leaves construction is what enters service"
    found += [
        Finding("flows", 0, f"{kind} of {generation} does not balance", why, "correct the flow")
        for kind, generation in loose.select("kind", "generation").iter_rows()
    ]
    if found:
        raise Refused(found)


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the running number of their entry within issuer and period, and their own within the entry."""
    keys = [*KEYS, "detail"]
    order = pl.Enum(KINDS)
    named = rows.with_columns(kind=pl.col("kind").cast(order))
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("issuer", "period")
    entries = named.select(keys).unique().sort(keys).with_columns(number=number)
    lines = named.join(entries, on=keys, nulls_equal=True).with_columns(pl.col("role").cast(pl.Enum(ROLES)))
    ordered = lines.sort("issuer", "period", "number", pl.col("amount") < 0, "role", nulls_last=True)
    line = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("issuer", "period", "number")
    return ordered.with_columns(pl.col("kind", "role").cast(pl.String), line=line)


def _described(rows: pl.DataFrame, chart: Chart, book: Book, calendar: FiscalCalendar) -> pl.DataFrame:
    """Numbers, dates, accounts, sides and words."""
    number = pl.col("number").cast(pl.String).str.zfill(DIGITS)
    phrase = pl.col("kind").replace_strict(NARRATIONS, return_dtype=pl.String)
    some = pl.when(pl.col("lots") == 1).then(pl.lit("1 lot")).otherwise(pl.format("{} lots", "lots"))
    of = pl.when(pl.col("lot_id").is_null()).then(some).otherwise(pl.format("lot {}", "lot_id"))
    detail = pl.when(pl.col("detail").is_null()).then(pl.lit("")).otherwise(pl.format(", {}", "detail"))
    amount = pl.col("amount").fill_null(0)
    return rows.join(_accounts(rows, chart), on=["role", "issuer", "generation"], how="left").with_columns(
        entry=pl.format("{}-{}-{}", "issuer", label(), number),
        date=dates(rows["period"], calendar),
        debit_minor=amount.clip(lower_bound=0).cast(pl.Int64),
        credit_minor=(amount * -1).clip(lower_bound=0).cast(pl.Int64),
        narration=pl.format("{} {}: {}, {}{}, book {}", phrase, label(), "generation", of, detail, pl.lit(book.id)),
        book=pl.lit(book.id),
    )


def label(period: str = "period") -> pl.Expr:
    """A column of periods as YYYY-MM, as `window` reads them."""
    year = EPOCH_YEAR + pl.col(period) // PERIODS
    month = pl.col(period) % PERIODS + 1
    return pl.format("{}-{}", year, month.cast(pl.String).str.zfill(2))


def dates(periods: pl.Series, calendar: FiscalCalendar) -> pl.Expr:
    """The last day of each period."""
    days = {period: calendar.last_day(period) for period in periods.unique()}
    return pl.col("period").replace_strict(days, return_dtype=pl.Date)


def _accounts(rows: pl.DataFrame, chart: Chart) -> pl.DataFrame:
    used = rows.select("role", "issuer", "generation").drop_nulls().unique()
    return used.with_columns(pl.Series("account", [chart.name(*row) for row in used.iter_rows()], dtype=pl.String))


def month_of(period: int) -> str:
    """The number of a period as YYYY-MM."""
    return f"{EPOCH_YEAR + period // PERIODS}-{period % PERIODS + 1:02d}"


def period_named(month: str) -> int:
    """The number of a period that is written YYYY-MM."""
    year, _, number = month.partition("-")
    return (int(year) - EPOCH_YEAR) * PERIODS + int(number) - 1


PERIOD = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


def window(given: str, calendar: FiscalCalendar) -> tuple[int, int]:
    """First and last period of 2025 (fiscal year), 2025-Q1 (fiscal quarter) or 2025-03. Raises `Refused`.

    2025-03 is March 2025; in a calendar of weeks, the third period of fiscal 2025.
    """
    found = PERIOD.fullmatch(given)
    if found is None:
        raise refuse("period", f"{given[:40]!r} is not a period", do="write 2025, 2025-Q1 or 2025-03")
    year, quarter, month = found.groups()
    if month:
        return period_named(given), period_named(given)
    begin = calendar.year_start((int(year) - EPOCH_YEAR) * PERIODS)
    return (begin + 3 * int(quarter) - 3, begin + 3 * int(quarter) - 1) if quarter else (begin, begin + PERIODS - 1)
