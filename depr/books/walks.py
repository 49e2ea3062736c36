"""Walks through the policies of many books, which share what they have in common.

The same steps as depr.books.stages.stages takes for a lot that nothing befalls; where books begin with the same
policies, as those that a change date makes do, the steps up to the first difference are taken once.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from depr.books.book import Policy
from depr.books.stages import Stage, Way
from depr.books.stretches import NOTHING
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, Clock
from depr.kernel.curves import GIVEN, Knots
from depr.kernel.shares import Leavers, ShareTable


class Shares(ShareTable):
    """A share table that also knows which curve, clock and end each number stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[tuple[Knots, Clock]] = []

    def add(self, knots: Knots, clock: Clock, opened: Fraction = NOTHING, leavers: Leavers = ()) -> int:
        """Number of a share, as in ShareTable; lots that nothing befalls begin with whole periods, and nothing goes."""
        number = super().add(knots, clock, opened, leavers)
        if number == len(self.keys):
            self.keys.append((knots, clock))
        return number


Key = tuple[int | date, ...]


class Walks:
    """The stages of lots by their policies and date of service."""

    def __init__(self, calendar: FiscalCalendar) -> None:
        self.calendar, self.shares = calendar, Shares()
        self._ways: dict[Key, Way] = {}
        self._met: dict[Key, Way | None] = {}
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
            self._ways[key] = Way.begun(first, day, self.calendar)
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
            point, served = CONVENTIONS[policy.convention].point, self.calendar.period(day)
            assert point is not None
            after = point(day, self.calendar) - served
            self._shapes[key] = after.numerator, after.denominator, self.calendar.month_of_year(served) * yearly
        return self._shapes[key]

    def _gone_on(self, before: Key, policy: Policy) -> Way:
        """A later policy meets what is left (Way.ruled); what any of its period meets is worked out once."""
        period, way = self.calendar.period(policy.effective), self._ways[before]
        if period <= way.now.first and not way.over:
            return way.ruled(self.shares, policy)
        key = (*before, period)
        if key not in self._met:
            self._met[key] = way.meeting(self.shares, period)
        met = self._met[key]
        return way if met is None else Way(met.over, met.now.ruled(policy, policy.life))
