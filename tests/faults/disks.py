"""Disks that are full, folders that take no file: what writes fails in words, and what was there stays."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from depr.errors import Refused
from depr.fleet.facts import close, holdings, import_files
from depr.fleet.restating import restate
from depr.ledger import seal
from depr.sql.verified import verify
from tests.faults.children import Ended, command
from tests.faults.kills import facts
from tests.faults.tally import Tally
from tests.ledger.samples import RECORDED, ledger, lot, write

SIZE_KIB = 24 << 10
VERSION_1 = Path(__file__).parents[1] / "ledger" / "data" / "version1.duckdb.gz"
"""A ledger of an earlier version, to be migrated."""

Commands = dict[str, tuple[list[str], str]]
COMMANDS: Commands = {
    "import": (["import", "fleet.duckdb", "more.csv"], "fleet.duckdb"),
    "record": (["record", "fleet.duckdb", "transfer", "L1", "2024-05-01", "--location", "x"], "fleet.duckdb"),
    "close": (["close", "fleet.duckdb", "META", "2024-01"], "fleet.duckdb"),
    "reopen": (["reopen", "fleet.duckdb", "META", "2023-12", "--reason", "x"], "fleet.duckdb"),
    "restate": (["restate", "fleet.duckdb", "--save", "all"], ""),
    "verify --seal": (["verify", "fleet.duckdb", "--seal"], "fleet.duckdb"),
    "init": (["init", "new.duckdb"], "new.duckdb"),
    "prepare": (["prepare", "fleet.duckdb", "--life", "3y", "--no-evidence"], "fleet.duckdb"),
    "publish": (["publish", "fleet.duckdb", "copy"], "copy"),
    "publish a file": (["publish", "fleet.duckdb", "copy.duckdb"], "copy.duckdb"),
    "migrate": (["migrate", "version1.duckdb"], "version1.duckdb"),
    "report": (["report", "fleet.duckdb", "--out", "pages", "--overwrite"], "pages"),
    "source": (["source", "fleet.duckdb", "1", "--out", "one-again.csv", "--overwrite"], "one-again.csv"),
}
"""Each command that writes, and the path that its message names."""

LONG: Commands = {"demo": (["demo", "--out", "demo"], "demo")}
"""What works for long before it writes."""

TABLES: Commands = {
    f"schedule --out .{kind}": (
        ["schedule", "fleet.duckdb", "--grain", "month", "--out", f"out.{kind}", "--overwrite"],
        f"out.{kind}",
    )
    for kind in ("csv", "parquet")
}

LOTS = 3000
OLD = ("out.csv", "out.parquet", "pages/meta.html", "pages/index.html", "one-again.csv")


ELSEWHERE = "where temporary files lie"


def may_mount() -> bool:
    """Whether this process may mount a small file system of its own."""
    if os.geteuid() != 0:
        return False
    told = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return told.returncode == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of SIZE_KIB; taken away at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_KIB}k", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def prepared(folder: Path) -> Path:
    """A ledger with closed periods, a large file to import and old files to be written over."""
    folder.mkdir(parents=True, exist_ok=True)
    path = ledger(folder / "fleet.duckdb", [lot(document=f"{n}" * 20, lot_id=f"L{n}") for n in range(1, 900)])
    restate(path, save="before")
    close(path, "META", "2023-12", RECORDED)
    write(folder / "more.csv", *(lot(lot_id=f"M{n}", purchase_date="2024-02-01", in_service_date="2024-03-01")
                                 for n in range(LOTS)))  # fmt: skip
    (folder / "version1.duckdb").write_bytes(gzip.decompress(VERSION_1.read_bytes()))
    (folder / "pages").mkdir()
    for name in OLD:
        (folder / name).write_text("old", encoding="utf-8")
    return path


def state(folder: Path) -> dict[str, bytes]:
    """Every file but locks, the seal, whose process changes, and the log of what DuckDB began and gave up."""
    passing = (".lock", ".seal", ".wal")
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix not in passing)
    return {str(each.relative_to(folder)): each.read_bytes() for each in files if each.name != "ballast"}


def limited(folder: Path, seed: int, trials: int, commands: Commands) -> Iterator[Tally]:
    """No file may grow beyond a number of bytes."""
    tally = Tally(
        f"R2 no file may grow (RLIMIT_FSIZE){_of(commands)}", "non-zero exit, the path named, old files to the byte"
    )
    random = Random(seed)
    for n in range(trials):
        own = folder / f"limited-{n}"
        path = prepared(own)
        for name, (words, named) in commands.items():
            size = random.choice([700, 4000, path.stat().st_size, path.stat().st_size + random.randrange(1 << 20)])
            _refused(tally, own, name, words, named, f"at most {size} bytes", file_bytes=size)
        _goes_on(tally, path)
    yield tally


def full(folder: Path, seed: int, trials: int, commands: Commands) -> Iterator[Tally]:
    """A small file system with little or no space left."""
    tally = Tally(
        f"R2 disk full (a small tmpfs){_of(commands)}", "non-zero exit, the path named, old files to the byte"
    )
    random = Random(seed)
    for n in range(trials):
        with small_disk(folder / f"full-{n}") as own:
            path = prepared(own)
            for name, (words, named) in commands.items():
                left = random.choice([0, 0, 4, 64, 256, 700])
                _fill(own, left)
                _refused(tally, own, name, words, named, f"{left} KiB left")
                (own / "ballast").unlink()
            _goes_on(tally, path)
    yield tally


def read_only(folder: Path, commands: Commands) -> Iterator[Tally]:
    """A file system that takes no writes at all; reading goes on."""
    tally = Tally("R2 read-only folder", "non-zero exit, the path named; figures are still printed")
    with small_disk(folder / "read-only") as own:
        path = prepared(own)
        subprocess.run(["mount", "-o", "remount,ro", str(own)], check=True)
        for name, (words, named) in commands.items():
            _refused(tally, own, name, words, named, "read-only")
        tally.must(len(holdings(path)) == 1, "no holdings")
        tally.must(not verify(path)[1], "verify finds something", torn=True)
    yield tally


def _of(commands: Commands) -> str:
    return ", schedule --out" if commands == TABLES else ""


def _fill(folder: Path, left_kib: int) -> None:
    room = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - (left_kib << 10)
    with (folder / "ballast").open("wb") as file:
        file.write(bytes(max(room, 0)))


def _refused(
    tally: Tally, folder: Path, name: str, words: list[str], named: str, what: str, file_bytes: int = 0
) -> None:
    """A command that cannot write everything: it says so, and all is as it was. One that could has done it."""
    before, known, path = state(folder), facts(folder / "fleet.duckdb"), folder / "fleet.duckdb"
    logged = path.with_name(f"{path.name}.wal").exists()
    ended: Ended = command(folder, *words, file_bytes=file_bytes) if file_bytes else command(folder, *words)
    tally.trials += 1
    at = f"{name}, {what}"
    said = ended.ran.err if ended.ran else ""
    try:
        after, found = facts(path), verify(path)[1]
    except Refused as refused:
        tally.must(False, f"{at}: {refused}", torn=True)
        return
    tally.must(not found, f"{at}: {found}", torn=True)
    if ended.code == 0:
        tally.must(after[: len(known)] == known, f"{at}: {known} became {after}", lost=True)
    else:
        told = named in said or ELSEWHERE in said  # what is only compared is made among temporary files
        tally.must(told and "Traceback" not in said, f"{at}: says {said!r} of {named}: {ended}")
        changed = sorted(n for n in {*before, *state(folder)} if before.get(n) != state(folder).get(n))
        tally.must(after == known, f"{at}: {known} became {after}", lost=True)
        # the tables of restate can be made again; the log that a failure left is folded into the file when it is opened
        own = [path.name, f"{path.name}.seal"] if name == "restate" or logged else []
        if name in LONG:  # it makes several files one after the other, and makes them anew when it is asked again
            own += [n for n in changed if n not in before and n.startswith(f"{named}/")]
            again = command(folder, *words)
            tally.must(again.code == 0, f"{at}, then without a limit: {again}", torn=True)
        tally.must(set(changed) <= set(own), f"{at}: {changed} changed", torn=True)
        tally.must(after == known, f"{at}: {known} became {after}", lost=True)


def _goes_on(tally: Tally, path: Path) -> None:
    """With space again the next import works, and the ledger is sealed."""
    file = write(
        path.with_name("next.csv"), lot(lot_id="NEXT", purchase_date="2025-01-01", in_service_date="2025-01-01")
    )
    [done] = import_files(path, [file], RECORDED)
    tally.must(done.batch.accepted == 1, f"the next import: {done}", lost=True)
    now = seal.read(path)
    tally.must(now is not None and not now.open and not seal.broken(path), f"not sealed: {now}", torn=True)
