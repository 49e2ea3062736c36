"""What the spreadsheet functions share: exact arguments, named refusals, exact roots and fractions of a year.

Nothing here passes through binary floating point: an argument becomes the fraction it is written as, and a root is
either exact or known to a stated number of digits.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from datetime import date
from decimal import Context, Decimal, Overflow
from fractions import Fraction
from math import floor

from depr.errors import Finding, Refused, refuse, unknown

Number = int | str | float | Decimal | Fraction
"""An argument. Text is a decimal or a fraction such as 1/3; a float is taken at its shortest decimal text."""

Rule = tuple[str, object, bool, str]
"""(argument, its value, whether it holds, what would)"""

EXCEL, LIBREOFFICE = VARIANTS = ("excel", "libreoffice")
NUM = "#NUM!"
DIVISION = "#DIV/0!"
HALF = Fraction(1, 2)
ROOT_DIGITS = 50
"""Significant digits of a power that is not a fraction, or whose exact form would be too long to be useful."""
ROOT_EXPONENT = 9999
"""A root below ten to minus this is 0."""
EXACT_PERIODS = 4000
"""Exact powers and steps are taken up to here: an exact balance grows by some digits with every period."""

TOO_STEEP = "the balance grows by more than any number in a period"
DECIMAL_PLACES = 400
"""A decimal has at most so many places before or after the point: more than any spreadsheet holds."""


def exact(function: str, **arguments: Number) -> list[Fraction]:
    """Arguments as fractions, in the order given. Refused together: what is not a finite number."""
    found: list[Fraction] = []
    bad: list[Finding] = []
    for name, value in arguments.items():
        try:
            found.append(_fraction(value))
        except (ValueError, TypeError, ArithmeticError):
            bad.append(Finding(function, 0, f"{name} = {value!r}", "it is not a number", "give a decimal", "#VALUE!"))
    if bad:
        raise Refused(bad)
    return found


def _fraction(value: Number) -> Fraction:
    if isinstance(value, int | Fraction) or (isinstance(value, str) and "/" in value):
        return Fraction(value)
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if abs(number.adjusted()) > DECIMAL_PLACES:
        raise ValueError(number)
    return Fraction(number)


def day(function: str, name: str, value: date | str) -> date:
    """A date, or the one its ISO text names. Refused: any other text."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (ValueError, TypeError):
        finding = Finding(function, 0, f"{name} = {value!r}", "it is not a date", "write it 2025-12-31", "#VALUE!")
        raise Refused(finding) from None


def check_variant(variant: str) -> bool:
    """True for Excel, false for LibreOffice. Refused: any other name."""
    if variant not in VARIANTS:
        raise unknown("variant", variant, VARIANTS)
    return variant == EXCEL


def demand(function: str, excel: bool, *rules: Rule, code: str = NUM) -> None:
    """Refuse, all together, the arguments whose rule does not hold, with the error the spreadsheet shows."""
    program = "Excel" if excel else "LibreOffice"
    broken = [
        Finding(function, 0, f"{name} = {shown(value)}", f"{program} answers {code}", f"give {name} {want}", code)
        for name, value, holds, want in rules
        if not holds
    ]
    if broken:
        raise Refused(broken)


def shown(value: object) -> str:
    """A value as its author would write it: a decimal where that is exact."""
    if not isinstance(value, Fraction):
        return str(value)
    decimal = Context(prec=ROOT_DIGITS).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{decimal:f}" if Fraction(decimal) == value else str(value)


def positive(name: str, value: Fraction) -> Rule:
    """Above 0."""
    return name, value, value > 0, "above 0"


def at_least(name: str, value: Fraction, least: Fraction | int) -> Rule:
    """Not below something."""
    return name, value, value >= least, f"of at least {shown(least)}"


def between(name: str, value: Fraction, low: Fraction | int, high: Fraction | int) -> Rule:
    """From one number to another, both allowed."""
    return name, value, low <= value <= high, f"from {shown(low)} to {shown(high)}"


def within(name: str, value: Fraction, high: Fraction) -> Rule:
    """Above 0, up to a number that is allowed."""
    return name, value, 0 < value <= high, f"above 0, at most {shown(high)}"


def too_long(function: str, name: str, value: Fraction) -> Refused:
    """The error for more periods than are counted one by one, in fractions that grow with each."""
    why = "the exact carrying amount grows by some digits with every period"
    return refuse(function, f"{name} = {shown(value)}", why, f"give at most {EXACT_PERIODS}")


