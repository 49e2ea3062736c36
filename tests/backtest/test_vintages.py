"""Vintages from balances: fleets whose purchases are known, recovered from the statements they would have given."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.backtest.life_changes import book
from depr.backtest.reconciliation import COLUMNS, fitted_share, reconcile
from depr.backtest.run import inferred
from depr.backtest.vintages import Year, additions, ledger, vintages
from depr.contract import Purchases
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar, period_of

MILLION = 10**8
CALENDAR = FiscalCalendar()


def statements(placed: dict[int, int], life: int, capex: int = 1) -> list[Year]:
    """Balances of an entity that owns nothing but the class, retires what is fully depreciated, and places in service
    evenly over each year: depreciation of half a year's share in the first and the last year."""
    years, gross, accumulated = [], 0, 0
    for year, cost in placed.items():
        charge = sum(
            Fraction(c, life) * (Fraction(1, 2) if age in (0, life) else 1)
            for y, c in placed.items()
            if 0 <= (age := year - y) <= life
        )
        gone = placed.get(year - life, 0)
        gross, accumulated = gross + cost - gone, accumulated + int(charge) - gone
        years.append(Year(year, gross, gross, accumulated, int(charge), cost * capex))
    return years


PLACED = {2010: 240, 2011: 360, 2012: 480, 2013: 120, 2014: 600, 2015: 840, 2016: 960}
KNOWN = {year: cost * MILLION for year, cost in PLACED.items()}


def test_a_fleet_that_retires_what_is_used_up_is_recovered_exactly() -> None:
    found = {each.fiscal_year: each for each in additions(statements(KNOWN, 3), 3)}
    for year in range(2011, 2017):
        assert set(found[year].placed[1:]) == {Fraction(KNOWN[year])}
        assert found[year].retired[2] == KNOWN.get(year - 3, 0)
        assert found[year].placed[0] == max(KNOWN[year] - KNOWN.get(year - 3, 0), 0)


def test_without_retirements_the_bounds_meet() -> None:
    found = additions(statements(KNOWN, 20), 20)
    assert all(len(set(each.placed)) == 1 for each in found)


def test_years_between_balances_share_by_capital_expenditure() -> None:
    told = statements(KNOWN, 20)
    told[3] = Year(2013, capex=told[3].capex)
    found = {each.fiscal_year: each for each in additions(told, 20)}
    assert [found[year].placed[1] for year in (2013, 2014)] == [Fraction(KNOWN[year]) for year in (2013, 2014)]
    assert found[2013].how == "balances of several years"


def test_beyond_the_balances_capital_expenditure_leads() -> None:
    told = [*statements(KNOWN, 20), Year(2017, capex=480 * MILLION)]
    told[0] = Year(2010, capex=told[0].capex)
    found = {each.fiscal_year: each for each in additions(told, 2)}
    assert found[2017].placed[1] == 480 * MILLION
    assert (found[2010].placed[1], found[2010].how) == (Fraction(KNOWN[2010]), "capital expenditure")


def test_additions_beyond_the_balances_take_the_nearest_ratio() -> None:
    """Of 100 spent, what is placed in service between balances: 20, 40, 60; then a fifth before, three fifths after."""
    gross = {2011: 1000, 2012: 1020, 2013: 1060, 2014: 1120}
    told = [Year(year, class_gross=gross.get(year), gross=gross.get(year), capex=100) for year in range(2009, 2017)]
    found = {each.fiscal_year: each.placed[1] for each in additions(told, 2)}
    assert [found[year] for year in (2012, 2013, 2014, 2015, 2016)] == [20, 40, 60, 60, 60]
    assert [found[year] for year in (2010, 2011)] == [20, 20]


