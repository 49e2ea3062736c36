"""What holds of every schedule, over methods, conventions, lives, residual values, amounts and dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from depr.balances.grain import by_grain
from depr.kernel.calendar import FiscalCalendar, period_of
from depr.pipeline import schedule
from tests.engines import Engine
from tests.kernel.fleets import Case, assert_every_cell, book_of, lots_of, schedule_of
from tests.oracle import Asset, Rule, half_even
from tests.properties.strategies import (
    CONVENTION_NAMES,
    COSTS,
    DAYS,
    YEAR_ENDS,
    assets,
    fleets,
    rules,
    tracks,
)
from tests.size import examples

FEW = examples(40)
CHARGE, ACCUMULATED = pl.col("depreciation_minor"), pl.col("accumulated_minor")


def residual_of(asset: Asset, rule: Rule) -> int:
    rate = rule.residual_rate
    return half_even(asset.cost * rate.numerator, rate.denominator) if asset.residual is None else asset.residual


@FEW
@given(fleets(own_residual=False), rules(), YEAR_ENDS)
def test_equals_the_oracle(engine: Engine, cases: list[Case], rule: Rule, year_end: int) -> None:
    assert_every_cell(engine, cases, {"*": [rule]}, year_end)


@FEW
@given(fleets(), tracks(), YEAR_ENDS)
def test_equals_the_oracle_under_dated_changes(
    engine: Engine, cases: list[Case], track: list[Rule], year_end: int
) -> None:
    assert_every_cell(engine, cases, {"*": track}, year_end)


@FEW
@given(fleets(), rules(floors=False), YEAR_ENDS)
def test_sums_to_its_base_never_falls_and_stays_within_residual_and_cost(
    engine: Engine, cases: list[Case], rule: Rule, year_end: int
) -> None:
    rows = schedule_of(engine, lots_of(cases), book_of({"*": [rule]}), year_end)
    lots = rows.group_by("lot").agg(CHARGE.sum(), CHARGE.min().alias("least"), ACCUMULATED.last()).sort("lot").rows()
    bases = [case.asset.cost - residual_of(case.asset, rule) for case in cases]
    assert [(charged, accumulated) for _, charged, _, accumulated in lots] == [(base, base) for base in bases]
    assert min(least for _, _, least, _ in lots) >= 0


@FEW
@given(fleets(), tracks(), YEAR_ENDS)
def test_under_changes_too_nothing_falls_and_the_carrying_amount_stays_within_bounds(
    engine: Engine, cases: list[Case], track: list[Rule], year_end: int
) -> None:
    """After changes the lowest residual value of any rule bounds the carrying amount; charges add to what is shown."""
    rows = schedule_of(engine, lots_of(cases), book_of({"*": track}), year_end)
    kept = [min(residual_of(case.asset, rule) for rule in track) for case in cases]
    most = rows.group_by("lot").agg(ACCUMULATED.max(), CHARGE.sum(), CHARGE.min().alias("least")).sort("lot").rows()
    for (_, accumulated, charged, least), case, residual in zip(most, cases, kept, strict=True):
        assert accumulated == charged <= case.asset.cost - residual
        assert least >= 0


@FEW
@given(fleets(), tracks(), st.randoms(use_true_random=False))
def test_the_order_of_the_lots_changes_nothing(
    engine: Engine, cases: list[Case], track: list[Rule], rng: Random
) -> None:
    lots = lots_of(cases)
    order = list(range(len(cases)))
    rng.shuffle(order)
    assert schedule_of(engine, lots[order], book_of({"*": track})).equals(
        schedule_of(engine, lots, book_of({"*": track}))
    )


@FEW
@given(fleets(), assets(), tracks())
def test_a_lot_does_not_depend_on_the_others(engine: Engine, cases: list[Case], more: Asset, track: list[Rule]) -> None:
    book = book_of({"*": track})
    both = schedule_of(engine, lots_of([*cases, Case(more)]), book)
    assert both.filter(pl.col("lot") < len(cases)).equals(schedule_of(engine, lots_of(cases), book))


@FEW
@given(st.lists(st.tuples(COSTS, st.integers(0, 40)), min_size=2, max_size=5), DAYS, rules(floors=False))
def test_splitting_a_lot(engine: Engine, parts: list[tuple[int, int]], day: date, rule: Rule) -> None:
    """k parts with their shares of the residual value: the same at the end, off by at most (k + 1) / 2 on the way.

    Each of the k + 1 accumulations is rounded once, by at most a half, and their exact values add up.
    """
    assets_ = [Asset(cost, day, cost * n // 40) for cost, n in parts]
    whole = Asset(sum(a.cost for a in assets_), day, sum(a.residual or 0 for a in assets_))
    rows = schedule_of(engine, lots_of(map(Case, [whole, *assets_])), book_of({"*": [rule]}))
    apart = rows.filter(pl.col("lot") > 0).group_by("period").agg(ACCUMULATED.sum()).sort("period")
    gaps = (apart["accumulated_minor"] - rows.filter(lot=0)["accumulated_minor"]).abs()
    assert gaps[-1] == 0
    assert 2 * max(gaps) <= len(parts) + 1


@FEW
@given(st.lists(st.integers(1, 10**15), min_size=2, max_size=5), DAYS, rules())
def test_splitting_a_lot_whose_residual_value_is_a_rate(
    engine: Engine, costs: list[int], day: date, rule: Rule
) -> None:
    """Then each residual value is rounded too, so k parts differ by at most k + 1, at the end included."""
    rows = schedule_of(engine, lots_of(Case(Asset(cost, day)) for cost in (sum(costs), *costs)), book_of({"*": [rule]}))
    apart = rows.filter(pl.col("lot") > 0).group_by("period").agg(ACCUMULATED.sum()).sort("period")
    assert max((apart["accumulated_minor"] - rows.filter(lot=0)["accumulated_minor"]).abs()) <= len(costs) + 1


@FEW
@given(fleets(), tracks(), YEAR_ENDS)
def test_a_coarse_grain_is_the_sum_of_the_fine_one(
    engine: Engine, cases: list[Case], track: list[Rule], year_end: int
) -> None:
    lots, calendar = lots_of(cases), FiscalCalendar(year_end)
    rows = schedule(lots, book_of({"*": track}), calendar)
    month, quarter, year = (by_grain(rows, lots, calendar, grain).collect() for grain in ("month", "quarter", "year"))
    amounts = (CHARGE.sum(), ACCUMULATED.last())

    def summed(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
        return frame.group_by("lot_id", *keys, maintain_order=True).agg(*amounts)

    names = ["lot_id", "fiscal_year", "fiscal_quarter", "depreciation_minor", "accumulated_minor"]
    assert summed(month, "fiscal_year", "fiscal_quarter").equals(quarter.select(names))
    assert summed(quarter, "fiscal_year").equals(year.select(n for n in names if n != "fiscal_quarter"))
    assert (
        month["depreciation_minor"].to_list()
        == schedule_of(engine, lots, book_of({"*": track}), year_end)["depreciation_minor"].to_list()
    )


@FEW
@given(fleets(), tracks(), rules(floors=False), st.dates(date(2016, 1, 1), date(2028, 12, 31)), YEAR_ENDS)
def test_a_change_leaves_the_past_as_it_was(
    engine: Engine, cases: list[Case], track: list[Rule], change: Rule, day: date, year_end: int
) -> None:
    """Every row before the month of a further change is the same with and without it, for lots in service by then."""
    before = [rule for rule in track if rule.effective < day]
    after = [*before, replace(change, effective=day)]
    past = [case for case in cases if period_of(case.asset.in_service) < period_of(day)]
    if past:
        without, changed = (
            schedule_of(engine, lots_of(past), book_of({"*": rules_}), year_end).filter(
                pl.col("period") < period_of(day)
            )
            for rules_ in (before, after)
        )
        assert without.equals(changed)


@FEW
@given(fleets(), st.integers(1, 400), st.integers(1, 400), st.sampled_from(CONVENTION_NAMES), YEAR_ENDS)
def test_a_longer_straight_line_life_never_raises_the_first_year(
    engine: Engine, cases: list[Case], life: int, more: int, convention: str, year_end: int
) -> None:
    """Nor what is accumulated by the end of any month: the first year is one of those ends."""
    short, long = (
        schedule_of(engine, lots_of(cases), book_of({"*": [Rule(months, convention=convention)]}), year_end)
        for months in (life, life + more)
    )
    both = short.join(long, on=["lot", "period"], suffix="_long")
    assert both.height == short.height
    assert (both["accumulated_minor"] >= both["accumulated_minor_long"]).all()


@FEW
@given(st.integers(10**17, 2**63 - 1), DAYS, rules(), st.booleans())
def test_nothing_wraps_at_the_widest_amounts(engine: Engine, cost: int, day: date, rule: Rule, own: bool) -> None:
    """Beyond what a purchases file may hold, to the end of 64 bits, every cell is still the oracle's."""
    residual = cost // 40 * 3 if own and rule.residual_as == "deduction" else None
    assert_every_cell(engine, [Case(Asset(cost, day, residual))], {"*": [rule]})


def test_the_widest_amount_of_all(engine: Engine) -> None:
    for rate in (Fraction(0), Fraction("0.333333333333333333"), Fraction(1)):
        assert_every_cell(engine, [Case(Asset(2**63 - 1, date(2024, 2, 29)))], {"*": [Rule(66, residual_rate=rate)]})
