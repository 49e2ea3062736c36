"""Stages: the life of a cohort walked through the policies of a book and the changes that befall it.

A stage begins on the carrying amount that the one before leaves, so a change never reaches back: what is charged is
the new estimate over what remains (ASC 250-10-45-17, IAS 8.36). Stages may have no length, so that changes of one
moment (depr/books/stretches.py) are walked in the order in which they were recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from depr.books.book import Policy
from depr.books.stretches import EXITS, NOTHING, Change, Leaver, Moment, Stage, Stretch
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.shares import ShareTable

__all__ = ["Change", "Stage", "Way", "stages"]


@dataclass(frozen=True)
class Way:
    """How far a walk has come: the stages that are over, and the stretch that lasts."""

    over: tuple[Stage, ...]
    now: Stretch

    @classmethod
    def begun(cls, policy: Policy, day: date, calendar: FiscalCalendar, ratio: Fraction | None = None) -> Way:
        """The walk of a lot placed in service on a day under a policy, whose clock it keeps."""
        convention, served = CONVENTIONS[policy.convention], calendar.period(day)
        clock = convention.clock(day, calendar, policy.life, policy.day_count)
        begins = Moment(served, NOTHING, day=day)
        return cls((), Stretch(policy, convention, clock, calendar, ratio, served, begins, policy.life))

    def meeting(self, table: ShareTable, period: int) -> Way | None:
        """What any policy meets that begins with a period; None when nothing is left to charge."""
        at = self.now.start(period)
        if self.now.used(at) >= 1:
            return None
        return Way((*self.over, self.now.stage(table, at)), self.now.revised(at))

    def ruled(self, table: ShareTable, policy: Policy) -> Way:
        """The walk met by a later policy; at the start it takes the place of the first."""
        period = self.now.calendar.period(policy.effective)
        met = self if period <= self.now.first and not self.over else self.meeting(table, period)
        return self if met is None else Way(met.over, met.now.ruled(policy, policy.life))

    def changed(self, table: ShareTable, at: Moment, change: Change) -> Way:
        """The walk met by a change of the lot."""
        due = self.now.due(at, change.number)
        return Way((*self.over, self.now.stage(table, at, due)), self.now.changed(at, change, due))

    def stages(self, table: ShareTable) -> tuple[Stage, ...]:
        """All stages, the last to the end of its curve."""
        return (*self.over, self.now.stage(table))


def stages(
    track: Sequence[Policy],
    in_service: date,
    ratio: Fraction | None,
    calendar: FiscalCalendar,
    table: ShareTable,
    changes: Sequence[Change] = (),
) -> tuple[Stage, ...]:
    """The stretches of a lot placed in service on a date: one for each policy and change that meets it.

    `ratio` is the lot's own residual value / cost, None to follow each policy. A policy applies from the period that
    holds its effective date, a change of the lot from its moment. What remains is the new life less the age reached,
    one period when the age has overtaken it, which charges all that is left; a life estimated for the lot outranks
    that of a later policy, unless this one replaces it. The clock is that of the first policy. What goes is charged
    until the convention stops the clock, in the period in which it goes at the latest. An impairment takes no more
    than is carried, a reversal no more than was impaired.
    """
    policy, *later = _from(track, in_service)
    way = Way.begun(policy, in_service, calendar, ratio)
    leavers = (_leaver(way.now, change) for change in changes)
    now = replace(
        way.now,
        charging=not any(change.kind == "opening" for change in changes),
        leavers=tuple(leaver for leaver in leavers if leaver),
    )
    way = Way((), now)
    for at, change in _in_order(now, later, changes):
        if isinstance(change, Policy):
            way = way.ruled(table, change)
            continue
        way = way.changed(table, at, change)
        if change.kind == "disposal":
            way = Way(way.over, replace(way.now, charging=False))
            break
    return way.stages(table)


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


def _in_order(
    now: Stretch, policies: Sequence[Policy], changes: Sequence[Change]
) -> list[tuple[Moment, Change | Policy]]:
    """Changes in order of date and recording, none later than one that follows it; a policy before those of its start.

    A change on the last day of a period counts from the next, unless something goes on that day after it.
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
    return dated


def _place(at: Moment) -> tuple[int, Fraction]:
    return at.period, at.age
