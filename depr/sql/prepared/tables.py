"""What the macros of a ledger read: books walked by the kernel, so that what is left is lookups and whole numbers.

The judgement of time - clocks, curves, policies that follow one another - is worked out once for each date of service
and book (`starts`, `shares`); lots that something befell are estimated one by one (`segments`, `movements`).
depr/sql/macros does the rest for any date, grain and grouping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dataframely as dy
import duckdb
import polars as pl

from depr.books.book import ALL, TAX_CONVENTIONS, Book
from depr.books.issuers import Issuer
from depr.contract import CHANGE_KINDS, Shares, describe, prepared
from depr.kernel.calendar import PERIODS, FiscalCalendar
from depr.kernel.curves import MONTHS_PER_YEAR
from depr.ledger import contents
from depr.ledger.known import Known
from depr.ledger.version import VERSION
from depr.sql.help import describe_table
from depr.sql.prepared.changed import MODE, Befalls, Change, befalls
from depr.sql.prepared.curves import Curves
from depr.sql.prepared.one_by_one import OneByOne
from depr.sql.prepared.starts import Starts
from depr.sql.prepared.terms import function_splits, modes, tax_rates
from depr.sql.texts import text
from depr.tax.tables import law_method

TABLES: dict[str, tuple[type[dy.Schema], str]] = {
    "alternatives": (prepared.Alternatives, "Books that the macros know: by name, or by life, method and convention"),
    "fleets": (prepared.Fleets, "Owners of lots: fiscal calendar, and the book of what is reported"),
    "calendar": (prepared.Periods, "Fiscal months of each calendar"),
    "acquired": (prepared.Acquired, "Every lot as it was acquired, for the macros; to read, take the view lots"),
    "tracks": (prepared.Tracks, "The policies that a book has for a generation, as a number"),
    "starts": (prepared.Starts, "How a lot that nothing befalls is charged, by policies and date of service"),
    "shares": (Shares, "Curves read at the ticks of a clock: exact shares used up before and after each step"),
    "segments": (
        prepared.SingleSegments,
        "Estimates of lots that something befell, as known on a date; amounts in minor units",
    ),
    "movements": (prepared.Moved, "What changes moved in the balances of lots, as known on a date; minor units"),
    "modes": (prepared.Modes, "How a change of judgement is carried into the past, and what the outcome may be called"),
    "tax_rates": (prepared.TaxRates, "Tax rates of issuers on a change in depreciation, as exact fractions"),
    "function_splits": (prepared.FunctionSplits, "Functions of the income statement that carry depreciation"),
}
LIFE_YEARS = "(life_months::DECIMAL(12,6) / 12)::DECIMAL(8,4)"
LIFE_MEANS = "useful life of a plain book in years, to four decimals"


@dataclass(frozen=True)
class Fleet:
    """Issuers of one fiscal calendar and, for each, the book that stands for what it reports.

    `entries` are those of them that have one in schedules/issuers.
    """

    calendar: FiscalCalendar
    reported: Mapping[str, Book | None]
    entries: Sequence[Issuer] = ()

    @property
    def books(self) -> dict[str, Book]:
        """The books of what is reported, by name."""
        return {book.id: book for book in self.reported.values() if book}


PREPARED_FROM = "What the macros read was made from; they fail when facts were recorded since"
HEAD_COLUMNS = {"version": "version of depr", "head": "hash of the last batch known to it (batches.hash)"}


def run(connection: duckdb.DuckDBPyConnection, script: str) -> None:
    """The statements of a file of depr/sql."""
    connection.execute(text(script)).fetchall()


def write_prepared(
    connection: duckdb.DuckDBPyConnection, frames: Mapping[str, dy.DataFrame[Any]], head: str | None
) -> None:
    """Replace the prepared tables (TABLES) by frames made from the facts up to a hash; None says that nothing is."""
    for name, frame in frames.items():
        schema, meaning = TABLES[name]
        body = "*"
        meanings = describe(schema)
        if schema is prepared.Alternatives:
            body = f"*, {LIFE_YEARS} AS life_years"
            meanings = {**meanings, "life_years": LIFE_MEANS}
        connection.register("prepared", frame.to_arrow())
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {body} FROM prepared").fetchall()
        connection.unregister("prepared")
        describe_table(connection, name, meaning, meanings)
    write_head(connection, "prepared_from", PREPARED_FROM, head)
    contents.record(connection, [*frames, "prepared_from"])


def write_head(connection: duckdb.DuckDBPyConnection, table: str, meaning: str, head: str | None) -> None:
    """Replace a table that tells the version and the head hash others were made from; it is empty when None."""
    body = "SELECT $1::VARCHAR AS version, $2::VARCHAR AS head WHERE $2 IS NOT NULL"
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS {body}", [VERSION, head]).fetchall()
    describe_table(connection, table, meaning, HEAD_COLUMNS)


def tables(
    facts: Known, fleets: Sequence[Fleet], asked: Mapping[str, Book], dated: Sequence[Change] = ()
) -> dict[str, dy.DataFrame[Any]]:
    """The prepared tables (TABLES) of all facts under the books of the fleets and under alternatives, by their names.

    `dated` are books that a date makes of what each issuer reports; their lots are estimated one by one.
    Raises `Refused` as depr.books.estimates does.
    """
    befallen = facts.events.filter(pl.col("kind").is_in(CHANGE_KINDS))["lot_id"].unique()
    lots = facts.lots.with_columns(changed=pl.col("lot_id").is_in(befallen.implode()))
    owned = [lots.filter(pl.col("issuer").is_in(list(fleet.reported))) for fleet in fleets]
    entries = [issuer for fleet in fleets for issuer in fleet.entries]
    curves = Curves()
    starts = Starts(curves)
    singles = OneByOne(curves)
    for number, (fleet, own) in enumerate(zip(fleets, owned, strict=True)):
        starts.add(
            number, fleet.calendar, [(b, part.filter(~pl.col("changed"))) for b, part in _ruled(fleet, own, asked)]
        )
    for fleet, own in zip(fleets, owned, strict=True):
        for book, part in _ruled(fleet, own, asked):
            alone = part if book.id in starts.one_by_one else part.filter("changed")
            singles.add(
                book, alone, facts.events, fleet.calendar, reported={i: b for i, b in fleet.reported.items() if b}
            )
        for book, part, befall in _changed(fleet, own, dated):
            singles.add(book, part, facts.events, fleet.calendar, befall)
    frames = {
        "alternatives": _alternatives(fleets, asked, starts.one_by_one, dated),
        "fleets": pl.concat([_owners(number, fleet) for number, fleet in enumerate(fleets)]),
        "acquired": pl.concat([_acquired(fleet, own) for fleet, own in zip(fleets, owned, strict=True)]),
        "tracks": starts.tracks(),
        "starts": starts.starts(),
        "shares": curves.frame(),
        "segments": singles.segments(),
        "movements": singles.movements(),
        "modes": modes(),
        "tax_rates": tax_rates(entries),
        "function_splits": function_splits(entries),
    }
    frames["calendar"] = pl.concat([_periods(number, fleet, frames) for number, fleet in enumerate(fleets)])
    return {
        name: schema.validate(frames[name].select(schema.column_names()), cast=True)
        for name, (schema, _) in TABLES.items()
    }


def _ruled(fleet: Fleet, lots: pl.DataFrame, asked: Mapping[str, Book]) -> Iterator[tuple[Book, pl.DataFrame]]:
    """Books with the lots in service that they rule: all, where asked for, else those of who reports under them."""
    served = lots.filter(pl.col("in_service_date").is_not_null())
    for book in (fleet.books | dict(asked)).values():
        theirs = [issuer for issuer, own in fleet.reported.items() if own and own.id == book.id]
        yield book, served if book.id in asked else served.filter(pl.col("issuer").is_in(theirs))


def _changed(fleet: Fleet, lots: pl.DataFrame, dated: Sequence[Change]) -> Iterator[tuple[Book, pl.DataFrame, Befalls]]:
    """The book that each change makes of what an issuer reports, with the issuer's lots in service."""
    served = lots.filter(pl.col("in_service_date").is_not_null())
    for change in dated:
        for issuer, reported in fleet.reported.items():
            if reported:
                case = change.case(reported)
                yield case.book, served.filter(issuer=issuer), befalls(case, reported, fleet.calendar)


