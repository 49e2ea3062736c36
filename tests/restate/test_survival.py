"""Lives: published estimates, an oracle that counts unit by unit, and the retirements that ship."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.evidence.retirements import SINCE, retirement_lives, retirements
from depr.evidence.survival import (
    DAYS_PER_MONTH,
    LIVES,
    Curve,
    ages,
    by_generation,
    kaplan_meier,
    product_limit,
)
from tests.size import examples

CASES = Path(__file__).parents[1] / "examples" / "cases" / "survival_cases.json"
PUBLISHED = {case["id"]: case for case in json.loads(CASES.read_text("utf-8"))}
START = date(2020, 1, 1)

Unit = tuple[int, int, int, bool]
"""(entry, duration, units, retired)."""


def aged(*units: Unit) -> pl.DataFrame:
    """Rows as `ages` gives them."""
    columns = ["entry_days", "duration_days", "units", "retired"]
    frame = pl.DataFrame(units, columns, orient="row")
    return frame.with_columns(lot=pl.lit("L"), generation=pl.lit("a100"))


def curve(*units: Unit) -> Curve:
    return kaplan_meier(aged(*units))


def alive(*units: Unit) -> list[tuple[int, Fraction]]:
    """The oracle: at each age at which units retire, count who was under observation just before it."""
    share, steps = Fraction(1), []
    for age in sorted({duration for _, duration, _, retired in units if retired}):
        at_risk = sum(n for entry, duration, n, _ in units if entry < age <= duration)
        gone = sum(n for _, duration, n, retired in units if retired and duration == age)
        share *= Fraction(at_risk - gone, at_risk)
        steps.append((age, share))
    return steps


# From outside


@pytest.mark.parametrize("name", ["KM1", "KM2"])
def test_published_estimates_with_delayed_entry(name: str) -> None:
    """CamDavidsonPilon/lifelines@ad023a0, lifelines/tests/test_estimation.py; ages in tenths."""
    case = PUBLISHED[name]
    tenths = [
        (round(entry * 10), round(duration * 10), 1, bool(event))
        for entry, duration, event in zip(case["entry"], case["duration"], case["event"], strict=True)
    ]
    fitted = curve(*tenths)
    shares = [fitted.at(round(time * 10)) for time in case["times"]]
    assert all(share is not None for share in shares)
    assert [round((share or Fraction(0)) * 10**10) for share in shares] == [
        round(Fraction(str(value)) * 10**10) for value in case["lifelines_value"]
    ]


def test_a_life_table_by_retirement_rates() -> None:
    case = PUBLISHED["RRM1"]
    surviving = product_limit(case["inputs"]["exposures"], case["inputs"]["retirements"])
    assert [Fraction(str(value)) / 100 for value in case["expected"]["percent_surviving"]] == [1, *surviving]


# The estimate

units = st.tuples(st.integers(0, 30), st.integers(1, 40), st.integers(1, 5), st.booleans())
observed = st.lists(units, min_size=1, max_size=12).map(
    lambda rows: [(min(entry, duration - 1), duration, n, retired) for entry, duration, n, retired in rows]
)


@given(observed)
def test_every_share_is_that_of_the_oracle(rows: list[Unit]) -> None:
    fitted = curve(*rows)
    assert list(zip(fitted.ages, fitted.survival, strict=True)) == alive(*rows)


@given(observed)
def test_the_mean_is_the_area_day_by_day(rows: list[Unit]) -> None:
    fitted = curve(*rows)
    steps = dict(alive(*rows))
    share, area = Fraction(1), Fraction(0)
    for day in range(fitted.observed_to):
        share = steps.get(day, share)
        area += share
    assert fitted.mean() == area


@given(observed, st.integers(0, 45))
def test_life_is_what_was_lived_and_what_remains(rows: list[Unit], age: int) -> None:
    """mean = mean up to an age + the share that reaches it x what remains to it."""
    fitted = curve(*rows)
    share, remaining = fitted.at(age), fitted.remaining(age)
    assert (remaining is None) == (not share)
    assert fitted.mean() == fitted.mean(age) + (share or 0) * (remaining or 0)


@given(observed)
def test_units_weigh_what_they_number(rows: list[Unit]) -> None:
    one_by_one = [(entry, duration, 1, retired) for entry, duration, n, retired in rows for _ in range(n)]
    assert curve(*rows) == curve(*one_by_one)


@given(observed, st.permutations(range(12)))
def test_the_order_of_the_rows_says_nothing(rows: list[Unit], order: list[int]) -> None:
    assert curve(*rows) == curve(*[rows[place] for place in order if place < len(rows)])


def test_without_censoring_the_average_is_the_average() -> None:
    fitted = curve((0, 10, 1, True), (0, 20, 3, True))
    assert (fitted.mean(), fitted.median(), fitted.complete) == (Fraction(10 + 3 * 20, 4), 20, True)
    assert [fitted.at(age) for age in (0, 9, 10, 19, 20, 99)] == [1, 1, Fraction(3, 4), Fraction(3, 4), 0, 0]


def test_survivors_make_the_average_a_lower_bound() -> None:
    fitted = curve((0, 10, 1, True), (0, 30, 1, False))
    assert (fitted.mean(), fitted.complete, fitted.median()) == (Fraction(20), False, 10)
    assert (fitted.at(30), fitted.at(31)) == (Fraction(1, 2), None)
    assert (fitted.remaining(10), fitted.remaining(31)) == (Fraction(20), None)


def test_nobody_retired() -> None:
    fitted = curve((0, 30, 2, False))
    assert (fitted.mean(), fitted.median(), fitted.complete, fitted.emptied_at) == (Fraction(30), None, False, None)


def test_few_at_risk_early_may_empty_the_estimate_and_it_says_so() -> None:
    """One unit seen from its service on retires at 3; the others were first seen at 5."""
    fitted = curve((0, 3, 1, True), (5, 40, 9, True))
    assert (fitted.emptied_at, fitted.complete) == (3, True)
    assert curve((0, 3, 1, True)).emptied_at is None


def test_retired_at_the_age_at_which_others_enter() -> None:
    """Who enters at an age was not seen failing at it."""
    assert curve((0, 5, 1, True), (5, 9, 1, True), (0, 9, 1, True)).at_risk == (2, 2)


@examples(5)
@given(st.integers(0, 10**6))
def test_large_units_stay_exact(seed: int) -> None:
    rows = [(0, 10, 10**12 + seed, True), (0, 20, 10**12, False)]
    assert curve(*rows).at(10) == Fraction(10**12, 2 * 10**12 + seed)


def test_no_lives_are_refused() -> None:
    with pytest.raises(Refused, match="holds no lives"):
        kaplan_meier(aged((0, 1, 1, True)).clear())


# Lots


def lots(*rows: dict[str, Any]) -> pl.DataFrame:
    """Lots placed in service on 1 January 2020 and retired a year later, unless said otherwise."""
    plain = {
        "lot": "L1",
        "generation": "a100",
        "in_service_date": START,
        "observed_from": None,
        "end_date": START + timedelta(days=365),
        "units": 10,
        "retired": True,
    }
    return pl.DataFrame([plain | row for row in rows], LIVES)


def test_ages_count_days_from_service() -> None:
    seen = START + timedelta(days=100)
    good, findings = ages(lots({}, {"observed_from": seen}, {"observed_from": START - timedelta(days=9)}))
    assert good.select("entry_days", "duration_days").rows() == [(0, 365), (100, 365), (0, 365)]
    assert findings == ()


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"end_date": START - timedelta(days=1)}, "ends before it was placed in service"),
        ({"end_date": START}, "was not observed for a day"),
        ({"observed_from": date(2021, 1, 1)}, "was not observed for a day"),
        ({"units": 0}, "has no units"),
        ({"units": None}, "has no date of service, end, units or fate"),
        ({"in_service_date": None}, "has no date of service, end, units or fate"),
        ({"retired": None}, "has no date of service, end, units or fate"),
    ],
)
def test_a_lot_that_says_nothing_is_a_finding(row: dict[str, Any], what: str) -> None:
    good, findings = ages(lots({"lot": "L2"}, row), "disposals.csv")
    assert good["lot"].to_list() == ["L2"]
    assert [(f.file, f.code, f.what.startswith(f"lot L1 {what}")) for f in findings] == [
        ("disposals.csv", "life", True)
    ]


def test_lives_by_generation_against_the_book() -> None:
    """Of 10 units 4 retire after 365 days and 6 serve on after 730: a mean of 0.4 x 365 + 0.6 x 730 = 584 at least."""
    later = START + timedelta(days=730)
    given_ = lots(
        {"units": 4},
        {"units": 6, "end_date": later, "retired": False},
        {"lot": "L2", "generation": "h100", "units": 5, "retired": False},
    )
    table = by_generation(ages(given_)[0], {"a100": 12})
    assert table.row(0, named=True) == {
        "generation": "a100",
        "lots": 1,
        "units": 10,
        "retired_units": 4,
        "observed_to_days": 730,
        "complete": False,
        "emptied_at_days": None,
        "median_life_days": None,
        "average_life_days": 584,
        "remaining_life_days": 0,
        "book_life_days": 365,
        "average_less_book_days": 219,
        "surviving_book_life_ppm": 600_000,
    }
    h100 = table.row(1, named=True)
    assert (h100["average_life_days"], h100["book_life_days"], h100["surviving_book_life_ppm"]) == (365, None, None)


def test_remaining_life_is_that_of_each_unit_at_its_age() -> None:
    """Half retire at 100 and half at 300: a unit of 50 days has 150 left, one of 200 days has 100."""
    rows = [(0, 100, 1, True), (0, 300, 1, True), (0, 50, 2, False), (0, 200, 1, False)]
    fitted = curve(*rows)
    expected = (2 * (fitted.remaining(50) or 0) + (fitted.remaining(200) or 0)) / 3
    assert by_generation(aged(*rows), {})["remaining_life_days"].to_list() == [round(expected)]


@given(observed)
def test_days_lived_together_are_days_lived_apart(rows: list[Unit]) -> None:
    fitted = curve(*rows)
    reached = {duration: n for _, duration, n, retired in rows if not retired and fitted.at(duration)}
    apart = sum((n * (fitted.remaining(age) or Fraction(0)) for age, n in reached.items()), Fraction(0))
    assert fitted.lived(reached) == apart


def test_a_month_is_the_gregorian_mean() -> None:
    days = (date(2400, 1, 1) - date(2000, 1, 1)).days
    assert Fraction(days, 400 * 12) == DAYS_PER_MONTH


# The retirements that ship

PUBLISHED_AGES = {  # years from the launch of the service to the end, as compiled
    "AWS G3": "8.30",
    "AWS G4dn": "6.98",
    "AWS P2": "8.58",
    "AWS P3": "8.18",
    "AWS P5": "2.93",
    "Azure NC (v1)": "7.18",
    "Oak Ridge NL Summit": "6.44",
    "Oak Ridge NL Titan": "6.76",
    "Preferred Networks MN-1b": "2.96",
    "TACC Longhorn": "3.08",
}


def test_shipped_ages_are_those_compiled() -> None:
    good, findings = ages(retirement_lives()[0])
    years = {row["lot"]: Fraction(row["duration_days"]) / Fraction("365.25") for row in good.iter_rows(named=True)}
    assert {lot: f"{float(round(age, 2)):.2f}" for lot, age in sorted(years.items())} == PUBLISHED_AGES
    assert findings == ()


@pytest.mark.parametrize("since", SINCE)
@pytest.mark.parametrize("announced", [False, True])
def test_every_family_is_counted_or_left_out_with_a_reason(since: str, announced: bool) -> None:
    counted, rest = retirement_lives(since=since, announced=announced)
    assert len(counted) + len(rest) == len(retirements()) == 30
    assert rest["reason"].null_count() == 0
    assert counted["lot"].is_unique().all()


def test_what_the_shipped_retirements_say() -> None:
    """From the launch of the service, ten families: eight retired, the median after 7.2 years."""
    fitted = kaplan_meier(ages(retirement_lives()[0])[0])
    assert (sum(fitted.retired), fitted.median(), fitted.observed_to) == (8, 2623, 3134)
    announced = kaplan_meier(ages(retirement_lives(since="chip_launch", announced=True)[0])[0])
    assert sum(announced.retired) == 16


def test_each_family_has_its_source() -> None:
    table = retirements()
    ended = table.filter(pl.col("retired").is_in(["yes", "announced"]))
    assert ended["source_end"].null_count() == 0
    assert set(table["retired"].drop_nulls()) == {"yes", "no", "announced", "unconfirmed"}


def test_another_launch_is_refused() -> None:
    with pytest.raises(Refused, match="unknown launch 'purchase'"):
        retirement_lives(since="purchase")
