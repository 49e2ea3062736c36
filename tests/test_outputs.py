"""No command writes over a ledger, what lies beside one, a published copy, or a file that it did not make."""

from __future__ import annotations

import inspect
import os
import re
import shutil
from itertools import product
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from depr import datasets
from depr.cli import app
from depr.console import writers
from depr.errors import Refused
from depr.report.build import is_own
from depr.share.files import check_place, replacing
from tests.command import Ran, run
from tests.daily import sampled
from tests.house import repository
from tests.house.repository import name

PURCHASES = """\
lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date
A-1,META,h100,10,1000.00,USD,2023-01-15,2023-02-01
"""
FILES = {
    "sql": ["sql", "fleet.duckdb", "SELECT 1 AS a", "--out"],
    "source": ["source", "fleet.duckdb", "1", "--out"],
    "schedule": ["schedule", "fleet.duckdb", "--out"],
    "statements": ["statements", "statements.csv", "--out"],
    "suggestion": ["import", "purchases.csv", "--suggest", "--out"],
    "findings of import": ["import", "fleet.duckdb", "purchases.csv", "--findings"],
    "findings of check": ["check", "fleet.duckdb", "--findings"],
    "findings of statements": ["statements", "statements.csv", "--findings"],
}
"""What writes one file: the words before its name."""

FOLDERS = {
    "report": ["report", "fleet.duckdb", "--issuer", "META", "--lives", "3", "--years", "2024-2024", "--out"],
    "demo": ["demo", "--out"],
}
"""The same for those that write pages into a folder."""

COPIES = {"publish": ["publish", "fleet.duckdb"]}
READ = {
    *(
        "ledger",
        "file",
        "files",
        "cases",
        "case",
        "counts",
        "schedules",
        "templates",
        "own_files",
        "statements",
        "statements_then",
        "attach",
        "made_of",
    ),
}
"""Arguments and options that are files to read, or the ledger."""

TAKEN = [
    "fleet.duckdb",
    "other.duckdb",
    "fleet.duckdb.seal",
    "fleet.duckdb.wal",
    "fleet.duckdb.wal.recovery",
    "fleet.duckdb.wal.checkpoint",
    "fleet.duckdb.tmp/x.csv",
    ".fleet.duckdb.lock",
    "link.csv",
    "link.parquet",
    "hard.csv",
    "seal.csv",
    "folder/../fleet.duckdb",
    "linked/fleet.duckdb.wal",
    "copy/manifest.json",
    "copy/new.csv",
    "copy/lots/new.csv",
    "pipe.csv",
    "folder",
]
"""Where nothing is written, whatever is said; another such place belongs here."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "purchases.csv").write_text(PURCHASES, "utf-8")
    for words in ("init fleet.duckdb", "import fleet.duckdb purchases.csv", "publish fleet.duckdb copy"):
        assert run(folder, *words.split()).code == 0
    shipped = datasets.statements()
    writers.write(writers.decimals(shipped).lazy(), folder / "statements.csv")
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    """A ledger, a copy of it, files of somebody, and links to all of them."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    shutil.copy(folder / "fleet.duckdb", folder / "other.duckdb")
    (folder / "link.csv").symlink_to("fleet.duckdb")
    (folder / "link.parquet").symlink_to("other.duckdb")
    (folder / "hard.csv").hardlink_to(folder / "fleet.duckdb")
    (folder / "seal.csv").symlink_to("fleet.duckdb.seal")
    (folder / "folder").mkdir()
    (folder / "linked").symlink_to(".")
    (folder / "mine.csv").write_text("mine", "utf-8")
    (folder / "by-link.csv").symlink_to("mine.csv")
    (folder / "nowhere.csv").symlink_to("gone.csv")
    os.mkfifo(folder / "pipe.csv")
    return folder


def _state(folder: Path) -> dict[str, bytes | str]:
    """Every file by name, with its bytes; of a link where it leads."""
    there = sorted(each for each in folder.rglob("*") if not each.is_dir() or each.is_symlink())
    return {
        str(each.relative_to(folder)): str(each.readlink()) if each.is_symlink() else each.read_bytes()
        for each in there
        if (each.is_file() or each.is_symlink()) and not each.name.endswith(".lock")
    }


def _commands() -> dict[str, Any]:
    return {str(each.name): each.callback for each in app.registered_commands}


