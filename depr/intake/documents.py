"""TOML in: books, issuers, assumptions, charts of accounts, tax tables and mappings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from depr import share
from depr.books.book import TAX_CONVENTIONS, Assumption, Book, months, parse_assumptions, parse_book, scenario
from depr.books.chart import Chart, parse_accounts
from depr.books.issuers import Issuer, parse_issuer
from depr.errors import refuse, unknown
from depr.intake import bounds
from depr.intake.forms.rules import OWN_ISSUER
from depr.intake.mapping import Mapping, extended, parse_mapping
from depr.kernel.curves import MONTHS_PER_YEAR
from depr.tax.parameters import Parameters, parse_parameters
from depr.tax.tables import FACTORS, Key, Table, columns, first_year_fraction, parse_tables


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML document. Raises `Refused`."""
    try:
        document = tomllib.loads(bounds.content(path).decode("utf-8"))
    except RecursionError:
        raise bounds.too_deep(path) from None
    except (OSError, ValueError) as fault:  # a number of thousands of digits is no error of the syntax
        raise refuse(str(path), f"cannot be read: {fault}") from None
    bounds.check_depth(path, document)
    return document


def read_book(book: str | Path, schedules: Path | None = None) -> Book:
    """A book by name (schedules/books) or path; macrs without percents takes the tax tables. Raises `Refused`."""
    path = book if isinstance(book, Path) else share.find("books", book, schedules)
    document = read_toml(path)
    policies = document.get("policy")
    if isinstance(policies, list):
        document["policy"] = [_by_tables(policy, schedules) for policy in policies]
    found = parse_book(document, str(path))
    if not isinstance(book, Path) and path.parent.name == "books" and found.id.lower() != path.stem.lower():
        why = "a book is named by its id: its figures would stand under another name"
        raise refuse(str(path), f"the id is {found.id!r}, the file is {path.stem}", why, "give both the same name")
    return found


def _by_tables(policy: Any, schedules: Path | None) -> Any:
    """A policy with the columns of its recovery period, where it is macrs by tables and can be; else as it is."""
    if not isinstance(policy, dict) or policy.get("method") != "macrs" or {"percents", "columns"} & policy.keys():
        return policy
    life, convention, method = (policy.get(name) for name in ("life_months", "convention", "tax_method"))
    if type(life) is not int or life < 1 or convention not in TAX_CONVENTIONS or method not in (None, *FACTORS):
        return policy  # what is wrong with it the book says
    return policy | tax_columns(life, convention, method, schedules)


def tax_columns(
    life_months: int, convention: str, tax_method: str | None = None, schedules: Path | None = None
) -> dict[str, Any]:
    """What a policy of macrs needs beside its recovery period: the columns of schedules/tables/macrs.toml, else those
    of the formula, by the months of the first tax year. Raises `Refused` for another convention or method.
    """
    if convention not in TAX_CONVENTIONS:
        raise unknown("tax convention", convention, TAX_CONVENTIONS)
    tables = read_tax_tables(share.find("tables", "macrs", schedules))
    found = columns(tables, Fraction(life_months, MONTHS_PER_YEAR), TAX_CONVENTIONS[convention], tax_method)
    by_first_year = tuple(
        (first_year_fraction(table.convention, table.quarter_or_month) * MONTHS_PER_YEAR, table.percents)
        for table in found
    )
    return {"method": "macrs", "convention": convention, "tax_method": found[0].method, "columns": by_first_year}


def read_issuer(path: Path) -> Issuer:
    """An issuer (schedules/issuers). Raises `Refused`."""
    return parse_issuer(read_toml(path), str(path))


def issuers(schedules: Path | None = None) -> dict[str, Issuer]:
    """The issuers there are (schedules/issuers), by id. Raises `Refused` when a file of one is damaged."""
    files = [share.find("issuers", name, schedules) for name in share.names("issuers", schedules)]
    return {issuer.id: issuer for issuer in map(read_issuer, files)}


def issuer_currencies(schedules: Path | None = None) -> dict[str, str]:
    """The currency in which each issuer of schedules/issuers reports."""
    return {name: issuer.currency for name, issuer in issuers(schedules).items()}


def find_issuer(name: str, schedules: Path | None = None) -> Issuer | None:
    """The issuer of that id, be it in other capitals; None when there is none. A name of the data opens no file."""
    there = issuers(schedules)
    return there.get(name) or {key.lower(): issuer for key, issuer in there.items()}.get(name.lower())


