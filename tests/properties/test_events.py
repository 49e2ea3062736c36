"""What holds of every schedule, over all methods, all conventions and what befalls a lot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from depr.balances.grain import by_grain
from depr.books.estimates import estimates
from depr.kernel.calendar import FiscalCalendar, period_of
from tests.engines import Engine
from tests.kernel.fleets import Case, book_from, changes_of, lots_of, policy_of, schedule_of
from tests.oracle import GOES, Asset, Rule, Turn, half_even
from tests.properties.strategies import (
    CONVENTION_NAMES,
    DAY_COUNT_NAMES,
    FACTORS,
    KINDS,
    METHOD_NAMES,
    YEAR_ENDS,
    judgements,
    stories,
    turns,
)
from tests.size import examples

Story = tuple[Asset, list[Turn]]
Policy = dict[str, Any]
FEW = examples(40)
BY_YEAR = ("mid_quarter", "half_year", "full_year")
"""Conventions that say what a year is charged: what goes has a clock of its own from the start of its fiscal year."""


def rows_of(engine: Engine, told: Sequence[Story], policy: Policy, year_end: int = 12) -> list[tuple[int, ...]]:
    """lot, period, depreciation and accumulated depreciation, in order."""
    lots = lots_of(Case(asset) for asset, _ in told)
    return schedule_of(engine, lots, book_from([policy]), year_end, changes_of(turns for _, turns in told)).rows()


def month_of(turn: Turn) -> int:
    """Number of the month from which a change is felt: what goes in that of its day, others in that of the next day."""
    return period_of(turn.day if turn.kind in GOES else turn.day + timedelta(1))


Moved = dict[str, Any]
"""A row of contract.Movements."""


def moved_by(told: Sequence[Story], policy: Policy, year_end: int) -> list[list[Moved]]:
    """What the changes of each lot move, in their order."""
    lots, changes = lots_of(Case(asset) for asset, _ in told), changes_of(turns for _, turns in told)
    moved = estimates(lots, book_from([policy]), FiscalCalendar(year_end), changes).movements
    return [moved.filter(lot=lot).to_dicts() for lot in range(len(told))]


@dataclass
class Balances:
    """What a lot stands at, in minor units: kept in step with its schedule, without any curve."""

    cost: int
    residual: int | None
    policy: Policy
    accumulated: int = 0
    impaired: int = 0
    charging: bool = True
    floor: int = field(default=0)

    def __post_init__(self) -> None:
        self.begin()

    @property
    def kept(self) -> int:
        if self.policy["method"] == "macrs":  # tax law asks for no residual value, not for a lot's own either
            return 0
        if self.residual is not None:
            return self.residual
        rate = Fraction(self.policy["residual_rate"])
        return half_even(self.cost * rate.numerator, rate.denominator)

    @property
    def carried(self) -> int:
        return self.cost - self.impaired - self.accumulated

    def begin(self) -> None:
        """A stretch begins: it ends at the residual value, or stays where it is when it is below that."""
        self.floor = min(self.kept, self.carried)

    def feel(self, turn: Turn, moved: Moved) -> None:
        """What a change moves; how much has been charged by then of what goes is taken from the engine."""
        was, n, d = self.cost, turn.part.numerator, turn.part.denominator
        self.cost -= half_even(self.cost * n, d)
        if self.residual is not None:
            self.residual -= half_even(self.residual * n, d)
        self.cost += turn.amount if turn.kind == "improvement" else 0
        self.residual = self.residual if turn.residual is None else turn.residual
        self.charging = turn.kind == "back_in_use" or (self.charging and turn.kind != "held_for_sale")
        lost = moved["impairment_minor"]
        assert moved["cost_minor"] == self.cost - was
        assert lost == -half_even(self.impaired * n, d) or turn.kind in ("impairment", "reversal")
        assert 0 <= lost <= turn.amount or turn.kind != "impairment"
        assert lost == -min(turn.amount, self.impaired) or turn.kind != "reversal"
        assert moved["accumulated_minor"] == 0 or (turn.part and moved["accumulated_minor"] < 0)
        self.impaired += lost
        self.accumulated += moved["accumulated_minor"]


def walk(
    story: Story, rows: Sequence[tuple[int, ...]], policy: Policy, year_end: int = 12
) -> Iterator[tuple[Balances, int]]:
    """The balances after each charge, and the charge; at last those after every change, and no charge."""
    asset, happens = story
    now = Balances(asset.cost, asset.residual, policy)
    [moved] = moved_by([story], policy, year_end)
    felt = [min(map(month_of, happens[place:])) for place in range(len(happens))]  # none after one that follows it
    todo = list(zip(happens, moved, felt, strict=True))
    for _, period, charge, accumulated in rows:
        begins = False
        while todo and todo[0][2] <= period:
            now.feel(*todo.pop(0)[:2])
            begins = True
        now.accumulated += charge
        assert now.accumulated == accumulated
        if begins:
            now.begin()
        yield now, charge
    for turn, what, _ in todo:
        now.feel(turn, what)
        now.begin()
    yield now, 0


@FEW
@given(stories(), judgements(), YEAR_ENDS)
def test_charges_are_never_negative_and_the_carrying_amount_stays_within_residual_and_cost(
    engine: Engine, story: Story, policy: Policy, year_end: int
) -> None:
    """Within what each stretch may use up, and every balance in step with what the changes move."""
    for now, charge in walk(story, rows_of(engine, [story], policy, year_end), policy, year_end):
        assert charge >= 0
        assert now.floor <= now.carried <= now.cost


@FEW
@example(
    story=(
        Asset(40, date(2024, 5, 1), None),
        [Turn(date(2024, 7, 31), "back_in_use"), Turn(date(2024, 7, 31), "partial_disposal", part=Fraction(1, 4))],
    ),
    policy=policy_of(Rule(3, convention="following_month")),
    year_end=12,
)  # the first of the day counts when the second does
@given(stories(), judgements(), YEAR_ENDS)
def test_all_is_charged_in_the_end(engine: Engine, story: Story, policy: Policy, year_end: int) -> None:
    """Down to the residual value; not what is held for sale, nor usage that falls short of what was expected."""
    *_, (now, _) = walk(story, rows_of(engine, [story], policy, year_end), policy, year_end)
    usage = [Fraction(used) for used in policy.get("usage", ())]
    if not now.charging or sum(usage) < Fraction(policy.get("total_usage", 0)):
        assert now.carried >= now.floor
    else:
        assert now.carried == now.floor


@FEW
@given(st.data(), judgements(), YEAR_ENDS)
def test_what_is_recorded_is_what_moves(engine: Engine, data: st.DataObject, policy: Policy, year_end: int) -> None:
    """Each change moves its amounts in the period of its day; a disposal leaves nothing of any balance."""
    asset, happens = data.draw(stories())
    after = data.draw(st.sampled_from([0, 0, 1, 20, 400]))
    last = happens[-1].day if happens else asset.in_service
    happens = [*happens, Turn(last + timedelta(after), "disposal", data.draw(st.integers(0, asset.cost)))]
    rows = rows_of(engine, [(asset, happens)], policy, year_end)
    [moved] = moved_by([(asset, happens)], policy, year_end)
    calendar = FiscalCalendar(year_end)
    told = [(turn.kind, calendar.period(turn.day)) for turn in happens]
    assert [(row["kind"], row["period"]) for row in moved] == told
    sold = [turn.amount if turn.kind in SOLD else 0 for turn in happens]
    assert [row["proceeds_minor"] for row in moved] == sold
    improved = [turn.amount for turn in happens if turn.kind == "improvement"]
    assert [row["cost_minor"] for row in moved if row["kind"] == "improvement"] == improved
    assert all(row[2] >= 0 for row in rows)
    assert all(row[1] <= calendar.period(happens[-1].day) for row in rows)
    left = {name: sum(row[name] for row in moved) for name in ("cost_minor", "accumulated_minor", "impairment_minor")}
    charged = sum(row[2] for row in rows)
    assert left == {"cost_minor": -asset.cost, "accumulated_minor": -charged, "impairment_minor": 0}


SOLD = ("partial_disposal", "disposal")


@FEW
@given(judgements(), stories(most=0), YEAR_ENDS)
def test_usage_that_falls_short_charges_its_share(engine: Engine, policy: Policy, story: Story, year_end: int) -> None:
    """Without a change the sum is base x F(end), rounded once: all of it, or usage to date over the total expected."""
    now = Balances(story[0].cost, story[0].residual, policy)
    used = sum((Fraction(u) for u in policy.get("usage", ())), Fraction(0))
    share = min(used / Fraction(policy["total_usage"]), Fraction(1)) if used or "usage" in policy else Fraction(1)
    charged = sum(row[2] for row in rows_of(engine, [story], policy, year_end))
    assert charged == half_even((now.cost - now.kept) * share.numerator, share.denominator)


@FEW
@given(st.data(), judgements(), st.lists(st.integers(1, 99), min_size=2, max_size=4))
def test_splitting_a_lot_changes_nothing_but_the_split(
    engine: Engine, data: st.DataObject, policy: Policy, weights: list[int]
) -> None:
    """The parts with their parts of every amount: each balance is off by rounding alone.

    A stretch rounds what is accumulated once, by at most a half, and what it begins on is off by no more than before;
    a partial disposal rounds each balance, four halves; a residual value that is a rate is rounded at each change.
    """
    whole = sum(weights)
    asset, happens = data.draw(stories())
    told = [scaled(asset, happens, whole), *(scaled(asset, happens, weight) for weight in weights)]
    rows = rows_of(engine, told, policy)
    balance: dict[int, int] = {}
    for lot, period, _, accumulated in rows:
        balance[period] = balance.get(period, 0) + (accumulated if lot == 0 else -accumulated)
    halves = sum(6 if turn.part else 2 for turn in happens) + 2
    assert 2 * max(map(abs, balance.values()), default=0) <= halves * (len(weights) + 1)


def scaled(asset: Asset, happens: Sequence[Turn], times: int) -> Story:
    """An asset and what befalls it, in amounts so many times as large."""
    residual = None if asset.residual is None else asset.residual * times
    later = [
        replace(t, amount=t.amount * times, residual=None if t.residual is None else t.residual * times)
        for t in happens
    ]
    return replace(asset, cost=asset.cost * times, residual=residual), later


@FEW
@given(st.lists(stories(), min_size=1, max_size=3), judgements(), YEAR_ENDS)
def test_a_coarse_grain_is_the_sum_of_the_fine_one(
    engine: Engine, told: list[Story], policy: Policy, year_end: int
) -> None:
    lots, calendar = lots_of(Case(asset) for asset, _ in told), FiscalCalendar(year_end)
    rows = schedule_of(engine, lots, book_from([policy]), year_end, changes_of(turns for _, turns in told))
    summed: dict[str, dict[tuple[str, int, int], tuple[int, int]]] = {}
    for grain, months in (("month", 1), ("quarter", 3), ("year", 12)):
        want: dict[tuple[str, int, int], tuple[int, int]] = {}
        for lot, period, charge, accumulated in rows.rows():
            year, month = divmod(period - year_end, 12)
            key = (f"L{lot:06}", 1900 + year + 1, month // months)
            want[key] = (want.get(key, (0, 0))[0] + charge, accumulated)
        got = by_grain(rows.lazy(), lots, calendar, grain).collect()
        columns = got.select("lot_id", "fiscal_year", "depreciation_minor", "accumulated_minor").rows()
        assert columns == [(lot, year, *amounts) for (lot, year, _), amounts in sorted(want.items())]
        summed[grain] = want


@FEW
@given(st.data(), judgements(), YEAR_ENDS)
def test_a_change_leaves_the_past_as_it_was(engine: Engine, data: st.DataObject, policy: Policy, year_end: int) -> None:
    """Every row before the month in which a further change is felt is the same with and without it.

    What goes is gone from the month of its day on. Where the convention says what a year is charged, the amount of
    the year in which it goes is spread over its months until then: there the past ends with the fiscal year before.
    """
    asset, happens = data.draw(stories(most=3))
    calendar = FiscalCalendar(year_end)
    kinds = (*KINDS, "disposal")
    for turn in data.draw(turns(asset.cost, asset.in_service, kinds, most=1)):
        felt = month_of(turn)
        if turn.kind in GOES and policy["convention"] in BY_YEAR:
            felt = calendar.year_start(felt)
        changed = sorted([*happens, turn], key=lambda t: t.day)
        before = [row for row in rows_of(engine, [(asset, happens)], policy, year_end) if row[1] < felt]
        after = [row for row in rows_of(engine, [(asset, changed)], policy, year_end) if row[1] < felt]
        assert without_nothing(before) == without_nothing(after)


def without_nothing(rows: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Rows that charge something: whether the months before a clock starts have a row of nothing does not matter."""
    return [row for row in rows if row[2]]


