"""SLN, SYD, DB, DDB, VDB, AMORLINC and AMORDEGRC against the figures of spreadsheets, and against themselves.

The cases stand in tests/examples/cases: what LibreOffice 7.4 answers, what a model of Excel's VDB answers, and what
other projects published. Each is called as it stands, its amounts as decimal text.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.errors import Refused
from depr.spreadsheet import functions as spreadsheet
from depr.spreadsheet import rules as spreadsheet_rules
from depr.spreadsheet.functions import FUNCTIONS, amordegrc, amorlinc, db, ddb, sln, syd, vdb
from depr.spreadsheet.rules import EXACT_PERIODS, days_30_360, power, thousandths, year_fraction
from tests.house.repository import ROOT

CASES = ROOT / "tests" / "examples" / "cases"
MEASURED, PUBLISHED = "spreadsheet_functions_libreoffice.csv", "spreadsheet_functions_published.csv"
ARGUMENTS = (
    *("cost", "salvage", "life", "period", "month", "start_period", "end_period"),
    *("factor", "no_switch", "date_purchased", "first_period", "rate", "basis"),
)
ERROR = "error"
NOISE = Fraction(1, 2**50)
"""What a sum of doubles may be off, as a share of the cost, where the exact answer is 0 or the case is rounded."""

NAMES = ("SLN", "SYD", "DB", "DDB", "VDB", "AMORLINC", "AMORDEGRC")
COLUMNS = {
    (MEASURED, "output", "libreoffice"): (86, 120, 161, 168, 324, 94, 91),
    (MEASURED, "excel_vdb_model", "excel"): (0, 0, 0, 0, 269, 0, 0),
    (PUBLISHED, "expected", "excel"): (22, 16, 30, 33, 18, 6, 3),
    (PUBLISHED, "libreoffice_7_4", "libreoffice"): (22, 16, 30, 33, 18, 6, 3),
}
"""(file, column of answers, variant): how many cases of each function."""

# (column, case): why it is not reproduced. A case that comes to be reproduced must leave the table.
NOT_REPRODUCED = {
    ("expected", "131"): "DB with salvage above cost: formulajs answers 0 without computing; Excel's formula charges "
    "a negative amount, as case 50 (PhpSpreadsheet) has it",
}


@cache
def _rows(file: str) -> list[dict[str, str]]:
    with (CASES / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _cases(file: str, column: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each case with its number. A blank is LibreOffice's error, or a figure that the model of Excel leaves out."""
    for row in _rows(file):
        if row[column] or column == "output":
            yield row.get("case_id") or row["id"], row


def _answer(row: dict[str, str], variant: str) -> Fraction | str:
    given_: dict[str, Any] = {name: row[name] for name in ARGUMENTS if row[name]}
    if "no_switch" in given_:
        given_["no_switch"] = given_["no_switch"] == "1"
    try:
        return FUNCTIONS[row["function"]](**given_, variant=variant)
    except Refused:
        return ERROR


def _reproduced(row: dict[str, str], column: str, variant: str) -> bool:
    expected, found = row[column], _answer(row, variant)
    if not expected or expected == ERROR or expected.startswith("#") or isinstance(found, str):
        return found == ERROR and (not expected or expected == ERROR or expected.startswith("#"))
    value = Fraction(expected)
    tolerance = abs(value) / 10**9
    if column == "expected":  # as many digits as its source asserts
        tolerance = max(tolerance, Fraction(row["tolerance"]))
    return abs(found - value) <= max(tolerance, NOISE * abs(Fraction(row["cost"])))


@pytest.mark.parametrize(("file", "column", "variant"), COLUMNS)
def test_cases_are_reproduced(file: str, column: str, variant: str) -> None:
    outcome = [(n, row["function"], _reproduced(row, column, variant)) for n, row in _cases(file, column)]
    assert {(column, n) for n, _, good in outcome if not good} == {key for key in NOT_REPRODUCED if key[0] == column}
    counts = Counter(function for _, function, _ in outcome)
    assert tuple(counts[name] for name in NAMES) == COLUMNS[file, column, variant]


