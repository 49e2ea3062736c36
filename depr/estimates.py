"""(lots, book) -> estimates: the segments of each lot under the policies of a book.

Lots that share generation, date of service and (where it shapes the curve) residual ratio form a cohort; policies are
walked once a cohort, amounts once a stage, for all lots at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import dataframely as dy
import polars as pl

from depr.book import Book, Policy
from depr.errors import Finding, Refused, refuse, unknown
from depr.kernel.calendar import FIRST, LAST, FiscalCalendar, period_of
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import Knots, curve, share_at
from depr.kernel.rounding import multiply_divide
from depr.kernel.shares import DEN_LIMIT, ShareTable
from depr.schemas import Segments, Shares


@dataclass(frozen=True)
class Stage:
    """One stretch of a cohort's life under one policy; the last one is open-ended."""

    policy: Policy
    share_id: int
    first_period: int
    last_period: int | None
    used: Fraction


def stages(
    track: tuple[Policy, ...], in_service: date, ratio: Fraction | None, calendar: FiscalCalendar, table: ShareTable
) -> list[Stage]:
    """The stretches of a lot placed in service on a date: one for each policy that meets it before it is used up.

    `ratio` is the lot's own residual value / cost, None to follow each policy. A policy applies from the period that
    holds its effective date, to what remains of its life: new life less the age reached, and one period when the new
    life is shorter than the age, which charges all that is left. The clock is that of the first policy.
    """
    first = period_of(in_service)
    policy, *changes = _from(track, in_service)
    begin = CONVENTIONS[policy.convention].begin(in_service, calendar)
    life, phase, held = Fraction(policy.life_months), first + 1 - begin, Fraction(1)
    out: list[Stage] = []
    for change in changes:
        end = period_of(change.effective)
        if end > first:
            knots = _curve(policy, life, ratio, held)
            used = share_at(knots, end - 1 - first + phase)
            if used == 1:
                break
            out.append(Stage(policy, table.add(knots, phase), first, end - 1, used))
            held -= used * max(held - _kept(policy, ratio), Fraction(0))
            first, phase = end, end + 1 - max(begin, Fraction(end))
        policy = change
        life = _remaining(policy, first - begin) if out else Fraction(policy.life_months)
    out.append(Stage(policy, table.add(_curve(policy, life, ratio, held), phase), first, None, Fraction(1)))
    return out


def _remaining(policy: Policy, age: Fraction) -> Fraction:
    """New life less the age reached; one period when the age has overtaken it."""
    return max(policy.life_months - max(age, Fraction(0)), Fraction(1))


def _kept(policy: Policy, ratio: Fraction | None) -> Fraction:
    """Residual value as a share of cost."""
    return policy.residual_rate if ratio is None else ratio


def _curve(policy: Policy, life: Fraction, ratio: Fraction | None, held: Fraction) -> Knots:
    """The curve of a stage that begins with `held`, the carrying amount as a share of cost."""
    return curve(policy.terms(life, min(_kept(policy, ratio) / held, Fraction(1))))


def _from(track: tuple[Policy, ...], day: date) -> list[Policy]:
    """The policy in force on a day and those after it."""
    past = [p for p in track if p.effective <= day]
    return [past[-1] if past else track[0], *(p for p in track if p.effective > day)]


def estimates(
    lots: pl.DataFrame, book: Book, calendar: FiscalCalendar
) -> tuple[dy.DataFrame[Segments], dy.DataFrame[Shares]]:
    """Lots in service (schemas.Lots) and a book -> segments (schemas.Segments) and the shares they refer to.

    base = cost - residual value - opening accumulated depreciation, never below zero, in minor units; the residual
    value is the lot's own, else residual_rate x cost rounded half to even. Lots still under construction have none.
    Raises `Refused` when a generation has no policy in the book, a date is not in the calendar, or a share of the
    amount is no fraction of 62 bits.
    """
    served = lots.filter(pl.col("in_service_date").is_not_null())
    _check_dates(served)
    table, cohorts = ShareTable(), _cohorts(served, book)
    plan = [
        {"cohort": cohort, "stage": number, **_row(stage)}
        for cohort, (generation, day, ratio) in enumerate(cohorts.iter_rows())
        for number, stage in enumerate(stages(book.track(generation), day, _fraction(ratio), calendar, table))
    ]
    shares = table.frame()  # refuses before a fraction of `plan` could leave 64 bits: each divides a share's
    keyed = _keyed(served, book).join(
        cohorts.with_row_index("cohort").cast({"cohort": pl.Int64}), on=cohorts.columns, nulls_equal=True
    )
    return _segments(keyed, pl.DataFrame(plan, schema=PLAN)), shares


