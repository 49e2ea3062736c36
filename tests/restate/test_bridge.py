"""The bridge from depreciation to earnings: functions, rates of the period itself, returns of years, loss years."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.books.issuers import FunctionSplit, Issuer
from depr.restate.lines import COMPUTED, FOLLOWS, FUNCTIONS, MOVES, SMALL, UNCOUNTED
from depr.restate.reasons import NO_RATE, blanks
from tests.ledger.samples import lot
from tests.restate.cases import YEAR_2023, YEAR_2024, A, B, book, fleet, issuer, restated, statements
from tests.size import examples

RATES: dict[str, Any] = {"whose": issuer(statutory="0.21", marginal="0.1")}
QUARTER = YEAR_2023 | {"period_type": "Q", "fiscal_quarter": 2, "period_end": date(2023, 6, 30)}


@cache
def both() -> Any:
    """Both lots."""
    return fleet(A, B)


def year(line: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The one period restated."""
    [row] = restated(both(), statements(line), **(RATES | options)).restated.iter_rows(named=True)
    return row


def why(line: dict[str, Any], **options: Any) -> dict[str, str]:
    """Blank figure -> reason."""
    made = restated(both(), statements(line), **(RATES | options)).restated
    return {row["figure"]: row["why"] for row in blanks(made, statements(line)).iter_rows(named=True)}


# Functions


def shared(*splits: tuple[date, str, str, str]) -> Issuer:
    made = [
        FunctionSplit(
            effective=day,
            cost_of_revenue=first,
            research_and_development=second,
            selling_general_administrative=third,
            source="a test",
        )
        for day, first, second, third in splits
    ]
    return issuer().model_copy(update={"function_split": tuple(made)})


def test_functions_take_their_shares() -> None:
    """1,200 by 70, 20 and 10 percent."""
    row = year(YEAR_2023, whose=shared((date(2000, 1, 1), "0.7", "0.2", "0.1")))
    assert [row[f"understatement_{name}_minor"] for name in FUNCTIONS] == [840_00, 240_00, 120_00]
    assert row["cost_of_revenue_restated_minor"] == 8_840_00
    assert row["gross_profit_restated_minor"] == 12_000_00 - 840_00
    assert row["research_and_development_restated_minor"] == 4_240_00
    assert row["sales_general_admin_restated_minor"] == 3_120_00


def test_shares_of_their_date() -> None:
    whose = shared((date(2024, 1, 1), "0", "1", "0"), (date(2000, 1, 1), "1", "0", "0"))
    made = restated(both(), statements(YEAR_2023, YEAR_2024), whose=whose).restated.sort("fiscal_year")
    assert made["understatement_cost_of_revenue_minor"].to_list() == [1_200_00, 0]
    assert made["understatement_research_and_development_minor"].to_list() == [0, 1_500_00]


@examples(25)
@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 10**9))
def test_functions_add_up_to_the_unit(first: int, second: int, cents: int) -> None:
    total = first + second + 7
    whose = shared((date(2000, 1, 1), f"{first}/{total}", f"{second}/{total}", f"7/{total}"))
    lots = fleet(A | {"cost": f"{cents // 100}.{cents % 100:02}"})
    for life in (12, 96):
        made = restated(lots, statements(YEAR_2023), alternatives=[book("b", ("opening", life))], whose=whose)
        [row] = made.restated.iter_rows(named=True)
        parts = [row[f"understatement_{name}_minor"] for name in FUNCTIONS]
        assert sum(parts) == row["understatement_minor"]
        assert all(part * row["understatement_minor"] >= 0 for part in parts)
        assert row["gross_profit_restated_minor"] == row["revenue_minor"] - row["cost_of_revenue_restated_minor"]


# Tax of the period itself


def test_the_effective_rate() -> None:
    """800 of 4,800 is a sixth: 200 of 1,200, at 166,667 millionths 200.0004."""
    row = year(YEAR_2023, tax="effective")
    assert (row["tax_rate_ppm"], row["tax_effect_minor"]) == (166_667, 200_00)
    assert row["deferred_tax_closing_minor"] == 200_00


