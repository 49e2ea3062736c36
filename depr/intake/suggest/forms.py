"""How the dates and the numbers of a file are written: the forms that read all of it, and whether two of them do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import polars as pl

from depr.intake.mapping import OPEN, dates, numbers
from depr.intake.suggest.table import many, shape

DAYS = (
    *("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD"),
    *(
        f"{first}{mark}{second}{mark}{year}"
        for mark, year in product("/.-", ("YYYY", "YY"))
        for first, second in (("DD", "MM"), ("D", "M"), ("MM", "DD"), ("M", "D"))
    ),
    *("DD-MON-YYYY", "D-MON-YYYY", "DD-MON-YY", "D-MON-YY", "DD MON YYYY", "D MON YYYY", "D MON YY", "D MONTH YYYY"),
    *("MON D, YYYY", "MON D YYYY", "MONTH D, YYYY", "DD/MON/YYYY", "D. MONTH YYYY", "serial"),
)
"""Forms that are tried, the strictest first."""

CENTURY = 50


TEXTS = {"text": pl.String, "len": pl.UInt32}


@dataclass
class Guess:
    """The keys that a guess gives, with the comments above each; an unread cell is one that no form reads."""

    keys: dict[str, object] = field(default_factory=dict)
    why: dict[str, list[str]] = field(default_factory=dict)
    unread: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TEXTS))

    def give(self, key: str, value: object, *why: str) -> None:
        """A key with its evidence."""
        self.keys[key] = value
        self.why[key] = [each for each in why if each]


# Dates


def date_forms(cells: pl.DataFrame) -> Guess:
    """The forms of dates in texts (text, len: how many cells have it)."""
    guess = Guess()
    if cells.is_empty():
        return guess
    total = int(cells["len"].sum())
    forms = _matching(cells)
    table = cells.with_columns(_days(form).alias(form) for form in forms)
    reads = {form: int(table.filter(pl.col(form).is_not_null())["len"].sum()) for form in forms}
    whole = _different(table, [form for form in forms if reads[form] == total])
    if len(whole) == 1:
        _give_one(guess, table, whole[0], forms, total)
    elif whole:
        _leave_open(guess, table, whole, total)
    else:
        _give_several(guess, table, forms, reads, total)
    _give_pivot(guess, cells)
    return guess


def _matching(cells: pl.DataFrame) -> list[str]:
    """The forms that fit the shape of any text."""
    shapes = cells.with_columns(shape=shape(pl.col("text"))).group_by("shape").agg(pl.col("text").first())
    forms = [day + time for day in DAYS for time in ("", *dates.TIMES) if not (day == "serial" and time)]
    long = pl.col("text").str.len_chars() == SERIAL_DIGITS
    fits = shapes.select(
        (dates.fits(pl.col("text"), form) & (long if form == "serial" else True)).any().alias(form) for form in forms
    )
    return [form for form in forms if fits[form].item()]


SERIAL_DIGITS = 5
"""Digits of the days from 1927 to 2173 as a spreadsheet counts them; 2024 is more likely a year."""


def _days(form: str) -> pl.Expr:
    day = dates.days(pl.col("text"), form, CENTURY, ())
    return pl.when(pl.col("text").str.len_chars() == SERIAL_DIGITS).then(day) if form == "serial" else day


def _different(table: pl.DataFrame, forms: Sequence[str]) -> list[str]:
    """Of forms that read the same days the first one."""
    kept: list[str] = []
    for form in forms:
        if not any(table[form].equals(table[each]) for each in kept):
            kept.append(form)
    return kept


def _cells(table: pl.DataFrame, where: pl.Expr) -> int:
    return int(table.filter(where)["len"].sum())


def _give_one(guess: Guess, table: pl.DataFrame, form: str, forms: Sequence[str], total: int) -> None:
    others = []
    for other in _different(table, forms):
        also = _cells(table, pl.col(form) != pl.col(other))
        if also:
            others.append(f"{also:,} could be {other} as well, which does not read the others")
    guess.give("date", form, f"{total:,} of {total:,} cells read as {form}", *others[:2])


def _leave_open(guess: Guess, table: pl.DataFrame, forms: Sequence[str], total: int) -> None:
    example = table.filter(pl.col(forms[0]) != pl.col(forms[1])).head(1)
    text = example["text"].item()
    said = "; ".join(f"{text} is {example[form].item()} as {form}" for form in forms)
    guess.give("date", OPEN, f"{total:,} of {total:,} cells read as {' and as '.join(forms)}", said)


def _give_several(guess: Guess, table: pl.DataFrame, forms: Sequence[str], reads: dict[str, int], total: int) -> None:
    """The forms that together read most; left open where one cell means two days by them."""
    chosen: list[str] = []
    left = table
    while len(left) and forms:
        counts = {form: _cells(left, pl.col(form).is_not_null()) for form in forms}
        best = max(forms, key=lambda form: counts[form])
        if not counts[best]:
            break
        chosen.append(best)
        left = left.filter(pl.col(best).is_null())
    guess.unread = left.select("text", "len").sort("len", "text", descending=[True, False])
    missed = int(left["len"].sum())
    why = [f"{reads[form]:,} of {total:,} cells read as {form}" for form in chosen]
    why += [f"{many(missed, 'cell')} read as none of these" if missed else ""]
    for number, first in enumerate(chosen):
        for other in chosen[number + 1 :]:
            both = table.filter(pl.col(first) != pl.col(other))
            if len(both):
                text = both["text"][0]
                why.append(
                    f"{many(int(both['len'].sum()), 'cell')} read as {first} and as {other}: "
                    f"{text} is {both[first][0]} or {both[other][0]}"
                )
                guess.give("date", OPEN, *why, f'if the order decides: date = ["{first}", "{other}"]')
                return
    if chosen:
        guess.give("date", chosen if len(chosen) > 1 else chosen[0], *why)


def _give_pivot(guess: Guess, cells: pl.DataFrame) -> None:
    given = guess.keys.get("date", ())
    forms = [given] if isinstance(given, str) else list(given) if isinstance(given, list) else []
    short = [form for form in forms if form != OPEN and dates.short_year(form)]
    if not short:
        return
    years = cells.select(dates.days(pl.col("text"), short[0], 100, ()).str.slice(2, 2).cast(pl.Int64)).to_series()
    first = int(years.min() or 0)  # type: ignore[arg-type]
    last = int(years.max() or 0)  # type: ignore[arg-type]
    seen = f"years of two digits run from {first:02} to {last:02}"
    if last < CENTURY:
        guess.give("pivot", CENTURY, seen, f"any pivot above {last} reads them as 20{first:02} to 20{last:02}")
    else:
        guess.give("pivot", OPEN, seen, "years below the pivot are 20.., the others 19..")


# Numbers

SIGN = r"(?:[A-Z]{1,3})?\p{Sc}|[A-Z]{3}"
CERTAIN = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "US$": "USD", "C$": "CAD", "A$": "AUD", "NT$": "TWD"}
"""Signs that one currency alone has; `$`, `¥` and `kr` have several."""

MARKS = ("", ",", ".", "'", "’", " ", "\u00a0", "\u202f")
STYLES = tuple((decimal, mark) for mark in MARKS for decimal in ".," if decimal != mark)
CENTS = 2


def number_forms(shapes: pl.DataFrame, currencies: Sequence[str]) -> Guess:
    """The forms of amounts in the shapes of texts (shape, len, text): marks, signs, and what is below zero.

    The shapes of what is not read are left over.
    """
    guess = Guess(unread=shapes)
    figures = shapes.filter(pl.col("shape").str.contains("9"))
    if figures.is_empty():
        return guess
    signs = _signs(figures, currencies)
    bare = numbers.unsigned(pl.col("shape"), dict.fromkeys(signs, "USD")) if signs else pl.col("shape")
    figures = figures.with_columns(bare=bare)
    negative = _negatives(figures)
    style, why = _style(figures, negative)
    if style is None:
        guess.give("decimal", OPEN, *why)
    else:
        _give_marks(guess, style, why)
    _give_signs(guess, signs)
    below = {name: count for name, count in negative.items() if count}
    if below:
        found = list(below)
        said = [f"{many(count, 'cell')} below zero as {name}" for name, count in below.items()]
        guess.give("negative", found[0] if len(found) == 1 else found, *said)
    decimal, thousands = style or (".", "")
    read = figures.filter(_fine(numbers.read(pl.col("bare"), decimal, thousands, list(below) or ["none"])))
    guess.unread = shapes.join(read, on="shape", how="anti")
    return guess


def _give_marks(guess: Guess, style: tuple[str, str], why: Sequence[str]) -> None:
    decimal, thousands = style
    if decimal != ".":
        guess.give("decimal", decimal, *why)
    if thousands:
        guess.give("thousands", thousands, *([] if decimal != "." else why))
    if decimal == "." and not thousands:
        guess.give("decimal", decimal, *why)


def _signs(figures: pl.DataFrame, currencies: Sequence[str]) -> dict[str, int]:
    """What stands beside the digits, and in how many cells: signs of currencies, and codes that there are."""
    before = pl.col("shape").str.extract(rf"^[-(]?[ \u{{a0}}]*({SIGN})")
    after = pl.col("shape").str.extract(rf"({SIGN})[ \u{{a0}}]*[-)]?$")
    counted = (
        figures.with_columns(sign=pl.coalesce(before, after))
        .drop_nulls("sign")
        .group_by("sign")
        .agg(pl.col("len").sum())
    )
    held = {sign: int(count) for sign, count in counted.sort("sign").iter_rows()}
    return {sign: count for sign, count in held.items() if not sign.isalpha() or sign in currencies}


def _give_signs(guess: Guess, signs: dict[str, int]) -> None:
    if signs:
        meant = {sign: sign if sign.isalpha() else CERTAIN.get(sign, OPEN) for sign in signs}
        said = [f"{many(count, 'cell')} with {sign}" for sign, count in signs.items()]
        open_ones = [sign for sign, code in meant.items() if code == OPEN]
        more = f"{' and '.join(open_ones)} may be of several currencies" if open_ones else ""
        guess.give("signs", meant, *said, more)


def _negatives(figures: pl.DataFrame) -> dict[str, int]:
    patterns = {"minus": "^-.*9", "trailing_minus": "9.*-$", "parentheses": r"^\(.*9.*\)$"}
    return {name: _cells(figures, pl.col("bare").str.contains(pattern)) for name, pattern in patterns.items()}


def _fine(read: pl.Expr) -> pl.Expr:
    """What is read, and has no more decimals than cents: with three a mark may stand between thousands."""
    return read.is_not_null() & ~read.str.contains(rf"\.[0-9]{{{CENTS + 1},}}$")


def _style(figures: pl.DataFrame, negative: dict[str, int]) -> tuple[tuple[str, str] | None, list[str]]:
    """The marks that read most cells, and None where others read as many to other numbers; with the evidence."""
    total = int(figures["len"].sum())
    below = [name for name, count in negative.items() if count] or ["none"]
    found: list[tuple[int, tuple[str, str], pl.Series]] = []
    for decimal, thousands in STYLES:
        read = figures.select(numbers.read(pl.col("bare"), decimal, thousands, below).alias("read"), "len")
        fine = read.with_columns(pl.when(_fine(pl.col("read"))).then(pl.col("read")))
        count = int(fine.drop_nulls("read")["len"].sum())
        found.append((count, (decimal, thousands), fine["read"]))
    most = max(count for count, _, _ in found)
    best = [(style, values) for count, style, values in found if count == most]
    style, values = best[0]
    said = f"{most:,} of {total:,} cells read with {_marks(style)}"
    for other, others in best[1:]:
        if not others.equals(values):
            text = figures.filter(values.ne_missing(others))["text"][0]
            return None, [f"{said}, as many with {_marks(other)}: {text} is another number by each"]
    return style, [said]


def _marks(style: tuple[str, str]) -> str:
    decimal, thousands = style
    return f"{decimal!r} before decimals" + (f" and {thousands!r} between thousands" if thousands else "")
