"""The README is run: every session is typed into a shell and must answer as printed, every Python block must work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sybil import Document
from sybil.parsers.markdown import CodeBlockParser

README = Path(__file__).parents[1] / "README.md"
SHOWN = re.compile(r"cat ([a-z]+\.csv)")
"""Shows a file of the reader's own."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    document = Document.parse(str(README), CodeBlockParser(language=language, evaluator=lambda example: None))
    return [str(example.parsed) for example in document.examples()]


def steps(block: str) -> list[tuple[str, str]]:
    """A session as (command, what it prints)."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return [(command, printed.rstrip("\n")) for command, printed in zip(parts[::2], parts[1::2], strict=True)]


def run(command: str, folder: Path) -> str:
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=folder, env={**os.environ, "PATH": search}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.rstrip("\n").splitlines())


def test_sessions_answer_as_printed(folder: Path) -> None:
    for block in blocks("console"):
        for command, printed in steps(block):
            if shown := SHOWN.fullmatch(command):
                (folder / shown[1]).write_text(printed + "\n", encoding="utf-8")
            assert run(command, folder) == printed, command
    for number, code in enumerate(blocks("python")):
        script = folder / f"block{number}.py"
        script.write_text(code, encoding="utf-8")
        assert "META life-3y 2024" in run(f"{sys.executable} {script.name}", folder)


def test_the_roll_forward_foots_and_cross_foots() -> None:
    """Down: opening + movements = closing; across: construction + cost - accumulated = carrying amount."""
    [printed] = [
        printed for block in blocks("console") for command, printed in steps(block) if "FROM rollforward(" in command
    ]
    head, *lines = printed.splitlines()
    assert head.split() == ["movement", "construction", "cost", "accumulated", "carrying"]
    table = {name: [Decimal(cell.replace(",", "")) for cell in cells] for name, *cells in map(str.split, lines)}
    for construction, cost, accumulated, carrying in table.values():
        assert construction + cost - accumulated == carrying
    closing = table.pop("closing_balance")
    assert [sum(column) for column in zip(*table.values(), strict=True)] == closing
