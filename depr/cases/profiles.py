"""Profiles: what a system's words mean, in named options.

A profile (schedules/profiles) is data: the options a system always books by, and `when` rules that set further ones
where the convention or the notes of a case say a phrase. `common.toml` holds for every system. Nothing here knows a
system by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.book import validated
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.daycounts import DAY_COUNTS
from depr.readers import read_toml
from depr.share import find, names

COMMON = "common"
CLOCKS = ("period_ends", "row_days", "fiscal_year", *CONVENTIONS)
"""Clocks of a ledger of rows beside the conventions. period_ends: whole rows, the first by its days over the days of
its period. row_days: days over the days of the fiscal year in which the row ends. fiscal_year: age by days at the
first fiscal year end, whole rows back from there and after it."""


class Options(BaseModel):
    """All that decides how a case is booked, beside its amounts and dates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clock: str = "full_month"
    day_count: str = "actual_actual"
    first_day: Literal["included", "excluded"] = "included"
    last_row: Literal["period_end", "last_day", "anniversary"] = "period_end"
    rounding: Literal["per_period", "cumulative"] = "cumulative"
    true_up: Literal["life", "fiscal_year"] = "life"
    extended_last_row: Literal["", "period_end", "last_day", "anniversary"] = ""
    opening: Literal["remaining", "annuity", "theoretical"] = "remaining"
    opening_day_count: str = ""
    change_from: Literal["last_posted", "event_date"] = "event_date"
    declining_from: Literal["curve", "booked"] = "curve"
    declining: Literal["linear", "exponential"] = "linear"
    switch: Literal["remaining", "original", "none"] = "none"
    residual_as: Literal["deduction", "floor"] = "deduction"
    year_label: Literal["end", "start"] = "end"
    layer_clock: str = "full_month"
    beyond_life: Literal["none", "stretched"] = "none"
    rate_rule: Literal["given", "double", "root"] = "given"
    rate_places: int | None = None
    row_ends: Literal["whole", "by_days"] = "whole"
    disposal_row: Literal["on_day", "day_before"] = "on_day"
    daily_rate_places: int | None = None
    places: int = 2

    @model_validator(mode="after")
    def _known(self) -> Options:
        for name, known in (("clock", CLOCKS), ("layer_clock", CLOCKS), ("day_count", DAY_COUNTS)):
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"unknown {name.replace('_', ' ')} {value!r}; use one of: {', '.join(known)}")
        if self.opening_day_count not in ("", *DAY_COUNTS):
            raise ValueError(f"unknown day count {self.opening_day_count!r}; use one of: {', '.join(DAY_COUNTS)}")
        return self


class When(BaseModel):
    """Options that hold where a case is as described.

    `says` stands in its convention or its notes, `convention` in its convention, and its method is `method`; a blank
    asks for nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str = ""
    convention: str = ""
    method: str = ""
    set: Mapping[str, Any]
    source: str = Field(min_length=1)


class Profile(BaseModel):
    """The words of one system; `methods` maps its names of methods to those of depr."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    systems: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    note: str = ""
    methods: Mapping[str, str] = {}
    options: Mapping[str, Any] = {}
    when: tuple[When, ...] = ()

    @model_validator(mode="after")
    def _valid(self) -> Profile:
        for options in (self.options, *(rule.set for rule in self.when)):
            Options.model_validate(dict(options))
        return self

    def chosen(self, method: str, convention: str, words: str) -> dict[str, Any]:
        """What the rules set whose phrase or method is found."""
        found: dict[str, Any] = {}
        for rule in self.when:
            if rule.says in words and rule.convention in convention and rule.method in ("", method):
                found |= rule.set
        return found


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """The profiles that ship, by name. Raises `Refused` with every fault found."""
    return {
        name: validated(Profile, read_toml(path), str(path))
        for name in names("profiles")
        for path in (find("profiles", name),)
    }


def profile_of(system: str) -> Profile | None:
    """The profile of a system, by the longest of the names it is known by; None for a system without one."""
    known = [(name, profile) for profile in profiles().values() for name in profile.systems if system.startswith(name)]
    return max(known, key=lambda pair: len(pair[0]))[1] if known else None


def options_of(system: str, method: str, convention: str, notes: str) -> tuple[str, Options]:
    """depr's name of a method, and the options of a case of a system."""
    common, own = profiles()[COMMON], profile_of(system)
    chain = [common, *([own] if own else [])]
    words = f"{convention} {notes}"
    chosen: dict[str, Any] = {}
    for options in (*(p.options for p in chain), *(p.chosen(method, convention, words) for p in chain)):
        chosen |= options
    renamed = {old: new for profile in chain for old, new in profile.methods.items()}
    return renamed.get(method, method), Options.model_validate(chosen)
