"""Real documents, cut down, and what goes wrong with others: whose they are, which filing speaks, which periods fit.

tests/statements/companyfacts holds facts of NVIDIA, Alphabet, Snowflake and Logistic Properties of the Americas (IFRS)
as the SEC gives them, with their accession numbers; each file names its source.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from depr.errors import Refused
from depr.kernel.calendar import FiscalCalendar
from depr.statements.assembly import Choices, Reported, from_company_facts
from depr.statements.companyfacts import facts
from depr.statements.files import read_document
from depr.statements.filings import is_amendment, is_annual, rank
from depr.statements.fitting import Fitted, fitted
from depr.statements.identities import findings, identities
from depr.statements.periods import Span, eras, listed
from tests.statements.documents import DECEMBER, JANUARY, accn, day, fact, reported, row, splits, tags

REAL = Path(__file__).parent / "companyfacts"
MILLION, THOUSAND = 100 * 10**6, 100 * 10**3
REVENUE, NET = "us-gaap:Revenues", "us-gaap:NetIncomeLoss"
PRETAX = "us-gaap:IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest"
TAX, MINORITY = "us-gaap:IncomeTaxExpenseBenefit", "us-gaap:NetIncomeLossAttributableToNoncontrollingInterest"
Y2024 = ("2024-01-01", "2024-12-31")


def real(name: str, calendar: FiscalCalendar = DECEMBER, **options: Any) -> Reported:
    path = REAL / f"{name.lower()}.json"
    choices = Choices(splits=splits().of(name), **options)
    return from_company_facts(read_document(path), name, calendar, tags(), choices, path.name)


def broken(read: Reported) -> list[str]:
    return [finding.what for finding in findings(identities(read.statements))]


# The real documents


@pytest.mark.parametrize("name", ["NVDA", "GOOGL", "SNOW"])
def test_what_is_missing_is_said_first_and_why_after(name: str) -> None:
    """Lines without any figure, and blanks: what, why."""
    calendar = DECEMBER if name == "GOOGL" else JANUARY
    said = [(f.what.split(" ")[0], f.why.split(" ")[0]) for f in real(name, calendar).missing if f.code == "missing"]
    assert set(said) <= {("no", "none"), ("blank:", "not")}
    assert said


def test_minorities_are_a_line_and_no_break() -> None:
    """Snowflake FY2025, thousands: -1,285,099 - 4,113 = -1,289,212, of which -3,572 belong to minorities."""
    read = real("SNOW", JANUARY)
    assert broken(read) == []
    year = row(read, 2025)
    assert (year["net_income_minor"], year["minority_interest_income_minor"]) == (
        -1_285_640 * THOUSAND,
        -3_572 * THOUSAND,
    )
    assert [row(read, y)["net_income_minor"] // THOUSAND for y in (2023, 2024)] == [-796_705, -836_097]
    assert not [f for f in read.findings if f.code == "tags"]  # ProfitLoss and equity with minorities differ by these


def test_discontinued_operations_are_a_line_and_the_equity_method_stands_where_it_holds() -> None:
    """Alphabet 2014: 17,259 - 3,639 + 516 = 14,136; its equity-method loss of 2015 is a part of 19,651 before tax."""
    read = real("GOOGL")
    assert broken(read) == []
    assert row(read, 2014)["discontinued_income_minor"] == 516 * MILLION
    assert row(read, 2015)["equity_method_income_minor"] not in (None, 0)
    named = identities(read.statements).filter(period_type="FY", fiscal_year=2014)["identity"].to_list()
    assert "pretax income - income tax + discontinued operations = net income" in named


def test_ifrs_minorities_depreciation_and_cash_from_operations() -> None:
    """LPA 2024: -9,863,991 - 9,562,060 = -19,426,051, less 9,859,377 of minorities = -29,285,428."""
    read = real("LPA")
    assert broken(read) == []
    year = row(read, 2024)
    assert (year["net_income_minor"], year["depreciation_minor"]) == (-29_285_428_00, 107_826_00)
    assert (year["depreciation_line"], year["depreciation_and_amortization_minor"]) == (
        "depreciation_of_ppe",
        1_112_422_00,
    )
    assert year["cash_from_operations_minor"] == 19_391_563_00
    assert "cash_from_operations: ifrs-full:CashFlowsFromUsedInOperations stands in" in " ".join(
        f.what for f in read.findings
    )


def test_the_day_of_a_merger_is_no_quarters_end() -> None:
    """LPA merged on 27 March 2024; its cash of the day before is a balance of no period."""
    read = real("LPA")
    assert {r["fiscal_quarter"] for r in read.statements.iter_rows(named=True)} == {None, 4}
    [found] = [f for f in read.findings if f.code == "balance"]
    assert "2024-03-26" in found.what


def test_one_line_of_depreciation_for_years_and_quarters() -> None:
    """NVIDIA FY2026: 2,400 of property and equipment by year alone, 2,843 with amortization by quarter too."""
    ppe, wide = "depreciation_of_ppe", "depreciation_and_amortization"
    for line, year, quarters in ((ppe, 2_400, None), (wide, 2_843, 2_843)):
        read = real("NVDA", JANUARY, depreciation=line)
        lines = read.statements.filter(fiscal_year=2026)
        assert set(lines["depreciation_line"].drop_nulls()) == {line}
        assert row(read, 2026)["depreciation_minor"] == year * MILLION
        amounts = lines.filter(period_type="Q")["depreciation_minor"]
        assert (amounts.sum() if amounts.null_count() == 0 else None) == (
            None if quarters is None else quarters * MILLION
        )
    assert [f.code for f in real("NVDA", JANUARY).missing if f.code == "line"] == ["line"]
    assert not [f for f in real("NVDA", JANUARY, depreciation=wide).missing if f.code == "line"]


def test_thousands_for_units_are_a_scale_error_and_a_known_split_is_known() -> None:
    """NVIDIA filed 549,574 shares of FY2010 in units; the split of 2021 makes 2,439 of 609 million of FY2020."""
    read = real("NVDA", JANUARY)
    [found] = [f for f in read.findings if f.code == "scale"]
    assert found.what.startswith("basic_shares FY2010: 549,574,000 in 10-K 0001045810-12-000013, 549,574 in 10-K")
    assert not [f for f in read.findings if f.code == "split"]
    first = broken(real("NVDA", JANUARY, filed="first"))
    assert [what.split(":")[0] for what in first] == ["NVDA FY2010"]


def test_an_eps_in_thousands_is_called_so() -> None:
    [found] = findings(identities(real("NVDA", JANUARY, filed="first").statements))
    assert found.why.endswith("one is 1,000 times the other: a scale error, as of figures in thousands")


# Which filing speaks


@pytest.mark.parametrize(
    "form", ["10-K", "10-Q", "10-K/A", "10-KT", "10-KT/A", "10-QT", "10-K405", "10-KSB", "20-F", "40-F/A"]
)
def test_reports(form: str) -> None:
    assert rank(form) == 0


def test_other_forms_come_behind() -> None:
    assert [rank(form) for form in ("6-K", "6-K/A")] == [1, 1]
    others = ["8-K", "8-K/A", "DEF 14A", "S-1", "S-1/A", "424B4", "NT 10-K", "10-12B", "20FR12B", "ARS", ""]
    assert {rank(form) for form in others} == {2}
    assert [is_annual(form) for form in ("10-K", "20-F/A", "10-KT", "10-Q")] == [True, True, False, False]
    assert [is_amendment(form) for form in ("10-K/A", "10-K")] == [True, False]


@pytest.mark.parametrize("other", ["DEF 14A", "8-K", "S-4", "424B5", "6-K"])
@pytest.mark.parametrize("filed", ["first", "last"])
@pytest.mark.parametrize("day_", ["2024-12-31", "2025-04-10", "2026-04-10"])
def test_no_other_filing_takes_the_place_of_a_report(other: str, filed: str, day_: str) -> None:
    """A proxy in thousands: 319,065 for 319,065,000."""
    proxy = fact(*Y2024, 319_065, day_, form=other, accn="0000000000-99-000001")
    read = reported({NET: [proxy, fact(*Y2024, 319_065_000, "2025-02-01")]}, filed=filed)
    assert row(read, 2024)["net_income_minor"] == 319_065_000_00
    [found] = read.findings
    assert (found.code, "a scale error: one is 1,000 times the other" in found.why) == ("scale", True)


def test_nor_under_a_better_tag_nor_in_a_quarter_worked_out() -> None:
    given = {
        NET: [
            fact(*Y2024, 319_065, "2025-04-01", form="DEF 14A"),
            fact("2024-01-01", "2024-09-30", 7, "2024-11-01", form="10-Q"),
        ],
        "us-gaap:ProfitLoss": [
            fact(*Y2024, 11, "2025-02-01"),
            fact("2024-01-01", "2024-09-30", 7, "2024-11-01", form="10-Q"),
        ],
    }
    read = reported(given)
    assert [row(read, 2024, q)["net_income_minor"] for q in (None, 4)] == [11_00, 4_00]


def test_what_no_report_gives_is_taken_and_named() -> None:
    read = reported({NET: [fact(*Y2024, 5, "2025-04-01", form="DEF 14A")], REVENUE: [fact(*Y2024, 9, "2025-02-01")]})
    assert row(read, 2024)["net_income_minor"] == 5_00
    assert [f.what for f in read.findings] == ["net_income FY2024: from DEF 14A alone"]


def test_an_amendment_of_the_same_day_comes_after_the_original() -> None:
    """Whatever their accession numbers: these begin with whoever sent the filing in."""
    original = fact(*Y2024, 1, "2025-02-01", accn="0009999999-25-000001")
    amended = fact(*Y2024, 2, "2025-02-01", accn="0000000001-25-000001", form="10-K/A")
    for order in ([original, amended], [amended, original]):
        values = [row(reported({REVENUE: order}, filed=filed), 2024)["revenue_minor"] for filed in ("first", "last")]
        assert values == [100, 200]


# Which periods fit


def test_a_year_end_that_changes_on_a_date() -> None:
    """Years to June 2019, six months of transition, then calendar years: each year as it was reported."""
    years = [(f"{y - 1}-07-01", f"{y}-06-30") for y in (2017, 2018, 2019)] + [
        (f"{y}-01-01", f"{y}-12-31") for y in (2020, 2021)
    ]
    facts = [fact(*days, n, "2022-02-01") for n, days in enumerate(years, 1)]
    transition = fact("2019-07-01", "2019-12-31", 9, "2020-02-01", form="10-KT")
    quarter = fact("2019-07-01", "2019-09-30", 8, "2019-11-01", form="10-Q")
    old = fact("2018-07-01", "2018-09-30", 7, "2018-11-01", form="10-Q")
    read = reported({REVENUE: [*facts, transition, quarter, old]})
    rows = (
        read.statements.select("fiscal_year", "fiscal_quarter", "period_end", "revenue_minor").sort("period_end").rows()
    )
    assert rows == [
        (2017, None, day("2017-06-30"), 100),
        (2018, None, day("2018-06-30"), 200),
        (2019, 1, day("2018-09-30"), 700),
        (2019, None, day("2019-06-30"), 300),
        (2020, None, day("2020-12-31"), 400),
        (2021, None, day("2021-12-31"), 500),
    ]
    said = {f.code: f.what for f in read.findings}
    assert said == {
        "calendar": "fiscal years to 2019-06-30 end in month 6, those from 2020-01-01 in month 12",
        "period": "2 facts of 2 periods that are no fiscal quarters: "
        "2019-07-01 to 2019-09-30, 2019-07-01 to 2019-12-31",
    }


@pytest.mark.parametrize("before", range(1, 13))
@pytest.mark.parametrize("after", range(1, 13))
def test_eras_of_every_pair_of_months(before: int, after: int) -> None:
    """Two years that end in one month, then a transition of less than a year, then two that end in another."""
    old, new = FiscalCalendar(before), FiscalCalendar(after)
    last = old.period(day(f"2018-{before:02}-15"))
    first = last + ((after - before) % 12 or 12) + 1  # the transition ends with month `after`
    years = [(old.first_day(last + 1 - 12 * n), old.last_day(last + 12 - 12 * n)) for n in (2, 1)]
    years += [(new.first_day(first + 12 * n), new.last_day(first + 12 * n + 11)) for n in (0, 1)]
    known = eras(years, new)
    if before == after:
        assert len(known) == 1
        return
    assert [era.calendar.year_end_month for era in known] == [before, after]
    assert (known[0].end, known[1].begin) == (years[1][1], years[2][0])
    spans = [span for year in years for era in known if (span := era.span(*year))]
    assert len({(s.fiscal_year, s.period_type) for s in spans}) == len(spans) == 4


def test_a_file_of_another_calendar_is_refused() -> None:
    """Retailers' years to the end of January are no years of a calendar to June, and neither are their quarters."""
    facts = [
        fact("2024-02-01", "2025-01-31", 1, "2025-03-01"),
        fact("2024-02-01", "2024-04-30", 1, "2024-06-01", form="10-Q"),
    ]
    with pytest.raises(Refused) as refused:
        reported({REVENUE: facts}, FiscalCalendar(6))
    assert str(refused.value) == (
        "companyfacts: holds no fiscal year or quarter of the issuer\n"
        "  why: fiscal years end in month 6; those of its annual reports in month 1 (as on 2025-01-31)\n"
        "  do: correct fiscal_year_end_month"
    )


