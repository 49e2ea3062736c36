"""Files that become large are refused, and the ledger is as it was; `scripts/check faults --full` measures memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import run
from tests.daily import sampled
from tests.faults.bombs import BOMBS, MIB, bombs, padded

SMALL = 1 << 25


@pytest.mark.parametrize("name", sampled(BOMBS, 2))
def test_a_file_that_becomes_large(name: str, tmp_path: Path) -> None:
    for tally in bombs(tmp_path, SMALL, (name,)):
        tally.prove()


@pytest.mark.parametrize("name", sampled([name for name in BOMBS if name != "blank rows"], 2, 1))
def test_no_mapping_is_suggested_for_such_a_file(name: str, tmp_path: Path) -> None:
    ran = run(tmp_path, "import", BOMBS[name](tmp_path, SMALL), "--suggest")
    assert (ran.code, ran.out) == (1, "")
    assert "Traceback" not in ran.err
    assert not list(tmp_path.glob("*.toml"))


@pytest.mark.parametrize("name", sampled(BOMBS, 4, 1))
def test_a_larger_file_buys_no_memory(name: str, tmp_path: Path) -> None:
    size = MIB[list(BOMBS).index(name) % len(MIB)]  # each of them with some
    for tally in padded(tmp_path, (size,), (name,)):
        tally.prove()
