"""The arithmetic of a change of life: published cases first, then an oracle that walks months in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.backtest.disclosures import Amount, Life, Step, Window
from depr.backtest.life_changes import Carried, Range, carried_effect, path, variants
from depr.backtest.vintages import Vintage
from depr.kernel.calendar import FiscalCalendar, first_day, period_of
from tests.size import examples

CALENDAR = FiscalCalendar()
JAN_2013 = period_of(date(2013, 1, 1))


def year(of: int, months: int = 12, start: int = 0) -> Window:
    first = period_of(date(of, 1, 1)) + start
    return Window(of, first, first + months - 1, False)


def carried(amount: int, old: int, new: int, half: int = 0) -> Carried:
    exact = Amount(amount, half)
    return Carried(exact, JAN_2013, old, new, exact, None)


# Disclosed carrying amounts

TEXTBOOK = [
    # carrying amount, old and new remaining years, charge a year before and after, source
    (
        100_000_00,
        10,
        15,
        10_000_00,
        6_666_67,
        "https://simplestudies.com/how-to-account-for-increase-in-useful-life-of-fixed-assets.html/page/2",
    ),
    (70_000_00, 7, 5, 10_000_00, 14_000_00, "https://online.flipbuilder.com/bmcx/sufx/files/basic-html/page241.html"),
    (
        111_000_00 - 20_000_00,
        7,
        4,
        13_000_00,
        22_750_00,
        "https://studmed.ru/view/acca-f3-int-financial-accounting-2010-study-text-emile-woolf-publishing_73172bbafdf.html?page=18",
    ),
]
"""Changes in estimate of textbooks: what is carried less residual value, over what remains."""


@pytest.mark.parametrize(("amount", "old", "new", "before", "after", "source"), TEXTBOOK)
def test_textbook(amount: int, old: int, new: int, before: int, after: int, source: str) -> None:
    effect = carried_effect(carried(amount, old * 12, new * 12), year(2013))
    assert abs(effect.mid - (after - before)) <= 1, source


def test_zynga_one_data_center() -> None:
    """10-K FY2014, R11: USD 11.9 million at 30 June 2013, remaining 11 months cut to 4; effect of 2013 5.3 million.

    All of it is charged by October, 6/11 of it would have been by December: 5.4, and whole months leave 4.7 to 6.0.
    """
    first = period_of(date(2013, 7, 1))
    amount = Amount(1_190_000_000, 5_000_000)
    effect = carried_effect(Carried(amount, first, 11, 4, amount, None), year(2013))
    assert effect.mid == round(1_190_000_000 * Fraction(5, 11))
    assert effect.low == round(1_185_000_000 * Fraction(4, 10))
    assert effect.high == round(1_195_000_000 * Fraction(6, 12))
    assert effect.low <= 530_000_000 <= effect.high


def test_zynga_two_data_centers() -> None:
    """10-K FY2014, R11: USD 27.1 million at 30 September 2013, 14.6 at 31 December, 10 months remaining; effect 4.9.

    Charged: 27.1 - 14.6. Without the change: 3/10 of 27.1, and 3/11 to 3/9 as months are whole.
    """
    first = period_of(date(2013, 10, 1))
    start, end = Amount(2_710_000_000, 5_000_000), Amount(1_460_000_000, 5_000_000)
    effect = carried_effect(Carried(start, first, 10, 5, start, end), year(2013, 3, 9))
    assert effect.mid == 1_250_000_000 - 813_000_000
    assert effect.low <= 490_000_000 <= effect.high


def test_a_second_period_takes_up_where_the_first_ended() -> None:
    """Over both periods the charges with and without the change are the whole carrying amount: the effects cancel."""
    start = Amount(1_000_00, 0)
    whole = carried_effect(carried(1_000_00, 10, 5), year(2013)).mid
    first = carried_effect(carried(1_000_00, 10, 5), year(2013, 3)).mid
    left = Amount(1_000_00 - 600_00, 0)
    second = carried_effect(Carried(start, JAN_2013, 10, 5, left, None), year(2013, 9, 3)).mid
    assert (whole, first, first + second) == (0, 300_00, 0)


@given(st.integers(1, 10**15), st.integers(2, 200), st.integers(2, 200), st.integers(1, 24), st.integers(0, 10**6))
def test_the_rounding_of_inputs_widens_and_holds_the_middle(
    amount: int, old: int, new: int, months: int, half: int
) -> None:
    exact = carried_effect(carried(amount, old, new), year(2013, months))
    effect = carried_effect(carried(amount, old, new, min(half, amount)), year(2013, months))
    assert effect.low <= effect.mid <= effect.high
    assert effect.mid == exact.mid
    used = [Fraction(min(months, life), life) for life in (new, old)]
    assert effect.mid == round(amount * (used[0] - used[1]))


# Vintages


def oracle(cost: int, placed: int, lives: Sequence[tuple[int, int]], last: int) -> dict[int, Fraction]:
    """Charges by month of a cost in service from the middle of month `placed`, walked month by month in fractions.

    `lives` are (month from which it applies, life in months); a change spreads what is left over what remains.
    """
    left, out = Fraction(cost), {}
    life = [months for start, months in lives if start <= placed][-1]
    rate = Fraction(cost, life)
    for month in range(placed, last + 1):
        for start, months in lives:
            if start == month and month > placed and left:
                age = month - placed - Fraction(1, 2)
                rate = left / max(months - age, Fraction(1))
        charge = min(rate * (Fraction(1, 2) if month == placed else 1), left)
        out[month], left = charge, left - charge
    return out


def vintage(placed: int, cost: int) -> Vintage:
    return Vintage(2000, 1, first_day(placed), (cost // 2, cost, cost * 2), "a test")


def step(when: int, old: int, new: int) -> Step:
    return Step(first_day(when), Life(old, old, old), Life(new, new, new))


CHANGE = period_of(date(2020, 1, 1))
lives = st.integers(6, 90)


@examples(30)
@given(
    st.lists(st.tuples(st.integers(-60, 11), st.integers(1, 10**13)), min_size=1, max_size=6),
    lives,
    lives,
    lives,
    st.booleans(),
)
def test_effects_are_those_of_the_oracle(
    fleet: list[tuple[int, int]], oldest: int, old: int, new: int, before: bool
) -> None:
    history = [step(CHANGE - 24, oldest, old)] if before else []
    first = oldest if before else old
    made = path([vintage(CHANGE + at, cost) for at, cost in fleet], history, [step(CHANGE, old, new)], CALENDAR)
    past = [(0, first), *([(CHANGE - 24, old)] if before else [])]
    last = CHANGE + 11
    for scope in ("A", "B"):
        wanted = Fraction(0)
        for at, cost in fleet:
            if scope == "B" or at < 0:
                with_, without = (oracle(cost, CHANGE + at, each, last) for each in ([*past, (CHANGE, new)], past))
                wanted += sum((with_[m] - without[m] for m in with_ if m >= CHANGE), Fraction(0))
        found = made.effect(year(2020), scope)
        assert abs(found.mid - wanted) <= 2 * len(fleet), "half a minor unit at each end of each schedule"
        assert abs(found.high - 2 * wanted) <= 2 * len(fleet)


def steady(at: range, cost: int = 10**12) -> list[Vintage]:
    return [vintage(CHANGE + month, cost) for month in at]


@pytest.mark.parametrize(("old", "new"), [(36, 48), (48, 60), (48, 72), (60, 72), (60, 66)])
def test_effects_on_what_is_carried_decline_and_those_on_additions_rise(old: int, new: int) -> None:
    made = path(steady(range(-old, 12, 3)), [], [step(CHANGE, old, new)], CALENDAR)
    quarters = [year(2020, 3, start) for start in (0, 3, 6, 9)]
    carried_over = [made.effect(quarter, "A").mid for quarter in quarters]
    additions = [made.effect(quarter, "B").mid - a for quarter, a in zip(quarters, carried_over, strict=True)]
    assert all(effect < 0 for effect in carried_over)
    assert carried_over == sorted(carried_over), "closer to nothing, quarter by quarter"
    assert additions == sorted(additions, reverse=True)
    assert additions[-1] < 0


def test_a_change_moves_depreciation_and_makes_none() -> None:
    """From the change to the end of the longest life the effects add up to nothing."""
    made = path(steady(range(-36, 0, 3)), [], [step(CHANGE, 36, 72)], CALENDAR)
    whole = Window(2020, CHANGE, CHANGE + 100, False)
    assert made.effect(whole, "A") == Range(0, 0, 0)
    assert made.without(whole, "A").mid == made.carrying
    assert made.effect(Window(2019, CHANGE - 12, CHANGE - 1, False), "B") == Range(0, 0, 0)


def test_lives_stated_as_a_range_have_their_ends() -> None:
    [plain] = variants([step(CHANGE, 36, 48)])
    assert plain == (step(CHANGE, 36, 48),)
    ranged = Step(first_day(CHANGE), Life(60, 48, 60), Life(66, 66, 66))
    assert [[(s.old.months, s.new.months) for s in each] for each in variants([ranged])] == [
        [(60, 66)],
        [(48, 66)],
        [(60, 66)],
    ]
