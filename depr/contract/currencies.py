"""Currencies: ISO 4217 codes, the decimals that each one has, and the one place where minor units become amounts.

The decimals are those of ISO 4217 (list one, and of codes withdrawn since, of the list they were in). The library
that knows the codes has instead how many decimals people print, which is another number for those of AS_PRINTED.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision

DECIMALS = (0, 2, 3)
"""Of currencies in which a fleet can be kept."""

AS_PRINTED = {
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "MRO", "RSD", "SLL", "SOS", "STD"), 2),
    **dict.fromkeys(("SYP", "TMM", "YER", "ZMK", "ZWD"), 2),
    "IQD": 3,
}
"""Codes that are printed with fewer decimals than they have in ISO 4217, and the decimals that they have."""


@cache
def decimals_of(currency: str) -> int:
    """Decimals of a currency: its minor unit is 10 ** -decimals. Of a code that is known."""
    return AS_PRINTED.get(currency, get_currency_precision(currency))


@cache
def currencies() -> dict[str, int]:
    """ISO 4217 codes with 0, 2 or 3 decimals -> minor units in one unit."""
    codes = sorted(get_global("all_currencies"))
    return {code: 10 ** decimals_of(code) for code in codes if decimals_of(code) in DECIMALS}


def other_than_two() -> str:
    """The decimals of every code that has not two, as a ledger keeps them: `JPY 0, KWD 3`."""
    return ", ".join(
        f"{code} {decimals_of(code)}" for code in sorted(get_global("all_currencies")) if decimals_of(code) != 2
    )


def read_with_others(kept: str | None) -> dict[str, int]:
    """Codes whose decimals are other ones now than what a ledger kept of them: its decimals by code.

    None stands for a ledger that kept nothing: its amounts have the decimals that people print.
    """
    pairs = (pair.split(" ") for pair in (kept or "").split(", ") if pair)
    then = {code: int(number) for code, number in pairs}
    if kept is None:
        then = {code: get_currency_precision(code) for code in AS_PRINTED}
    codes = AS_PRINTED if kept is None else get_global("all_currencies")
    return {code: then.get(code, 2) for code in sorted(codes) if then.get(code, 2) != decimals_of(code)}


def units(minor: int, currency: str) -> Decimal:
    """Minor units of a currency as an amount with all its decimals, exactly."""
    return Decimal(minor).scaleb(-decimals_of(currency))
