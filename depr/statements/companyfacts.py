"""The SEC's companyfacts document of one filer -> the facts of the lines that are looked for.

The document is {cik, entityName, facts: {taxonomy: {element: {units: {unit: [fact, ...]}}}}}; a fact has val, end,
accn (the filing), form and filed, and start unless it is a balance. Its fy and fp are those of the filing, not of the
fact: a 10-K carries three years under its own fy. They are not read; the period is that from start to end. What is
filed by class of shares or by segment alone is not in the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from depr.errors import Finding, refuse
from depr.statements.tags import Line, Tags

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")
LARGEST = 10**17
"""Above this an amount is taken for a slip: no line of a statement comes near, and sums of it would leave 64 bits."""


@dataclass(frozen=True)
class Fact:
    """One figure of one filing; `start` is None for a balance."""

    line: Line
    tag: str
    start: date | None
    end: date
    value: Fraction
    filed: date
    accn: str
    form: str


def cik(document: Mapping[str, Any], file: str = "companyfacts") -> str:
    """The filer's number, ten digits. Raises `Refused` for what is no companyfacts document."""
    number = document.get("cik")
    facts = document.get("facts")
    digits = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
    if not re.fullmatch("[0-9]{1,10}", digits) or not isinstance(facts, Mapping):
        why = "it has no cik and facts at its top"
        raise refuse(file, "is no companyfacts document", why, "take CIK##########.json of the companyfacts service")
    return digits.zfill(10)


def entity(document: Mapping[str, Any]) -> str:
    """The filer's name in the document, on one line."""
    return " ".join(str(document.get("entityName") or "no name").split())[:100]


def facts(
    document: Mapping[str, Any], tags: Tags, currency: str, file: str = "companyfacts"
) -> tuple[list[Fact], list[Finding]]:
    """The facts of the lines in `tags`, in money of `currency`; malformed ones are findings and are left out."""
    good = list[Fact]()
    bad = list[Finding]()
    for line, tag, number, entry in _entries(document["facts"], tags, currency):
        fact = _fact(line, tag, entry)
        if isinstance(fact, Fact):
            good.append(fact)
        else:
            why = "a fact has a number, ISO dates and the accession number of its filing"
            bad.append(Finding(file, 0, f"{tag} fact {number}: {fact}", why, "take the document again", "fact"))
    return good, bad


def _entries(taxonomies: Mapping[str, Any], tags: Tags, currency: str) -> Iterator[tuple[Line, str, int, Any]]:
    for line in tags.line:
        for tag in line.every:
            taxonomy, element = tag.split(":")
            units = _inner(_inner(_inner(taxonomies, taxonomy), element), "units")
            entries = units.get(line.units_key(currency), [])
            if isinstance(entries, list):
                yield from ((line, tag, number, entry) for number, entry in enumerate(entries, 1))


def _inner(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    child = parent.get(key, {})
    return child if isinstance(child, Mapping) else {}


def _fact(line: Line, tag: str, entry: Any) -> Fact | str:
    """The fact, or what is wrong with it."""
    if not isinstance(entry, Mapping):
        return "is no fact"
    value = _number(entry.get("val"))
    accn = entry.get("accn")
    start, end, filed = (_date(entry.get(key)) for key in ("start", "end", "filed"))
    if value is None or end is None or filed is None or (start is None) != line.instant:
        given = {key: str(entry[key])[:40] for key in ("val", "start", "end", "filed") if key in entry}
        return f"has {given}"
    if not (start or end) <= end <= filed:
        return f"runs from {start} to {end} and was filed on {filed}"
    if not isinstance(accn, str) or not ACCESSION.fullmatch(accn):
        return f"accn is {str(accn)[:40]!r}"
    return Fact(line, tag, start, end, value, filed, accn, str(entry.get("form", "")))


def _number(value: Any) -> Fraction | None:
    """An exact number of bearable size; a float is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    exact = Fraction(value)
    return exact if abs(exact) <= LARGEST else None


def _date(text: Any) -> date | None:
    if not isinstance(text, str) or not ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
