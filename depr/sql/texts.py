"""The files of depr/sql as they are run: with the rules that Polars works out too where they name them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from depr.books.amounts import base, kept
from depr.contract import Restated
from depr.contract.names import bare
from depr.restate.lines import EFFECTIVE_RATE, EFFECTS, LINES, layered


@cache
def text(script: str) -> str:
    """A file of depr/sql; a name in braces stands for a rule that Polars works out too (NAMES)."""
    written = (files("depr.sql") / script).read_text(encoding="utf-8")
    for name, sql in NAMES.get(script, {}).items():
        written = written.replace(name, sql)
    return written


NAMES = {
    "macros/estimates.sql": {"{base of a stage}": base(kept()).sql},
    "macros/statements.sql": {
        "{EFFECTIVE_RATE}": EFFECTIVE_RATE.sql,
        "{EFFECTS of rated}": layered(EFFECTS, "rated"),
        "{LINES of gaps}": layered(LINES, "gaps"),
        "{columns}": ", ".join(f"l.{bare(name)}" for name in Restated.column_names()),
    },
}
"""What stands for each name, by file."""
