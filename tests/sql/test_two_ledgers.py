"""Ledgers side by side: what is asked of one is answered from its own file, or not at all."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import duckdb
import pytest

from depr.errors import Refused
from depr.fleet.facts import import_files
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql
from depr.ledger.tables import STORAGE_VERSION
from depr.sql.hints import FIRST
from depr.sql.placing import READ, macros, script
from depr.sql.verified import verify
from tests.command import run
from tests.daily import sampled
from tests.ledger.samples import RECORDED, lot, write
from tests.sql.fleets import made_up
from tests.sql.test_clients import command_line, plain, relation

ASKED = {
    "schedule": "schedule(3, grain := 'year')",
    "rollforward": "rollforward(3, grain := 'year')",
    "understatement": "understatement(3, grain := 'year')",
    "explain": "explain('L00000', '{month}', 3)",
    "restate": "restate(3, grain := 'year')",
    "eps": "eps(3, grain := 'year')",
    "cash_gap": "cash_gap(3, grain := 'year')",
}
VIEWS = ("schedule", "rollforward", "understatement", "curves", "facts", "lots", "fleet", "positions")
CLIENTS = {"command line 1.5": command_line, "library": relation}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two ledgers, and a file that is none with tables of the same names."""
    made = tmp_path_factory.mktemp("two")
    for name, seed in (("f", 1), ("g", 2)):
        (made / name).mkdir()
        path = made_up(made / name / f"{name}.duckdb", 12, seed=seed)
        prepare(path, lives=["36m"], methods=["straight_line"], evidence=False)
    with duckdb.connect() as third:
        third.execute(f"ATTACH '{made / 'h.duckdb'}' AS h (STORAGE_VERSION '{STORAGE_VERSION}')").fetchall()
        third.execute(f"ATTACH '{made}/f/f.duckdb' AS f (READ_ONLY)").fetchall()
        for table in READ:
            third.execute(f"CREATE TABLE h.{table} AS FROM f.{table} LIMIT 1").fetchall()
    return made


def attached(folder: Path) -> list[str]:
    files = {"f": "f/f.duckdb", "g": "g/g.duckdb", "h": "h.duckdb"}
    return [f"ATTACH '{folder / file}' AS {name} (READ_ONLY)" for name, file in files.items()]


