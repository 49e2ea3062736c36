"""Public claims on depreciation: read, and what each amounts to in this engine's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from depr.books.book import EXACT
from depr.errors import Finding, Refused, unknown

UNDERSTATEMENT = "understatement"
OVERSTATED = "earnings_overstated"
OWN_INPUTS = ("charge", "difference", "less_difference")
MEASURES = {
    UNDERSTATEMENT: "depreciation understated by some issuers over some years",
    OVERSTATED: "earnings of an issuer overstated in a year, percent",
    "charge": "depreciation of a base over a life",
    "difference": "depreciation of a base over a life less that over another",
    "less_difference": "a given result less that difference",
}
"""What a claim can be compared with; a blank is a claim whose inputs do not allow it."""

MINOR = {"USD m": 10**8, "USD bn": 10**11}
PERCENT = "percent"
NUMBERS = (
    "value_low", "value_high", "rounded_to", "base_usd_m", "life_months", "against_months", "months", "given_usd_m",
    "first_year", "last_year",
)  # fmt: skip
NEEDED = {
    UNDERSTATEMENT: ("value_low", "first_year", "last_year"),
    OVERSTATED: ("value_low", "first_year", "last_year"),
    "charge": ("base_usd_m", "life_months", "months"),
    "difference": ("base_usd_m", "life_months", "against_months", "months"),
    "less_difference": ("base_usd_m", "life_months", "against_months", "months", "given_usd_m"),
}


@dataclass(frozen=True)
class Claim:
    """A claim as printed (`text`), its numbers exactly, and what it can be compared with."""

    text: Mapping[str, str | None]
    numbers: Mapping[str, Fraction]

    @property
    def id(self) -> str:
        """Name of the claim."""
        return str(self.text["claim_id"])

    @property
    def measure(self) -> str:
        """A key of MEASURES, or nothing."""
        return self.text["measure"] or ""

    @property
    def issuers(self) -> tuple[str, ...]:
        """Tickers."""
        return tuple(filter(None, (self.text["issuers"] or "").split(";")))

    @property
    def years(self) -> tuple[int, int]:
        """First and last year."""
        return int(self.numbers["first_year"]), int(self.numbers["last_year"])

    @property
    def minor_per_unit(self) -> int:
        """Minor units in one of the claim's unit, which begins with USD m or USD bn."""
        name = " ".join((self.text["unit"] or "").split()[:2])
        if name not in MINOR:
            raise unknown("unit", name, MINOR, f"claim {self.id}")
        return MINOR[name]


def parse_claims(rows: pl.DataFrame, file: str = "claims.csv") -> list[Claim]:
    """Claims from their table of text (depr.datasets.evidence.claims). Raises `Refused` with every cell at fault."""
    found: list[Finding] = []
    out = []
    for number, cells in enumerate(rows.iter_rows(named=True), 2):
        stated = {name: cells[name] for name in NUMBERS if cells[name]}
        found += [
            Finding(file, number, f"{name} {value!r} is not a number", do="write digits, as in 26.9")
            for name, value in stated.items()
            if not EXACT.fullmatch(value)
        ]
        measure = cells["measure"] or ""
        if measure and measure not in MEASURES:
            found.append(Finding(file, number, f"unknown measure {measure!r}", do=f"use one of: {', '.join(MEASURES)}"))
        lacks = [name for name in NEEDED.get(measure, ()) if name not in stated]
        if lacks:
            found.append(Finding(file, number, f"{measure} needs {', '.join(lacks)}", do="fill it in, or leave it out"))
        if not found:
            out.append(Claim(cells, {name: Fraction(value) for name, value in stated.items()}))
    if found:
        raise Refused(found)
    return out
