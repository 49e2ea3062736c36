"""What is found is told by cause and counted, is written to a file where that is asked for, and obeys no terminal."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from depr.errors import HEADS, KINDS, ROWS, Finding, Refused, grouped, meant, visible
from tests.command import Ran, run
from tests.daily import sampled
from tests.ledger.samples import LOT, csv_text, event, foreign, lot, write

MOST_LINES = KINDS * (HEADS + 3) + 1


def made(folder: Path, rows: Iterable[Mapping[str, str]], *words: str) -> Ran:
    """What an import of some rows says; into a new ledger, unless there is one."""
    if not (folder / "f.duckdb").exists():
        assert run(folder, "init", "f.duckdb").code == 0
    write(folder / "p.csv", *rows)
    return run(folder, "import", "f.duckdb", "p.csv", *words)


def test_one_cause_is_told_once() -> None:
    same = [Finding("p.csv", row, "units is 0", "a lot holds at least one unit", "leave it out") for row in (4, 2, 9)]
    other = Finding("p.csv", 3, "units is -1", "a lot holds at least one unit", "leave it out")
    alone = Finding("q.csv", 0, "holds nothing")
    assert str(Refused([*same, other, alone])) == (
        "p.csv:2: units is 0 (also rows 4, 9)\n"
        "p.csv:3: units is -1\n"
        "  why: a lot holds at least one unit\n"
        "  do: leave it out\n"
        "q.csv: holds nothing"
    )


@pytest.mark.parametrize("number", [1, 2, ROWS + 1, ROWS + 2, HEADS, HEADS + 1, 1000])
@pytest.mark.parametrize("texts", [1, 7, 1000])
def test_what_is_not_told_is_counted(number: int, texts: int) -> None:
    lines = "\n".join(grouped(Finding("p.csv", row + 2, f"text {row % texts}", "why") for row in range(number)))
    shown = len(re.findall(r"^p\.csv:[0-9]", lines, re.MULTILINE))
    listed = sum(len(found.split(", ")) for found in re.findall(r"also rows? ([0-9][0-9, ]*)", lines))
    more = sum(int(found.replace(",", "")) for found in re.findall(r"and ([0-9,]+) more", lines))
    assert shown + listed + more == number
    assert "and 0 more" not in lines
    assert len(lines.splitlines()) <= HEADS + 2


def test_causes_beyond_those_told_are_counted() -> None:
    lines = list(grouped(Finding("p.csv", row, "what", f"why {row}") for row in range(KINDS + 7)))
    assert len(lines) == KINDS + 1
    assert lines[-1] == "and 7 more, of 7 other kinds"


def test_thirteen_unknown_names_make_a_page(tmp_path: Path) -> None:
    rows = [lot(lot_id=f"L{n}", generation=f"h10{chr(ord('a') + n % 13)}") for n in range(800)]
    ran = made(tmp_path, rows)
    heads = [line for line in ran.err.splitlines() if line.startswith("p.csv:")]
    assert ran.code == 1
    assert len(heads) == 13
    assert heads[0].startswith("p.csv:2: unknown generation 'h10a'; did you mean 'h100'? (also rows 15, 28, ")
    assert heads[0].endswith(" and 51 more)")
    assert len(ran.err.splitlines()) < 20


def test_a_random_fleet_is_told_in_pages(tmp_path: Path) -> None:
    drawn = random.Random(1)
    rows = [{name: str(drawn.random()) for name in LOT} for _ in range(3000)]
    ran = made(tmp_path, rows)
    assert ran.code == 1
    assert len(ran.err.splitlines()) <= MOST_LINES
    assert "p.csv: and 2,980 more like these" in ran.err


def test_many_rows_into_a_closed_period(tmp_path: Path) -> None:
    assert made(tmp_path, [lot(lot_id=f"L{n}") for n in range(2000)]).code == 0
    assert run(tmp_path, "close", "f.duckdb", "META", "2024-12").code == 0
    ran = made(tmp_path, [event("transfer", "2024-06-30", f"L{n}", location="Iowa") for n in range(2000)])
    assert ran.code == 1
    assert ran.err.splitlines()[0] == (
        "p.csv:2: 2024-06-30 is in a closed period; the first open day is 2025-01-01 "
        f"(also rows {', '.join(map(str, range(3, 3 + ROWS)))} and {1999 - ROWS:,} more)"
    )
    assert len(ran.err.splitlines()) < 6


@pytest.mark.parametrize("partial", [False, True])
def test_every_finding_in_a_file(partial: bool, tmp_path: Path) -> None:
    """One row a finding, however many; read = accepted + rejected + duplicates."""
    bad = 12_000
    rows = [lot(lot_id=f"L{n}", units="0" if n < bad else "1") for n in range(bad + 5)]
    words = ["--findings", "all.csv", *(["--partial", "--format", "csv"] if partial else [])]
    ran = made(tmp_path, rows, *words)
    assert ran.code == 1
    assert len(ran.err.splitlines()) < 8
    assert "wrote all.csv: 12,000 findings" in ran.err
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [int(each["row"]) for each in found] == list(range(2, bad + 2))
    assert {each["what"] for each in found} == {"units is 0"}
    if partial:
        [counts] = csv.DictReader(ran.out.splitlines())
        assert [counts[name] for name in ("read", "accepted", "rejected", "duplicates")] == ["12005", "5", "12000", "0"]
    again = run(tmp_path, "import", "f.duckdb", "p.csv", "--findings", "all.csv")
    assert "all.csv: already exists" in again.err
    assert "unknown file type '.txt'" in run(tmp_path, "import", "f.duckdb", "p.csv", "--findings", "all.txt").err


def test_beyond_those_in_words_rows_are_counted(tmp_path: Path) -> None:
    ran = made(tmp_path, [lot(lot_id=f"L{n}", units="0") for n in range(12_000)])
    assert f"p.csv:2: units is 0 (also rows 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and {10_000 - 11:,} more)" in ran.err
    assert "p.csv: and 2,000 more like it" in ran.err
    assert "--findings FILE" in ran.err


def test_what_was_recorded_before_a_refusal_is_said(tmp_path: Path) -> None:
    assert made(tmp_path, [lot(units="0")]).code == 1
    write(tmp_path / "good.csv", lot())
    ran = run(tmp_path, "import", "f.duckdb", "good.csv", "p.csv")
    assert ran.code == 1
    assert "p.csv:2: units is 0" in ran.err
    assert "good.csv: was recorded before that as batch 1: 1 rows read, 1 accepted, 0 rejected, 0 dup" in ran.err


# Control characters


OBEYED = [chr(code) for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"]
UNSEEN = [
    *"\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
]
HOSTILE = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\",
    "\x9b31m",
    "back\x08\x08\x08\x08",
    "line\rover",
    "\u202egnp.exe",
    "a\x00b",
]
"""Texts that a terminal would obey. Another one is a line here."""


@pytest.mark.parametrize("character", [*OBEYED, *UNSEEN, "\ud800", "\U000e0041"], ids=ascii)
def test_what_a_terminal_would_obey_is_shown(character: str) -> None:
    shown = visible(f"a{character}b")
    assert character not in shown
    assert shown.isascii()
    assert shown.encode().decode("unicode_escape").encode("utf-8", "surrogatepass") == f"a{character}b".encode(
        "utf-8", "surrogatepass"
    )


@pytest.mark.parametrize("text", ["Malmö", "輝達", "e\u0301", "🙂", "a\u200db", "a\tb\nc", "\\x1b"])
def test_other_text_is_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_line_of_a_finding_is_one_line() -> None:
    assert str(Finding("a\nb", 1, "c\nd\te", "f\ng")) == "a\\nb:1: c\\nd\\te\n  why: f\\ng"


COMMANDS = (
    "import f.duckdb p.csv",
    "import f.duckdb p.csv --partial --findings all.parquet",
    "import new.duckdb p.csv --dry-run",
    "statements p.csv",
    "check f.duckdb",
    "check f.duckdb physical --counts p.csv",
    "backtest --cases p.csv",
    "sql f.duckdb 'FROM lots'",
    "sql f.duckdb 'SELECT [location], {a: location}, location AS \"\x1b[1m\" FROM lots'",
    'sql f.duckdb "SELECT error(location) FROM lots"',
    "holdings f.duckdb --by location",
    "schedule f.duckdb --book 3y --grain year",
    "rollforward f.duckdb --book 3y --through 2024-12-31 --by location",
    "journal f.duckdb 2024 --book 3y --per-lot",
    "journal f.duckdb 2024 --book 3y --per-lot --format beancount",
    "journal f.duckdb 2024 --book 3y --per-lot --format hledger",
    "restate f.duckdb --lives 3",
    "explain f.duckdb 'L\x1b[2J' 2024-03",
    "explain f.duckdb L1 2024-03 --book 3y",
    "record f.duckdb transfer 'L\x1b[2J' 2024-06-30 --location here",
    "source f.duckdb 1 --out '\x1b[2J.csv'",
    "verify f.duckdb",
)


@pytest.mark.parametrize("words", sampled(COMMANDS, 3), ids=ascii)
def test_no_command_brings_them_to_a_terminal(words: str, tmp_path: Path) -> None:
    import shlex

    cells = {"issuer": "META", "generation": "h100"}
    rows = [lot(lot_id=f"L{n}{text}", location=text, document=text, serial=text) for n, text in enumerate(HOSTILE)]
    foreign(tmp_path / "f.duckdb", lot(), *rows, *(lot(lot_id=f"I{n}", issuer=t) for n, t in enumerate(HOSTILE)))
    assert run(tmp_path, "init", "new.duckdb").code == 0
    wrong = [dict.fromkeys(LOT, text) for text in HOSTILE]
    good = [lot(lot_id=f"G{text}", location=text) | cells for text in HOSTILE]
    (tmp_path / "p.csv").write_text(csv_text(*wrong, *good).replace('"lot_id"', '"lot_id"', 1), "utf-8")
    ran = run(tmp_path, *shlex.split(words))
    said = ran.out + ran.err
    assert [character for character in [*OBEYED, *UNSEEN] if character in said] == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_files_for_programs_hold_the_text_as_it_is(form: str, tmp_path: Path) -> None:
    """A table is for the eye; CSV, JSON and Parquet are for programs, which need the text itself."""
    import json

    rows = [lot(lot_id=f"L{n}", location=text) for n, text in enumerate(HOSTILE)]
    assert made(tmp_path, rows).code == 0
    said = run(tmp_path, "sql", "f.duckdb", "SELECT location FROM lots ORDER BY lot_id", "--format", form).out
    told_ = json.loads(said) if form == "json" else list(csv.DictReader(said.splitlines(keepends=True)))
    assert [each["location"] for each in told_][:2] == HOSTILE[:2]


def test_one_that_speaks_for_many_rows_is_told_as_it_is() -> None:
    assert list(grouped([Finding("p.csv", 3, "blank", "why", rows=5)])) == ["p.csv:3: blank\n  why: why"]


@pytest.mark.parametrize(
    ("typed", "name"), [("h200", "h200-sxm"), ("H200", "h200-sxm"), ("gh20", "gh200"), ("b20o", "b200"), ("zz", "")]
)
def test_what_goes_on_where_a_name_ends_is_meant_before_what_is_near(typed: str, name: str) -> None:
    said = meant(typed, ["gh200", "h200-sxm", "h200-sxm-141gb", "b200"])
    assert said == (f"; did you mean {name!r}?" if name else "")
