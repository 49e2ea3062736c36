"""How sure a page can be: what moves the finding, how the model fared where it was tested, and what lives were used."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from depr.report import format as fmt
from depr.report.charts import Mark, Picture, at, bar, dot, rule, scale_between, text
from depr.report.facts import Facts
from depr.report.finding import Finding
from depr.report.inputs import ALL_ASSUMPTIONS, Beside
from depr.report.lines import Lines
from depr.report.origin import At, Worked
from depr.report.tables import Group, Row, Table
from depr.report.words import Label, Lasting, Value, Words, fiscal

WIDTH = 960.0
LABEL = 248.0
LANE = 26.0
MOST = 10
"""Percent of income before tax at the right end of the strip."""

NAMES = {
    "server_cost_per_gpu_dollar": Words("Cost of the server for each dollar of GPU"),
    "months_from_shipment_to_service": Words("Months from shipment to service"),
    "tax_rate": Words("Tax at the effective rate of the year"),
    "residual_value": Words("Residual value of a tenth"),
    "method": Words("Sum of the years' digits"),
    ALL_ASSUMPTIONS: Words("All assumptions, units and prices"),
}
UNITS = Words("Units and prices")


@dataclass(frozen=True)
class Swing:
    """What one thing that is not known does to the finding: its ends, each with where it stands; the widest first."""

    label: Words
    low: tuple[int, At]
    high: tuple[int, At]

    @property
    def width(self) -> int:
        """How far its ends are apart."""
        return self.high[0] - self.low[0]


def swings(finding: Finding) -> list[Swing]:
    """Every swing of the measure under the life in focus, the widest first; none where nothing is in question."""
    beside = finding.facts.report.beside
    life = finding.facts.focus
    mid = finding.under(life)
    if beside is None or mid is None:
        return []
    here = finding.facts.at(finding.measure.restated, life.book, finding.year)
    found = []
    own = {
        bound: finding.facts.line(finding.measure.restated, life.book, finding.year, bound=bound) for bound in BOUNDS
    }
    if finding.facts.ranged and None not in own.values():
        ends = [(value or 0, replace(here, bound=bound)) for bound, value in own.items()]
        found.append(Swing(UNITS, *ordered(ends)))
    column = finding.measure.restated
    rows = beside.assumed.filter(life_months=life.months, bound="mid").select("assumption", "end", column).drop_nulls()
    by_name: dict[str, list[tuple[int, At]]] = {}
    for name, end, value in rows.iter_rows():
        place = replace(here, months=life.months, assumption=name, end=end)
        by_name.setdefault(name, [(mid, here)]).append((value, place))
    found += [
        Swing(NAMES.get(name, Words(name)), *ordered(ends)) for name, ends in by_name.items() if name != ALL_ASSUMPTIONS
    ]
    return sorted(found, key=lambda swing: -swing.width)


BOUNDS = ("mid", "low", "high")


def ordered(ends: Sequence[tuple[int, At]]) -> tuple[tuple[int, At], tuple[int, At]]:
    """The lowest and the highest of some ends."""
    known = sorted(ends, key=lambda end: end[0])
    return known[0], known[-1]


def tornado(finding: Finding, every: Sequence[Swing]) -> Picture | None:
    """A bar from the low to the high end of each swing, the finding as a rule through all of them."""
    mid = finding.under(finding.facts.focus)
    if mid is None or not every:
        return None
    scale = scale_between([mid, *(end for swing in every for end, _ in (swing.low, swing.high))], 0, 1)
    marks: list[Mark] = []
    for place, swing in enumerate(every):
        y = LANE * (place + 0.5) + 8
        low, high = (x_of(scale.low, scale.high, value) for value, _ in (swing.low, swing.high))
        marks.append(text(0, y + 4, swing.label, "name", "start"))
        marks.append(bar(low, max(high - low, 1), y - 8, y + 8, "life1"))
        marks.append(text(low - 6, y + 4, str(finding.measure.show(swing.low[0])), "value", "end"))
        marks.append(text(high + 6, y + 4, str(finding.measure.show(swing.high[0])), "value", "start"))
    height = LANE * len(every) + 16
    x = x_of(scale.low, scale.high, mid)
    marks.append(rule(x, 2, x, height - 4, "management"))
    title = Words("%(measure)s under %(life)s: what moves it", named(finding))
    desc = Words("A bar for each thing that is not known, from its low to its high end; the rule is the finding.")
    return Picture("tornado", title, desc, at(WIDTH), at(height), tuple(marks))


def x_of(low: int, high: int, value: int) -> float:
    """Where a value stands between the labels."""
    return LABEL + 70 + (WIDTH - 140 - LABEL) * (value - low) / (high - low)


def named(finding: Finding) -> dict[str, Value]:
    """The measure and the life in focus as messages name them."""
    return {"measure": finding.measure.title, "life": Lasting(finding.facts.focus.months)}


def swings_table(finding: Finding, every: Sequence[Swing]) -> Table:
    """The ends of each swing and how far they are apart."""
    show = finding.measure.show
    rows = [
        Row(
            swing.label,
            (
                replace(show(swing.low[0]), at=swing.low[1]),
                replace(show(swing.high[0]), at=swing.high[1]),
                replace(show(swing.width), at=Worked(APART, ((1, swing.high[1]), (-1, swing.low[1])))),
            ),
            symbol=place == 0,
        )
        for place, swing in enumerate(every)
    ]
    units = Words("%(currency)s per share", {"currency": finding.money.currency})
    return Table(
        id="tornado",
        caption=Words("%(measure)s under %(life)s: what moves it", named(finding)),
        units=units if finding.measure.kind == "eps" else finding.money.units(),
        columns=(Words("Low end"), Words("High end"), Words("Apart")),
        groups=(Group(tuple(rows)),),
        notes=(ALONE,),
    )


APART = Words("Apart")
ALONE = Words("Each is moved to its ends alone, all else at the mid reading.")


# --- materiality --------------------------------------------------------------------------------------------------
def tables(own: Lines, finding: Finding, moved: Sequence[Swing]) -> dict[str, Table]:
    """The tables of swings and of shares of income, each where it says something."""
    screen = shares(own)
    found = {"screen": screen} if any(not cell.missing for row in screen.rows for cell in row.cells) else {}
    return found | ({"tornado": swings_table(finding, moved)} if moved else {})


def shares(own: Lines) -> Table:
    """The effect of each life on income before tax, as a share of it, by year."""
    facts = own.facts
    rows = []
    for life in facts.lives:
        cells = []
        for year in facts.years:
            parts = [facts.at(name, life.book, year) for name in ("understatement_minor", "losses_minor")]
            over = facts.at("pretax_income_reported_minor", "", year)
            origin = Worked(SHARE, tuple((1, part) for part in parts), (over,))
            cells.append(replace(fmt.percent(share(facts, life.book, year)), at=origin))
        rows.append(Row(Words("%(years)s-year life", {"years": life.years}), tuple(cells)))
    return Table(
        id="screen",
        caption=Words("Effect on income before tax, as a share of it"),
        units=Words("percent"),
        columns=own.columns,
        groups=(Group(tuple(rows)),),
        blank=Words("Blank: income before tax is not sourced, or a loss, of which a share would say nothing."),
        notes=(SCREEN,),
    )


SHARE = Words("Understatement and losses over income before tax")
SCREEN = Words(
    "A screen, not a conclusion on materiality: 5%% is where one first looks (SAB 99), and it applies to errors; a "
    "change in accounting estimate is none (ASC 250-10-45-17)."
)


def share(facts: Facts, book: str, year: int) -> int | None:
    """Parts per million of income before tax that a life moves in a year."""
    parts = [facts.line(name, book, year) for name in ("understatement_minor", "losses_minor")]
    income = facts.stated("pretax_income_reported_minor", year)
    if income is None or None in parts:
        return None
    return fmt.ratio_ppm(sum(part or 0 for part in parts), income)


def strip(facts: Facts) -> Picture | None:
    """A lane a life from nothing to a tenth of income before tax, a dot a year; what is beyond stands at the end."""
    found = [[(year, share(facts, life.book, year)) for year in facts.years] for life in facts.lives]
    if not any(value is not None for lane in found for _, value in lane):
        return None
    lane = 36.0
    height = lane * len(found) + 30
    room = WIDTH - LABEL - 60
    marks: list[Mark] = []
    for percent in (0, 5, MOST):
        x = LABEL + 20 + room * percent / MOST
        marks.append(rule(x, 4, x, height - 22, "base" if percent == 0 else "crossing"))
        marks.append(text(x, height - 6, Words("%(share)s%%", {"share": percent}), "axis"))
    for place, (life, own) in enumerate(zip(facts.lives, found, strict=True)):
        y = lane * (place + 0.5) + 8
        marks.append(text(0, y + 4, Words("%(years)s-year life", {"years": life.years}), "name", "start"))
        marks += lane_of(own, y, room)
    title = Words("Effect of each life on income before tax, by year")
    desc = Words("Dots by fiscal year between nothing and ten percent, with a rule at five. Figures below.")
    return Picture("screen-chart", title, desc, at(WIDTH), at(height), tuple(marks))


def lane_of(own: Sequence[tuple[int, int | None]], y: float, room: float) -> Iterator[Mark]:
    """The dots of a life with their years, over and under them in turn; a year without room is in the table alone."""
    taken = {True: 0.0, False: 0.0}
    known = [(year, ppm) for year, ppm in own if ppm is not None]
    for place, (year, ppm) in enumerate(sorted(known, key=lambda each: (each[1], each[0]))):
        x = LABEL + 20 + room * max(min(ppm, MOST * 10_000), -10_000) / (MOST * 10_000)
        yield dot(x, y, 4.0)
        share_ = {"year": fiscal(year), "share": str(fmt.percent(ppm))}
        beyond = ppm > MOST * 10_000
        label = Words("%(year)s: %(share)s%%", share_) if beyond else fiscal(year)
        above = place % 2 == 0
        if x - taken[above] >= YEAR_ROOM * (1 + beyond):
            taken[above] = x
            yield text(
                x + (8 if beyond else 0), y - 9 if above else y + 17, label, "tick", "end" if beyond else "middle"
            )


YEAR_ROOM = 48.0  # what the name of a year needs


# --- lives --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """A change of the reported life: from a day on, from one life to another, in which direction, and its source."""

    day: Label
    before: Words
    after: Words
    direction: Words
    source: str


def changes(facts: Facts) -> tuple[Change, ...]:
    """The changes of the reported book's life in their order, the latest first."""
    policies = [p for p in facts.report.reported_book["policies"] if "*" in p.get("generations", ("*",))]
    found = [
        Change(
            Words("%(day)s", {"day": dt.date.fromisoformat(str(new["effective"]))}),
            Words("%(life)s", {"life": Lasting(old["life_months"])}),
            Words("%(life)s", {"life": Lasting(new["life_months"])}),
            LONGER if new["life_months"] > old["life_months"] else SHORTER,
            str(new.get("source") or ""),
        )
        for old, new in pairwise(policies)
        if old["life_months"] != new["life_months"]
    ]
    return tuple(reversed(found))


