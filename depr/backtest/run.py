"""The backtest over the disclosures that ship, or over a file of the user's own in the same format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import dataframely as dy
import polars as pl

from depr import datasets
from depr.backtest import predictions as pure
from depr.backtest.disclosures import COLUMNS, REQUIRED, Disclosure, parse_disclosure
from depr.backtest.life_changes import book
from depr.backtest.reconciliation import fitted_share, reconcile
from depr.backtest.vintages import QUARTERS, Year, vintages
from depr.backtest.vintages import ledger as purchases
from depr.contract import Purchases
from depr.contract.backtest import Backtest
from depr.datasets import evidence as filed
from depr.errors import Refused, refuse, unknown
from depr.intake import AS_USUAL, Written, issuers
from depr.intake.apart import read_text
from depr.intake.forms import filled
from depr.intake.forms.cells import check_header
from depr.intake.layout import Layout
from depr.kernel.curves import MONTHS_PER_YEAR

SCALE = {"USD millions": 10**8, "millions of shares": 10**6}
SHIPPED = "disclosures.csv"


def backtest(
    cases: Path | None = None, *, how: Written = AS_USUAL, schedules: Path | None = None
) -> dy.DataFrame[Backtest]:
    """Predictions of the disclosed effects of changes in lives, with their errors (depr.contract.backtest).

    Of the disclosures that ship, or of those in `cases`, a table (CSV, Parquet, XLSX) with the columns of
    depr/datasets/disclosures.csv; these may then be calibrated on the shipped ones of the same issuer, and on each
    other. A cell that is blank makes blank what needs it, with the reason. Raises `Refused` with every cell that
    cannot be read.
    """
    shipped = _parsed(SHIPPED, filed.disclosures())
    given = None if cases is None else _parsed(*_read(cases, how))
    known = [] if given is None else [_figure(each) for each in given]
    whole = [*(given or ()), *(each for each in shipped if _figure(each) not in known)]
    return pure.backtest(whole, evidence(schedules), given)


def _figure(disclosure: Disclosure) -> tuple[object, ...]:
    return (*pure.figure(disclosure), disclosure.window and disclosure.window.guided)


def evidence(schedules: Path | None = None) -> pure.Evidence:
    """What ships: lives, bases and statements, and the issuers of schedules/."""
    cells = datasets.statement_cells()
    found = issuers(schedules)
    return pure.Evidence(_parsed("lives.csv", filed.lives()), years(cells, filed.bases()), found, _shares(cells))


def years(cells: pl.DataFrame, bases: pl.DataFrame) -> dict[tuple[str, str], list[Year]]:
    """Balances and flows of each issuer by fiscal year, for each class whose gross cost is sourced."""
    lines = _lines(cells)
    values = {
        (row["issuer"], row["item"], row["period_end"]): int(row["value"] * SCALE[row["unit"]])
        for row in bases.iter_rows(named=True)
    }
    out: dict[tuple[str, str], list[Year]] = {}
    for issuer, kind in sorted((i, k) for k in KINDS for i in {i for i, item, _ in values if item == f"{k}_gross"}):
        for (name, year), of_year in lines.items():
            if name == issuer:
                end = of_year["period_end"]
                gross, charge = (values.get((issuer, f"{kind}_{item}", end)) for item in ("gross", "depreciation"))
                out.setdefault((issuer, kind), []).append(_year(of_year, year, gross, charge))
    return out


KINDS = ("servers_network", "heavy_equipment")
"""Classes whose gross cost is among the bases, as depr.backtest.disclosures names them."""


def _lines(cells: pl.DataFrame) -> dict[tuple[str, int], dict[str, object]]:
    """Lines of each fiscal year, and capital expenditure by quarter."""
    out: dict[tuple[str, int], dict[str, object]] = defaultdict(dict)
    for cell in cells.filter(pl.col("unit") == "USD millions").iter_rows(named=True):
        name = cell["line"] if cell["period_type"] == "FY" else f"{cell['line']} {cell['fiscal_quarter']}"
        lines = out[cell["issuer"], cell["fiscal_year"]]
        lines[name] = int(cell["value"] * SCALE[cell["unit"]])
        if cell["period_type"] == "FY":
            lines["period_end"] = cell["period_end"]
    return {key: lines for key, lines in sorted(out.items()) if "period_end" in lines}


def _year(
    values: Mapping[str, object], fiscal_year: int, class_gross: int | None, class_depreciation: int | None
) -> Year:
    def line(name: str) -> int | None:
        value = values.get(name)
        return value if isinstance(value, int) else None

    gross = line("ppe_gross")
    net = line("ppe_net")
    accumulated = line("accumulated_depreciation")
    if accumulated is None and gross is not None and net is not None:
        accumulated = gross - net
    return Year(
        fiscal_year,
        class_gross,
        gross,
        accumulated,
        line("depreciation_of_ppe"),
        line("capex"),
        line("construction_in_progress"),
        class_depreciation,
        tuple(line(f"capex {quarter}") for quarter in QUARTERS),
    )


@dataclass(frozen=True)
class Inferred:
    """Vintages of a class as a purchases ledger, and how well they reproduce what is reported.

    `retired_share` is the share of all retirements given to the class, the one thing fitted (to the expense).
    """

    ledger: dy.DataFrame[Purchases]
    reconciliation: pl.DataFrame
    retired_share: Fraction


def inferred(issuer: str, kind: str = "servers_network", *, schedules: Path | None = None) -> Inferred:
    """Vintages of an issuer's class from its statements (depr.backtest.vintages), under its disclosed lives.

    `ledger` are purchases (contract.Purchases) of USD cents, `reconciliation` is by year and bound
    (depr.backtest.reconciliation). Raises `Refused` when no balance of the class or no life of it is sourced.
    """
    known = evidence(schedules)
    stated = [
        each for each in known.lives if (each.issuer, each.kind) == (issuer, kind) and not each.part and each.steps
    ]
    balances = known.years.get((issuer, kind), [])
    if not stated or not any(year.class_gross for year in balances):
        sourced = {name for name, of in known.years if of == kind} & {each.issuer for each in known.lives}
        raise unknown("issuer", issuer, sourced, "bases.csv")
    steps = sorted((step for each in stated for step in each.steps), key=lambda step: step.effective)
    calendar = stated[0].calendar
    whole_years = -(-max(step.old.high for step in steps) // MONTHS_PER_YEAR)
    lives = book(steps[0].old.months, [(step.effective, step.new.months) for step in steps])
    share_of_class = fitted_share(balances, lives, calendar, whole_years)
    found = vintages(balances, calendar, whole_years, share_of_class)
    return Inferred(purchases(issuer, "USD", found), reconcile(balances, found, lives, calendar), share_of_class)


def _shares(cells: pl.DataFrame) -> dict[tuple[str, int], tuple[int | None, int | None]]:
    """Weighted shares of each fiscal year, basic and diluted."""
    rows = cells.filter(pl.col("period_type") == "FY", pl.col("unit") == "millions of shares")
    table = {
        (cell["issuer"], cell["fiscal_year"], cell["line"]): int(cell["value"] * SCALE[cell["unit"]])
        for cell in rows.iter_rows(named=True)
    }
    keys = {(issuer, year) for issuer, year, _ in table}
    return {key: (table.get((*key, "basic_shares_m")), table.get((*key, "diluted_shares_m"))) for key in sorted(keys)}


def _parsed(file: str, rows: pl.DataFrame) -> list[Disclosure]:
    """Disclosures of rows of text, with `source_row` or from row 2 on. Raises `Refused` with every fault."""
    numbers = rows["source_row"] if "source_row" in rows.columns else range(2, len(rows) + 2)
    cells = rows.drop("source_row", strict=False).iter_rows(named=True)
    made = [parse_disclosure(cell, number, file) for number, cell in zip(numbers, cells, strict=True)]
    if findings := [finding for each in made if isinstance(each, list) for finding in each]:
        raise Refused(findings)
    return [each for each in made if isinstance(each, Disclosure)]


def _read(path: Path, how: Written) -> tuple[str, pl.DataFrame]:
    """A file of disclosures as text, and what to call it. Raises `Refused` for one that is no such file."""
    table = read_text(path, Layout(COLUMNS, (), wanted=REQUIRED), how)
    file = table.name
    check_header(file, table.table.columns, "disclosures", REQUIRED, COLUMNS)
    rows = filled(table.table, 2)
    if rows.is_empty():
        raise refuse(file, "holds no disclosures", "there is no row below the header", "add a row for each one")
    return file, rows
