"""The same facts and commands give the same bytes, wherever they are run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.surroundings import elsewhere


@pytest.mark.parametrize(("trials", "seed"), [(1, 1)])
def test_the_same_bytes_elsewhere(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in elsewhere(tmp_path, trials, seed):
        tally.prove()
