"""A company of one's own, made in one step: its ledger, its judgements, and what its files look like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

from depr import share
from depr.books.book import months
from depr.books.issuers import WEEKDAYS
from depr.contract.currencies import currencies, decimals_of
from depr.errors import Refused, refuse, unknown
from depr.fleet.facts import init
from depr.fleet.judgements import adopt
from depr.intake import issuers
from depr.kernel.calendar import PERIODS, FiscalCalendar

JUDGEMENTS = "judgements"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,30}")

SHIPPED = ("accounts.toml", "assumptions.toml")
"""Copied from what ships, so that the ledger keeps them as they were when it began; to be changed and adopted anew."""

ISSUER = """\
# Who the company is. After a change: depr adopt $ledger $path --by NAME --reason WHY
id = $id
name = $name
currency = $currency
fiscal_year_end_month = $month
${weeks}book = $book
source = $source

# How depreciation is spread over the functions of the income statement, from a date on.
[[function_split]]
effective = $since
cost_of_revenue = "1"
research_and_development = "0"
selling_general_administrative = "0"
source = $source
assumption = true

# The tax rate on a change of depreciation, from a date on. Add an entry when it changes.
[[tax_rate]]
effective = $since
rate = $tax_rate
kind = $tax_kind
source = $source
"""

BOOK = """\
# How the company depreciates. A change of estimate is another [[policy]], effective on its date.
id = $book
title = $title
kind = "as reported"
issuer = $id
source = $source

[[policy]]
effective = "opening"
generations = ["*"]
method = $method
convention = $convention
life_months = $life
residual_rate = $residual_rate
source = $source
"""

CATALOGUE = """\
# Classes of assets of your own, besides the GPU generations that ship. One [[generation]] each:
#
# [[generation]]
# key = "storage-ssd"        # the name that purchases use; it never changes once it is in a ledger
# maker = "various"
# model = "SSD shelves"
# source = "asset register, class 31"
"""

PURCHASES = """\
lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date,residual,document
EXAMPLE-1,$plain,h100,16,600000$cents,$code,$bought,$served,,invoice 1001
EXAMPLE-2,$plain,b200,8,320000$cents,$code,$bought,,,invoice 1002
"""

STATEMENT = {
    "issuer": ("$plain", "$plain"),
    "period_type": ("FY", "FY"),
    "fiscal_year": ("$before", "$year"),
    "fiscal_quarter": ("", ""),
    "period_end": ("$before_end", "$year_end"),
    "currency": ("$code", "$code"),
    "revenue": ("2000000", "2400000"),
    "pretax_income": ("250000", "300000"),
    "income_tax": ("50000", "60000"),
    "net_income": ("200000", "240000"),
    "diluted_shares": ("100000", "100000"),
    "eps_diluted": ("2", "2.4"),
    "cash_from_operations": ("400000", "500000"),
    "capex": ("450000", "90000"),
    "depreciation": ("120000", "150000"),
    "depreciation_line": ("depreciation_of_ppe", "depreciation_of_ppe"),
    "source": ("annual report", "annual report"),
}
STATEMENTS = "".join(f"{','.join(cells)}\n" for cells in (STATEMENT, *zip(*STATEMENT.values(), strict=True)))
"""Two years, a column each of what restating needs; in units of the currency."""


@dataclass(frozen=True)
class Company:
    """What was made: the ledger, the files, and the commands that come next."""

    ledger: Path
    files: tuple[Path, ...]
    then: tuple[str, ...]


def new(folder: Path, recorded_at: datetime, *, by: str, **said: Any) -> Company:
    """A ledger that carries a company's judgements, and templates of its files, in a new folder. Raises `Refused`.

    `said` are the words of `depr.new`. Nothing is left where anything is wrong.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse(str(folder), "is there already", "a company is made in a folder of its own", "name a new folder")
    words = _words(folder, recorded_at.date(), **said)
    name = f"{words['stem']}.duckdb"
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.absolute().parent, prefix=f".{folder.name}.") as begun:
            made = Path(begun, folder.name)
            files = _written(made, words)
            ledger = init(made / name)
            adopt(ledger, [made / JUDGEMENTS], recorded_at, by=by, why=f"the beginning: {said['source']}")
            if folder.exists():
                folder.rmdir()  # it is empty
            made.rename(folder)
    except OSError as fault:
        raise refuse(str(folder), f"cannot be written: {fault.strerror}", do="choose another folder") from None
    except Refused as refused:
        raise Refused(
            replace(each, file=each.file.replace(begun, str(folder.parent))) for each in refused.findings
        ) from None
    return Company(folder / name, tuple(folder / each for each in files), _then(folder / name, words))


