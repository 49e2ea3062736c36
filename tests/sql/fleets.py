"""Made-up fleets as files: purchases and whatever may befall a lot, drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from depr.fleet.facts import import_files
from tests.ledger.samples import RECORDED, event, ledger, lot, write

ISSUERS = ("AMZN", "META", "MSFT", "ORCL")
USD = {"currency": "USD"}
START, END = date(2019, 1, 1), date(2025, 6, 30)
Row = dict[str, str]


def made_up(path: Path, lots: int, seed: int) -> Path:
    """A ledger of so many lots, a third of which something befell."""
    draw = Random(seed)
    purchases = [_purchase(draw, number) for number in range(lots)]
    ledger(path, purchases)
    told = [row for bought in purchases if draw.random() < 1 / 3 for row in _story(draw, bought)]
    [done] = import_files(path, [write(path.with_name("events.csv"), *told)], RECORDED)
    assert not done.findings, done.findings[:3]
    return path


def _purchase(draw: Random, number: int) -> Row:
    bought = START + timedelta(days=draw.randrange((END - START).days))
    served = bought + timedelta(days=draw.choice((0, 1, 31, 90)))
    cost = draw.choice((draw.randrange(1, 10**4), draw.randrange(10**6, 10**12)))
    cells: dict[str, str | None] = {
        "lot_id": f"L{number:05}",
        "issuer": draw.choice(ISSUERS),
        "generation": draw.choice(("a100", "h100")),
        "units": str(draw.randrange(2, 1000)),
        "cost": _money(cost),
        "purchase_date": str(bought),
        "in_service_date": "" if draw.random() < 0.05 else str(served),
    }
    if draw.random() < 0.2:
        cells |= {"residual": _money(draw.randrange(cost + 1))}
    elif draw.random() < 0.2:
        cells |= {"cost_low": _money(cost // 2), "cost_high": _money(cost * 2)}
    return lot(**cells)


def _story(draw: Random, bought: Row) -> Iterator[Row]:
    """Up to four events of a lot, in order, each possible after the one before."""
    if not bought["in_service_date"]:
        return
    day, cost = date.fromisoformat(bought["in_service_date"]), _minor(bought["cost"])
    left, impaired, for_sale = int(bought["units"]), 0, False
    for number in range(draw.randrange(1, 5)):
        day += timedelta(days=draw.randrange(1, 700))
        kind = draw.choice(
            ("impairment", "reversal", "partial_disposal", "improvement", "estimate", "sale", "disposal")
        )
        told = {"lot_id": bought["lot_id"], "document": str(number)}
        if kind == "impairment":
            amount = draw.randrange(cost // 4 + 1) * left // int(bought["units"])
            impaired += amount
            yield event(kind, str(day), amount=_money(amount), **USD, **told)
        elif kind == "reversal" and impaired > 0:
            amount = draw.randrange(impaired + 1)
            impaired -= amount
            yield event(kind, str(day), amount=_money(amount), **USD, **told)
        elif kind == "partial_disposal" and left > 1:
            gone = draw.randrange(1, left)
            impaired -= impaired * gone // left + 1 if impaired else 0
            left -= gone
            yield event(kind, str(day), units=str(gone), amount=_money(draw.randrange(cost + 1)), **USD, **told)
        elif kind == "improvement":
            yield event(kind, str(day), amount=_money(draw.randrange(cost + 1)), **USD, **told)
        elif kind == "estimate":
            yield event(kind, str(day), life_months=str(draw.randrange(6, 120)), **told)
        elif kind == "sale":
            yield event("back_in_use" if for_sale else "held_for_sale", str(day), **told)
            for_sale = not for_sale
        elif kind == "disposal":
            yield event(kind, str(day), amount=_money(draw.randrange(cost + 1)), **USD, **told)
            return


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _minor(text: str) -> int:
    return int(text.replace(".", ""))