def test_a_filer_of_twelve_and_sixteen_weeks_is_read_by_year_and_its_quarters_listed() -> None:
    """Costco's quarters have 12, 12, 12 and 16 weeks."""
    year, first = ("2023-09-04", "2024-09-01"), ("2023-09-04", "2023-11-26")
    read = reported(
        {REVENUE: [fact(*year, 2, "2024-10-09"), fact(*first, 1, "2023-12-20", form="10-Q")]}, FiscalCalendar(8)
    )
    assert read.statements.select("period_type", "revenue_minor").rows() == [("FY", 200)]
    assert [f.what for f in read.findings] == [
        "1 fact of 1 period that are no fiscal quarters: 2023-09-04 to 2023-11-26"
    ]


def test_of_two_durations_of_a_quarter_the_usual_one_counts() -> None:
    """From the year's begin to a merger on 27 March is no first quarter where the others end on the 31st."""
    quarter, merger = ("2024-01-01", "2024-03-31"), ("2024-01-01", "2024-03-26")
    facts = {
        REVENUE: [fact(*quarter, 5, "2024-05-01", form="10-Q"), fact(*merger, 4, "2025-02-01")],
        TAX: [fact(*quarter, 1, "2024-05-01", form="10-Q")],
    }
    read = reported(facts)
    assert row(read, 2024, 1)["revenue_minor"] == 500
    assert ["2024-01-01 to 2024-03-26" in f.what for f in read.findings] == [True]


