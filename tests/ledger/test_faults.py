"""What is said of a ledger that is not as it was made."""

from __future__ import annotations

import pytest

from depr.ledger.faults import of_unknown_making

BEFORE = "they were there before the file said what depr wrote"
ANEW = f"{BEFORE}; depr prepare --anew makes them anew"
PREPARED = f"{BEFORE}; depr prepare makes them anew"
SAVED = f"{BEFORE}; drop all that was saved (depr saved --drop NAME) and save it anew"


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([], []),
        (["statements", "issuers"], [f"the rows of issuers, statements: {ANEW}"]),
        (["checks"], [f"the rows of checks: {PREPARED}"]),
        (["rollup_saved", "restatement_saved"], [f"the rows of restatement_saved, rollup_saved: {SAVED}"]),
        (
            ["rollup_saved", "checks", "issuers"],
            [f"the rows of issuers: {ANEW}", f"the rows of checks: {PREPARED}", f"the rows of rollup_saved: {SAVED}"],
        ),
    ],
)
def test_each_table_of_unknown_making_is_named_once_with_its_remedy(tables: list[str], said: list[str]) -> None:
    assert of_unknown_making(tables) == said
