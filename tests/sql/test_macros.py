"""The macros of a ledger recompute in SQL what the kernel computes: any method, convention, event and date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from depr import pipeline
from depr.balances.grain import by_grain
from depr.books.book import TAX_CONVENTIONS, Book, scenario
from depr.fleet.facts import import_files, init
from depr.fleet.preparing import METHODS, plain_book, prepare
from depr.fleet.restating import restate
from depr.fleet.selection import fleets, own_books
from depr.intake import find_book, tax_columns
from depr.kernel.conventions import CONVENTIONS
from depr.ledger.known import known
from depr.ledger.positions import readings
from tests.daily import release, sampled
from tests.kernel.fleets import book_from
from tests.ledger.samples import RECORDED, lot, write
from tests.sql.fleets import made_up

LIVES = (12, 36, 42, 120)
DATES = (None, date(2022, 3, 31), date(2024, 12, 31))
PLAIN = [(method, convention) for method in METHODS for convention in CONVENTIONS]
OTHERS = [
    (n, life, *plain, DATES[n % 3]) for n, (plain, life) in enumerate((p, LIVES[k % 4]) for k, p in enumerate(PLAIN))
]

DAILY = [case for case in OTHERS if 7 * case[0] % len(OTHERS) < len(CONVENTIONS)]
"""A third of them, in which every convention, method, life, date and grain is met."""
DIAGONAL = 4
"""One in four of nine pairs of three values and three others: each value is met once."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return known_by(tmp_path_factory.mktemp("macros") / "fleet.duckdb", DAILY)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same facts, prepared for every method and convention."""
    return known_by(tmp_path_factory.mktemp("wide") / "fleet.duckdb", OTHERS)


def known_by(path: Path, cases: list[Any]) -> Path:
    """A ledger whose macros know the books of some cases."""
    made = made_up(path, 240, seed=7)
    books = [plain_book(life, method, convention) for _, life, method, convention, _ in cases]
    prepare(made, lives=["12m", "36m", "120m"], methods=["straight_line"], books=[*books, "life-6y"], evidence=False)
    return made


