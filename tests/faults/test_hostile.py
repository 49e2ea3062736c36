"""Names that are no names of a file, on every command that takes a ledger: one plain message, and nothing is made."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from depr.errors import Refused
from depr.fleet.facts import import_files, init
from depr.intake import read_toml
from depr.ledger.store import RELEASED
from depr.report.build import render
from depr.sql.verified import verify
from tests.command import run
from tests.daily import sampled
from tests.ledger.samples import RECORDED, ledger, lot, write

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


BESIDE = {"deep": b"[" * 100_000, "no text": b"\xff\xfe", "blank": b"", "a list": b"[]", "a number": b"1"}
"""What may stand in a small file that is read beside a ledger or in a copy; and one that is too large."""


@pytest.mark.parametrize("what", [*BESIDE, "large"])
def test_a_manifest_or_a_seal_that_is_none(what: str, tmp_path: Path) -> None:
    path, folder = ledger(tmp_path / "fleet.duckdb", [lot()]), tmp_path / "copy"
    folder.mkdir()
    for file in (folder / "manifest.json", tmp_path / "fleet.duckdb.seal"):
        with file.open("wb") as opened:
            opened.write(BESIDE.get(what, b"{"))
            opened.truncate(1 << 36 if what == "large" else None)  # 64 GiB that take no room
        lines = (
            ["verify", "copy"],
            ["verify", path.name],
            ["sql", path.name, "FROM lots"],
            ["publish", path.name, "copy"],
        )
        for words in lines if file.suffix == ".seal" else lines[:1]:
            ran = run(tmp_path, *words)
            assert (ran.code, ran.out, "Traceback" in ran.err) == (1, "", False), (words, ran)


def test_templates_reach_no_code(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/report.css").touch()
    (tmp_path / "page.j2").write_text("{{ ''.__class__.__mro__[1].__subclasses__() }}", encoding="utf-8")
    with pytest.raises(Refused, match="may not do this"):
        render("page.j2", {}, tmp_path, "USD")


CLOCKS = {
    ("last", 300): "",
    ("last", 500): "the clock says 2026-06-15 12:00, and the last batch was recorded on 2025-01-31",
    ("last", 2000): "refused",
    ("last", 27000): "refused",
    ("last", -1): "before the last batch (2025-01-31 12:00)",
    ("last", -2000): "refused",
    ("first", 700): "",
    ("first", 900): "and this version was made on",
    ("first", 4000): "refused",
    ("first", 27000): "refused",
}
"""What is known of the time, and how many days the clock is from it: what is said."""


@pytest.mark.parametrize("case", sampled(CLOCKS, 2, whole=True))
def test_a_clock_that_runs_ahead(case: tuple[str, int], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    what, days = case
    path = ledger(tmp_path / "fleet.duckdb", [lot()]) if what == "last" else init(tmp_path / "fleet.duckdb")
    known = RECORDED if what == "last" else RELEASED.replace(tzinfo=UTC)
    one = write(tmp_path / "one.csv", lot(lot_id="L2"))
    before = len(verify(path)[0].batches)
    if CLOCKS[case] == "refused":
        with pytest.raises(Refused, match="the clock says"):
            import_files(path, [one], known + timedelta(days=days))
        assert len(verify(path)[0].batches) == before
        [done] = import_files(path, [one], known + timedelta(days=1))
        assert done.batch.accepted == 1
        return
    [done] = import_files(path, [one], known + timedelta(days=days))
    assert done.batch.accepted == 1
    assert done.batch.recorded_at >= (RECORDED.replace(tzinfo=None) if what == "last" else done.batch.recorded_at)
    assert len(caplog.messages) == bool(CLOCKS[case])
    assert CLOCKS[case] in "".join(caplog.messages)


def test_the_names_are_tried_on_commands_that_exist() -> None:
    said = run(Path(), "--help").out
    assert all(line.split()[0] in said for line in COMMANDS)
