"""Checks of the balances that events make in the reported book: orphaned, negative, left over, cut short."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from depr.balances.flows import event_flows
from depr.books.estimates import Estimates
from depr.checks.examined import ORIGIN, Examined, Reported
from depr.contract.currencies import units
from depr.errors import Finding
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.rounding import multiply_divide

STEPS = ("construction_units", "units", "construction_minor", "cost_minor", "accumulated_minor", "impairment_minor")
CARRYING = (
    pl.col("construction_minor") + pl.col("cost_minor") - pl.col("accumulated_minor") - pl.col("impairment_minor")
)
WORDS = {
    "construction_units": "units under construction",
    "units": "units",
    "construction_minor": "cost under construction",
    "cost_minor": "cost",
    "accumulated_minor": "accumulated depreciation",
    "impairment_minor": "accumulated impairment",
    "carrying_minor": "carrying amount",
}
WORTH = ("impairment", "reversal")


def balances(examined: Examined) -> Iterator[Finding]:
    """Events without an acquisition; balances below zero, or left after disposal; impairments cut to what there was."""
    yield from _orphaned(examined)
    for reported in examined.reported:
        steps = moves(reported.lots, reported.estimates, reported.issuer.calendar)
        yield from _negative(examined, reported, steps)
        yield from _left(examined, reported, steps)
        yield from _limited(examined, reported)


def moves(lots: pl.DataFrame, made: Estimates, calendar: FiscalCalendar) -> pl.DataFrame:
    """What moves the balances of lots: events, and the charge of each segment as one move in its last period.

    Within a segment nothing but accumulated depreciation moves, and that only grows: a balance is at its lowest and
    highest where a segment ends. charge = round_half_even(base x share at the end) - the same at the start.
    """
    steps = made.shares.group_by("share_id").agg(
        step=pl.col("step").max(), den=pl.col("den").first(), begun=pl.col("num_before").sort_by("step").first()
    )
    segments = made.segments.join(steps, on="share_id").with_columns(
        step=pl.min_horizontal("step", pl.col("last_period") - pl.col("first_period")).cast(pl.Int32)
    )
    ended = segments.join(made.shares.select("share_id", "step", "num"), on=["share_id", "step"])
    end, start = (multiply_divide(pl.col("base_minor"), pl.col(share), pl.col("den")) for share in ("num", "begun"))
    charged = ended.select("lot", period=pl.col("first_period") + pl.col("step"), accumulated_minor=end - start)
    return pl.concat([event_flows(lots, made.movements, calendar), charged], how="diagonal").with_columns(
        pl.col(STEPS).fill_null(0)
    )


def _orphaned(examined: Examined) -> Iterator[Finding]:
    priced = examined.events.filter(pl.col("kind") != "unpriced")
    alone = priced.join(examined.lots, on="lot_id", how="anti", maintain_order="left")
    what = pl.format("event {} ({} of {}): lot '{}' has no acquisition", "seq", "kind", "effective_date", "lot_id")
    why = "what it moves is in no balance"
    do = "import the purchase, or take the event back (correction)"
    return examined.found(alone, what, why, do, "orphaned")


def negative(steps: pl.DataFrame) -> pl.DataFrame:
    """The first period in which a balance of a lot is below zero: lot, balance, period, amount."""
    moved = steps.group_by("lot", "period").agg(pl.col(STEPS).sum()).sort("lot", "period")
    running = moved.with_columns(pl.col(STEPS).cum_sum().over("lot")).with_columns(carrying_minor=CARRYING)
    below = running.filter(pl.any_horizontal(pl.col(*WORDS) < 0))
    long = below.unpivot(list(WORDS), index=["lot", "period"], variable_name="balance", value_name="amount")
    return (
        long.filter(pl.col("amount") < 0).sort("period").unique(["lot", "balance"], keep="first").sort("lot", "balance")
    )


def _negative(examined: Examined, reported: Reported, steps: pl.DataFrame) -> Iterator[Finding]:
    named = negative(steps).join(reported.lots, on="lot", maintain_order="left")
    rows = _ended(_worded(named, "amount"), reported)
    what = pl.format("the {} of lot '{}' is {} at {}", _balance(), "lot_id", "amount_words", "period_end")
    do = "correct the events that took more than there was (opening balance, impairment, disposal)"
    return examined.found(rows, what, f"a balance is zero or more (book {reported.book.id})", do, "negative")


def left_over(steps: pl.DataFrame) -> pl.DataFrame:
    """What is left of the balances of lots, all moves added up: lot, balance, amount; nothing where it is zero."""
    sums = steps.group_by("lot").agg(pl.col(STEPS).sum()).sort("lot")
    return sums.unpivot(STEPS, index="lot", variable_name="balance", value_name="amount").filter(pl.col("amount") != 0)


def _left(examined: Examined, reported: Reported, steps: pl.DataFrame) -> Iterator[Finding]:
    gone = examined.holdings.filter(status="disposed").select("lot_id")
    lots = reported.lots.join(gone, on="lot_id", how="semi")
    rest = left_over(steps.join(lots.select("lot"), on="lot", how="semi"))
    rows = _worded(rest.join(lots, on="lot", maintain_order="left"), "amount")
    what = pl.format("lot '{}' was disposed of; left over: {} ({})", "lot_id", "amount_words", _balance())
    why = f"a disposal takes every balance out of the books (book {reported.book.id})"
    return examined.found(rows, what, why, "compare the lot's events; if they are right, report it", "left")


def limited(movements: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Impairments and reversals that moved less than their events `asked` for (lot, kind, period, amount)."""
    keys = ["lot", "kind", "period"]
    moved = movements.group_by(keys).agg(moved=pl.col("impairment_minor").sum().abs())
    both = asked.join(moved, on=keys, how="left", maintain_order="left").with_columns(pl.col("moved").fill_null(0))
    return both.filter(pl.col("moved") < pl.col("amount"))