@pytest.fixture
def both(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for statement in attached(folder):
            connection.execute(statement).fetchall()
        yield connection


def question(folder: Path, name: str, macro: str) -> str:
    with duckdb.connect(str(folder / name / f"{name}.duckdb"), read_only=True) as own:
        [(month,)] = own.execute(
            "SELECT coalesce(strftime(in_service_date, '%Y-%m'), '') FROM lots WHERE lot_id = 'L00000'"
        ).fetchall()
    return ASKED[macro].format(month=month)


def test_every_macro_that_one_asks_is_among_them() -> None:
    assert set(ASKED) == {name for name, arguments in macros(script()).items() if ":=" in arguments}


@pytest.mark.parametrize(("client", "macro"), sampled(product(CLIENTS, ASKED), 3))
def test_a_qualified_macro_answers_from_its_own_file_or_says_to_use_it(folder: Path, client: str, macro: str) -> None:
    ask, opening = CLIENTS[client], attached(folder)
    for mine, others in (("f", "g"), ("g", "f")):
        call = question(folder, mine, macro)
        alone = plain(ask(folder / mine / f"{mine}.duckdb", [f"FROM {call} ORDER BY ALL"]))
        asked = f"FROM {mine}.{call} ORDER BY ALL"
        assert plain(ask(None, [*opening, f"USE {mine}", asked])) == alone != []
        for before in ([], [f"USE {others}"], ["USE h"]):
            with pytest.raises((duckdb.Error, subprocess.CalledProcessError)) as refused:
                ask(None, [*opening, *before, asked])
            said = getattr(refused.value, "stderr", "") or str(refused.value)
            assert f"{FIRST}{macro} does not exist".lower() in said.lower()
            assert f"{mine}.ledger_" in said


@pytest.mark.parametrize(("client", "view"), sampled(product(CLIENTS, VIEWS), 3))
def test_a_view_answers_from_its_own_file_whatever_is_in_use(folder: Path, client: str, view: str) -> None:
    ask = CLIENTS[client]
    own = {name: plain(ask(folder / name / f"{name}.duckdb", [f"FROM {view} ORDER BY ALL"])) for name in "fg"}
    assert own["f"] != own["g"] or view == "curves"
    for before in ([], ["USE f"], ["USE g"], ["USE h"]):
        for name in "fg":
            asked = [*attached(folder), *before, f"FROM {name}.{view} ORDER BY ALL"]
            assert plain(ask(None, asked)) == own[name] != []


@pytest.mark.parametrize("macro", sampled(["understatement", "schedule", "eps"], 3))
def test_a_path_over_both_mixes_nothing(folder: Path, both: duckdb.DuckDBPyConnection, macro: str) -> None:
    for first, second in (("f", "g"), ("g", "f")):
        both.execute(f"SET search_path = '{first},{second}'").fetchall()
        call = question(folder, first, macro)
        with duckdb.connect(str(folder / first / f"{first}.duckdb"), read_only=True) as own:
            alone = own.sql(f"FROM {call} ORDER BY ALL").fetchall()
        assert both.sql(f"FROM {first}.{call} ORDER BY ALL").fetchall() == alone
        with pytest.raises(duckdb.CatalogException, match=r"(?i)first USE its database"):
            both.sql(f"FROM {second}.{call}").fetchall()


def test_a_join_of_a_view_of_one_and_a_macro_of_the_other_is_refused(both: duckdb.DuckDBPyConnection) -> None:
    both.execute("USE f").fetchall()
    joined = "SELECT count(*) FROM g.lots JOIN g.schedule(3) USING (lot_id)"
    with pytest.raises(duckdb.CatalogException, match=r"(?i)first USE its database, then schedule"):
        both.sql(joined).fetchall()
    both.execute("USE g").fetchall()
    assert both.sql(joined).fetchall() != [(0,)]


@pytest.mark.parametrize("table", sampled(READ, 4))
def test_no_with_and_no_temporary_table_stands_in_for_a_table_of_the_ledger(
    both: duckdb.DuckDBPyConnection, table: str
) -> None:
    both.execute("USE f").fetchall()
    sums = "SELECT count(*), sum(understatement) FROM understatement(3)"
    before = both.sql(sums).fetchall()
    assert both.sql(f"WITH {table} AS (FROM h.{table}) {sums}").fetchall() == before
    both.execute(f"CREATE TEMP TABLE {table} AS FROM h.{table}").fetchall()
    with pytest.raises(duckdb.Error, match=f"the temporary table {table} hides that of|nothing is prepared yet"):
        both.sql(sums).fetchall()


def test_the_command_says_which_to_use(folder: Path) -> None:
    f, g = (folder / name / f"{name}.duckdb" for name in "fg")
    with pytest.raises(Refused) as refused:
        sql(f, "FROM q.understatement(3)", attach={"q": g})
    assert refused.value.findings[0].do == "a macro answers from the ledger in use, which is f: first USE q"
    asked = "SELECT sum(understatement) AS s FROM understatement(3)"
    alone = sql(g, asked)
    assert sql(f, f"USE q; {asked.replace('FROM ', 'FROM q.')}", attach={"q": g}).equals(alone)
    assert not sql(f, asked, attach={"q": g}).equals(alone)


def test_a_copy_that_went_on_is_another_ledger(folder: Path, tmp_path: Path) -> None:
    """The same file at two times: what is asked of the later one is never answered from the earlier one."""
    old, new = _copies(folder, tmp_path)
    import_files(new, [write(tmp_path / "more.csv", lot(lot_id="NEW", cost="360000.00"))], RECORDED)
    prepare(new, lives=["36m"], methods=["straight_line"], evidence=False)
    with pytest.raises(Refused, match="first use its database"):
        sql(old, "FROM later.understatement(3)", attach={"later": new})


def _copies(folder: Path, to: Path) -> tuple[Path, Path]:
    old, new = to / "old.duckdb", to / "new.duckdb"
    for place in (old, new):
        shutil.copy(folder / "f" / "f.duckdb", place)
        shutil.copy(folder / "f" / "f.duckdb.seal", f"{place}.seal")
    return old, new


WENT_ON = {
    "import": ["import", "new.duckdb", "more.csv"],
    "record": ["record", "new.duckdb", "transfer", "L00000", "2029-01-01", "--location", "x"],
    "close": ["close", "new.duckdb", "META", "2022-01"],
}
"""What adds facts to a ledger and does not prepare it."""


@pytest.mark.parametrize("how", WENT_ON)
def test_a_copy_that_went_on_unprepared_is_another_ledger(how: str, folder: Path, tmp_path: Path) -> None:
    """It refuses, for its macros know less than its facts; the copy from before never answers in its place."""
    old, new = _copies(folder, tmp_path)
    write(tmp_path / "more.csv", lot(lot_id="NEW", cost="360000.00"))
    assert sql(old, "USE later; FROM later.understatement(3)", attach={"later": new}).height
    assert run(tmp_path, *WENT_ON[how]).code == 0
    for mine, other in ((old, new), (new, old)):
        with pytest.raises(Refused, match="first use its database"):
            sql(mine, "FROM later.understatement(3)", attach={"later": other})
    with pytest.raises(Refused, match="depr prepare"):
        sql(old, "USE later; FROM later.understatement(3)", attach={"later": new})
    assert sql(new, "USE later; FROM later.understatement(3)", attach={"later": old}).height
    assert not verify(new)[1]
