"""What is in the cells: the forms of dates and amounts, whose words mean what, and what no column says."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from depr.contract.currencies import currencies
from depr.errors import meant, visible
from depr.intake.forms import PURCHASES
from depr.intake.forms.cells import MIDNIGHT
from depr.intake.mapping import OPEN
from depr.intake.mapping.dates import TIME
from depr.intake.mapping.model import LIFE
from depr.intake.suggest.columns import Found, generation_in
from depr.intake.suggest.draft import SEPARATOR, Draft
from depr.intake.suggest.forms import TEXTS, Guess, date_forms, number_forms
from depr.intake.suggest.table import Table, shape

SAID = 3
MOST = 40
"""Different words of a column that are listed."""


@dataclass
class Read:
    """How many cells of each of our columns are read, and which texts are not."""

    unread: dict[str, pl.DataFrame] = field(default_factory=dict)


def read(
    draft: Draft,
    table: Table,
    which: Found,
    stay: pl.Series,
    generations: Collection[str],
    issuers: Mapping[str, str],
) -> Read:
    """Fill in how cells are read, from the rows that stay; what is left over of a column is named."""
    done = Read()
    _dates(draft, table, which, stay, done)
    amounts = _amounts(draft, table, which, stay, done)
    _named(draft, table, which, stay, "generation", generations)
    _named(draft, table, which, stay, "issuer", issuers)
    _currency(draft, table, which, stay, amounts, issuers)
    if (place := which.place(LIFE)) is not None:
        draft.give("life", *life_of(table.names[place]))
    _missing(draft, table, which, issuers)
    for ours, left in done.unread.items():
        _unread(draft, table, which, stay, ours, left)
    return done


def _texts(table: Table, which: Found, stay: pl.Series, names: Collection[str]) -> pl.DataFrame:
    parts = [table.counted(place, stay) for name in names if (place := which.place(name)) is not None]
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=TEXTS)
    return whole.group_by("text").agg(pl.col("len").sum()).sort("text")


def _give(draft: Draft, guess: Guess, columns: str) -> None:
    for key, value in guess.keys.items():
        why = guess.why[key]
        said = [f"{why[0]} ({columns})", *why[1:]] if why and key in ("date", "decimal", "thousands") else why
        if isinstance(value, dict):
            for name, each in value.items():
                draft.give(f"{key}{SEPARATOR}{name}", each)
            draft.why[key] = said
        else:
            draft.give(key, value, *said)


def _words(table: Table, which: Found, names: Collection[str]) -> str:
    return ", ".join(table.names[place] for name in names if (place := which.place(name)) is not None)


def _dates(draft: Draft, table: Table, which: Found, stay: pl.Series, done: Read) -> None:
    names = [name for name in PURCHASES.dates if which.place(name) is not None]
    guess = date_forms(_texts(table, which, stay, names))
    serial = 0
    timed = 0
    for name in names:
        place = which.place(name)
        assert place is not None
        real = table.counted(place, stay, real=True)
        serial += int(real.filter(pl.col("text").str.contains(r"^[0-9]+(\.0+)?$"))["len"].sum())
        hour = pl.col("text").str.contains(TIME) & ~pl.col("text").str.contains(MIDNIGHT)
        timed += int(real.filter(hour)["len"].sum())
        if len(guess.unread):
            done.unread[name] = guess.unread.join(table.counted(place, stay), on="text", how="semi")
    for count, form, said in (
        (serial, "serial", "cells are numbers, as a spreadsheet counts days"),
        (timed, "YYYY-MM-DD HH:MM:SS", "cells are dates with a time"),
    ):
        given = guess.keys.get("date")
        if count and given != OPEN:
            held = [given] if isinstance(given, str) else list(given) if isinstance(given, list) else []
            guess.give("date", [*held, form], *guess.why.get("date", []), f"{count:,} {said}")
    _give(draft, guess, _words(table, which, names))


def _amounts(draft: Draft, table: Table, which: Found, stay: pl.Series, done: Read) -> Guess:
    names = [name for name in PURCHASES.amounts if which.place(name) is not None]
    also = [name for name in PURCHASES.integers if which.place(name) is not None]
    places = {name: place for name in (*names, *also) if (place := which.place(name)) is not None}
    by_column = {name: table.shapes(place, stay) for name, place in places.items()}
    shapes = pl.concat(by_column.values()) if by_column else pl.DataFrame(schema={"shape": pl.String, **TEXTS})
    together = shapes.group_by("shape").agg(pl.col("len").sum(), pl.col("text").first()).sort("shape")
    guess = number_forms(together, sorted(currencies()))
    _give(draft, guess, _words(table, which, list(places)))
    for name, place in places.items():
        left = by_column[name].join(guess.unread, on="shape", how="semi")["shape"]
        cells = table.column(place).to_frame("text").filter(stay & ~table.real(place)) if len(left) else pl.DataFrame()
        if len(left):
            texts = cells.filter(shape(pl.col("text")).is_in(left.implode()))
            done.unread[name] = texts.group_by("text").agg(pl.len()).sort("len", "text", descending=[True, False])
    negated = []
    why = []
    for name in names:
        place = which.place(name)
        assert place is not None
        below, above = _signs(table, place, stay)
        if below and not above:
            negated.append(name)
            why.append(f"{below:,} of {below:,} amounts of {table.names[place]!r} other than zero are below zero")
        elif below:
            draft.in_the_way.append(f"{below:,} amounts of {table.names[place]!r} are below zero, {above:,} above")
    if negated:
        draft.give("negated", negated, *why)
        if any(bool(table.real(place).any()) for name in negated if (place := which.place(name)) is not None):
            draft.document.setdefault("negative", "minus")
    return guess


def _signs(table: Table, place: int, stay: pl.Series) -> tuple[int, int]:
    """How many amounts are below zero, and above."""
    cells = table.column(place).filter(stay).drop_nulls()
    figures = cells.str.contains("[1-9]")
    below = int((figures & cells.str.contains(r"^[^0-9]*[-(]|-[^0-9]*$")).sum())
    return below, int(figures.sum()) - below


def _named(draft: Draft, table: Table, which: Found, stay: pl.Series, ours: str, keys: Collection[str]) -> None:
    """Their words of a column that names something: those that mean one key, and the others, left open."""
    place = which.place(ours)
    if place is None:
        return
    words = pl.concat([table.counted(place, stay), table.counted(place, stay, real=True)])
    words = words.sort("len", "text", descending=[True, False])
    if all(text in keys for text in words["text"]):
        return
    column = table.column(place)
    for text, rows in words.head(MOST).iter_rows():
        held = [text] if text in keys else _means(ours, text, keys)
        key = f"values{SEPARATOR}{ours}{SEPARATOR}{text}"
        where = f"{rows:,} row{'s' * (rows > 1)}"
        if len(held) == 1:
            draft.give(key, held[0], f"{where}; its words are those of {held[0]}" if text != held[0] else where)
            continue
        at = table.where((column == text).fill_null(False) & stay)
        several = f"it may be {' or '.join(held)}" if held else f"none is called so{meant(text, keys)}"
        draft.give(key, OPEN, f"{where} ({at}): {several}; of another class: skip them by [[skip]]")
    if len(words) > MOST:
        draft.in_the_way.append(
            f"{len(words) - MOST:,} more words of {table.names[place]!r} are not listed under values"
        )


def _means(ours: str, text: str, keys: Collection[str]) -> list[str]:
    if ours == "generation":
        return generation_in(text, keys)
    words = re.findall(r"\w+", text.lower())
    return [key for key in keys if key.lower() in words]


def _currency(
    draft: Draft, table: Table, which: Found, stay: pl.Series, amounts: Guess, issuers: Mapping[str, str]
) -> None:
    """The currency: of a column, of the names of columns, of the signs, or left open."""
    if which.place("currency") is not None:
        return
    named = {code for place in range(len(table.names)) if (code := _code_in(table.names[place]))}
    signs = amounts.keys.get("signs")
    if len(named) == 1:
        code = next(iter(named))
        draft.give(f"constants{SEPARATOR}currency", code, f"the names of columns say {code}")
    elif not signs:
        listed = sorted(set(issuers.values()))
        draft.give(f"constants{SEPARATOR}currency", OPEN, f"nothing says it; the issuers report in {', '.join(listed)}")


def _code_in(name: str) -> str | None:
    return next((word for word in re.findall(r"\b[A-Z]{3}\b", name) if word in currencies()), None)


def life_of(name: str) -> tuple[str, str]:
    """The unit of a life that the name of its column says, and the evidence; left open where it says none."""
    words = name.casefold()
    months = "month" in words or "monat" in words
    years = "year" in words or "jahr" in words
    if months != years:
        return ("months" if months else "years"), f"the name of {name!r} says so"
    return OPEN, f"{name!r} does not say whether it is in years or months"


def _missing(draft: Draft, table: Table, which: Found, issuers: Mapping[str, str]) -> None:
    """What every lot needs and no column says."""
    listed = ", ".join(sorted(issuers))
    needs = {
        "issuer": f"no column is called so; whose are they: {listed}",
        "generation": "no column is called so; where all lots are of one: its key",
        "units": 'no column is called so; where each row is one unit: "1"',
    }
    for ours, why in needs.items():
        if not which.places.get(ours):
            draft.give(f"constants{SEPARATOR}{ours}", OPEN, why)
    if which.place("accumulated") is not None and not which.places.get("accumulated_date"):
        why = "accumulated depreciation is as of a day, and no column says which: write it as YYYY-MM-DD"
        titles = dict.fromkeys(text for each in table.grids for text in each.titles if re.search("[0-9]", text))
        said = [f"above the header stands {visible(text)!r}" for text in titles]
        draft.give(f"constants{SEPARATOR}accumulated_date", OPEN, why, *said[:SAID])


def _unread(draft: Draft, table: Table, which: Found, stay: pl.Series, ours: str, left: pl.DataFrame) -> None:
    """Texts that no form reads: words such as n/a are left open under values, others are in the way."""
    place = which.place(ours)
    if place is None or left.is_empty():
        return
    column = table.column(place)
    for text in left["text"].head(MOST):
        rows = (column == text).fill_null(False) & stay
        said = f"{table.names[place]} {visible(text)!r} in {table.where(rows)}"
        if re.search("[0-9]", text):
            draft.in_the_way.append(f"{said} is in none of the forms")
        else:
            do = 'a blank is "", a number or a day is written in our form'
            draft.give(f"values{SEPARATOR}{ours}{SEPARATOR}{text}", OPEN, f"{said} is no figure; {do}")
    if len(left) > MOST:
        draft.in_the_way.append(f"{len(left) - MOST:,} more texts of {table.names[place]!r} are in none of the forms")
