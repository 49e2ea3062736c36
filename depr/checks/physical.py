"""The check against a physical count: units on the books and units that somebody saw, by generation and location."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from depr.checks.examined import Examined
from depr.contract.names import spelled
from depr.errors import Finding, refuse
from depr.intake import generation_keys
from depr.intake.apart import read_text
from depr.intake.forms import OUR_OWN, Rule, filled, judged
from depr.intake.forms.cells import check_header, whole
from depr.intake.forms.rules import blanks, found_in, integers, known
from depr.intake.layout import Layout

REQUIRED = ("issuer", "generation", "units")
COLUMNS = ("issuer", "generation", "location", "units")
SHOWN_LOTS = 3
Row = Mapping[str, Any]


def physical(examined: Examined) -> Iterator[Finding]:
    """Units on the books against a count of them, group by group; every issuer that was counted is compared whole.

    Without a column `location` in the count the sites of an issuer are added up.
    """
    if examined.counts is None:
        raise refuse("physical", "there is no physical count to compare with", do="name its file with --counts")
    counted, found = read_count(examined.counts, examined)
    if found:
        yield from found
        return
    for row in differences(counted, examined.held).iter_rows(named=True):
        what = f"{_group(row)}: {row['booked']} units on the books on {examined.day}, {_seen(row)}"
        why = f"{_gap(row)}; {_lots(row)}"
        yield Finding(examined.counts.name, row["source_row"] or 0, what, why, _do(row), "physical")


def read_count(path: Path, examined: Examined) -> tuple[pl.DataFrame, list[Finding]]:
    """A count (issuer, generation, location if the file has it, units, source_row) and what is wrong with its rows.

    Raises `Refused` when the file cannot be read as a table, has other columns or holds no row.
    """
    read = read_text(path, Layout(COLUMNS, ("units",)), examined.how)
    file = read.name
    text = read.table
    check_header(file, text.columns, "a count", REQUIRED, COLUMNS)
    rows = filled(text, 2)
    if rows.is_empty():
        raise refuse(file, "holds no count", "there is no row below the header", "add a row for each group")
    raw = [pl.col(name).alias(f"raw_{name}") for name in rows.columns if name != "source_row"]
    names = [spelled(pl.col(name)) for name in ("issuer", "generation")]
    typed = rows.with_columns(raw).with_columns(*names, units=whole("units"))
    faults = judged(typed, _rules(examined, [name for name in text.columns if name != "units"]))
    return typed.select(*text.columns, "source_row"), found_in(file, faults)


def _rules(examined: Examined, keys: list[str]) -> list[Rule]:
    keys_known = sorted(generation_keys(examined.schedules))
    owners = examined.lots["issuer"].unique().sort().to_list()
    twice = ~pl.struct(keys).is_first_distinct()
    do = "add the two up in one row, or correct one of them"
    return [
        *blanks(REQUIRED, OUR_OWN),
        *integers(("units",), OUR_OWN),
        known("issuer", owners, f"the issuers of the ledger are: {', '.join(owners)}"),
        known("generation", keys_known, f"use one of: {', '.join(keys_known)}"),
        Rule(
            "twice", twice, pl.lit("the same group was counted in a row above"), "which one counts is not certain", do
        ),
    ]


def differences(counted: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Groups whose units differ: the keys, `booked`, `building` (of them under construction), `lots`, `units` counted.

    `units` is null where a group on the books was not counted; `location` is among the keys when the count has it.
    """
    keys = [name for name in COLUMNS[:3] if name in counted.columns]
    mine = held.filter(pl.col("issuer").is_in(counted["issuer"].unique().implode()))
    books = mine.group_by(keys).agg(
        booked=pl.col("units").sum(),
        building=pl.col("units").filter(pl.col("status") == "under_construction").sum(),
        lots=pl.col("lot_id").sort(),
    )
    both = counted.join(books, on=keys, how="full", coalesce=True, nulls_equal=True)
    filled_up = both.with_columns(pl.col("booked", "building").fill_null(0))
    differs = pl.col("units").is_null() | (pl.col("units") != pl.col("booked"))
    return filled_up.filter(differs).sort("source_row", *keys, nulls_last=True)


def _group(row: Row) -> str:
    site = f" at {row['location']}" if row.get("location") else " without a location" if "location" in row else ""
    return f"{row['issuer']} {row['generation']}{site}"


def _seen(row: Row) -> str:
    return "not counted" if row["units"] is None else f"{row['units']} counted"


def _gap(row: Row) -> str:
    gap = row["booked"] - (row["units"] or 0)
    if gap < 0:
        return f"{-gap} more than on the books"
    building = f", {row['building']} of the booked are under construction" if row["building"] else ""
    return f"{gap} fewer than on the books{building}"


def _lots(row: Row) -> str:
    lots = row["lots"] or []
    more = f" and {len(lots) - SHOWN_LOTS} more" if len(lots) > SHOWN_LOTS else ""
    return f"booked as {', '.join(map(repr, lots[:SHOWN_LOTS]))}{more}" if lots else "no lot is booked there"


def _do(row: Row) -> str:
    if row["units"] is None:
        return "count it, or give it a row with 0 units; then record what happened to them"
    if row["booked"] < row["units"]:
        return "count again; then import the purchase, or record the transfer, that is missing"
    return "count again; then record the disposal or transfer, or correct the purchase"
