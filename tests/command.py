"""The command line, run inside the test's own process, as `main` runs it for a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from depr import cli


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


def run(folder: Path, *words: str | Path) -> Ran:
    """`depr WORDS` with `folder` as working directory."""
    out, err, code = StringIO(), StringIO(), 0
    with _called(folder, *map(str, words)), redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Ran(code, out.getvalue(), err.getvalue())


@contextmanager
def _called(folder: Path, *words: str) -> Iterator[None]:
    before, place, hook = sys.argv, Path.cwd(), sys.excepthook
    sys.argv = ["depr", *words]
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(place)
        sys.argv, sys.excepthook = before, hook