def test_every_fact_is_in_a_period_or_left_and_named() -> None:
    """Of the real documents: facts in groups and facts in findings are all there are."""
    for name, calendar in (("nvda", JANUARY), ("googl", DECEMBER), ("snow", JANUARY), ("lpa", DECEMBER)):
        found, bad = facts(read_document(REAL / f"{name}.json"), tags(), "USD")
        done: Fitted = fitted(found, calendar, "f")
        used = {id(each) for group in done.groups.values() for each in group}
        left = sum(int(f.what.split()[0]) for f in done.findings if f.code in ("period", "balance"))
        assert (len(used) + left, bad) == (len(found), [])


def test_periods_in_words() -> None:
    spans = [Span(2013, 1, 4), Span(2014, 1, 4), Span(2016, 1, 4), Span(2013, 4, 4), Span(2014, 1, 1), Span(2014, 1, 2)]
    assert listed(spans) == "FY2013 to FY2014, FY2016, Q4 FY2013 to Q1 FY2014, Q1-Q2 FY2014"


# Lines between income before tax and net income


def _income(**more: int) -> dict[str, list[dict[str, Any]]]:
    lines = {PRETAX: 1_001, TAX: 211} | more
    return {
        tag if ":" in tag else f"us-gaap:{tag}": [fact(*Y2024, value, "2025-02-01")] for tag, value in lines.items()
    }


