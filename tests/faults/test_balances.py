"""What must hold for any fleet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.balances import FEW, held


@pytest.mark.parametrize(
    ("fleets", "lots", "books", "seed"),
    [(1, 60, FEW, 1)],
)
def test_everything_foots(fleets: int, lots: int, books: tuple[str, ...], seed: int, tmp_path: Path) -> None:
    for tally in held(tmp_path, fleets, seed, lots, books):
        tally.prove()
