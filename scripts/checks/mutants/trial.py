"""How the tests meet a mutant: collected once, in a copy of the tree, and run in a fork for each.

A mutant of a function is a fork of the process that has collected the tests, with the code of the function replaced;
one of what is executed on import (tables, defaults, decorators) is imported anew in a fork from before. Its file is
changed as long as it is tried: texts are read from there, and the processes that a test starts run it. Which tests a
mutant meets is told in reach.py.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from time import process_time
from types import CodeType
from typing import Any

from scripts.checks.mutants import sample
from scripts.checks.mutants.changes import Key, Mutant
from scripts.checks.mutants.last import at_last, text, written
from scripts.checks.mutants.suite import Suite, watched

COPIED = ("depr", "schedules", "reports", "scripts", "tests", "pyproject.toml")
HEAVY = ("duckdb", "polars", "pyarrow", "pyarrow.parquet", "dataframely", "pydantic", "hypothesis", "pytest", "rich")

EXAMPLES = 12
"""Of a property, also where its test asks for more."""

CASES = 2
"""Of one test with parameters, evenly spread, that come before the others."""

PATIENCE_SECONDS = 10.0
"""Of the processor: beyond four times its time and this a test does not end."""

FILE_SECONDS = 10.0
"""Of the processor, for noting what the tests of one file call; what is left then is left out."""

HUNG_SECONDS = 120
"""Of the clock on the wall, where no time of the processor is used."""

MOST_FILES = 10
"""Files of tests that are imported anew with a change of what is executed on import."""


class Loaded(SourceFileLoader):
    """Executes other code than that of the file; `called` is what its functions may tell that they are called."""

    def __init__(self, name: str, file: str, code: CodeType, called: Any) -> None:
        super().__init__(name, file)
        self._code, self._called = code, called

    def get_code(self, fullname: str) -> CodeType:
        return self._code

    def exec_module(self, module: Any) -> None:
        module.__dict__["__called__"] = self._called
        super().exec_module(module)


class Imported(importlib.abc.MetaPathFinder):
    """Imports some modules, by the names that mutants have for them, as other code than their files."""

    def __init__(self, codes: dict[str, CodeType], called: Any = None) -> None:
        self._codes, self._called, self._root = codes, called, Path.cwd()  # tests go elsewhere

    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        package = "/".join((*name.split(".")[1:], "__init__"))
        here = "/".join(name.split(".")[1:])
        if name.split(".")[0] != "depr" or not {here, package} & self._codes.keys():
            return None
        key = here if here in self._codes else package
        file = str(self._root / sample.path(key))
        inside = [str(Path(file).parent)] if key == package else None
        loader = Loaded(name, file, self._codes[key], self._called)
        return importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=inside)


def replace_code(mutant: Mutant) -> bool:
    """Give the one function of a mutant its changed code, wherever it is referred to; False where that cannot be."""
    name = ".".join(("depr", *mutant.module.removesuffix("/__init__").split("/")))
    try:
        holder: Any = importlib.import_module(name)
        for part in mutant.function.split("."):
            holder = vars(holder)[part]
        while not hasattr(holder, "__code__"):
            holder = getattr(holder, "fget", None) or getattr(holder, "func", None) or holder.__wrapped__
        while hasattr(holder, "__wrapped__"):
            holder = holder.__wrapped__
        holder.__code__ = _code(compile(mutant.tree, holder.__code__.co_filename, "exec"), mutant.function)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return True


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
            nothing = os.open(os.environ.get("MUTANTS_LOG", os.devnull), os.O_RDWR | os.O_APPEND)
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


def collected(files: Sequence[str], use: Callable[[dict[str, Any]], None]) -> None:
    """Import the code under test and its tests, and let `use` have them by name. Failures are not made smaller."""
    import hypothesis
    import pytest

    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    checks = list(hypothesis.HealthCheck)
    quick: dict[str, Any] = {"derandomize": True, "database": None, "max_examples": EXAMPLES, "phases": phases}
    hypothesis.settings.register_profile("mutation", deadline=None, suppress_health_check=checks, **quick)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--hypothesis-profile=mutation"]
    pytest.main([*options, "-m", "not browser and not slow", *files], plugins=[Session(use)])


def passes(item: Any, after: Any = None) -> bool:
    """Whether a test passes, with its fixtures; those of its module stay for the one that comes after."""
    return timed(item, after)[0]


def timed(item: Any, after: Any) -> tuple[bool, float, float]:
    """Whether a test passes, and the seconds of the processor of itself and of its fixtures."""
    from _pytest.runner import runtestprotocol

    start = process_time()
    reports = runtestprotocol(item, log=False, nextitem=after)
    spent, wall = process_time() - start, {report.when: report.duration for report in reports}
    own = spent * wall.get("call", 0) / max(sum(wall.values()), 1e-9)
    return all(report.outcome != "failed" for report in reports), round(own, 3), round(spent - own, 3)


def forget() -> None:
    """Empty the caches of the program, so that each test calls what it needs."""
    for module in [module for name, module in sys.modules.items() if name.split(".")[0] == "depr"]:
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def noted(say: Say, codes: dict[str, CodeType], file: Path) -> None:
    """Say whether a file of tests computes when it is imported; then of every test what a `Note` says.

    What the fixtures of a module call counts for all tests after them as well.
    """
    called: set[str] = set()
    sys.meta_path.insert(0, Imported(codes, called.add))

    def use(items: dict[str, Any]) -> None:
        say(computing())
        few = spread(list(items))
        begin, shared = process_time(), set[str]()
        cost: dict[str, float] = {}
        rest = [name for name in items if name not in few]
        while (few or rest) and process_time() - begin < FILE_SECONDS:
            if not few:  # the other cases, those of quick tests first
                few, rest = sorted(rest, key=lambda name: cost[name.partition("[")[0]]), []
            name, *few = few
            called.clear()
            forget()
            signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS)
            after = few[0] if few else rest[0] if rest else None
            fine, own, fixtures = timed(items[name], items[after] if after else None)
            cost[name.partition("[")[0]] = own
            if any(scope != "function" for scope in scopes(items[name])):
                shared |= called
            say((name, fine, own, fixtures, sorted(called | shared)))

    collected([str(file)], use)


def computing() -> bool:
    """Whether polars has threads of its own, which do not survive a fork."""
    names = (task / "comm" for task in Path("/proc/self/task").iterdir())
    return any(name.read_text("utf-8").startswith("polars-0") for name in names)


def scopes(item: Any) -> list[str]:
    """Of the fixtures of a test."""
    found = getattr(item, "_fixtureinfo", None)
    return [d[-1].scope for d in found.name2fixturedefs.values() if d] if found else []


def spread(names: list[str]) -> list[str]:
    """So many cases of each test, evenly over them, in their order."""
    cases: dict[str, list[str]] = {}
    for name in names:
        cases.setdefault(name.partition("[")[0], []).append(name)
    kept = {own[n * len(own) // min(CASES, len(own))] for own in cases.values() for n in range(min(CASES, len(own)))}
    return [name for name in names if name in kept]


def run(say: Say, suite: Suite, names: Sequence[str], items: dict[str, Any]) -> None:
    """Say the first of these tests that fails, "" when none does, nothing when one does not end."""
    there = [name for name in names if name in items]
    for place, name in enumerate(there):
        signal.setitimer(signal.ITIMER_PROF, 4 * suite.seconds.get(name, PATIENCE_SECONDS) + PATIENCE_SECONDS)
        signal.alarm(HUNG_SECONDS)
        after = items[there[place + 1]] if place + 1 < len(there) else None
        if not passes(items[name], after):
            return say(name)
    return say("")


Trial = Callable[[Say, Sequence[str]], None]


def tried(suite: Suite, mutant: Mutant, trial: Trial, plain: Trial) -> bool | None:
    """Whether a mutant is killed; None when its fork cannot tell.

    The first time a test kills, it is asked whether it passes without a mutant (`plain`); one that fails is left out.
    """
    while asked := suite.order(mutant):
        with written(mutant.module, text(mutant.tree)):  # for the processes that a test starts, too
            words = list(forked(lambda say, asked=asked: trial(say, asked)))  # type: ignore[misc]
        if words == [None]:
            return None
        if not words or not words[0]:
            return not words
        if words[0] in suite.sound or list(forked(lambda say, test=words[0]: plain(say, [test]))) == [""]:  # type: ignore[misc]
            suite.killed(mutant, words[0])
            return True
        suite.drop(words[0])
    return False


def try_warm(say: Say, suite: Suite, files: Sequence[str], changes: Sequence[Mutant]) -> None:
    """Say of each mutant of a function or a text whether it is killed, and by which test, if by one that ended.

    It is None when the mutant must be imported anew.
    """

    def use(items: dict[str, Any]) -> None:
        while (failed := list(forked(lambda tell: run(tell, suite, suite.some(), items)))) != [""]:
            if not (failed and suite.seconds):
                return  # a fork cannot run the tests: nothing is said
            suite.drop(failed[0])
        for mutant in changes:

            def trial(tell: Say, asked: Sequence[str], mutant: Mutant = mutant) -> None:
                _own_cache(suite, mutant)
                if isinstance(mutant.tree, str) or replace_code(mutant):
                    run(tell, suite, asked, items)
                else:
                    tell(None)

            dead = tried(suite, mutant, trial, lambda tell, asked: run(tell, suite, asked, items))
            say((dead, suite.by.get(mutant.key)))

    collected(files, use)


def _own_cache(suite: Suite, mutant: Mutant) -> None:
    """Let an empty ledger be made by the changed program, not taken from the cache that the others share."""
    if suite.goes_into_new_ledgers(mutant):
        own = Path("cache", "own").resolve()
        shutil.rmtree(own, ignore_errors=True)
        os.environ["XDG_CACHE_HOME"] = str(own)


def try_anew(say: Say, suite: Suite, mutant: Mutant | None, asked: Sequence[str]) -> None:
    """Say which of the tests of the nearest files fails when all modules are imported anew, one of them changed."""
    changed(suite, mutant)
    files = list(dict.fromkeys(name.partition("::")[0] for name in asked))[:MOST_FILES]
    near = [name for name in asked if name.partition("::")[0] in files]
    collected(files, lambda items: run(say, suite, near, items))


def changed(suite: Suite, mutant: Mutant | None) -> None:
    """From now on import the module of a mutant as it is changed."""
    if mutant:
        _own_cache(suite, mutant)
    if mutant and not isinstance(mutant.tree, str):
        code = compile(mutant.tree, str(sample.path(mutant.module).resolve()), "exec")
        sys.meta_path.insert(0, Imported({mutant.module: code}))


def outcomes(
    suite: Suite, files: Sequence[Path], changes: Sequence[Mutant], explained: Container[Key]
) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant and whether it is killed: those of functions and texts, then those of what is executed on import.

    What survives meets files of tests that compute when they are imported, and so cannot be collected before a fork;
    at last tests in a process of their own (last.py).
    """
    warm = [mutant for mutant in changes if mutant.function or isinstance(mutant.tree, str)]
    late = [mutant for mutant in changes if mutant not in warm]
    still = [str(file) for file in files if str(file) not in suite.computing]
    known = forked(lambda say: try_warm(say, suite, still, warm))
    alive = []
    for mutant in warm:
        if (found := next(known, None)) is None:
            sys.exit("the tests fail in a fork")
        dead, test = found
        if dead:
            if test:
                suite.by[mutant.key] = test
            yield mutant, True
        elif dead is None or any(test.partition("::")[0] in suite.computing for test in suite.order(mutant)):
            late.append(mutant)
        else:
            alive.append(mutant)
    # Only now, as the fork that tried them writes into the same tree.
    for mutant in late:
        if anew(suite, mutant):
            yield mutant, True
        else:
            alive.append(mutant)
    for mutant in alive:
        yield mutant, at_last(suite, mutant, explained)


def anew(suite: Suite, mutant: Mutant) -> bool:
    """Whether a mutant whose module is imported anew is killed."""
    trial = lambda say, asked: try_anew(say, suite, mutant, asked)  # noqa: E731
    return bool(tried(suite, mutant, trial, lambda say, asked: try_anew(say, suite, None, asked)))


def notes(file: Path, sources: dict[str, str]) -> list[Any]:
    """What `noted` says of a file of tests."""
    if not WATCHED:
        for name, text in sources.items():
            WATCHED[name] = compile(watched(text, name), str(sample.path(name).resolve()), "exec")
    return list(forked(lambda say: noted(say, WATCHED, file)))


WATCHED: dict[str, CodeType] = {}
"""Every module, so that its functions say that they are called; compiled once."""


def prepare(root: Path, folder: Path) -> None:
    """Copy the tree, go there, and import what never changes, so that each fork begins with it."""
    for name in COPIED:
        copied = shutil.copytree if (root / name).is_dir() else shutil.copy
        copied(root / name, folder / name)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ.update({"POLARS_MAX_THREADS": "1"})  # threads do not survive a fork
    os.environ.update({"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"})  # for processes that a test starts
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    for name in HEAVY:
        importlib.import_module(name)
