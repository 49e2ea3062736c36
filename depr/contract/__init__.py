"""The contract of every table: column, type, unit, meaning.

One class a table. Money is Int64 minor units (`_minor`, cents for USD), per-share amounts are millionths of the
currency (`_micro`), ratios are parts per million (`_ppm`), so every figure is an integer and `==` is the test.
A null means not sourced or not defined, never zero. The same text documents the tables in SQL (COMMENT ON).
"""

from __future__ import annotations

from depr.contract.columns import describe
from depr.contract.facts import (
    CHANGE_KINDS,
    CONTROL_KINDS,
    EVENT_KINDS,
    STATUSES,
    Changes,
    Entries,
    Events,
    Holdings,
    Lots,
    Purchases,
)
from depr.contract.schedules import (
    BOUNDS,
    FLOW_KINDS,
    MOVEMENTS,
    Calendar,
    Flows,
    Movements,
    RollForward,
    Rollup,
    Schedule,
    Segments,
    Shares,
)
from depr.contract.statements import Books, Issuers, Restated, Statements

__all__ = [
    "BOUNDS",
    "CHANGE_KINDS",
    "CONTROL_KINDS",
    "EVENT_KINDS",
    "FLOW_KINDS",
    "MOVEMENTS",
    "STATUSES",
    "Books",
    "Calendar",
    "Changes",
    "Entries",
    "Events",
    "Flows",
    "Holdings",
    "Issuers",
    "Lots",
    "Movements",
    "Purchases",
    "Restated",
    "RollForward",
    "Rollup",
    "Schedule",
    "Segments",
    "Shares",
    "Statements",
    "describe",
]