PLAN = {
    "cohort": pl.Int64,
    "stage": pl.Int64,
    "share_id": pl.Int32,
    "first_period": pl.Int32,
    "last_period": pl.Int32,
    "used_num": pl.Int64,
    "used_den": pl.Int64,
    "rate_num": pl.Int64,
    "rate_den": pl.Int64,
}


def _row(stage: Stage) -> dict[str, int | None]:
    rate = stage.policy.residual_rate
    if rate.denominator > DEN_LIMIT:
        raise refuse("residual_rate", str(rate), "its decimals leave 62 bits", "give at most 18 decimals")
    return {
        "share_id": stage.share_id,
        "first_period": stage.first_period,
        "last_period": stage.last_period,
        "used_num": stage.used.numerator,
        "used_den": stage.used.denominator,
        "rate_num": rate.numerator,
        "rate_den": rate.denominator,
    }


def _check_dates(lots: pl.DataFrame) -> None:
    outside = lots.filter(~pl.col("in_service_date").is_between(FIRST, LAST)).select("lot_id", "in_service_date")
    if not outside.is_empty():
        why = f"dates run from {FIRST} to {LAST}"
        raise Refused(
            Finding("lots", 0, f"lot {lot_id}: in_service_date {day} is out of range", why, "correct the year")
            for lot_id, day in outside.iter_rows()
        )


def _keyed(lots: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Lots with `ratio`, their own residual / cost as text where it shapes a curve of the book, else null."""
    if not any(p.shaped_by_residual for p in book.policy):
        return lots.with_columns(ratio=pl.lit(None, pl.String))
    own = pl.format("{}/{}", "residual_minor", pl.max_horizontal("cost_minor", pl.lit(1)))
    return lots.with_columns(ratio=pl.when(pl.col("residual_minor").is_not_null()).then(own))


def _fraction(ratio: str | None) -> Fraction | None:
    return None if ratio is None else Fraction(ratio)


def _cohorts(lots: pl.DataFrame, book: Book) -> pl.DataFrame:
    """The distinct (generation, date placed in service, ratio): few, however many lots share them."""
    for generation in lots["generation"].unique():
        if not book.track(generation):
            raise unknown("generation", generation, {g for p in book.policy for g in p.generations}, f"book {book.id}")
    return _keyed(lots, book).select("generation", "in_service_date", "ratio").unique().sort(pl.all())


def _segments(lots: pl.DataFrame, plan: pl.DataFrame) -> dy.DataFrame[Segments]:
    """One stage after the other: each begins on the carrying amount that the stage before leaves."""
    state = lots.select("lot", "cohort", "cost_minor", "residual_minor", opening_minor=pl.lit(0, pl.Int64))
    parts = []
    for (_,), stage in plan.group_by("stage", maintain_order=True):
        rate = multiply_divide(pl.col("cost_minor"), pl.col("rate_num"), pl.col("rate_den"))
        base = pl.col("cost_minor") - pl.coalesce("residual_minor", rate) - pl.col("opening_minor")
        now = state.join(stage, on="cohort").with_columns(base_minor=base.clip(lower_bound=0))
        parts.append(now.select(Segments.column_names()))
        used = multiply_divide(pl.col("base_minor"), pl.col("used_num"), pl.col("used_den"))
        state = now.select(*state.columns[:4], opening_minor=pl.col("opening_minor") + used)
    return Segments.validate(pl.concat(parts), cast=True) if parts else Segments.create_empty()
