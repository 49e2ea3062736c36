"""Published MACRS columns, the formula behind them, section 179, the special allowance, and IRS examples."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import intake as readers
from depr import share
from depr.books.book import TAX_CONVENTIONS
from depr.books.estimates import estimates
from depr.errors import Refused
from depr.fleet import figures
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql
from depr.fleet.restating import restate
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.schedule import schedule
from depr.rows import reference
from depr.tax.parameters import Parameters, parse_parameters
from depr.tax.recovery import (
    Asset,
    Elections,
    allowances,
    bonus_percent,
    needs_mid_quarter,
    section_179_limit,
)
from depr.tax.tables import (
    FACTORS,
    PARTS,
    Key,
    Table,
    columns,
    exact_percents,
    first_year_fraction,
    formula_table,
    law_method,
    parse_tables,
    rederived_percents,
)
from tests.command import run
from tests.daily import sampled
from tests.deductions import table_deductions, worked_deductions
from tests.kernel.fleets import Case, lots_of
from tests.ledger.samples import event, ledger, lot
from tests.oracle import Asset as Owned
from tests.size import examples

MACRS, LAW = share.find("tables", "macrs"), share.find("tables", "us-tax")
TABLES: dict[Key, Table] = readers.read_tax_tables(MACRS)
PARAMETERS: Parameters = readers.read_tax_parameters(LAW)
CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "examples" / "cases" / "macrs_cases.json").read_text("utf-8"))
}

# How IRS Publication 946 prints its tables: a column of n recovery years has n + 1 tax years (27.5: 28 or 29).
PERSONAL = [3, 5, 7, 10, 15, 20]
COLUMNS = {"A-1": 6, "A-2": 6, "A-3": 6, "A-4": 6, "A-5": 6, "A-6": 12, "A-7a": 12, "A-14": 4}
ROWS = 5 * sum(n + 1 for n in PERSONAL) + (6 * 28 + 6 * 29) + 12 * 40 + sum(n + 1 for n in PERSONAL[:4])

# SHA-256 of the sorted lines name,recovery_years,convention,quarter_or_month,method,year,percent of the transcription
# that the file was made from: no figure has changed since.
TRANSCRIPTION = "a5a596425e469177f1113862570ce994669494fe15fdd7b45c4f2b236dc68b07"

IRREGULAR = {
    ("A-2", "20-year MQ1 150DB"): {2: ("7.000", "7.008"), 21: ("0.565", "0.557")},
    ("A-3", "7-year MQ2 200DB"): {1: ("17.85", "17.86"), 8: ("3.34", "3.33")},
}


def printed_table(years: float, convention: str = "HY", part: int | None = None, method: str = "200DB") -> Table:
    return TABLES[Fraction(str(years)), convention, part, method]


def ids(table: Table) -> str:
    return f"{table.name} {table.label}"


# The published columns


def test_every_published_column_is_there() -> None:
    names = [table.name for table in TABLES.values()]
    assert {name: names.count(name) for name in names} == COLUMNS
    assert (len(TABLES), sum(len(table.percents) for table in TABLES.values())) == (58, 1181)
    assert sum(COLUMNS.values()) == 58
    assert ROWS == 1181


def test_the_published_columns_are_taken_unchanged() -> None:
    keys = ("name", "recovery_years", "convention", "quarter_or_month", "method")
    lines = []
    for entry in readers.read_toml(MACRS)["table"]:
        head = ",".join(str(entry.get(key, "")) for key in keys)
        lines += [f"{head},{year},{percent}" for year, percent in enumerate(entry["percents"].split(), 1)]
    assert hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest() == TRANSCRIPTION


@pytest.mark.parametrize("table", TABLES.values(), ids=ids)
def test_a_column_adds_to_its_basis(table: Table) -> None:
    assert sum(table.percents) == 100
    assert sum(table.shares) == 1
    assert all(percent > 0 for percent in table.percents)
    assert TABLES[table.key] is table


def test_the_five_year_half_year_column_is_not_a_shifted_curve() -> None:
    """IRS Publication 946, Table A-1: year 4 is 11.52, where declining balance shifted by half a year gives 12.60."""
    published = ("20.00", "32.00", "19.20", "11.52", "11.52", "5.76")
    assert printed_table(5).percents == tuple(map(Fraction, published))


# The formula behind them


@pytest.mark.parametrize("table", TABLES.values(), ids=ids)
def test_the_printed_figures_follow_from_the_formula(table: Table) -> None:
    derived = rederived_percents(table)
    apart = {year: pair for year, pair in enumerate(zip(table.percents, derived, strict=True), 1) if pair[0] != pair[1]}
    named = IRREGULAR.get((table.name, table.label), {})
    assert apart == {year: (Fraction(printed), Fraction(rule)) for year, (printed, rule) in named.items()}
    assert (table.derivation == "irregular") == bool(named)
    assert all(rule in table.note for _, rule in named.values())


@pytest.mark.parametrize("table", TABLES.values(), ids=ids)
def test_the_unrounded_formula_lies_beside_the_printed_column(table: Table) -> None:
    exact = exact_percents(table.recovery_years, table.convention, table.quarter_or_month, FACTORS[table.method])
    assert sum(exact) == 100
    assert len(exact) == len(table.percents)
    assert all(abs(a - b) < Fraction("0.015") for a, b in zip(exact, table.percents, strict=True))


def test_first_year_fractions() -> None:
    """The middle of the year, of its quarters (7/8, 5/8, 3/8, 1/8) and of its months ((12 - m + 1/2) / 12)."""
    assert first_year_fraction("HY") == Fraction(1, 2)
    assert [first_year_fraction("MQ", q) for q in range(1, 5)] == [Fraction(n, 8) for n in (7, 5, 3, 1)]
    assert [first_year_fraction("MM", m) for m in range(1, 13)] == [Fraction(25 - 2 * m, 24) for m in range(1, 13)]


def test_straight_line_over_an_ads_life_comes_from_the_formula() -> None:
    table = formula_table(Fraction(5), "HY", None, "SL")
    assert table.percents == tuple(map(Fraction, (10, 20, 20, 20, 20, 10)))
    assert (table.name, rederived_percents(table)) == ("formula", table.percents)
    assert formula_table(Fraction("2.5"), "HY", None, "SL").percents == tuple(map(Fraction, (20, 40, 40)))


def test_no_year_charges_more_than_is_left() -> None:
    assert formula_table(Fraction(1), "MQ", 1, "200DB").percents == (Fraction(100), Fraction(0))


@given(
    years=st.fractions(min_value="0.5", max_value=50, max_denominator=2),
    convention=st.sampled_from(sorted(PARTS)),
    part=st.integers(1, 12),
    method=st.sampled_from(sorted(FACTORS)),
)
def test_the_formula_recovers_all_and_never_rises(years: Fraction, convention: str, part: int, method: str) -> None:
    parts = PARTS[convention]
    percents = formula_table(years, convention, (part - 1) % parts + 1 if parts > 1 else None, method).percents
    assert sum(percents) == 100
    assert min(percents) >= 0
    assert all(a >= b for a, b in pairwise(percents[1:-1]))


# Published cases (tests/examples/cases/macrs_cases.json)


def cents(dollars: float | str) -> int:
    exact = Fraction(str(dollars)) * 100
    assert exact.denominator == 1
    return int(exact)


def case_table(inputs: dict[str, Any]) -> Table:
    """life -> recovery_years, convention, method; quarter or month -> quarter_or_month."""
    part = inputs.get("quarter", inputs.get("month"))
    return printed_table(inputs["life"], inputs["convention"], part, inputs.get("method", "200DB"))


def on_a_return(case: dict[str, Any]) -> None:
    """The table in whole dollars, the first years."""
    given_, expected = case["inputs"], case["expected"]["deduction_first2"]
    found = table_deductions(cents(given_["basis"]), case_table(given_), "whole_dollars")
    assert found[: len(expected)] == [cents(value) for value in expected]


def worked_mid_month(case: dict[str, Any]) -> None:
    """Without the table: rate to 5 places, first-year fraction to 3, whole dollars. The table gives 2,461 in year 1."""
    table, basis = case_table(case["inputs"]), cents(case["inputs"]["basis"])
    expected = case["expected"]
    assert worked_deductions(basis, table, 5, 3)[:3] == [cents(value) for value in expected["deduction_first3"]]
    assert round(first_year_fraction("MM", case["inputs"]["month"]), 3) == Fraction(
        str(expected["first_year_fraction"])
    )
    assert table_deductions(basis, table)[0] == cents(2461)


def worked_and_by_table(case: dict[str, Any]) -> None:
    table, basis, expected = case_table(case["inputs"]), cents(case["inputs"]["basis"]), case["expected"]
    assert worked_deductions(basis, table, 5, 3)[0] == cents(expected["deduction_year1_formula"])
    assert table_deductions(basis, table, "whole_dollars")[0] == cents(expected["deduction_year1_table"])


def forty_percent_of_a_year(case: dict[str, Any]) -> None:
    """Bases by quarter of a calendar tax year, the test, then year 1 of each asset by its table."""
    assets, expected = case["inputs"]["assets"], case["expected"]
    quarters = [0, 0, 0, 0]
    for asset in assets:
        day = date.fromisoformat(f"2025-{asset['date']}")
        part = Asset(cents(asset["basis"]), day, day).part("MQ")
        assert part is not None
        quarters[part - 1] += cents(asset["basis"])
    assert (sum(quarters), quarters[3]) == (cents(expected["total"]), cents(expected["q4"]))
    assert round(Fraction(quarters[3], sum(quarters)), 6) == Fraction(str(expected["q4_share"]))
    assert ("MQ" if needs_mid_quarter(quarters, PARAMETERS) else "HY") == expected["convention"]
    first = {a["n"]: table_deductions(cents(a["basis"]), printed_table(a["life"]))[0] for a in assets}
    assert first == {name: cents(value) for name, value in expected["derived"]["year1"].items()}


def forty_percent_exactly(case: dict[str, Any]) -> None:
    last, total = case["inputs"]["q4"], case["inputs"]["total"]
    assert not needs_mid_quarter([total - last, 0, 0, last], PARAMETERS)
    assert needs_mid_quarter([total - last - 1, 0, 0, last + 1], PARAMETERS)


def phase_out(case: dict[str, Any]) -> None:
    given_ = case["inputs"]
    limit = section_179_limit(given_["year"], cents(given_["placed_in_service"]), PARAMETERS)
    assert limit == cents(case["expected"]["max_deduction"])


def bonus_before_the_table(case: dict[str, Any]) -> None:
    """bonus_pct 60 is that of service in 2024."""
    given_, expected = case["inputs"], case["expected"]
    cost, day, elected = cents(given_["cost"]), date(2024, 3, 1), given_["sec179"]
    assert bonus_percent(Asset(cost, day, day), Fraction(5), PARAMETERS) == given_["bonus_pct"]
    told = by_command(cost, day, Fraction(5), "half_year", section_179=str(elected), bonus="regular")
    bonus, years = told["bonus_minor"][0], told["depreciation_minor"].to_list()
    allowed = cents(elected) + bonus
    assert (bonus, cost - allowed) == (cents(expected["bonus"]), cents(expected["macrs_basis"]))
    assert [years[0] - allowed, *years[1:]] == [cents(value) for value in expected["macrs"]]
    assert sum(years) == cents(expected["total"])


MAPPING: dict[str, Callable[[dict[str, Any]], None]] = {
    "P946-2": worked_mid_month,
    "P946-3-furniture": on_a_return,
    "P946-3-computer": on_a_return,
    "P946-4": worked_and_by_table,
    "LL-1": on_a_return,
    "MQ-TEST-1": forty_percent_of_a_year,
    "MQ-TEST-2": forty_percent_exactly,
    "179-1": phase_out,
    "BONUS-1": bonus_before_the_table,
}
NOT_REPRODUCED: dict[str, str] = {}
"""Case -> reason."""


@pytest.mark.parametrize("name", sorted(CASES.keys() - NOT_REPRODUCED))
def test_published_case(name: str) -> None:
    MAPPING[name](CASES[name])


def test_every_case_is_mapped_or_has_a_reason() -> None:
    assert CASES.keys() == MAPPING.keys() | NOT_REPRODUCED.keys()
    assert all(NOT_REPRODUCED.values())


# By command and in books


def by_command(cost_minor: int, in_service: date, years: Fraction, convention: str, **options: Any) -> pl.DataFrame:
    """The schedule of depr asset --method macrs by tax year."""
    options["calendar"] = FiscalCalendar(options.pop("year_end", 12))
    options |= {"method": "macrs", "convention": convention, "grain": "year"}
    life = f"{years * 12}m"
    return reference.asset(f"{cost_minor // 100}.{cost_minor % 100:02d}", in_service, life, **options)


CONVENTIONS = {name: ours for ours, name in TAX_CONVENTIONS.items()}
COST = 123_456_789_01


@pytest.mark.parametrize("key", sampled(sorted(TABLES, key=str), 3, whole=True), ids=str)
def test_every_printed_column_by_command(key: Key) -> None:
    """Service in the part of a calendar tax year and of one that ends in June."""
    years, convention, part, method = key
    table = TABLES[key]
    for year_end in (12, 6):
        month = (year_end + ((part or 1) - 1) * (12 // PARTS[convention])) % 12 + 1
        told = by_command(
            COST, date(2024, month, 9), years, CONVENTIONS[convention], year_end=year_end, tax_method=method
        )
        assert told["depreciation_minor"].to_list() == table_deductions(COST, table)


@examples(40)
@given(
    st.integers(1, 600),
    st.sampled_from(sorted(CONVENTIONS)),
    st.sampled_from([*FACTORS, None]),
    st.dates(date(2001, 1, 1), date(2030, 12, 31)),
    st.integers(1, 12),
)
def test_every_life_method_and_convention_by_command(
    months: int, convention: str, method: str | None, day: date, year_end: int
) -> None:
    """Printed tables where they are printed, the formula elsewhere; the whole cost is recovered."""
    years, part = Fraction(months, 12), Asset(COST, day, day, year_end).part(convention)
    key = (years, convention, part, method or law_method(years, convention))
    table = TABLES.get(key) or formula_table(*key)
    told = by_command(COST, day, years, CONVENTIONS[convention], year_end=year_end, tax_method=method)[
        "depreciation_minor"
    ].to_list()
    charged = table_deductions(COST, table)
    assert told == charged[: len(told)]
    assert not any(charged[len(told) :])
    assert sum(told) == COST


def test_a_life_that_is_not_printed() -> None:
    """120,000 over six years straight line, half-year: 1/12, five sixths, 1/12."""
    told = by_command(120_000_00, date(2024, 3, 15), Fraction(6), "half_year", tax_method="SL")
    assert told["depreciation_minor"].to_list() == [10_000_00, *[20_000_00] * 5, 10_000_00]


@pytest.mark.parametrize(
    ("years", "convention", "method"),
    [("3", "HY", "200DB"), ("10", "MQ", "200DB"), ("15", "HY", "150DB"), ("20", "HY", "150DB"), ("27.5", "MM", "SL")],
)
def test_the_method_of_the_law(years: str, convention: str, method: str) -> None:
    """26 U.S.C. 168(b)(1) to (3)."""
    assert law_method(Fraction(years), convention) == method


def test_elections_by_command() -> None:
    """The published case: section 179, then 60 percent of service in 2024, then the table."""
    given_, expected = CASES["BONUS-1"]["inputs"], CASES["BONUS-1"]["expected"]
    cost, elected = cents(given_["cost"]), str(given_["sec179"])
    told = by_command(cost, date(2024, 3, 1), Fraction(5), "half_year", section_179=elected, bonus="regular")
    first, *others = (cents(value) for value in expected["macrs"])
    section, bonus = cents(given_["sec179"]), cents(expected["bonus"])
    assert told["depreciation_minor"].to_list() == [section + bonus + first, *others]
    assert told["section_179_minor"].to_list() == [section, *[0] * len(others)]
    assert told["bonus_minor"].to_list() == [bonus, *[0] * len(others)]


def test_acquired_before_it_was_placed_in_service() -> None:
    """Acquired by 19 January 2025 and in service in 2025: 40 percent, not 100."""
    day, acquired = date(2025, 6, 1), date(2025, 1, 19)
    told = by_command(100_000_00, day, Fraction(5), "half_year", bonus="regular", acquired=acquired)
    assert told["bonus_minor"][0] == 40_000_00
    assert told["depreciation_minor"][0] == 40_000_00 + 12_000_00


ASSET = ("asset", "--cost", "120000", "--life", "5y", "--in-service", "2025-03-15")
BY_TABLES = (*ASSET, "--method", "macrs")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ASSET, "--tax-method", "SL"), "tax_method is for macrs"),
        ((*ASSET, "--bonus", "regular"), "bonus is for macrs"),
        ((*BY_TABLES, "--residual", "0"), "macrs takes no residual value"),
        ((*BY_TABLES, "--convention", "full_month"), "unknown tax convention 'full_month'"),
        ((*BY_TABLES, "--tax-method", "300DB"), "unknown tax method '300DB'"),
        ((*BY_TABLES, "--section-179", "5", "--grain", "year"), "section_179 without bonus"),
        ((*BY_TABLES, "--acquired", "2025-01-01"), "acquired without bonus"),
        ((*BY_TABLES, "--bonus", "regular"), "deductions of a tax year"),
        ((*BY_TABLES, "--bonus", "regular", "--grain", "year", "--currency", "EUR"), "not in EUR"),
        ((*BY_TABLES, "--bonus", "regular", "--grain", "year", "--change", "2026-01-01 disposal"), "with no change"),
        ((*BY_TABLES, "--bonus", "regular", "--grain", "year", "--weeks", "4-4-5"), "tax years of months"),
        ((*BY_TABLES, "--bonus", "all", "--grain", "year"), "unknown allowance 'all'"),
        ((*BY_TABLES, "--bonus", "none", "--section-179", "120001", "--grain", "year"), "cannot be elected"),
        ((*BY_TABLES, "--bonus", "none", "--acquired", "2025-04-01", "--grain", "year"), "before the acquisition"),
    ],
)
def test_what_the_command_refuses(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ended = run(tmp_path, *words)
    assert ended.code == 1
    assert said in ended.err
    assert ended.out == ""


BOOK = """\
id = "tax"
title = "Tax"
kind = "scenario"
source = "a test"
[[policy]]
effective = "opening"
method = "macrs"
life_months = {life}
convention = "{convention}"
source = "a test"
{more}
"""


@pytest.mark.parametrize("convention", sorted(TAX_CONVENTIONS))
@pytest.mark.parametrize("life", [60, 77])
def test_a_book_of_macrs(convention: str, life: int, tmp_path: Path) -> None:
    """Every lot by the column of its own part of the tax year, as depr asset has it."""
    path = tmp_path / "tax.toml"
    path.write_text(BOOK.format(life=life, convention=convention, more=""), "utf-8")
    book = readers.read_book(path)
    days = [date(2023, month, 1 + month) for month in (1, 3, 4, 7, 11, 12)]
    lots = lots_of([Case(Owned(COST, day)) for day in days])
    segments, shares, _ = estimates(lots, book, FiscalCalendar())
    charged = schedule(segments, shares).collect()
    for number, day in enumerate(days):
        own = charged.filter(lot=number).group_by(year=pl.col("period") // 12).agg(pl.col("depreciation_minor").sum())
        told = by_command(COST, day, Fraction(life, 12), convention)["depreciation_minor"].to_list()
        assert own.sort("year")["depreciation_minor"].to_list() == told


@pytest.mark.parametrize(
    ("convention", "more", "said"),
    [
        ("full_month", "", "one of the conventions: half_year, mid_quarter, mid_month"),
        ("half_year", 'residual_rate = "0.1"', "takes no residual value"),
        ("full_month", 'percents = ["60", "40"]\nresidual_rate = "0.1"', "takes no residual value"),
        ("half_year", 'tax_method = "300DB"', "tax_method"),
        ("half_year", 'percents = ["50", "50"]\ntax_method = "SL"', "are for macrs by its recovery period"),
    ],
)
def test_what_a_book_of_macrs_refuses(convention: str, more: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "tax.toml"
    path.write_text(BOOK.format(life=60, convention=convention, more=more), "utf-8")
    with pytest.raises(Refused, match=re.escape(said)):
        readers.read_book(path)


def test_a_residual_value_of_a_lot_does_not_count_where_the_whole_cost_is_recovered(tmp_path: Path) -> None:
    """26 U.S.C. 168(b)(4), for lots that nothing or something befell: by lot, by quarter and in SQL, and it is said."""
    own = tmp_path / "own"
    (own / "books").mkdir(parents=True)
    (own / "books" / "tax.toml").write_text(BOOK.format(life=60, convention="half_year", more=""), "utf-8")
    rows = [lot(lot_id=name, residual=kept) for name, kept in (("KEPT", "200.00"), ("ALL", None), ("PART", "200.00"))]
    path = ledger(
        tmp_path / "f.duckdb",
        rows,
        [event("partial_disposal", "2024-06-30", "PART", units="5", amount="0", currency="USD")],
    )
    found = figures.schedule(path, "tax", grain="year", schedules=own).collect()
    years = ("lot_id", "fiscal_year", "depreciation_minor")
    by_year = {name: found.filter(lot_id=name)["depreciation_minor"].to_list() for name in ("KEPT", "ALL", "PART")}
    whole = [20_000, 32_000, 19_200, 11_520, 11_520, 5_760]
    assert by_year == {"KEPT": whole, "ALL": whole, "PART": [20_000, 24_000, 9_600, 5_760, 5_760, 2_880]}
    [restated] = restate(path, lives=["tax"], schedules=own)
    charged = restated.rollup.filter(book="tax")["depreciation_minor"].sum()
    assert charged == sum(map(sum, by_year.values()))
    prepare(path, lives=[], books=["tax"], evidence=False, schedules=own)
    asked = "SELECT lot_id, fiscal_year, (sum(depreciation) * 100)::BIGINT AS minor FROM schedule(book := 'tax') "
    assert sorted(sql(path, asked + "GROUP BY ALL").rows()) == sorted(found.select(years).rows())
    asked = "SELECT (sum(depreciation_alternative) * 100)::BIGINT AS n FROM understatement(book := 'tax')"
    assert sql(path, asked).item() == charged
    told = run(tmp_path, "schedule", path.name, "--book", "tax", "--schedules", "own")
    assert "no residual value under macrs, 2 left out (26 U.S.C. 168(b)(4))" in told.out


# The special allowance


@pytest.mark.parametrize(
    ("acquired", "in_service", "percent"),
    [
        ("2017-09-27", "2017-12-31", 50),
        ("2017-09-27", "2018-01-01", 40),
        ("2017-09-27", "2019-12-31", 30),
        ("2017-09-27", "2020-01-01", 0),
        ("2017-09-28", "2017-09-28", 100),
        ("2017-09-28", "2022-12-31", 100),
        ("2022-12-31", "2023-01-01", 80),
        ("2022-12-31", "2023-12-31", 80),
        ("2022-12-31", "2024-01-01", 60),
        ("2022-12-31", "2024-12-31", 60),
        ("2022-12-31", "2025-01-01", 40),
        ("2025-01-19", "2025-01-19", 40),
        ("2025-01-19", "2025-01-20", 40),
        ("2025-01-19", "2025-12-31", 40),
        ("2025-01-19", "2026-01-01", 20),
        ("2025-01-19", "2026-12-31", 20),
        ("2025-01-19", "2027-01-01", 0),
        ("2025-01-20", "2025-01-20", 100),
        ("2025-01-20", "2027-01-01", 100),
    ],
)
def test_bonus_by_acquisition_and_service(acquired: str, in_service: str, percent: int) -> None:
    asset = Asset(100, date.fromisoformat(acquired), date.fromisoformat(in_service))
    assert bonus_percent(asset, Fraction(5), PARAMETERS) == percent
    assert bonus_percent(asset, Fraction(20), PARAMETERS) == percent
    assert bonus_percent(asset, Fraction("27.5"), PARAMETERS) == 0
    assert bonus_percent(asset, Fraction(5), PARAMETERS, "none") == 0


@pytest.mark.parametrize(
    ("year_end_month", "in_service", "offered"),
    [
        (12, "2025-12-31", True),
        (12, "2026-01-01", False),
        (6, "2025-06-30", True),
        (6, "2025-07-01", False),
        (1, "2025-01-31", True),
        (1, "2025-02-01", False),
    ],
)
def test_the_reduced_rate_is_for_the_first_tax_year_after_the_change(
    year_end_month: int, in_service: str, offered: bool
) -> None:
    asset = Asset(100, date(2025, 1, 20), date.fromisoformat(in_service), year_end_month)
    if offered:
        assert bonus_percent(asset, Fraction(5), PARAMETERS, "reduced") == 40
    else:
        with pytest.raises(Refused, match="no reduced special allowance is known"):
            bonus_percent(asset, Fraction(5), PARAMETERS, "reduced")


def test_the_first_tax_year_after_a_year_end_is_the_next_one() -> None:
    offer = PARAMETERS.bonus[-1].model_copy(update={"first_tax_year_ending_after": date(2025, 12, 31)})
    law = PARAMETERS.model_copy(update={"bonus": (offer,)})
    first, last = Asset(1, date(2025, 2, 1), date(2026, 1, 1)), Asset(1, date(2025, 2, 1), date(2025, 12, 31))
    assert bonus_percent(first, Fraction(5), law, "reduced") == 40
    with pytest.raises(Refused, match="no reduced special allowance is known"):
        bonus_percent(last, Fraction(5), law, "reduced")


def test_no_two_bonus_entries_cover_the_same_dates() -> None:
    for one, other in combinations(PARAMETERS.bonus, 2):
        assert (
            one.elective != other.elective
            or one.acquired_to < other.acquired_from
            or other.acquired_to < one.acquired_from
            or one.in_service_to < other.in_service_from
            or other.in_service_to < one.in_service_from
        )


def test_bonus_entries_leave_no_gap_of_service() -> None:
    day = timedelta(1)
    for before, after in pairwise(PARAMETERS.bonus):
        if before.acquired_to == after.acquired_to and not after.elective:
            assert before.in_service_to + day == after.in_service_from
        elif not after.elective:
            assert (before.in_service_to, before.acquired_to + day) == (date.max, after.acquired_from)


# Section 179


@pytest.mark.parametrize(
    ("year", "placed", "limit"),
    [
        (2018, 2_500_000, 1_000_000),
        (2018, 3_500_000, 0),
        (2023, 2_890_001, 1_159_999),
        (2024, 4_269_999, 1),
        (2024, 4_270_000, 0),
        (2025, 4_000_000, 2_500_000),
        (2025, 9_000_000, 0),
        (2026, 4_090_000, 2_560_000),
    ],
)
def test_section_179_limit(year: int, placed: int, limit: int) -> None:
    assert section_179_limit(year, cents(placed), PARAMETERS) == cents(limit)


def test_section_179_years_have_no_gap() -> None:
    assert [entry.tax_year for entry in PARAMETERS.section_179] == list(range(2018, 2027))


def test_section_179_then_bonus_then_table() -> None:
    elected: dict[str, Any] = {"acquired": date(2025, 1, 6), "section_179": "1000000", "bonus": "regular"}
    told = by_command(cents(3_000_000), date(2025, 1, 19), Fraction(5), "half_year", **elected)
    section, bonus = told["section_179_minor"].sum(), told["bonus_minor"].sum()
    assert (section, bonus) == (cents(1_000_000), cents(800_000))
    dollars = [1_000_000 + 800_000 + 240_000, 384_000, 230_400, 138_240, 138_240, 69_120]
    assert told["depreciation_minor"].to_list() == [cents(value) for value in dollars]


def test_a_tax_year_takes_the_limit_of_the_calendar_year_in_which_it_begins() -> None:
    """In service on 30 June 2025: of the tax year from 1 July 2024, whose limit is that of 2024."""
    day = date(2025, 6, 30)
    asset = Asset(cents(2_500_000), day, day, year_end_month=6)
    assert (asset.year_start, asset.year_end, asset.part("MQ"), asset.part("MM")) == (date(2024, 7, 1), day, 4, 12)
    bought: tuple[Any, ...] = (cents(2_500_000), day, Fraction(5), "half_year")
    told = by_command(*bought, year_end=6, section_179="1220000", bonus="none")
    assert told["section_179_minor"].to_list()[0] == cents(1_220_000)
    with pytest.raises(Refused, match="122000001 cents cannot be elected"):
        by_command(*bought, year_end=6, section_179="1220000.01", bonus="none")


def test_a_table_holds_from_its_first_day() -> None:
    told = by_command(cents(100), date(1987, 1, 1), Fraction(5), "half_year")
    assert told["depreciation_minor"].sum() == cents(100)
    with pytest.raises(Refused, match=r"service on 1986-12-31 is before macrs(?s:.*)for service from 1987-01-01"):
        by_command(cents(100), date(1986, 12, 31), Fraction(5), "half_year")
    with pytest.raises(Refused, match="the tables of 39 years are for service from 1993-05-13"):
        by_command(cents(100), date(1993, 5, 12), Fraction(39), "mid_month")


@pytest.mark.parametrize(
    ("year_end_month", "day", "start", "quarter", "month"),
    [
        (12, "2024-01-01", "2024-01-01", 1, 1),
        (12, "2024-12-31", "2024-01-01", 4, 12),
        (2, "2024-02-29", "2023-03-01", 4, 12),
        (2, "2024-03-01", "2024-03-01", 1, 1),
        (5, "2025-09-01", "2025-06-01", 2, 4),
    ],
)
def test_tax_years(year_end_month: int, day: str, start: str, quarter: int, month: int) -> None:
    asset = Asset(0, date.fromisoformat(day), date.fromisoformat(day), year_end_month)
    assert asset.year_start == date.fromisoformat(start)
    assert (asset.part("HY"), asset.part("MQ"), asset.part("MM")) == (None, quarter, month)


# Money


@given(
    basis_minor=st.integers(0, 10**14),
    table=st.sampled_from(list(TABLES.values())),
    rounding=st.sampled_from(["cumulative", "whole_dollars"]),
)
def test_deductions_add_to_the_basis(basis_minor: int, table: Table, rounding: str) -> None:
    years = table_deductions(basis_minor, table, rounding)
    assert sum(years) == basis_minor
    assert min(years) >= 0


@examples(40)
@given(
    cost_minor=st.integers(0, 10**14),
    elected=st.integers(0, 10**8),
    day=st.dates(date(2018, 1, 1), date(2026, 12, 31)),
)
def test_the_parts_add_to_the_cost(cost_minor: int, elected: int, day: date) -> None:
    """The special allowance is of what is left of the cost; what both leave is the basis of the table."""
    section, asset = min(elected, cost_minor), Asset(cost_minor, day, day)
    allowed = sum(allowances(asset, Fraction(7), PARAMETERS, Elections(section, 0)))
    words = {"section_179": f"{section // 100}.{section % 100:02}", "section_179_property": "0", "bonus": "regular"}
    told = by_command(cost_minor, day, Fraction(7), "half_year", **words)
    assert sum(told.select("section_179_minor", "bonus_minor").row(0)) == allowed
    assert told["depreciation_minor"].sum() == cost_minor
    assert allowed <= told["depreciation_minor"][0]
    assert sum(table_deductions(cost_minor - allowed, printed_table(7))) == cost_minor - allowed


# Refused by name

COLUMN = {
    "name": "Mine",
    "recovery_years": "5",
    "convention": "HY",
    "method": "200DB",
    "percents": "20 32 19.2 11.52 11.52 5.76",
    "source": "mine",
}


def test_a_column_of_ones_own_is_read() -> None:
    assert parse_tables({"table": [COLUMN]})[Fraction(5), "HY", None, "200DB"].percents[2] == Fraction("19.2")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"percents": "20 32 19.2 11.52 11.52 5.75"},
            "table Mine, 5-year HY 200DB: the percents add to 99.99 and not to",
        ),
        ({"percents": "60 60 -20"}, "'-20' is not a percent; write decimals such as 19.20"),
        ({"percents": "60 -60 -20"}, "'-60' is not a percent; write decimals such as 19.20"),
        ({"percent": "100"}, "percent: unknown key; did you mean 'percents'?"),
        ({"percents": "60 60"}, "the percents add to 120 and not to 100"),
        ({"percents": "50 1/2"}, "'1/2' is not a percent"),
        ({"percents": ""}, "the percents add to 0 and not to 100"),
        ({"convention": "MQ"}, "table Mine, 5-year MQ 200DB: no such part of a tax year"),
        ({"convention": "MQ", "quarter_or_month": 5}, "table Mine, 5-year MQ5 200DB: no such part of a tax year"),
        ({"quarter_or_month": 1}, "table Mine, 5-year HY1 200DB: no such part of a tax year"),
        ({"recovery_years": "0"}, "recovery_years: Input should be greater than 0"),
        ({"recovery_years": 27.5}, "write the rate as text"),
        ({"source": ""}, "source: String should have at least 1 character"),
    ],
)
def test_a_faulty_column_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_tables({"table": [{**COLUMN, **change}]}, "mine.toml")
    assert message in str(caught.value)
    assert caught.value.findings[0].file == "mine.toml"


def test_a_column_given_twice_is_refused() -> None:
    with pytest.raises(Refused, match="given more than once: 5-year HY 200DB"):
        parse_tables({"table": [COLUMN, {**COLUMN, "name": "Other"}]})


DAY = date(2024, 5, 1)
PLAIN = Asset(cents(100), DAY, DAY)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: first_year_fraction("QQ"), "unknown tax convention 'QQ'.*use one of: HY, MM, MQ"),
        (lambda: columns(TABLES, Fraction(5), "QQ", "SL"), "^input: unknown tax convention 'QQ'.*one of: HY, MM, MQ$"),
        (lambda: first_year_fraction("MQ", 5), "a MQ year has no part 5.*give 1 to 4"),
        (lambda: first_year_fraction("HY", 1), "a HY year has no part 1.*leave it out"),
        (lambda: formula_table(Fraction(5), "HY", None, "250DB"), "unknown tax method '250DB'.*150DB, 200DB, SL"),
        (lambda: formula_table(Fraction(0), "HY", None, "SL"), "0 years at factor 1"),
        (lambda: Asset(-1, DAY, DAY), "^cost: -1 cents\n  why: a cost is not negative$"),
        (lambda: Asset(1, DAY, date(2024, 4, 30)), "2024-04-30 is before the acquisition on 2024-05-01"),
        (lambda: Asset(1, DAY, DAY, 13), "cannot end in month 13"),
        (
            lambda: bonus_percent(PLAIN, Fraction(5), PARAMETERS, "half"),
            "unknown allowance 'half'.*none, reduced, regular",
        ),
        (
            lambda: bonus_percent(PLAIN, Fraction(5), PARAMETERS, "reduced"),
            "^bonus: no reduced special allowance is known.*do: elect none, or add it to the file$",
        ),
        (
            lambda: bonus_percent(Asset(1, date(2017, 9, 27), date(2017, 9, 27)), Fraction(5), PARAMETERS),
            "no regular special allowance is known: acquired 2017-09-27, in service 2017-09-27",
        ),
        (lambda: section_179_limit(2017, 0, PARAMETERS), "unknown tax year of section 179 '2017'.*2018, .*2026"),
        (lambda: needs_mid_quarter([1, 2, 3], PARAMETERS), "are not the bases of four quarters"),
        (lambda: needs_mid_quarter([1, 2, 3, -1], PARAMETERS), "are not the bases of four quarters"),
        (
            lambda: allowances(PLAIN, Fraction(5), PARAMETERS, Elections(cents(100) + 1)),
            "10001 cents cannot be elected.*limit is 122000000 cents and the cost 10000",
        ),
        (
            lambda: allowances(PLAIN, Fraction(5), PARAMETERS, Elections(-1)),
            "-1 cents cannot be elected",
        ),
        (
            lambda: allowances(PLAIN, Fraction(5), PARAMETERS, Elections(1, cents(4_270_000))),
            "1 cents cannot be elected.*limit is 0 cents",
        ),
        (lambda: parse_parameters({"section_179": []}, "law.toml"), "law.toml: bonus: Field required"),
        (
            lambda: parse_parameters({"section_180": []}, "law.toml"),
            "law.toml: section_180: unknown key; did you mean 'section_179'",
        ),
    ],
)
def test_refused_by_name(call: Callable[[], object], message: str) -> None:
    with pytest.raises(Refused, match=f"(?s){message}"):
        call()