@pytest.mark.parametrize(
    ("more", "net"),
    [
        ({}, 790),
        ({MINORITY: 40}, 750),
        ({"IncomeLossFromEquityMethodInvestments": -30}, 760),  # below income tax
        ({"IncomeLossFromEquityMethodInvestments": -30}, 790),  # a part of income before tax
        ({"IncomeLossFromDiscontinuedOperationsNetOfTax": 15}, 805),
        (
            {
                MINORITY: 40,
                "IncomeLossFromEquityMethodInvestments": -30,
                "IncomeLossFromDiscontinuedOperationsNetOfTax": 15,
            },
            735,
        ),
    ],
)
def test_the_lines_below_tax_are_lines_of_the_identity(more: dict[str, int], net: int) -> None:
    assert broken(reported(_income(**more, NetIncomeLoss=net))) == []
    for off in (-4, 7):
        [found] = findings(identities(reported(_income(**more, NetIncomeLoss=net + off)).statements))
        assert f": {net + off} stated" in found.what


def test_profit_with_minorities_is_taken_without_them() -> None:
    read = reported(_income(**{"us-gaap:ProfitLoss": 790, MINORITY: 40}))
    assert (row(read, 2024)["net_income_minor"], broken(read), read.findings) == (750_00, [], ())
    assert read.figures.filter(line="net_income")["how"].to_list() == ["ProfitLoss less minority_interest_income"]


