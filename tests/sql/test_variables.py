"""What is asked as of a date or as known at a time: every view and macro of the file follows both, or refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from depr.errors import Refused
from depr.fleet import facts, restating
from depr.fleet.facts import holdings, import_files
from depr.fleet.figures import rollforward
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql
from depr.fleet.restating import restate
from depr.ledger import contents, seal
from depr.sql.saved import SAVED
from depr.sql.verified import verify
from tests.command import run
from tests.ledger.samples import RECORDED, event, ledger, lot, write
from tests.sql.fleets import made_up
from tests.sql.test_macros import BALANCES, COLUMNS, minor, of_engine
from tests.sql.test_statement_macros import of_engine as restated
from tests.sql.test_statement_macros import place, same

DAY = date(2023, 6, 30)
EARLIER, LATER = datetime(2025, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
SECOND = datetime(2025, 6, 1, 12, tzinfo=UTC)
AS_OF, KNOWN_AT = f"SET VARIABLE as_of = DATE '{DAY}'", f"SET VARIABLE known_at = TIMESTAMP '{EARLIER:%Y-%m-%d}'"
CALLS = {
    "schedule": "schedule(3)",
    "rollforward": "rollforward(3, through := DATE '2024-12-31')",
    "understatement": "understatement(3)",
    "explain": "explain('L90000', '2022-05', 3)",
    "restate": "restate(3)",
    "eps": "eps(3)",
    "cash_gap": "cash_gap(3)",
}
"""Every macro that one asks, with what it is asked."""

AS_SAVED = {"restatement", "rollup", "books"}
"""Views of what was saved, which no variable moves."""

OF_FACTS = {"facts", "lots", "fleet", "positions"}
"""Views that know what was recorded when."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet recorded in January 2025, and more of it in June: a purchase, and a loss of 2022."""
    folder = tmp_path_factory.mktemp("variables")
    made = made_up(folder / "fleet.duckdb", 40, seed=5)
    rows = [lot(lot_id="L90000", cost="7200000.00", purchase_date="2022-01-01", in_service_date="2022-01-01")]
    told = [event("impairment", "2022-12-31", "L90000", amount="1000.00", currency="USD")]
    for name, some in (("lots.csv", rows), ("loss.csv", told)):
        [done] = import_files(made, [write(folder / name, *some)], SECOND)
        assert not done.findings
    prepare(made, lives=["36m"], methods=["straight_line"], evidence=False)
    restate(made, lives=["3y"], save="three")
    return made


