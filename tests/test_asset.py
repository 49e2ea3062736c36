"""One asset booked row by row, as some ledgers do, beside the same asset on its curve."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.rows.asset import asset
from depr.rows.clocks import ROW_CLOCKS
from depr.rows.profiles import booking_of, profiles
from depr.rows.rows import Booking
from tests.size import examples

NEW_YEAR = date(2024, 1, 1)
MONTHLY = sorted(CONVENTIONS.keys() - {"daily"})


def charges(*given: Any, **options: Any) -> list[int]:
    return asset(*given, **options)["depreciation_minor"].to_list()


@examples(60)
@given(
    cost=st.integers(10_000, 10**12),
    day=st.dates(date(1999, 1, 1), date(2060, 12, 31)),
    life=st.integers(1, 120),
    method=st.sampled_from(["straight_line", "declining_balance", "sum_of_years_digits"]),
    convention=st.sampled_from(MONTHLY),
    grain=st.sampled_from(["month", "quarter", "year"]),
    year_end=st.integers(1, 12),
)
def test_rows_on_the_curve_are_the_schedule(
    cost: int, day: date, life: int, method: str, convention: str, grain: str, year_end: int
) -> None:
    """What rows book from the curve, rounded as accumulated, is what the schedule of any period says."""
    options: dict[str, Any] = {"method": method, "convention": convention, "grain": grain}
    given = (f"{cost // 100}.{cost % 100:02}", day, f"{life}m")
    calendar = FiscalCalendar(year_end)
    on_curve = asset(*given, calendar=calendar, **options).filter(pl.col("depreciation_minor") != 0)
    in_rows = asset(*given, calendar=calendar, booking={}, **options).filter(pl.col("depreciation_minor") != 0)
    assert in_rows.equals(on_curve)


@examples(40)
@given(
    cost=st.integers(10_000, 10**12),
    day=st.dates(date(1999, 1, 1), date(2060, 12, 31)),
    life=st.integers(1, 120),
    grain=st.sampled_from(["month", "quarter", "year"]),
    true_up=st.sampled_from(["life", "fiscal_year"]),
    year_end=st.integers(1, 12),
)
def test_rounding_per_period_is_the_same_in_rows(
    cost: int, day: date, life: int, grain: str, true_up: str, year_end: int
) -> None:
    given = (f"{cost // 100}.{cost % 100:02}", day, f"{life}m")
    whole = grain == "month" or true_up == "life"
    options: dict[str, Any] = {"rounding": "per_period", "true_up": true_up if whole else "life"}
    options |= {"grain": grain, "calendar": FiscalCalendar(year_end)}
    assert asset(*given, booking={}, **options).equals(asset(*given, **options))


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        # 30,000 a year, 336 of 365 days of it first (frappe/erpnext: test_asset.py, the prorated straight line).
        (
            {"convention": "period_ends", "grain": "year", "residual": "10000"},
            [27_616_44, 30_000_00, 30_000_00, 2_383_56],
        ),
        (
            {"convention": "both_ends", "grain": "year", "residual": "10000"},
            [27_616_44, 30_000_00, 30_000_00, 2_383_56],
        ),
        ({"convention": "row_days", "grain": "year", "residual": "10000"}, [27_616_44, 30_000_00, 30_000_00, 2_383_56]),
        (
            {"convention": "first_year", "grain": "year", "residual": "10000"},
            [27_616_44, 30_000_00, 30_000_00, 2_383_56],
        ),
    ],
    ids=lambda part: part["convention"] if isinstance(part, dict) else "",
)
def test_a_row_clock_is_a_convention(options: dict[str, Any], rows: list[int]) -> None:
    assert charges("100000", date(2030, 1, 30), "36m", rounding="per_period", **options) == rows


def test_row_clocks_differ_where_months_do() -> None:
    """12,000 in a year from 16 January 2024: January has 31 days, the year 366; 29 February is not always counted."""
    found = {name: charges("12000", date(2024, 1, 16), "12m", convention=name)[:3] for name in ROW_CLOCKS}
    assert found == {
        "period_ends": [round(100_000 * Fraction(16, 31)), 100_000, 100_000],
        "both_ends": [round(100_000 * Fraction(16, 31)), 100_000, 100_000],
        "row_days": [1_200_000 * 16 // 366, round(Fraction(1_200_000 * 45, 366)) - 52_459, 101_639],
        "first_year": [50_820, 100_000, 100_000],
    }


def test_declining_from_the_booked_balance() -> None:
    """40 percent a year of what is left, by half-years: 200, then 120 of 600, until the residual value stops it."""
    rows = charges(
        "1000",
        NEW_YEAR,
        "4y",
        residual="100",
        grain="half_year",
        method="declining_balance",
        rate_percent="40",
        booking={"declining_from": "booked", "residual_as": "floor", "switch": "none"},
    )
    assert rows == [200_00, 200_00, 120_00, 120_00, 72_00, 72_00, 43_20, 72_80]


def test_the_rate_of_a_declining_method() -> None:
    """Factor 2 unless said otherwise; the fixed rate 1 - (125 / 1000) ^ (1 / 3) is a half."""
    options: dict[str, Any] = {"grain": "year", "method": "declining_balance", "residual": "125"}
    walked = {"declining_from": "booked", "residual_as": "floor", "switch": "none"}
    assert charges("1000", NEW_YEAR, "3y", **options, booking=walked) == [666_67, 208_33]
    assert charges("1000", NEW_YEAR, "3y", **options, booking={**walked, "rate_rule": "root"}) == [
        500_00,
        250_00,
        125_00,
    ]
    assert charges("1000", NEW_YEAR, "3y", **options, factor="1", booking=walked) == [333_33, 222_22, 319_45]


def test_a_percentage_of_cost_and_a_table() -> None:
    """25 percent of cost, half of it in the first year; a table by year, half a year in service in the first."""
    options: dict[str, Any] = {"grain": "year", "method": "percent_of_cost", "rate_percent": "25"}
    assert charges("1000", date(2024, 7, 1), **options, first_year_part="0.5") == [
        125_00,
        250_00,
        250_00,
        250_00,
        125_00,
    ]
    table: dict[str, Any] = {"grain": "year", "method": "table", "percents": ["40", "40", "20"], "booking": {}}
    assert charges("1000", date(2024, 7, 1), "6y", **table) == [200_00, 400_00, 200_00, 200_00]


def test_what_a_life_is_charged_over_is_not_made_up() -> None:
    for method in ("straight_line", "sum_of_years_digits"):
        with pytest.raises(Refused, match=f"{method} has no life"):
            charges("1000", NEW_YEAR, None, grain="year", method=method, booking={})
    rated: dict[str, Any] = {"grain": "year", "method": "declining_balance", "rate_percent": "50", "booking": {}}
    assert charges("1000", NEW_YEAR, None, **rated)[:2] == [500_00, 250_00]


@pytest.mark.parametrize(
    ("method", "term", "what"),
    [
        ("straight_line", {"rate_percent": "20"}, "straight_line takes no rate_percent"),
        ("straight_line", {"percents": ["50", "50"]}, "straight_line takes no percents"),
        ("sum_of_years_digits", {"factor": "3"}, "sum_of_years_digits takes no factor"),
        ("declining_balance", {"first_year_part": "1/2"}, "declining_balance takes no first_year_part"),
        ("declining_balance", {"factor": "2", "rate_percent": "40"}, "rate_percent and factor are both a yearly rate"),
        (
            "percent_of_cost",
            {"rate_percent": "20", "convention": "half_year"},
            "percent_of_cost takes no convention",
        ),
        ("table", {"percents": ["50", "50"], "factor": "2"}, "table takes no factor"),
    ],
)
def test_a_term_that_would_change_no_row_is_refused(method: str, term: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what):
        charges("1000", NEW_YEAR, "5y", grain="year", method=method, booking={}, **term)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"factor": "3"}, "straight_line takes no factor"),
        ({"switch": "none"}, "straight_line takes no switch"),
        ({"percents": ["10", "90"]}, "straight_line takes no percents"),
        ({"amounts": ["10", "90"]}, "straight_line takes no amounts"),
        ({"method": "sum_of_years_digits", "residual_as": "floor"}, "sum_of_years_digits takes no residual_as"),
        ({"method": "table", "percents": ["50", "50"], "usage": ["1"]}, "table takes no usage"),
        ({"day_count": "actual_365"}, "day_count is how the convention daily counts"),
    ],
)
def test_an_option_that_would_change_no_figure_is_refused(options: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what):
        charges("1000", NEW_YEAR, "2y", grain="year", **options)


def test_profiles_name_their_source_and_lie_on_top_of_one_another() -> None:
    assert {"common", "erpnext", "oca", "tryton", "axelor", "dynamics365"} <= profiles().keys()
    assert all(profile.source and profile.title and profile.on_top_of in profiles() for profile in profiles().values())
    assert booking_of(["oca-14"]) == {**booking_of(["common"]), **booking_of(["oca"]), "first_day": "excluded"}


def test_a_profile_names_the_options_of_a_system() -> None:
    """178 of 365 days of 666.60 are 325.08: five rows of 55.55, and the first row takes the rest."""
    rows = charges("3333", date(2023, 7, 7), "60m", booking=booking_of(["oca", "clock=first_year"]))
    assert rows[:2] == [47_33, 55_55]
    assert booking_of(["axelor-2022"]) == booking_of(["axelor", "last_row=last_day"]) != booking_of(["axelor"])
    assert booking_of(["erpnext", "rate_places=4"])["rate_places"] == "4"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["sepa"], "unknown profile 'sepa'"),
        (["clock=sun"], "unknown clock 'sun'"),
        (["moon=1"], "unknown option 'moon'"),
    ],
)
def test_a_booking_that_does_not_exist(words: list[str], what: str) -> None:
    with pytest.raises(Refused, match=what):
        booking_of(words)


def test_changes_in_rows() -> None:
    """1,200 over a year: 90 more from April over nine months; out on 15 July, 15 of 31 days of 110."""
    told = ["2024-07-15 disposal", "2024-03-31 improvement 90"]
    found = asset("1200", NEW_YEAR, "12m", booking={}, changes=told)
    assert found["depreciation_minor"].to_list() == [100_00] * 3 + [110_00] * 3 + [53_23]
    assert found["period_end"][-1] == date(2024, 7, 15)
    assert found["carrying_amount_minor"].to_list()[-2:] == [660_00, 606_77]
    longer = charges("1200", NEW_YEAR, "12m", booking={}, changes=["2024-06-30 estimate life=24m residual=60"])
    assert longer == [100_00] * 6 + [30_00] * 18
    arrives = ["2024-03-31 opening 300", "2024-06-30 impairment 60"]
    assert charges("1200", NEW_YEAR, "12m", booking={}, changes=arrives) == [100_00] * 3 + [90_00] * 6


OPENED = ("1000", date(2024, 1, 1), "10m")


@pytest.mark.parametrize(
    ("opening", "rows"),
    [
        ("remaining", [85_00] * 8),
        ("annuity", [100_00] * 6 + [80_00]),
        ("theoretical", [-20_00] + [100_00] * 7),
    ],
)
def test_what_follows_an_opening_balance(opening: str, rows: list[int]) -> None:
    """320 of 1,000 after two of ten months, in a ledger that would have booked 200."""
    options: dict[str, Any] = {"booking": {"opening": opening, "rounding": "per_period"}}
    assert charges(*OPENED, **options, changes=["2024-02-29 opening 320"]) == rows
    assert charges(*OPENED, **options, changes=["2030-02-28 opening 320"]) == []


@pytest.mark.parametrize(
    ("last_row", "ends"),
    [("period_end", date(2026, 3, 31)), ("last_day", date(2026, 3, 14)), ("anniversary", date(2026, 3, 15))],
)
def test_the_date_of_the_last_row(last_row: str, ends: date) -> None:
    found = asset("1000", date(2024, 3, 15), "24m", convention="period_ends", booking={"last_row": last_row})
    assert found["period_end"][-1] == ends
    assert all(after["period_start"] > before["period_end"] for before, after in pairwise(found.to_dicts()))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"booking": {"clock": "sun"}}, "unknown clock 'sun'"),
        ({"booking": {"sun": "clock"}}, "unknown option 'sun'"),
        ({"booking": {"rate_places": "few"}}, "rate places 'few' is not a whole number"),
        ({"booking": {}, "grain": "week"}, "unknown grain 'week'"),
        ({"booking": {}, "method": "magic"}, "unknown method 'magic'"),
        ({"booking": {}, "usage": ["1"]}, "unknown option of rows 'usage'"),
        ({"booking": {}, "calendar": FiscalCalendar(1, "4-4-5")}, "rows follow months"),
        ({"booking": {}, "rounding": "up"}, "unknown rounding 'up'"),
        ({"method": "percent_of_cost"}, "no rate"),
        ({"method": "percent_of_cost", "rate_percent": "much"}, "rate_percent 'much' is not a number"),
        ({"method": "percent_of_cost", "rate_percent": "-1"}, "a yearly rate is above nothing"),
        ({"booking": {}, "life": "0m"}, "'0m' is not a useful life"),
        ({"booking": {}, "method": "table", "percents": ["100"]}, "book it by year"),
        ({"booking": {}, "changes": ["2025-01-01 partial_disposal 1/2"]}, "unknown change of rows"),
        ({"booking": {}, "changes": ["2023-01-01 disposal"]}, "is before lot 'asset' was bought on 2024-01-01"),
        ({"booking": {}, "changes": ["2025-01-01 impairment"]}, "impairment of 2025-01-01 has no amount"),
        (
            {"booking": {}, "changes": ["2025-01-01 estimate residual=1001"]},
            "the new residual value of lot 'asset' is above its cost",
        ),
    ],
    ids=str,
)
def test_what_rows_refuse(options: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what):
        asset("1000", NEW_YEAR, **{"life": "3y", **options})


def test_a_date_beyond_the_calendar() -> None:
    with pytest.raises(Refused, match="dates run from"):
        asset("1000", date(1899, 1, 1), "3y", booking={})


@pytest.mark.parametrize("percents", [["60", "50"], ["110", "-10"], []])
def test_a_table_booked_by_rows_is_whole_too(percents: list[str]) -> None:
    with pytest.raises(Refused, match="percent"):
        asset("100", date(2024, 1, 1), "2y", method="table", percents=percents, booking={}, grain="year")


@pytest.mark.parametrize("strange", ["residual_rate", "unknown"])
def test_a_term_that_rows_do_not_know_is_refused(strange: str) -> None:
    with pytest.raises(Refused, match=f"unknown option of rows '{strange}'") as refused:
        charges("120000", NEW_YEAR, "5y", booking={}, **{strange: "0.1"})
    assert {"method", "day_count", "residual_as", "first_row"} < set(
        refused.value.findings[0].do.split(": ")[1].split(", ")
    )
    assert "rounding" not in refused.value.findings[0].do  # it has a name of its own


def test_no_rate_is_rounded_unless_a_profile_says_so() -> None:
    assert Booking().rate_places is None
