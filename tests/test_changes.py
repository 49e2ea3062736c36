"""Changes of a lot: impairment, improvement, new estimates, disposals, held for sale, opening balances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, product
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.books.estimates import estimates
from depr.contract import Changes
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar, period_of
from tests.daily import sampled
from tests.engines import SOME, Engine
from tests.kernel.fleets import Case as Lot
from tests.kernel.fleets import book_of, lots_of
from tests.oracle import Asset, Rule, Turn, told
from tests.size import examples

Story = tuple[Asset, Sequence[Turn]]
SERVICE, DAY = date(2022, 1, 10), timedelta(1)
ASSET = Asset(60_000, SERVICE)
RULE = Rule(60)


MISSING = (Turn(date(2023, 6, 30), "improvement"),)
"""Told without an amount."""


def table_of(stories: Sequence[Story]) -> pl.DataFrame:
    """The turns of each story as contract.Changes."""
    rows = [
        {
            "lot": lot,
            "effective_date": turn.day,
            "kind": turn.kind,
            "amount_minor": turn.amount or (None if turn in MISSING else 0),
            "life_months": turn.life,
            "new_residual_minor": turn.residual,
            "part_num": turn.part.numerator if turn.part else None,
            "part_den": turn.part.denominator if turn.part else None,
        }
        for lot, (_, turns) in enumerate(stories)
        for turn in turns
    ]
    return Changes.validate(pl.DataFrame(rows, schema=Changes.create_empty().schema), cast=True)


def rows_of(
    engine: Engine, stories: Sequence[Story], rules: Sequence[Rule], year_end: int = 12
) -> list[tuple[int, int, int, int]]:
    """lot, period, depreciation and accumulated depreciation, in order."""
    lots, book = lots_of([Lot(asset) for asset, _ in stories]), book_of({"*": rules})
    segments, shares, _ = estimates(lots, book, FiscalCalendar(year_end), table_of(stories))
    return engine.collect(segments, shares).rows()


def oracle(stories: Sequence[Story], rule: Rule, year_end: int = 12) -> list[tuple[int, int, int, int]]:
    return [
        (lot, (year - 1900) * 12 + month - 1, charge, accumulated)
        for lot, (asset, turns) in enumerate(stories)
        for year, month, charge, accumulated in told(asset, rule, turns, year_end)
    ]


def charged(rows: Iterable[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Rows that charge something: whether a month without a charge has a row of nothing does not matter."""
    return [row for row in rows if row[2]]


def charges(engine: Engine, asset: Asset, rule: Rule, *turns: Turn) -> dict[str, int]:
    """Depreciation by month, 2022-01 and so on; the engine's, which equals the oracle's."""
    rows = rows_of(engine, [(asset, turns)], [rule])
    assert charged(rows) == charged(oracle([(asset, turns)], rule))
    return {f"{1900 + period // 12}-{period % 12 + 1:02}": charge for _, period, charge, _ in rows}


def runs(charged: dict[str, int]) -> list[tuple[str, int, int]]:
    """First month, number of months and charge of each run of equal charges."""
    found: list[tuple[str, int, int]] = []
    for month, charge in charged.items():
        if found and found[-1][2] == charge:
            found[-1] = (found[-1][0], found[-1][1] + 1, charge)
        else:
            found.append((month, 1, charge))
    return found


JULY = date(2023, 6, 30)
"""The last day of a period: felt from July 2023, 18 months after 2022-01, when 42 months remain and 18,000 is used."""


def test_nothing_happens(engine: Engine) -> None:
    assert runs(charges(engine, ASSET, RULE)) == [("2022-01", 60, 1_000)]


def test_an_impairment_is_carried_over_what_remains(engine: Engine) -> None:
    """42,000 carried less 21,000 over 42 months."""
    assert runs(charges(engine, ASSET, RULE, Turn(JULY, "impairment", 21_000))) == [
        ("2022-01", 18, 1_000),
        ("2023-07", 42, 500),
    ]


