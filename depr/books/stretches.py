"""Stretches: where the walk of a cohort (depr/books/stages.py) stands between two changes, and what it charges until
then.

Every change has a moment at which it takes effect. A month counts what is in service by its convention, so there a
moment is the start of a period: of the one in which something goes, as a disposal stops the clock, and of the one
that holds the next day for any other change. By day a moment is a day: what goes is not charged for its day, any
other change counts from the end of its own. What a change moves counts in the period of its day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from depr.books.book import Policy
from depr.kernel.calendar import PERIODS, FiscalCalendar
from depr.kernel.conventions import Clock, Convention, DayClock, ExitClock
from depr.kernel.curves import GIVEN, Knots, curve, rest, share_at
from depr.kernel.shares import ShareTable, blended

ONE_PERIOD = Fraction(1)
NOTHING = Fraction(0)
WORTH = ("impairment", "reversal")
STARTS = ("opening", "back_in_use")
STOPS = ("held_for_sale", "disposal")
EXITS = ("partial_disposal", "held_for_sale", "disposal")
"""Kinds by which something goes out of service."""


@dataclass(frozen=True)
class Change:
    """One change of a lot; `number` is its place among the lot's changes, by which amounts are looked up.

    `share` (its amount) and `residual` (the new one) are shares of cost, `part` is what a partial disposal takes: all
    needed only where the residual value shapes the curve, the part also where a convention tells a year by its end.
    """

    effective: date
    kind: str
    life_months: int | None = None
    share: Fraction = NOTHING
    number: int = 0
    residual: Fraction | None = None
    part: Fraction = NOTHING

    @property
    def goes(self) -> Fraction:
        """The part of what is in service that goes out of it."""
        return self.part if self.kind == "partial_disposal" else Fraction(self.kind in EXITS)


@dataclass(frozen=True)
class Moment:
    """Where one stretch ends and another begins: the period, the age reached, and whether it lies within the period.

    `day` begins with it, where days are counted; `stop` is the age at which the clock of what goes stops.
    """

    period: int
    age: Fraction
    within: bool = False
    day: date = date.min
    stop: Fraction | None = None


@dataclass(frozen=True)
class Stage:
    """One stretch of a cohort's life between two changes; `share_id` is None while no whole period is charged.

    `used` is the share of the stage's base charged when it ends; `change` is what began it, None at the start or for
    a policy of the book, and `moved` is the period in which what it moves counts.

    Whole periods run from `first_period` to `last_period`. A period in which a stage begins may be charged in parts:
    `begins` is that period, `head` the share used when it ends (None where the whole periods begin with it), `lasts`
    says that the stage goes on beyond it. `tail` is the share used when the period begins within which the stage
    ends. `due` are the shares used of what goes with the next change: when its clock stops, and when the stage ends.
    Of the useful life, `gone` months are over when it begins and `life` remain.
    """

    policy: Policy
    share_id: int | None
    first_period: int
    last_period: int | None
    used: Fraction
    change: Change | None
    moved: int | None = None
    begins: int = 0
    head: Fraction | None = None
    lasts: bool = True
    tail: Fraction = NOTHING
    due: tuple[Fraction, Fraction] = (NOTHING, NOTHING)
    gone: Fraction = NOTHING
    life: Fraction = NOTHING


@dataclass(frozen=True)
class Leaver:
    """A part of what is held that is to go, by the number of its change, and its clock until then."""

    number: int
    part: Fraction
    clock: ExitClock


@dataclass(frozen=True)
class Stretch:
    """Where the walk of a cohort stands: the policy in force, what remains of its life, and what is still carried.

    `open` says that its first period may have been charged in part already. `leavers` are known beforehand where the
    convention tells the year in which they go by its end. `own` says that the life was estimated for the lot alone,
    `going_on` is what is left of a curve that no new estimate has replaced: a part that goes is none. `aged` is the age
    that is past of the life: of all that is held, where parts have clocks of their own.
    """

    policy: Policy
    convention: Convention
    clock: Clock
    calendar: FiscalCalendar
    ratio: Fraction | None
    served: int
    begins: Moment
    whole_life: Fraction
    cost: Fraction = Fraction(1)
    carrying: Fraction = Fraction(1)
    impaired: Fraction = NOTHING
    charging: bool = True
    change: Change | None = None
    leavers: tuple[Leaver, ...] = ()
    open: bool = False
    own: bool = False
    going_on: Knots | None = None
    aged: Fraction = NOTHING

    @property
    def first(self) -> int:
        """The period in which it begins."""
        return self.begins.period

    @property
    def since(self) -> Fraction:
        """The age at which it begins."""
        return self.begins.age

    @property
    def life(self) -> Fraction:
        """What remains of the useful life: one period where the age has overtaken it."""
        return max(self.whole_life - self.aged, ONE_PERIOD)

    @property
    def residual(self) -> Fraction:
        """Residual value; it, the cost and the carrying amount are shares of the cost when placed in service."""
        if not self.policy.takes_residual:
            return NOTHING
        return self.policy.residual_rate * self.cost if self.ratio is None else self.ratio

    @property
    def over(self) -> Fraction:
        """What is to be charged, as a share of the cost when placed in service."""
        return max(self.carrying - self.residual, NOTHING)

    def start(self, period: int) -> Moment:
        """The moment at which a period begins; nothing comes before the period placed in service."""
        if period <= self.served:
            return Moment(self.served, NOTHING, day=self.clock.start if isinstance(self.clock, DayClock) else date.min)
        if isinstance(self.clock, DayClock):
            day = self.calendar.first_day(period)
            return Moment(period, self.clock.age_at(day), day=day)
        return Moment(period, max(self.clock.age(period - 1), NOTHING))

    def moment(self, change: Change) -> Moment:
        """The moment at which a change of the lot takes effect."""
        goes = change.kind in EXITS
        day = change.effective if goes else change.effective + timedelta(days=1)
        at = self.start(self.calendar.period(day))
        if isinstance(self.clock, DayClock) and day > self.clock.start:
            at = Moment(at.period, self.clock.age_at(day), day != self.calendar.first_day(at.period), day)
        if not goes:
            return at
        stop = self.convention.age_at_disposal(self.clock, day, self.calendar)
        return replace(at, stop=max(stop, NOTHING))

    def knots(self) -> Knots:
        """The curve of the stretch: the policy over what remains of the life, from what is still carried."""
        if self.going_on is not None:
            return self.going_on
        floor = min(self.residual / self.carrying, ONE_PERIOD) if self.carrying > 0 else ONE_PERIOD
        since = self.served if self.policy.method in GIVEN else self.first
        first_year = self.clock.age(self.calendar.year_start(since) + PERIODS - 1) - self.since + self.begun
        return rest(curve(self.policy.terms(self.life, floor, first_year)), self.begun)

    @property
    def begun(self) -> Fraction:
        """Age at which a curve given as data is entered: it is not stretched over what remains, but gone on with."""
        return self.since if self.policy.method in GIVEN else NOTHING

    def timed(self, knots: Knots) -> Clock:
        """The clock, which is at the end of the curve when the life ends."""
        return self.clock.until(self.since + knots[-1][0]) if isinstance(self.clock, DayClock) else self.clock

    def used(self, at: Moment) -> Fraction:
        """Share of the base charged at a moment."""
        if not self.charging:
            return NOTHING
        knots = self.knots()
        clock = self.timed(knots)
        leavers = self._weighed(lambda leaver: self._grown(leaver, at.period))
        age = clock.age_at(at.day) if isinstance(clock, DayClock) else at.age
        return blended(knots, age - self.since, leavers)

    def _weighed(self, of: Callable[[Leaver], Fraction]) -> list[tuple[Fraction, Fraction]]:
        """Parts of what is held now that are to go, each of what those before it leave, with something of each."""
        found = []
        left = Fraction(1)
        for leaver in self.leavers:
            found.append((left * leaver.part, of(leaver)))
            left *= 1 - leaver.part
        return found

    def _age(self, leaver: Leaver, period: int) -> Fraction:
        """The age of a part that is to go when a period begins."""
        return max(leaver.clock.age(period - 1), NOTHING) if period > self.served else NOTHING

    def _grown(self, leaver: Leaver, period: int) -> Fraction:
        """Months that a part that is to go has aged in this stretch when a period begins."""
        return self._age(leaver, period) - self._age(leaver, self.first)

    def _past(self, at: Moment) -> Fraction:
        """The age that all that is held has reached on average."""
        parts = self._weighed(lambda leaver: self._age(leaver, at.period))
        return at.age + sum((part * (age - at.age) for part, age in parts), NOTHING)

    def due(self, at: Moment, number: int) -> tuple[Fraction, Fraction]:
        """Shares of the base charged of what goes with change `number`: when its clock stops, and at the moment."""
        if not self.charging or at.stop is None:
            return NOTHING, NOTHING
        knots = self.knots()
        for leaver in self.leavers:
            if leaver.number == number:
                whole = leaver.clock.stop - self._age(leaver, self.first)
                return share_at(knots, whole), share_at(knots, self._grown(leaver, at.period))
        now = self.used(at)
        stop = at.stop if isinstance(self.clock, DayClock) else max(at.stop, at.age)
        return (now if isinstance(self.clock, DayClock) else share_at(knots, stop - self.since)), now

    def stage(
        self, table: ShareTable, end: Moment | None = None, due: tuple[Fraction, Fraction] | None = None
    ) -> Stage:
        """The stage that lasts until a moment, or to the end of its curve."""
        begins = self.first
        lasts = end is None or end.period > self.first
        split = self.charging and lasts and (self.open or self.begins.within)
        after = self.start(begins + 1)
        head = self.used(after) if split else None
        first = begins + 1 if split else begins
        last = None if end is None else end.period - 1
        share = None
        if self.charging and lasts and (last is None or last >= first):
            share = self._share(table, first, after if split else self.begins)
        used = Fraction(1) if end is None else self.used(end)
        tail = used if lasts else NOTHING
        if end is not None and end.within and lasts:
            tail = self.used(self.start(end.period))
        return Stage(
            self.policy, share, first, last, used, self.change, self.moved, begins, head, lasts, tail,
            due or (NOTHING, NOTHING), self.aged, self.life,
        )  # fmt: skip

    def _share(self, table: ShareTable, first: int, opens: Moment) -> int | None:
        """The share of whole periods from the first on; None where all is charged before."""
        knots = self.knots()
        clock = self.timed(knots)
        opened = (clock.age_at(opens.day) if isinstance(clock, DayClock) else opens.age) - self.since
        if opened > 0 and opened >= knots[-1][0] and not self.leavers:
            return None
        parts = self._weighed(lambda leaver: self._grown(leaver, first))
        leavers = tuple(
            (part, leaver.clock.relative(first, self._age(leaver, self.first)), grown)
            for (part, grown), leaver in zip(parts, self.leavers, strict=True)
        )
        return table.add(knots, clock.relative(first, self.since), opened, leavers)

    @property
    def moved(self) -> int | None:
        """The period in which the change that began it counts."""
        return None if self.change is None else self.calendar.period(self.change.effective)

    def ruled(self, policy: Policy, life: Fraction) -> Stretch:
        """The stretch under a policy, over a life from the start, unless one estimated for the lot stands."""
        if self.own and policy.own_life == "stands":
            return replace(self, policy=policy)
        return replace(self, policy=policy, whole_life=life, own=False)

    def revised(self, at: Moment) -> Stretch:
        """What any policy meets that begins at a moment: the carrying amount, and the life less the age reached."""
        kept = self.carrying - self.used(at) * self.over
        aged = self._past(at)
        split = at.period == self.first and (self.open or self.begins.within)
        return replace(self, begins=at, carrying=kept, change=None, open=split, going_on=None, aged=aged)

    def changed(self, at: Moment, change: Change, due: tuple[Fraction, Fraction]) -> Stretch:
        """The stretch that begins with a change at a moment; `due` is what goes with it is charged (Stage)."""
        life = self.whole_life
        own = self.own
        if change.life_months is not None:
            life = Fraction(change.life_months)
            own = True
        stay = tuple(leaver for leaver in self.leavers if leaver.number != change.number)
        moved = self.revised(at)
        aged = replace(self, leavers=stay)._past(at)
        goes_on = self.charging and change.kind == "partial_disposal"
        begun = replace(
            moved,
            going_on=rest(self.knots(), at.age - self.since) if goes_on else None,
            whole_life=life,
            aged=aged,
            own=own,
            charging=change.kind in STARTS or (self.charging and change.kind not in STOPS),
            change=change,
            carrying=moved.carrying - self._late(at, change, due) * self.over,
            leavers=stay,
            open=moved.open or due[0] > due[1],
        )
        return begun._shaped(change)

    def _late(self, at: Moment, change: Change, due: tuple[Fraction, Fraction]) -> Fraction:
        """What is charged of those who stay beyond the share used of all, since what goes has had its own clock."""
        if change.kind == "partial_disposal" and change.part < 1:
            return (self.used(at) - due[1]) * change.part / (1 - change.part)
        return due[0] - due[1] if change.kind == "held_for_sale" else NOTHING

    def _shaped(self, change: Change) -> Stretch:
        """The stretch with the cost, residual value and carrying amount that a change leaves."""
        left = 1 - change.part
        kept = None if self.ratio is None else self.ratio * left
        carrying = self.carrying * left
        impaired = self.impaired * left
        raised = {"improvement": change.share, "opening": -change.share}.get(change.kind, NOTHING)
        if change.kind == "impairment":
            raised = -min(change.share, max(carrying, NOTHING))
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
