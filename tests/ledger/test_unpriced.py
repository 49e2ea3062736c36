"""Units whose cost is not known are facts: recorded, taken back, replaced by a purchase, counted in coverage."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from depr.checks import check
from depr.fleet.facts import import_files
from depr.fleet.questions import sql
from depr.ledger.known import known
from depr.ledger.positions import unpriced
from depr.report.build import is_own
from depr.sql.verified import verify
from tests.command import run
from tests.ledger.samples import RECORDED, event, ledger, lot, write

TPU = {"issuer": "META", "generation": "h100", "units": "90", "reason": "no sourced price"}


def left(path: Path) -> dict[str, int]:
    """Units without a cost by lot."""
    return dict(unpriced(known(path).events).select("lot_id", "units").iter_rows())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = ledger(
        tmp_path / "fleet.duckdb", [lot(issuer="META", purchase_date="2023-01-15", in_service_date="2023-02-01")]
    )
    import_files(made, [write(tmp_path / "u.csv", event("unpriced", "2023-06-30", "U1", **TPU))], RECORDED)
    return made


def test_they_are_in_the_journal_and_in_no_figure_of_money(path: Path) -> None:
    assert left(path) == {"U1": 90}
    assert known(path).lots["lot_id"].to_list() == ["L1"]
    assert check(path) == []
    assert sql(path, "SELECT units FROM facts WHERE kind = 'unpriced'")["units"].to_list() == [90]
    assert verify(path)[1] == []


def test_a_purchase_takes_their_place(path: Path, tmp_path: Path) -> None:
    bought = lot(lot_id="U1", issuer="META", units="90", purchase_date="2023-05-15", in_service_date="2023-08-01")
    import_files(path, [write(tmp_path / "p.csv", bought)], RECORDED)
    assert left(path) == {}
    assert check(path) == []


def test_a_correction_takes_them_back(path: Path, tmp_path: Path) -> None:
    [seq] = sql(path, "SELECT seq FROM facts WHERE kind = 'unpriced'")["seq"]
    wrong = event("correction", "2023-06-30", "U1", reverses=str(seq), reason="they are not ours")
    import_files(path, [write(tmp_path / "c.csv", wrong)], RECORDED)
    assert left(path) == {}


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (event("unpriced", "2023-06-30", "L1", **TPU), "lot 'L1' has its cost"),
        (event("unpriced", "2023-07-01", "U1", **TPU), "lot 'U1' has another unpriced"),
        (event("disposal", "2023-07-01", "U1"), "lot 'U1' has no acquisition"),
        (event("unpriced", "2023-06-30", "U2", **TPU | {"reason": ""}), "reason is blank: unpriced needs it"),
        (event("unpriced", "2023-06-30", "U2", **TPU, cost="1.00", currency="USD"), "unpriced has cost '1.00'"),
    ],
)
def test_what_does_not_fit_is_refused(path: Path, tmp_path: Path, row: dict[str, str], what: str) -> None:
    write(tmp_path / "bad.csv", row)
    ran = run(tmp_path, "import", "fleet.duckdb", "bad.csv")
    assert ran.code == 1
    assert what in ran.err
    assert left(path) == {"U1": 90}


def test_the_page_counts_them(path: Path, tmp_path: Path) -> None:
    """10 units with a cost and 90 without: 10.0% of 100."""
    assert run(tmp_path, "report", "fleet.duckdb", "--years", "2024-2025").code == 0
    page = tmp_path / "pages" / "meta.html"
    assert is_own(page)
    words = " ".join(re.sub(r"<[^>]*>", " ", page.read_text("utf-8")).split())
    assert "10% of units priced" in words
    assert "10 of 100 units carry a sourced price and are modelled." in words
    assert "90 no sourced price" in words