def test_a_reversal_gives_part_of_it_back(engine: Engine) -> None:
    """A year later 15,000 is carried over 30 months; 9,000 back makes 24,000: 800 a month."""
    turns = Turn(JULY, "impairment", 21_000), Turn(date(2024, 6, 30), "reversal", 9_000)
    assert runs(charges(engine, ASSET, RULE, *turns)) == [
        ("2022-01", 18, 1_000),
        ("2023-07", 12, 500),
        ("2024-07", 30, 800),
    ]


def test_an_improvement_joins_the_carrying_amount(engine: Engine) -> None:
    """42,000 and 8,400 more over 42 months; 22,800 and twelve months more of life, 64,800 over 54."""
    assert runs(charges(engine, ASSET, RULE, Turn(JULY, "improvement", 8_400)))[1:] == [("2023-07", 42, 1_200)]
    longer = runs(charges(engine, ASSET, RULE, Turn(JULY, "improvement", 22_800, life=72)))
    assert longer[1:] == [("2023-07", 54, 1_200)]


def test_a_residual_rate_follows_an_improvement(engine: Engine) -> None:
    """10 percent of 70,000: 60,000 - 6,000 over 60 is 900; 16,200 used; 70,000 - 16,200 - 7,000 over 42 months."""
    rule = replace(RULE, residual_rate=Fraction(1, 10))
    got = charges(engine, ASSET, rule, Turn(JULY, "improvement", 10_000))
    assert runs(got)[0] == ("2022-01", 18, 900)
    assert sum(got.values()) == 63_000
    assert got["2023-07"] == round(Fraction(46_800, 42))


def test_an_improvement_of_a_used_up_asset(engine: Engine) -> None:
    """When the life is over the amount is charged in the month it joins; with a new life over what that leaves."""
    day = date(2027, 3, 31)
    assert runs(charges(engine, ASSET, RULE, Turn(day, "improvement", 900)))[1:] == [("2027-04", 1, 900)]
    assert runs(charges(engine, ASSET, RULE, Turn(day, "improvement", 900, life=72)))[1:] == [("2027-04", 9, 100)]


def test_a_new_life_and_a_new_residual_value(engine: Engine) -> None:
    """18 months used: 42,000 over 24 of a 42-month life; less 6,000 of residual value, 36,000 over 42."""
    assert runs(charges(engine, ASSET, RULE, Turn(JULY, "estimate", life=42)))[1:] == [("2023-07", 24, 1_750)]
    kept = charges(engine, ASSET, RULE, Turn(JULY, "estimate", residual=6_000))
    assert (sum(kept.values()), kept["2023-07"]) == (54_000, round(Fraction(36_000, 42)))
    assert runs(charges(engine, ASSET, RULE, Turn(JULY, "estimate", life=12)))[1:] == [("2023-07", 1, 42_000)]
    above = runs(charges(engine, ASSET, RULE, Turn(JULY, "estimate", residual=50_000)))
    assert above == [("2022-01", 18, 1_000), ("2023-07", 42, 0)]


def test_two_new_lives_in_one_period(engine: Engine) -> None:
    """The later one counts; nothing is charged between them."""
    turns = Turn(date(2023, 7, 3), "estimate", life=24), Turn(date(2023, 7, 20), "estimate", life=39)
    assert runs(charges(engine, ASSET, RULE, *turns)) == [("2022-01", 18, 1_000), ("2023-07", 21, 2_000)]


def test_two_amounts_in_one_period(engine: Engine) -> None:
    turns = Turn(date(2023, 7, 3), "improvement", 8_400), Turn(date(2023, 7, 3), "impairment", 4_200)
    assert runs(charges(engine, ASSET, RULE, *turns))[1:] == [("2023-07", 42, 1_100)]


@pytest.mark.parametrize(("day", "month"), [(29, "2023-06"), (30, "2023-07")])
def test_the_last_day_of_a_period_is_felt_in_the_next(engine: Engine, day: int, month: str) -> None:
    got = charges(engine, ASSET, RULE, Turn(date(2023, 6, day), "improvement", 43_000))
    assert next(m for m, charge in got.items() if charge != 1_000) == month


