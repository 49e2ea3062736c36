"""Changes the program one small thing at a time and prints, by package, how many changes the tests notice.

    scripts/check mutation [PACKAGE|MODULE ...] [--sample N|all] [--seed S] [--out FILE]

PACKAGE is a folder of depr/, or pipeline or errors; all of them when none is named. MODULE is one file: kernel/curves.
Of a package `--sample` changes are tried, chosen by `--seed` and what stands in the files (mutants/sample.py); with
`all` every change of an operator, constant, statement or result, of each module. A change (mutant): another comparison,
operator, constant or name of a pair such as min and max; a condition or sign turned round; a statement or result taken
away; in a sample also slips (mutants/slips.py) and changes of SQL and of templates (mutants/texts.py). It is killed
when a test fails or does not end. Those that survive are listed; what cannot be told from the original by its results
stands with its reason in mutation_survivors.toml. `raw` is the percentage killed, `score` that of killed and explained.
The exit code is 1 when a survivor is not explained there, an entry there is killed or gone, or less than 90 of a
hundred are killed or explained (95 in a module of which all are tried).

Which tests a change meets is told in mutants/reach.py, how in mutants/trial.py; what survives meets at last those of
mutation_tests.toml and of the nearest files, in a process of their own (mutants/last.py). Packages are done one after
the other; Ctrl-C ends the run at any time with the table so far. With --out each finished package is kept in FILE, and
not done again by a later run as long as neither it nor its tests nor the kinds of change are others; what the tests
call and what killed each change is kept there too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Container, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scripts.checks.mutants import sample
from scripts.checks.mutants.changes import Key, Mutant
from scripts.checks.mutants.last import named
from scripts.checks.mutants.reach import belonging
from scripts.checks.mutants.suite import Note, Suite
from scripts.checks.mutants.trial import notes, outcomes, prepare

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("mutation_survivors.toml")
LEAST_OF_SAMPLE, LEAST_OF_ALL = 90, 95
SAMPLE, SEED = 16, 1
KINDS = ("changes", "sample", "slips", "texts")
"""What says which changes there are."""

Tried = tuple[Mutant, bool]
Results = list[tuple[str, Mutant, bool]]
"""Line of the table, mutant, whether it is killed."""


def explained() -> dict[Key, str]:
    """Why a survivor cannot be told from the original, by its key."""
    listed = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("survivor", [])
    return {(e["module"], e["function"], e["before"], e["after"]): e["why"] for e in listed}


def table(results: Results, known: Iterable[Key]) -> Any:
    """One line for each package or module."""
    from rich.table import Table

    shown, reasons = Table(title="Mutants of depr"), set(known)
    shown.add_column("package")
    for name in ("mutants", "killed", "explained", "unexplained", "raw %", "score %"):
        shown.add_column(name, justify="right")
    for line in (*dict.fromkeys(line for line, *_ in results), ""):
        own = [(mutant, dead) for name, mutant, dead in results if line in ("", name)]
        killed = sum(dead for _, dead in own)
        why = sum(not dead and mutant.key in reasons for mutant, dead in own)
        counts = map(str, (len(own), killed, why, len(own) - killed - why))
        shown.add_row(
            line or "all", *counts, percent(killed, len(own)), percent(killed + why, len(own)), end_section=not line
        )
    return shown


def percent(some: int, whole: int) -> str:
    """Cut to one decimal."""
    permille = 1000 * some // max(whole, 1)
    return f"{permille // 10}.{permille % 10}"


def wrong(results: Results, known: dict[Key, str], least: int) -> Iterator[str]:
    """Survivors without a reason, reasons without a survivor, and packages or modules below the least score."""
    for _, mutant, dead in results:
        if not dead and mutant.key not in known:
            yield told(mutant)
        elif dead and mutant.key in known:
            yield f"explained, but killed: {' | '.join(mutant.key)}"
    for line in dict.fromkeys(line for line, *_ in results):
        own = [dead or mutant.key in known for name, mutant, dead in results if name == line]
        if 100 * sum(own) < least * len(own):
            yield f"{line}: {percent(sum(own), len(own))} % is less than {least}"


def gone(known: Iterable[Key], names: Iterable[str], sources: dict[str, str]) -> Iterator[str]:
    """Reasons for changes that can no longer be made."""
    there = {
        name: {mutant.key for mutant in sample.possible(name, sources[name])}
        for name in {key[0] for key in known} & set(names)
    }
    for key in known:
        if key[0] in there and key not in there[key[0]]:
            yield f"explained, but not there: {' | '.join(key)}"


def told(mutant: Mutant) -> str:
    """A survivor: where it is, what stands there, and what could stand there as well."""
    where = f"{sample.path(mutant.module)}:{mutant.line} {mutant.function or 'on import'}"
    return f"survived: {where} ({mutant.kind})\n    {mutant.before}\n    {mutant.after}"


class Kept:
    """Finished packages and what their tests call, in a file, or nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        there = path is not None and path.exists()
        self._all: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if there and path else {}

    def results(self, line: str, of: str, changes: Sequence[Mutant]) -> list[bool]:
        """Which changes of a package are killed, when it is still the same; else nothing."""
        entry = self._all.get(line, {})
        return entry["dead"] if entry.get("of") == of and len(entry["dead"]) == len(changes) else []

    def killers(self, line: str, changes: Sequence[Mutant]) -> Iterator[tuple[Mutant, str]]:
        """What killed the changes of a package in an earlier run, of those that are still made."""
        by = {tuple(key): test for *key, test in self._all.get(line, {}).get("by", [])}
        return ((mutant, by[mutant.key]) for mutant in changes if mutant.key in by)

    def noted(self, file: Path, sources: dict[str, str]) -> tuple[bool, list[Note]]:
        """Whether a file of tests computes when it is imported, and what its tests call; by an earlier run or now."""
        of, name = sha256(file.read_bytes()).hexdigest(), f"tests of {file}"
        if self._all.get(name, {}).get("of") != of:
            print(f"  noting {file}", file=sys.stderr, flush=True)
            modules = {module: text for module, text in sources.items() if not Path(module).suffix}
            self.write(name, {"of": of, "notes": notes(file, modules)})
        computes, *tests = self._all[name]["notes"] or [False]
        return computes, [tuple(note) for note in tests]

    def write(self, name: str, entry: dict[str, Any]) -> None:
        """Keep something."""
        self._all[name] = entry
        if self._path is not None:
            self._path.write_text(json.dumps(self._all) + "\n", encoding="utf-8")


