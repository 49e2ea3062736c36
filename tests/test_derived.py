"""A derived purchase keeps its parts, and its cost is their product, or it is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from depr import datasets
from depr.fleet.facts import init
from depr.fleet.questions import sql
from depr.intake.forms import OUR_OWN, PURCHASES, filled, judged
from depr.intake.forms.derived import PARTS, Derivation, derivation
from tests.command import run
from tests.ledger.samples import GENERATIONS, lot, write


def whole(cells: dict[str, str]) -> dict[str, str]:
    """A row of purchases with these cells."""
    return {**lot(), "unit_cost": "", **cells}


def refused(**cells: str) -> list[str]:
    """What is refused of a row with these cells."""
    table = PURCHASES.parse(filled(pl.DataFrame([whole(cells)]), 2))
    return judged(table, PURCHASES.rules(GENERATIONS, (), OUR_OWN, None))["what"].to_list()


SHA = "6dc300024b6a97ea5cc3f0bc2309e45058634da508e8166fbee79fee388cc452"
MADE = {"units": "24610", "unit_price": "14142", "multiplier": "1.38", "cost": "480287775.60", "upstream_row": "3"}
MADE |= {"upstream_file": "purchases.csv", "upstream_sha256": SHA}


def test_a_derived_cost_keeps_its_parts() -> None:
    assert refused(**MADE) == []
    parsed = PURCHASES.parse(filled(pl.DataFrame([whole(MADE)]), 2))
    told = derivation(parsed["reason"].item())
    assert told == Derivation(24_610, Fraction(14_142), Fraction("1.38"), "purchases.csv", 3, SHA)
    assert told.cost == Fraction("480287775.60")
    assert PURCHASES.parse(filled(pl.DataFrame([lot()]), 2))["reason"].to_list() == [None]
    assert derivation("no invoice yet") is None


@pytest.mark.parametrize("part", PARTS)
def test_a_derived_cost_without_one_part_is_refused(part: str) -> None:
    assert "only some parts of a derived cost are given" in refused(**MADE | {part: ""})


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ({"cost": "480287775.61"}, "cost is not units x unit_price x multiplier"),
        ({"units": "24611"}, "cost is not units x unit_price x multiplier"),
        ({"multiplier": "1.39"}, "cost is not units x unit_price x multiplier"),
        ({"multiplier": "1,38"}, "multiplier '1,38' is not a number"),
        ({"unit_price": "1e4"}, "unit_price '1e4' is not an amount in USD"),
        ({"upstream_row": "three"}, "upstream_row 'three' is not a whole number"),
        ({"upstream_sha256": "6DC3"}, "upstream_sha256 '6DC3' is not a SHA-256"),
    ],
)
def test_parts_that_do_not_make_the_cost_are_refused(cells: dict[str, str], what: str) -> None:
    assert what in refused(**MADE | cells)


@pytest.mark.parametrize(("currency", "cost"), [("JPY", "2"), ("USD", "1.52"), ("KWD", "1.518")])
def test_a_derived_cost_is_rounded_in_its_currency(currency: str, cost: str) -> None:
    parts = {"units": "1", "unit_price": "1.1", "multiplier": "1.38", "currency": currency, "cost": cost}
    assert refused(**MADE | parts | ({"unit_price": "1", "multiplier": "1.5"} if currency == "JPY" else {})) == []


def test_explain_and_the_journal_tell_the_parts(tmp_path: Path) -> None:
    ledger = tmp_path / "fleet.duckdb"
    init(ledger)
    row = whole(MADE | {"purchase_date": "2022-03-31", "in_service_date": "2022-07-01", "generation": "a100"})
    write(tmp_path / "p.csv", row)
    assert run(tmp_path, "import", "fleet.duckdb", "p.csv").code == 0
    said = run(tmp_path, "explain", "fleet.duckdb", row["lot_id"], "2022-08", "--book", "3y").out
    assert "cost 480,287,775.60 USD  [p.csv:2; 24,610 units x 14142 x 1.38, purchases.csv:3]" in said
    [reason] = sql(ledger, "SELECT reason FROM facts WHERE kind = 'acquisition'")["reason"]
    assert derivation(reason) == Derivation(24_610, Fraction(14_142), Fraction("1.38"), "purchases.csv", 3, SHA)
    again = run(tmp_path, "import", "fleet.duckdb", "p.csv", "--format", "csv").out.splitlines()[1]
    assert again.split(",")[2:6] == ["1", "0", "0", "1"]
    assert datasets.upstream("purchases.csv").splitlines()[2].startswith(b"Meta,META,A100,a100,24610,")