def test_a_change_in_the_month_of_service(engine: Engine) -> None:
    """60,000 and 12,000 over 60 months from the start; on its last day, 71,000 over 59 from the next."""
    assert runs(charges(engine, ASSET, RULE, Turn(date(2022, 1, 12), "improvement", 12_000))) == [
        ("2022-01", 60, 1_200)
    ]
    last = runs(charges(engine, ASSET, RULE, Turn(date(2022, 1, 31), "improvement", 11_800)))
    assert last == [("2022-01", 1, 1_000), ("2022-02", 59, 1_200)]


def test_a_part_goes_with_its_part_of_everything(engine: Engine) -> None:
    """A third goes in June, which is not charged of it; 1,000 a month becomes 667: of 40,000, 11,333 is used by May."""
    turn = Turn(JULY, "partial_disposal", part=Fraction(1, 3))
    rows = rows_of(engine, [(ASSET, [turn])], [RULE])
    assert rows[16][3] == 17_000
    assert rows[17][3] == 17_000 - 5_667 + 667
    assert [row[2] for row in rows[17:20]] == [667, 666, 667]
    assert rows[-1][3] == 40_000


def test_a_part_of_an_impaired_lot(engine: Engine) -> None:
    """Impaired by 21,000: 500 a month; half goes a year later: carried 15,000 / 2 over 30 months."""
    turns = Turn(JULY, "impairment", 21_000), Turn(date(2024, 6, 30), "partial_disposal", part=Fraction(1, 2))
    assert runs(charges(engine, ASSET, RULE, *turns))[1:] == [("2023-07", 11, 500), ("2024-06", 31, 250)]
    whole = Turn(JULY, "partial_disposal", part=Fraction(1))
    assert sum(charges(engine, ASSET, RULE, whole).values()) == 17_000


def test_what_is_held_for_sale_is_not_depreciated(engine: Engine) -> None:
    """Seven months, June with them; then 43,000 over the 36 that remain of the life."""
    turns = Turn(JULY, "held_for_sale"), Turn(date(2023, 12, 31), "back_in_use")
    got = charges(engine, ASSET, RULE, *turns)
    assert "2023-07" not in got
    assert "2023-12" not in got
    assert (got["2024-01"], sum(got.values())) == (round(Fraction(43_000, 36)), 60_000)
    assert runs(charges(engine, ASSET, RULE, turns[0])) == [("2022-01", 17, 1_000)]
    sold = charges(engine, ASSET, RULE, turns[0], Turn(date(2023, 9, 1), "disposal"))
    assert runs(sold) == [("2022-01", 17, 1_000)]
    written_down = charges(engine, ASSET, RULE, turns[0], Turn(date(2023, 9, 5), "impairment", 25_000), turns[1])
    assert runs(written_down)[1:] == [("2024-01", 36, 500)]


def test_held_for_sale_past_the_end_of_the_life(engine: Engine) -> None:
    turns = Turn(JULY, "held_for_sale"), Turn(date(2027, 5, 31), "back_in_use")
    assert runs(charges(engine, ASSET, RULE, *turns))[1:] == [("2027-06", 1, 43_000)]


def test_an_asset_arrives_with_what_was_charged_elsewhere(engine: Engine) -> None:
    """24,000 by the end of June 2023: 36,000 over the 42 months that remain, and nothing before."""
    rows = rows_of(engine, [(ASSET, [Turn(JULY, "opening", 18_000)])], [RULE])
    assert rows == [(0, period_of(date(2023, 7, 1)) + n, 1_000, 18_000 + 1_000 * (n + 1)) for n in range(42)]
    assert rows == oracle([(ASSET, [Turn(JULY, "opening", 18_000)])], RULE)
    used_up = charges(engine, ASSET, RULE, Turn(JULY, "opening", 60_000))
    assert set(used_up.values()) == {0}
    late = charges(engine, ASSET, RULE, Turn(date(2030, 1, 31), "opening", 59_000))
    assert late == {"2030-02": 1_000}