def test_eps_is_of_income_available_to_common() -> None:
    facts = _income(NetIncomeLoss=790, NetIncomeLossAvailableToCommonStockholdersBasic=707) | {
        "us-gaap:EarningsPerShareBasic": [fact(*Y2024, Decimal("7.00"), "2025-02-01")],
        "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic": [fact(*Y2024, 101, "2025-02-01")],
    }
    assert broken(reported(facts)) == []
    facts["us-gaap:EarningsPerShareBasic"] = [fact(*Y2024, Decimal("7.90"), "2025-02-01")]
    assert len(broken(reported(facts))) == 1


def test_eps_and_shares_of_a_row_stand_on_one_basis_of_splits() -> None:
    """The last filing with shares of 2021 is before the split of July 2022, that with EPS after it: 20 x 667.65 m."""
    year = ("2021-01-01", "2021-12-31")
    facts = {
        NET: [fact(*year, 76_033 * 10**6, "2022-02-02")],
        "us-gaap:EarningsPerShareBasic": [
            fact(*year, Decimal("113.88"), "2022-02-02"),
            fact(*year, Decimal("5.69"), "2023-02-03"),
        ],
        "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic": [fact(*year, 667_650_000, "2022-02-02")],
    }
    read = reported(facts, splits=splits().of("GOOGL"))
    year_row = row(read, 2021)
    assert (year_row["eps_basic_micro"], year_row["basic_shares"]) == (5_690_000, 13_353_000_000)
    assert (broken(read), [f.code for f in read.findings]) == ([], [])


def test_a_filing_on_the_other_basis_than_its_day_says_is_told_from_an_unknown_split() -> None:
    shares = "us-gaap:WeightedAverageNumberOfSharesOutstandingBasic"
    year = ("2021-01-01", "2021-12-31")
    facts = {shares: [fact(*year, 667_650_000, "2022-02-02"), fact(*year, 667_650_000, "2022-08-01")]}
    [found] = reported(facts, splits=splits().of("GOOGL")).findings
    assert found.why.startswith("they are the split of 2022-07-15 apart")


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("us-gaap:OtherDepreciationAndAmortization", "depreciation_and_amortization_minor"),
        ("us-gaap:IncomeLossAttributableToParent", "pretax_income_minor"),
        ("ifrs-full:AdjustmentsForDepreciationAndAmortisationExpense", "depreciation_and_amortization_minor"),
        ("ifrs-full:DepreciationExpense", "depreciation_minor"),
        ("ifrs-full:CashFlowsFromUsedInOperations", "cash_from_operations_minor"),
    ],
)
def test_further_tags(tag: str, line: str) -> None:
    assert row(reported({tag: [fact(*Y2024, 7, "2025-02-01")]}), 2024)[line] == 7_00


def test_one_line_a_cause() -> None:
    """Two tags that differ in twenty years are one finding, with the last year's amounts."""
    contract = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    years = [(f"{y}-01-01", f"{y}-12-31") for y in range(2004, 2024)]
    facts = {REVENUE: [fact(*y, 10, "2024-02-01") for y in years], contract: [fact(*y, 9, "2024-02-01") for y in years]}
    [found] = reported(facts).findings
    assert found.what == f"revenue FY2023: {REVENUE} 10, {contract} 9; and 19 more: FY2004 to FY2022"


def test_the_excerpts_are_small_and_name_their_source() -> None:
    for path in REAL.glob("*.json"):
        assert path.stat().st_size < 16_000
        assert "public domain" in json.loads(path.read_text("utf-8"))["source"]
    assert accn("2024-02-01") == "0000000000-24-020101"
