"""DuckDB as the program opens it draws nothing, however long a query takes and wherever Python runs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house import repository
from tests.house.repository import PACKAGE

SLOW = "SELECT count(*) AS n FROM range(100000000) AS t(a) WHERE hash(a) % 7 = 3"
"""DuckDB draws after two seconds; the setting makes it draw after none."""

ASK = f"""
import duckdb
from depr.ledger.database import database
opened = duckdb.connect() if {{plain}} else database()
bar = opened.execute("SELECT current_setting('enable_progress_bar')").fetchall()[0][0]
if bar:
    opened.execute("SET progress_bar_time = 0")
opened.sql("{SLOW}").pl()
print("answer")
"""


@pytest.mark.parametrize(("plain", "said"), [(False, "answer\n"), (True, None)])
def test_a_slow_query_draws_nothing_where_python_looks_interactive(plain: bool, said: str | None) -> None:
    """`python -c` looks so to DuckDB, as a notebook and a prompt do; without our settings it draws."""
    ended = subprocess.run([sys.executable, "-c", ASK.format(plain=plain)], capture_output=True, text=True, check=True)
    assert ended.stdout == said or (said is None and "%" in ended.stdout)


def test_every_connection_is_opened_in_one_place() -> None:
    found = [path for path in repository.under("depr", suffix=".py") if "duckdb.connect(" in path.read_text("utf-8")]
    assert found == [PACKAGE / "ledger" / "database.py"]


ELSEWHERE = ("os.pwrite", "os.pread", "os.fork", "os.getuid", "os.geteuid", "os.mkfifo", "fcntl", "pwd")
"""What Windows or macOS lack. A module that needs one of them says in a line what happens without it."""


def test_nothing_needs_one_system() -> None:
    lines = [
        f"{path.name}:{number}: {line.strip()}"
        for path in repository.under("depr", suffix=".py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(name in line for name in ELSEWHERE)
    ]
    assert not lines
