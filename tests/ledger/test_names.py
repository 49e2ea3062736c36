"""One ledger under several names: one seal, one lock, one log, and no false alarm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from depr.fleet.facts import import_files
from depr.ledger import seal
from depr.ledger.kin import true_name
from tests.command import run
from tests.daily import sampled
from tests.ledger.samples import RECORDED, event, ledger, lot, write

NAMES = ("fleet.duckdb", "link.duckdb", "hard.duckdb", "far/up.duckdb", "folder/fleet.duckdb", "twice.duckdb")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    ledger(tmp_path / "fleet.duckdb", [lot()])
    (tmp_path / "far").mkdir()
    (tmp_path / "link.duckdb").symlink_to("fleet.duckdb")
    (tmp_path / "twice.duckdb").symlink_to("link.duckdb")
    (tmp_path / "hard.duckdb").hardlink_to(tmp_path / "fleet.duckdb")
    (tmp_path / "far/up.duckdb").symlink_to("../fleet.duckdb")
    (tmp_path / "folder").symlink_to(".")
    return tmp_path


@pytest.mark.parametrize("writer", sampled(NAMES, 3))
def test_every_name_is_the_same_ledger(writer: str, here: Path) -> None:
    """Written under one name, it holds under all of them; nothing of its own lies beside another name."""
    told = write(here / "told.csv", event("transfer", "2024-05-01", location=writer))
    import_files(here / writer, [told], RECORDED)
    for name in NAMES:
        ran = run(here, "verify", name)
        assert (ran.code, "every byte is as depr left it" in ran.out) == (0, True), (name, ran)
        assert run(here, "sql", name, "FROM lots").code == 0
        assert seal.place(here / name) == here / "fleet.duckdb.seal"
        assert true_name(here / name) == here / "fleet.duckdb"
    made = {path.name for path in (*here.iterdir(), *(here / "far").iterdir())} - {Path(name).name for name in NAMES}
    assert made <= {"far", "folder", "fleet.duckdb.seal", ".fleet.duckdb.lock", "told.csv", "one.csv"}, made


@pytest.mark.parametrize("writer", sampled(NAMES, 3, 1))
def test_who_writes_under_one_name_keeps_others_out_under_all(writer: str, here: Path) -> None:
    told = write(here / "told.csv", event("transfer", "2024-05-01", location="x"))
    with seal.writing(here / writer):
        for name in NAMES:
            ran = run(here, "import", name, told.name)
            assert (ran.code, "is held by another process" in ran.err) == (1, True), (name, ran)


def test_a_link_in_another_folder_is_read_and_never_written(here: Path) -> None:
    """No seal can follow there, so the next writer would leave the other name with a wrong one."""
    os.link(here / "fleet.duckdb", here / "far" / "hard.duckdb")
    before = (here / "fleet.duckdb").read_bytes()
    for name in ("fleet.duckdb", "far/hard.duckdb", "hard.duckdb"):
        ran = run(here, "record", name, "transfer", "L1", "2024-05-01", "--location", "x")
        assert (ran.code, ran.out) == (1, "")
        assert "has another name elsewhere; nothing was written" in ran.err
        assert run(here, "verify", name).code == 0
    assert "there is no seal hard.duckdb.seal" in run(here, "verify", "far/hard.duckdb").out
    assert (here / "fleet.duckdb").read_bytes() == before
    (here / "far" / "hard.duckdb").unlink()
    assert run(here, "record", "fleet.duckdb", "transfer", "L1", "2024-05-01", "--location", "x").code == 0


def test_a_changed_byte_is_noticed_under_every_name(here: Path) -> None:
    with (here / "link.duckdb").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x01")
    for name in NAMES:
        ran = run(here, "verify", name)
        assert (ran.code, "the ledger file was changed" in ran.err) == (1, True), name


def test_a_name_that_leads_nowhere_or_in_a_circle(here: Path) -> None:
    (here / "gone.duckdb").symlink_to("nothing.duckdb")
    (here / "circle.duckdb").symlink_to("circle.duckdb")
    for name in ("gone.duckdb", "circle.duckdb"):
        for words in (["verify", name], ["init", name], ["import", name, "told.csv"], ["sql", name, "FROM lots"]):
            ran = run(here, *words)
            assert (ran.code, ran.out, "Traceback" in ran.err) == (1, "", False), (name, words, ran)
    assert not (here / "nothing.duckdb").exists()
