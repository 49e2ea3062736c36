"""How much a test looks at: enough for every run, much more for scripts/check properties, which sets DEPR_EXAMPLES."""

from __future__ import annotations

import os

from hypothesis import settings

ASKED = int(os.environ.get("DEPR_EXAMPLES", "0"))
"""Examples of every property; 0 leaves each its own number."""

USUAL = 60


def examples(usual: int) -> settings:
    """How many examples a property is tried on that is slower, or wider, than most."""
    return settings(max_examples=ASKED or usual, deadline=None)


def lots(usual: int, many: int) -> int:
    """How many lots are compared with the oracle."""
    return many if ASKED else usual
