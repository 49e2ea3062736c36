"""Hostile text stays text, and as a name it leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cells import hostile, obeyed, paths


@pytest.mark.parametrize(("trials", "seed"), [(60, 1)])
def test_hostile_cells(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in hostile(tmp_path, trials, seed):
        tally.prove()


def test_some_names_as_paths(tmp_path: Path) -> None:
    for tally in paths(tmp_path, 0, 1, every=15):
        tally.prove()


def test_a_terminal_is_not_told_what_to_do(tmp_path: Path) -> None:
    assert not obeyed(tmp_path / "terminal")
