"""A derived purchase keeps its parts: cost = units x unit price x multiplier, and the row it comes from.

The parts are columns of a purchases file and stand in the journal as the reason of the acquisition, in words that can
be read back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from depr.intake.forms.rules import Declared, Rule, given, quoted

PARTS = ("unit_price", "multiplier", "upstream_file", "upstream_row", "upstream_sha256")
"""The columns of the parts, besides units: all of them are given or none."""

MULTIPLIER = r"^[0-9]{1,12}(\.[0-9]{1,12})?$"
SHA256 = r"^[0-9a-f]{64}$"
SAID = re.compile(
    r"derived: cost = ([0-9]+) units x ([0-9.]+) x ([0-9.]+); (.+):([0-9]+), SHA-256 ([0-9a-f]{64})", re.DOTALL
)


@dataclass(frozen=True)
class Derivation:
    """The parts of a cost: units, price of one and multiplier, and the row of the file that they come from."""

    units: int
    unit_price: Fraction
    multiplier: Fraction
    file: str
    row: int
    sha256: str

    @property
    def cost(self) -> Fraction:
        """units x unit price x multiplier, exact."""
        return self.units * self.unit_price * self.multiplier


def derivation(reason: str | None) -> Derivation | None:
    """The parts that the reason of an acquisition tells, None where it tells none."""
    found = SAID.fullmatch(reason or "")
    if found is None:
        return None
    units, price, multiplier, file, row, digest = found.groups()
    return Derivation(int(units), Fraction(price), Fraction(multiplier), file, int(row), digest)


def with_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows (forms.purchases.parse) with `product`, in minor units, half to even, and the parts in words as `reason`.

    Both are null where a part is missing or malformed.
    """
    said = pl.format("derived: cost = {} units x {} x {}; {}:{}, SHA-256 {}", "units", *PARTS)
    noted = rows.with_columns(reason=said)
    worth = noted.select("units", "unit_price_minor", "multiplier", "reason").rows() if noted["reason"].count() else []
    products = [_product(*row) for row in worth] or [None] * len(rows)
    return noted.with_columns(pl.Series("product", products, pl.Int128))


def _product(units: int, price_minor: int | None, multiplier: str, reason: str | None) -> int | None:
    if reason is None or price_minor is None or not re.fullmatch(MULTIPLIER, multiplier):
        return None
    return round(units * price_minor * Fraction(multiplier))


def rules(declared: Declared) -> list[Rule]:
    """What the parts of a row must keep."""
    some = pl.any_horizontal(map(given, PARTS))
    all_of = pl.all_horizontal(map(given, PARTS))
    names = ", ".join(declared.name(name) for name in PARTS)
    number = given("multiplier") & ~pl.col("multiplier").str.contains(MULTIPLIER)
    digest = given("upstream_sha256") & ~pl.col("upstream_sha256").str.contains(SHA256)
    other = pl.col("product").is_not_null() & (pl.col("product") != pl.col("cost_minor").cast(pl.Int128))
    hashed = pl.format("upstream_sha256 {} is not a SHA-256", quoted("upstream_sha256"))
    return [
        Rule(
            "derived",
            some & ~all_of,
            pl.lit("only some parts of a derived cost are given"),
            "a part alone cannot be followed to where the cost comes from",
            f"give all of {names}, or none",
        ),
        Rule(
            "number",
            number,
            pl.format("multiplier {} is not a number", quoted("multiplier")),
            "digits, then a point and decimals; no separators, signs or exponents",
            "write 1.38",
        ),
        Rule("derived", digest, hashed, "64 hexadecimal digits, small letters", "hash the file: sha256sum FILE"),
        Rule(
            "derived",
            all_of & other,
            pl.lit("cost is not units x unit_price x multiplier"),
            "half to even in the smallest unit of the currency",
            "correct the one that is wrong",
        ),
    ]
