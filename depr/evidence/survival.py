"""Evidence on lives: how long units stayed in service, by the Kaplan-Meier estimate, against the life of a book.

    S(t) = product over ages a <= t at which units retire of (n(a) - d(a)) / n(a)

d(a) units retire at age a; n(a) are at risk just before: those whose age has passed a or reaches it, and that were
under observation before it (delayed entry: a unit that was bought used, or found in an opening balance, was not seen
failing earlier). Units weigh what they number. Ages are whole days and every share is an exact Fraction
(Kaplan and Meier 1958; delayed entry as in Klein and Moeschberger 2003, section 4.6).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from depr.balances.checked_sums import summed
from depr.errors import Finding, refuse

DAYS_PER_MONTH = Fraction(146097, 4800)
"""400 years of the Gregorian calendar have 146,097 days and 4,800 months."""

LIVES: dict[str, Any] = {
    "lot": pl.String,
    "generation": pl.String,
    "in_service_date": pl.Date,
    "observed_from": pl.Date,
    "end_date": pl.Date,
    "units": pl.Int64,
    "retired": pl.Boolean,
}
"""What is observed of a lot: from the day it was placed in service to `end_date`, the day its units were retired or,
where they were not, the last day they were seen. `observed_from`: first day of observation, null where that is the day
of service. A lot retired in parts has a row for each part."""

AGES = ("entry_days", "duration_days", "units", "retired")


def ages(lives: pl.DataFrame, file: str = "lives") -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """LIVES -> the same with `entry_days` and `duration_days`, and what is wrong with the rows that are left out."""
    given = lives.with_columns(observed_from=pl.max_horizontal("observed_from", "in_service_date"))
    service, entry, end = (pl.col(name) for name in ("in_service_date", "observed_from", "end_date"))
    needed = pl.col("in_service_date", "end_date", "units", "retired")
    faults = (
        (pl.any_horizontal(needed.is_null()), "has no date of service, end, units or fate"),
        (pl.col("units") <= 0, "has no units"),
        (end < service, "ends before it was placed in service"),
        (end <= entry, "was not observed for a day: it ends before or when observation begins"),
    )
    what = pl.coalesce(*[pl.when(bad).then(pl.lit(words)) for bad, words in faults])
    judged = given.with_columns(what=what)
    bad = judged.filter(pl.col("what").is_not_null())
    findings = tuple(
        Finding(file, 0, f"lot {row['lot']} {row['what']}", "it says nothing on lives", "correct it", "life")
        for row in bad.iter_rows(named=True)
    )
    good = judged.filter(pl.col("what").is_null()).drop("what")
    days = {"entry_days": (entry - service).dt.total_days(), "duration_days": (end - service).dt.total_days()}
    return good.with_columns(**days), findings


@dataclass(frozen=True)
class Curve:
    """The share of units that stay beyond an age: `survival[i]` from `ages[i]` on, 1 before the first.

    `observed_to` is the greatest age at which any unit was seen; beyond it nothing is known unless none are left.
    """

    ages: tuple[int, ...]
    at_risk: tuple[int, ...]
    retired: tuple[int, ...]
    survival: tuple[Fraction, ...]
    observed_to: int

    @property
    def complete(self) -> bool:
        """Every unit's life is known to its end: the average is the average, not the part up to `observed_to`."""
        return bool(self.survival) and self.survival[-1] == 0

    @property
    def emptied_at(self) -> int | None:
        """The age at which all units at risk retired although others were seen at greater ages, if there is one.

        With delayed entry few may be at risk early; the estimate then falls to 0 for good, and says little.
        """
        empty = next((age for age, share in zip(self.ages, self.survival, strict=True) if share == 0), None)
        return empty if empty is not None and empty < self.observed_to else None

    def at(self, age: int) -> Fraction | None:
        """The share that stays beyond an age; None where nothing was seen that old."""
        place = bisect_right(self.ages, age)
        share = self.survival[place - 1] if place else Fraction(1)
        return share if age <= self.observed_to or share == 0 else None

    def mean(self, to: int | None = None) -> Fraction:
        """Average days a unit stays up to the age `to`: the area under S (restricted mean).

        `to` is `observed_to` unless given; what lies beyond it is left out, so that an incomplete curve gives a lower
        bound of the average life.
        """
        return self.lived({0: 1}, to)

    def remaining(self, age: int, to: int | None = None) -> Fraction | None:
        """Average days left to a unit that reached an age: area under S beyond it / S(age); None where none do."""
        return self.lived({age: 1}, to) if self.at(age) else None

    def lived(self, units: Mapping[int, int], to: int | None = None) -> Fraction:
        """Days that units are expected to stay from the ages they have reached (age -> units) to the age `to`, in all.

        One pass over the ages with whole numbers over one denominator, so that a single fraction is reduced.
        """
        end = self.observed_to if to is None else min(to, self.observed_to)
        factors = {a: (n - d, n) for a, n, d in zip(self.ages, self.at_risk, self.retired, strict=True)}
        staying = days = since = 0
        denominator = 1
        for age in sorted({a for a in (*factors, *units) if a < end} | {end}):
            days += staying * (age - since)
            if age < end:
                stay, n = factors.get(age, (1, 1))
                staying = staying * stay
                days = days * n
                denominator = denominator * n
                since = age
                staying += units.get(age, 0) * denominator
        return Fraction(days, denominator)

    def median(self) -> int | None:
        """The first age by which half of the units are retired, None if that was not seen."""
        half = Fraction(1, 2)
        return next((a for a, share in zip(self.ages, self.survival, strict=True) if share <= half), None)


