"""The forms a file may have: purchases, one row a lot, events, one row an event, and schedules of other systems.

A form is data: its columns, how text becomes values, and the rules that a row and the whole file must keep.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from depr.intake.forms import events, purchases, schedules
from depr.intake.forms.cells import COST_LIMIT_MINOR, Needed, amount, filled
from depr.intake.forms.rules import MOST_SHOWN, OUR_OWN, Declared, Rule, found_in, judged

__all__ = [
    "COST_LIMIT_MINOR",
    "EVENTS",
    "FORMS",
    "MOST_SHOWN",
    "OUR_OWN",
    "PURCHASES",
    "SCHEDULES",
    "Declared",
    "Form",
    "Rule",
    "amount",
    "filled",
    "form_of",
    "found_in",
    "judged",
]


@dataclass(frozen=True)
class Form:
    """What a file of one kind looks like.

    `required` columns must be in its header (a tuple: one of them). `parse` turns rows of text (cells.filled) into
    columns of values beside `raw_` text; `rules` are what a row must keep, `across` what rows must keep together.
    """

    name: str
    columns: tuple[str, ...]
    required: tuple[Needed, ...]
    amounts: tuple[str, ...]
    integers: tuple[str, ...]
    dates: tuple[str, ...]
    values: tuple[str, ...]
    empty: str
    parse: Callable[[pl.DataFrame], pl.DataFrame]
    rules: Callable[[Collection[str], Collection[str], Declared, Mapping[str, str] | None], list[Rule]]
    across: Callable[[], list[Rule]]


PURCHASES = Form(
    "purchases",
    purchases.COLUMNS,
    (*purchases.REQUIRED, purchases.COSTS),
    purchases.AMOUNTS,
    purchases.INTEGERS,
    purchases.DATES,
    purchases.VALUES,
    "add a row for each lot",
    purchases.parse,
    purchases.rules,
    purchases.across,
)
EVENTS = Form(
    "events",
    events.COLUMNS,
    events.REQUIRED,
    events.AMOUNTS,
    events.INTEGERS,
    events.DATES,
    events.VALUES,
    "add a row for each event",
    events.parse,
    events.rules,
    events.across,
)
SCHEDULES = Form(
    "schedules",
    schedules.COLUMNS,
    schedules.REQUIRED,
    schedules.AMOUNTS,
    (),
    schedules.DATES,
    schedules.VALUES,
    "add a row for each lot and period",
    schedules.parse,
    schedules.rules,
    schedules.across,
)
FORMS = (PURCHASES, EVENTS)
"""What holds facts."""


def form_of(columns: Collection[str]) -> Form:
    """The form of a file with these columns: one with a column `kind` holds events, with `depreciation` a schedule."""
    if "kind" in columns:
        return EVENTS
    return SCHEDULES if "depreciation" in columns else PURCHASES
