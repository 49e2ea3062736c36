"""The verbs of copies: a ledger published for others to read, and the proof that a copy is as it was published."""

from __future__ import annotations

from pathlib import Path

from depr.api.common import Progress, quiet
from depr.errors import Finding
from depr.ledger import faults, seal
from depr.sql.published.copies import Published, differing, made_with
from depr.sql.published.copies import publish as published


def publish(
    ledger: Path,
    out: Path,
    *,
    without_lots: bool = False,
    least_lots: int = 0,
    overwrite: bool = False,
    progress: Progress = quiet,
) -> Published:
    """A copy of a ledger for others to read: OUT.duckdb is one DuckDB file, any other name a folder of Parquet.

    Without lots it holds aggregates alone; with `least_lots` generations of an issuer that have fewer lots are pooled.
    The ledger is proven first. Raises `Refused`; what lay at `out` is then as it was.
    """
    options = {"without_lots": without_lots, "overwrite": overwrite}
    return published(ledger, out, least_lots=least_lots, progress=progress, **options)


def is_copy(path: Path) -> bool:
    """Whether a path is to be proven as a published copy and not as a ledger: a folder, or a file without lots."""
    return path.is_dir() or bool(made_with(path).get("without"))


def verify_copy(copy: Path, head: str | None = None) -> tuple[str, list[Finding]]:
    """What a published copy is, in a line, and what of it was changed since; with a `head`, that it is of this one.

    Raises `Refused` when it is no copy.
    """
    found = differing(copy)
    said = made_with(copy)
    if head and not str(said.get("head")).startswith(head.lower()):
        found.append(faults.other_history(copy, head))
    without = f" without {said['without']}" if said.get("without") else ""
    sealed = "" if copy.is_dir() or seal.read(copy) else "; its seal is missing, so nothing proves its bytes"
    return f"published by depr {said.get('version')}{without}, head {said.get('head')}{sealed}", found