MIRRORED = [
    ("full_month", "2023-07-20", 18), ("following_month", "2023-07-20", 18), ("nearest_month", "2023-07-20", 19),
    ("mid_month", "2023-07-20", 18), ("mid_quarter", "2023-07-20", 18), ("half_year", "2023-07-20", 12),
    ("half_year", "2023-02-03", 12), ("full_year", "2023-07-20", 12), ("full_month", "2022-01-31", 0),
    ("half_year", "2022-12-31", 0), ("full_year", "2022-12-31", 0), ("mid_quarter", "2023-09-30", 18),
]  # fmt: skip


@pytest.mark.parametrize(("convention", "day", "months"), MIRRORED)
def test_a_disposal_by_the_mirror_of_each_convention(engine: Engine, convention: str, day: str, months: int) -> None:
    got = charges(engine, ASSET, replace(RULE, convention=convention), Turn(date.fromisoformat(day), "disposal"))
    assert sum(got.values()) == months * 1_000


def test_a_disposal_to_the_day(engine: Engine) -> None:
    """365,000 over 5 years of 365 days: 200 a day; 181 days of 2023 before 1 July, none for the day itself."""
    rule = Rule(60, convention="daily", day_count="actual_365")
    got = charges(engine, Asset(365_000, date(2023, 1, 1)), rule, Turn(date(2023, 7, 1), "disposal"))
    assert got == {f"2023-{n:02}": 200 * days for n, days in enumerate((31, 28, 31, 30, 31, 30, 0), 1) if days}


def test_a_disposal_takes_back_nothing_that_another_change_lets_stand(engine: Engine) -> None:
    """Half a year stops the clock in June however many changes are recorded before a disposal in November."""
    rule = replace(RULE, convention="half_year")
    sold, noted = Turn(date(2023, 11, 5), "disposal"), Turn(date(2023, 9, 15), "estimate")
    plain = charges(engine, ASSET, rule, sold)
    assert sum(plain.values()) == 12_000
    both = charges(engine, ASSET, rule, noted, sold)
    assert both.keys() == plain.keys()
    assert max(abs(both[month] - plain[month]) for month in plain) <= 1
    assert sum(both.values()) == 12_000


def test_a_disposal_after_the_end_and_what_comes_after_it(engine: Engine) -> None:
    late = Turn(date(2028, 1, 1), "disposal")
    assert runs(charges(engine, ASSET, RULE, late)) == [("2022-01", 60, 1_000)]
    sold = Turn(date(2023, 7, 20), "disposal")
    assert runs(charges(engine, ASSET, RULE, sold, Turn(date(2023, 7, 20), "improvement", 5), late)) == [
        ("2022-01", 18, 1_000)
    ]


# A floor is a share of what is left


FLOOR = Rule(
    60, "declining_balance", residual_rate=Fraction(1, 10), switch="none", residual_as="floor", factor=Fraction(2)
)
YEAR = date(2022, 12, 31)
"""60,000 declines by 40 percent: 24,000 in the first year, 36,000 carried, a floor of 6,000."""


def yearly(engine: Engine, *turns: Turn, asset: Asset = ASSET) -> list[int]:
    years: dict[str, int] = {}
    for month, charge in charges(engine, asset, FLOOR, *turns).items():
        years[month[:4]] = years.get(month[:4], 0) + charge
    return list(years.values())


