"""The depreciation functions of spreadsheets: SLN, SYD, DB, DDB, VDB, AMORLINC, AMORDEGRC.

Arguments are named, and left out, as in Excel. Amounts are in the unit of `cost`; `life` and the periods count
periods of any one length; the result is the exact fraction, unrounded unless the function rounds. Where a function
is one of the curves of depr.kernel.curves, a period being its asset-year, the figure is read off that curve.

`variant` is "excel" or "libreoffice" and says whose rule holds where they differ; each function names how. What the
chosen program answers with an error is refused (depr.errors.Refused): the finding names the argument, its code is the
error shown in the cell. All functions refuse an argument that is no number or no date, and an unknown variant.

Sources: Microsoft, Excel functions by category, Financial (support.microsoft.com), one page a function; for
LibreOffice, OpenDocument 1.3 part 4 (OpenFormula), 6.12, Financial Functions, and LibreOffice Calc's help. Where these
are silent: the figures of Excel 2010 in the tests of fsprojects/ExcelFinancialFunctions, and of LibreOffice 7.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from depr.kernel.curves import METHODS, MONTHS_PER_YEAR, Knots, Terms, share_at
from depr.spreadsheet.french import amordegrc, amorlinc
from depr.spreadsheet.rules import (
    DIVISION,
    EXACT_PERIODS,
    EXCEL,
    Number,
    at_least,
    between,
    check_variant,
    demand,
    exact,
    positive,
    power,
    thousandths,
    too_long,
    within,
)

__all__ = ["FUNCTIONS", "amordegrc", "amorlinc", "db", "ddb", "sln", "syd", "vdb"]

CURVE_PERIODS = 400
"""Longest life whose curve is built whole; of a longer one only the part asked for."""


def sln(cost: Number, salvage: Number, life: Number, *, variant: str = EXCEL) -> Fraction:
    """Straight line, one period: (cost - salvage) / life.

    Curve straight_line over one period of `life`; a life below one period, or negative, continues the line.
    Refused: life 0 (#DIV/0!). The variants agree.
    Source: Microsoft, SLN function; OpenFormula 6.12 SLN.
    """
    excel = check_variant(variant)
    c, s, n = exact("SLN", cost=cost, salvage=salvage, life=life)
    demand("SLN", excel, ("life", n, n != 0, "other than 0"), code=DIVISION)
    return (c - s) * share_at(_curve(Terms("straight_line", _age(n))), _age(1)) if n >= 1 else (c - s) / n


def syd(cost: Number, salvage: Number, life: Number, period: Number, *, variant: str = EXCEL) -> Fraction:
    """Sum of the years' digits: (cost - salvage) * (life - period + 1) / (life * (life + 1) / 2).

    Curve sum_of_years_digits where life and period are whole; parts of a period continue the formula.
    Refused: Excel, salvage below 0, life not above 0, period not above 0 or beyond life (#NUM!). LibreOffice continues
    the formula to any period; only life 0 or -1 is refused (#DIV/0!).
    Source: Microsoft, SYD function; OpenFormula 6.12 SYD.
    """
    excel = check_variant(variant)
    c, s, n, p = exact("SYD", cost=cost, salvage=salvage, life=life, period=period)
    if excel:
        demand("SYD", excel, positive("life", n), at_least("salvage", s, 0), within("period", p, n))
    demand("SYD", excel, ("life", n, n not in (0, -1), "other than 0 and -1"), code=DIVISION)
    if n.denominator == p.denominator == 1 and 1 <= p <= n <= CURVE_PERIODS:
        knots = _curve(Terms("sum_of_years_digits", _age(n)))
        return (c - s) * (share_at(knots, _age(p)) - share_at(knots, _age(p - 1)))
    return (c - s) * (n - p + 1) * 2 / (n * (n + 1))


def db(
    cost: Number, salvage: Number, life: Number, period: Number, month: Number = 12, *, variant: str = EXCEL
) -> Fraction:
    """Fixed declining balance: rate of the carrying amount, rate = 1 - (salvage / cost) ** (1 / life) to 3 decimals.

    The first period takes cost * rate * month / 12, the one after the last whole period of `life` the other months,
    carrying amount * rate * (12 - month) / 12. Parts of a period and of a month are dropped. No curve: the rate follows
    from the salvage, which the rounded rate does not reach.
    Refused (#NUM!): salvage below 0, life not above 0, month outside 1 to 12, period not above 0 or beyond life + 1;
    LibreOffice also cost not above 0, salvage above cost and life above 1200. Excel takes a cost of 0, the charge is 0,
    and a salvage above cost, the charge is negative, and the period after the last only where month is below 12.
    Source: Microsoft, DB function; OpenFormula 6.12 DB.
    """
    excel = check_variant(variant)
    c, s, n, p, m = exact("DB", cost=cost, salvage=salvage, life=life, period=period, month=month)
    months = Fraction(floor(m))
    latest = n + (0 if excel and months == MONTHS_PER_YEAR else 1)
    demand(
        "DB",
        excel,
        at_least("cost", c, 0) if excel else positive("cost", c),
        at_least("salvage", s, 0) if excel else between("salvage", s, 0, c),
        positive("life", n) if excel else ("life", n, 0 < n <= 1200, "above 0, at most 1200"),
        within("period", p, latest),
        between("month", months, 1, MONTHS_PER_YEAR),
    )
    if c == 0:
        return Fraction(0)
    rate = thousandths(s / c, n)
    first = months / MONTHS_PER_YEAR
    whole = floor(p)
    if whole <= 1:
        return c * rate * first * (1 if excel else whole)
    before = floor(n) if p > n else whole - 1
    left = c * (1 - rate * first) * power(1 - rate, Fraction(before - 1))
    return left * rate * (1 - first if p > n else 1)


def ddb(
    cost: Number, salvage: Number, life: Number, period: Number, factor: Number = 2, *, variant: str = EXCEL
) -> Fraction:
    """Declining balance without switch: factor / life of the carrying amount, but never below salvage.

    With C = cost * (1 - factor / life) ** (period - 1), not below salvage: min(C * factor / life, C - salvage). Curve
    declining_balance, switch none, residual as floor, for C after whole periods. After a part of a period C is a root;
    it is then, as after more than 4000 periods, right to 50 significant digits.
    Refused (#NUM!): cost or salvage below 0, life or factor not above 0, period beyond life. Excel takes a period above
    0 and below 1 for period 1, and a salvage above cost, the charge is 0; LibreOffice refuses both.
    Source: Microsoft, DDB function; OpenFormula 6.12 DDB.
    """
    excel = check_variant(variant)
    c, s, n, p, f = exact("DDB", cost=cost, salvage=salvage, life=life, period=period, factor=factor)
    demand(
        "DDB",
        excel,
        at_least("cost", c, 0),
        at_least("salvage", s, 0) if excel else between("salvage", s, 0, c),
        positive("life", n),
        positive("factor", f),
        within("period", p, n) if excel else between("period", p, 1, n),
    )
    before = max(p, Fraction(1)) - 1
    return Fraction(0) if c <= s else _charge(_Asset(c, s, n, f), before)


def vdb(
    cost: Number,
    salvage: Number,
    life: Number,
    start_period: Number,
    end_period: Number,
    factor: Number = 2,
    no_switch: bool = False,
    *,
    variant: str = EXCEL,
) -> Fraction:
    """Declining balance between two ages, with a switch to straight line over the remaining life once that is more.

    (cost - salvage) * (F(end_period) - F(start_period)). Curve declining_balance, residual as floor, switch remaining;
    with `no_switch` the sum of DDB. Within a period the charge is spread evenly. A start within a period: LibreOffice
    stays on that curve; Excel, when switching, lets the part of a period come first and whole periods follow from the
    start, so that its parts do not add up to its whole.
    Refused (#NUM!): cost or salvage below 0, salvage above cost, life or factor not above 0, start below 0, end before
    start or beyond life; with a life above 400 also more than 4000 periods, whose exact fractions grow too long.
    Source: Microsoft, VDB function; OpenFormula 6.12 VDB; for the start in Excel fsprojects/ExcelFinancialFunctions,
    Compatibility, and bradbase/xlcalculator, tests/resources/VDB.xlsx.
    """
    excel = check_variant(variant)
    c, s, n, start, end, f = exact(
        "VDB", cost=cost, salvage=salvage, life=life, start_period=start_period, end_period=end_period, factor=factor
    )
    demand(
        "VDB",
        excel,
        at_least("cost", c, 0),
        between("salvage", s, 0, c),
        positive("life", n),
        positive("factor", f),
        between("start_period", start, 0, end),
        between("end_period", end, 0, n),
    )
    asset = _Asset(c, s, n, f)
    if c == s:
        return Fraction(0)
    if no_switch:
        return _accumulated(asset, end) - _accumulated(asset, start)
    knots = _switching(asset, start % 1 if excel else Fraction(0), end)
    return (c - s) * (share_at(knots, _age(end)) - share_at(knots, _age(start)))


FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "SLN": sln,
    "SYD": syd,
    "DB": db,
    "DDB": ddb,
    "VDB": vdb,
    "AMORLINC": amorlinc,
    "AMORDEGRC": amordegrc,
}
"""Each function by the name it has in a cell."""


@dataclass(frozen=True)
class _Asset:
    """Something worth more than its salvage, that declines by factor / life of its carrying amount a period."""

    cost: Fraction
    salvage: Fraction
    life: Fraction
    factor: Fraction

    def curve(self, switch: str) -> Knots:
        ratio = self.salvage / self.cost
        return _curve(Terms("declining_balance", _age(self.life), self.factor, switch, "floor", ratio))


@lru_cache(maxsize=256)
def _curve(terms: Terms) -> Knots:
    """A curve, kept for the next periods of the same asset; its ratio is hardly ever another asset's."""
    return METHODS[terms.method].curve(terms)


def _age(periods: Fraction | int) -> Fraction:
    """Periods as months of a curve whose asset-years they are."""
    return Fraction(periods) * MONTHS_PER_YEAR


def _carrying(asset: _Asset, age: Fraction) -> Fraction:
    """Carrying amount at an age below the life, without a switch."""
    if age.denominator == 1 and asset.life <= CURVE_PERIODS:
        return asset.cost - (asset.cost - asset.salvage) * share_at(asset.curve("none"), _age(age))
    kept = max(1 - asset.factor / asset.life, Fraction(0))
    return max(asset.cost * power(kept, age), asset.salvage)


def _charge(asset: _Asset, age: Fraction) -> Fraction:
    """Charge of the period that begins at an age, without a switch."""
    carrying = _carrying(asset, age)
    return min(carrying * asset.factor / asset.life, carrying - asset.salvage)


def _accumulated(asset: _Asset, age: Fraction) -> Fraction:
    """Charges up to an age, without a switch: whole periods, then the next one's charge spread evenly."""
    whole = Fraction(max(ceil(age) - 1, 0))
    return asset.cost - _carrying(asset, whole) + _charge(asset, whole) * (age - whole)


def _switching(asset: _Asset, part: Fraction, until: Fraction) -> Knots:
    """The curve that switches to straight line, its first period as long as `part`, where that is not 0."""
    if part == 0 and asset.life <= CURVE_PERIODS:
        return asset.curve("remaining")
    if until > EXACT_PERIODS:
        raise too_long("VDB", "end_period", until)
    rate = asset.factor / asset.life
    base = asset.cost - asset.salvage
    left = base
    age = Fraction(0)
    end = part or Fraction(1)
    knots = [(Fraction(0), Fraction(0))]
    while age < until:
        length = end - age
        pace = asset.life - age
        declining = (left + asset.salvage) * rate
        if left / pace < declining < left:
            left = (left + asset.salvage) * (1 - rate * length) - asset.salvage
        else:
            left *= 1 - length / (pace if declining < left else min(pace, Fraction(1)))
        knots.append((_age(end), 1 - left / base))
        age = end
        end = min(end + 1, asset.life)
    return tuple(knots)