@pytest.mark.parametrize("line", [{"pretax_income_minor": 0}, {"pretax_income_minor": -1}, {"income_tax_minor": None}])
def test_no_profit_has_no_effective_rate(line: dict[str, Any]) -> None:
    row, reasons = year(YEAR_2023 | line, tax="effective"), why(YEAR_2023 | line, tax="effective")
    for name in ("tax_rate_ppm", "tax_effect_minor", "net_income_restated_minor", "deferred_tax_closing_minor"):
        assert row[name] is None
        assert reasons[name] == NO_RATE
    assert row["operating_income_restated_minor"] == 3_800_00
    assert row["net_income_reported_minor"] == 4_000_00
    assert "net_income_reported_minor" not in reasons


def test_a_period_without_a_rate_leaves_deferred_tax_open_from_there() -> None:
    later = YEAR_2024 | {"fiscal_year": 2025, "period_end": date(2025, 12, 31)}
    lines = statements(YEAR_2023, YEAR_2024 | {"pretax_income_minor": -1}, later)
    made = restated(both(), lines, tax="effective").restated.sort("fiscal_year")
    assert made["deferred_tax_closing_minor"].to_list() == [200_00, None, None]
    assert made["tax_effect_minor"].to_list() == [200_00, None, -100_00]


# Returns are of years, flows of their own period


def test_a_quarter_has_no_yearly_return() -> None:
    row, reasons = year(QUARTER), why(QUARTER)
    for name in ("return_on_assets_restated_ppm", "return_on_capital_reported_ppm", "debt_to_ebitda_ppm"):
        assert row[name] is None
        assert reasons[name] == "a flow of a quarter over a balance is no figure of a year"
    assert row["interest_coverage_restated_ppm"] == 23_500_000  # (5,000 - 300) / 200


def test_quarters_of_cash_are_at_the_rate_of_the_period() -> None:
    """A gap of 2,000 in a year is 500 a quarter; in a quarter it is 2,000."""
    assert year(YEAR_2023)["quarters_of_cash_ppm"] == 10_000_000
    assert year(QUARTER)["quarters_of_cash_ppm"] == 2_500_000


@pytest.mark.parametrize("cash", [11_000_00, 12_000_00])
def test_no_gap_lasts_for_ever(cash: int) -> None:
    line = YEAR_2023 | {"cash_from_operations_minor": cash}
    assert year(line)["funding_gap_minor"] == 11_000_00 - cash
    assert year(line)["quarters_of_cash_ppm"] is None
    assert why(line) == {"quarters_of_cash_ppm": "there is no funding gap"}


@pytest.mark.parametrize(
    ("line", "blank"),
    [
        ({"revenue_minor": 0}, "operating_margin_restated_ppm"),
        ({"interest_expense_minor": 0}, "interest_coverage_reported_ppm"),
        ({"equity_minor": -10_000_00}, "return_on_capital_reported_ppm"),
        ({"total_assets_minor": 0}, "return_on_assets_reported_ppm"),
        ({"depreciation_and_amortization_minor": -5_000_00}, "debt_to_ebitda_ppm"),
    ],
)
def test_nothing_is_divided_by_nothing(line: dict[str, Any], blank: str) -> None:
    assert year(YEAR_2023 | line)[blank] is None
    assert why(YEAR_2023 | line)[blank] == "what it would be divided by is not positive"


def test_gross_profit_needs_itself_or_its_parts() -> None:
    line = YEAR_2023 | {"gross_profit_minor": None}
    assert year(line)["gross_profit_reported_minor"] == 12_000_00
    reasons = why(line | {"cost_of_revenue_minor": None})
    assert reasons["gross_profit_restated_minor"] == "not sourced: gross_profit"


def test_debt_over_ebitda_is_the_same_under_every_book() -> None:
    one, two = (year(YEAR_2023, alternatives=[book("b", ("opening", life))]) for life in (12, 96))
    assert one["debt_to_ebitda_ppm"] == two["debt_to_ebitda_ppm"] == 1_176_471


