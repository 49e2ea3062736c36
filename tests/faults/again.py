"""The same facts more than once: twice, renamed, in two files, in several processes at once, or with other content."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from depr.errors import Refused
from depr.fleet.facts import import_files
from depr.ledger.store import Ledger
from tests.faults.children import Child, together
from tests.faults.tally import Tally
from tests.ledger.samples import RECORDED, ledger, lot, write

PROCESSES = 3
PATIENCE_S = 60


def repeated(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """One effect each time."""
    yield _in_turn(folder / "turn", trials, Random(seed))
    yield _at_once(folder / "once", max(trials // 10, 2))
    yield _refused_at_once(folder / "busy", max(trials // 20, 1))


def _in_turn(folder: Path, trials: int, random: Random) -> Tally:
    tally = Tally("R4 same file, renamed file, same lots in two files, other content", "one effect; counted; refused")
    folder.mkdir(parents=True)
    path, known = ledger(folder / "fleet.duckdb"), dict[str, str]()
    for n in range(trials):
        names = [f"L{random.randrange(3 * trials)}" for _ in range(8)]
        rows = {name: known.get(name) or f"{random.randrange(1, 10**6)}.00" for name in names}
        bad = (
            random.choice(sorted(set(rows) & set(known))) if random.random() < 0.4 and set(rows) & set(known) else None
        )
        told = rows | ({bad: f"{rows[bad][:-1]}7"} if bad else {})
        file = write(folder / f"file-{n}.csv", *(lot(lot_id=name, cost=cost) for name, cost in told.items()))
        fresh, tally.trials = set(rows) - set(known), tally.trials + 1
        try:
            [done] = import_files(path, [file], RECORDED)
            counts = (done.batch.accepted, done.batch.rejected, done.batch.duplicates)
            tally.must(bad is None and counts == (len(fresh), 0, len(rows) - len(fresh)), f"{n}: {counts} {bad}")
            known |= rows
        except Refused as refused:
            codes = [finding.code for finding in refused.findings]
            tally.must(bad is not None and codes == ["conflict"], f"{n}: {refused}", lost=True)
            tally.noticed = (tally.noticed or 0) + 1
        _renamed(tally, path, file, bad)
    with Ledger.open(path) as opened:
        costs = {row["lot_id"]: f"{row['cost_minor'] // 100}.00" for row in opened.lots().to_dicts()}
        tally.must(costs == known, f"{len(costs)} lots of {len(known)}", lost=True)
        tally.must(not opened.verify(), "the chain does not hold", torn=True)
    return tally


def _renamed(tally: Tally, path: Path, file: Path, bad: str | None) -> None:
    """The same bytes under another name: all of it duplicates, and not a byte of the ledger changes."""
    if bad is None:
        before, other = path.read_bytes(), file.rename(file.with_stem(f"renamed-{file.stem}"))
        [done] = import_files(path, [other], RECORDED)
        tally.must(done.batch.duplicates == done.batch.read, f"{other.name}: {done}")
        tally.must(path.read_bytes() == before, f"{other.name}: the ledger was changed", torn=True)


def patiently(path: Path, file: Path) -> None:
    """Imports a file as soon as no other process writes. (Runs in a child.)"""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            import_files(path, [file], RECORDED)
            return
        except Refused as refused:
            if "held by another process" not in refused.findings[0].what or time.monotonic() > end:
                raise
            time.sleep(0.005)


def _at_once(folder: Path, trials: int) -> Tally:
    tally = Tally(f"R4 {PROCESSES} processes import at once", "one writer at a time; half of their lots are the same")
    folder.mkdir(parents=True)
    path = ledger(folder / "fleet.duckdb")
    for n in range(trials):
        shared = [lot(lot_id=f"T{n}-{m}") for m in range(5)]
        files = [
            write(folder / f"{n}-{process}.csv", *shared, *(lot(lot_id=f"T{n}-{process}-{m}") for m in range(5)))
            for process in range(PROCESSES)
        ]
        together(patiently, *((path, file) for file in files))
        tally.trials += 1
        with Ledger.open(path) as opened:
            lots, counts = opened.lots()["lot_id"].to_list(), [b.accepted for b in opened.batches()[-PROCESSES:]]
            tally.must(sum(name.startswith(f"T{n}-") for name in lots) == 5 + 5 * PROCESSES, f"{n}: {lots}", lost=True)
            tally.must(sorted(counts) == [5] * (PROCESSES - 1) + [10], f"{n}: {counts}", lost=True)
            tally.must(not opened.verify(), f"{n}: the chain does not hold", torn=True)
    return tally


def _refused_at_once(folder: Path, trials: int) -> Tally:
    """The same file by the command line at once: a process that is refused names the one that writes."""
    tally = Tally(
        "R4 the same file by two commands at once", "one records it, the other is refused or counts duplicates"
    )
    folder.mkdir(parents=True)
    path = ledger(folder / "fleet.duckdb")
    for n in range(trials):
        file = write(folder / f"{n}.csv", *(lot(lot_id=f"T{n}-{m}") for m in range(200)))
        children = [Child(folder, "import", path.name, file.name) for _ in range(2)]
        pids = [child.process.pid for child in children]
        told = [child.end() for child in [child.go() for child in children]]
        tally.trials += 1
        tally.must(any(each.code == 0 for each in told), f"{n}: {told}", lost=True)
        for each, other in zip(told, reversed(pids), strict=True):
            said = each.ran.err if each.ran else ""
            named = f"process {other} writes to it" in said or f"PID {other}" in said or "it is being closed" in said
            tally.must(each.code == 0 or named, f"{n}: {each}")
        with Ledger.open(path) as opened:
            tally.must(len(opened.batches()) == n + 1, f"{n}: {len(opened.batches())} batches", lost=True)
            tally.must(not opened.verify(), f"{n}: the chain does not hold", torn=True)
    return tally
