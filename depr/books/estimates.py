"""(lots, book) -> estimates: the segments of each lot under the policies of a book and the changes that befall it.

Lots that share generation, date of service and the dates and kinds of their changes form a cohort; policies are
walked once a cohort (depr/books/stages.py), amounts once a stage, for all lots at a time.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import dataframely as dy
import polars as pl

from depr.books.amounts import SHARES, Walked, walked
from depr.books.book import LONGEST_LIFE_MONTHS, Book
from depr.books.stages import Change, Stage, Stages
from depr.contract import Changes, Movements, Segments, Shares
from depr.errors import Finding, Refused, refuse
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, MonthClock
from depr.kernel.curves import Knots
from depr.kernel.shares import DEN_LIMIT, ShareTable


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
    """Lots in service (contract.Lots), a book and changes (contract.Changes) -> segments, their shares, movements.

    base = cost - impairment - residual value - opening accumulated depreciation, never below zero, in minor units;
    the residual value is the lot's own, else residual_rate x cost rounded half to even; under macrs there is none. A
    partial disposal takes its share of every balance, rounded half to even; an impairment takes no more than is
    carried, a reversal no more than was impaired; one that is told by what is recoverable (`recoverable_minor`) takes
    or gives back what leads there.
    A period charged in parts is one segment of its own, the sum of the parts. Lots still under construction have no
    segment. A `trace` gets every stage of every lot: its balances (BALANCES) after the change that begins it,
    `kept_minor` of residual value and `used_minor` charged. Raises `Refused` when a generation has no policy in the
    book, a date is not in the calendar, or a change is impossible.
    """
    table, (planned, movements, _) = _walk(lots, book, calendar, changes, trace)
    segments, shares = table.frames(planned)
    return Estimates(Segments.validate(segments.select(Segments.column_names())), shares, movements)


def carried(lots: pl.DataFrame, book: Book, calendar: FiscalCalendar, changes: pl.DataFrame) -> pl.DataFrame:
    """What is carried after each change: lot, its number among the lot's changes in order of date, carrying_minor."""
    return _walk(lots, book, calendar, changes)[1][2]


def _walk(
    lots: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    changes: pl.DataFrame | None,
    trace: list[pl.DataFrame] | None = None,
) -> tuple[ShareTable, Walked]:
    stages = Stages(calendar)
    in_order = numbered(changes)
    served = _keyed(lots.filter(pl.col("in_service_date").is_not_null()), book, in_order)
    _check_dates(served)
    _check_changes(served, in_order)
    cohorts = served.select(COHORT).unique().sort(pl.all()).with_row_index("cohort").cast({"cohort": pl.Int64})
    tracks = {generation: book.policies(generation) for generation in served["generation"].unique().sort()}
    plan = [
        {"cohort": cohort, "stage": number, **_row(stage)}
        for cohort, generation, day, own, cost, story in cohorts.iter_rows()
        for number, stage in enumerate(
            stages.walk(tracks[generation], day, None if own is None else Fraction(own, cost), _changes(story))
        )
    ]
    joined = served.join(cohorts, on=COHORT, nulls_equal=True)
    changed = not cohorts["story"].is_null().all()
    whole = stages.shares.add(AT_ONCE, MonthClock(Fraction(0))) if changed else 0
    return stages.shares, walked(joined, pl.DataFrame(plan, schema=PLAN), in_order, whole, trace)


COHORT = ("generation", "in_service_date", "own_minor", "of_minor", "story")
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
    "takes_residual": pl.Boolean,
    "kind": pl.String,
    "number": pl.Int64,
    "moved": pl.Int32,
    "begins": pl.Int32,
    "lasts": pl.Boolean,
    "head_num": pl.Int64,
    "head_den": pl.Int64,
    "head_wide": pl.String,
    "tail_num": pl.Int64,
    "tail_den": pl.Int64,
    "tail_wide": pl.String,
    "stop_num": pl.Int64,
    "stop_den": pl.Int64,
    "stop_wide": pl.String,
    "past_num": pl.Int64,
    "past_den": pl.Int64,
    "past_wide": pl.String,
    "effective": pl.Date,
    "gone": pl.String,
    "life": pl.String,
}
AT_ONCE: Knots = ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1)))