@pytest.fixture(scope="module")
def plain(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file in plain DuckDB, without the engine."""
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def minor(frame: pl.DataFrame) -> pl.DataFrame:
    """Amounts in units -> minor units, as the engine has them."""
    amounts = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal) and name != "life_years"]
    return frame.with_columns((pl.col(amounts) * 100).cast(pl.Int64)).rename(
        {name: f"{name}_minor" for name in amounts}
    )


def of_engine(path: Path, book: Book | None, grain: str, as_of: date | None, bound: str = "mid") -> pl.DataFrame:
    """The schedule by the engine; each issuer under its reported book when None."""
    facts, parts = known(path, as_of), []
    for calendar, lots in fleets(facts, None, None):
        read = readings(lots).filter(bound=bound)
        for issuer in lots["issuer"].unique().sort():
            own, chosen = read.filter(issuer=issuer), book or find_book(f"{NAMES[issuer]}-reported")
            if own["in_service_date"].is_not_null().any():
                parts.append(
                    by_grain(
                        pipeline.schedule(own, chosen, calendar, facts.events, own_books(own, None)),
                        own,
                        calendar,
                        grain,
                    ).collect()
                )
    return pl.concat(parts).sort("lot_id", "period_end")


NAMES = {"AMZN": "amazon", "META": "meta", "MSFT": "microsoft", "ORCL": "oracle"}
COLUMNS = (
    "lot_id",
    "issuer",
    "generation",
    "currency",
    "fiscal_year",
    "period_end",
    "depreciation_minor",
    "accumulated_minor",
)


def same_schedule(plain: duckdb.DuckDBPyConnection, call: str, expected: pl.DataFrame) -> None:
    found = minor(plain.sql(f"FROM schedule({call})").pl()).sort("lot_id", "period_end")
    assert_frame_equal(found.select(COLUMNS), expected.select(COLUMNS), check_dtypes=False)
    assert not found.is_empty()


@pytest.mark.parametrize(
    ("number", "life", "method", "convention", "as_of"),
    [case if case in DAILY else release(case) for case in OTHERS],
)
def test_a_schedule_of_any_method_and_convention_is_the_kernels(
    request: pytest.FixtureRequest,
    number: int,
    life: int,
    method: str,
    convention: str,
    as_of: date | None,
) -> None:
    grain, bound = ("month", "quarter", "year")[number % 3], ("mid", "low", "high")[number % 3]
    book = scenario(life, method=method, convention=convention)
    told = f", as_of := DATE '{as_of}'" if as_of else ""
    call = f"{life} / 12.0, method := '{method}', convention := '{convention}', grain := '{grain}', bound := '{bound}'"
    call = call.replace(f"{life} / 12.0", f"life_years := ({life} / 12.0)::DECIMAL(8,4)")
    path = request.getfixturevalue("path" if any(case[0] == number for case in DAILY) else "wide")
    with duckdb.connect(str(path), read_only=True) as plain:
        same_schedule(plain, call + told, of_engine(path, book, grain, as_of, bound))


@pytest.mark.parametrize("as_of", DATES)
def test_the_schedule_of_what_is_reported_is_the_kernels(
    path: Path, plain: duckdb.DuckDBPyConnection, as_of: date | None
) -> None:
    told = f"as_of := DATE '{as_of}', " if as_of else ""
    same_schedule(plain, told + "grain := 'month'", of_engine(path, None, "month", as_of))


PLAIN_POLICY: dict[str, Any] = {
    "effective": "opening",
    "generations": ["*"],
    "convention": "full_month",
    "source": "a test",
}
BY_DATA: dict[str, dict[str, Any]] = {
    "table": {"method": "table", "percents": ["20", "32", "19.2", "11.52", "11.52", "5.76"]},
    "production": {
        "method": "units_of_production",
        "usage": ["3", "1", "4", "1", "5", "9", "2", "6"],
        "total_usage": "31",
    },
    "prices": {"method": "economic", "prices": [["0", "100"], ["12", "61"], ["24", "40"], ["36", "10"]]},
    "manual": {"method": "manual", "amounts": ["100", "0", "250", "1", "7"]},
    "floor": {
        "method": "declining_balance",
        "life_months": 60,
        "residual_as": "floor",
        "residual_rate": "0.1",
        "switch": "none",
        "reset": "fiscal_year",
        "factor": "3/2",
    },
    "days": {"method": "sum_of_years_digits", "life_months": 48, "convention": "daily", "day_count": "30_360_eu"},
    "recovery": {"life_months": 60, **tax_columns(60, "mid_quarter")},
    "real": {"life_months": 330, **tax_columns(330, "mid_month")},
    "rate": {"method": "straight_line", "life_months": 60, "residual_rate": "1/3", "convention": "mid_quarter"},
}
LATER: dict[str, Any] = {"effective": date(2023, 1, 1), "method": "straight_line", "life_months": 72}


@pytest.fixture(scope="module")
def booked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Book]]:
    """A ledger with books that no life, method and convention names; two policies change on 1 January 2023."""
    path = made_up(tmp_path_factory.mktemp("booked") / "fleet.duckdb", 120, seed=11)
    books = {name: book_from([PLAIN_POLICY | policy]) for name, policy in BY_DATA.items()}
    changed = ("production", "days", "rate")
    books |= {
        f"{name}, then six years": book_from([PLAIN_POLICY | BY_DATA[name], PLAIN_POLICY | LATER]) for name in changed
    }
    named = {name: book.model_copy(update={"id": name}) for name, book in books.items()}
    prepare(path, lives=["12m"], methods=["straight_line"], books=list(named.values()), evidence=False)
    return path, named


@pytest.mark.parametrize("as_of", sampled(DATES[1:], 2))
def test_a_method_whose_curve_is_data_and_a_change_of_policy_are_the_kernels(
    booked: tuple[Path, dict[str, Book]], as_of: date
) -> None:
    path, books = booked
    with duckdb.connect(str(path), read_only=True) as plain:
        for name, book in books.items():
            call = f"book := '{name}', as_of := DATE '{as_of}', grain := 'month'"
            same_schedule(plain, call, of_engine(path, book, "month", as_of))


@pytest.mark.parametrize("convention", sampled(sorted(TAX_CONVENTIONS), 3, 2))
def test_macrs_by_its_recovery_period(tmp_path: Path, convention: str) -> None:
    made = made_up(tmp_path / "fleet.duckdb", 60, seed=5)
    prepare(made, lives=["60m", "72m"], methods=["macrs"], conventions=[convention], evidence=False)
    with duckdb.connect(str(made), read_only=True) as plain:
        for life in (60, 72):
            call = f"{life / 12}, method := 'macrs', convention := '{convention}', grain := 'year'"
            same_schedule(plain, call, of_engine(made, plain_book(life, "macrs", convention), "year", None))


def test_a_book_is_called_by_its_name(path: Path, plain: duckdb.DuckDBPyConnection) -> None:
    same_schedule(plain, "book := 'life-6y'", of_engine(path, find_book("life-6y"), "quarter", None))


ROLLED = ("issuer", "currency", "generation", "fiscal_year", "fiscal_quarter", "period_end", "movement")
BALANCES = (
    "construction_minor",
    "cost_minor",
    "accumulated_minor",
    "impairment_minor",
    "carrying_minor",
    "proceeds_minor",
)


@pytest.mark.parametrize(("grain", "as_of"), sampled(product(["month", "quarter", "year"], DATES), DIAGONAL))
def test_a_roll_forward_is_the_engines(
    path: Path, plain: duckdb.DuckDBPyConnection, grain: str, as_of: date | None
) -> None:
    through, book = date(2026, 6, 30), scenario(36)
    facts = known(path, as_of)
    parts = [
        pipeline.rollforward(lots, book, calendar, through, facts.events, grain=grain, reported=own_books(lots, None))
        for calendar, lots in fleets(facts, None, None)
    ]
    names = [*ROLLED, "construction_units", "units", *BALANCES]
    expected = pl.concat(parts).select(names).sort(names)
    told = f", as_of := DATE '{as_of}'" if as_of else ""
    found = minor(
        plain.sql(f"FROM rollforward(life_years := 3, grain := '{grain}', through := DATE '{through}'{told})").pl()
    )
    assert_frame_equal(found.select(names).sort(names), expected, check_dtypes=False)


@pytest.mark.parametrize(("life", "bound"), sampled(product([12, 36, 120], ["low", "mid", "high"]), DIAGONAL))
def test_understatement_is_that_of_the_restatement(
    path: Path, plain: duckdb.DuckDBPyConnection, life: int, bound: str
) -> None:
    made = restate(path, lives=[f"{life}m"], by="generation")
    parts = pl.concat(each.parts for each in made).filter(bound=bound, period_type="Q")
    figures = ["understatement_minor", "understatement_cumulative_minor", "losses_minor", "carried_over_minor"]
    keys = ["issuer", "generation", "fiscal_year", "fiscal_quarter", "period_end"]
    expected = parts.rename({"part": "generation"}).select(*keys, *figures)
    call = f"life_years := {life // 12}, bound := '{bound}'"
    found = minor(plain.sql(f"FROM understatement({call})").pl()).select(*keys, *figures)
    both = found.join(expected, on=keys, how="left", suffix="_engine")
    assert not both.is_empty()
    for name in figures:
        assert_frame_equal(both.select(name), both.select(pl.col(f"{name}_engine").alias(name)))
    silent = expected.join(found, on=keys, how="anti")
    assert silent["understatement_minor"].to_list() == [0] * len(silent)


WRONG = {
    "understatement(life_years := 33)": "unknown life of 33 years; use one of: 1.0, 3.0, 6.0, 10.0",
    "understatement(method := 'sl')": "unknown method 'sl'; use one of: declining_balance, straight_line",
    "schedule(life_years := 3, convention := 'x')": "unknown convention 'x' of straight_line; use one of: daily, fol",
    "schedule(grain := 'week')": "unknown grain 'week'; use one of: month, quarter, year",
    "schedule(bound := 'best')": "unknown bound 'best'; use one of: low, mid, high",
    "rollforward(book := 'mine')": "unknown book 'mine'; use one of: amazon-reported, life-10y",
    "schedule(book := 'meta-reported')": "book meta-reported is of what others report, not",
    "understatement(life_years := NULL)": "say which life_years",
    "understatement(lives := [])": "lives is empty; say which",
    "understatement(lives := [3, NULL])": "a life is NULL; leave it out",
    "eps(lives := [])": "lives is empty; say which",
    "understatement(lives := [3], book := 'life-6y')": "give lives or a book, not both",
    "understatement(book := 'life-6y', method := 'declining_balance')": "book life-6y has its own method",
    "schedule(3, method := NULL)": "unknown method 'NULL'; use one of: declining_balance, straight_line",
    "schedule(3, convention := NULL)": "unknown convention 'NULL' of straight_line; use one of: daily, fol",
    "rollforward(grain := NULL)": "unknown grain 'NULL'; use one of: month, quarter, year",
    "schedule(bound := NULL)": "unknown bound 'NULL'; use one of: low, mid, high",
    "understatement(3.00004)": "a life of 3.00004 years is no whole number of months; use one of: 1.0, 3.0, 6.0, 10.0",
    "understatement(lives := [1, 3.00004])": "a life of 3.00004 years is no whole number of months; use one of: 1.0,",
    "schedule(3.00004)": "a life of 3.00004 years is no whole number of months",
    "understatement(lives := [3, 1, 3.0])": "a life of 3.0 years is given twice",
    "understatement(-3)": "unknown life of -3 years; use one of: 1.0, 3.0, 6.0, 10.0",
    "understatement(0)": "unknown life of 0 years; use one of: 1.0, 3.0, 6.0, 10.0",
    "rollforward('NaN'::DOUBLE)": "unknown life of nan years; use one of: 1.0, 3.0, 6.0, 10.0",
    "understatement(lives := ['NaN'::DOUBLE])": "unknown life of nan years; use one of: 1.0, 3.0, 6.0, 10.0",
    "understatement(1e300)": "unknown life of 1e+300 years; use one of: 1.0, 3.0, 6.0, 10.0",
    "understatement('three')": "unknown life of three years; use one of: 1.0, 3.0, 6.0, 10.0",
    "schedule(3, method := 'Straight_Line')": "unknown method 'Straight_Line'; use one of: declining_balance, ",
    "schedule(bound := 'MID')": "unknown bound 'MID'; use one of: low, mid, high",
    "schedule(grain := 'Year')": "unknown grain 'Year'; use one of: month, quarter, year",
    "understatement(book := 'LIFE-6Y')": "unknown book 'LIFE-6Y'; use one of: amazon-reported, life-10y",
    "understatement(book := '')": "unknown book ''; use one of: amazon-reported, life-10y",
    "schedule(as_of := DATE 'infinity')": "as_of is no day; write DATE '2025-01-31', or leave it out",
    "rollforward(through := DATE '-infinity')": "through is no day; write DATE '2025-01-31', or leave it out",
    "explain(NULL, '2025-03')": "unknown lot 'NULL'; FROM lots lists them",
    "explain('L00001', NULL)": "'NULL' is not a month; write 2025-03",
}


@pytest.mark.parametrize(
    ("question", "call"),
    [*product(["FROM {}"], WRONG), *sampled(product(["SELECT count(*) FROM {}"], WRONG), 6)],
)
def test_what_is_not_prepared_is_an_error_that_lists_what_is(
    plain: duckdb.DuckDBPyConnection, question: str, call: str
) -> None:
    with pytest.raises(duckdb.Error) as refused:
        plain.sql(question.format(call)).fetchall()
    assert WRONG[call] in str(refused.value)


def test_macros_do_not_answer_from_facts_of_yesterday(tmp_path: Path) -> None:
    made = made_up(tmp_path / "fleet.duckdb", 12, seed=1)
    prepare(made, lives=["36m"], evidence=False)
    import_files(made, [write(tmp_path / "more.csv", lot(lot_id="NEW"))], RECORDED)
    with duckdb.connect(str(made), read_only=True) as connection, pytest.raises(duckdb.Error, match="depr prepare"):
        connection.sql("FROM understatement(life_years := 3)").fetchall()
    prepare(made, lives=["36m"], evidence=False)
    with duckdb.connect(str(made), read_only=True) as connection:
        assert connection.sql("FROM schedule() WHERE lot_id = 'NEW'").fetchall()


def test_what_was_prepared_before_is_kept_unless_it_is_made_anew(tmp_path: Path) -> None:
    made = made_up(tmp_path / "fleet.duckdb", 12, seed=2)

    def books(**asked: Any) -> set[str]:
        return set(prepare(made, methods=["straight_line"], evidence=False, **asked).filter(kind="scenario")["book"])

    assert books(lives=["12m"]) == {"life-1y"}
    assert books(lives=["36m"], books=["life-6y"]) == {"life-1y", "life-3y", "life-6y"}
    assert books(lives=["24m"]) == {"life-1y", "life-2y", "life-3y", "life-6y"}
    assert books(lives=["24m"], anew=True) == {"life-2y"}


@pytest.mark.parametrize("question", ["understatement(3)", "understatement(book := 'life-3y')", "schedule(3)"])
def test_before_anything_is_prepared_it_says_so(question: str, tmp_path: Path) -> None:
    init(tmp_path / "empty.duckdb")
    said = "nothing is prepared yet; run: depr prepare LEDGER"
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as client, pytest.raises(duckdb.Error, match=said):
        client.sql(f"FROM {question}").fetchall()
