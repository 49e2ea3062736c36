"""Every refusal with the file that provokes it.

A folder is one case. `purchases.csv` is imported into an empty ledger, after `given.csv` if there is one; `command.txt`
holds another command. What is printed must be `expected.txt` to the letter, with exit code 1 and the ledger as it was.
There FOLDER stands for the folder of the case, and a line that ends in " ..." may go on (it lists names that grow).
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.command import run

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/expected.txt"))
IMPORT = "import fleet.duckdb purchases.csv"


def words(folder: Path) -> list[str]:
    command = folder / "command.txt"
    return (command.read_text("utf-8") if command.is_file() else IMPORT).split()


@cache
def ledger(given: str | None) -> bytes:
    """A ledger that holds what was given; made once, copied often."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        assert run(folder, "init", "fleet.duckdb").code == 0
        if given is not None:
            (folder / "given.csv").write_text(given, encoding="utf-8")
            assert run(folder, "import", "fleet.duckdb", "given.csv").code == 0
        return (folder / "fleet.duckdb").read_bytes()


def prepared(case: str, folder: Path) -> Path:
    """The case's files beside a ledger."""
    shutil.copytree(HERE / case, folder, dirs_exist_ok=True)
    given = folder / "given.csv"
    (folder / "fleet.duckdb").write_bytes(ledger(given.read_text("utf-8") if given.is_file() else None))
    return folder


def shortened(printed: str, expected: str) -> str:
    """What was printed, cut where the expected line ends in " ..."."""
    lines, open_ended = printed.strip().splitlines(), [line.removesuffix(" ...") for line in expected.splitlines()]
    cut = [
        f"{short} ..." if line.startswith(short) and whole.endswith(" ...") else line
        for line, short, whole in zip(lines, open_ended, expected.splitlines(), strict=False)
    ]
    return "\n".join([*cut, *lines[len(cut) :]]) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_refusal(case: str, tmp_path: Path) -> None:
    folder = prepared(case, tmp_path)
    before = (folder / "fleet.duckdb").read_bytes()
    ran = run(folder, *words(folder))
    expected = (HERE / case / "expected.txt").read_text("utf-8")
    assert shortened(ran.err.replace(str(folder), "FOLDER"), expected) == expected
    assert (ran.code, ran.out) == (1, "")
    assert (folder / "fleet.duckdb").read_bytes() == before


def test_every_folder_is_a_case() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(CASES)
