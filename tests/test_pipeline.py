"""The whole flow: lots under books, subtracted, and what the sums keep."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from depr.balances.grain import by_grain
from depr.balances.rollup import rollup
from depr.books.book import scenario
from depr.books.estimates import estimates
from depr.books.issuers import Issuer, parse_issuer
from depr.contract import Schedule, Statements
from depr.errors import Refused
from depr.kernel import schedule as kernel
from depr.kernel.calendar import FiscalCalendar
from depr.ledger.events import numbered
from depr.ledger.positions import acquired, effective
from depr.pipeline import Restatement, restate_fleet, rollforward, schedule
from depr.restate.understatement import by_period
from tests.kernel.fleets import Case, lots_of
from tests.ledger.samples import event, journal, read
from tests.oracle import Asset
from tests.restate import cases

COSTS = (1_000_000_07, 2_500_000_00, 333_333_33)
DAYS = (date(2021, 7, 15), date(2022, 1, 31), date(2023, 6, 30))
CASES = [Case(Asset(cost, day), key) for (cost, day), key in product(zip(COSTS, DAYS, strict=True), ("H100", "A100"))]
REPORTED, SHORT, LONG = scenario(60), scenario(24), scenario(84)


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return parse_issuer(
        {
            "id": "X",
            "name": "Example",
            "currency": "USD",
            "fiscal_year_end_month": 6,
            "book": REPORTED.id,
            "source": "made up",
            "function_split": [
                {
                    "effective": date(2018, 1, 1),
                    "cost_of_revenue": "1",
                    "research_and_development": "0",
                    "selling_general_administrative": "0",
                    "source": "made up",
                }
            ],
            "tax_rate": [{"effective": date(2018, 1, 1), "rate": "0.21", "kind": "statutory", "source": "made up"}],
        }
    )


@pytest.fixture(scope="module")
def statements() -> pl.DataFrame:
    """A statement a fiscal year, with an operating income and nothing else but depreciation."""
    years = list(range(2022, 2032))
    lines = {
        "issuer": "X",
        "period_type": "FY",
        "currency": "USD",
        "operating_income_minor": 10_000_000_00,
        "depreciation_minor": 5_000_000_00,
    }
    frame = pl.DataFrame({"fiscal_year": years, "period_end": [date(year, 6, 30) for year in years]}).with_columns(
        **{name: pl.lit(value) for name, value in lines.items()}
    )
    absent = [name for name in Statements.column_names() if name not in frame.columns]
    return Statements.validate(frame.with_columns(pl.lit(None).alias(name) for name in absent), cast=True)


@pytest.fixture(scope="module")
def restatement(issuer: Issuer, statements: pl.DataFrame) -> Restatement:
    lots = pl.concat([lots_of(CASES), lots_of(CASES).with_columns(issuer=pl.lit("Y"))])
    return restate_fleet(lots, Statements.validate(statements), issuer, REPORTED, [SHORT, LONG])


def test_the_parts_of_a_fleet_are_made_when_they_are_asked_for(
    issuer: Issuer, statements: pl.DataFrame, restatement: Restatement
) -> None:
    assert restatement.parts.is_empty()
    lines = Statements.validate(statements)
    for by, parts in (("generation", {"H100", "A100"}), ("lot", {f"L{n:06}" for n in range(len(CASES))})):
        made = restate_fleet(lots_of(CASES), lines, issuer, REPORTED, [SHORT], by=by).parts
        assert parts <= {value for row in made.iter_rows() for value in row}
    with pytest.raises(Refused, match="unknown group 'rack'"):
        restate_fleet(lots_of(CASES), lines, issuer, REPORTED, [SHORT], by="rack")


def test_a_schedule_is_the_kernel_on_the_estimates() -> None:
    lots, calendar = lots_of(CASES), FiscalCalendar(6)
    segments, shares, _ = estimates(lots, REPORTED, calendar)
    got, want = schedule(lots, REPORTED, calendar), kernel.schedule(segments, shares)
    assert isinstance(got, pl.LazyFrame)
    assert got.collect().sort("lot", "period").equals(want.collect().sort("lot", "period"))
    Schedule.validate(got.collect())


def test_a_roll_forward_ends_with_the_period_of_its_date() -> None:
    """60,000 over 60 months from January 2024, through March: three charges of 1,000."""
    lots, book = lots_of([Case(Asset(60_000, date(2024, 1, 1)))]), scenario(60)
    rows = rollforward(lots, book, FiscalCalendar(), date(2024, 3, 5))
    [quarter] = rows.filter(movement="depreciation").iter_rows(named=True)
    assert (quarter["accumulated_minor"], quarter["period_end"]) == (3_000, date(2024, 3, 31))
    assert rows["period_end"].max() == date(2024, 3, 31)


def test_every_book_is_rolled_up_to_the_end_of_the_longest(restatement: Restatement) -> None:
    """All three books have every quarter of both generations, from the first year to the year the last lot ends in."""
    counts = restatement.rollup.group_by("book", "generation").agg(
        pl.len(), pl.col("fiscal_year").min().alias("first"), pl.col("fiscal_year").max().alias("last")
    )
    books, generations = (REPORTED.id, SHORT.id, LONG.id), ("H100", "A100")
    assert set(counts.rows()) == {(b, g, 36, 2022, 2030) for b, g in product(books, generations)}
    assert restatement.rollup["issuer"].unique().to_list() == ["X"]
    assert restatement.rollup["bound"].unique().to_list() == ["mid"]


def test_the_rollup_foots(restatement: Restatement) -> None:
    """Charges add up to cost in every book, quarter by quarter; nothing is left at the end."""
    keys = ["book", "generation"]
    rows = restatement.rollup.sort(*keys, "period_end").with_columns(
        running=pl.col("depreciation_minor").cum_sum().over(keys)
    )
    assert rows.filter(pl.col("running") != pl.col("accumulated_minor")).is_empty()
    assert rows.filter(pl.col("carrying_minor") != pl.col("cost_minor") - pl.col("accumulated_minor")).is_empty()
    ends = rows.group_by(keys).agg(pl.col("carrying_minor", "cost_minor").last())
    assert set(ends.select("carrying_minor", "cost_minor").rows()) == {(0, sum(COSTS))}


def test_quarters_are_the_sums_of_the_schedule(restatement: Restatement) -> None:
    calendar = FiscalCalendar(6)
    for book in (REPORTED, SHORT, LONG):
        rows = schedule(lots_of(CASES), book, calendar).collect()
        months = calendar.frame(rows["period"].min(), rows["period"].max())  # type: ignore[arg-type]
        quarters = (
            rows.join(months, on="period")
            .group_by("fiscal_year", "fiscal_quarter")
            .agg(pl.col("depreciation_minor").sum())
            .sort("fiscal_year", "fiscal_quarter")
        )
        rolled = (
            restatement.rollup.filter(book=book.id)
            .group_by("fiscal_year", "fiscal_quarter")
            .agg(pl.col("depreciation_minor").sum())
            .sort("fiscal_year", "fiscal_quarter")
        )
        assert rolled.join(quarters, on=["fiscal_year", "fiscal_quarter"], how="semi").equals(quarters)
        assert rolled["depreciation_minor"].sum() == 2 * sum(COSTS)


def test_understatement_is_alternative_less_reported_and_ends_at_nothing(restatement: Restatement) -> None:
    """Both books charge the whole cost in the end: the sum of the differences is 0, and the sign turns."""
    for book in (SHORT, LONG):
        path = restatement.restated.filter(book=book.id).sort("fiscal_year")
        gap = path["depreciation_alternative_minor"] - path["depreciation_modelled_minor"]
        assert path["understatement_minor"].to_list() == gap.to_list()
        assert path["understatement_cumulative_minor"].to_list() == gap.cum_sum().to_list()
        assert gap.sum() == 0
        assert (path["operating_income_restated_minor"] + gap == 10_000_000_00).all()
        assert (path["depreciation_restated_minor"] - gap == 5_000_000_00).all()
        assert path["mode"].unique().to_list() == ["as_if"]
    first = restatement.restated.filter(fiscal_year=2022).sort("book")["understatement_minor"].to_list()
    assert first[0] > 0 > first[1]  # life-2y, life-7y


def test_sums_beyond_64_bits_are_an_error() -> None:
    """A hundred lots of 10**15 dollars are more cents than Int64 holds: the sum is never taken modulo 2**64."""
    lots = lots_of([Case(Asset(10**17, DAYS[0]))] * 100).with_columns(bound=pl.lit("mid"))
    calendar = FiscalCalendar()
    segments, shares, moved = estimates(lots, REPORTED, calendar)
    rows, last = kernel.schedule(segments, shares), kernel.horizon(segments, shares)
    with pytest.raises(pl.exceptions.InvalidOperationError, match="10000000000000000000"):
        rollup(lots, rows, moved, REPORTED.id, calendar, last)


def test_sums_over_generations_do_not_wrap() -> None:
    """Each generation fits into 64 bits, both together do not."""
    lots = lots_of(Case(Asset(9 * 10**18, DAYS[0]), key) for key in ("H100", "A100")).with_columns(bound=pl.lit("mid"))
    calendar, book = FiscalCalendar(), scenario(1)
    segments, shares, moved = estimates(lots, book, calendar)
    rows, last = kernel.schedule(segments, shares), kernel.horizon(segments, shares)
    with pytest.raises(pl.exceptions.InvalidOperationError):
        by_period(rollup(lots, rows, moved, book.id, calendar, last))


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_a_grain_keeps_what_is_charged_after_the_last_date_of_service(grain: str) -> None:
    lots, calendar = lots_of([Case(Asset(1_200, date(2195, 1, 1)))]), FiscalCalendar()
    rows = schedule(lots, scenario(120), calendar)
    assert by_grain(rows, lots, calendar, grain).collect()["depreciation_minor"].sum() == 1_200


def test_no_input_is_changed(issuer: Issuer, statements: pl.DataFrame) -> None:
    lots, before = lots_of(CASES), lots_of(CASES)
    lines = statements.clone()
    restate_fleet(lots, Statements.validate(statements), issuer, REPORTED, [SHORT])
    assert lots.equals(before)
    assert statements.equals(lines)


@pytest.mark.parametrize("kinds", [("impairment",), ("impairment", "transfer"), ("transfer",)])
def test_what_befalls_lots_counts_whatever_else_is_recorded(kinds: tuple[str, ...], tmp_path: Path) -> None:
    """4,800.00 over 48 months; at the end of 2023 impaired by 1,200.00 of 3,600.00, what the shorter book has left."""
    cells = {"impairment": {"amount": "1200.00", "currency": "USD"}, "transfer": {"location": "Oslo"}}
    happened = [event(kind, "2023-12-31", "A", **cells[kind]) for kind in kinds]
    bought = journal(tmp_path / "p.csv", cases.A)
    since = numbered(read(tmp_path / "e.csv", *happened).entries, 2, 1 + len(bought))
    events = effective(pl.concat([bought, since]))
    made = cases.restated(acquired(events), cases.statements(cases.YEAR_2024), events=events).restated
    [year] = made.filter(bound="mid").iter_rows(named=True)
    charged = 800_00 if "impairment" in kinds else 1_200_00
    assert year["understatement_minor"] == 2_400_00 - charged
