"""Changes the arithmetic one small thing at a time and prints, by module, how many changes the tests notice.

    scripts/check mutation [MODULE...] [--out FILE]    all modules of depr/kernel, or those named: curves shares

A change (mutant): another comparison, operator, constant or name of a pair such as min and max; a condition or sign
turned round; a statement or result taken away. It is killed when a test fails or does not end. Those that survive are
listed; what cannot be told from the original by its results stands with its reason in mutation_survivors.toml. `raw` is
the percentage killed, `score` that of killed and explained. The exit code is 1 when a survivor is not explained there,
an entry there is killed or gone, or a score is below 95.

How the tests meet them is told in mutants/trial.py. Modules are done one after the other; Ctrl-C ends the run at any
time with the table so far. With --out each finished module is kept in FILE, and not done again by a later run as long
as neither it nor its tests nor the kinds of change are others.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mutants.changes import Mutant, mutants
from mutants.trial import KERNEL, Suite, forked, noted, outcomes, prepare, tests

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("mutation_survivors.toml")
LEAST_PERCENT = 95
Key = tuple[str, str, str, str]
Results = list[tuple[Mutant, bool]]


def explained(modules: Iterable[str]) -> dict[Key, str]:
    """Why a survivor cannot be told from the original, by its key."""
    listed = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("survivor", [])
    return {(e["module"], e["function"], e["before"], e["after"]): e["why"] for e in listed if e["module"] in modules}


def table(results: Results, known: Iterable[Key]) -> Any:
    """One line for each module."""
    from rich.table import Table

    shown, reasons = Table(title="Mutants of depr/kernel"), set(known)
    shown.add_column("module")
    for name in ("mutants", "killed", "explained", "unexplained", "raw %", "score %"):
        shown.add_column(name, justify="right")
    for module in (*dict.fromkeys(mutant.module for mutant, _ in results), ""):
        own = [(mutant, dead) for mutant, dead in results if module in ("", mutant.module)]
        killed = sum(dead for _, dead in own)
        why = sum(not dead and mutant.key in reasons for mutant, dead in own)
        counts = map(str, (len(own), killed, why, len(own) - killed - why))
        shown.add_row(
            module or "all", *counts, percent(killed, len(own)), percent(killed + why, len(own)), end_section=not module
        )
    return shown


def percent(some: int, whole: int) -> str:
    """Cut to one decimal."""
    permille = 1000 * some // max(whole, 1)
    return f"{permille // 10}.{permille % 10}"


def wrong(results: Results, known: dict[Key, str]) -> Iterator[str]:
    """Survivors without a reason, reasons without a survivor, and modules below the least score."""
    alive, there = {mutant.key for mutant, dead in results if not dead}, {mutant.key for mutant, _ in results}
    for mutant, dead in results:
        if not dead and mutant.key not in known:
            yield told(mutant)
    for key in known:
        if key not in alive:
            yield f"explained, but {'killed' if key in there else 'not there'}: {' | '.join(key)}"
    for module in dict.fromkeys(mutant.module for mutant, _ in results):
        own = [dead or mutant.key in known for mutant, dead in results if mutant.module == module]
        if 100 * sum(own) < LEAST_PERCENT * len(own):
            yield f"{module}: {percent(sum(own), len(own))} % is less than {LEAST_PERCENT}"


def told(mutant: Mutant) -> str:
    """A survivor: where it is, what stands there, and what could stand there as well."""
    where = f"{KERNEL}/{mutant.module}.py:{mutant.line} {mutant.function or 'on import'}"
    return f"survived: {where}\n    {mutant.before}\n    {mutant.after}"


def in_order(module: str, source: str) -> list[Mutant]:
    """The mutants of a module as they are tried: those of functions first."""
    return sorted(mutants(module, source), key=lambda mutant: not mutant.function)


def found(module: str, source: str, known: Iterable[Key]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant of a module and whether it is killed, in a tree made by `prepare`; new survivors are told at once."""
    suite = Suite(forked(lambda say: noted(say, {module: source}, tests([module]))))
    print(f"{module}: {len(suite.seconds)} tests", file=sys.stderr, flush=True)
    for mutant, dead in outcomes(suite, in_order(module, source)):
        if not dead and mutant.key not in known:
            print(told(mutant), file=sys.stderr, flush=True)
        yield mutant, dead


class Kept:
    """The killed and surviving mutants of finished modules, in a file, or nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        there = path is not None and path.exists()
        self._modules: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if there and path else {}

    def read(self, module: str, source: str) -> Results:
        """What is kept of a module that is still the same, or nothing."""
        entry = self._modules.get(module)
        if entry is None or entry["of"] != digest(source, module):
            return []
        return list(zip(in_order(module, source), entry["dead"], strict=True))

    def write(self, module: str, source: str, results: Results) -> None:
        """Keep a finished module."""
        if self._path is not None:
            self._modules[module] = {"of": digest(source, module), "dead": [dead for _, dead in results]}
            self._path.write_text(json.dumps(self._modules, indent=1) + "\n", encoding="utf-8")


def digest(source: str, module: str) -> str:
    """Stands for what a result depends on, in a tree made by `prepare`: the module, its tests, the kinds of change."""
    files = [*map(Path, tests([module])), *sorted(Path("scripts", "checks", "mutants").glob("*.py"))]
    return sha256("\0".join([source, *(path.read_text(encoding="utf-8") for path in files)]).encode()).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Copies, runs, prints, compares with the list."""
    from rich.console import Console

    parser = argparse.ArgumentParser(description="mutants of depr/kernel: how many the tests notice, and which not")
    parser.add_argument("module", nargs="*", help="modules of depr/kernel; all when none is named")
    parser.add_argument("--out", type=Path, help="a file that keeps finished modules for the next run")
    every = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / KERNEL).glob("[a-z]*.py"))}
    asked = parser.parse_args(arguments)
    names = asked.module or list(every)
    if unknown := [name for name in names if name not in every]:
        print(f"no such module: {', '.join(unknown)}; there are: {', '.join(every)}", file=sys.stderr)
        return 2
    known, kept, ended = explained(names), Kept(asked.out and asked.out.resolve()), False
    results: Results = []
    with TemporaryDirectory(prefix="depr-mutation-") as folder:
        prepare(ROOT, Path(folder))
        try:
            for name in names:
                if done := kept.read(name, every[name]):
                    results += done
                    continue
                start = len(results)
                for result in found(name, every[name], known):
                    results.append(result)
                kept.write(name, every[name], results[start:])
            ended = True
        except KeyboardInterrupt:
            print("stopped: the table is not whole", file=sys.stderr)
        os.chdir(ROOT)
    Console(width=120).print(table(results, known))
    faults = list(wrong(results, known)) if ended else []
    print(*faults, sep="\n", end="\n" if faults else "")
    return int(bool(faults) or not ended)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
