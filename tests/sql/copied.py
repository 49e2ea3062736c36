"""A ledger whose secrets can be recognised, restated, to make copies of."""

from __future__ import annotations

from pathlib import Path

from depr.fleet.preparing import prepare
from depr.fleet.restating import restate
from tests.ledger.samples import event, ledger, lot

SECRETS = ("Zebra", "Quokka", "Narvik", "Okapi", "Gnu", "one.csv", "two.csv")
"""Words in names of lots, documents, sites, serial numbers, reasons and files; none is part of any other text."""

LOTS = [
    lot(lot_id="Zebra-1", units="1000", cost="34641000.00", cost_low="30000000.00", cost_high="40000000.01"),
    lot(lot_id="Zebra-2", units="7", cost="0.07", generation="a100", document="Quokka 1", serial="Okapi-1"),
    lot(lot_id="Zebra-3", units="9", cost="5123.07", generation="a100", location="Narvik", residual="1.00"),
    lot(lot_id="Zebra-4", units="2", cost="80000.00", document="Quokka 2", in_service_date="2024-03-01"),
    lot(lot_id="Zebra-5", issuer="MSFT", units="3", cost="99999999.99", serial="Okapi-2"),
]
EVENTS = [
    event("transfer", "2024-06-30", "Zebra-1", location="Narvik 2", document="Quokka 3"),
    event("partial_disposal", "2024-09-30", "Zebra-3", units="4", amount="100.00", currency="USD"),
    event("impairment", "2024-12-31", "Zebra-1", amount="1000.00", currency="USD", reason="Gnu"),
]
YEARS = (2023, 2025)


def restated(folder: Path) -> Path:
    """A ledger with result tables and what its macros read."""
    path = ledger(folder / "fleet.duckdb", LOTS, EVENTS)
    restate(path, lives=["1y", "3y"], years=YEARS, save="two lives")
    prepare(path)
    return path
