"""Worked examples of the accounting standards: lots of a ledger, the book of their issuer, what befalls them.

Facts are added and recorded, the schedule, the roll-forward and the journal are asked, as one would at a desk. Where an
example counts years and names no date, its first year is 2001; the day of a change is read off the product's rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

import depr
from depr.books.book import months
from depr.errors import refuse
from depr.rows.reference import fiscal_calendar
from tests.conformance.compare import Compared
from tests.conformance.reading import NOMINAL, Given, day, digits, each, life, read, whole

Figures = dict[str, Any]
ISSUER, CURRENCY = "META", "USD"
REST_OF_YEAR = tuple("00000000000")
"""The months after the first: a year's usage is told by its first month."""

FISCAL_YEARS = {"mar31": "03-31", "jun30": "06-30", "sep30": "09-30", "dec31": "12-31"}
METHODS = {
    "sl": {"method": "straight_line"},
    "syd": {"method": "sum_of_years_digits"},
    "ddb": {"method": "declining_balance", "factor": "2", "switch": "none", "residual_as": "floor"},
}
"""Methods by the names of figures, as books for students have them: no switch, no charge below the residual value."""


@contextmanager
def ledger(*lots: Mapping[str, Any]) -> Iterator[depr.Fleet]:
    """A ledger of some lots: lot_id, cost, in_service_date, and the residual value of each."""
    same = {"issuer": ISSUER, "generation": "h100", "units": 1, "currency": CURRENCY}
    with TemporaryDirectory(prefix="depr-textbook-") as folder:
        fleet = depr.create(Path(folder, "textbook.duckdb"))
        fleet.add(pl.DataFrame([{**same, "purchase_date": lot["in_service_date"], **lot} for lot in lots]))
        yield fleet


def book(lasts: str | None) -> depr.Book:
    """What the issuer reports: straight line by whole months over a life."""
    if lasts is None:
        raise refuse("case", "life is not given")
    policy = depr.Policy(
        effective="opening",
        method="straight_line",
        convention="full_month",
        life_months=months(lasts),
        source="the example",
    )
    return depr.Book(
        id="textbook", title="Textbook", kind="as reported", issuer=ISSUER, source="the example", policy=(policy,)
    )


def _lot(inputs: Given, name: str, start: date) -> dict[str, Any]:
    cost, residual = (Decimal(digits(value)) for value in (inputs.need("cost"), inputs.take("salvage", 0)))
    return {"lot_id": name, "cost": cost, "residual": residual, "in_service_date": start}


def _rows(fleet: depr.Fleet, of: depr.Book, grain: str) -> list[dict[str, Any]]:
    return fleet.schedule(of, grain=grain).frame.to_dicts()


def _carrying(fleet: depr.Fleet, of: depr.Book, end: date, movement: str, grain: str = "month") -> Any:
    """Carrying amount of all lots in the roll-forward: a balance of the period that ends on a day."""
    table = fleet.rollforward(end, of, by=(), grain=grain).filter(movement=movement, period_end=end)
    return table["carrying"].item()


def _start_of_year(value: Any) -> date:
    """The first day of a year by its number, or by words such as start of Year 2."""
    if not (found := re.fullmatch(r"(?:start of year )?(\d{1,2})", str(value).casefold())):
        raise refuse("case", f"not read: year {value!r}")
    return date.fromisoformat(f"20{found[1]:0>2}-01-01")


def _change(inputs: Given, expected: Mapping[str, Any]) -> Figures:
    """A new life or residual value from a day on: carrying amount over what remains (ASC 250-10-45-17, IAS 8.36)."""
    if "method" in inputs and inputs.word("method")["method"] != "straight_line":
        raise refuse("case", "not read: method")
    of = book(life(inputs))
    start = _start_of_year(inputs.take("in_service_date", "1"))
    lot, year = _lot(inputs, "asset", start), inputs.take("change_year")
    used = None if year else whole(inputs.need("years_used"))
    told: dict[str, Any] = {"life": life(inputs, "new_life_months", "new_total_life"), "currency": CURRENCY}
    if "new_salvage" in inputs:
        told["residual"] = digits(inputs.take("new_salvage"))
    inputs.done()
    with ledger(lot) as fleet:
        before = _rows(fleet, of, "year")
        at = _start_of_year(year) if used is None else before[used]["period_start"]
        fleet.record("estimate", "asset", at, **told)
        done = next(row["accumulated"] for row in reversed(before) if row["period_end"] < at)
        after = next(row for row in _rows(fleet, of, "year") if row["period_start"] == at)
        carrying = _carrying(fleet, of, after["period_end"], "opening_balance", "year")
    names = ("book_value", "carrying_amount", f"carrying_start_Y{year}")
    annual = {"annual_before": before[0]["depreciation"], "annual_after": after["depreciation"]}
    return {**annual, "accumulated": done, **dict.fromkeys(names, carrying)}


