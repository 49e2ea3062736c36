"""Stages: curves given as data through changes and fiscal years, and what a policy refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from depr.books.book import Book, parse_book, scenario
from depr.books.estimates import estimates
from depr.books.stages import Change, Stages
from depr.contract import Changes, Segments
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar, period_of
from depr.kernel.conventions import CONVENTIONS, MonthClock
from depr.kernel.curves import METHODS, Terms
from depr.kernel.daycounts import DAY_COUNTS
from depr.kernel.schedule import schedule
from depr.kernel.shares import ticks
from tests.kernel.fleets import Case, lots_of
from tests.oracle import Asset

PERCENTS = ["20", "32", "19.20", "11.52", "11.52", "5.76"]


def book_of(*policies: dict[str, Any]) -> Book:
    plain = {"effective": "opening", "method": "straight_line", "convention": "full_month", "source": "a test"}
    head = {"id": "made-up", "title": "Made up", "kind": "scenario", "source": "a test"}
    return parse_book({**head, "policy": [{**plain, **policy} for policy in policies]})


def charges(
    asset: Asset, book: Book, changes: Sequence[dict[str, Any]] = (), calendar: FiscalCalendar | None = None
) -> dict[int, int]:
    """Depreciation by number of the period, counted from the one placed in service."""
    calendar = calendar or FiscalCalendar()
    rows = [{"lot": 0, **change} for change in changes]
    table = Changes.validate(pl.DataFrame(rows, schema=Changes.create_empty().schema), cast=True)
    segments, shares, _ = estimates(lots_of([Case(asset)]), book, calendar, table)
    found = schedule(segments, shares).collect().sort("period")
    first = calendar.period(asset.in_service)
    return {period - first: charge for period, charge in found["period", "depreciation_minor"].rows()}


def by_year(charged: dict[int, int], first: int = 12) -> list[int]:
    """Sums of fiscal years, the first of which has `first` periods."""
    years = [0] * (max(charged) // 12 + 2)
    for period, charge in charged.items():
        years[(period - first) // 12 + 1] += charge
    return years[: max(n for n, charge in enumerate(years) if charge) + 1]


JANUARY, OCTOBER = date(2022, 1, 10), date(2022, 10, 4)
COST = 10_000_00
TABLE = {"method": "macrs", "percents": PERCENTS}
ASKED = [int(Fraction(p) * COST / 100) for p in PERCENTS]


@pytest.mark.parametrize("convention", ["full_month", "half_year", "mid_quarter", "full_year"])
def test_a_table_charges_its_fiscal_years(convention: str) -> None:
    """Whenever in the year, by whatever clock, each fiscal year takes its percentage."""
    book = book_of({**TABLE, "convention": convention})
    assert by_year(charges(Asset(COST, JANUARY), book)) == ASKED
    assert by_year(charges(Asset(COST, OCTOBER), book), 3) == ASKED
    assert by_year(charges(Asset(COST, OCTOBER), book, calendar=FiscalCalendar(6)), 9) == ASKED


def test_a_table_whose_clock_starts_with_the_next_year() -> None:
    """Placed in service in the last month, charged from the month after: the first percentage is of that year."""
    book = book_of({**TABLE, "convention": "following_month"})
    assert by_year(charges(Asset(COST, date(2022, 12, 4)), book), 13) == ASKED


def change(day: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"effective_date": date.fromisoformat(day), "kind": kind, **more}


def test_a_change_in_the_middle_of_a_year_of_a_table() -> None:
    """A tenth of the cost is lost in June: what is left of each percentage is charged of what is left to charge.

    Half of 20 percent is used, 90 percent is left over which 80 is charged: the rest of each year is 8/9 of it.
    """
    book = book_of(TABLE)
    lost = change("2022-06-30", "impairment", amount_minor=COST // 10)
    got = by_year(charges(Asset(COST, JANUARY), book, [lost]))
    percents = [Fraction(p) for p in PERCENTS]
    assert got[0] == COST // 10 + round(COST * Fraction(8, 100) * 10 / 9)
    exact = [percents[0] / 2 + percents[0] / 2 * 8 / 9, *(p * 8 / 9 for p in percents[1:])]
    assert all(abs(charge - COST * p / 100) <= 1 for charge, p in zip(got, exact, strict=True))
    assert sum(got) == COST - COST // 10


@pytest.mark.parametrize("in_service", [JANUARY, OCTOBER])
@pytest.mark.parametrize(
    "policy",
    [
        TABLE,
        {"method": "table", "percents": ["50", "0", "30", "20"], "convention": "mid_month"},
        {"method": "units_of_production", "usage": ["10", "0", "30", "5", "20"], "total_usage": "100"},
        {"method": "manual", "amounts": ["1", "2", "3", "4", "0", "10"]},
        {"method": "economic", "prices": [["0", "100"], ["3", "70"], ["9", "80"], ["18", "10"]]},
    ],
)
def test_a_note_that_changes_nothing_changes_nothing(policy: dict[str, Any], in_service: date) -> None:
    """A curve given as data is gone on with, in the middle of a year, at its end, and after it."""
    book, asset = book_of(policy), Asset(7_777_77, in_service)
    plain = charges(asset, book)
    for day in ("2022-10-31", "2023-03-31", "2023-12-31", "2024-02-29", "2029-05-31"):
        noted = charges(asset, book, [change(day, "estimate")])
        assert sum(noted.values()) == sum(plain.values())
        assert all(abs(noted.get(n, 0) - plain.get(n, 0)) <= 1 for n in {*noted, *plain})


def test_usage_to_date() -> None:
    """100,000 over 1,000 hours expected: 10 a month and then 990 more than is left; what is not used is not charged."""
    book = book_of({"method": "units_of_production", "usage": ["100", "0", "250", "900"], "total_usage": "1000"})
    assert charges(Asset(100_000, JANUARY), book) == {0: 10_000, 1: 0, 2: 25_000, 3: 65_000}
    short = book_of({"method": "units_of_production", "usage": ["100", "250"], "total_usage": "1000"})
    assert charges(Asset(100_000, JANUARY), short) == {0: 10_000, 1: 25_000}


def test_amounts_entered_by_hand() -> None:
    """They are shares of what they add up to, so a residual value scales them."""
    book = book_of({"method": "manual", "amounts": ["500", "300", "200"], "residual_rate": "0.1"})
    assert charges(Asset(1_000, JANUARY), book) == {0: 450, 1: 270, 2: 180}


def test_from_a_life_to_a_table() -> None:
    """A table that comes with a later policy is entered at the age reached: two of its years are past."""
    book = book_of(
        {"life_months": 48}, {"effective": date(2024, 1, 1), "method": "table", "percents": ["40", "30", "20", "10"]}
    )
    assert by_year(charges(Asset(1_200_00, JANUARY), book)) == [300_00, 300_00, 400_00, 200_00]


def test_from_a_table_to_a_life() -> None:
    """40 and 30 percent are used; 30 percent over 36 of 60 months."""
    book = book_of(
        {"method": "table", "percents": ["40", "30", "20", "10"]}, {"effective": date(2024, 1, 1), "life_months": 60}
    )
    assert by_year(charges(Asset(1_200_00, JANUARY), book)) == [480_00, 360_00, 120_00, 120_00, 120_00]


def test_stages_of_a_walk() -> None:
    """First and last period, share used and what began each."""
    policy = book_of({"life_months": 40}).track("*")
    happens = [
        Change(date(2022, 5, 31), "impairment", number=0),
        Change(date(2022, 6, 15), "held_for_sale", number=1),
        Change(date(2022, 8, 31), "back_in_use", life_months=25, number=2),
        Change(date(2022, 12, 31), "disposal", number=3),
    ]
    stages, first = Stages(FiscalCalendar()), period_of(JANUARY)
    found = stages.walk(policy, JANUARY, changes=happens)
    assert [(s.first_period - first, s.share_id is None) for s in found] == [
        (0, False), (5, True), (5, True), (8, False), (11, True),
    ]  # fmt: skip
    assert [s.last_period and s.last_period - first for s in found] == [4, 4, 7, 10, None]
    assert [s.used for s in found[:4]] == [Fraction(5, 40), 0, 0, Fraction(3, 17)]
    begun = [None, "impairment", "held_for_sale", "back_in_use", "disposal"]
    assert [s.change and s.change.kind for s in found] == begun
    assert [s.moved and s.moved - first for s in found] == [None, 4, 5, 7, 11]
    last = stages.shares.frames(Segments.create_empty())[1].filter(share_id=1)
    assert last["num"].to_list() == list(range(1, 18))
    assert last["den"].unique().to_list() == [17]


def test_a_calendar_of_weeks() -> None:
    """NVIDIA's fiscal 2025 from its first day: twelve periods a year, a day count by the days of each."""
    weeks = FiscalCalendar(1, "4-4-5")
    day = date(2024, 1, 29)
    assert charges(Asset(2_400, day), book_of({"life_months": 24}), calendar=weeks) == dict.fromkeys(range(24), 100)
    daily = book_of({"life_months": 12, "convention": "daily"})
    months = charges(Asset(364, day), daily, calendar=weeks)
    assert list(months.values()) == [28, 28, 35] * 4