LONGER = Words("longer: less is charged")
SHORTER = Words("shorter: more is charged")


def within(finding: Finding) -> Words | None:
    """Where management's life lies among those of peers and the ages at which machines were retired."""
    beside = finding.facts.report.beside
    own = finding.own_life
    if beside is None or own is None or not beside.peers or not beside.retired:
        return None
    peers = sorted(peer.months for peer in beside.peers)
    ages = sorted(round(each.days * 48 / 1461) for each in beside.retired)
    inside = min(peers[0], ages[0]) <= own <= max(peers[-1], ages[-1])
    values: dict[str, Value] = {
        "life": Lasting(own),
        "low": fmt.years(peers[0]),
        "high": fmt.years(peers[-1]),
        "first": f"{ages[0] / 12:.1f}",
        "last": f"{ages[-1] / 12:.1f}",
        "count": len(ages),
    }
    return Words(INSIDE if inside else OUTSIDE, values)


INSIDE = (
    "Management's %(life)s is within the range of what is seen: peers use %(low)s to %(high)s years, and %(count)s "
    "families of machines were retired after %(first)s to %(last)s years."
)
OUTSIDE = (
    "Management's %(life)s is outside the range of what is seen: peers use %(low)s to %(high)s years, and %(count)s "
    "families of machines were retired after %(first)s to %(last)s years."
)


