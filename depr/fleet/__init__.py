"""The face for Python: one noun, `Fleet`, with the verbs of the command line.

    fleet = depr.create("fleet.duckdb")
    fleet.add("purchases.csv")
    fleet.restate(lives=["3y", "6y"])

Tables come back as `Answer`: frames with decimals and dates. A life is text with a unit (`3y`, `42m`) or a book. What
is refused raises `depr.Refused`, whose findings say what, why and what to do, as on the command line.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from depr import checks
from depr.console.answer import Answer
from depr.errors import Finding, Refused
from depr.fleet import facts as facts_
from depr.fleet import figures, preparing, questions, restating
from depr.fleet.facts import Imported, holdings, import_files, init
from depr.fleet.given import Amount, Life, PathLike, book_of, exact, frame_of, lives_of, months_of, statements_of
from depr.fleet.restating import currencies_of
from depr.ledger.known import known
from depr.sql import verified
from depr.sql.published import copies

LIVES = ("1y", "3y", "6y")
"""Useful lives that a restatement shows unless others are asked for."""


def open_fleet(path: PathLike, *, schedules: PathLike | None = None) -> Fleet:
    """A ledger that is there. `schedules` is your own folder of books and issuers. Raises `Refused`.

    >>> depr.open("fleet.duckdb")
    Fleet('fleet.duckdb'): 2 lots of META
    """
    fleet = Fleet(path, schedules)
    _ = fleet.head  # proves that it is a ledger
    return fleet


def create(path: PathLike, *, schedules: PathLike | None = None) -> Fleet:
    """A new, empty ledger. Raises `Refused` when something lies there already.

    >>> depr.create("mine.duckdb")
    Fleet('mine.duckdb'): no lots yet; add purchases
    """
    return Fleet(init(Path(path)), schedules)


class Fleet:
    """A fleet ledger: facts that are added, never changed, and what follows from them under any book.

    Every method may be given `as_of` (what was so on a date) and `known_at` (what was recorded by a time) where it
    answers a question. A frame is polars, pandas, Arrow or anything else that gives an Arrow stream.
    """

    def __init__(self, path: PathLike, schedules: PathLike | None = None) -> None:
        self.path = Path(path)
        self._schedules = Path(schedules) if schedules is not None else None

    def __repr__(self) -> str:
        held = holdings(self.path, by=["issuer"])
        named = ", ".join(held["issuer"])
        return f"Fleet({str(self.path)!r}): " + (
            f"{held['lots'].sum():,} lots of {named}" if len(held) else "no lots yet; add purchases"
        )

    # Facts

    @property
    def head(self) -> str:
        """The hash that stands for all facts, in a line.

        >>> fleet.head[:5]
        'head '
        """
        return facts_.head(self.path)

    def add(
        self,
        facts: Any,
        *,
        mapping: str | None = None,
        name: str = "frame",
        partial: bool = False,
        recorded_at: datetime | None = None,
    ) -> list[Imported]:
        """Purchases or events: a file (CSV, Parquet, XLSX), several, or a frame with the same columns.

        A frame is kept in the ledger as a Parquet file of that `name`. `mapping` names how the columns of another
        system are read. Rows that are refused refuse the file (`Refused`) unless `partial`. What is on file already
        changes nothing.

        >>> lots = pl.DataFrame({"lot_id": ["C1"], "issuer": ["META"], "generation": ["h100"], "units": [8],
        ...     "cost": [Decimal("240000.00")], "currency": ["USD"], "purchase_date": [date(2024, 5, 2)],
        ...     "in_service_date": [date(2024, 6, 1)]})
        >>> [done.batch.accepted for done in fleet.add(lots)]
        [1]
        """
        moment = recorded_at or datetime.now(UTC)
        options: dict[str, Any] = {"mapping": mapping, "partial": partial, "schedules": self._schedules}
        if isinstance(facts, str | os.PathLike):
            return import_files(self.path, [Path(facts)], moment, **options)
        if isinstance(facts, Sequence) and all(isinstance(each, str | os.PathLike) for each in facts):
            return import_files(self.path, [Path(each) for each in facts], moment, **options)
        with TemporaryDirectory(prefix="depr-") as folder:
            file = Path(folder) / f"{Path(name).name}.parquet"
            frame_of(facts).write_parquet(file)
            return import_files(self.path, [file], moment, **options)

    def record(
        self,
        kind: str,
        lot: str,
        effective: date,
        *,
        amount: Amount | None = None,
        recorded_at: datetime | None = None,
        **told: Any,
    ) -> int:
        """One event that befalls a lot (impairment, improvement, disposal ...); the number of its batch.

        The other columns of an event go by name: `units`, `document`, `reason`, `life="4y"`, `residual`.

        >>> fleet.record("impairment", "L1", date(2025, 6, 30), amount=100, document="memo 7")
        3
        """
        texts = {name: None if told.get(name) is None else exact(told[name], name) for name in ("residual",)}
        said = {"amount": None if amount is None else exact(amount, "amount"), **told, **texts}
        moment = recorded_at or datetime.now(UTC)
        return facts_.record(self.path, kind, lot, effective, moment, schedules=self._schedules, **said).batch

    def close(self, issuer: str, month: str) -> int:
        """Close the periods of an issuer through a fiscal month, such as 2025-03; the number of the batch.

        >>> fleet.close("META", "2023-12")
        4
        """
        return facts_.close(self.path, issuer, month, datetime.now(UTC), schedules=self._schedules).batch

    def reopen(self, issuer: str, month: str, reason: str) -> int:
        """Open a closed month again, and all after it, for a reason; the number of the batch.

        >>> fleet.reopen("META", "2023-12", "late invoice")
        5
        """
        return facts_.reopen(self.path, issuer, month, reason, datetime.now(UTC), schedules=self._schedules).batch

    def lots(self, *, as_of: date | None = None, known_at: datetime | None = None) -> Answer:
        """The lots: one row each, with cost, dates, life and residual value of its own.

        >>> fleet.lots()["lot_id"].to_list()
        ['C1', 'L1', 'L2']
        """
        lots = known(self.path, as_of, known_at).lots
        return Answer(lots.drop("lot").sort("lot_id"))

    def events(self, *, as_of: date | None = None, known_at: datetime | None = None) -> Answer:
        """All that was recorded, in its order.

        >>> fleet.events().filter(kind="impairment")["amount"].to_list()
        [Decimal('100.00')]
        """
        return Answer(known(self.path, as_of, known_at).events)

    def check(self, *names: str, as_of: date | None = None, known_at: datetime | None = None) -> list[Finding]:
        """What the named checks of the ledger find, all of them when none is named.

        >>> fleet.check("chain", "serials")
        []
        """
        return checks.check(self.path, names, as_of=as_of, known_at=known_at, schedules=self._schedules)

    def verify(self, head: str | None = None) -> None:
        """Prove the whole file, against a `head` that was noted elsewhere. Raises `Refused` with all that is found.

        >>> fleet.verify()
        """
        _, found = verified.verify(self.path, head)
        if found:
            raise Refused(found)

    # Figures

    def schedule(
        self,
        book: Life | None = None,
        *,
        grain: str = "month",
        issuer: str | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Answer:
        """Depreciation of every lot by month, quarter or year, under a life or a book; None is what the issuer reports.

        >>> fleet.schedule("5y", grain="year").filter(lot_id="L2", fiscal_year=2024)["depreciation"].item()
        Decimal('12000.00')
        """
        notes: list[str] = []
        options: dict[str, Any] = {"issuer": issuer, "grain": grain, "as_of": as_of, "known_at": known_at}
        options |= {"schedules": self._schedules, "say": notes.append}
        return Answer(figures.schedule(self.path, book_of(book), **options).collect(), notes=notes)

    def rollforward(
        self,
        through: date,
        book: Life | None = None,
        *,
        by: Sequence[str] = ("generation",),
        grain: str = "quarter",
        issuer: str | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Answer:
        """Opening balances, what moved them and closing balances, to the period of a date.

        >>> fleet.rollforward(date(2024, 12, 31), "5y", grain="year").filter(movement="closing_balance").height
        2
        """
        notes: list[str] = []
        options: dict[str, Any] = {"issuer": issuer, "by": by, "grain": grain, "as_of": as_of, "known_at": known_at}
        options |= {"schedules": self._schedules, "say": notes.append}
        return Answer(figures.rollforward(self.path, book_of(book), through, **options), notes=notes, millions=True)

    def journal(
        self,
        period: str,
        book: Life | None = None,
        *,
        per_lot: bool = False,
        issuer: str | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Answer:
        """The balanced entries of a period: 2025, 2025-Q1 or 2025-03.

        >>> lines = fleet.journal("2024-Q1", "5y")
        >>> lines["debit"].sum() == lines["credit"].sum()
        True
        """
        notes: list[str] = []
        options: dict[str, Any] = {"issuer": issuer, "per_lot": per_lot, "as_of": as_of, "known_at": known_at}
        options |= {"schedules": self._schedules, "say": notes.append}
        return Answer(figures.journal(self.path, book_of(book), period, **options), notes=notes)

    def explain(self, lot: str, month: str, book: Life | None = None) -> str:
        """One charge of one lot derived line by line, each input with its source.

        >>> "1,000.00" in fleet.explain("L2", "2024-03", "5y")
        True
        """
        return "\n".join(figures.explain(self.path, lot, month, book_of(book), schedules=self._schedules))

    def restate(
        self,
        *,
        lives: Iterable[Life] = LIVES,
        issuers: Sequence[str] | None = None,
        modes: Sequence[str] = ("as_if",),
        changes_on: Sequence[date] = (),
        tax: str = "default",
        years: tuple[int, int] | None = None,
        by: str = "issuer",
        periods: str = "FY",
        statements: PathLike | Sequence[PathLike] | None = None,
        save: str | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Answer:
        """Reported earnings restated under other lives: rows by issuer, period and life; `frame` has every column.

        `lives` are text (`3y`, `42m`, the name of a book) or books; `statements` your own files, in place of the ones
        that ship; `by` generation or lot gives the parts; `periods` is FY or Q. See `depr restate --help`.

        >>> rows = fleet.restate(lives=["3y"], years=(2024, 2024))
        >>> rows.select("issuer", "fiscal_year", "understatement").rows()
        [('META', 2024, Decimal('39200.00'))]
        """
        from depr.console.summary import shown, title

        notes: list[str] = []
        options: dict[str, Any] = {"issuers": issuers, "modes": modes, "changes_on": changes_on, "tax": tax}
        options |= {"years": years, "by": by, "save": save, "as_of": as_of, "known_at": known_at}
        own = statements_of(statements, issuers, years, self._schedules)
        done = restating.restate(
            self.path, lives=lives_of(lives), statements=own, schedules=self._schedules, say=notes.append, **options
        )
        rows = pl.concat([each.restated if by == "issuer" else each.parts for each in done])
        rows = rows.filter(bound="mid", period_type=periods)
        short = shown(done, periods, parts=by != "issuer", all_columns=False)
        return Answer(rows, short, title=title(done, save), notes=notes, currency=currencies_of(done), millions=True)

    def report(
        self,
        out: PathLike = "pages",
        *,
        lives: Iterable[Life] = LIVES,
        issuers: Sequence[str] | None = None,
        years: tuple[int, int] | None = None,
        statements: PathLike | Sequence[PathLike] | None = None,
        overwrite: bool = False,
    ) -> list[Path]:
        """Self-contained HTML pages, one for each issuer, and an index; where they lie, the index first.

        >>> [page.name for page in fleet.report("pages", lives=["3y"], years=(2024, 2024))]
        ['index.html', 'meta.html']
        """
        own = statements_of(statements, issuers, years, self._schedules)
        options: dict[str, Any] = {"issuers": issuers, "years": years, "statements": own, "overwrite": overwrite}
        return restating.report(self.path, Path(out), lives=lives_of(lives), schedules=self._schedules, **options)

    # SQL

    def sql(self, question: str, *, as_of: date | None = None, known_at: datetime | None = None) -> Answer:
        """The answer to one question in SQL over the ledger: `FROM help` says what there is.

        >>> fleet.sql("SELECT count(*) AS lots FROM lots")["lots"].item()
        3
        """
        return Answer(questions.sql(self.path, question, as_of=as_of, known_at=known_at))

    def prepare(
        self,
        *,
        lives: Iterable[str] | None = None,
        methods: Sequence[str] | None = None,
        conventions: Sequence[str] | None = None,
        books: Sequence[Life] = (),
        anew: bool = False,
        evidence: bool = True,
    ) -> Answer:
        """Make what the SQL macros answer from, of lives, methods, conventions and books; the books they know.

        What is not named is that of `depr prepare`.

        >>> fleet.prepare(lives=["3y"], methods=["straight_line"], evidence=False)["life_months"].drop_nulls().to_list()
        [36]
        """
        wanted = None if lives is None else [months_of(life) for life in lives]
        named = {"lives": wanted, "methods": methods, "conventions": conventions}
        options: dict[str, Any] = {"books": books, "anew": anew, "evidence": evidence, "schedules": self._schedules}
        options |= {name: value for name, value in named.items() if value is not None}
        return Answer(preparing.prepare(self.path, **options))

    def publish(self, out: PathLike, *, without_lots: bool = False, overwrite: bool = False) -> Path:
        """A copy for others: a folder of Parquet, or one .duckdb file, with a manifest of what it was made from.

        >>> fleet.publish("copy").name
        'copy'
        """
        copies.publish(self.path, Path(out), without_lots=without_lots, overwrite=overwrite)
        return Path(out)
