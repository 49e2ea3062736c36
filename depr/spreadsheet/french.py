"""The spreadsheet functions of French accounting, AMORLINC and AMORDEGRC (public in depr.spreadsheet.functions)."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor

from depr.spreadsheet.rules import (
    BASES,
    EXACT_PERIODS,
    EXCEL,
    HALF,
    Number,
    at_least,
    between,
    check_variant,
    day,
    demand,
    exact,
    half_up,
    positive,
    too_long,
    year_fraction,
)

EXCEL_BASES = (0, 1, 3, 4)
LIBREOFFICE_BASES = (0, 1, 2, 3, 4)
BASES_OF_DAYS = (1, 3)
"""The bases that count actual days: Excel takes a leap day for the day before."""


def amorlinc(
    cost: Number,
    date_purchased: date | str,
    first_period: date | str,
    salvage: Number,
    period: Number,
    rate: Number,
    basis: Number = 0,
    *,
    variant: str = EXCEL,
) -> Fraction:
    """French straight line: cost * rate a period, the first (period 0) by days, until cost less salvage is used up.

    Period 0 takes cost * rate * days from `date_purchased` to `first_period` / days of a year; `basis` counts them: 0
    30/360 US, 1 actual, 2 actual/360 (LibreOffice only), 3 actual/365, 4 30/360 European. Parts of a period are
    dropped. No curve: cost * rate is charged whatever life 1 / rate comes to. Excel charges at most cost less salvage
    in period 0, a whole period where that has no days, cost * rate between periods 0 and 1, nothing after 1 / rate
    rounded up, and divides actual days by those of the year of purchase. LibreOffice divides by OpenFormula's year.
    Refused (#NUM!): cost or salvage below 0, salvage above cost, period below 0, rate not above 0, date_purchased after
    first_period, another basis.
    Source: Microsoft, AMORLINC function; OpenFormula 4.11.7 and 6.12 AMORLINC; tests of ExcelFinancialFunctions.
    """
    excel = check_variant(variant)
    plan = _french("AMORLINC", excel, cost, salvage, period, rate, basis, date_purchased, first_period)
    if plan.used_up:
        return Fraction(0)
    charge = plan.cost * plan.rate
    first = plan.first(plan.rate)
    if excel and 0 < plan.period < 1:
        return charge
    number = floor(plan.period)
    left = plan.cost - plan.salvage - first - charge * (number - 1)
    return max(min(charge, left), Fraction(0)) if number else first


def amordegrc(
    cost: Number,
    date_purchased: date | str,
    first_period: date | str,
    salvage: Number,
    period: Number,
    rate: Number,
    basis: Number = 0,
    *,
    variant: str = EXCEL,
) -> Fraction:
    """French declining balance: rate * coefficient of the carrying amount, in whole units of the currency.

    The coefficient follows from the life 1 / rate: Excel 1.5 from 3 to 4, 2 to 6, 2.5 above; LibreOffice 1 below 3, 1.5
    below 5, 2 to 6, 2.5 above. Period 0 is cost * rate * coefficient by days, as in AMORLINC; parts of a period are
    dropped. Half a unit goes up. Excel rounds the first charge and the answer only; the second but last period of the
    life, rounded up, takes half of what is left, the next all of it; nothing is charged once less than salvage is left.
    LibreOffice rounds every charge; the charge that would go below salvage is half of what is left, later ones are 0.
    Refused (#NUM!): as AMORLINC, and in Excel a life below 3. Microsoft's page also names lives between 4 and 5 as an
    error, but figures for them are published (PhpSpreadsheet's tests), so these are answered. More than 4000 periods
    are refused.
    Source: Microsoft, AMORDEGRC function; LibreOffice Calc help, AMORDEGRC; tests of ExcelFinancialFunctions.
    """
    excel = check_variant(variant)
    plan = _french("AMORDEGRC", excel, cost, salvage, period, rate, basis, date_purchased, first_period)
    life = 1 / plan.rate
    if excel:
        demand("AMORDEGRC", excel, ("rate", plan.rate, life >= 3, "of at most 1/3"))
    if plan.used_up:
        return Fraction(0)
    of_balance = plan.rate * _coefficient(excel, life)
    first = half_up(plan.first(of_balance))
    if plan.period == 0 or (not excel and plan.period < 1):
        return first
    if plan.period > EXACT_PERIODS:
        raise too_long("AMORDEGRC", "period", plan.period)
    charge = _degressive_excel if excel else _degressive_libreoffice
    return charge(plan, of_balance, plan.cost - first, floor(plan.period))


@dataclass(frozen=True)
class _Plan:
    """Arguments that were found good; `years` is the length of period 0."""

    excel: bool
    cost: Fraction
    salvage: Fraction
    period: Fraction
    rate: Fraction
    years: Fraction

    @property
    def used_up(self) -> bool:
        return self.excel and (self.cost == self.salvage or self.period > ceil(1 / self.rate))

    def first(self, rate: Fraction) -> Fraction:
        """Charge of period 0 at a rate a year."""
        charge = self.cost * rate * self.years
        return min(charge or self.cost * rate, self.cost - self.salvage) if self.excel else charge


def _french(
    function: str,
    excel: bool,
    cost: Number,
    salvage: Number,
    period: Number,
    rate: Number,
    basis: Number,
    date_purchased: date | str,
    first_period: date | str,
) -> _Plan:
    """The arguments of both functions, read and checked."""
    c, s, p, r, b = exact(function, cost=cost, salvage=salvage, period=period, rate=rate, basis=basis)
    start = day(function, "date_purchased", date_purchased)
    end = day(function, "first_period", first_period)
    bases = EXCEL_BASES if excel else LIBREOFFICE_BASES
    demand(
        function,
        excel,
        at_least("cost", c, 0),
        between("salvage", s, 0, c),
        at_least("period", p, 0),
        positive("rate", r),
        ("date_purchased", start, start <= end, f"not after first_period = {end}"),
        ("basis", b, floor(b) in bases, f"as one of {', '.join(map(str, bases))}"),
    )
    years = _excel_years if excel else year_fraction
    return _Plan(excel, c, s, p, r, years(start, end, floor(b)))


def _excel_years(start: date, end: date, basis: int) -> Fraction:
    days, year = BASES[basis]
    dates = [_before_leap_day(d) for d in (start, end)] if basis in BASES_OF_DAYS else (start, end)
    return Fraction(days(*dates), year or 365 + isleap(start.year))


def _before_leap_day(value: date) -> date:
    return value.replace(day=28) if (value.month, value.day) == (2, 29) else value


def _coefficient(excel: bool, life: Fraction) -> Fraction:
    if life > 6:
        return Fraction(5, 2)
    if life > 4 if excel else life >= 5:
        return Fraction(2)
    return Fraction(3, 2) if life >= 3 else Fraction(1)


def _degressive_excel(plan: _Plan, rate: Fraction, left: Fraction, number: int) -> Fraction:
    last = ceil(1 / plan.rate) + bool(plan.years)
    charge = Fraction(0)
    for period in range(1, number + 1):
        halving = period == last - 3
        share = Fraction(0) if left < plan.salvage else HALF if halving else rate
        charge = left * share
        left = left * (1 - share)
        rate = Fraction(1) if halving else rate
    return half_up(charge)


def _degressive_libreoffice(plan: _Plan, rate: Fraction, left: Fraction, number: int) -> Fraction:
    charge = Fraction(0)
    for period in range(1, number + 1):
        charge = half_up(left * rate)
        if left - charge < plan.salvage:
            return half_up(left * HALF) if period == number else Fraction(0)
        left -= charge
    return charge