def test_the_class_takes_its_share_of_what_was_retired_as_last_known() -> None:
    """80 is retired in 2013 of all property, of which the class was all, a half, and a quarter at the end of 2012."""
    gross = {2010: (100, 100), 2011: (100, 200), 2012: (100, 400), 2013: (100, 100)}
    told = [Year(year, *both, 0, 80, 50) for year, both in gross.items()]
    found = {each.fiscal_year: [*map(int, each.retired)] for each in additions(told, 9)}
    assert [found[year] for year in (2011, 2012, 2013)] == [[0, 80, 80], [0, 40, 80], [0, 20, 80]]


@pytest.mark.parametrize(
    ("spent", "costs"),
    [((10, 20, 30, 40), [100, 200, 300, 400]), ((10, 20, 30, None), [250] * 4), ((10, 20, 30, 0), [250] * 4)],
)
def test_a_year_is_split_by_what_each_quarter_spent(spent: tuple[int | None, ...], costs: list[int]) -> None:
    """1,000 placed in service in 2024; in equal parts where a quarter is not known."""
    told = [Year(2023, class_gross=500), Year(2024, class_gross=1500, capex=100, quarters=spent)]
    found = [each for each in vintages(told, CALENDAR, 1) if each.fiscal_year == 2024]
    assert [each.cost[1] for each in found] == costs
    assert [each.in_service for each in found] == [date(2024, month, 1) for month in (2, 5, 8, 11)]


def test_one_balance_is_spread_over_the_years_of_known_expenditure() -> None:
    """Together they are the balance, to the unit."""
    told = [Year(2024, capex=100), Year(2025, class_gross=1000, capex=300)]
    assert [(each.fiscal_year, each.placed[1]) for each in additions(told, 4)] == [
        (2024, Fraction(250)),
        (2025, Fraction(750)),
    ]


def test_nothing_known_is_nothing_inferred() -> None:
    assert additions([Year(2024, capex=100)], 4) == []
    assert additions([], 4) == []


def test_what_was_there_before_is_at_most_the_first_balance() -> None:
    told = statements(KNOWN, 20)[4:]
    found = additions(told, 20)
    before = [each.placed for each in found if each.fiscal_year <= 2014]
    assert len(before) == 20
    for bound in range(3):
        assert sum(each[bound] for each in before) <= (told[0].class_gross or 0)


amounts = st.integers(0, 10**15)
parts = st.lists(amounts, min_size=4, max_size=4)


@given(
    st.lists(st.tuples(amounts, amounts, amounts, amounts, parts), min_size=1, max_size=6),
    st.integers(1, 12),
    st.integers(1, 8),
)
def test_quarters_add_up_and_bounds_are_in_order(
    rows: list[tuple[int, int, int, int, list[int]]], month: int, life: int
) -> None:
    told = [
        Year(2015 + n, gross, gross + rest, None if rest % 3 == 0 else used, charge, sum(spent), quarters=tuple(spent))
        for n, (gross, rest, used, charge, spent) in enumerate(rows)
    ]
    calendar = FiscalCalendar(month)
    found = vintages(told, calendar, life)
    years = {each.fiscal_year: each for each in additions(told, life)}
    for year, each in years.items():
        of_year = [v for v in found if v.fiscal_year == year]
        assert sum(v.cost[1] for v in of_year) == round(each.placed[1])
        assert all(0 <= v.cost[0] <= v.cost[1] <= v.cost[2] for v in of_year)
        for v in of_year:
            assert calendar.year_of(period_of(v.in_service)) == year
            assert calendar.month_of_year(period_of(v.in_service)) == v.quarter * 3 - 2
    assert sum(v.cost[2] for v in found) >= sum(v.cost[1] for v in found)


@given(st.lists(st.tuples(amounts, amounts, amounts, amounts), min_size=2, max_size=6))
def test_the_gross_of_the_class_is_reproduced(rows: list[tuple[int, int, int, int]]) -> None:
    """opening + placed - retired = closing, in every bound, unless more was retired than that leaves."""
    told = [Year(2015 + n, g, g + rest, used, charge, charge) for n, (g, rest, used, charge) in enumerate(rows)]
    for before, after in pairwise(told):
        [each] = [a for a in additions(told, 3) if a.fiscal_year == after.fiscal_year]
        for placed, retired in zip(each.placed, each.retired, strict=True):
            assert placed == max((after.class_gross or 0) - (before.class_gross or 0) + retired, 0)


