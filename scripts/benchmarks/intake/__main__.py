"""Time, processor time and memory of a suggested mapping for a large register: scripts/bench intake [--rows N]."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

HEAD = "Asset No.,Asset Class,Quantity,Acquisition Cost,Purchase Date,In Service Date,Location,Notes"
FIRST = date(2019, 1, 1)
DAYS = 2_500


def register(path: Path, rows: int) -> None:
    """A register of CSV with dates and amounts in a form of its own, the same for the same number of rows."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD + "\n")
        for n in range(rows):
            bought = FIRST + timedelta(days=n * 7919 % DAYS)
            cost = f"{n * 104_729 % 9_000_000 + 1_000:,}.{n % 100:02}"
            day = f"{bought:%d/%m/%Y}"
            file.write(f'FA{n:07},NVIDIA DGX H100,{n % 16 + 1},"{cost}",{day},{day},DC{n % 40},\n')


def spent(folder: Path, file: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak GiB of `depr import FILE --suggest`, with the process that reads the file."""
    words = ("import", str(file), "--suggest", "--out", str(folder / "out.toml"), "--overwrite")
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", "from depr.cli import main; main()", *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, code, usage = os.wait4(child.pid, 0)
    if code:
        raise SystemExit("depr import --suggest failed")
    child.returncode = 0
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


def main() -> None:
    """The least of several runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        file = Path(name) / "register.csv"
        register(file, given.rows)
        measured = [spent(Path(name), file) for _ in range(given.runs)]
    table = Table("rows", "seconds", "processor seconds", "peak GiB", box=None)
    table.add_row(f"{given.rows:,}", *(f"{min(column):.2f}" for column in zip(*measured, strict=True)))
    Console().print(table)


if __name__ == "__main__":
    main()
