"""Invented issuers whose frames hold together: every restated line is the reported one less the understatement.

`Harbour Compute` earns money and ends its year in December; `Loss Cloud` loses money, has no earnings per share for one
year and no statements for one quarter, and ends its year in June.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.contract import BOUNDS, Restated, Rollup
from depr.report.context import Coverage, Evidence, IssuerReport
from depr.report.inputs import Beside, Peer, Retired, Tested
from depr.restate.lines import FOLLOWS

CENTS = 100 * 1_000_000  # minor units in a million dollars
SHARE_OF_COST = {"low": 70, "mid": 100, "high": 145}  # percent of the median cost
LOTS = [  # generation, months since January 2022, units, millions of dollars
    ("A100", 1, 24_000, 390), ("A100", 7, 25_000, 410), ("A100", 13, 22_000, 330), ("H100", 10, 9_000, 390),
    ("H100", 16, 40_000, 1_620), ("H100", 19, 60_000, 2_480), ("H100", 22, 90_000, 3_700), ("H100", 26, 95_000, 2_980),
    ("MI300X", 28, 30_000, 600), ("H100", 29, 80_000, 2_540), ("H100", 33, 70_000, 2_190), ("MI300X", 35, 34_000, 680),
    ("B200", 36, 30_000, 1_400), ("B200", 39, 75_000, 3_300), ("B200", 42, 90_000, 3_950), ("B300", 45, 80_000, 3_520),
    ("B300", 48, 110_000, 4_840), ("B200", 50, 20_000, 880),
]  # fmt: skip
REPORTED = [(0, 48), (12, 60), (36, 66)]  # month of the change, life in months
ALTERNATIVES = {"life-6y": 72, "life-3y": 36, "life-1y": 12}
SWEPT = (*range(12, 60), *range(60, 121, 6))
MONTHS = 150
PARTS = [f"understatement_{n}_minor" for n in ("cost_of_revenue", "research_and_development", "sales_general_admin")]


def month_end(month: int) -> dt.date:
    """The last day of a month counted from January 2022 = 0."""
    year, index = divmod(month + 1, 12)
    return dt.date(2022 + year, index + 1, 1) - dt.timedelta(days=1)


def fiscal(month: int, year_end_month: int) -> tuple[int, int]:
    """Fiscal year and quarter of a month counted from January 2022 = 0."""
    year, index = divmod(month + (12 - year_end_month), 12)
    return 2022 + year, index // 3 + 1


def charges(cost: int, start: int, lives: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Month and depreciation: the carrying amount over what remains of the life in force."""
    carrying = cost
    for month in range(start, MONTHS):
        life = [months for since, months in lives if since <= month][-1]
        charge = carrying // max(life - (month - start), 1)
        carrying -= charge
        yield month, charge


def rollup(
    issuer: str, year_end_month: int, lots: list[tuple[str, int, int, int]], alternatives: Mapping[str, int]
) -> pl.DataFrame:
    """The schedule of every lot under every book, summed by quarter."""
    books = {"house-reported": REPORTED} | {book: [(0, life)] for book, life in alternatives.items()}
    rows: dict[tuple[Any, ...], dict[str, int]] = {}
    for book, lives in books.items():
        for bound in BOUNDS:
            for generation, start, units, millions in lots:
                cost, accumulated = millions * CENTS * SHARE_OF_COST[bound] // 100, 0
                for month, charge in charges(cost, start, lives):
                    accumulated += charge
                    key = (issuer, book, bound, generation, *fiscal(month, year_end_month))
                    row = rows.setdefault(key, dict.fromkeys(("depreciation", "accumulated", "cost", "units"), 0))
                    row["depreciation"] += charge
                    if month_end(month) == quarter_end(month, year_end_month):
                        row["accumulated"] += accumulated
                        row["cost"] += cost
                        row["units"] += units
                        row["end"] = month
    return pl.DataFrame(
        [
            {
                **dict(
                    zip(("issuer", "book", "bound", "generation", "fiscal_year", "fiscal_quarter"), key, strict=True)
                ),
                "period_end": month_end(row["end"]),
                "units": row["units"],
                "cost_minor": row["cost"],
                "depreciation_minor": row["depreciation"],
                "accumulated_minor": row["accumulated"],
                "impairment_minor": 0,
                "carrying_minor": row["cost"] - row["accumulated"],
            }
            for key, row in sorted(rows.items())
            if "end" in row
        ],
        schema_overrides={"fiscal_year": pl.Int32, "fiscal_quarter": pl.Int32},
    )


