"""The day of a change itself: what begins on a day applies on it, and what was before it has ended."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from depr.books.book import Book, parse_book
from depr.books.issuers import in_force
from depr.books.modes import cases, changes_of_case, prospective
from depr.books.stages import Stages
from depr.kernel.calendar import FIRST, FiscalCalendar
from tests.restate.cases import book, issuer

DAY, EVE, MORROW = date(2024, 1, 1), date(2023, 12, 31), date(2024, 1, 2)


def lives(made: Book) -> list[tuple[date, int]]:
    """Day and life of each policy."""
    return [(policy.effective, policy.life_months or 0) for policy in made.policy]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (DAY, [(FIRST, 48), (DAY, 24)]),
        (EVE, [(FIRST, 48), (EVE, 72), (DAY, 24)]),
        (MORROW, [(FIRST, 48), (DAY, 60), (MORROW, 24)]),
    ],
)
def test_two_books_that_change_on_the_day_of_the_change(change: date, expected: list[tuple[date, int]]) -> None:
    reported, alternative = book("reported", ("opening", 48), (DAY, 60)), book("other", ("opening", 72), (DAY, 24))
    assert lives(prospective(reported, alternative, change)) == expected


@pytest.mark.parametrize(("day", "whose"), [(EVE, "reported"), (DAY, "other"), (MORROW, "other")])
def test_an_estimate_of_one_lot(day: date, whose: str) -> None:
    """One of the day of the change belongs to the alternative; a fact is of both."""
    [case] = cases(book("reported", ("opening", 48)), [book("other", ("opening", 24))], ["prospective"], [DAY])
    frames = [
        pl.DataFrame({"lot": [1, 1], "effective_date": [day, day], "kind": ["estimate", "disposal"], "of": [name] * 2})
        for name in ("reported", "other")
    ]
    made = changes_of_case(case, *frames).filter(kind="estimate")
    assert made["of"].to_list() == [whose]


@pytest.mark.parametrize(("day", "rules"), [(EVE, "full_month"), (DAY, "following_month")])
def test_a_lot_placed_in_service_on_the_day_of_a_policy(day: date, rules: str) -> None:
    """The clock is that of the policy in force on that day."""
    plain = {"method": "straight_line", "life_months": 48, "source": "a test"}
    policies = [
        {**plain, "effective": "opening", "convention": "full_month"},
        {**plain, "effective": DAY, "convention": "following_month"},
    ]
    head = {"id": "b", "title": "b", "kind": "scenario", "source": "a test", "policy": policies}
    track, calendar = parse_book(head).policy, FiscalCalendar()
    stages = Stages(calendar)
    first, *_ = stages.walk(track, day)
    assert first.policy.convention == rules
    _, clock = stages.shares.read(first.share_id or 0)
    assert clock.age(0) == (1 if rules == "full_month" else 0)


@pytest.mark.parametrize(("day", "rate"), [(EVE, "0.35"), (DAY, "0.21"), (MORROW, "0.21")])
def test_a_rate_is_in_force_from_its_day(day: date, rate: str) -> None:
    [first] = issuer(statutory="0.35").tax_rate
    later = issuer(statutory="0.21").tax_rate[0].model_copy(update={"effective": DAY})
    assert in_force([first, later], day).rate == (first if rate == "0.35" else later).rate
    assert in_force([later], EVE - timedelta(1)) is later
