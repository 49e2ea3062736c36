"""Every command with hostile surroundings: a reader that goes away, a folder that takes nothing, names that are none.

One plain message or a quiet end, and never a traceback. Commands and values are lists that anyone can extend.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from shutil import which

import pytest
from typer.main import get_command

from depr.cli import app
from tests.command import Ran, run
from tests.daily import sampled
from tests.ledger.samples import event, ledger, lot, write
from tests.size import ASKED

COMMANDS = {
    "new": "new acme --id ACME --currency USD --year-end-month 6 --life 5y --tax-rate 0.21 --by A --source b",
    "adopt": "adopt fleet.duckdb book.toml --by A --reason b",
    "judgements": "judgements fleet.duckdb --format csv",
    "post": "post fleet.duckdb 2023-03 --by A --format csv",
    "postings": "postings fleet.duckdb --format csv",
    "diff": "diff fleet.duckdb --since 2026-01-01 --lives 3 --years 2023 --format csv",
    "init": "init new.duckdb",
    "import": "import fleet.duckdb events.csv",
    "record": "record fleet.duckdb transfer L1 2024-05-01 --location x",
    "check": "check fleet.duckdb chain",
    "verify": "verify fleet.duckdb",
    "close": "close fleet.duckdb META 2023-03",
    "reopen": "reopen fleet.duckdb META 2023-03 --reason x",
    "holdings": "holdings fleet.duckdb",
    "source": "source fleet.duckdb 1 --out copy.csv",
    "migrate": "migrate fleet.duckdb",
    "schedule": "schedule fleet.duckdb --grain month --format csv",
    "rollforward": "rollforward fleet.duckdb --through 2024-12-31 --format csv",
    "journal": "journal fleet.duckdb 2023 --format csv",
    "restate": "restate fleet.duckdb --lives 3 --years 2023 --format csv",
    "saved": "saved fleet.duckdb",
    "report": "report fleet.duckdb --lives 3 --years 2023",
    "tie": "tie fleet.duckdb theirs.csv --from 2023-03 --format csv",
    "explain": "explain fleet.duckdb L1 2023-03",
    "prepare": "prepare fleet.duckdb --life 3y --no-evidence",
    "sql": "sql fleet.duckdb 'SELECT * FROM range(100000)' --rows 0",
    "publish": "publish fleet.duckdb copy",
    "lives": "lives --format csv",
    "statements": "statements statements.csv",
    "materiality": "materiality fleet.duckdb --lives 3 --years 2023 --format csv",
    "backtest": "backtest --format csv",
    "project": "project --format csv",
    "claims": "claims --format csv",
    "asset": "asset --cost 1000 --in-service 2024-01-01 --life 30y --format csv",
    "guide": "guide",
    "methods": "methods",
    "conventions": "conventions",
    "mappings": "mappings",
    "demo": "demo --format csv",
}
"""Every command, with words that make it do its work."""

BOOK = """\
id = "own"
title = "Our own"
kind = "scenario"
source = "board minutes"

[[policy]]
effective = "opening"
method = "straight_line"
convention = "full_month"
life_months = 48
source = "accounting manual, section 4"
"""

HEAVY = {"demo", "backtest", "project", "claims"}
"""Commands that work for long before they say anything: tried by scripts/check properties."""

READING = sorted(set(COMMANDS) - {"init", "migrate"} - (set() if ASKED else HEAVY))


def _split(line: str) -> list[str]:
    import shlex

    return shlex.split(line)


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) == {str(each.name) for each in app.registered_commands}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origin")
    ledger(folder / "fleet.duckdb", [lot()])
    return folder


@pytest.fixture
def here(origin: Path, tmp_path: Path) -> Path:
    for name in ("fleet.duckdb", "fleet.duckdb.seal"):
        (tmp_path / name).write_bytes((origin / name).read_bytes())
    write(tmp_path / "events.csv", event("transfer", "2024-05-01", location="x"))
    (tmp_path / "statements.csv").write_text("issuer\nMETA\n", "utf-8")
    (tmp_path / "book.toml").write_text(BOOK, "utf-8")
    (tmp_path / "theirs.csv").write_text("lot_id,date,depreciation\nL1,2023-03-31,5.00\n", "utf-8")
    return tmp_path


def _plain(said: str, code: int, about: object) -> None:
    assert code in (0, 1, 2), (about, code, said)
    for word in ("Traceback", "Exception ignored", "Broken pipe", "BrokenPipe"):
        assert word not in said, (about, said)


# A reader that goes away

CLI = "import sys; sys.argv = ['depr', *{words!r}]; from depr.cli import main; main()"


@pytest.mark.parametrize("command", sampled(READING, 4, 2))
def test_a_reader_that_goes_away(command: str, here: Path) -> None:
    """`depr ... | head -1`: whoever reads has gone before anything is written."""
    read, wrote = os.pipe()
    os.close(read)
    call = [sys.executable, "-c", CLI.format(words=_split(COMMANDS[command]))]
    try:
        ran = subprocess.run(call, cwd=here, stdout=wrote, stderr=subprocess.PIPE, check=False, timeout=300)
    finally:
        os.close(wrote)
    _plain(ran.stderr.decode(), ran.returncode, command)
    assert run(here, "verify", "fleet.duckdb").code == 0


# A folder that takes nothing, or lets nobody through; as a user for whom that counts


WITHOUT = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Takes from root what lets it pass by permissions."""


