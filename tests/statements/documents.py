"""Companyfacts documents, small enough to read: the figures are published, the accession numbers are made up.

NVIDIA's fiscal year 2025 (52 weeks to 26 January 2025) as in its filings: income by quarter and year, cash flows by
year to date. Figures in USD millions from the companyfacts of CIK 1045810 as stored at
github.com/dgunning/edgartools@ca5a70094da7fc34890161dae9c256bb1, the same that ship in depr/datasets/statements.csv.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from depr import share
from depr.kernel.calendar import FiscalCalendar
from depr.statements.assembly import Choices, Reported, from_company_facts
from depr.statements.files import read_splits, read_tags
from depr.statements.tags import Splits, Tags

MILLION = 10**6
DECEMBER, JANUARY = FiscalCalendar(12), FiscalCalendar(1)
NVIDIA_WEEKS = FiscalCalendar(1, "4-4-5", weekday=6, ending="last")


@cache
def tags() -> Tags:
    return read_tags(share.schedule_file("statement_tags.toml"))


@cache
def splits() -> Splits:
    return read_splits(share.schedule_file("splits.toml"))


def accn(filed: str) -> str:
    """An accession number of one's own for each day of filing."""
    return f"0000000000-{filed[2:4]}-{filed[5:7]}{filed[8:10]}01"


def fact(start: str | None, end: str, value: int | Decimal, filed: str, **other: Any) -> dict[str, Any]:
    """One fact; `fy` and `fp` are those of the filing, as in the document."""
    own = {"end": end, "val": value, "accn": accn(filed), "fy": int(filed[:4]), "fp": "FY", "form": "10-K"}
    return ({"start": start} if start else {}) | own | {"filed": filed} | other


def document(facts: Mapping[str, Sequence[dict[str, Any]]], unit: str = "USD", cik: int = 1045810) -> dict[str, Any]:
    """Facts by tag (taxonomy:element) as a document; shares and per-share tags have their own units."""
    found: dict[str, Any] = {"dei": {}}
    for tag, entries in facts.items():
        taxonomy, element = tag.split(":")
        name = unit
        if "PerShare" in element:
            name = f"{unit}/shares"
        elif "Shares" in element:
            name = "shares"
        concept = {"label": element, "description": "", "units": {name: list(entries)}}
        found.setdefault(taxonomy, {})[element] = concept
    return {"cik": cik, "entityName": "A FILER", "facts": found}


def reported(
    facts: Mapping[str, Sequence[dict[str, Any]]],
    calendar: FiscalCalendar = DECEMBER,
    *,
    issuer: str = "ACME",
    unit: str = "USD",
    **options: Any,
) -> Reported:
    """The statements of a document of these facts."""
    return from_company_facts(document(facts, unit), issuer, calendar, tags(), Choices(currency=unit, **options))


Q1, Q2, Q3 = ("2024-01-29", "2024-04-28"), ("2024-04-29", "2024-07-28"), ("2024-07-29", "2024-10-27")
HALF, NINE, YEAR = ("2024-01-29", "2024-07-28"), ("2024-01-29", "2024-10-27"), ("2024-01-29", "2025-01-26")
BEFORE, WEEKS_53 = ("2023-01-30", "2024-01-28"), ("2020-01-27", "2021-01-31")
FILED = {Q1: "2024-05-29", Q2: "2024-08-28", HALF: "2024-08-28", Q3: "2024-11-20", NINE: "2024-11-20"}
TEN_K = "2025-02-26"

INCOME = {
    "us-gaap:Revenues": (26044, 30040, 35082, 130497),
    "us-gaap:OperatingIncomeLoss": (16909, 18642, 21869, 81453),
    "us-gaap:IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest": (
        17279,
        19214,
        22316,
        84026,
    ),
    "us-gaap:IncomeTaxExpenseBenefit": (2398, 2615, 3007, 11146),
    "us-gaap:NetIncomeLoss": (14881, 16599, 19309, 72880),
}
CASH = {  # Q1, then to date: 15,345 + 14,488 = 29,833, and so on
    "us-gaap:NetCashProvidedByUsedInOperatingActivities": (15345, 29833, 47460, 64089),
    "us-gaap:PaymentsToAcquireProductiveAssets": (369, 1346, 2159, 3236),
    "us-gaap:DepreciationDepletionAndAmortization": (410, 843, 1321, 1864),
}
FOURTH = {  # as worked out in the same source
    "revenue_minor": 39331,
    "operating_income_minor": 24034,
    "pretax_income_minor": 25217,
    "income_tax_minor": 3126,
    "net_income_minor": 22091,
    "cash_from_operations_minor": 16629,
    "capex_minor": 1077,
    "depreciation_minor": 543,
}


def nvidia() -> dict[str, list[dict[str, Any]]]:
    """The facts of NVIDIA's fiscal year 2025, with the year before and a year of 53 weeks for revenue."""
    periods = {**dict.fromkeys(INCOME, (Q1, Q2, Q3, YEAR)), **dict.fromkeys(CASH, (Q1, HALF, NINE, YEAR))}
    facts = {
        tag: [
            fact(*period, amount * MILLION, FILED.get(period, TEN_K))
            for period, amount in zip(periods[tag], amounts, strict=True)
        ]
        for tag, amounts in (INCOME | CASH).items()
    }
    facts["us-gaap:Revenues"] += [
        fact(*BEFORE, 60922 * MILLION, TEN_K),
        fact(*WEEKS_53, 16675 * MILLION, "2021-02-26"),
    ]
    # The three quarters add to 57,420: each is rounded, and the figure to date is the one that counts.
    facts["us-gaap:OperatingIncomeLoss"].append(fact(*NINE, 57419 * MILLION, FILED[NINE]))
    facts["us-gaap:EarningsPerShareDiluted"] = [
        fact(*Q2, Decimal("0.67"), FILED[Q2]),
        fact(*Q3, Decimal("0.78"), FILED[Q3]),
        fact(*YEAR, Decimal("2.94"), TEN_K),
    ]
    facts["us-gaap:WeightedAverageNumberOfDilutedSharesOutstanding"] = [
        fact(*Q2, 24848 * MILLION, FILED[Q2]),
        fact(*Q3, 24774 * MILLION, FILED[Q3]),
        fact(*YEAR, 24804 * MILLION, TEN_K),
    ]
    facts["us-gaap:PropertyPlantAndEquipmentNet"] = [fact(None, YEAR[1], 6283 * MILLION, TEN_K)]
    return facts


def row(read: Reported, year: int, quarter: int | None = None) -> dict[str, Any]:
    """The statement of one period."""
    kind = "FY" if quarter is None else "Q"
    rows = [
        r
        for r in read.statements.iter_rows(named=True)
        if (r["period_type"], r["fiscal_year"], r["fiscal_quarter"]) == (kind, year, quarter)
    ]
    assert len(rows) == 1
    return rows[0]


def day(text: str) -> date:
    return date.fromisoformat(text)
