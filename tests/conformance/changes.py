"""What befalls the asset of a case: its rows booked up to a change, then the changed asset from there on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from depr.errors import refuse
from depr.rows.accounts import Account
from depr.rows.profiles import Options
from depr.rows.rows import Row, changed, disposed, rows
from tests.conformance.facts import Entry, Facts, day_of, exact, first

Event = Mapping[str, Any]

VALUES = ("value_adjustment", "repair_capitalised", "addition")
POSTINGS = ("post_depreciation",)
SILENT = ("post_depreciation", "lock", "cancel", "sale", "sale_returned", "split", "transfer")
"""Events that change no amount of the rows asked for beyond what others do; a sale that is returned restarts them."""

DISPOSALS = ("retirement", "sale", "scrap")


def booked(facts: Facts, options: Options) -> list[Entry]:
    """The rows of a case with all that befalls it. Raises `Refused` for an event it does not know."""
    return facts.entries(_rows(facts, options))


def _rows(facts: Facts, options: Options) -> list[Row]:
    handled = (*VALUES, *SILENT, "life_change", "shift_change", *DISPOSALS)
    if strange := [str(e.get("type")) for e in facts.events if e.get("type") not in handled]:
        raise refuse("case", f"event {strange[0]!r} changes rows in a way not described")
    layers = [event for event in facts.events if event.get("manner") == "layer"]
    own = replace(facts, events=[event for event in facts.events if event not in layers])
    out = _changed(own, options)
    for layer in layers:
        out = merged(out, _layer(facts, options, layer))
    return out


def _changed(facts: Facts, options: Options) -> list[Row]:
    account, kinds = facts.account, [event.get("type") for event in facts.events]
    gone = [day for event in facts.events if event.get("type") in DISPOSALS and (day := day_of(event.get("date")))]
    if gone and "sale_returned" not in kinds:
        others = [event for event in facts.events if event.get("type") not in DISPOSALS]
        return disposed(account, options, _rows(replace(facts, events=others), options), gone[0])
    if "shift_change" in kinds:
        return _shifted(account, options, facts.events[kinds.index("shift_change")])
    spent = any(event.get("manner") == "spent" for event in facts.events)
    plain = rows(replace(account, opening_minor=0) if spent else account, options)
    if not {*kinds} & {*VALUES, "life_change", "sale_returned"}:
        return _repeated(plain, facts)
    posted = plain[: _posted(facts, options, plain)]
    done = posted[-1].accumulated_minor if posted else account.opening_minor
    after = _revised(facts, done)
    if any(event.get("manner") == "catch_up" for event in facts.events):
        return [*posted, *_caught_up(rows(after, options), len(posted), done)]
    return changed(account, options, after, posted)


def _caught_up(table: list[Row], number: int, done: int) -> list[Row]:
    """The table of the new life; its first row also takes what the rows before should have been."""
    head, *tail = table[number:]
    return [replace(head, depreciation_minor=head.accumulated_minor - done), *tail]


def _posted(facts: Facts, options: Options, plain: Sequence[Row]) -> int:
    """How many rows stand: those posted, or those that end before the change, as the options say."""
    if any(event.get("manner") == "spent" for event in facts.events):
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


def _revised(facts: Facts, done: int) -> Account:
    """The asset after its changes in their order; what is cancelled is taken back by its own amount."""
    cost, life, added = facts.account.cost_minor, facts.account.life, {"repair": 0, "value_adjustment": 0}
    months = dict.fromkeys(added, Fraction(0))
    for event in facts.events:
        kind, before = str(event.get("type")), (cost, life)
        if "new_value" in event:
            cost = facts.minor(event["new_value"]) + done
        if "new_cost" in event:
            cost = facts.minor(event["new_cost"])
        if kind in ("repair_capitalised", "addition"):
            cost += facts.minor(first(event, "cost", "amount") or 0)
            life += exact(event.get("life_extension_months") or 0)
        if kind == "life_change":
            life = exact(first(event, "new_life_months") or 12 * exact(event.get("new_life_years")))
        name = kind.removesuffix("_capitalised")
        if name in added:
            added[name], months[name] = cost - before[0], life - before[1]
        if kind == "cancel":
            cost, life = cost - added[str(event["of"])], life - months[str(event["of"])]
    known = facts.account.life_months is not None or life != facts.account.life
    return replace(facts.account, cost_minor=cost, life_months=life if known else None)


def _repeated(plain: list[Row], facts: Facts) -> list[Row]:
    """Rows that one run books for several periods."""
    runs = {day_of(e.get("date")): int(e["periods"]) for e in facts.events if "periods" in e}
    return [replace(row, depreciation_minor=row.depreciation_minor * runs.get(row.ends, 1)) for row in plain]


def _layer(facts: Facts, options: Options, event: Event) -> list[Row]:
    """Added cost as an asset of its own, with a whole life, under the clock of layers."""
    start = day_of(event.get("date")) or facts.account.in_service
    amount = facts.minor(event["amount"])
    layer = replace(facts.account, cost_minor=amount, residual_minor=0, in_service=start, opening_minor=0)
    return rows(layer, replace(options, clock=options.layer_clock))


def merged(these: Sequence[Row], those: Sequence[Row]) -> list[Row]:
    """Two ledgers as one: rows of a day added."""
    days, out, total = sorted({row.ends for row in (*these, *those)}), [], 0
    for day in days:
        same = [row for row in (*these, *those) if row.ends == day]
        amount = sum(row.depreciation_minor for row in same)
        total += amount
        out.append(Row(same[0].opens, day, amount, total))
    return out


def _shifted(account: Account, options: Options, event: Event) -> list[Row]:
    """Rows weighted by shifts: a row at factor k takes k times a plain one, until nothing is left."""
    out, left, total = [], account.base_minor, account.opening_minor
    for number, row in enumerate(rows(account, options), 1):
        factor = exact(event["factors"][event["to"]]) if number == event["row"] else 1
        amount = min(round(row.depreciation_minor * factor), left)
        if amount:
            left, total = left - amount, total + amount
            out.append(replace(row, depreciation_minor=amount, accumulated_minor=total))
    return out
