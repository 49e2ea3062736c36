"""The face: one noun, `Fleet`, with the verbs that Python and the command line share.

    fleet = depr.create("fleet.duckdb")
    fleet.add("purchases.csv")
    fleet.restate(lives=["3y", "6y"])

Tables come back as `Answer`: frames with decimals and dates. A life is text with a unit (`3y`, `42m`) or a book. What
is refused raises `depr.Refused`, whose findings say what, why and what to do, as on the command line. What a verb does
stands in the modules beside this one, which are loaded when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from depr.console.answer import Answer
from depr.fleet.answers import Figures
from depr.fleet.arguments import Life, PathLike, Progress, lives_of, quiet, verb, verbs
from depr.fleet.ledger import When

if TYPE_CHECKING:
    from depr.fleet.company import Company
    from depr.sql.published.copies import Published
    from depr.sql.query import Session


@verb
def open_fleet(path: PathLike, *, schedules: PathLike | None = None) -> Fleet:
    """A ledger that is there. `schedules` is your own folder of books and issuers. Raises `Refused`.

    >>> depr.open("fleet.duckdb")
    Fleet('fleet.duckdb'): 2 lots of META
    """
    fleet = Fleet(path, schedules)
    _ = fleet.head  # proves that it is a ledger
    return fleet


@verb
def create(path: PathLike, *, schedules: PathLike | None = None) -> Fleet:
    """A new, empty ledger. Raises `Refused` when something lies there already.

    >>> depr.create("mine.duckdb")
    Fleet('mine.duckdb'): no lots yet; add purchases
    """
    from depr.fleet.facts import init

    return Fleet(init(Path(path)), schedules)


@verb
def new(
    folder: PathLike,
    *,
    id: str,
    currency: str,
    year_end_month: int,
    life: str,
    tax_rate: str,
    by: str,
    source: str,
    name: str = "",
    tax_kind: str = "statutory",
    weeks: str = "",
    weekday: str = "",
    year_ends: str = "",
    method: str = "straight_line",
    convention: str = "full_month",
    residual_rate: str = "0",
    recorded_at: datetime | None = None,
) -> Company:
    """A company of one's own in a new folder: a ledger that carries its judgements, and templates of its files.

    The judgements (who it is, how it depreciates, accounts, classes of assets, assumptions) lie in the folder too, to
    be changed and adopted anew. A fiscal year of weeks takes `weeks` (4-4-5), `weekday` and `year_ends`.
    Raises `Refused`.

    >>> made = depr.new("acme", id="ACME", currency="USD", year_end_month=6, life="5y", tax_rate="0.21",
    ...                 by="A. Chen", source="accounting manual")
    >>> depr.open(made.ledger).judgements()["name"].to_list()[:3]
    ['accounts.toml', 'assumptions.toml', 'books/acme-reported.toml']
    """
    from depr.fleet import company

    said = {"id": id, "name": name, "currency": currency, "year_end_month": year_end_month, "life": life}
    said |= {"tax_rate": tax_rate, "tax_kind": tax_kind, "source": source, "method": method}
    said |= {"convention": convention, "residual_rate": residual_rate}
    said |= {"weeks": weeks, "weekday": weekday, "year_ends": year_ends}
    return company.new(Path(folder), recorded_at or datetime.now(UTC), by=by, **said)


@verbs
class Fleet(Figures):
    """A fleet ledger: facts that are added, never changed, and what follows from them under any book.

    Where a method answers a question it may be given `as_of` (what was so on a date) and `known_at` (what was recorded
    by a time). A frame is polars, pandas, Arrow or anything else that gives an Arrow stream.
    """

    def __repr__(self) -> str:
        held = self.holdings(["issuer"]).frame
        named = ", ".join(held["issuer"])
        return f"Fleet({str(self.path)!r}): " + (
            f"{held['lots'].sum():,} lots of {named}" if len(held) else "no lots yet; add purchases"
        )

    def sql(self, question: str, **when: Unpack[When]) -> Answer:
        """The answer to one question in SQL over the ledger: `FROM help` says what there is.

        >>> fleet.sql("SELECT count(*) AS lots FROM lots")["lots"].item()
        3
        """
        from depr.fleet.questions import sql

        return Answer(sql(self.path, question, **when))

    def session(
        self, attach: Mapping[str, Path] | None = None, *, memory_mib: int = 4096, **when: Unpack[When]
    ) -> AbstractContextManager[Session]:
        """The ledger proven once and open for many questions; others can be attached under names of their own.

        >>> with fleet.session() as asked:
        ...     asked.frame("SELECT sum(units)::INT AS units FROM lots")["units"].item()
        28
        """
        from depr.sql.query import session

        return session(self.path, attach=attach, memory_mib=memory_mib, **when)

    def prepare(
        self,
        *,
        lives: Iterable[Life] | None = None,
        methods: Sequence[str] | None = None,
        conventions: Sequence[str] | None = None,
        books: Sequence[Life] = (),
        anew: bool = False,
        evidence: bool = True,
        progress: Progress = quiet,
    ) -> Answer:
        """Make what the SQL macros answer from, of lives, methods, conventions and books; the books they know.

        What is not named is that of `depr prepare`.

        >>> fleet.prepare(lives=["3y"], methods=["straight_line"], evidence=False)["life_months"].drop_nulls().to_list()
        [36]
        """
        from depr.fleet.preparing import prepare

        notes: list[str] = []
        given = lives_of(lives or ())
        books = [*books, *(life for life in given if not isinstance(life, str))]
        plain = [life for life in given if isinstance(life, str)]
        wanted = {"lives": plain, "methods": methods, "conventions": conventions}
        options: dict[str, Any] = {name: value for name, value in wanted.items() if value}
        options |= {"books": books, "anew": anew, "evidence": evidence, "schedules": self._judged()}
        return Answer(prepare(self.path, **options, progress=progress, say=notes.append), notes=notes)

    def publish(
        self,
        out: PathLike,
        *,
        without_lots: bool = False,
        least_lots: int = 0,
        overwrite: bool = False,
        progress: Progress = quiet,
    ) -> Published:
        """A copy for others: a folder of Parquet, or one .duckdb file, with a manifest of what it was made from.

        >>> fleet.publish("copy").path.name
        'copy'
        """
        from depr.sql.published.copies import publish

        options = {"without_lots": without_lots, "overwrite": overwrite}
        return publish(self.path, Path(out), least_lots=least_lots, progress=progress, **options)