def _limited(examined: Examined, reported: Reported) -> Iterator[Finding]:
    here = pl.col("book").is_null() | (pl.col("book") == reported.book.id)
    measured = reported.events.filter(pl.col("kind").is_in(WORTH) & here)
    owned = measured.join(reported.lots.select("lot", "lot_id", code="currency"), on="lot_id", maintain_order="left")
    numbered = reported.issuer.calendar.numbered(owned, "effective_date").with_columns(pl.col("period").cast(pl.Int32))
    asked = numbered.group_by("lot", "kind", "period", maintain_order=True).agg(
        pl.col("lot_id", "effective_date", "seq", *ORIGIN).first(),
        currency=pl.col("code").first(),
        amount=pl.col("amount_minor").sum(),
    )
    rows = _worded(_worded(limited(reported.estimates.movements, asked), "amount"), "moved")
    what = pl.format(
        "event {} ({} of lot '{}' on {}) is {}, and {} was recognised",
        *("seq", "kind", "lot_id", "effective_date", "amount_words", "moved_words"),
    )
    why = f"no more than is carried is impaired, no more than was impaired is reversed (book {reported.book.id})"
    do = "correct the amount, or name the book that it is meant for"
    return examined.found(rows, what, why, do, "limited")


def _balance() -> pl.Expr:
    return pl.col("balance").replace_strict(WORDS, return_dtype=pl.String)


def _worded(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Amounts in words for the few rows of a finding: units as they are, money as a decimal with its currency."""
    units = [b.endswith("units") for b in rows["balance"]] if "balance" in rows.columns else [False] * len(rows)
    cells = zip(rows[name], rows["currency"], units, strict=True)
    said = [str(amount) if plain else f"{_decimal(amount, code)} {code}" for amount, code, plain in cells]
    return rows.with_columns(pl.Series(f"{name}_words", said, dtype=pl.String))


def _decimal(minor: int, currency: str) -> Decimal:
    return units(minor, currency)


def _ended(rows: pl.DataFrame, reported: Reported) -> pl.DataFrame:
    """With the last day of the period."""
    calendar = reported.issuer.calendar
    days = {period: calendar.last_day(period) for period in rows["period"].unique()}
    return rows.with_columns(period_end=pl.col("period").replace_strict(days, return_dtype=pl.Date))
