"""Stored files that are not as they were: flipped bits, cut, swapped, altered in plain DuckDB, rolled back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from depr.contract import Events
from depr.errors import Refused
from depr.fleet import facts
from depr.fleet.facts import holdings, import_files
from depr.fleet.figures import explain, journal, rollforward, schedule
from depr.fleet.questions import sql
from depr.fleet.restating import report, restate
from depr.ledger import seal
from depr.ledger.store import Ledger
from depr.sql.verified import verify
from tests.faults.children import CONTEXT
from tests.faults.tally import Tally
from tests.ledger.samples import RECORDED, event, ledger, lot, write

NAME = "fleet.duckdb"
SQL = "SELECT lot_id, units, cost FROM lots ORDER BY lot_id"
FIGURES: tuple[Callable[[Path], object], ...] = (
    lambda path: schedule(path, "3y").collect(),
    lambda path: sql(path, SQL),
    lambda path: rollforward(path, "3y", date(2024, 12, 31)),
    lambda path: report(path, path.parent / "pages"),
    lambda path: journal(path, "3y", "2024"),
    lambda path: explain(path, "L1", "2024-03", "3y"),
    holdings,
    restate,
)
STORY = (
    event("impairment", "2024-06-30", amount="100.00", currency="USD", reason="stranded"),
    event("transfer", "2024-07-01", lot_id="L2", location="site \\N"),
    event("partial_disposal", "2024-08-01", lot_id="L3", units="3", amount="5.00", currency="USD"),
)


def made(folder: Path) -> Path:
    """A ledger with three batches, every kind of table and the results of a restatement."""
    folder.mkdir(parents=True)
    path = ledger(folder / NAME, [lot(), lot(lot_id="L2")], [lot(lot_id="L3", location=""), lot(lot_id="L4")], STORY)
    restate(path, save="all")
    return path


def altered(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """Every way in which a stored file can be other than it was left."""
    random, origin = Random(seed), made(folder / "origin")
    yield bits(origin, folder / "bits", trials, random)
    yield seals(origin, folder / "seals", trials, random)
    yield cuts(origin, folder / "cuts", max(trials // 4, 8), random)
    yield swaps(origin, folder / "swaps")
    yield beside(origin, folder / "beside")
    thin = 1 if trials >= 100 else 6
    yield rows(origin, folder / "rows", sealed=False, every=3 * thin)
    yield rows(origin, folder / "sealed-rows", sealed=True, every=thin)
    yield unsealed(origin, folder / "unsealed", max(trials // 2, 8), random)
    yield rolled_back(origin, folder / "older")


def copied(origin: Path, folder: Path) -> Path:
    """The ledger with its seal, in a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for each in (origin, seal.place(origin)):
        if each.exists():
            shutil.copy(each, folder)
    return folder / origin.name


def noticed(path: Path, random: Random) -> bool:
    """Whether a command that prints figures refuses, and `depr verify` finds it."""
    try:
        random.choice(FIGURES)(path)
        return False
    except Refused:
        return found(path)


def found(path: Path, head: str | None = None) -> bool:
    """Whether `depr verify` finds something, or refuses."""
    try:
        return bool(verify(path, head)[1])
    except Refused:
        return True


def flip(path: Path, random: Random) -> str:
    """One bit of a file, anywhere."""
    at, bit = random.randrange(path.stat().st_size), random.randrange(8)
    with path.open("r+b") as file:
        file.seek(at)
        [byte] = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))
    return f"bit {bit} of byte {at} of {path.name}"


def bits(origin: Path, folder: Path, trials: int, random: Random) -> Tally:
    """A bit of the ledger file."""
    tally = Tally("R3 one bit of the ledger file flipped", "SHA-256 of the file in its seal, before it is opened")
    for _ in range(trials):
        path = copied(origin, folder)
        tally.notice(flip(path, random) != "" and noticed(path, random), "a bit of the file")
    return tally


def seals(origin: Path, folder: Path, trials: int, random: Random) -> Tally:
    """A bit of the seal."""
    tally = Tally("R3 one bit of the seal flipped", "the seal bears a SHA-256 of its own")
    path = copied(origin, folder)
    whole = seal.place(path).read_bytes()
    for _ in range(trials):
        seal.place(path).write_bytes(whole)
        what = flip(seal.place(path), random)
        tally.notice(noticed(path, random), what)
    return tally


