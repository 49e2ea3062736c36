"""Cases of a system: one asset, asked of `depr asset` with the profile of that system, row by row.

What is asked is what stands in the case, in words of the product (words.toml): cost, life, dates, the profile, a change
with its date and amount. What the product does not take is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import depr
from depr.errors import refuse
from depr.rows.reference import fiscal_calendar
from tests.conformance.compare import Compared, same
from tests.conformance.reading import NOMINAL, Given, day, digits, each, entries, life, meaning, read, shortened, whole

Row = dict[str, Any]
NOT_ASSERTED = ("wrong_value", "printed_nbv_in_source")
"""Names under which a source's own error is kept: never a figure to reproduce."""

STARTS = ("available_for_use_date", "in_service_date", "depreciation_start_date", "purchase_date")
ONLY_SOME_READ = sorted({name for entry in entries("method") for name in entry["reads"]})
"""Inputs that some methods read and others do not."""

WHOLE = ("100", "1y", ("2001-02-15", "2001-05-15", "2001-08-15", "2001-11-15"))
"""An asset of a hundred that lasts a year, by the quarter placed in service: its first charge is a share in percent."""


def asset_figures(case: Given) -> list[Compared]:
    """What a case of a system asserts beside what the product answers. Raises `Refused`."""
    system, rows = str(case.need("system")), each(case.need("expected"), "expected")
    profile = meaning("system", system)["booking"]
    method = meaning("method", case.need("method"), system)
    events, numbers, whole_table = case.take("events", []), case.take("expected_row_numbers"), _is_whole(case)
    if numbers is not None and len(each(numbers, "expected_row_numbers")) != len(rows):
        raise refuse("case", f"not read: expected_row_numbers {shortened(numbers)}, of {len(rows)} rows")
    others = {name: v for name, v in (case.take("other_assertions") or {}).items() if name not in NOT_ASSERTED}
    given = case.need("inputs")
    case.done()
    with read(given) as inputs:
        inputs.without(name for name in ONLY_SOME_READ if name not in method["reads"])
        convention = inputs.word("convention", system).get("booking", ())
        booking = [*profile, *convention, *method.get("booking", ())]
        if method["method"] == "first_year_share":
            return _shares(inputs, events, rows, booking)
        table, beside = _schedule(inputs, events, {"method": method["method"], "booking": booking})
    found = [line for place, want in enumerate(rows) for line in _row(want, numbers and numbers[place], place, table)]
    if whole_table and rows[-1][2] is not None and same(rows[-1][2], table[-1]["accumulated"]):
        found.append(Compared("number of rows", len(rows), len(table)))
    return [*found, *beside, *(Compared(name, value, _figure(name, table)) for name, value in others.items())]


def _is_whole(case: Given) -> bool:
    """Whether the expected rows are said to be all there are. Raises `Refused` for a word that is not known."""
    said = case.take("expected_is")
    if said not in ("full", "partial", "single_row", "scalar", "journal", "rule", "flags", "rollup"):
        raise refuse("case", f"not read: expected_is {said!r}")
    return bool(said == "full")


def _shares(inputs: Given, events: Sequence[Any], rows: Sequence[Any], booking: list[str]) -> list[Compared]:
    """Percent of a whole year that the first fiscal year takes, by the quarter placed in service."""
    inputs.done()
    if events:
        raise refuse("case", f"not read: events of a convention {shortened(events)}")
    cost, lasts, days = WHOLE
    found = []
    for number, (label, share, _) in enumerate(rows, 1):
        if label != f"Q{number}" or number > len(days):
            raise refuse("case", f"not read: row {label!r}")
        start = {"in_service": day(days[:number][-1])}
        table = asked({"cost": cost, "life": lasts, "grain": "year", "booking": booking, **start}, [])
        found.append(Compared(label, share, table[0]["depreciation"]))
    return found


