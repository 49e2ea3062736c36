"""The diffs of CONTRIBUTING.md, applied to a copy of the tree; the commands below them, run as a person would."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.repository import ROOT

BLOCK = re.compile(r"^```(diff|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PURCHASES = """lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date
A1,{issuer},h100,100,3000000.00,USD,2023-01-10,2023-02-01
"""
SHOWS = {
    "asset --cost 900 --method two_thirds_first": ("600.00", "300.00"),
    "asset --cost 900 --method straight_line": ("2025-04-30", "37.50"),
    "record fleet.duckdb inspection": ("recorded as batch 2",),
    "import fleet.duckdb acme.csv": ("acme.csv",),
    "schedule fleet.duckdb --issuer ACME": ("A9,ACME,h100",),
    "report fleet.duckdb": ("meta.html",),
}
"""What each command prints, among the rest; a command that is not here is a failure."""


def blocks() -> list[tuple[str, str]]:
    """The blocks of CONTRIBUTING.md in their order: what they are and what they say."""
    return [(kind, text) for kind, text in BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))]


def pieces(diff: str) -> Iterator[tuple[str, str, str]]:
    """Of each piece of a diff: the file, the line that it follows or goes before ("" in a new file), what it adds."""
    for part in re.split(r"^--- ", diff, flags=re.MULTILINE)[1:]:
        head, *changes = part.split("@@\n")
        file = re.search(r"^\+\+\+ b/(.*)$", head, re.MULTILINE)
        assert file
        for change in changes:
            lines = change.splitlines()
            context = [line[1:] for line in lines if line.startswith(" ")]
            assert len(context) == (0 if head.startswith("/dev/null") else 1), "one line says where"
            yield file[1], "".join(context), "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))


def applied(tree: Path, diff: str) -> None:
    """Change a tree: a function goes before the one that is named, any other line follows it."""
    for file, context, added in pieces(diff):
        if not context:
            (tree / file).write_text(added, "utf-8")
            continue
        text = (tree / file).read_text("utf-8")
        assert text.count(f"{context}\n") == 1, f"{file} has no single line {context!r}"
        before = context.startswith("def ")
        changed = f"{added}{context}\n" if before else f"{context}\n{added}"
        (tree / file).write_text(text.replace(f"{context}\n", changed), "utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with every diff applied, and files to try it on."""
    made = tmp_path_factory.mktemp("tree")
    for name in ("depr", "schedules", "reports"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", made)  # which says that it is a checkout
    for kind, text in blocks():
        if kind == "diff":
            applied(made, text)
    (made / "purchases.csv").write_text(PURCHASES.format(issuer="META"), "utf-8")
    (made / "acme.csv").write_text(PURCHASES.format(issuer="ACME").replace("A1", "A9"), "utf-8")
    depr(made, "init", "fleet.duckdb")
    depr(made, "import", "fleet.duckdb", "purchases.csv")
    return made


def depr(folder: Path, *words: str) -> str:
    """What a command of the changed tree prints; it must end well."""
    at = {**os.environ, "PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run([sys.executable, "-m", "depr", *words], cwd=folder, env=at, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_new_thing_works_as_its_diff_says(tree: Path) -> None:
    """Each command in the order in which it stands."""
    typed = [line[2:] for kind, text in blocks() if kind == "console" for line in text.splitlines()]
    assert len(typed) == len(SHOWS)
    for command in typed:
        said = depr(tree, *shlex.split(command)[1:])
        [shown] = [texts for start, texts in SHOWS.items() if command.removeprefix("depr ").startswith(start)]
        assert all(text in said for text in shown), (command, said)
    page = (tree / "pages" / "meta.html").read_text("utf-8")
    assert "Generations held: " in page


def test_the_diffs_are_of_files_that_are_there() -> None:
    named = [file for kind, text in blocks() if kind == "diff" for file, context, _ in pieces(text) if context]
    assert named
    assert all((ROOT / file).is_file() for file in named)
