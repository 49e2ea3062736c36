"""What is said beside the lots: modes, and the tax rates and function splits of issuers, each with its days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from depr.books.issuers import DEFAULT, Dated, Issuer
from depr.books.modes import MODES
from depr.contract import prepared
from depr.kernel.calendar import FIRST
from depr.sql.prepared.one_by_one import EVER


def modes() -> pl.DataFrame:
    """schemas.prepared.Modes."""
    rows = [(mode.name, mode.called, mode.dated, mode.word) for mode in MODES.values()]
    return _frame(rows, prepared.Modes.column_names())


def tax_rates(issuers: Iterable[Issuer]) -> pl.DataFrame:
    """schemas.prepared.TaxRates: the rule of Issuer.tax."""
    rows = [
        (issuer.id, kind, rate.kind, *span, rate.rate.numerator, rate.rate.denominator, rate.source)
        for issuer in issuers
        for kind in sorted({DEFAULT, *(rate.kind for rate in issuer.tax_rate)})
        for span, rate in _spans(issuer.rates(kind))
    ]
    return _frame(rows, prepared.TaxRates.column_names())


def function_splits(issuers: Iterable[Issuer]) -> pl.DataFrame:
    """schemas.prepared.FunctionSplits."""
    rows = [
        (
            issuer.id,
            *span,
            *split.cost_of_revenue.as_integer_ratio(),
            *(split.cost_of_revenue + split.research_and_development).as_integer_ratio(),
            split.assumption,
            split.source,
        )
        for issuer in issuers
        for span, split in _spans(issuer.function_split)
    ]
    return _frame(rows, prepared.FunctionSplits.column_names())


def _spans(entries: Sequence[Dated]) -> Iterator[tuple[tuple[date, date], Dated]]:
    """Dated entries with the days that each applies to (depr.books.issuers.in_force): the first to all before it,
    too."""
    ordered: list[Dated] = sorted(entries, key=lambda entry: entry.effective)
    days = [FIRST, *(entry.effective for entry in ordered[1:]), EVER]
    yield from zip(pairwise(days), ordered, strict=True)


def _frame(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, list(names), orient="row", infer_schema_length=None)
