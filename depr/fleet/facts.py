"""Facts of a ledger: recorded, closed, given back, counted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from depr import share
from depr.books.book import months
from depr.contract import Entries
from depr.contract.names import spell
from depr.errors import Finding, Refused, refuse, unknown
from depr.evidence.explain import MIDDLE
from depr.fleet.arguments import Progress, quiet
from depr.fleet.selection import calendar_of, year_and_month
from depr.intake import (
    AS_USUAL,
    FactsRead,
    Written,
    generation_keys,
    issuer_currencies,
    read_facts,
    read_mapping,
    sheets_of,
)
from depr.intake.forms import EVENTS, MOST_SHOWN, OUR_OWN, filled, found_in, judged
from depr.intake.forms.events import COLUMNS
from depr.intake.mapping import Mapping, Skipped
from depr.ledger import migrate as schemas
from depr.ledger import sources
from depr.ledger.chain import Batch
from depr.ledger.events import alone
from depr.ledger.known import known
from depr.ledger.migrate import Migrated
from depr.ledger.positions import holdings as held
from depr.ledger.positions import positions
from depr.ledger.recording import Recording
from depr.ledger.store import Ledger, trusted
from depr.share.files import check_place, replacing
from depr.sql import template
from depr.sql.placing import renew
from depr.sql.schema2 import from_schema_2

SHOWN = 10
"""Events that a preview shows."""

BY = ("issuer", "generation", "location", "status")

COMMAND = "the command line"
"""What stands for the file where an event was given by hand."""

EVERY_SHEET = "all"
"""What stands for every sheet of a workbook, unless one is called so."""


def init(path: Path) -> Path:
    """A new, empty ledger with its views. Raises `Refused` when something lies there already."""
    if not path.exists():
        check_place(path)
    with Ledger.create(path, template.copy):
        return path


@dataclass(frozen=True)
class Imported:
    """What became of one file: the batch (its counts and hash), the rows that were rejected, and what was skipped."""

    batch: Batch
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...] = ()

    def __repr__(self) -> str:
        return f"Imported({self.batch})"


def import_files(
    ledger: Path,
    files: Sequence[Path],
    recorded_at: datetime,
    *,
    mapping: str | None = None,
    how: Written = AS_USUAL,
    partial: bool = False,
    all_findings: bool = False,
    schedules: Path | None = None,
    progress: Progress = quiet,
) -> list[Imported]:
    """Purchases and events of CSV, Parquet or XLSX files into a ledger, each file one transaction. Raises `Refused`.

    `mapping` names a file of schedules/mappings, or is a path to one: how the columns of the files are to be read.
    `how` says how the files are written; of a workbook every sheet ("all") is a transaction of its own. Findings are
    told one by one up to a number, or all of them. A refusal also names what was recorded before it.
    """
    done: list[Imported] = []
    chosen = _mapping(mapping, schedules)
    try:
        for file, part in _parts(files, how, chosen):
            progress(f"read {file.name}")
            read = _read(file, part, chosen, schedules, all_findings)
            progress(f"record {read.read:,} rows of {file.name}")
            with Ledger.open(ledger, read_only=False) as opened:
                batch, findings = opened.record(
                    read.file,
                    read.sha256,
                    read.entries,
                    recorded_at,
                    read=read.read,
                    findings=read.findings,
                    partial=partial,
                    source=file,
                    then=renew,
                )
            done.append(Imported(batch, findings, read.skipped))
    except Refused as refused:
        raise Refused([*refused.findings, *map(_before, done)]) from None
    return done


def _before(imported: Imported) -> Finding:
    """What is recorded although a later file of the same command is refused."""
    batch = imported.batch
    said = f"was recorded before that as batch {batch.batch}: " if batch.accepted else "changed nothing: "
    counts = f"{batch.read:,} rows read, {batch.accepted:,} accepted, {batch.rejected:,} rejected, "
    why = "each file is a transaction of its own"
    do = "correct the other file; importing this one again changes nothing"
    return Finding(batch.file, 0, f"{said}{counts}{batch.duplicates:,} duplicates", why, do, "before")


@dataclass(frozen=True)
class Preview:
    """What an import would do: the file as read, and what of it would be recorded or rejected."""

    read: FactsRead
    recording: Recording

    def __repr__(self) -> str:
        plan = self.recording
        counts = f"{plan.accepted:,} to record + {plan.rejected:,} to reject + {plan.duplicates:,} held already"
        return f"Preview({self.read.file!r}: {self.read.read:,} rows = {counts})"

    def with_findings(self, findings: Iterable[Finding]) -> Preview:
        """The same with findings in other words."""
        return replace(self, recording=replace(self.recording, findings=tuple(findings)))

    @property
    def first(self) -> pl.DataFrame:
        """The first events that would be recorded, in the columns in which some say anything."""
        fresh = self.recording.fresh
        return fresh.select(name for name in fresh.columns if fresh[name].null_count() < len(fresh)).head(SHOWN)


def preview(
    ledger: Path,
    files: Sequence[Path],
    *,
    mapping: str | None = None,
    how: Written = AS_USUAL,
    all_findings: bool = False,
    schedules: Path | None = None,
) -> list[Preview]:
    """What importing each file would do, by itself, without recording anything. Raises `Refused`."""
    done = []
    chosen = _mapping(mapping, schedules)
    for file, part in _parts(files, how, chosen):
        read = _read(file, part, chosen, schedules, all_findings)
        with Ledger.open(ledger) as opened:
            recording = opened.sort_out(read.file, read.entries, read=read.read, findings=read.findings, partial=True)
        done.append(Preview(read, recording))
    return done


def _parts(files: Sequence[Path], how: Written, mapping: Mapping | None) -> Iterator[tuple[Path, Written]]:
    """What is read at a time: a file, or each sheet of a workbook where several are asked for, or declared."""
    asked = (how.sheet,) if how.sheet is not None or mapping is None else mapping.sheets
    for file in files:
        book = file.is_file() and file.suffix.lower() == ".xlsx"
        every = book and asked == (EVERY_SHEET,)
        names = sheets_of(file) if every else []
        if every and EVERY_SHEET not in names:
            yield from ((file, replace(how, sheet=name)) for name in names)
        elif book and len(asked) > 1:
            yield from ((file, replace(how, sheet=name)) for name in asked)
        else:
            yield file, how


def _read(file: Path, how: Written, mapping: Mapping | None, schedules: Path | None, all_findings: bool) -> FactsRead:
    books = share.names("books", schedules)
    most = sys.maxsize if all_findings else MOST_SHOWN
    owners = issuer_currencies(schedules)
    return read_facts(file, generation_keys(schedules), books, mapping, how, owners, most)


def _mapping(name: str | None, schedules: Path | None) -> Mapping | None:
    return None if name is None else read_mapping(share.find("mappings", name, schedules))


def record(
    ledger: Path,
    kind: str,
    lot_id: str,
    effective: date,
    recorded_at: datetime,
    *,
    amount: str | None = None,
    residual: str | None = None,
    life: str | None = None,
    schedules: Path | None = None,
    **details: Any,
) -> Batch:
    """One event of a lot, given by hand, under the rules of a file of events. Raises `Refused`.

    `amount` and `residual` are decimal text in the currency of the lot, `life` is such as 4y, `details` the others.
    """
    if strange := sorted(details.keys() - set(COLUMNS)):
        raise unknown("option", strange[0], [*COLUMNS, "life"], "record")
    with Ledger.open(ledger) as opened:
        lots = positions(opened.journal_of(pl.Series([spell(lot_id)])))
    row = {"kind": kind, "lot_id": lot_id, "effective_date": effective.isoformat(), **details}
    row |= {"amount": amount, "residual": residual, "life_months": None if life is None else months(life)}
    if amount is not None or residual is not None:
        row["currency"] = lots["currency"].first() or "USD"  # of a lot that is not there: refused as such below
    rows = EVENTS.parse(filled(pl.DataFrame([{name: str(cell) for name, cell in row.items() if cell is not None}]), 1))
    rules = EVENTS.rules(
        generation_keys(schedules), share.names("books", schedules), OUR_OWN, issuer_currencies(schedules)
    )
    if wrong := found_in(COMMAND, judged(rows, rules)):
        raise Refused(wrong)
    return _append(ledger, Entries.validate(rows.select(EVENTS.values), cast=True), recorded_at)


def _append(ledger: Path, entries: dy.DataFrame[Entries], recorded_at: datetime) -> Batch:
    with Ledger.open(ledger, read_only=False) as opened:
        batch, _ = opened.record(COMMAND, "", entries, recorded_at, read=1, then=renew)
    if not batch.accepted:
        what = "nothing was recorded: an event equal to this one in every column is on file already"
        why = "a duplicate would count twice"
        raise refuse(COMMAND, what, why, "if it is a second one, give it a document of its own: --document")
    return batch


def _period(ledger: Path, recorded_at: datetime, **cells: Any) -> Batch:
    return _append(ledger, alone(**cells), recorded_at)


def close(ledger: Path, issuer: str, month: str, recorded_at: datetime, *, schedules: Path | None = None) -> Batch:
    """Close the periods of an issuer through a fiscal month, such as 2025-03: later events may not be dated into them.

    Raises `Refused` when they are closed already.
    """
    _, last, until = _month(ledger, issuer, month, schedules)
    if until and last <= until:
        raise refuse(str(ledger), f"the periods of {issuer} are closed through {until}", do="name a later month")
    return _period(ledger, recorded_at, kind="period_closed", issuer=issuer, effective_date=last)


def reopen(
    ledger: Path, issuer: str, month: str, reason: str, recorded_at: datetime, *, schedules: Path | None = None
) -> Batch:
    """Open a fiscal month of an issuer again, and all after it, for a reason. Raises `Refused` when it is open."""
    first, last, until = _month(ledger, issuer, month, schedules)
    if not reason.strip():
        raise refuse(str(ledger), "a period is reopened for a reason", do="say it with --reason")
    if until is None or last > until:
        said = f"closed through {until}" if until else "none is closed"
        raise refuse(str(ledger), f"{month} of {issuer} is open", said, "name a month that is closed")
    return _period(ledger, recorded_at, kind="period_reopened", issuer=issuer, effective_date=first, reason=reason)


def _month(ledger: Path, issuer: str, month: str, schedules: Path | None) -> tuple[date, date, date | None]:
    """First and last day of a fiscal month, by the month that holds most of it, and the issuer's last closed day."""
    year, number = year_and_month("month", month)
    with trusted(ledger) as opened:
        owners = opened.lots()["issuer"].unique()
        until = opened.closed().get(issuer)
    if issuer not in owners:
        raise unknown("issuer", issuer, owners.sort(), str(ledger))
    calendar = calendar_of(issuer, schedules)
    period = calendar.period(date(year, number, MIDDLE))
    bounds = calendar.frame(period, period)
    return bounds["period_start"].item(), bounds["period_end"].item(), until