# Loss years

LOSS = {"net_income_minor": -100_00, "eps_basic_micro": -100_000, "eps_diluted_micro": -100_000}


def test_a_loss_that_becomes_a_profit_is_over_basic_shares_and_says_so() -> None:
    """600 less depreciation, 474 after tax: a profit of 374. A statement of a loss counts basic shares alone."""
    longer = {"alternatives": [book("eight-years", ("opening", 96))]}
    line = YEAR_2023 | LOSS | {"diluted_shares": 1_000}
    row = year(line, **longer)
    assert row["net_income_restated_minor"] == 374_00
    assert row["eps_basic_restated_micro"] == 374_000
    assert row["eps_diluted_restated_micro"] == 374_000
    assert row["eps_change_micro"] == 474_000
    assert row["eps_diluted_rule"] == FOLLOWS + UNCOUNTED
    assert row["eps_basic_rule"] == FOLLOWS


def test_a_filer_that_counts_dilutive_shares_in_a_loss_gives_them() -> None:
    row = year(YEAR_2023 | LOSS | {"eps_diluted_micro": -90_000}, alternatives=[book("eight-years", ("opening", 96))])
    assert row["eps_diluted_restated_micro"] == 340_000  # 374 / 1,100
    assert row["eps_diluted_rule"] == FOLLOWS


def test_what_does_not_follow_from_income_and_shares_is_moved() -> None:
    """Two classes of shares: 3.50 is not 4,000 / 1,000, so 948 less income is 0.948 less a share."""
    row = year(YEAR_2023 | {"eps_basic_micro": 3_500_000, "eps_diluted_micro": 3_000_000})
    assert (row["eps_basic_restated_micro"], row["eps_basic_rule"]) == (2_552_000, MOVES)
    assert (row["eps_diluted_restated_micro"], row["eps_diluted_rule"]) == (3_000_000 - 861_818, MOVES)


@pytest.mark.parametrize("shares", [1_000, 1_001, 7_001, 99_000, 199_000, 201_000, 300_007, 790_001])
@pytest.mark.parametrize("years", [1, 3, 4, 8])
def test_earnings_per_share_move_as_income_does(shares: int, years: int) -> None:
    """Reported figures are rounded to the cent: where a change is less than what that took or gave, it is added."""
    printed = round(Fraction(4_000, shares), 2)
    told = {"basic_shares": shares, "diluted_shares": shares}
    told |= {f"eps_{kind}_micro": int(printed * 10**6) for kind in ("basic", "diluted")}
    row = year(YEAR_2023 | told, alternatives=[book("other", ("opening", 12 * years))])
    change = Fraction(row["net_income_restated_minor"] - 4_000_00, 100 * shares)
    small = abs(change) < abs(printed - Fraction(4_000, shares))
    exact = printed + change if small else Fraction(row["net_income_restated_minor"], 100 * shares)
    assert row["eps_diluted_restated_micro"] == row["eps_basic_restated_micro"] == round(exact * 10**6)
    assert row["eps_diluted_rule"] == row["eps_basic_rule"] == (SMALL if small and change else FOLLOWS)
    moved = row["eps_change_micro"]
    assert (moved > 0, moved < 0) == (change > 0, change < 0)


def test_earnings_per_share_are_of_common_shareholders() -> None:
    """100 of preferred dividends: 3,900 / 1,000 as printed, and 3,052 - 100 = 2,952 restated."""
    row = year(YEAR_2023 | {"net_income_to_common_minor": 3_900_00, "eps_basic_micro": 3_900_000})
    assert (row["income_to_common_reported_minor"], row["income_to_common_restated_minor"]) == (3_900_00, 2_952_00)
    assert (row["eps_basic_restated_micro"], row["eps_basic_rule"]) == (2_952_000, FOLLOWS)


def test_a_filer_that_gives_none_has_both_computed() -> None:
    row = year(YEAR_2023 | {"eps_basic_micro": None, "eps_diluted_micro": None})
    assert (row["eps_diluted_reported_micro"], row["eps_diluted_restated_micro"]) == (3_636_364, 2_774_545)
    assert row["eps_diluted_rule"] == row["eps_basic_rule"] == COMPUTED


