"""README and guides are run: every session is typed into a shell and answers as printed, every Python block works.

One reader reads them in order: the README, the accountant's guide, then the others, all in one folder. What a guide
types that needs no shell runs within the process of the test; the README is typed into a shell word by word.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sybil import Document
from sybil.parsers.markdown import CodeBlockParser

from depr import guide
from tests import command as within

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ORDER = ("accountant", "auditor", "sql", "analyst", "import", "own-company", "python")
PAGES = [README, *(ROOT / "depr" / "guide" / f"{name}.md" for name in ORDER)]
SHOWN = re.compile(r"cat ([\w./-]+\.(?:csv|toml))")
"""Shows a file of the reader's own."""


SAID = {("python", 3): "books/own-reported.toml"}
"""What the Python block of a page says, by its number; the others speak of 2024."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language, in order."""
    document = Document.parse(str(page), CodeBlockParser(language=language, evaluator=lambda example: None))
    return [str(example.parsed) for example in document.examples()]


def steps(block: str) -> list[tuple[str, str]]:
    """A session as (command, what it prints)."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return [(command, printed.rstrip("\n")) for command, printed in zip(parts[::2], parts[1::2], strict=True)]


def plain(command: str) -> tuple[list[str], str] | None:
    """The words after `depr`, and the rest of the line after a pipe; None where it takes a shell to read them."""
    bare = re.sub(r"'[^']*'|\"[^\"$`\\]*\"", lambda quoted: "_" * len(quoted[0]), command)  # quoted stands for itself
    first, _, _ = bare.partition(" | ")
    if not first.startswith("depr ") or set(first) & set("|&;<>()$`*?[]~\\\"'#"):
        return None
    return shlex.split(command[: len(first)])[1:], command[len(first) + len(" | ") :]


def answer(command: str, folder: Path) -> str:
    """What a command prints within this process, or in a shell where it takes one; other programs run in a shell."""
    asked = plain(command)
    if asked is None:
        return run(command, folder)
    words, others = asked
    done = within.run(folder, *words)
    if others:
        return run(others, folder, done.out)
    assert done.code == 0, done.err
    return told(done.out)


def told(printed: str) -> str:
    """Lines without what nobody sees at their end."""
    return "\n".join(line.rstrip() for line in printed.rstrip("\n").splitlines())


def run(command: str, folder: Path, given: str | None = None) -> str:
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": search},
        capture_output=True,
        text=True,
        check=False,
        input=given,
    )
    assert done.returncode == 0, done.stderr
    return told(done.stdout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_printed_is_what_is_answered(page: Path, folder: Path) -> None:
    ask = run if page == README else answer
    for block in blocks(page, "console"):
        for command, printed in steps(block):
            if shown := SHOWN.fullmatch(command):
                (folder / shown[1]).write_text(printed + "\n", encoding="utf-8")
            assert ask(command, folder) == printed, command
    for number, code in enumerate(blocks(page, "python")):
        script = folder / f"block{number}.py"
        script.write_text(code, encoding="utf-8")
        assert SAID.get((page.stem, number), "2024") in run(f"{sys.executable} {script.name}", folder)


def test_the_guides_are_those_that_are_run() -> None:
    assert sorted(guide.topics()) == sorted(ORDER)


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 150


def test_the_roll_forward_foots_and_cross_foots() -> None:
    """Down: opening + movements = closing; across: construction + cost - accumulated = carrying amount."""
    [printed] = [
        printed
        for block in blocks(PAGES[3], "console")
        for command, printed in steps(block)
        if "FROM rollforward(" in command
    ]
    head, *lines = printed.splitlines()
    assert head.split() == ["movement", "construction", "cost", "accumulated", "carrying"]
    table = {name: [Decimal(cell.replace(",", "")) for cell in cells] for name, *cells in map(str.split, lines)}
    for construction, cost, accumulated, carrying in table.values():
        assert construction + cost - accumulated == carrying
    closing = table.pop("closing_balance")
    assert [sum(column) for column in zip(*table.values(), strict=True)] == closing
