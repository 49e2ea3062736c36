"""Where nothing can be written, nothing is half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daily import sampled
from tests.faults.disks import COMMANDS, TABLES, Commands, full, limited, may_mount, read_only

mounting = pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")


def third(commands: Commands, part: int) -> Commands:
    """One in three of the commands: each fault is tried with some of them daily, with all for a release."""
    return dict(list(commands.items())[part::3])


@pytest.mark.parametrize("part", sampled(range(3), 3))
def test_no_file_may_grow(part: int, tmp_path: Path) -> None:
    for tally in limited(tmp_path, 1, 1, third(COMMANDS, part)):
        tally.prove()


def test_a_table_may_not_grow(tmp_path: Path) -> None:
    for tally in limited(tmp_path, 1, 1, TABLES):
        tally.prove()


@mounting
@pytest.mark.parametrize("part", sampled(range(3), 3, 1))
def test_a_full_disk(part: int, tmp_path: Path) -> None:
    for tally in full(tmp_path, 1, 1, third(COMMANDS, part)):
        tally.prove()


@mounting
@pytest.mark.parametrize("part", sampled(range(3), 3, 2))
def test_a_read_only_folder(part: int, tmp_path: Path) -> None:
    for tally in read_only(tmp_path, third(COMMANDS | TABLES, part)):
        tally.prove()