def _schedule(
    inputs: Given, events: Sequence[Mapping[str, Any]], options: dict[str, Any]
) -> tuple[list[Row], list[Compared]]:
    """The rows that the product answers, and what the inputs themselves say of them."""
    options |= _terms(inputs)
    checks, changes = _redundant(inputs), [*options.pop("changes")]
    inputs.done()
    for event in events:
        with read(event, "event ") as told:
            kind = told.need("type")
            if kind not in EVENTS:
                raise refuse("case", f"not read: event {kind!r}")
            changes.extend(EVENTS[kind](told, partial(asked, options, tuple(changes))))
    table = asked(options, changes)
    return table, [check(table) for check in checks]


def asked(options: Mapping[str, Any], changes: Sequence[str]) -> list[Row]:
    """The rows of `depr asset`, asked once for the same options."""
    held = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    return _asked(tuple(held.items()), tuple(changes))


@lru_cache(maxsize=4096)
def _asked(options: tuple[tuple[str, Any], ...], changes: tuple[str, ...]) -> list[Row]:
    return depr.asset(**dict(options), changes=changes).frame.to_dicts()


def _terms(inputs: Given) -> dict[str, Any]:
    """Options of `depr asset` from the inputs; where a source gives shares of the cost and none, the cost is 1."""
    name = next((name for name in STARTS if name in inputs), None)
    start = inputs.take(name) if name else NOMINAL
    given: dict[str, Any] = {
        "cost": digits(inputs.take("cost", 1)),
        "life": life(inputs),
        "in_service": day(start),
        "grain": meaning("frequency", inputs.one_of(("frequency", "frequency_months"), "year"))["grain"],
        "calendar": fiscal_calendar(str(inputs.take("fiscal_year_end", "12-31"))),
        "residual": digits(inputs.take("salvage", 0)),
    }
    apart = [each for each in ("first_depreciation_date", "depreciation_start_date") if each != name]
    first_row = inputs.one_of(apart)
    given["first_row"] = None if first_row is None else day(first_row)
    named = {"rate_percent": "rate_percent", "coefficient": "factor", "first_year_coefficient": "first_year_part"}
    given |= {option: digits(inputs.take(name)) for name, option in named.items() if name in inputs}
    if "table_percent" in inputs:
        given["percents"] = [digits(share) for share in each(inputs.take("table_percent"), "table_percent")]
    return {k: v for k, v in given.items() if v is not None} | _opening(inputs, start)


def _opening(inputs: Given, start: Any) -> dict[str, Any]:
    """What was booked elsewhere: by a date, else before anything is booked here."""
    booked = digits(inputs.take("opening_accumulated_depreciation", 0))
    number = whole(inputs.take("opening_periods_booked", 0))
    if not is_nothing(booked):
        return {"changes": [f"{day(inputs.take('opening_date', start))} opening {booked}"], "opening_rows": number}
    if number:
        raise refuse("case", f"not read: opening_periods_booked {number}, with nothing booked")
    return {"changes": []}


def is_nothing(text: str) -> bool:
    """Whether digits are those of nothing."""
    return not text.strip("-0.")


def _redundant(inputs: Given) -> list[Callable[[list[Row]], Compared]]:
    """Inputs that follow from others: the answer, or the other inputs, must bear them out."""
    inputs.exactly("shift_based", False)
    inputs.exactly("depreciation_start_defaulted_to_month_end", False, True)
    checks: list[Callable[[list[Row]], Compared]] = []
    if "purchase_date" in inputs and "in_service_date" in inputs:
        bought, used = day(inputs.take("purchase_date")), day(inputs.take("in_service_date"))
        checks.append(lambda _: Compared("bought before it is used", True, bought <= used))
    if "depreciation_end_date" in inputs:
        ends = day(inputs.take("depreciation_end_date"))
        checks.append(lambda rows: Compared("depreciation_end_date", ends, rows[-1]["period_end"]))
    if "first_table_date" in inputs:
        begins = day(inputs.take("first_table_date"))
        checks.append(lambda rows: Compared("first_table_date", begins, rows[0]["period_start"]))
    if "life_periods" in inputs and "life_months" in inputs and "frequency_months" in inputs:
        months, length = whole(inputs.take("life_months")), whole(inputs.take("frequency_months"))
        periods = inputs.take("life_periods")
        checks.append(lambda _: Compared("life_periods", periods, len(range(0, months, length))))
    return checks


