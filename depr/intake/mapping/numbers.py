"""Numbers as another system writes them: marks, signs of currencies, and what stands for below zero."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from collections.abc import Sequence

import polars as pl

NEGATIVES = {
    "none": ("", ""),
    "minus": ("-", ""),
    "trailing_minus": ("", "-"),
    "parentheses": ("(", ")"),
}
"""How a negative number is written: what stands before and after its digits."""


def read(cell: pl.Expr, decimal: str, thousands: str, negative: Sequence[str]) -> pl.Expr:
    """A number in the declared form -> digits, a point for decimals, and - before a negative one."""
    mark = re.escape(decimal)
    group = re.escape(thousands)
    digits = f"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)" if thousands else "[0-9]+"
    plain = f"{digits}(?:{mark}[0-9]+)?"
    positive = pl.when(cell.str.contains(f"^{plain}$")).then(cell)
    signed = [tuple(map(re.escape, NEGATIVES[each])) for each in negative if each != "none"]
    below = [cell.str.extract(f"^{before}({plain}){after}$") for before, after in signed]
    numbers = [_plain(positive, decimal, thousands)]
    numbers += [pl.concat_str(pl.lit("-"), _plain(each, decimal, thousands)) for each in below]
    return pl.coalesce(numbers)


def _plain(number: pl.Expr, decimal: str, thousands: str) -> pl.Expr:
    ungrouped = number.str.replace_all(thousands, "", literal=True) if thousands else number
    return ungrouped.str.replace(decimal, ".", literal=True)


def turned(number: pl.Expr) -> pl.Expr:
    """The sign turned; zero has none."""
    zero = number.str.contains(r"^-?0+(\.0+)?$")
    positive = pl.when(zero).then(number.str.strip_prefix("-")).otherwise(pl.concat_str(pl.lit("-"), number))
    return pl.when(number.str.starts_with("-")).then(number.str.strip_prefix("-")).otherwise(positive)


def signed_with(cell: pl.Expr, signs: Map[str, str]) -> pl.Expr:
    """The currency whose sign or code a cell bears; null where it bears none."""
    sign = pl.coalesce(cell.str.extract(_before(signs), 2), cell.str.extract(_after(signs), 2))
    return sign.replace_strict(dict(signs), default=None, return_dtype=pl.String)


def unsigned(cell: pl.Expr, signs: Map[str, str]) -> pl.Expr:
    """A cell without the one sign or code of a currency that it bears, before or after the number."""
    first = cell.str.contains(_before(signs))
    before = cell.str.replace(_before(signs), "${1}${3}")
    return pl.when(first).then(before).otherwise(cell.str.replace(_after(signs), "${1}${3}"))


def _before(signs: Map[str, str]) -> str:
    return rf"^([-(]?)[ \u{{a0}}]*({_any(signs)})[ \u{{a0}}]*(.*)$"


def _after(signs: Map[str, str]) -> str:
    return rf"^(.*?)[ \u{{a0}}]*({_any(signs)})[ \u{{a0}}]*([-)]?)$"


def _any(signs: Map[str, str]) -> str:
    return "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))


MONTHS = 12
LIVES = {"years": MONTHS, "quarters": 3}
"""Months in a unit in which a life may be given with decimals."""


def months(cell: pl.Expr, number: pl.Expr, life: str) -> pl.Expr:
    """A life in the declared unit -> whole months, as digits; null where it is not a whole number of them.

    `number` is the cell as `read` reads it. In years/months 3/6 is 42.
    """
    if life == "months":
        return number.str.replace(r"\.0+$", "")
    if life == "years/months":
        pair = r"^([0-9]{1,3})/([0-9]{1,3})$"
        whole = cell.str.extract(pair, 1).cast(pl.Int64) * MONTHS + cell.str.extract(pair, 2).cast(pl.Int64)
        return whole.cast(pl.String)
    form = r"^([0-9]{1,6})(?:\.([0-9]{1,9}))?$"
    decimals = number.str.extract(form, 2).fill_null("")
    scaled = (number.str.extract(form, 1) + decimals.str.pad_end(PLACES, "0")).cast(pl.Int64) * LIVES[life]
    return pl.when(scaled % 10**PLACES == 0).then(scaled // 10**PLACES).cast(pl.String)


PLACES = 9
