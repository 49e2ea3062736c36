"""Kill -9 at random moments and between any two steps of the ledger's code, while it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from depr.errors import Refused
from depr.fleet.facts import holdings, source
from depr.ledger import seal
from depr.ledger.chain import Batch
from depr.ledger.store import Ledger
from depr.sql.verified import verify
from tests.faults.children import Child, Ended, command
from tests.faults.tally import Tally
from tests.ledger.samples import ledger, lot, write

LOTS = 400
"""Of a file, so that writing it takes a while."""

TRIALS_OF_A_LEDGER = 25
CLOSED_AND_LAST = 12 * 50


@dataclass(frozen=True)
class Writing:
    """A command that writes: its words for trial n, the file that it imports and how many events it records."""

    name: str
    words: Callable[[Path, int], list[str]]
    events: int


def _import(folder: Path, n: int) -> list[str]:
    rows = (lot(lot_id=f"F{n}-{m}", document=f"invoice {n}") for m in range(LOTS))
    return ["import", "fleet.duckdb", write(folder / f"file-{n}.csv", *rows).name]


def _close(folder: Path, n: int) -> list[str]:
    return ["close", "fleet.duckdb", "META", f"{2024 + n // 12}-{n % 12 + 1:02}"]


def _record(folder: Path, n: int) -> list[str]:
    return ["record", "fleet.duckdb", "transfer", "L1", "2024-05-01", "--location", f"site {n}"]


WRITINGS = (Writing("import", _import, 2 * LOTS), Writing("close", _close, 1), Writing("record", _record, 1))


def killed(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """Every command that records, killed `trials` times in turn: at random moments, and at random steps."""
    for writing in WRITINGS:
        yield _killed(folder / writing.name, writing, max(trials // len(WRITINGS), 2), Random(f"{seed} {writing.name}"))
    yield published(folder / "publish", max(trials // 10, 3), Random(seed))


def _killed(folder: Path, writing: Writing, trials: int, random: Random) -> Tally:
    tally = Tally(f"R1 kill -9 in depr {writing.name}", "")
    ends = dict.fromkeys(("before", "recorded", "sealed", "finished"), 0)
    for first in range(0, trials, TRIALS_OF_A_LEDGER):
        own = folder / str(first)
        own.mkdir(parents=True)
        path = ledger(own / "fleet.duckdb", [lot()])
        whole = command(own, *writing.words(own, 0), count=True)
        assert whole.code == 0, whole
        for n in range(1, min(TRIALS_OF_A_LEDGER, trials - first) + 1):
            _trial(tally, path, writing, n, whole, random, ends)
    told = ", ".join(f"{count} {name}" for name, count in ends.items())
    tally.how = f"half at random moments, half between two steps; found: {told}; the same command then works"
    return tally


def _stopped(folder: Path, words: list[str], whole: Ended, random: Random) -> Ended:
    """The command, killed at a random moment or at a random step."""
    if random.random() < 0.5:
        return Child(folder, *words, stop_at=random.randint(1, whole.steps)).go().end()
    return Child(folder, *words).go().kill(random.uniform(0, whole.seconds)).end()


def _trial(
    tally: Tally, path: Path, writing: Writing, n: int, whole: Ended, random: Random, ends: dict[str, int]
) -> None:
    words, before = writing.words(path.parent, n), facts(path)
    ended = _stopped(path.parent, words, whole, random)
    tally.trials += 1
    at = f"{writing.name} {path.parent.name}/{n}"
    try:
        state = seal.read(path)
        _, found = verify(path)
        tally.must(not found, f"{at}: verify finds {found}", torn=True)
        after = facts(path)
        holdings(path)
    except Refused as refused:
        tally.must(False, f"{at}: {refused}", torn=True)
        return
    tally.must(after[: len(before)] == before, f"{at}: {before} became {after}", lost=True)
    fresh = after[len(before) :]
    tally.must(ended.code != 0 or len(fresh) == 1, f"{at}: acknowledged, and not there", lost=True)
    whole_batch = not fresh or [events for _, events in fresh] == [writing.events]
    tally.must(whole_batch, f"{at}: a part is there: {fresh}", torn=True)
    kind = "finished" if ended.code == 0 else "before" if not fresh else "recorded"
    ends["sealed" if kind == "recorded" and state and not state.open else kind] += 1
    _again(tally, at, path, words, len(before), writing)


def _again(tally: Tally, at: str, path: Path, words: list[str], before: int, writing: Writing) -> None:
    """The same command again: it takes effect once, and the ledger is sealed."""
    again = command(path.parent, *words)
    said = again.ran.err if again.ran else ""
    known = any(words in said for words in ("are closed through", "is on file already"))
    tally.must(again.code == 0 or known, f"{at}: again: {again}", torn=True)
    now, state = facts(path), seal.read(path)
    tally.must([events for _, events in now[before:]] == [writing.events], f"{at}: again: {now[before:]}", lost=True)
    whole = state is not None and not state.open and not seal.broken(path)
    refused = again.code != 0  # what is closed already is not written again, and nothing is sealed then
    tally.must(whole or refused, f"{at}: not sealed by the next write: {state}", torn=True)
    if words[0] == "import":
        kept = source(path, before + 1, path.parent / "kept.csv", overwrite=True).read_bytes()
        tally.must(kept == (path.parent / words[-1]).read_bytes(), f"{at}: the original is another", torn=True)


def facts(path: Path) -> list[tuple[Batch, int]]:
    """The batches and how many events each has."""
    with Ledger.open(path) as opened:
        events = dict(opened.events()["batch"].value_counts().iter_rows())
        return [(batch, events.get(batch.batch, 0)) for batch in opened.batches()]


def published(folder: Path, trials: int, random: Random) -> Tally:
    """A file that is written over, and the ledger it comes from."""
    tally = Tally(
        "R1 kill -9 in depr schedule --out, report", "the old file whole or the new one, the ledger as it was"
    )
    folder.mkdir(parents=True)
    path = ledger(folder / "fleet.duckdb", [lot(lot_id=f"L{n}") for n in range(LOTS)])
    ledger_bytes = path.read_bytes()
    commands = {
        "out.csv": ["schedule", "fleet.duckdb", "--grain", "month", "--out", "out.csv", "--overwrite"],
        "out.parquet": ["schedule", "fleet.duckdb", "--grain", "month", "--out", "out.parquet", "--overwrite"],
        "pages/meta.html": ["report", "fleet.duckdb", "--out", "pages", "--overwrite"],
    }
    for name, words in commands.items():
        whole = command(folder, *words, count=True)
        assert whole.code == 0, whole
        new = (folder / name).read_bytes()
        for n in range(max(trials // len(commands), 1)):
            (folder / name).write_bytes(b"old")
            ended = _stopped(folder, words, whole, random)
            there = (folder / name).read_bytes()
            tally.trials += 1
            tally.must(
                there == new or (there == b"old" and ended.code != 0), f"{name} {n}: {len(there)} bytes", torn=True
            )
            tally.must(path.read_bytes() == ledger_bytes, f"{name} {n}: the ledger was changed", torn=True)
    return tally
