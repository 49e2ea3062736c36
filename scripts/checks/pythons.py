"""Runs the tests under every Python that the package says it supports, as far as each is on this machine.

    scripts/check pythons [ARGUMENTS OF PYTEST]     scripts/check pythons tests/kernel -k mid_quarter

A version is looked for as python3.12 on the path, then among those of pyenv; nothing is fetched but the packages of the
locks. Each gets an environment of its own, .venv-3.12, made from the locks as scripts/test makes its own; without
arguments the tests of scripts/test run, which takes as long for each. The table says what was run. The exit code is 1
when a test fails, when an environment cannot be made, and when no other version than the one that runs this is there:
then nothing was shown.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
SAID = re.compile(r"^Programming Language :: Python :: (3\.\d+)$")
ABSENT = "not on this machine"
BROKEN = "no environment"
NOTHING = 5
"""The exit code of pytest when it was given no test."""

MAKE = '. "$root/scripts/env.sh"; depr_env test'


class Ran(NamedTuple):
    """How the tests went under one version: `said` in place of seconds where they did not run."""

    version: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    said: str = ""

    @property
    def holds(self) -> bool:
        """Whether all went well, or there was nothing to run it with."""
        return self.said == ABSENT or (self.said != BROKEN and not self.failed and self.passed > 0)


def supported() -> list[str]:
    """The versions in the classifiers of the package, as in 3.12."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [found[1] for line in project["classifiers"] if (found := SAID.match(line))]


def interpreter(version: str, path: str | None = None, pyenv: Path | None = None) -> Path | None:
    """A Python of a version that runs: from the folders of `path` (PATH when None), else of pyenv."""
    folders = (os.environ.get("PATH", "") if path is None else path).split(os.pathsep)
    root = pyenv or Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [Path(folder, f"python{version}") for folder in folders if folder]
    candidates += sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    return next((each for each in candidates if _is(each, version)), None)


def _is(candidate: Path, version: str) -> bool:
    """Whether it is there, runs, and is what its name says: pyenv lays programs on the path that do not run."""
    asked = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        told = subprocess.run([candidate, "-c", asked], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return told.returncode == 0 and told.stdout.strip() == version


def ran(version: str, words: Sequence[str]) -> Ran:
    """The tests under one version, in its own environment."""
    if (found := interpreter(version)) is None:
        return Ran(version, said=ABSENT)
    place = ROOT / f".venv-{version}"
    own = os.environ | {"root": str(ROOT), "DEPR_VENV": str(place), "DEPR_PYTHON": str(found)}
    if subprocess.run(["sh", "-eu", "-c", MAKE], cwd=ROOT, env=own, check=False).returncode:
        return Ran(version, said=BROKEN)
    start = time.monotonic()
    with TemporaryDirectory(prefix="depr-pythons-") as folder:
        told = Path(folder) / "told.xml"
        call = [str(place / "bin" / "python"), "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
        own.pop("PYTHONPATH", None)  # the tests find everything as with scripts/test
        done = subprocess.run([*call, f"--junitxml={told}", *words], cwd=ROOT, env=own, check=False)
        counts = counted(told.read_text(encoding="utf-8")) if told.exists() else (0, 0, 0)
    passed, failed, skipped = counts
    if done.returncode not in (0, NOTHING):
        failed = max(failed, 1)
    return Ran(version, passed, failed, skipped, f"{time.monotonic() - start:.0f}")


def counted(report: str) -> tuple[int, int, int]:
    """Passed, failed and skipped in the report of pytest; an error counts as failed."""
    suites = list(ElementTree.fromstring(report).iter("testsuite"))
    whole, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    return whole - failures - errors - skipped, failures + errors, skipped


def table(rows: Sequence[Ran], words: Sequence[str]) -> Table:
    """One line a version."""
    shown = Table(title=f"Pythons: {' '.join(words) or 'the tests of scripts/test'}")
    shown.add_column("version")
    for name in ("passed", "failed", "skipped", "seconds"):
        shown.add_column(name, justify="right")
    for row in rows:
        there = row.said not in (ABSENT, BROKEN)
        counts = [f"{count:,}" if there else "" for count in row[1:4]]
        shown.add_row(row.version, *counts, row.said)
    return shown


def wrong(rows: Sequence[Ran], running: str) -> Iterator[str]:
    """What does not hold, in words."""
    for row in rows:
        if not row.holds:
            yield f"{row.version}: " + (
                row.said if row.said == BROKEN else f"{row.failed} failed" if row.failed else "no test ran"
            )
    if all(row.said == ABSENT or row.version == running for row in rows):
        yield f"no other Python than {running} is on this machine: install one of {', '.join(r.version for r in rows)}"


def main(words: Sequence[str]) -> int:
    """Runs each version and prints how it went."""
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return 0
    rows = []
    for version in supported():
        print(f"Python {version} ...", file=sys.stderr, flush=True)
        rows.append(ran(version, words))
    Console(width=100).print(table(rows, words))
    faults = list(wrong(rows, "{}.{}".format(*sys.version_info)))
    print(*faults, sep="\n", end="\n" if faults else "")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