def quarter_end(month: int, year_end_month: int) -> dt.date:
    """The last day of the fiscal quarter a month lies in."""
    return month_end(month + (year_end_month - 1 - month) % 3)


def statement(quarter: int, scale: int, *, loss: bool) -> dict[str, Any]:
    """Reported lines of a quarter, in minor units: invented, growing, and net = pretax - 20%."""
    operating = (-180 - 12 * quarter if loss else 5_200 + 640 * quarter) * CENTS // scale
    pretax = operating + 45 * CENTS // scale
    net = pretax - pretax // 5
    capex = (4_800 + 700 * quarter + (900 if quarter % 4 == 3 else 0)) * CENTS // scale
    return {
        "operating_income": operating, "pretax_income": pretax, "net_income": net, "capex": capex,
        "depreciation": (1_900 + 260 * quarter) * CENTS // scale, "cash": (9_000 + 800 * quarter) * CENTS // scale,
        "basic": 2_540_000_000 // scale, "diluted": (2_540_000_000 if loss else 2_610_000_000) // scale,
    }  # fmt: skip


def year_of(quarters: list[dict[str, Any]]) -> dict[str, Any]:
    """Four quarters added up; shares are those of the last."""
    whole = {name: sum(q[name] for q in quarters) for name in quarters[0] if name not in ("basic", "diluted")}
    return whole | {"basic": quarters[-1]["basic"], "diluted": quarters[-1]["diluted"]}


def per_share(net: int, shares: int) -> int:
    """Millionths of a dollar per share."""
    return round(Fraction(net * 10_000, shares))


