"""The index as a fair comparison: one row an issuer, the effect under each life with its range, and what limits it.

An effect is a percentage of what was reported, so fleets and currencies of any size compare; what part of depreciation
is modelled, and of units priced, stands in the same row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from depr.report import format as fmt
from depr.report.charts import Mark, Path, Picture, at, bar, dot, rule, text, tick_step
from depr.report.facts import Facts, Life, Quarter
from depr.report.finding import Finding
from depr.report.format import Figure
from depr.report.money import money_of
from depr.report.origin import Origin, Worked
from depr.report.words import Label, Lasting, Month, Value, Words

WIDTH = 430.0
LEFT = 12.0
LANE = 10.0
PPM = 10**6
NEAR = dt.timedelta(days=45)
"""How far from the end of a calendar quarter a fiscal one may end and still be taken for it."""

Effect = tuple[int, int, int]
"""A fall in parts per million of what was reported, a rise below zero: the mid reading, the lowest, the highest."""


@dataclass(frozen=True)
class Standing:
    """One issuer: what limits the comparison, its effect under each life, drawn and in figures; a note where none."""

    name: Label
    page: str
    own_life: Label
    ended: Label
    modelled: Figure
    priced: Figure
    effects: tuple[Figure, ...]
    picture: Picture | None
    note: Label = ""


@dataclass(frozen=True)
class Plot:
    """The rows on one scale, its axis, and the lives in the order of their marks, the longest first."""

    id: str
    caption: Words
    units: Words
    axis: Picture
    lives: tuple[Life, ...]
    rows: tuple[Standing, ...]
    notes: tuple[Label, ...] = ()


def effect(after: Iterable[int | None], before: int | None) -> Effect | None:
    """The fall from a reported profit to what each reading makes of it; None for a loss and what is not sourced."""
    readings = [None if value is None or before is None else fmt.ratio_ppm(before - value, before) for value in after]
    known = [value for value in readings if value is not None]
    return (known[0], min(known), max(known)) if known and readings[0] is not None else None


def per_share(facts: Facts, life: Life) -> Effect | None:
    """The effect on diluted earnings per share of the last fiscal year."""
    year = facts.years[-1]
    lines = [facts.line("eps_diluted_restated_micro", life.book, year, bound=bound) for bound in ("mid", "low", "high")]
    return effect(lines, facts.stated("eps_diluted_reported_micro", year))


def over_quarters(facts: Facts, life: Life, quarters: Sequence[Quarter]) -> Effect | None:
    """The effect on net income of four quarters; None where one of them is not sourced."""

    def whole(column: str, bound: str) -> int | None:
        each = [facts.line(column, life.book, *quarter, bound=bound) for quarter in quarters]
        known = [value for value in each if value is not None]
        return sum(known) if len(known) == len(quarters) == 4 else None

    after = [whole("net_income_restated_minor", bound) for bound in ("mid", "low", "high")]
    return effect(after, whole("net_income_reported_minor", "mid"))


def by_fiscal_year(every: Sequence[Facts], pages: Sequence[str]) -> Plot:
    """Earnings per share of each issuer's own last fiscal year."""
    title = Words("Effect on earnings per share of the last fiscal year")
    units = Words("fall in percent of diluted earnings per share as reported; a rise in parentheses")
    ends = [Words("%(day)s", {"day": Month(facts.year_end)}) for facts in every]
    return plot("fiscal", title, units, every, pages, ends, per_share, compression)


def compression(facts: Facts, life: Life) -> Origin:
    """Where the effect on earnings per share comes from."""
    return facts.at("eps_compression_ppm", life.book, facts.years[-1])


def on_one_calendar(every: Sequence[Facts], pages: Sequence[str]) -> Plot | None:
    """Net income of the same twelve months, as near as fiscal quarters allow; None where they never meet."""
    ends = [quarter_ends(facts) for facts in every]
    day = next((day for day in calendar_ends(ends) if all(near(own, day) for own in ends)), None)
    if day is None:
        return None
    chosen = {id(facts): last_four(own, day) for facts, own in zip(every, ends, strict=True)}
    title = Words("The same twelve months, to about %(day)s", {"day": Month(day)})
    units = Words("fall in percent of net income as reported, over four quarters; a rise in parentheses")
    last = [
        Words("%(day)s", {"day": Month(own[chosen[id(facts)][-1]])}) for facts, own in zip(every, ends, strict=True)
    ]

    def measured(facts: Facts, life: Life) -> Effect | None:
        return over_quarters(facts, life, chosen[id(facts)])

    def comes_from(facts: Facts, life: Life) -> Origin:
        parts = [facts.at("net_income_reported_minor", "", *quarter) for quarter in chosen[id(facts)]]
        less = [facts.at("net_income_restated_minor", life.book, *quarter) for quarter in chosen[id(facts)]]
        return Worked(FELL, (*((1, at) for at in parts), *((-1, at) for at in less)), tuple(parts))

    return plot("calendar", title, units, every, pages, last, measured, comes_from)


