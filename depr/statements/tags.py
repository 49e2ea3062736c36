"""What the lines of a statement are called in filings, and by how much shares were split: data with sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import Exact, validated

Unit = Literal["money", "shares", "per_share"]
TAG = "^[a-z-]+:[A-Za-z0-9]+$"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    source: str = Field(min_length=1)
    note: str = ""


class Line(_Entry):
    """A line of a statement and the tags (taxonomy:element) that stand for it, the preferred one first.

    Those in `wider` hold it and the line `less`, which is taken off where it is filed. Those in `narrower` hold a part
    of it, or are near it: they stand in where none of the others has a figure, and are named then.
    """

    line: str = Field(pattern="^[a-z_]+$")
    unit: Unit
    instant: bool = False
    tags: tuple[Annotated[str, Field(pattern=TAG)], ...] = Field(min_length=1)
    wider: tuple[Annotated[str, Field(pattern=TAG)], ...] = ()
    less: str = ""
    narrower: tuple[Annotated[str, Field(pattern=TAG)], ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All of its tags, in order."""
        return *self.tags, *self.wider, *self.narrower

    def worth(self, tag: str) -> int:
        """0 for a tag that is the line, 1 for one that holds more, 2 for one that holds a part of it."""
        return 0 if tag in self.tags else 1 if tag in self.wider else 2

    def units_key(self, currency: str) -> str:
        """The unit under which a filing gives the line."""
        return {"money": currency, "shares": "shares", "per_share": f"{currency}/shares"}[self.unit]


class Tags(BaseModel):
    """The lines that are looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: tuple[Line, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Tags:
        names = [entry.line for entry in self.line]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"line {', '.join(twice)} is there twice")
        if unknown := sorted({entry.less for entry in self.line if entry.less} - set(names)):
            raise ValueError(f"less names no line: {', '.join(unknown)}")
        return self


class Split(_Entry):
    """A split of shares: one share became `factor`; `effective` is the day from which filings are on the new basis."""

    issuer: str = Field(min_length=1)
    effective: date
    factor: Annotated[Exact, Field(gt=0)]


class Splits(BaseModel):
    """Splits of all issuers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: tuple[Split, ...] = ()

    def of(self, issuer: str) -> tuple[Split, ...]:
        """The splits of one issuer, in order."""
        return tuple(sorted((s for s in self.split if s.issuer == issuer), key=lambda s: s.effective))


def parse_tags(document: Mapping[str, Any], file: str = "tags") -> Tags:
    """Tag preferences from their TOML document. Raises `Refused` with every fault found."""
    return validated(Tags, document, file)


def parse_splits(document: Mapping[str, Any], file: str = "splits") -> Splits:
    """Splits from their TOML document. Raises `Refused` with every fault found."""
    return validated(Splits, document, file)


def factor_after(splits: Sequence[Split], filed: date) -> Fraction:
    """What one share of a filing of day `filed` has become since: the product of the splits after that day.

    A filing after a split shows every period on the new basis (ASC 260-10-55-12).
    """
    factor = Fraction(1)
    for split in splits:
        if split.effective > filed:
            factor *= split.factor
    return factor
