"""What is changed in a stored file is noticed before a figure is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.changes import altered


@pytest.mark.parametrize(("trials", "seed"), [(12, 1)])
def test_a_changed_file_is_noticed(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in altered(tmp_path, trials, seed):
        tally.prove()