def test_every_command_that_writes_is_tried() -> None:
    """A file that a command takes is read, or written and tried here; and what is written has --overwrite."""
    of_files = {
        command: {
            option
            for option, kind in get_type_hints(call).items()
            if option != "return" and "Path" in str(kind) and option not in READ
        }
        for command, call in _commands().items()
    }
    writing = {command: options for command, options in of_files.items() if options}
    tried: dict[str, set[str]] = {}
    for words in (*FILES.values(), *FOLDERS.values(), *([*words, "--out"] for words in COPIES.values())):
        tried.setdefault(words[0], set()).add(words[-1].removeprefix("--"))
    assert writing.pop("new") == {"folder"}  # below: it takes no folder that holds anything
    assert writing == tried
    assert all("overwrite" in inspect.signature(_commands()[command]).parameters for command in writing)


def _refused(ran: Ran, folder: Path, before: dict[str, bytes | str]) -> None:
    assert ran.code == 1
    assert (ran.out, "Traceback" in ran.err) == ("", False)
    assert "\n  do: " in ran.err
    assert _state(folder) == before


@pytest.mark.parametrize(("place", "more"), sampled(product(TAKEN, ["plain", "--overwrite"]), 3))
def test_a_ledger_is_never_written_over(place: str, more: str, here: Path) -> None:
    before = _state(here)
    for command, words in FILES.items():
        if (command, place) == ("source", "folder"):  # it writes into a folder
            continue
        _refused(run(here, *words, place, *([] if more == "plain" else [more])), here, before)
    with pytest.raises(Refused):
        check_place(here / place, overwrite=True)


@pytest.mark.parametrize("command", FILES)
def test_a_file_of_somebody_stays(command: str, here: Path) -> None:
    before = _state(here)
    for place in ("mine.csv", "by-link.csv", "nowhere.csv"):
        ran = run(here, *FILES[command], place)
        _refused(ran, here, before)
        assert f"{place}: already exists" in ran.err
        assert "--overwrite" in ran.err


@pytest.mark.parametrize("command", FILES)
def test_to_overwrite_is_said(command: str, here: Path) -> None:
    for place in ("mine.csv", "nowhere.csv"):
        assert run(here, *FILES[command], place, "--overwrite").code == 0
        assert (here / place).read_bytes() not in (b"mine", b"")
    (here / "mine.csv").write_text("mine", "utf-8")
    assert run(here, *FILES[command], "by-link.csv", "--overwrite").code == 0
    assert (here / "mine.csv").read_text("utf-8") == "mine", "a link is replaced, not followed"
    assert not (here / "gone.csv").exists()


@pytest.mark.parametrize("command", [name for name, words in FILES.items() if words[-1] == "--out"])
def test_the_same_again_is_no_loss(command: str, here: Path) -> None:
    for _ in range(2):
        assert run(here, *FILES[command], "new.csv").code == 0
    before = (here / "new.csv").read_bytes()
    (here / "new.csv").write_bytes(before + b"changed")
    assert run(here, *FILES[command], "new.csv").code == 1
    assert (here / "new.csv").read_bytes() == before + b"changed"


def test_pages_are_made_anew_where_they_are_ours(here: Path) -> None:
    words = [*FOLDERS["report"], "pages"]
    assert run(here, *words).code == 0
    pages = sorted((here / "pages").iterdir())
    assert [page.name for page in pages] == ["index.html", "meta.html"]
    assert all(map(is_own, pages))
    assert run(here, *words).code == 0
    other = [word.replace("3", "2") if word == "3" else word for word in words]
    first = pages[1].read_bytes()
    assert run(here, *other).code == 0
    assert pages[1].read_bytes() != first
    pages[1].write_bytes(first.replace(b"</title>", b" of mine</title>"))
    before = _state(here)
    _refused(run(here, *words), here, before)
    assert run(here, *words, "--overwrite").code == 0
    assert pages[1].read_bytes() == first


@pytest.mark.parametrize("command", FOLDERS)
@pytest.mark.parametrize("place", ["index.html", "meta.html"])
def test_a_page_of_somebody_stays(command: str, place: str, here: Path) -> None:
    (here / "folder" / place).write_text("<title>mine</title>", "utf-8")
    before = _state(here)
    _refused(run(here, *FOLDERS[command], "folder"), here, before)
    (here / "folder" / place).unlink()
    (here / "folder" / place).symlink_to(here / "fleet.duckdb")
    before = _state(here)
    for more in ([], ["--overwrite"]):
        _refused(run(here, *FOLDERS[command], "folder", *more), here, before)


