"""Names that are no names of a file, on every command that takes a ledger: one plain message, and nothing is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from depr import api
from depr.errors import Refused
from depr.readers import read_toml
from depr.report.build import render
from tests.command import run
from tests.ledger.samples import RECORDED, event, ledger, lot, write

NAMES = (":memory:", "md:x", "motherduck:x", "https://example.com/x.duckdb", "x" * 4096, f"a/{'x' * 300}", "a\udcff")
"""Whoever knows another adds it."""

COMMANDS = (
    "init {}", "import {} one.csv", "record {} disposal L1 2024-05-01 --amount 1", "check {}", "verify {}",
    "close {} META 2024-01", "reopen {} META 2024-01 --reason x", "holdings {}", "source {} 1", "schedule {}",
    "journal {} 2024", "rollforward {} --through 2024-12-31", "explain {} L1 2024-01", "restate {}", "report {}",
    "prepare {}", "publish {} out", "migrate {}", "sql {} FROM-lots",
)  # fmt: skip


@pytest.mark.parametrize("line", COMMANDS)
def test_a_name_that_is_none(line: str, tmp_path: Path) -> None:
    write(tmp_path / "one.csv", lot())
    for name in NAMES:
        ran = run(tmp_path, *(name if word == "{}" else word for word in line.split()))
        assert ran.code == 1, (name, ran)
        assert ran.out == "", name
        assert "Traceback" not in ran.err, name
        assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == ["one.csv"], name


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5000, f"a = {'9' * 5000}", ".".join("a" * 100) + " = 1", "#" * (1 << 22)]
)
def test_a_document_that_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused):
        read_toml(path)


def test_templates_reach_no_code(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/report.css").touch()
    (tmp_path / "page.j2").write_text("{{ ''.__class__.__mro__[1].__subclasses__() }}", encoding="utf-8")
    with pytest.raises(Refused, match="may not do this"):
        render("page.j2", {}, tmp_path, "USD")


def test_a_clock_that_runs_far_ahead(tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    later = write(tmp_path / "later.csv", event("transfer", "2024-05-01", location="x"))
    before = path.read_bytes()
    with pytest.raises(Refused, match="the clock says 2099"):
        api.import_files(path, [later], datetime(2099, 1, 1, tzinfo=UTC))
    assert path.read_bytes()[:12] == before[:12]
    assert len(api.verify(path)[0].batches) == 1
    [done] = api.import_files(path, [later], RECORDED + timedelta(days=1))
    assert done.batch.accepted == 1


def test_the_names_are_tried_on_commands_that_exist() -> None:
    said = run(Path(), "--help").out
    assert all(line.split()[0] in said for line in COMMANDS)
