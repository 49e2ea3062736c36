"""Generations that are published together, since a copy without lots must not tell one."""

from __future__ import annotations

import pytest

from depr.sql.published.aggregates import pools


@pytest.mark.parametrize(
    ("lots", "small", "few"),
    [
        ((1, 50, 60), [0, 1], False),  # the next smallest goes with the one that is too small, no more
        ((2, 3, 50), [0, 1], False),  # two are enough together
        ((5, 6), [], False),
        ((1, 2), [0, 1], True),
    ],
)
def test_as_few_generations_as_possible_are_pooled(lots: tuple[int, ...], small: list[int], few: bool) -> None:
    """Those with fewer lots than five, and the next smallest until there are five; an issuer without is left out."""
    found = pools([("A", f"g{n}", count) for n, count in enumerate(lots)], 5)
    assert found[1] == (["A"] if few else [])
    assert few or found[0] == [("A", f"g{n}") for n in small]
