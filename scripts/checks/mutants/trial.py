"""How the tests meet a mutant: collected once, in a copy of the tree, and run in a fork for each.

A mutant of a function is a fork of the process that has collected the tests, with the code of the function replaced;
one of what is executed on import (tables, defaults, decorators) is imported anew in a fork from before. Each test is
timed first, and the functions it calls are noted, so that a mutant meets only tests that can see it.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.util
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import process_time
from types import CodeType, ModuleType
from typing import Any

from mutants.changes import Mutant, places

KERNEL, PACKAGE = Path("depr", "kernel"), "depr.kernel"
COPIED = ("depr", "schedules", "reports", "scripts", "tests", "pyproject.toml")
HEAVY = ("duckdb", "polars", "pyarrow", "pyarrow.parquet", "dataframely", "pydantic", "hypothesis", "pytest", "rich")
TESTS = {
    "calendar": ("test_weeks",),
    "conventions": ("test_clocks",),
    "curves": ("test_paths", "../properties/test_curves"),
    "rounding": ("../properties/test_rounding",),
    "schedule": ("test_engines",),
    "shares": ("test_schedule",),
    "spreadsheet_french": ("test_spreadsheet",),
    "spreadsheet_rules": ("test_spreadsheet",),
    "accounts": ("test_rows",),
    "choices": ("test_rows",),
    "row_clocks": ("test_rows",),
    "rows": ("test_row_amounts", "../test_asset"),
}
"""Tests of a module beside tests/kernel/test_MODULE.py: its own are quick, so that each mutant meets all of them."""

EXAMPLES = 40
"""Of a property, also where its test asks for more."""

SLOWEST_SECONDS, PATIENCE_SECONDS = 2.0, 3.0
"""Of the processor: tests that take longer are left out; beyond four times its time and this a test does not end."""

HUNG_SECONDS = 120
"""Of the clock on the wall, where no time of the processor is used."""

BUDGET_SECONDS = 12.0
"""What a mutant is tried for, at the usual pace of its tests."""


class Imported(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports modules from trees instead of their files."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self._trees = trees

    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name in self._trees else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(KERNEL / f"{module.__name__.rpartition('.')[2]}.py")
        exec(compile(self._trees[module.__name__], module.__file__, "exec"), module.__dict__)


def watched(source: str, module: str) -> ast.Module:
    """A module whose functions say that they are called."""
    tree = ast.parse(source)
    for path in [p for p in places(tree, ()) if isinstance(p[-1], ast.FunctionDef)]:
        if not any(isinstance(node, ast.FunctionDef) for node in path[:-1]):
            name = ".".join(node.name for node in path if hasattr(node, "name"))
            call = ast.parse(f"__import__('sys').modules['mutants.trial'].CALLED.add({f'{module} {name}'!r})").body
            path[-1].body[:0] = call  # type: ignore[attr-defined]
    return ast.fix_missing_locations(tree)


CALLED: set[str] = set()


def replace_code(mutant: Mutant) -> None:
    """Give the one function of a mutant its changed code, wherever it is referred to."""
    holder: Any = importlib.import_module(f"{PACKAGE}.{mutant.module}")
    for part in mutant.function.split("."):
        holder = vars(holder)[part]
    while not hasattr(holder, "__code__"):
        holder = getattr(holder, "fget", None) or holder.__wrapped__
    holder.__code__ = _code(compile(mutant.tree, holder.__code__.co_filename, "exec"), mutant.function)


def _code(code: CodeType, name: str) -> CodeType | None:
    """The code of a function within that of its module."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    here = [part for part in inner if part.co_qualname == name]
    return next(filter(None, [*here, *(_code(part, name) for part in inner)]), None)


Say = Callable[[Any], None]


