"""Questions to ledgers: answered exactly, several side by side, and what is refused in words (and see test_sandbox)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from depr.errors import Refused
from depr.ledger import seal
from depr.sql.query import query, session
from tests.ledger.samples import ledger, lot

HOSTILE = ["'; DROP TABLE events; --", "=1+1", "<script>", "\u202eabc", "a\x00b", "a\nb", '"', "[/]", "NULL", "🙂"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query")
    return ledger(folder / "fleet.duckdb", [lot(), *(lot(lot_id=f"<{t}>", document=t) for t in HOSTILE)])


@pytest.fixture(autouse=True)
def _unchanged(path: Path) -> object:
    """Whatever is asked, the folder is as it was."""

    def state() -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in path.parent.iterdir()}

    before = state()
    yield
    assert state() == before
    return None


@pytest.mark.parametrize("statement", ["SELECT", "not sql", "SELECT 1 WHERE", "SELECT * FROM nowhere", "SELECT 1/'a'"])
def test_a_fault_is_told_in_duckdbs_words(statement: str, path: Path) -> None:
    with pytest.raises(Refused, match="Error: "):
        query(path, statement)


def test_an_answer_is_exact(path: Path) -> None:
    assert query(path, "SELECT lot_id, units, cost FROM lots WHERE lot_id = 'L1'").rows() == [
        ("L1", 10, Decimal("1000.00"))
    ]
    assert query(path, "SELECT 99999999999999999999999999.01::DECIMAL(28,2) AS x")["x"].to_list() == [
        Decimal("99999999999999999999999999.01")
    ]


def test_hostile_text_stays_text(path: Path) -> None:
    found = query(path, "SELECT document FROM lots WHERE document IS NOT NULL")["document"]
    assert sorted(found) == sorted(HOSTILE)
    quoted = HOSTILE[0].replace("'", "''")
    assert query(path, f"SELECT count(*) AS n FROM lots WHERE document = '{quoted}'")["n"].to_list() == [1]


def test_the_last_of_several_statements_is_answered(path: Path) -> None:
    assert query(path, "SELECT 1 AS a; SELECT 2 AS b").rows(named=True) == [{"b": 2}]


@pytest.mark.parametrize("statement", ["", "  ", "-- a comment"])
def test_no_statement_is_no_answer(statement: str, path: Path) -> None:
    assert query(path, statement).is_empty()


def test_columns_of_one_name_are_told_apart(path: Path) -> None:
    assert query(path, "SELECT 1 AS x, 2 AS x, 3 AS x_1, 4 AS x").columns == ["x", "x_2", "x_1", "x_3"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("INTERVAL 1 DAY", "1 day"),
        ("'a'::BLOB", "a"),
        ("'101'::BIT", "101"),
        ("union_value(k := 1)", "1"),
        ("340282366920938463463374607431768211455::UHUGEINT", "340282366920938463463374607431768211455"),
    ],
)
def test_types_without_a_form_of_ours_are_shown_as_text(value: str, shown: str, path: Path) -> None:
    assert query(path, f'SELECT {value} AS "a ""b""", 1 AS c').rows() == [(shown, 1)]


def test_an_answer_without_end_is_ended(path: Path) -> None:
    with pytest.raises(Refused, match=r"the answer is larger than 64 MiB\n  do: aggregate it, or add LIMIT$"):
        query(path, "SELECT * FROM range(1000000000000)", memory_mib=64)


def test_the_first_rows_of_an_answer_end_it(path: Path) -> None:
    with session(path) as asked:
        assert asked.frame("FROM range(1000000000000)", rows=3)["range"].to_list() == [0, 1, 2]
        assert asked.frame("FROM range(2)", rows=3)["range"].to_list() == [0, 1]
        assert asked.frame("FROM range(0)", rows=3).columns == ["range"]


def test_variables_and_the_ledger_that_is_meant_last_for_a_session(path: Path, tmp_path: Path) -> None:
    other = ledger(tmp_path / "other.duckdb", [lot(lot_id="X")])
    with session(path, attach={"b": other}) as asked:
        assert asked.frame("SET VARIABLE as_of = DATE '2020-01-01'").is_empty()
        assert asked.frame("FROM lots").is_empty()
        assert asked.frame("/* back */ RESET VARIABLE as_of; FROM lots").height == 1 + len(HOSTILE)
        assert asked.frame("USE b; SELECT lot_id FROM lots").rows() == [("X",)]
        assert asked.frame("SELECT lot_id FROM lots").rows() == [("X",)]


def test_ledgers_side_by_side(path: Path, tmp_path: Path) -> None:
    other = ledger(tmp_path / "other.duckdb", [lot(), lot(lot_id="X")])
    question = "SELECT lot_id FROM b.lots ANTI JOIN fleet.lots USING (lot_id)"
    assert query(path, question, attach={"b": other}).rows() == [("X",)]
    past = "SELECT (SELECT count(*) FROM lots) AS a, (SELECT count(*) FROM b.lots) AS b"
    assert query(path, past, attach={"b": other}, as_of=date(2020, 1, 1)).rows() == [(0, 0)]


@pytest.mark.parametrize("name", ["", "a b", 'x"', "1", "fleet", "FLEET", "temp", "main", "memory"])
def test_a_name_of_an_attached_ledger_is_a_name_of_its_own(name: str, path: Path) -> None:
    with pytest.raises(Refused, match=r"--attach: .* is (no name|taken)"):
        query(path, "SELECT 1", attach={name: path})


def test_an_attached_ledger_is_proven(path: Path, tmp_path: Path) -> None:
    other = ledger(tmp_path / "other.duckdb", [lot()])
    with duckdb.connect(str(other)) as plain:
        plain.execute("UPDATE events SET units = 11")
    with pytest.raises(Refused, match="the ledger file was changed"):
        query(path, "SELECT 1", attach={"b": other})
    seal.place(other).unlink()
    with pytest.raises(Refused, match="does not match its hash"):
        query(path, "SELECT 1", attach={"b": other})


def test_what_takes_the_rows_may_fail_on_its_own(path: Path) -> None:
    def fails(_: object) -> None:
        raise KeyError("mine")

    with session(path) as asked:
        with pytest.raises(KeyError, match="mine"):
            asked.answer("FROM lots", fails)
        assert asked.frame("SELECT 1 AS a").rows() == [(1,)]


def test_progress_is_said_while_it_is_asked(path: Path) -> None:
    said: list[str] = []
    with session(path) as asked, pytest.raises(Refused, match="stopped"):
        asked.frame("SELECT sum(a.range) FROM range(100000) a, range(10000000)", seconds=0.5, progress=said.append)
    assert said
    assert {step.split()[0] for step in said} == {"query"}


def test_nothing_is_asked_after_what_did_not_end(path: Path) -> None:
    with session(path) as asked:
        asked.stuck = True
        with pytest.raises(Refused, match="an earlier question has not ended"):
            asked.frame("SELECT 1")
        asked.stuck = False
