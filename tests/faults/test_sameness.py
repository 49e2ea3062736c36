"""The same facts in another shape give the same figures, and amounts at the limit are exact or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.sameness import large, same


@pytest.mark.parametrize(("trials", "seed"), [(4, 1)])
def test_another_shape(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in same(tmp_path, trials, seed):
        tally.prove()


@pytest.mark.parametrize("sizes", [(2, 93)])
def test_large_amounts(sizes: tuple[int, ...], tmp_path: Path) -> None:
    for tally in large(tmp_path / "large", 1, sizes):
        tally.prove()