def digest(files: Iterable[Path], changes: Iterable[Mutant]) -> str:
    """Stands for what a result depends on, in a tree made by `prepare`: the changes, the modules and their tests."""
    parts = [
        path.read_text(encoding="utf-8")
        for path in (*files, *(Path("scripts", "checks", "mutants", f"{name}.py") for name in KINDS))
    ]
    modules = sorted({mutant.module for mutant in changes})
    parts += [test for name in modules for test in named(name)]
    parts += [sample.path(name).read_text(encoding="utf-8") for name in modules]
    return sha256("\0".join([*parts, *("|".join(mutant.key) for mutant in changes)]).encode()).hexdigest()


def asked_for(names: Sequence[str], count: str, seed: int) -> tuple[dict[str, list[Mutant]], dict[str, str]]:
    """The changes to try, by line of the table, and the text of every module. Raises `KeyError` of an unknown name."""
    there = sample.packages(ROOT)
    sources = {sample.module(f): (ROOT / f).read_text(encoding="utf-8") for files in there.values() for f in files}
    lines: dict[str, list[Mutant]] = {}
    for name in names or list(there):
        own = [sample.module(file) for file in there[name]] if name in there else [name]
        if unknown := [module for module in own if module not in sources]:
            raise KeyError(unknown[0])
        if count == "all":
            lines |= {module: sample.every(module, sources[module]) for module in own}
        else:
            lines[name] = sample.chosen({module: sources[module] for module in own}, int(count), seed)
    return lines, sources


def found(
    line: str, changes: list[Mutant], known: Container[Key], kept: Kept, sources: dict[str, str]
) -> Iterator[Tried]:
    """Each change of a package and whether it is killed, in a tree made by `prepare`; survivors are told at once."""
    package = sample.package(line)
    files = belonging(package, tuple({mutant.module for mutant in changes}))
    if before := kept.results(line, of := digest(files, changes), changes):
        yield from zip(changes, before, strict=True)
        return
    noted = {str(file): kept.noted(file, sources) for file in files}
    computing = [file for file, (computes, _) in noted.items() if computes]
    suite = Suite(package, [note for _, own in noted.values() for note in own], computing)
    for mutant, test in kept.killers(line, changes):
        suite.remember(mutant, test)
    print(
        f"{line}: {len(changes)} mutants, {len(suite.seconds)} tests of {len(files)} files", file=sys.stderr, flush=True
    )
    dead: dict[Key, bool] = {}
    for number, (mutant, killed) in enumerate(outcomes(suite, files, changes, known), 1):
        dead[mutant.key] = killed
        by = [[*key, test] for key, test in suite.by.items()]
        kept.write(line, {"of": "", "dead": [], "by": by})
        if not killed and mutant.key not in known:
            print(told(mutant), file=sys.stderr, flush=True)
        if number % 10 == 0:
            print(f"  {line}: {number} of {len(changes)}", file=sys.stderr, flush=True)
        yield mutant, killed
    kept.write(line, {"of": of, "dead": [dead[mutant.key] for mutant in changes], "by": by})


def main(arguments: Sequence[str]) -> int:
    """Copies, runs, prints, compares with the list."""
    from rich.console import Console

    parser = argparse.ArgumentParser(description="mutants of depr: how many the tests notice, and which not")
    parser.add_argument("name", nargs="*", help="packages, or modules such as kernel/curves; all when none is named")
    parser.add_argument("--sample", default=str(SAMPLE), help=f"how many changes of a package, or all ({SAMPLE})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"chooses the sample ({SEED})")
    parser.add_argument("--out", type=Path, help="a file that keeps finished packages for the next run")
    asked = parser.parse_args(arguments)
    if asked.sample != "all" and not (asked.sample.isdecimal() and int(asked.sample)):
        parser.error("--sample is a number of changes, or all")
    try:
        lines, sources = asked_for(asked.name, asked.sample, asked.seed)
    except KeyError as unknown:
        print(
            f"no such package or module: {unknown.args[0]}; there are: {', '.join(sample.packages(ROOT))}",
            file=sys.stderr,
        )
        return 2
    known, kept, ended = explained(), Kept(asked.out and asked.out.resolve()), False
    results: Results = []
    with TemporaryDirectory(prefix="depr-mutation-") as folder:
        prepare(ROOT, Path(folder))
        try:
            for line, changes in lines.items():
                for mutant, dead in found(line, changes, known, kept, sources):
                    results.append((line, mutant, dead))
            ended = True
        except KeyboardInterrupt:
            print("stopped: the table is not whole", file=sys.stderr)
        os.chdir(ROOT)
    Console(width=120).print(table(results, known))
    least = LEAST_OF_ALL if asked.sample == "all" else LEAST_OF_SAMPLE
    modules = [mutant.module for changes in lines.values() for mutant in changes]
    faults = [*wrong(results, known, least), *gone(known, modules, sources)] if ended else []
    print(*faults, sep="\n", end="\n" if faults else "")
    return int(bool(faults) or not ended)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
