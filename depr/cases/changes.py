"""What befalls the asset of a case: its rows booked up to a change, then the changed asset from there on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from depr.cases.facts import Facts, day_of, exact, first
from depr.cases.profiles import Options
from depr.cases.rows import NO_MONEY, Row, rounded, rows
from depr.cases.ticks import DAY
from depr.errors import refuse

Event = Mapping[str, Any]

VALUES = ("value_adjustment", "repair_capitalised", "addition")
POSTINGS = ("post_depreciation",)
SILENT = ("post_depreciation", "lock", "cancel", "sale", "sale_returned", "split", "transfer")
"""Events that change no amount of the rows asked for beyond what others do; a sale that is returned restarts them."""

DISPOSALS = ("retirement", "sale", "scrap")
CATCH_UP = ("catch-up",)


def booked(facts: Facts, options: Options) -> list[Row]:
    """The rows of a case with all that befalls it. Raises `Refused` for an event it does not know."""
    handled = (*VALUES, *SILENT, "life_change", "shift_change", *DISPOSALS)
    if strange := [str(e.get("type")) for e in facts.events if e.get("type") not in handled]:
        raise refuse("case", f"event {strange[0]!r} changes rows in a way not described")
    layers = [event for event in facts.events if "layer" in str(event.get("mode"))]
    own = replace(facts, events=[event for event in facts.events if event not in layers])
    out = _changed(own, options)
    for layer in layers:
        out = merged(out, rows(*_layer(facts, options, layer)))
    return out


def _changed(facts: Facts, options: Options) -> list[Row]:
    kinds = [event.get("type") for event in facts.events]
    gone = [event for event in facts.events if event.get("type") in DISPOSALS and day_of(event.get("date"))]
    if gone and "sale_returned" not in kinds:
        return _retired(facts, options, gone[0])
    if "shift_change" in kinds:
        return _shifted(facts, options, facts.events[kinds.index("shift_change")])
    spent = any("fully depreciated" in str(event.get("when")) for event in facts.events)
    plain = rows(replace(facts, opening=NO_MONEY) if spent else facts, options)
    if not {*kinds} & {*VALUES, "life_change", "sale_returned"}:
        return _repeated(plain, facts)
    posted = plain[: _posted(facts, options, plain)]
    done = posted[-1].accumulated if posted else facts.opening
    after = _revised(facts, done)
    if any(word in str(event.get("mode")) for event in facts.events for word in CATCH_UP):
        return [*posted, *_caught_up(rows(after, options), len(posted), done)]
    if after.life > facts.life and options.extended_last_row:
        options = options.model_copy(update={"last_row": options.extended_last_row})
    return [*posted, *_rest(rows(after, options, len(posted), done), posted)]


def _rest(later: list[Row], posted: list[Row]) -> list[Row]:
    return [row for row in later if not posted or row.ends > posted[-1].ends]


def _caught_up(table: list[Row], number: int, done: Fraction) -> list[Row]:
    """The table of the new life; its first row also takes what the rows before should have been."""
    head, *tail = table[number:]
    return [replace(head, depreciation=head.accumulated - done), *tail]


def _posted(facts: Facts, options: Options, plain: Sequence[Row]) -> int:
    """How many rows stand: those posted, or those that end before the change, as the options say."""
    if any("fully depreciated" in str(event.get("when")) for event in facts.events):
        return len(plain)
    posts = [d for e in facts.events if e.get("type") in POSTINGS and (d := day_of(first(e, "date", "through")))]
    if options.change_from == "last_posted" or (posts and not _change_days(facts)):
        return sum(row.ends <= max(posts) for row in plain) if posts else 0
    if days := _change_days(facts):
        return sum(row.ends < min(days) for row in plain)
    numbers = [int(m[1]) for e in facts.events if (m := re.search(r"(\d+)$", str(e.get("after"))))]
    periods = [int(e["period"]) - 1 for e in facts.events if "period" in e]
    return min([*numbers, *periods], default=0)


def _change_days(facts: Facts) -> list[date]:
    kinds = (*VALUES, "life_change")
    return [d for e in facts.events if e.get("type") in kinds and (d := day_of(first(e, "date", "effective")))]


def _revised(facts: Facts, done: Fraction) -> Facts:
    """The asset after its changes in their order; what is cancelled is taken back by its own amount."""
    cost, life, added = facts.cost, facts.life, {"repair": NO_MONEY, "value_adjustment": NO_MONEY}
    months = dict.fromkeys(added, Fraction(0))
    for event in facts.events:
        kind, before = str(event.get("type")), (cost, life)
        if "new_value" in event:
            cost = exact(event["new_value"]) + done
        cost = exact(event.get("new_cost", cost))
        if kind in ("repair_capitalised", "addition"):
            cost += exact(first(event, "cost", "amount") or 0)
            life += exact(event.get("life_extension_months") or 0)
        if kind == "life_change":
            life = exact(first(event, "new_life_months") or 12 * exact(event.get("new_life_years")))
        name = kind.removesuffix("_capitalised")
        if name in added:
            added[name], months[name] = cost - before[0], life - before[1]
        if kind == "cancel":
            cost, life = cost - added[str(event["of"])], life - months[str(event["of"])]
    return replace(facts, cost=cost, life=life, events=())


def _repeated(plain: list[Row], facts: Facts) -> list[Row]:
    """Rows that one run books for several periods."""
    runs = {day_of(e.get("date")): int(e["periods"]) for e in facts.events if "periods" in e}
    return [replace(row, depreciation=row.depreciation * runs.get(row.ends, 1)) for row in plain]


def _layer(facts: Facts, options: Options, event: Event) -> tuple[Facts, Options]:
    """Added cost as an asset of its own, with a whole life, under the clock of layers."""
    start = day_of(event.get("date")) or facts.start
    layer = replace(facts, cost=exact(event["amount"]), residual=NO_MONEY, start=start, events=(), opening=NO_MONEY)
    return layer, options.model_copy(update={"clock": options.layer_clock})


def merged(these: Sequence[Row], those: Sequence[Row]) -> list[Row]:
    """Two ledgers as one: rows of a day added."""
    days, out, total = sorted({row.ends for row in (*these, *those)}), [], NO_MONEY
    for day in days:
        same = [row for row in (*these, *those) if row.ends == day]
        amount = sum((row.depreciation for row in same), NO_MONEY)
        total += amount
        out.append(Row(day, same[0].opens, amount, total))
    return out


def _retired(facts: Facts, options: Options, event: Event) -> list[Row]:
    """Rows to the day of a disposal or the one before, the last one by its days over the days of its row."""
    day = day_of(event.get("date")) or facts.start
    others = [other for other in facts.events if other.get("type") not in DISPOSALS]
    plain = booked(replace(facts, events=others), options)
    last = day if options.disposal_row == "on_day" else day - DAY
    kept = [row for row in plain if row.ends <= last]
    if len(kept) == len(plain) or (kept and kept[-1].ends == last):
        return kept
    row, off = plain[len(kept)], int(options.first_day == "included")
    opens = max(row.opens, facts.start)
    part = Fraction((last - opens).days + off, (row.ends - opens).days + off)
    amount = rounded(row.depreciation * part, options.places)
    return [*kept, Row(last, row.opens, amount, row.accumulated - row.depreciation + amount)]


def _shifted(facts: Facts, options: Options, event: Event) -> list[Row]:
    """Rows weighted by shifts: a row at factor k takes k times a plain one, until nothing is left."""
    plain, out, left, total = rows(replace(facts, events=()), options), [], facts.base, facts.opening
    for number, row in enumerate(plain, 1):
        factor = exact(event["factors"][event["to"]]) if number == event["row"] else 1
        amount = min(row.depreciation * factor, left)
        if amount:
            left, total = left - amount, total + amount
            out.append(replace(row, depreciation=amount, accumulated=total))
    return out