def test_a_floor_after_each_change(engine: Engine) -> None:
    """Half of what is carried is charged in the first of the four years that remain (2 / 4), down to the floor."""
    assert yearly(engine, Turn(YEAR, "estimate")) == [24_000, 18_000, 9_000, 3_000, 0]
    assert yearly(engine, Turn(YEAR, "impairment", 12_000)) == [24_000, 12_000, 6_000, 0, 0]
    assert yearly(engine, Turn(YEAR, "impairment", 40_000)) == [24_000, 0, 0, 0, 0]
    assert yearly(engine, Turn(YEAR, "estimate", residual=12_000)) == [24_000, 18_000, 6_000, 0, 0]
    assert yearly(engine, Turn(YEAR, "improvement", 20_000)) == [24_000, 28_000, 14_000, 6_000, 0]
    # Half goes in December, which is not charged of it; the rest goes on: 7,200, 4,320, 2,592, and what is left.
    assert yearly(engine, Turn(YEAR, "partial_disposal", part=Fraction(1, 2))) == [23_000, 7_200, 4_320, 2_592, 888]
    own = replace(ASSET, residual=12_000)
    kept = yearly(engine, Turn(YEAR, "partial_disposal", part=Fraction(1, 2)), asset=own)
    assert kept == [23_000, 7_200, 4_320, 480, 0]
    assert yearly(engine, Turn(YEAR, "opening", 24_000)) == [18_000, 9_000, 3_000, 0]


def test_a_part_goes_then_an_improvement_comes(engine: Engine) -> None:
    """Half goes, uncharged in December (18,000 carried), 20,000 comes: 38,000 carried, a floor of 5,000."""
    turns = Turn(YEAR, "partial_disposal", part=Fraction(1, 2)), Turn(YEAR, "improvement", 20_000)
    assert yearly(engine, *turns) == [23_000, 19_000, 9_500, 4_500, 0]


# Against the independent checker, on every cell


KINDS = ("improvement", "impairment", "reversal", "estimate", "partial_disposal", "held_for_sale", "back_in_use")
RULES = {
    "straight line": Rule(48),
    "straight line with a residual value": Rule(48, residual_rate=Fraction(1, 10)),
    "sum of digits": Rule(48, "sum_of_years_digits", residual_rate=Fraction(1, 20)),
    "declining": Rule(48, "declining_balance", reset="fiscal_year"),
    "declining to a floor": Rule(48, "declining_balance", residual_rate=Fraction(1, 10), residual_as="floor"),
}
CONVENTIONS = (
    "full_month", "following_month", "nearest_month", "mid_month", "mid_quarter", "half_year", "full_year", "daily",
)  # fmt: skip


