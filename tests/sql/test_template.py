"""A new ledger: a copy of a file made once, put in its place by one rename."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from depr.fleet.facts import init
from depr.ledger import seal
from depr.ledger.store import Ledger, trusted
from depr.sql import kept, template

OBJECTS = """
    SELECT 'view' AS kind, view_name AS name, sql AS text, comment::VARCHAR AS said FROM duckdb_views()
        WHERE NOT internal
    UNION ALL SELECT 'table', table_name, sql, comment::VARCHAR FROM duckdb_tables()
    UNION ALL SELECT 'macro', function_name, macro_definition, comment::VARCHAR FROM duckdb_functions()
        WHERE NOT internal
    UNION ALL SELECT 'column', table_name || '.' || column_name, data_type, comment::VARCHAR FROM duckdb_columns()
        WHERE NOT internal
    ORDER BY ALL
"""


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that holds nothing yet."""
    monkeypatch.setattr(kept, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache"


def _objects(path: Path) -> list[tuple[str, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(OBJECTS).fetchall()


def test_a_copy_is_what_would_be_made(cached: Path, tmp_path: Path) -> None:
    template.make(tmp_path / "made.duckdb")
    first, second = (init(tmp_path / f"{name}.duckdb") for name in ("first", "second"))
    assert _objects(first) == _objects(second) == _objects(tmp_path / "made.duckdb")
    assert len(_objects(first)) > 500
    assert [path.name for path in cached.glob("*.duckdb")] == [kept.place("empty.duckdb").name]
    assert not seal.broken(first)


def test_what_is_kept_is_not_made_again(cached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(tmp_path / "first.duckdb")
    monkeypatch.setattr(template, "make", pytest.fail)
    with Ledger.open(init(tmp_path / "second.duckdb")) as ledger:
        assert not ledger.verify()


@pytest.mark.parametrize("change", [b"", b"x" * 4096, None])
def test_a_damaged_one_is_made_again(change: bytes | None, cached: Path, tmp_path: Path) -> None:
    init(tmp_path / "first.duckdb")
    [file] = cached.glob("*.duckdb")
    if change is None:
        file.write_bytes(file.read_bytes()[:-1000] + b"\1" * 1000)
    else:
        file.write_bytes(change)
    init(tmp_path / "second.duckdb")
    assert _objects(tmp_path / "second.duckdb") == _objects(tmp_path / "first.duckdb")


def test_without_a_cache_it_is_made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(kept, "user_cache_path", lambda *_, **__: tmp_path / "file" / "cache")
    with trusted(init(tmp_path / "fleet.duckdb")) as ledger:
        assert ledger.connection.execute("SELECT count(*) FROM help").fetchall()[0][0] > 100


def test_a_table_is_made_once(cached: Path) -> None:
    made: list[int] = []

    def make() -> pl.DataFrame:
        made.append(1)
        return pl.DataFrame({"n": [1, 2], "day": [None, date(2025, 1, 31)]})

    assert kept.frame("numbers", "of one kind", make).equals(kept.frame("numbers", "of one kind", make))
    assert len(made) == 1
    kept.frame("numbers", "of another kind", make)
    assert len(made) == 2
    for file in cached.glob("numbers-*"):
        file.write_bytes(file.read_bytes()[:40])
    assert kept.frame("numbers", "of one kind", make).equals(make())
    assert len(made) == 4


def test_a_folder_that_others_write_to_is_not_believed(cached: Path, tmp_path: Path) -> None:
    table = pl.DataFrame({"n": [1]})
    kept.frame("numbers", "", lambda: table)
    init(tmp_path / "first.duckdb")
    cached.chmod(0o777)
    assert kept.frame("numbers", "", lambda: table + 1)["n"].to_list() == [2]
    assert template.copied() is None
    init(tmp_path / "second.duckdb")
    assert _objects(tmp_path / "first.duckdb") == _objects(tmp_path / "second.duckdb")


def test_the_latest_few_are_kept(cached: Path) -> None:
    for n in range(20):
        kept.frame("numbers", str(n), lambda: pl.DataFrame({"n": [1]}))
    kept.frame("others", "", lambda: pl.DataFrame({"n": [1]}))
    assert len(list(cached.glob("numbers-*"))) == kept.MOST
    assert len(list(cached.iterdir())) == kept.MOST + 1
    for n in range(20):
        (cached / f"empty-{n}.duckdb").touch()
        os.utime(cached / f"empty-{n}.duckdb", (n, n))
    file = template.copied()
    assert file is not None
    assert file in (left := set(cached.glob("empty-*")))
    assert seal.place(file) in left
    assert len(left) == kept.MOST


KILLED = """
import os, signal, sys
from pathlib import Path
from depr.fleet.facts import init
sys.setprofile(lambda frame, event, argument: steps.append(0) or len(steps) == {step} and os.kill(os.getpid(), 9))
steps = []
init(Path(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", [200, 400, 500, 600, 700, 800])
def test_a_killed_init_leaves_nothing_or_all(step: int, tmp_path: Path) -> None:
    path = tmp_path / "fleet.duckdb"
    ended = subprocess.run([sys.executable, "-c", KILLED.format(step=step), str(path)], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    if not path.exists():
        init(path)
    with trusted(path) as ledger:
        assert ledger.connection.execute("SELECT count(*) FROM help").fetchall()[0][0] > 100
    assert not seal.broken(path)
