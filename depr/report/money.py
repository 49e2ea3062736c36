"""Money as a page prints it: in millions, with as many decimals as the issuer's size asks for."""

from __future__ import annotations

from dataclasses import dataclass

from depr.report import format as fmt
from depr.report.facts import Facts
from depr.report.format import Figure
from depr.report.inputs import Record
from depr.report.words import Words, currency_name, currency_symbol


@dataclass(frozen=True)
class Money:
    """How a page prints money: minor digits of the currency, decimals of a million, names of the currency."""

    digits: int
    places: int
    currency: str
    symbol: str

    def show(self, minor: int | None) -> Figure:
        """Minor units in millions."""
        return fmt.millions(minor, self.digits, self.places)

    def units(self, *, per_share: bool = False) -> Words:
        """The units line."""
        text = "%(currency)s millions, except per-share amounts" if per_share else "%(currency)s millions"
        return Words(text, {"currency": self.currency})


def money_in(issuer: Record, places: int) -> Money:
    """Millions of the issuer's currency with `places` decimals."""
    currency = str(issuer["currency"])
    digits = int(issuer.get("minor_digits", 2))
    return Money(digits, places, currency_name(currency), currency_symbol(currency))


def money_of(facts: Facts) -> Money:
    """One decimal where every reported depreciation and capital expenditure is below ten billion, else none."""
    whole = money_in(facts.report.issuer, 0)
    columns = ("capex_minor", "depreciation_reported_minor")
    largest = max((abs(facts.stated(column, year) or 0) for column in columns for year in facts.years), default=0)
    return whole if largest >= 10 ** (whole.digits + 10) else money_in(facts.report.issuer, 1)
