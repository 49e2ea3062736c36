"""Numbers as text: exact integers in, digits out.

Every figure arrives as an integer with a number of decimal digits (cents, millionths, parts per million) and is rounded
half to even once, for display. Nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from depr.kernel.rounding import divide_half_even
from depr.report.origin import Origin
from depr.report.words import Spoken

DASH = "\u2014"
MILLION_DIGITS = 6
PER_SHARE_DIGITS = 6
PERCENT_DIGITS = 4
SCALES = ((12, "trillion"), (9, "billion"), (6, "million"), (3, "thousand"), (0, ""))
MOST_PLACES = 6


@dataclass(frozen=True)
class Figure:
    """A number ready to print: digits without sign, and what the sign is.

    A negative is set in parentheses, zero is a dash, missing is blank. A figure that is not zero but rounds to it
    keeps its digits ("0.0"), without parentheses. `ticks` are the checks that ran on it and held; `basis` says that
    it is not as the filer printed it, with `how` it came. `at` is where it comes from, `link` the name of its
    derivation on the page, and `anchor` says that the derivation leads back to it.
    """

    digits: str
    negative: bool = False
    missing: bool = False
    ticks: tuple[str, ...] = ()
    basis: str = ""
    how: str = ""
    at: Origin | None = field(default=None, compare=False)
    link: str = field(default="", compare=False)
    anchor: bool = field(default=False, compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing belongs in the cell, so that no rule is drawn there."""
        return not self.digits and not self.missing

    @property
    def zero(self) -> bool:
        """Whether the figure is exactly zero (set as a dash)."""
        return self.digits == DASH

    def __str__(self) -> str:
        return f"({self.digits})" if self.negative else self.digits


MISSING = Figure("", missing=True)
ZERO = Figure(DASH)
EMPTY = Figure("")  # nothing belongs here, so nothing is missing


def rounded(value: int, digits: int, places: int) -> int:
    """`value` counted in units of 10^-digits, counted in units of 10^-places instead."""
    if places >= digits:
        return int(value * 10 ** (places - digits))
    return divide_half_even(value, int(10 ** (digits - places)))


def grouped(value: int, places: int) -> str:
    """Digits of |value| x 10^-places with thousands separated: 1234567, 2 -> 12,345.67."""
    whole, rest = divmod(abs(value), 10**places)
    return f"{whole:,}.{rest:0{places}d}" if places else f"{whole:,}"


def decimal(value: int | None, digits: int, places: int) -> Figure:
    """`value` x 10^-digits printed with `places` decimals."""
    if value is None:
        return MISSING
    if value == 0:
        return ZERO
    shown = rounded(value, digits, places)
    return Figure(grouped(shown, places), negative=shown < 0)


def millions(minor: int | None, minor_digits: int, places: int) -> Figure:
    """Minor units as millions of the currency."""
    return decimal(minor, minor_digits + MILLION_DIGITS, places)


def per_share(micro: int | None, places: int = 2) -> Figure:
    """Millionths of the currency as an amount per share."""
    return decimal(micro, PER_SHARE_DIGITS, places)


def percent(ppm: int | None, places: int = 1) -> Figure:
    """Parts per million as percent."""
    return decimal(ppm, PERCENT_DIGITS, places)


def count(number: int | None) -> Figure:
    """A whole number."""
    return decimal(number, 0, 0)


def ratio_ppm(part: int, whole: int) -> int | None:
    """part / whole in parts per million, rounded half to even; None where the whole is not positive."""
    return divide_half_even(part * 1_000_000, whole) if whole > 0 else None


def spoken(minor: int, minor_digits: int, more: int = 0) -> Spoken:
    """Minor units as a sentence says them: one decimal from a billion up, one below ten of a smaller word, else none.

    `more` decimals, where an amount has to be told from another. Nothing is said in millions.
    """
    for exponent, word in SCALES:
        large = exponent <= MILLION_DIGITS and abs(minor) >= 10 ** (minor_digits + exponent + 1)
        places = min(more + (0 if large else 1), minor_digits + exponent)
        shown = rounded(minor, minor_digits + exponent, places)
        if abs(shown) >= 10**places or (exponent == 0 and minor):
            return Spoken(grouped(shown, places), word, negative=shown < 0)
    return Spoken("0.0", "million")


def apart(first: int, others: Sequence[int], minor_digits: int) -> tuple[Spoken, ...]:
    """An amount and others that take its place, with as many decimals as tell each that differs from the first.

    One that is the same has a decimal more than it needs, to show that.
    """
    for more in range(MOST_PLACES + 1):
        said = tuple(spoken(minor, minor_digits, more) for minor in (first, *others))
        alike = [minor for minor, words in zip(others, said[1:], strict=True) if words == said[0]]
        if all(minor == first for minor in alike) and (more or not alike):
            break
    return said


def apart_per_share(first: int | None, others: Sequence[int | None]) -> tuple[Figure, ...]:
    """Amounts per share, two decimals at least, as many as tell each that differs from the first, and from nothing."""
    micros = (first, *others)
    for places in range(2, PER_SHARE_DIGITS + 1):
        said = tuple(per_share(micro, places) for micro in micros)
        vanished = any(micro and not rounded(micro, PER_SHARE_DIGITS, places) for micro in micros)
        if not vanished and all(m == first or figure != said[0] for m, figure in zip(micros, said, strict=True)):
            break
    return said


def seen(ppm: int | None, places: int = 1) -> Figure:
    """Parts per million as percent, with as many decimals as tell it from nothing and from the whole."""
    for more in range(places, PERCENT_DIGITS + 1):
        said = percent(ppm, more)
        if ppm in (None, 0, 10**6) or rounded(ppm, PERCENT_DIGITS, more) not in (0, 100 * 10**more):
            break
    return said


def years(months: int) -> str:
    """A life in months as years: 36 -> "3", 66 -> "5.5", 64 -> "5.33"."""
    text = grouped(divide_half_even(months * 100, 12), 2)
    return text.rstrip("0").rstrip(".")
