"""Effect of a change of life on depreciation: the same assets under the old lives and the new, subtracted.

    effect(period) = depreciation(period, with the change) - depreciation(period, without it)

A change is prospective: the carrying amount at the date over what remains of the new life (ASC 250-10-45-17), which
is what a dated policy of a book does (depr/books/stages.py). Negative: the change lowers depreciation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import polars as pl

from depr.backtest.disclosures import Amount, Step, Window, begins
from depr.backtest.vintages import Vintage
from depr.books.book import OPENING, Book, parse_book
from depr.books.estimates import estimates
from depr.contract import Lots
from depr.kernel.calendar import FiscalCalendar, first_day
from depr.kernel.curves import Terms, curve, share_at
from depr.kernel.schedule import schedule

BOUNDS = ("low", "mid", "high")
MONTH = Fraction(1)


class Range(NamedTuple):
    """A figure and the ends between which it may lie, in minor units."""

    low: int
    mid: int
    high: int


@dataclass(frozen=True)
class Path:
    """Month by month, for one choice of lives: bound, whether the lot was there at the date, period, amounts.

    `carrying` is what was carried at the date: all that is charged from then on.
    """

    frame: pl.DataFrame
    carrying: int

    def effect(self, window: Window, scope: str) -> Range:
        """Effect in a window: of what was carried at the date (A), or of additions too."""
        return self._sums(window, scope, "effect_minor")

    def without(self, window: Window, scope: str) -> Range:
        """Depreciation that would have been charged without the change."""
        return self._sums(window, scope, "without_minor")

    def _sums(self, window: Window, scope: str, column: str) -> Range:
        inside = self.frame.filter(pl.col("period").is_between(window.first, window.last))
        chosen = inside.filter(pl.col("existing")) if scope == "A" else inside
        sums = dict(chosen.group_by("bound").agg(pl.col(column).sum()).iter_rows())
        return Range(*(int(sums.get(bound, 0)) for bound in BOUNDS))


def book(opening_months: int, changes: Sequence[tuple[date, int]]) -> Book:
    """Straight-line lives as a book: one in force from the opening, then one from each date on."""
    plain = {"method": "straight_line", "convention": "mid_month", "source": "as disclosed"}
    dated = [(OPENING, opening_months), *sorted(changes)]
    policy = [{**plain, "effective": day, "life_months": life} for day, life in dated]
    return parse_book({"id": "lives", "title": "Lives", "kind": "scenario", "source": "as disclosed", "policy": policy})


def path(found: Sequence[Vintage], history: Sequence[Step], steps: Sequence[Step], calendar: FiscalCalendar) -> Path:
    """The effect of `steps` on vintages whose lives went through `history` before, as stated lives."""
    start = begins(steps[0].effective, calendar)
    past = [(first_day(begins(step.effective, calendar)), step.new.months) for step in history]
    opening = history[0].old.months if history else steps[0].old.months
    if past:  # what the change itself says was in force
        past[-1] = (past[-1][0], steps[0].old.months)
    change = [(first_day(begins(step.effective, calendar)), step.new.months) for step in steps]
    lots = fleet(found)
    without, changed = (charges(lots, book(opening, lives), calendar) for lives in (past, [*past, *change]))
    both = changed.join(without, on=["lot", "period"], how="full", coalesce=True, suffix="_without")
    filled = both.with_columns(pl.col("depreciation_minor", "depreciation_minor_without").fill_null(0))
    served = lots.select("lot", bound="location", existing=pl.col("in_service_date") < first_day(start))
    joined = filled.join(served, on="lot")
    months = joined.filter(pl.col("period") >= start)
    left = months.filter(pl.col("existing"), pl.col("bound") == "mid")
    return Path(
        months.select(
            "bound",
            "existing",
            "period",
            without_minor="depreciation_minor_without",
            effect_minor=pl.col("depreciation_minor") - pl.col("depreciation_minor_without"),
        ),
        int(left["depreciation_minor"].sum()),
    )


def variants(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """The steps as stated, then, where lives are stated as a range, every combination of the ends."""
    ends = sorted({(old, new) for step in steps for old in step.old[1:] for new in step.new[1:]})
    if len(ends) == len(steps) or len(steps) > 1:
        return [tuple(steps)]
    [step] = steps
    choices = product(sorted(set(step.old[1:])), sorted(set(step.new[1:])))
    fixed = [
        step._replace(old=step.old._replace(months=old), new=step.new._replace(months=new)) for old, new in choices
    ]
    return [tuple(steps), *((each,) for each in fixed)]


def fleet(found: Sequence[Vintage]) -> pl.DataFrame:
    """Vintages as contract.Lots, once for each bound, which stands in `location`."""
    rows = [
        {"lot": place * len(found) + number, "in_service_date": each.in_service, "location": bound}
        | {"cost_minor": each.cost[place]}
        for place, bound in enumerate(BOUNDS)
        for number, each in enumerate(found)
    ]
    frame = pl.DataFrame(rows).with_columns(
        pl.lit(None, column.dtype).alias(name)
        if column.nullable
        else pl.lit(1 if name == "units" else name).alias(name)
        for name, column in Lots.columns().items()
        if name not in rows[0]
    )
    return Lots.validate(frame.with_columns(purchase_date="in_service_date"), cast=True)


def charges(lots: pl.DataFrame, lives: Book, calendar: FiscalCalendar) -> pl.DataFrame:
    """Depreciation of lots by period under a book."""
    segments, shares, *_ = estimates(lots, lives, calendar)
    return schedule(segments, shares).select("lot", "period", "depreciation_minor").collect()


class Carried(NamedTuple):
    """A disclosed carrying amount: at the change, with what remained of life before and after, and around a window.

    `opening` and `closing` are at the first and last day of the window; `opening` is `start` where it begins with the
    change, `closing` is None where it is not disclosed.
    """

    start: Amount
    first: int
    old_months: int
    new_months: int
    opening: Amount
    closing: Amount | None


def carried_effect(carried: Carried, window: Window) -> Range:
    """Effect on a disclosed carrying amount, and the ends between which the rounding of what is disclosed leaves it.

    Without the change the amount at its date is charged over the old remaining months; with it, what is carried as
    the window opens over the rest of the new ones, or down to what is carried as it closes where that is disclosed.
    Amounts are known to half their last digit. Remaining lives are told in whole months, and not whether up, down or
    to the nearest, so they are known to a month. One rounding at the end, half to even.
    """
    ages = max(window.first - carried.first, 0), window.last - carried.first + 1
    ends = (-MONTH, MONTH)
    signs = (-1, 1)
    lives = product(ends, ends)
    amounts = list(product(signs, signs, signs))
    all_of = [_difference(carried, ages, life, off) for life in lives for off in amounts]
    middle = _difference(carried, ages, (Fraction(0), Fraction(0)), (0, 0, 0))
    return Range(round(min(all_of)), round(middle), round(max(all_of)))


def _difference(
    carried: Carried, ages: tuple[int, int], months: tuple[Fraction, Fraction], off: tuple[int, int, int]
) -> Fraction:
    start = carried.start.value + off[0] * carried.start.half
    opening = carried.opening.value
    opening = start if ages[0] == 0 else opening + off[1] * carried.opening.half
    old = start * _share(carried.old_months + months[0], ages)
    if carried.closing is not None:
        return opening - (carried.closing.value + off[2] * carried.closing.half) - old
    return opening * _share(carried.new_months + months[1] - ages[0], (0, ages[1] - ages[0])) - old


def _share(life: Fraction, ages: tuple[int, int]) -> Fraction:
    """Share of a carrying amount that is charged between two ages, straight line over the remaining life."""
    knots = curve(Terms("straight_line", max(life, MONTH)))
    return share_at(knots, Fraction(ages[1])) - share_at(knots, Fraction(ages[0]))


def even(first: int, years: int, calendar: FiscalCalendar) -> list[Vintage]:
    """A fleet of unknown size and even growth of none: the same cost each quarter, `years` years around a period.

    It has the shape of a steady fleet and no scale: the scale is what a calibration gives.
    """
    start = calendar.quarter_start(first) - years * 12
    days = [first_day(start + 3 * n + 1) for n in range(years * 8)]
    return [Vintage(day.year, 1, day, (UNIT, UNIT, UNIT), "a steady fleet") for day in days]


UNIT = 10**14
"""Cost of a quarter of a steady fleet in minor units: large, so that rounding is far below what is compared."""
