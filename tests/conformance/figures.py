"""Figures that a case states beside its rows, by the name they go by: balances, journals, counts, bases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from depr.errors import refuse
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.daycounts import DAY_COUNTS
from depr.rows.profiles import Options
from tests.conformance.changes import booked
from tests.conformance.facts import Entry, Facts, day_of, exact, facts, first, rounded
from tests.conformance.shapes import HUNDRED, MONTHS, remaining_base

NO_MONEY = Fraction(0)


@dataclass(frozen=True)
class Given:
    """What a figure may look at; `table` holds the rows of the schedule, none where the case has no schedule."""

    inputs: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    method: str
    options: Options
    facts: Facts | None
    table: Sequence[Entry]

    @property
    def asset(self) -> Facts:
        """The asset of the case. Raises `Refused` without one."""
        if self.facts is None:
            raise refuse("case", "its inputs do not make an asset")
        return self.facts

    def event(self, key: str) -> Any:
        """The first value of a key among the events. Raises `Refused`."""
        found = first({k: v for event in reversed(self.events) for k, v in event.items()}, key)
        if found is None:
            raise refuse("case", f"no event gives {key!r}")
        return found

    def until(self, day: date) -> Fraction:
        """Accumulated by the rows that end before a day."""
        past = [row.accumulated for row in self.table if row.ends < day]
        return past[-1] if past else self.asset.opening


def _number_of_rows(given: Given) -> Any:
    return len(given.table)


def _after_row_1(given: Given) -> Any:
    accumulated = given.table[0].accumulated
    return {"accumulated": accumulated, "net_book_value": given.asset.cost - accumulated}


def _written_off(given: Given) -> Any:
    return given.asset.cost - given.table[-1].accumulated


def _days(given: Given) -> Any:
    start, end = day_of(given.inputs["start"]), day_of(given.inputs["end"])
    if start is None or end is None:
        raise refuse("case", "start and end are not dates")
    months = DAY_COUNTS[given.options.day_count].months(start, end, Fraction(MONTHS), FiscalCalendar())
    return months * 365 / MONTHS


def _rounded_to(given: Given) -> Any:
    unit = exact(given.inputs["round_to"])
    return rounded(exact(given.inputs["amount"]) / unit, 0) * unit


def _journal(given: Given) -> Any:
    """The entry of the event: a sale or retirement, a value adjustment, a revaluation, an impairment."""
    kinds = [str(event.get("type")) for event in given.events]
    makers = [JOURNALS[kind] for kind in kinds if kind in JOURNALS]
    if not makers:
        raise refuse("case", f"no journal is described for {', '.join(kinds) or 'no event'}")
    return makers[0](given)


def _sale(given: Given) -> dict[str, Fraction]:
    cost = exact(given.inputs["cost"])
    accumulated = exact(first(given.inputs, "accumulated") or 0) or _posted(given)
    left = cost - accumulated
    lines = {"asset_credit": cost, "accumulated_debit": accumulated, "nbv_debit": left}
    proceeds = exact(first({k: v for e in given.events for k, v in e.items()}, "proceeds") or 0)
    return {**lines, "proceeds_credit": proceeds, "loss_debit": left - proceeds}


def _posted(given: Given) -> Fraction:
    if not (rows_booked := given.inputs.get("posted_rows")):
        raise refuse("case", "its inputs do not say what is accumulated")
    if given.facts is None or given.facts.account.life_months is None:
        raise refuse("case", f"{rows_booked} rows are posted, but its inputs give no life to book them by")
    return given.table[int(rows_booked) - 1].accumulated


def _adjustment(given: Given) -> dict[str, Fraction]:
    plain = replace(given.asset, events=())
    day = day_of(given.event("date"))
    done = [row.accumulated for row in booked(plain, given.options) if day and row.ends < day]
    loss = given.asset.cost - (done[-1] if done else given.asset.opening) - exact(given.event("new_value"))
    return {"difference_debit": loss, "asset_credit": loss}


def _revaluation(given: Given) -> dict[str, Fraction]:
    up = exact(given.event("new_value")) - exact(given.inputs["cost"]) + given.asset.opening
    return {"asset_debit": up, "revaluation_surplus_credit": up}


def _impairment(given: Given) -> dict[str, Fraction]:
    loss = exact(given.inputs["cost"]) - given.asset.opening - exact(given.event("new_value"))
    return {"impairment_loss_debit": loss, "accumulated_depreciation_credit": loss}


JOURNALS: dict[str, Callable[[Given], dict[str, Fraction]]] = {
    "sale": _sale,
    "retirement": _sale,
    "scrap": _sale,
    "value_adjustment": _adjustment,
    "revaluation": _revaluation,
    "impairment": _impairment,
}


def _revaluation_journal(given: Given) -> Any:
    change = exact(given.event("new_cost")) - given.asset.cost
    return {"debit_accumulated_depreciation": change, "credit_expense": change}


def _new_asset_month(given: Given) -> Any:
    return -exact(given.event("acquisition_adjustment")) * exact(given.inputs["rate_percent"]) / HUNDRED / MONTHS


def _out(given: Given) -> Fraction:
    return exact(given.event("proceeds")) * exact(given.inputs["depreciable_fraction"])


def _left(given: Given) -> Fraction:
    return given.asset.cost - given.table[0].accumulated


def _residual(given: Given) -> Any:
    kept = given.event("cost_removed"), given.event("accumulated_removed")
    return given.asset.cost - exact(kept[0]) + exact(kept[1])


def _remaining_value(given: Given) -> Any:
    """What the next calculation starts from: what remains, or life to date the whole cost."""
    remaining = given.inputs["calculation_type"] == "Remaining Value"
    return given.asset.cost - (given.asset.opening if remaining else 0)


def _remaining_periods(given: Given) -> Any:
    account = given.asset.account
    return account.life / account.row_months - account.opening_rows


def _life_months(given: Given) -> Any:
    """Months from the first to the last month, both included."""
    start, end = day_of(given.inputs["in_service_date"]), day_of(given.inputs["desired_end"])
    if start is None or end is None:
        raise refuse("case", "the ends of the life are not dates")
    return (end.year - start.year) * MONTHS + end.month - start.month + 1


def _changed_at(given: Given) -> int:
    day = day_of(given.event("date"))
    return sum(bool(day and row.ends < day) for row in given.table)


def _monthly_after(given: Given) -> Any:
    return given.table[_changed_at(given) + 1].depreciation


def _rollup(given: Given, moved: bool) -> dict[str, Any]:
    """Accumulated and remaining of each group after the rows posted, children under their parent of that time."""
    where = {str(e["asset"]): str(e["to"]) for e in given.events if moved and e.get("type") == "transfer"}
    sums: dict[str, list[Fraction]] = {}
    for child in given.inputs["children"]:
        asset = facts("straight_line", child, ())
        done = booked(asset, given.options)[int(given.event("rows")) - 1].accumulated
        parent = where.get(child["id"], child["parent"])
        chain = [parent, *(group for group, members in given.inputs["groups"].items() if parent in members)]
        for group in dict.fromkeys([child["parent"], *chain]):
            held = (done, asset.base - done) if group in chain else (NO_MONEY, NO_MONEY)
            sums[group] = [a + b for a, b in zip(sums.get(group, [NO_MONEY] * 2), held, strict=True)]
    out: dict[str, Any] = dict(sums)
    for group in given.inputs["groups"]:
        accumulated, remaining = sums[group]
        out |= {f"{group}_base": accumulated + remaining, f"{group}_accumulated": accumulated}
        out[f"{group}_remaining"] = remaining
    return out


FIGURES: dict[str, Callable[[Given], Any]] = {
    "number_of_depreciation_rows": _number_of_rows,
    "number_of_rows": _number_of_rows,
    "after_posting_row_1": _after_row_1,
    "residual_written_off": _written_off,
    "days": _days,
    "rounded": _rounded_to,
    "journal": _journal,
    "journal_on_revaluation": _revaluation_journal,
    "salvage": lambda given: given.asset.residual,
    "cost": lambda given: given.asset.cost,
    "opening_accumulated": lambda given: given.asset.opening,
    "remaining_base": lambda given: remaining_base(given.inputs, given.events),
    "new_asset_month": _new_asset_month,
    "residual_before_sale": _left,
    "out": _out,
    "loss": lambda given: _left(given) - _out(given),
    "book_addition": lambda given: exact(given.event("amount")) * exact(given.inputs["depreciable_fraction"]),
    "residual": _residual,
    "remaining": lambda given: given.asset.base - given.asset.opening,
    "remaining_periods": _remaining_periods,
    "remaining_value": _remaining_value,
    "remaining_life_periods": _remaining_periods,
    "life_months": _life_months,
    "monthly_before": lambda given: given.table[0].depreciation,
    "monthly_after": _monthly_after,
    "catch_up": lambda given: given.table[_changed_at(given)].depreciation - _monthly_after(given),
    "before_transfer": lambda given: _rollup(given, moved=False),
    "after_transfer": lambda given: _rollup(given, moved=True),
}


EDITED = re.compile(r"after_manual_edit_of_row_(\d+)_to_([\d.]+)")


def _edited(given: Given, number: int, amount: Fraction) -> dict[str, Fraction]:
    """A row's amount changed by hand: what it leaves uncharged makes a further row."""
    charged = sum((row.depreciation for row in given.table), NO_MONEY) - given.table[number - 1].depreciation + amount
    further = given.asset.base - charged
    return {f"row_{len(given.table) + 1}": further, "final_nbv": given.asset.base - charged - further}


def figure(name: str, given: Given) -> Any:
    """A figure by its name; None when it is not one that can be worked out. Raises `Refused` when inputs lack."""
    try:
        if edit := EDITED.fullmatch(name):
            return _edited(given, int(edit[1]), Fraction(edit[2]))
        return FIGURES[name](given) if name in FIGURES else None
    except (KeyError, IndexError) as lacking:
        raise refuse("case", f"{name}: its inputs do not give {lacking}") from None