def the_issuer(name: str, schedules: Path | None = None) -> Issuer:
    """The same. Raises `Refused`, with the names that there are, when there is none."""
    found = find_issuer(name, schedules)
    if found is None:
        raise unknown("issuer", name, issuers(schedules), also=OWN_ISSUER)
    return found


def read_assumptions(path: Path) -> dict[str, Assumption]:
    """Named assumptions (schedules/assumptions.toml) by key. Raises `Refused`."""
    return parse_assumptions(read_toml(path), str(path))


def read_tax_tables(path: Path) -> dict[Key, Table]:
    """Percentages by tax year (schedules/tables/macrs.toml) by key. Raises `Refused`."""
    return parse_tables(read_toml(path), str(path))


def read_tax_parameters(path: Path) -> Parameters:
    """Limits, rates and dates of tax law (schedules/tables/us-tax.toml). Raises `Refused`."""
    return parse_parameters(read_toml(path), str(path))


def read_accounts(path: Path) -> Chart:
    """A chart of accounts (schedules/accounts.toml). Raises `Refused`."""
    return parse_accounts(read_toml(path), str(path))


def read_mapping(path: Path, schedules: Path | None = None) -> Mapping:
    """A mapping (schedules/mappings, or a user's own). Raises `Refused`.

    `extends = "erpnext"` in it names one that it builds on.
    """
    return parse_mapping(with_base(path, "mappings", schedules), str(path))


def with_base(path: Path, kind: str, schedules: Path | None, *below: Path) -> dict[str, Any]:
    """A document of a kind (mappings, exports), with what it extends: `extends = NAME` in it. Raises `Refused`."""
    own = read_toml(path)
    name = own.pop("extends", None)
    if name is None:
        return own
    if not isinstance(name, str):
        raise refuse(str(path), "extends is no text", do=f"write the name of one of {kind}")
    base = share.find(kind, name, schedules)
    if base in (path, *below):
        raise refuse(str(path), f"extends {name}, which extends it", do="let one of them stand for itself")
    return extended(with_base(base, kind, schedules, path, *below), own)


def mappings(schedules: Path | None = None) -> pl.DataFrame:
    """The mappings there are, one row each: mapping (its name), title, source, note."""
    names = share.names("mappings", schedules)
    found = {name: read_mapping(share.find("mappings", name, schedules), schedules) for name in names}
    rows = [(name, entry.title, entry.source, entry.note) for name, entry in found.items()]
    return pl.DataFrame(rows, schema=dict.fromkeys(("mapping", "title", "source", "note"), pl.String), orient="row")


def find_book(book: str | Book, schedules: Path | None = None) -> Book:
    """A book by name or path (schedules/books), or `3y`, `42m` for a plain straight-line life, or itself."""
    if isinstance(book, Book):
        return book
    plain = book[:-1].isdecimal() and book[-1:] in ("y", "m")
    return scenario(months(book)) if plain else read_book(book, schedules)


def generations(schedules: Path | None = None) -> list[dict[str, Any]]:
    """The catalogue: what ships (schedules/generations.toml) and one's own, which may describe a key of it anew.

    Raises `Refused` for an entry without a key, a maker and a model.
    """
    entries: dict[str, dict[str, Any]] = {}
    for path in share.every("generations.toml", schedules):
        for entry in read_catalogue(path):
            entries[entry["key"]] = entry
    return list(entries.values())


def read_catalogue(path: Path) -> list[dict[str, Any]]:
    """A catalogue of generations, or of other classes of assets, that a file holds. Raises `Refused`."""
    entries = read_toml(path).get("generation", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise refuse(str(path), "generation is no list", "a catalogue is a list of them", "write [[generation]]")
    for number, entry in enumerate(entries, 1):
        lacks = [name for name in ("key", "maker", "model", "source") if not str(entry.get(name, "")).strip()]
        if lacks:
            what = f"generation {number} has no {' and no '.join(lacks)}"
            raise refuse(str(path), what, "it is named by its key, and known by its source", "fill it in")
    return entries


def generation_keys(schedules: Path | None = None) -> list[str]:
    """The keys of the catalogue."""
    return [entry["key"] for entry in generations(schedules)]


def lines_named(issuers: Iterable[str], schedules: Path | None) -> dict[str, str]:
    """The line of depreciation that issuers name in schedules/issuers."""
    own = (find_issuer(name, schedules) for name in issuers)
    return {issuer.id: issuer.depreciation_line for issuer in own if issuer and issuer.depreciation_line}
