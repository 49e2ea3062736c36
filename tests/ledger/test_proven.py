"""Notes of what was proven: believed for the same bytes, version and user alone, and never needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import depr
from depr.errors import Finding
from depr.fleet.facts import import_files
from depr.fleet.questions import sql
from depr.ledger import proven, seal
from depr.ledger.proven import CONTENTS, FACTS, known, note
from depr.ledger.store import Ledger
from depr.sql.verified import verify
from tests.ledger.samples import RECORDED, event, ledger, lot, write

SHA, OTHER = "a" * 64, "b" * 64
FOREIGN = 65534


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the notes of this test lie."""
    place = tmp_path / "cache" / "proven"
    monkeypatch.setattr(proven, "_folder", lambda: place)
    return place


def test_a_note_speaks_for_its_bytes_and_its_proof_alone() -> None:
    assert not known(SHA, FACTS)
    note(SHA, FACTS)
    assert known(SHA, FACTS)
    assert not known(SHA, CONTENTS)
    assert not known(OTHER, FACTS)


def test_a_note_renamed_cut_or_of_another_version_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(SHA, FACTS)
    [file] = folder.iterdir()
    text = file.read_text("ascii")
    (folder / f"{OTHER}.{FACTS}").write_text(text, "ascii")
    (folder / f"{SHA}.{CONTENTS}").write_text(text, "ascii")
    assert not known(OTHER, FACTS)
    assert not known(SHA, CONTENTS)
    for other in (text[:-1], text + "x", ""):
        file.write_text(other, "ascii")
        assert not known(SHA, FACTS)
    file.write_text(text, "ascii")
    assert known(SHA, FACTS)
    monkeypatch.setattr(proven, "VERSION", "0.0.0")
    assert not known(SHA, FACTS)


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_is_not_believed(folder: Path) -> None:
    note(SHA, FACTS)
    for mode in (0o720, 0o702, 0o777):
        folder.chmod(mode)
        assert not known(SHA, FACTS)
        note(OTHER, FACTS)
        folder.chmod(0o700)
        assert known(SHA, FACTS)
        assert not known(OTHER, FACTS)
    real = folder.rename(folder.with_name("real"))
    folder.symlink_to(real)
    assert not known(SHA, FACTS)
    if os.geteuid() == 0:
        folder.unlink()
        real.rename(folder)
        os.chown(folder, FOREIGN, FOREIGN)
        assert not known(SHA, FACTS)


def test_where_none_can_be_kept_nothing_is_known(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file", "utf-8")
    note(SHA, FACTS)
    assert not known(SHA, FACTS)


def test_there_are_never_more_than_so_many(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proven, "MOST", 5)
    for n in range(12):
        note(f"{n:064x}", FACTS)
        assert len(list(folder.iterdir())) <= 5
        assert known(f"{n:064x}", FACTS)


def test_a_question_is_proven_once_and_every_change_of_bytes_anew(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = ledger(tmp_path / "fleet.duckdb", [lot()]), list[Path]()
    whole = Ledger.verify

    def counted(self: Ledger) -> list[Finding]:
        asked.append(self.path)
        return whole(self)

    monkeypatch.setattr(Ledger, "verify", counted)

    def proofs(*ask: str) -> int:
        asked.clear()
        {"sql": lambda: sql(path, "FROM lots"), "verify": lambda: verify(path)}[ask[0]]()
        return len(asked)

    assert [proofs("sql"), proofs("sql"), proofs("verify"), proofs("verify")] == [1, 0, 1, 1]
    import_files(path, [write(tmp_path / "more.csv", event("transfer", "2024-05-01", location="x"))], RECORDED)
    assert [proofs("sql"), proofs("sql")] == [1, 0]
    moved = path.read_bytes()
    os.utime(path, (0, 0))
    assert proofs("sql") == 0, "neither name nor time are asked"
    for file in list(folder.iterdir()):
        file.unlink()
    assert proofs("sql") == 1
    path.write_bytes(moved[:9000] + bytes([moved[9000] ^ 1]) + moved[9001:])
    with pytest.raises(depr.Refused, match="the ledger file was changed"):
        sql(path, "FROM lots")


def test_a_note_of_a_ledger_does_not_outlive_its_seal(tmp_path: Path) -> None:
    """Sealed anew after a change, the bytes are others: nothing that was noted before speaks for them."""
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    sql(path, "FROM lots")
    before = seal.digest(path)
    assert known(before, FACTS)
    assert known(before, CONTENTS)
    import_files(path, [write(tmp_path / "more.csv", lot(lot_id="L2"))], RECORDED)
    assert not known(seal.digest(path), FACTS)
