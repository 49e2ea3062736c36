"""What befalls lots at the end of a period and within one: the numbers, and that nothing recorded is lost."""

from __future__ import annotations

from collections.abc import Iterable
from csv import DictReader
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from io import StringIO
from pathlib import Path
from random import Random

import polars as pl
import pytest

from depr.books.estimates import estimates
from depr.contract import Events
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.schedule import schedule
from depr.pipeline import befallen, estimated
from depr.rows.asset import asset
from tests.command import run
from tests.kernel.fleets import Case, book_from, book_of, changes_of, lots_of, policy_of
from tests.oracle import Asset, Rule, Turn, told

HEAD = "kind,lot_id,effective_date,issuer,generation,units,unit_cost,currency,amount"
BOUGHT = ("acquisition,{0},2024-01-01,META,h100,10,1200,USD,", "placed_in_service,{0},2024-01-01,,,,,,")
BOOK = """id = "life-2y"
title = "Two years"
kind = "as reported"
source = "a test"
[[policy]]
effective = "opening"
method = "straight_line"
convention = "full_month"
life_months = 24
source = "a test"
"""
LAST_DAY = {
    "A": ("improvement,A,{0},,,,,USD,3000", "disposal,A,{0},,,,,USD,4000"),
    "B": ("partial_disposal,B,{0},,,9,,USD,3600", "disposal,B,{0},,,,,USD,400"),
    "C": ("impairment,C,{0},,,,,USD,1000", "disposal,C,{0},,,,,USD,"),
}


