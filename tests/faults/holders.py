"""Who else is at it: a held ledger names its holder, and an import that is interrupted has not been."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from depr.ledger.store import Ledger
from depr.sql.verified import verify
from tests.faults.children import CONTEXT, Child, command
from tests.faults.kills import LOTS, facts
from tests.faults.tally import Tally
from tests.ledger.samples import ledger, lot, write

COMMANDS = (
    "import fleet.duckdb one.csv",
    "record fleet.duckdb transfer L1 2024-05-01 --location x",
    "close fleet.duckdb META 2024-01",
    "restate fleet.duckdb",
    "schedule fleet.duckdb",
    "verify fleet.duckdb",
    "holdings fleet.duckdb",
)


def holding(path: Path, pipe: Connection) -> None:
    """Writes to a ledger until it is told to end. (Runs in a child.)"""
    with Ledger.open(path, read_only=False):
        pipe.send("held")
        pipe.recv()


def held(folder: Path) -> Iterator[Tally]:
    """Every command while another process writes; then again."""
    tally = Tally("a ledger that is held", "exit 1; the process that holds it is named; then it works again")
    folder.mkdir(parents=True)
    path = ledger(folder / "fleet.duckdb", [lot()])
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=holding, args=(path, theirs))
    process.start()
    assert ours.recv() == "held"
    for line in COMMANDS:
        ended = command(folder, *line.split())
        said = ended.ran.err if ended.ran else ""
        named = any(word in said for word in (f"process {process.pid} writes", f"(PID {process.pid})"))
        tally.notice(ended.code == 1 and named, f"{line}: {ended}")
    ours.send("end")
    process.join()
    for line in COMMANDS:
        tally.must(command(folder, *line.split()).code == 0, f"{line}: not even when it is free")
    yield tally


def interrupted(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """Ctrl-C between two steps of an import."""
    tally = Tally("Ctrl-C during an import", "exit 130; as it was, or recorded whole; the next import works")
    random, spoken = Random(seed), Tally("Ctrl-C during an import, in words", "what became of the ledger, how to go on")
    folder.mkdir(parents=True)
    path = ledger(folder / "fleet.duckdb", [lot()])
    steps = 0
    for n in range(trials + 1):
        file = write(folder / f"{n}.csv", *(lot(lot_id=f"F{n}-{m}") for m in range(LOTS)))
        before, words = facts(path), ("import", path.name, file.name)
        if n == 0:
            steps = command(folder, *words, count=True).steps
            continue
        ended = Child(folder, *words, stop_at=random.randint(1, steps), stop_with=signal.SIGINT).go().end()
        after, found = facts(path), verify(path)[1]
        tally.trials += 1
        tally.must(not found and after[: len(before)] == before, f"{n}: {found} {after}", torn=True)
        tally.must([events for _, events in after[len(before) :]] in ([], [2 * LOTS]), f"{n}: {after}", torn=True)
        said = ended.ran.err if ended.ran else ""
        tally.must(ended.code == 130 and "Traceback" not in said, f"{n}: {ended}")
        spoken.notice("the ledger" in said, f"{n}: {ended}")
        again = command(folder, *words)
        tally.must(again.code == 0 and len(facts(path)) == len(before) + 1, f"{n}: again: {again}", lost=True)
    yield tally
    yield spoken