@pytest.mark.parametrize(
    "case", json.loads((CASES / "spreadsheet_functions.json").read_text("utf-8")), ids=lambda c: c["id"]
)
def test_published_schedules_are_reproduced(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    optional = {"month": inputs.get("months_first_year"), "factor": inputs.get("factor")}
    options = {name: value for name, value in optional.items() if value is not None}
    function = FUNCTIONS[case["system"].split()[-1]]
    for period, expected, _ in case["expected"]:
        found = function(inputs["cost"], inputs["salvage"], inputs["life_years"], period, **options)
        assert abs(found - Fraction(repr(expected))) < Fraction(1, 10**7)  # printed to 8 decimals at least


def test_excel_starts_anew_at_a_part_of_a_period() -> None:
    """fsprojects/ExcelFinancialFunctions, Compatibility: the whole less its halves is 0.1479 in Excel."""
    for variant, gap in (("excel", Fraction("0.1479")), ("libreoffice", Fraction(0))):
        whole, first, second = (vdb(100, 10, 13, a, b, 1, variant=variant) for a, b in ((0, 1), (0, 0.5), (0.5, 1)))
        assert round(whole - first - second, 4) == gap
    assert vdb(100, 10, 13, 0.5, 1, 1, True) == vdb(100, 10, 13, 0, 0.5, 1, True)


def test_examples_of_microsoft() -> None:
    """support.microsoft.com, functions VDB, DDB, DB; as printed there."""
    assert round(vdb(2400, 300, 3650, 0, 1), 2) == Fraction("1.32")
    assert round(vdb(2400, 300, 120, 6, 18), 2) == Fraction("396.31")
    assert round(vdb(2400, 300, 120, 6, 18, "1.5"), 2) == Fraction("311.81")
    assert vdb(2400, 300, 10, 0, "0.875", "1.5") == 315
    assert round(ddb(2400, 300, 3650, 1), 2) == Fraction("1.32")
    assert [round(db(1000000, 100000, 6, p, 7), 2) for p in (1, 7)] == [Fraction("186083.33"), Fraction("15845.10")]


# Excel 2010, in the tests of fsprojects/ExcelFinancialFunctions (amordegrc.test, amorlinc.test): a purchase two years
# before the end of the first period. Rate, salvage, and the charges of the periods named above them.
PERIODS = ("0", "0.3", "1", "1.7", "2", "10", "11.3", "13")


@pytest.mark.parametrize(
    ("cost", "salvage", "rate", "charges"),
    [
        (100, 10, "0.15", (75, 0, 9, 9, 6, 0, 0, 0)),
        (100, 10, "0.3", (90, 0, 5, 5, 0, 0, 0, 0)),
        (100, 10, "0.1", (50, 0, 13, 13, 9, 0, 0, 0)),
        (100, 10, "0.07", (35, 0, 11, 11, 9, 2, 0, 0)),
        (100, 50, "0.15", (50, 0, 19, 19, 0)),
        (100, 50, "0.3", (50, 0, 23, 23, 0)),
        (100, 50, "0.1", (50, 0, 13, 13, 0)),
        (100, 50, "0.07", (35, 0, 11, 11, 9)),
        (200, 50, "0.15", (150, 0, 19, 19, 0, 0, 0, 0)),
        (200, 50, "0.3", (150, 0, 23, 23, 0, 0, 0, 0)),
        (200, 50, "0.1", (100, 0, 25, 25, 19, 0, 0, 0)),
        (200, 50, "0.07", (70, 0, 23, 23, 19, 0, 0, 0)),
        (200, 0, "0.15", (150, 0, 19, 19, 12)),
        (200, 0, "0.3", (180, 0, 9, 9, 6)),
        (200, 0, "0.1", (100, 0, 25, 25)),
        (200, 0, "0.07", (70, 0, 23, 23)),
    ],
)
@pytest.mark.parametrize("basis", [0, 1, 3, 4])
def test_amordegrc_of_excel(basis: int, cost: int, salvage: int, rate: str, charges: tuple[int, ...]) -> None:
    found = [amordegrc(cost, "1998-02-28", "2000-02-29", salvage, p, rate, basis) for p in PERIODS]
    assert found[: len(charges)] == list(charges)


@pytest.mark.parametrize(
    ("end", "salvage", "rate", "basis", "charges"),
    [
        ("1994-11-30", 0, "0.07", 3, ("28", "14", "14", "14", "14", "14", "14", "4")),
        ("1994-11-30", 0, "0.07", 1, ("27.92349726776", "14", "14", "14", "14", "14", "14", "4.07650273224")),
        ("1994-11-30", 0, "0.1", 1, ("39.89071038251", "20", "20", "20", "20", "0", "0", "0")),
        ("2009-06-30", 10, "0.07", 0, ("190", "14", "0", "0", "0", "0", "0", "0")),
        ("2009-06-30", 50, "0.1", 4, ("150", "20", "0", "0", "0", "0", "0", "0")),
    ],
)
def test_amorlinc_of_excel(end: str, salvage: int, rate: str, basis: int, charges: tuple[str, ...]) -> None:
    found = [amorlinc(200, date(1992, 11, 30), end, salvage, p, rate, basis) for p in PERIODS]
    assert [round(charge, 11) for charge in found] == [Fraction(charge) for charge in charges]


def test_a_first_period_without_days() -> None:
    """Excel charges a whole period, and no period more for it; LibreOffice nothing."""
    days = ("2025-01-01", "2025-01-01")
    assert [amorlinc(100, *days, 0, p, "0.25") for p in range(5)] == [25, 25, 25, 25, 0]
    assert [amorlinc(100, *days, 0, p, "0.25", variant="libreoffice") for p in range(6)] == [0, 25, 25, 25, 25, 0]
    assert [amordegrc(100, *days, 10, p, "0.2") for p in range(5)] == [40, 24, 18, 18, 0]
    assert amordegrc(0, *days, 0, 1, "0.2", variant="libreoffice") == 0
    assert amordegrc(100, *days, 10, "0.5", "0.2", variant="libreoffice") == 0


def test_parts_of_a_french_period_are_dropped() -> None:
    """30 a year: a twelfth of it, three whole ones and the rest; in Excel nothing is charged beyond period 4."""
    month = ("2025-01-01", "2025-02-01")
    for variant, beyond in (("excel", 0), ("libreoffice", Fraction(15, 2))):
        charges = [amorlinc(100, *month, 0, p, "0.3", variant=variant) for p in ("0", "1", "3.5", "4", "4.5", "5")]
        assert charges == [Fraction(5, 2), 30, 30, Fraction(15, 2), beyond, 0]
    assert amorlinc(100, *month, 100, "0.5", "0.3") == 0
    assert amorlinc(100, *month, 0, 0, "0.3", "1.5") == amorlinc(100, *month, 0, 0, "0.3", 1) == 30 * Fraction(31, 365)


def test_french_rules() -> None:
    """A basis left out is 0; Excel takes 29 February for the day before; the coefficients of the shorter lives.

    42 at a rate of 0.4 and 886 at 0.22 are asserted by PhpSpreadsheet's tests.
    """
    ends = ("2025-01-31", "2025-03-31")
    for function in (amorlinc, amordegrc):
        assert function(36500, *ends, 0, 0, "0.2") == function(36500, *ends, 0, 0, "0.2", 0)
        assert function(36500, *ends, 0, 0, "0.2") != function(36500, *ends, 0, 0, "0.2", 1)
    for basis in (1, 3):
        assert amorlinc(100, "2023-02-28", "2024-02-29", 0, 0, "0.1", basis) == 10
        assert amorlinc(365, "2023-02-28", "2024-02-28", 0, 0, "0.1", basis) == Fraction("36.5")
    year = ("2025-01-01", "2026-01-01")
    lives = ("1/3", "0.25", "0.24", "0.2", "1/6", "0.16")
    assert [amordegrc(10000, *year, 0, 0, rate, 3) for rate in lives] == [5000, 3750, 4800, 4000, 3333, 4000]
    calc = [amordegrc(10000, *year, 0, 0, rate, 3, variant="libreoffice") for rate in ("0.4", *lives)]
    assert calc == [4000, 5000, 3750, 3600, 4000, 3333, 4000]
    assert amordegrc(150, "2011-01-01", "2011-09-30", 20, 1, "0.4", 4, variant="libreoffice") == 42
    to_salvage = [amordegrc(100, year[0], year[0], 60, p, "0.2", variant="libreoffice") for p in (1, 2, 3)]
    assert to_salvage == [40, 30, 0]


# Arguments: text, float, Decimal and Fraction are one; what is refused is named


def test_numbers_are_taken_as_they_are_written() -> None:
    for tenth in ("0.1", 0.1, Decimal("0.1"), Fraction(1, 10), "1/10"):
        assert sln(tenth, 0, 3) == Fraction(1, 30)


NUM, DIVISION, VALUE = "#NUM!", "#DIV/0!", "#VALUE!"
FRENCH = ("2025-01-01", "2025-12-31")
BOTH, EXCEL, LIBREOFFICE = ("excel", "libreoffice"), ("excel",), ("libreoffice",)


@pytest.mark.parametrize(
    ("variants", "function", "arguments", "code", "named"),
    [
        (BOTH, sln, (1, 0, 0), DIVISION, "life = 0"),
        (BOTH, sln, ("x", float("nan"), "1e401"), VALUE, "cost = 'x'|life = '1e401'|salvage = nan"),
        (
            BOTH,
            sln,
            ("1/0", Decimal("Infinity"), None),
            VALUE,
            "cost = '1/0'|life = None|salvage = Decimal('Infinity')",
        ),
        (EXCEL, syd, (100, -1, 5, 6), NUM, "period = 6|salvage = -1"),
        (EXCEL, syd, (100, 10, 5, 0), NUM, "period = 0"),
        (LIBREOFFICE, syd, (100, 10, -1, 1), DIVISION, "life = -1"),
        (BOTH, db, (-1, -1, 5, 1, 13), NUM, "cost = -1|month = 13|salvage = -1"),
        (BOTH, db, (100, 10, 5, 7, 6), NUM, "period = 7"),
        (EXCEL, db, (100, 10, 5, "5.5"), NUM, "period = 5.5"),
        (EXCEL, db, (1, "1e300", "1e-9", "1e-9"), NUM, "life = 0.000000001"),
        (LIBREOFFICE, db, (100, 200, 1201, 1), NUM, "life = 1201|salvage = 200"),
        (BOTH, db, (100, 10, 0, 1), NUM, "life = 0"),
        (BOTH, ddb, (-1, 0, 0, 1, 0), NUM, "cost = -1|factor = 0|life = 0|period = 1"),
        (LIBREOFFICE, ddb, (100, 200, 5, "1/3"), NUM, "period = 1/3|salvage = 200"),
        (BOTH, vdb, (100, 200, 5, 3, 2), NUM, "salvage = 200|start_period = 3"),
        (BOTH, vdb, (100, 10, 5, -1, 6, -1), NUM, "end_period = 6|factor = -1|start_period = -1"),
        (BOTH, amorlinc, (100, *FRENCH[::-1], 200, -1, 0, 5), NUM, "basis = 5|date_purchased = 2025-12-31|period = -1"),
        (BOTH, amorlinc, (-1, *FRENCH, 200, 1, 0), NUM, "cost = -1|rate = 0|salvage = 200"),
        (EXCEL, syd, (100, 10, 0, 1), NUM, "life = 0"),
        (BOTH, syd, ("x", 0, 1, 1), VALUE, "cost = 'x'"),
        (BOTH, db, (1, "x", 1, 1), VALUE, "salvage = 'x'"),
        (BOTH, ddb, (1, 0, "x", 1), VALUE, "life = 'x'"),
        (BOTH, vdb, (1, 0, 1, "x", "y", "z"), VALUE, "end_period = 'y'|factor = 'z'|start_period = 'x'"),
        (BOTH, vdb, (-1, 0, 0, 0, 1), NUM, "cost = -1|end_period = 1|life = 0"),
        (EXCEL, amorlinc, (100, *FRENCH, 0, 1, "0.2", 2), NUM, "basis = 2"),
        (EXCEL, amordegrc, (100, *FRENCH, 0, 1, "0.4"), NUM, "rate = 0.4"),
        (BOTH, amordegrc, (100, "31.12.2025", FRENCH[1], 0, 1, "0.2"), VALUE, "date_purchased = '31.12.2025'"),
        (BOTH, amordegrc, (100, FRENCH[0], None, 0, 1, "0.2"), VALUE, "first_period = None"),
    ],
)
def test_refused(variants: tuple[str, ...], function: Any, arguments: Any, code: str, named: str) -> None:
    for variant in variants:
        with pytest.raises(Refused) as caught:
            function(*arguments, variant=variant)
        findings = caught.value.findings
        assert {f.code for f in findings} == {code}
        assert {(f.file, f.row) for f in findings} == {(function.__name__.upper(), 0)}
        assert all(f.why and f.do for f in findings)
        assert set(named.split("|")) <= {f.what for f in findings}


def test_refused_text() -> None:
    with pytest.raises(Refused) as caught:
        db(100, 10, 5, 1, "12.5", variant="calc")
    assert str(caught.value) == "input: unknown variant 'calc'\n  do: use one of: excel, libreoffice"
    with pytest.raises(Refused) as caught:
        db(100, 10, 5, "1/3", 0, variant="libreoffice")
    assert str(caught.value) == "DB: month = 0\n  why: LibreOffice answers #NUM!\n  do: give month from 1 to 12"


GROWS = "the exact carrying amount grows by some digits with every period\n  do: give at most 4000"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ddb(100, 10, 5, 1, 0), "DDB: factor = 0\n  why: Excel answers #NUM!\n  do: give factor above 0"),
        (lambda: ddb(100, -1, 5, 1), "DDB: salvage = -1\n  why: Excel answers #NUM!\n  do: give salvage of at least 0"),
        (
            lambda: ddb(100, 10, "2.5", 3),
            "DDB: period = 3\n  why: Excel answers #NUM!\n  do: give period above 0, at most 2.5",
        ),
        (
            lambda: vdb(100, 10, 5, 3, 2),
            "VDB: start_period = 3\n  why: Excel answers #NUM!\n  do: give start_period from 0 to 2",
        ),
        (lambda: sln(1, 0, 0), "SLN: life = 0\n  why: Excel answers #DIV/0!\n  do: give life other than 0"),
        (
            lambda: syd(1, 0, -1, 1, variant="libreoffice"),
            "SYD: life = -1\n  why: LibreOffice answers #DIV/0!\n  do: give life other than 0 and -1",
        ),
        (
            lambda: db(1, 0, 1201, 1, variant="libreoffice"),
            "DB: life = 1201\n  why: LibreOffice answers #NUM!\n  do: give life above 0, at most 1200",
        ),
        (lambda: sln("x", 0, 1), "SLN: cost = 'x'\n  why: it is not a number\n  do: give a decimal"),
        (
            lambda: amorlinc(1, "1.1.2025", FRENCH[1], 0, 0, 1),
            "AMORLINC: date_purchased = '1.1.2025'\n  why: it is not a date\n  do: write it 2025-12-31",
        ),
        (
            lambda: amorlinc(1, *FRENCH[::-1], 0, 0, 1),
            "AMORLINC: date_purchased = 2025-12-31\n  why: Excel answers #NUM!\n  do: give date_purchased "
            "not after first_period = 2025-01-01",
        ),
        (
            lambda: amorlinc(1, *FRENCH, 0, 0, 1, 2),
            "AMORLINC: basis = 2\n  why: Excel answers #NUM!\n  do: give basis as one of 0, 1, 3, 4",
        ),
        (
            lambda: amordegrc(1, *FRENCH, 0, 0, "0.4"),
            "AMORDEGRC: rate = 0.4\n  why: Excel answers #NUM!\n  do: give rate of at most 1/3",
        ),
        (
            lambda: db(1, "1e300", "1e-9", "1e-9"),
            "DB: life = 0.000000001\n  why: the balance grows by more than any number in a period\n"
            "  do: give a longer life",
        ),
        (lambda: vdb(100, 10, 4001, 0, 4001), f"VDB: end_period = 4001\n  why: {GROWS}"),
        (lambda: amordegrc(100, *FRENCH, 0, 4001, "0.00001"), f"AMORDEGRC: period = 4001\n  why: {GROWS}"),
    ],
)
def test_refusals_as_they_are_read(call: Any, text: str) -> None:
    with pytest.raises(Refused) as caught:
        call()
    assert str(caught.value) == text