def test_a_profit_that_becomes_a_loss_is_over_basic_shares() -> None:
    row = year(YEAR_2023 | {"net_income_minor": 900_00, "eps_basic_micro": 900_000, "eps_diluted_micro": 820_000})
    assert row["net_income_restated_minor"] == -48_00
    assert row["eps_basic_restated_micro"] == row["eps_diluted_restated_micro"] == -48_000


def test_shares_stand_beside_earnings_per_share() -> None:
    row = year(YEAR_2023)
    assert (row["basic_shares"], row["diluted_shares"]) == (1_000, 1_100)


def test_the_marginal_rate_stands_beside_the_other() -> None:
    row = year(YEAR_2023, whose=issuer(statutory="0.21", marginal="0.10"))
    assert (row["tax_kind"], row["tax_source"]) == ("statutory", "a test")
    assert (row["net_income_restated_minor"], row["net_income_marginal_minor"]) == (3_052_00, 2_920_00)
    assert year(YEAR_2023, whose=issuer())["net_income_marginal_minor"] is None


def test_under_a_valuation_allowance_there_is_no_benefit_by_default() -> None:
    own = issuer(statutory="0.21", allowance="0")
    row = year(YEAR_2023, whose=own)
    assert (row["tax_kind"], row["tax_effect_minor"], row["net_income_restated_minor"]) == ("allowance", 0, 2_800_00)
    assert year(YEAR_2023, whose=own, tax="statutory")["net_income_restated_minor"] == 3_052_00


def test_compression_of_a_loss_is_no_share() -> None:
    line = YEAR_2023 | LOSS | {"diluted_shares": 1_000}
    assert why(line)["eps_compression_ppm"] == "reported earnings per share are not positive: see their change"


# Lines that do not agree


def test_lines_that_break_an_identity_are_marked() -> None:
    made = restated(both(), statements(YEAR_2023, YEAR_2024), modes=["as_if", "retrospective"]).restated
    flagged = made.filter(pl.col("broken_identities").is_not_null())
    assert set(flagged.select("mode", "fiscal_year").rows()) == {("as_if", 2024), ("retrospective", 2024)}
    assert set(flagged["broken_identities"]) == {"pretax income - income tax = net income"}


def test_quarters_that_do_not_add_up_mark_the_year_even_when_they_are_not_shown() -> None:
    quarters = [
        YEAR_2023
        | {"period_type": "Q", "fiscal_quarter": n, "period_end": date(2023, 3 * n, 28), "revenue_minor": 1_00}
        for n in (1, 2, 3, 4)
    ]
    made = restated(both(), statements(YEAR_2023, *quarters)).restated.filter(period_type="FY")
    assert "the quarters = the year: revenue" in made["broken_identities"].item()


def test_another_issuer_marks_nothing() -> None:
    lines = statements(YEAR_2023, YEAR_2024 | {"issuer": "Y", "fiscal_year": 2023})
    assert restated(both(), lines).restated["broken_identities"].to_list() == [None]


def test_every_blank_is_explained() -> None:
    """A statement of a period alone: what a figure needs is named, once for each."""
    bare = {name: None if name.endswith(("_minor", "_micro", "_shares")) else YEAR_2023[name] for name in YEAR_2023}
    made = restated(fleet(lot(issuer="ACME")), statements(bare | {"depreciation_line": None})).restated
    found = blanks(made, statements(bare | {"depreciation_line": None}))
    assert found["why"].str.starts_with("not sourced: ").sum() == len(found) - 1
    assert set(found["why"]) > {"no disclosure of the issuer implies a marginal tax rate"}
    named = {row["figure"]: row["why"] for row in found.iter_rows(named=True)}
    assert named["return_on_capital_restated_ppm"] == "not sourced: operating_income, total_debt, equity"
    assert named["eps_diluted_restated_micro"] == "not sourced: net_income, diluted_shares"
    assert named["quarters_of_cash_ppm"].count(",") == 4