def restated_row(facts: dict[str, Any], modelled: int, alternative: int, *, eps: bool) -> dict[str, Any]:
    """One row of contract.Restated without its keys."""
    more = alternative - modelled
    row: dict[str, Any] = dict.fromkeys(c for c, kind in Restated.columns().items() if kind.nullable)
    row |= {"tax_kind": "statutory", "tax_source": "a test", "carried_over_minor": more}
    row |= {"depreciation_modelled_minor": modelled, "depreciation_alternative_minor": alternative}
    row |= {"understatement_minor": more}
    tax = round(more * 21 / 100)
    row |= {"tax_rate_ppm": 210_000, "tax_effect_minor": tax}
    for line, effect in (("operating_income", -more), ("pretax_income", -more), ("net_income", tax - more)):
        row |= {f"{line}_reported_minor": facts[line], f"{line}_restated_minor": facts[line] + effect}
    row |= {f"income_to_common_{kind}_minor": row[f"net_income_{kind}_minor"] for kind in ("reported", "restated")}
    row |= {"losses_minor": 0, "replacement_capex_minor": alternative}
    row |= {"owner_earnings_minor": facts["cash"] - alternative}
    row |= dict(zip(PARTS, (more - more // 3 - more // 10, more // 3, more // 10), strict=True))
    row |= {"depreciation_reported_minor": facts["depreciation"]}
    row |= {"depreciation_restated_minor": facts["depreciation"] + more}
    row |= {"coverage_ppm": round(Fraction(modelled * 1_000_000, facts["depreciation"]))}
    row |= {"capex_minor": facts["capex"], "cash_from_operations_minor": facts["cash"]}
    row |= {"free_cash_flow_minor": facts["cash"] - facts["capex"]}
    row |= {"basic_shares": facts["basic"], "diluted_shares": facts["diluted"]}
    row |= {"cash_gap_reported_minor": facts["capex"] - facts["depreciation"]}
    row |= {"cash_gap_restated_minor": facts["capex"] - facts["depreciation"] - more}
    return row | (earnings_per_share(facts, row["net_income_restated_minor"]) if eps else {})


def earnings_per_share(facts: dict[str, Any], restated_net: int) -> dict[str, int | str | None]:
    """Reported and restated earnings per share, their difference and the compression."""
    reported = per_share(facts["net_income"], facts["diluted"])
    restated = per_share(restated_net, facts["diluted"])
    return {
        "eps_basic_reported_micro": per_share(facts["net_income"], facts["basic"]),
        "eps_basic_restated_micro": per_share(restated_net, facts["basic"]),
        "eps_diluted_reported_micro": reported,
        "eps_diluted_restated_micro": restated,
        "eps_change_micro": restated - reported,
        "eps_compression_ppm": round(Fraction((reported - restated) * 1_000_000, reported)) if reported > 0 else None,
        "eps_basic_rule": FOLLOWS,
        "eps_diluted_rule": FOLLOWS,
    }


def restated(
    rolled: pl.DataFrame, alternatives: Iterable[str], *, scale: int, loss: bool, gaps: set[tuple[int, int]]
) -> pl.DataFrame:
    """schemas.Restated for FY2022-FY2025 by year and quarter; `gaps` are quarters without statements."""
    sums = rolled.group_by("book", "bound", "fiscal_year", "fiscal_quarter").agg(
        pl.col("depreciation_minor").sum(), pl.col("period_end").max()
    )
    charge = {row[:4]: row[4] for row in sums.iter_rows()}
    ends = {row[2:4]: row[5] for row in sums.iter_rows()}
    periods = [(year, quarter) for year in range(2022, 2026) for quarter in (1, 2, 3, 4) if (year, quarter) in ends]
    rows: list[dict[str, Any]] = []
    for book in alternatives:
        for bound in BOUNDS:
            running = 0
            for year in range(2022, 2026):
                own = [q for y, q in periods if y == year]
                facts = {q: statement((year - 2022) * 4 + q - 1, scale, loss=loss) for q in own}
                pairs = {q: [charge.get((b, bound, year, q), 0) for b in ("house-reported", book)] for q in own}
                eps = not loss or year > 2023
                for number in (*own, None):
                    pair = [sum(p) for p in zip(*pairs.values(), strict=True)] if number is None else pairs[number]
                    running += 0 if number is None else pair[1] - pair[0]
                    if (year, number) in gaps:
                        continue
                    lines = year_of(list(facts.values())) if number is None else facts[number]
                    rows.append(
                        restated_row(lines, pair[0], pair[1], eps=eps)
                        | {"understatement_cumulative_minor": running, "fiscal_year": year, "fiscal_quarter": number}
                        | {"book": book, "bound": bound, "period_type": "FY" if number is None else "Q"}
                        | {"period_end": max(ends[year, q] for q in own) if number is None else ends[year, number]}
                    )
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        issuer=pl.lit(rolled["issuer"][0]), mode=pl.lit("as_if"), called=pl.lit("analysis, not a GAAP restatement"),
        change_date=pl.lit(None), broken_identities=pl.lit(None),
    )  # fmt: skip
    return Restated.validate(frame.select(list(Restated.columns())), cast=True)


def policy(effective: str, months: int, source: str, note: str = "") -> dict[str, Any]:
    """One dated policy of a book."""
    return {
        "effective": effective, "generations": ["*"], "life_months": months, "method": "straight_line",
        "convention": "full_month", "residual_rate": "0", "source": source, "note": note,
    }  # fmt: skip


def evidence() -> Evidence:
    """An evidence block whose counts add up."""
    sql = "select fiscal_year, sum(understatement_minor)\nfrom restatement\nwhere issuer = 'HARB' and book = 'life-3y'"
    return Evidence(
        version="0.1.0", command="depr demo --out build", as_of=dt.date(2026, 1, 31), ledger_hash="5e" * 32,
        book_hashes={"house-reported": "0a" * 32, "life-3y": "0b" * 32}, rows_read=19, rows_accepted=18,
        rows_rejected=0, rows_duplicate=1, control_total_minor=3_620_000_000_000,
        input_hashes={"purchases.csv": "c1" * 32, "prices.csv": "c2" * 32},
        queries=(("Understatement by fiscal year", sql), ("Units in service", "from rollup select sum(units)")),
    )  # fmt: skip


def beside(issuer: dict[str, Any], lots: list[tuple[str, int, int, int]], *, scale: int, loss: bool) -> Beside:
    """Every month of life up to five years and every half-year up to ten, other assumptions, peers, a backtest."""
    lives = {f"life-{months}m": months for months in SWEPT}
    rolled = rollup(issuer["id"], issuer["fiscal_year_end_month"], lots, lives)
    every = restated(rolled, lives, scale=scale, loss=loss, gaps=set()).filter(period_type="FY", fiscal_year=2025)
    swept = every.with_columns(life_months=pl.col("book").replace_strict(lives, return_dtype=pl.Int32))
    years = swept.filter(pl.col("life_months") % 12 == 0).with_columns(assumption=pl.lit("all"))
    assumed = [years.with_columns(pl.col("eps_diluted_restated_micro") + by, end=pl.lit(end)) for end, by in ENDS]
    peers = (Peer("PEER", "Peer Compute", 48), Peer("TWIN", "Twin Cloud", 48))
    return Beside(
        lives=swept, assumed=pl.concat(assumed), peers=peers,
        retired=(Retired("Cloud A1", "a100", 2_000),), tested=Tested(16, 114_380, 687_500, pl.DataFrame()),
        share_ppm=50_000, share_source="A screen",
    )  # fmt: skip


ENDS = (("low", -4_000_000), ("high", 4_000_000))
"""By how much other assumptions move earnings per share, in millionths."""


def make(issuer: dict[str, Any], *, scale: int = 1, loss: bool = False) -> IssuerReport:
    """A whole report of an invented issuer."""
    lots = [(g, start, max(units // scale, 1), max(cost // scale, 1)) for g, start, units, cost in LOTS]
    rolled = Rollup.validate(rollup(issuer["id"], issuer["fiscal_year_end_month"], lots, ALTERNATIVES), cast=True)
    filing = "Annual report FY%d, note on property and equipment; https://example.com/filings/10-k"
    return IssuerReport(
        issuer=issuer,
        restated=restated(rolled, ALTERNATIVES, scale=scale * 4, loss=loss, gaps={(2023, 1)} if loss else set()),
        rollup=rolled,
        reported_book={
            "id": "house-reported", "title": f"{issuer['name']}, as reported", "source": filing % 2025, "note": "",
            "policies": [
                policy("opening", 48, filing % 2021),
                policy("2023-01-01", 60, filing % 2022),
                policy("2025-01-01", 66, filing % 2024, "Servers and network assets; effect disclosed for the year."),
            ],
        },
        alternatives=[
            {"id": book, "title": f"{months // 12}-year life", "source": "Scenario", "note": "",
             "policies": [policy("opening", months, "Scenario of this report")]}
            for book, months in ALTERNATIVES.items()
        ],
        assumptions=[
            {"key": "server_cost_per_gpu_dollar", "value": "1.4", "low": "1.25", "high": "1.6", "unit": "ratio",
             "meaning": "All-in server cost for each dollar spent on GPUs", "source": "Assumption: between two quotes",
             "sourced": False},
            {"key": "tax_rate", "value": "0.21", "low": "0.10", "high": "0.25", "unit": "share",
             "meaning": "Tax rate applied to the understatement", "source": "Statute https://example.com/code#11",
             "sourced": True},
        ],
        unpriced=pl.DataFrame({"chip": ["Accelerator X1"], "units": [20_888 // scale], "reason": ["No sourced price"]}),
        coverage=Coverage(units_priced=984_000 // scale, units_total=1_004_888 // scale),
        sources=[{"title": "Purchases by owner and quarter, model median with 5th and 95th percentile",
                  "source": "Example institute (CC-BY) https://example.com/data", "note": ""}],
        evidence=evidence(),
        beside=beside(issuer, lots, scale=scale * 4, loss=loss),
    )  # fmt: skip


@pytest.fixture(scope="session")
def profit() -> IssuerReport:
    """An issuer that earns money; fiscal year ends in December."""
    return make({"id": "HARB", "name": "Harbour Compute", "currency": "USD", "fiscal_year_end_month": 12})


@pytest.fixture(scope="session")
def loss() -> IssuerReport:
    """An issuer that loses money, with statements and earnings per share missing; fiscal year ends in June."""
    issuer = {"id": "LOSS", "name": "Loss Cloud", "currency": "USD", "fiscal_year_end_month": 6}
    return make(issuer, scale=10, loss=True)


@pytest.fixture(scope="session")
def templates() -> Path:
    """The report folder of the checkout."""
    return Path(__file__).parents[2] / "reports"


@pytest.fixture(scope="session")
def poisoned(profit: IssuerReport) -> Callable[[str], IssuerReport]:
    """The same report with a hostile text in every place that carries words from outside."""

    def poison(text: str) -> IssuerReport:
        book = profit.reported_book
        words = {"source": text, "note": text}
        policies = [{**p, **words, "method": text, "convention": text} for p in book["policies"]]
        queries = tuple((text, text) for _ in profit.evidence.queries)
        return replace(
            profit,
            issuer={**profit.issuer, "id": text, "name": text},
            rollup=profit.rollup.with_columns(generation=pl.lit(text) + pl.col("generation")),
            reported_book={**book, **words, "title": text, "policies": policies},
            assumptions=[{**a, "key": text, "meaning": text, "source": text} for a in profit.assumptions],
            unpriced=profit.unpriced.with_columns(chip=pl.lit(text), reason=pl.lit(text)),
            sources=[{"title": text, "source": text, "note": text}],
            evidence=replace(profit.evidence, command=text, queries=queries, input_hashes={text: "00" * 32}),
        )

    return poison