def forked(work: Callable[[Say], None]) -> Iterator[Any]:
    """What `work` says in a fork of this process, as it comes, until it ends or dies. Its output is thrown away."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.close(reader)
            pipe = os.fdopen(writer, "w")
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (1, 2):
                os.dup2(nothing, stream)
            work(lambda word: print(json.dumps(word), file=pipe, flush=True))
        finally:
            os._exit(0)
    os.close(writer)
    try:
        with os.fdopen(reader) as said:
            yield from map(json.loads, said)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


class Session:
    """A pytest plugin: hands the tests that are collected to a function instead of running them."""

    def __init__(self, use: Callable[[dict[str, Any]], None]) -> None:
        self._use = use

    def pytest_runtestloop(self, session: Any) -> bool:
        if not session.testsfailed:
            for item in session.items:
                fewer(getattr(item.obj, "__func__", item.obj))
            self._use({item.nodeid: item for item in session.items})
        return True


def fewer(test: Any) -> None:
    """Let a property that asks for many examples have a few."""
    import hypothesis

    asked = getattr(test, "_hypothesis_internal_use_settings", None)
    if asked and asked.max_examples > EXAMPLES:
        test._hypothesis_internal_use_settings = hypothesis.settings(asked, max_examples=EXAMPLES)


def tests(modules: Iterable[str]) -> list[str]:
    """The files of tests of some modules, each once."""
    named = dict.fromkeys(name for module in modules for name in (f"test_{module}", *TESTS.get(module, ())))
    return [str(path) for name in named if (path := Path("tests", "kernel", f"{name}.py").resolve()).exists()]


def collected(files: Sequence[str], use: Callable[[dict[str, Any]], None]) -> None:
    """Import the code under test and its tests, and let `use` have them by name. Failures are not made smaller."""
    import hypothesis
    import pytest

    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    checks = list(hypothesis.HealthCheck)
    quick: dict[str, Any] = {"derandomize": True, "database": None, "max_examples": EXAMPLES, "phases": phases}
    hypothesis.settings.register_profile("mutation", deadline=None, suppress_health_check=checks, **quick)
    options = ["-q", "-p", "no:cacheprovider", "--assert=plain", "--hypothesis-profile=mutation", "-k", "not duckdb"]
    pytest.main([*options, *files], plugins=[Session(use)])


def passes(item: Any) -> bool:
    """Whether a test passes, with its fixtures."""
    from _pytest.runner import runtestprotocol

    return all(report.outcome != "failed" for report in runtestprotocol(item, log=False, nextitem=None))


def forget() -> None:
    """Empty the caches of the kernel, so that each test calls what it needs."""
    for module in [module for name, module in sys.modules.items() if name.startswith(PACKAGE)]:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def noted(say: Say, sources: dict[str, str], files: Sequence[str]) -> None:
    """Say of every test its name, whether it passes, its seconds and the functions it calls."""
    sys.meta_path.insert(0, Imported({f"{PACKAGE}.{m}": watched(text, m) for m, text in sources.items()}))

    def use(items: dict[str, Any]) -> None:
        for name, item in items.items():
            CALLED.clear()
            forget()
            start = process_time()
            say((name, passes(item), process_time() - start, sorted(CALLED)))

    collected(files, use)


class Suite:
    """The tests: how long each takes, what it calls ("module function"), and which were the last to kill a mutant."""

    def __init__(self, notes: Iterable[tuple[str, bool, float, list[str]]]) -> None:
        listed = [note for note in notes if note[2] <= SLOWEST_SECONDS or not note[1]]
        if failing := [name for name, good, *_ in listed if not good] or not listed:
            sys.exit(f"the tests fail before anything is changed: {failing}")
        self.seconds = {name: seconds for name, _, seconds, _ in listed}
        self._calls = {name: set(calls) for name, _, _, calls in listed}
        self._killers: dict[str, list[str]] = {}

    def order(self, mutant: Mutant) -> list[str]:
        """The tests that can see a mutant: those that killed its neighbours first, then the quickest."""
        call = f"{mutant.module} {mutant.function}"
        seen = [t for t, calls in self._calls.items() if not mutant.function or call in calls]
        late = {name: -n for n, name in enumerate(self._killers.get(call, []), 1)}
        return sorted(seen, key=lambda test: (late.get(test, 0), self.seconds[test]))

    def killed(self, mutant: Mutant, test: str) -> None:
        """Remember what killed a mutant."""
        known = self._killers.setdefault(f"{mutant.module} {mutant.function}", [])
        known[:] = [*(name for name in known if name != test), test]

    def run(self, say: Say, names: Sequence[str], items: dict[str, Any]) -> None:
        """Say the first of these tests that fails, "" when none does, nothing when one does not end."""
        spent = 0.0
        for name in names:
            if name in items:
                spent += self.seconds[name]
                if spent > BUDGET_SECONDS:
                    break
                signal.setitimer(signal.ITIMER_PROF, 4 * self.seconds[name] + PATIENCE_SECONDS)
                signal.alarm(HUNG_SECONDS)
                if not passes(items[name]):
                    return say(name)
        return say("")


def outcome(suite: Suite, mutant: Mutant, words: Iterable[Any]) -> bool:
    """Whether a mutant is killed, by what its fork has said."""
    said = list(words)
    if said and said[0]:
        suite.killed(mutant, said[0])
    return said != [""]


def in_functions(say: Say, suite: Suite, changes: Sequence[Mutant]) -> None:
    """Say of each mutant of a function whether it is killed."""
    files = tests(mutant.module for mutant in changes)

    def use(items: dict[str, Any]) -> None:
        everything = sorted(items.keys() & suite.seconds, key=suite.seconds.__getitem__)
        if list(forked(lambda tell: suite.run(tell, everything, items))) != [""]:
            return  # a fork cannot run the tests: nothing is said
        for mutant in changes:

            def trial(tell: Say, mutant: Mutant = mutant) -> None:
                replace_code(mutant)
                suite.run(tell, suite.order(mutant), items)

            say(outcome(suite, mutant, forked(trial)))

    collected(files, use)


def on_import(say: Say, suite: Suite, mutant: Mutant) -> None:
    """Say which test kills a mutant of what is executed on import."""
    sys.meta_path.insert(0, Imported({f"{PACKAGE}.{mutant.module}": mutant.tree}))
    collected(tests([mutant.module]), lambda items: suite.run(say, suite.order(mutant), items))


def outcomes(suite: Suite, changes: Sequence[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant and whether it is killed: those of functions, then those of what is executed on import."""
    inside = [mutant for mutant in changes if mutant.function]
    known = forked(lambda say: in_functions(say, suite, inside))
    for mutant in inside:
        if (dead := next(known, None)) is None:
            sys.exit("the tests fail in a fork: a module of them may compute a frame when it is imported")
        yield mutant, dead
    for mutant in changes:
        if not mutant.function:
            words = forked(lambda say, mutant=mutant: on_import(say, suite, mutant))  # type: ignore[misc]
            yield mutant, outcome(suite, mutant, words)


def prepare(root: Path, folder: Path) -> None:
    """Copy the tree, go there, and import what never changes, so that each fork begins with it."""
    for name in COPIED:
        copied = shutil.copytree if (root / name).is_dir() else shutil.copy
        copied(root / name, folder / name)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ.update({"POLARS_MAX_THREADS": "1"})  # threads do not survive a fork
    for name in HEAVY:
        importlib.import_module(name)