def head(ledger: Path, known_at: datetime | None = None) -> str:
    """The head of a ledger in a line: the hash that stands for all facts recorded by a time, and when that was."""
    with Ledger.open(ledger) as opened:
        batches = opened.batches(known_at)
    last = batches[-1] if batches else None
    return f"head {last.hash} of batch {last.batch}, recorded {last.recorded_at}Z" if last else "holds nothing yet"


def source(ledger: Path, batch: int, out: Path, *, overwrite: bool = False) -> Path:
    """The file that a batch was imported from, as it was. Raises `Refused`, also for a file of other bytes at `out`."""
    with Ledger.open(ledger) as opened:
        named = {each.batch: each for each in opened.batches()}
        if batch not in named:
            raise unknown("batch", str(batch), map(str, named), str(ledger))
        digest = named[batch].file_sha256
        if not digest:
            raise refuse(str(ledger), f"batch {batch} was recorded from {named[batch].file}", "there is no file of it")
        if not sources.intact(opened.connection, digest):
            raise refuse(str(ledger), f"the original of batch {batch} is not as it was imported", do="depr verify")
        target = out / Path(named[batch].file).name if out.is_dir() else out
        with replacing(target, overwrite=overwrite) as file:
            for piece in sources.pieces(opened.connection, digest):
                file.write(piece)
    return target


def holdings(
    ledger: Path,
    *,
    by: Sequence[str] = ("issuer", "generation", "status"),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pl.DataFrame:
    """Lots and units held on a date, by any of issuer, generation, location and status. Raises `Refused`."""
    for name in by:
        if name not in BY:
            raise unknown("group", name, BY)
    lots = held(known(ledger, as_of, known_at).events)
    return lots.group_by(by).agg(lots=pl.len().cast(pl.Int64), units=pl.col("units").sum()).sort(by, nulls_last=True)


def migrate(ledger: Path, recorded_at: datetime) -> Migrated:
    """A ledger of an earlier schema becomes one of this version; the old file is kept beside it. Raises `Refused`."""
    return schemas.migrate(ledger, recorded_at, template.copy, from_schema_2)
