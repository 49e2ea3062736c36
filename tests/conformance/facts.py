"""The facts of a published case: its inputs under the names that sources give them, as exact numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from depr.errors import refuse
from depr.rows.accounts import Account
from depr.rows.rows import Row

NOMINAL = date(2001, 1, 1)
"""Where a source counts its years from one and names no date."""

NOMINAL_YEAR = 2023
"""What "current year" is taken for."""

FREQUENCIES = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
STARTS = ("available_for_use_date", "in_service_date", "depreciation_start_date", "purchase_date", "depreciation_start")


def exact(value: Any) -> Fraction:
    """A number of a case exactly as it is printed. Raises `Refused`."""
    try:
        return Fraction(str(value))
    except ValueError:
        raise refuse("case", f"{value!r} is not a number") from None


def day_of(value: Any) -> date | None:
    """A date of a case, the first of the month for a month; None for anything else."""
    text = str(value)
    if relative := re.fullmatch(r"\(current year - (\d+)\)-(\d\d-\d\d)", text):
        text = f"{NOMINAL_YEAR - int(relative[1])}-{relative[2]}"
    if middle := re.fullmatch(r"mid (\d{4})", text):
        text = f"{middle[1]}-07-01"
    if re.fullmatch(r"\d{4}-\d\d", text):
        text += "-01"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def first(inputs: Mapping[str, Any], *names: str) -> Any:
    """The first of some inputs that is given, else None."""
    return next((inputs[name] for name in names if inputs.get(name) is not None), None)


def rounded(value: Fraction, places: int) -> Fraction:
    """Half to even, to some decimal places."""
    return Fraction(round(value, places))


@dataclass(frozen=True)
class Entry:
    """One row as a source prints it, in units of the currency."""

    ends: date
    opens: date
    depreciation: Fraction
    accumulated: Fraction


@dataclass(frozen=True)
class Facts:
    """One asset of a case and what befalls it; `places` decimals of the currency are kept."""

    account: Account
    events: Sequence[Mapping[str, Any]] = field(default=())
    places: int = 2

    def minor(self, value: Any) -> int:
        """An amount of the case in minor units."""
        return _minor(exact(value), self.places)

    def major(self, amount_minor: int) -> Fraction:
        """Minor units in units of the currency."""
        return Fraction(amount_minor, 10**self.places)

    def entries(self, rows: Sequence[Row]) -> list[Entry]:
        """The rows as a source prints them."""
        return [
            Entry(row.ends, row.opens, self.major(row.depreciation_minor), self.major(row.accumulated_minor))
            for row in rows
        ]

    @property
    def cost(self) -> Fraction:
        return self.major(self.account.cost_minor)

    @property
    def residual(self) -> Fraction:
        return self.major(self.account.residual_minor)

    @property
    def base(self) -> Fraction:
        return self.major(self.account.base_minor)

    @property
    def opening(self) -> Fraction:
        return self.major(self.account.opening_minor)


def facts(
    method: str,
    inputs: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    *,
    monthly: bool = False,
    places: int = 2,
) -> Facts:
    """The facts in the inputs of a case, by the month where `monthly` and nothing else is said.

    Raises `Refused` where a schedule cannot be made of them.
    """
    if first(inputs, "cost", "table_percent", "life_years", "annual") is None:
        raise refuse("case", "its inputs give neither a cost nor a life")
    cost = exact(inputs.get("cost", 1)) * exact(inputs.get("depreciable_fraction", 1))
    previous = next((event["row"] for event in events if event.get("type") == "previous_row"), None)
    life = _life(inputs)
    opening = previous[2] if previous else first(inputs, "opening_accumulated_depreciation") or 0
    account = Account(
        method=method,
        cost_minor=_minor(cost, places),
        residual_minor=_minor(_residual(inputs, cost), places),
        life_months=life,
        row_months=_frequency(inputs, monthly),
        in_service=next((d for name in STARTS if (d := day_of(inputs.get(name)))), NOMINAL),
        year_end=_year_end(inputs),
        first_row=_first_row(inputs),
        rate=_rate(inputs, life),
        first_year_part=exact(inputs.get("first_year_coefficient", 1)),
        percents=tuple(map(exact, inputs.get("table_percent", ()))),
        opening_minor=_minor(exact(opening), places),
        opening_date=day_of(previous[0] if previous else inputs.get("opening_date")),
        opening_rows=int(first(inputs, "opening_periods_booked") or 0),
    )
    own = [_scaled(event, inputs) for event in events if event.get("type") != "previous_row"]
    return Facts(account, own, places)


def _minor(value: Fraction, places: int) -> int:
    scale: int = 10**places
    return round(value * scale)


def _scaled(event: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """An addition counts for the share of cost that is depreciated."""
    share = exact(inputs.get("depreciable_fraction", 1))
    return {**event, "amount": exact(event["amount"]) * share} if event.get("type") == "addition" else event


def _residual(inputs: Mapping[str, Any], cost: Fraction) -> Fraction:
    if (percent := inputs.get("salvage_percent")) is not None:
        return cost * exact(percent) / 100
    return exact(first(inputs, "salvage", "residual") or 0)


def _life(inputs: Mapping[str, Any]) -> Fraction | None:
    if (months := inputs.get("life_months")) is not None:
        return exact(months)
    if (years := first(inputs, "life_years", "life")) is not None:
        return exact(years) * 12
    periods = inputs.get("life_periods")
    return None if periods is None else exact(periods) * int(first(inputs, "frequency_months") or 1)


def _rate(inputs: Mapping[str, Any], life: Fraction | None) -> Fraction | None:
    """Share of a year's opening amount that the year takes."""
    if (percent := inputs.get("rate_percent")) is not None:
        return exact(percent) / 100
    factor = first(inputs, "coefficient", "factor")
    return None if factor is None or life is None else exact(factor) * 12 / life


def _frequency(inputs: Mapping[str, Any], monthly: bool) -> int:
    """Months of a row; where the inputs leave it open, months if `monthly` or the life is given in them."""
    if (months := inputs.get("frequency_months")) is not None:
        return int(months)
    months = monthly or "life_months" in inputs or "life_periods" in inputs
    return FREQUENCIES[str(inputs.get("frequency", "month" if months else "year"))]


def _year_end(inputs: Mapping[str, Any]) -> tuple[int, int]:
    month, _, day = str(inputs.get("fiscal_year_end", "12-31")).partition("-")
    return int(month), int(day)


def _first_row(inputs: Mapping[str, Any]) -> date | None:
    """A first posting that the source sets apart from the day in service."""
    apart = "available_for_use_date" in inputs
    return day_of(first(inputs, "first_depreciation_date", *(["depreciation_start_date"] if apart else [])))
