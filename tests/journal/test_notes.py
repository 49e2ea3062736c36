"""Changes in estimate: numbered, in words, without amounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from depr.books.book import Book, parse_book
from depr.journal import beancount_text
from tests.journal.samples import CALENDAR, MARCH, booked, changes, flow

POLICY = {"method": "straight_line", "convention": "full_month", "residual_rate": "0", "source": "x"}


def dated(*policies: dict[str, Any]) -> Book:
    document = {"id": "b", "title": "B", "kind": "scenario", "source": "x"}
    return parse_book({**document, "policy": [{**POLICY, **policy} for policy in policies]})


REVISED = dated(
    {"effective": "opening", "life_months": 48},
    {"effective": date(2025, 3, 1), "life_months": 66, "residual_rate": "0.05"},
)
HELD = flow("placed_in_service", 0, MARCH - 2, construction=-5, cost=5)


def test_a_policy_is_noted_for_the_lots_it_meets() -> None:
    fleet: list[dict[str, Any]] = [
        {},  # held
        {},  # held
        {"in_service_date": date(2025, 3, 1)},  # placed in service when it applies already
        {"in_service_date": None},  # under construction
        {},  # disposed of before
        {"generation": "b200"},
    ]
    served = [flow("placed_in_service", lot, MARCH - 2, construction=-5, cost=5) for lot in (0, 1, 4, 5)]
    late = flow("placed_in_service", 2, MARCH, construction=-5, cost=5)
    sold = flow("disposal", 4, MARCH - 1, cost=-5, proceeds=5)
    lines = booked(fleet, [*served, late, sold], book=REVISED).filter(kind="estimate")
    columns = ("entry", "line", "date", "generation", "account", "debit_minor", "credit_minor", "lots")
    day = date(2025, 3, 31)
    assert lines.select(columns).rows() == [
        ("META-2025-03-0002", 1, day, "b200", None, 0, 0, 1),
        ("META-2025-03-0003", 1, day, "h100", None, 0, 0, 2),
    ]
    assert lines["narration"][-1] == (
        "Change in estimate, prospective, nothing to post 2025-03: h100, 2 lots, straight_line, 66 months, "
        "residual rate 1/20, before: straight_line, 48 months, residual rate 0, book b"
    )


@pytest.mark.parametrize(
    ("day", "own_life", "stands"),
    [
        (date(2025, 2, 27), "stands", True),
        (date(2025, 2, 28), "stands", False),  # it counts from the end of its day, so after the policy
        (date(2025, 2, 27), "replaced", False),
    ],
)
def test_a_policy_says_which_lots_keep_a_life_of_their_own(day: date, own_life: str, stands: bool) -> None:
    later = {"effective": date(2025, 3, 1), "life_months": 66, "own_life": own_life}
    book = dated({"effective": "opening", "life_months": 48}, later)
    served = [flow("placed_in_service", lot, MARCH - 3, construction=-5, cost=5) for lot in (0, 1)]
    told = changes({"effective_date": day, "life_months": 42})
    noted = booked([{}, {}], served, book=book, changes=told, periods=(MARCH, MARCH)).filter(kind="estimate")
    said = {line.partition(": ")[2] for line in noted["narration"]}
    assert any("1 lot, " in line and "the life estimated for the lot stands" in line for line in said) == stands
    assert len(said) == 1 + stands


def test_a_policy_for_other_generations_is_not_noted() -> None:
    book = dated(
        {"effective": "opening", "life_months": 48, "generations": ["h100"]},
        {"effective": "opening", "life_months": 48, "generations": ["b200"]},
        {"effective": date(2025, 3, 1), "life_months": 60, "generations": ["b200"]},
    )
    served = [flow("placed_in_service", lot, MARCH - 2, construction=-5, cost=5) for lot in (0, 1)]
    lines = booked([{}, {"generation": "b200"}], served, book=book)
    assert lines.filter(kind="estimate")["generation"].to_list() == ["b200"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"life_months": 60}], ["2 lots, useful life 60 months from the start"]),
        (
            [{"life_months": 60, "new_residual_minor": 150}],
            ["2 lots, useful life 60 months from the start, residual value 3.00 USD in all"],
        ),
        ([{"new_residual_minor": 10**17 + 1}], ["2 lots, residual value 2000000000000000.02 USD in all"]),
        ([{}], ["2 lots, life and residual value confirmed"]),
    ],
)
def test_estimates_of_lots_are_noted(rows: list[dict[str, Any]], expected: list[str]) -> None:
    told = [{"effective_date": date(2025, 3, 31), "lot": lot, **row} for row in rows for lot in (0, 1)]
    lines = booked([{}, {}], [HELD], changes=changes(*told)).filter(kind="estimate")
    head, tail = "Change in estimate, prospective, nothing to post 2025-03: h100, ", ", book life-3y"
    assert lines["narration"].to_list() == [head + text + tail for text in expected]


def test_estimates_of_other_lives_are_numbered_apart_and_after_what_is_posted() -> None:
    day = date(2025, 3, 15)
    told = changes(*({"effective_date": day, "lot": lot, "life_months": 60 + lot} for lot in (0, 1)))
    charged = [flow("depreciation", lot, accumulated=1) for lot in (0, 1)]
    lines = booked([{}, {}], charged, changes=told)
    assert lines["entry"].to_list() == [*["META-2025-03-0001"] * 2, "META-2025-03-0002", "META-2025-03-0003"]
    assert booked([{}, {}], charged, changes=told, periods=(MARCH + 1, MARCH + 1)).is_empty()
    each = booked([{}, {}], charged, changes=told, per_lot=True).filter(kind="estimate")
    assert each["lot_id"].to_list() == ["L0", "L1"]


def test_other_changes_are_no_memoranda() -> None:
    told = changes({"effective_date": date(2025, 3, 15), "kind": "held_for_sale"})
    assert booked([{}], [HELD], changes=told).filter(kind="estimate").is_empty()


def test_a_memorandum_is_an_entry_without_postings() -> None:
    text = beancount_text(booked([{}], [], changes=changes({"effective_date": date(2025, 3, 31), "life_months": 60})))
    assert text.splitlines()[0].startswith('2025-03-31 * "META" "Change in estimate')
    assert " USD" not in text
    assert CALENDAR.last_day(MARCH) == date(2025, 3, 31)
