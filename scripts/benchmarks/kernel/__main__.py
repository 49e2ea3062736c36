"""Speed and memory of the schedule beside a Decimal loop and pandas, and how both grow: scripts/bench kernel --help."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

TITLES = {
    "decimal": "Decimal loop",
    "pandas": "pandas, vectorised",
    "kernel": "depr, the kernel",
    "macro": "depr, the macro in SQL",
}


@dataclass(frozen=True)
class Plan:
    """How many lots side by side, how often, and the sizes at which growth is looked at."""

    lots: int
    repeat: int
    growth: tuple[int, ...]


OURS = ("kernel", "macro")
MOST_LOTS = {"decimal": 20_000, "pandas": 200_000}
"""The slow ones run on the first lots of the fleet; their rows a second are compared, not their seconds."""

FULL = Plan(lots=2_000_000, repeat=3, growth=(10_000, 100_000, 1_000_000, 10_000_000))
QUICK = Plan(lots=100_000, repeat=1, growth=(10_000, 100_000))
MILLION, GIB = 10**6, 2**30


def step(name: str, *arguments: object) -> Any:
    """The answer of a step run in its own process (child.py)."""
    command = [sys.executable, "-m", "scripts.benchmarks.kernel.child", name, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measured(name: str, folder: Path, lots: int, repeat: int) -> dict[str, Any]:
    """The best of some runs of one contender."""
    step("prepare", folder, lots)
    runs = [step("measure", name, folder, folder / f"{name}.parquet") for _ in range(repeat)]
    best = min(runs, key=lambda run: run["seconds"])
    speeds = [round(run["rows"] / run["seconds"]) for run in runs]
    return {"contender": name, "lots": lots, "rows_per_second": max(speeds), "runs_rows_per_second": speeds, **best}


def side_by_side(folder: Path, lots: int, repeat: int) -> list[dict[str, Any]]:
    """Every contender on the same lots, the slow ones on the first of them, and the sums of what they wrote."""
    found = []
    for name in TITLES:
        found.append(measured(name, folder, min(lots, MOST_LOTS.get(name, lots)), repeat))
        say(f"{TITLES[name]}: {found[-1]['rows_per_second'] / MILLION:.2f} M rows/s")
    return found


def differing(folder: Path, found: list[dict[str, Any]]) -> list[str]:
    """Pairs of contenders whose schedules do not add up to the same over the lots they share."""
    reference, wrong = found[-1], []
    for other in found[:-1]:
        lots = min(other["lots"], reference["lots"])
        both = [step("sums", folder / f"{run['contender']}.parquet", lots) for run in (other, reference)]
        other["sums"] = both[0]
        if both[0] != both[1]:
            wrong.append(f"{other['contender']} and {reference['contender']} over {lots:,} lots: {both[0]} {both[1]}")
    return wrong


def growth(folder: Path, sizes: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """Each engine on fleets of growing size, one run each."""
    for lots in sizes:
        for name in OURS:
            yield measured(name, folder, lots, 1)
            (folder / f"{name}.parquet").unlink()
            say(f"{name}, {lots:,} lots: done")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def compared(found: list[dict[str, Any]]) -> Table:
    slowest = found[0]["rows_per_second"]
    table = Table("", "lots", "rows", "seconds", "M rows/s", "times the loop", "peak GiB", "B/row", "cpu s", "others")
    for run in found:
        table.add_row(
            TITLES[run["contender"]],
            f"{run['lots']:,}",
            f"{run['rows']:,}",
            f"{run['seconds']:.2f}",
            f"{run['rows_per_second'] / MILLION:.2f}",
            f"{run['rows_per_second'] / slowest:.0f}",
            f"{run['peak_bytes'] / GIB:.2f}",
            f"{run['bytes'] / run['rows']:.1f}",
            f"{run['processor_seconds']:.1f}",
            f"{run['others_processors']:.1f}",
        )
    return table


def grown(found: list[dict[str, Any]]) -> Table:
    table = Table("lots", "rows", *(f"{name} {unit}" for name in OURS for unit in ("s", "M rows/s", "GiB")))
    for lots in sorted({run["lots"] for run in found}):
        runs = [run for run in found if run["lots"] == lots]
        cells = [
            (f"{run['seconds']:.2f}", f"{run['rows_per_second'] / MILLION:.1f}", f"{run['peak_bytes'] / GIB:.2f}")
            for run in runs
        ]
        table.add_row(f"{lots:,}", f"{runs[0]['rows']:,}", *(cell for row in cells for cell in row))
    return table


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts = {"processors": len(os.sched_getaffinity(0)), "memory_gib": round(memory / GIB)}
    return {**facts, "python": platform.python_version(), **step("versions")}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench kernel", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small fleet, once: a minute, not a figure to quote")
    parser.add_argument("--lots", type=int, help="lots measured side by side")
    parser.add_argument("--repeat", type=int, help="runs of each; the best is shown, all are in the file")
    parser.add_argument("--no-growth", action="store_true", help="leave out the fleets of growing size")
    parser.add_argument("--out", type=Path, help="write everything measured to a JSON file")
    parser.add_argument("--folder", type=Path, help="where the schedules are written for the time being")
    return parser.parse_args()


def main() -> int:
    given = options()
    plan = QUICK if given.quick else FULL
    lots, repeat = given.lots or plan.lots, given.repeat or plan.repeat
    with TemporaryDirectory(prefix="depr-bench-", dir=given.folder) as name:
        folder = Path(name)
        found = side_by_side(folder, lots, repeat)
        wrong = differing(folder, found)
        sizes = list(growth(folder, () if given.no_growth else plan.growth))
    result = {"machine": machine(), "side_by_side": found, "growth": sizes, "differences": wrong}
    report(result, repeat)
    if given.out:
        given.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 1 if wrong else 0


def report(result: dict[str, Any], repeat: int) -> None:
    console, facts = Console(width=140), result["machine"]
    console.print(
        f"\nFrom segments to the expanded schedule in Parquet; the best of {repeat}, each in its own process."
    )
    console.print(", ".join(f"{name} {value}" for name, value in facts.items()))
    console.print(compared(result["side_by_side"]))
    console.print("Decimal loop and pandas run on the first lots of the fleet; their ratio is one of rows a second.")
    console.print("others: processors that were busy with something else meanwhile; what they take is missing here.")
    sums = "\n".join(result["differences"]) or "Sums of every column are equal over the lots that two of them share."
    console.print(sums)
    if result["growth"]:
        console.print("\nGrowth, one run each:", grown(result["growth"]))


if __name__ == "__main__":
    sys.exit(main())