def _written(folder: Path, words: Mapping[str, str]) -> list[str]:
    """The names of the files that are written into a folder."""
    files = _files(words)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return list(files)


def _words(folder: Path, today: date, **said: Any) -> dict[str, str]:
    """What the templates ask for. Raises `Refused` for what is no such thing."""
    _check(said["id"], said["currency"], said["tax_rate"])
    weeks = {"weeks": said["weeks"], "weekday": said["weekday"], "year_ends": said["year_ends"]}
    given = {key: value for key, value in weeks.items() if value}
    stem = said["id"].lower()
    written = said | {"name": said["name"] or said["id"], "book": f"{stem}-reported"}
    written["title"] = f"{written['name']}, as reported"
    quoted = {key: json.dumps(str(value), ensure_ascii=False) for key, value in written.items()}
    plain = {
        "stem": stem,
        "ledger": str(folder / f"{stem}.duckdb"),
        "path": str(folder / JUDGEMENTS / "issuers" / f"{stem}.toml"),
        "month": str(said["year_end_month"]),
        "weeks": "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.items()),
        "life": str(months(said["life"])),
        "since": "1900-01-01",
        "plain": said["id"],
        "code": said["currency"],
        "cents": "." + "0" * places if (places := decimals_of(said["currency"])) else "",
    }
    return quoted | plain | _days(_calendar(said["year_end_month"], **given), today)


def _check(name: str, currency: str, tax_rate: str) -> None:
    """Raises `Refused` for what is no id of one's own, no currency or no rate."""
    if not ID.fullmatch(name):
        raise refuse("id", f"{name!r} is no id", "it names files and rows", "use letters, digits and hyphens: ACME")
    if currency not in currencies():
        raise unknown("currency", currency, currencies())
    if name.lower() in {each.lower() for each in issuers()}:
        why = "its figures would stand for those of another company"
        raise refuse("id", f"{name!r} is an issuer that ships", why, "give your company another id")
    try:
        rate = Fraction(tax_rate)
    except (ValueError, ZeroDivisionError):
        raise refuse("tax rate", f"{tax_rate!r} is no rate", do="write it as in 0.21") from None
    if not 0 <= rate < 1:
        raise refuse("tax rate", f"{tax_rate} is no rate", "it is a share of income", "write it as in 0.21")


def _days(calendar: FiscalCalendar, today: date) -> dict[str, str]:
    """The two fiscal years before a day, for the examples."""
    year = calendar.year_of(calendar.period(today)) - 1
    first = str(calendar.first_day(calendar.first_of(year)))
    before, end = (str(calendar.last_day(calendar.first_of(n) + PERIODS - 1)) for n in (year - 1, year))
    return {
        "bought": first,
        "served": first,
        "before": str(year - 1),
        "before_end": before,
        "year": str(year),
        "year_end": end,
    }


def _calendar(month: int, weeks: str = "", weekday: str = "", year_ends: str = "") -> FiscalCalendar:
    given = (weeks, weekday, year_ends)
    if any(given) and not all(given):
        what = "a year of weeks has a pattern, a weekday and where it ends"
        raise refuse("fiscal year", what, do="write --weeks 4-4-5 --weekday saturday --year-ends last")
    if weekday and weekday not in WEEKDAYS:
        raise refuse("weekday", f"{weekday!r} is none", do=f"use one of: {', '.join(WEEKDAYS)}")
    return FiscalCalendar(month, weeks, WEEKDAYS.index(weekday), year_ends) if weeks else FiscalCalendar(month)


def _files(words: Mapping[str, str]) -> dict[str, str]:
    """Each file by its name within the folder."""
    fill: Callable[[str], str] = lambda text: Template(text).substitute(words)  # noqa: E731
    stem = words["stem"]
    judged = {
        f"issuers/{stem}.toml": fill(ISSUER),
        f"books/{stem}-reported.toml": fill(BOOK),
        "generations.toml": CATALOGUE,
        **{name: share.schedule_file(name).read_text("utf-8") for name in SHIPPED},
    }
    return {f"{JUDGEMENTS}/{name}": text for name, text in judged.items()} | {
        "purchases-example.csv": fill(PURCHASES),
        "statements-example.csv": fill(STATEMENTS),
    }


def _then(ledger: Path, words: Mapping[str, str]) -> tuple[str, ...]:
    """The commands that come next."""
    folder = ledger.parent
    return (
        f"depr import {ledger} {folder / 'purchases-example.csv'} --dry-run",
        f"depr check {ledger}",
        f"depr rollforward {ledger} --through {words['year_end']} --grain year",
        f"depr journal {ledger} {words['year']}-Q4",
        f"depr restate {ledger} --statements {folder / 'statements-example.csv'} --lives 3",
    )