def _row(stage: Stage) -> dict[str, int | str | bool | date | None]:
    rate = stage.policy.residual_rate
    if rate.denominator > DEN_LIMIT:
        raise refuse("residual_rate", str(rate), "its decimals leave 62 bits", "give at most 18 decimals")
    shares = dict(zip(SHARES, (stage.used, stage.head or Fraction(0), stage.tail, *stage.due), strict=True))
    return {
        "share_id": stage.share_id,
        "first_period": stage.first_period,
        "last_period": stage.last_period,
        "rate_num": rate.numerator,
        "rate_den": rate.denominator,
        "takes_residual": stage.policy.takes_residual,
        "kind": stage.change.kind if stage.change else "",
        "number": stage.change.number if stage.change else None,
        "moved": stage.moved,
        "begins": stage.begins,
        "lasts": stage.lasts,
        **{f"{name}_{part}": value for name, share in shares.items() for part, value in _parts(share).items()},
        "effective": stage.policy.effective,
        "gone": str(stage.gone),
        "life": str(stage.life),
    }


def _parts(share: Fraction) -> dict[str, int | str | None]:
    """A share in columns: whole numbers, or text where it is too wide for them."""
    wide = share.denominator > DEN_LIMIT
    exact = {"num": share.numerator, "den": share.denominator}
    return {"num": None, "den": None, "wide": str(share)} if wide else {**exact, "wide": None}


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


def _keyed(lots: pl.DataFrame, book: Book, changes: pl.DataFrame) -> pl.DataFrame:
    """Lots with what tells their walks apart, but for generation and date of service.

    `own_minor` of `of_minor` is the lot's own residual value, where it shapes a curve; `story` are its changes, in
    order, null where there are none.
    """
    shaped = any(p.shaped_by_residual for p in book.policy)
    own = pl.col("residual_minor").is_not_null() & shaped
    keyed = lots.with_columns(
        own_minor=pl.when(own).then("residual_minor"), of_minor=pl.when(own).then(pl.max_horizontal("cost_minor", 1))
    )
    by_year = any(CONVENTIONS[p.convention].by_year for p in book.policy)
    of_cost = changes.join(lots.select("lot", of_minor=pl.max_horizontal("cost_minor", 1)), on="lot")
    amounts = [pl.col(name) if shaped else pl.lit(None, pl.Int64).alias(name) for name in AMOUNTS]
    parts = [pl.col(name) if shaped or by_year else pl.lit(None, pl.Int64).alias(name) for name in PART]
    story = pl.struct("effective_date", "kind", "life_months", *amounts, *parts)
    stories = of_cost.sort("lot", "number").group_by("lot", maintain_order=True).agg(story=story)
    return keyed.join(stories, on="lot", how="left")


AMOUNTS = ("amount_minor", "new_residual_minor", "of_minor")
PART = ("part_num", "part_den")
"""What a change does to the shape of a curve that the residual value shapes: its amount and the new residual value, of
the cost; and the part that goes, also where the convention tells a year by its end."""


def numbered(changes: pl.DataFrame | None) -> pl.DataFrame:
    """Changes in order of date within each lot, numbered from 0; a disposal is the last of its day."""
    table = Changes.create_empty() if changes is None else changes
    ordered = table.sort("lot", "effective_date", pl.col("kind") == "disposal", maintain_order=True)
    return ordered.with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64).over("lot"))


def _changes(story: list[dict[str, Any]] | None) -> list[Change]:
    """The changes of a story (_keyed)."""
    return [
        Change(
            row["effective_date"],
            row["kind"],
            row["life_months"],
            Fraction(row["amount_minor"] or 0, row["of_minor"] or 1),
            number,
            None if row["new_residual_minor"] is None else Fraction(row["new_residual_minor"], row["of_minor"]),
            Fraction(row["part_num"] or 0, row["part_den"] or 1),
        )
        for number, row in enumerate(story or ())
    ]
