"""The same facts in other shapes: split, permuted, in other pieces, by another engine. And amounts at the limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from unittest.mock import patch

import polars as pl

from depr.console import writers
from depr.errors import Refused
from depr.fleet import figures
from depr.fleet.facts import import_files, init, source
from depr.fleet.figures import journal, rollforward
from depr.fleet.questions import sql
from depr.fleet.restating import restate
from depr.intake import facts, find_book, tables
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.schedule import schedule
from depr.ledger import chain, sources
from depr.ledger.known import known
from depr.pipeline import estimated
from tests.engines import ROW, by_macro
from tests.faults.stories import BOOKS, THROUGH, amount, fleet, kept
from tests.faults.tally import Tally
from tests.ledger.samples import RECORDED, lot, write

LOTS = 120
SIZES = {
    (chain, "HASHED_ROWS"): (1, 7, 1 << 17),
    (facts, "CHUNK_ROWS"): (1, 5, 64),
    (sources, "PIECE_BYTES"): (500, 4000, 1 << 23),
    (tables, "CSV_BLOCK_BYTES"): (1 << 10, 1 << 12, 1 << 24),
}
"""How much is taken at a time, and what else it could be."""


def same(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """Every other shape."""
    random = Random(seed)
    bought, events = fleet(random, LOTS)
    path = kept(folder / "as-it-is", bought, events)
    yield permuted(folder / "permuted", path, bought, events, max(trials // 20, 1), random)
    yield chunked(folder / "chunked", path, bought, events, max(trials // 10, 2), random)
    yield engines(path)
    yield split(folder / "split", trials, random)


def outputs(path: Path, book: str) -> dict[str, bytes]:
    """What the ledger says, as bytes of files."""
    schedule = figures.schedule(path, book, grain="month")
    made = {
        name: writers.write(schedule, path.parent / name, overwrite=True).read_bytes()
        for name in ("s.csv", "s.parquet")
    }
    rolled = rollforward(path, book, THROUGH, by=("generation", "location"))
    return made | {
        "rollforward": rolled.write_csv().encode(),
        "journal": journal(path, book, "2024").write_csv().encode(),
    }


def permuted(
    folder: Path, origin: Path, bought: list[dict[str, str]], events: list[dict[str, str]], trials: int, random: Random
) -> Tally:
    """Rows in another order, those of one lot among themselves as they were; columns too."""
    tally = Tally("R7 rows and columns permuted", "schedule, roll-forward and journal to the byte (CSV, Parquet)")
    books = BOOKS[: 1 + trials // 4]
    before = {book: outputs(origin, book) for book in books}
    for n in range(trials):
        rows, order = random.sample(bought, len(bought)), random.sample(list(bought[0]), len(bought[0]))
        lots = [row["lot_id"] for row in random.sample(bought, len(bought))]
        told = [event for lot_id in lots for event in events if event["lot_id"] == lot_id]
        path = kept(folder / str(n), [{name: row[name] for name in order} for row in rows], told)
        for book in books:
            after = outputs(path, book)
            tally.trials += len(after)
            for name, data in after.items():
                tally.must(data == before[book][name], f"{n} {book}: other bytes of {name}", torn=True)
    return tally


def chunked(
    folder: Path, origin: Path, bought: list[dict[str, str]], events: list[dict[str, str]], trials: int, random: Random
) -> Tally:
    """Other sizes of what is taken at a time: the same hashes and the same bytes."""
    tally = Tally("R7 other sizes of pieces and chunks", "the head of the chain and every output to the byte")
    book, head = "37m", known(origin).head
    before = outputs(origin, book)
    for n in range(trials):
        chosen = {key: random.choice(sizes) for key, sizes in SIZES.items()}
        patches = [patch.object(module, name, size) for (module, name), size in chosen.items()]
        for each in patches:
            each.start()
        try:
            path = kept(folder / str(n), bought, events)
            tally.trials += 1
            said = {name: size for (_, name), size in chosen.items()}
            tally.must(known(path).head == head, f"{said}: another head", torn=True)
            wrong = [name for name, data in outputs(path, book).items() if data != before[name]]
            tally.must(not wrong, f"{said}: other bytes of {wrong}", torn=True)
            kept_file = source(path, 1, path.parent / "kept.csv", overwrite=True).read_bytes()
            tally.must(
                kept_file == (path.parent / "purchases.csv").read_bytes(), f"{said}: another original", torn=True
            )
        finally:
            for each in patches:
                each.stop()
    return tally


def engines(path: Path) -> Tally:
    """SQL beside the kernel under every book."""
    tally = Tally("R7 another engine", "the kernel = SQL, cell by cell")
    told = known(path)
    for book in BOOKS:
        segments, shares, _ = estimated(told.lots, find_book(book), FiscalCalendar(), told.events)
        rows = schedule(segments, shares).collect().sort(ROW)
        tally.trials += len(rows)
        tally.must(rows.equals(by_macro(segments, shares)), f"{book}: another schedule", torn=True)
    return tally


def split(folder: Path, trials: int, random: Random) -> Tally:
    """A lot in several parts: equal where every charge is a whole number, else within the rounding of each part."""
    tally = Tally(
        "R7 a lot split in two to nine", "equal to the minor unit; where a charge is rounded, within one a part"
    )
    folder.mkdir(parents=True)
    whole, parts, counts = init(folder / "whole.duckdb"), init(folder / "parts.duckdb"), {}
    one, many = [], []
    for n in range(trials):
        count, exact = random.randint(2, 9), n % 2 == 0
        costs = [random.randrange(10**10) * (36 if exact else 1) for _ in range(count)]
        counts[f"L{n}"] = 0 if exact else count
        day = {"purchase_date": "2023-01-15", "in_service_date": f"2023-{random.randint(2, 12):02}-01"}
        one.append(lot(lot_id=f"L{n}", cost=amount(sum(costs)), units=str(count), **day))
        many += [lot(lot_id=f"L{n}.{m}", cost=amount(cost), units="1", **day) for m, cost in enumerate(costs)]
    for path, rows in ((whole, one), (parts, many)):
        import_files(path, [write(path.with_suffix(".csv"), *rows)], RECORDED)
    keys = ["lot_id", "period_end"]
    schedule = figures.schedule(parts, "3y", grain="month").collect()
    named = schedule.with_columns(pl.col("lot_id").str.replace(r"\..*$", ""))
    summed = named.group_by(keys).agg(together=pl.col("accumulated_minor").sum())
    both = figures.schedule(whole, "3y", grain="month").collect().join(summed, on=keys, how="full", coalesce=True)
    away = (pl.col("accumulated_minor") - pl.col("together")).abs()
    allowed = pl.col("lot_id").replace_strict(counts, return_dtype=pl.Int64)
    last = pl.col("period_end") == pl.col("period_end").max().over("lot_id")
    wrong = both.filter((away > allowed).fill_null(True) | (last & (away != 0)))
    tally.trials = len(both)
    tally.must(wrong.is_empty(), f"{wrong}", lost=True)
    return tally


# Amounts at the limit


LARGEST_MINOR = 10**17 - 1
INT64 = 2**63 - 1


def large(folder: Path, seed: int, sizes: tuple[int, ...] = (2, 90, 93, 1000)) -> Iterator[Tally]:
    """Costs up to 10^17 minor units a lot (10^15 in the currency), so many that their sum leaves 64 bits."""
    tally = Tally("R8 costs up to 10^15 a lot", "")
    random, refused, exact, stopped = Random(seed), 0, 0, 0
    folder.mkdir(parents=True)
    for count in sizes:
        path = init(folder / f"{count}.duckdb")
        costs = [LARGEST_MINOR - random.randrange(10**6) for _ in range(count)]
        rows = [lot(lot_id=f"L{n:06}", cost=amount(cost)) for n, cost in enumerate(costs)]
        import_files(path, [write(folder / f"{count}.csv", *rows)], RECORDED)
        for (name, answer), book in product(ANSWERS.items(), ("3y", "37m")):
            tally.trials += 1
            try:
                got, want = answer(path, book), sum(costs)
                tally.must(got == want, f"{name} of {count} lots under {book}: {got}, not {want}", lost=True)
                exact += 1
            except Refused as why:
                refused += 1
                tally.must(sum(costs) > INT64 and "64 bits" in str(why), f"{name} of {count} lots: {why}")
            except pl.exceptions.InvalidOperationError as fault:  # an error of the sum itself
                stopped += 1
                tally.must(sum(costs) > INT64 and "`i128` to `i64`" in str(fault), f"{name} of {count} lots: {fault}")
    tally.how = f"{exact} exact, {refused} refused as beyond 64 bits, {stopped} ended by the sum; none wrapped"
    yield tally


def _charged(path: Path, book: str) -> int:
    return sum(figures.schedule(path, book).collect()["depreciation_minor"].to_list())


def _rolled(path: Path, book: str) -> int:
    rows = rollforward(path, book, date(2024, 12, 31))
    last = rows.filter(movement="closing_balance", period_end=date(2024, 12, 31))
    return int(last["cost_minor"].item())


def _booked(path: Path, book: str) -> int:
    lines = journal(path, book, "2023").filter(kind="acquisition")
    return sum(lines["debit_minor"].to_list())


def _asked(path: Path, book: str) -> int:
    return int(sql(path, "SELECT sum(cost) AS cost FROM lots")["cost"].item() * 100)


def _fleet(path: Path, book: str) -> int:
    return int(Decimal(sql(path, "SELECT sum(cost) AS cost FROM fleet")["cost"].item()) * 100)


def _restated(path: Path, book: str) -> int:
    [done] = restate(path, lives=[book])
    last = done.rollup.filter(book=done.reported.id, bound="mid", period_end=date(2024, 12, 31))
    return int(last["cost_minor"].sum())


ANSWERS: dict[str, Callable[[Path, str], int]] = {
    "schedule": _charged,
    "rollforward": _rolled,
    "journal": _booked,
    "sql lots": _asked,
    "sql fleet": _fleet,
    "restate": _restated,
}
