"""Where nothing can be written, nothing is half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.disks import COMMANDS, TABLES, full, limited, may_mount, read_only

mounting = pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")


@pytest.mark.parametrize(("trials", "seed"), [(1, 1)])
def test_no_file_may_grow(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in limited(tmp_path, seed, trials, COMMANDS):
        tally.prove()


def test_a_table_may_not_grow(tmp_path: Path) -> None:
    for tally in limited(tmp_path, 1, 1, TABLES):
        tally.prove()


@mounting
@pytest.mark.parametrize(("trials", "seed"), [(1, 1)])
def test_a_full_disk(trials: int, seed: int, tmp_path: Path) -> None:
    for tally in full(tmp_path, seed, trials, COMMANDS):
        tally.prove()


@mounting
def test_a_read_only_folder(tmp_path: Path) -> None:
    for tally in read_only(tmp_path, COMMANDS | TABLES):
        tally.prove()