def _alternatives(
    fleets: Sequence[Fleet], asked: Mapping[str, Book], one_by_one: set[str], dated: Sequence[Change]
) -> pl.DataFrame:
    known = {name: book for fleet in fleets for name, book in fleet.books.items()} | dict(asked)
    rows: list[tuple[Any, ...]] = [
        (book.id, book.title, book.kind, *plain(book), None, None, None, book.id not in asked, book.id in one_by_one)
        for book in known.values()
    ]
    for change in dated:
        title = f"{change.alternative.title} from {change.day}, what is reported before"
        made = (change.alternative.id, MODE, change.day)
        rows.append((change.name, title, "scenario", None, None, None, *made, False, True))
    return pl.DataFrame(rows, prepared.Alternatives.create_empty().schema, orient="row")


def plain(book: Book) -> tuple[int | None, str | None, str | None]:
    """Life in months, method and convention of a book that has nothing else to say; nulls for any other."""
    first, *others = book.policy
    named = {"source", "note", "life_months", "method", "convention", "effective"}
    years = first.life / MONTHS_PER_YEAR
    if first.by_tables and first.tax_method == law_method(years, TAX_CONVENTIONS[first.convention]):
        named |= {"tax_method", "columns"}  # the law's own
    stated = first.model_dump(exclude=named, exclude_defaults=True)
    if others or stated or first.life_months is None or first.generations != (ALL,) or book.kind != "scenario":
        return None, None, None
    return first.life_months, first.method, first.convention


