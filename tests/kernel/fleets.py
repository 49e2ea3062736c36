"""Made-up fleets: lots and books for the tests of the kernel, and the oracle's answer as a table."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from depr.books.book import OPENING, Book, parse_book
from depr.books.estimates import estimates
from depr.contract import Changes, Lots, Schedule
from depr.kernel.calendar import EPOCH_YEAR, FiscalCalendar
from tests import oracle
from tests.engines import Engine
from tests.oracle import LONG_AGO, Asset, Rule, Turn

COLUMNS = Schedule.column_names()


@dataclass(frozen=True)
class Case:
    """An asset and the key of the rules it follows."""

    asset: Asset
    key: str = "*"


def book_of(tracks: Mapping[str, Sequence[Rule]]) -> Book:
    """A book in which each key (a generation, or * for all) follows its own rules."""
    named = [(rule, key) for key, rules in tracks.items() for rule in rules]
    return book_from([policy_of(rule, key) for rule, key in sorted(named, key=lambda entry: entry[0].effective)])


def book_from(policies: Sequence[Mapping[str, Any]]) -> Book:
    """A book of policies, each as the [[policy]] of a TOML book."""
    head = {"id": "made-up", "title": "Made up", "kind": "scenario", "source": "a test"}
    return parse_book({**head, "policy": policies})


def policy_of(rule: Rule, key: str = "*") -> dict[str, Any]:
    """A rule as the [[policy]] of a TOML book."""
    return {
        "effective": OPENING if rule.effective == LONG_AGO else rule.effective,
        "generations": [key],
        "method": rule.method,
        "convention": rule.convention,
        "life_months": rule.life_months,
        "residual_rate": decimal(rule.residual_rate),
        "factor": decimal(rule.factor),
        "switch": rule.switch,
        "residual_as": rule.residual_as,
        "reset": rule.reset,
        "day_count": rule.day_count,
        "source": "a test",
    }


def decimal(rate: Fraction) -> str:
    """A rate as decimal text, exactly. Raises ValueError when it has no end."""
    places = next((n for n in range(40) if (rate * 10**n).denominator == 1), None)
    if places is None:
        raise ValueError(f"{rate} is no decimal")
    return f"{Decimal(int(rate * 10**places)).scaleb(-places):f}"


def rules_of(book: Book, generation: str = "*") -> list[Rule]:
    """A book's policies as the oracle's rules."""
    return [
        Rule(
            int(p.life),
            p.method,
            p.convention,
            p.effective,
            p.residual_rate,
            p.factor,
            p.switch,
            p.residual_as,
            p.reset,
            p.day_count,
        )
        for p in book.track(generation)
    ]


def lots_of(cases: Iterable[Case]) -> pl.DataFrame:
    """Cases as lots (contract.Lots), numbered in their order."""
    listed = list(cases)
    numbers = range(len(listed))
    frame = pl.DataFrame(
        {
            "lot": numbers,
            "lot_id": [f"L{n:06}" for n in numbers],
            "generation": [case.key for case in listed],
            "cost_minor": [case.asset.cost for case in listed],
            "residual_minor": [case.asset.residual for case in listed],
            "in_service_date": [case.asset.in_service for case in listed],
        },
        schema_overrides={"residual_minor": pl.Int64},
    )
    absent = dict.fromkeys(("cost_low_minor", "cost_high_minor", "location", "document"), pl.lit(None))
    plain = {"issuer": pl.lit("X"), "units": pl.lit(1), "currency": pl.lit("USD")}
    return Lots.validate(frame.with_columns(purchase_date="in_service_date", **plain, **absent), cast=True)


def changes_of(stories: Iterable[Sequence[Turn]]) -> pl.DataFrame:
    """What befalls each lot, in their order, as contract.Changes."""
    rows = [
        {
            "lot": lot,
            "effective_date": turn.day,
            "kind": turn.kind,
            "amount_minor": turn.amount,
            "life_months": turn.life,
            "new_residual_minor": turn.residual,
            "part_num": turn.part.numerator,
            "part_den": turn.part.denominator,
        }
        for lot, turns in enumerate(stories)
        for turn in turns
    ]
    return Changes.validate(pl.DataFrame(rows, schema=Changes.create_empty().schema), cast=True)


def schedule_of(
    engine: Engine, lots: pl.DataFrame, book: Book, year_end: int = 12, changes: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The schedule under test, in order of lot and period."""
    segments, shares, *_ = estimates(lots, book, FiscalCalendar(year_end), changes)
    return engine.collect(segments, shares)


def expected(cases: Iterable[Case], tracks: Mapping[str, Sequence[Rule]], year_end: int = 12) -> pl.DataFrame:
    """The oracle's schedule of the same, in the same columns."""
    columns = [array("q") for _ in COLUMNS]
    for lot, case in enumerate(cases):
        rules = tracks.get(case.key) or tracks["*"]
        years, months, charges, accumulated = zip(*oracle.schedule(case.asset, rules, year_end), strict=True)
        first = (years[0] - EPOCH_YEAR) * 12 + months[0] - 1
        values = ([lot] * len(years), range(first, first + len(years)), charges, accumulated)
        for column, more in zip(columns, values, strict=True):
            column.extend(more)
    return pl.DataFrame(dict(zip(COLUMNS, columns, strict=True))).cast({"period": pl.Int32})


def assert_every_cell(
    engine: Engine, cases: Sequence[Case], tracks: Mapping[str, Sequence[Rule]], year_end: int = 12
) -> int:
    """The engine's schedule is the oracle's, row by row; the number of rows compared."""
    got = schedule_of(engine, lots_of(cases), book_of(tracks), year_end)
    want = expected(cases, tracks, year_end)
    if not got.equals(want):
        raise AssertionError(_difference(got, want, cases, tracks))
    return len(want)


def _difference(
    got: pl.DataFrame, want: pl.DataFrame, cases: Sequence[Case], tracks: Mapping[str, Sequence[Rule]]
) -> str:
    """The first lots that differ, with what they follow."""
    both = got.join(want, on=["lot", "period"], how="full", coalesce=True, suffix="_oracle")
    wrong = both.filter(
        pl.col("depreciation_minor").ne_missing(pl.col("depreciation_minor_oracle"))
        | pl.col("accumulated_minor").ne_missing(pl.col("accumulated_minor_oracle"))
    ).sort("lot", "period")
    case = cases[wrong["lot"][0]]
    return f"{len(wrong)} of {len(want)} rows in {wrong['lot'].n_unique()} lots\n{case}\n{tracks[case.key]}\n{wrong}"
