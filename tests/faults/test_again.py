"""One effect, however often and by however many a fact is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.again import repeated


@pytest.mark.parametrize(("trials", "seed"), [(6, 1)])
def test_the_same_facts_again(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in repeated(tmp_path, trials, seed):
        tally.prove()
