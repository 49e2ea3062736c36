"""A held ledger names its holder; an interrupted import has not been."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.holders import held, interrupted


def test_a_held_ledger_names_its_holder(tmp_path: Path) -> None:
    for tally in held(tmp_path / "held"):
        tally.prove()


@pytest.mark.parametrize(("trials", "seed"), [(3, 1)])
def test_an_interrupted_import(trials: int, seed: int, tmp_path: Path) -> None:
    tally, _ = interrupted(tmp_path / "interrupted", trials, seed)
    tally.prove()


def test_an_interrupted_import_says_how_to_go_on(tmp_path: Path) -> None:
    _, spoken = interrupted(tmp_path / "interrupted", 1, 1)
    spoken.prove()
