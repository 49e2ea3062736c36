"""Amounts, percentages and dates as the first screen says them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.oracle import half_even

WORDS = ((12, "trillion"), (9, "billion"), (6, "million"), (3, "thousand"), (0, ""))
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def fixed(value: int, digits: int, places: int) -> str:
    """|value| x 10^-digits with `places` decimals, half to even."""
    shown = abs(half_even(value, 10 ** (digits - places))) if places < digits else abs(value) * 10 ** (places - digits)
    whole, rest = divmod(shown, 10**places)
    return f"{whole:,}.{rest:0{places}d}" if places else f"{whole:,}"


def money(minor: int, more: int = 0) -> str:
    """An amount in cents as a sentence says it."""
    for exponent, word in WORDS:
        places = more + (0 if exponent <= 6 and abs(minor) >= 10 ** (exponent + 3) else 1)
        places = min(places, exponent + 2)
        text = fixed(minor, exponent + 2, places)
        if Decimal(text.replace(",", "")) >= 1 or (exponent == 0 and minor):
            sign = "minus " if minor < 0 else ""
            return f"{sign}US${text} {word}".rstrip()
    return "US$0.0 million"


def together(first: int, *others: int) -> list[str]:
    """An amount and what it becomes, with decimals enough to tell them apart."""
    for more in range(7):
        said = [money(minor, more) for minor in (first, *others)]
        alike = [minor for minor, words in zip(others, said[1:], strict=True) if words == said[0]]
        if all(minor == first for minor in alike) and (more or not alike):
            break
    return said


def between(low: int, high: int) -> str:
    """Two amounts as a range."""
    one, two = money(low), money(high)
    if one.split()[-1] == two.split()[-1] and "minus" not in one + two:
        return f"{one.split()[0]} to {two.removeprefix('US$')}"
    return f"{one} to {two}"


def percent(part: int, whole: int, places: int) -> str:
    """part / whole in percent, with decimals enough to tell it from nothing and from the whole."""
    ppm = half_even(part * 10**6, whole)
    for more in range(places, 5):
        text = fixed(ppm, 4, more)
        if ppm in (0, 10**6) or Decimal(text) not in (0, 100):
            break
    return text


def shares(first: int, *others: int) -> list[str]:
    """Amounts per share in millionths, with two decimals at least, as many as tell each from the first."""
    for places in range(2, 7):
        said = [f"${fixed(micro, 6, places)}" for micro in (first, *others)]
        if all(micro == first or text != said[0] for micro, text in zip((first, *others), said, strict=True)):
            break
    return said


NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def lasting(months: int) -> str:
    """A life in years."""
    whole, rest = divmod(months, 12)
    years = fixed(half_even(months * 100, 12), 2, 2).rstrip("0").rstrip(".")
    number = years if rest or whole > len(NUMBERS) else NUMBERS[whole - 1]
    return f"{number} year{'' if months == 12 else 's'}"


def on(day: date) -> str:
    """A date in words."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
