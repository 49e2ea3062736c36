"""Deferred tax of depreciation: what tax has charged beyond the books, times the rate (ASC 740-10-25-20, IAS 12.15).

    temporary difference(t) = sum of tax charges to t - sum of book charges to t
    deferred tax liability(t) = temporary difference(t) x enacted rate

A difference that never comes back (a permanent one) has none. A restatement moves the book charge alone: tax paid is
that of the return, so the deferred part takes all of the effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate


def temporary_differences(book: Sequence[Fraction], tax: Sequence[Fraction]) -> list[Fraction]:
    """Tax charges less book charges to the end of each period; raises ValueError for other numbers of periods."""
    return list(accumulate(charged - booked for booked, charged in zip(book, tax, strict=True)))


def liability(difference: Fraction, rate: Fraction) -> Fraction:
    """Deferred tax liability of a temporary difference; below zero it is an asset."""
    return difference * rate


def taxable(pretax: Fraction, book: Fraction, tax: Fraction) -> Fraction:
    """Taxable income: income before tax with the book charge taken back and the tax charge taken instead."""
    return pretax + book - tax