def test_vintages_are_an_ordinary_ledger_marked_as_inferred() -> None:
    rows = ledger("ACME", "USD", vintages(statements(KNOWN, 3), CALENDAR, 3))
    assert Purchases.is_valid(rows)
    assert rows["lot_id"].is_unique().all()
    assert rows["document"].str.starts_with("inferred from ").all()
    assert rows.filter(pl.col("lot_id").str.contains("2014Q"))["cost_minor"].sum() == KNOWN[2014]
    assert rows.filter(lot_id="ACME-SERVERS-2014Q2")["in_service_date"].item() == date(2014, 5, 1)


def test_the_expense_of_a_known_fleet_is_reproduced() -> None:
    """Quarters in the middle of which lots begin charge half a year in the first year: the residual is nothing."""
    told = statements(KNOWN, 3)
    rows = reconcile(told, vintages(told, CALENDAR, 3), book(36, []), CALENDAR).filter(bound="mid")
    later = rows.filter(pl.col("fiscal_year") >= 2014)  # nothing before the first balance is left
    assert later["expense_class_minor"].to_list() == [year.depreciation for year in told[4:]]
    assert set(rows.columns) == set(COLUMNS)


def test_the_share_of_retirements_that_fits_the_expense() -> None:
    """Half of what is retired belongs to another class; its own expense is disclosed."""
    told = [
        Year(
            y.fiscal_year,
            y.class_gross,
            y.gross,
            (y.accumulated or 0) - sum(gone[: n + 1]),
            y.depreciation,
            y.capex,
            class_depreciation=y.depreciation,
        )
        for gone in [[0, 0, 0, *(KNOWN[year - 3] for year in range(2013, 2017))]]
        for n, y in enumerate(statements(KNOWN, 3))
    ]
    assert fitted_share(told, book(36, []), CALENDAR, 3) == Fraction(1, 2)


# Issuers


@pytest.mark.parametrize("issuer", ["AMZN", "GOOGL", "META", "MSFT", "ORCL"])
def test_inferred_vintages_of_an_issuer(issuer: str) -> None:
    made = inferred(issuer)
    assert Purchases.is_valid(made.ledger)
    assert (made.ledger["cost_low_minor"] <= made.ledger["cost_high_minor"]).all()
    assert 0 <= made.retired_share <= 1
    rows = made.reconciliation
    assert set(rows["bound"]) == {"low", "mid", "high"}
    known = rows.filter(pl.col("bound") == "mid", pl.col("expense_residual_minor").is_not_null())
    sizes = sorted(
        Fraction(abs(left), told)
        for left, told in known.select("expense_residual_minor", "expense_reported_minor").rows()
    )
    assert len(sizes) >= 6
    assert sizes[len(sizes) // 2] <= Fraction(8, 100), "half the years within 8 percent of the reported expense"
    assert sizes[-1] <= Fraction(20, 100)


def test_the_vintages_follow_the_gross_of_microsoft() -> None:
    """What is in life and what is fully depreciated are the reported gross, in every year that reports it."""
    rows = inferred("MSFT").reconciliation
    for row in rows.iter_rows(named=True):
        assert row["in_life_minor"] + row["fully_depreciated_minor"] == row["gross_reported_minor"]
        assert row["fully_depreciated_minor"] >= 0 or row["bound"] == "high"
    mid = rows.filter(bound="mid", fiscal_year=2020).row(0, named=True)
    assert mid["gross_reported_minor"] == 41_261 * MILLION
    assert mid["accumulated_reported_minor"] == 43_197 * MILLION


def test_an_issuer_without_balances_is_refused() -> None:
    with pytest.raises(Refused, match="unknown issuer 'IBM'"):
        inferred("IBM")
