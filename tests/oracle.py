"""An independent checker: the schedule of one asset, worked out month by month in fractions.

Written from the definitions of the methods and conventions, with the standard library alone and nothing of depr:
what the two have in common is the accounting, so where they agree on every cell, both are right or both misread it.
It is plain, not fast: a share of each curve at each age, then whole numbers for each asset.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import accumulate

Row = tuple[int, int, int, int]
"""Year, month, depreciation of the month, accumulated depreciation at its end: amounts in minor units."""

LONG_AGO = date(1, 1, 1)
NOTHING, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Rule:
    """What is believed of an asset from a date on: life in months, residual value as a share of cost."""

    life_months: int
    method: str = "straight_line"
    convention: str = "full_month"
    effective: date = LONG_AGO
    residual_rate: Fraction = NOTHING
    factor: Fraction = Fraction(2)
    switch: str = "remaining"
    residual_as: str = "deduction"
    reset: str = "asset_year"
    day_count: str = "actual_actual"
    own_life: str = "stands"


@dataclass(frozen=True)
class Asset:
    """What is known of an asset, in minor units; a residual value of None follows the rule."""

    cost: int
    in_service: date
    residual: int | None = None


def half_even(numerator: int, denominator: int) -> int:
    """The whole number nearest to a quotient; of two equally near, the even one."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest - denominator
    return whole + (1 if twice > 0 or (twice == 0 and whole % 2) else 0)


def month_number(day: date) -> int:
    """Months since the beginning of year 0."""
    return 12 * day.year + day.month - 1


# Methods: the share of the depreciable amount that each asset-year takes


@dataclass(frozen=True)
class Shape:
    """All that shapes a curve: lives in months; `kept` is the share of the opening amount that declining must leave.

    `first` is the length of the first year in months: less than twelve where the years are fiscal years.
    """

    method: str
    life: Fraction
    factor: Fraction = Fraction(2)
    switch: str = "remaining"
    kept: Fraction = NOTHING
    first: Fraction = Fraction(12)


def asset_years(shape: Shape) -> list[tuple[Fraction, Fraction]]:
    """Each year: the years left of the life when it begins, and its length in years (first and last may be short)."""
    left, length, years = shape.life / 12, shape.first / 12, []
    while left > 0:
        years.append((left, min(left, length)))
        left, length = left - length, WHOLE
    return years


def even(shape: Shape) -> list[Fraction]:
    """Straight line: every year takes its length."""
    return [length / (shape.life / 12) for _, length in asset_years(shape)]


def digits(shape: Shape) -> list[Fraction]:
    """Sum of the years' digits: a year is charged at the rate of the years left when it begins, for its length."""
    weights = [left * length for left, length in asset_years(shape)]
    return [weight / sum(weights) for weight in weights]


def declining(shape: Shape) -> list[Fraction]:
    """Declining balance: factor / life of what is left, or the straight line when that is more; the last year all."""
    amount, years, charges = WHOLE, shape.life / 12, []
    for left, length in asset_years(shape):
        straight = {
            "remaining": (amount - shape.kept) / left,
            "original": (1 - shape.kept) / years,
            "none": NOTHING,
        }[shape.switch]
        charge = max(amount * shape.factor / years, straight) * length
        charge = amount - shape.kept if left == length else min(charge, amount - shape.kept)
        amount -= charge
        charges.append(charge / (1 - shape.kept))
    return charges


METHODS = {"straight_line": even, "sum_of_years_digits": digits, "declining_balance": declining}


@cache
def by_year(shape: Shape) -> list[Fraction]:
    """Share used up when each asset-year begins, and at the end of the last."""
    return [NOTHING, *accumulate(METHODS[shape.method](shape))]


def used_up(shape: Shape, age: Fraction) -> Fraction:
    """Share used up at an age in months, even within an asset-year."""
    if age >= shape.life:
        return WHOLE
    year, months = divmod(max(age - shape.first, NOTHING), 12)
    begins = shape.first + 12 * year
    if age < shape.first:
        year, months, begins = -1, max(age, NOTHING), NOTHING
    before, after = by_year(shape)[int(year) + 1 : int(year) + 3]
    length = shape.first if year < 0 else Fraction(12)
    return before + (after - before) * months / min(length, shape.life - begins)