FELL = Words("Fall of net income over four quarters, as a share of what was reported")


def quarter_ends(facts: Facts) -> dict[Quarter, dt.date]:
    """The last day of each fiscal quarter restated."""
    return {quarter: day for quarter in facts.quarters if (day := facts.end_of(quarter))}


def calendar_ends(ends: Sequence[dict[Quarter, dt.date]]) -> list[dt.date]:
    """The last days of calendar quarters that any fiscal one could stand for, the latest first."""
    days = [day for own in ends for day in own.values()]
    if not days:
        return []
    firsts = [dt.date(year, month, 1) for year in range(min(days).year, max(days).year + 2) for month in (1, 4, 7, 10)]
    return [first - dt.timedelta(days=1) for first in reversed(firsts)]


def near(own: dict[Quarter, dt.date], day: dt.date) -> Quarter | None:
    """The fiscal quarter that ends nearest to a day, if it is near."""
    close = [(abs(end - day), quarter) for quarter, end in own.items() if abs(end - day) <= NEAR]
    return min(close)[1] if close else None


def last_four(own: dict[Quarter, dt.date], day: dt.date) -> list[Quarter]:
    """The fiscal quarter near a day and the three before it, as far as there are."""
    last = near(own, day)
    return [quarter for quarter in sorted(own) if last and quarter <= last][-4:]


def plot(
    name: str,
    caption: Words,
    units: Words,
    every: Sequence[Facts],
    pages: Sequence[str],
    ends: Sequence[Label],
    measured: Callable[[Facts, Life], Effect | None],
    comes_from: Callable[[Facts, Life], Origin],
) -> Plot:
    """The rows on one scale, the greatest fall under the life in focus first, those without a percentage last."""
    lives = [[facts.life(life.alternative) for life in every[0].lives] for facts in every]
    effects = [[measured(facts, life) for life in own] for facts, own in zip(every, lives, strict=True)]
    origins = [[comes_from(facts, life) for life in own] for facts, own in zip(every, lives, strict=True)]
    scale = scale_of([value for own in effects for each in own if each for value in each])
    focus = every[0].lives.index(every[0].focus)
    fallen = [own[focus] for own in effects]
    order = sorted(range(len(every)), key=lambda n: (fallen[n] is None, -(fallen[n] or (0,))[0], n))
    rows = [standing(every[n], pages[n], ends[n], effects[n], origins[n], scale, f"{name}-{n}") for n in order]
    return Plot(name, caption, units, axis(name, scale), every[0].lives, (*rows, *absent(every)))


def standing(
    facts: Facts,
    page: str,
    ended: Label,
    effects: Sequence[Effect | None],
    origins: Sequence[Origin],
    scale: Across,
    name: str,
) -> Standing:
    """The row of an issuer."""
    own = Finding(facts, money_of(facts))
    report = facts.report
    shown = any(effects)
    covered = ("coverage_ppm", facts.focus.book, facts.years[-1])
    return Standing(
        name=own.name,
        page=page,
        own_life=Words("%(life)s", {"life": Lasting(own.own_life)}) if own.own_life else "",
        ended=ended,
        modelled=replace(fmt.seen(facts.line(*covered), 0), at=facts.at(*covered)),
        priced=fmt.seen(fmt.ratio_ppm(report.coverage.units_priced, report.coverage.units_total), 0),
        effects=tuple(
            fmt.MISSING if each is None else replace(fmt.percent(each[0]), at=at)
            for each, at in zip(effects, origins, strict=True)
        ),
        picture=dots(name, own.name, effects, scale) if shown else None,
        note="" if shown else own.headline if name.startswith("fiscal") else LOST,
    )


LOST = Words("A loss over these months, or one that is not sourced: a percentage of it would say nothing.")


def absent(every: Sequence[Facts]) -> list[Standing]:
    """Issuers whose lives are known and of whose machines nothing is."""
    held = {str(facts.report.issuer["id"]) for facts in every}
    found = {
        peer.id: peer
        for facts in every
        if facts.report.beside
        for peer in facts.report.beside.peers
        if peer.id not in held
    }
    return [
        Standing(
            name=peer.name,
            page="",
            own_life=Words("%(life)s", {"life": Lasting(peer.months)}),
            ended="",
            modelled=fmt.EMPTY,
            priced=fmt.EMPTY,
            effects=(),
            picture=None,
            note=Words("No purchase of it is in the ledger, so nothing can be restated."),
        )
        for peer in found.values()
    ]


