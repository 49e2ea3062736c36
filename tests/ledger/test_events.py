"""Files become events; what was recorded is known again, and the hash is that of the facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.contract import Events
from depr.ledger.chain import Batch, facts_sha256, link
from depr.ledger.events import CONTENT, compare
from depr.ledger.positions import effective
from tests.ledger.samples import RECORDED, event, journal, lot, read


def test_a_lot_is_bought_and_then_placed_in_service(tmp_path: Path) -> None:
    brought = lot(lot_id="C", accumulated="100.00", accumulated_date="2023-06-30")
    events = journal(tmp_path / "p.csv", lot(lot_id="B"), lot(lot_id="A", in_service_date=""), brought)
    assert events.select("seq", "batch", "kind", "lot_id", "effective_date", "source_row").rows() == [
        (1, 1, "acquisition", "B", date(2023, 1, 15), 2),
        (2, 1, "placed_in_service", "B", date(2023, 2, 1), 2),
        (3, 1, "acquisition", "A", date(2023, 1, 15), 3),
        (4, 1, "acquisition", "C", date(2023, 1, 15), 4),
        (5, 1, "placed_in_service", "C", date(2023, 2, 1), 4),
        (6, 1, "opening", "C", date(2023, 6, 30), 4),
    ]
    bought, served, *_, opening = events.iter_rows(named=True)
    assert (bought["issuer"], bought["units"], bought["cost_minor"]) == ("META", 10, 100_000)
    assert (served["issuer"], served["units"], served["cost_minor"]) == (None, None, None)
    assert (opening["amount_minor"], opening["currency"]) == (10_000, "USD")


def test_the_hash_is_of_the_facts_not_of_the_order_of_rows_or_columns(tmp_path: Path) -> None:
    events = journal(tmp_path / "p.csv", lot(), lot(lot_id="L2"))
    facts = facts_sha256(events)
    assert facts_sha256(events.reverse()) == facts
    assert facts_sha256(events.select(reversed(events.columns))) == facts
    mixed = journal(tmp_path / "q.csv", *[dict(reversed(row.items())) for row in (lot(), lot(lot_id="L2"))])
    assert facts_sha256(mixed) == facts


def test_the_hash_does_not_depend_on_how_many_rows_are_hashed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = journal(tmp_path / "p.csv", *[lot(lot_id=f"L{n}") for n in range(7)])
    facts = facts_sha256(events)
    monkeypatch.setattr("depr.ledger.chain.HASHED_ROWS", 3)
    assert facts_sha256(events) == facts


def test_the_hash_tells_apart_what_looks_alike() -> None:
    row = dict.fromkeys(Events.column_names()) | {"seq": 1, "batch": 1, "kind": "acquisition", "lot_id": "L"}
    row["effective_date"] = date(2023, 1, 1)
    texts = [None, "", "\\N", "\\\\N", '"', "a,b", "a", "A", "a ", "\n", "null", "\x00"]
    schema = {name: column.dtype for name, column in Events.columns().items()}
    hashes = {facts_sha256(pl.DataFrame([row | {"location": text}], schema=schema)) for text in texts}
    assert len(hashes) == len(texts)
    shifted = pl.DataFrame([row | {"location": None, "document": "a"}], schema=schema)
    assert facts_sha256(shifted) not in hashes


BATCH = Batch(1, RECORDED.replace(tzinfo=None), "a.csv", "f", 2, 2, 0, 0, "e", "p", "")


@pytest.mark.parametrize("name", [name for name in vars(BATCH) if name != "hash"])
def test_a_link_depends_on_everything_in_it(name: str) -> None:
    value = getattr(BATCH, name)
    more: dict[str, Any] = {"recorded_at": timedelta(microseconds=1)}
    other: Any = value + (value if isinstance(value, str) else more.get(name, 1))
    changed: dict[str, Any] = {name: other}
    assert link(replace(BATCH, **changed)) != link(BATCH) == link(replace(BATCH))


def test_cells_of_a_link_cannot_run_into_each_other() -> None:
    one, two = replace(BATCH, file="a\nb", file_sha256="c"), replace(BATCH, file="a", file_sha256="b\nc")
    assert link(one) != link(two)
    assert link(replace(BATCH, file="a\nb")) != link(replace(BATCH, file="a\\nb"))


def compared(held: pl.DataFrame, path: Path, *rows: dict[str, str]) -> list[tuple[str, str, bool, bool]]:
    table = compare(read(path, *rows).entries, held, effective(held))
    return table.select("lot_id", "kind", "same", "taken").rows()


def test_a_lot_is_compared_by_content_alone(tmp_path: Path) -> None:
    held = journal(tmp_path / "p.csv", lot(), lot(lot_id="L2"))
    again = lot(lot_id="L3"), lot(lot_id="L2", cost="1.00"), lot(cost="1000")
    assert compared(held, tmp_path / "q.csv", *again) == [
        ("L3", "acquisition", False, False),
        ("L3", "placed_in_service", False, False),
        ("L2", "acquisition", False, True),
        ("L2", "placed_in_service", True, True),
        ("L1", "acquisition", True, True),
        ("L1", "placed_in_service", True, True),
    ]


def test_an_event_that_may_come_again_is_new_unless_all_of_it_is_the_same(tmp_path: Path) -> None:
    sale = event("partial_disposal", "2024-01-01", units="2", document="A")
    held = journal(tmp_path / "p.csv", sale)
    assert compared(held, tmp_path / "q.csv", sale, sale | {"document": "B"}, sale | {"units": "3"}) == [
        ("L1", "partial_disposal", True, False),
        ("L1", "partial_disposal", False, False),
        ("L1", "partial_disposal", False, False),
    ]


def test_every_cell_of_the_content_counts(tmp_path: Path) -> None:
    whole = lot(residual="1", cost_low="900", cost_high="1100", location="x", document="y", serial="s")
    held = journal(tmp_path / "p.csv", whole)
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
        "location": "X",
        "serial": "",
        "document": "",
    }
    for name, text in changes.items():
        [bought, *_] = compared(held, tmp_path / "q.csv", whole | {name: text})
        assert bought == ("L1", "acquisition", False, True), name
    of_events = {"kind", "lot_id", "effective_date", "amount_minor", "life_months", "book", "reason", "reverses"}
    ours = {name.removesuffix("_minor") for name in set(CONTENT) - of_events}
    assert ours == set(changes) - {"purchase_date"}