def test_a_curve_that_never_ends_is_given_up() -> None:
    with pytest.raises(Refused) as fault:
        ticks(((Fraction(0), Fraction(0)), (Fraction(20_000), Fraction(1))), MonthClock(Fraction(0)))
    why = "the life is beyond the calendar\n  do: use a shorter life"
    assert str(fault.value) == f"curve: not used up after 12000 periods\n  why: {why}"


def test_points_are_for_methods_whose_curve_is_data() -> None:
    given = "units_of_production, macrs, table, manual, economic"
    for method, points in (("table", ()), ("straight_line", ((Fraction(0), Fraction(0)),))):
        with pytest.raises(Refused) as fault:
            Terms(method, Fraction(12), points=points)
        assert str(fault.value) == (
            f"method: {method} and its points do not go together\n  do: points are for: {given}"
        )


# What a policy refuses


def refused(**policy: Any) -> str:
    with pytest.raises(Refused) as fault:
        book_of(policy)
    return str(fault.value)


COMPARE = "\n  do: compare it with the files in schedules/"
CHARGED = "\n  why: the whole amount must be charged"


def test_methods_without_their_data() -> None:
    sum_to = "percentages sum to 0\n  why: the whole amount must be charged\n  do: make them sum to 100"
    assert refused(method="macrs") == refused(method="table") == f"table: {sum_to}"
    assert refused(method="units_of_production") == (
        "usage: total expected usage 0\n  why: nothing could be used up\n  do: give a positive total"
    )
    assert refused(method="units_of_production", total_usage="5") == (
        "usage: no usage\n  why: nothing says what is used up\n  do: give the usage of each period"
    )
    assert refused(method="economic") == (
        "price path: ages do not run upwards from 0\n  do: give the price when new first"
    )
    assert refused(method="manual") == (
        f"manual schedule: amounts sum to 0, the depreciable amount is 0{CHARGED}\n  do: correct the amounts"
    )
    for method in ("straight_line", "declining_balance", "sum_of_years_digits"):
        assert refused(method=method) == f"book: policy.0: {method} needs life_months{COMPARE}"


