"""Thresholds of the checks: data with a source (schedules/controls.toml)."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from depr import share
from depr.books.book import validated
from depr.errors import unknown
from depr.intake import read_toml


class Control(BaseModel):
    """A number beyond which a fact is not plausible, with its unit, meaning and source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    value: int = Field(ge=0)
    unit: str
    meaning: str
    source: str = Field(min_length=1)


class _Controls(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    control: tuple[Control, ...]


def read_controls(path: Path) -> dict[str, Control]:
    """Thresholds by their key (schedules/controls.toml). Raises `Refused`."""
    return {entry.key: entry for entry in validated(_Controls, read_toml(path), str(path)).control}


def control(key: str, schedules: Path | None = None) -> Control:
    """One threshold by its key. Raises `Refused`."""
    path = share.schedule_file("controls.toml", schedules)
    entries = read_controls(path)
    if key not in entries:
        raise unknown("control", key, entries, str(path))
    return entries[key]
