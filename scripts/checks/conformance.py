"""Runs published cases and prints, by system, how many are reproduced and why the others are not.

Without --cases the cases of tests/examples/cases; the exit code is 1 when one that is not listed in
tests/examples/not_reproduced.toml is not reproduced, or one that is listed is. With --cases DIR any folder of cases in
the same formats, read with the same mapping; the exit code is then 0.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from depr.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.conformance import Outcome, run_files  # noqa: E402

EXAMPLES = ROOT / "tests" / "examples"
CASES, LISTED = EXAMPLES / "cases", EXAMPLES / "not_reproduced.toml"
COLUMNS = ("cases", "reproduced", "not", "suspect", "outside")
WIDTH = 160


def listed() -> dict[str, str]:
    """Cases that are known not to be reproduced, each with its reason."""
    document = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return {entry["id"]: entry["why"] for entry in document["case"]}


def kind(outcome: Outcome) -> str:
    """The column a case is counted in; suspect ones and those of other subjects are apart, reproduced or not."""
    if outcome.outside:
        return "outside"
    if outcome.suspect:
        return "suspect"
    return "reproduced" if outcome.reproduced else "not"


def changed(outcomes: Iterable[Outcome], known: dict[str, str]) -> list[str]:
    """Cases whose outcome is not the one that is listed."""
    return [
        f"{o.id} is {'reproduced, but listed as not' if o.reproduced else f'not reproduced: {o.reason}'}"
        for o in outcomes
        if not o.outside and o.reproduced == (o.id in known)
    ]


def table(outcomes: Sequence[Outcome], known: dict[str, str]) -> Table:
    """One line for each system, the reasons under each other."""
    shown = Table(title="Published cases")
    shown.add_column("system")
    for name in COLUMNS:
        shown.add_column(name, justify="right")
    shown.add_column("why")
    systems = dict.fromkeys(o.system for o in outcomes)
    for system in (*sorted(systems), ""):
        own = [o for o in outcomes if o.system == system or not system]
        counts = [sum(kind(o) == name for o in own) for name in COLUMNS[1:]]
        apart = [o for o in own if system and not o.outside and not o.reproduced]
        why = "\n".join(f"{o.id}{' (suspect)' * o.suspect}: {known.get(o.id, o.reason)}" for o in apart)
        shown.add_row(system or "all", str(len(own)), *map(str, counts), why, end_section=not system)
    return shown


def main(arguments: Sequence[str]) -> int:
    """Runs, prints, compares with the list."""
    parser = argparse.ArgumentParser(description="published cases: system, cases, reproduced, not, why")
    parser.add_argument("--cases", type=Path, help="a folder of further cases (JSON, and CSV of spreadsheet functions)")
    folder: Path | None = parser.parse_args(arguments).cases
    try:
        outcomes = [outcome for _, outcome in run_files(folder or CASES)]
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    known = {} if folder else listed()
    Console(width=WIDTH).print(table(outcomes, known))
    wrong = [] if folder else changed(outcomes, known)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
