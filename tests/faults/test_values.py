"""Every value of every command, by the list of the command line itself: hostile words are refused in words.

And every command stopped by Ctrl-C, from the first import on. Values are a list that anyone can extend.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.main import get_command

from depr.cli import app
from tests.command import run
from tests.daily import sampled
from tests.faults.test_quiet import BOOK, COMMANDS, HEAVY, _split
from tests.ledger.samples import event, ledger, lot, write
from tests.size import ASKED as MANY

VALUES = {
    "blank": "",
    "control": "a\x1b[31mb\x07",
    "long": "x" * 4096,
    "not text": "a\udcff",
    "no file": "md:x",
    "memory": ":memory:",
    "not a number": "nan",
    "infinite": "inf",
    "infinite date": "infinity",
    "digits": "9" * 5000,
    "negative": "-1",
    "very negative": "-9999999999999999999",
    "a folder": "folder",
    "zero": "0",
    "exponent": "1e400",
    "last date": "9999-12-31",
    "first date": "0001-01-01",
    "full width": "\uff12\uff10\uff12\uff14",
    "no month": "2024-13",
    "markup": "[red]x[/nope]",
    "formula": "=1+1",
    "above": "../..",
    "line": "a\nb",
}
TOLD = 8000
"""Characters of a message: what was typed may be in it once."""


def _asked() -> list[tuple[str, Any]]:
    """Every option that takes a value, and every argument, of every command."""
    commands = get_command(app).commands  # type: ignore[attr-defined]
    return [(name, each) for name, command in commands.items() for each in command.params if not _is_flag(each)]


def _is_flag(each: Any) -> bool:
    return bool(each.param_type_name == "option" and each.is_flag)


ASKED = [each for each in _asked() if each[0] not in HEAVY]


def _words(command: str, asked: Any, value: str) -> list[str]:
    """The words of a command with a value in the place of one option or argument."""
    words = _split(COMMANDS[command])
    if asked.param_type_name == "option":
        if asked.opts[0] in words:
            at = words.index(asked.opts[0])
            del words[at : at + 2]
        return [*words, f"{asked.opts[0]}={value}"]
    own = [each.name for name, each in ASKED if name == command and each.param_type_name != "option"]
    plain = [n for n, word in enumerate(words) if n and not word.startswith("-") and not words[n - 1].startswith("-")]
    place = own.index(asked.name)
    return [*words[: plain[place]], value, *words[plain[place] + 1 :]] if place < len(plain) else [*words, value]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    ledger(tmp_path / "fleet.duckdb", [lot()])
    (tmp_path / "folder").mkdir()
    write(tmp_path / "events.csv", event("transfer", "2024-05-01", location="x"))
    (tmp_path / "statements.csv").write_text("issuer\nMETA\n", "utf-8")
    (tmp_path / "book.toml").write_text(BOOK, "utf-8")
    (tmp_path / "theirs.csv").write_text("lot_id,date,depreciation\nL1,2023-03-31,5.00\n", "utf-8")
    return tmp_path


def _tried(command: str, asked: Any, about: str, here: Path) -> None:
    ran = run(here, *_words(command, asked, VALUES[about]))
    at = (command, asked.name, about)
    assert ran.code in (0, 1, 2), (at, ran)
    assert "Traceback" not in ran.err, (at, ran)
    assert not set("\x1b\x07") & set(ran.err), (at, ran)
    assert len(ran.err) < TOLD, at
    assert not (ran.code and ran.out), (at, ran)


@pytest.mark.parametrize("command", sampled(sorted({name for name, _ in ASKED}), 2))
def test_a_value_that_is_none(command: str, here: Path) -> None:
    """Each option and argument with one value, all values in turn; scripts/check properties tries each with all."""
    for number, (name, asked) in enumerate(ASKED):
        if name == command:
            _tried(command, asked, list(VALUES)[number * 7 % len(VALUES)], here)
    assert run(here, "verify", "fleet.duckdb").code == 0


if MANY:  # some hours

    @pytest.mark.parametrize("about", VALUES)
    @pytest.mark.parametrize("command", sorted({name for name, _ in ASKED}))
    def test_every_value_that_is_none(command: str, about: str, here: Path) -> None:
        for name, asked in ASKED:
            if name == command:
                _tried(command, asked, about, here)


START = "import sys; sys.argv = ['depr', *{words!r}]; from depr.__main__ import main; print(flush=True); main()"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("command", sampled(COMMANDS, 4, 2))
def test_stopped_it_says_so(command: str, here: Path) -> None:
    """Ctrl-C at a moment between the first import and the end: 130 and a line, or the end that it would have had."""
    call = [sys.executable, "-c", START.format(words=_split(COMMANDS[command]))]
    with subprocess.Popen(call, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(Random(command).uniform(0, 1.5))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=300)
    assert process.returncode in (0, 1, 130, -signal.SIGINT), (command, said)
    assert b"Traceback" not in said, (command, said.decode())
    assert run(here, "verify", "fleet.duckdb").code == 0
