"""Per-period rounding: what a ledger that rounds each booking holds, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import product

import polars as pl
import pytest

from depr.books.estimates import estimates
from depr.contract import Schedule
from depr.errors import Refused
from depr.kernel.booking import TRUE_UPS, booked
from depr.kernel.calendar import FiscalCalendar, period_of
from tests.kernel.fleets import Case, book_of, lots_of
from tests.oracle import Asset, Rule, half_even

KEYS = {
    "month": ("fiscal_year", "period"),
    "quarter": ("fiscal_year", "fiscal_quarter"),
    "year": ("fiscal_year",),
}
Rows = list[tuple[int, int, int, int]]


def rows_of(asset: Asset | list[Asset], rules: list[Rule], grain: str, true_up: str, year_end: int = 12) -> Rows:
    assets = asset if isinstance(asset, list) else [asset]
    calendar = FiscalCalendar(year_end)
    segments, shares, _ = estimates(lots_of(map(Case, assets)), book_of({"*": rules}), calendar)
    months = calendar.frame(period_of(date(2020, 1, 1)), period_of(date(2040, 12, 1)))
    rows = booked(segments.lazy(), shares.lazy(), months.lazy(), KEYS[grain], true_up).collect()
    assert rows.columns == Schedule.column_names()
    return rows.sort("lot", "period").rows()


def charged(rows: Rows) -> list[int]:
    return [row[2] for row in rows]


JANUARY = date(2024, 1, 5)


def test_the_last_row_takes_the_rest() -> None:
    """1,000 over 7 months: 142.857 is 143; seven of them are a cent too many."""
    rows = rows_of(Asset(1_000, JANUARY), [Rule(7)], "month", "life")
    assert charged(rows) == [143, 143, 143, 143, 143, 143, 142]
    assert [row[3] for row in rows] == [143, 286, 429, 572, 715, 858, 1_000]
    assert [row[1] for row in rows] == [period_of(JANUARY) + n for n in range(7)]


def test_each_year_made_good() -> None:
    """1,000 over 36 months from October: 27.78 is 28; the years are 83.33, 333.33, 333.33 and 250."""
    october = Asset(1_000, date(2024, 10, 1))
    assert charged(rows_of(october, [Rule(36)], "month", "life")) == [28] * 35 + [20]
    yearly = charged(rows_of(october, [Rule(36)], "month", "fiscal_year"))
    assert yearly == [28, 28, 27, *[28] * 11, 25, *[28] * 11, 25, *[28] * 8, 1_000 - 83 - 333 - 333 - 224]
    june = charged(rows_of(october, [Rule(36)], "month", "fiscal_year", 6))
    assert june[:9] == [28] * 8 + [250 - 224]


def test_a_quarter_and_a_year_are_rounded_once() -> None:
    """1,000 over 36 months from October: a quarter is 83.33, a year 333.33; `period` is the last of each."""
    october = Asset(1_000, date(2024, 10, 1))
    quarters = rows_of(october, [Rule(36)], "quarter", "life")
    assert charged(quarters) == [83] * 11 + [87]
    assert [row[1] for row in quarters] == [period_of(date(2024, 12, 1)) + 3 * n for n in range(12)]
    years = rows_of(october, [Rule(36)], "year", "life")
    assert charged(years) == [83, 333, 333, 251]
    assert [row[1] for row in years] == [period_of(date(year, 12, 1)) for year in (2024, 2025, 2026)] + [
        period_of(date(2027, 9, 1))
    ]
    assert charged(rows_of(october, [Rule(36)], "quarter", "fiscal_year"))[:5] == [83, 83, 83, 83, 84]


def test_halves_go_to_even() -> None:
    assert charged(rows_of(Asset(10, JANUARY), [Rule(4)], "month", "life")) == [2, 2, 2, 4]
    assert charged(rows_of(Asset(14, JANUARY), [Rule(4)], "month", "life")) == [4, 4, 4, 2]


def test_a_change_makes_good_what_was_booked_before_it() -> None:
    """1,000 over 7 months for three of them, 428.57; then 571 over the nine that remain of 12."""
    rows = rows_of(Asset(1_000, JANUARY), [Rule(7), Rule(12, effective=date(2024, 4, 1))], "month", "life")
    assert charged(rows) == [143, 143, 143, *[63] * 8, 571 - 8 * 63]
    assert rows[-1][3] == 1_000


@pytest.mark.parametrize(("grain", "true_up"), list(product(KEYS, TRUE_UPS)))
@pytest.mark.parametrize("year_end", [12, 5])
def test_every_row_equals_one_worked_out_alone(grain: str, true_up: str, year_end: int) -> None:
    """Fractions of the base by row, each rounded half to even, the last of each span taking what is left."""
    days = [date(2024, 1, 5), date(2024, 5, 31), date(2024, 6, 1), date(2024, 12, 31)]
    assets = [Asset(cost, day) for cost, day in product((1, 99, 100_000, 10**15 + 7), days)]
    for life in (1, 7, 36, 41):
        rows = rows_of(assets, [Rule(life)], grain, true_up, year_end)
        for lot, asset in enumerate(assets):
            want = by_hand(asset, life, grain, true_up, year_end)
            assert [row[1:3] for row in rows if row[0] == lot] == want
            assert sum(charge for _, charge in want) == asset.cost


def by_hand(asset: Asset, life: int, grain: str, true_up: str, year_end: int) -> list[tuple[int, int]]:
    """Straight line, full months: (period, charge)."""
    first = period_of(asset.in_service)
    bookings: dict[tuple[int, int], list[int]] = {}
    for period in range(first, first + life):
        year, month = divmod(period - year_end, 12)
        bookings.setdefault((year, {"month": month, "quarter": month // 3, "year": 0}[grain]), []).append(period)
    spans: dict[int, list[tuple[int, int]]] = {}
    for (year, _), periods in bookings.items():
        amount = half_even(asset.cost * len(periods), life)
        spans.setdefault(year if true_up == "fiscal_year" else 0, []).append((periods[-1], amount))
    done, rows = 0, []
    for span in spans.values():
        months = span[-1][0] + 1 - first
        whole = half_even(asset.cost * (months - done), life)
        done = months
        rows += made_good(span, whole)
    return made_good(rows, asset.cost)


def made_good(rows: list[tuple[int, int]], whole: int) -> list[tuple[int, int]]:
    *others, (period, _) = rows
    return [*others, (period, whole - _total(others))]


def _total(rows: Iterable[tuple[int, int]]) -> int:
    return sum(charge for _, charge in rows)


def test_an_unknown_true_up_is_refused() -> None:
    nothing = pl.LazyFrame()
    with pytest.raises(Refused) as fault:
        booked(nothing, nothing, nothing, ("fiscal_year",), "never")
    assert str(fault.value) == "input: unknown true-up 'never'\n  do: use one of: fiscal_year, life"


def test_the_rounding_is_made_good_at_the_end_unless_said_otherwise() -> None:
    """1,000 over 36 months from October: 28 a month, and 20 in the last, whatever the years add up to."""
    calendar = FiscalCalendar(12)
    segments, shares, _ = estimates(
        lots_of([Case(Asset(1_000, date(2024, 10, 1)))]), book_of({"*": [Rule(36)]}), calendar
    )
    months = calendar.frame(period_of(date(2024, 1, 1)), period_of(date(2028, 12, 1)))
    rows = booked(segments.lazy(), shares.lazy(), months.lazy(), KEYS["month"]).collect()
    assert charged(rows.sort("period").rows()) == [28] * 35 + [20]