def _owners(number: int, fleet: Fleet) -> pl.DataFrame:
    rows = [(issuer, number, book.id if book else None) for issuer, book in fleet.reported.items()]
    return pl.DataFrame(rows, {"issuer": pl.String, "calendar": pl.Int64, "book": pl.String}, orient="row")


def _acquired(fleet: Fleet, lots: pl.DataFrame) -> pl.DataFrame:
    dated = fleet.calendar.numbered(lots, "purchase_date").rename({"period": "purchase_period"})
    return fleet.calendar.numbered(dated, "in_service_date").rename({"period": "service_period"})


def _periods(number: int, fleet: Fleet, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """From the year of the first purchase to the end of the year in which the last charge or change falls."""
    steps = frames["shares"].group_by("share_id").agg(pl.col("step").max())
    ends = [
        frames[name]
        .join(steps, on="share_id")
        .select(period=pl.min_horizontal("last_period", pl.col("first_period") + pl.col("step")))
        for name in ("starts", "segments")
    ]
    bought = frames["acquired"].select(period=pl.max_horizontal("purchase_period", "service_period"))
    moves = frames["movements"].select("period")
    last: int = pl.concat([*ends, bought, moves], how="vertical_relaxed").max().item()
    own = pl.col("issuer").is_in(list(fleet.reported))
    first: int | None = frames["acquired"].filter(own).select(pl.col("purchase_period").min()).item()
    calendar = fleet.calendar
    begin = calendar.year_start(last if first is None else first)
    months = calendar.frame(begin, calendar.year_start(last) + PERIODS - 1)
    month = (pl.col("period") - begin) % PERIODS + 1
    return months.with_columns(calendar=pl.lit(number, pl.Int64), fiscal_month=month.cast(pl.Int32))
