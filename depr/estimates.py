"""(lots, book) -> estimates: the segments of each lot under the policies of a book and the changes that befall it.

Lots that share generation, date of service and the dates and kinds of their changes form a cohort; policies are
walked once a cohort (depr/stages.py), amounts once a stage, for all lots at a time.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

import dataframely as dy
import polars as pl

from depr.book import LONGEST_LIFE_MONTHS, Book
from depr.errors import Finding, Refused, refuse, unknown
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar
from depr.kernel.rounding import multiply_divide
from depr.kernel.shares import DEN_LIMIT, ShareTable
from depr.schemas import Changes, Movements, Segments, Shares
from depr.stages import Change, Stage, stages


class Estimates(NamedTuple):
    """What a book makes of lots: segments to depreciate, the shares they refer to, and what each change moves."""

    segments: dy.DataFrame[Segments]
    shares: dy.DataFrame[Shares]
    movements: dy.DataFrame[Movements]


def estimates(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    changes: pl.DataFrame | None = None,
    trace: list[pl.DataFrame] | None = None,
) -> Estimates:
    """Lots in service (schemas.Lots), a book and changes (schemas.Changes) -> segments, their shares, movements.

    base = cost - impairment - residual value - opening accumulated depreciation, never below zero, in minor units;
    the residual value is the lot's own, else residual_rate x cost rounded half to even. A partial disposal takes its
    share of every balance, rounded half to even; an impairment takes no more than is carried, a reversal no more than
    was impaired. Lots still under construction have no segment. A `trace` gets every stage of every lot: its balances
    (BALANCES) after the change that begins it, `kept_minor` of residual value and `used_minor` charged. Raises
    `Refused` when a generation has no policy in the book, a date is not in the calendar, or a change is impossible.
    """
    table = ShareTable()
    served = _keyed(lots.filter(pl.col("in_service_date").is_not_null()), book, changes)
    _check_dates(served)
    _check_changes(served, _numbered(changes))
    cohorts = served.select(COHORT).unique().sort(pl.all()).with_row_index("cohort").cast({"cohort": pl.Int64})
    for generation in served["generation"].unique():
        if not book.track(generation):
            raise unknown("generation", generation, {g for p in book.policy for g in p.generations}, f"book {book.id}")
    plan = [
        {"cohort": cohort, "stage": number, **_row(stage)}
        for cohort, generation, day, ratio, story in cohorts.iter_rows()
        for number, stage in enumerate(
            stages(book.track(generation), day, _fraction(ratio), calendar, table, _changes(story))
        )
    ]
    numbered = served.join(cohorts, on=COHORT, nulls_equal=True)
    planned, movements = _walked(numbered, pl.DataFrame(plan, schema=PLAN), _numbered(changes), trace)
    segments, shares = table.frames(planned)
    return Estimates(Segments.validate(segments.select(Segments.column_names())), shares, movements)


COHORT = ("generation", "in_service_date", "ratio", "story")
PLAN = {
    "cohort": pl.Int64,
    "stage": pl.Int64,
    "share_id": pl.Int32,
    "first_period": pl.Int32,
    "last_period": pl.Int32,
    "used_num": pl.Int64,
    "used_den": pl.Int64,
    "used_wide": pl.String,
    "rate_num": pl.Int64,
    "rate_den": pl.Int64,
    "kind": pl.String,
    "number": pl.Int64,
    "moved": pl.Int32,
    "effective": pl.Date,
    "gone": pl.String,
    "life": pl.String,
}


def _row(stage: Stage) -> dict[str, int | str | date | None]:
    rate, wide = stage.policy.residual_rate, stage.used.denominator > DEN_LIMIT
    if rate.denominator > DEN_LIMIT:
        raise refuse("residual_rate", str(rate), "its decimals leave 62 bits", "give at most 18 decimals")
    return {
        "share_id": stage.share_id,
        "first_period": stage.first_period,
        "last_period": stage.last_period,
        "used_num": None if wide else stage.used.numerator,
        "used_den": None if wide else stage.used.denominator,
        "used_wide": str(stage.used) if wide else None,
        "rate_num": rate.numerator,
        "rate_den": rate.denominator,
        "kind": stage.change.kind if stage.change else "",
        "number": stage.change.number if stage.change else None,
        "moved": stage.moved,
        "effective": stage.policy.effective,
        "gone": str(stage.gone),
        "life": str(stage.life),
    }


def _check_dates(lots: pl.DataFrame) -> None:
    outside = lots.filter(~pl.col("in_service_date").is_between(FIRST, LAST)).select("lot_id", "in_service_date")
    if not outside.is_empty():
        why = f"dates run from {FIRST} to {LAST}"
        raise Refused(
            Finding("lots", 0, f"lot {lot_id}: in_service_date {day} is out of range", why, "correct the year")
            for lot_id, day in outside.iter_rows()
        )


WITH_AMOUNT = ("opening", "improvement", "impairment", "reversal")
IMPOSSIBLE = (
    (
        ~pl.col("life_months").is_between(1, LONGEST_LIFE_MONTHS),
        pl.format("life of {} months", "life_months"),
        f"a useful life is 1 to {LONGEST_LIFE_MONTHS} months from the start",
    ),
    (
        pl.col("kind").is_in(WITH_AMOUNT) & ~(pl.col("amount_minor") >= 0).fill_null(False),
        pl.format("amount {}", pl.col("amount_minor").cast(pl.String).fill_null("is missing")),
        "its kind says which way it goes: zero or more",
    ),
    (
        (pl.col("kind") == "partial_disposal")
        & ~((pl.col("part_den") > 0) & pl.col("part_num").is_between(0, pl.col("part_den"))).fill_null(False),
        pl.format("part {}/{}", *(pl.col(n).cast(pl.String).fill_null("") for n in ("part_num", "part_den"))),
        "a part is from nothing to all of it",
    ),
    (
        ~pl.col("new_residual_minor").is_between(0, pl.col("cost_minor") + pl.col("improved_minor")),
        pl.format("residual value {}", "new_residual_minor"),
        "a residual value is from nothing to the cost",
    ),
    (
        (pl.col("kind") == "disposal") & (pl.col("effective_date") < pl.col("in_service_date")),
        pl.format("it was placed in service on {}", "in_service_date"),
        "what is not in service cannot go out of it",
    ),
)
"""Changes that no lot can undergo: when, what is said, and why."""


def _check_changes(lots: pl.DataFrame, changes: pl.DataFrame) -> None:
    known = changes.join(lots.select("lot", "lot_id", "cost_minor", "in_service_date"), on="lot")
    improvement = pl.when(pl.col("kind") == "improvement").then("amount_minor").otherwise(0)
    judged = known.with_columns(improved_minor=improvement.sum().over("lot"))
    where = pl.format("lot {}: {} of {}: ", "lot_id", "kind", "effective_date")
    found = [
        Finding("changes", 0, what, why, "correct the change")
        for bad, text, why in IMPOSSIBLE
        for what in judged.filter(bad).select(where + text).to_series()
    ]
    if found:
        raise Refused(found)


def _keyed(lots: pl.DataFrame, book: Book, changes: pl.DataFrame | None) -> pl.DataFrame:
    """Lots with `ratio`, own residual / cost where it shapes a curve, and `story`, dates and kinds of their changes."""
    shaped = any(p.shaped_by_residual for p in book.policy)
    over_cost = pl.max_horizontal("cost_minor", pl.lit(1))
    ratio = pl.when(pl.col("residual_minor").is_not_null() & shaped).then(
        pl.format("{}/{}", "residual_minor", over_cost)
    )
    if changes is None or changes.is_empty():
        return lots.with_columns(ratio=ratio, story=pl.lit(""))
    costs = _numbered(changes).join(lots.select("lot", "cost_minor"), on="lot")
    life = pl.col("life_months").fill_null(0)
    word = pl.format("{}|{}|{}|{}", pl.col("effective_date"), "kind", life, _shape(shaped))
    stories = costs.sort("lot", "number").group_by("lot").agg(story=word.str.join(";"))
    return (
        lots.with_columns(ratio=ratio).join(stories, on="lot", how="left").with_columns(pl.col("story").fill_null(""))
    )


def _shape(shaped: bool) -> pl.Expr:
    """What a change does to the shape of a floor: amount / cost, new residual value / cost, part that goes."""
    if not shaped:
        return pl.lit("0||0")
    cost = pl.max_horizontal("cost_minor", pl.lit(1))
    residual = pl.format("{}/{}", "new_residual_minor", cost).fill_null("")
    part = pl.format("{}/{}", pl.col("part_num").fill_null(0), pl.col("part_den").fill_null(1))
    return pl.format("{}/{}|{}|{}", pl.col("amount_minor").fill_null(0), cost, residual, part)


def _numbered(changes: pl.DataFrame | None) -> pl.DataFrame:
    """Changes in order of date within each lot, numbered from 0."""
    table = Changes.create_empty() if changes is None else changes
    ordered = table.sort("lot", "effective_date", maintain_order=True)
    return ordered.with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64).over("lot"))


def _changes(story: str) -> list[Change]:
    return [_change(number, word.split("|")) for number, word in enumerate(filter(None, story.split(";")))]


def _change(number: int, parts: list[str]) -> Change:
    day, kind, life, share, residual, part = parts
    given = date.fromisoformat(day), kind, int(life) or None, Fraction(share), number
    return Change(*given, _fraction(residual or None), Fraction(part))


def _fraction(ratio: str | None) -> Fraction | None:
    return None if ratio is None else Fraction(ratio)


def _wide(rows: pl.DataFrame) -> pl.Series:
    """round_half_even(base x used) one by one, where the fraction is too wide for a column."""
    pairs = rows.select("base_minor", "used_wide").iter_rows()
    return pl.Series("wide", [text and round(Fraction(text) * base) for base, text in pairs], dtype=pl.Int64)


BALANCES = ("units", "cost_minor", "residual_minor", "opening_minor", "impaired_minor")
MOVED = {
    "units": "units",
    "cost_minor": "cost_minor",
    "opening_minor": "accumulated_minor",
    "impaired_minor": "impairment_minor",
}
"""Balances of a stage whose steps are movements, under the names that they have there."""


def _walked(
    lots: pl.DataFrame, plan: pl.DataFrame, changes: pl.DataFrame, trace: list[pl.DataFrame] | None = None
) -> tuple[dy.DataFrame[Segments], dy.DataFrame[Movements]]:
    """One stage after the other: the change that begins it, what it moves, then what it charges."""
    names = ("lot", "cohort", *BALANCES)
    state = lots.with_columns(opening_minor=pl.lit(0, pl.Int64), impaired_minor=pl.lit(0, pl.Int64)).select(names)
    amounts = changes.select("lot", "number", "amount_minor", "new_residual_minor", "part_num", "part_den")
    segments, movements = [], []
    for (_,), stage in plan.group_by("stage", maintain_order=True):
        begun = state.join(stage, on="cohort").join(amounts, on=["lot", "number"], how="left")
        changed = _changed(begun)
        movements.append(_movements(begun, changed))
        rate = multiply_divide(pl.col("cost_minor"), pl.col("rate_num"), pl.col("rate_den"))
        carried = pl.col("cost_minor") - pl.col("impaired_minor") - pl.col("opening_minor")
        kept = changed.with_columns(kept_minor=pl.coalesce("residual_minor", rate))
        now = kept.with_columns(base_minor=(carried - pl.col("kept_minor")).clip(lower_bound=0))
        segments.append(now.filter(pl.col("share_id").is_not_null()).select(Segments.column_names()))
        used = pl.coalesce(multiply_divide(pl.col("base_minor"), pl.col("used_num"), pl.col("used_den")), _wide(now))
        if trace is not None:
            trace.append(now.with_columns(used_minor=used))
        state = now.with_columns(opening_minor=pl.col("opening_minor") + used).select(names)
    if not segments:
        return Segments.create_empty(), Movements.create_empty()
    return Segments.validate(pl.concat(segments), cast=True), Movements.validate(pl.concat(movements), cast=True)


def _changed(frame: pl.DataFrame) -> pl.DataFrame:
    """Balances after the change that begins a stage."""
    kind, amount = pl.col("kind"), pl.col("amount_minor").fill_null(0)
    gone = {name: multiply_divide(pl.col(name), pl.col("part_num"), pl.col("part_den")) for name in BALANCES}
    taken = frame.with_columns(
        (pl.col(name) - pl.when(kind == "partial_disposal").then(part).when(kind == "disposal").then(name).otherwise(0))
        for name, part in gone.items()
    )
    carried = pl.col("cost_minor") - pl.col("impaired_minor") - pl.col("opening_minor")
    lost = pl.min_horizontal(amount, carried.clip(lower_bound=0))
    back = pl.min_horizontal(amount, "impaired_minor")
    return taken.with_columns(
        cost_minor=pl.col("cost_minor") + pl.when(kind == "improvement").then(amount).otherwise(0),
        impaired_minor=pl.col("impaired_minor")
        + pl.when(kind == "impairment").then(lost).when(kind == "reversal").then(-back).otherwise(0),
        opening_minor=pl.when(kind == "opening").then(amount).otherwise(pl.col("opening_minor")),
        residual_minor=pl.coalesce("new_residual_minor", "residual_minor"),
    )


def _movements(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """What the change that begins a stage moves, lot by lot; both frames have the same rows in the same order."""
    steps = [(after[name] - before[name]).alias(moved) for name, moved in MOVED.items()]
    sold = pl.col("kind").is_in(["partial_disposal", "disposal"])
    proceeds = pl.when(sold).then(pl.col("amount_minor").fill_null(0)).otherwise(0)
    rows = before.select("lot", "kind", period="moved", proceeds_minor=proceeds).with_columns(steps)
    return rows.filter(pl.col("kind") != "").select(Movements.column_names())
