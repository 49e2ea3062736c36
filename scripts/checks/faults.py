"""Makes everything go wrong that can, and prints a table: fault, trials, lost, torn, noticed, how.

Without --full the sizes of the tests; with it the full ones, which take a while. `--only R3` runs the faults whose
name begins so. The exit code is 1 when anything was lost, torn, unnoticed or not told in words; what, stands below
the table. Faults that a test of its own covers are run as that test.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.faults import again, balances, bombs, cells, changes, disks, holders, kills, sameness, surroundings  # noqa: E402
from tests.faults.tally import Tally  # noqa: E402

WIDTH = 170
SEED = 20_260_101
Run = Callable[[Path, bool], Iterator[Tally]]


def _disks(folder: Path, full: bool) -> Iterator[Tally]:
    trials = 10 if full else 1
    for commands in (disks.COMMANDS, disks.TABLES):
        yield from disks.limited(folder / f"limited-{len(commands)}", SEED, trials, commands)
        if disks.may_mount():
            yield from disks.full(folder / f"full-{len(commands)}", SEED, trials, commands)
    if disks.may_mount():
        yield from disks.read_only(folder, disks.COMMANDS | disks.TABLES)


def _balances(folder: Path, full: bool) -> Iterator[Tally]:
    yield from balances.held(folder, 40, SEED, 2000) if full else balances.held(folder, 1, SEED, 60, balances.FEW)


def _bombs(folder: Path, full: bool) -> Iterator[Tally]:
    yield from bombs.bombs(folder) if full else bombs.bombs(folder, 1 << 25)


def _holders(folder: Path, full: bool) -> Iterator[Tally]:
    yield from holders.held(folder / "held")
    yield from holders.interrupted(folder / "interrupted", 100 if full else 3, SEED)


def _tests(fault: str, how: str, *words: str) -> Run:
    """A fault that tests elsewhere cover: as many trials as there are tests."""

    def ran(folder: Path, full: bool) -> Iterator[Tally]:
        call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "-m", "not slow", *words]
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
        found = re.search(r"(\d+) passed", done.stdout)
        tally = Tally(fault, how, trials=int(found[1]) if found else 0)
        tally.must(done.returncode == 0, f"{' '.join(words)}: {done.stdout[-300:]}")
        yield tally

    return ran


CALENDARS = [f"tests/kernel/test_{name}.py" for name in ("calendar", "clocks", "daycounts", "weeks")]
PAGES = ("tests/report", "tests/test_writers.py")
READERS = ("tests/test_readers.py", "tests/test_mapping.py", "tests/test_forms.py")
FAULTS: dict[str, Run] = {
    "R1": lambda folder, full: kills.killed(folder, 1000 if full else 6, SEED),
    "R2": _disks,
    "R3": lambda folder, full: changes.altered(folder, 1000 if full else 12, SEED),
    "R4": lambda folder, full: again.repeated(folder, 100 if full else 6, SEED),
    "R6": _balances,
    "R7": lambda folder, full: sameness.same(folder, 100 if full else 4, SEED),
    "R8": lambda folder, full: sameness.large(folder, SEED, (2, 90, 93, 1000, 100_000) if full else (2, 93)),
    "R9": _tests("R9 leap days, month ends, weeks", "equal to the oracle", *CALENDARS),
    "R10": lambda folder, full: surroundings.elsewhere(folder, 100 if full else 1, SEED),
    "S1": lambda folder, full: cells.hostile(folder, 300 if full else 60, SEED),
    "S1-pages": _tests("S1 hostile words in pages and CSV", "inert", *PAGES, "-k", "hostile or poison"),
    "S2": lambda folder, full: cells.paths(folder, 50 if full else 0, SEED, 1 if full else 15),
    "S3": _bombs,
    "S4": _tests("S4 ways out of depr sql", "refused; ends in time", "tests/sql/test_query.py"),
    "S5": _tests("S5, S6 numbers, dates, columns, encodings", "read exactly, or refused with the row", *READERS),
    "held": _holders,
}  # fmt: skip


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
    with TemporaryDirectory(prefix="depr-faults-") as folder:
        for name in given.only or FAULTS:
            own = Path(folder) / name
            own.mkdir()
            print(f"{name} ...", file=sys.stderr)
            for tally in FAULTS[name](own / "run", given.full):
                tallies.append(tally)
                print(*cells_of(tally), sep=" | ", flush=True)  # as it comes: the whole takes a while
    console = Console(width=WIDTH)
    console.print(table(tallies), markup=False)
    wrong = [f"{tally.fault}: {what}" for tally in tallies for what in tally.wrong[:5]]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
