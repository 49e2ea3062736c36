"""Their schedule beside ours: what differs is told lot by lot with the reason, and what ties is not touched."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import depr
from depr.errors import Refused
from depr.evidence.tie import EQUAL, ROUNDING, UNEXPLAINED, Lot, why
from depr.intake import read_facts
from tests.command import run
from tests.ledger.samples import GENERATIONS

PERIODS = 12
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def half_even(amount: Fraction) -> int:
    return round(amount)


def half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def lot(total: int, before: int, left: int, life: int, residual: int, theirs: Sequence[int]) -> Lot:
    """A lot that we charge evenly, in minor units, so that what is charged adds up."""
    rest = total - before
    sums = [round(Fraction(rest * min(n, left), left)) for n in range(PERIODS + 1)]
    ours = [after - earlier for earlier, after in pairwise(sums)]
    days_left = sum(DAYS[n % 12] for n in range(left))
    return Lot(ours, theirs, total + residual, total, before, left, life, DAYS, days_left)


AMOUNTS = st.tuples(
    st.integers(10**7, 10**9),
    st.integers(10, 90),
    st.integers(13, 60),
    st.integers(1, 40),
    st.sampled_from([half_even, half_up]),
)


def of(
    drawn: tuple[int, int, int, int, Callable[[Fraction], int]],
) -> tuple[int, int, int, int, Callable[[Fraction], int]]:
    """total, what was depreciated before, periods left, periods of the life, and how they round."""
    total, percent, left, earlier, rounded = drawn
    return total, total * percent // 100, left, left + earlier, rounded


@given(AMOUNTS)
def test_what_is_divided_by_all_periods_is_told(drawn: tuple[int, int, int, int, Callable[[Fraction], int]]) -> None:
    total, before, left, life, rounded = of(drawn)
    each = rounded(Fraction(total - before, life))
    assert why(lot(total, before, left, life, 0, [each] * PERIODS)) == "divided by all periods instead of those left"


@given(AMOUNTS)
def test_the_whole_amount_over_the_whole_life_is_told(
    drawn: tuple[int, int, int, int, Callable[[Fraction], int]],
) -> None:
    total, before, left, life, rounded = of(drawn)
    each = Fraction(total, life)
    assume(each * PERIODS <= total - before)
    assume(abs(each - Fraction(total - before, left)) > 2)  # else it is what we charge
    found = why(lot(total, before, left, life, 0, [rounded(each)] * PERIODS))
    assert found == "the whole amount over the whole life, whatever was depreciated before"


@given(AMOUNTS, st.integers(-12, 36).filter(bool))
def test_another_life_is_told_with_the_periods_between(
    drawn: tuple[int, int, int, int, Callable[[Fraction], int]], more: int
) -> None:
    total, before, left, life, rounded = of(drawn)
    assume(left + more >= PERIODS and left + more != life)
    assume(total - before > 10**6)
    each = Fraction(total - before, left + more)
    assume(all(abs(each - other) > 2 for other in (Fraction(total, life), Fraction(total, left))))
    found = why(lot(total, before, left, life, 0, [rounded(each)] * PERIODS))
    said = f"{abs(more)} period{'s' * (abs(more) > 1)} {'more' if more > 0 else 'fewer'}"
    assert found == f"what is left over {said}: another life"


@given(AMOUNTS)
def test_what_was_charged_before_and_is_charged_again_is_told(
    drawn: tuple[int, int, int, int, Callable[[Fraction], int]],
) -> None:
    total, before, left, life, rounded = of(drawn)
    assume(abs(Fraction(total, left) - Fraction(total - before, life)) > 2)
    found = why(lot(total, before, left, life, 0, [rounded(Fraction(total, left))] * PERIODS))
    assert found == "the whole amount over the periods left: what was depreciated before is charged again"


@given(AMOUNTS, st.integers(10**6, 10**8))
def test_a_residual_value_that_is_not_taken_off_is_told(
    drawn: tuple[int, int, int, int, Callable[[Fraction], int]], residual: int
) -> None:
    total, before, left, life, rounded = of(drawn)
    each = Fraction(total + residual - before, left)
    others = (Fraction(total - before, life), Fraction(total, life), Fraction(total, left))
    assume(all(abs(each - other) > 2 for other in others))
    assert (
        why(lot(total, before, left, life, residual, [rounded(each)] * PERIODS))
        == "the residual value is not taken off"
    )


@given(AMOUNTS)
def test_days_are_told(drawn: tuple[int, int, int, int, Callable[[Fraction], int]]) -> None:
    total, before, left, life, rounded = of(drawn)
    assume(total - before > 10**6)
    ours = lot(total, before, left, life, 0, [])
    theirs = [rounded(Fraction((total - before) * days, ours.days_left)) for days in DAYS]
    assert why(lot(total, before, left, life, 0, theirs)) == "counted by days"


@given(AMOUNTS, st.lists(st.sampled_from([-1, 0, 1]), min_size=PERIODS, max_size=PERIODS).filter(any))
def test_a_rounding_of_their_own_is_told(
    drawn: tuple[int, int, int, int, Callable[[Fraction], int]], cents: list[int]
) -> None:
    total, before, left, life, _ = of(drawn)
    ours = lot(total, before, left, life, 0, []).ours
    theirs = [amount + cent for amount, cent in zip(ours, cents, strict=True)]
    assert why(lot(total, before, left, life, 0, theirs)) == ROUNDING
    assert why(lot(total, before, left, life, 0, ours)) == EQUAL


FALLING = [1200, 1100, 1000, 900, 800, 700, 600, 500, 400, 300, 200, 100]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (FALLING, [0, 0, *FALLING[2:]], "theirs begins 2 periods later"),
        (FALLING, [*FALLING[:11], 0], "theirs ends 1 period earlier"),
        (FALLING, [0] * 12, "theirs charges nothing"),
        ([0] * 12, FALLING, "ours charges nothing: it is fully depreciated, or not yet in service"),
        (FALLING, [0, *FALLING[:11]], "the same a period later"),
        (FALLING, [*FALLING[1:], 0], "the same a period earlier"),
        (FALLING, [0] * 11 + [sum(FALLING)], "as much in all, in other periods"),
        (FALLING, [7, 900] * 6, UNEXPLAINED),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_begins_ends_or_moves_is_told(ours: list[int], theirs: list[int], said: str) -> None:
    total = sum(ours)
    given_lot = Lot(ours, theirs, total, total, 0, 12, 12, DAYS, 365, straight=False)
    assert why(given_lot) == said


def test_no_way_is_told_that_gives_other_amounts() -> None:
    """A unit more than a rounding in one period is no rounding."""
    ours = lot(12_000_000, 6_000_000, 24, 48, 0, []).ours
    assert why(lot(12_000_000, 6_000_000, 24, 48, 0, [ours[0] + 2, *ours[1:]])) == UNEXPLAINED


# Over a ledger

HEAD = "lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date,accumulated,accumulated_date"
LIFE = 60


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> depr.Fleet:
    """Six lots, half depreciated at the end of 2024: 36 periods of a life of five years are left."""
    folder = tmp_path_factory.mktemp("tie")
    rows = [
        f"L{n},META,h100,8,{60_000 + n * 600}.00,USD,2022-12-10,2023-01-01,{20_000 + n}.00,2024-12-31" for n in range(6)
    ]
    (folder / "r.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    (folder / "own").mkdir()
    (folder / "own" / "books").mkdir()
    policy = 'effective = "opening"\nmethod = "straight_line"\nconvention = "full_month"\nlife_months = 60\n'
    book = f'[[policy]]\n{policy}source = "memo"\n'
    head = 'id = "ours"\ntitle = "Ours"\nkind = "as reported"\nsource = "this test"\nissuer = "META"\n'
    (folder / "own" / "books" / "ours.toml").write_text(head + book, encoding="utf-8")
    made = depr.create(folder / "f.duckdb", schedules=folder / "own")
    made.add(folder / "r.csv")
    return made


def theirs(fleet: depr.Fleet, change: Callable[[str, list[Decimal]], list[Decimal]]) -> list[tuple[str, date, Decimal]]:
    """Our schedule of 2025, each lot changed."""
    ours = fleet.schedule("ours").frame.filter(pl.col("period_end") < date(2026, 1, 1))
    rows = []
    for (name,), part in ours.group_by("lot_id", maintain_order=True):
        days = part["period_end"].to_list()
        rows += [
            (str(name), day, amount)
            for day, amount in zip(days, change(str(name), part["depreciation"].to_list()), strict=False)
        ]
    return rows


def written(folder: Path, rows: Sequence[tuple[str, date, Decimal]]) -> Path:
    path = folder / "theirs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("Lot ID", "Date", "Depreciation"), *((n, d, f"{a:.2f}") for n, d, a in rows)])
    return path


def test_what_ties_ties_in_every_lot(fleet: depr.Fleet, tmp_path: Path) -> None:
    answer = fleet.tie(written(tmp_path, theirs(fleet, lambda _, amounts: amounts)), "ours")
    assert answer["why"].to_list() == [EQUAL] * 6
    assert answer["ours"].equals(answer["theirs"].alias("ours"))
    total = answer["ours"].sum()
    assert answer.notes == (f"6 of 6 lots tie, {total:,} USD in each", answer.notes[1])
    assert answer.notes[1].startswith("book ours: ")
    assert answer.shown.is_empty()
    assert answer.title == "12 periods from 2025-01-01 on, ours"


def test_what_differs_is_summed_by_its_reason(fleet: depr.Fleet, tmp_path: Path) -> None:
    """Cost 60,000 + 600 n, 20,000 + n accumulated: what is left over 60 periods instead of 36, in lots 1 and 2."""

    def changed(name: str, amounts: list[Decimal]) -> list[Decimal]:
        n = int(name[1:])
        if n in (1, 2):
            return [round(Decimal(40_000 + 599 * n) / LIFE, 2)] * 12
        return [] if n == 4 else amounts

    rows = [*theirs(fleet, changed), ("X1", date(2025, 3, 31), Decimal("5.00"))]
    answer = fleet.tie(written(tmp_path, rows), "ours")
    reasons = dict(answer.select("lot_id", "why").rows())
    assert {name: said for name, said in reasons.items() if said != EQUAL} == {
        "L1": "divided by all periods instead of those left",
        "L2": "divided by all periods instead of those left",
        "L4": "they have no such lot",
        "X1": "the ledger has no such lot",
    }
    ours = {n: round(Decimal(40_000 + 599 * n) / 3, 2) for n in (1, 2)}
    by_all = {n: 12 * round(Decimal(40_000 + 599 * n) / LIFE, 2) for n in (1, 2)}
    difference = sum(by_all.values()) - sum(ours.values())
    assert f"2 lots, {difference:,} USD: divided by all periods instead of those left" in answer.notes
    assert answer.filter(lot_id="L1")["difference"].item() == by_all[1] - ours[1]
    assert answer["difference"].sum() == answer["theirs"].sum() - answer["ours"].sum()
    assert answer.frame["difference"].abs().to_list() == sorted(answer.frame["difference"].abs(), reverse=True)


def test_amounts_of_one_lot_and_period_are_added_up(fleet: depr.Fleet, tmp_path: Path) -> None:
    rows = theirs(fleet, lambda _, amounts: amounts)
    halves = [(n, d, part) for n, d, a in rows for part in (a - Decimal("1.00"), Decimal("1.00"))]
    assert set(fleet.tie(written(tmp_path, halves), "ours")["why"]) == {EQUAL}


def test_periods_are_those_that_are_asked_for(fleet: depr.Fleet, tmp_path: Path) -> None:
    path = written(tmp_path, theirs(fleet, lambda _, amounts: amounts))
    assert set(fleet.tie(path, "ours", months=6)["why"]) == {EQUAL}
    later = fleet.tie(path, "ours", start="2025-07")
    assert set(later["why"]) == {"theirs ends 6 periods earlier"}
    with pytest.raises(Refused, match=r"'2025' is not a month"):
        fleet.tie(path, "ours", start="2025")
    with pytest.raises(Refused, match="0 periods cannot be compared"):
        fleet.tie(path, "ours", months=0)


def test_a_row_that_cannot_be_read_refuses_the_file(fleet: depr.Fleet, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "lot_id,date,depreciation\nL1,2025-01-31,5.00\nL1,31.01.2025,x\n,2025-01-31,1.00\n", encoding="utf-8"
    )
    with pytest.raises(Refused) as refused:
        fleet.tie(path, "ours")
    assert [(each.row, each.what) for each in refused.value.findings] == [
        (3, "date '31.01.2025' is not a date"),
        (3, "depreciation 'x' is not an amount in USD"),
        (4, "lot_id is blank"),
    ]
    path.write_text("lot_id,date,amount\nL1,2025-01-31,5.00\n", encoding="utf-8")
    with pytest.raises(Refused, match="missing column: depreciation"):
        fleet.tie(path, "ours")
    path.write_text("lot_id,date,depreciation,currency\nL1,2025-01-31,5.00,EUR\n", encoding="utf-8")
    with pytest.raises(Refused, match="unknown currency 'EUR'"):
        fleet.tie(path, "ours")
    with pytest.raises(Refused, match="the mapping is of purchases"):
        fleet.tie(path, "ours", mapping="erpnext")


def test_a_schedule_is_no_fact(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("lot_id,date,depreciation,currency\nL1,2025-01-31,5.00,USD\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"holds a schedule\n.*no fact\n  do: compare it with ours: depr tie"):
        read_facts(path, GENERATIONS)


def test_without_openings_the_first_month_is_asked_for(tmp_path: Path) -> None:
    bare = depr.create(tmp_path / "f.duckdb")
    (tmp_path / "r.csv").write_text(f"{HEAD}\nL1,META,h100,8,60000.00,USD,2022-12-10,2023-01-01,,\n", encoding="utf-8")
    bare.add(tmp_path / "r.csv")
    (tmp_path / "t.csv").write_text("lot_id,date,depreciation\nL1,2025-01-31,5.00\n", encoding="utf-8")
    with pytest.raises(
        Refused, match=r"which periods are compared is not said\n.*\n  do: name the first: --from 2025-01"
    ):
        bare.tie(tmp_path / "t.csv", "5y")
    assert bare.tie(tmp_path / "t.csv", "5y", start="2025-01")["theirs"].to_list() == [Decimal("5.00")]


def test_the_command_says_the_reasons_above_the_lots_that_differ(fleet: depr.Fleet, tmp_path: Path) -> None:
    path = written(tmp_path, theirs(fleet, lambda name, amounts: [] if name == "L4" else amounts))
    own = str(fleet.path.parent / "own")
    ran = run(tmp_path, "tie", fleet.path, path, "--book", "ours", "--schedules", own)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "12 periods from 2025-01-01 on, ours"
    assert lines[1].startswith("5 of 6 lots tie, ")
    assert lines[2].endswith(" USD: they have no such lot")
    assert lines[3].startswith("book ours: ")
    assert [line.split()[0] for line in lines[5:]] == ["L4"]


def test_what_others_own_is_not_compared_and_said(tmp_path: Path) -> None:
    two = depr.create(tmp_path / "f.duckdb")
    rows = [f"L{n},{owner},h100,8,60000.00,USD,2022-12-10,2023-01-01,," for n, owner in enumerate(("META", "MSFT"))]
    (tmp_path / "r.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    two.add(tmp_path / "r.csv")
    (tmp_path / "t.csv").write_text(
        "lot_id,date,depreciation\nL0,2025-01-31,5.00\nL1,2025-01-31,5.00\n", encoding="utf-8"
    )
    answer = two.tie(tmp_path / "t.csv", "5y", start="2025-01", issuer="META")
    assert answer["lot_id"].to_list() == ["L0"]
    assert "1 lot of theirs that other issuers own: not compared" in answer.notes