def kaplan_meier(aged: pl.DataFrame) -> Curve:
    """Rows of `entry_days` < `duration_days`, `units` > 0 and `retired` -> the curve. Raises `Refused` for no row."""
    if aged.is_empty():
        raise refuse("lives", "holds no lives", "nothing was observed", "give lots with a date of service and an end")
    events = aged.filter("retired").group_by(age="duration_days").agg(d=summed("units")).sort("age")
    risk = events.join_asof(_still(aged, "duration_days"), on="age", strategy="forward").join_asof(
        _still(aged, "entry_days"), on="age", strategy="forward", suffix="_later"
    )
    at_risk = risk.select(pl.col("units") - pl.col("units_later").fill_null(0)).to_series().to_list()
    ages = events["age"].to_list()
    retired = events["d"].to_list()
    last = aged.select(pl.col("duration_days").max()).item()
    return Curve(tuple(ages), tuple(at_risk), tuple(retired), product_limit(at_risk, retired), last)


def _still(aged: pl.DataFrame, column: str) -> pl.DataFrame:
    """`age` -> units whose `column` is that age or greater."""
    by_age = aged.group_by(age=column).agg(summed("units")).sort("age", descending=True)
    return by_age.with_columns(pl.col("units").cum_sum()).sort("age")


def product_limit(exposures: Sequence[int | Fraction], retirements: Sequence[int | Fraction]) -> tuple[Fraction, ...]:
    """The share surviving each interval: the running product of 1 - retirements / exposures.

    Also the column of percent surviving of a life table by retirement rates.
    """
    share = Fraction(1)
    surviving = list[Fraction]()
    for exposed, retired in zip(exposures, retirements, strict=True):
        share *= 1 - Fraction(retired) / exposed
        surviving.append(share)
    return tuple(surviving)


BY_GENERATION: dict[str, Any] = {
    "generation": pl.String,
    "lots": pl.Int64,
    "units": pl.Int64,
    "retired_units": pl.Int64,
    "observed_to_days": pl.Int64,
    "complete": pl.Boolean,
    "emptied_at_days": pl.Int64,
    "median_life_days": pl.Int64,
    "average_life_days": pl.Int64,
    "remaining_life_days": pl.Int64,
    "book_life_days": pl.Int64,
    "average_less_book_days": pl.Int64,
    "surviving_book_life_ppm": pl.Int64,
}
"""Lives by generation against the book's. `average_life_days` is a lower bound unless `complete`;
`remaining_life_days` is that of the units still in service, at their ages, up to the greatest age seen;
`surviving_book_life_ppm` is the share that outlives the book's life, null where nothing was seen that old. Days are
rounded half to even; a month of the book's life counts 30.436875 days."""


def by_generation(aged: pl.DataFrame, book_months: Mapping[str, int]) -> pl.DataFrame:
    """What `ages` gives -> BY_GENERATION; `book_months` are the book's lives, blanks stand where one is missing."""
    groups = aged.partition_by("generation", as_dict=True)
    rows = [_row(str(key[0]), group, book_months.get(str(key[0]))) for key, group in groups.items()]
    return pl.DataFrame(rows, BY_GENERATION, orient="row").sort("generation")


def _row(generation: str, group: pl.DataFrame, months: int | None) -> tuple[Any, ...]:
    curve = kaplan_meier(group)
    average = curve.mean()
    book = None if months is None else months * DAYS_PER_MONTH
    left = _remaining(group, curve)
    share = None if book is None else curve.at(int(book))
    return (
        generation,
        group["lot"].n_unique(),
        group["units"].sum(),
        group.filter("retired")["units"].sum(),
        curve.observed_to,
        curve.complete,
        curve.emptied_at,
        curve.median(),
        round(average),
        None if left is None else round(left),
        None if book is None else round(book),
        None if book is None else round(average - book),
        None if share is None else round(share * 10**6),
    )


def _remaining(group: pl.DataFrame, curve: Curve) -> Fraction | None:
    """Average days left over the units still in service, each at its own age; None where none are or none can be."""
    alive = group.filter(~pl.col("retired")).group_by("duration_days").agg(summed("units"))
    known = {age: units for age, units in alive.iter_rows() if curve.at(age)}
    return curve.lived(known) / sum(known.values()) if known else None
