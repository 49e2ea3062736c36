"""A scenario small enough to work out by hand, and an oracle that shares no code with the engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from depr.books.book import Book
from depr.books.book import scenario as book_of
from depr.books.issuers import Issuer, parse_issuer
from depr.outlook.scenario import Scenario, parse_scenario
from depr.outlook.spending import Inputs

BILLION = 10**11
MONTHS = 12
PLAIN = {"life_months": "36", "server_share": "0.5", "capex_position": "0", "price_factor": "1"}
PLAIN |= {"months_to_service": "0", "tax_rate": "0.21"}


def assumption(key: str, value: str, low: str | None = None, high: str | None = None) -> dict[str, Any]:
    told = {"key": key, "value": value, "low": low or value, "high": high or value}
    return told | {"unit": "unit", "meaning": "meaning", "source": "Assumption", "sourced": False}


def capex(issuer: str, year: int, mid: str, low: str | None = None, high: str | None = None) -> dict[str, Any]:
    told = {"issuer": issuer, "fiscal_year": year, "low": low or mid, "mid": mid, "high": high or mid}
    return told | {"source": "Assumption", "sourced": False}


def document(**changes: Any) -> dict[str, Any]:
    """14.4 billion in 2026, nothing after: lots of 1.8 billion in service from February, May, August and November."""
    plain = {
        "id": "small",
        "title": "Small",
        "seed": 7,
        "draws": 20,
        "issuers": ["ONE"],
        "first_year": 2026,
        "last_year": 2028,
        "history": "capital expenditure",
        "mode": "as_if",
        "source": "test",
        "grid": {
            "life_months_low": 12,
            "life_months_high": 60,
            "life_months_step": 12,
            "share_low": "0.2",
            "share_high": "1",
            "share_step": "0.2",
        },
        "assumption": [assumption(key, value) for key, value in PLAIN.items()],
        "generation": [{"key": "new", "first": date(2020, 1, 1), "source": "test", "sourced": False}],
        "capex": [capex("ONE", 2026, "14.4"), capex("ONE", 2027, "0"), capex("ONE", 2028, "0")],
    }
    return plain | changes


def small(ranges: dict[str, tuple[str, str, str]] | None = None, **changes: Any) -> Scenario:
    """The document as a scenario; `ranges` are low, value and high of assumptions that are not the plain ones."""
    told = {key: (value, value, value) for key, value in PLAIN.items()} | (ranges or {})
    entries = [assumption(key, value, low, high) for key, (low, value, high) in told.items()]
    return parse_scenario(document(assumption=entries, **changes))


def issuer(name: str = "ONE", year_end_month: int = 12) -> Issuer:
    rate = {"effective": date(2018, 1, 1), "rate": "0.21", "kind": "statutory", "source": "test"}
    split = {"effective": date(2018, 1, 1), "cost_of_revenue": "1", "research_and_development": "0"}
    split |= {"selling_general_administrative": "0", "source": "test"}
    told = {"id": name, "name": name, "currency": "USD", "fiscal_year_end_month": year_end_month, "book": "six"}
    return parse_issuer(told | {"source": "test", "function_split": [split], "tax_rate": [rate]})


def inputs(*names: str, life_months: int = 72, shares: int = 10**9, **known: Any) -> Inputs:
    issuers = {name: issuer(name) for name in names or ("ONE",)}
    books: dict[str, Book] = {name: book_of(life_months) for name in issuers}
    return Inputs(issuers, books, dict.fromkeys(issuers, shares), **known)


def depreciation(lots: Iterable[tuple[int, int]], life: int, year: int) -> int:
    """Straight line, full month: of lots (month of service counted from January 2026 = 0, cost), in a calendar year.

    accumulated after k months = cost x min(k, life) / life, to the nearest integer, ties to even.
    """
    first = (year - 2026) * MONTHS

    def accumulated(cost: int, served: int, end: int) -> int:
        return round(Fraction(cost * min(max(end - served, 0), life), life))

    return sum(accumulated(c, m, first + MONTHS) - accumulated(c, m, first) for m, c in lots)
