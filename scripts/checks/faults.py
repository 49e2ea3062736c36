"""Makes everything go wrong that can, and prints a table: fault, trials, lost, torn, noticed, how.

Without --full the sizes of the tests; with it the full ones of SIZES, sized for half an hour on two idle
cores. `--only R3` runs the faults whose name begins so. Every row is printed to standard error as soon as it is known,
with its seconds; the table comes at the end, or at Ctrl-C with the rows so far. The exit code is 1 when anything was
lost, torn, unnoticed or not told in words; what, stands below the table. Faults that a test of its own covers are run
as that test.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.faults import again, balances, bombs, cells, changes, disks, holders, kills, sameness, surroundings
from tests.faults.stories import BOOKS
from tests.faults.tally import Tally

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 170
SEED = 20_260_101
INTERRUPTED = 130
Run = Callable[[Path, bool], Iterator[Tally]]


@dataclass(frozen=True)
class Size:
    """How much of a fault is tried in the tests, and in full."""

    test: int
    full: int


SIZES = {
    "kills": Size(6, 90),
    "rounds on disks": Size(1, 2),
    "changes of files": Size(12, 150),
    "the same again": Size(6, 100),
    "fleets": Size(1, 2),
    "lots of a fleet": Size(60, 250),
    "other shapes": Size(4, 60),
    "largest fleet": Size(93, 100_000),
    "surroundings": Size(1, 12),
    "hostile cells": Size(60, 300),
    "names as paths": Size(0, 50),
    "every nth name": Size(15, 1),
    "bytes of a bomb": Size(1 << 25, bombs.LARGE),
    "interruptions": Size(3, 60),
}
"""Trials of each fault. The full ones follow from the seconds of one: half an hour for all of them."""


def _of(name: str, full: bool) -> int:
    return SIZES[name].full if full else SIZES[name].test


def _disks(folder: Path, full: bool) -> Iterator[Tally]:
    trials, long = _of("rounds on disks", full), disks.LONG if full else {}
    commands = disks.COMMANDS | disks.TABLES | long
    for name, chosen in {"commands": disks.COMMANDS | long, "tables": disks.TABLES}.items():
        yield from disks.limited(folder / f"limited-{name}", SEED, trials, chosen)
        if disks.may_mount():
            yield from disks.full(folder / f"full-{name}", SEED, trials, chosen)
    if disks.may_mount():
        yield from disks.read_only(folder, commands)


def _balances(folder: Path, full: bool) -> Iterator[Tally]:
    books = BOOKS if full else balances.FEW
    yield from balances.held(folder, _of("fleets", full), SEED, _of("lots of a fleet", full), books)


def _bombs(folder: Path, full: bool) -> Iterator[Tally]:
    yield from bombs.bombs(folder, _of("bytes of a bomb", full))
    if full:
        yield from bombs.padded(folder / "padded", bombs.MIB[1::2])


def _large(folder: Path, full: bool) -> Iterator[Tally]:
    largest = _of("largest fleet", full)
    yield from sameness.large(folder, SEED, tuple(n for n in (2, 90, 93, 1000, 100_000) if n <= largest))


def _paths(folder: Path, full: bool) -> Iterator[Tally]:
    yield from cells.paths(folder, _of("names as paths", full), SEED, _of("every nth name", full))


def _holders(folder: Path, full: bool) -> Iterator[Tally]:
    yield from holders.held(folder / "held")
    yield from holders.interrupted(folder / "interrupted", _of("interruptions", full), SEED)


def _trials(name: str, work: Callable[[Path, int, int], Iterator[Tally]]) -> Run:
    """A fault of which as much is tried as SIZES says under a name."""
    return lambda folder, full: work(folder, _of(name, full), SEED)


def _tests(fault: str, how: str, *words: str, full_only: bool = False) -> Run:
    """A fault that tests elsewhere cover: as many trials as there are tests."""

    def ran(folder: Path, full: bool) -> Iterator[Tally]:
        if full_only and not full:
            return
        call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "-m", "not slow"]
        call += [f"--basetemp={folder}", *words]
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
        found = re.search(r"(\d+) passed", done.stdout)
        tally = Tally(fault, how, trials=int(found[1]) if found else 0)
        tally.must(done.returncode == 0, f"{' '.join(words)}: {done.stdout[-300:]}{done.stderr[-300:]}")
        yield tally

    return ran


CALENDARS = [f"tests/kernel/test_{name}.py" for name in ("calendar", "clocks", "daycounts", "weeks")]
PAGES = ("tests/report", "tests/test_writers.py")
QUIET = ("tests/faults/test_quiet.py", "tests/faults/test_values.py")
READERS = ("tests/test_readers.py", "tests/test_mapping.py", "tests/test_forms.py")
SQL = ("tests/sql/test_query.py", "tests/sql/test_sandbox.py")
FAULTS: dict[str, Run] = {
    "R1": _trials("kills", kills.killed),
    "R2": _disks,
    "R2-outputs": _tests(
        "R2 --out onto ledgers and files of others", "refused, all as it was", "tests/test_outputs.py"
    ),
    "R3": _trials("changes of files", changes.altered),
    "R4": _trials("the same again", again.repeated),
    "R6": _balances,
    "R7": _trials("other shapes", sameness.same),
    "R8": _large,
    "R9": _tests("R9 leap days, month ends, weeks", "equal to the oracle", *CALENDARS),
    "R10": _trials("surroundings", surroundings.elsewhere),
    "S1": _trials("hostile cells", cells.hostile),
    "S1-pages": _tests("S1 hostile words in pages and CSV", "inert", *PAGES, "-k", "hostile or poison"),
    "S2": _paths,
    "S3": _bombs,
    "S4": _tests("S4 ways out of depr sql, MULTI statements", "refused; ends in time", *SQL),
    "S5": _tests("S5, S6 numbers, dates, columns, encodings", "read exactly, or refused with the row", *READERS),
    "S7": _tests("S7 hostile options, a reader that goes, Ctrl-C", "one plain message", *QUIET, full_only=True),
    "held": _holders,
}


def table(tallies: Sequence[Tally]) -> Table:
    """One line a fault."""
    shown = Table(title="Faults")
    shown.add_column("fault")
    for name in ("trials", "lost", "torn", "noticed"):
        shown.add_column(name, justify="right")
    shown.add_column("how")
    for tally in tallies:
        shown.add_row(*cells_of(tally))
    return shown


def cells_of(tally: Tally) -> tuple[str, ...]:
    """One line of the table."""
    noticed = "" if tally.noticed is None else f"{tally.noticed:,}"
    wrong = f" [{len(tally.wrong)} wrong, see below]" if tally.wrong else ""
    return (tally.fault, f"{tally.trials:,}", f"{tally.lost:,}", f"{tally.torn:,}", noticed, tally.how + wrong)


def main(arguments: Sequence[str]) -> int:
    """Runs the faults that are asked for."""
    parser = argparse.ArgumentParser(description="faults: fault, trials, lost, torn, noticed, how")
    parser.add_argument("--full", action="store_true", help="the full sizes")
    parser.add_argument("--only", action="append", choices=FAULTS, help="only this fault; may be repeated")
    given = parser.parse_args(arguments)
    tallies: list[Tally] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TemporaryDirectory(prefix="depr-faults-") as folder:
        try:
            for name in given.only or FAULTS:
                _run(name, Path(folder) / name, given.full, tallies)
            stopped = False
        except KeyboardInterrupt:
            stopped = True
            _end_children()
    console = Console(width=WIDTH)
    console.print(table(tallies), markup=False)
    wrong = [f"{tally.fault}: {what}" for tally in tallies for what in tally.wrong[:5]]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if stopped:
        print("stopped: the rows above are those that were known", file=sys.stderr)
    return INTERRUPTED if stopped else int(bool(wrong))


def _run(name: str, folder: Path, full: bool, tallies: list[Tally]) -> None:
    """One fault; each of its rows is told as it comes, with its seconds."""
    folder.mkdir()
    print(f"{name} ...", file=sys.stderr, flush=True)
    before = time.monotonic()
    for tally in FAULTS[name](folder / "run", full):
        tallies.append(tally)
        now = time.monotonic()
        print(f"{now - before:.0f} s", *cells_of(tally), sep=" | ", file=sys.stderr, flush=True)
        before = now


def _end_children() -> None:
    """What a fault had started and did not end itself."""
    for child in multiprocessing.active_children():
        child.kill()
        child.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
