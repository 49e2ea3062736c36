"""The finding of a page in one sentence: what the last year is if the fleet lasts as long as the life in focus.

It is measured by earnings per share, where these cannot be restated by net income, else by depreciation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from depr.report import format as fmt
from depr.report.facts import Facts, Life
from depr.report.format import Figure
from depr.report.inputs import ALL_ASSUMPTIONS
from depr.report.money import Money
from depr.report.words import Fiscal, Label, Lasting, Value, Words

DECEMBER = 12


@dataclass(frozen=True)
class Measure:
    """What is shown against the life: its columns as reported and restated, how it is called and written."""

    reported: str
    restated: str
    title: Words
    show: Callable[[int | None], Figure]
    kind: str


@dataclass(frozen=True)
class Point:
    """The measure under one life: the mid reading, its range by units and prices, and that with all assumptions."""

    months: int
    mid: int
    low: int
    high: int
    widest: tuple[int, int] | None = None


EPS = ("eps_diluted_reported_micro", "eps_diluted_restated_micro")
NET = ("net_income_reported_minor", "net_income_restated_minor")
CHARGE = ("depreciation_reported_minor", "depreciation_restated_minor")
MORE = ("understatement_minor", "understatement_minor")
MEASURES = {
    "eps": (EPS, Words("Diluted earnings per share")),
    "net": (NET, Words("Net income")),
    "charge": (CHARGE, Words("Depreciation")),
}
BEYOND = Words("Depreciation beyond that of the reported book")

GAIN = 1
LOSS = -1
HEADLINES = {
    ("eps", GAIN, GAIN): "If %(name)s’s GPUs last %(life)s, %(year)s earnings are %(after)s a share, not %(before)s",
    ("eps", LOSS, LOSS): "If %(name)s’s GPUs last %(life)s, the %(year)s loss is %(after)s a share, not %(before)s",
    ("eps", GAIN, LOSS): (
        "If %(name)s’s GPUs last %(life)s, %(year)s earnings of %(before)s a share are a loss of %(after)s"
    ),
    ("eps", LOSS, GAIN): (
        "If %(name)s’s GPUs last %(life)s, the %(year)s loss of %(before)s a share is a profit of %(after)s"
    ),
    ("net", GAIN, GAIN): "If %(name)s’s GPUs last %(life)s, %(year)s net income is %(after)s, not %(before)s",
    ("net", LOSS, LOSS): "If %(name)s’s GPUs last %(life)s, the %(year)s net loss is %(after)s, not %(before)s",
    ("net", GAIN, LOSS): "If %(name)s’s GPUs last %(life)s, %(year)s net income of %(before)s is a loss of %(after)s",
    ("net", LOSS, GAIN): "If %(name)s’s GPUs last %(life)s, the %(year)s net loss of %(before)s is income of %(after)s",
    ("charge", GAIN, GAIN): "If %(name)s’s GPUs last %(life)s, %(year)s depreciation is %(after)s, not %(before)s",
}
"""The finding by its measure, and by whether that is a profit or a loss as reported and restated."""

UNMOVED = {
    ("eps", GAIN): "If %(name)s’s GPUs last %(life)s, %(year)s earnings stay at %(before)s a share",
    ("eps", LOSS): "If %(name)s’s GPUs last %(life)s, the %(year)s loss stays at %(before)s a share",
    ("net", GAIN): "If %(name)s’s GPUs last %(life)s, %(year)s net income stays at %(before)s",
    ("net", LOSS): "If %(name)s’s GPUs last %(life)s, the %(year)s net loss stays at %(before)s",
    ("charge", GAIN): "If %(name)s’s GPUs last %(life)s, %(year)s depreciation stays at %(before)s",
}
"""The same where the life changes nothing."""

ALONE = {
    GAIN: "If %(name)s’s GPUs last %(life)s, %(year)s depreciation is %(amount)s more than reported",
    LOSS: "If %(name)s’s GPUs last %(life)s, %(year)s depreciation is %(amount)s less than reported",
}
"""The same where nothing of the year is sourced that could be restated."""

OTHERS = {
    1: "%(life0)s would give %(amount0)s",
    2: "%(life0)s would give %(amount0)s, %(life1)s %(amount1)s",
}


def measure_of(facts: Facts, money: Money) -> Measure:
    """The first of earnings per share, net income and depreciation that is known as reported and under every life."""
    year = facts.years[-1]
    for kind, ((reported, restated), title) in MEASURES.items():
        each = [facts.line(restated, life.book, year) for life in facts.lives]
        if facts.stated(reported, year) is not None and None not in each:
            return Measure(reported, restated, title, fmt.per_share if kind == "eps" else money.show, kind)
    return Measure(*MORE, BEYOND, money.show, "beyond")


def sign(value: int) -> int:
    """Whether an amount is a profit, or nothing, or a loss."""
    return LOSS if value < 0 else GAIN


class Finding:
    """What the first screen says of an issuer, each sentence ready to translate."""

    def __init__(self, facts: Facts, money: Money) -> None:
        self.facts = facts
        self.money = money
        self.year = facts.years[-1]
        self.measure = measure_of(facts, money)
        self.reported = None if self.measure.kind == "beyond" else facts.stated(self.measure.reported, self.year)

    @property
    def name(self) -> str:
        """The issuer as a headline calls it."""
        return str(self.facts.report.issuer.get("short") or self.facts.report.issuer["name"])

    @property
    def fiscal(self) -> Fiscal:
        """The last fiscal year."""
        return Fiscal(self.year, self.facts.report.issuer["fiscal_year_end_month"] == DECEMBER)

    def under(self, life: Life) -> int | None:
        """The measure under a life of the page."""
        return self.facts.line(self.measure.restated, life.book, self.year)

    def texts(self, amounts: Sequence[int]) -> list[Label]:
        """Amounts of the measure for a sentence, without their sign, told from the first by their digits."""
        first, *others = map(abs, amounts)
        if self.measure.kind == "eps":
            said = fmt.apart_per_share(first, others)
            return [f"{self.money.symbol}{0 if figure.zero else figure.digits}" for figure in said]
        return [Words("%(amount)s", {"amount": each}) for each in fmt.apart(first, others, self.money.digits)]

    @property
    def headline(self) -> Words:
        """What the last year is if the fleet lasts as long as the life in focus."""
        life = self.facts.focus
        after = self.under(life)
        values: dict[str, Value] = {"name": self.name, "life": Lasting(life.months), "year": self.fiscal}
        if after is None or self.reported is None:
            more = self.facts.understated(life.book, self.year)
            return Words(ALONE[sign(more)], values | {"amount": fmt.spoken(abs(more), self.money.digits)})
        before_said, after_said = self.texts((self.reported, after))
        values |= {"before": before_said, "after": after_said}
        if after == self.reported:
            return Words(UNMOVED[self.measure.kind, sign(after)], values)
        return Words(HEADLINES[self.measure.kind, sign(self.reported), sign(after)], values)

    @property
    def context(self) -> tuple[Words, ...]:
        """Management's life, what other lives give, how much of the depreciation is modelled: clauses of a sentence."""
        parts = []
        if self.own_life is not None:
            parts.append(Words("%(name)s uses %(life)s", {"name": self.name, "life": Lasting(self.own_life)}))
        if other := self.others():
            parts.append(other)
        covered = self.facts.line("coverage_ppm", self.facts.focus.book, self.year)
        if covered is not None:
            share = str(fmt.seen(covered, 0))
            parts.append(Words("the fleet modelled is %(share)s%% of its depreciation", {"share": share}))
        return tuple(parts)

    def others(self) -> Words | None:
        """What the longest and the shortest of the other lives give."""
        rest = [life for life in self.facts.lives if life != self.facts.focus]
        known = [(life, value) for life in rest if (value := self.under(life)) is not None and value != self.reported]
        chosen = known[:1] + known[1:][-1:]
        if not chosen or self.reported is None:
            return None
        said = self.texts([self.reported, *(value for _, value in chosen)])[1:]
        values: dict[str, Value] = {}
        for place, ((life, value), text) in enumerate(zip(chosen, said, strict=True)):
            lost = Words("a loss of %(amount)s", {"amount": text}) if value < 0 else text
            values |= {f"life{place}": Lasting(life.months), f"amount{place}": lost}
        return Words(OTHERS[len(chosen)], values)

    @property
    def own_life(self) -> int | None:
        """The life of the reported book at the end of the year, in months, by its policy for all generations."""
        end = self.facts.year_end
        found = [p for p in self.facts.report.reported_book["policies"] if begun(p["effective"], end)]
        whole = [p for p in found if "*" in p.get("generations", ("*",))] or found
        return whole[-1]["life_months"] if whole else None

    @property
    def points(self) -> tuple[Point, ...]:
        """The measure under every life that the engine restated, in order of life; those of the page without others."""
        found: dict[int, dict[str, int]] = {}
        wide: dict[int, list[int]] = {}
        column = self.measure.restated
        for months, bound, value in self.readings():
            if value is not None:
                found.setdefault(months, {})[bound] = value
        if beside := self.facts.report.beside:
            own = beside.assumed.filter(assumption=ALL_ASSUMPTIONS).select("life_months", column).drop_nulls()
            for months, value in own.iter_rows():
                wide.setdefault(months, []).append(value)
        return tuple(
            Point(
                months,
                each["mid"],
                *ends(each.values()),
                ends((*each.values(), *wide[months])) if months in wide else None,
            )
            for months, each in sorted(found.items())
            if "mid" in each
        )

    def readings(self) -> list[tuple[int, str, int | None]]:
        """Life in months, bound and measure: of all lives that the engine restated, else of those of the page."""
        beside = self.facts.report.beside
        if beside is not None:
            return beside.lives.select("life_months", "bound", self.measure.restated).rows()
        lines = self.facts.line
        return [
            (life.months, bound, lines(self.measure.restated, life.book, self.year, bound=bound))
            for life in self.facts.lives
            for bound in ("mid", "low", "high")
        ]


def ends(values: Iterable[int]) -> tuple[int, int]:
    """The lowest and the highest."""
    known = sorted(values)
    return known[0], known[-1]


def begun(effective: object, day: dt.date) -> bool:
    """Whether a policy is in force on a day."""
    return effective == "opening" or str(effective) <= str(day)
