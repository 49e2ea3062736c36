"""Statements of one's own in a restatement: read, checked, and put in the place of the shipped ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from depr import datasets, share
from depr.errors import Finding, Refused, refuse
from depr.issuers import Issuer
from depr.readers import read_issuer, sha256
from depr.report.inputs import IssuerReport
from depr.schemas import Statements
from depr.statement_files import read_company_facts, read_splits, read_statements, read_tags
from depr.statements import identities
from depr.statements.assembly import Choices, Reported
from depr.statements.identities import KEY

PERIOD = pl.format("{} FY{}{}", "issuer", "fiscal_year", pl.format(" Q{}", "fiscal_quarter").fill_null(""))


@dataclass(frozen=True)
class OwnStatements:
    """Statements of one's own files: one row a period, each with its `source`.

    `hashes` are SHA-256 by file; `said` tells in a line of each file what it gives and which of the filed values
    count; `asked` are the options that give the same again; `findings` are the identities that rows break which are
    used all the same.
    """

    statements: pl.DataFrame
    hashes: Mapping[str, str]
    said: tuple[str, ...]
    asked: tuple[tuple[str, str | bool], ...]
    findings: tuple[Finding, ...]

    def in_place(self, lots: pl.DataFrame, issuers: Collection[str] | None, schedules: Path | None) -> pl.DataFrame:
        """The shipped statements (schemas.Statements), with own rows for the periods that these have.

        A row replaces a whole row: a line that it leaves blank stays blank. Raises `Refused` for issuers without a
        fleet among `lots`, for a file of none of the `issuers` asked for, and for another currency than the issuer's.
        """
        faults = [*self._strangers(set(lots["issuer"]), issuers), *self._currencies(issuers, schedules)]
        if faults:
            raise Refused(faults)
        return Statements.validate(_among(self.statements))

    def _strangers(self, owners: Collection[str], issuers: Collection[str] | None) -> Iterator[Finding]:
        for (file,), rows in self.statements.group_by("file", maintain_order=True):
            held = rows["issuer"].unique().sort().to_list()
            if issuers is None:
                for name in (name for name in held if name not in owners):
                    why, do = "there is nothing to restate", "import its purchases, or name others with --issuer"
                    yield Finding(str(file), 0, f"{name} has no fleet in the ledger", why, do)
            elif not set(held) & set(issuers):
                what = f"holds no line of {', '.join(issuers)}"
                yield Finding(str(file), 0, what, f"its lines are of {', '.join(held)}", "leave it out, or correct it")

    def _currencies(self, issuers: Collection[str] | None, schedules: Path | None) -> Iterator[Finding]:
        known = share.names("issuers", schedules)
        for name, file, currency in self.statements.select("issuer", "file", "currency").unique().sort(pl.all()).rows():
            wanted = name.lower() in known and (issuers is None or name in issuers)
            if wanted and (theirs := _issuer(name, schedules).currency) != currency:
                what = f"the statements of {name} are in {currency}, {name} reports in {theirs}"
                yield Finding(file, 0, what, "amounts in several currencies do not add up", "convert the file first")

    def cited(self, report: IssuerReport) -> IssuerReport:
        """A page that names own files and their hashes beside the shipped figures that it still shows."""
        rows = self.statements.filter(issuer=report.issuer["id"])
        shown = report.restated["fiscal_year"].unique()
        cells = datasets.statement_cells().filter(
            pl.col("fiscal_year").is_in(shown.implode()), issuer=report.issuer["id"]
        )
        left = cells.join(rows, on=KEY, how="anti", nulls_equal=True)["source"]
        kept = [s for s in report.sources if s["title"] != TITLE or s["source"] in set(left)]
        counts = rows.group_by("source", maintain_order=True).len().rows()
        own = [{"title": TITLE, "source": source, "note": f"periods: {number}"} for source, number in counts]
        files = {file: self.hashes[file] for file in rows["file"].unique().sort()}
        evidence = replace(report.evidence, input_hashes={**report.evidence.input_hashes, **files})
        return replace(report, sources=[*kept, *own], evidence=evidence)


TITLE = "Statements"


def own_statements(
    files: Sequence[Path],
    *,
    issuers: Sequence[str] | None = None,
    years: tuple[int, int] | None = None,
    filed: str = "last",
    accept_breaks: bool = False,
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
    read = [_read(file, issuers, filed, schedules) for file in files]
    rows = pl.concat([each.rows for each in read])
    if faults := [finding for each in read for finding in each.faults] or list(_twice(rows)):
        raise Refused(faults)
    broken = tuple(_broken(rows, issuers, years))
    if broken and not accept_breaks:
        raise Refused(broken)
    hashes = {file.name: sha256(file) for file in files}
    asked: list[tuple[str, str | bool]] = [("statements", str(file)) for file in files]
    asked += [("filed", filed)] * (filed != "last") + [("accept-breaks", True)] * bool(broken)
    said = tuple(each.said for each in read)
    return OwnStatements(rows, hashes, said, tuple(asked), broken)


@dataclass(frozen=True)
class _File:
    """The rows of a file, with their `file`; what is wrong with it; and what it gives, in a line."""

    rows: pl.DataFrame
    faults: tuple[Finding, ...]
    said: str


def _read(file: Path, issuers: Sequence[str] | None, filed: str, schedules: Path | None) -> _File:
    faults: tuple[Finding, ...] = ()
    if file.suffix.lower() == ".json":
        facts = company_facts(file, issuers[0] if issuers and len(issuers) == 1 else None, filed, True, schedules)
        rows, how = facts.statements, f", {as_filed(filed)}, shares after every split"
        more = f"; what was found in it: depr statements {file.name}" if facts.findings else ""
    else:
        table = read_statements(file)
        rows, faults, how, more = table.good, table.findings, "", ""
    named = rows.with_columns(file=pl.lit(file.name), source=pl.col("source").fill_null(pl.lit(file.name)))
    names = ", ".join(rows["issuer"].unique().sort())
    return _File(named, faults, f"Statements of {names} from {file.name}{how}; periods: {len(rows)}{more}")


def company_facts(file: Path, issuer: str | None, filed: str, split_adjusted: bool, schedules: Path | None) -> Reported:
    """The statements of an issuer from its companyfacts document, each row with its `source`. Raises `Refused`."""
    if issuer is None:
        raise refuse(str(file), "whose facts are they?", do="name the issuer with --issuer")
    who = _issuer(issuer, schedules)
    tags = read_tags(share.schedule_file("statement_tags.toml", schedules))
    splits = read_splits(share.schedule_file("splits.toml", schedules)).of(who.id)
    facts = read_company_facts(file, who.id, who.calendar, tags, Choices(who.currency, filed, splits, split_adjusted))
    named = facts.statements.with_columns(source=pl.lit(f"{file.name}, {as_filed(filed)}"))
    return replace(facts, statements=Statements.validate(named))


def as_filed(filed: str) -> str:
    """Which of the filed values of a period counts, in words."""
    return f"as {filed} filed"


def _issuer(name: str, schedules: Path | None) -> Issuer:
    return read_issuer(share.find("issuers", name, schedules))


def _twice(rows: pl.DataFrame) -> Iterator[Finding]:
    """Periods that two files have."""
    again = rows.filter(~pl.struct(KEY).is_first_distinct()).select("file", PERIOD.alias("period"))
    for file, period in again.iter_rows():
        what, why = f"{period} is in another file too", "which of the two is meant is not certain"
        yield Finding(file, 0, what, why, "keep it in one of them", "twice")


def _among(rows: pl.DataFrame) -> pl.DataFrame:
    """Own rows among the shipped ones, each in the place of a whole row."""
    shipped = datasets.statements().join(rows, on=KEY, how="anti", nulls_equal=True)
    return pl.concat([shipped, rows.select(shipped.columns)]).sort("issuer", "period_type", "period_end")


def _broken(rows: pl.DataFrame, issuers: Sequence[str] | None, years: tuple[int, int] | None) -> Iterator[Finding]:
    """The identities that rows break, alone or beside the shipped rows of their year, of some issuers and years."""
    owned = rows.group_by("issuer", "fiscal_year").agg(theirs=pl.col("file").first(), owned=pl.len())
    used = _among(rows).join(owned, on=["issuer", "fiscal_year"], how="semi")
    used = used if issuers is None else used.filter(pl.col("issuer").is_in(list(issuers)))
    used = used if years is None else used.filter(pl.col("fiscal_year").is_between(*years))
    flags = identities.identities(used).join(rows.select(*KEY, "file"), on=KEY, how="left", nulls_equal=True)
    flags = flags.join(owned, on=["issuer", "fiscal_year"], maintain_order="left")
    summed = pl.col("identity").str.starts_with(identities.SUM)
    for row in flags.filter(pl.col("file").is_not_null() | summed).partition_by(KEY, maintain_order=True):
        mixed = " (some of the five are shipped ones)" * (row["owned"][0] <= identities.QUARTERS)
        for finding in identities.findings(row, row["file"][0] or row["theirs"][0]):
            yield replace(finding, why=finding.why + mixed * (identities.SUM in finding.what))
