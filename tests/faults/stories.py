"""Made-up fleets with whole stories: everything that can happen to a lot, in an order in which it can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

from depr.fleet.facts import import_files, init
from tests.ledger.samples import RECORDED, lot, write

ISSUERS = ("META", "ORCL", "MSFT")  # year ends in December, in May and in June
GENERATIONS = ("a100", "h100", "b200")
BOOKS = ("life-3y", "1y", "37m", "meta-reported", "oracle-reported", "amazon-reported")
THROUGH = date(2031, 12, 31)


def fleet(random: Random, lots: int, largest_minor: int = 10**12) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Purchases, and what befalls them."""
    bought = [_purchase(random, n, largest_minor) for n in range(lots)]
    return bought, [event for row in bought for event in _story(random, row)]


def amount(minor: int) -> str:
    """Minor units as a file has them."""
    return f"{minor // 100}.{minor % 100:02}"


def minor(text: str) -> int:
    """And back."""
    return int(text.replace(".", ""))


def _purchase(random: Random, n: int, largest_minor: int) -> dict[str, str]:
    day = date(2019, 1, 1) + timedelta(days=random.randrange(2000))
    served = day + timedelta(days=random.choice([0, 1, random.randrange(400)]))
    cost = random.choice([0, 1, 99, random.randrange(1, largest_minor), random.randrange(1, 10**6)])
    more: dict[str, str] = {"in_service_date": "" if random.random() < 0.05 else f"{served}"}
    more["location"] = random.choice(["", "Prineville", "Malmö"])
    more["residual"] = amount(cost * random.randrange(50) // 100) if random.random() < 0.3 else ""
    row = lot(lot_id=f"LOT-{n:05}", issuer=random.choice(ISSUERS), generation=random.choice(GENERATIONS))
    opening = more["in_service_date"] and random.random() < 0.1
    more["accumulated"] = amount(cost * random.randrange(30) // 100) if opening else ""
    more["accumulated_date"] = f"{served + timedelta(days=200)}" if opening else ""
    more |= {"units": str(random.choice([1, 8, random.randrange(1, 5000)])), "document": f"invoice {n}"}
    return row | {"cost": amount(cost), "purchase_date": f"{day}"} | more


def _story(random: Random, row: Mapping[str, str]) -> Iterator[dict[str, str]]:
    if not row["in_service_date"] or random.random() < 0.4:
        return
    cost, units, for_sale = minor(row["cost"]), int(row["units"]), False
    bought, impaired = units, 0
    day = date.fromisoformat(row["accumulated_date"] or row["in_service_date"])
    for number in range(random.randrange(7)):
        day += timedelta(days=random.choice([0, 1, 30, random.randrange(1, 500)]))
        kinds = ["improvement", "transfer", "impairment", "estimate", "disposal"]
        kinds += ["back_in_use" if for_sale else "held_for_sale"] + ["partial_disposal"] * (units > 1)
        told = {"kind": random.choice(kinds), "lot_id": row["lot_id"], "effective_date": f"{day}"}
        told["document"] = f"memo {number}"
        match told["kind"]:
            case "improvement":
                told |= {"amount": amount(random.randrange(1, cost // 5 + 2)), "currency": "USD"}
            case "impairment":
                lost = random.randrange(max(cost * units // bought - impaired, 0) // 3 + 1)  # never above what is left
                impaired += lost
                told |= {"amount": amount(lost), "currency": "USD"}
            case "transfer":
                told |= {"location": random.choice(["Altoona", "Malmö", "Kuala Lumpur"])}
            case "estimate":
                told |= {"life_months": str(random.randrange(1, 100))}
            case "partial_disposal":
                gone = random.randrange(1, units)
                units -= gone
                told |= {"units": str(gone), "amount": amount(random.randrange(10**7)), "currency": "USD"}
            case "disposal":
                yield told | {"amount": amount(random.randrange(10**7)), "currency": "USD"}
                return
        for_sale = told["kind"] == "held_for_sale" or (for_sale and told["kind"] != "back_in_use")
        day += timedelta(days=told["kind"] == "back_in_use")  # a day on which it is held for sale again is another
        yield told


def kept(folder: Path, bought: list[dict[str, str]], events: list[dict[str, str]]) -> Path:
    """A ledger of a fleet."""
    folder.mkdir(parents=True)
    path = init(folder / "fleet.duckdb")
    files = [write(folder / "purchases.csv", *bought)]
    if events:
        files.append(write(folder / "events.csv", *events))
    import_files(path, files, RECORDED)
    return path
