"""Statements of one's own in a restatement: read, checked, and put in the place of the shipped ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from depr import datasets
from depr.contract import Statements
from depr.errors import Finding, Refused, refuse
from depr.intake import AS_USUAL, Written, find_issuer, lines_named, the_issuer
from depr.kernel.calendar import FiscalCalendar
from depr.share.files import sha256
from depr.statements import identities
from depr.statements.basis import filed as filed_bases
from depr.statements.basis import given as given_bases
from depr.statements.depreciation import depreciation_of, one_line
from depr.statements.documents import as_filed, company_facts
from depr.statements.files import read_statements
from depr.statements.fitting import one_a_cause
from depr.statements.identities import KEY
from depr.statements.periods import QUARTERS, Span, at_end, listed

PERIOD = pl.format("{} FY{}{}", "issuer", "fiscal_year", pl.format(" Q{}", "fiscal_quarter").fill_null(""))


@dataclass(frozen=True)
class OwnStatements:
    """Statements of one's own files: one row a period, each with its `source`.

    `hashes` are SHA-256 by file; `said` tells in a line of each file what it gives and which of the filed values
    count; `asked` are the options that give the same again; `findings` are the identities that rows break which are
    used all the same; `left_out` are issuers and years of another calendar, which nothing answers for.
    """

    statements: pl.DataFrame
    hashes: Mapping[str, str]
    said: tuple[str, ...]
    asked: tuple[tuple[str, str | bool], ...]
    findings: tuple[Finding, ...]
    bases: pl.DataFrame
    left_out: pl.DataFrame

    def in_place(self, lots: pl.DataFrame, issuers: Collection[str] | None, schedules: Path | None) -> pl.DataFrame:
        """The shipped statements (contract.Statements), with own rows for the periods that these have.

        A row replaces a whole row: a line that it leaves blank stays blank. Raises `Refused` for issuers without a
        fleet among `lots`, for a file of none of the `issuers` asked for, and for another currency than the issuer's.
        """
        faults = [*self._strangers(set(lots["issuer"]), issuers), *self._currencies(issuers, schedules)]
        if faults:
            raise Refused(faults)
        among = _among(self.statements, lines_named(lots["issuer"].unique(), schedules))
        kept = among.join(self.left_out, on=["issuer", "fiscal_year"], how="anti", maintain_order="left")
        return Statements.validate(kept)

    def _strangers(self, owners: Collection[str], issuers: Collection[str] | None) -> Iterator[Finding]:
        for (file,), rows in self.statements.group_by("file", maintain_order=True):
            held = rows["issuer"].unique().sort().to_list()
            if issuers is None:
                for name in (name for name in held if name not in owners):
                    why = "there is nothing to restate"
                    do = "import its purchases, or name others with --issuer"
                    yield Finding(str(file), 0, f"{name} has no fleet in the ledger", why, do)
            elif not set(held) & set(issuers):
                what = f"holds no line of {', '.join(issuers)}"
                yield Finding(str(file), 0, what, f"its lines are of {', '.join(held)}", "leave it out, or correct it")

    def _currencies(self, issuers: Collection[str] | None, schedules: Path | None) -> Iterator[Finding]:
        for name, file, currency in self.statements.select("issuer", "file", "currency").unique().sort(pl.all()).rows():
            issuer = find_issuer(name, schedules) if issuers is None or name in issuers else None
            if issuer and (theirs := issuer.currency) != currency:
                what = f"the statements of {name} are in {currency}, {name} reports in {theirs}"
                yield Finding(file, 0, what, "amounts in several currencies do not add up", "convert the file first")


def own_statements(
    files: Sequence[Path],
    *,
    issuers: Sequence[str] | None = None,
    years: tuple[int, int] | None = None,
    filed: str = "last",
    accept_breaks: bool = False,
    how: Written = AS_USUAL,
    schedules: Path | None = None,
) -> OwnStatements:
    """Statements for `restate` and `report` from tables (CSV, Parquet, XLSX) and companyfacts documents (JSON).

    A document is of the one issuer named; of each period the `first` or `last` filed value counts, and shares and
    amounts per share are those after every split. Raises `Refused` for any fault of a row, a period that is there
    twice, and, unless `accept_breaks`, for every identity that a row of `issuers` and `years` breaks, be it with the
    shipped rows of the same year.
    """
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise refuse("--statements", "two files are of one name", "lines are told apart by the name", "rename one")
    read = [_read(file, issuers, filed, how, schedules) for file in files]
    rows = pl.concat([each.rows for each in read])
    if faults := [finding for each in read for finding in each.faults] or [*_twice(rows), *_two_lines(rows)]:
        raise Refused(faults)
    if years and (faults := [fault for each in read for fault in _outside(each.rows, issuers, years)]):
        raise Refused(faults)
    broken = tuple(_broken(rows, issuers, years))
    if broken and not accept_breaks:
        raise Refused(broken)
    hashes = {file.name: sha256(file) for file in files}
    asked: list[tuple[str, str | bool]] = [("statements", str(file)) for file in files]
    asked += [("filed", filed)] * (filed != "last") + [("accept-breaks", True)] * bool(broken)
    asked += how.asked()
    said = tuple(each.said for each in read)
    left = tuple(finding for each in read for finding in each.left)
    bases = pl.concat([each.bases for each in read])
    off = pl.concat([each.off for each in read]).join(rows, on=["issuer", "fiscal_year"], how="anti")
    return OwnStatements(rows, hashes, said, tuple(asked), (*left, *broken), bases, off)


@dataclass(frozen=True)
class _File:
    """The rows of a file, with their `file`; what is wrong with it, what is left out, and what it gives, in a line.

    `off` are issuers and years that are left out.
    """

    rows: pl.DataFrame
    faults: tuple[Finding, ...]
    left: tuple[Finding, ...]
    said: str
    bases: pl.DataFrame
    off: pl.DataFrame


def _read(file: Path, issuers: Sequence[str] | None, filed: str, how: Written, schedules: Path | None) -> _File:
    faults = tuple[Finding, ...]()
    left = tuple[Finding, ...]()
    rows: pl.DataFrame
    if file.suffix.lower() == ".json":
        named = issuers[0] if issuers and len(issuers) == 1 else None
        facts, whose = company_facts(file, named, filed, True, schedules)
        bases = filed_bases(facts.figures)
        rows = facts.statements
        filings = f" ({whose}), {as_filed(filed)}, shares after every split"
        more = f"; what was found in it: depr statements {file.name}" if facts.findings else ""
        left = tuple(
            _off_calendar(rows, issuers, file.name, schedules, f"left out: depr statements {file.name} reads it")
        )
    else:
        table = read_statements(file, how)
        rows = table.good
        filings = ""
        more = ""
        bases = given_bases(table.good)
        faults = (*table.findings, *_off_calendar(rows, issuers, file.name, schedules, OTHER_END))
    is_off = _is_off(rows, schedules) if left else pl.repeat(value=False, n=len(rows), eager=True)
    off = rows.filter(is_off).select("issuer", "fiscal_year").unique()
    rows = rows.filter(~is_off)
    named_rows = rows.with_columns(file=pl.lit(file.name), source=pl.col("source").fill_null(pl.lit(file.name)))
    names = ", ".join(rows["issuer"].unique().sort())
    line = depreciation_of(rows)
    said = f"Statements of {names} from {file.name}{filings}; periods: {len(rows)}{line and f'; {line}'}{more}"
    return _File(named_rows, faults, left, said, bases, off)


def _is_off(rows: pl.DataFrame, schedules: Path | None) -> pl.Series:
    """Rows whose last day is not that of their fiscal period, of issuers whose calendar is known."""
    found = {name: find_issuer(name, schedules) for name in rows["issuer"].unique()}
    calendars = {name: issuer.calendar for name, issuer in found.items() if issuer}
    ends = rows.select("issuer", "period_end", "fiscal_year", "fiscal_quarter").rows()
    return pl.Series(
        [n in calendars and not _ends(end, year, q, calendars[n]) for n, end, year, q in ends], dtype=pl.Boolean
    )


def _ends(end: date, year: int, quarter: int | None, calendar: FiscalCalendar) -> bool:
    return Span(year, quarter or 1, quarter or QUARTERS) in at_end(end, calendar)


OTHER_END = "correct period_end, or fiscal_year_end_month of the issuer"


def _off_calendar(
    rows: pl.DataFrame, issuers: Sequence[str] | None, file: str, schedules: Path | None, do: str
) -> Iterator[Finding]:
    """One finding an issuer asked for with rows that do not end with a period of its fiscal calendar."""
    off_rows = rows.filter(_is_off(rows, schedules))
    for name in sorted(set(off_rows["issuer"]) & set(issuers or off_rows["issuer"])):
        off = off_rows.filter(issuer=name)
        spans = [Span(year, q or 1, q or QUARTERS) for year, q in off.select("fiscal_year", "fiscal_quarter").rows()]
        issuer = the_issuer(name, schedules)
        day = off["period_end"].to_list()[0]
        what = f"{issuer.id} {listed(spans)}: ends on another day than the fiscal period, as on {day}"
        month = issuer.fiscal_year_end_month
        why = f"fiscal years of {issuer.id} end in month {month}, and so does the fleet's depreciation"
        yield Finding(file, 0, what, why, do, "calendar")


def _outside(rows: pl.DataFrame, issuers: Sequence[str] | None, years: tuple[int, int]) -> Iterator[Finding]:
    """A finding for a file without a period of the years asked for: shipped statements do not answer in its place."""
    own = rows if issuers is None else rows.filter(pl.col("issuer").is_in(list(issuers)))
    if not own.is_empty() and own.filter(pl.col("fiscal_year").is_between(*years)).is_empty():
        what = f"holds no period of the years {years[0]} to {years[1]}"
        have = sorted(own["fiscal_year"].unique())
        why = f"its periods are of the years {have[0]} to {have[-1]}"
        yield Finding(str(rows["file"][0]), 0, what, why, "leave it out, or name other years")


def _two_lines(rows: pl.DataFrame) -> Iterator[Finding]:
    """Issuers of which some rows give one line of depreciation and others the other."""
    lines = rows.drop_nulls("depreciation_line").group_by("issuer", maintain_order=True)
    for (name,), own in lines:
        if own["depreciation_line"].n_unique() > 1:  # of a file, or of two
            what = f"depreciation of {name} is {' in some periods and '.join(own['depreciation_line'].unique().sort())}"
            why = "the two hold different things: a quarter of one does not compare with a year of the other"
            yield Finding(str(own["file"][0]), 0, f"{what} in others", why, "give one line for all periods", "line")


def _twice(rows: pl.DataFrame) -> Iterator[Finding]:
    """Periods that two files have."""
    again = rows.filter(~pl.struct(KEY).is_first_distinct()).select("file", PERIOD.alias("period"))
    for file, period in again.iter_rows():
        what = f"{period} is in another file too"
        why = "which of the two is meant is not certain"
        yield Finding(file, 0, what, why, "keep it in one of them", "twice")


def _among(rows: pl.DataFrame, named: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Own rows among the shipped ones, each in the place of a whole row; of an issuer all with own rows' depreciation.

    `named` are the lines of depreciation of other issuers.
    """
    own = dict(rows.select("issuer", "depreciation_line").drop_nulls().unique().rows())
    lines = {**(named or {}), **own}
    shipped = datasets.statements(named=lines).join(rows, on=KEY, how="anti", nulls_equal=True)
    together = pl.concat([shipped, rows.select(shipped.columns)]).sort("issuer", "period_type", "period_end")
    return one_line(together, lines)


