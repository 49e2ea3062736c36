"""Stages: the life of a cohort walked through the policies of a book and the changes that befall it.

A stage begins on the carrying amount that the one before leaves, so a change never reaches back: what is charged is
the new estimate over what remains (ASC 250-10-45-17, IAS 8.36). Stages may have no length, so that changes of one
moment (depr/books/stretches.py) are walked in the order in which they were recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from depr.books.book import Policy
from depr.books.stretches import EXITS, NOTHING, Change, Leaver, Moment, Stage, Stretch
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import GIVEN
from depr.kernel.shares import ShareTable

__all__ = ["Change", "Stage", "Stages"]

Step = Policy | tuple[Moment, Change]
"""What a walk meets: a policy, from the period that holds its date, or a change of the lot at its moment."""


@dataclass(eq=False)
class Way:
    """How far a walk has come: the stages that are over, and the stretch that lasts.

    It keeps where it leads: to each later policy that it met, and to its end.
    """

    over: tuple[Stage, ...]
    now: Stretch
    ruled: dict[int, Way] = field(default_factory=dict)
    met: dict[int, Way | None] = field(default_factory=dict)
    ended: tuple[Stage, ...] = ()

    @classmethod
    def begun(cls, policy: Policy, day: date, calendar: FiscalCalendar, ratio: Fraction | None) -> Way:
        """The walk of a lot placed in service on a day under a policy, whose clock it keeps."""
        convention = CONVENTIONS[policy.convention]
        served = calendar.period(day)
        clock = convention.clock(day, calendar, policy.life, policy.day_count)
        begins = Moment(served, NOTHING, day=day)
        return cls((), Stretch(policy, convention, clock, calendar, ratio, served, begins, policy.life))

    def expecting(self, changes: Sequence[Change]) -> Way:
        """The walk of a lot of which it is known what is to come: when parts go by clocks of their own, and that
        nothing is charged before the opening of what came along."""
        leavers = tuple(leaver for change in changes if (leaver := _leaver(self.now, change)))
        charging = all(change.kind != "opening" for change in changes)
        return Way((), replace(self.now, charging=charging, leavers=leavers))

    def changed(self, table: ShareTable, at: Moment, change: Change) -> Way:
        """The walk met by a change of the lot."""
        due = self.now.due(at, change.number)
        return Way((*self.over, self.now.stage(table, at, due)), self.now.changed(at, change, due))

    def under(self, table: ShareTable, policy: Policy) -> Way:
        """The walk met by a later policy; at the start it takes the place of the first."""
        period = self.now.calendar.period(policy.effective)
        met = self if period <= self.now.first and not self.over else self._meeting(table, period)
        return self if met is None else Way(met.over, met.now.ruled(policy, policy.life))

    def _meeting(self, table: ShareTable, period: int) -> Way | None:
        """What any policy meets that begins with a period; None when nothing is left to charge."""
        if period not in self.met:
            at = self.now.start(period)
            left = self.now.used(at) < 1
            self.met[period] = Way((*self.over, self.now.stage(table, at)), self.now.revised(at)) if left else None
        return self.met[period]


class Stages:
    """The one walk of lots through the policies of books and the changes that befall them, over one calendar.

    Walks that begin alike are taken once, while policies alone are met: those of lots of one day, and of books that
    begin with the same policies, as those that a change date makes do. `shares` are the curves that stages refer to.
    """

    def __init__(self, calendar: FiscalCalendar) -> None:
        self.calendar = calendar
        self.shares = ShareTable()
        self._begun: dict[tuple[date, Fraction | None, int], Way] = {}
        self._shapes: dict[tuple[date, str, bool], tuple[int, int, int]] = {}
        self._policies: dict[int, Policy] = {}

    def walk(
        self,
        track: Sequence[Policy],
        in_service: date,
        ratio: Fraction | None = None,
        changes: Sequence[Change] = (),
    ) -> tuple[Stage, ...]:
        """The stages of a lot placed in service on a date: one for each policy and change that meets it.

        `ratio` is the lot's own residual value / cost, None to follow each policy. A policy applies from the period
        that holds its effective date, a change of the lot from its moment. What remains is the new life less the age
        reached, one period when the age has overtaken it, which charges all that is left; a life estimated for the lot
        outranks that of a later policy, unless this one replaces it. The clock is that of the first policy. What goes
        is charged until the convention stops the clock, in the period in which it goes at the latest. An impairment
        takes no more than is carried, a reversal no more than was impaired.
        """
        first, *later = _from(track, in_service)
        key = in_service, ratio, self._id(first)
        if key not in self._begun:
            self._begun[key] = Way.begun(first, in_service, self.calendar, ratio)
        way = self._begun[key]
        steps = list[Step](later)
        if changes:
            way, steps = way.expecting(changes), _in_order(way.now, later, changes)
        for step in steps:
            way = self._ruled(way, step) if isinstance(step, Policy) else way.changed(self.shares, *step)
        if not way.ended:
            way.ended = (*way.over, way.now.stage(self.shares))
        return way.ended

    def _ruled(self, way: Way, policy: Policy) -> Way:
        """A walk met by a later policy, once for all walks that come the same way."""
        known = self._id(policy)
        if known not in way.ruled:
            way.ruled[known] = way.under(self.shares, policy)
        return way.ruled[known]

    def _id(self, policy: Policy) -> int:
        """Stands for a policy, which takes long to compare, and keeps it alive."""
        return id(self._policies.setdefault(id(policy), policy))

    def shape(self, track: Sequence[Policy], day: date) -> object:
        """Days of one shape have the same walk, but that it begins as many periods later as they are in service later.

        Where no policy is to come, the one in force sees of a day where in its period the clock starts and, where it or
        the clock follows fiscal years, the month.
        """
        policy = track[-1]
        if policy.effective > day:
            return day
        spread = CONVENTIONS[policy.convention].spread
        yearly = spread or policy.reset == "fiscal_year" or policy.method in GIVEN
        key = day, policy.convention, yearly
        if key not in self._shapes:
            point = CONVENTIONS[policy.convention].point
            served = self.calendar.period(day)
            assert point is not None
            after = point(day, self.calendar) - served
            self._shapes[key] = after.numerator, after.denominator, self.calendar.month_of_year(served) * yearly
        return self._shapes[key]


def _leaver(now: Stretch, change: Change) -> Leaver | None:
    """What is to go with a change, where its convention has a clock of its own for that."""
    if change.kind not in EXITS:
        return None
    clock = now.convention.exit_clock(now.clock, now.served, change.effective, now.calendar)
    return None if clock is None else Leaver(change.number, change.goes, clock)


def _from(track: Sequence[Policy], day: date) -> list[Policy]:
    """The policy in force on a day and those after it."""
    past = [p for p in track if p.effective <= day]
    return [past[-1] if past else track[0], *(p for p in track if p.effective > day)]


def _in_order(now: Stretch, policies: Sequence[Policy], changes: Sequence[Change]) -> list[Step]:
    """Changes in order of date and recording, none later than one that follows it; a policy before those of its start.

    A change on the last day of a period counts from the next, unless something goes on that day after it. Nothing
    follows a disposal.
    """
    dated: list[tuple[Moment, Change | Policy]] = []
    for change in sorted(changes, key=lambda each: each.number, reverse=True):
        at = now.moment(change)
        if dated and _place(dated[0][0]) < _place(at):
            at = replace(dated[0][0], stop=at.stop)
        dated.insert(0, (at, change))
    for policy in policies:
        at = now.start(now.calendar.period(policy.effective))
        before = sum(_place(moment) < _place(at) or isinstance(each, Policy) for moment, each in dated)
        dated.insert(before, (at, policy))
    ends = [place for place, (_, each) in enumerate(dated, 1) if isinstance(each, Change) and each.kind == "disposal"]
    return [each if isinstance(each, Policy) else (at, each) for at, each in dated[: ends[0] if ends else None]]


def _place(at: Moment) -> tuple[int, Fraction]:
    return at.period, at.age