@pytest.fixture
def plain(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def there(path: Path) -> list[str]:
    """Every view, and every macro with its question."""
    with duckdb.connect(str(path), read_only=True) as connection:
        views = connection.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
        listed = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND schema_name = 'main'"
        macros = connection.sql(listed).fetchall()
    assert {name for (name,) in macros} == set(CALLS)
    return [*(name for (name,) in views), *CALLS.values()]


def rows(connection: duckdb.DuckDBPyConnection, asked: str) -> Counter[str] | str:
    """The answer, or why there is none."""
    try:
        return Counter(map(repr, connection.sql(f"FROM {asked}").fetchall()))
    except duckdb.InvalidInputException as fault:
        return str(fault)


def test_everything_follows_as_of_or_refuses(path: Path, plain: duckdb.DuckDBPyConnection) -> None:
    now = {asked: rows(plain, asked) for asked in there(path)}
    assert not [asked for asked, found in now.items() if isinstance(found, str) or not found]
    plain.execute(AS_OF).fetchall()
    then = {asked: rows(plain, asked) for asked in now}
    refused = {asked for asked, found in then.items() if isinstance(found, str)}
    assert refused == {"understatement", *AS_SAVED}
    assert all("leave out as_of (RESET VARIABLE as_of)" in str(then[asked]) for asked in refused)
    same_now = {asked for asked in now if now[asked] == then[asked]}
    assert same_now <= {"curves", CALLS["explain"]}  # what was so before that date
    plain.execute("RESET VARIABLE as_of").fetchall()
    for call in CALLS.values():
        assert then[call] == rows(plain, f"{call[:-1]}, as_of := DATE '{DAY}')"), call


def test_everything_follows_known_at_or_refuses(path: Path, plain: duckdb.DuckDBPyConnection) -> None:
    now = {asked: rows(plain, asked) for asked in there(path)}
    plain.execute(KNOWN_AT).fetchall()
    then = {asked: rows(plain, asked) for asked in now}
    assert {asked for asked, found in then.items() if not isinstance(found, str)} == OF_FACTS
    for asked, found in then.items():
        if asked in OF_FACTS:
            assert found != now[asked]
        else:
            assert "known_at" in found
            assert "leave" in found
    plain.execute(f"SET VARIABLE known_at = TIMESTAMP '{SECOND:%Y-%m-%d %H:%M:%S}'").fetchall()
    assert {asked: rows(plain, asked) for asked in now} == now  # all of it was recorded by then


def dated(path: Path, question: str) -> pl.DataFrame:
    return sql(path, question, as_of=DAY)


def test_what_follows_is_what_the_commands_say(path: Path) -> None:
    schedule = minor(dated(path, "FROM schedule(grain := 'month')")).sort("lot_id", "period_end")
    expected = of_engine(path, None, "month", DAY)
    assert_frame_equal(schedule.select(COLUMNS), expected.select(COLUMNS), check_dtypes=False)
    by_view = dated(path, "FROM schedule").sort("lot_id", "period_end")
    by_macro = dated(path, "SELECT * EXCLUDE (lot, fiscal_month) FROM schedule()").sort("lot_id", "period_end")
    assert_frame_equal(by_view, by_macro)
    found = dated(path, "SELECT * EXCLUDE (tax_missing) FROM restate(3, grain := 'year')").rows()
    same(sorted(found, key=place), restated(path, "3y", as_of=DAY))
    keys = ["issuer", "generation", "fiscal_year", "fiscal_quarter", "movement"]
    rolled = minor(dated(path, "FROM rollforward(3, through := DATE '2024-12-31')")).select(*keys, *BALANCES).sort(keys)
    engine = rollforward(path, "life-3y", date(2024, 12, 31), as_of=DAY, grain="quarter").select(*keys, *BALANCES)
    assert_frame_equal(rolled, engine.sort(keys), check_dtypes=False)


@pytest.mark.parametrize("how", [{"as_of": DAY}, {"known_at": EARLIER}, {"as_of": DAY, "known_at": EARLIER}])
def test_positions_are_those_of_the_command(path: Path, how: dict[str, Any]) -> None:
    held = holdings(path, by=("issuer", "generation", "status"), **how)
    asked = "SELECT issuer, generation, status, sum(lots)::BIGINT AS lots FROM positions GROUP BY ALL"
    found = sql(path, asked, **how)
    keys = ["issuer", "generation", "status"]
    assert_frame_equal(found.sort(keys), held.select(*keys, "lots").sort(keys), check_dtypes=False)


def test_a_date_given_twice_is_one_date(path: Path) -> None:
    asked = "SELECT count(*) AS n FROM schedule(3, as_of := DATE '{}')"
    sql(path, asked.format(DAY), as_of=DAY)
    with pytest.raises(Refused, match="as_of is 2023-06-29, and the variable of this name 2023-06-30; leave one out"):
        sql(path, asked.format("2023-06-29"), as_of=DAY)


def test_the_head_is_that_of_what_was_answered(path: Path) -> None:
    old, new = facts.head(path, EARLIER), facts.head(path)
    assert old != new
    known = ("--known-at", f"{EARLIER:%Y-%m-%dT%H:%M:%SZ}")
    done = run(path.parent, "sql", path.name, "SELECT count(*) AS n FROM lots", *known, "--format", "csv")
    assert (done.code, done.out.split()) == (0, ["n", "40"])
    assert old in done.err
    for asked in ("understatement", "understatement(3)", "schedule", "schedule(3)", "eps(3)", "curves"):
        refused = run(path.parent, "sql", path.name, f"FROM {asked}", *known)
        assert (refused.code, refused.out) == (1, "")
        assert old not in refused.err
        assert "known_at" in refused.err
    later = run(path.parent, "sql", path.name, "SELECT count(*) AS n FROM lots", "--known-at", "2026-01-01T00:00:00Z")
    assert new in later.err


def test_what_was_saved_is_of_its_own_head_and_moves_by_no_variable(tmp_path: Path) -> None:
    """What was saved refuses where a variable would have to move it, by any client; what else stays so is said."""
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    head = verify(path)[0].head
    restate(path, lives=["3y"], save="three")
    ask = ["sql", path.name, "SELECT count(*) AS n FROM Restatement SEMI JOIN rollup USING (run)"]
    assert "made from" not in run(path.parent, *ask).err
    for words in ([*ask, "--as-of", "2024-01-01"], [*ask[:2], f"SET VARIABLE known_at = '2024-01-01'; {ask[2]}"]):
        said = run(path.parent, *words)
        assert (said.code, said.out) == (1, "")
        assert "holds what was saved (FROM made_from); leave out" in said.err
    dated = run(path.parent, *ask[:2], "FROM Statements, made_from", "--as-of", "2024-01-01")
    assert dated.code == 0
    assert "made_from, statements: as written; " in dated.err
    assert f"run three was made from head {head}" in dated.err
    for quiet in ("SELECT 'statement' AS a", "SELECT generation FROM lots GROUP BY ROLLUP (generation)"):
        assert "as written" not in run(path.parent, "sql", path.name, quiet, "--as-of", "2024-01-01").err
    import_files(path, [write(path.with_name("late.csv"), lot(lot_id="LATE"))], RECORDED)
    assert f"run three was made from head {head}" in run(path.parent, *ask).err


@pytest.mark.parametrize("made_by", ["prepare", "restate"])
def test_what_an_earlier_version_saved_in_tables_is_kept(made_by: str, tmp_path: Path) -> None:
    path = ledger(tmp_path / "fleet.duckdb", [lot()])
    restate(path, lives=["3y"], save="three")
    asked = "SELECT run, count(*) FROM restatement JOIN rollup USING (run) JOIN books USING (run) GROUP BY ALL"
    saved = sql(path, asked).rows()
    with duckdb.connect(str(path)) as connection:
        for name, table in SAVED.items():
            connection.execute(f"DROP VIEW {name}; ALTER TABLE {table} RENAME TO {name}").fetchall()
            contents.rename(connection, table, name)
        contents.record(connection, SAVED)
    seal.place(path).unlink()
    if made_by == "restate":
        restate(path, lives=["1y"], save="one")
    prepare(path, lives=["36m"], methods=["straight_line"], evidence=False)
    assert not verify(path)[1]
    assert set(saved) <= set(sql(path, asked).rows())
    assert restating.saved(path)["run"].to_list() == [*(["one"] * (made_by == "restate")), "three"]
