"""What no schedule is computed from: it is refused by name before the first row."""

from __future__ import annotations

import pytest

from depr.errors import Refused
from depr.kernel.schedule import schedule
from tests.kernel.tables import INT64, Segment, Share, segments_of, shares_of

HALVES: list[Share] = [(0, 0, 0, 1, 2), (0, 1, 1, 2, 2)]
PLAIN: Segment = (0, 9, 0, 0, 0, None)
REFUSED: dict[str, tuple[list[Segment], list[Share], str]] = {
    "a share that falls": ([PLAIN], [(0, 0, 0, 2, 2), (0, 1, 2, 1, 2)], "shares: share_id 0 falls, or leaves 0 to 1"),
    "a share above one": ([PLAIN], [(0, 0, 0, 3, 2)], "shares: share_id 0 falls, or leaves 0 to 1"),
    "a share below zero": ([PLAIN], [(0, 0, -1, 2, 2)], "shares: share_id 0 falls, or leaves 0 to 1"),
    "two denominators": ([PLAIN], [(0, 0, 0, 1, 2), (0, 1, 2, 3, 3)], "shares: share_id 0 has more than one denomin"),
    "a step left out": ([PLAIN], [(0, 0, 0, 1, 2), (0, 2, 1, 2, 2)], "shares: share_id 0 has other steps than 0, 1, 2"),
    "a step twice": ([PLAIN], [(0, 0, 0, 1, 2), (0, 0, 0, 1, 2)], "shares: share_id 0 has other steps than 0, 1, 2"),
    "steps from 1": ([PLAIN], [(0, 1, 0, 1, 1)], "shares: share_id 0 has other steps than 0, 1, 2"),
    "no such share": ([(7, 9, 0, 5, 0, None)], HALVES, "segments: lot 7 has a share that is not in the table"),
    "too much": ([(3, INT64, 1, 0, 0, None)], HALVES, "segments: lot 3 accumulates more than 64 bits hold"),
    "too little": ([(3, -INT64, -1, 0, 0, None)], HALVES, "segments: lot 3 accumulates more than 64 bits hold"),
    "too late": ([(4, 9, 0, 0, 2**31 - 1, None)], HALVES, "segments: lot 4 ends in a period beyond 32 bits"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    segments, shares, message = REFUSED[case]
    with pytest.raises(Refused) as refusal:
        schedule(segments_of(segments), shares_of(shares))
    assert str(refusal.value).startswith(message)


def test_all_that_is_wrong_at_once() -> None:
    segments: list[Segment] = [*((n, 9, 0, n, 0, None) for n in range(5)), (8, INT64, INT64, 0, 0, None)]
    with pytest.raises(Refused) as refusal:
        schedule(segments_of(segments), shares_of(HALVES))
    assert [finding.what for finding in refusal.value.findings] == [
        "lot 1, 2, 3 has a share that is not in the table",
        "lot 8 accumulates more than 64 bits hold",
    ]
    assert refusal.value.findings[0].why == "4 of them"