def test_data_that_are_no_curve() -> None:
    assert refused(method="table", percents=["50", "40"]).startswith("table: percentages sum to 90\n")
    assert refused(method="table", percents=["150", "-50"]).startswith("table: percentage -50\n")
    assert refused(method="units_of_production", usage=["1", "-1"], total_usage="2").startswith(
        "usage: usage of period 2 is -1\n"
    )
    assert refused(method="manual", amounts=["5", "-1"]).startswith("manual schedule: amount -1\n")
    assert refused(method="economic", prices=[["0", "5"], ["12", "5"]]).startswith("price path: the last price")
    assert "policy.0.prices.1.1: " in refused(method="economic", prices=[["0", "5"], ["12", None]])


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("life_months", 1201, "policy.0.life_months: Input should be less than or equal to 1200"),
        ("life_months", 0, "policy.0.life_months: Input should be greater than or equal to 1"),
        ("life_months", -12, "policy.0.life_months: Input should be greater than or equal to 1"),
        ("residual_rate", "1.01", "policy.0.residual_rate: Input should be less than or equal to 1"),
        ("switch", "maybe", "policy.0.switch: Input should be 'remaining', 'original' or 'none'"),
        ("reset", "tax_year", "policy.0.reset: Input should be 'asset_year' or 'fiscal_year'"),
    ],
)
def test_fields_that_are_refused(field: str, value: Any, text: str) -> None:
    assert refused(**{"life_months": 12, field: value}) == f"book: {text}{COMPARE}"


@pytest.mark.parametrize("field", ["method", "convention", "day_count"])
def test_names_that_do_not_exist(field: str) -> None:
    names: dict[str, list[str]] = {
        "method": list(METHODS),
        "convention": list(CONVENTIONS),
        "day_count": list(DAY_COUNTS),
    }
    known = ", ".join(names[field])
    named = field.replace("_", " ")
    assert refused(life_months=12, **{field: "magic"}) == (
        f"book: policy.0: unknown {named} 'magic'; use one of: {known}{COMPARE}"
    )


def test_the_longest_life_is_used() -> None:
    assert len(charges(Asset(1_200, JANUARY), book_of({"life_months": 1_200}))) == 1_200


def test_a_scenario_whose_curve_is_data() -> None:
    book = scenario(None, method="manual", amounts=["1", "1"])
    assert (book.id, book.policy[0].life) == ("life-manual", Fraction(2))
