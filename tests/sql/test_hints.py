"""A slip in a question is answered with names that exist, never with a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from depr.errors import Refused
from depr.sql.query import Session, session
from depr.sql.verified import reseal
from tests.ledger.samples import ledger, lot

MACROS = """
CREATE MACRO yearly(life_years INTEGER := 3, method := 'straight_line') AS TABLE SELECT life_years, method;
CREATE MACRO inner_part(of_book) AS TABLE SELECT of_book;
CREATE MACRO twice(amount) AS 2 * amount
"""
YEARLY = "yearly(life_years INTEGER := 3, method := 'straight_line')"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("hints")
    path = ledger(folder / "fleet.duckdb", [lot()])
    other = ledger(folder / "other.duckdb", [lot()])
    for each, made in ((path, MACROS), (other, "CREATE TABLE mine AS SELECT 1 AS a")):
        with duckdb.connect(str(each)) as plain:
            plain.execute(made)
        reseal(each)  # what was added is meant to be there
    with session(path, attach={"b": other}) as opened:
        yield opened


SLIPS = {
    "FROM flete": "did you mean fleet",
    "FROM LOTSS": "did you mean lots",
    "SELECT flete.units FROM fleet": "did you mean fleet",
    "FROM mine": "it is in b: write b.mine, or first USE b",
    "FROM yearly": "it is a macro: FROM yearly()",
    "FROM zzzzzz": "tables and views: ",
    "SELECT unitz FROM lots": "did you mean units",
    "SELECT lots.unitz FROM lots": "did you mean units",
    "FROM lots JOIN fleet USING (isuer)": "did you mean issuer?",
    "SELECT zzzzzz FROM lots": "columns near it: ",
    "FROM yearlly()": f"did you mean {YEARLY}?",
    "FROM zzzzzz()": "macros: ",
    "SELECT twic(1)": "macros: ",
    "SELECT yearly()": f"ask FROM {YEARLY}",
    "FROM yearly(life_year := 3)": f"life_year: did you mean life_years?; ask FROM {YEARLY}",
    "FROM yearly(life_years => 3, metod => 'x')": f"metod: did you mean method?; ask FROM {YEARLY}",
    "FROM yearly(1, 2, 3)": f"ask FROM {YEARLY}",
    "FROM yearly(life_years := 'three')": f"ask FROM {YEARLY}",
    "FROM inner_part()": "ask FROM inner_part(of_book)",
    "SELEC 1": "FROM examples shows questions that run",
    "SELECT 'a": "FROM examples shows questions that run",
    "FROM 'file.csv'": "attach a ledger, or open the file in plain DuckDB",
    "FROM read_csv('x.csv')": "attach a ledger, or open the file in plain DuckDB",
    "SET VARIABLE x = (FROM 'x.csv')": "attach a ledger, or open the file in plain DuckDB",
    "SET threads = 2": "ask with SELECT, FROM, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN",
    "CALL enable_logging()": "ask with SELECT",
    "FROM enable_logging()": "settings are those of the command: --memory, --seconds",
    "SELECT 'x'::INTEGER": "FROM help says what there is, FROM examples what can be asked",
}


@pytest.mark.parametrize("statement", SLIPS)
def test_a_slip_is_answered_with_what_exists(statement: str, asked: Session) -> None:
    with pytest.raises(Refused) as refused:
        asked.frame(statement)
    [finding] = refused.value.findings
    assert SLIPS[statement] in finding.do
    assert "Traceback" not in finding.what
    assert "Did you mean" not in finding.what
    assert "Candidate" not in finding.what


def test_parts_of_macros_are_not_offered(asked: Session) -> None:
    with pytest.raises(Refused) as refused:
        asked.frame("FROM zzzzzz()")
    assert "inner_part" not in refused.value.findings[0].do
    assert "yearly(" in refused.value.findings[0].do


def test_a_macro_says_what_is_wrong_in_its_own_words(tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    with duckdb.connect(str(path)) as plain:
        plain.execute("CREATE MACRO fails() AS TABLE SELECT error('unknown life of 7 years; use one of: 1, 3') AS x")
    reseal(path)
    with session(path) as asked, pytest.raises(Refused) as refused:
        asked.frame("FROM fails()")
    assert str(refused.value) == "query: unknown life of 7 years; use one of: 1, 3"
