"""Comparing: figures as a source prints them beside those of the product, and what becomes of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

CENTS = 2


@dataclass(frozen=True)
class Compared:
    """One figure of a case: what it is, what the source prints, what the product answers.

    They are the same at the decimals that are printed, and at least to `places`; or within a tolerance, where the
    source states one.
    """

    name: str
    expected: Any
    actual: Any
    places: int = CENTS
    tolerance: Fraction | None = None

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        if self.tolerance is not None:
            return abs(Fraction(str(self.expected)) - Fraction(self.actual)) <= self.tolerance
        return same(self.expected, self.actual, self.places)

    @property
    def reason(self) -> str:
        """How they differ, in words."""
        return f"{self.name}: expected {shown(self.expected)}, found {shown(self.actual)}"


def same(expected: Any, actual: Any, places: int = CENTS) -> bool:
    """Equality of what a source prints and what the product answers; also inside lists and tables."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(same(expected[k], actual.get(k), places) for k in expected)
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(actual, Sequence) or len(expected) != len(actual):
            return False
        return all(same(e, a, places) for e, a in zip(expected, actual, strict=True))
    if isinstance(actual, date):
        return str(expected) == str(actual)
    if not _is_number(expected) or not _is_number(actual):
        return bool(expected == actual)
    printed, found = Decimal(str(expected)), Decimal(str(actual))
    decimals = max(len(str(expected).partition(".")[2]), places)
    return printed == found.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


@dataclass(frozen=True)
class Outcome:
    """Whether a case is reproduced, figure by figure, and why not; `other` says which other subject it is of."""

    id: str
    system: str
    compared: tuple[Compared, ...] = field(default=(), repr=False)
    refusal: str = ""
    suspect: bool = False
    other: str = ""

    @property
    def reproduced(self) -> bool:
        """Whether every figure that the source asserts is what the product answers."""
        return not self.other and not self.reason

    @property
    def reason(self) -> str:
        """Why it is not reproduced; blank when it is."""
        if self.other or self.refusal:
            return self.refusal
        wrong = next((each.reason for each in self.compared if not each.agrees), "")
        return wrong if self.compared else "the source asserts no figure"


def shown(value: Any) -> str:
    """A figure as text: fractions as decimals."""
    if isinstance(value, Fraction):
        return f"{float(value):.15g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    return str(value)
