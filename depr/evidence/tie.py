"""Their schedule beside ours: lot by lot what differs over some periods, and why, where one known way explains it.

A way explains a lot if the amounts that it would give are theirs within one minor unit in every period: by whatever
rule they round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

EQUAL = "the same"
ROUNDING = "rounded period by period"
UNEXPLAINED = "none of the known ways"


@dataclass(frozen=True)
class Lot:
    """What a lot is charged over the periods that are compared, in minor units, and what that comes from.

    `total` is charged over the whole life, `before` of it by the first of these periods, and the rest over `left` of
    the `life` periods; `days` are those of each period, `days_left` those until the end of the life.
    """

    ours: Sequence[int]
    theirs: Sequence[int]
    cost: int
    total: int
    before: int
    left: int
    life: int
    days: Sequence[int]
    days_left: int
    straight: bool = True


def why(lot: Lot) -> str:
    """Why a lot differs: the first of the known ways that gives their amounts."""
    if list(lot.ours) == list(lot.theirs):
        return EQUAL
    return next((said for way in WAYS if (said := way(lot))), UNEXPLAINED)


def _fits(theirs: Sequence[int], exact: Iterable[int], over: int = 1) -> bool:
    """Whether amounts are these, each over the same number, within one minor unit."""
    return all(abs(one * over - other) <= over for one, other in zip(theirs, exact, strict=True))


def _rounded(lot: Lot) -> str:
    return ROUNDING if _fits(lot.theirs, lot.ours) else ""


def _partly(lot: Lot) -> str:
    """The same where they have rows, which begin later or end earlier."""
    there = [place for place, amount in enumerate(lot.theirs) if amount]
    due = [place for place, amount in enumerate(lot.ours) if amount]
    if not there:
        return "theirs charges nothing" if due else ""
    if not due:
        return "ours charges nothing: it is fully depreciated, or not yet in service"
    first = there[0]
    last = there[-1]
    within = slice(first, last + 1)
    if not _fits(lot.theirs[within], lot.ours[within]):
        return ""
    late = first - due[0]
    early = due[-1] - last
    said = [f"theirs begins {_periods(late)} later"] if late > 0 else []
    said += [f"theirs ends {_periods(early)} earlier"] if early > 0 else []
    return " and ".join(said)


def _moved(lot: Lot) -> str:
    """The same a period later or earlier."""
    if len(lot.ours) < 2 or len(set(lot.ours)) == 1:
        return ""
    if _fits(lot.theirs[1:], lot.ours[:-1]):
        return "the same a period later"
    return "the same a period earlier" if _fits(lot.theirs[:-1], lot.ours[1:]) else ""


def _periods(number: int) -> str:
    return f"{number} period{'s' * (number > 1)}"


def _constant(lot: Lot, base: int, periods: int, most: int) -> bool:
    """Whether they charge base / periods in each period, until `most` is charged."""
    if periods <= 0 or base <= 0:
        return False
    left = (most * periods - base * n for n in range(len(lot.theirs)))
    return _fits(lot.theirs, (min(base, max(each, 0)) for each in left), periods)


def _all_periods(lot: Lot) -> str:
    rest = lot.total - lot.before
    return "divided by all periods instead of those left" * _constant(lot, rest, lot.life, rest)


def _annuity(lot: Lot) -> str:
    rest = lot.total - lot.before
    same = _constant(lot, lot.total, lot.life, rest) or _constant(lot, lot.total, lot.life, lot.total)
    return "the whole amount over the whole life, whatever was depreciated before" * same


def _whole_over_left(lot: Lot) -> str:
    return "the whole amount over the periods left: what was depreciated before is charged again" * _constant(
        lot, lot.total, lot.left, lot.total
    )


def _residual(lot: Lot) -> str:
    rest = lot.cost - lot.before
    return "the residual value is not taken off" * (lot.cost > lot.total and _constant(lot, rest, lot.left, rest))


def _other_life(lot: Lot) -> str:
    """What is left over another number of periods."""
    rest = lot.total - lot.before
    first = lot.theirs[0]
    if rest <= 0 or first <= 0:
        return ""
    for periods in {rest // first, -(-rest // first), -(-rest // (first + 1)), rest // max(first - 1, 1)}:
        if periods != lot.left and 0 < periods <= LONGEST and _constant(lot, rest, periods, rest):
            more = periods - lot.left
            return f"what is left over {_periods(abs(more))} {'more' if more > 0 else 'fewer'}: another life"
    return ""


LONGEST = 1200


def _by_days(lot: Lot) -> str:
    """What is left by the days of each period over the days left, or the amount of the periods shared out by days."""
    rest = lot.total - lot.before
    charged = sum(lot.ours)
    shared = _fits(lot.theirs, (charged * days for days in lot.days), sum(lot.days))
    counted = lot.days_left > 0 and _fits(lot.theirs, (rest * days for days in lot.days), lot.days_left)
    return "counted by days" * (counted or shared)


def _at_other_times(lot: Lot) -> str:
    """As much in all, as where they book by year."""
    return "as much in all, in other periods" * (abs(sum(lot.ours) - sum(lot.theirs)) <= 1)


def _straight(way: Callable[[Lot], str]) -> Callable[[Lot], str]:
    return lambda lot: way(lot) if lot.straight else ""


WAYS: tuple[Callable[[Lot], str], ...] = (
    _rounded,
    *map(_straight, (_all_periods, _annuity, _whole_over_left, _residual, _other_life, _by_days)),
    _partly,
    _moved,
    _at_other_times,
)


NOT_THEIRS = "they have no such lot"
NOT_OURS = "the ledger has no such lot"


def by_reason(tied: pl.DataFrame) -> pl.DataFrame:
    """Lots that differ by the reason, with the sum of what differs: why, currency, lots, difference_minor."""
    differing = tied.filter(pl.col("why") != EQUAL)
    summed = differing.group_by("why", "currency").agg(
        lots=pl.len().cast(pl.Int64), difference_minor=pl.col("difference_minor").sum()
    )
    return summed.sort(pl.col("difference_minor").abs(), "why", descending=[True, False])
