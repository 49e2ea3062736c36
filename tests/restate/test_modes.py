"""Modes: what each does to the past, on the fleet of tests/restate/cases.py; every number was worked out by hand.

Change on 1 January 2024 from four years to two. A is a year old then and carries 3,600.00; B is not yet bought.

    year            2023    2024    2025    2026    2027    2028
    reported       1,200   1,500   1,800   1,800     600     300
    prospective    1,200   4,200   1,200     600       -       -     A: 3,600 in the 12 months that are left
    catch_up       1,200   4,200   1,200     600       -       -     A: 1,200 caught up and 2,400 of the year

To six years A carries 3,600.00 over 60 months: 720 a year; as if it would have been 800, so 400 are caught up.

    prospective    1,200     920   1,120   1,120   1,120   1,120
    catch_up       1,200     600   1,200   1,200   1,200   1,200     2024: 800 - 400 of A, 200 of B
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.books.book import Book, scenario
from depr.books.modes import MODES, cases, prospective
from depr.contract import Rollup
from depr.errors import Refused
from depr.fleet.facts import import_files
from depr.kernel.calendar import FIRST
from depr.ledger.known import known
from depr.pipeline import Restatement
from tests.ledger.samples import RECORDED, event, foreign, lot, write
from tests.restate.cases import (
    REPORTED,
    TWO_YEARS,
    UNDERSTATED,
    YEAR_2023,
    YEAR_2024,
    A,
    B,
    book,
    fleet,
    restated,
    statements,
)
from tests.size import examples

CHANGE = date(2024, 1, 1)
ALL = ("as_if", "prospective", "retrospective", "catch_up")
SIX_YEARS = book("six-years", ("opening", 72))
LOTS = fleet(A, B)


def charges(made: Restatement, name: str) -> dict[int, int]:
    rows = made.rollup.filter(book=name).group_by("fiscal_year").agg(pl.col("depreciation_minor").sum())
    return {year: minor for year, minor in sorted(rows.iter_rows()) if minor}


def in_modes(*modes: str, lots: pl.DataFrame = LOTS, change: date = CHANGE, **options: Any) -> Restatement:
    dated: dict[str, Any] = {"changes_on": [change]} if any(MODES[mode].dated for mode in modes) else {}
    return restated(lots, statements(YEAR_2023, YEAR_2024), modes=modes, **dated, **options)


@pytest.mark.parametrize(
    ("mode", "alternative", "whole"),
    [
        ("prospective", TWO_YEARS, {2023: 1_200, 2024: 4_200, 2025: 1_200, 2026: 600}),
        ("catch_up", TWO_YEARS, {2023: 1_200, 2024: 4_200, 2025: 1_200, 2026: 600}),
        (
            "prospective",
            SIX_YEARS,
            {2023: 1_200, 2024: 920, 2025: 1_120, 2026: 1_120, 2027: 1_120, 2028: 1_120, 2029: 400, 2030: 200},
        ),
        (
            "catch_up",
            SIX_YEARS,
            {2023: 1_200, 2024: 600, 2025: 1_200, 2026: 1_200, 2027: 1_200, 2028: 1_200, 2029: 400, 2030: 200},
        ),
    ],
)
def test_a_change_on_a_date(mode: str, alternative: Book, whole: dict[int, int]) -> None:
    made = in_modes(mode, alternatives=[alternative])
    [name] = {row["book"] for row in made.restated.iter_rows(named=True)}
    found = charges(made, name)
    assert sum(found.values()) == 7_200_00
    assert found == {year: amount * 100 for year, amount in whole.items()}


def test_the_modes_side_by_side() -> None:
    made = in_modes(*ALL)
    rows = {(r["mode"], r["fiscal_year"]): r for r in made.restated.iter_rows(named=True)}
    gaps = {key: row["understatement_minor"] for key, row in rows.items()}
    assert gaps == {
        ("as_if", 2023): UNDERSTATED[2023],
        ("as_if", 2024): UNDERSTATED[2024],
        ("retrospective", 2023): UNDERSTATED[2023],
        ("retrospective", 2024): UNDERSTATED[2024],
        ("prospective", 2023): 0,
        ("prospective", 2024): 2_700_00,
        ("catch_up", 2023): 0,
        ("catch_up", 2024): 2_700_00,
    }
    assert {(r["mode"], r["called"], r["change_date"]) for r in rows.values()} == {
        ("as_if", "analysis, not a GAAP restatement", None),
        ("retrospective", "correction of an error", None),
        ("prospective", "change in accounting estimate", CHANGE),
        ("catch_up", "expensed adjustment: analysis, not a GAAP restatement", CHANGE),
    }


def test_every_case_is_once_there() -> None:
    """Two lives, two dates, four modes: 2 + 2 x 2 + 2 + 2 x 2 = 12, of two years each."""
    dates = [CHANGE, date(2024, 7, 1)]
    made = restated(
        LOTS,
        statements(YEAR_2023, YEAR_2024),
        alternatives=[TWO_YEARS, SIX_YEARS],
        modes=[*ALL, "as_if"],
        changes_on=[*dates, CHANGE],
    )
    keys = made.restated.select("book", "mode", "change_date", "fiscal_year")
    assert len(keys) == len(keys.unique()) == 24
    assert {each.id for each in made.alternatives} == set(made.restated["book"])
    assert set(made.rollup["book"]) == {"reported", *made.restated["book"]}


def test_the_first_period_presented_opens_with_the_past() -> None:
    """2024 alone is presented: what 2023 would have charged, 1,200 less 21% tax, is in its opening balances."""
    dated: dict[str, Any] = {"years": (2024, 2024), "changes_on": [CHANGE]}
    made = restated(LOTS, statements(YEAR_2023, YEAR_2024), modes=["retrospective", "prospective"], **dated)
    rows = made.restated.rows_by_key("mode", named=True, unique=True)
    retrospective, prospective = rows["retrospective"], rows["prospective"]
    assert retrospective["equity_opening_change_minor"] == -948_00
    assert retrospective["deferred_tax_opening_minor"] == 252_00
    assert retrospective["deferred_tax_closing_minor"] == 252_00 + 315_00
    assert prospective["equity_opening_change_minor"] == prospective["deferred_tax_opening_minor"] == 0


@pytest.mark.parametrize("mode", ALL)
def test_the_balance_sheet_stays_balanced(mode: str) -> None:
    """Assets less the change of carrying amounts = deferred tax + retained earnings, whatever the rounding."""
    lots = fleet(A | {"cost": "4801.37"}, B | {"cost": "2399.99"})
    dated: dict[str, Any] = {"changes_on": [CHANGE]} if MODES[mode].dated else {}
    lines = statements(YEAR_2023, YEAR_2024)
    for row in restated(lots, lines, modes=[mode], **dated).restated.iter_rows(named=True):
        assets = row["ppe_net_restated_minor"] - row["ppe_net_reported_minor"]
        earned = row["net_income_restated_minor"] - row["net_income_reported_minor"]
        equity = row["equity_restated_minor"] - row["equity_reported_minor"]
        assert equity == row["equity_opening_change_minor"] + earned
        assert assets == equity - row["deferred_tax_closing_minor"]


def test_a_year_that_is_not_presented_still_counts() -> None:
    """2024 has no statement: 2025 opens with both years before it, 2,700 less 21%."""
    later = YEAR_2023 | {"fiscal_year": 2025, "period_end": date(2025, 12, 31)}
    rows = restated(LOTS, statements(YEAR_2023, later)).restated.rows_by_key("fiscal_year", named=True, unique=True)
    assert rows[2025]["equity_opening_change_minor"] == -2_133_00
    assert rows[2025]["deferred_tax_opening_minor"] == 567_00


# Dates and ages (what no life can be)


@pytest.mark.parametrize("change", [date(2020, 5, 1), date(2023, 1, 1)])
@pytest.mark.parametrize("mode", ["prospective", "catch_up"])
def test_a_change_before_service_is_the_alternative_from_the_start(mode: str, change: date) -> None:
    made = in_modes("as_if", mode, change=change)
    [name] = set(made.restated.filter(mode=mode)["book"])
    assert charges(made, name) == charges(made, "two-years")


@pytest.mark.parametrize("mode", ["prospective", "catch_up"])
def test_a_change_after_the_end_moves_nothing(mode: str) -> None:
    made = in_modes(mode, change=date(2031, 6, 30))
    [name] = set(made.restated["book"])
    assert charges(made, name) == charges(made, "reported")


def test_a_life_shorter_than_the_age() -> None:
    """A is 12 months old when it is given six: prospective charges what it carries in the month of the change, as if
    shows it used up in 2023."""
    made = in_modes("prospective", "as_if", alternatives=[book("half-year", ("opening", 6))], lots=fleet(A))
    [name] = set(made.restated.filter(mode="prospective")["book"])
    assert charges(made, name) == {2023: 1_200_00, 2024: 3_600_00}
    quarters = made.rollup.filter(book=name, fiscal_year=2024).sort("fiscal_quarter")["depreciation_minor"]
    assert quarters.to_list() == [3_600_00, 0, 0, 0]
    assert charges(made, "half-year") == {2023: 4_800_00}


def test_a_change_in_the_middle_of_a_quarter() -> None:
    """On 15 May 2024 A is 16 months old: 1,600 charged, 3,200 over the 8 months left, 400 from May."""
    made = in_modes("prospective", "catch_up", change=date(2024, 5, 15), lots=fleet(A))
    names = {row["mode"]: row["book"] for row in made.restated.iter_rows(named=True)}
    quarters = {
        mode: made.rollup.filter(book=name, fiscal_year=2024).sort("fiscal_quarter")["depreciation_minor"].to_list()
        for mode, name in names.items()
    }
    assert quarters["prospective"] == [300_00, 900_00, 1_200_00, 1_200_00]
    assert quarters["catch_up"] == [300_00, 2_100_00, 600_00, 600_00]  # 2,400 + 6 x 200 - 1,500 of the first 15 months


# Books


def test_the_past_of_the_reported_book_is_untouched() -> None:
    """Its own change of 2023 stands, that of 2025 gives way."""
    whole = book("reported", ("opening", 48), (date(2023, 7, 1), 60), (date(2025, 1, 1), 36))
    made = prospective(whole, TWO_YEARS, CHANGE)
    assert [(p.effective, p.life_months) for p in made.policy] == [
        (FIRST, 48),
        (date(2023, 7, 1), 60),
        (CHANGE, 24),
    ]
    assert made.policy[:2] == whole.policy[:2]


def test_an_alternative_with_dates_of_its_own() -> None:
    """The policy in force on the change date begins then; later ones keep their dates, earlier ones do not count."""
    other = book("other", (date(2020, 1, 1), 30), (date(2023, 1, 1), 36), (date(2026, 1, 1), 42))
    made = prospective(REPORTED, other, CHANGE)
    assert [(p.effective, p.life_months) for p in made.policy] == [(FIRST, 48), (CHANGE, 36), (date(2026, 1, 1), 42)]
    late = prospective(REPORTED, book("late", (date(2026, 1, 1), 42)), CHANGE)
    assert [(p.effective, p.life_months) for p in late.policy] == [(FIRST, 48), (CHANGE, 42)]


def test_a_reported_book_that_begins_later_stands_for_what_was_before() -> None:
    made = prospective(book("reported", (date(2025, 1, 1), 48)), TWO_YEARS, CHANGE)
    assert [(p.effective, p.life_months) for p in made.policy] == [(FIRST, 48), (CHANGE, 24)]


def test_generations_of_either_book() -> None:
    own = scenario(36, generations=("h100",)).policy[0]
    mixed = REPORTED.model_copy(update={"policy": (*REPORTED.policy, own)})
    made = prospective(mixed, TWO_YEARS, CHANGE)
    assert [(p.effective, p.life_months) for p in made.track("h100")] == [(FIRST, 36), (CHANGE, 24)]
    assert [(p.effective, p.life_months) for p in made.track("a100")] == [(FIRST, 48), (CHANGE, 24)]
    alone = scenario(36, generations=("h100",))
    assert not prospective(REPORTED, alone, CHANGE).track("a100")
    with pytest.raises(Refused, match="unknown generation 'a100'"):
        in_modes("prospective", alternatives=[alone], lots=fleet(A | {"generation": "a100"}))


# Events


AS_REPORTED = REPORTED.model_copy(update={"kind": "as reported"})


def after(path: Path, *events: dict[str, str], **options: Any) -> Restatement:
    """Lot A in a ledger with some events, restated to two years from the change date."""
    made = foreign(path / "fleet.duckdb", A)
    import_files(made, [write(path / "two.csv", *events)], RECORDED)
    facts = known(made)
    dated: dict[str, Any] = {"changes_on": [CHANGE]} if "prospective" in options.get("modes", ()) else {}
    lines = statements(YEAR_2023, YEAR_2024)
    return restated(facts.lots, lines, AS_REPORTED, events=facts.events, **dated, **options)


def test_an_estimate_of_one_lot_before_the_change_is_the_past(tmp_path: Path) -> None:
    """From July 2023 A is given 30 months: 600 in the first half, 4,200 over 24 months, 1,050 in the second half; the
    change leaves 3,150 for the 12 months to 24. The book of two years alone knows nothing of that estimate."""
    estimate = event("estimate", "2023-06-30", "A", life_months="30", reason="memo")
    made = after(tmp_path, estimate, modes=["prospective", "as_if"])
    [name] = set(made.restated.filter(mode="prospective")["book"])
    assert charges(made, name) == {2023: 1_650_00, 2024: 3_150_00}
    assert charges(made, "two-years") == {2023: 2_400_00, 2024: 2_400_00}


def test_an_estimate_of_one_lot_after_the_change_gives_way(tmp_path: Path) -> None:
    estimate = event("estimate", "2024-06-30", "A", life_months="96", reason="memo")
    made = after(tmp_path, estimate, modes=["prospective"])
    [name] = set(made.restated["book"])
    assert charges(made, name) == {2023: 1_200_00, 2024: 3_600_00}


def test_a_loss_that_another_book_makes_smaller_is_in_income(tmp_path: Path) -> None:
    """A is sold for 1,000 on 1 July 2024, when it carries 3,000 as reported and 1,200 over two years: the
    loss is 1,800 less. Depreciation has been 1,800 more by then, so nothing is left of the difference."""
    sale = event("disposal", "2024-07-01", "A", amount="1000.00", currency="USD", reason="sold")
    row = after(tmp_path, sale).restated.row(-1, named=True)
    assert (row["fiscal_year"], row["understatement_minor"], row["losses_minor"]) == (2024, 600_00, -1_800_00)
    assert row["operating_income_restated_minor"] == row["operating_income_reported_minor"] + 1_200_00
    assert row["ppe_net_restated_minor"] == row["ppe_net_reported_minor"]
    assert row["deferred_tax_closing_minor"] == 0


def test_a_change_after_retirement_moves_nothing(tmp_path: Path) -> None:
    sale = event("disposal", "2023-09-30", "A", amount="1000.00", currency="USD", reason="sold")
    made = after(tmp_path, sale, modes=["prospective"])
    assert set(made.restated["understatement_minor"]) == set(made.restated["losses_minor"]) == {0}


@pytest.mark.parametrize("by", ["generation", "lot"])
def test_losses_of_parts(tmp_path: Path, by: str) -> None:
    """A quarter goes in June, which is not charged of it: 17 months of 50 and of 25."""
    sale = event("partial_disposal", "2024-06-30", "A", units="1", amount="10.00", currency="USD", reason="sold")
    made = after(tmp_path, sale, by=by)
    [part] = made.parts.filter(fiscal_year=2024, period_type="FY").iter_rows(named=True)
    assert part["losses_minor"] == made.restated.filter(fiscal_year=2024)["losses_minor"].item() == -425_00


# Refusals


@pytest.mark.parametrize(
    ("modes", "dates", "what"),
    [
        (["sometimes"], [], "unknown mode 'sometimes'"),
        ([], [], "no mode is given"),
        (["prospective"], [], "prospective needs a change date"),
        (["as_if", "catch_up"], [], "catch_up needs a change date"),
        (["as_if", "retrospective"], [CHANGE], "as_if, retrospective knows no change date"),
        (["prospective"], [date(1815, 6, 18)], "change date 1815-06-18"),
        (["prospective"], [date(2200, 1, 1)], "change date 2200-01-01"),
    ],
)
def test_modes_and_dates_that_do_not_go_together(modes: list[str], dates: list[date], what: str) -> None:
    with pytest.raises(Refused, match=what):
        cases(REPORTED, [TWO_YEARS], modes, dates)


def test_two_books_of_one_name() -> None:
    with pytest.raises(Refused, match="two books are named 'two-years'"):
        cases(REPORTED, [TWO_YEARS, SIX_YEARS.model_copy(update={"id": "two-years"})])
    with pytest.raises(Refused, match="two books are named 'reported'"):
        cases(REPORTED, [TWO_YEARS.model_copy(update={"id": "reported"})])
    assert [case.book for case in cases(REPORTED, [REPORTED])] == [REPORTED]


def test_an_unknown_group() -> None:
    with pytest.raises(Refused, match="unknown group 'rack'"):
        in_modes("as_if", by="rack")


# Parts


@pytest.mark.parametrize("by", ["generation", "lot"])
@pytest.mark.parametrize("mode", ALL)
def test_parts_add_up(by: str, mode: str) -> None:
    """The parts of a fleet, in every period of their lives, are the understatement of the issuer."""
    lots = fleet(A | {"cost_low": "2400.00", "cost_high": "9600.00"}, B | {"generation": "a100"}, lot(issuer="Y"))
    made = in_modes(mode, by=by, lots=lots)
    assert set(made.parts["part"]) == ({"A", "B"} if by == "lot" else {"h100", "a100"})
    keys = ["book", "mode", "bound", "period_type", "fiscal_year"]
    amounts = ("understatement_minor", "understatement_cumulative_minor", "losses_minor")
    sums = made.parts.filter(period_type="FY").group_by(keys).agg(pl.col(amounts).sum())
    whole = made.restated.select(*keys, *amounts)
    assert sums.join(whole, on=[*keys, *amounts], how="semi").height == len(whole) > 0


def test_parts_of_nothing() -> None:
    made = in_modes("as_if", by="lot", lots=fleet(A | {"in_service_date": ""}))
    assert made.parts.is_empty()
    assert made.rollup.equals(Rollup.create_empty())


def test_a_catch_up_closes_on_the_alternative() -> None:
    made = in_modes("catch_up", "as_if", alternatives=[SIX_YEARS])
    [name] = set(made.restated.filter(mode="catch_up")["book"])
    both = [
        made.rollup.filter(pl.col("period_end") > CHANGE, book=each).sort("period_end") for each in (name, "six-years")
    ]
    assert both[0]["carrying_minor"].to_list() == both[1]["carrying_minor"].to_list()
    assert sum(charges(made, name).values()) == 7_200_00


# Against an oracle that knows only fractions


def oracle(cost: int, served: int, old: int, new: int, change: int, mode: str) -> list[int]:
    """Charges of the 20 years from 2020 on, month by month; months are counted from January 2020."""
    accumulated, carried, begun, life = [0] * 240, Fraction(cost), served, old
    for month in range(served, 240):
        if mode == "prospective" and month == max(change, served):
            before = accumulated[month - 1] if month else 0
            carried, begun, life = Fraction(cost - before), month, max(new - (month - served), 1)
        if mode == "catch_up" and month == max(change, served):
            carried, begun, life = Fraction(cost), served, new
        whole = carried * min(Fraction(month + 1 - begun, life), Fraction(1))
        accumulated[month] = (cost - int(carried)) + round(whole)
    ends = [0, *accumulated[11::12]]
    return [after - before for before, after in pairwise(ends)]


@examples(25)
@given(
    st.integers(0, 10**9),
    st.integers(0, 60),
    st.integers(1, 96),
    st.integers(1, 96),
    st.integers(0, 120),
    st.sampled_from(["prospective", "catch_up"]),
)
def test_a_dated_mode_is_what_fractions_say(
    cents: int, served: int, old: int, new: int, change: int, mode: str
) -> None:
    day = date(2020 + served // 12, served % 12 + 1, 17).isoformat()
    lots = fleet(
        A | {"cost": f"{cents // 100}.{cents % 100:02}", "purchase_date": "2019-12-31", "in_service_date": day}
    )
    books = [book("old", ("opening", old)), book("new", ("opening", new))]
    dated: dict[str, Any] = {"modes": [mode], "changes_on": [date(2020 + change // 12, change % 12 + 1, 9)]}
    made = restated(lots, statements(), books[0], [books[1]], **dated)
    [name] = {each.id for each in made.alternatives}
    found = charges(made, name)
    wanted = oracle(cents, served, old, new, change, mode)
    if mode == "prospective" and change > served and old <= change - served:
        wanted = oracle(cents, served, old, old, 0, "none")  # nothing was left to change
    assert [found.get(2020 + year, 0) for year in range(20)] == wanted
