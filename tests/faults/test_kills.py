"""Kill -9: nothing acknowledged is lost, nothing is half there, and the next start works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kills import killed


@pytest.mark.parametrize(("trials", "seed"), [(6, 1)])
def test_killed_while_writing(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in killed(tmp_path, trials, seed):
        tally.prove()
