"""What filers disclose of their lives (changes with their effects, history, bases by class), and what others claim."""

from __future__ import annotations

from importlib.resources import files

import polars as pl


def _text(file: str) -> pl.DataFrame:
    return pl.read_csv(files("depr.datasets").joinpath(file).read_bytes(), infer_schema=False)


def disclosures() -> pl.DataFrame:
    """Disclosed effects of changes in lives, one row a change and period, as text (depr.backtest.disclosures reads it).

    The same columns as a file of the user's own: `depr backtest --cases FILE`.
    """
    return _text("disclosures.csv")


def lives() -> pl.DataFrame:
    """Every dated change of a useful life, with or without a disclosed effect, as text."""
    return _text("lives.csv")


def bases() -> pl.DataFrame:
    """Gross cost and depreciation of asset classes by issuer and date, one row a figure, with its basis and source."""
    text = _text("bases.csv")
    day = pl.col("period_end").str.to_date("%Y-%m-%d")
    value = pl.col("value").cast(pl.Decimal(24, 6))
    return text.with_columns(day, value)  # both strict


def claims() -> pl.DataFrame:
    """Public claims on depreciation and lives, one row each, as text (depr.outlook.claims reads it)."""
    return _text("claims.csv")