@pytest.mark.parametrize("command", FOLDERS)
@pytest.mark.parametrize("place", ["fleet.duckdb", "copy", "copy/pages", "purchases.csv", "fleet.duckdb.tmp"])
def test_pages_go_to_no_such_folder(command: str, place: str, here: Path) -> None:
    before = _state(here)
    _refused(run(here, *FOLDERS[command], place, "--overwrite"), here, before)


def test_purchases_of_somebody_stay_in_the_folder_of_the_demo(here: Path) -> None:
    theirs = here / "folder" / "purchases" / "meta.csv"
    theirs.parent.mkdir()
    theirs.write_text("mine", "utf-8")
    assert run(here, *FOLDERS["demo"], "folder").code == 1
    assert theirs.read_text("utf-8") == "mine"


@pytest.mark.parametrize("place", [each for each in TAKEN if each not in ("pipe.csv", "copy/manifest.json")])
def test_a_copy_takes_no_such_place(place: str, here: Path) -> None:
    before = _state(here)
    for more in ([], ["--overwrite"]):
        _refused(run(here, *COPIES["publish"], place, *more), here, before)
        if not (here / place).exists():
            _refused(run(here, "init", place), here, before)


@pytest.mark.parametrize("place", [each for each in TAKEN if each not in ("folder", "folder/../fleet.duckdb")])
def test_a_company_takes_no_such_place(place: str, here: Path) -> None:
    given = (
        "--currency",
        "USD",
        "--year-end-month",
        "6",
        "--life",
        "5y",
        "--tax-rate",
        "0.21",
        "--by",
        "A",
        "--source",
        "b",
    )
    before = _state(here)
    if (here / place).exists():
        _refused(run(here, "new", place, "--id", "ACME", *given), here, before)
    else:
        ran = run(here, "new", place, "--id", "ACME", *given)
        after = _state(here)
        assert {name: after[name] for name in before} == before
        assert ran.code == 0 or after == before


def test_a_copy_gives_way_with_nothing_of_somebody_in_it(here: Path) -> None:
    (here / "copy" / "lots" / "notes.txt").write_text("mine", "utf-8")
    (here / "next.duckdb.seal").write_text("mine", "utf-8")
    (here / ".next.part").mkdir()
    (here / ".next.part" / "notes.txt").write_text("mine", "utf-8")
    before = _state(here)
    for words in (["copy", "--overwrite"], ["next.duckdb"], ["next"]):
        _refused(run(here, *COPIES["publish"], *words), here, before)


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"

    def write() -> None:
        with replacing(path) as file:
            file.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(Refused, match="already exists"):
        write()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"theirs"]


WRITES = re.compile(
    r"\.write_text\(|\.write_bytes\(|\.open\(\s*[\"'][wax]|\bopen\([^)]*,\s*[\"'][wax]|os\.replace|os\.open\(|shutil\.(copy|move)"
    r"|\.sink_\w+\(|\.write_(csv|parquet|ipc)\(\w|NamedTemporaryFile|hardlink_to|symlink_to|\.rename\(\w+\)|\w\.replace\(\w+\)$"
)
KNOWN = {
    "depr/fleet/carried.py": "judgements of a ledger, in the cache folder of the user",
    "depr/fleet/company.py": "in a hidden folder that takes the name of one that is free",
    "depr/journal/exports.py": "text that is printed, no file",
    "depr/fleet/posting.py": "what is posted, in a folder of its own that goes again",
    "depr/fleet/ledger.py": "a frame, in a folder of its own that goes again",
    "depr/share/files.py": "the place where it is asked",
    "depr/ledger/chain.py": "text that is hashed, no file",
    "depr/ledger/migrate.py": "the ledger itself, and what is kept of it under a name that is free",
    "depr/ledger/proven.py": "notes of what was proven, in the cache folder of the user",
    "depr/ledger/seal.py": "the seal of a ledger",
    "depr/ledger/store.py": "a new ledger under a name that is free",
    "depr/sql/published/manifest.py": "in the hidden folder that a copy is made in",
    "depr/sql/published/places.py": "asked by publish, which takes only a free name or an earlier copy",
    "depr/sql/kept.py": "in the cache folder of the user",
    "depr/sql/template.py": "a ledger without facts, kept for new ones",
    "depr/console/writers.py": "through replacing",
}
"""Modules that write files, each with why it may."""


def test_nothing_else_writes_files() -> None:
    found = {
        name(path)
        for path in repository.under("depr", suffix=".py")
        if any(WRITES.search(line) for line in path.read_text("utf-8").splitlines())
    }
    assert found == set(KNOWN), found ^ set(KNOWN)
