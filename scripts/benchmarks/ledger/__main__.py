"""Import, positions and verification of a large ledger beside a plain SQLite insert: scripts/bench ledger --help."""

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
    ("sqlite", "parquet", "plain SQLite insert, nothing checked"),
    ("import_files", "parquet", "import from Parquet: checked, hashed, sealed, originals kept"),
    ("import_files", "csv", "import from CSV: the same"),
    ("positions", "parquet", "what is held of every lot on a date"),
    ("verify", "parquet", "verify: every byte, event and kept file"),
)
GIB = 2**30


def step(name: str, folder: Path, *arguments: object) -> Any:
    """The answer of a step run in its own process (child.py)."""
    command = [sys.executable, "-m", "scripts.benchmarks.ledger.child", name, str(folder), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def shown(found: list[dict[str, Any]]) -> Table:
    """Seconds, rows a second, peak memory and the ratio to the plain insert of the same run."""
    table = Table(box=None)
    for name in ("step", "rows", "seconds", "rows a second", "peak GiB", "times SQLite's seconds"):
        table.add_column(name, justify="left" if name == "step" else "right")
    plain = found[0]["seconds"]
    for each in found:
        speed, peak, ratio = each["rows"] / each["seconds"], each["peak"] / GIB, each["seconds"] / plain
        cells = f"{each['rows']:,}", f"{each['seconds']:.2f}", f"{speed:,.0f}", f"{peak:.2f}", f"{ratio:.2f}"
        table.add_row(each["step"], *cells)
    return table


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--out", type=Path, help="write the measurements as JSON")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        step("prepare", folder, given.lots, given.events)
        found = [{"step": title, **step(what, folder, suffix)} for what, suffix, title in STEPS]
    Console().print(shown(found))
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