@cache
def month_ends(shape: Shape, age: Fraction) -> list[Fraction]:
    """Share used up at an age in months, a month later and so on, to the end of the life."""
    shares = [used_up(shape, age)]
    while age < shape.life:
        age += 1
        shares.append(used_up(shape, age))
    return shares


# Conventions: the moment at which the age is zero


def year_end_of(day: date, year_end: int) -> date:
    """Last day of the fiscal year that holds a day, when fiscal years end with the month `year_end`."""
    year = day.year if day.month <= year_end else day.year + 1
    return date(year, year_end, monthrange(year, year_end)[1])


def clock(convention: str, in_service: date, year_end: int) -> Fraction:
    """The moment, in months since the beginning of year 0, from which the asset ages."""
    month, last = month_number(in_service), month_number(year_end_of(in_service, year_end))
    to_come = last - month
    return {
        "full_month": Fraction(month),
        "following_month": Fraction(month + 1),
        "nearest_month": Fraction(month if in_service.day < 16 else month + 1),
        "mid_month": Fraction(2 * month + 1, 2),
        "mid_quarter": last + 1 - Fraction(3, 2) - to_come // 3 * 3,
        "half_year": Fraction(last - 5),
        "full_year": Fraction(last - 11),
    }[convention]


# Day counts: every day weighs what the count says; an age is the sum of the days


@cache
def running(weigh: Callable[[date], int]) -> list[int]:
    """Weight of the days from the start of 1990 to before each day, by number of days."""
    days = (date(1990, 1, 1) + timedelta(n) for n in range(150 * 365))
    return [0, *accumulate(map(weigh, days))]


def weight(weigh: Callable[[date], int], start: date, end: date) -> int:
    """Weight of the days from a day to before another."""
    sums, origin = running(weigh), date(1990, 1, 1)
    return sums[(end - origin).days] - sums[(start - origin).days]


def each(day: date) -> int:
    """Every day counts."""
    return 1


def no_leap_day(day: date) -> int:
    """Every day but 29 February."""
    return int((day.month, day.day) != (2, 29))


def of_thirty(day: date) -> int:
    """Thirty days a month: the 31st is none, the last of February all that are missing."""
    return 31 - day.day if day.month == 2 and (day + timedelta(1)).month == 3 else int(day.day < 31)


@cache
def in_leap_year(year_end: int) -> Callable[[date], int]:
    """Days of fiscal years that have 366."""

    def weigh(day: date) -> int:
        end = year_end_of(day, year_end)
        return int((end - year_end_of(end.replace(day=1, year=end.year - 1), year_end)).days == 366)

    return weigh


def later(day: date, months: Fraction) -> date:
    """The same day so many whole months later, or the last of that month; a rest in days of that month."""
    year, month = divmod(month_number(day) + int(months), 12)
    long = monthrange(year, month + 1)[1]
    rest = (months - int(months)) * long
    return date(year, month + 1, min(day.day, long)) + timedelta(half_even(rest.numerator, rest.denominator))


def days_as_months(count: str, start: date, end: date, life: Fraction, year_end: int) -> Fraction:
    """Age in months when the day `end` begins."""
    days, last = weight(each, start, end), end - timedelta(1)
    if count == "actual_actual":
        leap = weight(in_leap_year(year_end), start, end)
        return 12 * (Fraction(leap, 366) + Fraction(days - leap, 365))
    if count == "actual_life":
        return life * Fraction(days, (later(start, life) - start).days)
    if count == "actual_365":
        return Fraction(12 * days, 365)
    if count == "no_leap_365":
        return Fraction(12 * weight(no_leap_day, start, end), 365)
    thirty = weight(of_thirty, start, end) + (start.day == 31 and end > start)
    return Fraction(thirty + (count == "30_360_us" and last.day == 31 and start.day < 30 and end > start), 30)