def _components(inputs: Given, expected: Mapping[str, Any]) -> Figures:
    """Parts with lives of their own (IAS 16.43), and their cost as one asset of a life."""
    lots, lives, start = [], {}, day(NOMINAL)
    for part in each(inputs.need("components"), "components"):
        with read(part, "component ") as given:
            name = str(given.need("name"))
            lots.append(_lot(given, name, start))
            lives[name] = life(given)
    inputs.done()
    with ledger(*lots) as fleet:
        for name, lasts in lives.items():
            fleet.record("estimate", name, start, life=lasts)
        of = book("1y")  # each part has a life of its own
        first = [row for row in _rows(fleet, of, "year") if row["period_start"] == start]
        moved = fleet.rollforward(first[0]["period_end"], of, by=(), grain="year")
    cost = moved.filter(movement="closing_balance")["cost"].item()
    total = moved.filter(movement="depreciation")["accumulated"].item()
    out: Figures = {"annual": {row["lot_id"]: row["depreciation"] for row in first}, "total": total}
    for name in expected:
        if years := re.fullmatch(r"single_asset_(\d+)y", name):
            out[name] = depr.asset(cost, life=f"{years[1]}y", in_service=start, grain="year")["depreciation"][0]
    return out


def _methods(inputs: Given, expected: Mapping[str, Any]) -> Figures:
    """The charges of an asset by each method, each year rounded, by years of service and by fiscal years."""
    same: dict[str, Any] = {
        "cost": digits(inputs.need("cost")),
        "residual": digits(inputs.take("salvage", 0)),
        "in_service": day(NOMINAL),
        "grain": "year",
        "rounding": "per_period",
    }
    lasts, used, total = life(inputs), inputs.take("hours"), inputs.take("total_hours")
    inputs.done()
    out: Figures = {}
    for name, wanted in expected.items():
        fiscal = FISCAL_YEARS.get(name.removeprefix("fiscal_"))
        if name in METHODS:
            out[name] = _charges(wanted, same, METHODS[name], lasts)
        elif fiscal:
            years = {**same, "calendar": fiscal_calendar(fiscal)}
            out[name] = {method: _charges(rows, years, METHODS[method], lasts) for method, rows in wanted.items()}
        elif name == "activity":
            usage = [month for hours in each(used, "hours") for month in (digits(hours), *REST_OF_YEAR)]
            units = {"method": "units_of_production", "usage": usage, "total_usage": digits(total)}
            out[name] = _charges(wanted, same, units, None)
    return out


def _charges(wanted: Any, same: Mapping[str, Any], method: Mapping[str, Any], lasts: str | None) -> Any:
    """As many of the first charges as are wanted; the first one where that is a number."""
    charges = depr.asset(**same, **method, life=lasts)["depreciation"].to_list()
    return charges[: len(wanted)] if isinstance(wanted, list) else charges[0]


def _disposal(inputs: Given, expected: Mapping[str, Any]) -> Figures:
    """A sale: what is carried that day, and the gain or loss that the journal books (ASC 360-10-40-5)."""
    of, start = book(life(inputs)), day(inputs.take("in_service_date", NOMINAL))
    lot, proceeds = _lot(inputs, "asset", start), digits(inputs.need("proceeds"))
    sold = day(inputs.take("disposal")) if "disposal" in inputs else None
    months_used = 0 if sold else whole(inputs.need("months_used"))
    asked = day(inputs.take("carrying_date")) if "carrying_date" in inputs else None
    inputs.done()
    with ledger(lot) as fleet:
        annual, served = _rows(fleet, of, "year")[0]["depreciation"], _rows(fleet, of, "month")
        at = sold or served[months_used]["period_start"]
        month = next(row for row in served if row["period_start"] <= at <= row["period_end"])["period_end"]
        before = _carrying(fleet, of, asked, "closing_balance") if asked else None
        fleet.record("disposal", "asset", at, amount=proceeds, currency=CURRENCY)
        carried = _carrying(fleet, of, month, "opening_balance")
        lines = fleet.journal(f"{month:%Y-%m}", of, per_lot=True).filter(kind="disposal").to_dicts()
    posted = {line["role"]: line for line in lines}
    gain, loss = posted.get("gain_on_disposal"), posted.get("loss_on_disposal")
    return {
        "annual": annual,
        "accumulated": posted["accumulated_depreciation"]["debit"],
        "carrying": before if asked else carried,
        "carrying_at_disposal": carried,
        "gain_loss": gain["credit"] if gain else loss["debit"].copy_negate() if loss else Decimal(0),
    }


TOPICS: dict[str, Callable[[Given, Mapping[str, Any]], Figures]] = {
    "change_in_estimate": _change,
    "life_reassessment": _change,
    "component": _components,
    "sl_syd_ddb": _methods,
    "sl_activity_syd_ddb": _methods,
    "disposal": _disposal,
}
"""What the product answers, by the topic of an example."""


def example_figures(topic: str, case: Given) -> list[Compared]:
    """The figures of a worked example beside those of the product. Raises `Refused`."""
    if topic not in TOPICS:
        raise refuse("case", f"the product does not answer {topic.replace('_', ' ')}")
    asserted = dict(case.need("expected"))
    asserted |= asserted.pop("derived", {})
    given = case.need("inputs")
    case.done()
    with read(given) as inputs:
        found = TOPICS[topic](inputs, asserted)
    if lacking := [name for name in asserted if name not in found]:
        raise refuse("case", f"the product answers no figure {lacking[0]!r}")
    return [Compared(name, value, found[name]) for name, value in asserted.items()]
