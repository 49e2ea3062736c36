"""Profiles: what a system's words mean, in named options.

A profile (schedules/profiles) is data: the options a system always books by, and `when` rules that set further ones
by the convention or the method of a case. `common.toml` holds for every system; what names a system by a longer name,
such as one version of it, goes on top of what names it by a shorter one. Nothing here knows a system by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import validated
from depr.errors import Refused, unknown
from depr.intake import read_toml
from depr.rows.choices import choice, number
from depr.rows.clocks import CLOCKS
from depr.rows.rows import Booking
from depr.share import find, names

COMMON = "common"


@dataclass(frozen=True)
class Options(Booking):
    """All that decides how a case is booked, beside its amounts and dates, and how its rows are read."""

    change_from: str = choice(
        "event_date",
        "the rows that stand when an asset changes",
        {"event_date": "those that end before the change", "last_posted": "those posted"},
    )
    layer_clock: str = choice("full_month", "the clock of a cost that is added as a layer of its own", CLOCKS)
    beyond_life: str = choice(
        "none",
        "the fiscal year in which a life ends",
        {"none": "what is left", "stretched": "a whole year of the life stretched to its end, also above cost"},
    )
    year_label: str = choice(
        "end", "the calendar year that names a fiscal year", {"end": "it ends in", "start": "it begins in"}
    )
    daily_rate_places: int | None = number(None, "decimals that a daily rate is rounded to; none rounds nothing")
    places: int = number(2, "decimals of the currency that amounts are rounded to")


class When(BaseModel):
    """Options that hold where `convention` stands in the convention of a case and its method is `method`.

    A blank asks for nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    convention: str = ""
    method: str = ""
    set: Mapping[str, Any]
    source: str = Field(min_length=1)


class Profile(BaseModel):
    """The words of one system.

    `methods` maps its names of methods to those of depr, `manners` words of an event to how the change is booked: a
    layer of its own, with a catch-up of what was booked before, or for an asset that is spent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    systems: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    note: str = ""
    methods: Mapping[str, str] = {}
    manners: Mapping[str, Literal["layer", "catch_up", "spent"]] = {}
    options: Mapping[str, Any] = {}
    when: tuple[When, ...] = ()

    @model_validator(mode="after")
    def _valid(self) -> Profile:
        for options in (self.options, *(rule.set for rule in self.when)):
            try:
                Options.of(options)
            except Refused as refused:
                raise ValueError(str(refused)) from None
        return self

    def chosen(self, method: str, convention: str) -> dict[str, Any]:
        """What the rules set whose convention and method are found."""
        found: dict[str, Any] = {}
        for rule in self.when:
            if rule.convention in convention and rule.method in ("", method):
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


def profiles_of(system: str) -> list[Profile]:
    """The profiles that hold for a system, from what holds for all to what names it by the longest name."""
    own = [(len(name), key) for key, p in profiles().items() for name in p.systems if system.startswith(name)]
    return [profiles()[key] for key in dict.fromkeys([COMMON, *(key for _, key in sorted(own))])]


def options_of(
    system: str, method: str, convention: str, stated: Mapping[str, Any] | None = None
) -> tuple[str, Options]:
    """depr's name of a method, and the options of a case of a system; what is `stated` for the case goes last."""
    chain = profiles_of(system)
    chosen: dict[str, Any] = {}
    for options in (*(p.options for p in chain), *(p.chosen(method, convention) for p in chain), stated or {}):
        chosen |= options
    renamed = {old: new for profile in chain for old, new in profile.methods.items()}
    return renamed.get(method, method), Options.of(chosen)


def mannered(system: str, events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The events of a case, each with the `manner` that its mode or time says; a blank where they say none."""
    manners = {words: manner for profile in profiles_of(system) for words, manner in profile.manners.items()}
    told = [f"{event.get('mode')} {event.get('when')}" for event in events]
    found = (next((manner for words, manner in manners.items() if words in text), "") for text in told)
    return [{**event, "manner": manner} for event, manner in zip(events, found, strict=True)]


def booking_of(words: Sequence[str], method: str = "") -> dict[str, Any]:
    """Options of rows from words: the name of a profile for all that it sets, option=value for one; later ones win.

    They are what depr.rows.asset.asset takes as `booking`. Raises `Refused` for an unknown profile or option.
    """
    chosen: dict[str, Any] = {}
    for word in words:
        name, given, value = word.partition("=")
        chosen |= {name: value} if given else _of_profile(name, method)
    Booking.of(chosen)
    return chosen


def _of_profile(name: str, method: str) -> dict[str, Any]:
    if name not in profiles():
        raise unknown("profile", name, profiles())
    chain = [profile for system in profiles()[name].systems[:1] for profile in profiles_of(system)]
    asked = [options for p in (chain or [profiles()[name]]) for options in (p.options, p.chosen(method, ""))]
    known = {option.name for option in fields(Booking)}
    return {key: value for options in asked for key, value in options.items() if key in known}
