"""The check that runs the tests under other Pythons: which it finds, what it counts, and when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.checks import pythons
from scripts.checks.pythons import ABSENT, BROKEN, Ran, counted, interpreter, supported, wrong

REPORT = """<testsuites><testsuite tests="9" failures="1" errors="2" skipped="3" time="4.2"></testsuite></testsuites>"""


def program(folder: Path, text: str, version: str = "3.12") -> Path:
    folder.mkdir(parents=True)
    own = folder / f"python{version}"
    own.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    own.chmod(0o755)
    return own


def test_versions_are_those_that_the_package_names() -> None:
    assert supported() == ["3.11", "3.12", "3.13"]


def test_a_program_that_does_not_run_or_is_another_version_is_passed_over(tmp_path: Path) -> None:
    shim = program(tmp_path / "shims", "exit 127")
    older = program(tmp_path / "older", "echo 3.10")
    right = program(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin", "echo 3.12")
    path = f"{shim.parent}::{older.parent}"
    assert interpreter("3.12", path, tmp_path / "pyenv") == right
    assert interpreter("3.12", path, tmp_path / "none") is None
    first = program(tmp_path / "first", "echo 3.12")
    assert interpreter("3.12", f"{path}:{first.parent}", tmp_path / "pyenv") == first


def test_what_a_report_counts() -> None:
    assert counted(REPORT) == (3, 3, 3)


def test_what_does_not_hold() -> None:
    fine, absent = Ran("3.11", 5, 0, 1, "12"), Ran("3.12", said=ABSENT)
    assert [*wrong([fine, Ran("3.12", 5, 0, 0, "9"), Ran("3.13", said=ABSENT)], "3.11")] == []
    assert [*wrong([fine, absent], "3.11")] == [
        "no other Python than 3.11 is on this machine: install one of 3.11, 3.12"
    ]
    faults = [*wrong([fine, Ran("3.12", 4, 1, 0, "9"), Ran("3.13", said=BROKEN), Ran("3.14", said="2")], "3.11")]
    assert faults == ["3.12: 1 failed", f"3.13: {BROKEN}", "3.14: no test ran"]


def test_the_table_says_which_are_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {"3.11": Ran("3.11", 1200, 0, 3, "61"), "3.12": Ran("3.12", said=ABSENT), "3.13": Ran("3.13", 7, 0, 0, "9")}
    monkeypatch.setattr(pythons, "ran", lambda version, words: rows[version])
    assert pythons.main(["tests/kernel"]) == 0
    out = capsys.readouterr().out
    assert "Pythons: tests/kernel" in out
    assert [line.split() for line in out.splitlines() if "3.1" in line] == [
        ["│", "3.11", "│", "1,200", "│", "0", "│", "3", "│", "61", "│"],
        ["│", "3.12", "│", "│", "│", "│", "not", "on", "this", "machine", "│"],
        ["│", "3.13", "│", "7", "│", "0", "│", "0", "│", "9", "│"],
    ]
