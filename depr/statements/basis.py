"""How a figure of a statement came to be: printed by the filer, derived from what it printed, or a vendor's."""

from __future__ import annotations

from typing import Any

import polars as pl

from depr.contract.names import bare

REPORTED, DERIVED, VENDOR = BASES = ("reported", "derived", "vendor")
"""From the best to the worst."""

PRINTED = ("reported", "extract of the earnings release", "quoted", "copy of SEC companyfacts", "us-gaap:", "filed")
"""How the words begin of what the filer printed itself."""
VENDORS = ("vendor", "third-party")

COLUMNS: dict[str, Any] = {
    "issuer": pl.String,
    "fiscal_year": pl.Int32,
    "fiscal_quarter": pl.Int32,
    "line": pl.String,
    "basis": pl.String,
    "how": pl.String,
    "source": pl.String,
}
"""A table of bases: one row a figure, `how` in the words of its source, and the source itself where it is apart."""


def kind(column: str = "how") -> pl.Expr:
    """The basis that words stand for; what is neither printed nor a vendor's is derived."""
    said = pl.col(column)
    printed, vendor = (pl.any_horizontal(said.str.starts_with(word) for word in words) for words in (PRINTED, VENDORS))
    return pl.when(printed).then(pl.lit(REPORTED)).when(vendor).then(pl.lit(VENDOR)).otherwise(pl.lit(DERIVED))


def bases(figures: pl.DataFrame) -> pl.DataFrame:
    """Figures with issuer, period, line and `how` -> the table of their bases."""
    named = figures.with_columns(line=pl.col("line").str.strip_suffix("_m"), basis=kind())
    how = pl.col("how").str.strip_prefix("derived: ")
    if "source" not in named.columns:
        named = named.with_columns(source=pl.lit(""))
    return named.with_columns(how=how).select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def filed(figures: pl.DataFrame) -> pl.DataFrame:
    """The bases of the figures behind statements of a companyfacts document (depr.statements.assembly.FIGURES)."""
    how = pl.when(basis=DERIVED).then(pl.format("derived: {}", "how")).otherwise(pl.format("filed: {}", "tag"))
    return bases(figures.with_columns(how=how))


def given(statements: pl.DataFrame) -> pl.DataFrame:
    """The bases of statements (contract.Statements) that are given as a table: reported, whatever they are."""
    columns = {name: bare(name) for name in statements.columns}
    amounts = [name for name, dtype in statements.schema.items() if dtype == pl.Int64]
    long = statements.unpivot(amounts, index=["issuer", "fiscal_year", "fiscal_quarter", "depreciation_line"])
    named = long.drop_nulls("value").with_columns(
        line=pl.when(variable="depreciation_minor")
        .then("depreciation_line")
        .otherwise(pl.col("variable").replace(columns)),
        how=pl.lit("reported: as the table gives it"),
    )
    return bases(named)
