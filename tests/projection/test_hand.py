"""Projections worked out by hand, and against an oracle: the same figures to the cent."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import pipeline
from depr.contract import Lots
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar
from depr.outlook.fleet import fleet
from depr.outlook.gaps import alternative, gaps
from depr.outlook.scenario import PPM, Point, Scenario, parse_scenario
from depr.outlook.spending import GROWN, REPORTED, STATED, Inputs, quarters, spending
from depr.outlook.years import projected, spent
from tests.projection.samples import BILLION, capex, depreciation, document, inputs, issuer, small
from tests.size import examples

MILLION = 10**8


def gap(frame: pl.DataFrame, year: int | None, name: str = "understatement_minor", issuer: str = "ONE") -> int | None:
    """One figure of a table, calendar years."""
    kept = frame.filter(pl.col("year").eq_missing(year), issuer=issuer, basis="calendar")
    return kept.select(name).item()  # type: ignore[no-any-return]


def test_by_hand() -> None:
    """1.8 billion a lot: 25 million a month over 72 months, 50 over 36.

    2026 has 11 + 8 + 5 + 2 = 26 months of a lot, later years 48. After tax of 21 percent 1,200 million are 948, over a
    billion shares.
    """
    told = projected(small(), inputs())
    assert gap(told, 2026, "reported_minor") == 650 * MILLION
    assert gap(told, 2026, "alternative_minor") == 1_300 * MILLION
    assert [gap(told, year) for year in (2026, 2027, 2028, None)] == [n * MILLION for n in (650, 1_200, 1_200, 3_050)]
    assert gap(told, 2027, "net_income_effect_minor") == -948 * MILLION
    assert gap(told, 2027, "eps_effect_micro") == -948_000
    assert gap(told, None, "eps_effect_micro") is None
    assert set(told["scenario"]) == {"small"}
    assert set(told["seed"]) == {7}
    assert all("analysis" in text for text in told["standing"])


def test_what_was_written_off_early_turns_the_sign() -> None:
    """Over 12 months all 7.2 billion are gone by 2027; in 2028 the reported book alone charges, 1.2 billion."""
    told = projected(small(), inputs(), life_months=12)
    assert gap(told, 2026, "alternative_minor") == 26 * 150 * MILLION
    assert gap(told, 2027, "alternative_minor") == (48 - 26) * 150 * MILLION
    assert gap(told, 2028, "alternative_minor") == 0
    assert gap(told, 2028) == -1_200 * MILLION


def test_a_delay_moves_service() -> None:
    """In service from May, August, November and February: 15 months in 2026."""
    assert gap(projected(small(), inputs(), months_to_service=3), 2026) == 15 * 25 * MILLION


def test_a_price_moves_what_is_projected_and_not_what_is_reported() -> None:
    known = inputs(spent={("ONE", 2025): 144 * BILLION // 10})
    base, dear = (projected(small(), known, price_factor_ppm=ppm) for ppm in (PPM, 2 * PPM))
    alone = projected(small(), inputs())
    for year in (2026, 2027, 2028):
        assert (gap(dear, year) or 0) - (gap(base, year) or 0) == gap(alone, year)


def test_a_position_goes_from_the_middle_to_the_ends() -> None:
    told = small(capex=[capex("ONE", 2026, "14.4", "7.2", "28.8"), capex("ONE", 2027, "0"), capex("ONE", 2028, "0")])
    sums = [gap(projected(told, inputs(), capex_position_ppm=ppm), 2027) for ppm in (-PPM, -PPM // 2, 0, PPM // 2, PPM)]
    assert sums == [n * MILLION for n in (600, 900, 1_200, 1_800, 2_400)]


def test_a_factor_of_an_issuer_scales_its_share() -> None:
    half = {"issuer": "ONE", "factor": "0.5", "source": "test", "sourced": False}
    assert gap(projected(small(share=[half]), inputs()), 2027) == 600 * MILLION


def test_a_generation_can_live_shorter_than_the_common_life() -> None:
    """Bought from July on, half of 36 months: 100 million a month, in 2026 of 5 + 2 months."""
    later = {"key": "later", "first": date(2026, 7, 1), "life_factor": "0.5", "source": "test", "sourced": False}
    told = small(generation=[*document()["generation"], later])
    assert gap(projected(told, inputs()), 2026, "alternative_minor") == (19 * 50 + 7 * 100) * MILLION


def test_prospective_leaves_the_past_alone() -> None:
    """From 2027 what is carried is charged over 36 months less the age: (72 - n) / 72 x 1.8 billion over 36 - n."""
    told = small(mode="prospective", change=date(2027, 1, 1))
    made = projected(told, inputs())
    assert gap(made, 2026) == 0
    carried = [(Fraction(1_800 * MILLION * (72 - n), 72), 36 - n) for n in (11, 8, 5, 2)]
    assert gap(made, 2027, "alternative_minor") == sum(round(base * 12 / life) for base, life in carried)


def test_fiscal_years_are_those_of_the_issuer() -> None:
    """A year to May 2026: half of 14.4 billion, spent evenly, serves from July, October, January and April."""
    known = Inputs({"ONE": issuer(year_end_month=5)}, inputs().books)
    told = small(capex=[capex("ONE", year, "14.4" if year == 2026 else "0") for year in range(2026, 2030)])
    made = projected(told, known)
    fiscal = made.filter(issuer="ONE", basis="fiscal", year=2026)["understatement_minor"].item()
    assert fiscal == (11 + 8 + 5 + 2) * 25 * MILLION
    assert gap(made, 2026) == 4 * 12 * 25 * MILLION - 3 * 25 * MILLION
    assert made["diluted_shares"].null_count() == len(made)


def test_all_is_the_sum_of_the_issuers() -> None:
    entries = [capex(name, year, "14.4") for name in ("ONE", "TWO") for year in (2026, 2027, 2028)]
    made = projected(small(issuers=["ONE", "TWO"], capex=entries), inputs("ONE", "TWO"))
    for year in (2026, 2027, 2028, None):
        assert gap(made, year, issuer="all") == 2 * (gap(made, year) or 0) != 0


# Spending


def test_years_grow_from_reported_and_stated_ones() -> None:
    growth = {"fiscal_year": 2028, "low": "0", "mid": "0.1", "high": "0.2", "source": "Assumption", "sourced": False}
    told = small(capex=[capex("ONE", 2026, "10"), capex("ONE", 2027, "20", "10", "30")], growth=[growth])
    known = inputs(spent={("ONE", 2025): 5 * BILLION, ("ONE", 2026): 99 * BILLION})
    years = spending(told, known)
    assert [(y.fiscal_year, y.basis) for y in years] == [
        (2025, REPORTED),
        (2026, STATED),
        (2027, STATED),
        (2028, GROWN),
    ]
    assert [(y.low, y.mid, y.high) for y in years][-1] == (10 * BILLION, 22 * BILLION, 36 * BILLION)
    assert spent(told, known)["mid_minor"].to_list() == [5 * BILLION, 10 * BILLION, 20 * BILLION, 22 * BILLION]


def test_quarters_add_up_to_their_year() -> None:
    told = small(capex=[capex("ONE", 2026, "0.00000000003"), capex("ONE", 2027, "0"), capex("ONE", 2028, "0")])
    parts = [q.mid for q in quarters(told, inputs())]
    assert (sum(parts), {type(part) for part in parts}) == (3, {int})


def test_a_year_without_spending_is_refused() -> None:
    with pytest.raises(Refused, match="no capital expenditure of ONE in fiscal year 2028"):
        spending(small(capex=[capex("ONE", 2026, "1"), capex("ONE", 2027, "1")]), inputs())
    with pytest.raises(Refused, match="no capital expenditure of ONE"):
        spending(small(capex=[]), inputs())


# Vintages


def vintages() -> pl.DataFrame:
    days = [date(2025, 2, 1), date(2025, 11, 1), date(2026, 2, 1)]
    costs = {f"cost{end}_minor": [n * MILLION] * 3 for end, n in (("_low", 360), ("", 720), ("_high", 1_440))}
    return pl.DataFrame({"in_service_date": days, **costs})


def test_vintages_end_where_projected_purchases_begin() -> None:
    """Reported spending served after the first projected day is not in the vintages, so it is a purchase of its own."""
    told = small(history="vintages")
    known = inputs(spent={("ONE", 2025): 144 * BILLION // 10}, vintages={"ONE": vintages()})
    at = told.point()
    lots = fleet(told, known, [at._replace(months_to_service=3)])
    days = lots["in_service_date"].to_list()
    assert days == [date(2025, 2, 1), date(2025, 11, 1), date(2026, 2, 1), *(date(2026, m, 1) for m in (5, 8, 11)),
                    date(2027, 2, 1)]  # fmt: skip
    assert lots["cost_minor"].to_list() == [720 * MILLION] * 2 + [1_800 * MILLION] * 5


def test_vintages_have_a_position_of_their_own() -> None:
    told = small({"vintage_position": ("-1", "0", "1")}, history="vintages")
    known = inputs(vintages={"ONE": vintages()})
    points = [told.point()._replace(vintage_position_ppm=ppm) for ppm in (-PPM, 0, PPM)]
    costs = fleet(told, known, points).filter(pl.col("in_service_date") < date(2026, 1, 1))
    assert costs.group_by("point", maintain_order=True).agg(pl.col("cost_minor").first())["cost_minor"].to_list() == [
        n * MILLION for n in (360, 720, 1_440)
    ]


# The same kernel


def test_the_kernel_of_the_pipeline_gives_the_same() -> None:
    told, known = small(), inputs()
    point = told.point()._replace(life_months=31, server_share_ppm=333_333)
    lots = fleet(told, known, [point])
    calendar, other = FiscalCalendar(), alternative(known.books["ONE"], lots["alternative"].unique(), told)
    full = lots.select("lot", "lot_id", "issuer", "generation", "units", "cost_minor", "residual_minor",
                       "in_service_date", "alternative")  # fmt: skip
    extra = [
        pl.lit(None, column.dtype).alias(name)
        for name, column in Lots.columns().items()
        if name not in full.columns and column.nullable
    ]
    wide = full.with_columns(*extra, currency=pl.lit("USD"), purchase_date="in_service_date")
    renamed = wide.with_columns(generation="alternative")
    frames = [(wide, known.books["ONE"], "reported_minor"), (renamed, other, "alternative_minor")]
    made = gaps(told, known, [point])
    for frame, book, name in frames:
        rows = pipeline.schedule(Lots.validate(frame.select(Lots.column_names()), cast=True), book, calendar).collect()
        years = rows.group_by(year=1900 + pl.col("period") // 12).agg(pl.col("depreciation_minor").sum())
        sums = dict(years.iter_rows())
        assert [gap(made, year, name) for year in (2026, 2027, 2028)] == [sums[y] for y in (2026, 2027, 2028)]


def test_a_generation_that_the_reported_book_does_not_know_is_refused() -> None:
    policy = inputs().books["ONE"].policy[0].model_copy(update={"generations": ("old",)})
    book = inputs().books["ONE"].model_copy(update={"policy": (policy,)})
    with pytest.raises(Refused, match="unknown generation 'new'"):
        alternative(book, ["new:36"], small())


points = st.builds(
    Point,
    life_months=st.integers(1, 84),
    server_share_ppm=st.integers(0, PPM),
    capex_position_ppm=st.integers(-PPM, PPM),
    price_factor_ppm=st.integers(0, 3 * PPM),
    months_to_service=st.integers(0, 20),
    tax_rate_ppm=st.integers(0, PPM),
    vintage_position_ppm=st.just(0),
)


def oracle_lots(told: Scenario, point: Point) -> list[tuple[int, int]]:
    """Months from January 2026 and costs, from the entries of the document alone."""
    lots = []
    for entry in told.capex:
        side = entry.high - entry.mid if point.capex_position_ppm >= 0 else entry.mid - entry.low
        year = round(entry.mid * BILLION), round(side * BILLION)
        for quarter in range(4):
            mid, more = (round(Fraction(a * (quarter + 1), 4)) - round(Fraction(a * quarter, 4)) for a in year)
            amount = mid + more * Fraction(point.capex_position_ppm, PPM)
            cost = round(amount * Fraction(point.server_share_ppm * point.price_factor_ppm, PPM * PPM))
            month = (entry.fiscal_year - 2026) * 12 + quarter * 3 + 1 + point.months_to_service
            lots.append((month, cost))
    return lots


@examples(25)
@given(st.lists(points, min_size=1, max_size=4), st.integers(1, 100))
def test_every_figure_is_that_of_the_oracle(settings_: list[Point], reported: int) -> None:
    told = small(capex=[capex("ONE", y, "14.4", "10.8", "28.8") for y in (2026, 2027, 2028)])
    made = gaps(told, inputs(life_months=reported), settings_).filter(issuer="ONE", basis="calendar")
    for number, point in enumerate(settings_):
        lots = oracle_lots(told, point)
        for year in (2026, 2027, 2028):
            row = made.filter(point=number, year=year).row(0, named=True)
            assert row["reported_minor"] == depreciation(lots, reported, year)
            assert row["alternative_minor"] == depreciation(lots, point.life_months, year)


@examples(20)
@given(points, st.integers(1, 12), st.integers(1, 400_000))
def test_what_is_monotone(point: Point, months: int, more: int) -> None:
    """A longer life never charges more in all years together; a larger share never charges less under either book."""
    told, share = small(), min(point.server_share_ppm + more, PPM)
    changed = [point, point._replace(life_months=point.life_months + months), point._replace(server_share_ppm=share)]
    sums = gaps(told, inputs(), changed).filter(pl.col("year").is_null(), issuer="ONE", basis="calendar").sort("point")
    here, longer, larger = sums.iter_rows(named=True)
    assert longer["alternative_minor"] <= here["alternative_minor"]
    assert longer["reported_minor"] == here["reported_minor"]
    assert all(larger[name] >= here[name] for name in ("alternative_minor", "reported_minor"))


# What cannot be a scenario

ONE_YEAR = {"fiscal_year": 2026, "low": "0", "mid": "0", "high": "0", "source": "test", "sourced": False}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"assumption": document()["assumption"][1:]}, "assumption life_months is missing"),
        ({"assumption": [*document()["assumption"], document()["assumption"][0]]}, "life_months is there twice"),
        ({"first_year": 2029}, "first_year is after last_year"),
        ({"mode": "prospective"}, "has the date of its change"),
        ({"change": date(2027, 1, 1)}, "has the date of its change"),
        ({"capex": [capex("ONE", 2026, "1"), capex("ONE", 2026, "2")]}, "capex ONE 2026 is there twice"),
        ({"capex": [capex("TWO", 2026, "1")]}, "TWO is none of the issuers"),
        ({"capex": [capex("ONE", 2026, "1", low="2")]}, "low, mid and high are not in order"),
        ({"growth": [ONE_YEAR, ONE_YEAR]}, "growth 2026 is there twice"),
        ({"issuers": ["ONE", "ONE"]}, "ONE is there twice"),
        ({"draws": 0}, "draws"),
        ({"seed": -1}, "seed"),
        ({"strange": 1}, "strange"),
    ],
)
def test_what_does_not_hold_together_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        parse_scenario(document(**changes))


@pytest.mark.parametrize(
    ("key", "low", "value", "high"),
    [
        ("life_months", "0", "1", "2"),
        ("life_months", "12", "12.5", "24"),
        ("server_share", "0", "0.5", "1.1"),
        ("capex_position", "-2", "0", "1"),
        ("price_factor", "-1", "0", "1"),
        ("months_to_service", "2", "1", "3"),
        ("strange", "0", "0", "0"),
    ],
)
def test_an_assumption_out_of_its_range_is_refused(key: str, low: str, value: str, high: str) -> None:
    with pytest.raises(Refused, match=key):
        small({key: (low, value, high)})
