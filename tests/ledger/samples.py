"""Purchases files and ledgers, small enough to read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dataframely as dy

from depr.contract import Events
from depr.fleet.facts import import_files, init
from depr.intake import FactsRead, read_facts
from depr.ledger import seal
from depr.ledger.events import numbered
from depr.ledger.store import Ledger

GENERATIONS = ("a100", "h100")
RECORDED = datetime(2025, 1, 31, 12, tzinfo=UTC)
LOT = {
    "lot_id": "L1",
    "issuer": "META",
    "generation": "h100",
    "units": "10",
    "cost": "1000.00",
    "currency": "USD",
    "purchase_date": "2023-01-15",
    "in_service_date": "2023-02-01",
}


def lot(**cells: str | None) -> dict[str, str]:
    """One purchase; a column given as None is left out."""
    return {name: text for name, text in (LOT | cells).items() if text is not None}


def csv_text(*rows: Mapping[str, str], columns: Iterable[str] | None = None) -> str:
    """Rows as CSV with every cell in quotes; the columns are those of the rows, in order, unless given."""
    header = list(columns or dict.fromkeys(name for row in rows for name in row))
    lines = [header, *([row.get(name, "") for name in header] for row in rows)]
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines)


def write(path: Path, *rows: Mapping[str, str], columns: Iterable[str] | None = None) -> Path:
    """A purchases file."""
    path.write_text(csv_text(*rows, columns=columns), encoding="utf-8")
    return path


def read(path: Path, *rows: Mapping[str, str]) -> FactsRead:
    """Rows written to a file and read back."""
    return read_facts(write(path, *rows), GENERATIONS)


def journal(path: Path, *rows: Mapping[str, str]) -> dy.DataFrame[Events]:
    """Rows written to a file, read back and numbered as the first batch."""
    taken = read(path, *rows)
    assert not taken.findings
    return numbered(taken.entries, 1, 1)


def event(kind: str, effective_date: str, lot_id: str = "L1", **cells: str) -> dict[str, str]:
    """One event of a lot."""
    return {"kind": kind, "lot_id": lot_id, "effective_date": effective_date, **cells}


def ledger(path: Path, *files: Iterable[Mapping[str, str]]) -> Path:
    """A ledger with one import for each set of rows: one.csv, two.csv ...

    What a process makes of some rows in some surroundings it makes once: another of the same is a copy, as one makes
    of a ledger by copying the file and its seal.
    """
    told = [list(map(dict, rows)) for rows in files]
    key = repr((told, sorted((name, text) for name, text in os.environ.items() if name.startswith(SURROUNDINGS))))
    if key in MADE and not path.exists() and path.suffix == ".duckdb":
        _files(path, told)
        for kept, place in ((MADE[key], path), (seal.place(MADE[key]), seal.place(path))):
            shutil.copyfile(kept, place)
        return path
    init(path)
    for file in _files(path, told):
        import_files(path, [file], RECORDED)
    kept = MADE.setdefault(key, Path(KEPT.name) / f"{len(MADE)}.duckdb")
    shutil.copyfile(path, kept)
    shutil.copyfile(seal.place(path), seal.place(kept))
    return path


def _files(path: Path, told: Iterable[Iterable[Mapping[str, str]]]) -> list[Path]:
    """The rows as files beside a ledger."""
    names = ("one", "two", "three")
    return [write(path.with_name(f"{name}.csv"), *rows) for name, rows in zip(names, told, strict=False)]


MADE: dict[str, Path] = {}
KEPT = TemporaryDirectory(prefix="depr-tests-", ignore_cleanup_errors=True)
SURROUNDINGS = ("DEPR_", "HOME", "XDG_", "TZ")
"""Variables that a ledger may depend on."""


def foreign(path: Path, *rows: Mapping[str, str]) -> Path:
    """A ledger whose lots `import` refuses by what schedules/issuers says: unknown owners, other currencies."""
    init(path)
    with Ledger.open(path, read_only=False) as opened:
        record(opened, read(path.with_name("one.csv"), *rows), source=path.with_name("one.csv"))
    return path


def record(opened: Ledger, purchases: FactsRead, **options: Any) -> None:
    """Purchases into an open ledger."""
    opened.record(
        purchases.file,
        purchases.sha256,
        purchases.entries,
        RECORDED,
        read=purchases.read,
        findings=purchases.findings,
        **options,
    )