def age(rule: Rule, in_service: date, moment: date | int, year_end: int) -> Fraction:
    """Age in months when a day begins, or at the end of a month given by its number."""
    if rule.convention == "daily":
        day = moment if isinstance(moment, date) else date((moment + 1) // 12, (moment + 1) % 12 + 1, 1)
        return days_as_months(rule.day_count, in_service, max(day, in_service), Fraction(rule.life_months), year_end)
    begin = clock(rule.convention, in_service, year_end)
    if isinstance(moment, date):
        return clock(rule.convention, moment, year_end) - begin
    first, last = month_number(in_service), month_number(year_end_of(in_service, year_end))
    if rule.convention in SPREAD and moment <= last:  # the year is told, its months share alike
        return (last + 1 - begin) * Fraction(moment + 1 - first, last + 1 - first)
    return moment + 1 - begin


SPREAD = ("half_year", "mid_quarter")
BY_YEAR = (*SPREAD, "full_year")
"""Conventions that say what a year is charged: also of the year in which something goes."""


@dataclass(frozen=True)
class Clock:
    """The age of an asset at the end of a month, by the convention of the rule it was placed in service under."""

    rule: Rule
    in_service: date
    year_end: int

    def __call__(self, month: int) -> Fraction:
        """Age in months at the end of a month."""
        return age(self.rule, self.in_service, month, self.year_end)


def shares_of(shape: Shape, ages: Callable[[int], Fraction], month: int, over: date) -> list[Fraction]:
    """Share used up at the end of a month and of those after it, to the end of the life, which is over on a day."""
    shares: list[Fraction] = []
    ended = False
    while not shares or (ages(month - 1) < shape.life and not ended):
        ended = date((month + 1) // 12, (month + 1) % 12 + 1, 1) >= over
        shares.append(WHOLE if ended else used_up(shape, ages(month)))
        month += 1
    return shares


# The schedule


@dataclass
class Stretch:
    """What is depreciated under one rule: an amount, over a life, from a month on.

    `shares` are the parts of the base used up at the end of that month and of those after it; `held` is the carrying
    amount at its start and `kept` the residual value, as exact shares of cost.
    """

    month: int
    opening: int
    base: int
    shares: list[Fraction]
    held: Fraction
    kept: Fraction

    def accumulated(self) -> Iterator[int]:
        """Accumulated depreciation at the end of each month: the only amounts that are rounded."""
        for share in self.shares:
            yield self.opening + half_even(self.base * share.numerator, share.denominator)

    def until(self, month: int) -> Stretch | None:
        """What there is of it before a month; None when nothing is left to depreciate by then."""
        shares = self.shares[: month - self.month]
        return None if shares[-1] == 1 else replace(self, shares=shares)

    def left(self) -> Fraction:
        """Carrying amount at its end as an exact share of cost."""
        return self.held - max(self.held - self.kept, NOTHING) * self.shares[-1]


def schedule(asset: Asset, rules: Sequence[Rule], year_end: int = 12) -> list[Row]:
    """Depreciation by month, from the month placed in service to the end of the life.

    A later rule applies from the month that holds its date, to the carrying amount, over its life less the age
    reached (a month at least), and not at all to an asset that is used up. The clock is that of the rule in force
    when the asset was placed in service.
    """
    rows: list[Row] = []
    before = 0
    for stretch in stretches(asset, rules, year_end):
        for month, now in enumerate(stretch.accumulated(), stretch.month):
            rows.append((month // 12, month % 12 + 1, now - before, now))
            before = now
    return rows


def stretches(asset: Asset, rules: Sequence[Rule], year_end: int) -> list[Stretch]:
    """The parts of an asset's life, each under one rule."""
    first = month_number(asset.in_service)
    rule = [rules[0], *(r for r in rules if r.effective <= asset.in_service)][-1]
    ages = Clock(rule, asset.in_service, year_end)
    changes = {month_number(r.effective): r for r in rules if r.effective > asset.in_service}
    rule = changes.pop(first, rule)
    parts = [_stretch(asset, rule, ages, first, 0, WHOLE, Fraction(rule.life_months))]
    for month, change in sorted(changes.items()):
        past = parts[-1].until(month)
        if past is None:
            break
        *_, opening = past.accumulated()
        life = max(change.life_months - max(ages(month - 1), NOTHING), WHOLE)
        parts[-1:] = [past, _stretch(asset, change, ages, month, opening, past.left(), life)]
    return parts


def _stretch(
    asset: Asset, rule: Rule, ages: Clock, month: int, opening: int, held: Fraction, life: Fraction
) -> Stretch:
    """The carrying amount less the residual value, to be depreciated under a rule from a month on."""
    kept = rule.residual_rate
    residual = half_even(asset.cost * kept.numerator, kept.denominator)
    if asset.residual is not None:
        kept, residual = Fraction(asset.residual, max(asset.cost, 1)), asset.residual
    past = ages(month - 1) if month > month_number(asset.in_service) else NOTHING
    since = max(past, NOTHING)

    def left(at: int) -> Fraction:
        return ages(at) - since

    shape = shape_of(rule, life, kept / held, left(month + (ages.year_end - 1 - month) % 12))
    base = max(asset.cost - residual - opening, 0)
    if ages.rule.convention == "daily":
        steps = shares_of(shape, left, month, later(asset.in_service, since + life))
    elif ages.rule.convention in SPREAD:
        steps = shares_of(shape, left, month, date.max)
    else:
        steps = month_ends(shape, left(month))
    return Stretch(month, opening, base, steps, held, kept)


def shape_of(rule: Rule, life: Fraction, floor: Fraction, first: Fraction) -> Shape:
    """The curve of a rule over a life; `first` is the age at the first fiscal year end."""
    shape = Shape(rule.method, life)
    if rule.method == "declining_balance":
        floor = floor if rule.residual_as == "floor" else NOTHING
        shape = replace(shape, factor=rule.factor, switch=rule.switch, kept=floor)
        if floor >= 1:  # nothing to decline from: the cents that rounding may leave go evenly
            return Shape("straight_line", life)
    return replace(shape, first=first) if rule.reset == "fiscal_year" and first else shape


# What befalls an asset


GOES = ("partial_disposal", "held_for_sale", "disposal")


@dataclass(frozen=True)
class Turn:
    """One event of an asset: amounts in minor units, life in months from the start, `part` of it that is sold.

    `down_to` is what is recoverable, where that and not the amount says what is lost or given back.
    """

    day: date
    kind: str
    amount: int = 0
    life: int | None = None
    residual: int | None = None
    part: Fraction = NOTHING
    down_to: int | None = None


@dataclass
class State:
    """An asset as it stands: amounts in minor units, and the same without their rounding where a floor needs them."""

    cost: int
    residual: int | None
    life: Fraction
    used: bool = True
    accumulated: int = 0
    impaired: int = 0
    exact_cost: Fraction = NOTHING
    exact_held: Fraction = NOTHING
    exact_impaired: Fraction = NOTHING
    own: bool = False

    @property
    def held(self) -> int:
        """Carrying amount, never below nothing."""
        return max(self.cost - self.impaired - self.accumulated, 0)

    def kept(self, rate: Fraction) -> int:
        """Residual value: its own, or a share of what it cost."""
        return half_even(self.cost * rate.numerator, rate.denominator) if self.residual is None else self.residual

    def exact_kept(self, rate: Fraction) -> Fraction:
        """The same without rounding."""
        return self.exact_cost * rate if self.residual is None else Fraction(self.residual)

    def feel(self, turn: Turn) -> None:
        """Let something happen to it, other than that accumulated depreciation goes with a part."""
        left = 1 - turn.part
        for name in ("cost", "residual", "impaired"):
            if (value := getattr(self, name)) is not None and turn.part:
                setattr(self, name, value - half_even(value * turn.part.numerator, turn.part.denominator))
        self.exact_cost, self.exact_held = self.exact_cost * left, self.exact_held * left
        self.exact_impaired *= left
        if turn.kind == "improvement":
            self.cost, self.exact_cost = self.cost + turn.amount, self.exact_cost + turn.amount
            self.exact_held += turn.amount
        elif turn.kind == "opening":
            self.accumulated = turn.amount
            self.exact_held -= turn.amount
        elif turn.kind == "impairment":  # of what is carried, no more
            lost = turn.amount if turn.down_to is None else max(self.held - turn.down_to, 0)
            self.impaired += min(lost, self.held)
            self._worth(-min(Fraction(turn.amount), max(self.exact_held, NOTHING)))
        elif turn.kind == "reversal":  # of what was impaired, no more
            back = turn.amount if turn.down_to is None else max(turn.down_to - self.held, 0)
            self.impaired -= min(back, self.impaired)
            self._worth(min(Fraction(turn.amount), self.exact_impaired))
        if turn.life is not None:
            self.life, self.own = Fraction(turn.life), True
        self.residual = self.residual if turn.residual is None else turn.residual
        stops = turn.kind in ("held_for_sale", "disposal")
        self.used = turn.kind in ("opening", "back_in_use") or (self.used and not stops)

    def _worth(self, more: Fraction) -> None:
        self.exact_held += more
        self.exact_impaired -= more


@dataclass
class Going:
    """Something that goes, with its turn: which part of what is there then, when, and how old it is at most."""

    turn: Turn
    part: Fraction
    month: int
    stop: Fraction
    year: int
    before: Fraction

    def age(self, ages: Clock, month: int) -> Fraction:
        """Its age at the end of a month: what the year in which it goes is charged is shared alike by its months."""
        if month < self.year:
            return ages(month)
        months = min(month, self.month) - self.year + 1
        return self.before + (self.stop - self.before) * Fraction(months, self.month - self.year + 1)


def going(rule: Rule, ages: Clock, turn: Turn) -> Going:
    """What goes with a turn, by the convention of the rule."""
    first, month = month_number(ages.in_service), month_number(turn.day)
    stop = max(age(rule, ages.in_service, turn.day, ages.year_end), NOTHING)
    part = turn.part if turn.kind == "partial_disposal" else WHOLE
    year = month
    if rule.convention in BY_YEAR:
        year = max(month_number(year_end_of(turn.day, ages.year_end)) - 11, first)
    before = max(ages(year - 1), NOTHING) if year > first else NOTHING
    return Going(turn, part, month, stop, year, before)


@dataclass(frozen=True)
class Moment:
    """When something is felt: in which month, at what age; `day` begins with it, where days count."""

    month: int
    age: Fraction
    day: date | None = None


def felt(rule: Rule, ages: Clock, turn: Turn) -> Moment:
    """What goes is gone before its day, or before the month of it; anything else is felt after its day."""
    day = turn.day if turn.kind in GOES else turn.day + timedelta(1)
    month, first = month_number(day), month_number(ages.in_service)
    if rule.convention == "daily":
        return Moment(month, age(rule, ages.in_service, max(day, ages.in_service), ages.year_end), day)
    return Moment(month, max(ages(month - 1), NOTHING)) if month > first else Moment(first, NOTHING)


def in_turn(rule: Rule, ages: Clock, turns: Sequence[Turn]) -> list[tuple[Moment, Turn]]:
    """Turns with their moments, none of which is after that of a turn told later."""
    found: list[tuple[Moment, Turn]] = []
    for turn in reversed(turns):
        moment = felt(rule, ages, turn)
        if found and (moment.month, moment.age) > (found[0][0].month, found[0][0].age):
            moment = found[0][0]
        found.insert(0, (moment, turn))
    return found


@dataclass
class Part:
    """What is charged from a moment on, over a shape: a base, on what was accumulated before, from an age that is past.

    `over` is the day on which the life ends, where days count; `floor` and `held` are exact. `entered` is the age at
    which the shape is entered: where a part has gone, the rest goes on along the shape that it had.
    """

    moment: Moment
    shape: Shape
    opening: int
    base: int
    held: Fraction
    floor: Fraction
    over: date | None
    entered: Fraction = NOTHING

    def share(self, reached: Fraction, day: date | None) -> Fraction:
        """Share used up at an age, when a day begins."""
        if self.over is not None and day is not None and day >= self.over:
            return WHOLE
        return self.after(reached - self.moment.age)

    def after(self, months: Fraction) -> Fraction:
        """Share used up after so many months."""
        past = used_up(self.shape, self.entered)
        return WHOLE if past == 1 else (used_up(self.shape, self.entered + months) - past) / (1 - past)

    def so_much(self, share: Fraction) -> int:
        """A share of the base."""
        return half_even(self.base * share.numerator, share.denominator)


class Life:
    """An asset month by month: what is charged between its turns, and what each of them leaves.

    After each turn the carrying amount less the residual value is charged over what remains of the life (a month at
    least); nothing is charged while it is held for sale, or before it arrives with an opening balance. What goes is
    charged until the convention would have started an asset of that day, and then leaves. A rule that comes later
    applies from its month, to what is left; over a life told for the asset alone only where it says so.
    """

    def __init__(self, asset: Asset, rules: Sequence[Rule], turns: Sequence[Turn], year_end: int) -> None:
        self.rule = [rules[0], *(r for r in rules if r.effective <= asset.in_service)][-1]
        self.ages, self.first = Clock(self.rule, asset.in_service, year_end), month_number(asset.in_service)
        self.clock_rule, waits = self.rule, any(turn.kind == "opening" for turn in turns)
        told = list(turns)
        for place, turn in enumerate(told):
            if turn.kind == "disposal":
                told = told[: place + 1]
                break
        exact = Fraction(asset.cost)
        self.now = State(asset.cost, asset.residual, Fraction(self.rule.life_months), not waits, 0, 0, exact, exact)
        self.todo = in_turn(self.rule, self.ages, told)
        self.rules = [r for r in rules if r.effective > asset.in_service]
        goes = [going(self.rule, self.ages, t) for t in told if t.kind in GOES]
        self.goes = goes if self.rule.convention in BY_YEAR else []
        self.left: list[int] = []
        self.moves: list[tuple[Turn, int]] = []
        self.begin(Moment(self.first, NOTHING, asset.in_service))

    def begin(self, moment: Moment) -> None:
        """A new part begins on what is carried."""
        now, rule = self.now, self.rule
        kept = now.exact_kept(rule.residual_rate)
        floor = min(kept / now.exact_held, WHOLE) if now.exact_held > 0 else WHOLE
        first = self.ages(moment.month + (self.ages.year_end - 1 - moment.month) % 12) - moment.age
        aged, rest = NOTHING, WHOLE
        for each in self.goes:  # what goes has an age of its own
            aged += rest * each.part * self._gone_age(each, moment.month)
            rest *= 1 - each.part
        life = max(now.life - aged - rest * moment.age, WHOLE)
        daily = self.clock_rule.convention == "daily"
        over = later(self.ages.in_service, moment.age + life) if daily else None
        base = max(now.cost - now.impaired - now.accumulated - now.kept(rule.residual_rate), 0)
        self.part = Part(
            moment, shape_of(rule, life, floor, first), now.accumulated, base, now.exact_held,
            max(now.exact_held - kept, NOTHING), over,
        )  # fmt: skip
        self.gone_before = {id(g.turn): self._gone_age(g, moment.month) for g in self.goes}

    def _gone_age(self, going: Going, month: int) -> Fraction:
        return max(going.age(self.ages, month - 1), NOTHING) if month > self.first else NOTHING

    def _share_of(self, going: Going, month: int) -> Fraction:
        """Share of the base used up by what is to go, when a month begins."""
        past = self._gone_age(going, month) - self.gone_before[id(going.turn)]
        return self.part.after(past)

    def used(self, moment: Moment) -> Fraction:
        """Share of the base used up at a moment, by all that is there."""
        if not self.now.used:
            return NOTHING
        total, rest = NOTHING, WHOLE
        for each in self.goes:
            total += rest * each.part * self._share_of(each, moment.month)
            rest *= 1 - each.part
        return total + rest * self.part.share(moment.age, moment.day)

    def month_starts(self, month: int) -> Moment:
        """The moment at which a month begins."""
        if month <= self.first:
            return Moment(self.first, NOTHING, self.ages.in_service)
        return Moment(month, max(self.ages(month - 1), NOTHING), date(month // 12, month % 12 + 1, 1))

    def happen(self, moment: Moment, turn: Turn) -> tuple[int, int]:
        """Let a turn happen: what is charged until then, and what it takes of accumulated depreciation."""
        part, used = self.part, self.used(moment)
        stop, there = self._going(moment, turn, used)
        whole, late = part.opening + part.so_much(stop), part.so_much(stop) - part.so_much(there)
        late, leaves = self._portion(turn, late), 0 if turn.kind == "held_for_sale" else self._portion(turn, whole)
        charged = part.so_much(used) + late
        self.now.accumulated = part.opening + charged - leaves
        self.now.exact_held = part.held - part.floor * self._stays(turn, used, stop, there)
        before = self.now.accumulated
        self.now.feel(turn)
        self.moves.append((turn, self.now.accumulated - before - leaves))
        self.left.append(self.now.held)
        self.goes = [each for each in self.goes if each.turn is not turn]
        going_on = self.now.used and turn.kind == "partial_disposal"
        self.begin(moment)
        if going_on:
            entered = part.entered + moment.age - part.moment.age
            self.part = replace(self.part, shape=part.shape, entered=entered, over=part.over)
        return charged, leaves

    def _portion(self, turn: Turn, amount: int) -> int:
        """What of an amount goes with a turn."""
        if turn.kind not in GOES:
            return 0
        part = turn.part if turn.kind == "partial_disposal" else WHOLE
        return half_even(amount * part.numerator, part.denominator)

    def _going(self, moment: Moment, turn: Turn, used: Fraction) -> tuple[Fraction, Fraction]:
        """Shares used up by what goes with a turn: when its clock stops, and at the moment."""
        if turn.kind not in GOES or not self.now.used:
            return used, used
        own = next((each for each in self.goes if each.turn is turn), None)
        if own is not None:
            stop = self.part.after(own.stop - self.gone_before[id(turn)])
            return stop, self._share_of(own, moment.month)
        if self.clock_rule.convention == "daily":
            return used, used
        return max(self.part.share(going(self.clock_rule, self.ages, turn).stop, None), used), used

    def _stays(self, turn: Turn, used: Fraction, stop: Fraction, there: Fraction) -> Fraction:
        """Share used up of what stays: of a part that goes its own share is taken."""
        if turn.kind == "held_for_sale":
            return used + stop - there
        if turn.kind == "partial_disposal" and turn.part < 1:
            return (used - turn.part * there) / (1 - turn.part)
        return used

    def ruled(self, month: int) -> None:
        """Rules that come with a month."""
        for rule in [r for r in self.rules if max(month_number(r.effective), self.first) == month]:
            self.rules.remove(rule)
            used = self.used(self.month_starts(month))
            if used < 1:
                self.now.accumulated = self.part.opening + self.part.so_much(used)
                self.now.exact_held = self.part.held - self.part.floor * used
                self.rule = rule
                if not self.now.own or rule.own_life == "replaced":
                    self.now.life, self.now.own = Fraction(rule.life_months), False
                self.begin(self.month_starts(month))

    def rows(self, months: int) -> list[Row]:
        """The months in which it is used, or anything is charged."""
        found: list[Row] = []
        for month in range(self.first, self.first + months):
            self.ruled(month)
            charge, gone = 0, 0
            past = self.part.so_much(self.used(self.month_starts(month))) if month > self.part.moment.month else 0
            reached = self.ages(month - 1) - self.part.moment.age + self.part.entered
            wanted = self.now.used and reached < self.part.shape.life
            while self.todo and self.todo[0][0].month == month:
                charged, leaves = self.happen(*self.todo.pop(0))
                charge, past, gone = charge + charged - past, 0, leaves
            used = self.used(self.month_starts(month + 1))
            charge += self.part.so_much(used) - past
            if charge or (wanted and self.now.used):
                gone = gone if self.moves and self.moves[-1][0].kind == "disposal" else 0
                accumulated = self.part.opening + self.part.so_much(used) + gone
                found.append((month // 12, month % 12 + 1, charge, accumulated))
            if not self.todo and (not self.now.used or used >= 1):
                break
        return found


def told(
    asset: Asset, rule: Rule | Sequence[Rule], turns: Sequence[Turn], year_end: int = 12, months: int = 1300
) -> list[Row]:
    """Depreciation by month of an asset that things happen to, in the order in which they are told."""
    return Life(asset, [rule] if isinstance(rule, Rule) else rule, turns, year_end).rows(months)


def ends(
    asset: Asset, rule: Rule | Sequence[Rule], turns: Sequence[Turn], year_end: int = 12
) -> tuple[list[tuple[Turn, int]], list[int]]:
    """What each turn moves of accumulated depreciation, and what is carried after it."""
    life = Life(asset, [rule] if isinstance(rule, Rule) else rule, turns, year_end)
    life.rows(1300)
    return life.moves, life.left
