"""Stages: the life of a cohort walked through the policies of a book and the changes that befall it.

A stage begins on the carrying amount that the one before leaves, so a change never reaches back: what is charged is
the new estimate over what remains (ASC 250-10-45-17, IAS 8.36).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from depr.book import Policy
from depr.kernel.calendar import PERIODS, FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, Clock
from depr.kernel.curves import GIVEN, Knots, curve, rest, share_at
from depr.kernel.shares import ShareTable

ONE_PERIOD = Fraction(1)
WORTH = ("impairment", "reversal")
STARTS, STOPS = ("opening", "back_in_use"), ("held_for_sale",)


@dataclass(frozen=True)
class Change:
    """One change of a lot; `number` is its place among the lot's changes, by which amounts are looked up.

    `share` (its amount) and `residual` (the new one) are shares of cost, `part` is what a partial disposal takes: all
    needed only where the residual value shapes the curve.
    """

    effective: date
    kind: str
    life_months: int | None = None
    share: Fraction = Fraction(0)
    number: int = 0
    residual: Fraction | None = None
    part: Fraction = Fraction(0)


@dataclass(frozen=True)
class Stage:
    """One stretch of a cohort's life between two changes; `share_id` is None while nothing is charged.

    `used` is the share of the stage's base charged when it ends; `change` is what began it, None at the start or for
    a policy of the book, and `moved` is the period in which what it moves counts. Of the useful life, `gone` months are
    over when it begins and `life` remain.
    """

    policy: Policy
    share_id: int | None
    first_period: int
    last_period: int | None
    used: Fraction
    change: Change | None
    moved: int | None = None
    gone: Fraction = Fraction(0)
    life: Fraction = Fraction(0)


@dataclass(frozen=True)
class Stretch:
    """Where the walk of a cohort stands: the policy in force, what remains of its life, and what is still carried.

    `stop` is the age at which a disposal to come stops the clock: by a convention that looks at the whole quarter or
    year it may lie before the day of the disposal, and before other changes.
    """

    policy: Policy
    clock: Clock
    calendar: FiscalCalendar
    ratio: Fraction | None
    served: int
    first: int
    life: Fraction
    since: Fraction = Fraction(0)
    cost: Fraction = Fraction(1)
    carrying: Fraction = Fraction(1)
    impaired: Fraction = Fraction(0)
    charging: bool = True
    change: Change | None = None
    stop: Fraction | None = None

    @property
    def residual(self) -> Fraction:
        """Residual value; it, the cost and the carrying amount are shares of the cost when placed in service."""
        return self.policy.residual_rate * self.cost if self.ratio is None else self.ratio

    def knots(self) -> Knots:
        """The curve of the stretch: the policy over what remains of the life, from what is still carried."""
        floor = min(self.residual / self.carrying, ONE_PERIOD) if self.carrying > 0 else ONE_PERIOD
        since = self.served if self.policy.method in GIVEN else self.first
        first_year = self.clock.age(self.calendar.year_start(since) + PERIODS - 1) - self.since + self.begun
        return rest(curve(self.policy.terms(self.life, floor, first_year)), self.begun)

    @property
    def begun(self) -> Fraction:
        """Age at which a curve given as data is entered: it is not stretched over what remains, but gone on with."""
        return self.since if self.policy.method in GIVEN else Fraction(0)

    def used(self, end: int) -> Fraction:
        """Share of the base charged when period `end` begins."""
        if not self.charging or end <= self.first:
            return Fraction(0)
        age = self.clock.age(end - 1)
        return share_at(self.knots(), (age if self.stop is None else min(age, self.stop)) - self.since)

    def stage(self, table: ShareTable, end: int | None = None) -> Stage:
        """The stage that lasts until period `end` begins, or to the end of its curve, or until the clock stops."""
        share, stop = None, self.stop
        if stop is not None and end is not None and stop >= self.clock.age(end - 1):
            stop = None  # not in this stage
        if self.charging and (end is None or end > self.first):
            left = None if stop is None else max(stop - self.since, Fraction(0))
            share = table.add(self.knots(), self.clock.relative(self.first, self.since), left)
        last, used = (None, Fraction(1)) if end is None else (end - 1, self.used(end))
        return Stage(self.policy, share, self.first, last, used, self.change, self.moved, self.since, self.life)

    @property
    def moved(self) -> int | None:
        """The period in which the change that began it counts."""
        return None if self.change is None else self.calendar.period(self.change.effective)

    def ended(self, table: ShareTable, disposal: Change) -> list[Stage]:
        """The last stage, charged until the clock stops, and the disposal; it counts when the last charge is made."""
        last, stop = self.stage(table), self.stop if self.stop is not None else self.since
        used = share_at(self.knots(), max(stop - self.since, Fraction(0))) if self.charging else Fraction(0)
        gone = self.calendar.period(disposal.effective)
        while self.charging and used < 1 and self.clock.age(gone) < stop:
            gone += 1
        return [replace(last, used=used), Stage(self.policy, None, gone, None, Fraction(0), disposal, gone)]

    def revised(self, end: int, change: Change | Policy) -> Stretch:
        """The stretch that begins with period `end`: new life less the age reached, at least one period."""
        age = max(self.clock.age(end - 1), Fraction(0)) if end > self.first else self.since
        kept = self.carrying - self.used(end) * max(self.carrying - self.residual, Fraction(0))
        moved = replace(self, first=max(end, self.first), since=age, carrying=kept)
        if isinstance(change, Policy):
            return replace(moved, policy=change, life=max(change.life - age, ONE_PERIOD), change=None)
        life = self.life + self.since if change.life_months is None else Fraction(change.life_months)
        charging = change.kind in STARTS or (self.charging and change.kind not in STOPS)
        moved = replace(moved, life=max(life - age, ONE_PERIOD), charging=charging, change=change)
        return moved._shaped(change)

    def _shaped(self, change: Change) -> Stretch:
        """The stretch with the cost, residual value and carrying amount that a change leaves."""
        left = 1 - change.part
        kept = None if self.ratio is None else self.ratio * left
        carrying, impaired = self.carrying * left, self.impaired * left
        raised = {"improvement": change.share, "opening": -change.share}.get(change.kind, Fraction(0))
        if change.kind == "impairment":
            raised = -min(change.share, max(carrying, Fraction(0)))
        elif change.kind == "reversal":
            raised = min(change.share, impaired)
        if change.kind in WORTH:
            impaired -= raised
        return replace(
            self,
            cost=self.cost * left + (change.share if change.kind == "improvement" else 0),
            carrying=carrying + raised,
            impaired=impaired,
            ratio=kept if change.residual is None else change.residual,
        )


def stages(
    track: Sequence[Policy],
    in_service: date,
    ratio: Fraction | None,
    calendar: FiscalCalendar,
    table: ShareTable,
    changes: Sequence[Change] = (),
) -> list[Stage]:
    """The stretches of a lot placed in service on a date: one for each policy and change that meets it.

    `ratio` is the lot's own residual value / cost, None to follow each policy. A policy applies from the period that
    holds its effective date; a change of the lot too, or from the next one when it falls on the last day of a period.
    What remains is the new life less the age reached, one period when the age has overtaken it, which charges all
    that is left. The clock is that of the first policy. A disposal stops it where the convention would start it. An
    impairment takes no more than is carried, a reversal no more than was impaired.
    """
    policy, *later = _from(track, in_service)
    convention = CONVENTIONS[policy.convention]
    clock = convention.clock(in_service, calendar, policy.life, policy.day_count)
    arrives = any(change.kind == "opening" for change in changes)
    gone = [convention.age_at_disposal(clock, c.effective, calendar) for c in changes if c.kind == "disposal"]
    stop, served = min(gone, default=None), calendar.period(in_service)
    now = Stretch(policy, clock, calendar, ratio, served, served, policy.life, charging=not arrives, stop=stop)
    out: list[Stage] = []
    for end, change in _in_order(later, changes, calendar):
        if isinstance(change, Change) and change.kind == "disposal":
            return [*out, *now.ended(table, change)]
        if isinstance(change, Policy) and end <= now.first and not out:
            now = replace(now, policy=change, life=change.life)
        elif isinstance(change, Change) or now.used(end) < 1:
            out.append(now.stage(table, end))
            now = now.revised(end, change)
    return [*out, now.stage(table)]


def _from(track: Sequence[Policy], day: date) -> list[Policy]:
    """The policy in force on a day and those after it."""
    past = [p for p in track if p.effective <= day]
    return [past[-1] if past else track[0], *(p for p in track if p.effective > day)]


def _in_order(
    policies: Sequence[Policy], changes: Sequence[Change], calendar: FiscalCalendar
) -> list[tuple[int, Change | Policy]]:
    """Policies and changes by the period from which they apply; a policy before a change of the same period."""
    dated: list[tuple[int, Change | Policy]] = [(calendar.period(policy.effective), policy) for policy in policies]
    for change in changes:
        shift = timedelta(days=0 if change.kind == "disposal" else 1)
        dated.append((calendar.period(change.effective + shift), change))
    return sorted(dated, key=lambda pair: (pair[0], isinstance(pair[1], Change), getattr(pair[1], "number", 0)))
