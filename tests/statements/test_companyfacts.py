"""Statements from companyfacts documents: published figures, comparatives, splits, restatements, bad facts."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import datasets
from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar
from depr.statements.assembly import Choices, from_company_facts
from depr.statements.tags import Tags, factor_after
from tests.size import examples
from tests.statements.documents import (
    DECEMBER,
    FOURTH,
    JANUARY,
    NVIDIA_WEEKS,
    accn,
    document,
    fact,
    nvidia,
    reported,
    row,
    splits,
    tags,
)

CENTS = 100 * 10**6
REVENUE, NET = "us-gaap:Revenues", "us-gaap:NetIncomeLoss"
Y2021, Y2023, Y2024, Y2025 = ((f"{year}-01-01", f"{year}-12-31") for year in (2021, 2023, 2024, 2025))


@pytest.mark.parametrize("calendar", [JANUARY, NVIDIA_WEEKS], ids=["months", "weeks"])
def test_nvidia_fiscal_2025_by_quarter_as_published(calendar: FiscalCalendar) -> None:
    """The fourth quarter and the cash flows of the second and third follow from the figures to date."""
    read = reported(nvidia(), calendar, issuer="NVDA")
    fourth = row(read, 2025, 4)
    assert {name: fourth[name] for name in FOURTH} == {name: amount * CENTS for name, amount in FOURTH.items()}
    assert (row(read, 2025, 2)["cash_from_operations_minor"], row(read, 2025, 3)["capex_minor"]) == (
        14488 * CENTS,
        813 * CENTS,
    )
    assert (fourth["period_end"], fourth["depreciation_line"]) == (date(2025, 1, 26), "depreciation_and_amortization")
    assert read.findings == ()


DEPRECIATION = ("depreciation_minor", "depreciation_line")
"""Those that ship know depreciation of property and equipment by year, and take no other line for quarters."""


@pytest.mark.parametrize("calendar", [JANUARY, NVIDIA_WEEKS], ids=["months", "weeks"])
def test_the_same_statements_as_those_that_ship(calendar: FiscalCalendar) -> None:
    read = reported(nvidia(), calendar, issuer="NVDA")
    shipped = datasets.statements("NVDA").filter(fiscal_year=2025, period_type="Q").to_dicts()
    for theirs in shipped:
        ours = row(read, 2025, theirs["fiscal_quarter"])
        filed = {name for name, value in ours.items() if value is not None} - {"split_factor", *DEPRECIATION}
        assert {name: ours[name] for name in filed} == {name: theirs[name] for name in filed}


def test_a_comparative_belongs_to_the_year_it_measures() -> None:
    """The 10-K of fiscal 2025 gives the year before under its own fy, 2025, and fp, FY."""
    read = reported(nvidia(), JANUARY)
    assert row(read, 2024)["revenue_minor"] == 60922 * CENTS
    assert row(read, 2024)["period_end"] == date(2024, 1, 28)


def test_two_years_of_one_report() -> None:
    """Apple 10-K FY2025, accession 0000320193-25-000079: years to the last Saturday of September, as filed."""
    filed = {"accn": "0000320193-25-000079", "fy": 2025, "fp": "FY"}
    years = [
        fact("2023-10-01", "2024-09-28", Decimal("6.08"), "2025-10-31", **filed),
        fact("2024-09-29", "2025-09-27", Decimal("7.46"), "2025-10-31", **filed),
    ]
    read = reported({"us-gaap:EarningsPerShareDiluted": years}, FiscalCalendar(9))
    assert [row(read, year)["eps_diluted_micro"] for year in (2024, 2025)] == [6_080_000, 7_460_000]


def test_a_year_of_53_weeks() -> None:
    assert row(reported(nvidia(), JANUARY), 2021)["revenue_minor"] == 16675 * CENTS


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_neither_the_filings_period_nor_the_order_matters(seed: int) -> None:
    chance = random.Random(seed)
    facts = nvidia()
    for entries in facts.values():
        chance.shuffle(entries)
        for entry in entries:
            entry |= {"fy": chance.randint(1990, 2030), "fp": chance.choice(["Q1", "Q2", "Q3", "FY"]), "frame": "CY"}
    items = list(facts.items())
    chance.shuffle(items)
    assert reported(dict(items), JANUARY).statements.equals(reported(nvidia(), JANUARY).statements)


def test_what_is_derived_is_marked_and_what_is_blank_is_named() -> None:
    read = reported(nvidia(), JANUARY)
    marks = {(r["line"], r["period"]): r["how"] for r in read.figures.filter(basis="derived").iter_rows(named=True)}
    assert marks["revenue", "Q4 FY2025"] == "FY2025 less Q1 FY2025, Q2 FY2025, Q3 FY2025"
    assert marks["capex", "Q4 FY2025"] == "FY2025 less Q1-Q3 FY2025"
    assert marks["capex", "Q2 FY2025"] == "Q1-Q2 FY2025 less Q1 FY2025"
    assert ("revenue", "Q3 FY2025") not in marks
    assert (row(read, 2025, 4)["eps_diluted_micro"], row(read, 2025, 4)["diluted_shares"]) == (None, None)
    why = {(r["line"], r["period"]): r["why"] for r in read.gaps.iter_rows(named=True)}
    assert why["eps_diluted", "Q4 FY2025"] == "an average, which does not follow from the year and the other quarters"
    assert why["capex", "FY2021"] == "not filed for 2021 under " + ", ".join(_line("capex").tags)
    assert why["net_income", "FY2024"] == "not filed for 2024 under " + ", ".join(_line("net_income").tags)
    assert why["*", "FY2022"] == "no figure of this period"
    parts = {REVENUE: [fact(*Y2024, 4, "2025-02-01")], NET: [fact("2024-04-01", "2024-06-30", 1, "2024-08-01")]}
    gaps = reported(parts).gaps.filter(period="Q2 FY2024", line="revenue")
    assert gaps["why"].to_list() == ["a part is missing: only FY2024"]


def _line(name: str) -> Any:
    return next(line for line in tags().line if line.line == name)


def test_every_blank_of_the_statements_is_a_gap_and_no_other_cell_is() -> None:
    read = reported(nvidia(), JANUARY)
    gaps = set(read.gaps.select("period_type", "fiscal_year", "fiscal_quarter", "line").iter_rows())
    lines = {"revenue": "revenue_minor", "eps_diluted": "eps_diluted_micro", "diluted_shares": "diluted_shares"}
    for statement in read.statements.iter_rows(named=True):
        period = (statement["period_type"], statement["fiscal_year"], statement["fiscal_quarter"])
        for line, column in lines.items():
            assert (statement[column] is None) == ((*period, line) in gaps)


def test_a_balance_stands_for_the_quarter_and_the_year_it_ends() -> None:
    figures = reported(nvidia(), JANUARY).figures.filter(line="ppe_net")
    assert figures["period"].to_list() == ["FY2025", "Q4 FY2025"]
    assert figures["amount"].to_list() == [6283 * CENTS] * 2


# Filed first and filed last, splits

ALPHABET = {  # diluted EPS before and after the split of 15 July 2022
    "us-gaap:EarningsPerShareDiluted": [
        # Form 8-K of 1 February 2022, exhibit 99.1
        fact("2020-01-01", "2020-12-31", Decimal("58.61"), "2022-02-02"),
        fact("2021-01-01", "2021-12-31", Decimal("112.20"), "2022-02-02"),
        # SEC 10-K FY2022 and FY2023: https://www.sec.gov/Archives/edgar/data/1652044/000165204424000022/R38.htm
        fact("2020-01-01", "2020-12-31", Decimal("2.93"), "2023-02-03"),
        fact("2021-01-01", "2021-12-31", Decimal("5.61"), "2024-01-31"),
    ]
}


def test_alphabets_split_first_and_last_filed_are_kept_apart() -> None:
    first = reported(ALPHABET, filed="first", splits=splits().of("GOOGL"))
    last = reported(ALPHABET, filed="last", splits=splits().of("GOOGL"))
    assert [row(read, 2021)["eps_diluted_micro"] for read in (first, last)] == [112_200_000, 5_610_000]
    assert [row(read, 2020)["eps_diluted_micro"] for read in (first, last)] == [58_610_000, 2_930_000]


def test_a_split_is_no_restatement() -> None:
    """112.20 / 20 = 5.61 and 58.61 / 20 = 2.9305, printed as 2.93."""
    read = reported(ALPHABET, filed="first", splits=splits().of("GOOGL"), split_adjusted=True)
    assert row(read, 2021)["eps_diluted_micro"] == 5_610_000
    assert row(read, 2020)["eps_diluted_micro"] == 2_930_500
    assert read.figures["restated"].to_list() == [False, False]
    assert read.figures.select("first", "last").rows() == [(58_610_000, 2_930_000), (112_200_000, 5_610_000)]


def test_by_what_a_row_was_split_is_said_unless_its_filings_differ() -> None:
    shares = {"us-gaap:WeightedAverageNumberOfDilutedSharesOutstanding": [fact(*Y2021, 13_553 * 10**6, "2024-01-31")]}
    options: dict[str, Any] = {"filed": "first", "splits": splits().of("GOOGL")}
    for adjusted, factor in ((True, "20"), (False, "1")):
        assert row(reported(ALPHABET, **options, split_adjusted=adjusted), 2021)["split_factor"] == factor
    mixed = reported(ALPHABET | shares, **options, split_adjusted=True)
    assert (row(mixed, 2021)["split_factor"], row(mixed, 2021)["diluted_shares"]) == (None, 13_553 * 10**6)
    assert set(mixed.figures.filter(period="FY2021").select("line", "split_factor").rows()) == {
        ("eps_diluted", "20"),
        ("diluted_shares", "1"),
    }
    assert row(reported({REVENUE: [fact(*Y2021, 1, "2022-02-02")]}, **options), 2021)["split_factor"] is None


def test_a_split_that_is_not_known_is_asked_for() -> None:
    read = reported(ALPHABET)
    assert read.figures["restated"].to_list() == [True, True]
    assert [(f.code, f.what, f.do) for f in read.findings] == [
        ("split", "eps_diluted FY2021: 112.2 filed first, 5.61 last; and 1 more: FY2020", "add it to splits.toml"),
    ]


def test_a_year_that_is_only_known_from_a_later_report_is_not_original() -> None:
    figures = reported(nvidia(), JANUARY).figures.filter(line="revenue")
    assert dict(figures.select("period", "original").iter_rows()) == {
        "FY2021": True,
        "FY2024": False,
        "Q1 FY2025": True,
        "FY2025": True,
        "Q2 FY2025": True,
        "Q3 FY2025": True,
        "Q4 FY2025": True,
    }


@given(
    shares=st.integers(1, 10**10),
    cents=st.integers(-(10**5), 10**5),
    factor=st.integers(2, 50),
    first=st.booleans(),
)
def test_adjusted_shares_times_adjusted_eps_are_what_they_were(
    shares: int, cents: int, factor: int, first: bool
) -> None:
    split = splits().of("GOOGL")[0].model_copy(update={"factor": factor, "effective": date(2025, 6, 1)})
    facts = {
        "us-gaap:EarningsPerShareBasic": [fact(*Y2024, Decimal(cents * factor) / 100, "2025-02-01")],
        "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic": [fact(*Y2024, shares, "2025-02-01")],
    }
    read = reported(facts, splits=(split,), split_adjusted=True, filed="first" if first else "last")
    statement = row(read, 2024)
    assert (statement["basic_shares"], statement["eps_basic_micro"]) == (shares * factor, cents * 10_000)


RESTATED = {
    REVENUE: [
        fact(*Y2024, 1_000, "2025-02-01"),
        fact("2024-01-01", "2024-09-30", 700, "2024-11-01"),
        fact(*Y2024, 950, "2026-02-01"),
    ]
}


@pytest.mark.parametrize(("filed", "year", "fourth"), [("first", 1_000, 300), ("last", 950, 250)])
def test_a_restated_year_by_choice_and_a_quarter_across_it_is_named(filed: str, year: int, fourth: int) -> None:
    read = reported(RESTATED, filed=filed)
    assert (row(read, 2024)["revenue_minor"], row(read, 2024, 4)["revenue_minor"]) == (year * 100, fourth * 100)
    assert read.figures.filter(period="FY2024").select("first", "last", "restated").rows() == [(100_000, 95_000, True)]
    assert [(f.code, f.what) for f in read.findings] == [
        ("derived", f"revenue Q4 FY2024 = FY2024 less Q1-Q3 FY2024: {fourth}")
    ]


def test_the_day_of_filing_decides_and_not_the_number() -> None:
    """Accession numbers begin with whoever sent the filing in."""
    facts = {
        REVENUE: [
            fact(*Y2024, 1, "2025-02-01", accn="0009999999-25-000001"),
            fact(*Y2024, 2, "2026-02-01", accn="0000000001-26-000001"),
        ]
    }
    assert [row(reported(facts, filed=filed), 2024)["revenue_minor"] for filed in ("first", "last")] == [100, 200]


@pytest.mark.parametrize(("second", "asked"), [(199, False), (200, True), (50, True), (51, False)])
def test_shares_that_double_ask_for_a_split(second: int, asked: bool) -> None:
    shares = "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic"
    read = reported({shares: [fact(*Y2024, 100, "2025-02-01"), fact(*Y2024, second, "2026-02-01")]})
    assert [f.code for f in read.findings] == ["split"] * asked


@pytest.mark.parametrize(("filed", "factor"), [("2022-07-14", 20), ("2022-07-15", 1), ("2022-07-16", 1)])
def test_a_filing_of_the_day_of_the_split_is_on_the_new_basis(filed: str, factor: int) -> None:
    assert factor_after(splits().of("GOOGL"), date.fromisoformat(filed)) == factor


# Tags


def test_a_filed_quarter_goes_before_one_worked_out_under_a_better_tag() -> None:
    contract = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    facts = {
        REVENUE: [fact(*Y2024, 1_000, "2025-02-01"), fact("2024-01-01", "2024-09-30", 700, "2024-11-01")],
        contract: [fact("2024-10-01", "2024-12-31", 301, "2025-02-01")],
    }
    assert row(reported(facts), 2024, 4)["revenue_minor"] == 301_00


def test_averages_do_not_subtract() -> None:
    facts = {
        "us-gaap:EarningsPerShareBasic": [
            fact(*Y2024, Decimal("4.00"), "2025-02-01"),
            fact("2024-01-01", "2024-09-30", Decimal("3.00"), "2024-11-01"),
        ],
        "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic": [
            fact(*Y2024, 400, "2025-02-01"),
            fact("2024-01-01", "2024-09-30", 300, "2024-11-01"),
        ],
    }
    assert reported(facts).statements["period_type"].to_list() == ["FY"]


def test_two_quarters_of_three_do_not_give_the_fourth() -> None:
    facts = [("2024-01-01", "2024-03-31"), ("2024-07-01", "2024-09-30"), Y2024]
    read = reported({REVENUE: [fact(*period, 5, "2025-02-01") for period in facts]})
    assert read.statements["fiscal_quarter"].to_list() == [None, 1, 3]


def test_a_period_ends_when_most_of_its_lines_do() -> None:
    """One line gives a day of its own: the others decide, and it still counts."""
    tag = "us-gaap:OperatingIncomeLoss"
    facts = {name: [fact(*Y2024, 1, "2025-02-01")] for name in (REVENUE, NET)}
    read = reported(facts | {tag: [fact("2024-01-01", "2025-01-01", 2, "2025-02-01")]})
    assert (row(read, 2024)["period_end"], row(read, 2024)["operating_income_minor"]) == (date(2024, 12, 31), 200)


def test_a_fact_may_be_filed_on_its_last_day() -> None:
    assert row(reported({REVENUE: [fact(*Y2024, 1, "2024-12-31")]}), 2024)["revenue_minor"] == 100


def test_two_tags_for_one_line_the_first_counts_and_the_difference_is_named() -> None:
    """General Mills, fiscal 2024: one tag holds a part of net sales (github.com/Lumiwealth/lumibot/issues/1141)."""
    contract = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    period = ("2023-05-29", "2024-05-26", "2024-06-26")
    facts = {
        REVENUE: [fact(*period[:2], 2_038_000_000, period[2])],
        contract: [fact(*period[:2], 19_857_000_000, period[2])],
    }
    read = reported(facts, FiscalCalendar(5))
    assert row(read, 2024)["revenue_minor"] == 2_038_000_000_00
    [finding] = read.findings
    assert (finding.code, finding.what) == (
        "tags",
        f"revenue FY2024: {REVENUE} 2,038,000,000, {contract} 19,857,000,000",
    )
    own = Tags(line=(_line("revenue").model_copy(update={"tags": (contract, REVENUE)}),))
    swapped = from_company_facts(document(facts), "GIS", FiscalCalendar(5), own, Choices())
    assert row(swapped, 2024)["revenue_minor"] == 19_857_000_000_00


CASH = "us-gaap:CashCashEquivalentsAndShortTermInvestments"
EQUIVALENTS = "us-gaap:CashAndCashEquivalentsAtCarryingValue"


def test_a_part_of_a_line_stands_in_where_the_line_is_not_filed_and_is_named() -> None:
    part = {EQUIVALENTS: [fact(None, "2023-12-31", 24, "2024-01-31")], NET: [fact(*Y2023, 1, "2024-01-31")]}
    both = reported(part | {CASH: [fact(None, "2023-12-31", 110, "2024-01-31")]})
    assert (row(both, 2023)["cash_minor"], both.findings) == (110_00, ())
    alone = reported(part)
    assert row(alone, 2023)["cash_minor"] == 24_00
    assert [(f.code, f.what) for f in alone.findings] == [
        ("part", f"cash: {EQUIVALENTS} stands in, 2 times from FY2023 to Q4 FY2023")
    ]


def test_a_line_worked_out_goes_before_a_part_that_was_filed() -> None:
    facts = {
        "us-gaap:RepaymentsOfDebt": [
            fact(*Y2024, 1_000, "2025-02-01"),
            fact("2024-01-01", "2024-09-30", 700, "2024-11-01"),
        ],
        "us-gaap:RepaymentsOfLongTermDebt": [fact("2024-10-01", "2024-12-31", 200, "2025-02-01")],
    }
    read = reported(facts)
    assert (row(read, 2024, 4)["debt_repaid_minor"], read.findings) == (300_00, ())


def test_the_tag_of_a_year_may_change_and_no_quarter_is_worked_out_across() -> None:
    contract = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    facts = {
        REVENUE: [fact(*Y2024, 1_000, "2025-02-01")],
        contract: [fact("2024-01-01", "2024-09-30", 700, "2024-11-01")],
    }
    read = reported(facts)
    assert read.statements["fiscal_quarter"].to_list() == [None]


def test_a_filing_that_gives_two_values_gives_none() -> None:
    facts = {REVENUE: [fact(*Y2024, 1_000, "2025-02-01"), fact(*Y2024, 1_001, "2025-02-01")]}
    read = reported(facts | {NET: [fact(*Y2024, 5, "2025-02-01")]})
    assert row(read, 2024)["revenue_minor"] is None
    assert [(f.code, f.what) for f in read.findings] == [
        ("twice", f"revenue FY2024: filing {accn('2025-02-01')} gives 1,000 and 1,001 under {REVENUE}")
    ]


def test_the_same_value_twice_is_one() -> None:
    read = reported({REVENUE: [fact(*Y2024, 1_000, "2025-02-01")] * 3})
    assert (row(read, 2024)["revenue_minor"], read.findings) == (100_000, ())


def test_depreciation_of_property_and_equipment_goes_before_the_wider_line() -> None:
    wide = {"us-gaap:DepreciationDepletionAndAmortization": [fact(*Y2024, 1_864, "2025-02-01")]}
    narrow = {"us-gaap:Depreciation": [fact(*Y2024, 1_300, "2025-02-01")]}
    both = row(reported(wide | narrow), 2024)
    assert (both["depreciation_minor"], both["depreciation_line"]) == (130_000, "depreciation_of_ppe")
    one = row(reported(wide), 2024)
    assert (one["depreciation_minor"], one["depreciation_line"]) == (186_400, "depreciation_and_amortization")


def test_ifrs_and_a_currency_without_cents() -> None:
    facts = {"ifrs-full:Revenue": [fact("2023-04-01", "2024-03-31", 45_095_325, "2024-06-25", form="20-F")]}
    statement = row(reported(facts, FiscalCalendar(3), unit="JPY"), 2024)
    assert (statement["revenue_minor"], statement["currency"]) == (45_095_325, "JPY")


# Durations


@given(
    amounts=st.lists(st.integers(-(10**12), 10**12), min_size=4, max_size=4),
    given_=st.sets(st.tuples(st.integers(1, 4), st.booleans())),
)
def test_a_quarter_is_known_when_it_is_filed_or_both_its_parts_are(
    amounts: list[int], given_: set[tuple[int, bool]]
) -> None:
    """Any of the quarters and of the figures to date are filed; each quarter that comes out is the true one."""
    starts = ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"]
    ends = ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
    to_date = [sum(amounts[: n + 1]) for n in range(4)]
    filed = [
        fact(
            starts[0] if whole else starts[q - 1],
            ends[q - 1],
            to_date[q - 1] if whole else amounts[q - 1],
            "2025-02-01",
        )
        for q, whole in sorted(given_)
    ]
    single = {q for q, whole in given_ if not whole or q == 1}
    cumulative = {q for q, whole in given_ if whole} | ({1} if 1 in single else set())
    known = {
        q
        for q in range(1, 5)
        if q in single or (q in cumulative and (q - 1 in cumulative or set(range(1, q)) <= single))
    }
    if not known and (4, True) not in given_:
        with pytest.raises(Refused, match=r"holds no (line of a statement|fiscal year or quarter)"):
            reported({REVENUE: filed})
        return
    quarters = reported({REVENUE: filed}).statements.filter(period_type="Q")
    assert dict(quarters.select("fiscal_quarter", "revenue_minor").iter_rows()) == {
        q: amounts[q - 1] * 100 for q in known
    }


def test_durations_that_are_no_whole_quarters_make_no_statement() -> None:
    """Twelve weeks, a trailing year, a half that is not the first, a single month."""
    odd = [
        ("2024-01-01", "2024-03-24"),
        ("2024-04-01", "2025-03-31"),
        ("2024-07-01", "2024-12-31"),
        ("2024-01-01", "2024-01-31"),
    ]
    facts = [fact(*period, 1, "2025-06-01") for period in odd]
    with pytest.raises(Refused, match=r"holds no fiscal year or quarter of the issuer\n.*month 3 \(as on 2025-03-31\)"):
        reported({REVENUE: facts})
    read = reported({REVENUE: [*facts, fact(*Y2024, 2, "2025-06-01")]})
    assert read.statements.select("period_type", "revenue_minor").rows() == [("FY", 200)]
    assert [f.what for f in read.findings] == [
        "3 facts of 3 periods that are no fiscal quarters: "
        "2024-01-01 to 2024-01-31, 2024-01-01 to 2024-03-24, 2024-04-01 to 2025-03-31"
    ]


# What is refused

BAD = {
    "a float": {"val": 1.5},
    "no number": {"val": "1000"},
    "a truth": {"val": True},
    "not finite": {"val": Decimal("NaN")},
    "too large": {"val": 10**18},
    "no such day": {"end": "2023-02-29"},
    "another form": {"end": "31/12/2024"},
    "no start": {"start": None},
    "ends before it starts": {"start": "2025-01-01"},
    "filed before it ends": {"filed": "2024-12-30"},
    "no filing": {"accn": "10-K"},
    "nothing": {"val": None},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_a_malformed_fact_is_a_finding_and_the_others_stay(change: dict[str, Any]) -> None:
    entries = [fact(*Y2024, 7, "2025-02-01") | change, fact(*Y2025, 9, "2026-02-01")]
    read = reported({REVENUE: entries})
    assert read.statements.select("fiscal_year", "revenue_minor").rows() == [(2025, 900)]
    [finding] = read.findings
    assert finding.code == "fact"
    assert finding.what.startswith(f"{REVENUE} fact 1: ")


def test_what_is_no_fact_at_all_is_a_finding() -> None:
    read = reported({REVENUE: [fact(*Y2024, 7, "2025-02-01"), "none"]})  # type: ignore[list-item]
    assert [f.what for f in read.findings] == [f"{REVENUE} fact 2: is no fact"]


def test_an_amount_finer_than_the_currency_is_a_finding() -> None:
    read = reported({REVENUE: [fact(*Y2024, Decimal("0.001"), "2025-02-01")], NET: [fact(*Y2024, 1, "2025-02-01")]})
    assert row(read, 2024)["revenue_minor"] is None
    assert [f.what for f in read.findings] == ["revenue FY2024: 0.001 is finer or larger than its unit holds"]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"cik": 1}, {"facts": {}}, {"cik": "x", "facts": {}}, {"cik": True, "facts": {}}, {"cik": 1, "facts": []}],
)
def test_what_is_no_document_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="is no companyfacts document"):
        from_company_facts(wrong, "ACME", DECEMBER, tags(), Choices())


@pytest.mark.parametrize(
    "facts", [{"us-gaap": []}, {"us-gaap": {"Revenues": 1}}, {"us-gaap": {"Revenues": {"units": {"USD": {}}}}}]
)
def test_a_document_of_another_shape_holds_no_line(facts: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="holds no line of a statement"):
        from_company_facts({"cik": 1, "facts": facts}, "ACME", DECEMBER, tags(), Choices())


def test_choices_that_do_not_exist_are_refused() -> None:
    facts = {REVENUE: [fact(*Y2024, 1, "2025-02-01")]}
    with pytest.raises(Refused, match="use one of: first, last"):
        reported(facts, filed="best")
    with pytest.raises(Refused, match="unknown currency 'usd'"):
        reported(facts, unit="usd")


def test_figures_name_the_filing_they_come_from() -> None:
    figures = reported({REVENUE: [fact(*Y2024, 1, "2025-02-01")]}, issuer="ACME").figures
    assert figures.select("issuer", "tag", "filed", "accn", "form", "unit", "basis").row(0) == (
        "ACME",
        REVENUE,
        date(2025, 2, 1),
        accn("2025-02-01"),
        "10-K",
        "minor units",
        "filed",
    )
    assert figures.schema["amount"] == pl.Int64
