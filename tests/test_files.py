"""A file is written whole or not at all, and never in the place of what is not ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depr.errors import Refused
from depr.share.files import MANIFEST, MANIFEST_SEAL, check_place, replacing
from tests.ledger.samples import ledger, lot


def test_what_is_there_is_named_as_what_it_is(tmp_path: Path) -> None:
    ledger(tmp_path / "fleet.duckdb", [lot()])
    for place, what in (("fleet.duckdb", "is a ledger or another DuckDB file"), ("fleet.duckdb.seal", "belongs to ")):
        with pytest.raises(Refused) as refused:
            check_place(tmp_path / place, overwrite=True)
        assert refused.value.findings[0].what.startswith(what)


def test_nothing_is_written_into_a_published_folder(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({MANIFEST_SEAL: "0"}), "utf-8")
    with pytest.raises(Refused, match="a published copy"):
        check_place(tmp_path / "below" / "a.csv", overwrite=True)
    (tmp_path / MANIFEST).write_text("{}", "utf-8")
    check_place(tmp_path / "below" / "a.csv")


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    with replacing(tmp_path / "not" / "there" / "a.csv") as file:
        file.write(b"a")
    assert (tmp_path / "not" / "there" / "a.csv").read_bytes() == b"a"


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("no folder", "utf-8")
    with pytest.raises(Refused) as refused, replacing(tmp_path / "a" / "b.csv"):
        pass
    [found] = refused.value.findings
    assert (found.what[:18], found.why) == ("cannot be written:", "the old file is as it was")