def _permitted(folder: Path, words: list[str]) -> Ran:
    """The command as a user for whom permissions count."""
    call = [sys.executable, "-c", CLI.format(words=words)]
    before = WITHOUT if os.geteuid() == 0 else []
    ran = subprocess.run([*before, *call], cwd=folder, capture_output=True, check=False, timeout=300)
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


MODES = {"takes nothing": 0o555, "lets nobody through": 0o644, "says nothing": 0o000}
PERMITTED = ("init", "import", "prepare", "report", "source", "publish", "schedule", "sql", "check", "verify", "demo")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.skipif(
    os.name != "nt" and os.geteuid() == 0 and which("setpriv") is None, reason="root passes by permissions"
)
@pytest.mark.parametrize(("command", "says"), sampled(product(PERMITTED, MODES), 4))
def test_a_folder_that_refuses(command: str, says: str, here: Path) -> None:
    mode = MODES[says]
    inner = here / "inner"
    inner.mkdir()
    for path in list(here.iterdir()):
        if path.is_file():
            path.rename(inner / path.name)
    inner.chmod(mode)
    words = [f"inner/{word}" if word.endswith((".duckdb", ".csv")) else word for word in _split(COMMANDS[command])]
    words += {"report": ["--out", "inner/pages"], "demo": ["--out", "inner/demo"]}.get(command, [])
    words = ["inner/copy" if word == "copy" else word for word in words]
    try:
        ran = _permitted(here, words)
    finally:
        inner.chmod(0o755)
    _plain(ran.err, ran.code, (command, oct(mode)))
    if mode != 0o555 or command in ("init", "import", "prepare", "report", "source", "publish", "demo"):
        assert (ran.code, ran.out) == (1, ""), (command, oct(mode), ran)
    assert sorted(path.name for path in inner.iterdir()) == [
        "book.toml",
        "events.csv",
        "fleet.duckdb",
        "fleet.duckdb.seal",
        "statements.csv",
        "theirs.csv",
    ]


# Values of options that are files or folders

VALUES = {
    "a folder": "folder",
    "nothing": "missing",
    "below a file": "events.csv/x",
    "a device": "/dev/null",
    "full": "/dev/full",
    "long": "x" * 4096,
    "long part": f"{'y' * 300}/z",
    "line": "a\nb",
    "control": "a\x1b[31mb",
    "blank": "",
    "root": "/",
    "proc": "/proc/self/mem",
    "circle": "circle",
    "not text": "a\udcff",
    "markup": "[red]x[/nope]",
}
"""What a name may be; whoever knows another adds it. (No NUL: no system hands one to a program.)"""


NAMED = {"--book", "--mapping", "--attach", "--lives"}
"""Options that may name a file too."""


def _options() -> list[tuple[str, str]]:
    """Every option of every command that is, or may be, a file or folder, as it is typed."""
    commands = get_command(app).commands  # type: ignore[attr-defined]
    return [
        (name, param.opts[0])
        for name, each in commands.items()
        for param in each.params
        if param.param_type_name == "option" and ("Path" in str(param.type_descriptor) or param.opts[0] in NAMED)
    ]


def test_there_are_such_options() -> None:
    assert {("report", "--out"), ("report", "--reports"), ("schedule", "--schedules")} <= set(_options())


OPTIONS = [each for each in _options() if each[0] not in HEAVY]
EACH = 4
"""Values that each option is tried with, in turn: all of them are tried with some."""


@pytest.mark.parametrize("number", sampled(range(len(OPTIONS)), 4), ids=["".join(each) for each in OPTIONS])
def test_an_option_that_names_no_such_file(number: int, here: Path) -> None:
    command, option = OPTIONS[number]
    turn = [list(VALUES)[(number * EACH + n) % len(VALUES)] for n in range(EACH)]
    (here / "folder").mkdir()
    (here / "circle").symlink_to("circle")
    words = _split(COMMANDS[command])
    if option in words:
        words = words[: words.index(option)]
    before = (here / "fleet.duckdb").read_bytes()
    for about in turn:
        if (option, about) in ELSEWHERE:
            continue
        ran = run(here, *words, option, VALUES[about])
        _plain(ran.err, ran.code, (command, option, about))
    if command not in ("import", "record", "close", "prepare"):
        assert (here / "fleet.duckdb").read_bytes() == before


ELSEWHERE = {("--out", "root"), ("--out", "a device"), ("--out", "full"), ("--out", "proc")}
"""What would be written outside of the folder of the test if it were let through."""


# A locale that knows ASCII alone


ASCII = ("schedule", "restate", "sql", "report", "explain", "methods", "conventions", "lives", "import")


@pytest.mark.parametrize("command", sampled(ASCII, 3))
def test_a_locale_of_ascii(command: str, here: Path) -> None:
    words = _split(COMMANDS[command])
    call = [sys.executable, "-c", CLI.format(words=words)]
    env = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    ran = subprocess.run(call, cwd=here, capture_output=True, check=False, timeout=300, env=env)
    _plain(ran.stderr.decode(), ran.returncode, command)
