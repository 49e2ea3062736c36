"""The restatement on one screen: issuer by life, over a window of fiscal years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from depr.books.issuers import Issuer

LATEST = (
    "fiscal_year",
    "eps_diluted_reported_micro",
    "eps_diluted_restated_micro",
    "eps_compression_ppm",
    "cash_gap_reported_minor",
    "cash_gap_restated_minor",
    "coverage_ppm",
)


def summary(restated: pl.DataFrame) -> pl.DataFrame:
    """Issuer x book: understatement summed over the years (mid, low, high), and the latest year's EPS and cash gap."""
    years = restated.filter(period_type="FY").sort("fiscal_year")
    keys = ["issuer", "book"]
    sums = years.group_by(*keys, "bound").agg(pl.col("understatement_minor").sum())
    ranges = sums.group_by(keys).agg(
        pl.col("understatement_minor").filter(pl.col("bound") == bound).first().alias(f"understatement_{bound}_minor")
        for bound in ("mid", "low", "high")
    )
    latest = years.filter(pl.col("bound") == "mid").group_by(keys).agg(pl.col(LATEST).last())
    return ranges.join(latest, on=keys).sort(keys)


def period_name(quarter: str = "fiscal_quarter") -> pl.Expr:
    """A fiscal period in words: FY2025, FY2025 Q3."""
    part = pl.when(pl.col(quarter).is_not_null()).then(pl.format(" Q{}", quarter)).otherwise(pl.lit(""))
    return pl.format("FY{}{}", "fiscal_year", part)


def rolled(rows: pl.DataFrame) -> pl.DataFrame:
    """A roll-forward (contract.RollForward) for the eye: without columns that say the same or nothing in every row."""
    worded = rows.with_columns(
        period=period_name(), movement=pl.col("movement").str.replace_all("_", " "), to="period_end"
    )
    names = [name for name in ("issuer", "book", "currency") if worded[name].n_unique() > 1]
    names += [name for name in ("generation", "location") if worded[name].is_not_null().any()]
    amounts = [name for name, dtype in rows.schema.items() if dtype == pl.Int64 and (rows[name] != 0).any()]
    return worded.select(*names, "period", "to", "movement", *amounts)


def short_period() -> pl.Expr:
    """A fiscal period in one word: FY2025, FY2025Q3."""
    quarter = pl.when(pl.col("fiscal_quarter").is_not_null()).then(pl.format("Q{}", "fiscal_quarter"))
    return pl.concat_str(pl.lit("FY"), pl.col("fiscal_year"), quarter, ignore_nulls=True).alias("period")


def brief_parts(parts: pl.DataFrame) -> pl.DataFrame:
    """The understatement of parts of a fleet (contract.statements.Parts) under short names."""
    return parts.select(
        "issuer",
        "part",
        "book",
        "mode",
        short_period(),
        modelled_minor="depreciation_modelled_minor",
        understated_minor="understatement_minor",
        cumulative_minor="understatement_cumulative_minor",
    )


class Done(Protocol):
    """What is shown of a restatement."""

    @property
    def restated(self) -> pl.DataFrame: ...
    @property
    def parts(self) -> pl.DataFrame: ...
    @property
    def issuer(self) -> Issuer: ...


def shown(done: Sequence[Done], period_type: str, *, parts: bool, all_columns: bool) -> pl.DataFrame:
    """The rows of some restatements for the screen, of the mid reading; the mode where there are several."""
    wanted = {"bound": "mid", "period_type": period_type}
    rows = (brief_parts if parts else brief)(
        pl.concat([each.parts if parts else each.restated for each in done]).filter(**wanted)
    )
    return rows if all_columns or rows["mode"].n_unique() > 1 else rows.drop("mode")


def title(done: Sequence[Done], run: str | None = None) -> str:
    """What the rows may be called, their unit, and where the rest is: in the ledger under the name of a run, if any."""
    pairs = pl.concat([each.restated.select("mode", "called") for each in done]).unique().sort("mode").rows()
    modes = "\n".join(f"{mode}: {words}" for mode, words in pairs)
    head = "As if" if [mode for mode, _ in pairs] == ["as_if"] else f"{modes}\nRestated"
    kept = f"every column is kept in restatement, run {run}" if run else "every column: --save NAME keeps them for SQL"
    codes = sorted({each.issuer.currency for each in done})
    money = "" if codes == ["USD"] else f"{' and '.join(codes)} "
    return f"{head}, {money}millions except per share; {kept}"


def brief(restated: pl.DataFrame) -> pl.DataFrame:
    """The columns of contract.Restated that answer the first questions, under short names."""
    return restated.select(
        "issuer",
        "book",
        "mode",
        short_period(),
        reported_minor="depreciation_reported_minor",
        understated_minor="understatement_minor",
        cumulative_minor="understatement_cumulative_minor",
        EPS_micro="eps_diluted_reported_micro",
        restated_micro="eps_diluted_restated_micro",
        compression_ppm="eps_compression_ppm",
        cash_gap_minor="cash_gap_restated_minor",
    )
