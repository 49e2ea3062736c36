"""The SQL that gives a figure, or all figures of a table, from the ledger that keeps them under the name of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from depr.contract.names import bare
from depr.ledger.tables import literal
from depr.report.origin import WIDEST, At

APART = ("more_minor", "apart_minor", "cumulative_minor")
"""Sums of the roll-up that set a book against the one that is reported."""

STATED = "statements"


@dataclass(frozen=True)
class Kept:
    """Where the figures of a page are kept: under which run, in how many modes, and the book that is reported."""

    run: str
    reported: str
    modes: int = 1


def one_of(column: str, values: Iterable[str]) -> str:
    """A condition: equal to the only value, or one of several."""
    known = [literal(value) for value in dict.fromkeys(values)]
    return f"{column} = {known[0]}" if len(known) == 1 else f"{column} IN ({', '.join(known)})"


def query(origins: Sequence[At], kept: Kept, *, stated: bool = False) -> str:
    """One question that gives some figures of one kind: all of the restatement, of the roll-up, or of other lives."""
    first = origins[0]
    if stated:
        return of_statements(origins)
    if first.months:
        return "" if first.bound in WIDEST or first.assumption else of_lives(origins)
    return of_restatement(origins, kept) if first.generation is None else of_rollup(origins, kept)


def period(origins: Sequence[At]) -> tuple[str, str]:
    """The columns of the period, and which periods are wanted."""
    kinds = {"Q" if each.quarter else "FY" for each in origins}
    columns = "fiscal_year, fiscal_quarter" if "Q" in kinds else "fiscal_year"
    return columns, one_of("period_type", sorted(kinds))


def of_statements(origins: Sequence[At]) -> str:
    """Lines as they were reported."""
    columns, kinds = period(origins)
    named = ", ".join(dict.fromkeys(bare(each.column) for each in origins))
    whose = one_of("issuer", (each.issuer for each in origins))
    return f"SELECT {columns}, {named} FROM statements WHERE {whose} AND {kinds} ORDER BY ALL"


def of_restatement(origins: Sequence[At], kept: Kept) -> str:
    """Columns of the restatement that was saved."""
    columns, kinds = period(origins)
    keys = [name for name in ("issuer", "book", "mode", "bound") if len({getattr(o, name) for o in origins} - {""}) > 1]
    named = ", ".join(dict.fromkeys(bare(each.column) for each in origins))
    wanted = [f"run = {literal(kept.run)}"]
    keyed = ("issuer", "book", *(("mode",) if kept.modes > 1 else ()), "bound")
    named_by = {name: [getattr(each, name) for each in origins if getattr(each, name)] for name in keyed}
    wanted += [one_of(name, values) for name, values in named_by.items() if values]
    shown = ", ".join([*keys, columns, named])
    each = "SELECT" if any(own.book for own in origins) else "SELECT DISTINCT"
    return f"{each} {shown} FROM restatement WHERE {' AND '.join([*wanted, kinds])} ORDER BY ALL"


def of_lives(origins: Sequence[At]) -> str:
    """Lives that the macros of the ledger restate: whole years, straight line over full months."""
    first = origins[0]
    lives = ", ".join(str(months // 12) for months in sorted({each.months for each in origins} - {0}))
    dated = f", mode := {literal(first.mode)}" if first.mode != "as_if" else ""
    dated += f", change_date := DATE '{first.change}'" if first.change else ""
    named = ", ".join(dict.fromkeys(bare(each.column) for each in origins))
    asked = f"lives := [{lives}], grain := 'year', bound := {literal(first.bound)}{dated}"
    where = f"{one_of('issuer', [first.issuer])} AND fiscal_year = {first.year}"
    return f"SELECT book, {named} FROM restate({asked}) WHERE {where} ORDER BY ALL"


def of_rollup(origins: Sequence[At], kept: Kept) -> str:
    """Sums of the roll-up by fiscal year: what a book charges, or carries, alone or beyond the reported one."""
    first = origins[0]
    measured = "carrying" if first.column in ("carrying_minor", "apart_minor") else "depreciation"
    against = any(each.column in APART for each in origins)
    books = [*(each.book for each in origins), *([kept.reported] if against else [])]
    amount = measured
    if against:
        plus = kept.reported if first.column == "apart_minor" else first.book
        amount = f"CASE WHEN book = {literal(plus)} THEN {measured} ELSE -{measured} END"
    total = f"sum({amount})"
    if first.column == "cumulative_minor":
        total = f"sum(sum({amount})) OVER (ORDER BY fiscal_year)"
    keys = ["bound", "generation"] if against else ["book", "bound", "generation"]
    several = [name for name in keys if len({getattr(each, name) for each in origins}) > 1]
    wanted = [f"run = {literal(kept.run)}", one_of("issuer", [first.issuer]), one_of("book", books)]
    wanted.append(one_of("bound", (each.bound for each in origins)))
    generations = {each.generation or "" for each in origins}
    wanted += [one_of("generation", sorted(generations))] if "" not in generations else []
    wanted += ["fiscal_quarter = 4"] if measured == "carrying" else []
    head = ", ".join([*several, "fiscal_year", *(["fiscal_quarter"] if any(each.quarter for each in origins) else [])])
    where = " AND ".join(wanted)
    return f"SELECT {head}, {total} AS {bare(first.column)} FROM rollup WHERE {where} GROUP BY {head} ORDER BY {head}"
