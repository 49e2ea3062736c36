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


def per_share(micro: int, places: int) -> str:
    """An amount per share; a negative one in parentheses."""
    text = f"${fixed(micro, 6, places)}"
    return f"({text})" if micro < 0 else text


def signed(part: int, whole: int, places: int) -> str:
    """A change in percent with its sign."""
    return f"{'−' if part < 0 else '+'}{percent(abs(part), whole, places)}%"


def on(day: date) -> str:
    """A date in words."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