@dataclass(frozen=True)
class Across:
    """The common horizontal scale, from the greatest rise at the left to the greatest fall at the right."""

    low: int
    high: int

    def x(self, value: int) -> float:
        """Where an effect stands."""
        return LEFT + (value - self.low) * (WIDTH - 2 * LEFT) / (self.high - self.low)

    @property
    def ticks(self) -> tuple[int, ...]:
        """Up to six round values, zero among them."""
        step = tick_step(self.high - self.low)
        return tuple(range(-(-self.low // step) * step, self.high + 1, step))


def scale_of(values: Sequence[int]) -> Across:
    """The scale that holds zero and every value; five percent where there is none."""
    low = min(0, *values, 0)
    high = max(0, *values, 0)
    return Across(low, high if high > low else low + 50_000)


def dots(name: str, issuer: str, effects: Sequence[Effect | None], scale: Across) -> Picture:
    """A lane a life, the longest on top: its range as a line, its mid reading as a mark of its own shape."""
    height = LANE * len(effects) + 8
    marks: list[Mark] = [rule(scale.x(v), 0, scale.x(v), height, "hair" if v else "base") for v in scale.ticks]
    for place, own in enumerate(effects):
        y = 4 + LANE * (place + 0.5)
        if own is None:
            continue
        mid, low, high = own
        if low != high:
            marks.append(rule(scale.x(low), y, scale.x(high), y, "range"))
        marks.append(shape(place, scale.x(mid), y))
    title = Words("Effect of each life on %(name)s", {"name": issuer})
    desc = Words("A mark for each life, the longest on top, each on the line of its range. Figures in the same row.")
    return Picture(name, title, desc, at(WIDTH), at(height), tuple(marks))


def shape(place: int, x_: float, y: float) -> Mark:
    """The mark of a life by its place: a ring, a dot, a square, then a smaller one of each."""
    if place % 3 == 0:
        ring = dot(x_, y, 3.6)
        return Path(ring.d, "ring")
    if place % 3 == 1:
        return dot(x_, y, 4.4)
    return bar(x_ - 3.6, 7.2, y - 3.6, y + 3.6, "life2")


def axis(name: str, scale: Across) -> Picture:
    """The ticks of the common scale in percent."""
    places = 0 if tick_step(scale.high - scale.low) >= 10_000 else 1
    marks = [text(scale.x(v), 12, str(fmt.percent(v, places)) if v else "0", "axis") for v in scale.ticks]
    title = Words("Scale of the effects")
    desc = Words("Percent of what was reported; falls to the right of zero.")
    return Picture(f"{name}-axis", title, desc, at(WIDTH), "16.0", tuple(marks))


FALL = "If GPUs last %(life)s, earnings fall %(least)s%% to %(most)s%%; %(from)s%% to %(to)s%% of depreciation modelled"
RISE = "If GPUs last %(life)s, earnings rise %(most)s%% to %(least)s%%; %(from)s%% to %(to)s%% of depreciation modelled"
BOTH = (
    "If GPUs last %(life)s, earnings rise %(least)s%% or fall up to %(most)s%%; "
    "%(from)s%% to %(to)s%% of depreciation modelled"
)
ONE = "If GPUs last %(life)s, %(first)s’s earnings fall %(most)s%%; %(to)s%% of depreciation modelled"
ONE_RISES = "If GPUs last %(life)s, %(first)s’s earnings rise %(most)s%%; %(to)s%% of depreciation modelled"
UNKNOWN = "If GPUs last %(life)s: what changes at each issuer"


def headline(every: Sequence[Facts]) -> Words:
    """The finding of the comparison in a sentence, with how much is modelled."""
    focus = every[0].focus
    values: dict[str, Value] = {"life": Lasting(focus.months)}
    found = [(facts, own[0]) for facts in every if (own := per_share(facts, facts.life(focus.alternative)))]
    covered = [facts.line("coverage_ppm", facts.life(focus.alternative).book, facts.years[-1]) for facts, _ in found]
    known = sorted(value for value in covered if value is not None)
    if not known:
        return Words(UNKNOWN, values)
    falls = sorted(fall for _, fall in found)
    values |= {"from": str(fmt.seen(known[0], 0)), "to": str(fmt.seen(known[-1], 0))}
    values |= {"least": size(falls[0]), "most": size(falls[-1]), "first": name_of(found[0][0])}
    if len(found) == 1:
        return Words(ONE if falls[0] >= 0 else ONE_RISES, values)
    return Words(FALL if falls[0] >= 0 else RISE if falls[-1] <= 0 else BOTH, values)


def name_of(facts: Facts) -> str:
    """The issuer as a headline calls it."""
    return Finding(facts, money_of(facts)).name


def size(ppm: int) -> str:
    """A change in percent without its sign."""
    shown = fmt.seen(abs(ppm))
    return "0" if shown.zero else shown.digits
