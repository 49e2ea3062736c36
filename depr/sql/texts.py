"""The files of depr/sql as they are run: with the lines of the restated statements where they name them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from depr.contract import Restated
from depr.contract.names import bare
from depr.restate.lines import EFFECTIVE_RATE, EFFECTS, LINES, layered


@cache
def text(script: str) -> str:
    """A file of depr/sql; a name in braces stands for what restate.lines says."""
    written = (files("depr.sql") / script).read_text(encoding="utf-8")
    if script != "macros/statements.sql":
        return written
    names = {
        "{EFFECTIVE_RATE}": EFFECTIVE_RATE.sql,
        "{EFFECTS of rated}": layered(EFFECTS, "rated"),
        "{LINES of gaps}": layered(LINES, "gaps"),
        "{columns}": ", ".join(f"l.{bare(name)}" for name in Restated.column_names()),
    }
    for name, sql in names.items():
        written = written.replace(name, sql)
    return written