def _broken(rows: pl.DataFrame, issuers: Sequence[str] | None, years: tuple[int, int] | None) -> list[Finding]:
    """The identities that rows break, alone or beside the shipped rows of their year, of some issuers and years."""
    owned = rows.group_by("issuer", "fiscal_year").agg(theirs=pl.col("file").first(), owned=pl.len())
    used = _among(rows).join(owned, on=["issuer", "fiscal_year"], how="semi")
    used = used if issuers is None else used.filter(pl.col("issuer").is_in(list(issuers)))
    used = used if years is None else used.filter(pl.col("fiscal_year").is_between(*years))
    flags = identities.identities(used).join(rows.select(*KEY, "file"), on=KEY, how="left", nulls_equal=True)
    flags = flags.join(owned, on=["issuer", "fiscal_year"], maintain_order="left")
    summed = pl.col("identity").str.starts_with(identities.SUM)
    flags = flags.filter(~pl.col("holds"), pl.col("file").is_not_null() | summed)
    return one_a_cause(
        identities.odd(row, row["file"] or row["theirs"], _note(row)) for row in flags.iter_rows(named=True)
    )


def _note(row: Mapping[str, Any]) -> str:
    """What is to be said of a sum of quarters that are not all of one's own."""
    mixed: bool = row["owned"] <= QUARTERS and row["identity"].startswith(identities.SUM)
    return " (some of the five are shipped ones)" * mixed
