"""Statements in: a table of one's own (CSV, Parquet, XLSX) or the SEC's companyfacts document of a filer.

The document is read as it is, not through a library: numbers stay exact, nothing needs a network, and the period of a
fact comes from its own dates.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import dataframely as dy

from depr.contract import Statements
from depr.errors import Finding, refuse
from depr.intake import bounds, read_toml
from depr.intake.apart import read_text
from depr.intake.layout import AS_USUAL, Layout, Written
from depr.intake.tables import READERS
from depr.share.files import sha256
from depr.statements.forms import AMOUNTS, COLUMNS, accepted
from depr.statements.tags import Splits, Tags, parse_splits, parse_tags

LARGEST_BYTES = 1 << 25
MOST_BRACKETS = 500_000
"""A companyfacts document has some megabytes, and one bracket for more than a hundred of its bytes. One of more than
32 MiB, or one that is little but brackets, is not parsed: it could take gigabytes."""


@dataclass(frozen=True)
class StatementsRead:
    """Statements of one file: the good rows, what is wrong with the others, and the file's identity."""

    file: str
    sha256: str
    read: int
    good: dy.DataFrame[Statements]
    findings: tuple[Finding, ...]

    @property
    def rejected(self) -> int:
        """Rows that are not good."""
        return self.read - len(self.good)


def read_tags(path: Path) -> Tags:
    """Tag preferences (schedules/statement_tags.toml). Raises `Refused`."""
    return parse_tags(read_toml(path), str(path))


def read_splits(path: Path) -> Splits:
    """Splits of shares (schedules/splits.toml). Raises `Refused`."""
    return parse_splits(read_toml(path), str(path))


def read_statements(path: Path, how: Written = AS_USUAL) -> StatementsRead:
    """Statements from .csv, .parquet or .xlsx in the columns statements.forms.COLUMNS, in units of the currency.

    Raises `Refused` when the file is no such table; faults of rows come back as findings. good + rejected = read.
    """
    if path.suffix.lower() not in READERS:
        types = f"use one of: {', '.join(READERS)}; or .json, a companyfacts document"
        raise refuse(str(path), f"unknown file type {path.suffix!r}", do=types)
    text = read_text(path, Layout(COLUMNS, AMOUNTS), how)
    read, good, findings = accepted(text.table, text.name)
    return StatementsRead(text.name, sha256(path), read, good, findings)


def read_document(path: Path) -> dict[str, Any]:
    """A companyfacts document: JSON with exact numbers. Raises `Refused`.

    A key that is there twice is refused, since the last would win unseen.
    """
    try:
        data = bounds.content(path, LARGEST_BYTES)
        if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
            raise refuse(str(path), "is no companyfacts document", "it is little but brackets", "take it again")
        document = json.loads(data, parse_float=_decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except (OSError, ValueError, RecursionError) as fault:
        raise refuse(
            str(path), "cannot be read as JSON", str(fault).splitlines()[0], "take the document again"
        ) from None
    if not isinstance(document, dict):
        raise refuse(str(path), "is no companyfacts document", "it is not an object", "take the document again")
    return document


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not -30 < number.adjusted() < 30:
        raise ValueError(f"number {text[:40]} is out of range")
    return number


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(n for n in names if names.count(n) > 1)[:40]!r} is there twice in one object")
    return found