def cuts(origin: Path, folder: Path, trials: int, random: Random) -> Tally:
    """A file cut short or made longer."""
    tally = Tally("R3 a stored file cut short or longer", "size and SHA-256 in the seal")
    for _ in range(trials):
        path = copied(origin, folder)
        target = random.choice([path, seal.place(path)])
        size = random.choice([0, random.randrange(target.stat().st_size), target.stat().st_size + 1])
        os.truncate(target, size)
        tally.notice(noticed(path, random), f"{target.name} of {size} bytes")
    return tally


def swaps(origin: Path, folder: Path) -> Tally:
    """Two ledgers, or their seals, in each other's place."""
    tally = Tally("R3 two ledgers, or two seals, swapped", "the seal of one does not fit the bytes of the other")
    random = Random(0)
    for n in range(2):
        path = copied(origin, folder / "one")
        other = ledger(folder / f"two-{n}" / NAME, [lot(lot_id=f"OTHER-{n}")]) if _made(folder / f"two-{n}") else path
        for one, two in ((path, other), (seal.place(path), seal.place(other))):
            spare = folder / "spare"
            one.rename(spare), two.rename(one), spare.rename(two)
            for each in (path, other):
                tally.notice(noticed(each, random), f"{each.name} swapped")
            one.rename(spare), two.rename(one), spare.rename(two)
    return tally


def _made(folder: Path) -> bool:
    folder.mkdir(parents=True)
    return True


def _leave_a_log(path: Path, statement: str) -> None:
    """Another program that dies before DuckDB has brought its log into the file."""
    connection = duckdb.connect(str(path))
    connection.execute("SET checkpoint_threshold = '1 GB'")
    connection.execute(statement).fetchall()
    os._exit(0)


def beside(origin: Path, folder: Path) -> Tally:
    """Changes that are not in the file, but in the write-ahead log beside it."""
    tally = Tally("R3 changes of another program in a log beside the file", "a sealed ledger has no log beside it")
    for n, statement in enumerate(
        (
            "UPDATE events SET cost_minor = cost_minor + 1 WHERE seq = 1",
            "UPDATE restatement_saved SET net_income_restated = 0",
            "CREATE OR REPLACE VIEW lots AS SELECT 'L1' AS lot_id, 1 AS units, 1 AS cost",
        )
    ):
        path = copied(origin, folder / str(n))
        process = CONTEXT.Process(target=_leave_a_log, args=(path, statement))
        process.start()
        process.join()
        assert path.read_bytes() == origin.read_bytes(), "the log was brought into the file"
        assert path.with_name(NAME + ".wal").exists()
        for figure in FIGURES[:3]:
            try:
                figure(path)
                seen = False
            except Refused:
                seen = found(path)
            tally.notice(seen, statement)
    return tally


CHANGED = {"BIGINT": "+ 100", "VARCHAR": "|| 'x'", "DATE": "+ 1", "TIMESTAMP": "+ INTERVAL 1 MICROSECOND"}
BLANK = {"BIGINT": "0", "VARCHAR": "''", "DATE": "DATE '2024-01-01'"}
WAYS = (
    "DELETE FROM events WHERE seq = 1",
    "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
    "DELETE FROM events WHERE batch = 2",
    "DELETE FROM events",
    "UPDATE events SET seq = CASE seq WHEN 1 THEN 2 ELSE 1 END WHERE seq IN (1, 2)",
    "UPDATE events SET seq = 100 - seq",
    "UPDATE events SET batch = 1 WHERE batch = 2",
    "UPDATE events SET batch = CASE batch WHEN 1 THEN 2 ELSE 1 END WHERE batch < 3",
    "INSERT INTO events BY NAME SELECT * REPLACE (seq + 100 AS seq) FROM events WHERE seq = 1",
    "INSERT INTO events BY NAME SELECT * REPLACE (9 AS batch, seq + 100 AS seq) FROM events WHERE seq = 1",
    "INSERT INTO events FROM events WHERE seq = 1",
    "UPDATE events SET location = NULL WHERE location = 'site \\N'",
    "DELETE FROM batches WHERE batch = 1",
    "DELETE FROM batches WHERE batch = 2",
    "DELETE FROM batches",
    "DELETE FROM batches WHERE batch = 3",
    "UPDATE batches SET batch = batch + 10 WHERE batch = 3",
    "DELETE FROM sources WHERE file_sha256 = (SELECT file_sha256 FROM batches WHERE batch = 1)",
    "DELETE FROM sources",
    "UPDATE sources SET bytes = bytes || '\\x00'::BLOB",
    "UPDATE sources SET piece = piece + 1, bytes = ''::BLOB",
    "INSERT INTO sources SELECT file_sha256, 1, 'more'::BLOB FROM sources",
    "DROP TABLE sources",
    "ALTER TABLE events DROP reason",
    "ALTER TABLE events ALTER units TYPE DOUBLE",
)


