"""The same commands under another time zone, locale, hash seed and number of threads: the same bytes.

Run as a program it is one such run: a fixed clock, every command in turn, all that it prints and writes in a folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

from depr import cli
from depr.ledger import store
from tests.faults.stories import fleet
from tests.faults.tally import Tally
from tests.ledger.samples import RECORDED, write

ROOT = Path(__file__).parents[2]
LOTS = 80
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Taipei")
LOCALES = ("C", "C.UTF-8", "en_US.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_SA.UTF-8", "zh_TW.UTF-8", "POSIX")
COMMANDS = (
    "init fleet.duckdb",
    "import fleet.duckdb purchases.csv events.csv --format csv",
    "check fleet.duckdb chain",
    "close fleet.duckdb META 2024-12",
    "record fleet.duckdb transfer LOT-00000 2030-01-31 --location Malmö --reason moved",
    "schedule fleet.duckdb --book 3y --format csv",
    "schedule fleet.duckdb --book life-6y --grain month --out schedule.parquet",
    "schedule fleet.duckdb --book 37m --grain quarter --out schedule.csv",
    "rollforward fleet.duckdb --book meta-reported --through 2026-12-31 --by generation,location --format csv",
    "rollforward fleet.duckdb --book life-6y --through 2026-12-31 --grain year --format json",
    "journal fleet.duckdb 2024 --book 3y --format hledger",
    "holdings fleet.duckdb --by issuer,location,status",
    "restate fleet.duckdb --issuer META --lives 1,3 --years 2022-2024 --format csv",
    "report fleet.duckdb --issuer META --years 2023-2024 --out pages",
    "explain fleet.duckdb LOT-00001 2024-03 --book life-6y",
    "sql fleet.duckdb 'FROM lots ORDER BY lot_id' --format csv",
    "source fleet.duckdb 1 --out original.csv",
)


def one_run(folder: Path) -> None:
    """Every command, its output and errors in one file."""
    store.utc = lambda moment: RECORDED.replace(tzinfo=None)
    os.chdir(folder)
    hook = sys.excepthook
    with Path("printed.txt").open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        for number, line in enumerate(COMMANDS):
            file.write(f"$ {line}\n")
            words = [word.strip("'") for word in line.split(" ")] if "'" not in line else _quoted(line)
            sys.argv = ["depr", *words]
            try:
                cli.main()
            except SystemExit as end:
                file.write(f"exit {number}: {end.code}\n" * bool(end.code))
    sys.excepthook = hook


def _quoted(line: str) -> list[str]:
    before, inside, after = line.split("'")
    return [*before.split(), inside, *after.split()]


def surroundings(random: Random) -> dict[str, str]:
    """Another environment."""
    locale = random.choice(LOCALES)
    chosen = {"TZ": random.choice(ZONES), "LANG": locale, "LC_ALL": locale, "LC_NUMERIC": random.choice(LOCALES)}
    chosen |= {"PYTHONHASHSEED": str(random.randrange(2**32)), "PYTHONUTF8": random.choice("01")}
    return chosen | {"POLARS_MAX_THREADS": random.choice("1237"), "COLUMNS": random.choice(["20", "80", "300"])}


def outputs(folder: Path, variables: dict[str, str]) -> dict[str, bytes]:
    """What one run prints and writes; the ledger itself is not an output."""
    folder.mkdir(parents=True)
    bought, events = fleet(Random(10), LOTS)
    write(folder / "purchases.csv", *bought)
    write(folder / "events.csv", *events)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.surroundings", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    files = sorted(each for each in folder.rglob("*") if each.is_file() and "fleet.duckdb" not in each.name)
    return {str(each.relative_to(folder)): each.read_bytes() for each in files}


def elsewhere(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """Runs under other surroundings, against the first one."""
    tally = Tally("R10 time zone, locale, hash seed, threads, width", "")
    random = Random(seed)
    chosen = [surroundings(random) for _ in range(trials + 1)]
    with ThreadPoolExecutor(2) as pool:
        first, *others = pool.map(lambda n: outputs(folder / str(n), chosen[n]), range(trials + 1))
    for variables, other in zip(chosen[1:], others, strict=True):
        tally.trials += 1
        wrong = [name for name in {*first, *other} if first.get(name) != other.get(name)]
        tally.must(not wrong, f"{variables}: other bytes of {sorted(wrong)}", torn=True)
    said = first["printed.txt"].decode()
    tally.must("exit" not in said and "Traceback" not in said, said[-2000:])
    tally.how = f"{len(COMMANDS)} commands in each, {len(first)} files: the same bytes"
    yield tally


if __name__ == "__main__":
    one_run(Path(sys.argv[1]))
