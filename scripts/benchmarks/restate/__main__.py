"""Speed and memory of a restatement of a large fleet under many lives and modes: scripts/bench restate --help."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

LOTS, QUICK_LOTS, COMPARED_LOTS, REPEAT = 200_000, 20_000, 2_000, 3
GIB = 2**30
TITLES = {
    "fleet": "one fleet: lives 12 to 120 months x as_if, prospective, retrospective, by quarter and year",
    "issuers": "the six fleets that ship: 100 lives, as_if",
}


def step(name: str, *arguments: object) -> Any:
    """The answer of a step run in its own process (child.py)."""
    command = [sys.executable, "-m", "scripts.benchmarks.restate.child", name, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measured(name: str, repeat: int, *arguments: object) -> dict[str, Any]:
    """The best of some runs."""
    runs = [step(name, *arguments) for _ in range(repeat)]
    best = min(runs, key=lambda run: run["seconds"])
    print(f"{TITLES[name]}: {best['seconds']:.2f} s", file=sys.stderr, flush=True)
    return {"what": name, "runs_seconds": [run["seconds"] for run in runs], **best}


def shown(found: list[dict[str, Any]]) -> Table:
    table = Table("", "lots", "restatements", "rows", "seconds", "peak GiB", "cpu s", "others")
    for run in found:
        table.add_row(
            TITLES[run["what"]],
            f"{run['lots']:,}",
            f"{run['cases']:,}",
            f"{run['rows']:,}",
            f"{run['seconds']:.2f}",
            f"{run['peak_bytes'] / GIB:.2f}",
            f"{run['processor_seconds']:.1f}",
            f"{run['others_processors']:.1f}",
        )
    return table


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench restate", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small fleet, once: not a figure to quote")
    parser.add_argument("--lots", type=int, help="lots of the fleet")
    parser.add_argument("--repeat", type=int, help="runs of each; the best is shown, all are in the file")
    parser.add_argument("--out", type=Path, help="write everything measured to a JSON file")
    return parser.parse_args()


def main() -> int:
    given = options()
    lots = given.lots or (QUICK_LOTS if given.quick else LOTS)
    repeat = given.repeat or (1 if given.quick else REPEAT)
    found = [measured("fleet", repeat, lots), measured("issuers", repeat)]
    differing = step("compare", COMPARED_LOTS)
    console = Console(width=170)
    console.print(f"\nFrom lots to restated statements, the best of {repeat}, each in its own process.", shown(found))
    console.print("others: processors that were busy with something else meanwhile; what they take is missing here.")
    console.print(f"Over {COMPARED_LOTS:,} lots the schedule of every lot gives other amounts in {differing} rows.")
    if given.out:
        text = json.dumps({"measured": found, "differing": differing}, indent=2)
        given.out.write_text(text + "\n", encoding="utf-8")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
