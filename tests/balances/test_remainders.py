"""Whole numbers of many lots at once: exact within 62 bits, refused beyond them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from depr.balances.remainders import OutOfRangeError, product


def of_each(amounts: list[int], *shares: Fraction) -> list[int]:
    """One cohort a share, of as many amounts."""
    number = len(amounts) // len(shares)
    of, sizes = np.arange(len(shares)), np.full(len(shares), number)
    found: list[int] = product(np.array(amounts, np.int64), shares, of, sizes).tolist()
    return found


def test_each_amount_takes_the_share_of_its_cohort() -> None:
    """Halves go to the even neighbour."""
    assert of_each([1, 3, 100, 7], Fraction(1, 2), Fraction(2, 3)) == [0, 2, 67, 5]
    assert of_each([5, 6], Fraction(0)) == [0, 0]
    assert of_each([5, 6, 7, 8], Fraction(0), Fraction(1)) == [0, 0, 7, 8]


@pytest.mark.parametrize("share", [Fraction(2**30 - 1, 2**30), Fraction(1, 2**31), Fraction(2**31 - 2, 2**31 - 1)])
@pytest.mark.parametrize("amount", [2**20, 2**32, 2**53 + 1, 2**62 - 1])
def test_a_product_of_any_size_is_exact(share: Fraction, amount: int) -> None:
    """Also where no float holds it."""
    assert of_each([amount, amount - 1], share) == [round(amount * share), round((amount - 1) * share)]


@pytest.mark.parametrize("share", [Fraction(1, 2**62), Fraction(2**62, 2**62 + 1)])
def test_a_share_beyond_62_bits_is_not_taken(share: Fraction) -> None:
    """Whether the numerator or the denominator is the one that is too long."""
    with pytest.raises(OutOfRangeError):
        of_each([2**20], share)
