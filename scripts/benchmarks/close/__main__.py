"""Post a month of a large fleet, and what is known since, beside a plain insert of the lines: scripts/bench close."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

STEPS = (
    ("difference", "what was posted of two months to what is known: 1,000 lots came late"),
    ("post", "the next month, and those differences: recorded, chained, sealed"),
    ("sqlite", "plain SQLite insert of the same lines"),
)
GIB = 2**30


def step(name: str, folder: Path, *arguments: object) -> Any:
    """The answer of a step run in its own process (child.py)."""
    command = [sys.executable, "-m", "scripts.benchmarks.close.child", name, str(folder), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=200_000)
    parser.add_argument("--out", type=Path, help="write the measurements as JSON")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        step("prepare", Path(name), given.lots)
        found = [{"step": title, **step(what, Path(name))} for what, title in STEPS]
    table = Table(box=None)
    for column in ("step", "lots", "lines", "seconds", "processor", "peak GiB"):
        table.add_column(column, justify="left" if column == "step" else "right")
    for each in found:
        cells = f"{given.lots:,}", f"{each['lines']:,}", f"{each['seconds']:.2f}", f"{each['processor']:.2f}"
        table.add_row(each["step"], *cells, f"{each['peak'] / GIB:.2f}")
    Console(width=140).print(table)
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
