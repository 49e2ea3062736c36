"""Profiles: how the ledger of a system books an asset row by row, in named options.

A profile (schedules/profiles) is data; one goes on top of another, as a version of a system does, and all of them go
on top of common.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import validated
from depr.errors import Refused, unknown
from depr.intake import read_toml
from depr.rows.rows import Booking
from depr.share import find, names

COMMON = "common"


class Profile(BaseModel):
    """The options that a system books by, `on_top_of` those of another profile."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str = Field(min_length=1)
    note: str = ""
    on_top_of: str = COMMON
    options: Mapping[str, Any] = {}

    @model_validator(mode="after")
    def _valid(self) -> Profile:
        try:
            Booking.of(self.options)
        except Refused as refused:
            raise ValueError(str(refused)) from None
        return self


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """The profiles that ship, by name. Raises `Refused` with every fault found."""
    return {
        name: validated(Profile, read_toml(path), str(path))
        for name in names("profiles")
        for path in (find("profiles", name),)
    }


def booking_of(words: Sequence[str]) -> dict[str, Any]:
    """Options of rows from words: the name of a profile for all that it sets, option=value for one; later ones win.

    They are what depr.rows.asset.asset takes as `booking`. Raises `Refused` for an unknown profile or option.
    """
    chosen: dict[str, Any] = {}
    for word in words:
        name, given, value = word.partition("=")
        chosen |= {name: value} if given else _of_profile(name)
    Booking.of(chosen)
    return chosen


def _of_profile(name: str) -> dict[str, Any]:
    if name not in profiles():
        raise unknown("profile", name, profiles())
    profile = profiles()[name]
    below = {} if name == COMMON else _of_profile(profile.on_top_of)
    return {**below, **profile.options}