def story(rng: Random, simple: bool) -> Story:
    """An asset of any size, and up to four things that happen to it on any day, the edges of months most of all."""
    cost = 40_000 * rng.randint(1, 50) if simple else rng.choice([1, 100_000, rng.randint(1, 10**12)])
    in_service = date(2020, 1, 1) + timedelta(rng.randint(0, 700))
    edges = [date(2021, 6, 30), date(2021, 12, 31), date(2022, 1, 1), date(2022, 2, 28), in_service]
    picked = [
        rng.choice([*edges, date(2020, 1, 1) + timedelta(rng.randint(0, 2_200))]) for _ in range(rng.randint(0, 4))
    ]
    days = sorted(max(day, in_service) for day in picked)
    turns = [turn(rng, day, rng.choice(KINDS), cost, simple) for day in days]
    if rng.random() < 0.2:
        turns.insert(0, Turn(in_service + timedelta(rng.randint(0, 300)), "opening", cost // 4))
    if rng.random() < 0.3:
        turns.append(Turn(in_service + timedelta(rng.randint(0, 1_800)), "disposal"))
    residual = rng.choice([None, None, 0, cost // 8])
    return Asset(cost, in_service, residual), sorted(turns, key=lambda t: t.day)


def turn(rng: Random, day: date, kind: str, cost: int, simple: bool) -> Turn:
    amount = cost // 40 * rng.randint(0, 8) if simple else rng.randint(0, cost // 5)
    if kind == "estimate":
        return Turn(day, kind, 0, rng.choice([None, 6, 36, 72]), rng.choice([None, cost // 10]))
    if kind == "partial_disposal":
        return Turn(day, kind, part=Fraction(rng.randint(1, 4), 4))
    if kind == "improvement":
        return Turn(day, kind, amount, rng.choice([None, 60]))
    return Turn(day, kind, amount if kind in ("impairment", "reversal") else 0)


@pytest.mark.parametrize(("name", "convention"), sampled(product(RULES, CONVENTIONS), 3))
def test_stories_under_every_clock(engine: Engine, name: str, convention: str) -> None:
    rng = Random(f"{name} {convention}")
    rule = replace(RULES[name], convention=convention, day_count="30_360_eu")
    stories = [story(rng, rule.residual_as == "floor") for _ in range(40)]
    for year_end in (12, 5):
        want = charged(oracle(stories, rule, year_end))
        got = charged(rows_of(engine, stories, [rule], year_end))
        if got != want:
            lot = min(set(got) ^ set(want))[0]
            wrong = sorted(row for row in set(got) ^ set(want) if row[0] == lot)
            told_by = "\n".join(f"{row} {row in set(got)}" for row in wrong[:12])
            raise AssertionError(f"{stories[lot]}\n{rule}\n{told_by}")


# Properties


DAYS = st.dates(date(2022, 1, 10), date(2028, 12, 31))


@st.composite
def turns(draw: st.DrawFn, most: int = 3) -> list[Turn]:
    """Changes that keep every amount within what is carried: small ones."""
    found = []
    for day in sorted(draw(st.lists(DAYS, max_size=most))):
        kind = draw(st.sampled_from(["impairment", "improvement", "estimate", "held_for_sale", "back_in_use"]))
        amount = draw(st.integers(0, 5_000)) if kind in ("impairment", "improvement") else 0
        life = draw(st.one_of(st.none(), st.integers(1, 120))) if kind == "estimate" else None
        found.append(Turn(day, kind, amount, life))
    return found


ANY_RULE = st.builds(
    Rule,
    st.integers(1, 84),
    st.sampled_from(["straight_line", "sum_of_years_digits"]),
    st.sampled_from(CONVENTIONS),
    residual_rate=st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 4)]),
)


SEARCHED = Engine(SOME)


@examples(60)
@given(turns(), ANY_RULE, st.integers(10**6, 10**9))
def test_what_is_charged_adds_up(happens: list[Turn], rule: Rule, cost: int) -> None:
    """Cost less residual value less impairment, in the end, unless it is held for sale; never above cost."""
    asset = Asset(cost, SERVICE)
    rows = rows_of(SEARCHED, [(asset, happens)], [rule])
    grown = cost + sum(turn.amount for turn in happens if turn.kind == "improvement")
    impaired = sum(turn.amount for turn in happens if turn.kind == "impairment")
    stops = [turn.kind for turn in happens if turn.kind in ("held_for_sale", "back_in_use")]
    total = sum(row[2] for row in rows)
    assert all(row[2] >= 0 for row in rows)
    assert all(0 <= row[3] <= grown for row in rows)
    assert [row[3] for row in rows] == list(accumulate(row[2] for row in rows))
    if not stops or stops[-1] == "back_in_use":
        kept = round(grown * rule.residual_rate)
        assert total == max(grown - kept - impaired, total if impaired > grown - kept - total else 0)


@examples(40)
@given(turns(), DAYS, ANY_RULE)
def test_a_change_leaves_the_past_as_it_was(happens: list[Turn], day: date, rule: Rule) -> None:
    changed = sorted([*happens, Turn(day, "estimate", life=30)], key=lambda turn: turn.day)
    rows = rows_of(SEARCHED, [(ASSET, happens), (ASSET, changed)], [rule])
    before, after = ([row[1:] for row in rows if row[0] == lot and row[1] < period_of(day + DAY)] for lot in (0, 1))
    assert before == after


@examples(40)
@given(turns(), ANY_RULE)
def test_the_order_of_the_file_does_not_matter(happens: list[Turn], rule: Rule) -> None:
    """Turns of different days are put in order of day."""
    days = {turn.day: turn for turn in happens}
    stories = [(ASSET, list(days.values())), (ASSET, list(days.values())[::-1])]
    rows = rows_of(SEARCHED, stories, [rule])
    assert [row[1:] for row in rows if row[0] == 0] == [row[1:] for row in rows if row[0] == 1]


@examples(40)
@given(turns(), ANY_RULE, st.integers(0, 100))
def test_splitting_a_lot_changes_no_more_than_a_cent_a_period(happens: list[Turn], rule: Rule, part: int) -> None:
    """Two lots with their parts of every amount, beside the whole: each balance is off by rounding alone."""
    some, rest = _scaled(happens, part), _scaled(happens, 100 - part)
    stories = [(Asset(10_000_000, SERVICE), _scaled(happens, 100)), (Asset(100_000 * part, SERVICE), some)]
    rows = rows_of(SEARCHED, [*stories, (Asset(100_000 * (100 - part), SERVICE), rest)], [rule])
    balance: dict[int, int] = {}
    for lot, period, _, accumulated in rows:
        balance[period] = balance.get(period, 0) + (accumulated if lot == 0 else -accumulated)
    assert max(map(abs, balance.values()), default=0) <= 2 * (len(happens) + 1)


def _scaled(happens: list[Turn], part: int) -> list[Turn]:
    return [replace(turn, amount=turn.amount * part) for turn in happens]


def test_policies_of_the_book_and_changes_of_the_lot(engine: Engine) -> None:
    """A policy of the same month goes first; it is carried on after the change, and not before the lot arrives."""
    book = [RULE, Rule(78, effective=date(2023, 7, 1))]
    rows = rows_of(engine, [(ASSET, [Turn(JULY, "impairment", 12_000)])], book)
    assert [row[2] for row in rows] == [1_000] * 18 + [500] * 60
    rows = rows_of(engine, [(ASSET, [Turn(date(2024, 6, 30), "opening", 12_000)])], book)
    assert [row[2] for row in rows] == [1_000] * 48
    assert rows[0][1] == period_of(date(2024, 7, 1))


# What cannot happen


IMPOSSIBLE = [
    (Turn(JULY, "estimate", life=-5), "life of -5 months", "a useful life is 1 to 1200 months from the start"),
    (Turn(JULY, "estimate", life=0), "life of 0 months", "a useful life is 1 to 1200 months from the start"),
    (Turn(JULY, "estimate", life=1201), "life of 1201 months", "a useful life is 1 to 1200 months from the start"),
    (Turn(JULY, "impairment", -1), "amount -1", "its kind says which way it goes: zero or more"),
    (Turn(JULY, "improvement"), "amount is missing", "its kind says which way it goes: zero or more"),
    (Turn(JULY, "partial_disposal", part=Fraction(3, 2)), "part 3/2", "a part is from nothing to all of it"),
    (Turn(JULY, "partial_disposal"), "part /", "a part is from nothing to all of it"),
    (Turn(JULY, "estimate", residual=60_001), "residual value 60001", "a residual value is from nothing to the cost"),
    (Turn(JULY, "estimate", residual=-1), "residual value -1", "a residual value is from nothing to the cost"),
    (
        Turn(date(2022, 1, 9), "disposal"),
        "it was placed in service on 2022-01-10",
        "what is not in service cannot go out of it",
    ),
]


@pytest.mark.parametrize(("happens", "what", "why"), IMPOSSIBLE, ids=lambda value: str(value)[:30])
def test_what_cannot_happen_is_refused(engine: Engine, happens: Turn, what: str, why: str) -> None:
    with pytest.raises(Refused) as fault:
        rows_of(engine, [(ASSET, []), (ASSET, [happens])], [RULE])
    where = f"changes: lot L000001: {happens.kind} of {happens.day}"
    assert str(fault.value) == f"{where}: {what}\n  why: {why}\n  do: correct the change"


def test_the_limits_of_what_can_happen(engine: Engine) -> None:
    turns = [
        Turn(SERVICE, "improvement", 1_000),
        Turn(JULY, "estimate", life=1_200, residual=61_000),
        Turn(JULY, "partial_disposal", part=Fraction(1)),
        Turn(SERVICE + timedelta(1_000), "disposal"),
    ]
    assert sum(row[2] for row in rows_of(engine, [(ASSET, turns)], [RULE])) == 61_000 * 17 // 60
    assert rows_of(engine, [(ASSET, [Turn(SERVICE, "disposal")])], [RULE]) == []
