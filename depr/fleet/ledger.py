"""The verbs of a ledger: what is recorded, given back, checked and proven."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from depr.console.answer import Answer
from depr.errors import Finding, Refused
from depr.fleet.arguments import Amount, PathLike, Progress, exact, frame_of, quiet, verbs
from depr.intake.layout import written

if TYPE_CHECKING:
    from depr.fleet.facts import Imported, Preview
    from depr.intake.suggest import Suggestion
    from depr.ledger.adopted import Adopted
    from depr.ledger.chain import Batch
    from depr.ledger.migrate import Migrated
    from depr.sql.verified import Verified


class When(TypedDict, total=False):
    """Of when an answer is: what was so on a date, what was recorded by a time."""

    as_of: date | None
    known_at: datetime | None


class Read(TypedDict, total=False):
    """How a file is written: the sheet of a workbook, what separates the columns of CSV, and its encoding."""

    sheet: str | None
    delimiter: str | None
    encoding: str | None


@verbs
class Ledger:
    """A ledger by its path, and what is done with its facts."""

    def __init__(self, path: PathLike, schedules: PathLike | None = None) -> None:
        self.path = Path(path)
        self._schedules = Path(schedules) if schedules is not None else None

    def _judged(self, when: When | None = None) -> Path | None:
        """The folder of judgements that the verbs read: the one that was named, else what the ledger carried."""
        from depr.fleet.carried import schedules

        return schedules(self.path, self._schedules, (when or {}).get("known_at"))

    @property
    def head(self) -> str:
        """The hash that stands for all facts, in a line.

        >>> fleet.head[:5]
        'head '
        """
        return self.head_at()

    def head_at(self, known_at: datetime | None = None) -> str:
        """The hash that stood for all facts at a time, in a line.

        >>> fleet.head_at() == fleet.head
        True
        """
        from depr.fleet import facts

        return facts.head(self.path, known_at)

    def add(
        self,
        facts: Any,
        *,
        mapping: str | None = None,
        name: str = "frame",
        partial: bool = False,
        all_findings: bool = False,
        recorded_at: datetime | None = None,
        progress: Progress = quiet,
        **read: Unpack[Read],
    ) -> list[Imported]:
        """Purchases or events: a file (CSV, Parquet, XLSX), several, or a frame with the same columns.

        A frame is kept in the ledger as a Parquet file of that `name`; its first row is row 1. `mapping` names how the
        columns of another system are read. Rows that are refused refuse the file (`Refused`) unless `partial`. What is
        on file already changes nothing.

        >>> lots = pl.DataFrame({"lot_id": ["C1"], "issuer": ["META"], "generation": ["h100"], "units": [8],
        ...     "cost": [Decimal("240000.00")], "currency": ["USD"], "purchase_date": [date(2024, 5, 2)],
        ...     "in_service_date": [date(2024, 6, 1)]})
        >>> [done.batch.accepted for done in fleet.add(lots)]
        [1]
        """
        from depr.fleet.facts import import_files

        options: dict[str, Any] = {"mapping": mapping, "partial": partial, "all_findings": all_findings}
        options |= {"schedules": self._judged(), "progress": progress}
        with _files(facts, name) as files:
            how = written(files, **read)
            done = import_files(self.path, files, recorded_at or datetime.now(UTC), how=how, **options)
        return [replace(each, findings=tuple(_as_given(facts, name, each.findings))) for each in done]

    def preview(
        self,
        facts: Any,
        *,
        mapping: str | None = None,
        name: str = "frame",
        all_findings: bool = False,
        **read: Unpack[Read],
    ) -> list[Preview]:
        """What adding would do, file by file: the counts, the rows that would be rejected and why. Nothing is recorded.

        >>> [plan.recording.duplicates for plan in fleet.preview("purchases.csv")]
        [2]
        """
        from depr.fleet.facts import preview

        options: dict[str, Any] = {"mapping": mapping, "all_findings": all_findings, "schedules": self._judged()}
        with _files(facts, name) as files:
            plans = preview(self.path, files, how=written(files, **read), **options)
        return [plan.with_findings(_as_given(facts, name, plan.recording.findings)) for plan in plans]

    def suggest(self, file: PathLike, **read: Unpack[Read]) -> Suggestion:
        """A mapping for a register, as a TOML text with the evidence for each key, and how it reads each column.

        What two readings fit, or nothing says, is left open (`?`): an import refuses it until it is decided.

        >>> fleet.suggest("purchases.csv").open
        ()
        """
        from depr.intake.suggest import suggest, vocabulary

        path = Path(file)
        return suggest(path, vocabulary(self._judged()), written([path], **read))

    def record(
        self,
        kind: str,
        lot: str,
        effective: date,
        *,
        amount: Amount | None = None,
        recorded_at: datetime | None = None,
        **details: Any,
    ) -> Batch:
        """One event that befalls a lot (impairment, improvement, disposal ...); the batch that it is recorded as.

        The other columns of an event go by name: `units`, `document`, `reason`, `life="4y"`, `residual`.

        >>> fleet.record("impairment", "L1", date(2025, 6, 30), amount=100, document="memo 7").batch
        3
        """
        from depr.fleet.facts import record

        exactly = {"amount": amount, "residual": details.get("residual")}
        details |= {name: exact(value, name) for name, value in exactly.items() if value is not None}
        moment = recorded_at or datetime.now(UTC)
        return record(self.path, kind, lot, effective, moment, schedules=self._judged(), **details)

    def close(self, issuer: str, month: str) -> Batch:
        """Close the periods of an issuer through a fiscal month, such as 2025-03; the batch that it is recorded as.

        >>> fleet.close("META", "2023-12").batch
        4
        """
        from depr.fleet.facts import close

        return close(self.path, issuer, month, datetime.now(UTC), schedules=self._judged())

    def reopen(self, issuer: str, month: str, reason: str) -> Batch:
        """Open a closed month again, and all after it, for a reason; the batch that it is recorded as.

        >>> fleet.reopen("META", "2023-12", "late invoice").batch
        5
        """
        from depr.fleet.facts import reopen

        return reopen(self.path, issuer, month, reason, datetime.now(UTC), schedules=self._judged())

    def holdings(self, by: Sequence[str] = ("issuer", "generation", "status"), **when: Unpack[When]) -> Answer:
        """Lots and units held on a date, by any of issuer, generation, location and status.

        >>> fleet.holdings(["issuer"])["lots"].to_list()
        [3]
        """
        from depr.fleet.facts import holdings

        return Answer(holdings(self.path, by=by, **when))

    def lots(self, **when: Unpack[When]) -> Answer:
        """The lots: one row each, with cost, dates, life and residual value of its own.

        >>> fleet.lots()["lot_id"].to_list()
        ['C1', 'L1', 'L2']
        """
        from depr.ledger.known import known

        return Answer(known(self.path, **when).lots.drop("lot").sort("lot_id"))

    def events(self, **when: Unpack[When]) -> Answer:
        """All that was recorded, in its order.

        >>> fleet.events().filter(kind="impairment")["amount"].to_list()
        [Decimal('100.00')]
        """
        from depr.ledger.known import known

        return Answer(known(self.path, **when).events)

    def source(self, batch: int, out: PathLike = "", *, overwrite: bool = False) -> Path:
        """The file that a batch was imported from, as it was, written to a file or folder; where it lies.

        >>> fleet.source(1, "original.csv").name
        'original.csv'
        """
        from depr.fleet.facts import source

        return source(self.path, batch, Path(out), overwrite=overwrite)

    def check(
        self,
        *names: str,
        counts: PathLike | None = None,
        sheet: str | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
        **when: Unpack[When],
    ) -> list[Finding]:
        """What the named checks of the ledger find, all of them when none is named; `counts` is a physical count.

        >>> fleet.check("chain", "serials")
        []
        """
        from depr.checks import check

        files = [Path(counts)] if counts is not None else []
        how = written(files, sheet, delimiter, encoding)
        return check(
            self.path, names, counts=files[0] if files else None, how=how, **when, schedules=self._judged(when)
        )

    def verify(self, head: str | None = None) -> Verified:
        """Prove the whole file, against a `head` that was noted elsewhere. Raises `Refused` with all that is found.

        >>> len(fleet.verify().batches)
        5
        """
        from depr.sql.verified import verify

        proof, found = verify(self.path, head)
        if found:
            raise Refused(found)
        return proof

    def reseal(self) -> tuple[Verified, list[Finding]]:
        """Seal the file with the bytes that it has, after another program wrote into it on purpose, if its facts hold.

        >>> fleet.reseal()[1]
        []
        """
        from depr.sql.verified import reseal

        return reseal(self.path)

    def migrate(self) -> Migrated:
        """Bring a ledger of an earlier version up to this one; the old file is kept beside it. Raises `Refused`.

        >>> try:
        ...     fleet.migrate()
        ... except depr.Refused as refused:
        ...     print(refused.findings[0].why)
        it is the newest that this version knows
        """
        from depr.fleet.facts import migrate

        return migrate(self.path, datetime.now(UTC))

    def adopt(
        self, files: PathLike | Sequence[PathLike], *, by: str, reason: str, recorded_at: datetime | None = None
    ) -> list[Adopted]:
        """Let the ledger carry judgements, files of TOML or folders of them: an issuer, books, a chart of accounts ...

        Each is a new version under its name; all are recorded or none. Who adopts them and why stands beside them.

        >>> fleet.adopt("own", by="A. Chen", reason="accounting manual of 2024")[0].name
        'books/acme-5y.toml'
        >>> fleet.schedule("acme-5y", grain="year").height > 0
        True
        """
        from depr.fleet.judgements import adopt

        named = [files] if isinstance(files, str | os.PathLike) else files
        moment = recorded_at or datetime.now(UTC)
        return adopt(self.path, [Path(file) for file in named], moment, by=by, why=reason)

    def judgements(self, known_at: datetime | None = None, *, every: bool = False) -> Answer:
        """The judgements that the ledger carries, as known at a time: the version in force of each, or every version.

        >>> fleet.judgements()["name"].to_list()
        ['books/acme-5y.toml']
        """
        from depr.fleet.judgements import listed

        return Answer(listed(self.path, known_at, every=every))


@contextmanager
def _files(facts: Any, name: str) -> Iterator[list[Path]]:
    """Files as they are named; a frame as a Parquet file of a name."""
    if isinstance(facts, str | os.PathLike):
        yield [Path(facts)]
    elif _is_files(facts):
        yield [Path(each) for each in facts]
    else:
        with TemporaryDirectory(prefix="depr-") as folder:
            file = Path(folder) / f"{Path(name).name}.parquet"
            frame_of(facts).write_parquet(file)
            try:
                yield [file]
            except Refused as refused:
                raise Refused(_as_given(facts, name, refused.findings)) from None


def _is_files(facts: Any) -> bool:
    several = isinstance(facts, Sequence) and all(isinstance(each, str | os.PathLike) for each in facts)
    return isinstance(facts, str | os.PathLike) or several


def _as_given(facts: Any, name: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of a frame by its name and its rows: a frame has no header that would be the first of them."""
    for each in findings:
        of_frame = not _is_files(facts) and Path(each.file).name == f"{Path(name).name}.parquet"
        yield replace(each, file=Path(name).name, row=max(each.row - 1, 0)) if of_frame else each
