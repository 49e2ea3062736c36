"""Questions that can be asked of any prepared ledger: depr/sql/examples.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Example:
    """A question, and the statement that answers it on a prepared ledger."""

    number: int
    title: str
    question: str
    sql: str


def examples() -> list[Example]:
    """The questions of depr/sql/examples.toml."""
    text = Path(__file__).with_name("examples.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)["example"]
    return [Example(n, e["title"], e["question"], e["sql"].strip()) for n, e in enumerate(entries, 1)]
