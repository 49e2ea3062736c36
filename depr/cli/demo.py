"""The main job on the embedded default: six real fleets, restated, from purchases to pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from depr import datasets, share
from depr.console.summary import summary
from depr.console.writers import write
from depr.errors import refuse
from depr.fleet.arguments import LIVES, Progress
from depr.fleet.facts import import_files, init
from depr.fleet.preparing import prepare
from depr.fleet.restating import report_pages, restate
from depr.intake import read_assumptions
from depr.ledger import seal
from depr.ledger.known import known
from depr.ledger.store import Ledger
from depr.pipeline import Restatement
from depr.report.build import check_pages
from depr.share.files import replacing, sha256

YEARS = (2022, 2025)
RUN = "demo"
"""The name under which its ledger keeps the restatement."""
COLLECTED = datetime(2026, 11, 21, tzinfo=UTC)
"""When the embedded data were collected: the recording time of the demo, so that two runs give the same bytes."""

ASK = (
    "SELECT issuer, book, fiscal_year, understatement, eps_diluted_reported, eps_diluted_restated FROM restatement "
    "WHERE bound = 'mid' AND period_type = 'FY' ORDER BY ALL",
    "SELECT issuer, generation, units, cost, cost_low, cost_high FROM fleet ORDER BY cost DESC",
    "SELECT issuer, fiscal_year, life_years, sum(understatement) AS understatement "
    "FROM understatement(lives := [2, 4], grain := 'year') GROUP BY ALL ORDER BY ALL",
    "FROM examples",
)

TITLE = """\
Depreciation understated FY{} to FY{}, with its range; diluted EPS as reported and restated, and capital
expenditure less restated depreciation (cash gap), of the latest year. US$ millions, except per share.
As if each life had always applied: analysis, not a GAAP restatement."""

SHORT = {
    "issuer": "issuer",
    "life": "life",
    "understatement_mid_minor": "understated_minor",
    "understatement_low_minor": "low_minor",
    "understatement_high_minor": "high_minor",
    "eps_diluted_reported_micro": "EPS_micro",
    "eps_diluted_restated_micro": "restated_micro",
    "eps_compression_ppm": "compr._ppm",
    "cash_gap_restated_minor": "cash gap_minor",
    "coverage_ppm": "cover_ppm",
}


@dataclass(frozen=True)
class Demo:
    """What the demo made: the ledger, the pages, the table, and queries to go on with."""

    ledger: Path
    pages: Sequence[Path]
    restatements: Sequence[Restatement]
    table: pl.DataFrame
    coverage: pl.DataFrame

    @property
    def title(self) -> str:
        """The heading of the table."""
        return TITLE.format(*YEARS)

    def console(self) -> pl.DataFrame:
        """The table under short names, narrow enough for a screen of 80 columns."""
        short = self.table.with_columns(life=pl.col("book").str.strip_prefix("life-"))
        return short.select(pl.col(name).alias(shown) for name, shown in SHORT.items())

    def closing(self, program: str) -> str:
        """Where to look and what to ask next; `program` is how this program is called."""
        asks = "\n".join(f'  {program} sql {self.ledger} "{sql}"' for sql in ASK)
        return f"ledger  {self.ledger}\npages   {self.pages[0]} and {len(self.pages) - 1} more\nask\n{asks}"


def demo(out: Path, progress: Progress, *, overwrite: bool = False) -> Demo:
    """Import the purchases of six issuers, restate them under 1, 3 and 6 years, write the pages.

    What an earlier demo made is made anew; any other ledger is left alone, and any other file unless to `overwrite` it
    (`Refused`).
    """
    ledger = out / "fleet.duckdb"
    made = _imported(ledger)
    issuers = datasets.purchases()["issuer"].drop_nulls().unique().sort()
    check_pages(out, [{"id": issuer} for issuer in issuers], overwrite=overwrite)
    progress("price the purchases")
    files, unpriced = _purchases(out, made, overwrite)
    for old in (ledger, seal.place(ledger)):
        old.unlink(missing_ok=True)
    init(ledger)
    import_files(ledger, files, COLLECTED, progress=progress)
    restatements = restate(ledger, lives=LIVES, years=YEARS, save=RUN, progress=progress)
    prepare(ledger, progress=progress)
    shown = _pages(ledger, out, restatements, progress, overwrite=overwrite)
    restated = pl.concat([r.restated for r in restatements])
    return Demo(ledger, shown, restatements, summary(restated), coverage(unpriced))


def pages(ledger: Path, out: Path, progress: Progress) -> list[Path]:
    """The pages of the demo from a ledger of its own, which stays as it is: what they are proven by."""
    restatements = restate(ledger, lives=LIVES, years=YEARS, known_at=COLLECTED, progress=progress)
    return _pages(ledger, out, restatements, progress)


def _pages(
    ledger: Path,
    out: Path,
    restatements: Sequence[Restatement],
    progress: Progress,
    *,
    overwrite: bool = False,
) -> list[Path]:
    facts = known(ledger, known_at=COLLECTED)
    lines = datasets.statements()
    options: dict[str, Any] = {"run": RUN, "overwrite": overwrite, "progress": progress}
    return report_pages(facts, restatements, lines, out, command="depr demo", **options)


def _imported(ledger: Path) -> set[str]:
    """SHA-256 of the files that an earlier demo imported: what it made can be made again, nothing else can."""
    if not ledger.exists():
        return set()
    with Ledger.open(ledger) as opened:
        batches = opened.batches()
    if any(batch.recorded_at != COLLECTED.replace(tzinfo=None) for batch in batches):
        raise refuse(
            str(ledger), "holds other purchases than the demo's", "a ledger is never overwritten", "choose --out"
        )
    return {batch.file_sha256 for batch in batches}


def _purchases(out: Path, made: Collection[str], overwrite: bool) -> tuple[list[Path], pl.DataFrame]:
    """For each issuer its purchases, as an accountant would hand them in, and its units without a price.

    The files that they are derived from are laid beside them, so that each row can be followed to where it comes from.
    """
    origin = out / "upstream"
    for name in datasets.UPSTREAM:
        copied(datasets.upstream(name), origin / name, overwrite=overwrite)
    assumptions = share.schedule_file("assumptions.toml")
    copied(assumptions.read_bytes(), origin / assumptions.name, overwrite=overwrite)
    values = {key: each.value for key, each in read_assumptions(assumptions).items()}
    priced, unpriced = datasets.priced_purchases(values)
    files = []
    for issuer in priced["issuer"].unique().sort():
        own = out / "purchases" / f"{issuer.lower()}.csv"
        without = out / "unpriced" / f"{issuer.lower()}-unpriced.csv"
        for rows, file in ((priced, own), (datasets.unpriced_units(unpriced), without)):
            if not (chosen := rows.filter(pl.col("issuer") == issuer)).is_empty():
                write(chosen.lazy(), file, overwrite=overwrite or sha256(file) in made)
                files.append(file)
    return files, unpriced


def copied(content: bytes, file: Path, *, overwrite: bool) -> None:
    """A file as it ships, laid beside the demo's own."""
    with replacing(file, overwrite=overwrite) as part:
        part.write(content)


def coverage(unpriced: pl.DataFrame) -> pl.DataFrame:
    """Units known and units priced by issuer; those without a price are in no figure."""
    known = datasets.purchases().filter(pl.col("issuer").is_not_null())
    total = known.group_by("issuer").agg(units=pl.col("units").sum())
    left = unpriced.group_by("issuer").agg(unpriced=pl.col("units").sum())
    joined = total.join(left, on="issuer", how="left").with_columns(pl.col("unpriced").fill_null(0))
    return joined.with_columns(priced=pl.col("units") - pl.col("unpriced")).sort("issuer")
