"""Words that do not go together are refused before anything is done, and help gives commands that can be typed."""

from __future__ import annotations

import re
import shlex
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main

from depr import cli
from depr.cli.demo import COLLECTED
from tests.command import run

NEEDS_FILES = "is about statements of your own: give --statements too"
DOCUMENT = "--issuer, --filed and --split-adjusted are about companyfacts (.json), not a table"
OF_LEDGER = "--as-of and --known-at are asked of a ledger: name one"
LEAVE = "--out writes what its name ends in: leave --format out"
REFUSED = {
    "schedule a.duckdb --out s.csv --format json": LEAVE,
    "schedule a.duckdb --known-at yesterday": "give a date or a time such as 2026-03-31T18:00",
    "restate a.duckdb --years all": "give fiscal years such as 2022-2025",
    "restate a.duckdb --years 2022-x": "give fiscal years such as 2022-2025",
    "restate a.duckdb --filed first": f"--filed {NEEDS_FILES}",
    "report a.duckdb --filed last": f"--filed {NEEDS_FILES}",
    "materiality a.duckdb --accept-breaks": f"--accept-breaks {NEEDS_FILES}",
    "statements s.csv --issuer META": DOCUMENT,
    "statements s.csv --filed first": DOCUMENT,
    "statements s.xlsx --split-adjusted": DOCUMENT,
    "statements s.csv --out t.csv --format csv": LEAVE,
    "lives --as-of 2024-01-31": OF_LEDGER,
    "lives --known-at 2024-01-31": OF_LEDGER,
    "claims --surface s --level s": "give --surface or --level, not both",
    "check": "name a ledger, or --list",
    "check a.duckdb chain --counts c.csv": "--counts is for the check physical: name it too",
    "verify a.duckdb b.duckdb": "a ledger is compared with no other: name a published copy or a page first",
    "verify copy --seal": "a published copy is as it was published: --seal is for a ledger",
    "verify pages a.duckdb --seal": "--head and --seal are for a ledger: verify that, then the page against it",
    "verify pages a.duckdb --head 3f2a": "--head and --seal are for a ledger: verify that, then the page against it",
    "sql a.duckdb 'SELECT 1' --format parquet": "Parquet needs --out FILE",
    "sql a.duckdb 'SELECT 1' --format json --out a.csv": "--format json and a file that ends in .csv do not go",
    "sql a.duckdb 'SELECT 1' --file q.sql": "give a statement or --file, not both",
    "sql a.duckdb ' '": "give a statement, --file, or SQL on standard input",
    "close a.duckdb \udcff 2025-03": "'\\udcff' is no text",
    f"source a.duckdb {'7' * 1000}": "a number of 1,000 digits",
}
"""Words, and what is said of them."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "pages").mkdir()
    (folder / "pages" / "index.html").write_text("<html></html>", "utf-8")
    for words in ("init a.duckdb", "publish a.duckdb copy"):
        assert run(folder, *words.split()).code == 0
    return folder


@pytest.mark.parametrize("typed", REFUSED)
def test_words_that_do_not_go_together_are_refused(typed: str, made: Path) -> None:
    ran = run(made, *shlex.split(typed))
    assert (ran.code > 0, ran.out) == (True, "")
    said = " ".join(re.sub("[│╭╰─╮╯]", " ", ran.err).split())
    assert REFUSED[typed] in said


def test_a_number_of_fewer_digits_is_left_to_its_command(made: Path) -> None:
    ran = run(made, "close", "a.duckdb", "M" + "7" * 999, "2025-03")
    assert (ran.code, "digits" in ran.err) == (1, False)


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(cli.app)
    return dict(group.commands)


@pytest.mark.parametrize("name", commands())
def test_the_examples_of_help_can_be_typed(name: str) -> None:
    """Each is a command with words that it takes; at least one is of the command that is asked about."""
    examples = re.findall(r"^\[dim\]\$\[/dim\](.*)$", commands()[name].epilog, re.MULTILINE)
    typed = [shlex.split(example.partition(" > ")[0], comments=True) for example in examples]
    assert [name] in [words[1:2] for words in typed if words]
    for program, first, *words in typed:
        assert program in ("depr", "duckdb")
        if program == "depr":
            commands()[first].make_context(first, words)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_the_demo_is_recorded_at_one_instant_in_every_time_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        assert COLLECTED.astimezone(UTC) == datetime(2026, 11, 21, tzinfo=UTC)
    time.tzset()