# Events: each gives the changes that `depr asset` takes for it. An event that no rule knows is refused.


def _previous(told: Given, asked: Callable[[], list[Row]]) -> list[str]:
    """What was booked by a row that stands: the charge of that row alone is within what is accumulated."""
    ends, charge, accumulated = told.need("row")
    digits(charge)
    return [f"{day(ends)} opening {digits(accumulated)}"]


def _posted(told: Given, asked: Callable[[], list[Row]]) -> list[str]:
    """What is posted stands, and no row changes by it."""
    day(told.one_of(("date", "through")))
    return []


def _improvement(told: Given, asked: Callable[[], list[Row]]) -> list[str]:
    told.word("mode")
    told.exactly("life_extension_months", 0)
    return [f"{day(told.need('date'))} improvement {digits(told.one_of(('cost', 'amount')))}"]


def _life(told: Given, asked: Callable[[], list[Row]]) -> list[str]:
    told.word("mode")
    return [f"{_when(told, asked)} estimate life={life(told, 'new_life_months', 'new_life_years')}"]


def _when(told: Given, asked: Callable[[], list[Row]]) -> Any:
    """The day of a change: its date, or the first day after a row, as the product dates its rows."""
    if "after" not in told:
        return day(told.one_of(("date", "effective")))
    after = told.take("after")
    if not (ordinal := re.fullmatch(r"(?:year|period|row) (\d+)", str(after).casefold())):
        raise refuse("case", f"not read: event after {after!r}")
    return asked()[int(ordinal[1])]["period_start"]


def _disposal(told: Given, asked: Callable[[], list[Row]]) -> list[str]:
    return [f"{day(told.need('date'))} disposal {digits(told.take('proceeds', 0))}"]


EVENTS: dict[str, Callable[[Given, Callable[[], list[Row]]], list[str]]] = {
    "previous_row": _previous,
    "post_depreciation": _posted,
    "repair_capitalised": _improvement,
    "addition": _improvement,
    "life_change": _life,
    "retirement": _disposal,
    "sale": _disposal,
    "scrap": _disposal,
}


# What is asserted: rows by their label, and figures beside them.


def _row(want: Sequence[Any], number: Any, place: int, table: list[Row]) -> Iterator[Compared]:
    label, depreciation, accumulated = want
    row = _found(label, number, place, table)
    if row is None:
        yield Compared(f"row {label}", "a row", "none")
        return
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(label)):
        yield Compared(f"{label} date", label, row["period_end"])
    if depreciation is not None:
        yield Compared(f"{label} depreciation", depreciation, row["depreciation"])
    if accumulated is not None:
        yield Compared(f"{label} accumulated", accumulated, row["accumulated"])


def _found(label: Any, number: Any, place: int, table: list[Row]) -> Row | None:
    """The row of a label: by its number, its ordinal, its place, or the year, month or day in which it ends."""
    text = str(label)
    if ordinal := re.fullmatch(r"(?:(?:year|period|row) )?(\d{1,3})", text.casefold()):
        number = int(ordinal[1])
    if number is None and (label is None or text == "year"):
        return table[place] if place < len(table) else None
    if number is not None:
        counted = [None, *table]
        return counted[number] if number < len(counted) else None
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
        raise refuse("case", f"not read: row {text!r}")
    ended = [row for row in table if str(row["period_end"]).startswith(text)]
    if len(ended) > 1:
        raise refuse("case", f"not read: row {text!r} holds {len(ended)} rows")
    return ended[0] if ended else None


def _figure(name: str, table: list[Row]) -> Any:
    if name not in FIGURES:
        raise refuse("case", f"the product answers no figure {name!r}")
    return FIGURES[name](table)


FIGURES: dict[str, Callable[[list[Row]], Any]] = {
    "number_of_depreciation_rows": len,
    "number_of_rows": len,
    "after_posting_row_1": lambda table: {
        "accumulated": table[0]["accumulated"],
        "net_book_value": table[0]["carrying_amount"],
    },
    "residual_written_off": lambda table: table[-1]["carrying_amount"],
}
