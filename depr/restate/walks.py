"""Walks through the policies of many books, which share what they have in common.

The same steps as depr.stages.stages takes for a lot that nothing befalls; where books begin with the same policies, as
those that a change date makes do, the steps up to the first difference are taken once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from depr.book import Policy
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, Clock
from depr.kernel.curves import GIVEN, Knots
from depr.kernel.shares import ShareTable
from depr.stages import ONE_PERIOD, Stage, Stretch


class Shares(ShareTable):
    """A share table that also knows which curve, clock and end each number stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[tuple[Knots, Clock, Fraction | None]] = []

    def add(self, knots: Knots, clock: Clock, stop: Fraction | None = None) -> int:
        """Number of a share, as in ShareTable."""
        number = super().add(knots, clock, stop)
        if number == len(self.keys):
            self.keys.append((knots, clock, stop))
        return number


class _Way(NamedTuple):
    """The stages that are over, and the stretch that lasts."""

    over: tuple[Stage, ...]
    now: Stretch


Key = tuple[int | date, ...]


class Walks:
    """The stages of lots by their policies and date of service."""

    def __init__(self, calendar: FiscalCalendar) -> None:
        self.calendar, self.shares = calendar, Shares()
        self._ways: dict[Key, _Way] = {}
        self._met: dict[Key, _Way | None] = {}
        self._last: dict[Key, Stage] = {}
        self._shapes: dict[tuple[date, str, bool], tuple[int, int, int]] = {}
        self._seen: list[Policy] = []  # keeps alive what is known by its identity

    def walk(self, track: tuple[Policy, ...], day: date) -> tuple[Stage, ...]:
        """The stages of a lot placed in service on a day, under policies in order of date."""
        past = [policy for policy in track if policy.effective <= day]
        first = past[-1] if past else track[0]
        key: Key = (day, id(first))
        if key not in self._ways:
            self._seen.append(first)
            self._ways[key] = self._begun(first, day)
        for policy in track[len(past) :]:
            before, key = key, (*key, id(policy))
            if key not in self._ways:
                self._seen.append(policy)
                self._ways[key] = self._gone_on(before, policy)
        if key not in self._last:
            self._last[key] = self._ways[key].now.stage(self.shares)
        return (*self._ways[key].over, self._last[key])

    def shape(self, track: tuple[Policy, ...], day: date) -> object:
        """Days of one shape have the same walk, but that it begins as many periods later as they are in service later.

        Where no policy is to come, the one in force sees of a day where in its period the clock starts and, where it
        follows fiscal years, the month.
        """
        policy = track[-1]
        if policy.effective > day:
            return day
        yearly = policy.reset == "fiscal_year" or policy.method in GIVEN
        key = day, policy.convention, yearly
        if key not in self._shapes:
            point, served = CONVENTIONS[policy.convention].point, self.calendar.period(day)
            assert point is not None
            after = point(day, self.calendar) - served
            self._shapes[key] = after.numerator, after.denominator, self.calendar.month_of_year(served) * yearly
        return self._shapes[key]

    def _begun(self, policy: Policy, day: date) -> _Way:
        clock = CONVENTIONS[policy.convention].clock(day, self.calendar, policy.life, policy.day_count)
        served = self.calendar.period(day)
        return _Way((), Stretch(policy, clock, self.calendar, None, served, served, policy.life))

    def _gone_on(self, before: Key, policy: Policy) -> _Way:
        """A later policy meets what is left, unless it is all used up; at the start it takes the place of the first."""
        end, way = self.calendar.period(policy.effective), self._ways[before]
        if end <= way.now.first and not way.over:
            return _Way((), replace(way.now, policy=policy, life=policy.life))
        key = (*before, end)
        if key not in self._met:
            self._met[key] = self._meeting(way, end, policy)
        met = self._met[key]
        if met is None:
            return way
        return _Way(met.over, replace(met.now, policy=policy, life=max(policy.life - met.now.since, ONE_PERIOD)))

    def _meeting(self, way: _Way, end: int, policy: Policy) -> _Way | None:
        """What any policy meets that begins with a period; None when nothing is left."""
        if way.now.used(end) >= 1:
            return None
        return _Way((*way.over, way.now.stage(self.shares, end)), way.now.revised(end, policy))
