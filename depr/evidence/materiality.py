"""Materiality screens over a restatement: SAB 99 by line and period, SAB 108 by two methods, where to correct.

They point and never decide: every row carries the wording that says so. The shares, the pointers and their words are
data (schedules/materiality.toml). Comparisons are of whole numbers: |misstatement| x denominator of the share against
|line| x numerator, so a misstatement of exactly the share is not above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import Rate, validated
from depr.kernel.rounding import divide

MILLION = pl.lit(10**6, pl.Int128)
SERIES = ("issuer", "book", "mode", "bound")
PERIOD = ("period_type", "fiscal_year", "fiscal_quarter")
LINES = ("pretax_income", "net_income")
POINTERS = ("changes_sign", "masks_trend")
MISSTATEMENT = pl.col("understatement_minor") + pl.col("losses_minor")
"""What income before tax is misstated by."""

CORRECTIONS = ("big_r", "little_r", "current", "below", "not_known")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    source: str = Field(min_length=1)


class Threshold(_Entry):
    """The share of a line above which a misstatement is pointed at."""

    line: Literal["pretax_income", "net_income"]
    share: Rate


class Pointer(_Entry):
    """Something that may make a small misstatement material, and whether the figures can answer it."""

    key: str
    words: str = Field(min_length=1)
    answered_by: Literal["figures", "not known"]


class Correction(_Entry):
    """Where an error would be corrected."""

    key: str
    words: str = Field(min_length=1)


class Screen(_Entry):
    """The screens: shares, pointers, corrections and the wording that goes with every row."""

    wording: str = Field(min_length=1)
    threshold: tuple[Threshold, ...]
    pointer: tuple[Pointer, ...]
    correction: tuple[Correction, ...]

    @model_validator(mode="after")
    def _complete(self) -> Screen:
        if sorted(entry.line for entry in self.threshold) != sorted(LINES):
            raise ValueError(f"one threshold each is needed for {' and '.join(LINES)}")
        if sorted(p.key for p in self.pointer if p.answered_by == "figures") != sorted(POINTERS):
            raise ValueError(f"the figures answer {' and '.join(POINTERS)}, no more and no less")
        if sorted(entry.key for entry in self.correction) != sorted(CORRECTIONS):
            raise ValueError(f"one correction each is needed for {', '.join(CORRECTIONS)}")
        return self

    @property
    def unanswered(self) -> str:
        """The keys of the pointers that no figure here can answer."""
        return ", ".join(pointer.key for pointer in self.pointer if pointer.answered_by == "not known")

    def above(self, misstatement: pl.Expr, line: pl.Expr, name: str) -> pl.Expr:
        """Whether a misstatement is above the share of a line of that name; null where either is null."""
        share = next(entry.share for entry in self.threshold if entry.line == name)
        return _size(misstatement) * share.denominator > _size(line) * share.numerator


def parse_screen(document: Mapping[str, Any], file: str = "materiality") -> Screen:
    """Screens from their TOML document. Raises `Refused` with every fault found."""
    return validated(Screen, document, file)


def sab_99(restated: pl.DataFrame, screen: Screen) -> pl.DataFrame:
    """schemas.Restated -> one row a period: the misstatement, its share of each line, and what the figures point to.

    misstatement = reported - restated: before tax the understatement and the losses on disposals and impairments.
    `share_of_..._ppm` is its size over that of the reported line, half to even, null where the line is not sourced or
    next to nothing; `share_of_year_ppm` sets a quarter against the year's income before tax (ASC 250-10-45-27).
    `changes_sign`: net income is a loss one way and none the other. `masks_trend`: net income moves another way from
    the same period a year before; null without that period. `not_known` names the pointers that figures cannot answer.
    """
    pretax = pl.col("pretax_income_reported_minor")
    net = pl.col("net_income_reported_minor")
    restated_net = pl.col("net_income_restated_minor")
    wrong = pl.col("misstatement_pretax_minor")
    wrong_net = pl.col("misstatement_net_minor")
    frame = restated.with_columns(misstatement_pretax_minor=MISSTATEMENT, misstatement_net_minor=net - restated_net)
    return (
        _with_years(frame)
        .with_columns(
            share_of_pretax_ppm=_share(wrong, pretax),
            share_of_net_ppm=_share(wrong_net, net),
            share_of_year_ppm=_share(wrong, pl.col("year_pretax_minor")),
            above_pretax=screen.above(wrong, pretax, "pretax_income"),
            above_net=screen.above(wrong_net, net, "net_income"),
            changes_sign=(net < 0) != (restated_net < 0),
            masks_trend=(net - pl.col("net_before")).sign() != (restated_net - pl.col("restated_before")).sign(),
            not_known=pl.lit(screen.unanswered),
            wording=pl.lit(screen.wording),
        )
        .select(*SERIES, *PERIOD, "period_end", *SAB_99)
        .sort(*SERIES, "period_type", "period_end")
    )


SAB_99 = (
    "misstatement_pretax_minor",
    "misstatement_net_minor",
    "share_of_pretax_ppm",
    "share_of_net_ppm",
    "share_of_year_ppm",
    "above_pretax",
    "above_net",
    "changes_sign",
    "masks_trend",
    "not_known",
    "wording",
)


def _with_years(frame: pl.DataFrame) -> pl.DataFrame:
    """Beside each period the income before tax of its year, and net income of the same period a year before."""
    years = frame.filter(pl.col("period_type") == "FY").select(
        *SERIES, "fiscal_year", year_pretax_minor="pretax_income_reported_minor"
    )
    before = frame.select(
        *SERIES,
        "period_type",
        "fiscal_quarter",
        fiscal_year=pl.col("fiscal_year") + 1,
        net_before="net_income_reported_minor",
        restated_before="net_income_restated_minor",
    )
    keys = [*SERIES, *PERIOD]
    joined = frame.join(years, on=[*SERIES, "fiscal_year"], how="left")
    return joined.join(before, on=keys, how="left", nulls_equal=True)


def sab_108(restated: pl.DataFrame, screen: Screen) -> pl.DataFrame:
    """schemas.Restated -> one row a year: the misstatement by both methods, and where it would be corrected.

    `rollover_minor` is what the year's income is misstated by, `iron_curtain_minor` what the balance sheet at its end
    is misstated by, both before tax: the understatement and losses of the year, and the difference of carrying
    amounts. Each is set against the year's income before tax. `correction` is a key of the screen and `points_to` its
    words.
    """
    years = restated.filter(pl.col("period_type") == "FY").sort(*SERIES, "fiscal_year")
    pretax = pl.col("pretax_income_reported_minor")
    rollover = pl.col("rollover_minor")
    iron_curtain = pl.col("iron_curtain_minor")
    words = {entry.key: entry.words for entry in screen.correction}
    return (
        years.with_columns(rollover_minor=MISSTATEMENT, iron_curtain_minor="carried_over_minor")
        .with_columns(
            rollover_ppm=_share(rollover, pretax),
            iron_curtain_ppm=_share(iron_curtain, pretax),
            rollover_above=screen.above(rollover, pretax, "pretax_income"),
            iron_curtain_above=screen.above(iron_curtain, pretax, "pretax_income"),
        )
        .with_columns(correction=_correction())
        .with_columns(points_to=pl.col("correction").replace_strict(words), wording=pl.lit(screen.wording))
        .select(*SERIES, "fiscal_year", "period_end", *SAB_108)
    )


SAB_108 = (
    "rollover_minor",
    "iron_curtain_minor",
    "rollover_ppm",
    "iron_curtain_ppm",
    "rollover_above",
    "iron_curtain_above",
    "correction",
    "points_to",
    "wording",
)


def _correction() -> pl.Expr:
    """The first that applies: an earlier year above (big R), an unknown one, this year above, below."""
    above = pl.col("rollover_above") | pl.col("iron_curtain_above")  # null where income is not sourced
    first = pl.int_range(pl.len()).over(SERIES) == 0
    earlier_above = above.fill_null(False).shift(1, fill_value=False).cum_max().over(SERIES)
    unknown = above.is_null().cum_max().over(SERIES)
    return (
        pl.when(earlier_above)
        .then(pl.lit("big_r"))
        .when(unknown)
        .then(pl.lit("not_known"))
        .when(above & first)
        .then(pl.lit("current"))
        .when(above)
        .then(pl.lit("little_r"))
        .otherwise(pl.lit("below"))
    )


def _size(amount: pl.Expr) -> pl.Expr:
    return amount.cast(pl.Int128).abs()


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """|part| / |whole| in parts per million, half to even; null where the whole is null, zero or next to nothing."""
    return divide(_size(part) * MILLION, pl.when(_size(part) < _size(whole) * MILLION * MILLION).then(_size(whole)))


def brief(screened: pl.DataFrame) -> pl.DataFrame:
    """What `sab_99` or `sab_108` gives for the eye: the middle reading, without the words that every row repeats."""
    said = [name for name in ("bound", "mode", "wording", "not_known", "period_end") if name in screened.columns]
    short = {"fiscal_year": "year", "fiscal_quarter": "quarter", "period_type": "type"}
    mid = screened.filter(bound="mid").drop(said)
    named = mid.rename({name: new for name, new in short.items() if name in mid.columns})
    return named.rename(lambda name: name.replace("misstatement_", "").replace("share_of_", "of_"))
