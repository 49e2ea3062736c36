"""A disclosed change of a useful life, read from one row of text: what changed, when, in which scope, with what effect.

Cells may be worded as filers word them: lives "4", "3;2" (components, the first counts), "10 to 15", "5 (some 4 to
5)", "4 then 4.5" (steps), "remaining 11 months"; periods "FY2021", "Q1 FY2021", "6M 2021", "FY2021E" (guided).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeVar

from depr.books.book import LONGEST_LIFE_MONTHS
from depr.errors import Finding
from depr.kernel.calendar import FIRST, LAST, PERIODS, FiscalCalendar, last_day, period_of
from depr.kernel.curves import MONTHS_PER_YEAR

_CASE = ("case_id", "company", "ticker", "fiscal_year_end_month", "asset_class")
REQUIRED = (*_CASE, "old_life_years", "new_life_years", "effective_date", "scope", "period")
AMOUNTS = ("carrying_amount", "depreciation_effect", "operating_income_effect", "net_income_effect")
PER_SHARE = ("eps_basic_effect", "eps_diluted_effect")
_MONEY = tuple(f"{name}_usd_m" for name in AMOUNTS)
COLUMNS = (*REQUIRED[:-1], _MONEY[0], REQUIRED[-1], *_MONEY[1:], *PER_SHARE, "source_url", "note")

MINOR_PER_MILLION = 10**8
MICRO = 10**6
CENT = MICRO // 100
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
FIGURE = r"([0-9]{1,3}(?:\.[0-9]{1,3})?)"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEAR = re.compile(r"\b(19|20|21)[0-9]{2}\b")
PERIOD = re.compile(r"(?:(FY)|Q([1-4])|([1-9]|1[0-2])M|H([12]))?\s*(?:FY)?\s*([0-9]{4}|[0-9]{2})(E?)\b", re.IGNORECASE)
WEEK = 7

CLASSES = {
    "heavy_equipment": ("heavy equipment",),
    "servers_network": (
        *("server", "network", "computer equipment", "data center equipment", "data centre equipment"),
        *("technology equipment", "technical infrastructure", "gpu"),
    ),
}
"""Classes with asset bases, by the words that name them in a disclosure; the first component of a class counts."""

PARTS = ("subset", "some ", "certain ", "identified")
"""Words with which a class is only a part of itself, of a size that is not disclosed."""

Cell = TypeVar("Cell")


class Amount(NamedTuple):
    """A figure in integer units, and half of the last digit it was printed to."""

    value: int
    half: int


class Life(NamedTuple):
    """A useful life in months: as stated, and the range it is stated with."""

    months: int
    low: int
    high: int


class Step(NamedTuple):
    """One change of life and when it takes effect."""

    effective: date
    old: Life
    new: Life


class Window(NamedTuple):
    """A stretch of a fiscal year in periods (months), both ends included, and whether the figure is guidance."""

    fiscal_year: int
    first: int
    last: int
    guided: bool


@dataclass(frozen=True)
class Disclosure:
    """One row. `lacks` says in words what a figure cannot be worked out without."""

    row: int
    case_id: str
    company: str
    issuer: str
    asset_class: str
    kind: str
    part: bool
    scope: str
    period: str
    source: str
    calendar: FiscalCalendar
    steps: tuple[Step, ...] = ()
    remaining: tuple[int, int] | None = None
    effective: date | None = None
    window: Window | None = None
    amounts: Mapping[str, Amount | None] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()

    @property
    def depreciation(self) -> Amount | None:
        """Disclosed effect on depreciation; where only operating income is disclosed, its opposite."""
        given = self.amounts.get("depreciation_effect")
        income = self.amounts.get("operating_income_effect")
        return given or (income and Amount(-income.value, income.half))

    @property
    def measure(self) -> str:
        """What the model is compared on."""
        if self.amounts.get("depreciation_effect"):
            return "depreciation"
        if self.depreciation:
            return "operating_income"
        return "net_income" if self.amounts.get("net_income_effect") else ""

    @property
    def name(self) -> str:
        """How the row is called in the table."""
        return f"{self.case_id} {self.period} {self.scope}"


def parse_disclosure(cells: Mapping[str, str | None], row: int, file: str) -> Disclosure | list[Finding]:
    """One row of text, or what is wrong with it; a blank cell is not wrong, it is something that lacks."""
    text = {name: (cell or "").strip() for name, cell in cells.items()}
    reader = _Reader(text, row, file)
    month = reader.read("fiscal_year_end_month", _month, "a month, 1 to 12")
    calendar = FiscalCalendar(month or PERIODS)
    old, new = (reader.read(f"{end}_life_years", _lives, "a life in years") or () for end in ("old", "new"))
    days = reader.read("effective_date", _days, "a date YYYY-MM-DD") or ()
    window = reader.read("period", lambda cell: _window(cell, calendar), "a fiscal period such as FY2024 or Q1 2024")
    amounts = {name: reader.read(f"{name}_usd_m", _amount, "an amount in USD millions") for name in AMOUNTS}
    amounts |= {name: reader.read(name, _per_share, "an amount per share") for name in PER_SHARE}
    if not text["case_id"]:
        reader.findings.append(Finding(file, row, "case_id is blank", do="name the case"))
    if reader.findings:
        return reader.findings
    left = _remaining(text["old_life_years"], text["new_life_years"])
    given = {"life": old and new, "effective date": days, "period": window}
    lacks = tuple(f"no {name} is disclosed" for name, value in given.items() if not value)
    if not lacks and not left and not len(days) == len(old) == len(new):
        lacks = ("lives and dates are not of the same number of steps",)
    return Disclosure(
        row=row,
        case_id=text["case_id"],
        company=text["company"],
        issuer=text["ticker"],
        asset_class=text["asset_class"],
        kind=_kind(text["asset_class"]),
        part=text["asset_class"].lower().startswith(PARTS),
        scope=_scope(text.get("scope", "")),
        period=text.get("period", ""),
        source=text.get("source_url", ""),
        calendar=calendar,
        steps=() if left else _steps(days, old, new),
        remaining=left,
        effective=days[0] if days else None,
        window=window,
        amounts=amounts,
        lacks=lacks,
    )


@dataclass
class _Reader:
    """Cells read one by one; what cannot be read is collected."""

    text: Mapping[str, str]
    row: int
    file: str
    findings: list[Finding] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str], Cell], form: str) -> Cell | None:
        cell = self.text.get(name, "")
        try:
            return parse(cell) if cell else None
        except (ValueError, OverflowError):
            what = f"{name} {cell[:40]!r} is not {form}"
            self.findings.append(
                Finding(self.file, self.row, what, "it cannot be read", "correct it or leave it blank")
            )
            return None


def _month(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and 1 <= int(cell) <= PERIODS):
        raise ValueError(cell)
    return int(cell)


def _amount(cell: str) -> Amount:
    return _exact(cell, MINOR_PER_MILLION)


def _per_share(cell: str) -> Amount:
    """Per-share amounts are printed to the cent, whatever zeros the cell leaves out."""
    value = _exact(cell, MICRO)
    return Amount(value.value, min(value.half, CENT // 2))


def _exact(cell: str, scale: int) -> Amount:
    """The last digit is the last decimal, else the last that is not zero: 2700 is known to 100, 860 to 10."""
    if not NUMBER.fullmatch(cell):
        raise ValueError(cell)
    value = Fraction(cell) * scale
    whole, _, decimals = cell.lstrip("-").partition(".")
    zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
    digit = Fraction(1, 10 ** len(decimals)) if decimals else Fraction(10**zeros)
    if value.denominator != 1:
        raise ValueError(cell)
    return Amount(int(value), int(digit * scale / 2))


def _lives(cell: str) -> tuple[Life, ...]:
    """The life of each step, of the first component."""
    if "remaining" in cell:
        return (Life(*[_remaining_months(cell)] * 3),)
    return tuple(_life(step.partition(";")[0]) for step in cell.split(" then "))


def _life(text: str) -> Life:
    """A number, or a range with its middle: "10 to 15", or "5 (some 4 to 5)", where the aside widens the number."""
    stated = text.partition("(")[0]
    ranges = [end for pair in re.findall(f"{FIGURE} to {FIGURE}", text) for end in pair]
    numbers = re.findall(FIGURE, stated)
    if not numbers:
        raise ValueError(text)
    span = [_months(end) for end in (*ranges, numbers[0])]
    return Life((min(span) + max(span)) // 2, min(span), max(span))


def _months(years: str) -> int:
    months = Fraction(years) * MONTHS_PER_YEAR
    if months.denominator != 1 or not 1 <= months <= LONGEST_LIFE_MONTHS:
        raise ValueError(years)
    return int(months)


def _remaining_months(cell: str) -> int:
    found = re.search(r"remaining ([0-9]{1,4}) months", cell)
    if not found or not 1 <= int(found[1]) <= LONGEST_LIFE_MONTHS:
        raise ValueError(cell)
    return int(found[1])


def _remaining(old: str, new: str) -> tuple[int, int] | None:
    both = "remaining" in old and "remaining" in new
    return (_remaining_months(old), _remaining_months(new)) if both else None


def _days(cell: str) -> tuple[date, ...]:
    """Dates of the steps; none where only a year is told."""
    days = [date.fromisoformat(text) for text in DAY.findall(cell)]
    if not all(FIRST <= day <= LAST for day in days) or not (days or YEAR.search(cell)):
        raise ValueError(cell)
    return tuple(days)


def _window(cell: str, calendar: FiscalCalendar) -> Window:
    found = PERIOD.match(cell)
    if not found:
        raise ValueError(cell)
    _, quarter, months, half, year, guided = found.groups()
    fiscal_year = int(year) if len(year) > 2 else FIRST.year + 100 + int(year)
    if not FIRST.year < fiscal_year < LAST.year:
        raise ValueError(cell)
    start = calendar.first_of(fiscal_year)
    spans = ((quarter, 3), (half, PERIODS // 2))
    first, length = next(((int(n) - 1) * size, size) for n, size in spans if n) if quarter or half else (0, PERIODS)
    length = int(months) if months else length
    return Window(fiscal_year, start + first, start + first + length - 1, bool(guided) or "guided" in cell.lower())


def begins(day: date, calendar: FiscalCalendar) -> int:
    """The period from which a change of a day applies.

    A day in the last week of the last month of a fiscal year is where a year of 52 weeks begins, which a calendar of
    months begins with the month after.
    """
    period = period_of(day)
    near = (last_day(period) - day).days < WEEK and calendar.month_of_year(period) == PERIODS - 1
    return period + near


def _kind(asset_class: str) -> str:
    first = asset_class.lower().partition(";")[0]
    return next((kind for kind, words in CLASSES.items() if any(word in first for word in words)), "")


def _scope(text: str) -> str:
    """A: carried at the date. B: and additions of the period. C: named assets. Guidance is A. Else not stated."""
    said = text.lower()
    words = (("plus", "B"), ("identified", "C"), ("named", "C"), ("existing", "A"), ("guidance", "A"))
    if said in ("a", "b", "c"):
        return said.upper()
    return next((scope for word, scope in words if word in said), "not stated")


def _steps(days: tuple[date, ...], old: tuple[Life, ...], new: tuple[Life, ...]) -> tuple[Step, ...]:
    return tuple(Step(*each) for each in zip(days, old, new, strict=False))
