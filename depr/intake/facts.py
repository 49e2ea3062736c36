"""Facts in: purchases and events of a file, good rows as entries of the journal, the others as findings.

Every column is read as text and parsed strictly: a cell that is not in the declared form is a finding with file, row
and reason, never a guess. good + rejected = read.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from pathlib import Path

import dataframely as dy
import polars as pl

from depr.contract import Entries, Purchases
from depr.errors import Finding, refuse
from depr.intake.apart import read_text
from depr.intake.forms import FORMS, OUR_OWN, PURCHASES, SCHEDULES, Form, filled, form_of, judged
from depr.intake.forms.cells import check_header, lacking
from depr.intake.forms.rules import MOST_SHOWN, found_in
from depr.intake.layout import AS_USUAL, Layout, Text, Written, recognised
from depr.intake.mapping import ALL, Mapping, Skipped, kept, translated
from depr.ledger.events import purchase_entries
from depr.share.files import sha256

CHUNK_ROWS = 1 << 17
"""Rows parsed at a time: the text of a file is held once, what is made of it is small."""


@dataclass(frozen=True)
class FactsRead:
    """What one file says: its good rows as entries, what is wrong with the others, and the file's identity.

    `form` is purchases or events; `read` and `good` count rows of the file (a purchase may make several entries).
    What the mapping skips is no row of it: `skipped` counts it apart.
    """

    file: str
    sha256: str
    form: str
    read: int
    good: int
    entries: dy.DataFrame[Entries]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def rejected(self) -> int:
        """Rows that are not good."""
        return self.read - self.good


def read_facts(
    path: Path,
    generations: Collection[str],
    books: Collection[str] = (),
    mapping: Mapping | None = None,
    how: Written = AS_USUAL,
    issuers: Map[str, str] | None = None,
    most: int = MOST_SHOWN,
) -> FactsRead:
    """Facts from .csv, .parquet or .xlsx: events if there is a column `kind`, else purchases.

    `generations`, `books` and `issuers` (each with its currency) are those that exist; a mapping says how the export
    of another system is read. Raises `Refused` when the file cannot be read as a table, lacks columns or holds no row;
    faults of rows come back as findings, the first `most` one by one. Blank rows are no facts, but count in the numbers
    of the rows below them.
    """
    digest = sha256(path)  # of what is read next; what is kept later must be the same
    text = read_text(path, layout_of(mapping), how)
    file = text.name
    form = mapping.form if mapping else form_of(text.table.columns)
    if form is SCHEDULES:
        why = "what another system will charge is no fact"
        raise refuse(file, "holds a schedule", why, "compare it with ours: depr tie LEDGER FILE")
    check_form(file, text.table.columns, form, mapping, text.first_row - 1)
    text, skipped = (text, ()) if mapping is None else of_the_register(text, mapping)
    values, findings = values_of(text, form, generations, books, mapping, issuers, most)
    del text
    good = values.filter("good").select(form.values)
    read = len(values)
    accepted = len(good)
    del values
    entries = purchase_entries(_purchases(good)) if form is PURCHASES else Entries.validate(good, cast=True)
    return FactsRead(file, digest, form.name, read, accepted, entries, findings, skipped)


def of_the_register(text: Text, mapping: Mapping) -> tuple[Text, tuple[Skipped, ...]]:
    """The table without what the mapping skips, and that, counted. Raises `Refused` for a condition on no column."""
    named = recognised([each.column for each in mapping.skip if each.column != ALL], text.table.columns)
    if missing := [name for name in dict.fromkeys(named) if name not in text.table.columns]:
        do = f"the columns of the file are: {', '.join(text.table.columns)}"
        what = f"missing column: {', '.join(missing)}"
        raise refuse(text.name, what, "rows are skipped by it in the mapping", do, row=text.first_row - 1)
    table, skipped = kept(text.table, mapping, text.first_row)
    return replace(text, table=table), skipped


def _purchases(good: pl.DataFrame) -> dy.DataFrame[Purchases]:
    return Purchases.validate(good, cast=True)


def layout_of(mapping: Mapping | None, forms: Collection[Form] = FORMS) -> Layout:
    """Where the table of a file is, and which columns it may have: those of the mapping, else of the forms."""
    if mapping is None:
        known = {name for form in forms for name in form.columns}
        return Layout(known, {name for form in forms for name in form.amounts})
    theirs = mapping.columns
    form = mapping.form
    amounts = {theirs[name] for name in form.amounts if name in theirs}
    typed = amounts | {theirs[name] for name in (*form.integers, *form.dates) if name in theirs}
    return Layout(
        None if mapping.ignore == ALL else list(dict.fromkeys([*theirs.values(), *mapping.ignore])),
        amounts,
        typed,
        [theirs[name] for name in theirs if name not in mapping.optional],
        [*theirs.values(), *recognised((each.column for each in mapping.skip if each.column != ALL), theirs.values())],
        mapping.skip_rows,
        mapping.header_rows,
        mapping.empty_columns == "drop",
        mapping.sheets[0] if len(mapping.sheets) == 1 else None,
        mapping.delimiter,
        mapping.encoding,
    )


def check_form(file: str, columns: Collection[str], form: Form, mapping: Mapping | None, row: int) -> None:
    """Raises `Refused` where the header of a file is not what its form, or the mapping, says."""
    if mapping is None:
        check_header(file, list(columns), form.name, form.required, form.columns)
        return
    wanted = [theirs for ours, theirs in mapping.columns.items() if ours not in mapping.optional]
    if missing := [theirs for theirs in dict.fromkeys(wanted) if theirs not in columns]:
        do = f"the columns of the file are: {', '.join(columns)}"
        raise refuse(file, f"missing column: {', '.join(missing)}", "the mapping names it", do, row=row)
    read = (*mapping.columns.values(), *mapping.ignore, *recognised((each.column for each in mapping.skip), columns))
    extra = [name for name in columns if name not in read]
    if extra and mapping.ignore != ALL:
        do = "name them under columns or ignore in the mapping"
        raise refuse(file, f"unknown column: {', '.join(extra)}", "nothing is dropped unseen", do, row=row)
    there = {ours: theirs for ours, theirs in mapping.columns.items() if theirs in columns}
    if "accumulated" in mapping.columns and "accumulated" not in there:
        there.pop("accumulated_date", None)
    _check_given(file, form, {*there, *mapping.given(there), *(("currency",) if mapping.signs else ())})


def _check_given(file: str, form: Form, given: Collection[str]) -> None:
    pair = {"accumulated", "accumulated_date"}
    lonely = pair - set(given) if pair & set(given) else set()
    if missing := [*lacking(form.required, given), *sorted(lonely)]:
        why = f"{form.name} need it here, and neither a column of the file nor a constant gives it"
        do = "add it under columns or constants in the mapping"
        raise refuse(file, f"the mapping gives no {', '.join(missing)}", why, do)


def values_of(
    text: Text,
    form: Form,
    generations: Collection[str],
    books: Collection[str],
    mapping: Mapping | None,
    issuers: Map[str, str] | None,
    most: int,
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Every row as values, with `good` for those without a fault; and the faults."""
    rules = form.rules(generations, books, mapping.declared if mapping else OUR_OWN, issuers)
    parts = []
    found = []
    for start in range(0, max(len(text.table), 1), CHUNK_ROWS):
        rows = filled(text.table.slice(start, CHUNK_ROWS), text.first_row + start)
        mixed = text.mixed[rows["source_row"] - text.first_row] if text.mixed.width else text.mixed
        parsed = form.parse(translated(rows, mapping, text.exact, mixed) if mapping else rows)
        found.append(judged(parsed, rules, most=most))
        parts.append(parsed.select(form.values))
    values = pl.concat(parts)
    faults = pl.concat(found)
    if values.is_empty():
        raise refuse(text.name, f"holds no {form.name}", "there is no row below the header", form.empty)
    faults = pl.concat([faults, judged(_marked(values, faults), form.across(), len(rules), most)])
    return _marked(values, faults), tuple(found_in(text.name, faults, most))


def _marked(values: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    return values.with_columns(good=~pl.col("source_row").is_in(faults["source_row"].unique().implode()))