def posted(folder: Path, day: str) -> dict[tuple[str, str], int]:
    """What the journal of June posts to each lot and role, from a file of events to the command."""
    rows = [HEAD, *(row.format(lot) for lot in LAST_DAY for row in BOUGHT)]
    rows += [row.format(day) for told_of in LAST_DAY.values() for row in told_of]
    (folder / "e.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "b.toml").write_text(BOOK, encoding="utf-8")
    for words in (("init", "l.duckdb"), ("import", "l.duckdb", "e.csv"), ("check", "l.duckdb")):
        assert run(folder, *words).code == 0
    lines = run(folder, "journal", "l.duckdb", "2024-06", "--book", "b.toml", "--per-lot", "--format", "csv")
    sums: dict[tuple[str, str], int] = {}
    for line in DictReader(StringIO(lines.out)):
        key = line["lot_id"], line["role"]
        sums[key] = sums.get(key, 0) + int(Fraction(line["debit"]) - Fraction(line["credit"]))
    return sums


@pytest.mark.parametrize("day", ["2024-06-29", "2024-06-30"])
def test_two_events_of_one_day_are_both_booked(tmp_path: Path, day: str) -> None:
    """12,000 over 24 months: five of them are charged, 2,500; the last day of a month is a day as any other."""
    sums = posted(tmp_path, day)
    assert (sums["A", "gpu_equipment"], sums["A", "loss_on_disposal"]) == (-12_000, 8_500)
    assert (sums["A", "acquisition_clearing"], sums["A", "disposal_proceeds"]) == (-3_000, 4_000)
    assert (sums["B", "disposal_proceeds"], sums["B", "gpu_equipment"]) == (4_000, -12_000)
    assert sums["B", "loss_on_disposal"] == 5_500
    assert (sums["C", "impairment_loss"], sums["C", "loss_on_disposal"]) == (1_000, 8_500)


KINDS = ("improvement", "impairment", "estimate", "partial_disposal", "held_for_sale", "back_in_use")


def eventful(rng: Random, cost: int, first: date) -> list[Turn]:
    """A few turns on the edges of periods, several of them on one day, and a disposal."""
    days = [date(2022, 6, 30), date(2022, 7, 1), date(2022, 11, 30), date(2022, 12, 31), first, date(2023, 2, 15)]
    turns = []
    for day in sorted(rng.choice(days) for _ in range(rng.randint(1, 5))):
        kind = rng.choice(KINDS)
        amount = cost // 40 * rng.randint(0, 4) if kind in ("improvement", "impairment") else 0
        part = Fraction(rng.randint(1, 4), 4) if kind == "partial_disposal" else Fraction(0)
        turns.append(Turn(day, kind, amount, rng.choice([None, 30]) if kind == "estimate" else None, part=part))
    if rng.random() < 0.6:
        turns.append(Turn(max(turns[-1].day, rng.choice(days)), "disposal"))
    return turns


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
@pytest.mark.parametrize("method", ["straight_line", "sum_of_years_digits", "declining_balance"])
def test_what_is_recorded_is_what_moves(method: str, convention: str) -> None:
    """Every turn moves its balances in the period of its day, the charges are the checker's, and nothing is left."""
    rng, rule = Random(f"{method} {convention}"), Rule(36, method, convention)
    stories = [(Asset(40_000, date(2021, 12, 5)), eventful(rng, 40_000, date(2021, 12, 5))) for _ in range(12)]
    lots, calendar = lots_of(Case(each) for each, _ in stories), FiscalCalendar()
    segments, shares, moved = estimates(lots, book_of({"*": [rule]}), calendar, changes_of(t for _, t in stories))
    rows = schedule(segments, shares).collect()
    for lot, (each, turns) in enumerate(stories):
        mine, charged = moved.filter(lot=lot), rows.filter(lot=lot)
        assert sorted(mine["period"]) == sorted(calendar.period(turn.day) for turn in turns)
        improved = sum(turn.amount for turn in turns if turn.kind == "improvement")
        assert mine.filter(kind="improvement")["cost_minor"].sum() == improved
        assert charged["depreciation_minor"].sum() == sum(row[2] for row in told(each, rule, turns))
        if turns[-1].kind == "disposal":
            assert each.cost + mine["cost_minor"].sum() == 0
            assert sum([*charged["depreciation_minor"], *mine["accumulated_minor"]]) == 0
            assert mine["impairment_minor"].sum() == 0


SOLD = (date(2022, 11, 30), date(2022, 11, 1), date(2023, 2, 28), date(2023, 6, 16))


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
@pytest.mark.parametrize("method", ["straight_line", "sum_of_years_digits", "declining_balance"])
def test_a_part_that_goes_is_charged_as_if_it_were_a_lot_that_goes(method: str, convention: str) -> None:
    """Nine of ten units beside a lot of nine that is disposed of and one that stays, month by month."""
    first, rule = date(2021, 3, 20), Rule(48, method, convention)
    for day in SOLD:
        part = Turn(day, "partial_disposal", part=Fraction(9, 10))
        stories = [
            (Asset(10**10, first), [part]),
            (Asset(9 * 10**9, first), [Turn(day, "disposal")]),
            (Asset(10**9, first), []),
            (Asset(10**10, first), [replace(part, part=Fraction(1))]),
            (Asset(10**10, first), [Turn(day, "disposal")]),
            (Asset(10**10, first), [Turn(day, "held_for_sale")]),
        ]
        lots = lots_of(Case(each) for each, _ in stories)
        segments, shares, _ = estimates(
            lots, book_of({"*": [rule]}), FiscalCalendar(), changes_of(t for _, t in stories)
        )
        rows = schedule(segments, shares).collect()
        by_lot = [
            dict(
                rows.filter((pl.col("lot") == n) & (pl.col("depreciation_minor") != 0))[
                    "period", "depreciation_minor"
                ].rows()
            )
            for n in range(6)
        ]
        whole, nine, one, all_of_it, gone, held = by_lot
        for period in {*whole, *nine, *one}:
            assert abs(whole.get(period, 0) - nine.get(period, 0) - one.get(period, 0)) <= 2
        assert all_of_it == gone == held


def june(changes: Iterable[str], cost: str = "12000") -> int:
    """The charge of June 2024 of a cost over a year of 366 days, by day."""
    found = asset(cost, date(2024, 1, 1), "12m", convention="daily", changes=tuple(changes))
    return int(found.filter(period_end=date(2024, 6, 30))["depreciation_minor"].sum())


def test_within_a_month_a_change_counts_from_the_end_of_its_day() -> None:
    """200 - 1 days are left after 15 June; what goes is not charged for its day: 100 a day of 36,600."""
    assert june(["2024-06-15 opening 5475.41"]) == 491_80
    assert june(["2024-06-15 impairment 1990"], "36600") == 2_850_00
    assert june(["2024-06-15 partial_disposal 1/1"], "36600") == june(["2024-06-15 disposal"], "36600") == 1_400_00


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
@pytest.mark.parametrize("true_up", ["life", "fiscal_year"])
def test_rows_rounded_on_their_own_come_to_the_same_after_changes_within_a_month(grain: str, true_up: str) -> None:
    happens = ("2024-06-15 partial_disposal 1/3", "2024-06-15 improvement 1000", "2025-02-28 estimate life=30m")
    exact, booked = (
        asset(
            "10000", date(2024, 1, 20), "36m", convention="daily", grain=grain, changes=happens, rounding=r, true_up=t
        )
        for r, t in ((None, None), ("per_period", true_up))
    )
    assert booked["depreciation_minor"].sum() == exact["depreciation_minor"].sum()
    assert booked["accumulated_minor"][-1] == exact["accumulated_minor"][-1]
    apart = (booked["accumulated_minor"] - exact["accumulated_minor"]).abs().to_list()
    assert max(apart) <= len(booked)


@pytest.mark.parametrize(
    "count", ["actual_actual", "actual_365", "actual_life", "no_leap_365", "30_360_eu", "30_360_us"]
)
def test_no_row_comes_after_the_end_of_a_life_by_day(count: str) -> None:
    for day in (date(2024, 7, 1), date(2023, 3, 1), date(2024, 2, 29), date(2022, 12, 31)):
        found = asset("12000", day, "12m", convention="daily", day_count=count)
        end = day.replace(year=day.year + 1, day=min(day.day, 28)) - timedelta(1)
        assert max(found["period_start"].to_list()) <= end
        assert found["accumulated_minor"][-1] == 12_000_00


def test_the_first_year_is_spread_over_its_months_in_service() -> None:
    """Half a year of 6,000 a year: 3,000 over two months from November, over eleven from February."""
    november = asset("12000", date(2024, 11, 20), "24m", convention="half_year")["depreciation_minor"].to_list()
    assert november[:3] == [1_500_00, 1_500_00, 500_00]
    february = asset("12000", date(2024, 2, 20), "24m", convention="half_year")["depreciation_minor"].to_list()
    assert (sum(february[:11]), set(february[:11])) == (3_000_00, {272_73, 272_72})
    quarter = asset("12000", date(2024, 11, 20), "24m", convention="mid_quarter")["depreciation_minor"].to_list()
    assert quarter[:3] == [375_00, 375_00, 500_00]


def test_a_life_estimated_for_a_lot_outranks_a_later_policy_unless_it_is_replaced() -> None:
    """42 months told in 2023; the book goes to 72 in 2025."""
    first, own = date(2023, 1, 1), Turn(date(2023, 12, 31), "estimate", life=42)
    for replaced, months in (("stands", 42), ("replaced", 72)):
        later = Rule(72, effective=date(2025, 1, 1), own_life=replaced)
        policies = [policy_of(Rule(60)), policy_of(later) | {"own_life": replaced}]
        lots, changes = lots_of([Case(Asset(60_000, first))]), changes_of([[own]])
        segments, shares, _ = estimates(lots, book_from(policies), FiscalCalendar(), changes)
        rows = schedule(segments, shares).collect()
        assert len(rows) == months
        assert [row[2] for row in told(Asset(60_000, first), [Rule(60), later], [own])] == rows.sort("period")[
            "depreciation_minor"
        ].to_list()
    with pytest.raises(Refused, match="own_life"):
        book_from([policy_of(Rule(60)) | {"own_life": "maybe"}])


def test_an_impairment_under_another_book_leads_to_the_same_recoverable_amount() -> None:
    """60,000, 60 months reported: 30,000 carried after 30, 10,000 lost, 20,000 recoverable.

    Over 120 months 45,000 is carried and 25,000 lost; over 36, 10,000 is carried and nothing lost.
    """
    day, lots = date(2024, 6, 30), lots_of([Case(Asset(60_000, date(2022, 1, 1)))])
    told_of = {
        "kind": "impairment",
        "lot_id": "L000000",
        "effective_date": day,
        "amount_minor": 10_000,
        "currency": "USD",
    }
    events = Events.validate(pl.DataFrame([told_of | {"seq": 3, "batch": 1}], Events.create_empty().schema), cast=True)
    reported = book_of({"*": [Rule(60)]}).model_copy(update={"id": "own", "kind": "as reported"})
    for life, lost in ((60, 10_000), (120, 25_000), (36, 0)):
        other = book_of({"*": [Rule(life)]})
        moved = estimated(lots, other, FiscalCalendar(), events, {"X": reported}).movements
        assert moved["impairment_minor"].to_list() == [lost]
    elsewhere = {"Y": reported.model_copy(update={"id": "theirs"})}  # the book of another issuer implies nothing here
    assert befallen(lots, other, FiscalCalendar(), events, elsewhere | {"X": reported})["recoverable_minor"].len() == 1
    assert befallen(lots, other, FiscalCalendar(), events, elsewhere)["recoverable_minor"].to_list() == [None]
    same = book_of({"*": [Rule(120)]}).model_copy(update={"impairments": "same_amount"})
    assert befallen(lots, same, FiscalCalendar(), events, {"X": reported})["recoverable_minor"].to_list() == [None]
    assert estimated(lots, same, FiscalCalendar(), events, {"X": reported}).movements["impairment_minor"][0] == 10_000


REFUSED = (
    "2024-06-15 opening 12000.01", "2024-06-15 reversal 5", "2024-06-15 disposal life=3y", "2024-06-15 estimate",
    "2024-06-15 partial_disposal", "2023-06-15 impairment 5", "2024-06-15 back_in_use", "2024-06-15 impairment 12001",
    "2024-06-15 partial_disposal 0/4", "2024-06-15 partial_disposal 5/4",
    "2024-06-15 held_for_sale 5", "2024-06-15 improvement 5 life=3y", "2024-06-15 estimate residual=12001",
)  # fmt: skip


STORIES = (
    (("disposal", "impairment 5"), "is told after lot 'asset' was disposed of that day"),
    (("partial_disposal 1/1", "improvement 5"), "is told after lot 'asset' was disposed of that day"),
    (("partial_disposal 1/4", "partial_disposal 2/2", "estimate life=3y"), "is told after"),
    (("partial_disposal 9/10", "opening 1200.01"), "the opening of lot 'asset' is above its cost"),
    (("impairment 1000", "partial_disposal 1/2", "reversal 500.01"), "reversed than was impaired"),
    (("impairment 7000.01",), "7000.01 USD, 7000.00 can be recognised"),
    (("impairment 7000", "partial_disposal 1/2", "improvement 10", "impairment 10.01"), "10.00 can be recognised"),
)


@pytest.mark.parametrize(("told_of", "said"), STORIES)
def test_what_cannot_be_after_what_came_before_it_on_the_day_is_refused(told_of: tuple[str, ...], said: str) -> None:
    """12,000 over 12 months, 7,000 carried in June."""
    with pytest.raises(Refused, match=said):
        asset("12000", date(2024, 1, 1), "12m", changes=[f"2024-06-15 {each}" for each in told_of])
    asset("12000", date(2024, 1, 1), "12m", changes=[f"2024-06-15 {each}" for each in told_of[:-1]])


@pytest.mark.parametrize("change", REFUSED)
def test_what_import_refuses_asset_refuses(change: str) -> None:
    with pytest.raises(Refused, match="change: "):
        asset("12000", date(2024, 1, 1), "12m", changes=(change,))
