"""A scenario: what is assumed of purchases to come, each value with its range and its source; a TOML file each.

A scenario is a question, never a fact: every figure that follows from one names it, with its seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import Assumption, Exact, validated

PPM = 10**6
STANDING = "analysis under stated assumptions; no forecast, and no GAAP restatement"
"""What every figure of a projection is."""

VINTAGES = "vintages"
CAPEX = "capital expenditure"
KEYS = {
    "life_months": "whole months from 1",
    "server_share": "0 to 1",
    "capex_position": "-1 to 1",
    "price_factor": "0 or more",
    "months_to_service": "whole months from 0",
    "tax_rate": "0 to 1",
}
OPTIONAL = {"vintage_position": "-1 to 1"}
WHOLE = ("life_months", "months_to_service")
LIMITS = {"0 to 1": (0, 1), "-1 to 1": (-1, 1), "0 or more": (0, None), "whole months from 0": (0, None)}
LIMITS["whole months from 1"] = (1, None)


class Point(NamedTuple):
    """One setting of everything that is assumed, in whole months and parts per million.

    A position lies between the low (-1), the middle (0) and the high (1) end of amounts that are stated as ranges.
    """

    life_months: int
    server_share_ppm: int
    capex_position_ppm: int
    price_factor_ppm: int
    months_to_service: int
    tax_rate_ppm: int
    vintage_position_ppm: int = 0


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Sourced(_Model):
    """A judgement with its source; `sourced` is false for an assumption, and then the source says why."""

    source: str = Field(min_length=1)
    sourced: bool


class Capex(Sourced):
    """Capital expenditure of a fiscal year, in USD billion: the middle and the ends between which it may lie."""

    issuer: str
    fiscal_year: int
    low: Annotated[Exact, Field(ge=0)]
    mid: Annotated[Exact, Field(ge=0)]
    high: Annotated[Exact, Field(ge=0)]


class Growth(Sourced):
    """Growth over the fiscal year before, for issuers without an entry of their own in that year."""

    fiscal_year: int
    low: Annotated[Exact, Field(ge=-1)]
    mid: Annotated[Exact, Field(ge=-1)]
    high: Annotated[Exact, Field(ge=-1)]


class Bought(Sourced):
    """The generation bought from a date on; its alternative life is the common one times `life_factor`."""

    key: str
    first: date
    life_factor: Annotated[Exact, Field(gt=0)] = Fraction(1)


class Share(Sourced):
    """An issuer whose server share is the common one times `factor`; others have a factor of 1."""

    issuer: str
    factor: Annotated[Exact, Field(ge=0)]


class Earnings(Sourced):
    """Diluted earnings per share expected for a fiscal year."""

    issuer: str
    fiscal_year: int
    eps: Exact


class Grid(_Model):
    """Lives and server shares at which a surface is computed."""

    life_months_low: Annotated[int, Field(ge=1)]
    life_months_high: int
    life_months_step: Annotated[int, Field(ge=1)]
    share_low: Annotated[Exact, Field(ge=0)]
    share_high: Annotated[Exact, Field(le=1)]
    share_step: Annotated[Exact, Field(gt=0)]

    @property
    def lives(self) -> list[int]:
        """Lives in months."""
        return list(range(self.life_months_low, self.life_months_high + 1, self.life_months_step))

    @property
    def shares(self) -> list[int]:
        """Server shares in parts per million."""
        count = (self.share_high - self.share_low) // self.share_step
        return [round((self.share_low + n * self.share_step) * PPM) for n in range(int(count) + 1)]


class Scenario(_Model):
    """Who buys, for which years, from what history, under which assumptions."""

    id: str
    title: str
    seed: Annotated[int, Field(ge=0)]
    draws: Annotated[int, Field(ge=1)]
    issuers: tuple[str, ...] = Field(min_length=1)
    first_year: int
    last_year: int
    history: Literal["vintages", "capital expenditure"]
    mode: Literal["as_if", "prospective"]
    change: date | None = None
    source: str = Field(min_length=1)
    note: str = ""
    grid: Grid
    assumption: tuple[Assumption, ...]
    generation: tuple[Bought, ...] = Field(min_length=1)
    capex: tuple[Capex, ...] = ()
    growth: tuple[Growth, ...] = ()
    share: tuple[Share, ...] = ()
    earnings: tuple[Earnings, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Scenario:
        if faults := [*_keys(self), *_ranges(self), *_dates(self)]:
            raise ValueError("; ".join(faults))
        return self

    @property
    def assumptions(self) -> dict[str, Assumption]:
        """Assumptions by key."""
        return {entry.key: entry for entry in self.assumption}

    def point(self, **settings: Fraction) -> Point:
        """The stated values, with some settings instead of them; finer than a month or a millionth: half to even."""
        values = {entry.key: entry.value for entry in self.assumption} | settings
        return Point(**{_column(key): _whole(key, value) for key, value in values.items()})

    def share_factor(self, issuer: str) -> Fraction:
        """What the common server share is multiplied by for an issuer."""
        return next((entry.factor for entry in self.share if entry.issuer == issuer), Fraction(1))

    def generation_on(self, day: date) -> Bought:
        """The generation bought on a day; before the first date, the first one."""
        begun = [entry for entry in self.generation if entry.first <= day]
        return begun[-1] if begun else self.generation[0]


def _column(key: str) -> str:
    return key if key in WHOLE else f"{key}_ppm"


def _whole(key: str, value: Fraction) -> int:
    return round(value if key in WHOLE else value * PPM)


def _keys(scenario: Scenario) -> list[str]:
    keys = [entry.key for entry in scenario.assumption]
    known = {**KEYS, **OPTIONAL}
    found = [f"assumption {key} is missing" for key in KEYS if key not in keys]
    found += [f"unknown assumption {key!r}; use: {', '.join(known)}" for key in keys if key not in known]
    pairs = [(entry.issuer, entry.fiscal_year) for entry in scenario.capex]
    many = [*keys, *(f"capex {a} {b}" for a, b in pairs), *(f"growth {entry.fiscal_year}" for entry in scenario.growth)]
    many += [f"share {entry.issuer}" for entry in scenario.share] + list(scenario.issuers)
    return found + [f"{name} is there twice" for name in sorted({name for name in many if many.count(name) > 1})]


def _ranges(scenario: Scenario) -> list[str]:
    found = []
    for entry in scenario.assumption:
        least, most = LIMITS.get({**KEYS, **OPTIONAL}.get(entry.key, ""), (None, None))
        ends = (entry.low, entry.value, entry.high)
        outside = (least is not None and entry.low < least) or (most is not None and entry.high > most)
        fine = entry.key in WHOLE and any(end.denominator != 1 for end in ends)
        if sorted(ends) != list(ends) or outside or fine:
            found.append(f"{entry.key} is {KEYS.get(entry.key, '-1 to 1')}, its value between low and high")
    spread = [(f"capex {c.issuer} {c.fiscal_year}", (c.low, c.mid, c.high)) for c in scenario.capex]
    spread += [(f"growth {g.fiscal_year}", (g.low, g.mid, g.high)) for g in scenario.growth]
    return found + [f"{name}: low, mid and high are not in order" for name, of in spread if sorted(of) != list(of)]


def _dates(scenario: Scenario) -> list[str]:
    found = []
    if scenario.first_year > scenario.last_year:
        found.append("first_year is after last_year")
    if (scenario.mode == "prospective") != (scenario.change is not None):
        found.append("a prospective scenario, and no other, has the date of its change")
    firsts = [entry.first for entry in scenario.generation]
    if firsts != sorted(firsts):
        found.append("generations are not in order of their first date")
    named = [[entry.issuer for entry in entries] for entries in (scenario.capex, scenario.earnings)]
    strange = {name for names in (*named, [entry.issuer for entry in scenario.share]) for name in names}
    strange -= set(scenario.issuers)
    return found + [f"{issuer} is none of the issuers" for issuer in sorted(strange)]


def parse_scenario(document: Mapping[str, Any], file: str = "scenario") -> Scenario:
    """A scenario from its TOML document. Raises `Refused` with every fault found."""
    return validated(Scenario, document, file)
