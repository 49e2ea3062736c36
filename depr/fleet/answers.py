"""The verbs that answer with figures: each proves the ledger first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from depr.console.answer import Answer
from depr.errors import refuse
from depr.fleet.arguments import LIVES, Life, PathLike, Progress, book_of, lives_of, quiet, statements_of, verbs
from depr.fleet.ledger import Ledger, When
from depr.intake.layout import written

if TYPE_CHECKING:
    import polars as pl

    from depr.datasets.own_statements import OwnStatements

    Own = PathLike | Sequence[PathLike] | OwnStatements


@verbs
class Figures(Ledger):
    """What follows from the facts of a ledger under any book."""

    def schedule(
        self, book: Life | None = None, *, grain: str = "month", issuer: str | None = None, **when: Unpack[When]
    ) -> Answer:
        """Depreciation of every lot by month, quarter or year, under a life or a book; None is what the issuer reports.

        >>> fleet.schedule("5y", grain="year").filter(lot_id="L2", fiscal_year=2024)["depreciation"].item()
        Decimal('12000.00')
        """
        from depr.fleet.figures import schedule

        notes: list[str] = []
        options: dict[str, Any] = {"issuer": issuer, "grain": grain, "schedules": self._judged(when), **when}
        return Answer(schedule(self.path, book_of(book), **options, say=notes.append), notes=notes)

    def rollforward(
        self,
        through: date,
        book: Life | None = None,
        *,
        by: Sequence[str] = ("generation",),
        grain: str = "quarter",
        issuer: str | None = None,
        **when: Unpack[When],
    ) -> Answer:
        """Opening balances, what moved them and closing balances, to the period of a date.

        >>> fleet.rollforward(date(2024, 12, 31), "5y", grain="year").filter(movement="closing_balance").height
        2
        """
        from depr.console.summary import rolled
        from depr.fleet.figures import rollforward

        notes: list[str] = []
        options: dict[str, Any] = {"issuer": issuer, "by": by, "grain": grain, "schedules": self._judged(when), **when}
        rows = rollforward(self.path, book_of(book), through, **options, say=notes.append)
        title = f"{', '.join(rows['currency'].unique().sort())}; amounts in millions, every cent with --format csv"
        return Answer(rows, rolled(rows), title=title, notes=notes, millions=True)

    def journal(
        self,
        period: str,
        book: Life | None = None,
        *,
        per_lot: bool = False,
        difference: bool = False,
        posted: bool = False,
        issuer: str | None = None,
        **when: Unpack[When],
    ) -> Answer:
        """The balanced entries of a period: 2025, 2025-Q1 or 2025-03.

        With `posted` as they were posted (`post`), with `difference` those from there to what is known now.

        >>> lines = fleet.journal("2024-Q1", "5y")
        >>> lines["debit"].sum() == lines["credit"].sum()
        True
        """
        if difference or posted:
            return self._posted(
                period, book, issuer, when, per_lot=per_lot, both=difference and posted, since=difference
            )
        from depr.fleet.figures import journal

        notes: list[str] = []
        options: dict[str, Any] = {"issuer": issuer, "per_lot": per_lot, "schedules": self._judged(when), **when}
        lines = journal(self.path, book_of(book), period, **options, say=notes.append)
        return Answer(lines, _entries(lines), notes=notes)

    def _posted(
        self,
        period: str,
        book: Life | None,
        issuer: str | None,
        when: When,
        *,
        per_lot: bool,
        both: bool,
        since: bool,
    ) -> Answer:
        from depr.fleet.posting import difference, posted

        if both:
            raise refuse("journal", "as posted, and what is known since, are two questions", do="ask one of them")
        if per_lot or when.get("as_of"):
            why = "a period is posted whole, by generation, with all that is known"
            raise refuse("journal", "what is posted is not by lot, nor as of a date", why, "leave them out")
        known_at = when.get("known_at")
        options: dict[str, Any] = {"issuer": issuer, "known_at": known_at, "schedules": self._judged(when)}
        ask = difference if since else posted
        lines = ask(self.path, period, book=book_of(book), **options)
        return Answer(lines, _entries(lines))

    def post(
        self,
        period: str,
        book: Life | None = None,
        *,
        by: str,
        issuer: str | None = None,
        recorded_at: datetime | None = None,
    ) -> Answer:
        """Record that a period (2025-03, or the months of 2025-Q1) went into the general ledger; the lines that did.

        They are numbered once and for ever, by issuer and book: the entries of the period, and the differences of those
        posted before it to what is known now (column `of`). What was posted never changes.

        >>> lines = fleet.post("2024-01", "5y", by="A. Chen")
        >>> lines["debit"].sum() == lines["credit"].sum()
        True
        """
        from depr.fleet.posting import post

        notes: list[str] = []
        moment = recorded_at or datetime.now(UTC)
        options: dict[str, Any] = {"book": book_of(book), "issuer": issuer, "schedules": self._judged({})}
        lines = post(self.path, period, moment, by=by, **options, say=notes.append)
        return Answer(lines, _entries(lines), notes=notes)

    def postings(self, issuer: str | None = None, known_at: datetime | None = None) -> Answer:
        """What was posted: issuer, book, period, number, when, by whom, and the batch that keeps its lines.

        >>> fleet.postings()["period"].to_list()
        ['2024-01']
        """
        from depr.fleet.posting import listed

        return Answer(listed(self.path, issuer, known_at))

    def export(self, entries: Answer, to: PathLike) -> str:
        """Entries (of `journal` or `post`) as the CSV that another system takes in.

        `to` is oracle, netsuite, dynamics365, business-central or sap, or a file of your own that extends one of them:
        with what must be given (the ledger, the company code) and, where they differ, the names of the accounts.

        >>> fleet.export(fleet.journal("2024-01", "5y"), "netsuite").splitlines()[0]
        'External ID,Date,Currency,Memo,Account,Debit,Credit'
        """
        from depr.fleet.figures import exported

        return exported(entries.whole.lazy().collect(), Path(to) if Path(to).is_file() else str(to), self._judged())

    def explain(self, lot: str, month: str, book: Life | None = None, **when: Unpack[When]) -> str:
        """One charge of one lot derived line by line, each input with its source.

        >>> "1,000.00" in fleet.explain("L2", "2024-03", "5y")
        True
        """
        from depr.fleet.figures import explain

        return "\n".join(explain(self.path, lot, month, book_of(book), **when, schedules=self._judged(when)))

    def tie(
        self,
        file: PathLike,
        book: Life | None = None,
        *,
        mapping: str | None = None,
        start: str | None = None,
        months: int = 12,
        issuer: str | None = None,
        sheet: str | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
        **when: Unpack[When],
    ) -> Answer:
        """The schedule of another system beside ours: one row a lot with the difference and why, the notes by reason.

        `file` has lot_id, date and depreciation, or is read by a `mapping`; `months` are compared from `start` on (such
        as 2025-01), else from the last opening balance.

        >>> theirs = fleet.schedule("5y").filter(lot_id="L2").select("lot_id", "depreciation", date="period_end")
        >>> theirs.write_csv("theirs.csv")
        >>> fleet.tie("theirs.csv", "5y", start="2024-02").filter(lot_id="L2")["why"].item()
        'the same'
        """
        from depr.fleet.tying import tie

        read = written([Path(file)], sheet, delimiter, encoding)
        notes: list[str] = []
        options: dict[str, Any] = {"mapping": mapping, "start": start, "months": months, "issuer": issuer, "how": read}
        options |= {"schedules": self._judged(when), "say": notes.append, **when}
        tied = tie(self.path, Path(file), book_of(book), **options)
        return Answer(tied.rows, tied.differing, title="; ".join(notes), notes=tied.said)

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
        statements: Own | None = None,
        save: str | None = None,
        progress: Progress = quiet,
        **when: Unpack[When],
    ) -> Answer:
        """Reported earnings restated under other lives: rows by issuer, period and life; `frame` has every column.

        `lives` are text (`3y`, `42m`, the name of a book) or books; `statements` your own files, in place of the ones
        that ship; `by` generation or lot gives the parts; `periods` is FY or Q. See `depr restate --help`.

        >>> rows = fleet.restate(lives=["3y"], years=(2024, 2024))
        >>> rows.select("issuer", "fiscal_year", "understatement").rows()
        [('META', 2024, Decimal('39200.00'))]
        """
        from depr.fleet import restating

        notes: list[str] = []
        judged = self._judged(when)
        own = statements_of(statements, issuers, years, judged)
        options: dict[str, Any] = {"issuers": issuers, "modes": modes, "changes_on": changes_on, "tax": tax}
        options |= {
            "years": years,
            "by": by,
            "save": save,
            "schedules": judged,
            "progress": progress,
            **when,
        }
        done = restating.restate(self.path, lives=lives_of(lives), statements=own, **options, say=notes.append)
        return restating.answer(done, by=by, periods=periods, save=save, own=own, notes=notes)

    def diff(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        lives: Iterable[Life] = LIVES,
        issuers: Sequence[str] | None = None,
        years: tuple[int, int] | None = None,
        statements: Own | None = None,
        statements_then: Own | None = None,
        every: bool = False,
        progress: Progress = quiet,
    ) -> Answer:
        """Figures of a restatement as they were known at a time beside those of now, and what moved each of them.

        then + judgements + facts + statements = now, to the last unit. `statements_then` are those of that time, where
        others were given; `every` shows what did not move, too.

        >>> fleet.diff("2199-01-01T00:00+00:00", lives=["3y"], every=True).columns[-5:]
        ['then', 'judgements', 'facts', 'statements', 'now']
        """
        from depr.fleet.comparing import Moment, differences

        own = statements_of(statements, issuers, years, self._judged({"known_at": until}))
        before = own
        if statements_then is not None:
            before = statements_of(statements_then, issuers, years, self._judged({"known_at": since}))
        options: dict[str, Any] = {"lives": lives_of(lives), "issuers": issuers, "years": years, "every": every}
        options |= {"schedules": self._schedules, "progress": progress}
        return Answer(differences(self.path, Moment(since, before), Moment(until, own), **options))

    def materiality(
        self,
        *,
        lives: Iterable[Life] = LIVES,
        issuers: Sequence[str] | None = None,
        years: tuple[int, int] | None = None,
        statements: Own | None = None,
        progress: Progress = quiet,
        **when: Unpack[When],
    ) -> tuple[Answer, Answer]:
        """What other lives would change, screened as if it were an error, under SAB 99 and SAB 108: never a conclusion.

        >>> by_period, by_year = fleet.materiality(lives=["3y"], years=(2024, 2024))
        >>> set(by_period["issuer"])
        {'META'}
        """
        from depr.fleet import restating

        notes: list[str] = []
        judged = self._judged(when)
        own = statements_of(statements, issuers, years, judged)
        options: dict[str, Any] = {"issuers": issuers, "years": years, "progress": progress, **when}
        options |= {"statements": own, "schedules": judged, "say": notes.append}
        done = restating.restate(self.path, lives=lives_of(lives), **options)
        return restating.screened(done, notes, own, judged)

    def saved(self) -> Answer:
        """The restatements that the ledger keeps: name, issuers, options, and what they were made from.

        >>> fleet.saved().height
        0
        """
        from depr.fleet.restating import saved

        return Answer(saved(self.path))

    def drop(self, name: str) -> None:
        """Take a restatement out of the ledger, the facts stay. Raises `Refused` when there is none of the name.

        >>> fleet.restate(lives=["3y"], years=(2024, 2024), save="a").height, fleet.drop("a")
        (1, None)
        """
        from depr.fleet.restating import drop_saved

        drop_saved(self.path, name)

    def report(
        self,
        out: PathLike = "pages",
        *,
        lives: Iterable[Life] = LIVES,
        issuers: Sequence[str] | None = None,
        modes: Sequence[str] = ("as_if",),
        changes_on: Sequence[date] = (),
        years: tuple[int, int] | None = None,
        statements: Own | None = None,
        templates: PathLike | None = None,
        overwrite: bool = False,
        called: str | None = None,
        progress: Progress = quiet,
        **when: Unpack[When],
    ) -> list[Path]:
        """Self-contained HTML pages, one for each issuer, and an index; where they lie, the index first.

        The command that a page prints names the ledger as it is `called`, or by its path.

        >>> [page.name for page in fleet.report("pages", lives=["3y"], years=(2024, 2024))]
        ['index.html', 'meta.html']
        """
        from depr.fleet.restating import report

        judged = self._judged(when)
        own = statements_of(statements, issuers, years, judged)
        options: dict[str, Any] = {"issuers": issuers, "modes": modes, "changes_on": changes_on, "years": years}
        options |= {"statements": own, "templates": Path(templates) if templates else None, "overwrite": overwrite}
        options |= {"called": called, "progress": progress, "schedules": judged, **when}
        return report(self.path, Path(out), lives=lives_of(lives), **options)

    def lives(self, book: Life | None = None, **when: Unpack[When]) -> Answer:
        """How long the GPUs of this ledger stayed in use, by generation, beside the lives of a book.

        >>> fleet.lives("6y")["generation"].to_list()
        ['h100']
        """
        from depr.fleet.without_ledger import lives

        return lives(book, schedules=self._judged(when), ledger=self.path, **when)


def _entries(lines: pl.DataFrame) -> pl.DataFrame:
    """The columns of a journal that a line of a terminal has room for."""
    return lines.select("entry", "date", "account", "debit_minor", "credit_minor", "currency", "narration")
