"""Purchases become events; their hash is that of the facts, whatever the file looked like."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from depr.ledger.events import CONTENT, chain, compare, facts_sha256, purchase_events
from depr.ledger.positions import positions
from depr.schemas import Events
from tests.ledger.samples import lot, read, write


def test_a_lot_is_bought_and_then_placed_in_service(tmp_path: Path) -> None:
    purchases = read(tmp_path / "p.csv", lot(lot_id="B"), lot(lot_id="A", in_service_date="")).good
    events = purchase_events(purchases, batch=7, first_seq=40)
    assert events.select("seq", "batch", "kind", "lot_id", "effective_date", "source_row").rows() == [
        (40, 7, "acquisition", "B", date(2023, 1, 15), 2),
        (41, 7, "placed_in_service", "B", date(2023, 2, 1), 2),
        (42, 7, "acquisition", "A", date(2023, 1, 15), 3),
    ]
    bought, served, _ = events.iter_rows(named=True)
    assert (bought["issuer"], bought["units"], bought["cost_minor"]) == ("META", 10, 100_000)
    assert (served["issuer"], served["units"], served["cost_minor"]) == (None, None, None)


def test_the_hash_is_of_the_facts_not_of_the_order_of_rows_or_columns(tmp_path: Path) -> None:
    events = purchase_events(read(tmp_path / "p.csv", lot(), lot(lot_id="L2")).good, 1, 1)
    facts = facts_sha256(events)
    assert facts_sha256(events.reverse()) == facts
    assert facts_sha256(events.select(reversed(events.columns))) == facts
    mixed = read(tmp_path / "q.csv", *[dict(reversed(row.items())) for row in (lot(), lot(lot_id="L2"))])
    assert facts_sha256(purchase_events(mixed.good, 1, 1)) == facts


def test_the_hash_tells_apart_what_looks_alike() -> None:
    row = dict.fromkeys(Events.column_names()) | {"seq": 1, "batch": 1, "kind": "acquisition", "lot_id": "L"}
    row["effective_date"] = date(2023, 1, 1)
    texts = [None, "", "\\N", "\\\\N", '"', "a,b", "a", "A", "a ", "\n", "null", "\x00"]
    schema = {name: column.dtype for name, column in Events.columns().items()}
    hashes = {facts_sha256(pl.DataFrame([row | {"location": text}], schema=schema)) for text in texts}
    assert len(hashes) == len(texts)
    shifted = pl.DataFrame([row | {"location": None, "document": "a"}], schema=schema)
    assert facts_sha256(shifted) not in hashes


def test_a_link_depends_on_everything_in_it() -> None:
    link = chain("p", ["a", 1])
    assert link == chain("p", ["a", 1])
    assert len({link, chain("q", ["a", 1]), chain("p", ["a", 2]), chain("p", ["a"]), chain("p", [1, "a"])}) == 5
    assert chain("p", ["a\nb"]) != chain("p", ["a", "b"])
    assert chain("p", ["a\\nb"]) != chain("p", ["a\nb"])


def test_a_lot_is_compared_by_content_alone(tmp_path: Path) -> None:
    held = positions(purchase_events(read(tmp_path / "p.csv", lot(), lot(lot_id="L2")).good, 1, 1))
    again = read(tmp_path / "q.csv", lot(lot_id="L3"), lot(lot_id="L2", cost="1.00"), lot(cost="1000")).good
    compared = compare(again, held)
    assert compared.select("lot_id", "known", "same").rows() == [
        ("L3", False, False),
        ("L2", True, False),
        ("L1", True, True),
    ]


def test_every_cell_of_the_content_counts(tmp_path: Path) -> None:
    whole = lot(residual="1", cost_low="900", cost_high="1100", location="x", document="y")
    held = positions(purchase_events(read(tmp_path / "p.csv", whole).good, 1, 1))
    changes = {
        "issuer": "MSFT",
        "generation": "a100",
        "units": "11",
        "cost": "1000.01",
        "cost_low": "900.01",
        "cost_high": "1100.01",
        "residual": "",
        "currency": "EUR",
        "purchase_date": "2023-01-16",
        "in_service_date": "",
        "location": "X",
        "document": "",
    }
    assert {name.removesuffix("_minor") for name in CONTENT} == {"lot_id", *changes}
    for name, text in changes.items():
        [row] = compare(read(tmp_path / "q.csv", whole | {name: text}).good, held).iter_rows(named=True)
        assert (row["known"], row["same"]) == (True, False), name
    assert write(tmp_path / "q.csv", whole).is_file()