def _statements(path: Path) -> Iterator[str]:
    """Every column of an event and of a batch altered, and every way of WAYS."""
    with Ledger.open(path) as opened:
        query = (
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE table_name IN ('events', 'batches') ORDER BY ALL"
        )
        columns = opened.connection.execute(query).fetchall()
    for table, name, kind in columns:
        key = "seq = 2" if table == "events" else "batch = 2"
        yield f"UPDATE {table} SET {name} = {name} {CHANGED[kind]} WHERE {key} AND {name} IS NOT NULL"
        if table == "events" and Events.columns()[name].nullable:
            yield f"UPDATE events SET {name} = {BLANK[kind]} WHERE seq = 2 AND {name} IS NULL"
            yield f"UPDATE events SET {name} = NULL WHERE seq = 1 AND {name} IS NOT NULL"
    yield from WAYS


def rows(origin: Path, folder: Path, *, sealed: bool, every: int = 1) -> Tally:
    """Rows altered in plain DuckDB; with `sealed` the seal is made anew, as if it always had been so."""
    how = "the chain of hashes" if sealed else "the seal"
    tally = Tally(f"R3 a row altered, dropped or reordered{', sealed anew' * sealed}", how)
    random, before = Random(0), origin.read_bytes()
    for statement in list(_statements(origin))[::every]:
        path = copied(origin, folder)
        with duckdb.connect(str(path)) as plain:
            [(changed,)] = plain.execute(statement).fetchall() or [(1,)]
        if changed == 0:
            continue
        if sealed:
            old = seal.read(path)
            assert old is not None
            seal.write(path, seal.sealed(path, old.head))
        assert path.read_bytes() != before
        tally.notice(noticed(path, random), statement)
    return tally


def unsealed(origin: Path, folder: Path, trials: int, random: Random) -> Tally:
    """Without its seal: a flipped bit is noticed, or stands where nothing is read."""
    tally = Tally("R3 one bit flipped in a ledger without its seal", "")
    answers = [str(figure(origin)) for figure in FIGURES[:3]]
    seen = 0
    for _ in range(trials):
        path = copied(origin, folder)
        seal.place(path).unlink()
        what, n = flip(path, random), random.randrange(3)
        tally.trials += 1
        try:
            tally.must(str(FIGURES[n](path)) == answers[n], f"{what}: another figure", lost=True)
        except Refused:
            seen += 1
    tally.how = (
        f"{seen} noticed by DuckDB and the chain; the others stood where nothing is read: the figures are the same"
    )
    return tally


def rolled_back(origin: Path, folder: Path) -> Tally:
    """An older copy, whole with its seal, or the last batch taken away: `verify --head` knows of it."""
    tally = Tally("R3 rolled back to an older copy", "depr verify --head, the head being on every output")
    path = copied(origin, folder / "now")
    heads = []
    for n in range(4):
        older = copied(path, folder / f"copy-{n}")
        heads.append((older, facts.head(path).split()[1]))
        file = write(path.with_name(f"more-{n}.csv"), lot(lot_id=f"MORE-{n}"))
        import_files(path, [file], RECORDED)
    now = facts.head(path).split()[1]
    for older, then in heads:
        assert not found(older)
        assert not found(path, then), "an older head is part of the history"
        tally.notice(found(older, now), f"{older} instead of {now}")
        tally.notice(found(older, now[:12]), f"{older} instead of {now[:12]}")
    with duckdb.connect(str(path)) as plain:
        last = "(SELECT max(batch) FROM batches)"
        of_it = f"(SELECT file_sha256 FROM batches WHERE batch = {last})"
        plain.execute(f"DELETE FROM sources WHERE file_sha256 IN {of_it}").fetchall()  # else it is a file of no batch
        for table in ("events", "batches"):
            plain.execute(f"DELETE FROM {table} WHERE batch = {last}").fetchall()
    seal.write(path, replace(seal.sealed(path, heads[-1][1])))
    assert not found(path)
    tally.notice(found(path, now), "the last batch taken away")
    return tally


def seal_document(path: Path) -> dict[str, Any]:
    """What a seal says."""
    document: dict[str, Any] = json.loads(seal.place(path).read_text(encoding="ascii"))
    return document
