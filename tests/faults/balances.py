"""What must hold for any fleet: everything foots, debits are credits, nothing is left of what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import polars as pl

from depr.balances.flows import AMOUNTS
from depr.fleet.figures import journal, rollforward
from depr.intake import find_book
from depr.kernel.calendar import FiscalCalendar
from depr.ledger.known import Known, known
from depr.pipeline import flows
from tests.faults.stories import BOOKS, THROUGH, fleet, kept
from tests.faults.tally import Tally

BALANCES = [name for name in AMOUNTS if name != "proceeds_minor"]
OWN = ("issuer", "currency", "generation", "location")
LOTS = 150
FEW = ("meta-reported",)
"""The book that says the most, for a short run."""


def held(folder: Path, fleets: int, seed: int, lots: int = LOTS, books: tuple[str, ...] = BOOKS) -> Iterator[Tally]:
    """The invariants over made-up fleets under every book and grain."""
    tally = Tally("R6 invariants of random fleets with events", "foots and cross-foots, debits = credits, gone is 0")
    for n in range(fleets):
        path = kept(folder / str(n), *fleet(Random(f"{seed} {n}"), lots))
        for book in books:
            _rolls(tally, path, book)
            _journal(tally, path, book)
            _lots(tally, known(path), book)
    yield tally


def _rolls(tally: Tally, path: Path, book: str) -> None:
    totals = {}
    for grain, by in product(("month", "quarter", "year"), ((), ("generation",), ("generation", "location"))):
        rows = rollforward(path, book, THROUGH, by=by, grain=grain)
        at, keys = f"{path.parent.name} {book} {grain} {by}", [*OWN, "period_end"]
        tally.trials += len(rows)
        cross = pl.col("construction_minor", "cost_minor"), pl.col("accumulated_minor", "impairment_minor")
        carrying = pl.sum_horizontal(cross[0]) - pl.sum_horizontal(cross[1])
        tally.must(rows.filter(carrying != pl.col("carrying_minor")).is_empty(), f"{at}: does not cross-foot")
        closing = pl.col("movement") == "closing_balance"
        moved = rows.filter(~closing).group_by(keys).agg(pl.col(BALANCES).sum())
        ended = rows.filter(closing).select(*keys, *BALANCES)
        both = moved.join(ended, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="_closing")
        off = [pl.col(name).fill_null(0) != pl.col(f"{name}_closing").fill_null(0) for name in BALANCES]
        tally.must(both.filter(pl.any_horizontal(off)).is_empty(), f"{at}: {both.filter(pl.any_horizontal(off))}")
        last = ended.filter(pl.col("period_end") == pl.col("period_end").max().over("issuer"))
        totals[grain, by] = last.group_by("issuer").agg(pl.col(BALANCES).sum()).sort("issuer")
    first = next(iter(totals.values()))
    tally.must(all(each.equals(first) for each in totals.values()), f"{path.parent.name} {book}: {totals}")


def _journal(tally: Tally, path: Path, book: str) -> None:
    for year in ("2020", "2023", "2024-Q2", "2025"):
        lines = journal(path, book, year)
        sides = lines.group_by("entry", "currency").agg(pl.col("debit_minor", "credit_minor").sum())
        off = sides.filter(pl.col("debit_minor") != pl.col("credit_minor"))
        tally.trials += len(sides)
        tally.must(off.is_empty(), f"{path.parent.name} {book} {year}: {off}")


def _lots(tally: Tally, facts: Known, book: str) -> None:
    """Lot by lot: a balance is never negative, and of what is gone nothing is left."""
    lots = facts.lots
    chosen = find_book(book)
    gone = facts.events.filter(kind="disposal")["lot_id"]
    moved = flows(lots, chosen, FiscalCalendar(), facts.events).collect().join(lots.select("lot", "lot_id"), on="lot")
    ends = moved.group_by("lot_id").agg(pl.col(AMOUNTS).sum())
    left = ends.filter(pl.col("lot_id").is_in(gone.implode()) & pl.any_horizontal(pl.col(BALANCES) != 0))
    tally.trials += len(lots)
    tally.must(left.is_empty(), f"{book}: left of what is gone: {left}", lost=True)
    running = (
        moved.sort("lot_id", "period").group_by("lot_id", "period", maintain_order=True).agg(pl.col(BALANCES).sum())
    )
    balances = running.with_columns(pl.col(BALANCES).cum_sum().over("lot_id"))
    carried = (
        pl.col("construction_minor") + pl.col("cost_minor") - pl.col("accumulated_minor") - pl.col("impairment_minor")
    )
    wrong = balances.filter(
        pl.any_horizontal(pl.col("units", "construction_units", "construction_minor", "cost_minor") < 0) | (carried < 0)
    )
    tally.must(wrong.is_empty(), f"{facts.ledger.parent.name} {book}: negative: {wrong}")
