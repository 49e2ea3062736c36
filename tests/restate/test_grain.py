"""The schedule by month, quarter and year: a coarse grain is the sum of the fine one."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from depr.balances.grain import GRAINS, by_grain
from depr.kernel.calendar import FiscalCalendar
from depr.pipeline import schedule
from depr.rows.asset import asset
from tests.restate.cases import TWO_YEARS, A, B, book, fleet

FLEET = fleet(
    A, B | {"purchase_date": "2024-05-01", "in_service_date": "2024-05-20"}, A | {"lot_id": "C", "in_service_date": ""}
)


def table(grain: str, year_end: int = 12) -> pl.DataFrame:
    calendar = FiscalCalendar(year_end)
    return by_grain(schedule(FLEET, TWO_YEARS, calendar), FLEET, calendar, grain).collect()


@pytest.mark.parametrize("year_end", range(1, 13))
def test_a_coarse_grain_is_the_sum_of_the_fine_one(year_end: int) -> None:
    months, keys = table("month", year_end), ["lot_id", "fiscal_year", "fiscal_quarter"]
    for grain in ("quarter", "year"):
        coarse, by = table(grain, year_end), keys[: len(GRAINS[grain]) + 1]
        summed = months.sort("lot_id", "period_end").group_by(by, maintain_order=True)
        expected = summed.agg(pl.col("depreciation_minor").sum(), pl.col("accumulated_minor").last())
        assert coarse.select(expected.columns).equals(expected)


@pytest.mark.parametrize(("grain", "length"), [("month", 1), ("quarter", 3), ("year", 12)])
@pytest.mark.parametrize("year_end", range(1, 13))
def test_the_bounds_are_those_of_the_fiscal_period(grain: str, length: int, year_end: int) -> None:
    """Whole periods that end with the year or so many months before it, also where a part of one is charged."""
    for start, end in table(grain, year_end).select("period_start", "period_end").iter_rows():
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        assert (months, start.day, (end + timedelta(1)).day) == (length, 1, 1)
        assert (end.month - year_end) % length == 0


def test_months_by_hand() -> None:
    first = table("month").filter(lot_id="B").head(3)
    assert first.select("fiscal_year", "fiscal_quarter", "period_end", "depreciation_minor").rows() == [
        (2024, 2, date(2024, 5, 31), 100_00),
        (2024, 2, date(2024, 6, 30), 100_00),
        (2024, 3, date(2024, 7, 31), 100_00),
    ]


def test_years_by_hand() -> None:
    rows = table("year", 5).select("lot_id", "fiscal_year", "depreciation_minor", "accumulated_minor").rows()
    assert rows == [
        ("A", 2023, 1_000_00, 1_000_00),  # January to May
        ("A", 2024, 2_400_00, 3_400_00),
        ("A", 2025, 1_400_00, 4_800_00),
        ("B", 2024, 100_00, 100_00),  # the month placed in service counts whole
        ("B", 2025, 1_200_00, 1_300_00),
        ("B", 2026, 1_100_00, 2_400_00),
    ]


def test_a_schedule_past_the_last_date_of_service_is_whole() -> None:
    rows = asset("1000.00", date(2199, 12, 15), "100y", grain="year")
    assert (len(rows), rows["depreciation_minor"].sum(), rows["carrying_amount_minor"][-1]) == (101, 1_000_00, 0)


def test_every_lot_sums_to_its_depreciable_amount() -> None:
    for name in ("sum_of_years_digits", "declining_balance"):
        plan = book("b", ("opening", 37), method=name, convention="mid_month", residual_rate="0.07")
        calendar = FiscalCalendar(1)
        sums = by_grain(schedule(FLEET, plan, calendar), FLEET, calendar, "quarter").group_by("lot_id")
        assert dict(sums.agg(pl.col("depreciation_minor").sum()).collect().iter_rows()) == {
            "A": 4_464_00,
            "B": 2_232_00,
        }