def test_the_longest_that_is_counted() -> None:
    """4,000 periods one by one."""
    assert EXACT_PERIODS == 4000
    assert vdb(100, 10, 4000, 3999, 4000, 4000) == 0


def test_as_many_french_periods_are_counted() -> None:
    assert amordegrc(100, *FRENCH, 0, 4000, "0.00001", variant="libreoffice") == 0


def test_the_longest_decimals() -> None:
    """400 places before and after the point."""
    assert sln("1e400", 0, 1) == 10**400
    assert sln("1e-400", 0, 1) == Fraction(1, 10**400)
    for text in ("1e401", "1e-401"):
        with pytest.raises(Refused):
            sln(text, 0, 1)


# What the variants take where the other refuses, and parts of a period


RATE = Fraction("0.602")
"""1 - 0.1 ** (1 / 2.5), to three decimals."""


def test_edges() -> None:
    assert ddb(100, 200, 5, 1) == vdb(100, 100, 5, 0, 5) == db(0, 0, 5, 1) == 0
    assert ddb(100, 10, 5, "0.5") == ddb(100, 10, 5, 1) == 40
    assert db(100, 10, 5, "0.5") == db(100, 10, 5, 1) == db(100, 10, 5, "1.9", "12.9", variant="libreoffice")
    assert db(100, 10, 5, "0.5", variant="libreoffice") == 0
    assert db(100, 10, 5, 6, variant="libreoffice") == 0
    assert db(100, 0, 5, 1) == 100
    assert db(100, 10, "2.5", 3, 6) == 100 * (1 - RATE / 2) * (1 - RATE) * RATE / 2
    assert db(1, "0.5", 1200, 1, variant="libreoffice") == Fraction(1, 1000)
    assert ddb(100, 0, 2, "1.5", 3) == vdb(100, 0, 5, 3, 3) == 0
    assert sln(100, 10, "0.5") == 180
    assert syd(100, 10, 5, 7, variant="libreoffice") == -6


