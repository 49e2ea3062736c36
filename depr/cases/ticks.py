"""The rows of a ledger before their amounts: where each ends, and how many months of age it is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from depr.cases.facts import Facts, shifted
from depr.cases.profiles import Options
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS, DayClock
from depr.kernel.daycounts import DAY_COUNTS, add_months

DAY = timedelta(days=1)
YEAR = 12
BY_DAYS = ("period_ends", "row_days", "daily")
"""Clocks under which the last row is the one that holds the last day of the life."""


@dataclass(frozen=True)
class Tick:
    """One row: the period it stands for, where it ends, the months of age it adds, and its fiscal year."""

    opens: date
    ends: date
    step: Fraction
    year: int
    last: bool = False


def ticks(facts: Facts, options: Options) -> list[Tick]:
    """The rows of an asset from its first to the one that ends its life."""
    out: list[Tick] = []
    age, last_day = begun(facts, options), last_day_of(facts)
    for opens, ends in _periods(facts):
        step = _age(facts, options, opens, ends, age) - age
        by_days = options.clock in BY_DAYS and facts.known_life
        last = ends >= last_day if by_days else age + step >= facts.life
        if last and options.row_ends == "by_days":
            step = facts.frequency * share_of_row(max(opens, facts.start), min(ends, last_day), opens, ends)
        out.append(Tick(opens, _dated(ends, last_day, last, options), step, fiscal_year(facts, ends), last))
        age += step
        if last:
            return out
    return out


def share_of_row(start: date, end: date, opens: date, ends: date) -> Fraction:
    """Days over the days of a row, 29 February never counting; all dates included."""
    life = Fraction(YEAR)  # the count asks for one and does not use it
    count = DAY_COUNTS["no_leap_365"]
    within, whole = (count.months(a, b + DAY, life, FiscalCalendar()) for a, b in ((start, end), (opens, ends)))
    return within / whole


def begun(facts: Facts, options: Options) -> Fraction:
    """Age when a first row that is set apart opens, by days; 0 where the first row holds the day in service."""
    if options.clock != "daily" or facts.first_row is None:
        return Fraction(0)
    opens = shifted(facts.first_row, -facts.frequency) + DAY
    if opens <= facts.start:
        return Fraction(0)
    return DAY_COUNTS[options.day_count].months(facts.start, opens, facts.life, facts.calendar)


def last_day_of(facts: Facts) -> date:
    """The last day of the life."""
    return add_months(facts.start, facts.life) - DAY


def fiscal_year(facts: Facts, day: date) -> int:
    """The fiscal year of a day, named by the calendar year it ends in."""
    return day.year + ((day.month, day.day) > _year_end(facts, day.year))


def year_bounds(facts: Facts, year: int) -> tuple[date, date]:
    """First and last day of a fiscal year."""
    return date(year - 1, *_year_end(facts, year - 1)) + DAY, date(year, *_year_end(facts, year))


def _year_end(facts: Facts, year: int) -> tuple[int, int]:
    month, day = facts.year_end
    return (month, day) if day < 28 else (month, facts.calendar.last_day((year - 1900) * YEAR + month - 1).day)


def _dated(ends: date, last_day: date, last: bool, options: Options) -> date:
    if not last or options.last_row == "period_end":
        return ends
    return min(ends, last_day + (DAY if options.last_row == "anniversary" else timedelta(0)))


def _periods(facts: Facts) -> Iterator[tuple[date, date]]:
    """Periods of the case's frequency: on from a first row that is given, else those of its fiscal year."""
    anchor = facts.first_row or _first_end(facts)
    for n in range(int(facts.life) + 2 * YEAR):
        yield shifted(anchor, (n - 1) * facts.frequency) + DAY, shifted(anchor, n * facts.frequency)


def _first_end(facts: Facts) -> date:
    opens, _ = year_bounds(facts, fiscal_year(facts, facts.start))
    ends = [shifted(opens - DAY, n * facts.frequency) for n in range(1, YEAR // facts.frequency + 1)]
    return next(end for end in ends if end >= facts.start)


def _age(facts: Facts, options: Options, opens: date, ends: date, before: Fraction) -> Fraction:
    """Months of age at the end of a row, by the clock of the options."""
    begins = facts.start + (DAY if options.first_day == "excluded" else timedelta(0))
    if options.clock == "period_ends" and options.row_ends == "by_days":
        return before + facts.frequency * share_of_row(max(opens, begins), ends, opens, ends)
    if options.clock == "period_ends":
        whole = (ends - opens).days + 1
        return before + facts.frequency * Fraction(min((ends - max(opens, begins)).days + 1, whole), whole)
    if options.clock == "row_days":
        first, last = year_bounds(facts, fiscal_year(facts, ends))
        return before + Fraction(((ends - max(opens, begins)).days + 1) * YEAR, (last - first).days + 1)
    if options.clock == "fiscal_year":
        return _by_year_end(facts, ends)
    convention = CONVENTIONS[options.clock]
    clock = convention.clock(begins, facts.calendar, facts.life, options.day_count)
    if isinstance(clock, DayClock):
        return clock.age_at(ends + DAY)
    return max(clock.age(facts.calendar.period(ends)), before)


def _by_year_end(facts: Facts, ends: date) -> Fraction:
    """Days of the first fiscal year over the days of that year, then months from there, back or on."""
    opens, closes = year_bounds(facts, fiscal_year(facts, facts.start))
    first = Fraction(((closes - facts.start).days + 1) * YEAR, (closes - opens).days + 1)
    months = (ends.year - closes.year) * YEAR + ends.month - closes.month
    return max(first + months, Fraction(0))