@FEW
@given(st.data(), judgements(), judgements(), st.dates(date(2016, 1, 1), date(2030, 12, 31)), YEAR_ENDS)
def test_a_change_in_estimate_of_the_book_leaves_the_past_as_it_was(
    engine: Engine, data: st.DataObject, policy: Policy, later: Policy, day: date, year_end: int
) -> None:
    """From any method to any other, for lots in service by then and what befell them."""
    asset, happens = data.draw(stories(most=2))
    lots, changes = lots_of([Case(asset)]), changes_of([happens])
    before, after = (
        schedule_of(engine, lots, book_from(policies), year_end, changes).filter(pl.col("period") < period_of(day))
        for policies in ([policy], [policy, later | {"effective": day}])
    )
    assert period_of(asset.in_service) >= period_of(day) or before.equals(after)


@FEW
@given(
    st.sampled_from(METHOD_NAMES), st.sampled_from(CONVENTION_NAMES), st.sampled_from(DAY_COUNT_NAMES),
    st.integers(1, 84), st.integers(1, 84), stories(most=0), FACTORS, st.sampled_from(["deduction", "floor"]),
    st.sampled_from(["remaining", "original", "none"]), st.sampled_from(["asset_year", "fiscal_year"]), YEAR_ENDS,
)  # fmt: skip
def test_a_longer_life_never_raises_the_first_year(
    engine: Engine, method: str, convention: str, count: str, life: int, more: int, story: Story, factor: Fraction,
    residual_as: str, switch: str, reset: str, year_end: int,
) -> None:  # fmt: skip
    """The first fiscal year, of every method that has a life; where the curve is data, the data are the life."""
    day_count = count if convention == "daily" else "actual_actual"
    rule = Rule(
        life, method, convention, factor=factor, switch=switch, residual_as=residual_as, reset=reset,
        day_count=day_count,
    )  # fmt: skip
    first = FiscalCalendar(year_end).year_start(period_of(story[0].in_service))
    short, long = (
        sum(row[2] for row in rows_of(engine, [story], policy_of(r), year_end) if row[1] < first + 12)
        for r in (rule, replace(rule, life_months=life + more))
    )
    assert long <= short
