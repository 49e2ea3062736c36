"""The one spelling of a name: what looks the same is the same."""

from __future__ import annotations

import polars as pl


def spelled(name: pl.Expr) -> pl.Expr:
    """A name in its one spelling; capitals tell names apart.

    Unicode NFKC (composed, full width as plain), without characters that nobody sees (zero width, direction, soft
    hyphen) and without blanks around it.
    """
    return name.str.normalize("NFKC").str.replace_all(r"\p{Cf}", "").str.strip_chars()


def spell(name: str) -> str:
    """The same of a single name."""
    return str(pl.select(spelled(pl.lit(name.encode("utf-8", "replace").decode()))).item())


def bare(column: str) -> str:
    """The name of a column without its unit: as SQL has it, whose amounts are decimals of one unit."""
    return column.removesuffix("_minor").removesuffix("_micro").removesuffix("_ppm")
