"""What every run tries, and what only a release does: breadth of a kind that a sample shows.

A case marked `release` is left out by scripts/test; `scripts/test -m release` and scripts/check release run it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], every: int, first: int = 0, *, whole: bool = False) -> list[Any]:
    """Cases for parametrize, of which one in `every` is tried daily, from number `first` on; the others for a release.

    A tuple is a case of several arguments unless each is `whole`. With `every` prime to the number of values of each
    argument, a sample of their product meets every value.
    """
    numbered = enumerate(cases)
    return [case if number % every == first else release(case, whole=whole) for number, case in numbered]


def release(case: Any, *, whole: bool = False) -> Any:
    """A case that is tried for a release only."""
    several = isinstance(case, tuple) and not whole
    return pytest.param(*(case if several else (case,)), marks=pytest.mark.release)
