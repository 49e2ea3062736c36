"""Checks of what is held: serials, lots depreciated to the end, lives outside the book, ages beyond the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from depr.checks.examined import ORIGIN, Examined, Reported, lot
from depr.errors import Finding
from depr.evidence.retirements import retirement_lives
from depr.evidence.survival import LIVES


def serials(examined: Examined) -> Iterator[Finding]:
    """Lots held under the same serial, capitals and small letters being the same."""
    acquired = examined.events.filter(kind="acquisition").select("lot_id", *ORIGIN)
    named = examined.held.filter(pl.col("serial").is_not_null()).join(acquired, on="lot_id", maintain_order="left")
    keyed = named.with_columns(key=pl.col("serial").str.to_uppercase()).sort(*ORIGIN)
    first = pl.col("lot_id", "issuer").first().over("key").name.prefix("first_")
    again = keyed.with_columns(first).filter(~pl.col("key").is_first_distinct())
    what = pl.format(
        "serial '{}' of lot '{}' ({}) is that of lot '{}' ({}) too",
        *("serial", "lot_id", "issuer", "first_lot_id", "first_issuer"),
    )
    why = "one machine would be on the books twice"
    do = "look at the machine; then take one purchase back (correction)"
    return examined.found(again, what, why, do, "serials")


def fully_depreciated(examined: Examined) -> Iterator[Finding]:
    """Lots in service on the date whose reported book has nothing left to charge."""
    held = examined.held.filter(status="in_service").select("lot_id", held_units="units")
    for reported in examined.reported:
        spent = _spent(examined, reported)
        rows = reported.lots.join(held, on="lot_id", maintain_order="left").join(spent, on="lot", maintain_order="left")
        since = pl.coalesce(pl.format("was fully depreciated on {}", "end"), pl.lit("has nothing left to depreciate"))
        what = pl.format(
            "lot '{}' ({} {}) {}, and is still in use on {}",
            *("lot_id", "held_units", "generation", since, pl.lit(examined.day)),
        )
        why = f"its use is longer than its life in book {reported.book.id}"
        do = "see that it is in use; reconsider the life of those like it, or record its disposal"
        yield from examined.found(rows, what, why, do, "fully_depreciated")


def _spent(examined: Examined, reported: Reported) -> pl.DataFrame:
    """Lots with nothing to charge in any period that ends after the date: lot, and `end`, the last day charged."""
    calendar = reported.issuer.calendar
    (segments, shares, _) = reported.estimates
    done = calendar.period(examined.day + timedelta(days=1)) - 1
    steps = shares.filter(pl.col("num") > pl.col("num_before")).group_by("share_id").agg(pl.col("step").max())
    charged = segments.filter(pl.col("base_minor") > 0).join(steps, on="share_id")
    last = pl.min_horizontal("last_period", pl.col("first_period") + pl.col("step"))
    ends = charged.group_by("lot").agg(period=last.max())
    depreciable = pl.col("cost_minor") > pl.col("residual_minor").fill_null(0)
    served = reported.lots.filter(depreciable & pl.col("in_service_date").is_not_null()).select("lot")
    spent = served.join(ends, on="lot", how="left").filter(pl.col("period").fill_null(done) <= done)
    days = {period: calendar.last_day(period) for period in spent["period"].drop_nulls().unique()}
    return spent.select("lot", end=pl.col("period").replace_strict(days, default=None, return_dtype=pl.Date))


def life(examined: Examined) -> Iterator[Finding]:
    """Changes in the life of a lot beyond every life that the reported book gives to its generation."""
    for reported in examined.reported:
        here = pl.col("book").is_null() | (pl.col("book") == reported.book.id)
        estimates = reported.events.filter((pl.col("kind") == "estimate") & pl.col("life_months").is_not_null() & here)
        lots = reported.lots.select("lot_id", of="generation").join(_range(reported), on="of")
        rows = estimates.join(lots, on="lot_id", maintain_order="left")
        outside = rows.filter(~pl.col("life_months").is_between("shortest", "longest"))
        range_words = pl.when(pl.col("shortest") == pl.col("longest")).then(pl.format("{} months", "shortest"))
        what = pl.format(
            "event {} gives lot '{}' a life of {} months; the book gives {} {}",
            *("seq", "lot_id", "life_months", "of"),
            range_words.otherwise(pl.format("{} to {} months", "shortest", "longest")),
        )
        why = f"it departs from what the issuer reports (book {reported.book.id})"
        do = "see who judged so, and on what; if it holds for the class, add a policy to the book"
        yield from examined.found(outside, what, why, do, "life")


def _range(reported: Reported) -> pl.DataFrame:
    """The shortest and the longest life of each generation over all policies of the book, in whole months."""
    lives = {name: [p.life for p in reported.book.track(name)] for name in reported.lots["generation"].unique()}
    rows = [(name, -int(-min(given) // 1), int(max(given) // 1)) for name, given in lives.items() if given]
    return pl.DataFrame(rows, {"of": pl.String, "shortest": pl.Int64, "longest": pl.Int64}, orient="row")


def survival(examined: Examined) -> Iterator[Finding]:
    """Lots held that are older than any retirement observed of their generation."""
    lives, _ = retirement_lives()
    return beyond(examined, lives)


def beyond(examined: Examined, lives: pl.DataFrame) -> Iterator[Finding]:
    """Lots held beyond the oldest retirement among `lives` (survival.LIVES); generations that have none are left out.

    A part such as v100-sxm2-16gb is judged by what is observed of v100 when nothing is observed of the part.
    """
    age = (pl.col("end_date") - pl.col("in_service_date")).dt.total_days()
    retired = lives.match_to_schema(LIVES).filter("retired").with_columns(oldest=age)
    oldest = retired.sort("oldest", "lot").group_by("generation").agg(pl.col("oldest", "lot").last())
    seen = oldest.select(family="generation", oldest="oldest", who="lot")
    word = pl.col("generation").str.extract(r"^([^-]+)")
    family = pl.when(pl.col("generation").is_in(seen["family"].implode())).then("generation").otherwise(word)
    served = examined.held.filter(pl.col("in_service_date").is_not_null()).with_columns(family=family)
    days = (pl.lit(examined.day) - pl.col("in_service_date")).dt.total_days()
    old = served.join(seen, on="family", maintain_order="left").with_columns(days=days)
    what = pl.format(
        "{} has been in service for {} days on {}; the oldest retirement observed of {}, {}, was after {} days",
        *(lot(), "days", pl.lit(examined.day), "family", "who", "oldest"),
    )
    why = "no evidence says that one lasts so long"
    do = "see that it is there and in use; else record the disposal that is missing"
    return examined.found(old.filter(pl.col("days") > pl.col("oldest")), what, why, do, "survival")