# --- backtest -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Trial:
    """A disclosed effect and what the model gave for it, in millions, with the error."""

    name: str
    disclosed: str
    model: str
    error: str


def trials(beside: Beside | None) -> tuple[Trial, ...]:
    """What was predicted, in the order of the backtest."""
    tested = beside.tested if beside else None
    if tested is None or tested.predictions.is_empty():
        return ()
    columns = ("case_id", "period", "disclosed_minor", "model_minor", "relative_error_ppm")
    return tuple(
        Trial(
            f"{case} {period}",
            str(fmt.millions(disclosed, 2, 1)),
            str(fmt.millions(model, 2, 1)),
            str(fmt.percent(error)),
        )
        for case, period, disclosed, model, error in tested.predictions.select(columns)
        .unique(maintain_order=True)
        .rows()
    )


def against_disclosed(beside: Beside | None) -> Picture | None:
    """Each prediction as a dot over what was disclosed, on the line where both are the same; sizes on a log scale."""
    tested = beside.tested if beside else None
    if tested is None or tested.predictions.is_empty():
        return None
    pairs = tested.predictions.select("disclosed_minor", "model_minor").drop_nulls().unique(maintain_order=True).rows()
    known = [(abs(a), abs(b)) for a, b in pairs if a and b and (a < 0) == (b < 0)]
    if not known:
        return None
    powers = [math.log10(value) for pair in known for value in pair]
    low = math.floor(min(powers))
    high = max(math.ceil(max(powers)), low + 1)
    side = 260.0
    left = 90.0

    def place(value: int) -> float:
        return (math.log10(value) - low) / (high - low) * side

    marks: list[Mark] = []
    for power in range(low, high + 1):
        step = (power - low) / (high - low) * side
        label = str(fmt.millions(10**power, 2, 0 if power >= 8 else 1))
        marks.append(rule(left, 10 + side - step, left + side, 10 + side - step, "hair"))
        marks.append(text(left - 8, 14 + side - step, label, "axis", "end"))
        marks.append(text(left + step, side + 28, label, "tick"))
    marks.append(rule(left, 10 + side, left + side, 10, "crossing"))
    marks += [dot(left + place(a), 10 + side - place(b), 3.6) for a, b in known]
    marks.append(text(left + side / 2, side + 46, Words("disclosed, US$ millions"), "axis"))
    marks.append(text(left + side + 12, 22, Words("model = disclosed"), "note", "start"))
    title = Words("The model against what was disclosed")
    desc = Words("A dot for each effect of a change of life; on the line the model gave what was disclosed.")
    return Picture("backtest", title, desc, "480.0", at(side + 54), tuple(marks))
