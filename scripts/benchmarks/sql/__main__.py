"""SQL over a large fleet in plain DuckDB, beside a recursive CTE and a generate_series: scripts/bench sql --help."""

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

LOTS, QUICK_LOTS, NAIVE_LOTS, REPEAT = 1_000_000, 20_000, 20_000, 3
GIB, MILLION = 2**30, 10**6
MACROS = {
    "first_answer": "first answer after opening the file: what it holds",
    "first_figures": "first figures after opening the file: FROM fleet",
    "one_life": "understatement by quarter and generation, life of 3 years",
    "ten_lives": "the same, lives of 1 to 10 years",
    "expanded": "schedule(life_years := 6, grain := 'month') to Parquet",
}
NAIVE = {
    "sqlite": "recursive CTE in SQLite, to a table",
    "generated": "generate_series in DuckDB, 128-bit division, to Parquet",
}


def step(name: str, folder: Path, *arguments: object) -> Any:
    """The answer of a step run in its own process (child.py)."""
    command = [sys.executable, "-m", "scripts.benchmarks.sql.child", name, str(folder), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measured(title: str, repeat: int, name: str, folder: Path, *arguments: object) -> dict[str, Any]:
    """The best of some runs."""
    runs = [step(name, folder, *arguments) for _ in range(repeat)]
    best = min(runs, key=lambda run: run["seconds"])
    print(f"{title}: {best['seconds']:.2f} s", file=sys.stderr, flush=True)
    return {"what": name, "title": title, "runs_seconds": [run["seconds"] for run in runs], **best}


def shown(found: list[dict[str, Any]]) -> Table:
    table = Table("", "rows", "seconds", "M rows/s", "peak GiB", "cpu s", "others")
    for run in found:
        table.add_row(
            run["title"],
            f"{run['rows']:,}",
            f"{run['seconds']:.3f}",
            f"{run['rows'] / run['seconds'] / MILLION:.2f}",
            f"{run['peak_bytes'] / GIB:.2f}",
            f"{run['processor_seconds']:.1f}",
            f"{run['others_processors']:.1f}",
        )
    return table


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench sql", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small fleet, once: not a figure to quote")
    parser.add_argument("--lots", type=int, help="lots of the fleet")
    parser.add_argument("--naive-lots", type=int, default=NAIVE_LOTS, help="lots that the other two are asked about")
    parser.add_argument("--repeat", type=int, help="runs of each; the best is shown, all are in the file")
    parser.add_argument("--out", type=Path, help="write everything measured to a JSON file")
    return parser.parse_args()


def main() -> int:
    given = options()
    lots = given.lots or (QUICK_LOTS if given.quick else LOTS)
    repeat, few = given.repeat or (1 if given.quick else REPEAT), min(given.naive_lots, lots // 2)
    with TemporaryDirectory(prefix="depr-bench-") as name:
        folder = Path(name)
        made = {"what": "prepare", "title": "depr prepare: ten lives, straight line", **step("prepare", folder, lots)}
        found = [made, *(measured(title, repeat, what, folder) for what, title in MACROS.items())]
        found += [measured(title, repeat, what, folder, few) for what, title in NAIVE.items()]
        sums = {what: step(what, folder, few)["sums"] for what in (*NAIVE, "by_macro")}
    console = Console(width=140)
    console.print(f"\n{lots:,} lots, the best of {repeat}, each in its own process; the last two {few:,} lots.")
    console.print(shown(found))
    console.print("others: processors that were busy with something else meanwhile; what they take is missing here.")
    equal = len({tuple(each) for each in sums.values()}) == 1
    console.print(f"Rows, depreciation and accumulation of {few:,} lots under all three: {'equal' if equal else sums}.")
    if given.out:
        text = json.dumps({"lots": lots, "measured": found, "sums": sums}, indent=2)
        given.out.write_text(text + "\n", encoding="utf-8")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
