"""Schedules in: what another system will charge, lot by lot, to be set beside ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from depr.errors import Finding, refuse
from depr.intake.apart import read_text
from depr.intake.facts import check_form, layout_of, of_the_register, values_of
from depr.intake.forms import MOST_SHOWN, SCHEDULES
from depr.intake.layout import AS_USUAL, Written
from depr.intake.mapping import Mapping, Skipped

CURRENCY = "currency"


@dataclass(frozen=True)
class ScheduleRead:
    """A schedule: its good rows (lot_id, date, depreciation_minor, currency, source_row), and what is wrong."""

    file: str
    rows: pl.DataFrame
    read: int
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...] = ()


def read_schedule(
    path: Path,
    currencies: Collection[str],
    mapping: Mapping | None = None,
    how: Written = AS_USUAL,
    most: int = MOST_SHOWN,
) -> ScheduleRead:
    """A schedule of another system: lot_id, date (of the period), depreciation and, where there are several, currency.

    `currencies` are those of the lots; where there is one and the file says none, amounts are in it. Raises `Refused`.
    """
    text = read_text(path, layout_of(mapping, [SCHEDULES]), how)
    if mapping is not None and mapping.form is not SCHEDULES:
        do = "map lot_id, date and depreciation; the mappings that end in -schedule do: depr mappings"
        raise refuse(text.name, f"the mapping is of {mapping.form.name}", "a schedule is compared", do)
    [one] = currencies if len(currencies) == 1 else [None]
    if one is not None and mapping is None and CURRENCY not in text.table.columns:
        text = replace(text, table=text.table.with_columns(pl.lit(one).alias(CURRENCY)))
    if one is not None and mapping is not None and not ({CURRENCY} & {*mapping.columns, *mapping.constants}):
        mapping = mapping.model_copy(update={"constants": {**mapping.constants, CURRENCY: one}})
    check_form(text.name, text.table.columns, SCHEDULES, mapping, text.first_row - 1)
    skipped: tuple[Skipped, ...] = ()
    if mapping is not None:
        text, skipped = of_the_register(text, mapping)
    owners = {name: name for name in currencies}
    values, findings = values_of(text, SCHEDULES, (), (), mapping, owners, most)
    rows = values.filter("good").drop("good")
    return ScheduleRead(text.name, rows, len(values), findings, skipped)