def test_a_root_is_right_to_fifty_digits() -> None:
    """With half of the balance a period, the second and a half takes half of 100 / sqrt(8)."""
    charge = ddb(100, 0, 4, "2.5")
    assert abs(charge**2 * 8 / 2500 - 1) < Fraction(1, 10**49)
    slow = ddb(100, 0, 36500, EXACT_PERIODS + 2)
    assert abs(slow / (ddb(100, 0, 36500, EXACT_PERIODS + 1) * Fraction(36498, 36500)) - 1) < Fraction(1, 10**48)


def test_powers_are_exact_up_to_a_number_of_periods_then_right_to_fifty_digits() -> None:
    third = Fraction(1, 3)
    assert power(third, Fraction(EXACT_PERIODS)) == third**EXACT_PERIODS
    assert power(third, Fraction(-2)) == 9
    base, exponent = 1 - Fraction(1, 10**6), Fraction(2 * 10**9 + 1, 2)
    many = Context(prec=120)
    log = many.ln(many.divide(Decimal(base.numerator), Decimal(base.denominator)))
    exact = Fraction(many.exp(many.multiply(log, Decimal("1000000000.5"))))
    assert abs(power(base, exponent) / exact - 1) < Fraction(1, 10**49)


# The rate of DB: exact, also where the root lies on the boundary between two thousandths


