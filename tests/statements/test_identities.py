"""Identities of a statement: published differences, what rounding allows, and the shipped statements."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import datasets
from depr.contract import Statements
from depr.statements.identities import GROSS, TAX, broken, consistent, findings, identities
from depr.statements.rounding import half_unit, text
from tests.restate.cases import YEAR_2023, statements

MILLION = 10**8
EXACT: dict[str, Any] = YEAR_2023 | {
    "revenue_minor": 20_004_00,
    "pretax_income_minor": 5_000_00,
    "income_tax_minor": 1_000_00,
    "net_income_minor": 4_000_00,
    "basic_shares": 1_001,
    "diluted_shares": 1_099,
    "eps_basic_micro": 4_000_000,
    "eps_diluted_micro": 3_640_000,
    "cost_of_revenue_minor": None,
    "gross_profit_minor": None,
}
FLOWS = ("revenue", "operating_income", "pretax_income", "income_tax", "net_income", "capex", "cash_from_operations")


def flags(*rows: dict[str, Any]) -> dict[str, bool]:
    found = identities(statements(*rows))
    return dict(found.select("identity", "holds").iter_rows())


# From outside: what Amazon's statements show between income after tax and net income


@pytest.mark.parametrize(("year", "equity_method"), [(2020, 16), (2021, 4), (2022, -3), (2023, -12), (2024, -101)])
def test_amazons_equity_method_is_a_line_below_tax(year: int, equity_method: int) -> None:
    """Amazon 10-K, consolidated statements of operations: equity-method investment activity, net of tax."""
    amazon = datasets.statements("AMZN").filter(fiscal_year=year, period_type="FY")
    assert amazon["equity_method_income_minor"].item() == equity_method * MILLION
    named = "pretax income - income tax + equity method = net income"
    [row] = identities(amazon).filter(identity=named).to_dicts()
    assert (row["difference"], row["holds"], row["unit"]) == (0, True, "USD")
    [without] = identities(amazon.with_columns(equity_method_income_minor=None)).filter(identity=TAX).to_dicts()
    assert (without["difference"], without["holds"]) == (equity_method * MILLION, False)


def test_the_shipped_statements_break_what_is_known_and_nothing_else() -> None:
    """CoreWeave: preferred dividends in earnings per share, and years from other copies.
    Nebius: the year as restated, the quarters as first filed."""
    found = broken(datasets.statements())
    assert dict(found.group_by("issuer").len().sort("issuer").iter_rows()) == {"CRWV": 4, "NBIS": 1}


def test_coreweaves_loss_per_share_holds_preferred_dividends() -> None:
    quarter = datasets.statements("CRWV").filter(fiscal_year=2025, fiscal_quarter=1)
    rows = identities(quarter).filter(~pl.col("holds"))
    assert rows["identity"].to_list() == [
        "net income / basic shares = basic earnings per share",
        "net income / diluted shares = diluted earnings per share",
    ]


# What rounding allows


def test_a_statement_that_fits_to_its_last_digit_holds() -> None:
    """4,000 / 1,099 = 3.6397, printed 3.64; 4,000 / 1,001 = 3.996, printed 4.00."""
    assert set(flags(EXACT).values()) == {True}
    assert len(flags(EXACT)) == 3


@pytest.mark.parametrize(("net", "holds"), [(4_001_00, True), (4_002_00, False), (3_999_00, True), (3_998_00, False)])
def test_one_unit_is_rounding_and_two_are_not(net: int, holds: bool) -> None:
    """Three figures rounded to one: each is off by half a unit at most, one and a half together."""
    assert flags(EXACT | {"net_income_minor": net})[TAX] is holds


@pytest.mark.parametrize(("gross", "holds"), [(12_003_00, True), (12_001_00, False), (12_006_00, False)])
def test_revenue_less_its_cost_is_gross_profit(gross: int, holds: bool) -> None:
    """20,004 - 8,000 = 12,004, give or take one and a half."""
    lines = {"cost_of_revenue_minor": 8_000_00, "gross_profit_minor": gross}
    assert flags(EXACT | lines)[GROSS] is holds
    assert GROSS not in flags(EXACT | lines | {"cost_of_revenue_minor": None})


@pytest.mark.parametrize(
    ("factor", "shares", "eps", "holds"),
    [
        ("20", 20_020, 200_355, True),
        ("20", 20_020, 200_356, False),
        (None, 20_020, 200_355, False),
        ("3", 3_003, 1_335_890, True),
        ("3", 3_003, 1_335_893, False),
        ("1/7", 143, 28_147_000, True),
        ("1/7", 143, 28_148_000, False),
    ],
)
def test_after_a_split_rounding_is_that_of_what_was_filed(
    factor: str | None, shares: int, eps: int, holds: bool
) -> None:
    """4,004 over 1,001 shares. Filed: 4.00 give or take 0.005, and half a share; both carried over the split.

    20 for 1: 4,004.005 / (20,020 - 10.5) = 0.200105, and 0.00025 and half a millionth on top make 0.200355.
    """
    exact = EXACT | {"revenue_minor": 20_000_01, "net_income_minor": 4_004_00, "eps_diluted_micro": None}
    row = exact | {"basic_shares": shares, "diluted_shares": None, "split_factor": factor, "eps_basic_micro": eps}
    assert flags(row)["net income / basic shares = basic earnings per share"] is holds


def test_the_difference_is_stated() -> None:
    [row] = identities(statements(EXACT | {"net_income_minor": 3_900_00})).filter(identity=TAX).to_dicts()
    assert (row["stated"], row["worked_out"], row["difference"], row["allowed"]) == (390_000, 400_000, -10_000, 150)
    [finding] = findings(identities(statements(EXACT | {"net_income_minor": 3_900_00})).filter(identity=TAX), "f.csv")
    assert (finding.file, finding.code) == ("f.csv", "identity")
    assert finding.what == f"ACME FY2023: {TAX}: 3,900 stated, 4,000 worked out"
    assert finding.why == "they differ by -100, rounding allows 1.5"


@pytest.mark.parametrize("eps", [3_620_000, 3_660_000])
def test_two_cents_off_is_a_flag(eps: int) -> None:
    assert (
        flags(EXACT | {"eps_diluted_micro": eps})["net income / diluted shares = diluted earnings per share"] is False
    )


def test_a_loss_per_share() -> None:
    loss = {"pretax_income_minor": -5_000_00, "income_tax_minor": -1_000_00, "net_income_minor": -4_000_00}
    fits = EXACT | loss | {"eps_basic_micro": -4_000_000, "eps_diluted_micro": -4_000_000, "diluted_shares": 1_001}
    assert set(flags(fits).values()) == {True}
    assert flags(fits | {"eps_basic_micro": 4_000_000})["net income / basic shares = basic earnings per share"] is False


@pytest.mark.parametrize("name", ["pretax_income_minor", "income_tax_minor", "net_income_minor"])
def test_what_is_blank_is_not_checked(name: str) -> None:
    assert TAX not in flags(EXACT | {name: None})


def test_no_shares_are_no_divisor() -> None:
    assert list(flags(EXACT | {"basic_shares": 0, "diluted_shares": None})) == [TAX]


@given(
    pretax=st.integers(-(10**11), 10**11),
    tax=st.integers(-(10**10), 10**10),
    shares=st.integers(10**6, 10**11),
    million=st.booleans(),
)
def test_exact_statements_hold_however_they_are_rounded(pretax: int, tax: int, shares: int, million: bool) -> None:
    """Whatever is true before rounding is not flagged after it."""
    unit, per = (10**8, 10**6) if million else (10**5, 10**3)
    net = pretax - tax
    eps = round(Fraction(net, shares) * 100) * 10_000
    row = EXACT | {
        "pretax_income_minor": round(Fraction(pretax * 100, unit)) * unit,
        "income_tax_minor": round(Fraction(tax * 100, unit)) * unit,
        "net_income_minor": round(Fraction(net * 100, unit)) * unit,
        "basic_shares": max(1, round(Fraction(shares, per))) * per,
        "eps_basic_micro": eps,
        "diluted_shares": None,
        "revenue_minor": 3 * unit,  # shows what the statement is rounded to
        **dict.fromkeys(("operating_income_minor", "cash_from_operations_minor", "capex_minor")),
        **dict.fromkeys(("depreciation_minor", "depreciation_line")),
    }
    assert set(flags(row).values()) == {True}


# The quarters and the year


def quarters(**changed: Any) -> list[dict[str, Any]]:
    """Four equal quarters of a year; `changed` goes into the first."""
    ends = [date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]
    part = {f"{line}_minor": EXACT[f"{line}_minor"] // 4 for line in (*FLOWS, "depreciation")}
    shown = EXACT | part | {"period_type": "Q", "eps_basic_micro": None, "eps_diluted_micro": None}
    rows = [shown | {"fiscal_quarter": n, "period_end": end} for n, end in enumerate(ends, 1)]
    return [rows[0] | changed, *rows[1:]]


def _sums(*rows: dict[str, Any]) -> dict[str, bool]:
    return {k.removeprefix("the quarters = the year: "): v for k, v in flags(*rows).items() if "quarters" in k}


def test_four_quarters_are_the_year() -> None:
    assert _sums(EXACT, *quarters()) == dict.fromkeys(
        [*(line.replace("_", " ") for line in FLOWS), "depreciation"], True
    )


def test_a_quarter_that_is_off_is_named_with_its_line() -> None:
    found = _sums(EXACT, *quarters(revenue_minor=5_004_00))
    assert [line for line, holds in found.items() if not holds] == ["revenue"]


@pytest.mark.parametrize("missing", [{"revenue_minor": None}, {"fiscal_year": 2022}])
def test_three_quarters_are_no_year(missing: dict[str, Any]) -> None:
    assert "revenue" not in _sums(EXACT, *quarters(**missing))


def test_depreciation_on_another_line_is_not_summed() -> None:
    found = _sums(EXACT, *quarters(depreciation_line="depreciation_and_amortization"))
    assert "depreciation" not in found
    assert "revenue" in found


def test_what_breaks_is_left_out_unless_it_is_wanted() -> None:
    """Of the shipped statements 4 periods of CoreWeave do not fit by themselves."""
    shipped = datasets.statements()
    kept = consistent(shipped)
    assert kept.schema == shipped.schema
    lost = shipped.join(kept, on=["issuer", "period_type", "period_end"], how="anti")
    assert dict(lost.group_by("issuer").len().sort("issuer").iter_rows()) == {"CRWV": 4}
    assert consistent(Statements.create_empty()).is_empty()


# Text and units


@pytest.mark.parametrize(
    ("values", "half"),
    [
        ([Fraction("5.61")], Fraction("0.005")),
        ([6_915_000_000], 500_000),
        ([6_915_000_000, 1], Fraction(1, 2)),
        ([0, 0], 0),
        ([], 0),
        ([-250], 5),
        ([10**16], 10**15 // 2),
    ],
)
def test_half_of_the_last_digit(values: list[Fraction | int], half: Fraction | int) -> None:
    assert half_unit(*values) == half


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (-1234567, "-1,234,567"), (Fraction("2.50"), "2.5"), (Fraction(1, 3), "0.333333333"), (100, "100")],
)
def test_values_as_text(value: Fraction | int, shown: str) -> None:
    assert text(value) == shown