def half_up(value: Fraction) -> Fraction:
    """The nearest whole number of an amount that is not negative; a half goes up."""
    return Fraction(floor(value + HALF))


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """base ** exponent for base >= 0: exact for a whole exponent, else to `ROOT_DIGITS` significant digits."""
    if exponent.denominator == 1 and abs(exponent) <= EXACT_PERIODS:
        return base**exponent.numerator
    if base == 0:
        return Fraction(0)
    value, _ = _near(base, exponent, ROOT_DIGITS + len(str(floor(exponent))) + 10)
    return Fraction(Context(prec=ROOT_DIGITS).divide(Decimal(value.numerator), Decimal(value.denominator)))


def thousandths(ratio: Fraction, life: Fraction) -> Fraction:
    """1 - ratio ** (1 / life), rounded to 3 decimals, a half going up: exact for every ratio >= 0 and life > 0.

    The root is enclosed ever closer until its bounds round alike. That ends unless the root lies on a boundary
    between two thousandths, so a boundary is first tried by whole powers.
    """
    if ratio == 0:
        return Fraction(1)
    digits = 30
    while True:
        try:
            root, margin = _near(ratio, 1 / life, digits)
        except Overflow:
            raise Refused(Finding("DB", 0, f"life = {shown(life)}", TOO_STEEP, "give a longer life", NUM)) from None
        low, high = (floor((1 - root + side) * 1000 + HALF) for side in (-margin, margin))
        if low == high or _is_root(1 - (high - HALF) / 1000, ratio, life):
            return Fraction(high, 1000)
        digits *= 2


def _near(base: Fraction, exponent: Fraction, digits: int) -> tuple[Fraction, Fraction]:
    """base ** exponent and a bound of its error.

    Division, logarithm and exponential are each right to half a unit of the last digit, so the logarithm is off by
    less than 2 + |log| units and the power, relative to itself, by that times the exponent and its own rounding.
    """
    context = Context(prec=digits, Emin=-ROOT_EXPONENT, Emax=ROOT_EXPONENT)
    log = context.ln(context.divide(Decimal(base.numerator), Decimal(base.denominator)))
    scaled = context.multiply(log, context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator)))
    value = Fraction(context.exp(scaled))
    units = (2 + abs(Fraction(log))) * abs(exponent) + 2 * abs(Fraction(scaled)) + 2
    return value, value * 2 * units / 10 ** (digits - 1)


def _is_root(root: Fraction, ratio: Fraction, life: Fraction) -> bool:
    """Whether root ** life = ratio. With life = a / b in lowest terms that makes the denominators t**b and t**a."""
    a = life.numerator
    b = life.denominator
    possible = root > 0 and b <= root.denominator.bit_length() and a <= ratio.denominator.bit_length()
    return possible and root**a == ratio**b


def days_30_360(start: date, end: date) -> int:
    """Days between two dates in months of 30 days, the US (NASD) way: the end of February counts as the 30th."""
    first = min(start.day, 30)
    last = end.day
    if last == 31 and first == 30:
        last = 30
    elif _ends_february(start):
        first = 30
        last = 30 if _ends_february(end) else last
    return _months_between(start, end) * 30 + last - first


def days_30e_360(start: date, end: date) -> int:
    """Days between two dates in months of 30 days, the European way: a 31st counts as the 30th."""
    return _months_between(start, end) * 30 + min(end.day, 30) - min(start.day, 30)


def days_actual(start: date, end: date) -> int:
    """Days between two dates."""
    return (end - start).days


BASES: dict[int, tuple[Callable[[date, date], int], int]] = {
    0: (days_30_360, 360),
    1: (days_actual, 0),
    2: (days_actual, 360),
    3: (days_actual, 365),
    4: (days_30e_360, 360),
}
"""Year basis: (days between two dates, days in a year; 0 for the actual days)."""


def year_fraction(start: date, end: date, basis: int) -> Fraction:
    """Days from start to end over the days of a year, as OpenFormula counts them.

    Source: OpenDocument 1.3 part 4 (OpenFormula), 4.11.7 (the year bases of YEARFRAC).
    """
    days, year = BASES[basis]
    return Fraction(days(start, end)) / (year or _actual_year(start, end))


def _actual_year(start: date, end: date) -> Fraction:
    """Over more than a year the mean of the years touched; else 366 in one leap year or across a 29 February."""
    years = range(start.year, end.year + 1)
    if len(years) > 2 or (len(years) == 2 and (start.month, start.day) < (end.month, end.day)):
        return Fraction(sum(365 + isleap(year) for year in years), len(years))
    leap = any(isleap(year) and (len(years) == 1 or start <= date(year, 2, 29) <= end) for year in years)
    return Fraction(365 + leap)


def _months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _ends_february(value: date) -> bool:
    return value.month == 2 and value.day == 28 + isleap(value.year)
