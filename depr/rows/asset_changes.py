"""What befalls an asset in words, and whether it could befall a lot of a ledger: by the same rules as depr import."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from math import prod
from typing import Any

import polars as pl

from depr.books.book import months
from depr.contract import CHANGE_KINDS, Changes, Events
from depr.contract.currencies import units
from depr.errors import Refused, refuse, unknown
from depr.intake.forms import amount
from depr.intake.forms.events import KINDS
from depr.kernel.shares import DEN_LIMIT
from depr.ledger.positions import WORTH
from depr.ledger.stories import impossible

PART = re.compile(r"[0-9]{1,9}/[1-9][0-9]{0,8}")


def changes_of(texts: Sequence[str], currency: str) -> pl.DataFrame:
    """Changes in words (`change`) as contract.Changes, in their order."""
    rows = [change(text, currency) for text in texts]
    return Changes.validate(pl.DataFrame(rows), cast=True) if rows else Changes.create_empty()


def change(text: str, currency: str) -> dict[str, Any]:
    """A change in words as a row of contract.Changes: a date, a kind, then an amount, or life= and residual=, or a
    part.

    "2024-01-01 opening 5000", "2025-06-30 impairment 20000", "2025-01-01 estimate life=48m residual=1000",
    "2025-03-31 partial_disposal 1/4", "2026-05-31 disposal". Raises `Refused` for anything else.
    """
    day, _, rest_of_it = text.strip().partition(" ")
    kind, *rest = rest_of_it.split() or [""]
    row: dict[str, Any] = {"lot": 0, "effective_date": _day(day, text), "kind": kind}
    row |= dict.fromkeys(
        ("amount_minor", "life_months", "new_residual_minor", "part_num", "part_den", "recoverable_minor")
    )
    if kind not in CHANGE_KINDS:
        raise unknown("change", kind, CHANGE_KINDS)
    for word in rest:
        name, _, value = word.rpartition("=")
        if name == "life":
            row["life_months"] = months(value)
        elif name == "residual":
            row["new_residual_minor"] = amount(value, currency)
        elif PART.fullmatch(word):
            row |= dict(zip(("part_num", "part_den"), map(int, word.split("/")), strict=True))
        else:
            row["amount_minor"] = amount(word, currency)
    return row


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse(
            "change", f"{whole!r} does not begin with a date", do="write 2025-06-30 impairment 20000"
        ) from None


def check_story(
    changes: pl.DataFrame, cost_minor: int, residual_minor: int | None, in_service: date, currency: str
) -> None:
    """Refuse what cannot befall a lot of a ledger either: by depr.intake.forms.events and depr.ledger.stories.

    A part is one of what is held then, so that all may go in part, which is a disposal.
    """
    held = prod(changes["part_den"].drop_nulls().to_list())
    if held > DEN_LIMIT:
        raise refuse("change", "the parts leave 62 bits", "their denominators are multiplied", "use smaller ones")
    bought = {"kind": "acquisition", "cost_minor": cost_minor, "residual_minor": residual_minor, "units": held}
    rows: list[dict[str, Any]] = [bought | {"effective_date": in_service}]
    rows.append({"kind": "placed_in_service", "effective_date": in_service})
    for row in changes.sort("effective_date", maintain_order=True).iter_rows(named=True):
        _check_form(row)
        names = ("kind", "effective_date", "amount_minor", "life_months")
        said = {name: row[name] for name in names} | {"residual_minor": row["new_residual_minor"]}
        if row["kind"] == "partial_disposal":
            goes = held * row["part_num"] // row["part_den"]
            said |= {"units": goes} if goes < held else {"kind": "disposal"}
            held -= goes
        rows.append(said)
    named = {"lot_id": "asset", "issuer": "asset", "generation": "asset", "currency": currency, "batch": 1}
    events = [named | row | {"seq": seq, "source_row": 0} for seq, row in enumerate(rows, 1)]
    frame = Events.validate(pl.DataFrame(events, Events.create_empty().schema), cast=True)
    if found := impossible(frame.clear(), frame, "change", {}):
        raise Refused(found)


def check_recognised(changes: pl.DataFrame, moved: pl.DataFrame, currency: str) -> None:
    """Refuse an impairment above what is carried, or a reversal above what was impaired: it would be cut in silence.

    `moved` are the movements (contract.Movements) of the changes.
    """
    worth = pl.col("kind").is_in(WORTH)
    rows = changes.filter(worth).sort("effective_date", maintain_order=True)
    found = rows.select("kind", "effective_date", "amount_minor").rows()
    for (kind, day, said), counted in zip(found, moved.filter(worth)["impairment_minor"].abs(), strict=True):
        if said != counted:
            amounts = f"{units(said, currency)} {currency}, {units(counted, currency)} can be recognised"
            why = "no more than is carried is impaired, no more than was impaired is reversed"
            raise refuse("change", f"{kind} of {day} is {amounts}", why, "correct the amount")


def _check_form(row: Mapping[str, Any]) -> None:
    """Refuse a change that lacks what its kind needs, or has what its kind does not take."""
    kind = row["kind"]
    part = row["part_num"] is not None
    given = {name for name, of in GIVEN_AS.items() if row[of] is not None} | ({"units"} if part else set())
    asks = KINDS[kind]
    where = f"{kind} of {row['effective_date']}"
    for need in asks.needs:
        names = (need,) if isinstance(need, str) else need
        if "currency" not in names and not given & set(names):
            words = " or ".join(WORDS[name] for name in names)
            raise refuse("change", f"{where} has no {words}", do=f"write {EXAMPLES[kind]}")
    if part and not 0 < row["part_num"] <= row["part_den"]:
        what = f"{where}: part {row['part_num']}/{row['part_den']}"
        raise refuse("change", what, "a part is more than nothing and no more than all", f"write {EXAMPLES[kind]}")
    if strange := sorted(given - set(asks.takes)):
        why = "an event of this kind has no such thing, and nothing is dropped unseen"
        raise refuse("change", f"{where} has {WORDS[strange[0]]}", why, f"write {EXAMPLES[kind]}")


GIVEN_AS = {"amount": "amount_minor", "life_months": "life_months", "residual": "new_residual_minor"}
WORDS = {"amount": "amount", "life_months": "life=", "residual": "residual=", "units": "part"}
EXAMPLES = {
    "opening": "2024-01-01 opening 5000",
    "improvement": "2025-06-30 improvement 20000",
    "impairment": "2025-06-30 impairment 20000",
    "reversal": "2025-06-30 reversal 20000",
    "estimate": "2025-01-01 estimate life=48m residual=1000",
    "held_for_sale": "2025-03-31 held_for_sale",
    "back_in_use": "2025-03-31 back_in_use",
    "partial_disposal": "2025-03-31 partial_disposal 1/4",
    "disposal": "2026-05-31 disposal",
}
