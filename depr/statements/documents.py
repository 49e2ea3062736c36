"""Statements of a file, a table or a companyfacts document: read, checked, and what is not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import dataframely as dy
import polars as pl

from depr import share
from depr.books.issuers import Issuer
from depr.contract import Statements
from depr.errors import Finding, refuse
from depr.intake import AS_USUAL, Written, the_issuer
from depr.intake import issuers as every_issuer
from depr.statements import identities
from depr.statements.assembly import Choices, Reported, from_company_facts
from depr.statements.companyfacts import cik, entity
from depr.statements.depreciation import depreciation_of
from depr.statements.files import read_document, read_splits, read_statements, read_tags


@dataclass(frozen=True)
class StatementsFound:
    """Statements of a file: those that hold, what is wrong with the rest, and the lines that are not there.

    `said` tells whose they are, and which line stands for depreciation.
    """

    statements: dy.DataFrame[Statements]
    findings: Sequence[Finding]
    gaps: pl.DataFrame
    said: str = ""


def statements(
    path: Path,
    *,
    issuer: str | None = None,
    filed: str = "last",
    split_adjusted: bool = False,
    accept_breaks: bool = False,
    how: Written = AS_USUAL,
    schedules: Path | None = None,
) -> StatementsFound:
    """Statements from a table (CSV, Parquet, XLSX) or from a companyfacts document (JSON) of an issuer.

    Periods that break an identity (pretax income - tax = net income, net income / shares = EPS) are left out unless
    `accept_breaks`; the findings say by how much. `filed` first or last: as first reported, or as restated since.
    Raises `Refused`.
    """
    if path.suffix.lower() == ".json":
        facts, whose = company_facts(path, issuer, filed, split_adjusted, schedules)
        table = facts.statements
        gaps = facts.gaps
        said = whose
        found = (*facts.findings, *facts.missing)
    else:
        read = read_statements(path, how)
        table = read.good
        found = read.findings
        gaps = pl.DataFrame()
        said = ""
        if issuer is not None:
            table = Statements.validate(_of(read.good, issuer, path))
    broken = identities.findings(identities.identities(table), path.name)
    kept = table if accept_breaks else identities.consistent(table)
    summary = "; ".join(filter(None, (said, depreciation_of(table))))
    return StatementsFound(Statements.validate(kept), (*found, *broken), gaps, summary)


def _of(rows: pl.DataFrame, issuer: str, path: Path) -> pl.DataFrame:
    """The rows of one issuer. Raises `Refused` when there is none."""
    own = rows.filter(issuer=issuer)
    if own.is_empty():
        why = f"its lines are of {', '.join(rows['issuer'].unique().sort()) or 'nobody'}"
        raise refuse(path.name, f"holds no line of {issuer}", why, "leave --issuer out, or correct it")
    return own


def company_facts(
    file: Path, issuer: str | None, filed: str, split_adjusted: bool, schedules: Path | None
) -> tuple[Reported, str]:
    """The statements of an issuer from its companyfacts document, each row with its `source`; and whose they are.

    The issuer is the one named, else the one with the document's CIK. Raises `Refused`, also for another company's.
    """
    document = read_document(file)
    number = cik(document, str(file))
    name = entity(document)
    who = the_issuer(issuer, schedules) if issuer else _by_cik(number, name, file, schedules)
    _check_owner(who, number, name, file)
    tags = read_tags(share.schedule_file("statement_tags.toml", schedules))
    splits = read_splits(share.schedule_file("splits.toml", schedules)).of(who.id)
    choices = Choices(who.currency, filed, splits, split_adjusted, who.depreciation_line)
    facts = from_company_facts(document, who.id, who.calendar, tags, choices, file.name)
    named = facts.statements.with_columns(source=pl.lit(f"{file.name}, {as_filed(filed)}"))
    return replace(facts, statements=Statements.validate(named)), f"{name}, CIK {number}"


def _by_cik(number: str, name: str, file: Path, schedules: Path | None) -> Issuer:
    """The issuer of a CIK, else the one without a CIK of that name. Raises `Refused` where there is not one."""
    every = every_issuer(schedules).values()
    known = [issuer for issuer in every if issuer.cik == number]
    found = known or [issuer for issuer in every if not issuer.cik and _alike(issuer.name, name)]
    if len(found) == 1:
        return found[0]
    why = f"it is of {name}, CIK {number}, which {len(found) or 'no'} issuer{'s have' if found else ' has'}"
    raise refuse(str(file), "whose facts are they?", why, "name the issuer with --issuer")


def _check_owner(who: Issuer, number: str, name: str, file: Path) -> None:
    """Raises `Refused` where a document is not of the issuer: by its CIK, or by its name where the issuer has none."""
    if who.cik == number or (not who.cik and _alike(who.name, name)):
        return
    theirs = f"{who.name} has CIK {who.cik}" if who.cik else f"{who.id} is {who.name}, and has no cik to compare"
    do = f"take the document of {who.name}"
    do += "" if who.cik else f', or, if they are one company, write cik = "{number}" into the issuer'
    raise refuse(str(file), f"is of {name}, CIK {number}, and not of {who.id}", theirs, do)


def _alike(one: str, other: str) -> bool:
    """Whether two names of a company begin with the same word, whatever its case: Alphabet, ALPHABET INC."""
    first = [re.findall(r"\w+", name.casefold())[:1] for name in (one, other)]
    return first[0] == first[1] != []


def as_filed(filed: str) -> str:
    """Which of the filed values of a period counts, in words."""
    return f"as {filed} filed"
