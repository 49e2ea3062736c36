"""`depr prepare`: what it says, what it leaves in the file, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from depr.backtest.run import backtest
from depr.errors import Refused
from depr.fleet.preparing import prepare
from tests.command import run
from tests.ledger.samples import event, ledger, lot

USD = {"currency": "USD"}
ROWS = [
    lot(lot_id="A", cost="36000.00", purchase_date="2023-12-15", in_service_date="2024-01-01"),
    lot(lot_id="B", issuer="MSFT", generation="a100", cost="1000.00", cost_low="500.00", cost_high="2000.00"),
]
BEFELL = [event("impairment", "2024-12-31", "A", amount="8800.00", **USD)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ledger(tmp_path / "fleet.duckdb", ROWS, BEFELL)


def ask(path: Path, question: str) -> list[tuple[object, ...]]:
    """The file in plain DuckDB, without the engine."""
    with duckdb.connect(str(path), read_only=True) as connection:
        found: list[tuple[object, ...]] = connection.sql(question).fetchall()
        return found


def test_the_command_says_what_the_macros_know(path: Path) -> None:
    done = run(path.parent, "prepare", path.name, "--life", "3y,42m", "--method", "straight_line", "--no-evidence")
    assert (done.code, done.out.splitlines()[-2:]) == (
        0,
        ["straight_line full_month 3y 3.5y", "and by name: meta-reported, microsoft-reported"],
    )
    assert ask(path, "SELECT DISTINCT life_years::VARCHAR FROM understatement ORDER BY 1") == [("3.0000",), ("3.5000",)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--life", "0y"), "life"),
        (("--life", "three"), "'three' is not a useful life"),
        (("--method", "sl"), "unknown method 'sl'; use one of"),
        (("--method", "units_of_production"), "its curve is data"),
        (("--convention", "monthly"), "unknown convention 'monthly'; use one of"),
        (("--book", "mine"), "unknown book 'mine'"),
    ],
)
def test_what_cannot_be_prepared_is_refused_and_the_file_is_as_it_was(
    path: Path, words: tuple[str, str], said: str
) -> None:
    before = path.read_bytes()
    done = run(path.parent, "prepare", path.name, *words, "--no-evidence")
    assert done.code == 1
    assert said in done.err
    assert path.read_bytes() == before


def test_a_ledger_without_lots_has_nothing_to_prepare(tmp_path: Path) -> None:
    empty = ledger(tmp_path / "empty.duckdb")
    with pytest.raises(Refused, match="there are no lots"):
        prepare(empty, evidence=False)
    assert ask(empty, "FROM understatement") == []
    assert ask(empty, "FROM schedule") == []


MINE = """\
id = "mine"
title = "Mine"
kind = "scenario"
source = "an example"

[[policy]]
effective = "opening"
method = "straight_line"
convention = "full_month"
life_months = 48
source = "an example"

[[policy]]
effective = 2024-01-01
method = "straight_line"
convention = "full_month"
life_months = 60
source = "an example"
"""


def test_a_book_that_is_gone_is_left_out_of_what_was_prepared(path: Path) -> None:
    own = path.parent / "own"
    (own / "books").mkdir(parents=True)
    book = own / "books" / "mine.toml"
    book.write_text(MINE, "utf-8")
    prepare(path, lives=["3y"], methods=["straight_line"], books=["mine"], evidence=False, schedules=own)
    assert ask(path, "SELECT count(*) FROM alternatives WHERE book = 'mine'") == [(1,)]
    book.unlink()
    prepare(path, lives=["4y"], methods=["straight_line"], evidence=False, schedules=own)
    left = ask(path, "SELECT book FROM alternatives WHERE NOT own ORDER BY book")
    assert left == [("life-3y",), ("life-4y",)]


def test_evidence_is_in_the_file(path: Path) -> None:
    prepare(path, lives=["36m"], methods=["straight_line"])
    names = [name for (name,) in ask(path, "SELECT name FROM checks WHERE passed")]
    assert {"chain", "counts", "seal"} <= set(names)
    shipped = backtest()
    [(rows, worst)] = ask(path, "SELECT count(*), (max(relative_error) * 1000000)::BIGINT FROM backtest")
    assert (rows, worst) == (len(shipped), shipped["relative_error_ppm"].max())


def test_an_explanation_ends_in_the_charge_of_the_schedule(path: Path) -> None:
    """36,000.00 over 36 months, 24,000.00 after twelve: 20,000.00 is recoverable and goes over the 24 that remain.

    What is reported carries 28,800.00 then, over 60 months, and loses 8,800.00.
    """
    prepare(path, lives=["36m"], methods=["straight_line"], evidence=False)
    before = ask(
        path, "SELECT what, amount::VARCHAR, detail FROM explain('A', '2024-12', life_years := 3) ORDER BY line"
    )
    after = ask(
        path, "SELECT what, amount::VARCHAR, detail FROM explain('A', '2025-01', life_years := 3) ORDER BY line"
    )
    assert before[-1] == ("depreciation", "1000.000", "of 2024-12")
    assert after[3][:2] == ("to depreciate", "20000.000")
    assert after[5:7] == [
        ("share used up before", None, "0/24"),
        ("share used up after", None, "1/24, month 1 of the estimate"),
    ]
    assert after[-1] == ("depreciation", "833.330", "of 2025-01")
    unaware = "FROM explain('A', '2025-01', life_years := 3, as_of := DATE '2024-12-30') ORDER BY line"
    assert ask(path, f"SELECT amount::VARCHAR {unaware}")[-1] == ("1000.000",)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("'Z', '2024-12'", "unknown lot 'Z'; FROM lots lists them"),
        ("'A', '2035-01'", "nothing is charged in 2035-01; choose a month"),
        ("'A', 'January'", "'January' is not a month; write 2025-03"),
    ],
)
def test_what_cannot_be_explained_is_an_error(path: Path, asked: str, said: str) -> None:
    prepare(path, lives=["36m"], methods=["straight_line"], evidence=False)
    with pytest.raises(duckdb.Error) as refused:
        ask(path, f"FROM explain({asked}, life_years := 3)")
    assert said in str(refused.value)


def test_contract_views_work_qualified(path: Path) -> None:
    prepare(path, lives=["36m"], methods=["straight_line"], evidence=False)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS fleet (READ_ONLY)").fetchall()
        for name in ("schedule", "rollforward", "understatement", "positions", "curves", "lots", "fleet", "facts"):
            assert connection.sql(f"FROM fleet.{name}").fetchall(), name
        total = "SELECT sum({0})::VARCHAR FROM fleet.{1}"
        assert connection.sql(total.format("depreciation", "schedule")).fetchall() == [("28200.000",)]
        curve = "SELECT month, num, den, share_used::VARCHAR FROM fleet.curves WHERE month = 9"
        assert connection.sql(curve).fetchall() == [(9, 9, 36, "0.250000")]