@given(
    ratio=st.fractions(min_value=0, max_value=3, max_denominator=10**6),
    life=st.fractions(min_value=Fraction(1, 4), max_value=30, max_denominator=4),
)
def test_rate_of_db_is_the_rounded_root(ratio: Fraction, life: Fraction) -> None:
    rate = thousandths(ratio, life)
    assert (rate * 1000).denominator == 1
    a, b = life.numerator, life.denominator
    low, high = (max(1 - rate + side, Fraction(0)) for side in (Fraction(-1, 2000), Fraction(1, 2000)))
    assert low**a < ratio**b <= high**a or (ratio == 0 and rate == 1)


@given(
    base=st.fractions(min_value=Fraction(1, 10**6), max_value=3, max_denominator=10**6),
    exponent=st.fractions(min_value=0, max_value=10**4, max_denominator=10**4),
)
def test_roots_are_enclosed(base: Fraction, exponent: Fraction) -> None:
    value, margin = spreadsheet_rules._near(base, exponent, 30)
    assert abs(value - spreadsheet_rules._near(base, exponent, 90)[0]) <= margin <= value / 10**15


@pytest.mark.parametrize("life", [Fraction(1), Fraction(2), Fraction(7), Fraction(1, 2), Fraction(5, 2)])
@pytest.mark.parametrize("side", [-1, 0, 1])
def test_rate_of_db_on_a_boundary(life: Fraction, side: int) -> None:
    root = Fraction(9, 16)  # 1 - 0.4375; a square, so that its power with half a life is a fraction
    ratio = Fraction(3, 4) ** int(2 * life)
    assert root**life.numerator == ratio**life.denominator
    assert thousandths(ratio + side * Fraction(1, 10**60), life) == Fraction(438 if side < 1 else 437, 1000)


