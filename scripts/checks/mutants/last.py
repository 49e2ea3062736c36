"""What a mutant that survived meets at last: the tests of the nearest files, whole, as a person runs them.

Forks cannot run every test (threads of polars, files that take too long to be noted), and what a test calls in another
process is not seen. So each survivor is written into the copied tree, and pytest is started anew: first on what
scripts/checks/mutation_tests.toml names for its module or package, then on the nearest files. A test that fails counts
when it passes without the mutant. Where the time is used up, the mutant survives.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import signal
import subprocess
import sys
import tomllib
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import takewhile
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.checks.mutants import reach, sample
from scripts.checks.mutants.changes import Key, Mutant
from scripts.checks.mutants.suite import Suite, defined

NAMED = Path("scripts", "checks", "mutation_tests.toml")
SECONDS = 240
"""Of the processor, for what is named, and for all of the nearest files; on the wall at most four times as long."""

FINE, FAILED = 0, (1, 2, 3, 4)
"""How pytest ends."""


@dataclass(frozen=True)
class Ended:
    """How a run of pytest ended, and the tests that failed in it."""

    code: int
    failed: tuple[str, ...]


def named(module: str) -> list[str]:
    """The tests, or files of tests, that are named for a module, then for its package."""
    tests: dict[str, list[str]] = tomllib.loads(NAMED.read_text(encoding="utf-8"))["tests"]
    return [test for name in (module, sample.package(module)) for test in tests.get(name, [])]


def at_last(suite: Suite, mutant: Mutant, explained: Container[Key] = ()) -> bool:
    """Whether a test kills a mutant that no fork could tell from the original.

    What is explained meets only what is named: the nearest files would take minutes each to say that it is right.
    """
    before = [suite.by[mutant.key]] if mutant.key in suite.by else []
    first = named(mutant.module)
    if any(_killed(suite, mutant, asked, SECONDS) for asked in (before, first) if asked):
        return True
    where = defined(mutant) if isinstance(mutant.tree, str) else mutant.function
    near = reach.nearest(suite.package, mutant.module, where, mutant.before, said(mutant))
    rest = [] if mutant.key in explained else [str(file) for file in near if str(file) not in first]
    begin = used()
    timed = ((file, ceil(SECONDS - (used() - begin))) for file in rest)
    return any(_killed(suite, mutant, [file], left) for file, left in takewhile(lambda each: each[1] > 0, timed))


def said(mutant: Mutant) -> Iterator[str]:
    """The texts in the function of a mutant."""
    if not isinstance(mutant.tree, str):
        name = mutant.function.split(".")[-1]
        named = (node for node in ast.walk(mutant.tree) if isinstance(node, ast.FunctionDef) and node.name == name)
        nodes = (node for function in named for node in ast.walk(function))
        yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def used() -> float:
    """Seconds of the processor that the processes started so far have taken, with what they started."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _killed(suite: Suite, mutant: Mutant, asked: Sequence[str], seconds: int) -> bool:
    """Whether one of these tests kills a mutant; one that fails without it is left out, and the others asked again."""
    while True:
        with written(mutant.module, text(mutant.tree)):
            ended = alone(asked, seconds, suite.unsound)
        if ended.code not in FAILED:
            return False
        failed = ended.failed or tuple(asked)
        sound = set(failed) <= suite.sound or alone(failed).code == FINE
        print(f"  {'killed at last by' if sound else 'fails unchanged:'} {failed[0]}", file=sys.stderr, flush=True)
        if sound:
            suite.sound.update(failed)
            suite.by[mutant.key] = failed[0]
        if sound or not set(ended.failed) - suite.unsound:
            return sound
        suite.unsound.update(failed)


def text(tree: ast.Module | str) -> str:
    """A file as a mutant has it."""
    return tree if isinstance(tree, str) else ast.unparse(tree) + "\n"


@contextmanager
def written(module: str, instead: str) -> Iterator[None]:
    """Something else stands in a file as long as it is tried."""
    file = sample.path(module)
    before, when = file.read_bytes(), file.stat()
    file.write_text(instead, encoding="utf-8")
    try:
        yield
    finally:
        file.write_bytes(before)
        os.utime(file, ns=(when.st_atime_ns, when.st_mtime_ns))  # what was compiled from it is right again


def alone(tests: Sequence[str], seconds: int = SECONDS, without: Iterable[str] = ()) -> Ended:
    """Pytest on some tests of this folder, in a process of its own, until the first one fails."""
    root = str(Path.cwd())
    options = ["-x", "-q", "-p", "no:xdist", "--tb=no", "-m", "not browser and not release", "--hypothesis-profile=ci"]
    options += [word for test in sorted(without) for word in ("--deselect", test)]
    with TemporaryDirectory(prefix="depr-at-last-") as folder:
        noted = Path(folder, "v", "cache", "lastfailed")
        own = {"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1", "XDG_CACHE_HOME": folder}
        limited = ["sh", "-c", f'ulimit -t {seconds}; exec "$@"', "sh"]
        command = [sys.executable, "-P", "-m", "pytest", *options, "-o", f"cache_dir={folder}", *tests]
        usual = {key: value for key, value in os.environ.items() if key != "POLARS_MAX_THREADS"}
        no = subprocess.DEVNULL
        started = subprocess.Popen(
            [*limited, *command], env=usual | own, stdin=no, stdout=no, stderr=no, start_new_session=True
        )
        try:
            code = started.wait(4 * seconds)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()
        failed = json.loads(noted.read_text(encoding="utf-8")) if noted.is_file() else {}
    return Ended(code, tuple(failed))
