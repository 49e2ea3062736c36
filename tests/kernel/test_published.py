"""Published cases: what textbooks, vendors, spreadsheets and tax publications print, each with its source.

A case gives the amounts of a year or month as printed. depr rounds what is accumulated, half to even, so the printed
amounts are added up exactly and rounded the same way before they are compared; nothing has a tolerance, except where
a test says in its name that the source rounds otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import accumulate
from typing import Any

import polars as pl
import pytest

from depr.balances.grain import by_grain
from depr.books.book import months, parse_book, scenario
from depr.kernel.calendar import FiscalCalendar
from tests.engines import Engine
from tests.kernel.fleets import Case, lots_of, schedule_of
from tests.oracle import Asset


@dataclass(frozen=True)
class Published:
    """A case and where it is printed; `charges` are consecutive from the first period."""

    name: str
    source: str
    cost: str
    life: str
    charges: str
    residual: str = "0"
    in_service: date = date(2023, 1, 1)
    grain: str = "year"
    policy: dict[str, str] = field(default_factory=dict)


DECLINING = {"method": "declining_balance"}
TO_FLOOR = {**DECLINING, "residual_as": "floor"}
DIGITS = {"method": "sum_of_years_digits"}
HALF_YEAR = {"convention": "half_year"}
FORMULAJS = "formulajs/formulajs@af0f0b4: test/financial.js"
DYNAMICS = "MicrosoftDocs/dynamics-365-unified-operations-public: articles/finance/fixed-assets/"
SPREADSHEET = "PHPOffice/PhpSpreadsheet@11645d5: tests/data/Calculation/Financial/"

CASES = [
    Published(
        "Tryton, straight line by month",
        "tryton/account_asset@develop(6.6): tests/scenario_account_asset.rst (Depreciate the asset)",
        "1000",
        "24m",
        "37.5 " * 24,
        residual="100",
        grain="month",
    ),
    Published(
        "ERPNext, straight line by year",
        "frappe/erpnext: erpnext/assets/doctype/asset/test_asset.py#test_schedule_for_straight_line_method",
        "100000",
        "3y",
        "30000 30000 30000",
        residual="10000",
        in_service=date(2030, 1, 1),
    ),
    Published(
        "ERPNext, straight line by month",
        "frappe/erpnext: erpnext/assets/doctype/asset_shift_allocation/test_asset_shift_allocation.py"
        "#test_asset_shift_allocation",
        "120000",
        "12m",
        "10000 " * 12,
        grain="month",
    ),
    Published(
        "OCA, straight line",
        "OCA/account-financial-tools@16.0: account_asset_management/tests/test_account_asset_management.py"
        "#test_01_nonprorata_basic",
        "1500",
        "3y",
        "500",
    ),
    Published(
        "OCA, degressive-linear: the switch is to the original straight line",
        "OCA/account-financial-tools@16.0: account_asset_management/tests/test_account_asset_management.py"
        "#test_05_degressive_linear",
        "1000",
        "5y",
        "400 240 200 160 0",
        policy={**DECLINING, "switch": "original"},
    ),
    Published(
        "Dynamics 365, straight line service life",
        DYNAMICS + "straight-line-service-life-depreciation.md",
        "11000",
        "5y",
        "2000 2000 2000 2000 2000",
        residual="1000",
    ),
    Published(
        "Dynamics 365, 125 percent reducing balance: the residual value is deducted first",
        DYNAMICS + "125-percent-reducing-balance-depreciation.md",
        "11000",
        "5y",
        "2500 1875 1406.25",
        residual="1000",
        policy={**DECLINING, "factor": "1.25", "switch": "none"},
    ),
    Published(
        "Dynamics 365, 150 percent reducing balance",
        DYNAMICS + "150-percent-reducing-balance-depreciation.md",
        "11000",
        "5y",
        "3000 2100 1470",
        residual="1000",
        policy={**DECLINING, "factor": "1.5", "switch": "none"},
    ),
    Published(
        "Business Central, half-year convention",
        "MicrosoftDocs/dynamics365smb-docs: business-central/fa-depreciation-methods.md#Half-Year Convention",
        "100000",
        "5y",
        "10000 20000 20000 20000 20000 10000",
        in_service=date(2010, 3, 1),
        policy=HALF_YEAR,
    ),
    Published(
        "Business Central, sum of digits",
        "Business Central base application, page Depreciation Table Card, action Create Sum of Digits Table",
        "1",
        "4y",
        "0.4 0.3 0.2 0.1",
        policy=DIGITS,
    ),
    Published(
        "Xero, straight line with residual value",
        "https://help.xero.com/nz/FixedAssets-CalculateSLDepreciation-NZ",
        "1500",
        "8y",
        "162.5",
        residual="200",
    ),
    Published(
        "Spreadsheet SYD, years 1 to 5 (years 3 to 5 printed)",
        SPREADSHEET + "SYD.php",
        "10000",
        "5y",
        "3000 2400 1800 1200 600",
        residual="1000",
        policy=DIGITS,
    ),
    Published(
        "Spreadsheet SYD, year 1",
        FORMULAJS,
        "30",
        "10y",
        "4.181818181818182",
        residual="7",
        policy=DIGITS,
    ),
    Published(
        "Spreadsheet DDB, factor 2: a floor and no switch",
        FORMULAJS,
        "1000000",
        "6y",
        "333333.3333333333 222222.22222222 148148.14814815 98765.43209877 65843.62139918 31687.2427983539",
        residual="100000",
        policy={**TO_FLOOR, "switch": "none"},
    ),
    Published(
        "Spreadsheet DDB, factor 1.5, years 1 to 5",
        FORMULAJS,
        "1000000",
        "6y",
        "250000 187500 140625 105468.75 79101.5625",
        residual="100000",
        policy={**TO_FLOOR, "factor": "1.5", "switch": "none"},
    ),
    Published(
        "Excel VDB: a floor and the switch to what remains (years 5, 6 as 7 to 10)",
        "bradbase/xlcalculator@0a187c9: tests/resources/VDB.xlsx (values cached by Excel)",
        "575000",
        "10y",
        "86250 73312.5 62315.625 52968.28125" + " 49192.265625" * 6,
        residual="5000",
        policy={**TO_FLOOR, "factor": "1.5"},
    ),
    Published(
        "Publication 946, 200 percent declining, half-year, years 1 to 3 of a 5-year asset",
        "IRS Publication 946, Appendix A, Table A-1, as percent of an unadjusted basis of 100",
        "100",
        "5y",
        "20.00 32.00 19.20",
        in_service=date(2024, 5, 17),
        policy={**DECLINING, **HALF_YEAR},
    ),
    Published(
        "5-year copier, half-year",
        "http://loopholelewy.com/loopholelewy/02-business-deductions/depreciation-14-how-to-figure-examples.htm",
        "5000",
        "5y",
        "1000 1600",
        policy={**DECLINING, **HALF_YEAR},
    ),
]


def asset(
    engine: Engine, cost: str, in_service: date, life: str, *, residual: str = "0", grain: str = "month", **policy: Any
) -> pl.DataFrame:
    """The schedule of one asset by a grain; amounts in, as they are printed, cents out."""
    cost_minor, residual_minor = (int(Decimal(text) * 100) for text in (cost, residual))
    lots = lots_of([Case(Asset(cost_minor, in_service, residual_minor))])
    rows = schedule_of(engine, lots, scenario(months(life), **policy))
    return by_grain(rows.lazy(), lots, FiscalCalendar(), grain).collect()


def charged(engine: Engine, case: Published) -> list[int]:
    """Charges of the case by its grain, in cents."""
    given: dict[str, Any] = {"residual": case.residual, "grain": case.grain, **case.policy}
    return asset(engine, case.cost, case.in_service, case.life, **given)["depreciation_minor"].to_list()


def cents(charges: str) -> list[int]:
    """Printed amounts in cents, by the difference of their rounded sums."""
    sums = [(s * 100).quantize(Decimal(1), ROUND_HALF_EVEN) for s in accumulate(map(Decimal, charges.split()))]
    return [int(now - before) for before, now in zip([Decimal(0), *sums], sums, strict=False)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published(engine: Engine, case: Published) -> None:
    printed = cents(case.charges)
    assert charged(engine, case)[: len(printed)] == printed


def test_sas_daccdbsl(engine: Engine) -> None:
    """Accumulated after year 5: 564.99, of 1,000 over 10 years at 15 percent, the larger of declining and straight.

    https://support.sas.com/documentation/cdl/en/lefunctionsref/63354/HTML/default/n0pz95lc373cl0n1ml5s0k620rtr.htm
    """
    rows = asset(engine, "1000", date(2023, 1, 1), "10y", grain="year", method="declining_balance", factor="1.5")
    assert rows["accumulated_minor"][4] == 56_499


def test_publication_946_first_year_of_7_year_property_by_formula(engine: Engine) -> None:
    """7,500 x 2/7 x 1/2 = 1,071 in whole dollars; the table (14.29 percent) gives 1,072. IRS Publication 946."""
    rows = asset(
        engine, "7500", date(2023, 8, 1), "7y", grain="year", method="declining_balance", convention="half_year"
    )
    assert rows["depreciation_minor"][0] == 107_143


def test_publication_946_mid_month_of_nonresidential_real_property(engine: Engine) -> None:
    """100,000 over 39 years from January: 11.5 months in the first year, 2,457.26; then 2,564 in whole dollars.

    IRS Publication 946 prints 2,456 for the first year, since it rounds the fraction of the year to 0.958 first.
    """
    rows = asset(engine, "100000", date(2023, 1, 20), "39y", grain="year", convention="mid_month")
    assert rows["depreciation_minor"].to_list()[:3] == [245_726, 256_411, 256_410]


def test_a_half_year_curve_is_not_the_table_of_publication_946_after_year_3(engine: Engine) -> None:
    """The table resets by tax year: 11.52 11.52 5.76. A curve by asset-year gives 12.60 10.80 5.40.

    IRS Publication 946, Appendix A, Table A-1, 5-year property: for tax use the printed table, not this method.
    """
    rows = asset(
        engine, "100", date(2024, 5, 17), "5y", grain="year", method="declining_balance", convention="half_year"
    )
    assert rows["depreciation_minor"].to_list() == [2000, 3200, 1920, 1260, 1080, 540]


def test_a_source_that_rounds_each_month_is_met_within_a_cent_a_month(engine: Engine) -> None:
    """500 over 12 months: 41.67 eleven times and 41.63. depr never books the plug of 41.63.

    frappe/erpnext: erpnext/assets/doctype/asset_depreciation_schedule/test_asset_depreciation_schedule.py
    #test_depreciation_schedule_after_cancelling_asset_repair
    """
    got = asset(engine, "500", date(2023, 1, 1), "12m")["depreciation_minor"].to_list()
    printed = [4167] * 11 + [4163]
    assert got == [4167, 4166, 4167] * 4
    assert sum(got) == sum(printed) == 50_000
    assert all(abs(a - b) <= 1 for a, b in zip(got[:-1], printed[:-1], strict=True))


@dataclass(frozen=True)
class Change:
    """A published change in estimate: whole years before it, and the amounts of the years around it, in cents."""

    name: str
    source: str
    cost: int
    years: int
    used: int
    new_years: int
    before: int
    after: int
    residual: int = 0
    new_residual: int = 0


CHANGES = [
    Change(
        "life and residual value",
        "https://justaaa.com/accounting/265233-revision-of-depreciation-equipment-with-a-cost-of (ASC 250-10-45-17)",
        379_700_00,
        15,
        5,
        19,
        22_600_00,
        16_200_00,
        residual=40_700_00,
        new_residual=39_900_00,
    ),
    Change(
        "5 to 10 years, residual value 5,000 to 2,000",
        "https://studies.tripod.com/slide23/tsld014.htm (ASC 250-10-45-17)",
        80_000_00,
        5,
        2,
        10,
        15_000_00,
        6_000_00,
        residual=5_000_00,
        new_residual=2_000_00,
    ),
    Change(
        "15 more years: not 7,500, which is the retrospective figure the page also shows",
        "https://simplestudies.com/how-to-account-for-increase-in-useful-life-of-fixed-assets.html/page/2 (ASC 250)",
        150_000_00,
        15,
        5,
        20,
        10_000_00,
        6_666_67,
    ),
    Change(
        "10 to 7 years",
        "Emile Woolf Publishing, ACCA F3 International Financial Accounting, 2010 study text, exercise 8 (IAS 16.51)",
        150_000_00,
        10,
        3,
        7,
        13_000_00,
        22_750_00,
        residual=20_000_00,
        new_residual=20_000_00,
    ),
    Change(
        "5 to 10 years, amortized adjustment",
        "http://www.oracleappshub.com/asset/what-is-amortized-asset-and-expensed-off-assets-adjustment-part-ii/print/",
        100_00,
        5,
        3,
        10,
        20_00,
        5_71,
    ),
]


def rate(part: int, whole: int) -> str:
    """A share with 18 decimals: of these amounts it gives the residual value to the cent."""
    return f"{(Decimal(part) / whole).quantize(Decimal(1).scaleb(-18)):f}"


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_published_change_in_estimate(engine: Engine, change: Change) -> None:
    """Prospective: the year before the change and the year after, and the sum of all years."""
    start = date(2020, 1, 1)
    plain = {"method": "straight_line", "convention": "full_month", "source": change.source}
    policies = [
        {
            "effective": "opening",
            "life_months": change.years * 12,
            "residual_rate": rate(change.residual, change.cost),
        },
        {
            "effective": start.replace(year=start.year + change.used),
            "life_months": change.new_years * 12,
            "residual_rate": rate(change.new_residual, change.cost),
        },
    ]
    head = {"id": "published", "title": change.name, "kind": "scenario", "source": change.source}
    book = parse_book({**head, "policy": [policy | plain for policy in policies]})
    rows = schedule_of(engine, lots_of([Case(Asset(change.cost, start))]), book)
    charges = rows["depreciation_minor"]
    years = [charges.slice(12 * n, 12).sum() for n in range(change.new_years)]
    assert years[change.used - 1 : change.used + 1] == [change.before, change.after]
    assert sum(years) == change.cost - change.new_residual
    assert rows.select(pl.col("accumulated_minor").last()).item() == change.cost - change.new_residual