def test_rate_of_db_beside_a_boundary_over_a_long_life() -> None:
    """0.9995 ** 1000000 to 50 digits has a root so near to 0.9995 that only more digits tell the side."""
    ratio, life = power(Fraction(9995, 10000), Fraction(10**6)), Fraction(10**6)
    assert {thousandths(ratio * (1 + Fraction(side, 10**40)), life) for side in (-1, 1)} == {0, Fraction(1, 1000)}


# Properties

amounts = st.fractions(min_value=0, max_value=10**6, max_denominator=100)
lives = st.one_of(st.integers(1, 12).map(Fraction), st.fractions(min_value=1, max_value=12, max_denominator=8))
factors = st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5, 2), Fraction(20)])


@given(cost=amounts, salvage=amounts, life=st.integers(1, 40))
def test_syd_and_sln_use_up_the_base(cost: Fraction, salvage: Fraction, life: int) -> None:
    assert sum(syd(cost, salvage, life, p) for p in range(1, life + 1)) == cost - salvage
    assert sln(cost, salvage, life) * life == cost - salvage


@given(pair=st.tuples(amounts, amounts), life=lives, factor=factors, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_vdb_adds_up(pair: tuple[Fraction, Fraction], life: Fraction, factor: Fraction, cuts: list[int]) -> None:
    """Between any ages in LibreOffice, between whole periods in Excel; no part is below 0 or above the base."""
    salvage, cost = sorted(pair)
    ages = sorted({Fraction(0), *(min(Fraction(cut, 4), life) for cut in cuts), life})
    parts = [vdb(cost, salvage, life, a, b, factor, variant="libreoffice") for a, b in pairwise(ages)]
    assert sum(parts) == cost - salvage
    assert min(parts) >= 0
    whole = [age for age in ages if age.denominator == 1] + ([] if life.denominator == 1 else [life])
    assert sum(vdb(cost, salvage, life, a, b, factor) for a, b in pairwise(whole)) == cost - salvage
    for start in ages:
        assert 0 <= vdb(cost, salvage, life, start, life, factor) <= cost - salvage


@given(pair=st.tuples(amounts, amounts), life=lives, factor=factors)
def test_vdb_without_switch_is_ddb(pair: tuple[Fraction, Fraction], life: Fraction, factor: Fraction) -> None:
    salvage, cost = sorted(pair)
    for period in range(1, int(life) + 1):
        charge = ddb(cost, salvage, life, period, factor)
        assert charge == vdb(cost, salvage, life, period - 1, period, factor, no_switch=True) >= 0


@given(pair=st.tuples(amounts, amounts), life=lives, factor=factors, period=st.integers(1, 12))
def test_long_lives_follow_the_curves(
    pair: tuple[Fraction, Fraction], life: Fraction, factor: Fraction, period: int
) -> None:
    """The steps and formulas for lives too long for a whole curve answer as the curves do."""
    salvage, cost = sorted(pair)
    end = min(Fraction(period), life)
    calls: list[tuple[Any, tuple[Fraction, ...]]] = [
        (vdb, (cost, salvage, life, Fraction(0), end, factor)),
        (vdb, (cost, salvage, life, end / 2, end, factor)),
        (ddb, (cost, salvage, life, Fraction(min(period, int(life))), factor)),
        (syd, (cost, salvage, life, end)),
    ]
    by_curve = [function(*arguments, variant="libreoffice") for function, arguments in calls]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spreadsheet, "CURVE_PERIODS", 0)
        assert [function(*arguments, variant="libreoffice") for function, arguments in calls] == by_curve


