"""Drives published cases through the product and prints, by system, how many are reproduced and why the others are not.

Without --cases the cases of tests/examples/cases; the exit code is 1 when one that is not listed in
tests/examples/not_reproduced.toml is not reproduced, or one that is listed is. With --cases DIR any folder of cases in
the same formats, read by the same rules; the exit code is then 0.
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
from tests.conformance import Outcome, run_files

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests" / "examples"
CASES, LISTED = EXAMPLES / "cases", EXAMPLES / "not_reproduced.toml"
COLUMNS = ("cases", "reproduced", "not yet", "other subject")
WIDTH = 160


def listed() -> dict[str, str]:
    """Cases that are known not to be reproduced yet, each with its reason."""
    document = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return {name: entry["why"] for entry in document["case"] for name in entry["ids"]}


def kind(outcome: Outcome) -> str:
    """The column a case is counted in."""
    if outcome.other:
        return "other subject"
    return "reproduced" if outcome.reproduced else "not yet"


def changed(outcomes: Iterable[Outcome], known: dict[str, str]) -> list[str]:
    """Cases whose outcome is not the one that is listed."""
    return [
        f"{o.id} is {'reproduced, but listed as not' if o.reproduced else f'not reproduced: {o.reason}'}"
        for o in outcomes
        if not o.other and o.reproduced == (o.id in known)
    ]


def reasons(outcomes: Iterable[Outcome], known: dict[str, str]) -> str:
    """A line for each reason, with the cases that it holds for."""
    found: dict[str, list[str]] = {}
    for each in outcomes:
        if not each.reproduced and not each.other:
            named = f"{each.id}{' (suspect)' * each.suspect}"
            found.setdefault(known.get(each.id, each.reason), []).append(named)
    return "\n".join(f"{why}: {', '.join(names)}" for why, names in found.items())


def table(outcomes: Sequence[Outcome], known: dict[str, str]) -> Table:
    """One line for each system and one for all, with the reasons."""
    shown = Table(title="Published cases")
    shown.add_column("system")
    for name in COLUMNS:
        shown.add_column(name, justify="right")
    shown.add_column("why not")
    systems = dict.fromkeys(o.system for o in outcomes)
    for system in (*sorted(systems), ""):
        own = [o for o in outcomes if o.system == system or not system]
        counts = [sum(kind(o) == name for o in own) for name in COLUMNS[1:]]
        why = reasons(own, known) if system else ""
        shown.add_row(system or "all", str(len(own)), *map(str, counts), why, end_section=not system)
    return shown


def main(arguments: Sequence[str]) -> int:
    """Runs, prints, compares with the list."""
    parser = argparse.ArgumentParser(description="published cases: system, cases, reproduced, not yet, why not")
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
