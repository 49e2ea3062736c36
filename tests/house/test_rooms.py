"""ARCHITECTURE.md and CONTRIBUTING.md name what is there: every room, on its line; every path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house import repository
from tests.house.repository import PACKAGE, ROOT

ARCHITECTURE, CONTRIBUTING = ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"
ROW = re.compile(r"^\| (\d+) \| `([a-z_]+)(?:\.py)?` \|", re.MULTILINE)
PATH = re.compile(r"`((?:depr|schedules|reports|scripts|tests|requirements)/[\w/.-]*|\.ci/run)`")


def test_every_room_stands_on_its_line() -> None:
    contract = repository.project()["tool"]["importlinter"]["contracts"][0]
    lines = {room.strip(): number for number, line in enumerate(contract["layers"], 1) for room in line.split("|")}
    lines |= dict.fromkeys(contract["exhaustive_ignores"], 0)
    assert {room: int(line) for line, room in ROW.findall(ARCHITECTURE.read_text("utf-8"))} == lines
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert rooms - {"__init__"} == lines.keys()


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING], ids=lambda page: page.name)
def test_every_path_is_there(page: Path) -> None:
    found = PATH.findall(page.read_text("utf-8"))
    assert found
    assert not [path for path in found if not (ROOT / path).exists()]
