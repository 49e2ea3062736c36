"""The tests that belong to a package: what each costs and calls, and the order in which a mutant meets them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.checks.mutants.changes import Key, Mutant, places
from scripts.checks.mutants.reach import nearness

MOST_TESTS, MOST_SECONDS = 400, 15.0
"""That a mutant meets, at the usual pace of the tests."""

ALONE = 3
"""Cases of one test that come before those of other tests."""

NEW_LEDGER = "sql/install install"
"""What makes a new ledger: a call that is not seen where one is taken from the cache."""

Note = tuple[str, bool, float, float, list[str]]
"""A test: its name, whether it passes, the seconds it takes and those of its fixtures, what it calls."""


def watched(source: str, module: str) -> ast.Module:
    """A module whose functions say that they are called."""
    tree = ast.parse(source)
    for path in [p for p in places(tree, ()) if isinstance(p[-1], ast.FunctionDef)]:
        if not any(isinstance(node, ast.FunctionDef) for node in path[:-1]):
            name = ".".join(node.name for node in path if hasattr(node, "name"))
            told = ast.parse(f"__called__({f'{module} {name}'!r})").body
            place = int(ast.get_docstring(path[-1]) is not None)  # type: ignore[arg-type]  # what it says stays first
            path[-1].body[place:place] = told  # type: ignore[attr-defined]
    return ast.fix_missing_locations(tree)


class Suite:
    """The tests of a package; which killed a mutant is remembered (`by`), the last one first."""

    def __init__(self, package: str, notes: Iterable[Note], computing: Iterable[str] = ()) -> None:
        listed, self.computing = list(notes), set(computing)
        self.sound, self.unsound = set[str](), set[str]()
        if failing := [name for name, good, *_ in listed if not good] or not listed:
            print(f"{package}: left out, for they fail unchanged: {failing}", file=sys.stderr)
        good = [note for note in listed if note[1]]
        self.seconds = {name: seconds + fixtures for name, _, seconds, fixtures, _ in good}
        self._own = {name: seconds for name, _, seconds, *_ in good}
        self._calls = {name: set(calls) for name, *_, calls in good}
        self.package, self._killers = package, dict[str, list[str]]()
        self.by: dict[Key, str] = {}
        making = set().union(*(c for c in self._calls.values() if NEW_LEDGER in c))
        made = {call for call in making if call.split("/")[0] in ("sql", "contract", "ledger")}
        self._made = {call for call in made if call.split()[0] in ("sql/install", "sql/placing") or _makes(call)}
        for calls in self._calls.values():
            if "sql/template copy" in calls:
                calls.update(self._made)
        self._near: dict[str, dict[str, int]] = {}
        self._texts: dict[str, str] = {}

    def some(self) -> list[str]:
        """A few quick tests, to see whether tests run at all."""
        return sorted(self.seconds, key=self.seconds.__getitem__)[:20]

    def goes_into_new_ledgers(self, mutant: Mutant) -> bool:
        """Whether what a mutant changes is written into every new ledger."""
        if not mutant.function:
            return mutant.module.split("/")[0] in ("contract", "sql") or mutant.module.startswith("depr/sql")
        return f"{mutant.module} {mutant.function}" in self._made

    def order(self, mutant: Mutant) -> list[str]:
        """The tests that can see a mutant: those that killed its neighbours first, then the nearest and quickest.

        Files that are equally near take turns, so that none uses up the time of the others.
        """
        place = f"{mutant.module} {mutant.function}"
        seen = [test for test in self._calls if self._sees(test, mutant, place)]
        late = {name: -n for n, name in enumerate(self._killers.get(place, []), 1)}
        cases: dict[str, int] = {}
        turns: dict[str, int] = {}
        ranked = []
        for test in sorted(seen, key=self._own.__getitem__):
            name = test.partition("[")[0]
            cases[name] = cases.get(name, 0) + 1
            file = test.partition("::")[0]
            turns[file] = turns.get(file, 0) + 1
            turn = (self.seconds[test] > 2, turns[file], file)
            key = (late.get(test, 0), cases[name] > ALONE, self._apart(file, mutant), *turn)
            ranked.append((key, test))
        kept: list[str] = []
        spent = 0.0
        for _, test in sorted(ranked, key=lambda pair: pair[0])[:MOST_TESTS]:
            spent += self._own[test]
            if kept and spent > MOST_SECONDS:
                break
            kept.append(test)
        return kept

    def _sees(self, test: str, mutant: Mutant, place: str) -> bool:
        calls = self._calls[test]
        if mutant.function:
            return place in calls
        if isinstance(mutant.tree, ast.Module):
            return self._apart(test.partition("::")[0], mutant) < 4 or any(c.startswith(mutant.module) for c in calls)
        return (
            NEW_LEDGER in calls if mutant.module.endswith(".sql") else any(c.startswith("report/build") for c in calls)
        )

    def _apart(self, file: str, mutant: Mutant) -> int:
        """How far a file of tests is from a mutant; one that speaks of the macro or view it is in is near."""
        near = self._near.setdefault(mutant.module, {})
        if file not in near:
            found = nearness(Path(file), self.package, mutant.module)
            near[file] = 5 if found is None else found
        if not mutant.module.endswith(".sql"):
            return near[file]
        text = self._texts.setdefault(file, Path(file).read_text(encoding="utf-8"))
        name = defined(mutant)
        return near[file] if name and re.search(rf"\b{name}\b", text) else 5 + near[file]

    def drop(self, test: str) -> None:
        """Leave out a test that fails without a mutant."""
        print(f"{self.package}: left out, for it fails unchanged: {test}", file=sys.stderr, flush=True)
        del self._calls[test], self.seconds[test]

    def killed(self, mutant: Mutant, test: str) -> None:
        """Remember what killed a mutant."""
        self.sound.add(test)
        self.remember(mutant, test)

    def remember(self, mutant: Mutant, test: str) -> None:
        """Let a mutant, and its neighbours, meet first what killed it, now or in an earlier run."""
        self.by[mutant.key] = test
        known = self._killers.setdefault(f"{mutant.module} {mutant.function}", [])
        known[:] = [*(name for name in known if name != test), test]


def _makes(call: str) -> bool:
    """Whether a function belongs to what makes a new ledger."""
    return call.split("/")[0] == "contract" or call.startswith(("sql/prepared", "sql/help", "sql/examples", "sql/rows"))


def defined(mutant: Mutant) -> str:
    """The macro, view or table in whose definition a changed text lies."""
    lines = str(mutant.tree).splitlines()[: mutant.line]
    found = re.findall(r"CREATE[\w ]*? (?:MACRO|VIEW|TABLE) (?:IF NOT EXISTS )?\"?(\w+)", "\n".join(lines))
    return found[-1] if found else ""