def test_fractions_of_a_year() -> None:
    """OpenDocument 1.3 part 4 (OpenFormula), 4.11.7: 30/360 at the ends of months, actual years."""
    leap, plain = date(2024, 2, 29), date(2023, 2, 28)
    assert days_30_360(date(2025, 1, 31), date(2025, 3, 31)) == 60
    assert days_30_360(date(2025, 1, 15), date(2025, 3, 31)) == 76
    assert days_30_360(date(2025, 1, 31), date(2025, 4, 30)) == 90
    assert days_30_360(plain, leap) == 360
    assert days_30_360(leap, date(2024, 3, 31)) == 31
    assert year_fraction(date(2025, 1, 31), date(2025, 3, 31), 4) == Fraction(60, 360)
    assert year_fraction(date(2024, 3, 1), date(2024, 12, 31), 1) == Fraction(305, 366)
    assert year_fraction(date(2024, 3, 1), date(2025, 2, 28), 1) == Fraction(364, 365)
    assert year_fraction(plain, date(2024, 2, 28), 1) == 1
    assert year_fraction(date(2023, 1, 1), date(2025, 1, 1), 1) == Fraction(731 * 3, 1096)
    assert year_fraction(leap, date(2025, 2, 28), 1) == Fraction(365, 366)
    assert year_fraction(date(2023, 3, 1), leap, 1) == Fraction(365, 366)
    assert year_fraction(date(2023, 1, 1), date(2024, 1, 2), 1) == Fraction(366 * 2, 731)
    assert year_fraction(date(2024, 1, 1), date(2024, 12, 31), 2) == Fraction(365, 360)
